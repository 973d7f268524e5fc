//! Where every provider is in the funnel on a day (R11).

use std::collections::BTreeSet;

use attendance::ProviderId;
use chrono::NaiveDate;
use serde::Serialize;

use crate::admission::{AdmissionState, ProviderAdmission};
use crate::bin::Bin;
use crate::snapshot::{Provider, Snapshot};

/// An organisation of the funnel, or a provider of the district.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct AdmissionRow {
    /// The provider, if the district has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderId>,
    /// Its name, if the district has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its BIN as the district has it.
    pub bin: String,
    /// True if new contracts may be made with it on the day.
    pub takes_contracts: bool,
    /// Where it stands; absent where its BIN is none, or the district has no section about admissions.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub admission: Option<ProviderAdmission>,
}

/// The funnel on a day.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct AdmissionReport {
    /// The day.
    pub day: NaiveDate,
    /// From when on new contracts need a listed provider; absent: never yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub binds_from: Option<NaiveDate>,
    /// Providers of the district first, then other organisations, by their BINs.
    pub organisations: Vec<AdmissionRow>,
}

/// Reports where everybody stands on a day.
#[must_use]
pub fn admission_report(snapshot: &Snapshot, day: NaiveDate) -> AdmissionReport {
    let standing = |bin: Bin| snapshot.admission.as_ref().map(|one| one.standing(bin, day));
    let of_provider = |provider: &Provider| AdmissionRow {
        provider: Some(provider.id),
        name: Some(provider.name.clone()),
        bin: provider.bin.clone(),
        takes_contracts: snapshot.may_contract(provider.id, day).is_ok(),
        admission: provider.bin.parse().ok().and_then(standing),
    };
    let mut organisations: Vec<AdmissionRow> = snapshot.providers.iter().map(of_provider).collect();
    let known: BTreeSet<String> = organisations.iter().map(|one| one.bin.clone()).collect();
    let sections = snapshot.admission.iter();
    let others = sections.flat_map(|one| {
        one.checks.iter().map(|it| it.bin).chain(one.listings.iter().map(|it| it.bin))
    });
    let others: BTreeSet<Bin> = others.filter(|bin| !known.contains(&bin.to_string())).collect();
    organisations.extend(others.into_iter().map(|bin| {
        let admission = standing(bin);
        let state = admission.as_ref().map_or(AdmissionState::Unknown, |one| one.state);
        let takes_contracts = state.takes_contracts();
        AdmissionRow {
            provider: None,
            name: None,
            bin: bin.to_string(),
            takes_contracts,
            admission,
        }
    }));
    let binds_from = snapshot.admission.as_ref().map(|one| one.binds_from);
    AdmissionReport { day, binds_from, organisations }
}
