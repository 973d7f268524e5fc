//! Clocks that are wrong, jump, stand still and forget: what the device makes of them.

use std::sync::Mutex;

use attendance::{
    ANCHOR_VERSION, AnchorRejection, ChainHead, ClockParams, Event, EventKind, Placement,
    SignedTrustList, TimeAnchor, Timeline, UnverifiedEvent,
};

use super::*;
use crate::{AnchorError, Asked, ClockState, Outcome};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The device's clocks, and the true time that only the server knows.
#[derive(Clone)]
struct World(Arc<Mutex<Now>>);

struct Now {
    true_ms: i64,
    wall: Reading,
}

impl Clock for World {
    fn now(&self) -> Reading {
        self.0.lock().unwrap().wall
    }
}

impl World {
    /// The device's wall clock is off by so much.
    fn off_by(off_ms: i64) -> Self {
        let wall = Reading { wall_ms: START_MS + off_ms, mono_ms: 5_000, boot: BootId([1; 8]) };
        Self(Arc::new(Mutex::new(Now { true_ms: START_MS, wall })))
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.0.lock().unwrap());
    }

    fn wait(&self, ms: i64) {
        self.change(|now| {
            now.true_ms += ms;
            now.wall.wall_ms += ms;
            now.wall.mono_ms += u64::try_from(ms).unwrap();
        });
    }

    /// Time passes, and the wall clock does not move.
    fn wait_stopped(&self, ms: i64) {
        self.wait(ms);
        self.set(-ms);
    }

    /// The wall clock is set by so much.
    fn set(&self, by_ms: i64) {
        self.change(|now| now.wall.wall_ms += by_ms);
    }

    /// Off for so long, and on again with its wall clock at `wall_ms`, or running through.
    fn reboot(&self, off_ms: i64, wall_ms: Option<i64>) {
        self.change(|now| {
            now.true_ms += off_ms;
            let wall_ms = wall_ms.unwrap_or(now.wall.wall_ms + off_ms);
            let boot = BootId([now.wall.boot.0[0] + 1; 8]);
            now.wall = Reading { wall_ms, mono_ms: 700, boot };
        });
    }

    fn true_ms(&self) -> i64 {
        self.0.lock().unwrap().true_ms
    }

    fn device(&self, district: &District, seed: u8, role: Role) -> Device {
        let path = district.path(seed);
        let mut device = Device::open(&path, Box::new(key(seed)), Box::new(self.clone())).unwrap();
        let asked = asked(&device, ChainHead::genesis(&device.public_key()));
        let anchor = self.signed(&device, &asked, LOG);
        device.install_at(granted(seed, role), Some((&anchor, &asked))).unwrap();
        device.install_roster(&roster(1).sign(&key(RULES)).unwrap()).unwrap();
        device
    }

    /// What the server signs for this question now.
    fn signed(&self, device: &Device, asked: &Asked, log: u8) -> Vec<u8> {
        self.anchor(device, asked).sign(&key(log)).unwrap()
    }

    fn anchor(&self, device: &Device, asked: &Asked) -> TimeAnchor {
        TimeAnchor {
            version: ANCHOR_VERSION,
            device: device.id(),
            time_ms: self.true_ms(),
            mono_ms: asked.reading.mono_ms,
            boot: asked.reading.boot,
            seq_next: asked.head.seq_next,
            head: asked.head.prev,
            hello: asked.hello,
        }
    }

    /// A contact, with 200 ms each way. True if the time became an event.
    fn meet(&self, device: &mut Device) -> bool {
        let asked = asked(device, device.chain_head().unwrap());
        self.wait(200);
        let anchor = self.signed(device, &asked, LOG);
        self.wait(200);
        device.take_anchor(&anchor, &asked).unwrap()
    }
}

fn asked(device: &Device, head: ChainHead) -> Asked {
    Asked { head, reading: device.now(), hello: Hash([0x68; 32]) }
}

/// Granted a day ago, for a year.
fn granted(seed: u8, role: Role) -> Enrolment {
    let envelope = seal::Sign1::parse(&certificate(seed, role)).unwrap();
    let certificate: DeviceCertificate =
        seal::from_canonical(envelope.unverified_payload()).unwrap();
    let not_before_s = (START_MS - DAY_MS) / 1_000;
    let certificate = DeviceCertificate { not_before_s, ..certificate }.issue(&key(CA)).unwrap();
    Enrolment { certificate, ..enrolment(seed, role) }
}

