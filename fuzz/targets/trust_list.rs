//! The signed trust list, and the root keys it is verified with.
#![no_main]

use attendance::{SignedTrustList, TrustRoots};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(list) = SignedTrustList::parse(data) {
        assert_eq!(list.to_bytes(), data);
    }
    if let Ok(roots) = TrustRoots::parse(data) {
        assert_eq!(roots.to_bytes(), data);
    }
});
