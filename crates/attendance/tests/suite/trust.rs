use attendance::{
    CardRejection, SignedTrustList, TrustEntry, TrustList, TrustRejection, TrustRole, TrustRoots,
    UnverifiedCard, issue_card,
};
use seal::{Domain, MultiSignedBuilder, PublicKey, Signer, SoftwareKey};

use crate::fixture::{
    DAY_S, NOW_S, claims, entry, flips, issuer, key, roots, signed_list, trust_list, trust_roots,
};

fn verify(bytes: &[u8], highest_seen: u32) -> Result<TrustList, TrustRejection> {
    SignedTrustList::parse(bytes)?.verify(&trust_roots(), highest_seen)
}

/// `{0: threshold, 1: [key, …]}`, up to 23 keys.
fn roots_bytes(threshold: u8, keys: &[[u8; 32]]) -> Vec<u8> {
    let count = u8::try_from(keys.len()).expect("a few keys");
    let mut bytes = vec![0xa2, 0, threshold, 1, 0x80 | count];
    for key in keys {
        bytes.extend([0x58, 32]);
        bytes.extend(key);
    }
    bytes
}

#[test]
fn refuses_one_signature_of_three_and_accepts_two() {
    let [first, second, third] = roots();
    let list = trust_list();
    let few = |valid| Err(TrustRejection::NotEnoughSignatures { valid, needed: 2 });
    assert_eq!(verify(&list.sign(&[&first]).unwrap(), 0), few(1));
    assert_eq!(verify(&list.sign(&[&first, &first]).unwrap(), 0), few(1));
    assert_eq!(verify(&list.sign(&[&first, &key(50)]).unwrap(), 0), few(1));
    assert_eq!(verify(&list.sign(&[&key(50), &key(51)]).unwrap(), 0), few(0));
    assert_eq!(verify(&list.sign(&[&first, &second]).unwrap(), 0).as_ref(), Ok(&list));
    assert_eq!(verify(&list.sign(&[&third, &first]).unwrap(), 0).as_ref(), Ok(&list));
    assert_eq!(verify(&list.sign(&[&third, &second, &first]).unwrap(), 0).as_ref(), Ok(&list));
    assert!(matches!(verify(&list.sign(&[]).unwrap(), 0), Err(TrustRejection::Malformed(_))));
}

#[test]
fn refuses_a_list_older_than_the_highest_seen() {
    let bytes = signed_list();
    assert!(verify(&bytes, 0).is_ok() && verify(&bytes, 7).is_ok());
    let rolled_back = TrustRejection::RolledBack { version: 7, highest_seen: 8 };
    assert_eq!(verify(&bytes, 8), Err(rolled_back));
}

#[test]
fn refuses_every_flipped_bit_and_every_truncation() {
    let bytes = signed_list();
    for (at, broken) in flips(&bytes) {
        assert!(verify(&broken, 0).is_err(), "byte {at}");
    }
    for kept in 0..bytes.len() {
        let cut = SignedTrustList::parse(&bytes[..kept]);
        assert!(matches!(cut, Err(TrustRejection::Malformed(_))), "{kept} bytes");
    }
    assert!(SignedTrustList::parse(&[&bytes[..], &[0]].concat()).is_err());
    assert_eq!(SignedTrustList::parse(&bytes).unwrap().to_bytes(), bytes);
}

#[test]
fn refuses_signatures_made_for_something_else() {
    let [first, second, _] = roots();
    let envelope =
        MultiSignedBuilder::new(Domain("qatysu/card/1"), seal::to_canonical(&trust_list()))
            .sign(&first)
            .and_then(|builder| builder.sign(&second))
            .unwrap();
    let refused = verify(&envelope.build().to_bytes(), 0);
    assert_eq!(refused, Err(TrustRejection::NotEnoughSignatures { valid: 0, needed: 2 }));
}

#[test]
fn refuses_a_quorum_that_always_holds_or_that_nothing_reaches() {
    let with = |witness_quorum, witnesses: &[u8]| {
        let mut list = TrustList { witness_quorum, ..trust_list() };
        list.entries.extend(witnesses.iter().map(|seed| entry(&key(*seed), TrustRole::Witness)));
        let [first, second, _] = roots();
        verify(&list.sign(&[&first, &second]).unwrap(), 0)
    };
    assert_eq!(with(Some(2), &[31, 32, 33]).unwrap().witness_quorum, Some(2));
    assert_eq!(with(None, &[31]).unwrap().witness_quorum, None);
    let refused = |quorum, witnesses| Err(TrustRejection::BadQuorum { quorum, witnesses });
    assert_eq!(with(Some(0), &[31, 32]), refused(0, 2));
    assert_eq!(with(Some(3), &[31, 32]), refused(3, 2));
    assert_eq!(with(Some(2), &[31, 31]), refused(2, 1));
    assert_eq!(with(Some(1), &[]), refused(1, 0));
}

