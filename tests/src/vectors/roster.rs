//! Rosters: who belongs to which group, signed by the rules key.

use attendance::{
    DatedWindow, ROSTER_DOMAIN, Roster, RosterChild, RosterGroup, RosterLesson, RosterProvider,
    WindowParams,
};
use seal::SoftwareKey;
use serde_json::json;

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
            .map(|lesson| {
                RosterLesson::planned(lesson.id, lesson.group, lesson.start_ms, lesson.end_ms)
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

/// The days on which the windows change, and the minutes after which a child is late from then on.
const CHANGES: [(i64, u32); 2] = [(1_788_202_800_000, 15), (1_793_473_200_000, 5)];

/// A roster whose window changes with the days: the last one of which the day has come counts.
fn dated() -> Roster {
    let window = roster().window;
    let from =
        |(from_ms, late_min)| DatedWindow { from_ms, window: WindowParams { late_min, ..window } };
    let window = WindowParams { late_min: 20, ..window };
    Roster { window, windows: Some(CHANGES.map(from).to_vec()), ..roster() }
}

/// Says what the window is at moments around each change.
fn at_moments(rules: &SoftwareKey) -> Vec<Case> {
    let minutes = |late| json!([30, 15, 20, 10, late]);
    let [(first, after_first), (second, after_second)] = CHANGES;
    let moments = [
        ("before the days on which the window changes", first - 1, 20),
        ("on the day on which the window changes", first, after_first),
        ("before the day on which it changes again", second - 1, after_first),
        ("on the day on which it changes again", second, after_second),
    ];
    let case = |(name, at_ms, late): (&str, i64, u32)| {
        let mut case = case(name, OK, &signed(&dated(), rules)).giving(minutes(late));
        case.inputs.insert("at_ms".to_owned(), Input::Number(at_ms));
        case
    };
    let mut cases: Vec<Case> = moments.into_iter().map(case).collect();
    let mut always = self::case("one window for all days", OK, &signed(&roster(), rules));
    always.inputs.insert("at_ms".to_owned(), Input::Number(second));
    cases.push(always.giving(minutes(15)));
    cases
}

/// Dated windows that are out of form, behind a good signature.
fn bad_dates(rules: &SoftwareKey) -> Vec<Case> {
    let payload = dated().to_bytes();
    let [_, (second, _)] = CHANGES;
    let date = [&[0x82, 0x1b][..], &second.to_be_bytes()].concat();
    let window = [0x85, 0x18, 30, 15, 20, 10, 5];
    let whole = [&date[..], &window].concat();
    let forms = [
        ("a dated window without its date", [&[0x81][..], &window].concat()),
        ("a date without its window", [&[0x81][..], date.get(1..).expect("a date")].concat()),
        ("a dated window of four minutes", [&date[..], &[0x84, 0x18, 30, 15, 20, 10]].concat()),
        ("a date that is text", [&[0x82, 0x61, b'x'][..], &window].concat()),
    ];
    let broken = forms.into_iter().map(|(name, other)| {
        let bytes = seal(rules, ROSTER_DOMAIN, replaced(&payload, &whole, &other));
        case(&format!("signed payload: {name}"), "malformed", &bytes)
    });
    // They are the last field.
    let at = payload.windows(2).rposition(|pair| pair == [0x06, 0x82]).expect("the dated windows");
    let null = [&payload[..=at], &[0xf6]].concat();
    let null = case(
        "signed payload: no dated windows, said as null",
        "malformed",
        &seal(rules, ROSTER_DOMAIN, null),
    );
    broken.chain([null]).collect()
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
    cases.extend(at_moments(&rules));
    cases.extend(bad_dates(&rules));
    super::file("roster", &[MAIN], cases)
}
