//! Numbers with a fraction, written and read by the browser: what Rust does it with would have to be loaded,
//! and is large.

use js_sys::Number;

/// Writes a number, `1.5`.
pub(crate) fn write_number(number: f64) -> String {
    Number::from(number).to_string_with_radix(10).map(String::from).unwrap_or_default()
}

/// Reads a number; nothing if it is none.
pub(crate) fn read_number(text: &str) -> Option<f64> {
    Some(Number::parse_float(text)).filter(|number| number.is_finite())
}
