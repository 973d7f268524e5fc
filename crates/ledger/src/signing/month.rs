//! Every provider's sheet of a month: what the log gives, who signed it, and where it stands.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{EventKind, ProviderId, VoucherId};
use chrono::NaiveDate;

use super::machine::{Given, Machine};
use super::supplementary::Reopened;
use super::{
    ActStatement, SheetPart, SheetStanding, SheetState, SheetStatement, SupplementaryStanding,
};
use crate::account::SettledMonth;
use crate::calendar::Month;
use crate::correction::{Correction, Due};
use crate::money::Tiyn;
use crate::params::Params;
use crate::payment::{PaymentState, payments_of};
use crate::report::SheetAt;
use crate::sheet::MonthFold;
use crate::snapshot::Snapshot;
use crate::snapshots::Snapshots;
use crate::steps::{MonthStep, StepDeadline, current_step, month_steps};
use crate::tranche::{Tranche, TrancheError, TrancheLine, due_of, lines};
use crate::visit::LoggedEvent;

/// Why the registry has lines of some providers not, where the rules want signed acts.
pub type Withheld = BTreeMap<ProviderId, &'static str>;

/// The sheets of a month.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedMonth {
    /// The month.
    pub month: Month,
    /// The leaf that closed it.
    pub close: Option<u64>,
    /// Whether its rules let only signed acts into the registry.
    pub acts_required: bool,
    /// One a provider, ordered by id.
    pub sheets: Vec<SheetStanding>,
}

/// What a month's sheets are made of.
struct Basis<'a> {
    month: Month,
    snapshot: &'a Snapshot,
    params: &'a Params,
    fold: MonthFold,
    lines: Vec<TrancheLine>,
    close: Option<u64>,
    /// Corrections and dues, once the tranche is there.
    settled: Option<(&'a [Correction], &'a [Due])>,
    steps: Vec<StepDeadline>,
    today: NaiveDate,
}

impl SignedMonth {
    /// Reads a month that is not closed, or whose tranche is not there yet; nothing if there are no rules
    /// for it. `today` decides what is late and what is over, and nothing else.
    ///
    /// # Errors
    /// [`TrancheError`] if the month cannot be folded.
    pub fn of_open(
        history: &Snapshots,
        events: &[LoggedEvent],
        month: Month,
        today: NaiveDate,
    ) -> Result<Option<Self>, TrancheError> {
        let closed = history.closed(events, month);
        let snapshot = closed.map_or(&history.newest().snapshot, |it| &it.rests_on.snapshot);
        let close = closed.map(|closed| closed.leaf);
        read((snapshot, events), (month, close), None, today)
    }

    /// Reads the month of a tranche, with the snapshot that it rests on.
    ///
    /// # Errors
    /// [`TrancheError`] if the month cannot be folded.
    pub fn of_tranche(
        snapshot: &Snapshot,
        events: &[LoggedEvent],
        tranche: &Tranche,
        today: NaiveDate,
    ) -> Result<Option<Self>, TrancheError> {
        let corrections = tranche.corrections.as_deref().unwrap_or_default();
        let settled = (corrections, tranche.dues.as_deref().unwrap_or_default());
        let month = (tranche.month, tranche.tree_size.checked_sub(1));
        read((snapshot, events), month, Some(settled), today)
    }

    /// Reads a month of the walk over all closed ones.
    ///
    /// # Errors
    /// [`TrancheError`] if the month cannot be folded.
    pub fn of_settled(
        history: &Snapshots,
        events: &[LoggedEvent],
        settled: &SettledMonth,
        today: NaiveDate,
    ) -> Result<Option<Self>, TrancheError> {
        let sums = (&settled.corrections[..], &settled.dues[..]);
        let snapshot = &history.before(settled.close).snapshot;
        read((snapshot, events), (settled.month, Some(settled.close)), Some(sums), today)
    }

    /// Gives the sheet of a provider.
    #[must_use]
    pub fn sheet(&self, provider: ProviderId) -> Option<&SheetStanding> {
        self.sheets.iter().find(|sheet| sheet.provider == provider)
    }

