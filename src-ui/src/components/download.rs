//! A text that becomes a file of the person's own.

use js_sys::{Array, Uint8Array};
use leptos::prelude::document;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Gives a text to the browser's downloads under a name.
pub(crate) fn download(name: &str, kind: &str, text: &str) {
    // the browser says itself when it cannot keep the file
    drop(offer(name, kind, &JsValue::from_str(text)));
}

/// Gives bytes to the browser's downloads under a name.
pub(crate) fn download_bytes(name: &str, bytes: &[u8]) {
    let array: JsValue = Uint8Array::from(bytes).into();
    drop(offer(name, "application/octet-stream", &array));
}

fn offer(name: &str, kind: &str, content: &JsValue) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = Array::of1(content);
    let blob = Blob::new_with_blob_sequence_and_options(&parts, &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    leptos::prelude::set_timeout(
        move || drop(Url::revoke_object_url(&address)),
        std::time::Duration::from_secs(60),
    );
    Ok(())
}
