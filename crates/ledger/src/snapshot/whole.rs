//! What makes a snapshot whole: references, doubles, dates, sums.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{GroupId, ProviderId};
use chrono::Datelike;

use super::{Contract, Group, SNAPSHOT_VERSION, Scope, Snapshot, budget};
use crate::admission;
use crate::calendar::Month;
use crate::money::Tiyn;
use crate::params::Params;

/// A larger total is a slip of the pen: ten thousand million tenge for one child's year.
const TOTAL_MAX: Tiyn = Tiyn(1_000_000_000_000);
const MINUTES_OF_DAY: u32 = 1440;
const DAYS_OF_YEAR: u32 = 366;
/// The days of the shortest month.
const CLOSE_LEAD_DAYS_MAX: u32 = 28;

/// Why JSON was not accepted as a snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Not the JSON of a snapshot.
    #[error("not a snapshot: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Two records with one identifier or date.
    #[error("{field}: {value} appears twice")]
    Duplicate {
        /// Where.
        field: &'static str,
        /// What.
        value: String,
    },
    /// A reference to a record that is not there.
    #[error("{field}: {value} does not exist")]
    Dangling {
        /// Where.
        field: &'static str,
        /// What.
        value: String,
    },
    /// A value that cannot be.
    #[error("{field} of {of}: {problem}")]
    Impossible {
        /// Which field.
        field: &'static str,
        /// Of which record.
        of: String,
        /// What is wrong.
        problem: &'static str,
    },
}

/// Verifies everything of a snapshot that its types do not say.
pub(super) fn whole(snapshot: &Snapshot) -> Result<(), SnapshotError> {
    if snapshot.version < SNAPSHOT_VERSION {
        return Err(impossible("version", "the snapshot", "must be at least 1"));
    }
    let providers = unique("providers.id", snapshot.providers.iter().map(|item| item.id))?;
    let group_ids = unique("groups.id", snapshot.groups.iter().map(|item| item.id))?;
    unique("contracts.voucher", snapshot.contracts.iter().map(|item| item.voucher))?;
    unique("contracts.number", snapshot.contracts.iter().map(|item| item.number.as_str()))?;
    unique("params.effective_from", snapshot.params.iter().map(|item| item.effective_from))?;
    unique("country.effective_from", snapshot.country.iter().map(|item| item.effective_from))?;
    unique("calendar.official_off", snapshot.calendar.official_off.iter())?;
    unique("calendar.transferred_off", snapshot.calendar.transferred_off.iter())?;
    unique("calendar.working", snapshot.calendar.working.iter())?;
    let bins = snapshot.providers.iter().map(|provider| &provider.bin);
    for bin in bins.chain([&snapshot.issuer.bin]) {
        if bin.len() != 12 || !bin.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(impossible("bin", bin, "must have 12 digits"));
        }
    }
    for group in &snapshot.groups {
        verify_group(group, &providers)?;
    }
    unique("narrower.id", snapshot.narrower.iter().map(|item| item.id.as_str()))?;
    let narrower = snapshot.narrower.iter().map(|one| &one.rules);
    for params in snapshot.country.iter().chain(&snapshot.params).chain(narrower) {
        verify_params(params)?;
    }
    let groups: BTreeMap<_, _> = snapshot.groups.iter().map(|group| (group.id, group)).collect();
    for narrower in &snapshot.narrower {
        verify_scope(&narrower.scope, &providers, &groups)?;
    }
    budget::whole(snapshot, &group_ids)?;
    if let Some(admission) = &snapshot.admission {
        admission::whole(admission)?;
    }
    for contract in &snapshot.contracts {
        verify_contract(contract, &groups)?;
        if snapshot.rules(Month::of(contract.from).map_err(|_| out_of_range(contract))?).is_none() {
            let problem = "no rules are in force on the first day of the contract's month";
            return Err(impossible("contracts.from", contract.voucher, problem));
        }
    }
    Ok(())
}

