//! Who is missing: marked by hand, or entered as absent with a reason.

use std::collections::BTreeSet;

use ipc::{Reason, RosterRowView, TermsView};
use leptos::prelude::*;

use crate::{
    components::{AbsenceForm, AbsenceNote, Icon, Reasons, Rows, Shape, content},
    i18n::I18n,
};

/// Lists who is missing; a tap on a child opens what can be done.
#[component]
pub(crate) fn Missing(
    /// The lesson's id.
    lesson: StoredValue<String>,
    /// The children who have no mark.
    rows: Signal<Vec<RosterRowView>>,
    /// Until when an absence may be explained.
    terms: Signal<Option<TermsView>>,
    /// True while the lesson is open, so that a child can be marked by hand.
    may_mark: Signal<bool>,
    /// True while a mark is on its way.
    busy: Signal<bool>,
    /// Reports the child's id and the reason of a mark by hand.
    #[prop(into)]
    on_mark: Callback<(String, Reason)>,
) -> impl IntoView {
    // Kept here, so that a row that is drawn anew stays open.
    let open = RwSignal::new(BTreeSet::<String>::new());
    let row = move |row: RosterRowView| {
        view! { <Row lesson row terms may_mark busy on_mark open /> }
    };
    view! {
        <ul class="rows">
            <Rows each=move || rows.get() key=|row| content(row) children=row />
        </ul>
    }
}

/// Shows a child who is missing.
#[component]
fn Row(
    /// The lesson's id.
    lesson: StoredValue<String>,
    /// The child.
    row: RosterRowView,
    /// Until when an absence may be explained.
    terms: Signal<Option<TermsView>>,
    /// True while the lesson is open.
    may_mark: Signal<bool>,
    /// True while a mark is on its way.
    busy: Signal<bool>,
    /// Reports a mark by hand.
    on_mark: Callback<(String, Reason)>,
    /// The children whose rows are open.
    open: RwSignal<BTreeSet<String>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let child = StoredValue::new(row.child);
    let is_open = Memo::new(move |_| open.with(|open| open.contains(&child.get_value())));
    let toggle = move |_| {
        open.update(|open| {
            if !open.remove(&child.get_value()) {
                open.insert(child.get_value());
            }
        });
    };
    let close = move |()| {
        open.update(|open| {
            open.remove(&child.get_value());
        });
    };
    let withdrawn = row.withdrawn.map(|withdrawn| {
        let words = move || i18n.withdrawn(&withdrawn);
        view! { <span class="tag" data-testid="withdrawn">{words}</span> }
    });
    let absence = StoredValue::new(row.absence);
    let note = move || {
        let terms = terms.get()?;
        let absence = absence.get_value()?;
        Some(view! { <AbsenceNote absence terms /> })
    };
    let hint = move || {
        if may_mark.get() { i18n.text("by-hand") } else { i18n.text("absence-more") }
    };
    let pick = move |reason: Reason| on_mark.run((child.get_value(), reason));
    let actions = move || {
        let terms = terms.get().filter(|_| is_open.get())?;
        let known = absence.get_value().filter(|absence| absence.own);
        let (lesson, child) = (lesson.get_value(), child.get_value());
        Some(view! {
            <div class="row-actions">
                {may_mark.get().then(|| view! { <Reasons busy on_choose=pick /> })}
                <AbsenceForm lesson child known terms on_done=close />
            </div>
        })
    };
    view! {
        <li class="row missing" data-testid="roster-row" data-child=child.get_value()>
            <button
                class="row-main by-hand-child"
                data-testid="by-hand-child"
                data-child=child.get_value()
                disabled=move || busy.get()
                aria-expanded=move || is_open.get().to_string()
                on:click=toggle
            >
                <span class="row-name">{row.name}</span>
                <span class="row-hint">
                    <Icon shape=Shape::Hand />
                    {hint}
                    {withdrawn}
                </span>
            </button>
            {note}
            {actions}
        </li>
    }
}
