//! The text of a card, and the bytes in it.
#![no_main]

use attendance::{QrText, UnverifiedCard};
use libfuzzer_sys::fuzz_target;

fn look(text: &str) {
    let Ok(read) = QrText::parse(text) else { return };
    assert_eq!(format!("OB1:{}", base45::encode(read.bytes())), text.trim());
    let Ok(card) = UnverifiedCard::parse(&read) else { return };
    let envelope = seal::Sign1::parse(read.bytes()).expect("a card is an envelope");
    assert_eq!(envelope.to_bytes(), read.bytes());
    assert_eq!(seal::to_canonical(card.claims()), envelope.unverified_payload());
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        look(text);
    }
    look(&format!("OB1:{}", base45::encode(data)));
});
