//! Who else brings own children: a grandmother shows the codes on her own phone, and says nothing of visits.

use std::collections::BTreeSet;

use ipc::{CodeView, DelegateState, DelegateView, TicketView};
use leptos::{ev::SubmitEvent, prelude::*};

use super::coordinator::Ticket;
use crate::{
    components::{Loading, Notice},
    i18n::I18n,
    invoke,
    live::{Live, Task},
    time::WallTime,
};

/// Shows whom the parent named, and names another one.
#[component]
pub(crate) fn Delegates() -> impl IntoView {
    let i18n = I18n::expect();
    let delegates = Live::new(invoke::delegates);
    let ticket = RwSignal::new(None::<TicketView>);
    let list = move || match delegates.view() {
        None => view! { <Loading /> }.into_any(),
        Some(all) if all.is_empty() => {
            view! { <p class="empty-line">{i18n.t("delegates-empty")}</p> }.into_any()
        }
        Some(all) => {
            let rows = all.into_iter().map(|one| view! { <Delegate one delegates /> });
            view! { <ul class="cards">{rows.collect_view()}</ul> }.into_any()
        }
    };
    let naming = move || match ticket.get() {
        Some(made) => view! { <Ticket made on_done=move || ticket.set(None) /> }.into_any(),
        None => view! { <Name ticket /> }.into_any(),
    };
    view! {
        <section class="page">
            <h1>{i18n.t("delegates-title")}</h1>
            <p class="lead">{i18n.t("delegates-lead")}</p>
            <Notice fault=delegates.fault() />
            {list}
            {naming}
        </section>
    }
}

/// Shows somebody who was named, and ends it after one more question.
#[component]
fn Delegate(
    /// Who.
    one: DelegateView,
    /// Where the answer is put at once.
    delegates: Live<Vec<DelegateView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (task, asked) = (Task::new(), RwSignal::new(false));
    let id = StoredValue::new(one.device.clone());
    let end = move |_| {
        task.run(invoke::end_delegate(id.get_value()), move |view| delegates.put(view));
    };
    let ask = move || {
        view! {
            <button class="button" data-testid="delegate-end" on:click=move |_| asked.set(true)>
                {i18n.t("delegate-end")}
            </button>
        }
    };
    let state = one.state;
    let until_ms = one.until_ms;
    let until = move || {
        let day = format!("{} {}", i18n.day(until_ms), WallTime::from_ms(until_ms).year);
        i18n.format("delegate-until", &[("day", day.into())])
    };
    let decision = (state == DelegateState::Named).then(|| {
        view! {
            <Show when=move || asked.get() fallback=ask>
                <div class="confirm" role="group" aria-label=i18n.t("delegate-end")>
                    <p>{i18n.t("delegate-end-ask")}</p>
                    <div class="actions">
                        <button
                            class="button primary"
                            data-testid="delegate-end-confirm"
                            disabled=move || task.busy()
                            on:click=end
                        >
                            {i18n.t("delegate-end-confirm")}
                        </button>
                        <button class="button quiet" on:click=move |_| asked.set(false)>
                            {i18n.t("cancel")}
                        </button>
                    </div>
                </div>
            </Show>
        }
    });
    view! {
        <li
            class="card"
            data-testid="delegate-row"
            data-device=one.device
            data-state=state_name(state)
        >
            <div class="card-head">
                <h2>{one.name}</h2>
                <span class="chip" data-state=state_name(state)>{move || i18n.say(state)}</span>
            </div>
            <p>{one.children.join(", ")}</p>
            <p class="hint">{until}</p>
            {decision}
            <Notice fault=task.fault() />
        </li>
    }
}

/// Asks who is to bring which children, and makes the ticket for that phone.
#[component]
fn Name(
    /// Where the ticket goes.
    ticket: RwSignal<Option<TicketView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (task, asking) = (Task::new(), Task::new());
    let name = RwSignal::new(String::new());
    let children = RwSignal::new(Vec::<CodeView>::new());
    let chosen = RwSignal::new(BTreeSet::<String>::new());
    asking.run(invoke::codes(), move |codes| {
        chosen.set(codes.iter().map(|code| code.child.clone()).collect());
        children.set(codes);
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let ids = chosen.get_untracked().into_iter().collect();
        let wanted = invoke::name_delegate(name.get_untracked(), ids);
        task.run(wanted, move |made| ticket.set(Some(made)));
    };
    let child = move |code: CodeView| {
        let id = StoredValue::new(code.child.clone());
        let is_chosen = move || chosen.with(|chosen| chosen.contains(&id.get_value()));
        let toggle = move |_| {
            chosen.update(|chosen| {
                if !chosen.remove(&id.get_value()) {
                    chosen.insert(id.get_value());
                }
            });
        };
        view! {
            <label class="option">
                <input
                    type="checkbox"
                    data-testid="delegate-child"
                    data-child=code.child
                    prop:checked=is_chosen
                    on:change=toggle
                />
                <span>{code.name}</span>
            </label>
        }
    };
    let options = move || children.get().into_iter().map(child).collect_view();
    let is_empty = move || chosen.with(BTreeSet::is_empty);
    view! {
        <form class="panel" on:submit=submit>
            <h2>{i18n.t("delegate-new")}</h2>
            <div class="field">
                <label for="delegate-name">{i18n.t("delegate-name")}</label>
                <input
                    id="delegate-name"
                    class="input"
                    data-testid="delegate-name"
                    autocomplete="off"
                    required
                    maxlength="60"
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </div>
            <fieldset class="options">
                <legend>{i18n.t("delegate-children")}</legend>
                {options}
            </fieldset>
            <button
                class="button primary"
                type="submit"
                data-testid="delegate-make"
                disabled=move || task.busy() || is_empty()
            >
                {i18n.t("delegate-make")}
            </button>
            <Notice fault=task.fault() />
            <Notice fault=asking.fault() />
        </form>
    }
}

fn state_name(state: DelegateState) -> &'static str {
    match state {
        DelegateState::Named => "named",
        DelegateState::Ending => "ending",
        DelegateState::Ended => "ended",
        DelegateState::Over => "over",
    }
}
