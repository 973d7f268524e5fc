//! What could not be done, and waiting.

use ipc::ErrorView;
use leptos::prelude::*;

use super::{Icon, Shape};
use crate::i18n::{I18n, Sentence as _};

/// Says what could not be done: a sentence for the person, the small print for support.
#[component]
pub(crate) fn Notice(
    /// What could not be done, if anything.
    fault: Signal<Option<ErrorView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let shown = move |fault: ErrorView| {
        let code = fault.code;
        view! {
            <div class="notice" data-testid="notice" data-code=code.key()>
                <Icon shape=Shape::Warning />
                <div>
                    <p>{move || i18n.say(code)}</p>
                    <p class="small-print" lang="en">{fault.message}</p>
                </div>
            </div>
        }
    };
    view! { <div role="alert">{move || fault.get().map(shown)}</div> }
}

/// Says that the first answer is on its way.
#[component]
pub(crate) fn Loading() -> impl IntoView {
    let i18n = I18n::expect();
    view! { <p class="loading" aria-busy="true">{i18n.t("loading")}</p> }
}
