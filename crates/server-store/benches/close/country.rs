//! A month of a whole country, made up from a seed: groups of fifteen, some twelve visits a voucher,
//! most of them confirmed; absences with documents, marks by hand, disputes and their decisions,
//! withdrawals, corrections, cancelled and moved lessons, transfers, siblings. Nobody in it exists.
//!
//! Nothing is remembered: what happened to a voucher on a day follows from the seed, so that a country
//! of any size fits into memory while its log is made.

use attendance::{
    AbsenceReason, BootId, Cancellation, ChildId, DeviceId, EVENT_VERSION, Event, EventKind,
    Finding, GroupId, ManualReason, Method, ProviderId, Role, Verdict, VoucherId,
};
use ledger::{
    Calendar, Contract, Day, Group, Issuer, Lesson, LoggedEvent, Month, Params, Provider,
    SNAPSHOT_VERSION, Snapshot, Tiyn, Weekday,
};
use seal::Hash;

const GROUP: u64 = 15;
const GROUPS_OF_PROVIDER: u64 = 8;
/// Every twentieth child is the sibling of the one before.
const SIBLING: u64 = 20;
/// Every fiftieth voucher is the second one of a child of the group before.
const SECOND_VOUCHER: u64 = 50;

/// A country of so many vouchers.
pub(crate) struct Country {
    vouchers: u64,
    seed: u64,
    pub(crate) month: Month,
    pub(crate) snapshot: Snapshot,
    days: Vec<Day>,
}

/// What became of a voucher's lesson.
#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Came,
    ByHand,
    Excused,
    Absent,
}

impl Country {
    pub(crate) fn new(vouchers: u64, seed: u64) -> Self {
        let month: Month = "2026-09".parse().expect("a month");
        let groups = vouchers.div_ceil(GROUP);
        let first = month.first_day();
        let mut params = Params::defaults("2026-01-01".parse().expect("a day"), "2026.1");
        params.tacit_acceptance = false;
        let snapshot = Snapshot {
            version: SNAPSHOT_VERSION,
            issuer: Issuer { bin: "990990000012".to_owned(), name: "Akimat".to_owned() },
            providers: (0..groups.div_ceil(GROUPS_OF_PROVIDER)).map(provider).collect(),
            groups: (0..groups).map(group).collect(),
            contracts: (0..vouchers).map(|at| contract(at, first)).collect(),
            calendar: Calendar { version: 1, ..Calendar::default() },
            params: vec![params],
            narrower: Vec::new(),
            country: Vec::new(),
            budget: Vec::new(),
            admission: None,
        };
        Self { vouchers, seed, month, snapshot, days: month.days().collect() }
    }

    /// Hands out the log in pieces; gives how many visits it has.
    pub(crate) fn log(&self, mut take: impl FnMut(&[LoggedEvent])) -> u64 {
        let mut log = Log { piece: Vec::with_capacity(PIECE), size: 2, visits: 0, take: &mut take };
        for at in 0..self.days.len() {
            self.lessons(at, &mut log);
            if at > 0 {
                self.answers(at - 1, &mut log);
            }
        }
        self.answers(self.days.len() - 1, &mut log);
        self.signatures(&mut log);
        self.close(&mut log);
        log.flush();
        log.visits
    }

    fn chance(&self, what: u64, voucher: u64, day: usize) -> u64 {
        mix(self.seed ^ mix(what ^ mix(voucher ^ mix(day as u64)))) % 1000
    }

    /// The lesson that a group has on a day.
    fn lesson(&self, at: u64, day: usize) -> Option<Lesson> {
        let group = self.snapshot.groups.get(usize::try_from(at).ok()?)?;
        let day = *self.days.get(day)?;
        group.weekdays.contains(&Weekday::of(day)).then_some(())?;
        let start_ms = ledger::local_ms(day, group.start_minute()?)?;
        let id = attendance::LessonId::derive_from(group.id, start_ms);
        let end_ms = start_ms + i64::from(group.minutes) * MINUTE_MS;
        Some(Lesson { id, group: group.id, provider: group.provider, start_ms, end_ms, day })
    }

