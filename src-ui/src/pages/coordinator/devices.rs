//! The devices of the district: where each stands, and what is put aside.

use ipc::StatusView;
use leptos::prelude::*;

use super::device::Device;
use super::months::AsOf;
use super::parked::Parked;
use super::ticket::NewDevice;
use crate::{
    components::{Loading, Notice, Rows},
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
    let ids = Memo::new(move |_| {
        board.read(|board| board.devices.iter().map(|one| one.device.clone()).collect::<Vec<_>>())
    });
    let list = move || match ids.with(|ids| ids.as_ref().map(Vec::is_empty)) {
        None => view! { <Loading /> }.into_any(),
        Some(true) => view! { <p class="empty-line">{i18n.t("devices-empty")}</p> }.into_any(),
        Some(false) => view! {
            <ul class="rows panel">
                <Rows
                    each=move || ids.get().unwrap_or_default()
                    key=Clone::clone
                    children=move |id| view! { <Device id board now_ms /> }
                />
            </ul>
        }
        .into_any(),
    };
    let strays = move || {
        let lines = board.read(|board| board.parked.clone()).unwrap_or_default();
        (!lines.is_empty()).then(|| {
            view! {
                <section class="panel">
                    <h2>{i18n.t("parked-title")}</h2>
                    <p class="hint">{i18n.t("parked-strays")}</p>
                    {lines.into_iter().map(|line| view! { <Parked line board /> }).collect_view()}
                </section>
            }
        })
    };
    view! {
        <section class="page">
            <AsOf board status />
            <h1>{i18n.t("tab-devices")}</h1>
            <Notice fault=board.fault() />
            <NewDevice />
            {list}
            {strays}
        </section>
    }
}
