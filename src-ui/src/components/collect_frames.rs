//! The other side of an animated QR: the camera, and how far it is.

use ipc::{Brought, CollectedView};
use leptos::{prelude::*, task::spawn_local};

use super::Notice;
use crate::{
    i18n::I18n,
    invoke,
    scanner::{Frames, Scanned},
};

/// Takes frames from another screen until something is whole.
#[component]
pub(crate) fn CollectFrames(
    /// Told what came.
    on_brought: Callback<Brought>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let (far, fault) = (RwSignal::new(None::<(u32, u32)>), RwSignal::new(None::<ipc::ErrorView>));
    let on_scan = Callback::new(move |scanned: Scanned| {
        // A card or a ticket in sight is not meant.
        if !scanned.text.starts_with(FRAME_PREFIX) {
            return;
        }
        spawn_local(async move {
            match invoke::collect_frame(scanned.text).await {
                Ok(CollectedView { received, needed, brought }) => {
                    if far.try_set(Some((received, needed))).is_none()
                        && let Some(brought) = brought
                    {
                        fault.set(None);
                        on_brought.run(brought);
                    }
                }
                Err(why) => drop(fault.try_set(Some(why))),
            }
        });
    });
    let progress = move || {
        far.get().map(|(received, needed)| {
            let percent = u64::from(received.min(needed)) * 100 / u64::from(needed.max(1));
            view! {
                <progress max="100" value=percent.to_string() aria-label=i18n.t("collect-progress")></progress>
                <p data-testid="collect-progress" data-percent=percent.to_string()>
                    {move || i18n.format("collect-percent", &[("count", percent.into())])}
                </p>
            }
        })
    };
    view! {
        <div class="collect-frames">
            <Frames on_scan />
            <div role="status">{progress}</div>
            <Notice fault=fault.into() />
        </div>
    }
}

/// How the text of a frame begins.
const FRAME_PREFIX: &str = "OF1:";
