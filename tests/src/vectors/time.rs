//! Time anchors, and the intervals that follow from them.

use attendance::{BootId, EventDraft, EventKind, Opaque, TimeAnchor};
use seal::{Domain, Hash, Signer as _, SoftwareKey};
use serde_json::{Value, json};

use super::breaks::{Fault, Whole, flip, replaced, seal};
use super::material::{DAY_S, MAIN, log_key, rules_key, stranger};
use super::rotating::NOW_MS as T;
use super::{Case, Input, OK, VectorFile};
use crate::{Pen, key};

const DOMAIN: Domain = Domain("qatysu/anchor/1");
const A: BootId = BootId([0xaa; 8]);
const B: BootId = BootId([0xbb; 8]);

fn one() -> TimeAnchor {
    TimeAnchor {
        version: 1,
        device: Pen::new(21).device(),
        time_ms: T,
        mono_ms: 7_000,
        boot: A,
        seq_next: 17,
        head: seal::sha256(b"an event"),
        hello: seal::sha256(b"a hello"),
    }
}

fn anchor_case(name: &str, expected: &str, bytes: &[u8], seed: u8) -> Case {
    let inputs =
        [("anchor", Input::hex(bytes)), ("device", Input::hex(&Pen::new(seed).device().0))];
    Case::new(name, expected, inputs).trusting(MAIN)
}

pub(super) fn anchor() -> VectorFile {
    let (log, rules) = (log_key(), rules_key());
    let payload = seal::to_canonical(&one());
    let flip_at = payload.len() - 1;
    let whole = Whole { payload, key: &log, domain: DOMAIN, flip_at, other_role: Some(&rules) };
    let good = one().sign(&log).expect("a software key signs");
    assert_eq!(good, whole.bytes(), "the domain is the anchor's");
    let at = |time_ms| TimeAnchor { time_ms, ..one() }.sign(&log).expect("a software key signs");
    let case = |name, expected, bytes: &[u8]| anchor_case(name, expected, bytes, 21);
    let day_ms = DAY_S * 1000;
    let mut cases = vec![
        case("an anchor", OK, &good),
        case("in the last second of the log's key", OK, &at(T + 400 * day_ms + 999)),
        case("after the log's key has ended", "unknown_key", &at(T + 400 * day_ms + 1000)),
        case("before the log's key begins", "unknown_key", &at(T - 400 * day_ms - 1)),
        case("before 1970", "unknown_key", &at(-1)),
        anchor_case("of another device", "wrong_device", &good, 24),
        case("longer than 256 bytes", "malformed", &[&good[..], &[0; 100]].concat()),
    ];
    cases.extend(whole.breaks().into_iter().map(|broken| {
        let expected = match broken.fault {
            Fault::Form => "malformed",
            Fault::Signature => "bad_signature",
            Fault::Key => "unknown_key",
        };
        case(broken.name, expected, &broken.bytes)
    }));
    let changed = |from: &[u8], to: &[u8]| seal(&log, DOMAIN, replaced(&whole.payload, from, to));
    cases.extend([
        case(
            "signed payload: version 2",
            "unknown_version",
            &changed(&[0xa8, 0, 1], &[0xa8, 0, 2]),
        ),
        case(
            "signed payload: the position in two bytes",
            "malformed",
            &changed(&[0x05, 0x11, 0x06], &[0x05, 0x18, 0x11, 0x06]),
        ),
        case(
            "signed payload: a position below zero",
            "malformed",
            &changed(&[0x05, 0x11, 0x06], &[0x05, 0x31, 0x06]),
        ),
    ]);
    super::file("anchor", &[MAIN], cases)
}

/// A device and what it writes. Its wall clock is `wall_ms` ahead of its monotonic one.
struct Diary {
    pen: Pen,
    boot: BootId,
    wall_ms: i64,
    events: Vec<Vec<u8>>,
}

impl Diary {
    fn new() -> Self {
        Self { pen: Pen::new(21), boot: A, wall_ms: T, events: Vec::new() }
    }

    fn write(&mut self, kind: EventKind, mono_ms: u64, anchor: Option<&[u8]>) {
        let wall_ms = self.wall_ms + i64::try_from(mono_ms).expect("small");
        let anchor = anchor.and_then(Opaque::from_slice);
        let draft = EventDraft { anchor, ..EventDraft::new(kind, wall_ms, mono_ms, self.boot) };
        let event = self.pen.write(draft).bytes().to_vec();
        self.events.push(event);
    }

