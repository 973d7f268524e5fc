//! Who else brings own children: a grandmother shows the codes on her own phone, and says nothing of visits.

use std::collections::BTreeSet;

use ipc::{ChoiceView, CodeView, DelegateState, DelegateView, TicketView};
use leptos::{ev::SubmitEvent, prelude::*};

use super::coordinator::Ticket;
use crate::{
    components::{ChooseSome, Confirm, Loading, Notice},
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
    let task = Task::new();
    let id = StoredValue::new(one.device.clone());
    let end = move |()| {
        task.run(invoke::end_delegate(id.get_value()), move |view| delegates.put(view));
    };
    let state = one.state;
    let until_ms = one.until_ms;
    let until = move || {
        let day = format!("{} {}", i18n.day(until_ms), WallTime::from_ms(until_ms).year);
        i18n.format("delegate-until", &[("day", day.into())])
    };
    let decision = (state == DelegateState::Named).then(|| {
        view! {
            <Confirm
                test="delegate-end"
                open=i18n.t("delegate-end")
                question=i18n.t("delegate-end-ask")
                confirm=i18n.t("delegate-end-confirm")
                busy=task.is_busy()
                on_confirm=end
            />
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
    let children = RwSignal::new(Vec::<ChoiceView>::new());
    let chosen = RwSignal::new(BTreeSet::<String>::new());
    asking.run(invoke::codes(), move |codes| {
        let child = |code: CodeView| ChoiceView { id: code.child, name: code.name, of: Vec::new() };
        let own: Vec<_> = codes.into_iter().map(child).collect();
        chosen.set(own.iter().map(|child| child.id.clone()).collect());
        children.set(own);
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let ids = chosen.get_untracked().into_iter().collect();
        let wanted = invoke::name_delegate(name.get_untracked(), ids);
        task.run(wanted, move |made| ticket.set(Some(made)));
    };
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
            <ChooseSome legend=i18n.t("delegate-children") options=children chosen />
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
