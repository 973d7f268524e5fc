//! A picture file: a photograph of a card, or a card that was sent by a messenger.

use ipc::ScanSource;
use leptos::{ev::Event, prelude::*, task::spawn_local};
use web_sys::HtmlInputElement;

use super::{Scanned, decoder::Decoder};
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
            let texts = Decoder::shared().picture(&file).await;
            input.set_value("");
            let (next, texts) = match texts {
                None => (Some(Read::Unreadable), Vec::new()),
                Some(texts) if texts.is_empty() => (Some(Read::Nothing), texts),
                Some(texts) => (None, texts),
            };
            if state.try_set(next).is_none() {
                for text in texts {
                    on_scan.run(Scanned { text, source: ScanSource::Image, seen_ms: None });
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
