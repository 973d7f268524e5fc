//! A device certificate and the envelope of everything that one key signs.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(envelope) = seal::Sign1::parse(data) else { return };
    assert_eq!(envelope.to_bytes(), data);
    let payload = envelope.unverified_payload();
    if let Ok(certificate) = seal::from_canonical::<attendance::DeviceCertificate>(payload) {
        assert_eq!(seal::to_canonical(&certificate), payload);
    }
});
