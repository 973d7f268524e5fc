//! A family's months: what was planned, what came of it, and the signature.

mod day;

use ipc::{DayState, SheetDayView, SheetView, SignTime};
use leptos::prelude::*;

use self::day::Day;
use crate::{
    components::{Cell, HeatMap, Loading, MarkBadge, Notice, Rows, content},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    time::WallTime,
};

/// Shows the months of the own children.
#[component]
pub(crate) fn Sheets() -> impl IntoView {
    let i18n = I18n::expect();
    let sheets = Live::new(invoke::sheets);
    // Of each sheet its place alone: what changes in it does not draw it anew.
    let places = Memo::new(move |_| {
        sheets.read(|all| {
            all.iter().map(|sheet| (sheet.child.clone(), sheet.month.clone())).collect::<Vec<_>>()
        })
    });
    let list = move || match places.with(|places| places.as_ref().map(Vec::is_empty)) {
        None => view! { <Loading /> }.into_any(),
        Some(true) => view! { <p class="empty-line">{i18n.t("sheets-empty")}</p> }.into_any(),
        Some(false) => view! {
            <ul class="cards">
                <Rows
                    each=move || places.get().unwrap_or_default()
                    key=|(child, month)| format!("{child} {month}")
                    children=move |(child, month)| view! { <Sheet child month sheets /> }
                />
            </ul>
        }
        .into_any(),
    };
    view! {
        <section class="page">
            <h1>{i18n.t("tab-month")}</h1>
            <p class="lead">{i18n.t("sheets-lead")}</p>
            <Notice fault=sheets.fault() />
            {list}
        </section>
    }
}

/// Shows one child's month.
#[component]
fn Sheet(
    /// The child's id.
    child: String,
    /// The month, `2026-09`.
    month: String,
    /// What it is read from.
    sheets: Live<Vec<SheetView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let place = StoredValue::new((child.clone(), month.clone()));
    let sheet = Memo::new(move |_| {
        let (child, month) = place.get_value();
        sheets
            .read(|all| {
                all.iter().find(|sheet| sheet.child == child && sheet.month == month).cloned()
            })
            .flatten()
    });
    let name = move || sheet.with(|sheet| sheet.as_ref().map(|sheet| sheet.name.clone()));
    let days =
        move || sheet.with(|sheet| sheet.as_ref().map(|s| s.days.clone())).unwrap_or_default();
    let title = move || place.with_value(|(_, month)| i18n.month(month));
    view! {
        <li class="card sheet" data-testid="sheet" data-child=child data-month=month>
            <div class="card-head">
                <h2>{name}</h2>
                <p class="eyebrow">{title}</p>
            </div>
            {move || sheet.get().map(|sheet| view! { <Figures sheet /> })}
            {move || sheet.get().map(|sheet| view! { <Sign sheet /> })}
            {move || sheet.get().map(|sheet| view! { <MonthMap sheet /> })}
            <details class="days">
                <summary>{i18n.t("sheet-days")}</summary>
                <ul class="rows">
                    <Rows
                        each=days
                        key=|day| content(day)
                        children=move |day| view! { <Day day child=place.get_value().0 /> }
                    />
                </ul>
            </details>
        </li>
    }
}

/// Draws the month's lessons in a row for each group.
#[component]
fn MonthMap(
    /// The sheet.
    sheet: SheetView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let mut groups: Vec<String> = sheet.days.iter().map(|day| day.group.clone()).collect();
    groups.sort_unstable();
    groups.dedup();
    let row = |group: &String| {
        let cell = |day: &SheetDayView| {
            if day.group == *group { cell_of(day.state) } else { Cell::Nothing }
        };
        (group.clone(), sheet.days.iter().map(cell).collect())
    };
    let rows: Vec<(String, Vec<Cell>)> = groups.iter().map(row).collect();
    let starts: Vec<i64> = sheet.days.iter().map(|day| day.start_ms).collect();
    move || {
        let in_words = |ms: &i64| (WallTime::from_ms(*ms).day.to_string(), i18n.day(*ms));
        let days = starts.iter().map(in_words).collect();
        let (name, of) = (i18n.text("days-of-month"), i18n.text("days-group"));
        view! { <HeatMap name of days rows=rows.clone() test="picture-days" /> }
    }
}

fn cell_of(state: DayState) -> Cell {
    match state {
        DayState::ToCome => Cell::ToCome,
        DayState::Confirmed => Cell::Present,
        DayState::Awaiting => Cell::Awaiting,
        DayState::Disputed => Cell::Disputed,
        DayState::Excused => Cell::Excused,
        DayState::NoDocument | DayState::Unexcused | DayState::Missing => Cell::Absent,
        DayState::NotHeld | DayState::CancelledOfficial => Cell::Nothing,
    }
}

