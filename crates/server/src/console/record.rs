//! What the issuer's head writes in the console: a year's volume and what corrects it, rules from a day on, a
//! day of the calendar, what was found about a provider and whether it is listed, tables of groups, timetables
//! and vouchers. The district becomes a newer one, as by `qatysu budget` and `qatysu district update`;
//! nothing that a closed month rests on is edited.

use ledger::admission::Check;
use ledger::{Bin, Budget, BudgetCorrection, Calendar, Day, Month, Params, Snapshot, WhatIfError};
use serde_json::{Map, Value};
use server_store::{AccountId, DraftId};

use super::admission::{NewCheck, NewListing};
use crate::amendment::{DistrictUpdate, UpdateError};
use crate::district::District;
use crate::error::ServerError;
use crate::server::Server;
use crate::tables::{ChildNumbers, RowNote, TableFinding, TableKind};

/// What becomes of the district.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DistrictRecord {
    /// A volume.
    Volume(Budget),
    /// A correction of the volume with this name.
    Correction(String, BudgetCorrection),
    /// Rules that hold from a day on.
    Rules(NewRules),
    /// What a day of the calendar is.
    Day(CalendarDay),
    /// What was found about an organisation.
    Check(NewCheck),
    /// Whether an organisation is listed.
    Listing(NewListing),
    /// Groups, timetables or vouchers, all of a table or nothing.
    Table(NewTable),
}

/// A table that somebody sends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NewTable {
    /// What it has.
    pub(crate) kind: TableKind,
    /// The table, as CSV.
    pub(crate) text: String,
    /// The decision.
    pub(crate) document: String,
}

/// What a record makes of the district.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// What changes.
    pub(crate) update: DistrictUpdate,
    /// Rows that somebody should look at.
    pub(crate) flagged: Vec<RowNote>,
}

/// The rules before with some parameters replaced, for the whole district.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewRules {
    /// The first day. Rules that begin on the same day already are changed.
    pub(crate) from: Day,
    /// What they are called in tranches.
    pub(crate) rule_version: String,
    /// Names and values of parameters.
    pub(crate) changes: Map<String, Value>,
    /// The decision.
    pub(crate) document: String,
}

/// A day, and what it is from now on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CalendarDay {
    pub(crate) day: Day,
    pub(crate) kind: DayKind,
    /// The decision.
    pub(crate) document: String,
}

/// What a day is in the calendar.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum DayKind {
    /// No lesson of any group.
    OfficialOff,
    /// Off only because a holiday was moved there.
    TransferredOff,
    /// A Saturday or Sunday on which offices work.
    Working,
    /// As the week has it.
    Ordinary,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    /// There is none to correct.
    #[error("there is no budget {0}")]
    NoVolume(String),
    /// There is nothing to begin with.
    #[error("no rules are in force on {0}: choose a later day")]
    NoRules(Day),
    /// A parameter cannot be so.
    #[error(transparent)]
    Parameter(#[from] WhatIfError),
    /// The day is past, and what it was has been counted.
    #[error("{0} is closed: what its days are is counted already")]
    Closed(Month),
    /// The day is that already.
    #[error("{0} is that already")]
    Already(Day),
    /// A funnel of admissions begins with the day from which it binds.
    #[error("say from which day on a new contract needs a listed provider")]
    BindsNever,
    /// The same was found before.
    #[error("{1} of {0} is on record already, and says the same")]
    Known(Bin, Check),
    /// Nobody passed anything.
    #[error("nothing was checked yet: record what was found first")]
    NothingChecked,
    /// The table cannot be used at all.
    #[error("the table cannot be used")]
    Table(TableFinding),
    /// Rows are wrong.
    #[error("{} of {all} rows are wrong", refused.len())]
    Rows {
        /// Which, and why.
        refused: Vec<RowNote>,
        /// How many the table has.
        all: usize,
    },
    /// The district has it all.
    #[error("nothing of it is new")]
    NothingNew,
    /// Somebody ended the draft.
    #[error("the draft waits no more: look at the list again")]
    DraftOver,
    /// The district is another one than the person saw.
    #[error("the district was changed meanwhile: look at it again")]
    Changed,
    /// The district does not take it.
    #[error(transparent)]
    Update(#[from] UpdateError),
    /// Storage failed.
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl DayKind {
    pub(crate) const ALL: [Self; 4] =
        [Self::OfficialOff, Self::TransferredOff, Self::Working, Self::Ordinary];

    /// What forms and logs call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OfficialOff => "official_off",
            Self::TransferredOff => "transferred_off",
            Self::Working => "working",
            Self::Ordinary => "ordinary",
        }
    }

    pub(crate) fn of(calendar: &Calendar, day: Day) -> Self {
        if calendar.official_off.contains(&day) {
            Self::OfficialOff
        } else if calendar.transferred_off.contains(&day) {
            Self::TransferredOff
        } else if calendar.working.contains(&day) {
            Self::Working
        } else {
            Self::Ordinary
        }
    }
}