fn events(device: &Device) -> Vec<Event> {
    let rows = (0..).map_while(|seq| device.event_at(seq).unwrap());
    rows.map(|row| UnverifiedEvent::parse(&row.bytes).unwrap().event().clone()).collect()
}

fn kinds(device: &Device) -> Vec<EventKind> {
    events(device).iter().map(|event| event.kind).collect()
}

fn state(device: &Device) -> ClockState {
    device.clock_state().unwrap()
}

/// By how much the clock is found to be wrong, in this direction.
fn wrong_by(state: ClockState, ahead: bool) -> u64 {
    if let ClockState::Ahead { by_ms } = state {
        assert!(ahead);
        return by_ms;
    }
    let ClockState::Behind { by_ms } = state else { panic!("{state:?}") };
    assert!(!ahead);
    by_ms
}

fn teacher(world: &World) -> (District, Device) {
    let district = District::new();
    let mut device = world.device(&district, TEACHER, Role::Teacher);
    assert!(world.meet(&mut device), "the first contact bounds what follows");
    (district, device)
}

fn scan(device: &mut Device, child: ChildId) {
    let recorded = device.record_scan(&card(child), lesson()).unwrap();
    assert_eq!(recorded.outcome, Outcome::Kept);
}

#[test]
fn good_clock_is_fine_and_says_nothing() {
    let world = World::off_by(30_000);
    let (_district, device) = teacher(&world);
    world.wait(8 * HOUR_MS);
    assert_eq!(state(&device), ClockState::Fine);
    assert_eq!(device.best_now_ms().unwrap(), device.now().wall_ms);
}

#[test]
fn clock_that_is_hours_wrong_is_found_at_the_contact_and_no_card_is_refused_for_it() {
    for (off_ms, ahead) in [(-10 * HOUR_MS, false), (40 * DAY_MS, true), (-DAY_MS * 3_650, false)] {
        let world = World::off_by(off_ms);
        let (_district, mut device) = teacher(&world);
        world.wait(HOUR_MS);
        let by_ms = wrong_by(state(&device), ahead);
        assert!(by_ms.abs_diff(off_ms.unsigned_abs()) < 1_000, "{by_ms} of {off_ms}");
        assert!(device.best_now_ms().unwrap().abs_diff(world.true_ms()) < 1_000);
        // A monotonic clock that is a little faster than the wall clock changes nothing.
        world.change(|now| now.wall.mono_ms += 50);
        assert!(device.best_now_ms().unwrap().abs_diff(world.true_ms()) < 1_000);
        // The cards end in 30 days: by the wall clock of the second tablet they have.
        device.open_lesson(lesson()).unwrap();
        scan(&mut device, ALPHA);
        let kept = events(&device).pop().unwrap();
        assert_eq!(kept.wall_ms, START_MS + off_ms + HOUR_MS + 400, "claimed as it was shown");
    }
}

#[test]
fn clock_that_jumps_in_a_lesson_is_told_and_the_intervals_hold() {
    for jump_ms in [2 * HOUR_MS, -2 * HOUR_MS, 400 * DAY_MS] {
        let world = World::off_by(0);
        let (_district, mut device) = teacher(&world);
        device.open_lesson(lesson()).unwrap();
        scan(&mut device, ALPHA);
        world.wait(5 * MINUTE_MS);
        world.set(jump_ms);
        assert_eq!(state(&device), ClockState::Jumped { by_ms: jump_ms });
        scan(&mut device, BETA);
        let made = world.true_ms();
        world.wait(10 * MINUTE_MS);
        assert!(world.meet(&mut device));
        let time = timeline(&device).pop_before_last();
        let (lower, upper) = (time.lower.at_ms().unwrap(), time.upper.at_ms().unwrap());
        assert!(lower <= made && made <= upper && upper - lower < 2_000, "{time:?}");
        assert_eq!(time.wall_jump_ms, Some(jump_ms), "the jump stays written down");
        // The contact found out what the clock is worth now.
        assert!(matches!(state(&device), ClockState::Ahead { .. } | ClockState::Behind { .. }));
    }
}

