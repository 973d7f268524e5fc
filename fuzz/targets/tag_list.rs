//! A list of tags.
#![no_main]

use attendance::{TagKey, TagList};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(list) = TagList::parse_kept(data) else { return };
    let envelope = seal::Sign1::parse(data).expect("a list is an envelope");
    assert_eq!(seal::to_canonical(&list), envelope.unverified_payload());
    let key = TagKey::from_slice(&[7; 32]).expect("32 bytes");
    for leaf in list.leaves_of(&key) {
        assert!(list.first <= leaf && leaf < list.next());
    }
});
