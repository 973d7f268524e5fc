//! Who looked at the own children, folded up.

use ipc::SeenByView;
use leptos::prelude::*;

use crate::{
    components::{Notice, Rows, content},
    i18n::{I18n, Sentence as _},
    invoke,
    live::Live,
};

/// Lists who looked, newest first.
#[component]
pub(super) fn SeenBy() -> impl IntoView {
    let i18n = I18n::expect();
    let seen = Live::new(invoke::seen_by);
    let count = move || seen.read(Vec::len).unwrap_or_default();
    let summary = move || i18n.format("seen-title", &[("count", count().into())]);
    let empty =
        move || (count() == 0).then(|| view! { <p class="empty-line">{i18n.t("seen-nobody")}</p> });
    view! {
        <details class="panel" data-testid="seen-by">
            <summary>{summary}</summary>
            <p class="small-print">{i18n.t("seen-lead")}</p>
            <Notice fault=seen.fault() />
            {empty}
            <ul class="rows">
                <Rows
                    each=move || seen.view().unwrap_or_default()
                    key=|row| content(row)
                    children=move |row| view! { <Row row /> }
                />
            </ul>
        </details>
    }
}

/// Shows who looked at what, once.
#[component]
fn Row(
    /// The view.
    row: SeenByView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let SeenByView { at_ms, child, who, provider, what } = row;
    let whom = move || child.clone().unwrap_or_else(|| i18n.text("seen-all-children"));
    let by = move || match &provider {
        Some(provider) => format!("{} ({provider})", i18n.say(who)),
        None => i18n.say(who),
    };
    view! {
        <li class="row" data-testid="seen-by-row" data-what=what.key()>
            <span>{whom}": "{move || i18n.say(what)}</span>
            <span class="row-hint">{move || i18n.moment(at_ms)}" · "{by}</span>
        </li>
    }
}
