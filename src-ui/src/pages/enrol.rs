//! The first start: the coordinator's ticket is scanned, chosen as a picture, or typed.

use ipc::StatusView;
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    components::{Icon, Notice, Shape},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    scanner::{Frames, ImageFile, Native, Scanned},
};

/// Takes a ticket and enrols this device.
#[component]
pub(crate) fn Enrol(
    /// Where the answer is put at once.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let typed = RwSignal::new(String::new());
    let enrol = move |ticket: String| {
        // A camera sees other codes too; what is no ticket is not worth a sentence.
        task.run(invoke::enrol(ticket), move |view| status.put(view));
    };
    let on_scan = Callback::new(move |scanned: Scanned| {
        if scanned.text.trim_start().starts_with(TICKET_PREFIX) {
            enrol(scanned.text);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = typed.with_untracked(|text| text.trim().to_owned());
        if !text.is_empty() {
            enrol(text);
        }
    };
    view! {
        <section class="page enrol" data-testid="not-enrolled">
            <h1>{i18n.t("not-enrolled-title")}</h1>
            <p>{i18n.t("enrol-lead")}</p>
            <Frames on_scan />
            <div role="status" data-testid="enrol-state">
                {move || task.busy().then(|| i18n.text("enrol-busy"))}
            </div>
            <Notice fault=task.fault() />
            <div class="actions">
                <ImageFile on_scan />
                <Native on_scan />
            </div>
            <form class="typed" on:submit=submit>
                <label for="ticket">{i18n.t("enrol-typed")}</label>
                <textarea
                    id="ticket"
                    class="input code"
                    data-testid="ticket-input"
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    rows="4"
                    maxlength="400"
                    prop:value=typed
                    on:input=move |event| typed.set(event_target_value(&event))
                ></textarea>
                <button
                    class="button primary"
                    type="submit"
                    data-testid="ticket-submit"
                    disabled=move || task.busy()
                >
                    <Icon shape=Shape::Device />
                    <span>{i18n.t("enrol-submit")}</span>
                </button>
            </form>
        </section>
    }
}

const TICKET_PREFIX: &str = "OE1:";
