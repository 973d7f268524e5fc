//! Admissions as a district's contracts need them (R11).

use attendance::ProviderId;
use chrono::NaiveDate;

use super::Snapshot;
use crate::admission::AdmissionState;

impl Snapshot {
    /// Says whether a contract that begins on a day may be made with a provider: always in a district
    /// without a section about admissions, and before the day from which that binds.
    ///
    /// # Errors
    /// Where the provider is in the funnel instead.
    pub fn may_contract(&self, provider: ProviderId, on: NaiveDate) -> Result<(), AdmissionState> {
        let Some(admission) = self.admission.as_ref().filter(|one| one.binds_from <= on) else {
            return Ok(());
        };
        let bin = self.provider(provider).and_then(|one| one.bin.parse().ok());
        let state = bin.map_or(AdmissionState::Unknown, |bin| admission.standing(bin, on).state);
        if state.takes_contracts() { Ok(()) } else { Err(state) }
    }

    /// Says which entry about admissions a newer snapshot does not leave as it is.
    pub(crate) fn admission_edited_by(&self, next: &Self) -> Option<String> {
        let known = self.admission.as_ref()?;
        match &next.admission {
            None => Some("the section".to_owned()),
            Some(newer) => known.edited_by(newer),
        }
    }
}