#[test]
fn refuses_a_list_with_a_weak_key() {
    for weak in [[0; 32], identity()] {
        let mut list = trust_list();
        list.entries[1].key = weak;
        let [first, second, _] = roots();
        let bytes = list.sign(&[&first, &second]).unwrap();
        assert_eq!(verify(&bytes, 0), Err(TrustRejection::WeakKey { position: 1 }));
        assert_eq!(list.keys(TrustRole::DeviceCa, key(12).public_key().key_id(), NOW_S).count(), 0);
    }
}

#[test]
fn refuses_a_weak_root_key() {
    let good = key(1).public_key().to_bytes();
    for weak in [[0; 32], identity(), no_point()] {
        let mut keys = [good, weak];
        keys.sort_unstable();
        let position = keys.iter().position(|key| *key == weak).unwrap();
        let refused = TrustRoots::parse(&roots_bytes(1, &keys));
        assert_eq!(refused, Err(TrustRejection::WeakKey { position }));
    }
}

#[test]
fn refuses_a_threshold_that_is_no_rule() {
    let mut keys = roots().map(|root| root.public_key().to_bytes());
    keys.sort_unstable();
    for threshold in [0, 4] {
        let bad = TrustRejection::BadThreshold { threshold: threshold.into(), keys: 3 };
        assert_eq!(TrustRoots::parse(&roots_bytes(threshold, &keys)), Err(bad.clone()));
        let roots = TrustRoots { threshold: threshold.into(), ..trust_roots() };
        assert_eq!(SignedTrustList::parse(&signed_list()).unwrap().verify(&roots, 0), Err(bad));
    }
    let one = trust_roots().keys[0];
    let doubled = TrustRoots { keys: vec![one, one], threshold: 2 };
    let refused = SignedTrustList::parse(&signed_list()).unwrap().verify(&doubled, 0);
    assert_eq!(refused, Err(TrustRejection::BadThreshold { threshold: 2, keys: 1 }));
    assert!(TrustRoots::parse(&roots_bytes(0, &[])).is_err());
}

#[test]
fn parses_roots_from_one_encoding_only() {
    let bytes = trust_roots().to_bytes();
    let parsed = TrustRoots::parse(&bytes).unwrap();
    assert_eq!(parsed.to_bytes(), bytes);
    assert_eq!(parsed.threshold, 2);
    for kept in 0..bytes.len() {
        assert!(TrustRoots::parse(&bytes[..kept]).is_err(), "{kept} bytes");
    }
    let mut keys: Vec<_> = parsed.keys.iter().map(PublicKey::to_bytes).collect();
    keys.reverse();
    assert!(TrustRoots::parse(&roots_bytes(2, &keys)).is_err(), "out of order");
    assert!(TrustRoots::parse(&roots_bytes(1, &[keys[0], keys[0]])).is_err(), "doubled");
}

#[test]
fn names_the_same_roots_alike_and_others_differently() {
    let mut turned = trust_roots();
    turned.keys.reverse();
    assert_eq!(turned.fingerprint(), trust_roots().fingerprint());
    let lower = TrustRoots { threshold: 1, ..trust_roots() };
    assert_ne!(lower.fingerprint(), trust_roots().fingerprint());
}

#[test]
fn gives_keys_by_role_id_and_time() {
    let mut list = trust_list();
    let id = issuer().public_key().key_id();
    let count = |list: &TrustList, role, now_s| list.keys(role, id, now_s).count();
    assert_eq!(count(&list, TrustRole::CardIssuer, NOW_S), 1);
    assert_eq!(count(&list, TrustRole::DeviceCa, NOW_S), 0);
    assert_eq!(count(&list, TrustRole::CardIssuer, NOW_S + 400 * DAY_S), 1);
    assert_eq!(count(&list, TrustRole::CardIssuer, NOW_S + 400 * DAY_S + 1), 0);
    assert_eq!(list.keys_at_any_time(TrustRole::CardIssuer, id).count(), 1);
    list.entries.push(entry(&issuer(), TrustRole::Status));
    assert_eq!(count(&list, TrustRole::Status, NOW_S), 1);
}

