//! A signed event, as devices send it; its form, and what it corrects.
#![no_main]

use attendance::{Event, UnverifiedEvent, event_hash};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(event) = Event::parse(data) {
        assert_eq!(event.to_bytes(), data);
        let _form = event.verify_form();
        if let Some(about) = event.about
            && let Ok(corrected) = event.corrected_by(about, &event)
        {
            assert_eq!(Event::parse(&corrected.to_bytes()).expect("an event"), corrected);
        }
    }
    let Ok(event) = UnverifiedEvent::parse(data) else { return };
    let envelope = seal::Sign1::parse(data).expect("an event is an envelope");
    assert_eq!(envelope.to_bytes(), data);
    assert_eq!(event.event().to_bytes(), envelope.unverified_payload());
    assert_eq!(event.hash(), event_hash(data));
});
