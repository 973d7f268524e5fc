//! Where two tranches differ, in words: for the auditor whose recomputation does not match.

use crate::correction::Correction;
use crate::tranche::{Tranche, TrancheLine};

/// Says in words where two tranches first differ.
#[must_use]
pub fn first_difference(one: &Tranche, other: &Tranche) -> Option<String> {
    head_difference(one, other)
        .or_else(|| one.lines.iter().zip(&other.lines).find_map(|(a, b)| line_difference(a, b)))
        .or_else(|| differ("number of lines", &one.lines.len(), &other.lines.len()))
        .or_else(|| sums_difference(one, other))
}

/// Says in words where two tranches first differ before their lines.
#[must_use]
pub fn head_difference(one: &Tranche, other: &Tranche) -> Option<String> {
    differ("version", &one.version, &other.version)
        .or_else(|| differ("month", &one.month, &other.month))
        .or_else(|| differ("origin", &one.origin, &other.origin))
        .or_else(|| differ("tree size", &one.tree_size, &other.tree_size))
        .or_else(|| differ("root", &one.root, &other.root))
        .or_else(|| differ("snapshot", &one.snapshot_hash, &other.snapshot_hash))
        .or_else(|| differ("rule version", &one.rule_version, &other.rule_version))
}

/// Says in words where two tranches first differ behind their lines.
#[must_use]
pub fn sums_difference(one: &Tranche, other: &Tranche) -> Option<String> {
    differ("total plan", &one.totals.plan, &other.totals.plan)
        .or_else(|| differ("total accrued", &one.totals.accrued, &other.totals.accrued))
        .or_else(|| differ("total held", &one.totals.held, &other.totals.held))
        .or_else(|| differ("total released", &one.totals.released, &other.totals.released))
        .or_else(|| {
            let said = |tranche: &Tranche| {
                let all = tranche.corrections.iter().flatten();
                all.map(correction).collect::<Vec<_>>().join("; ")
            };
            differ("corrections", &said(one), &said(other))
        })
        .or_else(|| {
            let said = |tranche: &Tranche| {
                let due = tranche.due().into_iter();
                due.map(|(id, due)| format!("{id} {due}")).collect::<Vec<_>>().join(", ")
            };
            differ("due", &said(one), &said(other))
        })
}

fn differ<T: PartialEq + ToString>(name: &str, one: &T, other: &T) -> Option<String> {
    (one != other).then(|| format!("{name}: {} and {}", one.to_string(), other.to_string()))
}

fn correction(one: &Correction) -> String {
    let Correction { month, voucher, accrued, held, released, leaf, cause, .. } = one;
    format!("voucher {voucher} in {month}: {accrued} {held} {released}, leaf {leaf} {cause:?}")
}

/// Says in words where two lines first differ.
#[must_use]
pub fn line_difference(one: &TrancheLine, other: &TrancheLine) -> Option<String> {
    if one == other {
        return None;
    }
    let days = |line: &TrancheLine| {
        let days = line.unpaid.iter().map(|day| format!("{} {}", day.day, day.code.as_str()));
        days.collect::<Vec<_>>().join(", ")
    };
    let fields = |line: &TrancheLine| {
        [
            ("provider", line.provider.to_string()),
            ("voucher", line.voucher.to_string()),
            ("child", line.child.to_string()),
            ("plan", line.plan.to_string()),
            ("cap", line.cap.to_string()),
            ("planned", line.planned.to_string()),
            ("payable", line.payable.to_string()),
            ("excused", line.excused.to_string()),
            ("pending", line.pending.to_string()),
            ("accrued", line.accrued.to_string()),
            ("held", line.held.to_string()),
            ("released", line.released.to_string()),
            ("unpaid days", days(line)),
            ("leaves", format!("{:?}", line.leaves)),
            ("place", format!("{:?} to {:?}", line.from, line.to)),
            ("part", format!("{:?}", line.part)),
            ("suspended", format!("{:?}", line.suspended)),
        ]
    };
    let differing = fields(one).into_iter().zip(fields(other)).find(|(a, b)| a != b);
    differing.map(|((name, a), (_, b))| format!("voucher {}, {name}: {a} and {b}", one.voucher))
}
