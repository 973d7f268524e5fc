//! The Treasury's registry as a table: the lines of its CSV, for a spreadsheet.

use super::{Cell, Table, header};
use crate::money::Tiyn;
use crate::registry::Registry;

/// Makes the registry's table: a row a line, their sum, and what the registry rests on. Sums and hashes
/// are those of [`Registry::to_csv`] and [`Registry::to_json`].
#[must_use]
pub fn registry(registry: &Registry) -> Table {
    let month = registry.month.to_string();
    let sums =
        |planned, accrued, held, released| [planned, accrued, held, released].map(Cell::Tenge);
    let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(registry.lines.len().saturating_add(4));
    for line in &registry.lines {
        let texts = [&line.provider_bin, &line.provider_name, &line.voucher_number, &month];
        let mut row: Vec<Cell> = texts.map(|text| Cell::Text(text.clone())).into();
        row.extend(sums(line.planned_tiyn, line.accrued_tiyn, line.held_tiyn, line.released_tiyn));
        row.push(tiyn(line.accrued_tiyn));
        rows.push(row);
    }
    let totals = &registry.totals;
    let mut total: Vec<Cell> = vec!["TOTAL".into(), Cell::Empty, Cell::Empty, Cell::Text(month)];
    total.extend(sums(totals.plan, totals.accrued, totals.held, totals.released));
    total.push(tiyn(totals.accrued));
    rows.push(total);
    for (name, value) in [
        ("lines_sha256", registry.lines_hash().to_string()),
        ("tranche_sha256", registry.tranche.to_string()),
        ("tranche_leaf", registry.tranche_leaf.to_string()),
    ] {
        rows.push(vec![name.into(), Cell::Text(value)]);
    }
    Table {
        title: format!("Registry {}", registry.month),
        header: header(&[
            "provider_bin",
            "provider_name",
            "voucher_number",
            "month",
            "planned",
            "accrued",
            "held",
            "released",
            "accrued_tiyn",
        ]),
        rows,
    }
}

fn tiyn(sum: Tiyn) -> Cell {
    Cell::Number(sum.0)
}
