//! Rosters: who belongs to which group, signed by the rules key.

use attendance::{ROSTER_DOMAIN, Roster, RosterChild, RosterGroup, RosterLesson, RosterProvider};
use seal::SoftwareKey;

use super::breaks::{Fault, Whole, replaced, seal};
use super::material::{MAIN, NOW_S, device_ca, former_rules_key, rules_key};
use super::{Case, Input, OK, VectorFile};
use crate::district;

fn roster() -> Roster {
    let lessons = district::lessons(district::CHESS).into_iter().take(2);
    let child = |number: u8| RosterChild {
        id: district::child(number),
        name: district::NAMES[usize::from(number) - 1].to_owned(),
        voucher: district::voucher(number),
        group: district::CHESS,
        card: district::card(number),
        card_hash: None,
    };
    Roster {
        version: 3,
        providers: vec![RosterProvider { id: district::CHESS_HOUSE, name: "Chess".to_owned() }],
        groups: vec![RosterGroup {
            id: district::CHESS,
            provider: district::CHESS_HOUSE,
            name: "Шахмат".to_owned(),
        }],
        lessons: lessons
            .map(|lesson| RosterLesson {
                id: lesson.id,
                group: lesson.group,
                start_ms: lesson.start_ms,
                end_ms: lesson.end_ms,
            })
            .collect(),
        children: vec![
            child(1),
            RosterChild { card_hash: Some(seal::sha256(b"a card")), ..child(2) },
        ],
        window: district::snapshot().params[0].window(),
        windows: None,
    }
}

fn case(name: &str, expected: &str, bytes: &[u8]) -> Case {
    let inputs = [("roster", Input::hex(bytes)), ("now_s", Input::Number(NOW_S))];
    Case::new(name, expected, inputs).trusting(MAIN)
}

fn signed(roster: &Roster, key: &SoftwareKey) -> Vec<u8> {
    roster.sign(key).expect("a software key signs")
}

pub(super) fn file() -> VectorFile {
    let (rules, device_ca) = (rules_key(), device_ca());
    let empty = Roster {
        providers: Vec::new(),
        groups: Vec::new(),
        lessons: Vec::new(),
        children: Vec::new(),
        ..roster()
    };
    let payload = roster().to_bytes();
    let window = [0x05, 0x85, 0x18, 30, 15, 20, 10, 15];
    let mut cases = vec![
        case("a group with two lessons and two children", OK, &signed(&roster(), &rules)),
        case("nobody and nothing", OK, &signed(&empty, &rules)),
        case("by a key that has ended", "unknown_key", &signed(&roster(), &former_rules_key())),
    ];
    let domain = ROSTER_DOMAIN;
    let child = district::child(2).0;
    let flip_at = payload.windows(12).position(|window| window == child).expect("the child");
    let whole = Whole { payload, key: &rules, domain, flip_at, other_role: Some(&device_ca) };
    cases.extend(whole.breaks().into_iter().map(|broken| {
        let expected = match broken.fault {
            Fault::Form => "malformed",
            Fault::Signature => "bad_signature",
            Fault::Key => "unknown_key",
        };
        case(broken.name, expected, &broken.bytes)
    }));
    let four = [0x05, 0x84, 0x18, 30, 15, 20, 10];
    let name = "Шахмат".as_bytes();
    let mut not_text = name.to_vec();
    not_text[1] = 0xff;
    for (name, payload) in [
        ("a window of four minutes", replaced(&whole.payload, &window, &four)),
        ("a name that is not UTF-8", replaced(&whole.payload, name, &not_text)),
    ] {
        let bytes = seal(&rules, ROSTER_DOMAIN, payload);
        cases.push(case(&format!("signed payload: {name}"), "malformed", &bytes));
    }
    super::file("roster", &[MAIN], cases)
}
