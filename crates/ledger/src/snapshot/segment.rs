//! Where a contract's child learns, in order of time: one place, or several after transfers.

use std::borrow::Cow;

use attendance::{GroupId, ProviderId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Contract;
use crate::calendar::Month;

/// A place of a contract: a group from a day to a day, both included (R5, rule 31).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// The group.
    pub group: GroupId,
    /// The group's provider.
    pub provider: ProviderId,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Segment {
    /// Says whether the child is there on a day.
    #[must_use]
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// Gives the days that lie in a month, first and last; nothing if none does.
    #[must_use]
    pub fn days_in(&self, month: Month) -> Option<(NaiveDate, NaiveDate)> {
        let (from, to) = (self.from.max(month.first_day()), self.to.min(month.last_day()));
        (from <= to).then_some((from, to))
    }
}

impl Contract {
    /// Gives the places in order of time. A contract that names none has one, for all its days.
    #[must_use]
    pub fn places(&self) -> Cow<'_, [Segment]> {
        if !self.segments.is_empty() {
            return Cow::Borrowed(&self.segments);
        }
        let Self { group, provider, from, to, .. } = *self;
        Cow::Owned(vec![Segment { group, provider, from, to }])
    }

    /// Says whether the child is in this group on a day.
    #[must_use]
    pub fn is_in(&self, group: GroupId, day: NaiveDate) -> bool {
        if self.segments.is_empty() {
            return self.group == group && self.covers(day);
        }
        self.segments.iter().any(|one| one.group == group && one.covers(day))
    }

    /// Says whether the child is, or will be, in this group on any day.
    #[must_use]
    pub fn knows_group(&self, group: GroupId) -> bool {
        self.places().iter().any(|one| one.group == group)
    }

    /// Says whether the child is, or was, with this provider on any day.
    #[must_use]
    pub fn knows_provider(&self, provider: ProviderId) -> bool {
        self.places().iter().any(|one| one.provider == provider)
    }

    /// Gives the places that have days in a month. A month without any has the place before it, or
    /// the first one: the month's part must stand somewhere, and goes back to the issuer from there.
    #[must_use]
    pub fn places_in(&self, month: Month) -> Vec<Segment> {
        let places = self.places();
        let inside = places.iter().filter(|one| one.days_in(month).is_some());
        let inside: Vec<Segment> = inside.copied().collect();
        if !inside.is_empty() {
            return inside;
        }
        let before = places.iter().rev().find(|one| one.from <= month.last_day());
        before.or_else(|| places.first()).copied().into_iter().collect()
    }

    /// Gives the places as they are up to a day: what a closed month knows of them.
    pub(crate) fn places_until(&self, last: NaiveDate) -> Vec<Segment> {
        let places = self.places();
        let begun = places.iter().filter(|one| one.from <= last);
        begun.map(|one| Segment { to: one.to.min(last), ..*one }).collect()
    }
}
