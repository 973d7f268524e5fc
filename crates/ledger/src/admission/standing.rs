//! Where an organisation stands on a day: a function of the records and the day.

use chrono::NaiveDate;
use serde::Serialize;

use super::check::{Check, CheckStep};
use super::record::{Admission, CheckRecord, Listing};
use crate::bin::Bin;

/// How a check stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CheckState {
    /// Nothing was found yet.
    Missing,
    /// The newest answer passes.
    Passed,
    /// The newest answer fails.
    Failed,
    /// The newest answer passed, and is good no more.
    Expired,
    /// The issuer does not ask for it.
    Waived,
}

impl CheckState {
    /// Says whether nothing stands against the organisation here.
    #[must_use]
    pub fn is_fine(self) -> bool {
        match self {
            Self::Passed | Self::Waived => true,
            Self::Missing | Self::Failed | Self::Expired => false,
        }
    }
}

/// A check with its evidence.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct CheckStanding {
    /// Which.
    pub check: Check,
    /// How it stands.
    pub state: CheckState,
    /// What it rests on: the newest answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<CheckRecord>,
}

/// Where an organisation is in the funnel.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "state")]
pub enum AdmissionState {
    /// Nothing is known of it.
    Unknown,
    /// A check is missing, failed or run out: the first one in the funnel's order.
    Checking {
        /// The step.
        step: CheckStep,
        /// The check.
        check: Check,
        /// How it stands.
        because: CheckState,
    },
    /// It passes all checks; a person may list it.
    Ready,
    /// It is listed: it may get new contracts.
    Listed,
    /// It is listed, and a check failed or ran out since: no new contracts until it is renewed.
    Lapsed {
        /// The first such check.
        check: Check,
        /// How it stands.
        because: CheckState,
    },
    /// The listing was withdrawn.
    Withdrawn,
}

impl AdmissionState {
    /// Says whether new contracts may be made.
    #[must_use]
    pub fn takes_contracts(self) -> bool {
        match self {
            Self::Listed => true,
            Self::Unknown
            | Self::Checking { .. }
            | Self::Ready
            | Self::Lapsed { .. }
            | Self::Withdrawn => false,
        }
    }

    /// Says it in words, for a refusal.
    #[must_use]
    pub fn in_words(self) -> String {
        let stands = |check: Check, because: CheckState| match because {
            CheckState::Failed => format!("{check} failed"),
            CheckState::Expired => format!("{check} ran out"),
            CheckState::Missing | CheckState::Passed | CheckState::Waived => {
                format!("{check} is missing")
            }
        };
        match self {
            Self::Unknown => "nothing of it was checked".to_owned(),
            Self::Checking { check, because, .. } => stands(check, because),
            Self::Ready => "all checks passed, and nobody listed it".to_owned(),
            Self::Listed => "listed".to_owned(),
            Self::Lapsed { check, because } => format!("listed, and {}", stands(check, because)),
            Self::Withdrawn => "its listing was withdrawn".to_owned(),
        }
    }
}

/// Where an organisation stands on a day, with every check.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ProviderAdmission {
    /// The organisation.
    #[serde(skip)]
    pub bin: Bin,
    /// Where it is in the funnel.
    #[serde(flatten)]
    pub state: AdmissionState,
    /// The checks, in the funnel's order.
    pub checks: Vec<CheckStanding>,
    /// The newest decision about its listing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing: Option<Listing>,
}

impl Admission {
    /// Says where an organisation stands on a day. Records of later days do not count; of two of one day,
    /// the later entry does.
    #[must_use]
    pub fn standing(&self, bin: Bin, on: NaiveDate) -> ProviderAdmission {
        let checks: Vec<CheckStanding> =
            Check::ALL.into_iter().map(|check| self.check(bin, check, on)).collect();
        let until = self.listings.iter().filter(|one| one.bin == bin && one.day <= on);
        let listing = until.max_by_key(|one| one.day).cloned();
        let open = checks.iter().find(|one| !one.state.is_fine());
        let known = checks.iter().any(|one| one.record.is_some());
        let state = match (listing.as_ref().map(|one| one.listed), open) {
            (Some(false), _) => AdmissionState::Withdrawn,
            (Some(true), None) => AdmissionState::Listed,
            (Some(true), Some(one)) => {
                AdmissionState::Lapsed { check: one.check, because: one.state }
            }
            (None, None) => AdmissionState::Ready,
            (None, Some(_)) if !known => AdmissionState::Unknown,
            (None, Some(one)) => AdmissionState::Checking {
                step: one.check.step(),
                check: one.check,
                because: one.state,
            },
        };
        ProviderAdmission { bin, state, checks, listing }
    }

    fn check(&self, bin: Bin, check: Check, on: NaiveDate) -> CheckStanding {
        let own = self.checks.iter().filter(|one| (one.bin, one.check) == (bin, check));
        let record = own.filter(|one| one.day <= on).max_by_key(|one| one.day).cloned();
        let waived = self.waivers.iter().any(|one| one.check == check && one.from <= on);
        let passes = record.as_ref().map(|one| one.check.passes(one.found) == Some(true));
        let is_over = record.as_ref().and_then(|one| one.valid_to).is_some_and(|to| to < on);
        let state = match passes {
            _ if waived => CheckState::Waived,
            None => CheckState::Missing,
            Some(false) => CheckState::Failed,
            Some(true) if is_over => CheckState::Expired,
            Some(true) => CheckState::Passed,
        };
        CheckStanding { check, state, record }
    }

    /// Says whether an organisation passes all checks on a day, whatever was decided about its listing;
    /// else the first check that it does not.
    #[must_use]
    pub fn open_check(&self, bin: Bin, on: NaiveDate) -> Option<CheckStanding> {
        let checks = Check::ALL.into_iter().map(|check| self.check(bin, check, on));
        checks.into_iter().find(|one| !one.state.is_fine())
    }
}
