//! The Treasury registry of a tranche: one line a provider and voucher, as CSV and as JSON.

use std::collections::BTreeMap;

use attendance::{ProviderId, VoucherId};
use seal::{Digest, Hash};
use serde::Serialize;

use crate::calendar::Month;
use crate::correction::{Correction, Due};
use crate::export::csv::{cell, record};
use crate::money::Tiyn;
use crate::signing::Withheld;
use crate::snapshot::{Contract, Issuer, Provider, Snapshot};
use crate::tranche::{Totals, Tranche, TrancheLine};

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
    /// A sum does not fit.
    #[error("a sum of the corrections does not fit")]
    Overflow,
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
    /// The closed month that the line corrects; its sums are differences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Month>,
}

/// What is to be paid to a provider whose month has corrections, or who owes from some.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RegistryDue {
    /// The provider's business identification number.
    pub provider_bin: String,
    /// ΣA of its lines.
    pub accrued_tiyn: Tiyn,
    /// The sum of its corrections.
    pub corrected_tiyn: Tiyn,
    /// What it owed from corrections before; zero or below.
    pub brought_tiyn: Tiyn,
    /// To be paid.
    pub due_tiyn: Tiyn,
    /// What it owes on; zero or below.
    pub carried_tiyn: Tiyn,
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
    /// What is due to providers whose payment is not just the sum of their lines.
    pub dues: Vec<RegistryDue>,
    /// Lines that are left out because their act is not signed, where the rules ask for it.
    pub withheld: Vec<RegistryWithheld>,
}

/// A line of the tranche that the registry does not have, and why.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct RegistryWithheld {
    /// The provider's business identification number.
    pub provider_bin: String,
    /// The voucher's printed number.
    pub voucher_number: String,
    /// The month: the registry's, or the closed one that the line corrects.
    pub month: Month,
    /// A, in tiyn.
    pub accrued_tiyn: Tiyn,
    /// What is missing.
    pub reason: &'static str,
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
        Self::of_signed(tranche, snapshot, tranche_leaf, &Withheld::new())
    }

    /// Makes the registry without the lines of some providers: those whose act is not signed, where the
    /// rules ask for it ([`SignedMonth::withheld`](crate::signing::SignedMonth::withheld)).
    ///
    /// # Errors
    /// [`RegistryError`] as for [`Registry::from_tranche`].
    pub fn of_signed(
        tranche: &Tranche,
        snapshot: &Snapshot,
        tranche_leaf: u64,
        withheld: &Withheld,
    ) -> Result<Self, RegistryError> {
        let (expected, found) = (tranche.snapshot_hash, snapshot.hash());
        if expected != found {
            return Err(RegistryError::OtherSnapshot { expected, found });
        }
        let mut writer = RegistryWriter::of(snapshot, tranche.month, withheld);
        let mut lines = Vec::with_capacity(tranche.lines.len());
        for line in &tranche.lines {
            lines.extend(writer.line(line)?);
        }
        for one in tranche.corrections.iter().flatten() {
            lines.extend(writer.correction(one)?);
        }
        let dues = tranche.dues.iter().flatten();
        let dues = dues.filter(|one| !withheld.contains_key(&one.provider));
        let dues = dues.map(|one| Ok(RegistryDue::of(one, writer.provider(one.provider)?)));
        Ok(Self {
            issuer: snapshot.issuer.clone(),
            month: tranche.month,
            rule_version: tranche.rule_version.clone(),
            origin: tranche.origin.clone(),
            tranche: tranche.hash(),
            tranche_leaf,
            lines,
            dues: dues.collect::<Result<_, _>>()?,
            totals: writer.totals,
            withheld: writer.left_out,
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
        csv.extend(self.lines.iter().map(|line| csv_line(self.month, self.tranche, line)));
        let total = RegistryLine::total(&self.totals);
        csv.push_str(&csv_record(self.month, self.tranche, ["TOTAL", "", ""], &total));
        csv
    }

    /// Names the lines: SHA-256 of the CSV records between header and total, line ends included.
    #[must_use]
    pub fn lines_hash(&self) -> Hash {
        let mut digest = RegistryDigest::of(self.month, self.tranche);
        self.lines.iter().for_each(|line| digest.take(line));
        digest.finish()
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
            dues: &self.dues,
            withheld: &self.withheld,
        };
        serde_json::to_string_pretty(&file).expect("the registry has only string keys")
    }
}

fn csv_line(month: Month, tranche: Hash, line: &RegistryLine) -> String {
    let RegistryLine { provider_bin, provider_name, voucher_number, .. } = line;
    csv_record(month, tranche, [provider_bin, provider_name, voucher_number], line)
}

fn csv_record(month: Month, tranche: Hash, texts: [&str; 3], sums: &RegistryLine) -> String {
    let numbers = [
        sums.corrects.unwrap_or(month).to_string(),
        sums.planned_tiyn.0.to_string(),
        sums.accrued_tiyn.0.to_string(),
        sums.accrued_tiyn.to_string(),
        sums.held_tiyn.0.to_string(),
        sums.held_tiyn.to_string(),
        sums.released_tiyn.0.to_string(),
        sums.released_tiyn.to_string(),
        tranche.to_string(),
    ];
    record(texts.into_iter().map(cell).chain(numbers))
}

