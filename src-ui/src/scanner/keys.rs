//! A hand scanner types wherever the focus is; while the scan page is open, it need not be aimed.

use ipc::ScanSource;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, EventTarget, KeyboardEvent};

use super::Scanned;

/// Collects keys that no field takes; Enter reports them. Ends with the page.
pub(crate) fn listen_to_hand_scanner(on_scan: Callback<Scanned>) {
    let typed = StoredValue::new(String::new());
    let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || takes_keys(event.target()) {
            return;
        }
        let key = event.key();
        if key == "Enter" {
            let text = typed.try_update_value(std::mem::take).unwrap_or_default();
            if text.chars().count() >= SHORTEST {
                event.prevent_default();
                let _ = on_scan.try_run(Scanned { text, source: ScanSource::Typed, seen_ms: None });
            }
        } else if key.chars().count() == 1 {
            typed.update_value(|typed| {
                if typed.len() < LONGEST {
                    typed.push_str(&key);
                }
            });
        }
    });
    on_cleanup(move || handle.remove());
}

/// True if the key belongs to a field or a button.
fn takes_keys(target: Option<EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| {
        ["INPUT", "TEXTAREA", "SELECT"].contains(&element.tag_name().as_str())
    })
}

const SHORTEST: usize = 8;
const LONGEST: usize = 2_000;