    fn visit(&mut self, mono_ms: u64) {
        self.write(EventKind::In, mono_ms, None);
    }

    /// The server's answer to a question that the device asks now.
    fn asked(&self, mono_ms: u64, time_ms: i64) -> TimeAnchor {
        let head = self.pen.head();
        let (device, boot) = (self.pen.device(), self.boot);
        let (seq_next, head) = (head.seq_next, head.prev);
        TimeAnchor { device, time_ms, mono_ms, boot, seq_next, head, ..one() }
    }

    fn keep(&mut self, mono_ms: u64, anchor: &TimeAnchor) {
        self.keep_by(mono_ms, anchor, &log_key());
    }

    fn keep_by(&mut self, mono_ms: u64, anchor: &TimeAnchor, key: &SoftwareKey) {
        let bytes = anchor.sign(key).expect("a software key signs");
        self.write(EventKind::TimeAnchor, mono_ms, Some(&bytes));
    }
}

/// An end that is said by an anchor, and how.
fn by(reach: &str, at_ms: i64) -> Value {
    json!([at_ms, reach])
}

fn ran(at_ms: i64) -> Value {
    by("ran", at_ms)
}

fn open() -> Value {
    json!([null, "open"])
}

/// What is expected of each event: not before, not after, and the jump of its wall clock.
type Found = (Value, Value, Option<i64>);

struct Asked<'a> {
    name: &'a str,
    fast_ppm: i64,
    arrival_ms: Option<i64>,
}

impl Asked<'_> {
    fn of(&self, events: &[Vec<u8>], expected: &str) -> Case {
        let mut inputs = vec![
            ("events", Input::hexes(events)),
            ("key", Input::hex(&key(21).public_key().to_bytes())),
            ("fast_ppm", Input::Number(self.fast_ppm)),
        ];
        inputs.extend(self.arrival_ms.map(|at_ms| ("arrival_ms", Input::Number(at_ms))));
        Case::new(self.name, expected, inputs).trusting(MAIN)
    }

    fn gives(&self, diary: &Diary, found: Vec<Found>, faults: Value) -> Case {
        assert_eq!(diary.events.len(), found.len(), "{}", self.name);
        let events: Vec<Value> = found
            .into_iter()
            .map(|(lower, upper, jump)| json!({"not_before": lower, "not_after": upper, "wall_jump_ms": jump}))
            .collect();
        self.of(&diary.events, OK).giving(json!({"events": events, "faults": faults}))
    }
}

fn asked(name: &str) -> Asked<'_> {
    Asked { name, fast_ppm: 0, arrival_ms: None }
}

fn arriving(name: &str) -> Asked<'_> {
    Asked { arrival_ms: Some(T + 60_000), ..asked(name) }
}

fn arrival() -> Value {
    by("arrival", T + 60_000)
}

/// Two anchors with visits before, between and behind them.
fn normal(wall_from_the_third_ms: i64) -> Diary {
    let mut diary = Diary::new();
    diary.visit(1_000);
    let anchor = diary.asked(2_000, T + 2_000);
    diary.keep(2_500, &anchor);
    diary.wall_ms = wall_from_the_third_ms;
    diary.visit(10_000);
    diary.visit(20_000);
    let anchor = diary.asked(30_000, T + 30_500);
    diary.keep(31_000, &anchor);
    diary.visit(40_000);
    diary
}

fn normal_intervals(jump_ms: i64) -> Vec<Found> {
    vec![
        (open(), ran(T + 1_000), None),
        (ran(T + 2_000), ran(T + 3_000), Some(0)),
        (ran(T + 9_500), ran(T + 10_500), Some(jump_ms)),
        (ran(T + 19_500), ran(T + 20_500), Some(0)),
        (ran(T + 30_500), arrival(), Some(0)),
        (ran(T + 39_500), arrival(), Some(0)),
    ]
}

pub(super) fn timeline() -> VectorFile {
    let hour = 3_600_000;
    let mut cases = vec![
        arriving("two anchors").gives(&normal(T), normal_intervals(0), json!([])),
        arriving("a wall clock set back by an hour").gives(
            &normal(T - hour),
            normal_intervals(-hour),
            json!([]),
        ),
        arriving("a wall clock of the year 2200").gives(
            &normal(T + 1_000_000_000 * 5_000),
            normal_intervals(1_000_000_000 * 5_000),
            json!([]),
        ),
        fast_clock(),
        asked("of no event").gives(&Diary::new(), Vec::new(), json!([])),
    ];
    cases.extend(of_clocks());
    cases.extend(of_anchors());
    cases.extend(broken());
    super::file("timeline", &[MAIN], cases)
}

