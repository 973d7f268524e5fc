//! A small district: two providers, two groups, four children, September 2026.

use attendance::{
    AbsenceReason, BootId, Cancellation, ChildId, DeviceId, EVENT_VERSION, Event, EventKind,
    Finding, GroupId, ManualReason, Method, ProviderId, Role, Verdict, VoucherId,
};
use chrono::NaiveDate;
use ledger::{
    AsideReason, Calendar, Contract, DayCode, FoldEdition, Group, Issuer, Lesson, LoggedEvent,
    LoggedSnapshot, Month, MonthFold, Params, Provider, SNAPSHOT_VERSION, Snapshot, Snapshots,
    Tiyn, Tranche, TrancheBasis, Weekday, compute_tranche,
};
use seal::Hash;

pub(crate) const ALIYA: ProviderId = ProviderId([0xa1; 8]);
pub(crate) const BARYS: ProviderId = ProviderId([0xb2; 8]);
pub(crate) const CHESS: GroupId = GroupId([0x0c; 8]);
pub(crate) const JUDO: GroupId = GroupId([0x0d; 8]);
pub(crate) const MINUTE: i64 = 60_000;

pub(crate) fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn september() -> Month {
    "2026-09".parse().unwrap()
}

pub(crate) fn child(number: u8) -> ChildId {
    ChildId([number; 12])
}

pub(crate) fn voucher(number: u8) -> VoucherId {
    VoucherId([number; 8])
}

/// From when on September may be closed: the beginning of its last day.
pub(crate) fn may_close_ms() -> i64 {
    ledger::local_ms(date("2026-09-30"), 0).unwrap()
}

fn contract(number: u8, group: GroupId, provider: ProviderId, from: &str) -> Contract {
    Contract {
        voucher: voucher(number),
        number: format!("2026-{number:04}"),
        child: child(number),
        group,
        provider,
        total_tiyn: Tiyn(12_000_000),
        from: date(from),
        to: date("2026-12-31"),
        family: None,
        segments: Vec::new(),
    }
}

fn group(id: GroupId, provider: ProviderId, weekdays: &[Weekday], start: &str) -> Group {
    Group {
        id,
        provider,
        name: "Group".to_owned(),
        weekdays: weekdays.to_vec(),
        start: start.to_owned(),
        minutes: 60,
        capacity: None,
    }
}

/// Children 1 (from 14 September), 2 and 3 play chess at Aliya on Mon, Wed, Fri; child 4 fights at
/// Barys on Tue and Thu.
pub(crate) fn snapshot() -> Snapshot {
    let chess_days = [Weekday::Mon, Weekday::Wed, Weekday::Fri];
    let snapshot = Snapshot {
        version: SNAPSHOT_VERSION,
        issuer: Issuer { bin: "990990000012".to_owned(), name: "Akimat".to_owned() },
        providers: vec![
            Provider { id: ALIYA, bin: "990990000023".to_owned(), name: "Aliya".to_owned() },
            Provider { id: BARYS, bin: "990990000034".to_owned(), name: "Barys".to_owned() },
        ],
        groups: vec![
            group(CHESS, ALIYA, &chess_days, "16:00"),
            group(JUDO, BARYS, &[Weekday::Tue, Weekday::Thu], "18:30"),
        ],
        contracts: vec![
            contract(1, CHESS, ALIYA, "2026-09-14"),
            contract(2, CHESS, ALIYA, "2026-09-01"),
            contract(3, CHESS, ALIYA, "2026-09-01"),
            contract(4, JUDO, BARYS, "2026-09-01"),
        ],
        calendar: Calendar { version: 1, ..Calendar::default() },
        params: vec![Params { fold_edition: FoldEdition::First, ..second_edition() }],
        narrower: Vec::new(),
        country: Vec::new(),
        budget: Vec::new(),
        admission: None,
    };
    snapshot.verify().unwrap()
}

/// The rules of the document, with everything that the log can say.
pub(crate) fn second_edition() -> Params {
    Params::defaults(date("2026-01-01"), "2026.1")
}