#[test]
fn stopped_clock_is_told_also_if_it_stops_later() {
    let world = World::off_by(0);
    let (_district, mut device) = teacher(&world);
    world.wait_stopped(5 * MINUTE_MS);
    assert_eq!(state(&device), ClockState::Stopped);
    assert!(device.best_now_ms().unwrap() >= world.true_ms() - 1_000);

    let world = World::off_by(0);
    let (_other, mut later) = teacher(&world);
    world.wait(HOUR_MS);
    assert_eq!(state(&later), ClockState::Fine);
    later.open_lesson(lesson()).unwrap();
    world.wait_stopped(3 * MINUTE_MS);
    assert_eq!(state(&later), ClockState::Stopped);
    scan(&mut later, ALPHA);
    device.open_lesson(lesson()).unwrap();
    scan(&mut device, ALPHA);
}

#[test]
fn after_a_reboot_nothing_is_said_but_of_a_clock_that_was_not_set() {
    let world = World::off_by(0);
    let (_district, mut device) = teacher(&world);
    world.wait(HOUR_MS);
    world.reboot(HOUR_MS, None);
    assert_eq!(state(&device), ClockState::Unknown);
    // A tablet whose battery was empty starts in 1970.
    world.reboot(HOUR_MS, Some(0));
    assert_eq!(state(&device), ClockState::NotSet);
    assert!(device.best_now_ms().unwrap() >= START_MS, "never before the last known time");
    device.open_lesson(lesson()).unwrap();
    scan(&mut device, ALPHA);
    let made = world.true_ms();
    world.wait(HOUR_MS);
    assert!(world.meet(&mut device), "the boot changed");
    assert_eq!(kinds(&device).last(), Some(&EventKind::TimeAnchor));
    let time = timeline(&device).pop_before_last();
    let (lower, upper) = (time.lower.at_ms().unwrap(), time.upper.at_ms().unwrap());
    assert!(lower <= made && made <= upper, "{time:?}");
    assert!(upper - made < 2_000, "the later contact of this boot bounds it closely");
    assert!(matches!(state(&device), ClockState::Behind { .. }));
}

#[test]
fn new_tablet_of_1970_or_2040_enrols_by_the_servers_time() {
    for off_ms in [-START_MS, 14 * 365 * DAY_MS] {
        let world = World::off_by(off_ms);
        let district = District::new();
        let mut device =
            Device::open(&district.path(TEACHER), Box::new(key(TEACHER)), Box::new(world.clone()))
                .unwrap();
        let asked = asked(&device, ChainHead::genesis(&device.public_key()));
        let without = device.install(granted(TEACHER, Role::Teacher));
        assert!(without.is_err(), "by its own clock nothing holds: {without:?}");
        let lie = TimeAnchor { hello: Hash([1; 32]), ..world.anchor(&device, &asked) };
        let lie = lie.sign(&key(LOG)).unwrap();
        let other = device.install_at(granted(TEACHER, Role::Teacher), Some((&lie, &asked)));
        assert!(other.is_err(), "the answer to another question says nothing");
        let anchor = world.signed(&device, &asked, LOG);
        device.install_at(granted(TEACHER, Role::Teacher), Some((&anchor, &asked))).unwrap();
        device.install_roster(&roster(1).sign(&key(RULES)).unwrap()).unwrap();
        device.open_lesson(lesson()).unwrap();
        scan(&mut device, ALPHA);
        let known = matches!(state(&device), ClockState::Ahead { .. } | ClockState::Behind { .. });
        assert!(known, "{:?}", state(&device));
    }
}