/// The first case with an allowance of 500 millionths, taken off each distance and rounded up.
fn fast_clock() -> Case {
    Asked { fast_ppm: 500, ..arriving("two anchors and a clock that may run fast") }.gives(
        &normal(T),
        vec![
            (open(), ran(T + 1_001), None),
            (ran(T + 2_000), ran(T + 3_014), Some(0)),
            (ran(T + 9_496), ran(T + 10_510), Some(0)),
            (ran(T + 19_491), ran(T + 20_505), Some(0)),
            (ran(T + 30_500), arrival(), Some(0)),
            (ran(T + 39_495), arrival(), Some(0)),
        ],
        json!([]),
    )
}

fn of_clocks() -> Vec<Case> {
    vec![rebooted(), went_back(), slept(), ran_fast()]
}

fn rebooted() -> Case {
    let mut diary = Diary::new();
    diary.visit(1_000);
    let anchor = diary.asked(2_000, T + 2_000);
    diary.keep(2_500, &anchor);
    (diary.boot, diary.wall_ms) = (B, T + 20_000);
    diary.visit(500);
    diary.visit(5_000);
    let anchor = diary.asked(9_000, T + 100_000);
    diary.keep(10_000, &anchor);
    asked("started anew between two anchors").gives(
        &diary,
        vec![
            (open(), ran(T + 1_000), None),
            (ran(T + 2_000), by("rebooted", T + 100_000), Some(0)),
            (by("rebooted", T + 2_000), ran(T + 91_500), None),
            (by("rebooted", T + 2_000), ran(T + 96_000), Some(0)),
            (ran(T + 100_000), open(), Some(0)),
        ],
        json!([]),
    )
}

fn went_back() -> Case {
    let mut diary = Diary::new();
    diary.visit(5_000);
    let anchor = diary.asked(6_000, T + 6_000);
    diary.keep(6_500, &anchor);
    diary.visit(3_000);
    let anchor = diary.asked(4_000, T + 50_000);
    diary.keep(4_500, &anchor);
    asked("a monotonic clock that went back").gives(
        &diary,
        vec![
            (open(), ran(T + 5_000), None),
            (ran(T + 6_000), by("went_back", T + 50_000), Some(0)),
            (by("went_back", T + 6_000), ran(T + 49_000), None),
            (ran(T + 50_000), open(), Some(0)),
        ],
        json!([]),
    )
}

/// The monotonic clock stands still for an hour while the phone sleeps; the wall clock runs.
fn slept() -> Case {
    let mut diary = Diary::new();
    diary.visit(1_000);
    let anchor = diary.asked(2_000, T + 2_000);
    diary.keep(2_500, &anchor);
    diary.wall_ms = T + 3_597_000;
    diary.visit(3_000);
    let anchor = diary.asked(4_000, T + 3_602_000);
    diary.keep(4_500, &anchor);
    asked("a monotonic clock that stood still for an hour").gives(
        &diary,
        vec![
            (open(), ran(T + 1_000), None),
            (ran(T + 2_000), ran(T + 3_600_500), Some(0)),
            (ran(T + 2_500), ran(T + 3_601_000), Some(3_597_000)),
            (ran(T + 3_602_000), open(), Some(0)),
        ],
        json!([]),
    )
}

/// The monotonic clock leaps by 98 seconds within eight of the server's.
fn ran_fast() -> Case {
    let mut diary = Diary::new();
    diary.visit(1_000);
    let anchor = diary.asked(2_000, T + 2_000);
    diary.keep(2_500, &anchor);
    diary.visit(100_000);
    let anchor = diary.asked(100_500, T + 10_000);
    diary.keep(101_000, &anchor);
    asked("a monotonic clock that leapt").gives(
        &diary,
        vec![
            (open(), ran(T - 89_500), None),
            (by("contradicted", T + 2_000), by("contradicted", T + 10_000), Some(0)),
            (by("contradicted", T + 2_000), by("contradicted", T + 10_000), Some(0)),
            (ran(T + 100_500), open(), Some(0)),
        ],
        json!([]),
    )
}

