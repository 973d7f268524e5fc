//! Revoked cards at the door.

use attendance::{CardRejection, StatusDelta, StatusList};

use super::*;
use crate::{Outcome, Refusal, StatusError, StatusKept};

const NOW_S: i64 = START_MS / 1_000;

fn list(version: u32, revoked: &[u32]) -> StatusList {
    StatusList::new(version, NOW_S, ORIGIN, revoked.iter().copied())
}

fn signed(list: &StatusList) -> Vec<u8> {
    list.sign(&key(STATUS)).unwrap()
}

fn change(from: &StatusList, to: &StatusList) -> Vec<u8> {
    StatusDelta::between(from, to).unwrap().sign(&key(STATUS)).unwrap()
}

fn at_the_door(district: &District) -> Device {
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    device
}

fn shown(device: &mut Device) -> Outcome {
    device.record_scan(&card(ALPHA), lesson()).unwrap().outcome
}

fn rejected(done: Result<(), StatusError>) -> &'static str {
    match done {
        Err(StatusError::Rejected(rejection)) => rejection.code(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn revoked_card_is_refused_and_a_mark_by_hand_is_the_way_out() {
    let district = District::new();
    let mut device = at_the_door(&district);
    device.install_status_list(&signed(&list(7, &[1]))).unwrap();
    let rejection = CardRejection::Revoked { card: card_id(ALPHA), list_version: 7 };
    assert_eq!(shown(&mut device), Outcome::Refused(Refusal::Card(rejection)));
    let by_hand = device.record_manual(ALPHA, lesson(), attendance::ManualReason::CardRefused);
    assert_eq!(by_hand.unwrap().outcome, Outcome::Kept);
}

#[test]
fn reinstated_card_and_cards_beside_it_are_taken() {
    let district = District::new();
    let mut device = at_the_door(&district);
    let (revoked, back) = (list(7, &[1, 2]), list(8, &[0, 2]));
    device.install_status_list(&signed(&revoked)).unwrap();
    device.apply_status_delta(&change(&revoked, &back)).unwrap();
    assert_eq!(shown(&mut device), Outcome::Kept);
    let kept = StatusKept { version: 8, issued_at_s: NOW_S, revoked: 2 };
    assert_eq!(device.status_list(), Some(kept));
}

#[test]
fn old_list_refuses_nobody_else_and_holds_after_a_restart() {
    let district = District::new();
    let mut device = at_the_door(&district);
    device.install_status_list(&signed(&list(7, &[2]))).unwrap();
    district.set_clock(START_MS + 20 * 86_400_000);
    assert_eq!(shown(&mut device), Outcome::Kept);
    drop(device);
    let mut again = district.open(TEACHER).unwrap();
    assert_eq!(again.status_list().map(|list| list.version), Some(7));
    let (revoked, more) = (list(7, &[2]), list(9, &[1, 2]));
    again.apply_status_delta(&change(&revoked, &more)).unwrap();
    assert!(matches!(
        again.record_scan(&card(BETA), lesson()).unwrap().outcome,
        Outcome::Refused(Refusal::Card(CardRejection::Revoked { list_version: 9, .. }))
    ));
}

#[test]
fn no_older_list_no_other_base_no_other_key_and_no_other_scope() {
    let district = District::new();
    let mut device = at_the_door(&district);
    assert!(matches!(
        device.apply_status_delta(&change(&list(6, &[]), &list(7, &[1]))),
        Err(StatusError::NoBase)
    ));
    device.install_status_list(&signed(&list(7, &[1]))).unwrap();
    assert_eq!(rejected(device.install_status_list(&signed(&list(6, &[])))), "rolled_back");
    let other_base = change(&list(6, &[1]), &list(8, &[]));
    assert_eq!(rejected(device.apply_status_delta(&other_base)), "wrong_base");
    let other_result = change(&list(7, &[2]), &list(8, &[3]));
    assert_eq!(rejected(device.apply_status_delta(&other_result)), "wrong_result");
    let forged = list(8, &[]).sign(&key(RULES)).unwrap();
    assert_eq!(rejected(device.install_status_list(&forged)), "unknown_key");
    let elsewhere = StatusList::new(8, NOW_S, "log.example/elsewhere/2026", []);
    assert_eq!(rejected(device.install_status_list(&signed(&elsewhere))), "wrong_scope");
    let refused = matches!(shown(&mut device), Outcome::Refused(_));
    assert!(refused, "what was there stays");
    let database = rusqlite::Connection::open(district.path(TEACHER)).unwrap();
    let back = database.execute("UPDATE status_list SET version = 1", []);
    assert!(back.unwrap_err().to_string().contains("never goes back"));
}

#[test]
fn device_that_is_not_enrolled_takes_no_list() {
    let district = District::new();
    let mut device = district.open(TEACHER).unwrap();
    let refused = device.install_status_list(&signed(&list(7, &[1])));
    assert!(matches!(refused, Err(StatusError::NotEnrolled)), "{refused:?}");
}
