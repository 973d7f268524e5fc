use std::collections::{BTreeSet, HashSet};

use attendance::{
    CardClaims, CardRejection, StatusList, StatusRejection, TrustList, TrustRole, UnverifiedCard,
    VerifiedCard, issue_card,
};
use seal::{Domain, Sign1, Signer};

use crate::fixture::{
    DAY_S, NOW_S, claims, device_ca, entry, flips, issuer, key, next_status_list, roots, status,
    status_list, trust_list, trust_roots, trust_with_status,
};

fn verify(bytes: &[u8]) -> Result<StatusList, StatusRejection> {
    StatusList::parse_and_verify(bytes, &trust_with_status(), NOW_S, 0)
}

fn signed() -> Vec<u8> {
    status_list().sign(&status()).expect("software keys sign")
}

fn card(index: u32, trust: &TrustList) -> VerifiedCard {
    let claims = CardClaims { status_index: index, ..claims() };
    let issued = issue_card(&issuer(), &claims).expect("software keys sign");
    let card = UnverifiedCard::parse_bytes(&issued.bytes).expect("it was just issued");
    card.verify(trust, NOW_S).expect("it holds")
}

/// Numbers by chance, the same in every run (SplitMix64).
pub(crate) fn scattered(count: usize, below: u32, seed: u64) -> BTreeSet<u32> {
    let (mut state, mut numbers) = (seed, BTreeSet::new());
    while numbers.len() < count {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let number = (mixed ^ (mixed >> 31)) % u64::from(below);
        numbers.insert(u32::try_from(number).expect("below 32 bits"));
    }
    numbers
}

#[test]
fn accepts_what_the_status_key_signed_and_answers_exactly() {
    let list = verify(&signed()).unwrap();
    assert_eq!(list, status_list());
    assert_eq!(list.revoked(), [3, 4, 10, 700_000]);
    assert_eq!((list.version(), list.issued_at_s(), list.scope()), (5, NOW_S - DAY_S, "KZ-75"));
    for index in (0..20).chain(699_990..700_010).chain([u32::MAX]) {
        assert_eq!(list.contains(index), [3, 4, 10, 700_000].contains(&index), "{index}");
    }
    assert_eq!(StatusList::parse_kept(&list.to_bytes()), Ok(list));
}

#[test]
fn refuses_a_revoked_card_and_no_other() {
    let trust = trust_with_status();
    let list = status_list();
    for index in [0, 5, 9, 11, 699_999, u32::MAX] {
        assert_eq!(list.admit(&card(index, &trust)), Ok(()), "{index}");
    }
    let revoked = CardRejection::Revoked { card: claims().card, list_version: 5 };
    for index in [3, 4, 10, 700_000] {
        assert_eq!(list.admit(&card(index, &trust)), Err(revoked.clone()), "{index}");
    }
}

#[test]
fn leaves_cards_of_another_scope_alone() {
    let mut trust = trust_with_status();
    trust.entries[0].scope = "KZ-71".to_owned();
    let elsewhere = card(3, &trust);
    assert_eq!(elsewhere.scope(), "KZ-71");
    assert!(!status_list().covers(&elsewhere) && status_list().covers(&card(3, &trust_list())));
    assert_eq!(status_list().admit(&elsewhere), Ok(()));
}

#[test]
fn holds_700_000_cards_with_one_in_a_hundred_revoked_in_10_kilobytes() {
    let by_chance = scattered(7000, 700_000, 1);
    let evenly = (0..7000).map(|n| n * 100 + 99).collect();
    let one_run = (0..7000).collect();
    let two_ends = (0..3500).chain(696_500..700_000).collect();
    for (name, revoked) in
        [("by chance", by_chance), ("evenly", evenly), ("one run", one_run), ("two ends", two_ends)]
    {
        let list = StatusList::new(400, NOW_S, "KZ-75", revoked.iter().copied());
        let bytes = list.sign(&status()).unwrap();
        eprintln!("status list of 7000 in 700 000, {name}: {} bytes signed", bytes.len());
        assert!(bytes.len() <= 10_000, "{name}: {} bytes", bytes.len());
        let read = verify(&bytes).unwrap();
        assert!((0..700_100).all(|index| read.contains(index) == revoked.contains(&index)));
    }
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
    assert!(verify(&[&bytes[..], &[0]].concat()).is_err());
    let long = verify(&vec![0xd2; 256 * 1024 + 1]);
    assert_eq!(long, Err(StatusRejection::Malformed("too long".to_owned())));
}

#[test]
fn refuses_a_key_without_the_role_of_status() {
    for other in [issuer(), device_ca(), key(13), key(99)] {
        let bytes = status_list().sign(&other).unwrap();
        let key_id = other.public_key().key_id();
        assert_eq!(verify(&bytes), Err(StatusRejection::UnknownKey { key_id }));
    }
    let ended = NOW_S + 401 * DAY_S;
    let late = StatusList::parse_and_verify(&signed(), &trust_with_status(), ended, 0);
    assert!(matches!(late, Err(StatusRejection::UnknownKey { .. })));
}

