//! What leaves the ledger for people and for other systems: sheet, act, registry, entitlements, event pack
//! (R12), and the mark that printed ones are checked by.
//!
//! Each is a pure function of a snapshot, a fold and its tranche: the same month gives the same bytes.
//! Pseudonyms only: whoever prints a sheet for parents puts the names beside them.

mod act;
pub(crate) mod csv;
mod entitlement;
mod event_pack;
mod mark;
mod registry;
mod sheet;

use crate::money::Tiyn;
use crate::sheet::MonthFold;
use crate::snapshot::Snapshot;
use crate::tranche::Tranche;

pub use act::act;
pub use entitlement::entitlements;
pub use event_pack::{PackedLog, event_pack, event_pack_changes};
pub use mark::{MarkError, MarkFinding, PaperKind, PaperMark, ShownMark};
pub use registry::registry;
pub use sheet::sheet;

/// A month and all that was computed of it.
#[derive(Clone, Copy, Debug)]
pub struct ExportedMonth<'a> {
    /// Contracts, groups and names of providers.
    pub snapshot: &'a Snapshot,
    /// The visits.
    pub fold: &'a MonthFold,
    /// The sums.
    pub tranche: &'a Tranche,
}

/// Rows under a header, for a file or a spreadsheet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table {
    /// What the table is, as a title: ASCII.
    pub title: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// The rows, each as long as the header.
    pub rows: Vec<Vec<Cell>>,
}

/// A value of a table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A count, or tiyn.
    Number(i64),
    /// A sum, shown in tenge with two decimals.
    Tenge(Tiyn),
    /// Nothing.
    Empty,
}

impl Table {
    /// Writes the table as CSV ([RFC 4180], UTF-8). A text that a spreadsheet would run as a formula gets
    /// an apostrophe in front.
    ///
    /// [RFC 4180]: https://www.rfc-editor.org/rfc/rfc4180
    #[must_use]
    pub fn to_csv(&self) -> String {
        let header = csv::record(self.header.iter().map(|name| csv::cell(name)));
        let rows = self.rows.iter().map(|row| csv::record(row.iter().map(Cell::to_csv)));
        std::iter::once(header).chain(rows).collect()
    }
}

impl Cell {
    fn to_csv(&self) -> String {
        match self {
            Self::Text(text) => csv::cell(text),
            Self::Number(number) => number.to_string(),
            Self::Tenge(sum) => sum.to_string(),
            Self::Empty => String::new(),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Number(i64::from(number))
    }
}

fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
