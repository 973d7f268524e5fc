//! Tables that people send: CSV with any of the usual separators, or the first sheet of an XLSX file.
//!
//! Every cell comes as the text that a person sees: `18461.53`, `2026-09-14`, `16:00`.

use std::io::Cursor;

use calamine::{Data, ExcelDateTime, Reader as _, Xlsx};

/// A table that was read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TableFile {
    /// The names of the columns, without spaces around them.
    pub header: Vec<String>,
    /// The rows that are not empty, each with its number in the file: the header is row 1.
    pub rows: Vec<(usize, Vec<String>)>,
}

/// Why a table was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The text is not UTF-8.
    #[error("the file is not UTF-8: save it as \"CSV UTF-8\", or as XLSX")]
    NotUtf8,
    /// A quoted cell does not end.
    #[error("row {row}: a quoted cell does not end")]
    OpenQuote {
        /// Where it began.
        row: usize,
    },
    /// The spreadsheet cannot be read.
    #[error("the spreadsheet cannot be read ({0}): save it again as XLSX")]
    Spreadsheet(String),
    /// There is no header.
    #[error("the file is empty")]
    Empty,
    /// It is larger than anything a district sends.
    #[error("the file has more than {MAX_BYTES} bytes: send it in parts")]
    TooLarge,
}

/// Reads a table: XLSX if the bytes begin like one, CSV otherwise.
///
/// # Errors
/// [`ReadError`] if the file is neither, or has no header.
pub fn read_table(bytes: &[u8]) -> Result<TableFile, ReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(ReadError::TooLarge);
    }
    let rows = if bytes.starts_with(b"PK\x03\x04") { read_xlsx(bytes)? } else { read_csv(bytes)? };
    let mut rows = rows.into_iter().map(|(number, cells)| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
        (number, cells)
    });
    let mut rows = rows.by_ref().filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()));
    let (_, header) = rows.next().ok_or(ReadError::Empty)?;
    Ok(TableFile { header, rows: rows.collect() })
}

type Rows = Vec<(usize, Vec<String>)>;

fn read_xlsx(bytes: &[u8]) -> Result<Rows, ReadError> {
    let broken = |error: calamine::XlsxError| ReadError::Spreadsheet(error.to_string());
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(broken)?;
    let sheet = book.worksheet_range_at(0).ok_or(ReadError::Empty)?.map_err(broken)?;
    let first = sheet.start().map_or(0, |(row, _)| row);
    let first = usize::try_from(first).unwrap_or_default() + 1;
    let rows = sheet.rows().enumerate();
    Ok(rows.map(|(row, cells)| (first + row, cells.iter().map(shown).collect())).collect())
}

fn shown(cell: &Data) -> String {
    match cell {
        Data::Int(number) => number.to_string(),
        // The shortest decimal that gives the same number back: a sum of two decimals comes as it was.
        Data::Float(number) => number.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(yes) => yes.to_string(),
        Data::DateTime(at) => date_or_time(at),
        Data::Error(error) => error.to_string(),
        Data::Empty => String::new(),
    }
}

fn date_or_time(at: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, _, _) = at.to_ymd_hms_milli();
    let (date, time) = (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}"));
    // A time without a date is counted from the beginning of the calendar.
    match (year < 1901, (hour, minute) == (0, 0)) {
        (true, _) => time,
        (false, true) => date,
        (false, false) => format!("{date} {time}"),
    }
}

fn read_csv(bytes: &[u8]) -> Result<Rows, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let separator = separator_of(text);
    let (mut rows, mut cells, mut cell) = (Rows::new(), Vec::new(), String::new());
    let mut letters = text.chars().peekable();
    let (mut number, mut quoted) = (1, false);
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\n' if !quoted => {
                cells.push(plain(std::mem::take(&mut cell)));
                rows.push((number, std::mem::take(&mut cells)));
                number += 1;
            }
            '\r' if !quoted => {}
            other if other == separator && !quoted => cells.push(plain(std::mem::take(&mut cell))),
            other => cell.push(other),
        }
    }
    if quoted {
        return Err(ReadError::OpenQuote { row: number });
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(plain(cell));
        rows.push((number, cells));
    }
    Ok(rows)
}

/// Takes away the apostrophe that our own files put before what a spreadsheet would run.
fn plain(cell: String) -> String {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        Some(_) | None => cell,
    }
}

/// Spreadsheets separate by comma, semicolon or tab, as the language of the computer has it.
fn separator_of(text: &str) -> char {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: &char| header.matches(*separator).count();
    // The last of equals is taken.
    ['\t', ';', ','].into_iter().max_by_key(count).unwrap_or(',')
}

const MAX_BYTES: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cell, Worksheet, write_spreadsheet};

    fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
        read_table(text.as_bytes()).unwrap().rows
    }

    #[test]
    fn csv_of_any_separator_is_read_alike() {
        let expected = [(2, vec!["1".to_owned(), "Әлия, А".to_owned(), "a\"b".to_owned()])];
        assert_eq!(rows("n,name,note\r\n1,\"Әлия, А\",\"a\"\"b\"\r\n"), expected);
        assert_eq!(rows("\u{feff}n;name;note\n1;Әлия, А;\"a\"\"b\""), expected);
        assert_eq!(rows("n\tname\tnote\n 1 \tӘлия, А\t\"a\"\"b\"\n\n"), expected);
    }

    #[test]
    fn rows_keep_their_number_in_the_file_and_empty_ones_are_left_out() {
        let file = read_table(b"a,b\n\n1,\n,\n2,x\n").unwrap();
        assert_eq!(file.header, ["a", "b"]);
        assert_eq!(file.rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [3, 5]);
    }

    #[test]
    fn an_apostrophe_of_our_own_is_taken_away_again() {
        assert_eq!(rows("a\n'=1+1\n'x\n")[0].1, ["=1+1"]);
        assert_eq!(rows("a\n'=1+1\n'x\n")[1].1, ["'x"]);
    }

    #[test]
    fn a_spreadsheet_gives_what_the_csv_gives() {
        let table = Worksheet {
            title: "t".into(),
            header: vec!["number".into(), "sum".into(), "count".into()],
            rows: vec![vec![
                Cell::Text("A-1".into()),
                Cell::Hundredths(1_846_153),
                Cell::Number(12_000_000),
            ]],
        };
        let xlsx = write_spreadsheet(&table).unwrap();
        let csv = b"number,sum,count\nA-1,18461.53,12000000\n";
        assert_eq!(read_table(&xlsx).unwrap(), read_table(csv).unwrap());
    }

    #[test]
    fn what_is_no_table_is_refused_and_never_panics() {
        assert!(matches!(read_table(b""), Err(ReadError::Empty)));
        assert!(matches!(read_table(b"a\n\xff\xfe"), Err(ReadError::NotUtf8)));
        assert!(matches!(read_table(b"a\nb\n\"c"), Err(ReadError::OpenQuote { row: 3 })));
        let xlsx = write_spreadsheet(&Worksheet { title: "t".into(), ..Worksheet::default() });
        let xlsx = xlsx.unwrap();
        for length in (4..xlsx.len()).step_by(37) {
            assert!(read_table(&xlsx[..length]).is_err(), "{length} bytes");
        }
    }
}
