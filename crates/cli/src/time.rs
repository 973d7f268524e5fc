//! Times on the command line.

use chrono::{DateTime, FixedOffset};

/// Reads `2026-09-28T15:45:00+05:00` as milliseconds since 1970-01-01T00:00Z.
pub(crate) fn parse_ms(text: &str) -> Result<i64, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.timestamp_millis())
        .map_err(|why| format!("{why}; write it like 2026-09-28T15:45:00+05:00"))
}

/// Writes the hour and minute at +05:00.
pub(crate) fn clock(ms: i64) -> String {
    local(ms, "%H:%M")
}

/// Writes the day, hour and minute at +05:00.
pub(crate) fn moment(ms: i64) -> String {
    local(ms, "%Y-%m-%d %H:%M")
}

fn local(ms: i64, form: &str) -> String {
    let zone = FixedOffset::east_opt(5 * 3_600);
    let at =
        DateTime::from_timestamp_millis(ms).zip(zone).map(|(at, zone)| at.with_timezone(&zone));
    at.map(|at| at.format(form).to_string()).unwrap_or_default()
}
