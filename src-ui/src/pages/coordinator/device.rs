//! One device: how it stands, and what may be decided about it.

use ipc::{BoardView, DeviceView, Role};
use leptos::prelude::*;

use super::decisions::{Groups, Replace, Revoke};
use super::parked::Parked;
use crate::{
    components::{Column, Columns, Icon, Shape},
    i18n::I18n,
    live::Live,
    time::WallTime,
};

/// Shows a device; a tap opens what may be decided.
#[component]
pub(crate) fn Device(
    /// The device's id.
    id: String,
    /// The board it is read from.
    board: Live<BoardView>,
    /// What this device takes the time to be.
    now_ms: Memo<Option<i64>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (key, open) = (StoredValue::new(id.clone()), RwSignal::new(false));
    let device = Memo::new(move |_| {
        let id = key.get_value();
        board.read(|board| board.devices.iter().find(|one| one.device == id).cloned()).flatten()
    });
    let name = move || device.with(|one| one.as_ref().map(|one| one.name.clone()));
    let role = move || device.with(|one| one.as_ref().map(|one| i18n.say(one.role)));
    let short: String = id.chars().take(8).collect();
    let contact = move || {
        let seen = device.with(|one| one.as_ref().and_then(|one| one.last_contact_ms));
        match (seen, now_ms.get()) {
            (Some(ms), Some(now_ms)) => i18n.ago(ms, now_ms),
            (Some(ms), None) => i18n.moment(ms),
            (None, _) => i18n.text("never"),
        }
    };
    let parked = Memo::new(move |_| {
        device.with(|one| one.as_ref().map(|one| one.parked.clone())).unwrap_or_default()
    });
    let lines = move || {
        let lines = parked.get().into_iter();
        lines.map(|line| view! { <Parked line board /> }).collect_view()
    };
    let details = move || {
        let shown = open.get().then(|| device.get_untracked()).flatten();
        shown.map(|one| view! { <Details device=one board /> })
    };
    view! {
        <li class="row device" data-testid="device-row" data-device=id>
            <button
                class="row-main by-hand-child"
                data-testid="device-open"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="row-name">{name}</span>
                <span class="row-hint">{role}<span class="code">{short}</span></span>
            </button>
            <div class="row-end">
                <span>{contact}</span>
                <span class="hint">{move || counts(i18n, device.get().as_ref())}</span>
                {move || device.get().map(|one| view! { <State device=one board /> })}
            </div>
            <div class="device-more">{lines} {details}</div>
        </li>
    }
}

/// What is in the log, and what the device said it has beside that.
fn counts(i18n: I18n, device: Option<&DeviceView>) -> String {
    let Some(device) = device else { return String::new() };
    let logged = i18n.format("device-events", &[("count", device.events.into())]);
    match device.backlog.filter(|count| *count > 0) {
        Some(count) => {
            let waits = i18n.format("device-backlog", &[("count", count.into())]);
            format!("{logged} · {waits}")
        }
        None => logged,
    }
}

/// Says that a device is revoked, replaced or suspended.
#[component]
fn State(
    /// The device.
    device: DeviceView,
    /// The board, for the name of the device that took its place.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let by = device.replaced_by.clone().map(|by| {
        let named = |view: &BoardView| {
            view.devices.iter().find(|one| one.device == by).map(|one| one.name.clone())
        };
        board.read(named).flatten().unwrap_or_else(|| by.clone())
    });
    let replaces = board.read(|view| {
        let id = Some(device.device.clone());
        view.devices.iter().find(|one| one.replaced_by == id).map(|one| one.name.clone())
    });
    let replaces = replaces.flatten();
    let (revoked, state) = (device.revoked, state_name(&device));
    let sentence = move || {
        if let Some(revoked) = revoked {
            let why = i18n.say(revoked.reason);
            let day = i18n.moment(revoked.at_ms);
            return Some(
                i18n.format("device-revoked", &[("day", day.into()), ("why", why.into())]),
            );
        }
        match state {
            "revoking" => Some(i18n.text("device-revoking")),
            "suspended" => Some(i18n.text("device-suspended")),
            _ => None,
        }
    };
    view! {
        <span class="device-state" data-testid="device-state" data-state=state>
            {move || {
                sentence()
                    .map(|said| view! { <span class="warn"><Icon shape=Shape::Stop />{said}</span> })
            }}
            {by
                .map(|name| {
                    move || i18n.format("device-replaced-by", &[("name", name.clone().into())])
                })}
            {replaces
                .map(|name| {
                    move || i18n.format("device-replaces", &[("name", name.clone().into())])
                })}
        </span>
    }
}

fn state_name(device: &DeviceView) -> &'static str {
    match (device.revoked.is_some(), device.revoking, device.suspended) {
        (true, _, _) => "revoked",
        (false, true, _) => "revoking",
        (false, false, true) => "suspended",
        (false, false, false) => "good",
    }
}

/// Shows what else is known, and offers the decisions.
#[component]
fn Details(
    /// The device.
    device: DeviceView,
    /// Where answers are put.
    board: Live<BoardView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let in_force = device.revoked.is_none() && !device.revoking;
    let is_teacher = device.role == Role::Teacher && in_force && !device.suspended;
    let version = device.version.clone();
    let ends = device.certificate_ends_ms;
    let id = StoredValue::new(device.device.clone());
    let replaced = device.replaced_by.is_some();
    view! {
        <div class="device-details">
            {version
                .map(|version| {
                    let said = move || {
                        i18n.format("device-version", &[("version", version.clone().into())])
                    };
                    view! { <p class="hint" data-testid="device-version">{said}</p> }
                })}
            {ends
                .map(|ms| {
                    let said = move || {
                        let day = format!("{} {}", i18n.day(ms), WallTime::from_ms(ms).year);
                        i18n.format("device-certificate", &[("day", day.into())])
                    };
                    view! { <p class="hint">{said}</p> }
                })}
            <Backlog days=device.backlog_days.clone() />
            <div class="actions">
                {(!replaced).then(|| view! { <Replace id /> })}
                {in_force.then(|| view! { <Revoke id board /> })}
                {is_teacher.then(|| view! { <Groups device=device.clone() board /> })}
            </div>
        </div>
    }
}

/// Draws how many events waited at the end of each of the last days.
#[component]
fn Backlog(
    /// The counts, the newest day last.
    days: Vec<u64>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let any = days.iter().any(|count| *count > 0);
    let last = days.len();
    let columns = days.into_iter().enumerate().map(move |(place, value)| Column {
        label: match last - place - 1 {
            0 => "0".to_owned(),
            back => format!("−{back}"),
        },
        value,
    });
    let columns = columns.collect::<Vec<_>>();
    let drawn = move || {
        let head = [i18n.text("backlog-day"), i18n.text("backlog-count")];
        let (name, columns) = (i18n.text("backlog-name"), columns.clone());
        view! { <Columns name head columns test="picture-backlog" /> }
    };
    any.then_some(drawn)
}
