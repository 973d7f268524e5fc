//! Marks that are taken back or corrected, and children who leave.

use attendance::{EventKind, ManualReason, Withdrawal};

use super::*;
use crate::{Outcome, RecordError, UNDO_MS};

fn counts(device: &Device) -> (u32, u32) {
    let row = device.lesson(lesson()).unwrap().unwrap();
    (row.present, row.guests)
}

fn scanned(device: &mut Device, child: ChildId) -> Hash {
    device.record_scan(&card(child), lesson()).unwrap().event.unwrap()
}

fn opened(district: &District) -> Device {
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    device
}

#[test]
fn undo_takes_a_mark_back_and_the_next_scan_is_a_new_one() {
    let district = District::new();
    let mut device = opened(&district);
    let mark = scanned(&mut device, ALPHA);
    let void = device.withdraw(mark, None).unwrap();
    assert_eq!(device.withdraw(mark, None).unwrap(), void, "once");
    let event = event_at(&device, 2);
    assert_eq!(
        (event.kind, event.about, event.verify_form()),
        (EventKind::Void, Some(mark), Ok(()))
    );
    assert_eq!((event.child, event.lesson), (Some(ALPHA), Some(lesson())));
    assert_eq!((event.provider, event.document), (Some(PROVIDER), None));

    assert_eq!(counts(&device), (0, 0));
    let row = device.register(lesson()).unwrap().remove(0);
    assert_eq!((row.child.id, row.visit), (ALPHA, None));
    assert_eq!(row.withdrawn.map(|withdrawn| (withdrawn.event, withdrawn.why)), Some((void, None)));
    let visit = device.visits().unwrap().remove(0);
    assert_eq!(
        visit.withdrawn.map(|withdrawn| withdrawn.event),
        Some(void),
        "and it is still shown"
    );

    let again = device.record_scan(&card(ALPHA), lesson()).unwrap();
    assert_eq!(again.outcome, Outcome::Kept);
    assert_ne!(again.event, Some(mark));
    assert_eq!(counts(&device), (1, 0));
    let row = device.register(lesson()).unwrap().remove(0);
    assert_eq!(row.visit.map(|visit| visit.event), again.event);
}

#[test]
fn later_a_reason_is_asked() {
    let district = District::new();
    let mut device = opened(&district);
    let mark = scanned(&mut device, ALPHA);
    district.set_clock(START_MS + i64::try_from(UNDO_MS).unwrap());
    device.withdraw(mark, None).unwrap();
    let mark = scanned(&mut device, ALPHA);
    district.set_clock(START_MS + 2 * i64::try_from(UNDO_MS).unwrap() + 1);
    assert!(matches!(device.withdraw(mark, None), Err(RecordError::NeedsReason)));
    device.close_lesson(lesson()).unwrap();
    for why in Withdrawal::ALL {
        let void = device.withdraw(mark, Some(why)).unwrap();
        assert_eq!(device.withdraw(mark, None).unwrap(), void);
    }
    let visit = device.visit(mark).unwrap().unwrap();
    assert_eq!(
        visit.withdrawn.unwrap().why,
        Some(Withdrawal::ALL[0]),
        "the first withdrawal counts"
    );
    assert_eq!(event_at(&device, 5).verify_form(), Ok(()));
}

#[test]
fn only_own_marks_are_withdrawn_and_only_marks() {
    let district = District::new();
    let mut device = opened(&district);
    let mark = scanned(&mut device, ALPHA);
    let opening = device.event_at(0).unwrap().unwrap().hash;
    assert!(matches!(device.withdraw(opening, None), Err(RecordError::NotWithdrawable)));
    let void = device.withdraw(mark, None).unwrap();
    assert!(matches!(device.withdraw(void, None), Err(RecordError::NotWithdrawable)));
    let unknown = device.withdraw(Hash([1; 32]), None);
    assert!(matches!(unknown, Err(RecordError::VisitUnknown)));
    assert_eq!(device.chain_head().unwrap().seq_next, 3);
}

#[test]
fn mark_of_the_wrong_child_is_corrected() {
    let district = District::new();
    let mut device = opened(&district);
    let mark = scanned(&mut device, ALPHA);
    let stranger = device.correct_child(mark, STRANGER);
    assert!(matches!(stranger, Err(RecordError::ChildUnknown)));
    assert_eq!(device.correct_child(mark, ALPHA).unwrap(), mark, "it is this child's already");
    let correction = device.correct_child(mark, BETA).unwrap();
    assert_eq!(device.correct_child(mark, BETA).unwrap(), correction);
    let event = event_at(&device, 2);
    assert_eq!((event.kind, event.verify_form()), (EventKind::Correct, Ok(())));
    assert_eq!((event.child, event.voucher), (Some(BETA), Some(VoucherId([11; 8]))));
    assert_eq!((event.lesson, event.reason), (None, None), "what stays is not said again");

    let rows = device.register(lesson()).unwrap();
    let came: Vec<_> = rows.iter().map(|row| row.visit.map(|visit| visit.event)).collect();
    assert_eq!(came, [None, Some(mark)]);
    assert_eq!(device.visits().unwrap()[0].child, BETA);
    let beta = device.record_scan(&card(BETA), lesson()).unwrap();
    assert_eq!((beta.outcome, beta.event), (Outcome::Already, Some(mark)));
    assert_eq!(device.record_scan(&card(ALPHA), lesson()).unwrap().outcome, Outcome::Kept);
    assert!(matches!(device.correct_child(mark, ALPHA), Err(RecordError::AlreadyMarked)));
    assert_eq!(counts(&device), (2, 0));
}

