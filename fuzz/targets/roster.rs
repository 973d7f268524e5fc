//! A signed roster.
#![no_main]

use attendance::Roster;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(roster) = Roster::parse_kept(data) else { return };
    let envelope = seal::Sign1::parse(data).expect("a roster is an envelope");
    assert_eq!(roster.to_bytes(), envelope.unverified_payload());
});
