//! The devices of the district and when each was last heard of.

use ipc::{DeviceView, StatusView};
use leptos::prelude::*;

use super::months::AsOf;
use crate::{
    components::{Loading, Notice},
    i18n::I18n,
    invoke,
    live::Live,
};

/// Shows the devices.
#[component]
pub(crate) fn Devices(
    /// Who this device is.
    status: Live<StatusView>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let board = Live::new(invoke::board);
    let now_ms = Memo::new(move |_| status.read(|status| status.clock.now_ms));
    let list = move || match board.read(|board| board.devices.clone()) {
        None => view! { <Loading /> }.into_any(),
        Some(devices) if devices.is_empty() => {
            view! { <p class="empty-line">{i18n.t("devices-empty")}</p> }.into_any()
        }
        Some(devices) => {
            let rows = devices.into_iter().map(|device| view! { <Device device now_ms /> });
            view! { <ul class="rows panel">{rows.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <section class="page">
            <AsOf board status />
            <h1>{i18n.t("tab-devices")}</h1>
            <Notice fault=board.fault() />
            {list}
        </section>
    }
}

/// Shows a device.
#[component]
fn Device(
    /// The device.
    device: DeviceView,
    /// What this device takes the time to be.
    now_ms: Memo<Option<i64>>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (role, contact_ms) = (device.role, device.last_contact_ms);
    let events = device.events;
    let parked = device.parked.into_iter().map(|parked| {
        let (why, count) = (parked.why, parked.count);
        let line = move || {
            let count = i18n.format("sync-parked", &[("count", count.into())]);
            format!("{count} {}", i18n.say(why))
        };
        view! { <span class="hint warn">{line}</span> }
    });
    let short: String = device.device.chars().take(8).collect();
    let contact = move || match (contact_ms, now_ms.get()) {
        (Some(ms), Some(now_ms)) => i18n.ago(ms, now_ms),
        (Some(ms), None) => i18n.moment(ms),
        (None, _) => i18n.text("never"),
    };
    view! {
        <li class="row" data-testid="device-row" data-device=device.device>
            <div class="row-main">
                <span class="row-name">{device.name}</span>
                <span class="row-hint">
                    {move || i18n.say(role)}
                    <span class="code">{short}</span>
                </span>
                {parked.collect_view()}
            </div>
            <div class="row-end">
                <span>{contact}</span>
                <span class="hint">
                    {move || i18n.format("device-events", &[("count", events.into())])}
                </span>
            </div>
        </li>
    }
}
