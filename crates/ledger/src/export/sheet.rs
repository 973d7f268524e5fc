//! The month's sheet of a provider: a row for each child, a column for each day.

use attendance::ProviderId;
use chrono::Datelike;

use super::{Cell, ExportedMonth, Table, header};
use crate::sheet::SheetRow;
use crate::tranche::TrancheLine;

/// Makes a provider's sheet. Each day of the month has a column, which holds the code of the child's
/// lesson; two lessons on one day are told apart by a plus sign.
#[must_use]
pub fn sheet(month: ExportedMonth<'_>, provider: ProviderId) -> Table {
    let days: Vec<u32> = month.fold.month.days().map(|day| day.day()).collect();
    let mut columns = header(&["voucher_number", "child", "group"]);
    columns.extend(days.iter().map(|day| format!("{day:02}")));
    columns.extend(header(&[
        "planned", "paid", "excused", "pending", "plan", "accrued", "held", "released",
    ]));
    let rows = month.fold.rows.iter().filter(|row| row.provider == provider);
    let rows = rows.filter_map(|row| Some(record(month, row, line(month, row)?, &days)));
    let name = month.snapshot.provider(provider).map_or("", |provider| provider.bin.as_str());
    Table {
        title: format!("Sheet {} {name}", month.fold.month),
        header: columns,
        rows: rows.collect(),
    }
}

fn line<'a>(month: ExportedMonth<'a>, row: &SheetRow) -> Option<&'a TrancheLine> {
    month.tranche.lines.iter().find(|line| line.is_of(row, month.fold.month))
}

fn record(month: ExportedMonth<'_>, row: &SheetRow, line: &TrancheLine, days: &[u32]) -> Vec<Cell> {
    let number = month.snapshot.contract(row.voucher).map_or("", |one| one.number.as_str());
    let group = month.snapshot.group(row.group).map_or("", |group| group.name.as_str());
    let mut cells = vec![number.into(), Cell::Text(row.child.to_string()), group.into()];
    cells.extend(days.iter().map(|day| day_cell(row, *day)));
    cells.extend([line.planned, line.payable, line.excused, line.pending].map(Cell::from));
    cells.extend([line.plan, line.accrued, line.held, line.released].map(Cell::Tenge));
    cells
}

fn day_cell(row: &SheetRow, day: u32) -> Cell {
    let of_day = row.days.iter().filter(|lesson| lesson.lesson.day.day() == day);
    let codes: Vec<&str> = of_day.map(|lesson| lesson.code.as_str()).collect();
    if codes.is_empty() { Cell::Empty } else { Cell::Text(codes.join("+")) }
}
