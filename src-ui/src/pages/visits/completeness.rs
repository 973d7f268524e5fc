//! Whether anything about an own child is hidden: one sentence a child, and the entries behind it.

use ipc::{CompletenessView, EntryFault, EntryView, FaultView, MadeView};
use leptos::prelude::*;

use crate::{
    components::{Icon, Notice, Rows, Shape, content},
    i18n::{I18n, Sentence as _},
    invoke,
    live::Live,
    route::Route,
};

/// Shows it for every own child.
#[component]
pub(super) fn Completeness() -> impl IntoView {
    let known = Live::new(invoke::completeness);
    view! {
        <Notice fault=known.fault() />
        <Rows
            each=move || known.view().unwrap_or_default()
            key=|known| content(known)
            children=move |known| view! { <OfChild known /> }
        />
    }
}

/// Shows it for one child.
#[component]
fn OfChild(
    /// What is known.
    known: CompletenessView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let CompletenessView { child, complete_to, at_ms, faults, entries } = known;
    let (state, shape) = match (faults.is_empty(), complete_to) {
        (false, _) => ("missing", Shape::Warning),
        (true, 0) => ("unknown", Shape::Again),
        (true, _) => ("complete", Shape::Seal),
    };
    let name = child.clone();
    let sentence = move || {
        let child = ("child", name.clone().into());
        let number = ("number", complete_to.to_string().into());
        match (state, complete_to) {
            ("complete", _) => {
                let moment = at_ms.map(|ms| i18n.moment(ms)).unwrap_or_default();
                i18n.format("complete-to", &[child, number, ("moment", moment.into())])
            }
            (_, 0) => i18n.format("complete-unknown", &[child]),
            (_, _) => i18n.format("complete-until", &[child, number]),
        }
    };
    let hidden = faults.iter().any(|fault| fault.fault != EntryFault::NotAsked);
    let advice = hidden.then(|| view! { <p>{i18n.t("complete-do")}</p> });
    let faults: Vec<_> =
        faults.into_iter().map(|fault| view! { <Fault fault child=child.clone() /> }).collect();
    view! {
        <div
            class="panel completeness"
            data-testid="completeness"
            data-state=state
            data-to=complete_to.to_string()
        >
            <p class="answered"><Icon shape /><span>{sentence}</span></p>
            <div role="alert">{faults}{advice}</div>
            <Entries child entries />
        </div>
    }
}

/// Says what stands against completeness.
#[component]
fn Fault(
    /// The entry and what is wrong.
    fault: FaultView,
    /// The child's name.
    child: String,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (what, leaf) = (fault.fault, fault.leaf_index);
    let sentence = move || {
        let values = [("number", (leaf + 1).to_string().into()), ("child", child.clone().into())];
        i18n.format(what.key(), &values)
    };
    view! {
        <div class="notice" data-testid="completeness-fault" data-leaf=leaf.to_string()>
            <Icon shape=Shape::Warning />
            <div>
                <p>{sentence}</p>
                {fault.detail.map(|detail| view! { <p class="small-print" lang="en">{detail}</p> })}
            </div>
        </div>
    }
}

/// Lists the verified entries, folded up.
#[component]
fn Entries(
    /// The child's name.
    child: String,
    /// The entries.
    entries: Vec<EntryView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let count = entries.len();
    let summary = move || {
        let values = [("child", child.clone().into()), ("count", count.to_string().into())];
        i18n.format("complete-entries", &values)
    };
    let rows = entries.into_iter().map(|entry| view! { <Entry entry /> }).collect_view();
    (count > 0).then(|| {
        view! {
            <details data-testid="completeness-entries">
                <summary>{summary}</summary>
                <ul class="rows">{rows}</ul>
            </details>
        }
    })
}

/// Shows one entry: what, when, by which device, and the way to its proof.
#[component]
fn Entry(
    /// The entry.
    entry: EntryView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let EntryView { leaf_index, hash, kind, made } = entry;
    let number =
        move || i18n.format("complete-entry", &[("number", (leaf_index + 1).to_string().into())]);
    // A card has no page of its own: whoever holds it can look at it.
    let named = if made.is_some() {
        view! { <a class="link" href=Route::Proof(hash).href()>{number}</a> }.into_any()
    } else {
        view! { <span>{number}</span> }.into_any()
    };
    let made = made.map(|MadeView { at_ms, role, device, own }| {
        let by = move || {
            if own { i18n.text("complete-own") } else { format!("{device} ({})", i18n.say(role)) }
        };
        view! { <span class="row-hint">{move || i18n.moment(at_ms)}" · "{by}</span> }
    });
    view! {
        <li class="row" data-testid="completeness-entry" data-leaf=leaf_index.to_string()>
            {named}
            <span>{move || i18n.say(kind)}</span>
            {made}
        </li>
    }
}
