//! The teacher's and the coordinator's verbs, and what they refuse.

use attendance::{
    CardRejection, Event, EventKind, ManualReason, Method, ShortCode, UnverifiedEvent,
};

use super::*;
use crate::{LessonState, Mark, Outcome, RecordError, Refusal};

fn event(device: &Device, seq: u64) -> Event {
    let row = device.event_at(seq).unwrap().unwrap();
    UnverifiedEvent::parse(&row.bytes).unwrap().event().clone()
}

fn opened(district: &District) -> Device {
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    device
}

#[test]
fn keeps_a_scanned_child() {
    let district = District::new();
    let mut device = opened(&district);
    let recorded = device.record_scan(&card(ALPHA), lesson()).unwrap();
    assert_eq!(recorded.outcome, Outcome::Kept);
    assert_eq!(recorded.child.unwrap().name, "Child Alpha");
    let hash = recorded.event.unwrap();
    assert_eq!(device.mark_of(hash).unwrap(), Some(Mark::Recorded));
    let event = event(&device, 1);
    assert_eq!(event.kind, EventKind::In);
    assert_eq!((event.child, event.lesson), (Some(ALPHA), Some(lesson())));
    assert_eq!((event.provider, event.method), (Some(PROVIDER), Some(Method::Scan)));
    assert_eq!(event.voucher, Some(VoucherId([10; 8])));
    assert_eq!(event.card, Some(card_by(&key(ISSUER), ALPHA).hash));
    assert_eq!((event.wall_ms, event.boot), (START_MS, BootId([9; 8])));
}

#[test]
fn second_scan_gives_the_earlier_event_and_writes_nothing() {
    let district = District::new();
    let mut device = opened(&district);
    let first = device.record_scan(&card(ALPHA), lesson()).unwrap();
    let head = device.chain_head().unwrap();
    let second = device.record_scan(&card(ALPHA), lesson()).unwrap();
    assert_eq!((second.outcome, second.event), (Outcome::Already, first.event));
    let by_hand = device.record_manual(ALPHA, lesson(), ManualReason::NoCamera).unwrap();
    assert_eq!((by_hand.outcome, by_hand.event), (Outcome::Already, first.event));
    assert_eq!(device.chain_head().unwrap(), head);
}

#[test]
fn keeps_guests_of_another_group_and_of_no_roster() {
    let district = District::new();
    let mut device = opened(&district);
    let guest = device.record_scan(&card(GAMMA), lesson()).unwrap();
    assert_eq!((guest.outcome, guest.child.unwrap().id), (Outcome::Guest, GAMMA));
    let stranger = device.record_scan(&card(STRANGER), lesson()).unwrap();
    assert_eq!((stranger.outcome, stranger.child), (Outcome::Guest, None));
    assert_eq!(event(&device, 2).voucher, Some(VoucherId([13; 8])), "the card's own voucher");
    let row = device.lesson(lesson()).unwrap().unwrap();
    assert_eq!((row.present, row.guests, row.enrolled), (2, 2, 2));
}

#[test]
fn refuses_cards_that_do_not_hold_and_writes_nothing() {
    let district = District::new();
    let mut device = opened(&district);
    let head = device.chain_head().unwrap();
    let mut refusal = |text: &str| match device.record_scan(text, lesson()).unwrap() {
        crate::Recorded {
            outcome: Outcome::Refused(refusal),
            child: None,
            event: None,
            was_absent: false,
        } => refusal,
        other => panic!("not refused: {other:?}"),
    };
    let foreign = refusal("https://example.org/a/card");
    assert_eq!(foreign, Refusal::Card(CardRejection::Foreign));
    assert_eq!(refusal("HC1:6BFOXN"), Refusal::OtherScheme);
    let stranger_key = refusal(&card_by(&key(77), ALPHA).text);
    assert!(matches!(stranger_key, Refusal::Card(CardRejection::UnknownKey { .. })));
    let rules_key = refusal(&card_by(&key(RULES), ALPHA).text);
    assert!(matches!(rules_key, Refusal::Card(CardRejection::UnknownKey { .. })));
    let cut: String = card(ALPHA).chars().take(60).collect();
    assert!(matches!(refusal(&cut), Refusal::Card(CardRejection::Malformed(_))));
    district.set_clock(START_MS + 86_400_000 * 31);
    assert!(matches!(refusal(&card(ALPHA)), Refusal::Card(CardRejection::Expired { .. })));
    assert_eq!(device.chain_head().unwrap(), head);
}

#[test]
fn stale_list_and_old_roster_refuse_nobody() {
    let district = District::new();
    let mut device = opened(&district);
    district.set_clock(START_MS + 86_400_000 * 20);
    assert!(device.enrolment().unwrap().trust_list().is_stale(device.now().wall_s()));
    assert_eq!(device.record_scan(&card(ALPHA), lesson()).unwrap().outcome, Outcome::Kept);
}