#[test]
fn only_the_answer_to_the_own_question_is_taken() {
    let world = World::off_by(0);
    let (_district, mut device) = teacher(&world);
    let before = events(&device).len();
    device.open_lesson(lesson()).unwrap();
    world.wait(HOUR_MS);
    let asked = asked(&device, device.chain_head().unwrap());
    let good = world.anchor(&device, &asked);
    let another = |anchor: TimeAnchor| anchor.sign(&key(LOG)).unwrap();
    let others = [
        TimeAnchor { hello: Hash([0; 32]), ..good },
        TimeAnchor { mono_ms: good.mono_ms - 1, ..good },
        TimeAnchor { boot: BootId([7; 8]), ..good },
        TimeAnchor { seq_next: good.seq_next - 1, ..good },
        TimeAnchor { head: Hash([0; 32]), ..good },
    ];
    for other in others {
        let refused = device.take_anchor(&another(other), &asked);
        assert!(matches!(refused, Err(AnchorError::OtherQuestion)), "{refused:?}");
    }
    let foreign = another(TimeAnchor { device: DeviceId([9; 8]), ..good });
    assert!(matches!(
        device.take_anchor(&foreign, &asked),
        Err(AnchorError::Anchor(AnchorRejection::WrongDevice { .. }))
    ));
    // A time is worth what the log's key is worth: no other key of the trust list will do.
    for signer in [RULES, STATUS, CA, TEACHER] {
        let forged = good.sign(&key(signer)).unwrap();
        assert!(matches!(
            device.take_anchor(&forged, &asked),
            Err(AnchorError::Anchor(AnchorRejection::UnknownKey { .. }))
        ));
    }
    assert_eq!(events(&device).len(), before + 1, "nothing was put into the chain");
    assert!(device.take_anchor(&another(good), &asked).unwrap());
    // Shown again at the next contact it is an old answer.
    world.wait(HOUR_MS);
    let next = self::asked(&device, device.chain_head().unwrap());
    let replayed = device.take_anchor(&another(good), &next);
    assert!(matches!(replayed, Err(AnchorError::OtherQuestion)));
}

#[test]
fn idle_contacts_do_not_grow_the_chain() {
    let world = World::off_by(0);
    let (_district, mut device) = teacher(&world);
    for _ in 0..50 {
        world.wait(HOUR_MS);
        assert!(!world.meet(&mut device));
    }
    assert_eq!(kinds(&device), [EventKind::TimeAnchor]);
    device.open_lesson(lesson()).unwrap();
    assert!(world.meet(&mut device), "what was recorded is bounded");
    for child in [ALPHA, BETA] {
        scan(&mut device, child);
        world.wait(MINUTE_MS);
        assert!(!world.meet(&mut device), "at most every ten minutes");
    }
    world.wait(10 * MINUTE_MS);
    assert!(world.meet(&mut device), "and then once");
    assert!(!world.meet(&mut device));
    let bounded = timeline(&device).0;
    assert!(bounded.iter().all(|time| time.lower.at_ms().is_some()));
    world.reboot(MINUTE_MS, None);
    assert!(world.meet(&mut device), "a new boot needs a new beginning");

    // What a family or a coordinator records has no window: their phones leave the chain alone.
    let (district, world) = (District::new(), World::off_by(0));
    let mut parent = world.device(&district, PARENT, Role::Parent);
    assert!(!world.meet(&mut parent));
    assert_eq!(state(&parent), ClockState::Fine);
    assert_eq!(parent.chain_head().unwrap().seq_next, 0);
}

#[test]
fn reboot_between_contact_and_scans_leaves_a_wide_interval_that_needs_confirmation() {
    let world = World::off_by(0);
    let (_district, mut device) = teacher(&world);
    world.reboot(HOUR_MS, None);
    device.open_lesson(lesson()).unwrap();
    scan(&mut device, ALPHA);
    let times = timeline(&device).0;
    let time = times.last().unwrap();
    assert_eq!(time.upper.at_ms(), None);
    let window = START_MS..=START_MS + 2 * HOUR_MS;
    assert_eq!(time.placement(&window), Placement::NeedsConfirmation);
}

#[test]
fn signed_times_are_not_counted_as_records_and_go_up_with_them() {
    let world = World::off_by(0);
    let (_district, mut device) = teacher(&world);
    assert_eq!(device.status().unwrap().events, 0);
    assert_eq!(device.status().unwrap().not_sent, 0);
    device.open_lesson(lesson()).unwrap();
    assert_eq!(device.status().unwrap().events, 1);
    assert_eq!(device.outbox(10, 100_000).unwrap().len(), 2);
}

struct Times(Vec<attendance::EventTime>);

impl Times {
    /// The event before the last one, which carries the later anchor.
    fn pop_before_last(mut self) -> attendance::EventTime {
        self.0.pop();
        self.0.pop().unwrap()
    }
}

fn timeline(device: &Device) -> Times {
    let trust = SignedTrustList::parse(&trust_list(5)).unwrap();
    let trust = trust.verify(&enrolment(TEACHER, Role::Teacher).roots, 0).unwrap();
    let events = events(device);
    let params = ClockParams { fast_ppm: 200 };
    let timeline = Timeline::derive_from(&events, &trust, params, None);
    assert!(timeline.faults.is_empty(), "{:?}", timeline.faults);
    Times(timeline.events)
}