#[test]
fn refuses_a_status_key_of_another_scope() {
    let elsewhere = StatusList::new(5, NOW_S, "KZ-71", [3]);
    let bytes = elsewhere.sign(&status()).unwrap();
    let wrong = StatusRejection::WrongScope { scope: "KZ-71".to_owned() };
    assert_eq!(verify(&bytes), Err(wrong));
    let mut trust = trust_with_status();
    let mut second = entry(&status(), TrustRole::Status);
    second.scope = "KZ-71".to_owned();
    trust.entries.push(second);
    assert_eq!(StatusList::parse_and_verify(&bytes, &trust, NOW_S, 0), Ok(elsewhere));
}

#[test]
fn refuses_a_signature_made_for_something_else() {
    for domain in ["qatysu/status-delta/1", "qatysu/card/1", "qatysu/roster/1"] {
        let envelope = Sign1::seal(&status(), Domain(domain), status_list().to_bytes()).unwrap();
        let key_id = status().public_key().key_id();
        let bad = StatusRejection::BadSignature { key_id };
        assert_eq!(verify(&envelope.to_bytes()), Err(bad), "{domain}");
    }
}

#[test]
fn refuses_a_list_older_than_the_highest_seen() {
    let at = |seen| StatusList::parse_and_verify(&signed(), &trust_with_status(), NOW_S, seen);
    assert!(at(0).is_ok() && at(5).is_ok());
    assert_eq!(at(6), Err(StatusRejection::RolledBack { version: 5, highest_seen: 6 }));
}

#[test]
fn tells_another_version_from_damage() {
    let sealed = |payload: Vec<u8>| {
        Sign1::seal(&status(), Domain("qatysu/status/1"), payload).unwrap().to_bytes()
    };
    let right = status_list().to_bytes();
    assert_eq!(right[..3], [0xa5, 0, 1]);
    let newer = [&right[..2], &[2], &right[3..]].concat();
    assert_eq!(verify(&sealed(newer)), Err(StatusRejection::UnknownVersion { version: 2 }));
    assert_eq!(verify(&sealed(right.clone())), Ok(status_list()));
    for broken in [[&right[..], &[0]].concat(), right[..right.len() - 1].to_vec(), Vec::new()] {
        let refused = verify(&sealed(broken));
        assert!(matches!(refused, Err(StatusRejection::Malformed(_))), "{refused:?}");
    }
}

#[test]
fn calls_an_old_list_stale_and_uses_it_all_the_same() {
    let list = status_list();
    let max_age_s = 72 * 3600;
    assert_eq!(list.age_s(NOW_S), DAY_S);
    assert_eq!(list.age_s(NOW_S - 2 * DAY_S), -DAY_S);
    let edge = list.issued_at_s() + max_age_s;
    assert!(!list.is_stale(edge, max_age_s) && list.is_stale(edge + 1, max_age_s));
    let later = NOW_S + 30 * DAY_S;
    let read = StatusList::parse_and_verify(&signed(), &trust_with_status(), later, 0).unwrap();
    assert!(read.is_stale(later, max_age_s));
    assert_eq!(read.admit(&card(5, &trust_list())), Ok(()));
    assert!(read.admit(&card(3, &trust_list())).is_err());
}

#[test]
fn names_a_list_by_what_it_says() {
    let shuffled = StatusList::new(5, NOW_S - DAY_S, "KZ-75", [700_000, 4, 3, 10, 4]);
    assert_eq!(shuffled, status_list());
    assert_eq!(shuffled.hash(), status_list().hash());
    assert_ne!(next_status_list().hash(), status_list().hash());
}

#[test]
fn comes_under_the_same_roots_as_every_other_key() {
    let [first, second, _] = roots();
    let bytes = trust_with_status().sign(&[&first, &second]).unwrap();
    let trust = attendance::SignedTrustList::parse(&bytes).unwrap();
    let trust = trust.verify(&trust_roots(), 0).unwrap();
    assert!(StatusList::parse_and_verify(&signed(), &trust, NOW_S, 0).is_ok());
}

#[test]
fn says_what_happened_and_what_to_do() {
    let key_id = status().public_key().key_id();
    let all = [
        StatusRejection::Malformed("too long".to_owned()),
        StatusRejection::UnknownVersion { version: 2 },
        StatusRejection::UnknownKey { key_id },
        StatusRejection::BadSignature { key_id },
        StatusRejection::WrongScope { scope: "KZ-71".to_owned() },
        StatusRejection::RolledBack { version: 1, highest_seen: 2 },
        StatusRejection::WrongBase { needed: 1, found: 2 },
        StatusRejection::WrongResult { version: 2 },
    ];
    let mut codes = HashSet::new();
    for rejection in all {
        assert!(codes.insert(rejection.code()), "{} twice", rejection.code());
        let text = rejection.to_string();
        assert!(text.contains(": ") || text.contains(", "), "{text}");
        assert!(text.starts_with(char::is_lowercase) && !text.ends_with('.'), "{text}");
    }
}
