//! One month: its visits, its sums, and the step that closes it.

use ipc::{BoardView, MonthState, MonthView, ProviderMonthView};
use leptos::prelude::*;

use super::{provider::Provider, undecided::Undecided};
use crate::{
    components::{Bar, Bars, Confirm, Icon, MarkBadge, Notice, Rows, Shape, download},
    i18n::I18n,
    invoke,
    live::{Live, Task},
};

/// Shows a month of the board.
#[component]
pub(crate) fn Month(
    /// The month, `2026-09`.
    name: String,
    /// The board it is read from.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let id = StoredValue::new(name.clone());
    let month = Memo::new(move |_| {
        let name = id.get_value();
        board.read(|board| board.months.iter().find(|m| m.month == name).cloned()).flatten()
    });
    let state = Memo::new(move |_| month.with(|m| m.as_ref().map(|m| m.state)));
    let providers = Memo::new(move |_| {
        let ids = |m: &MonthView| m.providers.iter().map(|p| p.provider.clone()).collect();
        month.with(|m| m.as_ref().map(ids)).unwrap_or_else(Vec::<String>::new)
    });
    let chip = move || {
        state.get().map(|state| {
            view! {
                <span class="chip" data-testid="month-state" data-state=state_name(state)>
                    {move || i18n.say(state)}
                </span>
            }
        })
    };
    let may_close = Memo::new(move |_| month.with(|m| m.as_ref().is_some_and(|m| m.may_close)));
    let from = move || {
        let from_ms = month.with(|m| m.as_ref().map(|m| m.close_from_ms)).unwrap_or_default();
        i18n.format("close-from", &[("day", i18n.day(from_ms).into())])
    };
    let step = move || match state.get() {
        Some(MonthState::Open) if may_close.get() => view! { <Close id board /> }.into_any(),
        Some(MonthState::Open) => view! { <p class="hint">{from}</p> }.into_any(),
        Some(MonthState::Closing) => {
            view! { <p class="hint">{i18n.t("month-closing-hint")}</p> }.into_any()
        }
        Some(MonthState::Closed | MonthState::Paid) => view! { <RegistryFiles id /> }.into_any(),
        None => ().into_any(),
    };
    let title = move || id.with_value(|name| i18n.month(name));
    let undecided = Memo::new(move |_| {
        month.with(|m| m.as_ref().map(|m| m.undecided.clone())).unwrap_or_default()
    });
    let waits = move || {
        let lines = undecided.get();
        (!lines.is_empty()).then(|| view! { <Undecided lines board /> })
    };
    view! {
        <li class="card month" data-testid="month-row" data-month=name>
            <div class="card-head">
                <h2>{title}</h2>
                {chip}
            </div>
            {move || month.get().map(|month| view! { <Sums month /> })}
            <ul class="rows providers">
                <Rows
                    each=move || providers.get()
                    key=Clone::clone
                    children=move |provider| view! { <Provider month provider board /> }
                />
            </ul>
            {waits}
            {move || month.get().map(|month| view! { <Tranche month /> })}
            {step}
        </li>
    }
}

/// Shows counts and sums; the picture says the same as the figures under it.
#[component]
fn Sums(
    /// The month.
    month: MonthView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let figure = move |part: &'static str, tiyn: i64, name: Signal<String>| {
        view! {
            <div data-testid="month-sum" data-part=part data-tiyn=tiyn.to_string()>
                <dt><span class="swatch" data-part=part aria-hidden="true"></span>{name}</dt>
                <dd class="money">{move || i18n.sum(tiyn)}</dd>
            </div>
        }
    };
    // Nothing goes back to the limit before the month is closed.
    let is_open = matches!(month.state, MonthState::Open | MonthState::Closing);
    let rest = if is_open {
        Signal::derive(i18n.t("sum-unearned"))
    } else {
        Signal::derive(i18n.t("sum-released"))
    };
    let figures = [
        figure("plan", month.plan_tiyn, Signal::derive(i18n.t("sum-plan"))),
        figure("accrued", month.accrued_tiyn, Signal::derive(i18n.t("sum-accrued"))),
        figure("held", month.held_tiyn, Signal::derive(i18n.t("sum-held"))),
        figure("released", month.released_tiyn, rest),
    ];
    let counts = [
        ("visits", month.visits.into()),
        ("confirmed", month.confirmed.into()),
        ("awaiting", month.awaiting.into()),
        ("disputed", month.disputed.into()),
    ];
    let counts = move || i18n.format("month-counts", &counts);
    let times = month.times.map(|times| {
        let values = [
            ("inside", times.inside.into()),
            ("unsure", times.unsure.into()),
            ("outside", times.outside.into()),
        ];
        let words = move || i18n.format("month-times", &values);
        view! { <p class="hint" data-testid="month-times">{words}</p> }
    });
    view! {
        <p class="hint">{counts}</p>
        {times}
        <Waterfall month />
        <dl class="facts sums">{figures}</dl>
    }
}