    fn outcome(&self, voucher: u64, day: usize) -> Outcome {
        match self.chance(1, voucher, day) {
            0..885 => Outcome::Came,
            885..925 => Outcome::ByHand,
            925..960 => Outcome::Excused,
            _ => Outcome::Absent,
        }
    }

    fn lessons(&self, day: usize, log: &mut Log<'_>) {
        let groups = self.vouchers.div_ceil(GROUP);
        for at in shuffled(groups) {
            let Some(lesson) = self.lesson(at, day) else { continue };
            let by = teacher(at);
            match self.chance(2, at, day) {
                0 => log.say(by.signed(cancelled(&lesson))),
                1 => log.say(by.signed(moved(&lesson))),
                _ => {}
            }
            for voucher in (at * GROUP..(at + 1) * GROUP).take_while(|one| *one < self.vouchers) {
                let outcome = self.outcome(voucher, day);
                if outcome == Outcome::Absent {
                    continue;
                }
                let mut event = recorded(voucher, &lesson);
                event.wall_ms += i64::try_from(self.chance(3, voucher, day)).unwrap_or(0) * 1000;
                match outcome {
                    Outcome::ByHand => {
                        (event.method, event.card) = (Some(Method::Manual), None);
                        event.reason = Some(ManualReason::CardForgotten);
                    }
                    Outcome::Excused => {
                        (event.kind, event.method, event.card) = (EventKind::Absent, None, None);
                        event.absence = Some(AbsenceReason::Sick);
                        event.document = Some("note 7".to_owned());
                    }
                    Outcome::Came | Outcome::Absent => {}
                }
                log.visits += u64::from(event.kind == EventKind::In);
                log.say(LoggedEvent { hash: hash_of(voucher, day), ..by.signed(event) });
                if self.chance(4, voucher, day) == 0 {
                    let about = Some(hash_of(voucher, day));
                    log.say(by.signed(Event { about, ..blank(EventKind::Void) }));
                }
            }
        }
    }

    /// What families said the day after, and the district of what they disputed.
    fn answers(&self, day: usize, log: &mut Log<'_>) {
        for voucher in shuffled(self.vouchers) {
            if self.lesson(voucher / GROUP, day).is_none() {
                continue;
            }
            if !matches!(self.outcome(voucher, day), Outcome::Came | Outcome::ByHand) {
                continue;
            }
            let about = Some(hash_of(voucher, day));
            let kind = match self.chance(5, voucher, day) {
                0..850 => EventKind::Confirm,
                850..856 => EventKind::Dispute,
                856 => {
                    let (child, voucher) = (Some(child(voucher)), Some(VoucherId(id(voucher, 4))));
                    let reason = Some(ManualReason::NoCamera);
                    let event =
                        Event { about, child, voucher, reason, ..blank(EventKind::Correct) };
                    log.say(district(1).signed(event));
                    continue;
                }
                _ => continue,
            };
            let wall_ms = self.noon(day + 1);
            log.say(parent(voucher).signed(Event { about, wall_ms, ..blank(kind) }));
            if kind == EventKind::Dispute && self.chance(6, voucher, day) < 400 {
                let event = Event {
                    about,
                    verdict: Some(Verdict::Was),
                    finding: Some(Finding::Evidence),
                    document: Some("act 3".to_owned()),
                    ..blank(EventKind::DisputeResolve)
                };
                log.say(district(1).signed(event));
            }
            if self.chance(7, voucher, day) == 0 && self.chance(8, voucher, day) < 300 {
                let to = (voucher / GROUP + 1) % self.vouchers.div_ceil(GROUP);
                let event = Event {
                    wall_ms,
                    voucher: Some(VoucherId(id(voucher, 4))),
                    group: Some(GroupId(id(to, 2))),
                    ..blank(EventKind::Transfer)
                };
                log.say(district(2).signed(event));
            }
        }
    }

