//! Integrity signals (R9, 48 to 50; R10): what a person should look at, and the rows behind it.
//!
//! In prose: each [`Signal`] is one query over the log, the districts in it and the [`Evidence`] of
//! signed times, cards and roots. It compares something that it counts with a threshold, a dated rule
//! ([`SignalParams`]), and answers the places where the threshold was passed, each with the leaves that
//! show it. [`signals`] asks them all of one month; [`SpotChecks`] draws the spot checks again.
//!
//! Nobody is punished by one: no sum, no code and no verdict rests on a signal, and nothing here writes.
//! The same log gives the same rows, in whatever order its events are handed in.
//!
//! Where times decide, the claimed ones do, and the intervals that the chain's anchors prove where they
//! contradict them. When an event *came* is the server's word; without a server it is the newest signed
//! time in the log before it, which is never later, so that a bundle shows the same rows or fewer.
//!
//! Absent, since the data are not there: whether a child is registered elsewhere or left the country;
//! lists of staff (a teacher is the device); addresses (a provider is a place, see `places`); the
//! network a confirmation came from; inspection notices, which whoever asks gives.

mod evidence;
mod facts;
mod families;
mod keys;
mod pace;
mod params;
mod places;
mod presence;
mod row;
mod spot;
mod table;
mod when;

pub use evidence::{CardLeaf, CardStop, Evidence, Inspection, PutAside, ServerWord};
pub use facts::SignalError;
pub use params::{SignalParams, ThresholdError};
pub use row::{Behind, SignalResult, SignalRow};
pub use spot::{Counted, SpotCheck, SpotChecks};
pub use table::Signal;

use facts::Facts;
use row::Found;

use crate::calendar::Month;
use crate::sheet::MonthFold;
use crate::snapshots::Snapshots;
use crate::visit::LoggedEvent;

/// What is asked.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SignalQuery {
    /// Which signals; all, if none is named.
    pub only: Vec<Signal>,
    /// Thresholds to look with instead of those in force, by their ids.
    pub set: Vec<(String, u32)>,
    /// Inspections that were announced.
    pub inspections: Vec<Inspection>,
}

/// What the signals of a month say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignalReport {
    /// The month.
    pub month: Month,
    /// The leaf that closed it.
    pub close: Option<u64>,
    /// Which rules are in force.
    pub rule_version: String,
    /// One result for each signal that was asked, in the table's order.
    pub results: Vec<SignalResult>,
    /// The spot checks, drawn again.
    pub spot_checks: SpotChecks,
}

/// Asks the signals of a month. Events may be in any order.
///
/// # Errors
/// [`SignalError`] if the month has no rules, or a threshold that was to be tried out cannot be so.
pub fn signals(
    snapshots: &Snapshots,
    events: &[LoggedEvent],
    evidence: &Evidence,
    month: Month,
    query: &SignalQuery,
) -> Result<SignalReport, SignalError> {
    let of = |month| Facts::of(snapshots, events, evidence, month, &query.set);
    let facts = of(month)?;
    let asked = |signal: &Signal| query.only.is_empty() || query.only.contains(signal);
    let around = Around::of(&facts, of, |signal| asked(&signal));
    let results = Signal::ALL.into_iter().filter(asked).map(|signal| {
        let Found { looked_at, mut rows, missing } = found(signal, &facts, &around, query);
        rows.sort_unstable();
        rows.dedup();
        let thresholds = signal.thresholds().iter();
        let thresholds = thresholds.map(|name| (*name, params::threshold(&facts.rules, name)));
        SignalResult { signal, thresholds: thresholds.collect(), looked_at, rows, missing }
    });
    Ok(SignalReport {
        month,
        close: facts.fold.close,
        rule_version: facts.rules.rule_version.clone(),
        results: results.collect(),
        spot_checks: spot::spot_checks(&facts),
    })
}

/// The months around the one that is asked about, as far as a signal needs them.
struct Around<'a> {
    before: Option<Facts<'a>>,
    /// Newest first.
    earlier: Vec<MonthFold>,
    after: Option<MonthFold>,
}

impl<'a> Around<'a> {
    fn of(
        facts: &Facts<'_>,
        of: impl Fn(Month) -> Result<Facts<'a>, SignalError>,
        asked: impl Fn(Signal) -> bool,
    ) -> Self {
        let full = asked(Signal::FullAttendance);
        let dropped = asked(Signal::DropAfterInspection);
        let wanted = facts.thresholds().full_attendance_months.max(
            facts
                .district
                .narrower
                .iter()
                .map(|one| one.rules.signals.full_attendance_months)
                .max()
                .unwrap_or(0),
        );
        let wanted = usize::try_from(wanted.saturating_sub(1).min(MONTHS_MAX)).unwrap_or(0);
        let mut earlier = Vec::new();
        if full {
            let months = core::iter::successors(facts.month.previous(), |month| month.previous());
            let folds = months.map(&of).map_while(Result::ok).map(|facts| facts.fold);
            earlier.extend(folds.take(wanted));
        }
        let before = (asked(Signal::LessonBurst) || dropped).then(|| facts.month.previous());
        let before = before.flatten().and_then(|month| of(month).ok());
        let after = facts.month.next().filter(|_| dropped);
        let after = after.and_then(|month| of(month).ok()).map(|facts| facts.fold);
        Self { before, earlier, after }
    }

    fn folds<'b>(&'b self, facts: &'b Facts<'_>) -> Vec<&'b MonthFold> {
        let before = self.before.as_ref().map(|facts| &facts.fold);
        before.into_iter().chain([&facts.fold]).chain(&self.after).collect()
    }
}

fn found(signal: Signal, facts: &Facts<'_>, around: &Around<'_>, query: &SignalQuery) -> Found {
    match signal {
        Signal::LateShare => when::late_share(facts),
        Signal::PreviousDayShare => when::previous_day_share(facts),
        Signal::OutsideHours => when::outside_hours(facts),
        Signal::ScanBurst => pace::scan_burst(facts),
        Signal::LessonBurst => pace::lesson_burst(facts, around.before.as_ref()),
        Signal::SameOrder => pace::same_order(facts),
        Signal::FullAttendance => presence::full_attendance(facts, &around.earlier),
        Signal::TwoPlaces => places::two_places(facts),
        Signal::TwoRooms => places::two_rooms(facts),
        Signal::GuardianForMany => families::guardian_for_many(facts),
        Signal::ProxyConfirm => families::proxy_confirm(facts),
        Signal::NeverSigned => families::never_signed(facts),
        Signal::ReconfirmationOld => families::reconfirmation_old(facts),
        Signal::ManualShareChild => families::manual_share_child(facts),
        Signal::ManualShareGroup => families::manual_share_group(facts),
        Signal::OverCapacity => presence::over_capacity(facts),
        Signal::NotHeldDay => presence::not_held_day(facts),
        Signal::DropAfterInspection => {
            presence::drop_after_inspection(facts, &around.folds(facts), &query.inspections)
        }
        Signal::BulkAfterSilence => when::bulk_after_silence(facts),
        Signal::MonthEndSync => when::month_end_sync(facts),
        Signal::ChainTrouble => keys::chain_trouble(facts),
        Signal::CardAfterReissue => keys::card_after_reissue(facts),
        Signal::CardAfterStop => keys::card_after_stop(facts),
        Signal::HeadcountMismatch => spot::headcount_mismatch(facts),
        Signal::SpotCheckMissing => spot::spot_check_missing(facts),
        Signal::SpotCheckRoot => spot::spot_check_root(facts),
    }
}

/// Nobody looks back further than two years.
const MONTHS_MAX: u32 = 24;