/// Draws how the plan falls into what is earned, held and returned, and what of it is paid.
#[component]
fn Waterfall(
    /// The month.
    month: MonthView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let is_paid = |line: &&ProviderMonthView| line.paid;
    let paid = month.providers.iter().filter(is_paid).map(|line| line.accrued_tiyn).sum::<i64>();
    let is_open = matches!(month.state, MonthState::Open | MonthState::Closing);
    move || {
        let bar = |label: String, part: &'static str, from: i64, length: i64| Bar {
            label,
            part,
            from,
            length,
            words: i18n.sum(length),
        };
        let rest = if is_open { i18n.text("sum-unearned") } else { i18n.text("sum-released") };
        let (accrued, held) = (month.accrued_tiyn, month.held_tiyn);
        let bars = vec![
            bar(i18n.text("sum-plan"), "plan", 0, month.plan_tiyn),
            bar(i18n.text("sum-accrued"), "accrued", 0, accrued),
            bar(i18n.text("sum-held"), "held", accrued, held),
            bar(rest, "released", accrued.saturating_add(held), month.released_tiyn),
            bar(i18n.text("sum-paid"), "paid", 0, paid),
        ];
        let (name, head) =
            (i18n.text("waterfall-name"), [i18n.text("picture-part"), i18n.text("picture-sum")]);
        view! { <Bars name head bars test="picture-waterfall" /> }
    }
}

/// Closes a month after one more question.
#[component]
fn Close(
    /// The month.
    id: StoredValue<String>,
    /// Where the answer is put at once.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let close =
        move |()| task.run(invoke::close_month(id.get_value()), move |view| board.put(view));
    view! {
        <Confirm
            test="close-month"
            open=i18n.t("close-month")
            question=i18n.t("close-month-ask")
            confirm=i18n.t("close-month-confirm")
            busy=task.is_busy()
            on_confirm=close
        />
        <Notice fault=task.fault() />
    }
}

/// Shows the closed set and its place in the log.
#[component]
fn Tranche(
    /// The month.
    month: MonthView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let version = month.rule_version;
    let rules = move || i18n.format("rule-version", &[("version", version.clone().into())]);
    let place = month.leaf_index.map(|index| {
        let number = (index + 1).to_string();
        move || i18n.format("tranche-place", &[("number", number.clone().into())])
    });
    view! {
        <div class="tranche">
            {month.mark.map(|mark| view! { <MarkBadge mark /> })}
            {place.map(|place| view! { <span>{place}</span> })}
            <span class="hint">{rules}</span>
            {month.tranche.map(|hash| view! { <span class="code tranche-hash">{hash}</span> })}
        </div>
    }
}

/// Offers the Treasury registry as a file.
#[component]
fn RegistryFiles(
    /// The month.
    id: StoredValue<String>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let save = move |format: &'static str, kind: &'static str| {
        let month = id.get_value();
        let name = format!("registry-{month}.{format}");
        task.run(invoke::registry(month, format), move |text| download(&name, kind, &text));
    };
    view! {
        <div class="actions">
            <button
                class="button quiet"
                data-testid="registry-csv"
                disabled=move || task.busy()
                on:click=move |_| save("csv", "text/csv;charset=utf-8")
            >
                <Icon shape=Shape::File />
                <span>{i18n.t("registry")}" CSV"</span>
            </button>
            <button
                class="button quiet"
                data-testid="registry-json"
                disabled=move || task.busy()
                on:click=move |_| save("json", "application/json")
            >
                <Icon shape=Shape::File />
                <span>{i18n.t("registry")}" JSON"</span>
            </button>
        </div>
        <Notice fault=task.fault() />
    }
}

fn state_name(state: MonthState) -> &'static str {
    match state {
        MonthState::Open => "open",
        MonthState::Closing => "closing",
        MonthState::Closed => "closed",
        MonthState::Paid => "paid",
    }
}
