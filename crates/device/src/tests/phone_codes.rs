//! Codes of a family's phone: shown by a parent's device, taken by a teacher's.

use attendance::{
    CardClaims, EventKind, Method, ProofRejection, Revocation, RevocationList, RevocationReason,
    RotatingClaims, RotatingCode, STEP_MS, Step, StepRejection, UnverifiedRotating,
};

use super::*;
use crate::{Outcome, RecordError, Refusal};

fn at_the_door(district: &District) -> Device {
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    device
}

fn refusal(device: &mut Device, text: &str) -> Refusal {
    let outcome = device.record_scan(text, lesson()).unwrap().outcome;
    let Outcome::Refused(refusal) = outcome else { panic!("not refused: {outcome:?}") };
    refusal
}

/// What a parent's device with these grants would show.
fn code_by(seed: u8, card: CardId) -> String {
    let step = Step::at(START_MS).unwrap();
    let claims = RotatingClaims { card, step, nonce: [7; 4] };
    let code = RotatingCode::sign(&key(seed), claims).unwrap();
    code.text_with_certificate(&certificate(seed, Role::Parent))
}

#[test]
fn code_of_a_parents_phone_is_a_visit_by_code() {
    let district = District::new();
    let (parent, mut tablet) = (district.parent(), at_the_door(&district));
    let shown = parent.rotating_code(ALPHA, [1; 4]).unwrap();
    assert!(shown.left_ms > 0 && shown.left_ms <= STEP_MS.unsigned_abs());
    let recorded = tablet.record_scan(&shown.text, lesson()).unwrap();
    assert_eq!(recorded.outcome, Outcome::Kept);
    assert_eq!(recorded.child.unwrap().id, ALPHA);
    let event = event_at(&tablet, 1);
    assert_eq!((event.kind, event.method), (EventKind::In, Some(Method::Rotating)));
    assert_eq!((event.child, event.reason), (Some(ALPHA), None));
    assert_eq!(event.verify_form(), Ok(()));
    // What is kept is proof for whoever has the phone's certificate.
    let proof = UnverifiedRotating::parse_bytes(event.proof.unwrap().as_bytes()).unwrap();
    let holder = attendance::Holder { card: card_id(ALPHA), key: parent.public_key() };
    let exact = attendance::StepWindow { steps: 0, skew_s: 0 };
    assert!(proof.verify(&holder, START_MS, exact).is_ok());
    // The same code, or the next one, changes nothing.
    let head = tablet.chain_head().unwrap();
    let again = tablet.record_scan(&shown.text, lesson()).unwrap();
    assert_eq!(again.outcome, Outcome::Already);
    assert_eq!(tablet.chain_head().unwrap(), head);
}

#[test]
fn card_that_names_the_phone_is_brought_along() {
    let district = District::new();
    let mut tablet = at_the_door(&district);
    let claims = CardClaims {
        expires_at_s: u32::try_from(START_MS / 1_000 + 86_400).unwrap(),
        card: card_id(STRANGER),
        child: STRANGER,
        voucher: VoucherId([13; 8]),
        status_index: 1,
        holder: Some(key(PARENT).public_key().to_bytes()),
    };
    let card = attendance::issue_card(&key(ISSUER), &claims).unwrap();
    let step = Step::at(START_MS).unwrap();
    let claims = RotatingClaims { card: card_id(STRANGER), step, nonce: [1; 4] };
    let code = RotatingCode::sign(&key(PARENT), claims).unwrap();
    let parsed = attendance::UnverifiedCard::parse_bytes(&card.bytes).unwrap();
    let guest = tablet.record_scan(&code.text_with(&parsed).unwrap(), lesson()).unwrap();
    assert_eq!(guest.outcome, Outcome::Guest);
    let event = event_at(&tablet, 1);
    assert_eq!((event.method, event.card), (Some(Method::Rotating), Some(card.hash)));
}

