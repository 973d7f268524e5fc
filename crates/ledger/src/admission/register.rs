//! Where answers come from. Each state register is reached through an adapter of its own.

use chrono::NaiveDate;

use super::check::{Check, Found};
use crate::bin::Bin;

/// What a register answers: what it found, and by what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// What was found.
    pub found: Found,
    /// When.
    pub day: NaiveDate,
    /// The last day that it is good for, if it ends.
    pub valid_to: Option<NaiveDate>,
    /// The number of the document.
    pub document: String,
    /// SHA-256 of the document's file, 64 lower-case hexadecimal digits, if there is one.
    pub sha256: Option<String>,
    /// Where it was found.
    pub source: String,
    /// The address that was notified.
    pub address: Option<String>,
}

/// A register, or whatever stands for one: it answers a check for an organisation.
pub trait Register {
    /// Why it cannot be asked.
    type Error;

    /// Names it, for the record of the import.
    fn name(&self) -> &str;

    /// Answers a check, oldest answer first; nothing if it knows nothing of it.
    ///
    /// # Errors
    /// When it cannot be asked.
    fn answers(&mut self, bin: Bin, check: Check) -> Result<Vec<Answer>, Self::Error>;
}

/// Asks a register about organisations, each check once.
///
/// # Errors
/// The register's own; then nothing is taken.
pub fn ask<R: Register>(
    register: &mut R,
    bins: impl IntoIterator<Item = Bin>,
) -> Result<Vec<(Bin, Check, Answer)>, R::Error> {
    let mut all = Vec::new();
    for bin in bins {
        for check in Check::ALL {
            let answers = register.answers(bin, check)?;
            all.extend(answers.into_iter().map(|answer| (bin, check, answer)));
        }
    }
    Ok(all)
}
