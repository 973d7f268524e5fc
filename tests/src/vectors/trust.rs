//! Trust lists, and the roots they rest on.

use attendance::{TrustEntry, TrustList, TrustRole, TrustRoots};
use seal::{Domain, MultiSignedBuilder, Signer as _, SoftwareKey};

use super::breaks::{flip, replaced, unreduced};
use super::card::SMALL_ORDER;
use super::material::{NOW_S, TRUST_DOMAIN, signed_trust_list, stranger, trust_list};
use super::{Case, Input, OK, VectorFile};
use crate::key;

const MALFORMED: &str = "malformed";
const TOO_FEW: &str = "not_enough_signatures";

fn signed_for(payload: Vec<u8>, domain: Domain, seeds: &[u8]) -> Vec<u8> {
    let keys: Vec<SoftwareKey> = seeds.iter().map(|seed| key(*seed)).collect();
    let builder = MultiSignedBuilder::new(domain, payload);
    let signed = keys.iter().try_fold(builder, |builder, key| builder.sign(key));
    signed.expect("software keys sign").build().to_bytes()
}

fn of(list: &TrustList) -> Vec<u8> {
    signed_for(seal::to_canonical(list), TRUST_DOMAIN, &[1, 3])
}

fn case(name: &str, expected: &str, list: &[u8], highest_seen: i64) -> Case {
    let inputs = [
        ("roots", Input::hex(&super::material::roots().to_bytes())),
        ("list", Input::hex(list)),
        ("highest_seen", Input::Number(highest_seen)),
    ];
    Case::new(name, expected, inputs)
}

/// A list in which one key is replaced by these bytes.
fn with_key(bytes: [u8; 32]) -> Vec<u8> {
    let mut list = trust_list();
    list.entries[2].key = bytes;
    of(&list)
}

pub(super) fn list() -> VectorFile {
    let payload = seal::to_canonical(&trust_list());
    let good = signed_trust_list();
    let stale = TrustList { not_after_s: NOW_S - 1, ..trust_list() };
    let empty = TrustList { entries: Vec::new(), ..trust_list() };
    let quorum = |quorum, seeds: &[u8]| {
        let mut list = TrustList { witness_quorum: Some(quorum), ..trust_list() };
        let entry = list.entries[2].clone();
        list.entries.extend(seeds.iter().map(|seed| TrustEntry {
            key: key(*seed).public_key().to_bytes(),
            role: TrustRole::Witness,
            ..entry.clone()
        }));
        of(&list)
    };
    let signed = |payload: &[u8], seeds: &[u8]| signed_for(payload.to_vec(), TRUST_DOMAIN, seeds);
    let head = |head: &[u8]| [head, &payload[1..]].concat();
    let mut flipped = payload.clone();
    flipped[60] ^= 1;
    let other_domain = Domain("qatysu/roster/1");
    let not_a_point = {
        let mut bytes = [0; 32];
        bytes[0] = 2;
        bytes
    };
    let cases = vec![
        case("signed by two of three roots", OK, &good, 0),
        case("signed by all three", OK, &signed(&payload, &[1, 2, 3]), 0),
        case("signed by two roots and a stranger", OK, &signed(&payload, &[1, 2, 99]), 0),
        case("the very version seen before", OK, &good, 7),
        case("stale, and still a list", OK, &of(&stale), 0),
        case("with no key", OK, &of(&empty), 0),
        case("asks for two of three witnesses", OK, &quorum(2, &[31, 32, 33]), 0),
        case("asks for no witness", "bad_quorum", &quorum(0, &[31, 32]), 0),
        case("asks for three of two witnesses", "bad_quorum", &quorum(3, &[31, 32]), 0),
        case("asks for two witnesses and has one twice", "bad_quorum", &quorum(2, &[31, 31]), 0),
        case("older than a version seen before", "rolled_back", &good, 8),
        case("signed by one root", TOO_FEW, &signed(&payload, &[1]), 0),
        case("signed by one root and a stranger", TOO_FEW, &signed(&payload, &[1, 99]), 0),
        case("signed by strangers", TOO_FEW, &signed(&payload, &[97, 98, 99]), 0),
        case("one of two signatures is forged", TOO_FEW, &forged(&payload), 0),
        case("a bit flipped in the payload", TOO_FEW, &replaced(&good, &payload, &flipped), 0),
        case("a bit flipped in a signature", TOO_FEW, &flip(&good, 3), 0),
        case("a signature of S + L instead of S", TOO_FEW, &unreduced(&good), 0),
        case(
            "signed for another kind of payload",
            TOO_FEW,
            &signed_for(payload.clone(), other_domain, &[1, 3]),
            0,
        ),
        case("with a key of small order", "weak_key", &with_key(SMALL_ORDER), 0),
        case("with a key that is no point", "weak_key", &with_key(not_a_point), 0),
        case("the signatures out of order", MALFORMED, &swapped(&payload), 0),
        case("one signature twice", MALFORMED, &doubled(&payload), 0),
        case("no signature", MALFORMED, &unsigned(&payload), 0),
        case("a trailing byte", MALFORMED, &[&good[..], &[0]].concat(), 0),
        case("the last byte missing", MALFORMED, &good[..good.len() - 1], 0),
        case("the tag in another length", MALFORMED, &[&[0xd9, 0, 98], &good[2..]].concat(), 0),
        case(
            "signed payload: the map's length in two bytes",
            MALFORMED,
            &signed(&head(&[0xb8, 3]), &[1, 3]),
            0,
        ),
        case(
            "signed payload: a role that nobody knows",
            MALFORMED,
            &signed(&replaced(&payload, &[0x01, 0x05, 0x02], &[0x01, 0x09, 0x02]), &[1, 3]),
            0,
        ),
        case("signed payload: no list", MALFORMED, &signed(&[0x80], &[1, 3]), 0),
    ];
    super::file("trust-list", &[], cases)
}

