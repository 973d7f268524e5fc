//! Tag lists by themselves: form, signature, what they cover, and which leaves they name.

use attendance::{TagKey, TagList};
use seal::Domain;

use super::breaks::{Fault, Whole, replaced, seal};
use super::material::{MAIN, log_key, other_log_key};
use super::month::{nobody, tag_key};
use super::{Case, Input, OK, VectorFile};
use crate::district;

const DOMAIN: Domain = Domain("qatysu/tags/1");
const MALFORMED: &str = "malformed";
/// The list's own leaf.
const LEAF: i64 = 15;

fn child(number: u8) -> TagKey {
    tag_key(district::child(number))
}

/// Leaves 10 to 14: child 1, nobody, child 2, a correction from child 1 to child 2, child 1.
fn list() -> TagList {
    let leaves = [vec![child(1)], vec![], vec![child(2)], vec![child(2), child(1)], vec![child(1)]];
    TagList::new(10, &nobody(), &leaves)
}

/// What a parent asks of a list: does it go on at leaf 10, and is leaf `about` the child's?
fn asked(name: &str, expected: &str, bytes: &[u8], (key, about): (TagKey, i64)) -> Case {
    let inputs = [
        ("list", Input::hex(bytes)),
        ("origin", Input::Text(district::ORIGIN.to_owned())),
        ("first", Input::Number(10)),
        ("leaf", Input::Number(LEAF)),
        ("key", Input::hex(key.as_bytes())),
        ("about", Input::Number(about)),
    ];
    Case::new(name, expected, inputs).trusting(MAIN)
}

fn case(name: &str, expected: &str, bytes: &[u8]) -> Case {
    asked(name, expected, bytes, (child(1), 10))
}

fn with(mut case: Case, input: &str, number: i64) -> Case {
    case.inputs.insert(input.to_owned(), Input::Number(number));
    case
}

pub(super) fn file() -> VectorFile {
    let (log, other) = (log_key(), other_log_key());
    let payload = seal::to_canonical(&list());
    let tag = child(1).tag(10).0;
    let flip_at = payload.windows(8).position(|window| window == tag).expect("the tag");
    let whole = Whole { payload, key: &log, domain: DOMAIN, flip_at, other_role: Some(&other) };
    let good = whole.bytes();
    let mut elsewhere = case("asked of a log without a key", "unknown_key", &good);
    let none = Input::Text("log.qatysu.example/none".to_owned());
    elsewhere.inputs.insert("origin".to_owned(), none);
    let mut cases = vec![
        case("the first leaf is the child's", OK, &good),
        asked("the last leaf is the child's", OK, &good, (child(1), 14)),
        asked("a leaf is about two: the new child", OK, &good, (child(2), 13)),
        asked("a leaf is about two: the child before", OK, &good, (child(1), 13)),
        asked("a leaf is about nobody", OK, &good, (nobody(), 11)),
        asked("another child's leaf", "not_named", &good, (child(1), 12)),
        asked("a child that no leaf is about", "not_named", &good, (child(3), 10)),
        asked("a leaf before the first", "not_named", &good, (child(1), 9)),
        asked("a leaf after the last", "not_named", &good, (child(1), 15)),
        with(case("leaves are left out before it", "gap", &good), "first", 9),
        with(case("leaves have their tags already", "gap", &good), "first", 11),
        with(case("it covers its own leaf", "ahead", &good), "leaf", 14),
        elsewhere,
    ];
    cases.extend(whole.breaks().into_iter().map(|broken| {
        let expected = match broken.fault {
            Fault::Form => MALFORMED,
            Fault::Signature | Fault::Key => "bad_signature",
        };
        case(broken.name, expected, &broken.bytes)
    }));
    let changed = |name: &str, expected: &str, from: &[u8], to: &[u8]| {
        let payload = replaced(&whole.payload, from, to);
        case(&format!("signed payload: {name}"), expected, &seal(&log, DOMAIN, payload))
    };
    let also = |leaf: u8| [&[0x82, leaf, 0x48][..], &child(1).tag(13).0].concat();
    let one = [&[0x81][..], &also(13)].concat();
    let two = |first: u8, second: u8| [&[0x82][..], &also(first), &also(second)].concat();
    let tags = &whole.payload[flip_at - 2..flip_at + 40];
    cases.extend([
        changed("another version", "unknown_version", &[0xa4, 0, 1], &[0xa4, 0, 2]),
        changed("no leaves", MALFORMED, tags, &[0x40]),
        changed("a tag of 7 bytes", MALFORMED, tags, &[&[0x58, 39][..], &tags[2..41]].concat()),
        changed("no list of second tags", MALFORMED, &one, &[0xa0]),
        changed(
            "a second tag after the last leaf",
            "outside",
            &one,
            &[&[0x81][..], &also(15)].concat(),
        ),
        changed(
            "a second tag before the first leaf",
            "outside",
            &one,
            &[&[0x81][..], &also(9)].concat(),
        ),
        changed("three tags for a leaf", "order", &one, &two(13, 13)),
        changed("second tags out of order", "order", &one, &two(13, 12)),
        changed("leaves that no log can have", "outside", &[0x01, 10], &ENDLESS),
    ]);
    super::file("tag-list", &[MAIN], cases)
}

/// The first leaf as 2^64 - 1.
const ENDLESS: [u8; 10] = [0x01, 0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