pub(crate) fn unique<T: Copy + Ord + ToString>(
    field: &'static str,
    values: impl Iterator<Item = T>,
) -> Result<BTreeSet<T>, SnapshotError> {
    let mut seen = BTreeSet::new();
    for value in values {
        if !seen.insert(value) {
            return Err(SnapshotError::Duplicate { field, value: value.to_string() });
        }
    }
    Ok(seen)
}

pub(crate) fn impossible(
    field: &'static str,
    of: impl ToString,
    problem: &'static str,
) -> SnapshotError {
    SnapshotError::Impossible { field, of: of.to_string(), problem }
}

fn out_of_range(contract: &Contract) -> SnapshotError {
    impossible("contracts.from", contract.voucher, "outside the years 2000 to 2199")
}

fn verify_group(group: &Group, providers: &BTreeSet<ProviderId>) -> Result<(), SnapshotError> {
    if !providers.contains(&group.provider) {
        let value = group.provider.to_string();
        return Err(SnapshotError::Dangling { field: "groups.provider", value });
    }
    let days: BTreeSet<_> = group.weekdays.iter().collect();
    if days.is_empty() || days.len() != group.weekdays.len() {
        return Err(impossible("groups.weekdays", group.id, "must name each day once"));
    }
    let Some(start) = group.start_minute() else {
        return Err(impossible("groups.start", group.id, "must be a local time such as 16:00"));
    };
    let end = start.checked_add(group.minutes);
    if group.minutes == 0 || end.is_none_or(|end| end > MINUTES_OF_DAY) {
        return Err(impossible("groups.minutes", group.id, "a lesson ends on the day it starts"));
    }
    if group.capacity == Some(0) {
        return Err(impossible("groups.capacity", group.id, "must be at least one, or left out"));
    }
    Ok(())
}

fn verify_params(params: &Params) -> Result<(), SnapshotError> {
    let of = params.effective_from;
    for (field, percent) in [
        ("params.excused_cap_percent", params.excused_cap_percent),
        ("params.full_pay_at_percent", params.full_pay_at_percent),
        ("params.l0_share_max_percent", params.l0_share_max_percent),
        ("params.l0_group_share_max_percent", params.l0_group_share_max_percent.unwrap_or(0)),
    ] {
        if percent > 100 {
            return Err(impossible(field, of, "must not be above 100"));
        }
    }
    for (field, minutes) in [
        ("params.open_before_min", params.open_before_min),
        ("params.close_after_min", params.close_after_min),
        ("params.scan_early_min", params.scan_early_min),
        ("params.scan_late_min", params.scan_late_min),
        ("params.late_min", params.late_min),
    ] {
        if minutes > MINUTES_OF_DAY {
            return Err(impossible(field, of, "must not be above a day"));
        }
    }
    for (field, days) in [
        ("params.absence_reason_days", params.absence_reason_days),
        ("params.sick_doc_days", params.sick_doc_days),
        ("params.make_up_window_days", params.make_up_window_days),
        ("params.visit_confirm_days", params.visit_confirm_days),
        ("params.dispute_days", params.dispute_days),
        ("params.revision_days", params.revision_days),
    ] {
        if days > DAYS_OF_YEAR {
            return Err(impossible(field, of, "must not be above a year"));
        }
    }
    if params.close_lead_days > CLOSE_LEAD_DAYS_MAX {
        return Err(impossible("params.close_lead_days", of, "must lie inside every month"));
    }
    if params.rule_version.is_empty() {
        return Err(impossible("params.rule_version", of, "must not be empty"));
    }
    verify_deadlines(params)?;
    if let Some((field, problem)) = params.signals.beyond() {
        return Err(impossible("params.signals", field, problem));
    }
    if params.month_norm_tiyn < Tiyn::ZERO || params.month_norm_tiyn > TOTAL_MAX {
        return Err(impossible("params.month_norm_tiyn", of, "out of range"));
    }
    Ok(())
}