    /// Some families sign the month.
    fn signatures(&self, log: &mut Log<'_>) {
        for voucher in shuffled(self.vouchers).filter(|one| self.chance(9, *one, 0) < 250) {
            let (child, month) = (Some(child(voucher)), Some(self.month.number()));
            log.say(parent(voucher).signed(Event { child, month, ..blank(EventKind::MonthSign) }));
        }
    }

    fn close(&self, log: &mut Log<'_>) {
        let month = Some(self.month.number());
        let wall_ms = self.noon(self.days.len() - 1);
        log.say(district(1).signed(Event { month, wall_ms, ..blank(EventKind::MonthClose) }));
    }

    fn noon(&self, day: usize) -> i64 {
        let day = self.days.get(day).or(self.days.last()).expect("a month has days");
        ledger::local_ms(*day, 720).expect("a time of these years")
    }
}

/// Pieces of a log on their way out.
struct Log<'a> {
    piece: Vec<LoggedEvent>,
    size: u64,
    visits: u64,
    take: &'a mut dyn FnMut(&[LoggedEvent]),
}

impl Log<'_> {
    fn say(&mut self, mut logged: LoggedEvent) {
        logged.index = self.size;
        if logged.hash == Hash::default() {
            logged.hash = hash_of(u64::MAX, usize::try_from(self.size).expect("a short log"));
        }
        self.size += 1;
        self.piece.push(logged);
        if self.piece.len() == PIECE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        (self.take)(&self.piece);
        self.piece.clear();
    }
}

/// Who signs.
struct Device {
    id: DeviceId,
    role: Role,
    provider: Option<ProviderId>,
    child: Option<ChildId>,
}

impl Device {
    fn signed(&self, event: Event) -> LoggedEvent {
        let event = Event { device: self.id, ..event };
        let (role, provider) = (self.role, self.provider);
        let children = self.child.into_iter().collect();
        LoggedEvent { index: 0, hash: Hash::default(), event, role, provider, children }
    }
}

fn teacher(group: u64) -> Device {
    let provider = Some(ProviderId(id(group / GROUPS_OF_PROVIDER, 1)));
    Device { id: DeviceId(id(group, 5)), role: Role::Teacher, provider, child: None }
}

fn parent(voucher: u64) -> Device {
    let id = DeviceId(id(of_child(voucher), 6));
    Device { id, role: Role::Parent, provider: None, child: Some(child(voucher)) }
}

fn district(number: u64) -> Device {
    Device { id: DeviceId(id(number, 7)), role: Role::Coordinator, provider: None, child: None }
}

/// The number of the child that a voucher is for.
fn of_child(voucher: u64) -> u64 {
    if voucher % SECOND_VOUCHER == SECOND_VOUCHER - 1 { voucher - GROUP } else { voucher }
}

fn family(voucher: u64) -> u64 {
    let child = of_child(voucher);
    if child % SIBLING == SIBLING - 1 { child - 1 } else { child }
}

fn child(voucher: u64) -> ChildId {
    let mut bytes = [0x33; 12];
    bytes[..8].copy_from_slice(&id(of_child(voucher), 3));
    ChildId(bytes)
}

fn provider(at: u64) -> Provider {
    let bin = format!("99{at:010}");
    Provider { id: ProviderId(id(at, 1)), bin, name: format!("Provider {at}") }
}

fn group(at: u64) -> Group {
    let weekdays = if at.is_multiple_of(2) {
        [Weekday::Mon, Weekday::Wed, Weekday::Fri]
    } else {
        [Weekday::Tue, Weekday::Thu, Weekday::Sat]
    };
    Group {
        id: GroupId(id(at, 2)),
        provider: ProviderId(id(at / GROUPS_OF_PROVIDER, 1)),
        name: format!("Group {at}"),
        weekdays: weekdays.to_vec(),
        start: format!("{:02}:00", 10 + at % 9),
        minutes: 60,
        capacity: None,
    }
}

