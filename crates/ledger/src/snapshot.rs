//! The roster, contracts, calendar and rules a tranche is computed from: pseudonyms only.

use std::borrow::Cow;
use std::io::BufWriter;

use attendance::{ChildId, GroupId, LessonId, ProviderId, VoucherId};
use chrono::NaiveDate;
use seal::{Digest, Hash};
use serde::{Deserialize, Serialize};

use crate::accrual::Term;
use crate::admission::Admission;
use crate::calendar::{Calendar, Month, Weekday, local_ms};
use crate::money::Tiyn;
use crate::params::{Params, in_force};

mod admission;
mod budget;
mod narrower;
mod segment;
mod whole;

pub use budget::{Budget, BudgetCorrection};
pub use narrower::{NarrowerRules, Scope};
pub use segment::Segment;
pub use whole::SnapshotError;
use whole::whole;
pub(crate) use whole::{impossible, unique};

/// The version of a district's first snapshot.
pub const SNAPSHOT_VERSION: u32 = 1;

/// Who issues the vouchers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Business identification number.
    pub bin: String,
    /// Official name.
    pub name: String,
}

/// Who teaches.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Identifier.
    pub id: ProviderId,
    /// Business identification number.
    pub bin: String,
    /// Official name.
    pub name: String,
}

/// A group and its weekly schedule.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Identifier.
    pub id: GroupId,
    /// Whose group.
    pub provider: ProviderId,
    /// Name shown to people.
    pub name: String,
    /// The days it meets.
    pub weekdays: Vec<Weekday>,
    /// Local time a lesson starts, `16:00`.
    pub start: String,
    /// How long a lesson is.
    pub minutes: u32,
    /// How many children it has place for. Without it the rules' `signals.group_capacity` is asked by the
    /// signals, and no offer is held against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
}

impl Group {
    /// Reads the start as minutes since local midnight.
    #[must_use]
    pub fn start_minute(&self) -> Option<u32> {
        let [h1, h2, b':', m1, m2] = *self.start.as_bytes() else { return None };
        let hours = two_digits(h1, h2)?;
        let minutes = two_digits(m1, m2)?;
        (hours < 24 && minutes < 60).then_some(())?;
        hours.checked_mul(60)?.checked_add(minutes)
    }

    fn lesson_on(&self, day: NaiveDate) -> Option<Lesson> {
        let start = self.start_minute()?;
        let start_ms = local_ms(day, start)?;
        Some(Lesson {
            id: LessonId::derive_from(self.id, start_ms),
            group: self.id,
            provider: self.provider,
            start_ms,
            end_ms: local_ms(day, start.checked_add(self.minutes)?)?,
            day,
        })
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<u32> {
    let tens = char::from(tens).to_digit(10)?;
    tens.checked_mul(10)?.checked_add(char::from(ones).to_digit(10)?)
}

/// A child's place in a group, paid by a voucher.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The voucher; there is one contract for each.
    pub voucher: VoucherId,
    /// The voucher's printed number.
    pub number: String,
    /// The child.
    pub child: ChildId,
    /// The group; the first one, if there are several.
    pub group: GroupId,
    /// The group's provider.
    pub provider: ProviderId,
    /// What the voucher is worth from `from` to `to`.
    pub total_tiyn: Tiyn,
    /// First day.
    pub from: NaiveDate,
    /// Last day, in the same year: no voucher is split across 31 December.
    pub to: NaiveDate,
    /// The child's family, by a number that means nothing else: siblings have the same one. Absent:
    /// not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<u32>,
    /// Where the child learns, in order of time, if not in one group from the first day to the last.
    /// Days between two places, and before and after them, are the issuer's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
}

impl Contract {
    /// Says whether the child is enrolled on a day.
    #[must_use]
    pub fn covers(&self, day: NaiveDate) -> bool {
        let inside = self.from <= day && day <= self.to;
        inside && (self.segments.is_empty() || self.segments.iter().any(|one| one.covers(day)))
    }

    /// Gives what the contract promises, and for which days.
    #[must_use]
    pub fn term(&self) -> Term {
        Term { total: self.total_tiyn, from: self.from, to: self.to }
    }

