//! Telling "newer than this app" from "broken": the format number that every payload begins with.

use minicbor::Decoder;

/// Reads field 0 of a CBOR map, where our payloads keep the number of their format. A newer format
/// need not decode as ours, but it keeps this field.
pub(crate) fn leading_version(payload: &[u8]) -> Option<u64> {
    let mut d = Decoder::new(payload);
    d.map().ok().flatten()?;
    if d.u8().ok()? == 0 { d.u64().ok() } else { None }
}
