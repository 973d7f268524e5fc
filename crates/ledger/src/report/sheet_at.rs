//! Who holds a month's sheet now, and since when (R4).

use chrono::NaiveDate;
use serde::Serialize;

use crate::steps::{Holder, MonthStep};

/// A sheet's place among the steps of its month ([`crate::signing::SheetStanding::at`]).
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct SheetAt {
    /// Which step is next.
    pub step: MonthStep,
    /// Who is to do it.
    pub holder: Holder,
    /// Since when, a local day.
    pub since: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    /// True if that day is over.
    pub late: bool,
}
