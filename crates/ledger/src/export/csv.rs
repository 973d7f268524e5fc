//! CSV as RFC 4180 has it.

/// Joins cells to a record with its line end.
pub(crate) fn record(cells: impl Iterator<Item = String>) -> String {
    let mut record = cells.collect::<Vec<_>>().join(",");
    record.push_str("\r\n");
    record
}

/// Writes a text cell: harmless in a spreadsheet, quoted where RFC 4180 asks for it.
pub(crate) fn cell(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if runs { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