/// The list after a rotation: the old issuer's cards hold for 200 days more, the new one signs from
/// now on.
fn rotated() -> TrustList {
    let mut list = TrustList { version: 8, ..trust_list() };
    list.entries[0].not_after_s = NOW_S + 200 * DAY_S;
    let began = TrustEntry { not_before_s: NOW_S, ..entry(&key(15), TrustRole::CardIssuer) };
    list.entries.push(began);
    list
}

#[test]
fn keeps_cards_of_an_old_key_while_a_new_one_signs() {
    let card_of = |issuer: &SoftwareKey| issue_card(issuer, &claims()).unwrap();
    let verify = |issuer, trust: &TrustList, now_s| {
        UnverifiedCard::parse_bytes(&card_of(issuer).bytes).unwrap().verify(trust, now_s)
    };
    let (old, new) = (issuer(), key(15));
    let list = rotated();
    for now_s in [NOW_S, NOW_S + 50 * DAY_S] {
        assert!(verify(&old, &list, now_s).is_ok(), "no card is reissued for a new key");
        assert!(verify(&new, &list, now_s).is_ok());
    }
    let unknown = CardRejection::UnknownKey { key_id: new.public_key().key_id() };
    assert_eq!(verify(&new, &list, NOW_S - 1), Err(unknown), "not before the new key begins");
    let ended = verify(&old, &list, NOW_S + 200 * DAY_S + 1);
    assert!(matches!(ended, Err(CardRejection::UnknownKey { .. })), "nor after the old one ends");
}

#[test]
fn signs_with_the_key_that_began_last() {
    let list = rotated();
    let at = |now_s| list.signing_key(TrustRole::CardIssuer, "KZ-75", now_s);
    assert_eq!(at(NOW_S - 1), Some(issuer().public_key()));
    assert_eq!(at(NOW_S), Some(key(15).public_key()));
    assert_eq!(at(NOW_S + 201 * DAY_S), Some(key(15).public_key()));
    assert_eq!(at(NOW_S + 401 * DAY_S), None);
    assert_eq!(list.signing_key(TrustRole::CardIssuer, "KZ-71", NOW_S), None);
    assert_eq!(list.signing_key(TrustRole::Status, "KZ-75", NOW_S), None);

    let mut together = rotated();
    together.entries[0].not_before_s = NOW_S;
    let last_listed = together.signing_key(TrustRole::CardIssuer, "KZ-75", NOW_S);
    assert_eq!(last_listed, Some(key(15).public_key()));

    let mut withdrawn = rotated();
    withdrawn.entries[3].not_after_s = NOW_S + DAY_S;
    let later = withdrawn.signing_key(TrustRole::CardIssuer, "KZ-75", NOW_S + 2 * DAY_S);
    assert_eq!(later, Some(issuer().public_key()), "the old key signs again when the new one ends");
}

#[test]
fn grants_a_key_its_own_role_and_scope_and_time_only() {
    let list = trust_list();
    let issuer = issuer().public_key();
    let granted = |role, key, scope, now_s| list.grants(role, key, scope, now_s);
    assert!(granted(TrustRole::CardIssuer, &issuer, "KZ-75", NOW_S));
    for role in [TrustRole::DeviceCa, TrustRole::Log, TrustRole::Status, TrustRole::Rules] {
        assert!(!granted(role, &issuer, "KZ-75", NOW_S), "{role:?}");
    }
    for scope in ["KZ", "KZ-7", "KZ-750", "kz-75", ""] {
        assert!(!granted(TrustRole::CardIssuer, &issuer, scope, NOW_S), "{scope}");
    }
    assert!(!granted(TrustRole::CardIssuer, &issuer, "KZ-75", NOW_S + 401 * DAY_S));
    assert!(!granted(TrustRole::CardIssuer, &key(99).public_key(), "KZ-75", NOW_S));
}

#[test]
fn gives_one_key_the_roles_it_has_and_no_other() {
    let mut list = trust_list();
    list.entries.push(entry(&issuer(), TrustRole::DeviceCa));
    let id = issuer().public_key().key_id();
    for (role, count) in [
        (TrustRole::CardIssuer, 1),
        (TrustRole::DeviceCa, 1),
        (TrustRole::Log, 0),
        (TrustRole::Witness, 0),
        (TrustRole::Status, 0),
        (TrustRole::Rules, 0),
    ] {
        assert_eq!(list.keys(role, id, NOW_S).count(), count, "{role:?}");
        assert_eq!(list.keys_at_any_time(role, id).count(), count, "{role:?}");
    }
}

/// The neutral element, (0, 1): every message has a signature under it.
fn identity() -> [u8; 32] {
    let mut point = [0; 32];
    point[0] = 1;
    point
}

/// No point of the curve has y = 2.
fn no_point() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = 2;
    bytes
}
