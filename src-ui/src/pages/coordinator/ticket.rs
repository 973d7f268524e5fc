//! A new device: what it will be, and its ticket as a QR Code with the time that is left.

use std::{collections::BTreeSet, time::Duration};

use ipc::{ChoiceView, ChoicesView, Role, TicketView};
use leptos::{ev::SubmitEvent, leptos_dom::helpers::set_interval_with_handle, prelude::*};

use crate::{
    components::{ChooseOne, ChooseSome, Icon, Notice, Shape},
    i18n::{I18n, Sentence as _},
    invoke,
    live::Task,
};

/// Asks what the new device will be, and shows its ticket.
#[component]
pub(crate) fn NewDevice() -> impl IntoView {
    let i18n = I18n::expect();
    let (open, ticket) = (RwSignal::new(false), RwSignal::new(None::<TicketView>));
    let shown = move || match (open.get(), ticket.get()) {
        (_, Some(made)) => view! { <Ticket made on_done=move || ticket.set(None) /> }.into_any(),
        (true, None) => view! { <TicketForm open ticket /> }.into_any(),
        (false, None) => view! {
            <button
                class="button primary"
                data-testid="new-device"
                on:click=move |_| open.set(true)
            >
                <Icon shape=Shape::Device />
                <span>{i18n.t("new-device")}</span>
            </button>
        }
        .into_any(),
    };
    view! { <div>{shown}</div> }
}

