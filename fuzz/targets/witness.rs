//! What a witness and its client read: a request, its own state, a policy.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::{AddCheckpoint, Policy, TlogProof, WitnessKey};

fuzz_target!(|data: &[u8]| {
    if let Ok(request) = AddCheckpoint::parse(data) {
        assert_eq!(request.to_string().as_bytes(), data);
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(policy) = Policy::parse(text) {
        let written = policy.to_string();
        assert_eq!(Policy::parse(&written).expect("what we write parses").to_string(), written);
    }
    if let Ok(proof) = TlogProof::parse(text) {
        assert_eq!(proof.to_string(), text);
    }
    if let Ok(key) = WitnessKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
});
