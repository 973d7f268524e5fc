use attendance::{StatusDelta, StatusList, StatusRejection};
use proptest::collection::btree_set;
use proptest::prelude::*;
use seal::{Domain, Sign1, Signer};

use crate::fixture::{
    DAY_S, NOW_S, flips, issuer, next_status_list, status, status_delta, status_list,
    trust_with_status,
};
use crate::status::scattered;

fn verify(bytes: &[u8]) -> Result<StatusDelta, StatusRejection> {
    StatusDelta::parse_and_verify(bytes, &trust_with_status(), NOW_S)
}

fn signed() -> Vec<u8> {
    status_delta().sign(&status()).expect("software keys sign")
}

#[test]
fn leads_from_one_list_to_the_next() {
    let delta = verify(&signed()).unwrap();
    assert_eq!(delta, status_delta());
    assert_eq!(delta.versions(), (5, 6));
    assert_eq!((delta.revoked(), delta.reinstated()), (&[77][..], &[4][..]));
    let applied = delta.apply(&status_list()).unwrap();
    assert_eq!(applied, next_status_list());
    assert_eq!(applied.to_bytes(), next_status_list().to_bytes());
}

#[test]
fn holds_a_day_of_700_000_cards_in_half_a_kilobyte() {
    let mut revoked = scattered(7000, 700_000, 1);
    let from = StatusList::new(400, NOW_S - DAY_S, "KZ-75", revoked.iter().copied());
    let reinstated: Vec<u32> = revoked.iter().copied().step_by(1400).collect();
    assert_eq!(reinstated.len(), 5);
    revoked.retain(|index| !reinstated.contains(index));
    let fresh: Vec<u32> = scattered(200, 700_000, 2).difference(&revoked).copied().collect();
    let fresh = fresh.iter().filter(|index| !reinstated.contains(index)).take(120);
    revoked.extend(fresh);
    assert_eq!(revoked.len(), 7000 - 5 + 120);
    let to = StatusList::new(401, NOW_S, "KZ-75", revoked);

    let delta = StatusDelta::between(&from, &to).unwrap();
    assert_eq!((delta.revoked().len(), delta.reinstated().len()), (120, 5));
    let bytes = delta.sign(&status()).unwrap();
    eprintln!("status change of 120 and 5 in 700 000: {} bytes signed", bytes.len());
    assert!(bytes.len() <= 500, "{} bytes", bytes.len());
    assert_eq!(verify(&bytes).unwrap().apply(&from), Ok(to));
}

#[test]
fn keeps_a_list_fresh_without_any_card() {
    let later = StatusList::new(6, NOW_S, "KZ-75", status_list().revoked().iter().copied());
    let delta = StatusDelta::between(&status_list(), &later).unwrap();
    let applied = verify(&delta.sign(&status()).unwrap()).unwrap().apply(&status_list()).unwrap();
    assert_eq!((applied.issued_at_s(), applied.version()), (NOW_S, 6));
    assert_eq!(applied.revoked(), status_list().revoked());
}

#[test]
fn refuses_another_base() {
    let wrong_base = |found| Err(StatusRejection::WrongBase { needed: 5, found });
    for version in [4, 6] {
        let base = StatusList::new(version, NOW_S - DAY_S, "KZ-75", [3, 4, 10, 700_000]);
        assert_eq!(status_delta().apply(&base), wrong_base(version));
    }
    let elsewhere = StatusList::new(5, NOW_S - DAY_S, "KZ-71", [3, 4, 10, 700_000]);
    let wrong = StatusRejection::WrongScope { scope: "KZ-75".to_owned() };
    assert_eq!(status_delta().apply(&elsewhere), Err(wrong));
}

#[test]
fn refuses_a_base_of_the_right_version_with_other_cards() {
    for cards in [&[3, 4, 10][..], &[3, 4, 10, 11, 700_000], &[]] {
        let base = StatusList::new(5, NOW_S - DAY_S, "KZ-75", cards.iter().copied());
        let wrong = StatusRejection::WrongResult { version: 6 };
        assert_eq!(status_delta().apply(&base), Err(wrong), "{cards:?}");
    }
}

