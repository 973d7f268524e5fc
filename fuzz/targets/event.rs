//! A signed event, as devices send it.
#![no_main]

use attendance::{Event, UnverifiedEvent, event_hash};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(event) = Event::parse(data) {
        assert_eq!(event.to_bytes(), data);
    }
    let Ok(event) = UnverifiedEvent::parse(data) else { return };
    let envelope = seal::Sign1::parse(data).expect("an event is an envelope");
    assert_eq!(envelope.to_bytes(), data);
    assert_eq!(event.event().to_bytes(), envelope.unverified_payload());
    assert_eq!(event.hash(), event_hash(data));
});
