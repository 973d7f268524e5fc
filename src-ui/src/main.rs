//! The screens of Qatysu: teacher, parent, coordinator.
//!
//! Absent on purpose: keys, signatures, rules and storage. All state that matters lives behind the
//! shell; this page may be loaded again at any moment without loss. Also absent, for now: the
//! printing of other cards than a family's own, signals, and the provider's and issuer's console.
//!
//! # Invariants
//! - Only [`invoke`] knows which shell answers; only `ipc` and `qr` are known of the other rooms.
//! - The text of a code goes to `record_scan` unread.
//! - Times are computed at +05:00 from milliseconds, sums from whole tiyn.
//! - "Sent" is never shown as done: see [`components::MarkBadge`].
//!
//! Start at [`app::App`].
// The small build has no `Debug` texts: what a page shows, compares or is tested by must not be one.
#![cfg_attr(not(test), deny(clippy::use_debug))]
#![expect(unreachable_pub, reason = "the component macro makes the fields of its props `pub`")]

mod app;
mod awake;
mod base64;
mod components;
mod i18n;
mod invoke;
mod json;
mod live;
mod money;
mod number;
mod pages;
mod route;
mod scanner;
mod sound;
mod time;

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

fn main() {
    // The small build ends without words, and is smaller for it.
    if cfg!(debug_assertions) {
        std::panic::set_hook(Box::new(|panic| {
            web_sys::console::error_1(&panic.to_string().into());
        }));
    }
    // The page's own way to run futures begins with the page.
    wasm_bindgen_futures::spawn_local(async {
        // Without its file a language shows its keys: better than an empty page.
        i18n::load(i18n::Locale::remembered()).await;
        let root = document().get_element_by_id("app").expect("index.html has #app");
        root.set_inner_html("");
        mount_to(root.unchecked_into(), app::App).forget();
    });
}
