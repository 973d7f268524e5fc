//! Signals as they are answered: bounded, and with the count of what was left out.

use ledger::signals::{
    Behind, Counted, SignalReport, SignalResult, SignalRow, SpotCheck, SpotChecks,
};
use sync_api::{
    BehindResponse, CountedResponse, HexHash, SIGNAL_BEHIND_MAX, SignalResponse, SignalRowResponse,
    SignalsResponse, SpotCheckResponse, SpotChecksResponse,
};

/// Writes a report with at most so many rows for each signal and spot checks, and then also
/// with at most [`SIGNAL_BEHIND_MAX`] events behind a row. Without a bound everything is written.
#[must_use]
pub fn signals_response(report: &SignalReport, rows_max: Option<usize>) -> SignalsResponse {
    SignalsResponse {
        month: report.month.number(),
        close_leaf: report.close,
        rule_version: report.rule_version.clone(),
        signals: report.results.iter().map(|one| result(one, rows_max)).collect(),
        spot_checks: spot_checks(&report.spot_checks, rows_max),
    }
}

fn result(one: &SignalResult, rows_max: Option<usize>) -> SignalResponse {
    let thresholds = one.thresholds.iter().map(|(name, value)| ((*name).to_owned(), *value));
    let kept = rows_max.unwrap_or(one.rows.len()).min(one.rows.len());
    SignalResponse {
        name: one.signal.name().to_owned(),
        rule: one.signal.rule().to_owned(),
        counts: one.signal.counts().to_owned(),
        thresholds: thresholds.collect(),
        looked_at: one.looked_at,
        found: number(one.rows.len()),
        rows: one.rows[..kept].iter().map(|one| row(one, rows_max.is_some())).collect(),
        more: number(one.rows.len() - kept),
        missing: one.missing.map(str::to_owned),
    }
}

fn row(row: &SignalRow, bounded: bool) -> SignalRowResponse {
    let most = if bounded { SIGNAL_BEHIND_MAX } else { usize::MAX };
    let kept = row.behind.len().min(most);
    SignalRowResponse {
        provider: row.provider,
        group: row.group,
        day: row.day.map(|day| day.to_string()),
        lesson: row.lesson,
        child: row.child,
        voucher: row.voucher,
        device: row.device,
        counted: row.counted,
        of: row.of,
        note: row.note.map(str::to_owned),
        behind: row.behind[..kept].iter().map(behind).collect(),
        behind_more: number(row.behind.len() - kept),
    }
}

fn behind(one: &Behind) -> BehindResponse {
    BehindResponse { leaf: one.leaf, event: HexHash(one.event) }
}

fn spot_checks(checks: &SpotChecks, rows_max: Option<usize>) -> SpotChecksResponse {
    let drawn = &checks.drawn;
    let kept = rows_max.unwrap_or(drawn.len()).min(drawn.len());
    SpotChecksResponse {
        openings: checks.openings,
        with_root: checks.with_root,
        drawn: number(drawn.len()),
        with_headcount: number(drawn.iter().filter(|one| one.counted.is_some()).count()),
        lessons: drawn[..kept].iter().map(spot_check).collect(),
        more: number(drawn.len() - kept),
    }
}

fn spot_check(one: &SpotCheck) -> SpotCheckResponse {
    SpotCheckResponse {
        provider: one.provider,
        group: one.group,
        day: one.day.to_string(),
        lesson: one.lesson,
        device: one.device,
        opened: behind(&one.opened),
        size: one.size,
        counted: one.counted.as_ref().map(counted),
    }
}

fn counted(one: &Counted) -> CountedResponse {
    CountedResponse {
        heads: one.heads,
        marks: one.marks,
        difference: one.difference(),
        event: behind(&one.event),
    }
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