    /// Says whose lines the registry does not have, and why: nobody's where the rules do not ask.
    #[must_use]
    pub fn withheld(&self) -> Withheld {
        let unsigned = self.sheets.iter().filter(|_| self.acts_required);
        unsigned.filter_map(|sheet| Some((sheet.provider, sheet.withheld()?))).collect()
    }
}

fn read(
    (snapshot, events): (&Snapshot, &[LoggedEvent]),
    (month, close): (Month, Option<u64>),
    settled: Option<(&[Correction], &[Due])>,
    today: NaiveDate,
) -> Result<Option<SignedMonth>, TrancheError> {
    let Some(params) = snapshot.rules(month) else { return Ok(None) };
    let fold = match close {
        Some(close) => MonthFold::of_prefix(snapshot, events, month, close.saturating_add(1))?,
        None => MonthFold::of(snapshot, events, month)?,
    };
    let basis = Basis {
        month,
        snapshot,
        params,
        lines: lines(snapshot, params, &fold)?,
        fold,
        close,
        settled: settled.filter(|_| close.is_some()),
        steps: month_steps(month, &params.steps, &snapshot.calendar),
        today,
    };
    Ok(Some(SignedMonth {
        month,
        close,
        acts_required: params.signed_acts_required,
        sheets: basis.sheets(events)?,
    }))
}

