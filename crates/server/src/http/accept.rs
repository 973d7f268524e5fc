//! What the other side wants to read.

use axum::http::{HeaderMap, header};

/// Tells whether a media type is asked for by its name, whatever its parameters. No weights are read: a
/// client that knows the name prefers it.
pub(super) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let wanted = essence(media_type);
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|one| essence(one) == wanted)
}

fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}
