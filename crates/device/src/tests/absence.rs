//! Absences, their documents, and what they give way to.

use attendance::{AbsenceReason, EventKind, Withdrawal};

use super::*;
use crate::{
    Absence, AbsenceOutcome, DOCUMENT_MAX_BYTES, DocumentError, Media, Outcome, RecordError,
};

fn because(reason: AbsenceReason) -> Absence {
    Absence { reason, number: None, document: None }
}

fn kept(outcome: AbsenceOutcome) -> Hash {
    let AbsenceOutcome::Kept(hash) = outcome else { panic!("{outcome:?}") };
    hash
}

fn photograph() -> Vec<u8> {
    [b"\xff\xd8\xff\xe0".as_slice(), &[7; 5_000]].concat()
}

fn excused(device: &Device) -> u32 {
    device.lesson(lesson()).unwrap().unwrap().excused
}

#[test]
fn teacher_enters_an_absence_and_its_document_later() {
    let district = District::new();
    let mut device = district.teacher();
    let sick = because(AbsenceReason::Sick);
    let absent = kept(device.record_absence(ALPHA, lesson(), &sick).unwrap());
    let again = device.record_absence(ALPHA, lesson(), &sick).unwrap();
    assert_eq!(again, AbsenceOutcome::Already(absent));
    let event = event_at(&device, 0);
    assert_eq!((event.kind, event.verify_form()), (EventKind::Absent, Ok(())));
    assert_eq!((event.child, event.lesson), (Some(ALPHA), Some(lesson())));
    assert_eq!((event.voucher, event.provider), (Some(VoucherId([10; 8])), Some(PROVIDER)));
    let row = |device: &Device| device.register(lesson()).unwrap().remove(0).absence.unwrap();
    assert_eq!((row(&device).event, row(&device).is_documented()), (absent, false));

    let unknown = Absence { document: Some(Hash([1; 32])), ..sick.clone() };
    let unknown = device.record_absence(ALPHA, lesson(), &unknown);
    assert!(matches!(unknown, Err(RecordError::DocumentUnknown)), "a file that nobody could show");
    let document = device.keep_document(photograph()).unwrap();
    let with = Absence { document: Some(document), number: Some(" 95/7 ".into()), ..sick };
    kept(device.record_absence(ALPHA, lesson(), &with).unwrap());
    let correction = event_at(&device, 1);
    assert_eq!((correction.kind, correction.about), (EventKind::Correct, Some(absent)));
    assert_eq!((correction.absence, correction.verify_form()), (None, Ok(())));
    assert_eq!(correction.absence_document, Some(seal::sha256(&photograph())));
    assert!(row(&device).is_documented());
    assert_eq!(row(&device).number.as_deref(), Some("95/7"));
    assert_eq!(excused(&device), 1);
    let leave = device.record_absence(ALPHA, lesson(), &because(AbsenceReason::Leave)).unwrap();
    assert_ne!(kept(leave), absent);
    let last = row(&device);
    assert_eq!((last.reason, last.document), (Some(AbsenceReason::Leave), Some(document)));

    device.withdraw(absent, Some(Withdrawal::Slip)).unwrap();
    assert_eq!(device.register(lesson()).unwrap()[0].absence, None);
    let anew = device.record_absence(ALPHA, lesson(), &because(AbsenceReason::Unexcused)).unwrap();
    assert_ne!(kept(anew), absent);
    assert_eq!(excused(&device), 0);
}

#[test]
fn scan_wins_over_an_absence() {
    let district = District::new();
    let mut device = district.teacher();
    let sick = because(AbsenceReason::Sick);
    device.record_absence(ALPHA, lesson(), &sick).unwrap();
    device.open_lesson(lesson()).unwrap();
    let came = device.record_scan(&card(ALPHA), lesson()).unwrap();
    assert_eq!((came.outcome, came.was_absent), (Outcome::Kept, true));
    let mark = came.event.unwrap();
    let row = device.register(lesson()).unwrap().remove(0);
    assert!(row.visit.is_some() && row.absence.is_some());
    assert_eq!((device.lesson(lesson()).unwrap().unwrap().present, excused(&device)), (1, 0));
    let head = device.chain_head().unwrap();
    let after = device.record_absence(ALPHA, lesson(), &sick).unwrap();
    assert_eq!(after, AbsenceOutcome::Came(mark));
    assert_eq!(device.chain_head().unwrap(), head);
    assert!(!device.record_scan(&card(BETA), lesson()).unwrap().was_absent);
}

