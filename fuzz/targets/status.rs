//! A status list and a change of it, signed and as they are kept.
#![no_main]

use attendance::{StatusDelta, StatusList};
use libfuzzer_sys::fuzz_target;

fn look(payload: &[u8]) {
    if let Ok(list) = StatusList::parse_kept(payload) {
        assert_eq!(list.to_bytes(), payload);
        assert!(list.revoked().is_sorted_by(|a, b| a < b));
        assert!(list.revoked().iter().all(|index| list.contains(*index)));
    }
    if let Ok(delta) = seal::from_canonical::<StatusDelta>(payload) {
        assert_eq!(seal::to_canonical(&delta), payload);
    }
}

fuzz_target!(|data: &[u8]| {
    look(data);
    if let Ok(envelope) = seal::Sign1::parse(data) {
        look(envelope.unverified_payload());
    }
});