    /// Says whether a part of the voucher falls to a month.
    #[must_use]
    pub fn has_part_in(&self, month: Month) -> bool {
        self.from <= month.last_day() && month.first_day() <= self.to
    }
}

/// One planned lesson of a group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lesson {
    /// Derived from group and start: every device names it alike.
    pub id: LessonId,
    /// The group.
    pub group: GroupId,
    /// The provider.
    pub provider: ProviderId,
    /// Start, milliseconds since 1970-01-01T00:00Z.
    pub start_ms: i64,
    /// End, milliseconds since 1970-01-01T00:00Z.
    pub end_ms: i64,
    /// Local day.
    pub day: NaiveDate,
}

/// Everything besides the log that a tranche depends on. Holds no name and no IIN of a child.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Grows with every snapshot of the district, from [`SNAPSHOT_VERSION`] on.
    pub version: u32,
    /// Who issues the vouchers.
    pub issuer: Issuer,
    /// The providers.
    pub providers: Vec<Provider>,
    /// Their groups.
    pub groups: Vec<Group>,
    /// The contracts.
    pub contracts: Vec<Contract>,
    /// The days off.
    pub calendar: Calendar,
    /// The district's dated rules.
    pub params: Vec<Params>,
    /// Rules that hold for a programme or a provider instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub narrower: Vec<NarrowerRules>,
    /// The country's dated rules, which hold while the district has none of its own. Absent where
    /// there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub country: Vec<Params>,
    /// The volumes of the order, by year and programme, with what corrected them. Entries are added,
    /// and never change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget: Vec<Budget>,
    /// The admissions of providers. Absent: contracts need no listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admission: Option<Admission>,
}

impl Snapshot {
    /// Parses a snapshot and verifies that it is whole.
    ///
    /// # Errors
    /// [`SnapshotError`] names the field.
    pub fn parse(json: &str) -> Result<Self, SnapshotError> {
        serde_json::from_str::<Self>(json)?.verify()
    }

    /// Verifies a snapshot that was put together in memory.
    ///
    /// # Errors
    /// [`SnapshotError`] names the field.
    pub fn verify(self) -> Result<Self, SnapshotError> {
        whole(&self)?;
        Ok(self)
    }

    /// Writes the snapshot in its one form: the same records in any order give the same bytes.
    #[must_use]
    pub fn to_canonical_json(&self) -> String {
        serde_json::to_string(self.in_order().as_ref()).expect("a snapshot has only string keys")
    }