#[test]
fn leads_forward_only_and_within_a_scope() {
    let back = StatusDelta::between(&next_status_list(), &status_list());
    assert_eq!(back, Err(StatusRejection::RolledBack { version: 5, highest_seen: 6 }));
    assert!(StatusDelta::between(&status_list(), &status_list()).is_err());
    let elsewhere = StatusList::new(6, NOW_S, "KZ-71", [3]);
    let wrong = StatusRejection::WrongScope { scope: "KZ-71".to_owned() };
    assert_eq!(StatusDelta::between(&status_list(), &elsewhere), Err(wrong));

    // Signed all the same: to version 4, from 5.
    let mut payload = seal::to_canonical(&status_delta());
    assert_eq!(payload[..7], [0xa8, 0, 1, 1, 5, 2, 6]);
    payload[6] = 4;
    let envelope = Sign1::seal(&status(), Domain("qatysu/status-delta/1"), payload).unwrap();
    assert!(matches!(verify(&envelope.to_bytes()), Err(StatusRejection::Malformed(_))));
}

#[test]
fn refuses_every_flipped_bit_and_every_truncation() {
    let bytes = signed();
    for (at, broken) in flips(&bytes) {
        assert!(verify(&broken).is_err(), "byte {at}");
    }
    for kept in 0..bytes.len() {
        let cut = verify(&bytes[..kept]);
        assert!(matches!(cut, Err(StatusRejection::Malformed(_))), "{kept} bytes");
    }
}

#[test]
fn refuses_a_key_without_the_role_a_scope_and_another_domain() {
    let by_issuer = status_delta().sign(&issuer()).unwrap();
    let key_id = issuer().public_key().key_id();
    assert_eq!(verify(&by_issuer), Err(StatusRejection::UnknownKey { key_id }));
    let mut trust = trust_with_status();
    trust.entries[3].scope = "KZ-71".to_owned();
    let wrong = StatusRejection::WrongScope { scope: "KZ-75".to_owned() };
    assert_eq!(StatusDelta::parse_and_verify(&signed(), &trust, NOW_S), Err(wrong));
    let payload = seal::to_canonical(&status_delta());
    let envelope = Sign1::seal(&status(), Domain("qatysu/status/1"), payload).unwrap();
    let key_id = status().public_key().key_id();
    let bad = StatusRejection::BadSignature { key_id };
    assert_eq!(verify(&envelope.to_bytes()), Err(bad));
}

#[test]
fn tells_another_version_from_damage() {
    let mut payload = seal::to_canonical(&status_delta());
    payload[2] = 2;
    let envelope = Sign1::seal(&status(), Domain("qatysu/status-delta/1"), payload).unwrap();
    let unknown = StatusRejection::UnknownVersion { version: 2 };
    assert_eq!(verify(&envelope.to_bytes()), Err(unknown));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_list_leads_to_any_later_one(
        from in btree_set(0..2000u32, 0..120),
        to in btree_set(0..2000u32, 0..120),
        steps in 1..9u32,
    ) {
        let from = StatusList::new(5, NOW_S - DAY_S, "KZ-75", from);
        let to = StatusList::new(5 + steps, NOW_S, "KZ-75", to);
        let delta = StatusDelta::between(&from, &to).unwrap();
        let read = verify(&delta.sign(&status()).unwrap()).unwrap();
        prop_assert_eq!(read.apply(&from), Ok(to));
    }

    #[test]
    fn changes_in_a_row_give_what_one_change_gives(
        days in proptest::collection::vec(btree_set(0..300u32, 0..40), 2..6),
    ) {
        let lists: Vec<StatusList> = (1..).zip(days)
            .map(|(version, cards)| StatusList::new(version, NOW_S, "KZ-75", cards))
            .collect();
        let mut walked = lists[0].clone();
        for pair in lists.windows(2) {
            walked = StatusDelta::between(&pair[0], &pair[1]).unwrap().apply(&walked).unwrap();
        }
        prop_assert_eq!(&walked, &lists[lists.len() - 1]);
    }
}
