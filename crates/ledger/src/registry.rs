//! The Treasury registry of a tranche: one line a provider and voucher, as CSV and as JSON.

use std::collections::BTreeMap;

use attendance::{ProviderId, VoucherId};
use seal::Hash;
use serde::Serialize;

use crate::calendar::Month;
use crate::export::csv::{cell, record};
use crate::money::Tiyn;
use crate::snapshot::{Contract, Issuer, Provider, Snapshot};
use crate::tranche::{Totals, Tranche};

const HEADER: [&str; 12] = [
    "provider_bin",
    "provider_name",
    "voucher_number",
    "month",
    "planned_tiyn",
    "accrued_tiyn",
    "accrued_tenge",
    "held_tiyn",
    "held_tenge",
    "released_tiyn",
    "released_tenge",
    "tranche_sha256",
];

/// Why a registry could not be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The tranche rests on another snapshot.
    #[error("the tranche rests on snapshot {expected}, not {found}")]
    OtherSnapshot {
        /// The tranche's.
        expected: Hash,
        /// The one given.
        found: Hash,
    },
    /// The snapshot has no such provider.
    #[error("provider {0} is not in the snapshot")]
    UnknownProvider(ProviderId),
    /// The snapshot has no such voucher.
    #[error("voucher {0} is not in the snapshot")]
    UnknownVoucher(VoucherId),
}

/// One line of the registry.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RegistryLine {
    /// The provider's business identification number.
    pub provider_bin: String,
    /// The provider's name.
    pub provider_name: String,
    /// The voucher's printed number.
    pub voucher_number: String,
    /// P, in tiyn.
    pub planned_tiyn: Tiyn,
    /// A, in tiyn: to be paid.
    pub accrued_tiyn: Tiyn,
    /// H, in tiyn.
    pub held_tiyn: Tiyn,
    /// W, in tiyn.
    pub released_tiyn: Tiyn,
}

/// What the Treasury is handed for a month. It cites the tranche's leaf, so the receipt of that
/// leaf proves it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registry {
    /// Who issues the vouchers.
    pub issuer: Issuer,
    /// The month.
    pub month: Month,
    /// The version of the rules.
    pub rule_version: String,
    /// The log's name.
    pub origin: String,
    /// The tranche's hash.
    pub tranche: Hash,
    /// The tranche's leaf.
    pub tranche_leaf: u64,
    /// The lines, ordered as in the tranche: by provider and voucher id.
    pub lines: Vec<RegistryLine>,
    /// Their sums.
    pub totals: Totals,
}

impl Registry {
    /// Makes the registry of a tranche with the names of the snapshot it rests on.
    ///
    /// # Errors
    /// [`RegistryError`] if that is another snapshot.
    pub fn from_tranche(
        tranche: &Tranche,
        snapshot: &Snapshot,
        tranche_leaf: u64,
    ) -> Result<Self, RegistryError> {
        let (expected, found) = (tranche.snapshot_hash, snapshot.hash());
        if expected != found {
            return Err(RegistryError::OtherSnapshot { expected, found });
        }
        let providers: BTreeMap<ProviderId, &Provider> =
            snapshot.providers.iter().map(|provider| (provider.id, provider)).collect();
        let contracts: BTreeMap<VoucherId, &Contract> =
            snapshot.contracts.iter().map(|contract| (contract.voucher, contract)).collect();
        let mut lines = Vec::with_capacity(tranche.lines.len());
        for line in &tranche.lines {
            let provider = providers
                .get(&line.provider)
                .ok_or(RegistryError::UnknownProvider(line.provider))?;
            let contract =
                contracts.get(&line.voucher).ok_or(RegistryError::UnknownVoucher(line.voucher))?;
            lines.push(RegistryLine {
                provider_bin: provider.bin.clone(),
                provider_name: provider.name.clone(),
                voucher_number: contract.number.clone(),
                planned_tiyn: line.plan,
                accrued_tiyn: line.accrued,
                held_tiyn: line.held,
                released_tiyn: line.released,
            });
        }
        Ok(Self {
            issuer: snapshot.issuer.clone(),
            month: tranche.month,
            rule_version: tranche.rule_version.clone(),
            origin: tranche.origin.clone(),
            tranche: tranche.hash(),
            tranche_leaf,
            lines,
            totals: tranche.totals,
        })
    }

