//! A packed batch of events: what unpacks packs again to the same bytes, with a roster and without.
#![no_main]

use attendance::{
    CardId, ChildId, GroupId, LessonId, PackContext, PackedHeader, ProviderId, Roster, RosterChild,
    RosterGroup, RosterLesson, RosterProvider, VoucherId, WindowParams, pack, unpack,
};
use libfuzzer_sys::fuzz_target;

fn roster() -> Roster {
    let (group, provider) = (GroupId([2; 8]), ProviderId([1; 8]));
    let child = |number: u8| RosterChild {
        id: ChildId([number; 12]),
        name: String::new(),
        voucher: VoucherId([number; 8]),
        group,
        card: CardId([number; 8]),
        card_hash: Some(seal::sha256(&[number])),
    };
    Roster {
        version: 7,
        providers: vec![RosterProvider { id: provider, name: String::new() }],
        groups: vec![RosterGroup { id: group, provider, name: String::new() }],
        lessons: vec![RosterLesson {
            id: LessonId([3; 8]),
            group,
            start_ms: 0,
            end_ms: 1,
            moved_from_ms: None,
            cancelled: None,
        }],
        children: vec![child(1), child(2)],
        window: WindowParams {
            open_before_min: 30,
            close_after_min: 15,
            scan_early_min: 20,
            scan_late_min: 10,
            late_min: 15,
        },
        windows: None,
    }
}

fuzz_target!(|data: &[u8]| {
    let roster = roster();
    let known = PackContext::of(&roster);
    // A batch has its roster's name in it, which nobody finds by chance: it is put there.
    let named = PackedHeader::parse(data).ok().is_some_and(|header| header.roster().is_some());
    let data = if named {
        let name = seal::to_canonical(&known.name().expect("a roster has a name"));
        let length = name.len().min(data.len().saturating_sub(2));
        [&data[..2], &name, &data[2 + length..]].concat()
    } else {
        data.to_vec()
    };
    for context in [PackContext::empty(), known] {
        if let Ok(events) = unpack(&data, &context) {
            let again = pack(&events, &context).expect("what was packed can be packed");
            assert_eq!(again, data);
        }
        // And what is no event at all comes back as it was.
        let events: Vec<&[u8]> = data.chunks(40).collect();
        if let Ok(packed) = pack(&events, &context) {
            assert_eq!(unpack(&packed, &context).expect("ours unpacks"), events);
        }
    }
});
