//! Pictures for a teacher: who came on the last days, and when today.

use ipc::{DayCell, DaysView};
use leptos::prelude::*;

use crate::{
    components::{Cell, Column, Columns, HeatMap, Notice},
    i18n::I18n,
    invoke,
    live::Task,
    time::WallTime,
};

/// Shows who came on the last days, once it is asked for.
#[component]
pub(super) fn LastDays(
    /// The lesson whose group it is; nothing for all groups.
    lesson: Option<String>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let (days, of_group) = (RwSignal::new(None::<DaysView>), lesson.is_some());
    let lesson = StoredValue::new(lesson);
    let ask = move |_| {
        if days.with_untracked(Option::is_none) {
            task.run(invoke::days(lesson.get_value()), move |view| days.set(Some(view)));
        }
    };
    let drawn = move || {
        let view = days.get()?;
        if view.days.is_empty() {
            return Some(view! { <p class="hint">{i18n.text("days-none")}</p> }.into_any());
        }
        let of = if of_group { i18n.text("days-child") } else { i18n.text("days-group") };
        let name = if of_group { i18n.text("days-of-group") } else { i18n.text("days-of-groups") };
        let in_words = |ms: &i64| (WallTime::from_ms(*ms).day.to_string(), i18n.day(*ms));
        let columns = view.days.iter().map(in_words).collect();
        let rows = view.rows.into_iter().map(|row| {
            let cells = row.cells.into_iter().map(cell).collect();
            (row.name, cells)
        });
        let (rows, test) = (rows.collect(), "picture-days");
        Some(view! { <HeatMap name of days=columns rows test /> }.into_any())
    };
    view! {
        <details class="panel" data-testid="last-days" on:toggle=ask>
            <summary>{i18n.t("days-open")}</summary>
            <Notice fault=task.fault() />
            {drawn}
        </details>
    }
}

/// Shows how many children were marked in each hour of a day.
#[component]
pub(super) fn Hours(
    /// The hours and their counts.
    hours: Signal<Vec<(u8, u32)>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    move || {
        let hours = hours.get();
        (!hours.is_empty()).then(|| {
            let head = [i18n.text("hours-hour"), i18n.text("hours-count")];
            let column = |(hour, count): (u8, u32)| Column {
                label: format!("{hour:02}"),
                value: u64::from(count),
            };
            let columns = hours.into_iter().map(column).collect();
            let name = i18n.text("hours-name");
            view! { <Columns name head columns test="picture-hours" /> }
        })
    }
}

fn cell(of: DayCell) -> Cell {
    match of {
        DayCell::Present {} => Cell::Present,
        DayCell::Excused {} => Cell::Excused,
        DayCell::Absent {} => Cell::Absent,
        DayCell::Nothing {} => Cell::Nothing,
        DayCell::Share { percent } => Cell::Share(percent),
    }
}
