//! Intervals: a simulated device with a true clock that nobody sees, and clocks that lie.

use attendance::{
    ANCHOR_VERSION, AnchorFault, AnchorRejection, BootId, Bound, ChainHead, ClockParams, Event,
    EventDraft, EventKind, EventTime, LessonWindow, Opaque, Placement, Reach, TimeAnchor, Timeline,
    VerifiedAnchor, WallClock, WindowParams, event_hash,
};
use proptest::collection::vec;
use proptest::prelude::*;
use seal::{Hash, Signer};

use crate::fixture::{NOW_S, device, device_id, everything, flips, key, trust_list};

const START_MS: i64 = NOW_S * 1000;
const PARAMS: ClockParams = ClockParams { fast_ppm: 200 };

/// A device, and the true time that it does not know.
struct Phone {
    now_ms: i64,
    wall_off_ms: i64,
    mono_ms: u64,
    boot: u8,
    head: ChainHead,
    events: Vec<Event>,
    /// When each event was truly made.
    truth: Vec<i64>,
}

/// What the device asked with, and what came back.
#[derive(Clone, Copy)]
struct Hello {
    mono_ms: u64,
    boot: BootId,
    seq_next: u64,
    head: Hash,
}

impl Phone {
    fn new() -> Self {
        Self {
            now_ms: START_MS,
            wall_off_ms: 0,
            mono_ms: 5_000,
            boot: 1,
            head: ChainHead::genesis(&device().public_key()),
            events: Vec::new(),
            truth: Vec::new(),
        }
    }

    fn wait(&mut self, ms: u32) {
        self.now_ms += i64::from(ms);
        self.mono_ms += u64::from(ms);
    }

    /// The monotonic clock stands still, as on a phone that sleeps.
    fn sleep(&mut self, ms: u32) {
        self.now_ms += i64::from(ms);
    }

    fn reboot(&mut self, ms: u32) {
        self.sleep(ms);
        self.boot += 1;
        self.mono_ms = 100;
    }

    fn record(&mut self, draft: EventDraft) {
        let event = self.head.prepare(draft, device_id()).event().clone();
        self.head = ChainHead { seq_next: event.seq + 1, prev: event_hash(&event.to_bytes()) };
        self.events.push(event);
        self.truth.push(self.now_ms);
    }

    fn scan(&mut self) {
        self.record(self.draft(EventKind::In));
    }

    fn draft(&self, kind: EventKind) -> EventDraft {
        let wall_ms = self.now_ms.wrapping_add(self.wall_off_ms);
        EventDraft::new(kind, wall_ms, self.mono_ms, BootId([self.boot; 8]))
    }

    fn hello(&self) -> Hello {
        let ChainHead { seq_next, prev: head } = self.head;
        Hello { mono_ms: self.mono_ms, boot: BootId([self.boot; 8]), seq_next, head }
    }

    /// The server's answer, signed now.
    fn answer(&self, hello: Hello) -> TimeAnchor {
        TimeAnchor {
            version: ANCHOR_VERSION,
            device: device_id(),
            time_ms: self.now_ms,
            mono_ms: hello.mono_ms,
            boot: hello.boot,
            seq_next: hello.seq_next,
            head: hello.head,
            hello: Hash([0x68; 32]),
        }
    }

    fn keep(&mut self, anchor: TimeAnchor) {
        let signed = anchor.sign(&key(13)).expect("software keys sign");
        let anchor = Opaque::from_slice(&signed);
        assert!(anchor.is_some(), "an anchor of {} bytes fits into an event", signed.len());
        self.record(EventDraft { anchor, ..self.draft(EventKind::TimeAnchor) });
    }

    /// A contact without delay.
    fn meet(&mut self) {
        self.keep(self.answer(self.hello()));
    }

    fn timeline(&self) -> Timeline {
        Timeline::derive_from(&self.events, &trust_list(), PARAMS, None)
    }