impl Basis<'_> {
    fn sheets(&self, events: &[LoggedEvent]) -> Result<Vec<SheetStanding>, TrancheError> {
        let mut about: Vec<&LoggedEvent> = events
            .iter()
            .filter(|logged| {
                let kind = logged.event.kind;
                let signs = matches!(
                    kind,
                    EventKind::SheetSign | EventKind::ActSign | EventKind::SheetDecide
                );
                signs && logged.event.month == Some(self.month.number())
            })
            .collect();
        about.sort_by_key(|logged| logged.index);
        let due = due_of(&self.lines, self.settled.map_or(&[], |(_, dues)| dues));
        let size = self.close.map(|close| close.saturating_add(1));
        let payments = size.map(|size| payments_of(self.month, size, due.clone(), events));
        let paid: BTreeMap<ProviderId, (String, u64)> = payments
            .into_iter()
            .flatten()
            .filter_map(|status| {
                let PaymentState::Paid { document, index } = status.state else { return None };
                Some((status.provider, (document, index)))
            })
            .collect();
        let reopened = self.reopened(events)?;
        due.into_iter()
            .map(|(provider, due)| {
                let about = about.iter().filter(|one| one.event.provider == Some(provider));
                let money = (due, paid.get(&provider).cloned());
                self.sheet(provider, about.copied(), money, reopened.as_ref())
            })
            .collect()
    }

    /// Folds the month again, if it is closed and a row waits.
    fn reopened(&self, events: &[LoggedEvent]) -> Result<Option<Reopened>, TrancheError> {
        let waits = self.lines.iter().any(|line| line.pending > 0);
        let Some((close, until)) = self.close.zip(self.until()).filter(|_| waits) else {
            return Ok(None);
        };
        let of = (self.snapshot, self.params);
        Reopened::of(of, events, (self.month, close), until).map(Some)
    }

    /// Gives the last day of the supplementary sheet.
    fn until(&self) -> Option<NaiveDate> {
        let step = self.steps.iter().find(|one| one.step == MonthStep::Supplementary);
        step.map(|step| step.last_day)
    }

    fn sheet<'b>(
        &self,
        provider: ProviderId,
        about: impl Iterator<Item = &'b LoggedEvent>,
        (due, paid): (Tiyn, Option<(String, u64)>),
        reopened: Option<&Reopened>,
    ) -> Result<SheetStanding, TrancheError> {
        let rules = self.params.rule_version.as_str();
        let of = (self.month, provider, rules);
        let all = (&self.fold.rows[..], &self.lines[..]);
        let sheet = SheetStatement::of(SheetPart::Main, of, all, |_| true)?;
        let sheet_hash = sheet.hash();
        let act = self.settled.map(|settled| {
            ActStatement::of((self.month, provider, sheet_hash), &self.lines, settled, due)
        });
        let waiting = self.waiting(provider);
        let late = reopened.filter(|_| !waiting.is_empty());
        let late = late.map(|reopened| reopened.sheet(of, &waiting)).transpose()?;
        let act_hash = act.as_ref().map(ActStatement::hash);
        let given = Given {
            provider,
            sheet: sheet_hash,
            act: act_hash,
            supplementary: late.as_ref().map(SheetStatement::hash),
            close: self.close,
            paid: paid.as_ref().map(|(_, leaf)| *leaf),
        };
        let mut machine = Machine::run(given, about);
        let state = self.state(&machine, due);
        let at = self.at(state, &machine);
        let [signed, approved] = std::mem::take(&mut machine.supplementary);
        let supplementary = late.zip(self.until()).map(|(statement, until)| {
            let hash = statement.hash();
            SupplementaryStanding { statement, hash, until, signed, approved }
        });
        let calendar = &self.snapshot.calendar;
        let returned = machine.returned.map(|told| {
            let days = self.params.revision_days;
            let until = told.on.map(|day| calendar.working_days_after(day, days));
            (told, until)
        });
        Ok(SheetStanding {
            provider,
            state,
            at,
            sheet,
            sheet_hash,
            act,
            act_hash,
            act_number: machine.act_number,
            signed: machine.signed,
            approved: machine.approved,
            act_signed: machine.act_signed,
            act_approved: machine.act_approved,
            returned,
            paused: machine.paused,
            invalid: machine.invalid,
            due: self.close.map(|_| due),
            paid,
            supplementary,
            refused: machine.refused,
        })
    }

    fn waiting(&self, provider: ProviderId) -> BTreeSet<VoucherId> {
        let own = self.lines.iter().filter(|line| line.provider == provider && line.pending > 0);
        own.map(|line| line.voucher).collect()
    }

    fn state(&self, machine: &Machine, due: Tiyn) -> SheetState {
        let is_over = self.until().is_some_and(|until| self.today > until);
        match machine.state() {
            Some(SheetState::Paid) if is_over => SheetState::Closed,
            Some(SheetState::Acted) if is_over && due == Tiyn::ZERO => SheetState::Closed,
            Some(state) => state,
            None if self.today > self.month.last_day() || self.close.is_some() => {
                SheetState::Parents
            }
            None => SheetState::Open,
        }
    }

    /// Says whose turn it is, by the steps of the month (R4).
    fn at(&self, state: SheetState, machine: &Machine) -> Option<SheetAt> {
        let step = match state {
            SheetState::Open => MonthStep::SoftClose,
            SheetState::Parents => self.before_the_signature(),
            SheetState::Revision => MonthStep::Sheet,
            SheetState::ProviderSigned | SheetState::IssuerReview | SheetState::Paused => {
                MonthStep::Check
            }
            SheetState::Approved if machine.act_signed.is_none() => MonthStep::Act,
            SheetState::Approved => MonthStep::Request,
            SheetState::Acted => MonthStep::Payment,
            SheetState::Paid | SheetState::Closed | SheetState::Invalid => return None,
        };
        let deadline = self.steps.iter().find(|one| one.step == step)?;
        let returned = machine.returned.as_ref().filter(|_| state == SheetState::Revision);
        let until = match returned.and_then(|told| told.on) {
            Some(day) => {
                let days = self.params.revision_days;
                self.snapshot.calendar.working_days_after(day, days)
            }
            None => deadline.last_day,
        };
        let since = machine.since().unwrap_or_else(|| self.begins(step));
        let holder = deadline.holder;
        Some(SheetAt { step, holder, since, until, late: self.today > until })
    }

    /// Parents sign until their last day; then the provider is what is missing.
    fn before_the_signature(&self) -> MonthStep {
        let now = current_step(&self.steps, self.today).map(|one| one.step);
        match now {
            Some(step @ (MonthStep::SoftClose | MonthStep::ParentsSign))
                if self.close.is_none() =>
            {
                step
            }
            Some(_) | None => MonthStep::Sheet,
        }
    }

    /// The first day of a step, by the calendar.
    fn begins(&self, step: MonthStep) -> NaiveDate {
        let before = self.steps.iter().filter(|one| one.step < step).map(|one| one.last_day).max();
        before.and_then(|day| day.succ_opt()).unwrap_or(self.month.first_day())
    }
}
