//! The platform's scanner: one code a time, full screen, only in the app on Android and iOS.

use ipc::ScanSource;
use leptos::{prelude::*, task::spawn_local};

use super::Scanned;
use crate::{
    components::{Icon, Shape},
    i18n::I18n,
    invoke::{NativeScanFault, has_native_scanner, native_scan},
};

/// Offers the platform's scanner where there is one.
#[component]
pub(crate) fn Native(
    /// Reports a text.
    on_scan: Callback<Scanned>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let busy = RwSignal::new(false);
    let fault = RwSignal::new(None::<NativeScanFault>);
    let scan = move |_| {
        busy.set(true);
        fault.set(None);
        spawn_local(async move {
            let scanned = native_scan().await;
            if busy.try_set(false).is_some() {
                return; // the page was left
            }
            match scanned {
                Ok(text) => {
                    on_scan.run(Scanned { text, source: ScanSource::Native, seen_ms: None });
                }
                Err(why) => fault.set(Some(why)),
            }
        });
    };
    let sentence = move || {
        fault.get().map(|fault| match fault {
            NativeScanFault::Denied => i18n.text("camera-denied"),
            NativeScanFault::NoModel => i18n.text("native-no-model"),
            NativeScanFault::Stopped => i18n.text("native-stopped"),
        })
    };
    has_native_scanner().then(|| {
        view! {
            <div class="native-source">
                <button
                    class="button quiet"
                    data-testid="native-scan"
                    disabled=move || busy.get()
                    on:click=scan
                >
                    <Icon shape=Shape::Camera />
                    <span>{i18n.t("native-scan")}</span>
                </button>
                <p class="hint" role="status">{sentence}</p>
            </div>
        }
    })
}
