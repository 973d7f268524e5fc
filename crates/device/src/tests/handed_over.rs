//! What a device hands over to rebuild its server.

use attendance::LeafKind;

use super::*;

#[test]
fn receipted_events_are_opened_leaves_and_the_others_are_not_left_out() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    let mut log = TestLog::new();
    let receipts = log.take(&device);
    device.store_receipts(&log.note(), &receipts).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    let kept = device.event_at(0).unwrap().unwrap();
    let waiting = device.event_at(1).unwrap().unwrap();
    // The log once showed another root for this size: whoever rebuilds must see that too.
    let mut fork = TestLog::new();
    fork.push(b"another history");
    fork.shown_to(&mut device).unwrap_err();

    let export = device.export().unwrap().unwrap();
    assert_eq!((export.origin.as_str(), export.leaves.len()), (ORIGIN, 1));
    let leaf = &export.leaves[&1];
    assert_eq!((leaf.kind, &leaf.bytes), (LeafKind::Event, &kept.bytes));
    assert_eq!((leaf.salt, &leaf.receipt), (receipts[0].1, &receipts[0].2));
    assert_eq!(export.unreceipted, [waiting.bytes]);
    assert_eq!(export.checkpoints, [log.note(), fork.note()]);
    let own = certificate(TEACHER, Role::Teacher);
    assert_eq!(export.certificates.into_iter().collect::<Vec<_>>(), [own]);
    assert_eq!(export.trust_list, trust_list(5));
}

#[test]
fn visits_of_others_come_with_the_certificate_of_who_recorded_them() {
    let district = District::new();
    let mut teacher = district.teacher();
    teacher.open_lesson(lesson()).unwrap();
    teacher.record_scan(&card(ALPHA), lesson()).unwrap();
    let row = teacher.event_at(1).unwrap().unwrap();
    let mut log = TestLog::new();
    let leaf = log.push(&row.bytes);
    let mut parent = district.parent();
    let visit = seen(&log, &leaf, &row.bytes, TEACHER, Role::Teacher);
    assert_eq!(parent.store_visits(&[visit], &log.note()).unwrap(), 1);
    let export = parent.export().unwrap().unwrap();
    assert_eq!(export.leaves[&leaf.index].bytes, row.bytes);
    assert!(export.certificates.contains(&certificate(TEACHER, Role::Teacher)));
    assert!(export.certificates.contains(&certificate(PARENT, Role::Parent)));
    assert_eq!(export.unreceipted, Vec::<Vec<u8>>::new());
}

#[test]
fn answers_of_families_come_with_the_certificate_of_the_family() {
    let district = District::new();
    let (mut teacher, log, shown) = answers::answered(&district);
    let (leaf, bytes) = (shown[0].leaf_index, shown[0].event.clone());
    assert_eq!(teacher.store_answers(&shown[..1], &log.note(), 9).unwrap(), 1);
    let export = teacher.export().unwrap().unwrap();
    assert_eq!(export.leaves[&leaf].bytes, bytes);
    assert_eq!(export.leaves[&leaf].kind, LeafKind::Event);
    assert!(export.certificates.contains(&certificate(PARENT, Role::Parent)));
}

#[test]
fn device_that_was_never_enrolled_has_nothing_to_hand_over() {
    let district = District::new();
    assert_eq!(district.open(TEACHER).unwrap().export().unwrap(), None);
}
