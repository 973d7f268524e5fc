//! The Treasury's payment notice: the sum and the document, typed from the paper.

use ipc::BoardView;
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    components::Notice,
    i18n::I18n,
    invoke,
    live::{Live, Task},
    money::Tiyn,
};

/// Takes a payment notice. The sum is typed, never filled in: it is compared, not copied.
#[component]
pub(crate) fn Payment(
    /// The month.
    month: String,
    /// The provider's id.
    provider: String,
    /// Where the answer is put at once.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let task = Task::new();
    let (amount, document) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let unreadable = RwSignal::new(false);
    let ids = [format!("amount-{month}-{provider}"), format!("document-{month}-{provider}")];
    let [amount_id, document_id] = ids;
    let (amount_for, document_for) = (amount_id.clone(), document_id.clone());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let sum = amount.with_untracked(|amount| Tiyn::parse(amount));
        let number = document.with_untracked(|document| document.trim().to_owned());
        unreadable.set(sum.is_none());
        if let Some(Tiyn(tiyn)) = sum
            && !number.is_empty()
        {
            let command = invoke::record_payment(month.clone(), provider.clone(), tiyn, number);
            task.run(command, move |view| board.put(view));
        }
    };
    let complaint = move || unreadable.get().then(|| i18n.text("payment-unreadable"));
    view! {
        <form class="payment" on:submit=submit>
            <p class="payment-title">{i18n.t("payment-title")}</p>
            <div class="field">
                <label for=amount_for>{i18n.t("payment-amount")}</label>
                <input
                    id=amount_id
                    class="input"
                    data-testid="payment-amount"
                    inputmode="decimal"
                    autocomplete="off"
                    required
                    aria-invalid=move || unreadable.get().to_string()
                    prop:value=amount
                    on:input=move |event| amount.set(event_target_value(&event))
                />
            </div>
            <div class="field">
                <label for=document_for>{i18n.t("payment-document")}</label>
                <input
                    id=document_id
                    class="input"
                    data-testid="payment-document"
                    autocomplete="off"
                    required
                    maxlength="64"
                    prop:value=document
                    on:input=move |event| document.set(event_target_value(&event))
                />
            </div>
            <button
                class="button"
                type="submit"
                data-testid="payment-submit"
                disabled=move || task.busy()
            >
                {i18n.t("payment-submit")}
            </button>
            <p class="warn" role="alert">{complaint}</p>
            <Notice fault=task.fault() />
        </form>
    }
}
