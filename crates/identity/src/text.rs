//! From the text of a QR Code to the bytes in it ([RFC 9285], Base45).
//!
//! [RFC 9285]: https://www.rfc-editor.org/rfc/rfc9285

use crate::rejection::{IdentityRejection, malformed};

/// Reads the packed bytes of a text, with or without the prefix of health certificates.
pub(crate) fn read(text: &str) -> Result<Vec<u8>, IdentityRejection> {
    let text = text.trim();
    // Counts no further than the limit, however long the text.
    if text.chars().nth(TEXT_MAX_CHARS).is_some() {
        return Err(malformed("longer than 2000 characters"));
    }
    let body = text.strip_prefix(HEALTH_PREFIX).unwrap_or(text);
    let bytes = base45::decode(body).map_err(|_| malformed("not Base45"))?;
    // The decoder alone takes a final pair above 255 and drops its high bits (RFC 9285 §4).
    if base45::encode(&bytes) == body { Ok(bytes) } else { Err(malformed("not Base45")) }
}

const TEXT_MAX_CHARS: usize = 2000;
/// Begins the text of health certificates, version 1.
const HEALTH_PREFIX: &str = "HC1:";
