//! A checkpoint, its signed note and a verifier key (C2SP).
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::{Checkpoint, SignedNote, VerifierKey};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(note) = SignedNote::parse(text) {
        assert!(text.starts_with(note.unverified_text()));
        assert_eq!(note.to_string(), text);
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        // Lines after the third are extensions, which we do not keep.
        assert!(text.starts_with(&checkpoint.to_text()));
    }
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text);
    }
});
