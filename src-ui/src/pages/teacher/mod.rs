//! The teacher's day: lessons, the scanner, the roster.

mod change;
mod days;
mod end;
mod inside;
mod missing;
mod present;
mod result;
mod roster;
mod scan;
mod today;
mod undo;

pub(crate) use roster::Roster;
pub(crate) use scan::Scan;
pub(crate) use today::Today;