/// One visit, an anchor, and one more visit.
fn around(keep: impl FnOnce(&mut Diary)) -> Diary {
    let mut diary = Diary::new();
    diary.visit(1_000);
    keep(&mut diary);
    diary.visit(10_000);
    diary
}

fn of_anchors() -> Vec<Case> {
    let unbound = || {
        vec![(open(), arrival(), None), (open(), arrival(), Some(0)), (open(), arrival(), Some(0))]
    };
    let no_upper = || {
        vec![
            (open(), arrival(), None),
            (ran(T + 2_000), arrival(), Some(0)),
            (ran(T + 9_500), arrival(), Some(0)),
        ]
    };
    let refused = |name, why: &str, keep: &dyn Fn(&mut Diary)| {
        let faults = json!([{"refused": 1, "why": why}]);
        arriving(name).gives(&around(keep), unbound(), faults)
    };
    let other_history = |name, change: &dyn Fn(&mut TimeAnchor)| {
        let diary = around(|diary| {
            let mut anchor = diary.asked(2_000, T + 2_000);
            change(&mut anchor);
            diary.keep(2_500, &anchor);
        });
        arriving(name).gives(&diary, no_upper(), json!([{"other_history": 1}]))
    };
    let kept = |change: fn(&mut TimeAnchor), key: SoftwareKey| {
        move |diary: &mut Diary| {
            let mut anchor = diary.asked(2_000, T + 2_000);
            change(&mut anchor);
            diary.keep_by(2_500, &anchor, &key);
        }
    };
    let damaged = |diary: &mut Diary| {
        let anchor = diary.asked(2_000, T + 2_000).sign(&log_key()).expect("a software key signs");
        diary.write(EventKind::TimeAnchor, 2_500, Some(&flip(&anchor, 9)));
    };
    let none = around(|diary| diary.write(EventKind::TimeAnchor, 2_500, None));
    vec![
        refused("an anchor by a stranger", "unknown_key", &kept(|_| {}, stranger())),
        refused("an anchor by the rules key", "unknown_key", &kept(|_| {}, rules_key())),
        refused("an anchor whose signature is damaged", "bad_signature", &damaged),
        refused("an anchor that is none", "malformed", &|diary| {
            diary.write(EventKind::TimeAnchor, 2_500, Some(&[9; 192]));
        }),
        refused(
            "another device's anchor",
            "wrong_device",
            &kept(|anchor| anchor.device = Pen::new(24).device(), log_key()),
        ),
        arriving("an anchor's event without an anchor").gives(
            &none,
            unbound(),
            json!([{"refused": 1, "why": null}]),
        ),
        other_history("an anchor that was asked for with another history", &|anchor| {
            anchor.head = Hash([7; 32]);
        }),
        other_history("an anchor that was asked for from further on", &|anchor| {
            anchor.seq_next = 9;
        }),
        asked("no anchor and no arrival").gives(
            &around(|diary| diary.visit(2_500)),
            vec![(open(), open(), None), (open(), open(), Some(0)), (open(), open(), Some(0))],
            json!([]),
        ),
    ]
}

/// What is no chain has no times.
fn broken() -> Vec<Case> {
    let good = normal(T).events;
    let mut twin = Diary::new();
    (0..3).for_each(|n| twin.visit(1_234 + n));
    let with = |at: usize, event: &[u8]| {
        let mut events = good.clone();
        events[at] = event.to_vec();
        events
    };
    let picked = |which: &[usize]| which.iter().map(|at| good[*at].clone()).collect::<Vec<_>>();
    let foreign = Pen::new(24).write(EventDraft::new(EventKind::In, T, 1, A)).bytes().to_vec();
    let case = |name, expected, events: Vec<Vec<u8>>| asked(name).of(&events, expected);
    vec![
        case("the first event missing", "gap", picked(&[1, 2, 3])),
        case("an anchor's event left out", "gap", picked(&[0, 2, 3])),
        case("an event twice", "fork", picked(&[0, 1, 1])),
        case("the event before is another", "prev_mismatch", with(0, &twin.events[0])),
        case("an event of another history", "prev_mismatch", with(2, &twin.events[2])),
        case("an event of another device", "wrong_device", with(0, &foreign)),
        case("a bit flipped in a signature", "bad_signature", with(3, &flip(&good[3], 9))),
        case("a trailing byte", "malformed", with(3, &[&good[3][..], &[0]].concat())),
    ]
}
