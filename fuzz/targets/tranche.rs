//! A tranche, and the snapshot it was computed from.
#![no_main]

use ledger::{Snapshot, Tranche};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(tranche) = Tranche::parse(data) {
        assert_eq!(tranche.to_bytes(), data);
    }
    if let Ok(json) = std::str::from_utf8(data)
        && let Ok(snapshot) = Snapshot::parse(json)
    {
        let written = snapshot.to_canonical_json();
        assert_eq!(Snapshot::parse(&written).expect("what we write parses"), snapshot);
    }
});
