//! A parent's device: visits of the own child, and the answer.

use attendance::{EventKind, UnverifiedEvent};

use super::*;
use crate::{AlarmCode, Mark, RecordError};

/// A teacher's visits of these children, in a log, as the server shows them.
fn shown(district: &District, children: &[ChildId]) -> (TestLog, Vec<SeenVisit>) {
    let mut teacher = district.teacher();
    teacher.open_lesson(lesson()).unwrap();
    for child in children {
        teacher.record_scan(&card(*child), lesson()).unwrap();
    }
    let rows = teacher.outbox(99, usize::MAX).unwrap();
    let mut log = TestLog::new();
    let leaves: Vec<_> = rows.iter().map(|row| log.push(&row.bytes)).collect();
    let visits = rows.iter().zip(&leaves).skip(1);
    let visits =
        visits.map(|(row, leaf)| seen(&log, leaf, &row.bytes, TEACHER, Role::Teacher)).collect();
    (log, visits)
}

#[test]
fn keeps_proven_visits_and_shows_them() {
    let district = District::new();
    let (log, visits) = shown(&district, &[ALPHA]);
    let mut parent = district.parent();
    assert_eq!(parent.visits_cursor().unwrap(), 0);
    assert_eq!(parent.store_visits(&visits, &log.note()).unwrap(), 1);
    assert_eq!(parent.store_visits(&visits, &log.note()).unwrap(), 0);
    assert_eq!(parent.visits_cursor().unwrap(), 3);
    let rows = parent.visits().unwrap();
    assert_eq!((rows[0].child, rows[0].lesson, rows.len()), (ALPHA, lesson(), 1));
    assert_eq!((rows[0].row.mark, rows[0].row.by_hand), (Mark::Receipted, false));
    assert_eq!((rows[0].provider, rows[0].answer), (Some(PROVIDER), None));
    let proof = parent.proof(rows[0].row.event).unwrap().unwrap();
    assert_eq!(proof.event_bytes, visits[0].event);
    assert_eq!(proof.certificate, visits[0].certificate);
    assert_eq!(parent.mark_of(rows[0].row.event).unwrap(), Some(Mark::Receipted));
    assert_eq!(parent.alarms().unwrap(), []);
}

#[test]
fn refuses_visits_that_do_not_hold() {
    let district = District::new();
    let (log, visits) = shown(&district, &[ALPHA, BETA]);
    let (alpha, beta) = (&visits[0], &visits[1]);
    let wrong = [
        (beta.clone(), "child"),
        (SeenVisit { leaf_index: 1, ..alpha.clone() }, "leaf 1 was claimed"),
        (SeenVisit { salt: [0; 16], ..alpha.clone() }, "receipt"),
        (SeenVisit { certificate: certificate(PARENT, Role::Teacher), ..alpha.clone() }, "event"),
        (SeenVisit { certificate: certificate(TEACHER, Role::Parent), ..alpha.clone() }, "teacher"),
        (SeenVisit { certificate: b"no".to_vec(), ..alpha.clone() }, "certificate"),
        (SeenVisit { event: b"no".to_vec(), ..alpha.clone() }, "event"),
    ];
    for (visit, word) in wrong {
        let district = District::new();
        let mut parent = district.parent();
        assert_eq!(parent.store_visits(&[visit, alpha.clone()], &log.note()).unwrap(), 1);
        let alarms = parent.alarms().unwrap();
        assert_eq!((alarms.len(), alarms[0].code), (1, AlarmCode::BadVisit));
        assert!(alarms[0].detail.contains(word), "{}", alarms[0].detail);
        assert_eq!(parent.visits().unwrap().len(), 1);
    }
}

#[test]
fn answers_once_and_may_change_its_mind() {
    let district = District::new();
    let (log, visits) = shown(&district, &[ALPHA]);
    let mut parent = district.parent();
    let visit = attendance::event_hash(&visits[0].event);
    assert!(matches!(parent.answer(visit, true), Err(RecordError::VisitUnknown)));
    parent.store_visits(&visits, &log.note()).unwrap();
    let was = parent.answer(visit, true).unwrap();
    assert_eq!(parent.answer(visit, true).unwrap(), was);
    assert_eq!(parent.chain_head().unwrap().seq_next, 1);
    let answer = parent.visit(visit).unwrap().unwrap().answer.unwrap();
    assert_eq!((answer.was, answer.event, answer.mark), (true, was, Mark::Recorded));

    let was_not = parent.answer(visit, false).unwrap();
    assert_ne!(was_not, was);
    assert!(!parent.visits().unwrap()[0].answer.unwrap().was);
    let row = parent.event_at(1).unwrap().unwrap();
    let event = UnverifiedEvent::parse(&row.bytes).unwrap().event().clone();
    assert_eq!((event.kind, event.about), (EventKind::Dispute, Some(visit)));
    assert_eq!((event.child, event.lesson), (Some(ALPHA), Some(lesson())));
    assert_eq!((event.provider, event.voucher), (Some(PROVIDER), Some(VoucherId([10; 8]))));
}
