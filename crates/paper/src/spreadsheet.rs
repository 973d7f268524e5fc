//! A table as a spreadsheet.

use ledger::export::{Cell, Table};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

/// Writes one sheet with a fixed header. The same table gives the same bytes: no time of making is in it.
pub(super) fn write(table: &Table) -> Result<Vec<u8>, XlsxError> {
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
    let tenge = Format::new().set_num_format("0.00");
    for (row, cells) in (1..).zip(&table.rows) {
        for (column, cell) in (0..).zip(cells) {
            put(sheet, (row, column), cell, &tenge)?;
        }
    }
    sheet.autofit();
    workbook.save_to_buffer()
}

fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    tenge: &Format,
) -> Result<(), XlsxError> {
    match cell {
        // Written as a string, a text is never run as a formula.
        Cell::Text(text) => sheet.write_string(row, column, text)?,
        Cell::Number(number) => sheet.write_number(row, column, as_number(*number))?,
        Cell::Tenge(sum) => {
            sheet.write_number_with_format(row, column, as_number(sum.0) / 100.0, tenge)?
        }
        Cell::Empty => sheet,
    };
    Ok(())
}

/// A spreadsheet has no other numbers. Below 2^53 tiyn, ninety thousand million tenge, they are exact.
#[expect(clippy::cast_precision_loss, reason = "a spreadsheet's numbers are floating-point")]
fn as_number(number: i64) -> f64 {
    number as f64
}

/// A sheet's name has at most 31 characters.
fn name(title: &str) -> String {
    title.chars().take(31).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx};
    use ledger::Tiyn;

    use super::*;

    #[test]
    fn spreadsheet_is_read_back_as_it_was_written_and_twice_the_same() {
        let table = Table {
            title: "Sheet 2026-09 990990000023 of a provider".into(),
            header: vec!["voucher_number".into(), "paid".into(), "accrued".into(), "08".into()],
            rows: vec![vec!["=1+1".into(), 3.into(), Cell::Tenge(Tiyn(1_846_153)), Cell::Empty]],
        };
        let bytes = write(&table).unwrap();
        assert_eq!(write(&table).unwrap(), bytes);
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range("Sheet 2026-09 990990000023 of a").unwrap();
        assert_eq!(sheet.get_value((0, 2)), Some(&Data::String("accrued".into())));
        assert_eq!(sheet.get_value((1, 0)), Some(&Data::String("=1+1".into())));
        assert_eq!(sheet.get_value((1, 1)), Some(&Data::Float(3.0)));
        assert_eq!(sheet.get_value((1, 2)), Some(&Data::Float(18_461.53)));
        assert!(matches!(sheet.get_value((1, 3)), None | Some(Data::Empty)));
    }
}
