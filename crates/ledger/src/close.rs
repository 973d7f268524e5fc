//! Which event closes a month, and from when on it may.

use attendance::EventKind;

use crate::calendar::{Month, local_ms};
use crate::params::Params;
use crate::visit::{AsideReason, LoggedEvent};

/// Gives the instant from which a month may be closed, in milliseconds since 1970-01-01T00:00Z.
#[must_use]
pub fn closable_from_ms(params: &Params, month: Month) -> i64 {
    let after = month.next().map_or(month.last_day(), Month::first_day);
    let lead = chrono::Days::new(u64::from(params.close_lead_days));
    let first = after.checked_sub_days(lead).unwrap_or(after);
    local_ms(first, 0).unwrap_or(i64::MAX)
}

/// Finds the event that closed a month among those under one snapshot: the first one that closes it.
/// What comes after it in the log changes nothing of that month.
pub(crate) fn first_close<'a>(
    params: &Params,
    events: impl Iterator<Item = &'a LoggedEvent>,
    month: Month,
) -> Option<u64> {
    let closes = events.filter(|logged| judge(params, logged, month) == Some(Ok(())));
    closes.map(|logged| logged.index).min()
}

/// Says whether an event closes the month; nothing if it speaks of something else.
pub(crate) fn judge(
    params: &Params,
    logged: &LoggedEvent,
    month: Month,
) -> Option<Result<(), AsideReason>> {
    let event = &logged.event;
    if event.kind != EventKind::MonthClose || event.month != Some(month.number()) {
        return None;
    }
    Some(if !logged.decides() {
        Err(AsideReason::NotACoordinator)
    } else if event.wall_ms < closable_from_ms(params, month) {
        Err(AsideReason::TooEarly)
    } else {
        Ok(())
    })
}