impl DistrictRecord {
    /// Puts it into a district; gives the rows that somebody should look at.
    fn add_to(self, district: &mut District) -> Result<Vec<RowNote>, RecordError> {
        let snapshot = &mut district.snapshot;
        match self {
            Self::Volume(budget) => snapshot.budget.push(budget),
            Self::Correction(id, correction) => {
                let known = snapshot.budget.iter_mut().find(|one| one.id == id);
                known.ok_or(RecordError::NoVolume(id))?.corrections.push(correction);
            }
            Self::Rules(rules) => rules.add_to(snapshot)?,
            Self::Day(day) => day.add_to(&mut snapshot.calendar)?,
            Self::Check(check) => check.add_to(snapshot)?,
            Self::Listing(listing) => listing.add_to(snapshot)?,
            Self::Table(table) => return table.add_to(district),
        }
        Ok(Vec::new())
    }

    /// Names what was done, and to what.
    fn told(&self) -> (&'static str, String) {
        match self {
            Self::Volume(budget) => ("volume_set", format!("{}, {}", budget.id, budget.document)),
            Self::Correction(id, one) => ("volume_corrected", format!("{id}, {}", one.document)),
            Self::Rules(one) => {
                let names: Vec<&str> = one.changes.keys().map(String::as_str).collect();
                let about = format!("{}, {}, {}", one.rule_version, names.join(" "), one.document);
                ("rules_set", about)
            }
            Self::Day(one) => {
                ("day_set", format!("{} {}, {}", one.day, one.kind.name(), one.document))
            }
            Self::Check(one) => {
                let about = format!("{} {}, {}", one.bin, one.check, one.answer.document);
                ("check_recorded", about)
            }
            Self::Listing(one) => {
                let what = if one.listed { "provider_listed" } else { "listing_withdrawn" };
                (what, format!("{}, {}", one.bin, one.document))
            }
            Self::Table(one) => ("table_taken", format!("{}, {}", one.kind.name(), one.document)),
        }
    }

    /// The month whose days it names anew.
    fn day_in(&self) -> Option<Month> {
        if let Self::Day(one) = self { Month::of(one.day).ok() } else { None }
    }
}

impl NewTable {
    fn add_to(self, district: &mut District) -> Result<Vec<RowNote>, RecordError> {
        let rows = self.kind.read(self.text.as_bytes()).map_err(RecordError::Table)?;
        let taken = self.kind.take(&rows, district, &ChildNumbers::new(), &|_, _| {});
        if !taken.refused.is_empty() {
            return Err(RecordError::Rows { refused: taken.refused, all: rows.len() });
        }
        if taken.changed == 0 { Err(RecordError::NothingNew) } else { Ok(taken.flagged) }
    }
}

impl NewRules {
    fn add_to(self, snapshot: &mut Snapshot) -> Result<(), RecordError> {
        let before = snapshot.rules_on(self.from).ok_or(RecordError::NoRules(self.from))?;
        let (replaced, _) = before.replaced(&self.changes)?;
        let (effective_from, rule_version) = (self.from, self.rule_version);
        snapshot.params.retain(|one| one.effective_from != effective_from);
        snapshot.params.push(Params { effective_from, rule_version, ..replaced });
        Ok(())
    }
}

impl CalendarDay {
    fn add_to(&self, calendar: &mut Calendar) -> Result<(), RecordError> {
        if DayKind::of(calendar, self.day) == self.kind {
            return Err(RecordError::Already(self.day));
        }
        let Calendar { version, official_off, transferred_off, working } = calendar;
        let lists = [
            (DayKind::OfficialOff, official_off),
            (DayKind::TransferredOff, transferred_off),
            (DayKind::Working, working),
        ];
        for (kind, days) in lists {
            days.retain(|day| *day != self.day);
            if kind == self.kind {
                days.push(self.day);
                days.sort_unstable();
            }
        }
        *version = version.saturating_add(1);
        Ok(())
    }
}

impl Server {
    /// Says what a record would change, and which version of the district it would make.
    pub(crate) async fn try_record(&self, record: DistrictRecord) -> Result<Recorded, RecordError> {
        self.amend(record, None).await
    }

    /// Writes a record, if it makes the version of the district that the person saw. A draft that it comes
    /// from is over then.
    pub(crate) async fn write_record(
        &self,
        by: AccountId,
        record: DistrictRecord,
        (version, draft): (u32, Option<DraftId>),
    ) -> Result<DistrictUpdate, RecordError> {
        if let Some(draft) = draft
            && !self.open_drafts().await?.iter().any(|one| one.draft == draft)
        {
            return Err(RecordError::DraftOver);
        }
        let (what, about) = record.told();
        let written = self.amend(record, Some(version)).await?.update;
        if let Some(draft) = draft {
            self.end_draft(draft, by, Some(written.version)).await?;
        }
        self.did(by, what, about).await?;
        Ok(written)
    }

    async fn amend(
        &self,
        record: DistrictRecord,
        wanted: Option<u32>,
    ) -> Result<Recorded, RecordError> {
        if let Some(month) = record.day_in()
            && self.stored_tranche(month).await?.is_some()
        {
            return Err(RecordError::Closed(month));
        }
        let mut district = self.district().await?;
        let flagged = record.add_to(&mut district)?;
        let version = district.snapshot.version.saturating_add(1);
        if wanted.is_some_and(|wanted| wanted != version) {
            return Err(RecordError::Changed);
        }
        district.snapshot.version = version;
        let update = self.update_district(&district, wanted.is_none()).await?;
        Ok(Recorded { update, flagged })
    }
}
