//! The admission of providers (R11): checks with their evidence, and who is listed on a day.
//!
//! Where an organisation stands is a function of records and a day, and of nothing else: the newest
//! record of each check passes or fails by its data, a person lists whoever passes all, and whatever fails
//! or runs out afterwards keeps new contracts away until it is renewed. Records are added, never changed.
//!
//! Absent on purpose: the registers themselves. A [`Register`] answers; what it answered is a record, with
//! its source, and the district signs it.

mod check;
mod record;
mod register;
mod standing;

pub use check::{Check, CheckStep, Found};
pub(crate) use record::whole;
pub use record::{Admission, AdmissionImport, AnswerSource, CheckRecord, Listing, Waiver};
pub use register::{Answer, Register, ask};
pub use standing::{AdmissionState, CheckStanding, CheckState, ProviderAdmission};
