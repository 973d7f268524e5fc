//! Who is in the building now: the list for whoever counts heads outside.

use ipc::{InsideView, Reason};
use leptos::prelude::*;

use crate::{
    components::{Notice, Reasons, Rows, content},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    time::WallTime,
};

/// Lists who came to a lesson that is open, and did not leave.
#[component]
pub(crate) fn InsideList() -> impl IntoView {
    let i18n = I18n::expect();
    let inside = Live::new(invoke::inside);
    let task = Task::new();
    let leaving = RwSignal::new(None::<String>);
    let rows = move || inside.view().unwrap_or_default();
    let row = move |row: InsideView| view! { <Row row task leaving /> };
    let empty = move || {
        (inside.read(Vec::is_empty) == Some(true))
            .then(|| view! { <p class="empty-line">{i18n.t("inside-empty")}</p> })
    };
    view! {
        <section class="panel" data-testid="inside">
            <h2>
                {i18n.t("inside-title")}
                <span class="count" data-testid="inside-count">{move || rows().len()}</span>
            </h2>
            <Notice fault=inside.fault() />
            <Notice fault=task.fault() />
            {empty}
            <ul class="rows">
                <Rows each=rows key=|row| content(row) children=row />
            </ul>
        </section>
    }
}

/// Shows a child who is inside.
#[component]
fn Row(
    /// The child.
    row: InsideView,
    /// Carries the command.
    task: Task,
    /// Whose leaving is asked about.
    leaving: RwSignal<Option<String>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let place = StoredValue::new((row.lesson, row.child.clone()));
    let (name, group) = (row.name, row.group);
    let name = move || name.clone().unwrap_or_else(|| i18n.text("inside-unknown"));
    let since = move || {
        let time = WallTime::from_ms(row.since_ms).clock();
        i18n.format("inside-since", &[("group", group.clone().into()), ("time", time.into())])
    };
    let is_open =
        Memo::new(move |_| leaving.with(|open| open.as_ref() == Some(&place.get_value().1)));
    let toggle = move |_| {
        let next = (!is_open.get_untracked()).then(|| place.get_value().1);
        leaving.set(next);
    };
    let pick = move |reason: Reason| {
        let (lesson, child) = place.get_value();
        task.run(invoke::record_leaving(lesson, child, reason), move |()| leaving.set(None));
    };
    let busy = Signal::derive(move || task.busy());
    let reasons = move || is_open.get().then(|| view! { <Reasons busy on_choose=pick /> });
    let word = move || {
        if is_open.get() { i18n.text("inside-close") } else { i18n.text("inside-left") }
    };
    view! {
        <li class="row" data-testid="inside-row" data-child=row.child>
            <span class="row-main">
                <span class="row-name">{name}</span>
                <span class="row-hint">{since}</span>
            </span>
            <button
                class="button quiet small"
                data-testid="leave"
                aria-expanded=move || is_open.get().to_string()
                on:click=toggle
            >
                {word}
            </button>
            {reasons}
        </li>
    }
}
