//! Frames and feedback, one after the other, into one collector: each begins with its length.
#![no_main]

use carriage::{Collected, Collector, Feedback, Frame, Limits, TransferId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut collector = Collector::new(Limits { object_bytes: 4_096, transfers: 2 });
    let mut rest = data;
    while let Some((length, after)) = rest.split_first() {
        let (bytes, after) = after.split_at(after.len().min(usize::from(*length)));
        rest = after;
        if let Ok(feedback) = Feedback::parse(bytes) {
            assert_eq!(feedback.to_bytes(), bytes);
        }
        let Ok(frame) = Frame::parse(bytes) else { continue };
        assert_eq!(frame.to_bytes(), bytes);
        if let Collected::Whole(id, object) = collector.add(frame) {
            assert_eq!(TransferId::of(seal::sha256(&object)), id);
        }
    }
    if let Ok(text) = core::str::from_utf8(data)
        && let Ok(frame) = Frame::parse_text(text)
    {
        assert_eq!(frame.to_text(), text.trim());
    }
});
