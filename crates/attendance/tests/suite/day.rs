//! A day at one door: twenty groups, three hundred invented children, six hundred events.

use std::cell::RefCell;
use std::sync::OnceLock;

use attendance::{
    AbsenceReason, BootId, CardId, ChainHead, ChildId, DeviceId, EventDraft, EventKind, GroupId,
    LessonId, ManualReason, Method, Opaque, ProviderId, Roster, RosterChild, RosterGroup,
    RosterLesson, RosterProvider, TimeAnchor, VoucherId, WindowParams,
};
use seal::{Hash, Signer, SoftwareKey};

use crate::fixture::{NOW_S, key};

const GROUPS: usize = 20;
const CHILDREN: usize = 300;
const LESSON_MS: i64 = 45 * 60_000;

fn bytes<const N: usize>(what: &str, number: usize) -> [u8; N] {
    let hash = seal::sha256(format!("{what} {number}").as_bytes());
    *hash.0.first_chunk().expect("no longer than a hash")
}

/// Four providers of five groups of fifteen children, two lessons a group on the day, and what a
/// device keeps of a month's plan around it.
pub(crate) fn roster() -> Roster {
    static ROSTER: OnceLock<Roster> = OnceLock::new();
    ROSTER.get_or_init(plan).clone()
}

fn plan() -> Roster {
    let provider = |n: usize| ProviderId(bytes("provider", n));
    let group = |n: usize| GroupId(bytes("group", n));
    let lesson = |at: usize| {
        let (day, group) = (at / GROUPS, group(at % GROUPS));
        let start_ms = NOW_S * 1000 + day as i64 * 2 * LESSON_MS;
        let id = LessonId::derive_from(group, start_ms);
        RosterLesson::planned(id, group, start_ms, start_ms + LESSON_MS)
    };
    let child = |n: usize| RosterChild {
        id: ChildId(bytes("child", n)),
        name: format!("Child {n}"),
        voucher: VoucherId(bytes("voucher", n)),
        group: group(n % GROUPS),
        card: CardId(bytes("card", n)),
        card_hash: Some(Hash(bytes("signed card", n))),
    };
    Roster {
        version: 12,
        providers: (0..4)
            .map(|n| RosterProvider { id: provider(n), name: format!("Provider {n}") })
            .collect(),
        groups: (0..GROUPS)
            .map(|n| RosterGroup { id: group(n), provider: provider(n / 5), name: format!("{n}") })
            .collect(),
        lessons: (0..13 * GROUPS).map(lesson).collect(),
        children: (0..CHILDREN).map(child).collect(),
        window: WindowParams {
            open_before_min: 30,
            close_after_min: 15,
            scan_early_min: 20,
            scan_late_min: 10,
            late_min: 15,
        },
        windows: None,
    }
}

/// What one device signed on one day.
pub(crate) struct Day<'a> {
    roster: &'a Roster,
    proofs: bool,
    wall_ms: i64,
    mono_ms: u64,
    boot: BootId,
    /// A cheap row of numbers, the same in every run.
    dice: RefCell<u64>,
    head: ChainHead,
    events: Vec<Vec<u8>>,
    hashes: Vec<Hash>,
}

impl<'a> Day<'a> {
    /// Static cards, as most families have.
    pub(crate) fn ordinary(roster: &'a Roster) -> Self {
        static DAY: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
        Self::lived(roster, false, &DAY)
    }

    /// Every family shows a rotating code.
    pub(crate) fn with_proofs(roster: &'a Roster) -> Self {
        static DAY: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
        Self::lived(roster, true, &DAY)
    }

    fn lived(roster: &'a Roster, proofs: bool, kept: &OnceLock<Vec<Vec<u8>>>) -> Self {
        let mut day = Self {
            roster,
            proofs,
            wall_ms: NOW_S * 1000 - 20 * 60_000,
            mono_ms: 91_234_567,
            boot: BootId(bytes("boot", 0)),
            dice: RefCell::new(1),
            head: ChainHead { seq_next: 12_345, prev: Hash(bytes("before", 0)) },
            events: Vec::new(),
            hashes: Vec::new(),
        };
        day.events = kept
            .get_or_init(|| {
                day.live();
                std::mem::take(&mut day.events)
            })
            .clone();
        day
    }

    /// The day as a device sends it: about every fifty events.
    pub(crate) fn batches(&self) -> Vec<Vec<Vec<u8>>> {
        self.events.chunks(50).map(<[_]>::to_vec).collect()
    }

    pub(crate) fn device() -> SoftwareKey {
        key(41)
    }

    /// In two rounds every group has a lesson; five are open at a time.
    fn live(&mut self) {
        self.anchor();
        for turn in 0..8 {
            let groups: Vec<usize> = (0..5).map(|n| turn % 4 * 5 + n).collect();
            let lessons: Vec<RosterLesson> =
                groups.iter().map(|group| self.roster.lessons[turn / 4 * GROUPS + group]).collect();
            for lesson in &lessons {
                self.say(self.about_lesson(EventKind::LessonOpen, lesson));
            }
            for child in 0..15 {
                for (group, lesson) in groups.iter().zip(&lessons) {
                    // In the second round about every seventh child stays away.
                    if turn < 4 || self.roll(7) != 0 {
                        self.arrive(child * GROUPS + group, lesson);
                    }
                }
            }
            if turn == 5 {
                self.boot = BootId(bytes("boot", 1));
                self.mono_ms = 15_000;
            }
            self.oddities(turn, &lessons[0]);
            self.wait(LESSON_MS / 2);
            for lesson in &lessons {
                self.say(self.about_lesson(EventKind::LessonClose, lesson));
            }
        }
        self.anchor();
        assert!(self.events.len() >= 600, "{} events", self.events.len());
        self.events.truncate(600);
    }

