//! When the visits of a month were made, as far as clocks prove it.
//!
//! A fact for those who look at a month; no sum rests on it. *Payable at once if the interval lies inside
//! the window, else it needs confirmation* asks nothing of the ledger that it does not ask of every visit:
//! while silence is no acceptance (rules R3, 21), each one is paid only after the family confirmed it.
//! And what the interval of an event is may rest on when the server took it, which is not in the log.

use std::collections::BTreeMap;

use attendance::{EventTime, LessonWindow, Placement};
use seal::Hash;

use crate::calendar::Month;
use crate::sheet::MonthFold;
use crate::snapshot::Snapshot;
use crate::visit::{FoldError, LoggedEvent};

/// Counts the visits of a month by where their intervals lie.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct VisitTimes {
    /// Wholly inside the lesson's scan window.
    pub inside: u32,
    /// Perhaps inside, perhaps outside: somebody has to confirm the visit.
    pub unsure: u32,
    /// Wholly outside.
    pub outside: u32,
}

/// Counts where the intervals of a month's visits lie. `times` gives the interval of an event by its hash;
/// a visit without one is unsure.
///
/// # Errors
/// [`FoldError`] if there are no rules for the month.
pub fn visit_times(
    snapshot: &Snapshot,
    events: &[LoggedEvent],
    month: Month,
    times: &BTreeMap<Hash, EventTime>,
) -> Result<VisitTimes, FoldError> {
    let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?.window();
    let mut found = VisitTimes::default();
    for visit in MonthFold::of(snapshot, events, month)?.visits {
        let (start_ms, end_ms) = (visit.start_ms, visit.end_ms);
        let window = LessonWindow { start_ms, end_ms, params }.scan_window();
        let placement = times.get(&visit.event).map(|time| time.placement(&window));
        let count = match placement.unwrap_or(Placement::NeedsConfirmation) {
            Placement::Inside => &mut found.inside,
            Placement::NeedsConfirmation => &mut found.unsure,
            Placement::Outside => &mut found.outside,
        };
        *count = count.saturating_add(1);
    }
    Ok(found)
}
