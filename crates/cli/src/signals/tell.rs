//! Signals in words: a line for each, the rows below it.

use std::collections::BTreeMap;

use ledger::signals::{Signal, SignalParams};
use serde_json::{Value, json};
use sync_api::{
    BehindResponse, SignalResponse, SignalRowResponse, SignalsResponse, SpotCheckResponse,
    SpotChecksResponse,
};

use crate::console::Console;

/// Lists the signals, with what is in force where no rules say otherwise.
pub(super) fn list(defaults: &SignalParams, console: Console) -> anyhow::Result<()> {
    let rules = ledger::Params::defaults("2026-01-01".parse()?, "");
    let values: BTreeMap<&str, u32> = defaults.by_name().into_iter().collect();
    let shared = rules.by_name();
    let default = |name: &str| {
        let own = values.get(name).map(|value| json!(value));
        own.or_else(|| shared.get(name).cloned()).unwrap_or(Value::Null)
    };
    let mut all = Vec::new();
    for signal in Signal::ALL {
        console.line(format!("{} ({})", signal.name(), signal.rule()));
        console.line(format!("  counts {}", signal.counts()));
        let thresholds = signal.thresholds().iter().map(|name| (*name, default(name)));
        let thresholds: serde_json::Map<String, Value> =
            thresholds.map(|(name, value)| (name.to_owned(), value)).collect();
        for (name, value) in &thresholds {
            console.line(format!("  {name} = {value}"));
        }
        all.push(json!({
            "name": signal.name(),
            "rule": signal.rule(),
            "counts": signal.counts(),
            "thresholds": thresholds,
        }));
    }
    console.json(&json!({ "signals": all }));
    Ok(())
}

/// Shows a month's signals.
pub(super) fn report(report: &SignalsResponse, set: &[(String, u32)], console: Console) {
    let (year, month) = (report.month / 100, report.month % 100);
    let stands =
        report.close_leaf.map_or("open".to_owned(), |leaf| format!("closed by leaf {leaf}"));
    let rules = &report.rule_version;
    console
        .line(format!("month     {year}-{month:02}, {stands}, rules {rules}; nothing is changed"));
    for (name, value) in set {
        console.line(format!("rule      {name}: looked at with {value}"));
    }
    for signal in &report.signals {
        tell(signal, console);
    }
    spot_checks(&report.spot_checks, console);
}

fn tell(signal: &SignalResponse, console: Console) {
    let SignalResponse { name, found, looked_at, thresholds, missing, .. } = signal;
    let thresholds: Vec<String> =
        thresholds.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let line = format!("{name:<22} {found:>4} of {looked_at:<6} {}", thresholds.join(", "));
    console.line(line.trim_end());
    if let Some(missing) = missing {
        console.line(format!("  note    {missing}"));
    }
    if !signal.rows.is_empty() {
        console.line(format!("  counts  {}", signal.counts));
    }
    for row in &signal.rows {
        console.line(format!("  {}", words(row)));
    }
    if signal.more > 0 {
        console.line(format!("  and {} more: --limit, or --json", signal.more));
    }
}

fn words(row: &SignalRowResponse) -> String {
    let counted = match row.of {
        Some(of) => format!("{} of {of}", row.counted),
        None => row.counted.to_string(),
    };
    let mut words = vec![format!("{counted:<9}")];
    let named = [
        ("day", row.day.clone()),
        ("provider", row.provider.map(|id| id.to_string())),
        ("group", row.group.map(|id| id.to_string())),
        ("lesson", row.lesson.map(|id| id.to_string())),
        ("child", row.child.map(|id| id.to_string())),
        ("voucher", row.voucher.map(|id| id.to_string())),
        ("device", row.device.map(|id| id.to_string())),
    ];
    for (name, value) in named {
        words.extend(value.map(|value| format!("{name} {value}")));
    }
    words.extend(row.note.as_ref().map(|note| format!("({note})")));
    words.extend(behind(&row.behind, row.behind_more));
    words.join(" ")
}

/// The first few leaves; all of them are in the JSON.
fn behind(behind: &[BehindResponse], more: u64) -> Option<String> {
    let first: Vec<String> = behind.iter().take(SHOWN_MAX).map(place).collect();
    let rest = more.saturating_add(behind.len().saturating_sub(SHOWN_MAX) as u64);
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    (!first.is_empty()).then(|| format!("leaves {}{rest}", first.join(" ")))
}

fn place(one: &BehindResponse) -> String {
    one.leaf.map_or_else(|| format!("aside:{}", one.event.0), |leaf| leaf.to_string())
}

fn spot_checks(checks: &SpotChecksResponse, console: Console) {
    let SpotChecksResponse { openings, with_root, drawn, with_headcount, .. } = checks;
    console.line(format!(
        "spot checks            {openings} openings, {with_root} name a root of this log: \
         {drawn} drawn again, {with_headcount} with a headcount"
    ));
    for one in &checks.lessons {
        console.line(format!("  {}", spot_check(one)));
    }
    if checks.more > 0 {
        console.line(format!("  and {} more: --limit, or --json", checks.more));
    }
}

fn spot_check(one: &SpotCheckResponse) -> String {
    let counted = one.counted.as_ref().map_or("nobody counted".to_owned(), |counted| {
        let (heads, marks) = (counted.heads, counted.marks);
        format!("{heads} heads, {marks} marks, difference {}", counted.difference)
    });
    let SpotCheckResponse { day, provider, group, lesson, device, size, .. } = one;
    format!(
        "{counted}: day {day} provider {provider} group {group} lesson {lesson} device {device} \
         (opened by leaf {}, drawn by the root of {size} leaves)",
        place(&one.opened)
    )
}

const SHOWN_MAX: usize = 12;
