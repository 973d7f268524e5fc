//! What the issuer's head records of the funnel of admissions (R11): what was found about an organisation, and
//! whether it is listed. Records are added, never changed.
//!
//! Absent on purpose: tables of answers, which `qatysu admission import` takes, and waivers of checks.

use ledger::admission::{Admission, Answer, AnswerSource, Check};
use ledger::{Bin, Day, Snapshot};

use super::record::RecordError;

/// What was found about an organisation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewCheck {
    /// Of whom.
    pub(crate) bin: Bin,
    /// Which check.
    pub(crate) check: Check,
    /// What was found, and by what.
    pub(crate) answer: Answer,
    /// From when on a new contract needs a listed provider: for the first record of a district.
    pub(crate) binds_from: Option<Day>,
    /// Who enters it: a post, not a person.
    pub(crate) by: &'static str,
    /// When it is entered.
    pub(crate) entered: Day,
}

/// A decision about whoever passes all checks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NewListing {
    /// Of whom.
    pub(crate) bin: Bin,
    /// From when on.
    pub(crate) day: Day,
    /// True if it is listed; false if the listing is withdrawn.
    pub(crate) listed: bool,
    /// The decision.
    pub(crate) document: String,
    /// Who decides: a post, not a person.
    pub(crate) by: &'static str,
}

/// What the register of the console's records is called.
const REGISTER: &str = "console";

impl NewCheck {
    pub(super) fn add_to(self, snapshot: &mut Snapshot) -> Result<(), RecordError> {
        let section = match (&mut snapshot.admission, self.binds_from) {
            (Some(section), _) => section,
            (none, Some(day)) => none.insert(Admission::begin(day)),
            (None, None) => return Err(RecordError::BindsNever),
        };
        let source = AnswerSource {
            register: REGISTER.to_owned(),
            sha256: None,
            by: self.by.to_owned(),
            day: self.entered,
        };
        match section.take_in(source, vec![(self.bin, self.check, self.answer)]) {
            0 => Err(RecordError::Known(self.bin, self.check)),
            _ => Ok(()),
        }
    }
}

impl NewListing {
    pub(super) fn add_to(self, snapshot: &mut Snapshot) -> Result<(), RecordError> {
        let section = snapshot.admission.as_mut().ok_or(RecordError::NothingChecked)?;
        section.decide(self.bin, self.day, self.listed, self.document, self.by.to_owned());
        Ok(())
    }
}