#[test]
fn each_device_speaks_of_its_own_children_only() {
    let district = District::new();
    let sick = because(AbsenceReason::Sick);
    let denied = |result| matches!(result, Err(RecordError::NotAllowed));
    let mut teacher = district.teacher();
    assert!(denied(teacher.record_absence(GAMMA, other_lesson(), &sick)));
    let guest = teacher.record_absence(GAMMA, lesson(), &sick);
    assert!(matches!(guest, Err(RecordError::ChildUnknown)));
    let unknown = teacher.record_absence(ALPHA, LessonId([0; 8]), &sick);
    assert!(matches!(unknown, Err(RecordError::LessonUnknown)));
    let mut parent = district.parent();
    assert!(denied(parent.record_absence(BETA, lesson(), &sick)));
    let own = kept(parent.record_absence(ALPHA, lesson(), &sick).unwrap());
    assert_eq!(event_at(&parent, 0).verify_form(), Ok(()));
    parent.withdraw(own, None).unwrap();
    assert!(denied(district.coordinator().record_absence(ALPHA, lesson(), &sick)));
    assert_eq!(teacher.chain_head().unwrap().seq_next, 0);
    for number in ["  ", &"9".repeat(65)] {
        let absence = Absence { number: Some(number.to_owned()), ..sick.clone() };
        let refused = teacher.record_absence(ALPHA, lesson(), &absence);
        assert!(matches!(refused, Err(RecordError::NotADocument { max: 64 })));
    }
}

#[test]
fn document_is_kept_on_the_device_and_never_in_an_event() {
    let district = District::new();
    let mut device = district.teacher();
    let hash = device.keep_document(photograph()).unwrap();
    assert_eq!(device.keep_document(photograph()).unwrap(), hash);
    assert_eq!(hash, seal::sha256(&photograph()));
    let document = device.document(hash).unwrap().unwrap();
    assert_eq!((document.media, document.bytes), (Media::Jpeg, photograph()));
    let absence = Absence { document: Some(hash), ..because(AbsenceReason::Quarantine) };
    device.record_absence(ALPHA, lesson(), &absence).unwrap();
    let event = device.event_at(0).unwrap().unwrap();
    assert!(event.bytes.len() < 400, "the hash alone: {} bytes", event.bytes.len());
    assert_eq!(device.document(Hash([9; 32])).unwrap(), None);
    drop(device);
    let device = district.open(TEACHER).unwrap();
    assert!(device.has_document(hash).unwrap(), "also after a restart");
}

#[test]
fn only_pictures_and_pages_of_a_bounded_size_are_documents() {
    let district = District::new();
    let mut device = district.teacher();
    for bytes in [&b"MZ\x90"[..], b"", b"<html>", b"\xff\xd8"] {
        let refused = device.keep_document(bytes.to_vec());
        assert!(matches!(refused, Err(DocumentError::NotADocument)), "{bytes:?}");
    }
    for (begins, media) in [(&b"%PDF-1.7"[..], Media::Pdf), (b"\x89PNG\r\n\x1a\n", Media::Png)] {
        let hash = device.keep_document(begins.to_vec()).unwrap();
        assert_eq!(device.document(hash).unwrap().unwrap().media, media);
    }
    let mut large = photograph();
    large.resize(DOCUMENT_MAX_BYTES, 0);
    device.keep_document(large.clone()).unwrap();
    large.push(0);
    let refused = device.keep_document(large);
    assert!(matches!(refused, Err(DocumentError::TooLarge { .. })));
    let mut bare = district.open(90).unwrap();
    let refused = bare.keep_document(photograph());
    assert!(matches!(refused, Err(DocumentError::NotEnrolled)));
}