/// The bytes before the signatures, and each signature's bytes.
fn parts(bytes: &[u8], count: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    const ONE: usize = 1 + 10 + 1 + 66;
    let start = bytes.len() - count * ONE;
    let each = bytes[start..].chunks(ONE).map(<[u8]>::to_vec);
    (bytes[..start].to_vec(), each.collect())
}

fn swapped(payload: &[u8]) -> Vec<u8> {
    let (head, mut each) = parts(&signed_for(payload.to_vec(), TRUST_DOMAIN, &[1, 3]), 2);
    each.reverse();
    [head, each.concat()].concat()
}

fn doubled(payload: &[u8]) -> Vec<u8> {
    let (head, each) = parts(&signed_for(payload.to_vec(), TRUST_DOMAIN, &[1, 3]), 2);
    [head, each[0].clone(), each[0].clone()].concat()
}

fn unsigned(payload: &[u8]) -> Vec<u8> {
    let (mut head, _) = parts(&signed_for(payload.to_vec(), TRUST_DOMAIN, &[1]), 1);
    *head.last_mut().expect("the array's head") = 0x80;
    head
}

/// One good signature, and a stranger's under a root's name.
fn forged(payload: &[u8]) -> Vec<u8> {
    let impostor = super::material::Impostor { hand: stranger(), face: key(2).public_key() };
    let builder = MultiSignedBuilder::new(TRUST_DOMAIN, payload.to_vec());
    let signed = builder.sign(&key(1)).and_then(|builder| builder.sign(&impostor));
    signed.expect("software keys sign").build().to_bytes()
}

pub(super) fn roots() -> VectorFile {
    let case = |name: &str, expected: &str, bytes: &[u8]| {
        Case::new(name, expected, [("roots", Input::hex(bytes))])
    };
    let of = |threshold, seeds: &[u8]| {
        let keys = seeds.iter().map(|seed| key(*seed).public_key()).collect();
        TrustRoots { keys, threshold }.to_bytes()
    };
    let good = of(2, &[1, 2, 3]);
    let raw = |threshold: u8, keys: &[[u8; 32]]| {
        let mut bytes =
            vec![0xa2, 0x00, threshold, 0x01, 0x80 + u8::try_from(keys.len()).expect("few")];
        for key in keys {
            bytes.extend([0x58, 32]);
            bytes.extend(key);
        }
        bytes
    };
    let mut keys = [1, 2, 3].map(|seed| key(seed).public_key().to_bytes());
    keys.sort_unstable();
    let [a, b, c] = keys;
    assert_eq!(raw(2, &keys), good, "the encoding is known");
    let mut many = raw(1, &[a; 20]);
    many.extend([0; 1024]);
    let cases = vec![
        case("two of three", OK, &good),
        case("one of one", OK, &of(1, &[1])),
        case("three of three", OK, &of(3, &[1, 2, 3])),
        case("none of three", "bad_threshold", &of(0, &[1, 2, 3])),
        case("four of three", "bad_threshold", &of(4, &[1, 2, 3])),
        case("one of none", "bad_threshold", &raw(1, &[])),
        case("three of two, one of them twice", "bad_threshold", &raw(3, &[a, a, b])),
        case("two of three, one of them twice", MALFORMED, &raw(2, &[a, a, b])),
        case("the keys out of order", MALFORMED, &raw(2, &[b, a, c])),
        case("a key of small order", "weak_key", &raw(2, &[a, b, SMALL_ORDER])),
        case("a key that is the neutral point", "weak_key", &raw(1, &[a, neutral()])),
        case("a trailing byte", MALFORMED, &[&good[..], &[0]].concat()),
        case("the last byte missing", MALFORMED, &good[..good.len() - 1]),
        case(
            "the threshold in two bytes",
            MALFORMED,
            &replaced(&good, &[0, 2, 1], &[0, 0x18, 2, 1]),
        ),
        case("a key of 31 bytes", MALFORMED, &replaced(&good, &c, &c[..31])),
        case("longer than 1 kB", MALFORMED, &many),
        case("no bytes at all", MALFORMED, &[]),
    ];
    super::file("trust-roots", &[], cases)
}

fn neutral() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
}
