//! The teacher's day: lessons, the scanner, the roster.

mod end;
mod result;
mod roster;
mod scan;
mod today;

pub(crate) use roster::Roster;
pub(crate) use scan::Scan;
pub(crate) use today::Today;
