//! Why days are not paid, and how sure the visits are.

use ledger::AssuranceShares;
use serde_json::{Value, json};

use super::AuditReport;
use crate::console::Console;

/// Says how many days are not paid for which reason; with `days`, which ones.
pub(super) fn tell(report: &AuditReport, days: bool, console: Console) {
    for (code, count) in &report.unpaid.by_code {
        let (code, why) = (code.as_str(), code.reason().unwrap_or_default());
        console.line(format!("unpaid    {count} {code}: {why}"));
    }
    for (voucher, day) in report.unpaid.days.iter().filter(|_| days) {
        let why = day.code.reason().unwrap_or_default();
        console.line(format!("          voucher {voucher}, {}: {why}", day.day));
    }
    let AssuranceShares { l0, l1, l2, l3 } = report.assurance;
    console.line(format!(
        "visits    {l0} by hand, {l1} by card, {l2} by code, {l3} confirmed as well"
    ));
}

/// How many days for each code; with `days`, each of them.
pub(super) fn to_json(report: &AuditReport, days: bool) -> Value {
    let by_code = report.unpaid.by_code.iter();
    let counts: serde_json::Map<String, Value> =
        by_code.map(|(code, count)| (code.as_str().to_owned(), json!(count))).collect();
    let listed = report.unpaid.days.iter().filter(|_| days).map(|(voucher, day)| {
        json!({
            "voucher": voucher.to_string(),
            "day": day.day,
            "code": day.code.as_str(),
            "why": day.code.reason(),
        })
    });
    json!({ "by_code": counts, "days": listed.collect::<Vec<_>>() })
}

/// Counts and whole per cent of each rung.
pub(super) fn assurance_to_json(shares: AssuranceShares) -> Value {
    let rung = |count| json!({ "visits": count, "percent": shares.percent(count) });
    json!({
        "l0": rung(shares.l0),
        "l1": rung(shares.l1),
        "l2": rung(shares.l2),
        "l3": rung(shares.l3),
    })
}
