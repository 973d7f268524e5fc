//! The decoder, which is no part of this program: `decoder.js` loads it when a scanner opens.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};

use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlVideoElement};

/// What was read in one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Read {
    /// The texts, in reading order.
    pub(super) texts: Vec<String>,
    /// When the frame was taken, in milliseconds of the page's clock.
    pub(super) seen_ms: f64,
}

/// Reads pictures beside the page. One for all scanners that are open; it ends with the last of them.
#[derive(Clone)]
pub(super) struct Decoder(Rc<Owned>);

struct Owned(Js);

impl Decoder {
    /// Takes the one that is open, or opens it.
    pub(super) fn shared() -> Self {
        OPEN.with_borrow_mut(|open| {
            if let Some(owned) = open.upgrade() {
                return Self(owned);
            }
            let owned = Rc::new(Owned(Js::new()));
            *open = Rc::downgrade(&owned);
            Self(owned)
        })
    }

    /// Waits until it is loaded: `worker` or `page`, where it runs; `None` if it cannot be had.
    pub(super) async fn place(&self) -> Option<String> {
        JsFuture::from(self.0.0.place()).await.ok()?.as_string()
    }

    /// Waits for the next frame of a video and reads it. `None` if no frame came for a while.
    pub(super) async fn frame(&self, video: &HtmlVideoElement) -> Option<Read> {
        let read = JsFuture::from(self.0.0.frame(video)).await.ok()?;
        if read.is_null() {
            return None;
        }
        let texts = texts_of(&Reflect::get(&read, &"texts".into()).ok()?);
        let seen_ms = Reflect::get(&read, &"seen".into()).ok()?.as_f64()?;
        if !texts.is_empty() {
            measure("scan-read", seen_ms);
        }
        Some(Read { texts, seen_ms })
    }

    /// Reads a picture file. `None` if the browser cannot open it.
    pub(super) async fn picture(&self, file: &File) -> Option<Vec<String>> {
        JsFuture::from(self.0.0.picture(file)).await.ok().map(|texts| texts_of(&texts))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn texts_of(texts: &JsValue) -> Vec<String> {
    Array::from(texts).iter().filter_map(|text| text.as_string()).collect()
}

thread_local! {
    static OPEN: RefCell<Weak<Owned>> = const { RefCell::new(Weak::new()) };
}

#[wasm_bindgen(raw_module = "./decoder.js")]
extern "C" {
    #[wasm_bindgen(js_name = Decoder)]
    type Js;

    #[wasm_bindgen(constructor, js_class = "Decoder")]
    fn new() -> Js;

    #[wasm_bindgen(method)]
    fn place(this: &Js) -> Promise;

    #[wasm_bindgen(method)]
    fn frame(this: &Js, video: &HtmlVideoElement) -> Promise;

    #[wasm_bindgen(method)]
    fn picture(this: &Js, file: &File) -> Promise;

    #[wasm_bindgen(method)]
    fn close(this: &Js);

    /// Notes how long something took since a moment of the page's clock, as a *measure* of the
    /// browser's (W3C User Timing), for whoever watches: nothing is kept.
    pub(crate) fn measure(name: &str, start_ms: f64);
}