fn contract(at: u64, first: Day) -> Contract {
    let group = at / GROUP;
    Contract {
        voucher: VoucherId(id(at, 4)),
        number: format!("2026-{at:07}"),
        child: child(at),
        group: GroupId(id(group, 2)),
        provider: ProviderId(id(group / GROUPS_OF_PROVIDER, 1)),
        total_tiyn: Tiyn(12_000_000),
        from: first,
        to: "2026-12-31".parse().expect("a day"),
        family: Some(u32::try_from(family(at)).expect("a country")),
        segments: Vec::new(),
    }
}

fn recorded(voucher: u64, lesson: &Lesson) -> Event {
    Event {
        wall_ms: lesson.start_ms,
        child: Some(child(voucher)),
        voucher: Some(VoucherId(id(voucher, 4))),
        lesson: Some(lesson.id),
        provider: Some(lesson.provider),
        method: Some(Method::Scan),
        card: Some(hash_of(voucher, 99)),
        ..blank(EventKind::In)
    }
}

fn cancelled(lesson: &Lesson) -> Event {
    Event {
        lesson: Some(lesson.id),
        provider: Some(lesson.provider),
        cancellation: Some(Cancellation::Provider),
        ..blank(EventKind::LessonCancel)
    }
}

fn moved(lesson: &Lesson) -> Event {
    Event {
        lesson: Some(lesson.id),
        provider: Some(lesson.provider),
        moved_to_ms: Some(lesson.start_ms + 2 * 3_600_000),
        ..blank(EventKind::LessonMove)
    }
}

fn hash_of(one: u64, other: usize) -> Hash {
    let start = mix(one ^ mix(other as u64 ^ 0x51));
    let mut hash = Hash::default();
    for (at, part) in (0u64..).zip(hash.0.chunks_exact_mut(8)) {
        part.copy_from_slice(&mix(start ^ at).to_le_bytes());
    }
    hash
}

fn id(number: u64, kind: u64) -> [u8; 8] {
    mix(number ^ (kind << 56)).to_le_bytes()
}

/// The numbers below `count`, each once, in an order without a pattern.
fn shuffled(count: u64) -> impl Iterator<Item = u64> {
    let wide = count.next_power_of_two();
    let step = (wide / 8 * 5) | 1;
    (0..wide)
        .map(move |at| (at.wrapping_mul(step).wrapping_add(step / 3)) & (wide - 1))
        .filter(move |at| *at < count)
}

/// `splitmix64`: one number after another, without a pattern, and no two alike.
fn mix(number: u64) -> u64 {
    let one = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let two = (one ^ (one >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let three = (two ^ (two >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    three ^ (three >> 31)
}

fn blank(kind: EventKind) -> Event {
    Event {
        version: EVENT_VERSION,
        device: DeviceId::default(),
        seq: 0,
        prev: Hash::default(),
        kind,
        wall_ms: 0,
        mono_ms: 0,
        boot: BootId::default(),
        child: None,
        voucher: None,
        lesson: None,
        provider: None,
        method: None,
        card: None,
        reason: None,
        about: None,
        month: None,
        amount_tiyn: None,
        document: None,
        place: None,
        proof: None,
        absence: None,
        absence_document: None,
        headcount: None,
        anchor: None,
        subject: None,
        revocation: None,
        ticket: None,
        verdict: None,
        finding: None,
        cancellation: None,
        moved_to_ms: None,
        group: None,
        from_day: None,
        ground: None,
        cause: None,
        evidence: None,
        decision: None,
    }
}

const MINUTE_MS: i64 = 60_000;
/// So many events are made before they are handed out.
const PIECE: usize = 1 << 14;