    /// Names the snapshot: SHA-256 of its canonical JSON.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let mut digest = BufWriter::with_capacity(HASHED_AT_ONCE, Digest::default());
        serde_json::to_writer(&mut digest, self.in_order().as_ref())
            .expect("a snapshot has only string keys, and a digest takes everything");
        digest.into_inner().expect("a digest takes everything").finish()
    }

    /// Gives the snapshot with its records in order: itself, if they are. That of a country is not copied.
    fn in_order(&self) -> Cow<'_, Self> {
        if self.contracts.is_sorted_by_key(|item| item.voucher) {
            let given = self.without_contracts();
            let mut sorted = given.clone();
            sorted.sort();
            if sorted == given {
                return Cow::Borrowed(self);
            }
        }
        let mut sorted = self.clone();
        sorted.sort();
        Cow::Owned(sorted)
    }

    fn without_contracts(&self) -> Self {
        Self {
            version: self.version,
            issuer: self.issuer.clone(),
            providers: self.providers.clone(),
            groups: self.groups.clone(),
            contracts: Vec::new(),
            calendar: self.calendar.clone(),
            params: self.params.clone(),
            narrower: self.narrower.clone(),
            country: self.country.clone(),
            budget: self.budget.clone(),
            admission: self.admission.clone(),
        }
    }

    fn sort(&mut self) {
        self.providers.sort_by_key(|item| item.id);
        self.groups.sort_by_key(|item| item.id);
        for group in &mut self.groups {
            group.weekdays.sort_unstable();
        }
        self.contracts.sort_by_key(|item| item.voucher);
        self.calendar.official_off.sort_unstable();
        self.calendar.transferred_off.sort_unstable();
        self.calendar.working.sort_unstable();
        self.country.sort_by_key(|item| item.effective_from);
        self.params.sort_by_key(|item| item.effective_from);
        self.narrower.sort_by(|one, other| one.id.cmp(&other.id));
        for narrower in &mut self.narrower {
            if let Scope::Programme(groups) = &mut narrower.scope {
                groups.sort_unstable();
            }
        }
        self.budget.sort_by(|one, other| one.id.cmp(&other.id));
        for budget in &mut self.budget {
            budget.groups.sort_unstable();
        }
    }

    /// Gives the rules of a month: those in force on its first day.
    #[must_use]
    pub fn rules(&self, month: Month) -> Option<&Params> {
        self.rules_on(month.first_day())
    }

    /// Gives the rules in force on a day: the district's, or the country's while it has none.
    #[must_use]
    pub fn rules_on(&self, day: NaiveDate) -> Option<&Params> {
        in_force(&self.params, day).or_else(|| in_force(&self.country, day))
    }

    /// Lists the rules that hold in the district one after the other, earliest first.
    #[must_use]
    pub fn dated_rules(&self) -> Vec<&Params> {
        let own = self.params.iter().map(|params| params.effective_from).min();
        let before = |params: &&Params| own.is_none_or(|own| params.effective_from < own);
        let country = self.country.iter().filter(before);
        let mut rules: Vec<&Params> = country.chain(&self.params).collect();
        rules.sort_by_key(|params| params.effective_from);
        rules
    }

    /// Gives the planned lessons of a month, in order of time, days off left out. Empty where no
    /// rules are in force.
    #[must_use]
    pub fn lessons(&self, month: Month) -> Vec<Lesson> {
        let of_group = |group| {
            let params = self.rules_for(month, group);
            params.map_or_else(Vec::new, |params| self.lessons_of(group, month, params))
        };
        let mut lessons: Vec<Lesson> = self.groups.iter().flat_map(of_group).collect();
        lessons.sort_by_key(|lesson| (lesson.start_ms, lesson.group));
        lessons
    }

    /// Gives the planned lessons of a local day, in order of time.
    #[must_use]
    pub fn lessons_on(&self, day: NaiveDate) -> Vec<Lesson> {
        let Ok(month) = Month::of(day) else { return Vec::new() };
        let mut lessons = self.lessons(month);
        lessons.retain(|lesson| lesson.day == day);
        lessons
    }

    /// Finds a planned lesson of the month `near`, the month before or the month after.
    #[must_use]
    pub fn lesson(&self, id: LessonId, near: Month) -> Option<Lesson> {
        let months = [Some(near), near.previous(), near.next()];
        let lessons = months.into_iter().flatten().flat_map(|month| self.lessons(month));
        lessons.into_iter().find(|lesson| lesson.id == id)
    }

    /// Finds a provider.
    #[must_use]
    pub fn provider(&self, id: ProviderId) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    /// Finds a group.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// Finds the contract of a voucher.
    #[must_use]
    pub fn contract(&self, voucher: VoucherId) -> Option<&Contract> {
        self.contracts.iter().find(|contract| contract.voucher == voucher)
    }

    pub(crate) fn lessons_of(&self, group: &Group, month: Month, params: &Params) -> Vec<Lesson> {
        let days = self.calendar.lesson_days(month, &group.weekdays, params);
        days.into_iter().filter_map(|day| group.lesson_on(day)).collect()
    }

    /// Gives the lessons of the schedule that a day off takes away.
    pub(crate) fn lessons_off(&self, group: &Group, month: Month, params: &Params) -> Vec<Lesson> {
        let days = month.days().filter(|day| group.weekdays.contains(&Weekday::of(*day)));
        let off = days.filter(|day| self.calendar.cancels(*day, &group.weekdays, params));
        off.filter_map(|day| group.lesson_on(day)).collect()
    }
}

const HASHED_AT_ONCE: usize = 1 << 16;