#[test]
fn typed_code_is_a_mark_by_hand() {
    let district = District::new();
    let mut device = opened(&district);
    let code = ShortCode::derive_from(card_id(ALPHA)).to_string();
    let typed = device.record_scan(&code.to_lowercase(), lesson()).unwrap();
    assert_eq!((typed.outcome, typed.child.unwrap().id), (Outcome::Kept, ALPHA));
    let kept = event(&device, 1);
    assert_eq!(kept.method, Some(Method::Manual));
    assert_eq!((kept.reason, kept.card), (Some(ManualReason::TypedCode), None));

    let last = code.chars().last().unwrap();
    let wrong = if last == '7' { '8' } else { '7' };
    let slip: String = code.chars().take(code.chars().count() - 1).chain([wrong]).collect();
    let slip = device.record_scan(&slip, lesson()).unwrap();
    assert_eq!(slip.outcome, Outcome::Refused(Refusal::CodeMistyped));
    let unknown = ShortCode::derive_from(card_id(STRANGER)).to_string();
    let unknown = device.record_scan(&unknown, lesson()).unwrap();
    assert_eq!(unknown.outcome, Outcome::Refused(Refusal::CodeUnknown));
    assert_eq!(device.chain_head().unwrap().seq_next, 2);
}

#[test]
fn marks_by_hand_with_a_reason() {
    let district = District::new();
    let mut device = opened(&district);
    let marked = device.record_manual(BETA, lesson(), ManualReason::CardForgotten).unwrap();
    assert_eq!(marked.outcome, Outcome::Kept);
    assert_eq!(event(&device, 1).reason, Some(ManualReason::CardForgotten));
    let unknown = device.record_manual(STRANGER, lesson(), ManualReason::CardForgotten);
    assert!(matches!(unknown, Err(RecordError::ChildUnknown)));
    let rows = device.register(lesson()).unwrap();
    let [alpha, beta] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&*alpha.child.name, &*beta.child.name), ("Child Alpha", "Child Beta"));
    let (None, Some(visit)) = (&alpha.visit, &beta.visit) else { panic!("{rows:?}") };
    assert!(visit.by_hand);
    assert_eq!(visit.reason, Some(ManualReason::CardForgotten));
}

#[test]
fn records_in_open_lessons_only() {
    let district = District::new();
    let mut device = district.teacher();
    let not_open = |result| matches!(result, Err(RecordError::LessonNotOpen));
    assert!(not_open(device.record_scan(&card(ALPHA), lesson())));
    assert!(matches!(device.close_lesson(lesson()), Err(RecordError::LessonNotOpen)));
    let opened = device.open_lesson(lesson()).unwrap();
    assert_eq!(device.open_lesson(lesson()).unwrap(), opened, "the same event");
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    let ended = device.close_lesson(lesson()).unwrap();
    assert_eq!(device.close_lesson(lesson()).unwrap(), ended, "the same event");
    assert!(not_open(device.record_scan(&card(BETA), lesson())));
    assert!(not_open(device.record_manual(BETA, lesson(), ManualReason::NoCamera)));
    assert_ne!(device.open_lesson(lesson()).unwrap(), opened, "opened again by a new event");
    assert_eq!(device.record_scan(&card(BETA), lesson()).unwrap().outcome, Outcome::Kept);
}

#[test]
fn opens_only_lessons_of_its_groups_on_the_roster() {
    let district = District::new();
    let mut device = district.teacher();
    assert!(matches!(device.open_lesson(other_lesson()), Err(RecordError::NotAllowed)));
    let unknown = LessonId([0; 8]);
    assert!(matches!(device.open_lesson(unknown), Err(RecordError::LessonUnknown)));
    assert_eq!(device.chain_head().unwrap().seq_next, 0);
}

#[test]
fn lists_the_lessons_of_its_groups_with_their_state() {
    let district = District::new();
    let mut device = district.teacher();
    let state = |device: &Device| {
        let rows = device.lessons_between(START_MS, START_MS + 1).unwrap();
        assert_eq!(rows.len(), 1, "the other group's lesson is not this teacher's");
        assert_eq!((rows[0].lesson.id, &*rows[0].group), (lesson(), "Drawing"));
        (rows[0].state, rows[0].present, rows[0].enrolled)
    };
    assert_eq!(state(&device), (LessonState::Planned, 0, 2));
    device.open_lesson(lesson()).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    assert_eq!(state(&device), (LessonState::Open, 1, 2));
    device.close_lesson(lesson()).unwrap();
    assert_eq!(state(&device), (LessonState::Ended, 1, 2));
    assert_eq!(device.lessons_between(START_MS + 1, i64::MAX).unwrap(), []);
}