/// Shows the counts, and how sure they are.
#[component]
fn Figures(
    /// The sheet.
    sheet: SheetView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let figure = |part: &'static str, count: u32, name: Signal<String>| {
        view! {
            <div data-testid="sheet-count" data-part=part data-count=count.to_string()>
                <dt>{name}</dt>
                <dd>{count}</dd>
            </div>
        }
    };
    let figures = [
        figure("planned", sheet.planned, Signal::derive(i18n.t("sheet-planned"))),
        figure("attended", sheet.attended, Signal::derive(i18n.t("sheet-attended"))),
        figure("excused", sheet.excused, Signal::derive(i18n.t("sheet-excused"))),
        figure("unpaid", sheet.unpaid, Signal::derive(i18n.t("sheet-unpaid"))),
        figure("to-come", sheet.to_come, Signal::derive(i18n.t("sheet-to-come"))),
    ];
    let cap = sheet.excused_cap;
    let cap = (sheet.excused > cap).then(|| {
        view! {
            <p class="hint">
                {move || i18n.format("sheet-excused-cap", &[("count", cap.into())])}
            </p>
        }
    });
    let (complete_to, faults) = (sheet.complete_to, sheet.faults);
    let sure = move || {
        if faults {
            i18n.text("sheet-faults")
        } else if complete_to == 0 {
            i18n.text("sheet-complete-unknown")
        } else {
            i18n.format("sheet-complete", &[("number", complete_to.to_string().into())])
        }
    };
    view! {
        <dl class="figures">{figures.into_iter().collect_view()}</dl>
        {cap}
        <p class="hint" data-testid="sheet-sure">{sure}</p>
    }
}

/// Says when the month is signed, what the signature confirms, and takes it.
#[component]
fn Sign(
    /// The sheet.
    sheet: SheetView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let count = |state| sheet.days.iter().filter(|day| day.state == state).count();
    let (waits, disputes) = (count(DayState::Awaiting), count(DayState::Disputed));
    let (from_ms, until_ms) = (sheet.sign_from_ms, sheet.sign_until_ms - 1);
    let when = move || {
        let (from, until) =
            (("from", i18n.day(from_ms).into()), ("until", i18n.day(until_ms).into()));
        match sheet.sign_time {
            SignTime::Early => i18n.format("sheet-sign-early", &[from, until]),
            SignTime::Now => i18n.format("sheet-sign-now", &[until]),
            SignTime::Late => i18n.format("sheet-sign-late", &[from, until]),
        }
    };
    let signed = sheet.signed.map(|signed| {
        let words =
            move || i18n.format("sheet-signed", &[("when", i18n.moment(signed.at_ms).into())]);
        view! {
            <p class="answered" data-testid="sheet-signed">
                <span class="answered-word">{words}</span>
                <MarkBadge mark=signed.mark />
            </p>
            {sheet.unsigned.then(|| view! { <p class="warn">{i18n.t("sheet-signed-more")}</p> })}
        }
    });
    let place = StoredValue::new((sheet.child, sheet.month));
    let sign = move |_| {
        let (child, month) = place.get_value();
        task.run(invoke::sign_month(child, month), |()| ());
    };
    let what = (waits > 0).then(|| {
        let words = move || i18n.format("sheet-waits", &[("count", waits.into())]);
        view! { <p data-testid="sheet-waits" data-count=waits.to_string()>{words}</p> }
    });
    let stays = (disputes > 0).then(|| view! { <p>{i18n.t("sheet-disputes-stay")}</p> });
    let may_sign = sheet.unsigned && sheet.sign_time != SignTime::Early;
    let button = may_sign.then(|| {
        view! {
            <button
                class="button primary"
                data-testid="sheet-sign"
                disabled=move || task.busy()
                on:click=sign
            >
                {i18n.t("sheet-sign")}
            </button>
        }
    });
    view! {
        <div class="sign" data-testid="sign-time" data-time=time_name(sheet.sign_time)>
            {signed}
            {sheet.unsigned.then(|| view! { <p class="hint">{when}</p> {what} {stays} })}
            {button}
            <Notice fault=task.fault() />
        </div>
    }
}

fn time_name(time: SignTime) -> &'static str {
    match time {
        SignTime::Early => "early",
        SignTime::Now => "now",
        SignTime::Late => "late",
    }
}