#[test]
fn who_left_is_not_in_the_building_until_it_comes_back() {
    let district = District::new();
    let mut device = opened(&district);
    let inside = |device: &Device| {
        let rows = device.inside(START_MS, START_MS + 1).unwrap();
        rows.into_iter().map(|row| row.child).collect::<Vec<_>>()
    };
    let leaves =
        |device: &mut Device| device.record_leaving(ALPHA, lesson(), ManualReason::NoCamera);
    assert!(matches!(leaves(&mut device), Err(RecordError::VisitUnknown)));
    let mark = scanned(&mut device, ALPHA);
    scanned(&mut device, STRANGER);
    assert_eq!(inside(&device), [STRANGER, ALPHA], "also who is on no roster");
    let left = leaves(&mut device).unwrap();
    assert_eq!(leaves(&mut device).unwrap(), left);
    let event = event_at(&device, 3);
    assert_eq!((event.kind, event.verify_form()), (EventKind::Out, Ok(())));
    assert_eq!(inside(&device), [STRANGER]);
    assert_eq!(device.register(lesson()).unwrap()[0].left_ms, Some(START_MS));
    assert_eq!(counts(&device), (2, 1), "a visit stays a visit");

    let back = device.record_scan(&card(ALPHA), lesson()).unwrap();
    assert_eq!((back.outcome, back.event), (Outcome::Already, Some(mark)));
    assert_eq!(inside(&device), [STRANGER, ALPHA]);
    assert_eq!(counts(&device), (2, 1));
    let head = device.chain_head().unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    assert_eq!(device.chain_head().unwrap(), head, "inside already");
    device.record_leaving(STRANGER, lesson(), ManualReason::CardForgotten).unwrap();
    assert_eq!(
        event_at(&device, 5).voucher,
        Some(VoucherId([13; 8])),
        "of the card that was shown"
    );

    let left = leaves(&mut device).unwrap();
    device.withdraw(left, None).unwrap();
    assert_eq!(inside(&device), [ALPHA]);
    device.close_lesson(lesson()).unwrap();
    assert_eq!(inside(&device), []);
}

#[test]
fn withdrawn_mark_is_shown_to_the_family() {
    let district = District::new();
    let mut teacher = opened(&district);
    let mark = scanned(&mut teacher, ALPHA);
    teacher.withdraw(mark, Some(Withdrawal::NotThere)).unwrap();
    let rows = teacher.outbox(99, usize::MAX).unwrap();
    let mut log = TestLog::new();
    let leaves: Vec<_> = rows.iter().map(|row| log.push(&row.bytes)).collect();
    let mut parent = district.parent();
    let visit = seen(&log, &leaves[1], &rows[1].bytes, TEACHER, Role::Teacher);
    parent.store_visits(&[visit], &log.note()).unwrap();
    assert_eq!(parent.visits().unwrap()[0].withdrawn, None);
    let entry = crate::SeenEntry {
        kind: attendance::LeafKind::Event,
        certificate: Some(certificate(TEACHER, Role::Teacher)),
        bytes: rows[2].bytes.clone(),
        salt: leaves[2].salt,
        receipt: log.receipt(&leaves[2]),
        leaf_index: leaves[2].index,
    };
    assert!(parent.store_entry(leaves[2].index, &entry, &log.note()).unwrap());
    let shown = parent.visits().unwrap().remove(0).withdrawn.unwrap();
    assert_eq!((shown.event, shown.why), (rows[2].hash, Some(Withdrawal::NotThere)));
    assert_eq!(parent.visit(mark).unwrap().unwrap().withdrawn, Some(shown));
}

#[test]
fn withdrawal_by_another_device_changes_nothing_here() {
    let district = District::new();
    let mut teacher = opened(&district);
    let mark = scanned(&mut teacher, ALPHA);
    let rows = teacher.outbox(99, usize::MAX).unwrap();
    let mut log = TestLog::new();
    let leaves: Vec<_> = rows.iter().map(|row| log.push(&row.bytes)).collect();
    let draft = attendance::EventDraft {
        about: Some(mark),
        child: Some(ALPHA),
        ..attendance::EventDraft::new(EventKind::Void, START_MS, 1, BootId([1; 8]))
    };
    let stranger = key(COORDINATOR);
    let head = attendance::ChainHead::genesis(&stranger.public_key());
    let device = DeviceId::derive_from(&stranger.public_key());
    let void = head.prepare(draft, device).seal(&stranger).unwrap();
    let leaf = log.push(void.bytes());
    let mut parent = district.parent();
    let visit = seen(&log, &leaves[1], &rows[1].bytes, TEACHER, Role::Teacher);
    parent.store_visits(&[visit], &log.note()).unwrap();
    let entry = crate::SeenEntry {
        kind: attendance::LeafKind::Event,
        certificate: Some(certificate(COORDINATOR, Role::Coordinator)),
        bytes: void.bytes().to_vec(),
        salt: leaf.salt,
        receipt: log.receipt(&leaf),
        leaf_index: leaf.index,
    };
    assert!(parent.store_entry(leaf.index, &entry, &log.note()).unwrap());
    assert_eq!(parent.visits().unwrap()[0].withdrawn, None);
}
