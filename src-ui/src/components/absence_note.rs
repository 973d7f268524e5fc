//! An absence as it was entered: the reason, the document, and how long there is still time.

use ipc::{AbsenceReason, AbsenceView, TermsView};
use leptos::prelude::*;

use super::{MarkBadge, Notice};
use crate::{i18n::I18n, invoke, live::Task};

/// Shows an absence.
#[component]
pub(crate) fn AbsenceNote(
    /// The absence.
    absence: AbsenceView,
    /// Until when it may be explained.
    terms: TermsView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let reason = absence.reason;
    let excuses = reason.is_some_and(AbsenceReason::excuses);
    let lacks = excuses && absence.number.is_none() && absence.document.is_none();
    let words = move || match reason {
        Some(reason) => i18n.say(reason),
        None => i18n.text("absence-other"),
    };
    let number = absence.number.clone().map(|number| {
        let words = move || i18n.format("absence-document", &[("number", number.clone().into())]);
        view! { <span class="tag">{words}</span> }
    });
    let file = absence.document.map(|document| {
        if absence.has_file {
            view! { <ShowDocument document /> }.into_any()
        } else {
            view! { <p class="hint">{i18n.t("absence-elsewhere")}</p> }.into_any()
        }
    });
    view! {
        <div class="absence" data-testid="absence" data-reason=reason.map(name)>
            <p class="row-hint">
                <span class="absence-reason">{words}</span>
                {number}
                {lacks.then(|| view! { <span class="tag">{i18n.t("absence-no-document")}</span> })}
                {(!absence.own)
                    .then(|| view! { <span class="tag">{i18n.t("absence-by-other")}</span> })}
                <MarkBadge mark=absence.mark />
            </p>
            {lacks.then(|| view! { <DocumentTerm terms /> })}
            {file}
        </div>
    }
}

/// Says how long a reason may still be entered.
#[component]
pub(crate) fn ReasonTerm(
    /// The terms.
    terms: TermsView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let words = move || {
        let day = ("day", i18n.day(terms.reason_until_ms - 1).into());
        let left_ms = terms.reason_until_ms.saturating_sub(terms.now_ms);
        if left_ms > 0 {
            i18n.format("absence-reason-left", &[day, ("left", i18n.span(left_ms).into())])
        } else {
            i18n.format("absence-reason-over", &[day])
        }
    };
    view! { <p class="hint" data-testid="reason-term">{words}</p> }
}

/// Says how long a document may still be added.
#[component]
fn DocumentTerm(
    /// The terms.
    terms: TermsView,
) -> impl IntoView {
    let i18n = I18n::expect();
    let words = move || {
        let day = ("day", i18n.day(terms.document_until_ms - 1).into());
        let left_ms = terms.document_until_ms.saturating_sub(terms.now_ms);
        if left_ms > 0 {
            i18n.format("absence-document-left", &[day, ("left", i18n.span(left_ms).into())])
        } else {
            i18n.format("absence-document-over", &[day])
        }
    };
    view! { <p class="hint" data-testid="document-term">{words}</p> }
}

/// Shows a document on demand: it is read out of the device's store then, and not before.
#[component]
fn ShowDocument(
    /// The file's SHA-256.
    document: String,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let shown = RwSignal::new(None::<ipc::DocumentView>);
    let document = StoredValue::new(document);
    let toggle = move |_| {
        if shown.with_untracked(Option::is_some) {
            shown.set(None);
        } else {
            let asked = invoke::document(document.get_value());
            task.run(asked, move |view| shown.set(Some(view)));
        }
    };
    let word = move || {
        if shown.with(Option::is_some) {
            i18n.text("absence-hide")
        } else {
            i18n.text("absence-show")
        }
    };
    let picture = move || {
        shown.get().map(|view| {
            let address = format!("data:{};base64,{}", view.media, view.base64);
            if view.media == "application/pdf" {
                view! {
                    <a class="link" href=address download="document.pdf">
                        {i18n.t("absence-save-file")}
                    </a>
                }
                .into_any()
            } else {
                view! {
                    <img class="document" src=address alt=i18n.t("absence-show") />
                }
                .into_any()
            }
        })
    };
    view! {
        <button
            class="button quiet small"
            data-testid="document-show"
            disabled=move || task.busy()
            on:click=toggle
        >
            {word}
        </button>
        {picture}
        <Notice fault=task.fault() />
    }
}

/// Names a reason as the tests know it.
pub(crate) fn name(reason: AbsenceReason) -> &'static str {
    match reason {
        AbsenceReason::Sick => "sick",
        AbsenceReason::Leave => "leave",
        AbsenceReason::Quarantine => "quarantine",
        AbsenceReason::Unexcused => "unexcused",
    }
}
