//! The pages: they read and call; what they show, `components` draws.

mod alarms;
mod carry;
mod code;
mod coordinator;
mod delegates;
mod enrol;
mod places;
mod proof;
mod sheet;
mod sync;
mod teacher;
mod visits;

pub(crate) use alarms::Alarms;
pub(crate) use code::Codes;
pub(crate) use coordinator::{Collect, Devices, Months};
pub(crate) use delegates::Delegates;
pub(crate) use enrol::Enrol;
pub(crate) use places::{Places, PlacesLink};
pub(crate) use proof::Proof;
pub(crate) use sheet::Sheets;
pub(crate) use sync::Sync;
pub(crate) use teacher::{Roster, Scan, Today};
pub(crate) use visits::Visits;
