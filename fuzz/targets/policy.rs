//! A policy: whom to believe. What is written without comments is read as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::Policy;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(policy) = Policy::parse(text) else { return };
    let written = policy.to_string();
    let again = Policy::parse(&written).expect("what we write parses");
    assert_eq!(again, policy);
    assert_eq!(again.to_string(), written);
});
