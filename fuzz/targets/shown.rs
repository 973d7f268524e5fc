//! Texts and bytes of rotating codes, challenges and answers.
#![no_main]

use attendance::{
    ANSWER_PREFIX, CHALLENGE_PREFIX, ROTATING_PREFIX, Shown, UnverifiedAnswer, UnverifiedChallenge,
    UnverifiedRotating,
};
use libfuzzer_sys::fuzz_target;

fn look(text: &str) {
    let Ok(shown) = Shown::parse(text) else { return };
    let (prefix, bytes) = match shown {
        Shown::Rotating(code) => (ROTATING_PREFIX, code.to_bytes()),
        Shown::Challenge(challenge) => (CHALLENGE_PREFIX, challenge.to_bytes()),
        Shown::Answer(answer) => (ANSWER_PREFIX, answer.to_bytes()),
        _ => return,
    };
    assert_eq!(format!("{prefix}{}", base45::encode(&bytes)), text.trim());
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        look(text);
    }
    for prefix in [ROTATING_PREFIX, CHALLENGE_PREFIX, ANSWER_PREFIX] {
        look(&format!("{prefix}{}", base45::encode(data)));
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
