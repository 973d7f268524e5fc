//! A question before what cannot simply be taken back.

use leptos::prelude::*;

use crate::i18n::I18n;

/// Shows a button; pressed, it asks once more, and only then is it meant. The handles for tests are `test`
/// and, of the second button, `test` with `-confirm`.
#[component]
pub(crate) fn Confirm(
    /// The handle for tests.
    test: &'static str,
    /// What the first button says.
    #[prop(into)]
    open: Signal<String>,
    /// What is asked.
    #[prop(into)]
    question: Signal<String>,
    /// What the button says that means it.
    #[prop(into)]
    confirm: Signal<String>,
    /// True while a command is on its way.
    busy: Signal<bool>,
    /// True for the button that is meant to be pressed.
    #[prop(default = false)]
    primary: bool,
    /// Reports that it is meant.
    #[prop(into)]
    on_confirm: Callback<()>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let asked = RwSignal::new(false);
    let class = if primary { "button primary" } else { "button" };
    let button = move || {
        view! {
            <button class=class type="button" data-testid=test on:click=move |_| asked.set(true)>
                {open}
            </button>
        }
    };
    let answer = move || {
        view! {
            <div class="confirm" role="group" aria-label=open>
                <p>{question}</p>
                <div class="actions">
                    <button
                        class="button primary"
                        type="button"
                        data-testid=format!("{test}-confirm")
                        disabled=move || busy.get()
                        on:click=move |_| on_confirm.run(())
                    >
                        {confirm}
                    </button>
                    <button class="button quiet" type="button" on:click=move |_| asked.set(false)>
                        {i18n.t("cancel")}
                    </button>
                </div>
            </div>
        }
    };
    move || if asked.get() { answer().into_any() } else { button().into_any() }
}
