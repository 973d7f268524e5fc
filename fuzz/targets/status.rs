//! A status list and a change of it.
#![no_main]

use attendance::{StatusDelta, StatusList};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(list) = StatusList::parse_kept(data) {
        assert_eq!(list.to_bytes(), data);
        let _revoked = list.contains(700_000);
    }
    if let Ok(delta) = seal::from_canonical::<StatusDelta>(data) {
        assert_eq!(seal::to_canonical(&delta), data);
    }
});