#[test]
fn guests_come_last_on_the_sheet() {
    let district = District::new();
    let mut device = opened(&district);
    for child in [GAMMA, STRANGER, BETA] {
        device.record_scan(&card(child), lesson()).unwrap();
    }
    let rows = device.register(lesson()).unwrap();
    let names: Vec<_> =
        rows.iter().map(|row| (&*row.child.name, row.visit.is_some(), row.is_guest)).collect();
    let expected =
        [("Child Alpha", false, false), ("Child Beta", true, false), ("Child Gamma", true, true)];
    assert_eq!(names, expected);
    assert_eq!(device.visits().unwrap().len(), 3);
}

#[test]
fn each_verb_has_its_role() {
    let district = District::new();
    let mut bare = district.open(90).unwrap();
    assert!(matches!(bare.open_lesson(lesson()), Err(RecordError::NotEnrolled)));
    assert!(matches!(bare.close_month(202_609, 0), Err(RecordError::NotEnrolled)));
    let denied = |result| matches!(result, Err(RecordError::NotAllowed));
    for mut device in [district.parent(), district.coordinator()] {
        assert!(denied(device.open_lesson(lesson())));
        assert!(denied(device.close_lesson(lesson())));
        let scan = device.record_scan(&card(ALPHA), lesson());
        assert!(matches!(scan, Err(RecordError::NotAllowed)));
        let by_hand = device.record_manual(ALPHA, lesson(), ManualReason::NoCamera);
        assert!(matches!(by_hand, Err(RecordError::NotAllowed)));
        assert_eq!(device.chain_head().unwrap().seq_next, 0);
    }
    for mut device in [district.parent(), district.teacher()] {
        assert!(denied(device.close_month(202_609, 0)));
        assert!(denied(device.record_payment(202_609, PROVIDER, 1, "N 1")));
    }
    for mut device in [district.coordinator(), district.teacher()] {
        assert!(denied(device.answer(Hash([0; 32]), true)));
    }
}

#[test]
fn coordinator_closes_a_month_and_enters_payments_once() {
    let district = District::new();
    let mut device = district.coordinator();
    let closed = device.close_month(202_609, 0).unwrap();
    assert_eq!(device.close_month(202_609, 0).unwrap(), closed);
    assert_ne!(device.close_month(202_610, 0).unwrap(), closed);
    let paid = device.record_payment(202_609, PROVIDER, 450_000, " N 17 ").unwrap();
    assert_eq!(device.record_payment(202_609, PROVIDER, 450_000, "N 17").unwrap(), paid);
    assert_ne!(device.record_payment(202_609, PROVIDER, 450_001, "N 17").unwrap(), paid);
    let notice = event(&device, 2);
    assert_eq!((notice.kind, notice.month), (EventKind::PaymentNotice, Some(202_609)));
    assert_eq!((notice.amount_tiyn, notice.document.as_deref()), (Some(450_000), Some("N 17")));
    assert_eq!(device.chain_head().unwrap().seq_next, 4);
}

#[test]
fn month_is_closed_only_when_it_is_over() {
    let district = District::new();
    let mut device = district.coordinator();
    let over_ms = START_MS + 86_400_000;
    let too_early = device.close_month(202_609, over_ms);
    assert!(matches!(too_early, Err(RecordError::MonthNotOver)));
    assert_eq!(device.chain_head().unwrap().seq_next, 0);

    // Made under other rules, or a clock that ran ahead, it does not stand in the way of a good one.
    let early = device.close_month(202_609, 0).unwrap();
    assert!(!device.month_closed_here(202_609, over_ms).unwrap());
    district.set_clock(over_ms);
    assert_ne!(device.close_month(202_609, over_ms).unwrap(), early);
    assert!(device.month_closed_here(202_609, over_ms).unwrap());
}

#[test]
fn refuses_months_sums_and_documents_that_are_none() {
    let district = District::new();
    let mut device = district.coordinator();
    for month in [0, 202_600, 202_613, 199_912, 1_000_001] {
        assert!(
            matches!(device.close_month(month, 0), Err(RecordError::NotAMonth(m)) if m == month)
        );
    }
    for amount in [0, -1, i64::MIN] {
        let refused = device.record_payment(202_609, PROVIDER, amount, "N 1");
        assert!(matches!(refused, Err(RecordError::NotAnAmount(a)) if a == amount));
    }
    for document in ["  ", &"9".repeat(65)] {
        let refused = device.record_payment(202_609, PROVIDER, 1, document);
        assert!(matches!(refused, Err(RecordError::NotADocument { max: 64 })));
    }
    assert_eq!(device.chain_head().unwrap().seq_next, 0);
}
