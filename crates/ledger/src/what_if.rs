//! "This month under other rules": the same events, the same contracts, other numbers. It changes nothing.

use std::collections::BTreeMap;

use attendance::{ProviderId, VoucherId};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::calendar::Month;
use crate::money::Tiyn;
use crate::params::Params;
use crate::snapshot::{Snapshot, SnapshotError};
use crate::tranche::{Totals, Tranche, TrancheBasis, TrancheError, TrancheLine, compute_tranche};
use crate::visit::LoggedEvent;

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WhatIfError {
    /// A name that is no parameter, or one that cannot be other for one month alone.
    #[error("{name} is no parameter to try out: choose among {known}")]
    UnknownParameter {
        /// The name.
        name: String,
        /// Those there are.
        known: String,
    },
    /// The value is of another form than the parameter's.
    #[error("{name}: {why}")]
    Form {
        /// The name.
        name: String,
        /// Why.
        why: String,
    },
    /// The rules would contradict themselves.
    #[error("with these rules: {0}")]
    Impossible(#[from] SnapshotError),
    /// A tranche does not come out.
    #[error(transparent)]
    Tranche(#[from] TrancheError),
    /// No rules are in force in the month.
    #[error("no rules are in force on the first day of {0}")]
    NoRules(Month),
}

/// One parameter, as it is and as it was tried.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TriedParameter {
    /// Its id in the rules document.
    pub name: String,
    /// What is in force.
    pub in_force: Value,
    /// What was tried.
    pub tried: Value,
}

/// A voucher's line under both rules. Amounts are in tiyn.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ComparedLine {
    /// Who teaches.
    pub provider: ProviderId,
    /// The voucher.
    pub voucher: VoucherId,
    /// Under the rules in force.
    pub in_force: Sums,
    /// Under those tried.
    pub tried: Sums,
}

/// Plan, accrued, held, released: P = A + H + W.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Sums {
    /// P.
    pub plan_tiyn: Tiyn,
    /// A.
    pub accrued_tiyn: Tiyn,
    /// H.
    pub held_tiyn: Tiyn,
    /// W.
    pub released_tiyn: Tiyn,
}

/// A month side by side.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct WhatIf {
    /// The month.
    pub month: Month,
    /// Which rules are in force.
    pub rule_version: String,
    /// What was tried, by name.
    pub parameters: Vec<TriedParameter>,
    /// The month's sums under the rules in force.
    pub in_force: Sums,
    /// The month's sums under those tried.
    pub tried: Sums,
    /// The lines that differ, in the tranche's order.
    pub lines: Vec<ComparedLine>,
    /// How many lines come to the same.
    pub unchanged: usize,
}

/// Computes a month twice: under its rules, and with some parameters replaced. `changes` has the
/// names and values of [`Params`] as JSON writes them.
///
/// # Errors
/// [`WhatIfError`] names the parameter that cannot be so.
pub fn what_if(
    snapshot: &Snapshot,
    events: &[LoggedEvent],
    month: Month,
    basis: TrancheBasis,
    changes: &Map<String, Value>,
) -> Result<WhatIf, WhatIfError> {
    let params = snapshot.rules(month).ok_or(WhatIfError::NoRules(month))?;
    let (replaced, parameters) = replace(params, changes)?;
    let in_force = compute_tranche(snapshot, events, month, basis.clone())?;
    let tried = compute_tranche(&with_rules(snapshot, params, replaced)?, events, month, basis)?;
    let (lines, unchanged) = compare(&in_force, &tried);
    Ok(WhatIf {
        month,
        rule_version: in_force.rule_version,
        parameters,
        in_force: in_force.totals.into(),
        tried: tried.totals.into(),
        lines,
        unchanged,
    })
}

/// The rules with some parameters replaced, and which ones those are.
fn replace(
    params: &Params,
    changes: &Map<String, Value>,
) -> Result<(Params, Vec<TriedParameter>), WhatIfError> {
    let Value::Object(mut fields) = serde_json::to_value(params).unwrap_or_default() else {
        return Err(WhatIfError::Form { name: "params".into(), why: "not an object".into() });
    };
    let all = params.by_name();
    let mut parameters = Vec::with_capacity(changes.len());
    for (name, tried) in changes {
        let unknown = || {
            let known = all.keys().filter(|name| !FIXED.contains(&name.as_str()));
            let known = known.cloned().collect::<Vec<_>>().join(", ");
            WhatIfError::UnknownParameter { name: name.clone(), known }
        };
        let known = all.get(name).filter(|_| !FIXED.contains(&name.as_str()));
        let in_force = known.cloned().ok_or_else(unknown)?;
        fields.insert(name.clone(), tried.clone());
        serde_json::from_value::<Params>(Value::Object(fields.clone()))
            .map_err(|why| WhatIfError::Form { name: name.clone(), why: why.to_string() })?;
        parameters.push(TriedParameter { name: name.clone(), in_force, tried: tried.clone() });
    }
    let form =
        |why: serde_json::Error| WhatIfError::Form { name: ".".into(), why: why.to_string() };
    Ok((serde_json::from_value(Value::Object(fields)).map_err(form)?, parameters))
}

/// The district with one set of rules replaced, whole.
fn with_rules(snapshot: &Snapshot, old: &Params, new: Params) -> Result<Snapshot, SnapshotError> {
    let mut other = snapshot.clone();
    let place = other.params.iter_mut().find(|one| one.effective_from == old.effective_from);
    if let Some(place) = place {
        *place = new;
    }
    other.verify()
}

fn compare(in_force: &Tranche, tried: &Tranche) -> (Vec<ComparedLine>, usize) {
    let mut both: BTreeMap<_, (Sums, Sums)> = BTreeMap::new();
    for line in &in_force.lines {
        both.entry(line.key()).or_default().0 = line.into();
    }
    for line in &tried.lines {
        both.entry(line.key()).or_default().1 = line.into();
    }
    let all = both.len();
    let lines: Vec<_> = both
        .into_iter()
        .filter(|(_, (in_force, tried))| in_force != tried)
        .map(|((provider, voucher, _), (in_force, tried))| ComparedLine {
            provider,
            voucher,
            in_force,
            tried,
        })
        .collect();
    let unchanged = all.saturating_sub(lines.len());
    (lines, unchanged)
}

impl From<Totals> for Sums {
    fn from(totals: Totals) -> Self {
        Self {
            plan_tiyn: totals.plan,
            accrued_tiyn: totals.accrued,
            held_tiyn: totals.held,
            released_tiyn: totals.released,
        }
    }
}

impl From<&TrancheLine> for Sums {
    fn from(line: &TrancheLine) -> Self {
        Self {
            plan_tiyn: line.plan,
            accrued_tiyn: line.accrued,
            held_tiyn: line.held,
            released_tiyn: line.released,
        }
    }
}

/// What names the rules, and does not decide about a sum.
const FIXED: [&str; 2] = ["effective_from", "rule_version"];