/// A log under construction. Every method appends one event and gives its hash.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) snapshot: Snapshot,
    pub(crate) events: Vec<LoggedEvent>,
}

#[derive(Clone, Copy)]
pub(crate) struct Device {
    pub(crate) id: u8,
    pub(crate) role: Role,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) child: Option<ChildId>,
}

pub(crate) fn teacher() -> Device {
    Device { id: 1, role: Role::Teacher, provider: Some(ALIYA), child: None }
}

pub(crate) fn second_teacher() -> Device {
    Device { id: 2, ..teacher() }
}

/// Who looks after a provider's devices and papers.
pub(crate) fn administrator() -> Device {
    Device { id: 5, role: Role::Coordinator, provider: Some(ALIYA), child: None }
}

pub(crate) fn judo_teacher() -> Device {
    Device { id: 3, provider: Some(BARYS), ..teacher() }
}

pub(crate) fn coordinator() -> Device {
    Device { id: 4, role: Role::Coordinator, provider: None, child: None }
}

pub(crate) fn parent_of(number: u8) -> Device {
    Device { id: 10 + number, role: Role::Parent, provider: None, child: Some(child(number)) }
}

pub(crate) fn blank(kind: EventKind) -> Event {
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

impl Log {
    pub(crate) fn new() -> Self {
        Self { snapshot: snapshot(), events: Vec::new() }
    }

    /// A log under the rules of the document.
    pub(crate) fn second() -> Self {
        let mut log = Self::new();
        log.snapshot.params = vec![second_edition()];
        log
    }

    pub(crate) fn size(&self) -> u64 {
        self.events.last().map_or(1, |last| last.index + 1)
    }

    pub(crate) fn append(&mut self, device: Device, event: Event) -> Hash {
        let index = self.size();
        let event = Event { device: DeviceId([device.id; 8]), seq: index, ..event };
        let hash = seal::sha256(&event.to_bytes());
        let (role, provider) = (device.role, device.provider);
        let children = device.child.into_iter().collect();
        self.events.push(LoggedEvent { index, hash, event, role, provider, children });
        hash
    }

    pub(crate) fn lesson(&self, group: GroupId, day: &str) -> Lesson {
        let lessons = self.snapshot.lessons_on(date(day));
        lessons.into_iter().find(|lesson| lesson.group == group).unwrap()
    }

    pub(crate) fn lessons(&self, group: GroupId) -> Vec<Lesson> {
        let mut lessons = self.snapshot.lessons(september());
        lessons.retain(|lesson| lesson.group == group);
        lessons
    }

    pub(crate) fn scan(&mut self, device: Device, number: u8, lesson: Lesson) -> Hash {
        self.append(device, in_event(number, lesson))
    }

    pub(crate) fn mark(&mut self, device: Device, number: u8, lesson: Lesson) -> Hash {
        let reason = Some(ManualReason::CardForgotten);
        let event = in_event(number, lesson);
        self.append(device, Event { method: Some(Method::Manual), reason, ..event })
    }

    pub(crate) fn about(&mut self, device: Device, kind: EventKind, about: Hash) -> Hash {
        self.append(device, Event { about: Some(about), child: device.child, ..blank(kind) })
    }

    /// An absence with its reason and the number of a document, if there is one.
    pub(crate) fn absent(
        &mut self,
        device: Device,
        number: u8,
        lesson: Lesson,
        (reason, document): (AbsenceReason, Option<&str>),
    ) -> Hash {
        let event = Event {
            absence: Some(reason),
            document: document.map(str::to_owned),
            method: None,
            card: None,
            ..in_event(number, lesson)
        };
        self.append(device, Event { kind: EventKind::Absent, ..event })
    }

    pub(crate) fn cancel(&mut self, device: Device, lesson: Lesson, why: Cancellation) -> Hash {
        let event = Event {
            lesson: Some(lesson.id),
            provider: Some(lesson.provider),
            cancellation: Some(why),
            document: why.is_official().then(|| "order 7".to_owned()),
            ..blank(EventKind::LessonCancel)
        };
        self.append(device, event)
    }

    /// Moves a lesson to another day, at its hour.
    pub(crate) fn move_to(&mut self, device: Device, lesson: Lesson, day: &str) -> Hash {
        let days = date(day).signed_duration_since(lesson.day).num_milliseconds();
        self.move_by(device, lesson, days)
    }

    pub(crate) fn move_by(&mut self, device: Device, lesson: Lesson, by_ms: i64) -> Hash {
        let event = Event {
            lesson: Some(lesson.id),
            provider: Some(lesson.provider),
            moved_to_ms: Some(lesson.start_ms + by_ms),
            ..blank(EventKind::LessonMove)
        };
        self.append(device, event)
    }

    pub(crate) fn decide(&mut self, device: Device, about: Hash, verdict: Verdict) -> Hash {
        let event = Event {
            about: Some(about),
            verdict: Some(verdict),
            finding: Some(Finding::Evidence),
            document: Some("act 3".to_owned()),
            ..blank(EventKind::DisputeResolve)
        };
        self.append(device, event)
    }

    pub(crate) fn codes(&self, number: u8) -> Vec<DayCode> {
        let fold = self.fold();
        let row = fold.rows.iter().find(|row| row.voucher == voucher(number)).unwrap();
        row.days.iter().map(|day| day.code).collect()
    }

    pub(crate) fn asides(&self) -> Vec<AsideReason> {
        self.fold().aside.iter().map(|aside| aside.reason).collect()
    }

    pub(crate) fn sign_month(&mut self, number: u8) -> Hash {
        let month = Some(september().number());
        let child = Some(child(number));
        self.append(parent_of(number), Event { month, child, ..blank(EventKind::MonthSign) })
    }

    pub(crate) fn close(&mut self) -> Hash {
        let month = Some(september().number());
        let wall_ms = may_close_ms();
        self.append(coordinator(), Event { month, wall_ms, ..blank(EventKind::MonthClose) })
    }

    pub(crate) fn notice(&mut self, provider: ProviderId, amount: i64, document: &str) -> Hash {
        let event = Event {
            month: Some(september().number()),
            provider: Some(provider),
            amount_tiyn: Some(amount),
            document: Some(document.to_owned()),
            ..blank(EventKind::PaymentNotice)
        };
        self.append(coordinator(), event)
    }

    pub(crate) fn month_close(&self) -> Option<u64> {
        let first = LoggedSnapshot { index: 0, snapshot: self.snapshot.clone() };
        Snapshots::begin(first).closed(&self.events, september()).map(|closed| closed.leaf)
    }

    pub(crate) fn fold(&self) -> MonthFold {
        MonthFold::of(&self.snapshot, &self.events, september()).unwrap()
    }

    pub(crate) fn basis(&self) -> TrancheBasis {
        TrancheBasis {
            origin: "log.example/2026".to_owned(),
            tree_size: self.size(),
            root: seal::sha256(b"root"),
        }
    }

    pub(crate) fn tranche(&self) -> Tranche {
        compute_tranche(&self.snapshot, &self.events, september(), self.basis()).unwrap()
    }

    /// Plan, accrued, held and released of a child's voucher, in tiyn.
    pub(crate) fn sums(&self, number: u8) -> (i64, i64, i64, i64) {
        let tranche = self.tranche();
        let line = tranche.lines.iter().find(|line| line.voucher == voucher(number)).unwrap();
        (line.plan.0, line.accrued.0, line.held.0, line.released.0)
    }
}

pub(crate) fn in_event(number: u8, lesson: Lesson) -> Event {
    Event {
        wall_ms: lesson.start_ms + 2 * MINUTE,
        child: Some(child(number)),
        voucher: Some(voucher(number)),
        lesson: Some(lesson.id),
        provider: Some(lesson.provider),
        method: Some(Method::Scan),
        card: Some(seal::sha256(&[number])),
        ..blank(EventKind::In)
    }
}