/// Asks for role, name, and whom the device is for.
#[component]
fn TicketForm(
    /// Whether the form is shown.
    open: RwSignal<bool>,
    /// Where the ticket goes.
    ticket: RwSignal<Option<TicketView>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (task, asking) = (Task::new(), Task::new());
    let choices = RwSignal::new(ChoicesView::default());
    asking.run(invoke::choices(), move |view| choices.set(view));
    let (role, name) = (RwSignal::new(Role::Teacher), RwSignal::new(String::new()));
    let provider = RwSignal::new(String::new());
    let (groups, children) =
        (RwSignal::new(BTreeSet::new()), RwSignal::new(BTreeSet::<String>::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let teacher = role.get_untracked() == Role::Teacher;
        let parent = matches!(role.get_untracked(), Role::Parent | Role::Delegate);
        let some = |chosen: RwSignal<BTreeSet<String>>, wanted: bool| {
            let ids = chosen.get_untracked().into_iter();
            ids.filter(|_| wanted).collect::<Vec<_>>()
        };
        let of = Some(provider.get_untracked()).filter(|id| !id.is_empty() && !parent);
        let what = invoke::NewTicket {
            role: role.get_untracked(),
            name: name.get_untracked(),
            provider: of,
            groups: some(groups, teacher),
            children: some(children, parent),
            replaces: None,
        };
        task.run(invoke::make_ticket(what), move |view| {
            open.set(false);
            ticket.set(Some(view));
        });
    };
    let of_provider = Signal::derive(move || {
        let id = provider.get();
        let all: Vec<ChoiceView> = choices.with(|choices| choices.groups.clone());
        all.into_iter().filter(|group| group.of.contains(&id)).collect::<Vec<_>>()
    });
    let providers = Signal::derive(move || choices.with(|choices| choices.providers.clone()));
    let families = Signal::derive(move || choices.with(|choices| choices.children.clone()));
    let whom = move || {
        match role.get() {
        Role::Teacher => view! {
            <ChooseOne id="ticket-provider" label=i18n.t("ticket-provider") none=i18n.t("choose") options=providers chosen=provider />
            <ChooseSome legend=i18n.t("ticket-groups") options=of_provider chosen=groups />
        }
        .into_any(),
        Role::Parent | Role::Delegate => view! {
            <ChooseSome legend=i18n.t("ticket-children") options=families chosen=children />
        }
        .into_any(),
        Role::ProviderAdmin => view! {
            <ChooseOne id="ticket-provider" label=i18n.t("ticket-provider") none=i18n.t("choose") options=providers chosen=provider />
        }
        .into_any(),
        Role::Coordinator => view! {
            <ChooseOne id="ticket-provider" label=i18n.t("ticket-provider") none=i18n.t("whole-district") options=providers chosen=provider />
        }
        .into_any(),
    }
    };
    view! {
        <form class="panel" data-testid="ticket-form" on:submit=submit>
            <h2>{i18n.t("new-device")}</h2>
            <fieldset class="options">
                <legend>{i18n.t("ticket-role")}</legend>
                {ROLES.map(|one| view! { <RoleOption one role /> })}
            </fieldset>
            <div class="field">
                <label for="ticket-name">{i18n.t("ticket-name")}</label>
                <input
                    id="ticket-name"
                    class="input"
                    data-testid="ticket-name"
                    autocomplete="off"
                    required
                    maxlength="60"
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </div>
            {whom}
            <div class="actions">
                <button
                    class="button primary"
                    type="submit"
                    data-testid="ticket-make"
                    disabled=move || task.busy()
                >
                    {i18n.t("ticket-make")}
                </button>
                <button class="button quiet" type="button" on:click=move |_| open.set(false)>
                    {i18n.t("cancel")}
                </button>
            </div>
            <Notice fault=task.fault() />
            <Notice fault=asking.fault() />
        </form>
    }
}

/// Offers one role.
#[component]
fn RoleOption(
    /// The role.
    one: Role,
    /// The role that is chosen.
    role: RwSignal<Role>,
) -> impl IntoView {
    let i18n = I18n::expect();
    view! {
        <label class="option">
            <input
                type="radio"
                name="ticket-role"
                data-testid="ticket-role"
                data-role=one.key()
                prop:checked=move || role.get() == one
                on:change=move |_| role.set(one)
            />
            <span>{move || i18n.say(one)}</span>
        </label>
    }
}

/// Shows a ticket as long as it is good.
#[component]
pub(crate) fn Ticket(
    /// The ticket.
    made: TicketView,
    /// Called when it is no longer wanted.
    on_done: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let i18n = I18n::expect();
    #[expect(clippy::cast_precision_loss, reason = "ten minutes in milliseconds are exact")]
    let ends_ms = js_sys::Date::now() + made.life_ms as f64;
    let left_s = RwSignal::new(seconds_until(ends_ms));
    let tick = move || left_s.set(seconds_until(ends_ms));
    if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
        on_cleanup(move || handle.clear());
    }
    let symbol = qr::encode(&made.text, qr::ErrorCorrection::M).ok();
    let picture = symbol.map(|symbol| {
        let side = symbol.size() + 8;
        view! {
            <svg
                class="qr"
                viewBox=format!("-4 -4 {side} {side}")
                role="img"
                aria-label=i18n.t("ticket-qr")
                data-testid="ticket-qr"
            >
                <rect x="-4" y="-4" width=side height=side fill="#fff" />
                <path d=symbol.to_svg_path() fill="#000" />
            </svg>
        }
    });
    let text = StoredValue::new(made.text);
    let good = Memo::new(move |_| left_s.get() > 0);
    let left = move || {
        let seconds = left_s.get();
        let left = format!("{}:{:02}", seconds / 60, seconds % 60);
        if seconds > 0 {
            i18n.format("ticket-left", &[("left", left.into())])
        } else {
            i18n.text("ticket-over")
        }
    };
    view! {
        <section class="panel ticket" data-testid="ticket">
            <h2>{i18n.t("ticket-title")}</h2>
            <p>{i18n.t("ticket-lead")}</p>
            <div hidden=move || !good.get()>{picture}</div>
            <p class="ticket-left" role="timer" data-testid="ticket-left">{left}</p>
            <p class="code" data-testid="ticket-text" hidden=move || !good.get()>
                {text.get_value()}
            </p>
            <button class="button" data-testid="ticket-done" on:click=move |_| on_done()>
                {i18n.t("ticket-done")}
            </button>
        </section>
    }
}

#[expect(clippy::cast_possible_truncation, reason = "some hundred seconds")]
fn seconds_until(ends_ms: f64) -> i64 {
    ((ends_ms - js_sys::Date::now()) / 1_000.0).ceil().max(0.0) as i64
}

const ROLES: [Role; 5] =
    [Role::Teacher, Role::Parent, Role::Delegate, Role::Coordinator, Role::ProviderAdmin];
