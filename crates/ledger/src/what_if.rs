//! "This month under other rules": the same events, the same contracts, other numbers. It changes nothing.

use std::collections::BTreeMap;

use attendance::{ProviderId, VoucherId};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::account::compute_closed;
use crate::calendar::Month;
use crate::money::Tiyn;
use crate::params::Params;
use crate::snapshot::{NarrowerRules, Scope, Snapshot, SnapshotError};
use crate::snapshots::Snapshots;
use crate::tranche::{Totals, Tranche, TrancheBasis, TrancheError, TrancheLine};
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
    /// What a month has once for everybody cannot be other for a part of the district.
    #[error("{name} is one for the whole district: try it without a scope")]
    ForAll {
        /// The name.
        name: String,
    },
    /// The scope covers nobody.
    #[error("the scope covers no group of the district")]
    NoGroups,
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

fn is_nothing(sums: &Sums) -> bool {
    *sums == Sums::default()
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
    /// What the month's tranche corrects of months closed before, under the rules in force.
    #[serde(skip_serializing_if = "is_nothing")]
    pub corrections: Sums,
    /// The same under those tried.
    #[serde(skip_serializing_if = "is_nothing")]
    pub corrections_tried: Sums,
    /// The lines that differ, in the tranche's order.
    pub lines: Vec<ComparedLine>,
    /// How many lines come to the same.
    pub unchanged: usize,
}

/// Computes a month twice: under its rules, and with some parameters replaced from its first day on.
/// `changes` has the names and values of [`Params`] as JSON writes them. With a scope they hold for that
/// part of the district alone; without one they hold in every set of rules in force in the month, also in
/// the narrower ones. `basis.tree_size` of a closed month is one more than the leaf that closes it; the
/// corrections that stand in its tranche are computed with it.
///
/// # Errors
/// [`WhatIfError`] names the parameter that cannot be so.
pub fn what_if(
    history: &Snapshots,
    events: &[LoggedEvent],
    month: Month,
    basis: TrancheBasis,
    changes: &Map<String, Value>,
    scope: Option<Scope>,
) -> Result<WhatIf, WhatIfError> {
    let rests_on = history.before(basis.tree_size.saturating_sub(1));
    let snapshot = &rests_on.snapshot;
    let params = snapshot.rules(month).ok_or(WhatIfError::NoRules(month))?;
    let trial = Trial { month, changes };
    let (other, parameters) = match scope {
        Some(scope) => trial.of_a_part(snapshot, scope)?,
        None => (trial.of_all(snapshot, params)?, trial.replace(params)?.1),
    };
    let tried_history = history.replaced(rests_on.index, other.verify()?);
    let in_force = compute_closed(history, events, month, basis.clone())?;
    let tried = compute_closed(&tried_history, events, month, basis)?;
    let (lines, unchanged) = compare(&in_force, &tried);
    let (corrections, corrections_tried) = (corrected(&in_force), corrected(&tried));
    Ok(WhatIf {
        month,
        rule_version: in_force.rule_version,
        parameters,
        in_force: in_force.totals.into(),
        tried: tried.totals.into(),
        corrections,
        corrections_tried,
        lines,
        unchanged,
    })
}

/// What is tried, and from when on.
struct Trial<'a> {
    month: Month,
    changes: &'a Map<String, Value>,
}

impl Trial<'_> {
    /// The district with the parameters replaced in every set of rules in force in the month.
    fn of_all(&self, snapshot: &Snapshot, params: &Params) -> Result<Snapshot, WhatIfError> {
        let mut other = snapshot.clone();
        let first = self.month.first_day();
        other.params.retain(|one| one.effective_from != first);
        other.params.push(self.replace(params)?.0);
        let mut narrower: Vec<_> = snapshot.narrower.iter().collect();
        narrower.sort_by_key(|one| (one.rules.effective_from, &one.id));
        let begun = narrower.iter().filter(|one| one.rules.effective_from <= first);
        for (place, one) in begun.enumerate() {
            // Each counts before what it stands for, and among themselves they keep their order.
            let (id, rules) = (format!("{LAST}{place:06}"), self.replace(&one.rules)?.0);
            other.narrower.push(NarrowerRules { id, scope: one.scope.clone(), rules });
        }
        Ok(other)
    }

    /// The district with narrower rules for a part of it.
    fn of_a_part(
        &self,
        snapshot: &Snapshot,
        scope: Scope,
    ) -> Result<(Snapshot, Vec<TriedParameter>), WhatIfError> {
        if let Some(name) = self.changes.keys().find(|name| FOR_ALL.contains(&name.as_str())) {
            return Err(WhatIfError::ForAll { name: name.clone() });
        }
        let group = snapshot.groups.iter().find(|group| scope.covers(group));
        let group = group.ok_or(WhatIfError::NoGroups)?;
        let params = snapshot.rules_for(self.month, group);
        let params = params.ok_or(WhatIfError::NoRules(self.month))?;
        let (rules, parameters) = self.replace(params)?;
        let mut other = snapshot.clone();
        other.narrower.push(NarrowerRules { id: LAST.into(), scope, rules });
        Ok((other, parameters))
    }

    /// The rules with some parameters replaced from the month's first day on, and which ones those are.
    fn replace(&self, params: &Params) -> Result<(Params, Vec<TriedParameter>), WhatIfError> {
        let (replaced, parameters) = params.replaced(self.changes)?;
        Ok((Params { effective_from: self.month.first_day(), ..replaced }, parameters))
    }
}

impl Params {
    /// Gives the rules with some parameters replaced, and which ones those are: `changes` has their names and
    /// values as JSON writes them. Whether the rules are whole is for [`Snapshot::verify`].
    ///
    /// # Errors
    /// [`WhatIfError::UnknownParameter`], [`WhatIfError::Form`].
    pub fn replaced(
        &self,
        changes: &Map<String, Value>,
    ) -> Result<(Self, Vec<TriedParameter>), WhatIfError> {
        let form = |name: &str, why: &str| WhatIfError::Form { name: name.into(), why: why.into() };
        let Value::Object(mut fields) = serde_json::to_value(self).unwrap_or_default() else {
            return Err(form("params", "not an object"));
        };
        let all = self.by_name();
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
            serde_json::from_value::<Self>(Value::Object(fields.clone()))
                .map_err(|why| form(name, &why.to_string()))?;
            parameters.push(TriedParameter { name: name.clone(), in_force, tried: tried.clone() });
        }
        let replaced = serde_json::from_value::<Self>(Value::Object(fields));
        Ok((replaced.map_err(|why| form(".", &why.to_string()))?, parameters))
    }
}

/// Adds up what a tranche corrects of months closed before.
fn corrected(tranche: &Tranche) -> Sums {
    let mut sums = Sums::default();
    for one in tranche.corrections.iter().flatten() {
        let add = |sum: &mut Tiyn, more: Tiyn| *sum = sum.checked_add(more).unwrap_or(*sum);
        add(&mut sums.accrued_tiyn, one.accrued);
        add(&mut sums.held_tiyn, one.held);
        add(&mut sums.released_tiyn, one.released);
    }
    sums
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

/// What a month has once for everybody ([`NarrowerRules`]).
const FOR_ALL: [&str; 7] = [
    "fold_edition",
    "close_lead_days",
    "max_payable_visits_per_child_day",
    "families_per_device_max",
    "visit_confirm_days",
    "dispute_days",
    "tacit_acceptance",
];

/// The last name of all: it counts where others of the same day cover the group.
const LAST: char = '\u{10ffff}';
