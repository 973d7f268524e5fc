//! A QR Code on the screen.

use core::fmt::Write as _;

use leptos::prelude::*;

/// Shows a text as a QR Code, with its quiet zone. The words beside it say what it is.
#[component]
pub(crate) fn QrCode(
    /// What it says.
    text: String,
    /// What a screen reader calls it.
    label: Signal<String>,
) -> impl IntoView {
    let symbol = qr::encode(&text, qr::ErrorCorrection::M).ok()?;
    let side = symbol.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..symbol.size() {
        for x in (0..symbol.size()).filter(|x| symbol.is_dark(*x, y)) {
            // writing into a string does not fail
            if write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET).is_err() {
                return None;
            }
        }
    }
    Some(view! {
        <svg
            class="qr-code"
            role="img"
            aria-label=label
            data-testid="qr-code"
            viewBox=format!("0 0 {side} {side}")
        >
            <rect width="100%" height="100%" fill="#fff" />
            <path d=path fill="#000" />
        </svg>
    })
}

/// Light squares around the symbol ([ISO/IEC 18004] 9.1).
///
/// [ISO/IEC 18004]: https://www.iso.org/standard/83389.html
const QUIET: usize = 4;
