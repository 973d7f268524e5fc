//! What a coordinator decides about a device: another in its place, its end, its groups.

use std::collections::BTreeSet;

use ipc::{BoardView, ChoicesView, DeviceView, RevokeReason, Role, TicketView};
use leptos::{ev::SubmitEvent, prelude::*};

use super::ticket::Ticket;
use crate::{
    components::{ChooseSome, Notice},
    i18n::{I18n, Sentence as _},
    invoke,
    live::{Live, Task},
};

/// Makes the ticket of a device that takes this one's place.
#[component]
pub(super) fn Replace(
    /// The device's id.
    id: StoredValue<String>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (task, ticket) = (Task::new(), RwSignal::new(None::<TicketView>));
    let make = move |_| {
        let what = invoke::NewTicket {
            role: Role::Teacher, // the old device's role is taken over
            name: String::new(),
            provider: None,
            groups: Vec::new(),
            children: Vec::new(),
            replaces: Some(id.get_value()),
        };
        task.run(invoke::make_ticket(what), move |view| ticket.set(Some(view)));
    };
    let shown = move || match ticket.get() {
        Some(made) => view! { <Ticket made on_done=move || ticket.set(None) /> }.into_any(),
        None => view! {
            <button
                class="button quiet"
                data-testid="device-replace"
                disabled=move || task.busy()
                on:click=make
            >
                {i18n.t("device-replace")}
            </button>
        }
        .into_any(),
    };
    view! {
        <div>
            {shown}
            <Notice fault=task.fault() />
        </div>
    }
}

/// Asks why, and revokes.
#[component]
pub(super) fn Revoke(
    /// The device's id.
    id: StoredValue<String>,
    /// Where the answer is put at once.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (task, asked) = (Task::new(), RwSignal::new(false));
    let revoke = move |reason: RevokeReason| {
        task.run(invoke::revoke_device(id.get_value(), reason), move |view| board.put(view));
    };
    let button = move |reason: RevokeReason| {
        view! {
            <button
                class="button quiet"
                data-testid="revoke-reason"
                data-reason=reason.key()
                disabled=move || task.busy()
                on:click=move |_| revoke(reason)
            >
                {move || i18n.say(reason)}
            </button>
        }
    };
    let shown = move || {
        if asked.get() {
            view! {
                <div class="confirm" role="group">
                    <p>{i18n.t("device-revoke-ask")}</p>
                    <fieldset class="reasons">
                        <legend>{i18n.t("device-revoke-why")}</legend>
                        {REASONS.map(button)}
                    </fieldset>
                    <button class="button quiet" on:click=move |_| asked.set(false)>
                        {i18n.t("cancel")}
                    </button>
                </div>
            }
            .into_any()
        } else {
            view! {
                <button
                    class="button quiet"
                    data-testid="device-revoke"
                    on:click=move |_| asked.set(true)
                >
                    {i18n.t("device-revoke")}
                </button>
            }
            .into_any()
        }
    };
    view! {
        <div>
            {shown}
            <Notice fault=task.fault() />
        </div>
    }
}

/// Gives a teacher's device other groups.
#[component]
pub(super) fn Groups(
    /// The device.
    device: DeviceView,
    /// Where the answer is put at once.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (task, open) = (Task::new(), RwSignal::new(false));
    let choices = RwSignal::new(ChoicesView::default());
    let chosen = RwSignal::new(device.groups.iter().cloned().collect::<BTreeSet<_>>());
    let provider = StoredValue::new(device.provider.clone().unwrap_or_default());
    let who = StoredValue::new((device.device, device.name));
    let ask = move |_| {
        open.set(true);
        task.run(invoke::choices(), move |view| choices.set(view));
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (id, name) = who.get_value();
        let groups = chosen.get_untracked().into_iter().collect();
        task.run(invoke::change_grants(id, name, groups), move |view| {
            open.set(false);
            board.put(view);
        });
    };
    let options = Signal::derive(move || {
        let all = choices.with(|choices| choices.groups.clone());
        let own = provider.get_value();
        all.into_iter().filter(|group| group.of.contains(&own)).collect::<Vec<_>>()
    });
    let shown = move || {
        if open.get() {
            view! {
                <form class="panel" on:submit=submit>
                    <ChooseSome legend=i18n.t("ticket-groups") options chosen />
                    <p class="hint">{i18n.t("device-groups-hint")}</p>
                    <button
                        class="button"
                        type="submit"
                        data-testid="groups-save"
                        disabled=move || task.busy()
                    >
                        {i18n.t("device-groups-save")}
                    </button>
                </form>
            }
            .into_any()
        } else {
            view! {
                <button class="button quiet" data-testid="device-groups" on:click=ask>
                    {i18n.t("device-groups")}
                </button>
            }
            .into_any()
        }
    };
    view! {
        <div>
            {shown}
            <Notice fault=task.fault() />
        </div>
    }
}

const REASONS: [RevokeReason; 4] =
    [RevokeReason::Lost, RevokeReason::Stolen, RevokeReason::Left, RevokeReason::Misused];
