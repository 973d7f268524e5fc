//! What a device hands over to rebuild a server.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sync_api::SignedExport;

fuzz_target!(|data: &[u8]| {
    let Ok(export) = SignedExport::parse(data) else { return };
    assert_eq!(export.to_bytes(), data);
    // Whoever signed it: the payload is the one encoding of what was read.
    let payload = seal::to_canonical(export.unverified());
    let envelope = seal::Sign1::parse(data).expect("it was parsed as one");
    assert_eq!(payload, envelope.unverified_payload());
});