#[test]
fn old_code_and_code_to_come_are_refused_with_the_reason() {
    let district = District::new();
    let (parent, mut tablet) = (district.parent(), at_the_door(&district));
    let old = parent.rotating_code(ALPHA, [1; 4]).unwrap();
    // Without a signed time, the tablet's clock may be two minutes wrong.
    district.set_clock(START_MS + 10 * STEP_MS);
    let by_steps = 10;
    let expected = Refusal::Phone(ProofRejection::Step(StepRejection::TooOld { by_steps }));
    assert_eq!(refusal(&mut tablet, &old.text), expected);
    district.set_clock(START_MS + 100 * STEP_MS);
    let ahead = parent.rotating_code(ALPHA, [1; 4]).unwrap();
    district.set_clock(START_MS + 80 * STEP_MS);
    let by_steps = 20;
    let expected = Refusal::Phone(ProofRejection::Step(StepRejection::FromFuture { by_steps }));
    assert_eq!(refusal(&mut tablet, &ahead.text), expected);
    assert_eq!(tablet.lesson(lesson()).unwrap().unwrap().present, 0);
}

#[test]
fn code_counts_once_in_whatever_lesson() {
    let district = District::new();
    let (parent, mut tablet) = (district.parent(), at_the_door(&district));
    let shown = parent.rotating_code(ALPHA, [1; 4]).unwrap();
    let first = tablet.record_scan(&shown.text, lesson()).unwrap().event.unwrap();
    tablet.withdraw(first, None).unwrap();
    assert_eq!(refusal(&mut tablet, &shown.text), Refusal::CodeUsed);
    let next = parent.rotating_code(ALPHA, [2; 4]).unwrap();
    assert_eq!(tablet.record_scan(&next.text, lesson()).unwrap().outcome, Outcome::Kept);
}

#[test]
fn phones_that_do_not_speak_for_the_child_are_refused() {
    let district = District::new();
    let mut tablet = at_the_door(&district);
    // Its certificate is for ALPHA.
    let card = card_id(BETA);
    let others = refusal(&mut tablet, &code_by(PARENT, card));
    assert_eq!(others, Refusal::Phone(ProofRejection::NotItsFamily { card }));
    let card = card_id(STRANGER);
    let unknown = refusal(&mut tablet, &code_by(PARENT, card));
    assert_eq!(unknown, Refusal::Phone(ProofRejection::UnknownCard { card }));
    let step = Step::at(START_MS).unwrap();
    let claims = RotatingClaims { card: card_id(ALPHA), step, nonce: [7; 4] };
    let stolen = RotatingCode::sign(&key(99), claims).unwrap();
    let stolen = stolen.text_with_certificate(&certificate(PARENT, Role::Parent));
    let card = card_id(ALPHA);
    let expected = Refusal::Phone(ProofRejection::BadSignature { card });
    assert_eq!(refusal(&mut tablet, &stolen), expected);
    let teacher = RotatingCode::sign(&key(TEACHER), claims).unwrap();
    let teacher = teacher.text_with_certificate(&certificate(TEACHER, Role::Teacher));
    let expected = Refusal::Phone(ProofRejection::NotItsFamily { card });
    assert_eq!(refusal(&mut tablet, &teacher), expected);
}

#[test]
fn revoked_phone_is_refused() {
    let district = District::new();
    let mut tablet = at_the_door(&district);
    let list = RevocationList::of(vec![Revocation {
        device: DeviceId::derive_from(&key(PARENT).public_key()),
        at_ms: START_MS,
        events: 0,
        reason: RevocationReason::Stolen,
        replaced_by: None,
    }]);
    tablet.install_revocations(&list.sign(&key(CA)).unwrap()).unwrap();
    assert_eq!(refusal(&mut tablet, &code_by(PARENT, card_id(ALPHA))), Refusal::PhoneRevoked);
}

#[test]
fn only_a_familys_device_shows_codes_and_only_of_own_children() {
    let district = District::new();
    let parent = district.parent();
    assert_eq!(parent.own_children().iter().map(|row| row.id).collect::<Vec<_>>(), [ALPHA]);
    assert!(matches!(parent.rotating_code(BETA, [0; 4]), Err(RecordError::ChildUnknown)));
    let teacher = district.teacher();
    assert!(matches!(teacher.rotating_code(ALPHA, [0; 4]), Err(RecordError::NotAllowed)));
    assert_eq!(parent.paper_card(ALPHA).unwrap(), None, "its leaf is not here yet");
}
