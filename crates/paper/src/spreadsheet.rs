//! A table as a spreadsheet.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

/// What is to be written: one sheet under a fixed header.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Worksheet {
    /// The sheet's title; its first 31 characters are the sheet's name.
    pub title: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cell {
    /// Words. They are never run as a formula.
    Text(String),
    /// A count.
    Number(i64),
    /// A number with two decimals, given in hundredths.
    Hundredths(i64),
    /// Nothing.
    Empty,
}

/// Why a spreadsheet could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the spreadsheet: {0}")]
pub struct SpreadsheetError(#[from] XlsxError);

/// Writes one sheet with a fixed header. The same table gives the same bytes: no time of making is in it.
///
/// # Errors
/// [`SpreadsheetError`] if a text or the table is longer than the format allows.
pub fn write_spreadsheet(table: &Worksheet) -> Result<Vec<u8>, SpreadsheetError> {
    let mut workbook = Workbook::new();
    let epoch = ExcelDateTime::from_ymd(2026, 1, 1)?;
    let properties = DocProperties::new().set_title(&table.title).set_creation_datetime(&epoch);
    workbook.set_properties(&properties);
    let sheet = workbook.add_worksheet();
    sheet.set_name(name(&table.title))?;
    let bold = Format::new().set_bold();
    for (column, name) in (0..).zip(&table.header) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    sheet.set_freeze_panes(1, 1)?;
    let decimals = Format::new().set_num_format("0.00");
    for (row, cells) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(cells) {
            put(sheet, (row, column), cell, &decimals)?;
        }
    }
    sheet.autofit();
    Ok(workbook.save_to_buffer()?)
}

fn put(
    sheet: &mut rust_xlsxwriter::Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    decimals: &Format,
) -> Result<(), XlsxError> {
    match cell {
        // Written as a string, a text is never run as a formula.
        Cell::Text(text) => sheet.write_string(row, column, text)?,
        Cell::Number(number) => sheet.write_number(row, column, as_number(*number))?,
        Cell::Hundredths(sum) => {
            sheet.write_number_with_format(row, column, as_number(*sum) / 100.0, decimals)?
        }
        Cell::Empty => sheet,
    };
    Ok(())
}

/// A spreadsheet has no other numbers. Below 2^53 hundredths they are exact to the last of them.
#[expect(clippy::cast_precision_loss, reason = "a spreadsheet's numbers are floating-point")]
fn as_number(number: i64) -> f64 {
    number as f64
}

/// A sheet's name has at most 31 characters, and none of a few signs.
fn name(title: &str) -> String {
    let plain = |c: char| if "[]:*?/\\'".contains(c) { ' ' } else { c };
    title.chars().map(plain).take(31).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx};

    use super::*;

    #[test]
    fn spreadsheet_is_read_back_as_it_was_written_and_twice_the_same() {
        let table = Worksheet {
            title: "Sheet 2026-09 990990000023 of a provider".into(),
            header: ["voucher_number", "paid", "accrued", "08"].map(str::to_owned).into(),
            rows: vec![vec![
                Cell::Text("=1+1".into()),
                Cell::Number(3),
                Cell::Hundredths(1_846_153),
                Cell::Empty,
            ]],
        };
        let bytes = write_spreadsheet(&table).unwrap();
        assert_eq!(write_spreadsheet(&table).unwrap(), bytes);
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range("Sheet 2026-09 990990000023 of a").unwrap();
        assert_eq!(sheet.get_value((0, 2)), Some(&Data::String("accrued".into())));
        assert_eq!(sheet.get_value((1, 0)), Some(&Data::String("=1+1".into())));
        assert_eq!(sheet.get_value((1, 1)), Some(&Data::Float(3.0)));
        assert_eq!(sheet.get_value((1, 2)), Some(&Data::Float(18_461.53)));
        assert!(matches!(sheet.get_value((1, 3)), None | Some(Data::Empty)));
    }
}
