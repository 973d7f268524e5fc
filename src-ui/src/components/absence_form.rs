//! Entering an absence: why, and the document's number or file.

use ipc::{AbsenceOutcome, AbsenceReason, AbsenceView, ErrorView, TermsView};
use leptos::{
    ev::{Event, SubmitEvent},
    prelude::*,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlInputElement};

use super::{
    Notice,
    absence_note::{ReasonTerm, name},
};
use crate::{base64, i18n::I18n, invoke, live::Task};

/// Takes an absence of a child from a lesson, or more about one that was entered on this device.
#[component]
pub(crate) fn AbsenceForm(
    /// The lesson's id.
    lesson: String,
    /// The child's id.
    child: String,
    /// What was entered on this device before.
    known: Option<AbsenceView>,
    /// Until when it may be explained.
    terms: TermsView,
    /// Reports that something was entered.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let came = RwSignal::new(false);
    let reason = RwSignal::new(known.as_ref().and_then(|known| known.reason));
    let number =
        RwSignal::new(known.as_ref().and_then(|known| known.number.clone()).unwrap_or_default());
    let file = RwSignal::new_local(None::<File>);
    let place = StoredValue::new((lesson, child));
    let own = StoredValue::new(known.map(|known| known.event));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(why) = reason.get_untracked() else { return };
        came.set(false);
        let (lesson, child) = place.get_value();
        let excuses = why.excuses();
        let number = number.get_untracked().trim().to_owned();
        let number = Some(number).filter(|number| excuses && !number.is_empty());
        let chosen = file.get_untracked().filter(|_| excuses);
        let entered = async move {
            let document = match chosen {
                Some(file) => Some(invoke::keep_document(read(&file).await?).await?.document),
                None => None,
            };
            invoke::record_absence(lesson, child, why, number, document).await
        };
        task.run_all(entered, move |outcome| match outcome {
            AbsenceOutcome::Came => came.set(true),
            AbsenceOutcome::Kept | AbsenceOutcome::Already => on_done.run(()),
        });
    };
    let withdraw = move |()| {
        if let Some(event) = own.get_value() {
            let why = Some(ipc::Withdrawal::Slip);
            task.run(invoke::withdraw(event, why), move |()| on_done.run(()));
        }
    };
    let papers = move || {
        reason.get().is_some_and(AbsenceReason::excuses).then(|| view! { <Papers number file /> })
    };
    let withdrawal = own.with_value(Option::is_some).then(|| {
        let busy = Signal::derive(move || task.busy());
        view! { <WithdrawAbsence busy on_withdraw=withdraw /> }
    });
    view! {
        <form class="absence-form" data-testid="absence-form" on:submit=submit>
            <Why reason />
            <ReasonTerm terms />
            {papers}
            <div class="actions">
                <button
                    class="button primary"
                    type="submit"
                    data-testid="absence-save"
                    disabled=move || task.busy() || reason.get().is_none()
                >
                    {i18n.t("absence-save")}
                </button>
                {withdrawal}
            </div>
            <p class="warn" role="alert">{move || came.get().then(|| i18n.text("absence-came"))}</p>
            <Notice fault=task.fault() />
        </form>
    }
}

/// Asks why the child is absent.
#[component]
fn Why(
    /// The reason that is chosen.
    reason: RwSignal<Option<AbsenceReason>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let choose = move |why: AbsenceReason| {
        view! {
            <button
                class="button quiet"
                type="button"
                data-testid="absence-reason"
                data-reason=name(why)
                aria-pressed=move || (reason.get() == Some(why)).to_string()
                on:click=move |_| reason.set(Some(why))
            >
                {move || i18n.say(why)}
            </button>
        }
    };
    view! {
        <fieldset class="reasons">
            <legend>{i18n.t("absence-ask")}</legend>
            {AbsenceReason::ALL.map(choose)}
        </fieldset>
    }
}

/// Takes back what was entered on this device.
#[component]
fn WithdrawAbsence(
    /// True while a command is on its way.
    busy: Signal<bool>,
    /// Reports that it is meant.
    #[prop(into)]
    on_withdraw: Callback<()>,
) -> impl IntoView {
    let i18n = I18n::expect();
    view! {
        <button
            class="button quiet"
            type="button"
            data-testid="absence-withdraw"
            disabled=move || busy.get()
            on:click=move |_| on_withdraw.run(())
        >
            {i18n.t("absence-withdraw")}
        </button>
    }
}

/// Asks for what proves the reason: a number, or a file, or both.
#[component]
fn Papers(
    /// The number as typed.
    number: RwSignal<String>,
    /// The file that was chosen.
    file: RwSignal<Option<File>, LocalStorage>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let chosen = move |event: Event| {
        let input: HtmlInputElement = event_target(&event);
        file.set(input.files().and_then(|files| files.item(0)));
    };
    let ready = move || {
        file.with(|file| {
            let name = file.as_ref().map(File::name)?;
            Some(i18n.format("absence-file-ready", &[("name", name.into())]))
        })
    };
    view! {
        <div class="papers">
            <label class="field">
                <span>{i18n.t("absence-number")}</span>
                <input
                    class="input"
                    data-testid="absence-number"
                    autocomplete="off"
                    maxlength="64"
                    prop:value=number
                    on:input=move |event| number.set(event_target_value(&event))
                />
            </label>
            <label class="button quiet file-button">
                <span>{i18n.t("absence-file")}</span>
                <input
                    type="file"
                    accept="image/jpeg,image/png,application/pdf"
                    class="visually-hidden"
                    data-testid="absence-file"
                    on:change=chosen
                />
            </label>
            <p class="hint" role="status">{ready}</p>
            <p class="hint">{i18n.t("absence-file-hint")}</p>
        </div>
    }
}

/// Reads a file as Base64.
async fn read(file: &File) -> Result<String, ErrorView> {
    let unreadable = |_: JsValue| ErrorView {
        code: ipc::ErrorCode::DocumentRefused,
        message: "the file cannot be read".to_owned(),
    };
    let buffer = JsFuture::from(file.array_buffer()).await.map_err(unreadable)?;
    Ok(base64::encode(&js_sys::Uint8Array::new(&buffer).to_vec()))
}