    /// Writes the registry as CSV ([RFC 4180], UTF-8): header, lines, total.
    ///
    /// A text cell that a spreadsheet would run as a formula gets an apostrophe in front.
    ///
    /// [RFC 4180]: https://www.rfc-editor.org/rfc/rfc4180
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut csv = record(HEADER.iter().map(|name| cell(name)));
        csv.push_str(&self.csv_lines());
        csv.push_str(&self.csv_record(["TOTAL", "", ""], &RegistryLine::total(&self.totals)));
        csv
    }

    /// Names the lines: SHA-256 of the CSV records between header and total, line ends included.
    #[must_use]
    pub fn lines_hash(&self) -> Hash {
        seal::sha256(self.csv_lines().as_bytes())
    }

    /// Writes the registry as JSON, with the totals and the hash of the lines.
    #[must_use]
    pub fn to_json(&self) -> String {
        let file = RegistryFile {
            version: 1,
            issuer: &self.issuer,
            month: self.month,
            rule_version: &self.rule_version,
            origin: &self.origin,
            tranche_sha256: self.tranche.to_string(),
            tranche_leaf: self.tranche_leaf,
            lines: &self.lines,
            totals: FileTotals {
                lines: self.lines.len(),
                planned_tiyn: self.totals.plan,
                accrued_tiyn: self.totals.accrued,
                accrued_tenge: self.totals.accrued.to_string(),
                held_tiyn: self.totals.held,
                released_tiyn: self.totals.released,
            },
            lines_sha256: self.lines_hash().to_string(),
        };
        serde_json::to_string_pretty(&file).expect("the registry has only string keys")
    }

    fn csv_lines(&self) -> String {
        let texts = |line: &RegistryLine| {
            [&line.provider_bin, &line.provider_name, &line.voucher_number].map(String::clone)
        };
        self.lines
            .iter()
            .map(|line| self.csv_record(texts(line).each_ref().map(String::as_str), line))
            .collect()
    }

    fn csv_record(&self, texts: [&str; 3], sums: &RegistryLine) -> String {
        let numbers = [
            self.month.to_string(),
            sums.planned_tiyn.0.to_string(),
            sums.accrued_tiyn.0.to_string(),
            sums.accrued_tiyn.to_string(),
            sums.held_tiyn.0.to_string(),
            sums.held_tiyn.to_string(),
            sums.released_tiyn.0.to_string(),
            sums.released_tiyn.to_string(),
            self.tranche.to_string(),
        ];
        record(texts.into_iter().map(cell).chain(numbers))
    }
}

impl RegistryLine {
    fn total(totals: &Totals) -> Self {
        Self {
            provider_bin: String::new(),
            provider_name: String::new(),
            voucher_number: String::new(),
            planned_tiyn: totals.plan,
            accrued_tiyn: totals.accrued,
            held_tiyn: totals.held,
            released_tiyn: totals.released,
        }
    }
}

#[derive(Serialize)]
struct RegistryFile<'a> {
    version: u32,
    issuer: &'a Issuer,
    month: Month,
    rule_version: &'a str,
    origin: &'a str,
    tranche_sha256: String,
    tranche_leaf: u64,
    lines: &'a [RegistryLine],
    totals: FileTotals,
    lines_sha256: String,
}

#[derive(Serialize)]
struct FileTotals {
    lines: usize,
    planned_tiyn: Tiyn,
    accrued_tiyn: Tiyn,
    accrued_tenge: String,
    held_tiyn: Tiyn,
    released_tiyn: Tiyn,
}
