//! What the signed district keeps about admissions: who imported what, what was found, who is listed.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use seal::Hash;
use serde::{Deserialize, Serialize};

use super::check::{Check, Found};
use super::register::Answer;
use crate::bin::Bin;
use crate::snapshot::{SnapshotError, impossible, unique};

/// The section of a district about admissions. In each list the order is that of the entries, and an
/// entry is never changed or removed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Admission {
    /// From this day on a new contract needs a provider that is listed on its first day.
    pub binds_from: NaiveDate,
    /// Who brought what, from which register.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<AdmissionImport>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckRecord>,
    /// Who is listed, and who is no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listings: Vec<Listing>,
    /// Checks that the issuer does not ask for, from a day on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
}

/// An audit record: a register's answers were taken in.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AdmissionImport {
    /// Names it: `1`, `2`, and so on. What it changed are the checks whose names begin so.
    pub id: String,
    /// Which register answered.
    pub register: String,
    /// SHA-256 of the file, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Who brought it: a post, not a person.
    pub by: String,
    /// When.
    pub day: NaiveDate,
    /// How many answers it had; those that were known before are no new checks.
    pub answers: u32,
}

/// Who brings answers, and from which register.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AnswerSource {
    /// [`AdmissionImport::register`].
    pub register: String,
    /// [`AdmissionImport::sha256`].
    pub sha256: Option<String>,
    /// [`AdmissionImport::by`].
    pub by: String,
    /// [`AdmissionImport::day`].
    pub day: NaiveDate,
}

/// What a register found about an organisation, and by what.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRecord {
    /// Names it: the import and its place there, `1/3`.
    pub id: String,
    /// Of whom.
    pub bin: Bin,
    /// Which check.
    pub check: Check,
    /// What was found.
    pub found: Found,
    /// When.
    pub day: NaiveDate,
    /// The last day that it is good for, if it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// The number of the document.
    pub document: String,
    /// SHA-256 of the document's file, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Where it was found.
    pub source: String,
    /// The address that was notified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl CheckRecord {
    /// Says whether another says the same, whoever brought it.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        *self == Self { id: self.id.clone(), ..other.clone() }
    }
}

/// A person's decision about whoever passes all checks.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Names it.
    pub id: String,
    /// Of whom.
    pub bin: Bin,
    /// From when on.
    pub day: NaiveDate,
    /// True if it is listed; false if the listing is withdrawn.
    pub listed: bool,
    /// The number of the document.
    pub document: String,
    /// Who decided: a post, not a person.
    pub by: String,
}

/// A check that is not asked for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Which.
    pub check: Check,
    /// From when on.
    pub from: NaiveDate,
    /// The number of the document.
    pub document: String,
}

impl Admission {
    /// Begins a section that binds from a day on.
    #[must_use]
    pub fn begin(binds_from: NaiveDate) -> Self {
        let (imports, checks, listings, waivers) = Default::default();
        Self { binds_from, imports, checks, listings, waivers }
    }

    /// Takes in answers, and gives how many of them were not known before. Where there are any, the audit
    /// record of the import is made too.
    pub fn take_in(&mut self, source: AnswerSource, answers: Vec<(Bin, Check, Answer)>) -> usize {
        let import = self.imports.len().saturating_add(1).to_string();
        let (count, mut new) = (answers.len(), Vec::new());
        for (bin, check, answer) in answers {
            let Answer { found, day, valid_to, document, sha256, source, address } = answer;
            let id = format!("{import}/{}", new.len().saturating_add(1));
            let record = CheckRecord {
                id,
                bin,
                check,
                found,
                day,
                valid_to,
                document,
                sha256,
                source,
                address,
            };
            if !self.checks.iter().chain(&new).any(|known| known.says_the_same(&record)) {
                new.push(record);
            }
        }
        if new.is_empty() {
            return 0;
        }
        let answers = u32::try_from(count).unwrap_or(u32::MAX);
        let AnswerSource { register, sha256, by, day } = source;
        self.imports.push(AdmissionImport { id: import, register, sha256, by, day, answers });
        let taken = new.len();
        self.checks.append(&mut new);
        taken
    }

