//! Texts and bytes of rotating codes, challenges and answers.
#![no_main]

use attendance::{Shown, UnverifiedAnswer, UnverifiedChallenge, UnverifiedRotating};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _shown = Shown::parse(text);
    }
    if let Ok(code) = UnverifiedRotating::parse_bytes(data) {
        assert_eq!(code.to_bytes(), data);
    }
    if let Ok(challenge) = UnverifiedChallenge::parse_bytes(data) {
        assert_eq!(challenge.to_bytes(), data);
    }
    if let Ok(answer) = UnverifiedAnswer::parse_bytes(data) {
        assert_eq!(answer.to_bytes(), data);
    }
});