    fn arrive(&mut self, child: usize, lesson: &RosterLesson) {
        let row = &self.roster.children[child];
        let draft = EventDraft {
            child: Some(row.id),
            voucher: Some(row.voucher),
            ..self.about_lesson(EventKind::In, lesson)
        };
        let draft = if self.roll(25) == 0 {
            let reason = Some(ManualReason::CardForgotten);
            EventDraft { method: Some(Method::Manual), reason, ..draft }
        } else if self.proofs {
            let proof = Opaque::from_slice(&self.proof(row));
            EventDraft { method: Some(Method::Rotating), card: row.card_hash, proof, ..draft }
        } else {
            EventDraft { method: Some(Method::Scan), card: row.card_hash, ..draft }
        };
        self.say(draft);
    }

    /// A guest, a correction, a withdrawal, a count, an absence and an anchor in the middle of it.
    fn oddities(&mut self, turn: usize, lesson: &RosterLesson) {
        let row = &self.roster.children[turn];
        let guest = EventDraft {
            child: Some(ChildId(bytes("guest", turn))),
            voucher: Some(VoucherId(bytes("guest's voucher", turn))),
            method: Some(Method::Scan),
            card: Some(Hash(bytes("guest's card", turn))),
            ..self.about_lesson(EventKind::In, lesson)
        };
        self.say(guest);
        let about = self.hashes.iter().rev().nth(9).copied();
        let (child, voucher) = (Some(row.id), Some(row.voucher));
        self.say(EventDraft { about, child, voucher, ..self.draft(EventKind::Correct) });
        let about = self.hashes.iter().rev().nth(30).copied();
        self.say(EventDraft { about, ..self.draft(EventKind::Void) });
        let headcount = Some(14);
        self.say(EventDraft { headcount, ..self.about_lesson(EventKind::Headcount, lesson) });
        let absence = Some(AbsenceReason::Sick);
        let absent = self.about_lesson(EventKind::Absent, lesson);
        self.say(EventDraft { child, voucher, absence, ..absent });
        self.anchor();
    }

    fn about_lesson(&self, kind: EventKind, lesson: &RosterLesson) -> EventDraft {
        let provider = self.roster.group(lesson.group).map(|group| group.provider);
        let place = (kind == EventKind::LessonOpen).then(|| "txwwj".parse().ok()).flatten();
        EventDraft { lesson: Some(lesson.id), provider, place, ..self.draft(kind) }
    }

    fn draft(&self, kind: EventKind) -> EventDraft {
        EventDraft::new(kind, self.wall_ms, self.mono_ms, self.boot)
    }

    fn anchor(&mut self) {
        let anchor = TimeAnchor {
            version: 1,
            device: DeviceId::derive_from(&Self::device().public_key()),
            time_ms: self.wall_ms + 1_234,
            mono_ms: self.mono_ms - 300,
            boot: self.boot,
            seq_next: self.head.seq_next,
            head: self.head.prev,
            hello: Hash(bytes("hello", self.events.len())),
        };
        let anchor = anchor.sign(&key(13)).expect("software keys sign");
        let anchor = Opaque::from_slice(&anchor);
        self.say(EventDraft { anchor, ..self.draft(EventKind::TimeAnchor) });
    }

    /// Some 86 bytes: a frame that is always the same, the card's id, the step of fifteen seconds,
    /// four bytes of chance and a signature.
    fn proof(&self, row: &RosterChild) -> Vec<u8> {
        let step = u32::try_from(self.wall_ms / 15_000).expect("a near year");
        let chance = self.roll(u64::from(u32::MAX)).to_be_bytes();
        let mut body = vec![0x84, 0x01, 0x48];
        body.extend(row.card.0);
        body.push(0x1a);
        body.extend(step.to_be_bytes());
        body.push(0x44);
        body.extend(&chance[4..]);
        body.push(0x40);
        let signature = key(51).sign(&body).expect("software keys sign");
        body.extend(signature.0);
        assert_eq!(body.len(), 86);
        body
    }

    fn say(&mut self, draft: EventDraft) {
        let device = Self::device();
        let id = DeviceId::derive_from(&device.public_key());
        let event = self.head.prepare(draft, id).seal(&device).expect("the key is the device's");
        self.head = event.next_head();
        self.events.push(event.bytes().to_vec());
        self.hashes.push(event.hash());
        let pause = i64::try_from(self.roll(9_000)).expect("small") + 1_500;
        self.wait(pause);
    }

    /// The clocks drift apart by some milliseconds.
    fn wait(&mut self, ms: i64) {
        self.wall_ms += ms;
        self.mono_ms += ms.unsigned_abs() + self.roll(4);
    }

    fn roll(&self, sides: u64) -> u64 {
        let mut dice = self.dice.borrow_mut();
        *dice =
            dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*dice >> 33) % sides
    }
}
