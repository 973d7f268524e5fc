//! The short code under the QR, typed; a hand scanner types too, and ends with Enter.

use ipc::ScanSource;
use leptos::{ev::SubmitEvent, prelude::*};

use super::Scanned;
use crate::i18n::I18n;

/// Takes a typed code and reports it as it was typed.
#[component]
pub(crate) fn Typed(
    /// Reports a text.
    on_scan: Callback<Scanned>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let text = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = text.with_untracked(|text| text.trim().to_owned());
        if !typed.is_empty() {
            text.set(String::new());
            on_scan.run(Scanned { text: typed, source: ScanSource::Typed, seen_ms: None });
        }
    };
    view! {
        <form class="typed" on:submit=submit>
            <label for="typed">{i18n.t("typed-label")}</label>
            <div class="typed-line">
                <input
                    id="typed"
                    class="input code"
                    data-testid="typed-input"
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    maxlength="2000"
                    placeholder="7K3M-9QX2-4T"
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                />
                <button class="button" type="submit" data-testid="typed-submit">
                    {i18n.t("typed-submit")}
                </button>
            </div>
        </form>
    }
}