    /// Writes down a person's decision about an organisation.
    pub fn decide(&mut self, bin: Bin, day: NaiveDate, listed: bool, document: String, by: String) {
        let id = self.listings.len().saturating_add(1).to_string();
        self.listings.push(Listing { id, bin, day, listed, document, by });
    }

    /// Says which entry a newer section does not leave as it is.
    pub(crate) fn edited_by(&self, next: &Self) -> Option<String> {
        if self.binds_from != next.binds_from {
            return Some("the day from which it binds".to_owned());
        }
        let of = |what: &str, id: &String| format!("{what} {id}");
        grows(&self.imports, &next.imports)
            .map(|one| of("import", &one.id))
            .or_else(|| grows(&self.checks, &next.checks).map(|one| of("check", &one.id)))
            .or_else(|| grows(&self.listings, &next.listings).map(|one| of("listing", &one.id)))
            .or_else(|| {
                let waived = grows(&self.waivers, &next.waivers);
                waived.map(|one| format!("the waiver of {}", one.check))
            })
    }
}

/// Finds the first entry that is not at its place any more.
fn grows<'a, T: PartialEq>(known: &'a [T], next: &[T]) -> Option<&'a T> {
    known.iter().enumerate().find(|(at, one)| next.get(*at) != Some(*one)).map(|(_, one)| one)
}

/// Verifies a section.
pub(crate) fn whole(admission: &Admission) -> Result<(), SnapshotError> {
    let imports = unique("admission.imports", admission.imports.iter().map(|one| one.id.as_str()))?;
    unique("admission.checks", admission.checks.iter().map(|one| one.id.as_str()))?;
    unique("admission.listings", admission.listings.iter().map(|one| one.id.as_str()))?;
    for one in &admission.imports {
        filled("admission.imports", &one.id, &[&one.id, &one.register, &one.by])?;
        digest("admission.imports", &one.id, one.sha256.as_deref())?;
    }
    for one in &admission.checks {
        verify_check(one, &imports)?;
    }
    for one in &admission.listings {
        filled("admission.listings", &one.id, &[&one.id, &one.document, &one.by])?;
    }
    for one in &admission.waivers {
        filled("admission.waivers", one.check.as_str(), &[&one.document])?;
    }
    Ok(())
}

fn verify_check(one: &CheckRecord, imports: &BTreeSet<&str>) -> Result<(), SnapshotError> {
    let field = "admission.checks";
    filled(field, &one.id, &[&one.document, &one.source])?;
    digest(field, &one.id, one.sha256.as_deref())?;
    if one.id.split_once('/').is_none_or(|(import, _)| !imports.contains(import)) {
        return Err(impossible(field, &one.id, "belongs to no import"));
    }
    if one.check.passes(one.found).is_none() {
        return Err(impossible(field, &one.id, "what was found does not answer the check"));
    }
    if one.valid_to.is_some_and(|to| to < one.day) {
        return Err(impossible(field, &one.id, "it ends before it begins"));
    }
    let address = one.address.as_deref().is_some_and(|text| !text.is_empty());
    if one.check == Check::Notification && one.found == Found::Yes && !address {
        return Err(impossible(field, &one.id, "a notification names its address"));
    }
    Ok(())
}

fn filled(field: &'static str, of: &str, texts: &[&str]) -> Result<(), SnapshotError> {
    if texts.iter().any(|text| text.trim().is_empty()) {
        return Err(impossible(
            field,
            of,
            "an entry names its document, its source and who made it",
        ));
    }
    Ok(())
}

fn digest(field: &'static str, of: &str, text: Option<&str>) -> Result<(), SnapshotError> {
    let lower = |text: &&str| text.bytes().all(|byte| !byte.is_ascii_uppercase());
    match text {
        Some(text) if Hash::from_hex(text).filter(|_| lower(&text)).is_none() => {
            Err(impossible(field, of, "a SHA-256 is 64 lower-case hexadecimal digits"))
        }
        Some(_) | None => Ok(()),
    }
}
