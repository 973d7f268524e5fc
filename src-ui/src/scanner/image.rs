//! A picture file: a photograph of a card, or a card that was sent by a messenger.

use ipc::ScanSource;
use leptos::{ev::Event, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, HtmlInputElement, ImageBitmap};

use super::{Scanned, picture::Canvas};
use crate::{
    components::{Icon, Shape},
    i18n::I18n,
};

/// What became of a picture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Read {
    /// It is being read.
    Busy,
    /// There is no code in it.
    Nothing,
    /// The browser cannot open it.
    Unreadable,
}

/// Takes a picture file and reports every code in it.
#[component]
pub(crate) fn ImageFile(
    /// Reports a text.
    on_scan: Callback<Scanned>,
) -> impl IntoView {
    let i18n = I18n::expect();
    let state = RwSignal::new(None::<Read>);
    let chosen = move |event: Event| {
        let input: HtmlInputElement = event_target(&event);
        let file = input.files().and_then(|files| files.item(0));
        // the same file may be chosen again
        let Some(file) = file else { return };
        state.set(Some(Read::Busy));
        spawn_local(async move {
            let texts = read(&file).await;
            input.set_value("");
            let (next, texts) = match texts {
                None => (Some(Read::Unreadable), Vec::new()),
                Some(texts) if texts.is_empty() => (Some(Read::Nothing), texts),
                Some(texts) => (None, texts),
            };
            if state.try_set(next).is_none() {
                for text in texts {
                    on_scan.run(Scanned { text, source: ScanSource::Image });
                }
            }
        });
    };
    let sentence = move || {
        state.get().map(|read| match read {
            Read::Busy => i18n.text("image-busy"),
            Read::Nothing => i18n.text("image-nothing"),
            Read::Unreadable => i18n.text("image-unreadable"),
        })
    };
    view! {
        <div class="image-source">
            <label class="button quiet file-button">
                <Icon shape=Shape::Picture />
                <span>{i18n.t("image-choose")}</span>
                <input
                    type="file"
                    accept="image/*"
                    class="visually-hidden"
                    data-testid="image-input"
                    on:change=chosen
                />
            </label>
            <p class="hint" role="status" data-testid="image-state">{sentence}</p>
        </div>
    }
}

/// Reads the codes of a picture: first small, then larger, because small is fast and forgiving.
async fn read(file: &File) -> Option<Vec<String>> {
    let opening = window().create_image_bitmap_with_blob(file).ok()?;
    let bitmap: ImageBitmap = JsFuture::from(opening).await.ok()?.unchecked_into();
    let canvas = Canvas::new()?;
    let longest = bitmap.width().max(bitmap.height());
    let mut texts = Vec::new();
    for (at, side_px) in SIDES_PX.into_iter().enumerate() {
        let is_larger = at == 0 || longest > SIDES_PX[at - 1];
        if texts.is_empty() && is_larger {
            texts = qr::decode(&canvas.bitmap(&bitmap, side_px)?.as_luma());
        }
    }
    bitmap.close();
    Some(texts)
}

const SIDES_PX: [u32; 3] = [900, 1_800, 3_600];