    fn bounds(&self) -> Vec<(Option<i64>, Option<i64>)> {
        let relative = |bound: Bound| bound.at_ms().map(|at| at - START_MS);
        let events = self.timeline().events;
        events.iter().map(|time| (relative(time.lower), relative(time.upper))).collect()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Wait(u32),
    Sleep(u32),
    Reboot(u32),
    MonoBack(u64),
    SetWall(i64),
    Scan,
    /// Ask, scan while the question is on its way, be answered, scan, keep the answer.
    Meet {
        there_ms: u32,
        scans: bool,
        back_ms: u32,
        reboot: bool,
    },
    /// Put an old answer into the chain again.
    Replay(prop::sample::Index),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let time = || prop_oneof![0..2_000u32, 0..40_000_000u32];
    let wall = prop_oneof![Just(0i64), -7_200_000..7_200_000i64, any::<i64>()];
    let meet = (0..30_000u32, any::<bool>(), 0..30_000u32, prop::bool::weighted(0.1));
    let step = prop_oneof![
        6 => Just(Step::Scan),
        4 => time().prop_map(Step::Wait),
        3 => meet.prop_map(|(there_ms, scans, back_ms, reboot)| {
            Step::Meet { there_ms, scans, back_ms, reboot }
        }),
        2 => time().prop_map(Step::Sleep),
        1 => time().prop_map(Step::Reboot),
        1 => any::<u64>().prop_map(Step::MonoBack),
        2 => wall.prop_map(Step::SetWall),
        1 => any::<prop::sample::Index>().prop_map(Step::Replay),
    ];
    vec(step, 1..60)
}

fn simulate(steps: &[Step]) -> Phone {
    let mut phone = Phone::new();
    let mut kept: Vec<TimeAnchor> = Vec::new();
    for step in steps {
        match step {
            Step::Wait(ms) => phone.wait(*ms),
            Step::Sleep(ms) => phone.sleep(*ms),
            Step::Reboot(ms) => phone.reboot(*ms),
            Step::MonoBack(by) => phone.mono_ms = phone.mono_ms.saturating_sub(*by),
            Step::SetWall(off) => phone.wall_off_ms = *off,
            Step::Scan => phone.scan(),
            Step::Meet { there_ms, scans, back_ms, reboot } => {
                let hello = phone.hello();
                phone.wait(*there_ms);
                let anchor = phone.answer(hello);
                phone.wait(*back_ms / 2);
                if *scans {
                    phone.scan();
                }
                if *reboot {
                    phone.reboot(*back_ms);
                }
                phone.wait(*back_ms / 2);
                phone.keep(anchor);
                kept.push(anchor);
            }
            Step::Replay(which) if !kept.is_empty() => phone.keep(*which.get(&kept)),
            Step::Replay(_) => {}
        }
    }
    phone
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_true_time_always_lies_in_the_interval(steps in steps()) {
        let phone = simulate(&steps);
        let arrival = Some(phone.now_ms);
        let found = Timeline::derive_from(&phone.events, &trust_list(), PARAMS, arrival);
        prop_assert_eq!(found.events.len(), phone.events.len());
        for (time, truth) in found.events.iter().zip(&phone.truth) {
            prop_assert!(time.lower.at_ms().is_none_or(|at| at <= *truth), "{time:?} {truth}");
            prop_assert!(time.upper.at_ms().is_some_and(|at| at >= *truth), "{time:?} {truth}");
        }
    }

    #[test]
    fn both_ends_grow_while_the_monotonic_clock_runs(steps in steps()) {
        let phone = simulate(&steps);
        let times = phone.timeline().events;
        for (pair, events) in times.windows(2).zip(phone.events.windows(2)) {
            let (before, after) = (&events[0], &events[1]);
            if before.boot == after.boot && before.mono_ms <= after.mono_ms {
                prop_assert!(pair[0].lower.at_ms() <= pair[1].lower.at_ms(), "{pair:?}");
                let end = |time: &EventTime| time.upper.at_ms().unwrap_or(i64::MAX);
                prop_assert!(end(&pair[0]) <= end(&pair[1]), "{pair:?}");
            }
        }
    }

    /// The claimed wall time decides nothing, and nothing changes it.
    #[test]
    fn the_wall_clock_moves_no_bound(steps in steps()) {
        let phone = simulate(&steps);
        let honest = phone.timeline().events;
        let mut events = phone.events.clone();
        events.iter_mut().for_each(|event| event.wall_ms = i64::MIN);
        let lying = Timeline::derive_from(&events, &trust_list(), PARAMS, None).events;
        for ((honest, lying), event) in honest.iter().zip(&lying).zip(&phone.events) {
            prop_assert_eq!(honest.claimed_ms, event.wall_ms);
            prop_assert_eq!((honest.lower, honest.upper), (lying.lower, lying.upper));
        }
    }

    /// Any numbers in any order: no panic, an interval for each, and never a crossed one.
    #[test]
    fn garbage_is_bounded_too(
        readings in vec((any::<u64>(), any::<i64>(), any::<u64>(), 0..3u8), 0..30),
        anchors in vec((any::<i64>(), any::<u64>(), 0..40u64, 0..3u8), 1..9),
        arrival in any::<Option<i64>>(),
        fast_ppm in any::<u32>(),
    ) {
        let mut events = Vec::new();
        for (n, (seq, wall_ms, mono_ms, boot)) in readings.into_iter().enumerate() {
            let (time_ms, anchor_mono, seq_next, anchor_boot) = anchors[n % anchors.len()];
            let seq = if n % 2 == 0 { n as u64 } else { seq };
            let mut event = everything(EventKind::TimeAnchor);
            let hello = Hello {
                mono_ms: anchor_mono,
                boot: BootId([anchor_boot; 8]),
                seq_next,
                head: event.prev,
            };
            let anchor = TimeAnchor { time_ms, ..Phone::new().answer(hello) };
            event.anchor = Opaque::from_slice(&anchor.sign(&key(13)).unwrap());
            events.push(Event { seq, wall_ms, mono_ms, boot: BootId([boot; 8]), ..event });
        }
        let mut trust = trust_list();
        trust.entries[2].not_before_s = i64::MIN;
        trust.entries[2].not_after_s = i64::MAX;
        let params = ClockParams { fast_ppm };
        let found = Timeline::derive_from(&events, &trust, params, arrival);
        prop_assert_eq!(found.events.len(), events.len());
        for time in found.events {
            let (lower, upper) = (time.lower.at_ms(), time.upper.at_ms());
            prop_assert!(lower.is_none() || upper.is_none() || lower <= upper, "{time:?}");
        }
    }
}

#[test]
fn counts_from_the_anchors_on_both_sides() {
    let mut phone = Phone::new();
    phone.scan();
    phone.wait(1_000);
    phone.meet();
    phone.wait(2_000);
    phone.scan();
    phone.wait(3_000);
    phone.meet();
    phone.wait(4_000);
    phone.scan();
    // One thousandth of a second in five, rounded up, is allowed for a fast clock.
    let bounds = phone.bounds();
    assert_eq!(bounds[0], (None, Some(1)));
    assert_eq!(bounds[2], (Some(2_999), Some(3_001)));
    assert_eq!(bounds[4], (Some(9_999), None));
    let arrived = Timeline::derive_from(&phone.events, &trust_list(), PARAMS, Some(77)).events;
    assert_eq!(arrived[0].upper, phone.timeline().events[0].upper, "an anchor comes first");
    assert!(matches!(arrived[4].lower, Bound::Arrival { at_ms: 77 }), "crossed ends are swapped");
}

#[test]
fn an_event_was_made_before_it_or_any_that_follows_it_came() {
    let mut phone = Phone::new();
    phone.scan();
    phone.meet();
    for _ in 0..3 {
        phone.wait(1_000);
        phone.scan();
    }
    let arrivals = [None, None, Some(START_MS + 9_000), Some(START_MS + 5_000), None];
    let events = phone.events.iter().zip(arrivals);
    let times = Timeline::derive_with_arrivals(events, &trust_list(), PARAMS).events;
    let upper: Vec<_> =
        times.iter().map(|time| time.upper.at_ms().map(|at| at - START_MS)).collect();
    assert_eq!(upper, [Some(0), Some(5_000), Some(5_000), Some(5_000), None]);
    assert!(matches!(times[0].upper, Bound::Anchor { .. }), "an anchor comes first");
}

#[test]
fn counts_the_way_to_and_from_the_server_as_unknown() {
    let mut phone = Phone::new();
    let hello = phone.hello();
    phone.wait(10_000);
    let anchor = phone.answer(hello);
    phone.scan();
    phone.wait(20_000);
    phone.keep(anchor);
    phone.scan();
    let bounds = phone.bounds();
    assert_eq!(bounds[0], (None, None), "it was made after the question and before the answer");
    assert_eq!(bounds[2], (Some(10_000), None), "not 30 seconds after the question");
}

#[test]
fn after_a_reboot_only_the_anchors_own_times_count() {
    let mut phone = Phone::new();
    phone.meet();
    phone.wait(60_000);
    phone.reboot(30_000);
    phone.scan();
    phone.reboot(30_000);
    phone.wait(60_000);
    phone.scan();
    phone.meet();
    let time = phone.timeline().events[1];
    assert_eq!(phone.bounds()[1], (Some(0), Some(180_000)));
    let Bound::Anchor { seq: 0, reach: Reach::Rebooted, anchor_ms: START_MS, .. } = time.lower
    else {
        panic!("{time:?}");
    };
    assert!(matches!(time.upper, Bound::Anchor { seq: 3, reach: Reach::Rebooted, .. }));
    assert_eq!(time.wall_jump_ms, None);
}

#[test]
fn a_monotonic_clock_that_went_back_gives_no_distance() {
    let mut phone = Phone::new();
    phone.meet();
    phone.wait(60_000);
    phone.mono_ms = 10;
    phone.scan();
    phone.wait(10_000);
    phone.mono_ms = 0;
    phone.meet();
    let time = phone.timeline().events[1];
    assert_eq!(phone.bounds()[1], (Some(0), Some(70_000)));
    assert!(matches!(time.lower, Bound::Anchor { reach: Reach::WentBack, .. }));
    assert!(matches!(time.upper, Bound::Anchor { reach: Reach::WentBack, .. }));
}

#[test]
fn a_monotonic_clock_that_leapt_is_contradicted_by_the_anchors() {
    let mut phone = Phone::new();
    phone.meet();
    phone.mono_ms += 3_600_000;
    phone.scan();
    phone.wait(1_000);
    phone.meet();
    let time = phone.timeline().events[1];
    assert_eq!(phone.bounds()[1], (Some(0), Some(1_000)));
    assert!(matches!(time.lower, Bound::Anchor { reach: Reach::Contradicted, .. }));
    assert!(matches!(time.upper, Bound::Anchor { reach: Reach::Contradicted, .. }));
}

#[test]
fn says_how_wrong_the_wall_clock_was_and_when_it_was_set() {
    let mut phone = Phone::new();
    phone.meet();
    phone.wall_off_ms = 2_400_000;
    phone.scan();
    phone.wall_off_ms = -60_000;
    phone.scan();
    phone.meet();
    let times = phone.timeline().events;
    assert_eq!(times[0].wall_clock(), WallClock::Possible);
    assert_eq!(times[1].wall_clock(), WallClock::Ahead { by_ms: 2_400_000 });
    assert_eq!(times[1].wall_jump_ms, Some(2_400_000));
    assert_eq!(times[2].wall_clock(), WallClock::Behind { by_ms: 60_000 });
    assert_eq!(times[2].wall_jump_ms, Some(-2_460_000));
    assert_eq!(times[2].claimed_ms, START_MS - 60_000);
}

#[test]
fn a_device_cannot_ask_first_and_record_afterwards() {
    let mut phone = Phone::new();
    phone.scan();
    let hello = Hello { seq_next: 2, ..phone.hello() };
    let anchor = phone.answer(hello);
    phone.wait(3_600_000);
    phone.scan();
    phone.keep(anchor);
    let found = phone.timeline();
    assert_eq!(found.events[1].upper, Bound::Open, "an hour later than the anchor");
    assert!(matches!(found.faults[..], [AnchorFault::OtherHistory { seq: 2 }]));
}

#[test]
fn an_anchor_that_nobody_trusted_signed_bounds_nothing() {
    let mut phone = Phone::new();
    let good = phone.answer(phone.hello());
    let foreign = TimeAnchor { device: attendance::DeviceId([1; 8]), ..good };
    for (anchor, signer) in [(good, key(14)), (foreign, key(13)), (good, key(13))] {
        let anchor = Opaque::from_slice(&anchor.sign(&signer).unwrap());
        phone.record(EventDraft { anchor, ..phone.draft(EventKind::TimeAnchor) });
    }
    phone.record(phone.draft(EventKind::TimeAnchor));
    let found = phone.timeline();
    let open: Vec<bool> = found.events.iter().map(|time| time.lower == Bound::Open).collect();
    assert_eq!(open, [true, true, false, false]);
    assert!(matches!(
        &found.faults[..],
        [
            AnchorFault::Refused { seq: 0, why: Some(AnchorRejection::UnknownKey { .. }) },
            AnchorFault::Refused { seq: 1, why: Some(AnchorRejection::WrongDevice { .. }) },
            AnchorFault::Refused { seq: 3, why: None },
        ]
    ));
}

#[test]
fn refuses_every_flipped_bit_of_an_anchor_and_the_key_of_another_role() {
    let anchor = Phone::new().answer(Phone::new().hello());
    let read = |bytes: &[u8]| VerifiedAnchor::parse_and_verify(bytes, &trust_list(), device_id());
    let signed = anchor.sign(&key(13)).unwrap();
    assert_eq!(*read(&signed).unwrap().anchor(), anchor);
    for (at, broken) in flips(&signed) {
        assert!(read(&broken).is_err(), "byte {at}");
    }
    assert!(matches!(
        read(&anchor.sign(&key(12)).unwrap()),
        Err(AnchorRejection::UnknownKey { .. })
    ));
    let ended = TimeAnchor { time_ms: i64::MAX, ..anchor };
    assert!(matches!(
        read(&ended.sign(&key(13)).unwrap()),
        Err(AnchorRejection::UnknownKey { .. })
    ));
    let newer = TimeAnchor { version: 2, ..anchor };
    assert!(matches!(
        read(&newer.sign(&key(13)).unwrap()),
        Err(AnchorRejection::UnknownVersion { version: 2 })
    ));
}

#[test]
fn places_an_interval_against_a_lesson() {
    let params = WindowParams {
        open_before_min: 30,
        close_after_min: 15,
        scan_early_min: 20,
        scan_late_min: 10,
        late_min: 15,
    };
    let (start_ms, end_ms) = (100 * 60_000, 145 * 60_000);
    let window = LessonWindow { start_ms, end_ms, params }.scan_window();
    assert_eq!(window, 80 * 60_000..=155 * 60_000);
    let at = |minute: Option<i64>| {
        minute.map_or(Bound::Open, |minute| Bound::Arrival { at_ms: minute * 60_000 })
    };
    let table = [
        (Some(80), Some(155), Placement::Inside),
        (Some(79), Some(155), Placement::NeedsConfirmation),
        (Some(80), Some(156), Placement::NeedsConfirmation),
        (Some(60), Some(79), Placement::Outside),
        (Some(156), Some(200), Placement::Outside),
        (None, Some(79), Placement::Outside),
        (Some(156), None, Placement::Outside),
        (None, Some(100), Placement::NeedsConfirmation),
        (Some(100), None, Placement::NeedsConfirmation),
        (None, None, Placement::NeedsConfirmation),
    ];
    for (lower, upper, placement) in table {
        let (lower, upper) = (at(lower), at(upper));
        let time = EventTime { seq: 0, claimed_ms: 0, lower, upper, wall_jump_ms: None };
        assert_eq!(time.placement(&window), placement, "{time:?}");
    }
}
