//! A log over several months: what transfers, suspensions and corrections need.

use attendance::{Decision, Event, EventKind, GroupId, ProviderId};
use chrono::NaiveDate;
use ledger::{
    Accounts, Lesson, LoggedSnapshot, Month, Snapshot, Snapshots, Tranche, TrancheBasis,
    TrancheLine, compute_closed, number_of_day,
};
use seal::Hash;

use crate::fixture::*;

/// A second coordinator of the district.
pub(crate) fn second_coordinator() -> Device {
    Device { id: 5, ..coordinator() }
}

pub(crate) fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// An instant of a local day, its noon.
pub(crate) fn noon(day: &str) -> i64 {
    ledger::local_ms(date(day), 720).unwrap()
}

/// The district of the fixture with the days off of autumn 2026.
pub(crate) fn autumn() -> Log {
    let mut log = Log::new();
    log.snapshot.calendar.transferred_off = vec![date("2026-10-26")];
    log
}

impl Log {
    pub(crate) fn say(&mut self, device: Device, day: &str, event: Event) -> Hash {
        self.append(device, Event { wall_ms: noon(day), ..event })
    }

    pub(crate) fn transfer(&mut self, device: Device, day: &str, number: u8, to: GroupId) -> Hash {
        let event =
            Event { voucher: Some(voucher(number)), group: Some(to), ..blank(EventKind::Transfer) };
        self.say(device, day, event)
    }

    pub(crate) fn transfer_from(&mut self, day: &str, number: u8, to: GroupId, from: NaiveDate) {
        let event = Event {
            voucher: Some(voucher(number)),
            group: Some(to),
            from_day: Some(number_of_day(from)),
            ..blank(EventKind::Transfer)
        };
        self.say(coordinator(), day, event);
    }

    /// The lessons of a group that the days of the month plan.
    pub(crate) fn lessons_in(&self, group: GroupId, of: Month) -> Vec<Lesson> {
        let mut lessons = self.snapshot.lessons(of);
        lessons.retain(|lesson| lesson.group == group);
        lessons
    }

    /// A child comes to some lessons of a group between two days, and the family confirms each.
    pub(crate) fn attend(
        &mut self,
        number: u8,
        group: GroupId,
        (from, to): (&str, &str),
        count: usize,
    ) {
        let of = Month::of(date(from)).unwrap();
        let days = date(from)..=date(to);
        let lessons = self.lessons_in(group, of);
        for lesson in lessons.into_iter().filter(|one| days.contains(&one.day)).take(count) {
            let scan = self.scan_at(number, lesson);
            self.about(parent_of(number), EventKind::Confirm, scan);
        }
    }

    pub(crate) fn scan_at(&mut self, number: u8, lesson: Lesson) -> Hash {
        let device = if lesson.provider == BARYS { judo_teacher() } else { teacher() };
        self.scan(device, number, lesson)
    }

    pub(crate) fn close_of(&mut self, of: Month) -> Hash {
        let wall_ms = ledger::local_ms(of.last_day(), 720).unwrap();
        let month = Some(of.number());
        self.append(coordinator(), Event { month, wall_ms, ..blank(EventKind::MonthClose) })
    }

    pub(crate) fn suspend(&mut self, day: &str, provider: ProviderId, ground: attendance::Ground) {
        let event = Event {
            provider: Some(provider),
            ground: Some(ground),
            document: Some("T-1".to_owned()),
            ..blank(EventKind::ProviderSuspend)
        };
        self.say(coordinator(), day, event);
    }

    pub(crate) fn cure(&mut self, day: &str, provider: ProviderId, ground: attendance::Ground) {
        let event = Event {
            provider: Some(provider),
            ground: Some(ground),
            document: Some("T-2".to_owned()),
            ..blank(EventKind::GroundCured)
        };
        self.say(coordinator(), day, event);
    }

    pub(crate) fn release(
        &mut self,
        device: Device,
        (number, of): (u8, Month),
        decision: Decision,
        about: Option<Hash>,
    ) -> Hash {
        let event = Event {
            voucher: Some(voucher(number)),
            month: Some(of.number()),
            decision: Some(decision),
            document: Some("R-1".to_owned()),
            about,
            ..blank(EventKind::HoldRelease)
        };
        self.say(device, "2026-11-10", event)
    }

    pub(crate) fn adjust(&mut self, number: u8, of: Month) -> Hash {
        let event = Event {
            voucher: Some(voucher(number)),
            month: Some(of.number()),
            document: Some("C-1".to_owned()),
            ..blank(EventKind::Adjust)
        };
        self.say(coordinator(), "2026-11-10", event)
    }

    pub(crate) fn history(&self) -> Snapshots {
        Snapshots::begin(LoggedSnapshot { index: 0, snapshot: self.snapshot.clone() })
    }

    pub(crate) fn accounts(&self) -> Accounts {
        Accounts::of(&self.history(), &self.events, self.size()).unwrap()
    }

    /// The tranche of a closed month, over the prefix that ends with its close.
    pub(crate) fn tranche_of(&self, of: Month) -> Tranche {
        let history = self.history();
        let leaf = history.closed(&self.events, of).unwrap().leaf;
        let origin = "log.example/2026".to_owned();
        let root = seal::sha256(&leaf.to_be_bytes());
        let basis = TrancheBasis { origin, tree_size: leaf + 1, root };
        let tranche = compute_closed(&history, &self.events, of, basis).unwrap();
        assert_eq!(Tranche::parse(&tranche.to_bytes()).unwrap(), tranche);
        tranche
    }

    /// The lines of a voucher's month, by the first day of the place.
    pub(crate) fn lines_of(&self, number: u8, of: Month) -> Vec<TrancheLine> {
        let mut lines = self.tranche_of(of).lines;
        lines.retain(|line| line.voucher == voucher(number));
        lines.sort_by_key(|line| line.from);
        lines
    }
}

/// Plan, cap, accrued, held and released of a line, in tiyn.
pub(crate) fn amounts(line: &TrancheLine) -> [i64; 5] {
    [line.plan.0, line.cap.0, line.accrued.0, line.held.0, line.released.0]
}

/// The same district, with a child's places named by the snapshot.
pub(crate) fn with_places(snapshot: &mut Snapshot, number: u8, places: &[(GroupId, &str, &str)]) {
    let groups = snapshot.groups.clone();
    let contract =
        snapshot.contracts.iter_mut().find(|one| one.voucher == voucher(number)).unwrap();
    contract.segments = places
        .iter()
        .map(|(group, from, to)| ledger::Segment {
            group: *group,
            provider: groups.iter().find(|one| one.id == *group).unwrap().provider,
            from: date(from),
            to: date(to),
        })
        .collect();
}
