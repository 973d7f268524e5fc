//! Keeps the screen on while a page is open, where the browser can
//! ([Screen Wake Lock](https://www.w3.org/TR/screen-wake-lock/)).

use js_sys::{Function, Promise, Reflect};
use leptos::{ev, prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::VisibilityState;

/// Keeps the screen on until the component that calls is left. A browser lets go whenever the page is
/// hidden, so it is asked again when the page comes back.
pub(crate) fn keep_awake() {
    // It is of this page alone and never sent to another thread.
    let held = StoredValue::new_local(None::<JsValue>);
    let ask = move || {
        spawn_local(async move {
            if let Some(lock) = request().await
                && held.try_set_value(Some(lock.clone())).is_some()
            {
                // The page was left meanwhile.
                release(&lock);
            }
        });
    };
    ask();
    let shown = window_event_listener(ev::focus, move |_| {
        if document().visibility_state() == VisibilityState::Visible {
            ask();
        }
    });
    on_cleanup(move || {
        shown.remove();
        if let Some(lock) = held.try_get_value().flatten() {
            release(&lock);
        }
    });
}

async fn request() -> Option<JsValue> {
    let locks = Reflect::get(&window().navigator(), &"wakeLock".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let asked: Promise = request.call1(&locks, &"screen".into()).ok()?.dyn_into().ok()?;
    JsFuture::from(asked).await.ok()
}

fn release(lock: &JsValue) {
    let release = Reflect::get(lock, &"release".into()).ok();
    if let Some(release) = release.and_then(|release| release.dyn_into::<Function>().ok()) {
        // A lock that is gone already is as good.
        drop(release.call0(lock));
    }
}
