//! Times on the command line.

use chrono::DateTime;

/// Reads `2026-09-28T15:45:00+05:00` as milliseconds since 1970-01-01T00:00Z.
pub(crate) fn parse_ms(text: &str) -> Result<i64, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.timestamp_millis())
        .map_err(|why| format!("{why}; write it like 2026-09-28T15:45:00+05:00"))
}
