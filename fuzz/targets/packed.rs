//! A packed batch of events: what unpacks packs again to the same bytes.
#![no_main]

use attendance::{PackContext, pack, unpack};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let context = PackContext::empty();
    if let Ok(events) = unpack(data, &context) {
        let again = pack(&events, &context).expect("what was packed can be packed");
        assert_eq!(again, data);
    }
    // And what is no event at all comes back as it was.
    let events: Vec<&[u8]> = data.chunks(40).collect();
    if let Ok(packed) = pack(&events, &context) {
        assert_eq!(unpack(&packed, &context).expect("ours unpacks"), events);
    }
});