/// [`Registry::lines_hash`] of lines that come one after another.
#[derive(Clone, Debug)]
pub struct RegistryDigest {
    month: Month,
    tranche: Hash,
    digest: Digest,
}

impl RegistryDigest {
    /// Begins the registry of a month's tranche.
    #[must_use]
    pub fn of(month: Month, tranche: Hash) -> Self {
        Self { month, tranche, digest: Digest::default() }
    }

    /// Takes the next line.
    pub fn take(&mut self, line: &RegistryLine) {
        self.digest.update(csv_line(self.month, self.tranche, line).as_bytes());
    }

    /// Gives the hash of all of them.
    #[must_use]
    pub fn finish(self) -> Hash {
        self.digest.finish()
    }
}

/// Writes the registry's lines with the names of a snapshot, leaves out what is withheld, and adds up.
#[derive(Debug)]
pub struct RegistryWriter<'a> {
    month: Month,
    withheld: &'a Withheld,
    providers: BTreeMap<ProviderId, &'a Provider>,
    /// By voucher.
    contracts: Vec<&'a Contract>,
    totals: Totals,
    left_out: Vec<RegistryWithheld>,
}

impl<'a> RegistryWriter<'a> {
    /// Begins the registry of a month.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot, month: Month, withheld: &'a Withheld) -> Self {
        let mut contracts: Vec<&Contract> = snapshot.contracts.iter().collect();
        contracts.sort_unstable_by_key(|contract| contract.voucher);
        Self {
            month,
            withheld,
            providers: snapshot.providers.iter().map(|one| (one.id, one)).collect(),
            contracts,
            totals: Totals::default(),
            left_out: Vec::new(),
        }
    }

    /// Writes the line of a tranche's line; none if it is withheld.
    ///
    /// # Errors
    /// [`RegistryError`] if the snapshot does not know it, or a sum does not fit.
    pub fn line(&mut self, line: &TrancheLine) -> Result<Option<RegistryLine>, RegistryError> {
        let made = RegistryLine {
            planned_tiyn: line.plan,
            accrued_tiyn: line.accrued,
            held_tiyn: line.held,
            released_tiyn: line.released,
            ..self.named(line.provider, line.voucher)?
        };
        if self.leaves_out(line.provider, &made) {
            return Ok(None);
        }
        self.totals.add(line).map_err(|_| RegistryError::Overflow)?;
        Ok(Some(made))
    }

    /// Writes the line of a correction; none if it is withheld.
    ///
    /// # Errors
    /// As for [`line`](Self::line).
    pub fn correction(&mut self, one: &Correction) -> Result<Option<RegistryLine>, RegistryError> {
        let made = RegistryLine {
            accrued_tiyn: one.accrued,
            held_tiyn: one.held,
            released_tiyn: one.released,
            corrects: Some(one.month),
            ..self.named(one.provider, one.voucher)?
        };
        if self.leaves_out(one.provider, &made) {
            return Ok(None);
        }
        self.totals.correct(one).map_err(|_| RegistryError::Overflow)?;
        Ok(Some(made))
    }

    fn provider(&self, id: ProviderId) -> Result<&'a Provider, RegistryError> {
        self.providers.get(&id).copied().ok_or(RegistryError::UnknownProvider(id))
    }

    fn named(&self, id: ProviderId, voucher: VoucherId) -> Result<RegistryLine, RegistryError> {
        let provider = self.provider(id)?;
        let at = self.contracts.binary_search_by_key(&voucher, |contract| contract.voucher);
        let contract = at.ok().and_then(|at| self.contracts.get(at));
        let contract = contract.ok_or(RegistryError::UnknownVoucher(voucher))?;
        Ok(RegistryLine {
            provider_bin: provider.bin.clone(),
            provider_name: provider.name.clone(),
            voucher_number: contract.number.clone(),
            ..RegistryLine::total(&Totals::default())
        })
    }

    fn leaves_out(&mut self, provider: ProviderId, line: &RegistryLine) -> bool {
        let Some(reason) = self.withheld.get(&provider).copied() else { return false };
        self.left_out.push(RegistryWithheld {
            provider_bin: line.provider_bin.clone(),
            voucher_number: line.voucher_number.clone(),
            month: line.corrects.unwrap_or(self.month),
            accrued_tiyn: line.accrued_tiyn,
            reason,
        });
        true
    }
}

impl RegistryDue {
    fn of(one: &Due, provider: &Provider) -> Self {
        Self {
            provider_bin: provider.bin.clone(),
            accrued_tiyn: one.accrued,
            corrected_tiyn: one.corrected,
            brought_tiyn: one.brought,
            due_tiyn: one.due,
            carried_tiyn: one.carried,
        }
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
            corrects: None,
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
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    dues: &'a [RegistryDue],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    withheld: &'a [RegistryWithheld],
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