fn verify_scope(
    scope: &Scope,
    providers: &BTreeSet<ProviderId>,
    groups: &BTreeMap<GroupId, &Group>,
) -> Result<(), SnapshotError> {
    let field = "narrower.scope";
    let missing = match scope {
        Scope::Provider(provider) if providers.contains(provider) => None,
        Scope::Provider(provider) => Some(provider.to_string()),
        Scope::Programme(named) => {
            unique(field, named.iter().copied())?;
            named.iter().find(|group| !groups.contains_key(group)).map(ToString::to_string)
        }
    };
    missing.map_or(Ok(()), |value| Err(SnapshotError::Dangling { field, value }))
}

fn verify_deadlines(params: &Params) -> Result<(), SnapshotError> {
    let of = params.effective_from;
    let (voucher, suspension) = (&params.voucher, &params.suspension);
    for (field, days) in [
        ("params.voucher.accept_ttl", voucher.accept_ttl),
        ("params.voucher.contract_ttl", voucher.contract_ttl),
        ("params.voucher.extend_once", voucher.extend_once),
        ("params.voucher.restore_once_within", voucher.restore_once_within),
        ("params.suspension.cure_months", suspension.cure_months),
        ("params.suspension.objection_days", suspension.objection_days),
        ("params.suspension.payer_lag_days", suspension.payer_lag_days),
        ("params.suspension.payment_day", suspension.payment_day),
    ] {
        if days > DAYS_OF_YEAR {
            return Err(impossible(field, of, "must not be above a year"));
        }
    }
    if voucher.active_vouchers_per_child == 0 {
        let field = "params.voucher.active_vouchers_per_child";
        return Err(impossible(field, of, "must be at least 1"));
    }
    if params.corrections.hold_release_two_person < Tiyn::ZERO {
        let field = "params.corrections.hold_release_two_person";
        return Err(impossible(field, of, "must not be below zero"));
    }
    Ok(())
}

fn verify_contract(
    contract: &Contract,
    groups: &BTreeMap<GroupId, &Group>,
) -> Result<(), SnapshotError> {
    let of = contract.voucher;
    let Some(group) = groups.get(&contract.group) else {
        let value = contract.group.to_string();
        return Err(SnapshotError::Dangling { field: "contracts.group", value });
    };
    if group.provider != contract.provider {
        return Err(impossible("contracts.provider", of, "is not the provider of the group"));
    }
    if contract.number.is_empty() {
        return Err(impossible("contracts.number", of, "must not be empty"));
    }
    if contract.from > contract.to {
        return Err(impossible("contracts.to", of, "is before from"));
    }
    if contract.from.year() != contract.to.year() {
        return Err(impossible("contracts.to", of, "no voucher is split across 31 December"));
    }
    if contract.total_tiyn < Tiyn::ZERO || contract.total_tiyn > TOTAL_MAX {
        return Err(impossible("contracts.total_tiyn", of, "out of range"));
    }
    verify_segments(contract, groups)
}

/// Places follow one another inside the contract's days, and the first is the contract's group.
fn verify_segments(
    contract: &Contract,
    groups: &BTreeMap<GroupId, &Group>,
) -> Result<(), SnapshotError> {
    let of = contract.voucher;
    let mut free = contract.from;
    for place in &contract.segments {
        let Some(group) = groups.get(&place.group) else {
            let value = place.group.to_string();
            return Err(SnapshotError::Dangling { field: "contracts.segments.group", value });
        };
        if group.provider != place.provider {
            let problem = "is not the provider of the group";
            return Err(impossible("contracts.segments.provider", of, problem));
        }
        if place.from > place.to {
            return Err(impossible("contracts.segments.to", of, "is before from"));
        }
        if place.from < free || place.to > contract.to {
            let problem = "is not after the place before, or lies outside the contract";
            return Err(impossible("contracts.segments.from", of, problem));
        }
        free = place.to.succ_opt().unwrap_or(place.to);
    }
    match contract.segments.first() {
        Some(first) if (first.group, first.provider) != (contract.group, contract.provider) => Err(
            impossible("contracts.segments.group", of, "the first place is the contract's group"),
        ),
        Some(_) | None => Ok(()),
    }
}
