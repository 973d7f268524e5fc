//! What a witness and its client read: a request, the witness's own state, a key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::witness::LastCosigned;
use tlog::{AddCheckpoint, WitnessKey};

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = AddCheckpoint::parse(data) {
        assert_eq!(request.to_string().as_bytes(), data);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(state) = LastCosigned::parse(text) {
        assert_eq!(state.to_string(), text);
    }
    if let Ok(key) = WitnessKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
});
