//! A family's month: what it shows, what is signed, and what is not sure.

use attendance::{AbsenceReason, EventKind, Terms};

use super::*;
use crate::{Absence, DayStanding, MonthSheet, RecordError};

/// The month of [`START_MS`].
const MONTH: u32 = 202_609;

/// A teacher's visit of the child in a log that the family has seen.
fn visited(district: &District, parent: &mut Device, log: &mut TestLog) -> Hash {
    let mut teacher = district.teacher();
    teacher.open_lesson(lesson()).unwrap();
    teacher.record_scan(&card(ALPHA), lesson()).unwrap();
    let rows = teacher.outbox(99, usize::MAX).unwrap();
    let leaves: Vec<_> = rows.iter().map(|row| log.push(&row.bytes)).collect();
    let visit = seen(log, &leaves[1], &rows[1].bytes, TEACHER, Role::Teacher);
    log.shown_to(parent).unwrap();
    parent.store_visits(&[visit], &log.note()).unwrap();
    rows[1].hash
}

fn sheet(parent: &Device) -> MonthSheet {
    let mut sheets = parent.month_sheets(3).unwrap();
    assert_eq!(sheets.len(), 1, "{sheets:?}");
    sheets.remove(0)
}

fn standing(parent: &Device) -> DayStanding {
    let sheet = sheet(parent);
    let [day] = &sheet.days[..] else { panic!("{sheet:?}") };
    day.standing
}

fn sign_from() -> i64 {
    Terms::DEFAULT.sign_window_ms(MONTH).unwrap().start
}

#[test]
fn day_says_what_came_of_it() {
    let district = District::new();
    let mut parent = district.parent();
    assert_eq!(standing(&parent), DayStanding::ToCome);
    district.set_clock(START_MS + 45 * 60_000);
    assert_eq!(standing(&parent), DayStanding::Missing);
    let mut absence = Absence { reason: AbsenceReason::Unexcused, number: None, document: None };
    parent.record_absence(ALPHA, lesson(), &absence).unwrap();
    assert_eq!(standing(&parent), DayStanding::Unexcused);
    absence.reason = AbsenceReason::Sick;
    parent.record_absence(ALPHA, lesson(), &absence).unwrap();
    assert_eq!(standing(&parent), DayStanding::NoDocument);
    absence.number = Some("95".into());
    parent.record_absence(ALPHA, lesson(), &absence).unwrap();
    assert_eq!(standing(&parent), DayStanding::Excused);

    let mut log = TestLog::new();
    let visit = visited(&district, &mut parent, &mut log);
    assert_eq!(standing(&parent), DayStanding::Awaiting, "a visit counts before an absence");
    parent.answer(visit, false).unwrap();
    assert_eq!(standing(&parent), DayStanding::Disputed);
    parent.answer(visit, true).unwrap();
    assert_eq!(standing(&parent), DayStanding::Confirmed);
    assert_eq!(sheet(&parent).count(DayStanding::Confirmed), 1);
}

#[test]
fn month_is_signed_once_it_is_over_and_again_for_what_came_later() {
    let district = District::new();
    let (mut parent, mut log) = (district.parent(), TestLog::new());
    district.set_clock(sign_from() - 1);
    assert!(matches!(parent.sign_month(ALPHA, MONTH), Err(RecordError::MonthNotOver)));
    assert!(matches!(parent.sign_month(BETA, MONTH), Err(RecordError::NotAllowed)));
    assert!(matches!(parent.sign_month(ALPHA, 202_613), Err(RecordError::NotAMonth(202_613))));
    district.set_clock(sign_from());
    let signed = parent.sign_month(ALPHA, MONTH).unwrap();
    assert_eq!(parent.sign_month(ALPHA, MONTH).unwrap(), signed);
    let event = event_at(&parent, 0);
    assert_eq!((event.kind, event.verify_form()), (EventKind::MonthSign, Ok(())));
    assert_eq!((event.child, event.month), (Some(ALPHA), Some(MONTH)));
    assert_eq!((event.voucher, event.provider), (Some(VoucherId([10; 8])), Some(PROVIDER)));

    // The signature is in the log before the visit: it says nothing of it.
    let receipts = log.take(&parent);
    log.shown_to(&mut parent).unwrap();
    parent.store_receipts(&log.note(), &receipts).unwrap();
    visited(&district, &mut parent, &mut log);
    assert_eq!((standing(&parent), sheet(&parent).is_unsigned()), (DayStanding::Awaiting, true));
    let again = parent.sign_month(ALPHA, MONTH).unwrap();
    assert_ne!(again, signed);
    assert_eq!((standing(&parent), sheet(&parent).is_unsigned()), (DayStanding::Confirmed, false));
    assert_eq!(parent.sign_month(ALPHA, MONTH).unwrap(), again);
    for mut other in [district.teacher(), district.coordinator()] {
        assert!(matches!(other.sign_month(ALPHA, MONTH), Err(RecordError::NotAllowed)));
    }
}

#[test]
fn signature_does_not_undo_a_dispute() {
    let district = District::new();
    let (mut parent, mut log) = (district.parent(), TestLog::new());
    let visit = visited(&district, &mut parent, &mut log);
    parent.answer(visit, false).unwrap();
    district.set_clock(sign_from());
    parent.sign_month(ALPHA, MONTH).unwrap();
    assert_eq!(standing(&parent), DayStanding::Disputed);
}

#[test]
fn not_sure_sends_nothing_and_is_asked_again() {
    let district = District::new();
    let (mut parent, mut log) = (district.parent(), TestLog::new());
    assert!(matches!(parent.not_sure(Hash([0; 32])), Err(RecordError::VisitUnknown)));
    let visit = visited(&district, &mut parent, &mut log);
    parent.not_sure(visit).unwrap();
    district.set_clock(START_MS + 5_000);
    parent.not_sure(visit).unwrap();
    let shown = parent.visit(visit).unwrap().unwrap();
    assert_eq!((shown.not_sure_ms, shown.answer), (Some(START_MS), None));
    assert_eq!(parent.chain_head().unwrap().seq_next, 0, "nothing is signed");
    assert_eq!(standing(&parent), DayStanding::Awaiting);
    parent.answer(visit, true).unwrap();
    assert_eq!(parent.visit(visit).unwrap().unwrap().not_sure_ms, None);
    assert!(matches!(district.teacher().not_sure(visit), Err(RecordError::NotAllowed)));
}
