//! Entitlements for a programme's register of benefits: one a voucher and month, in the columns of
//! OpenSPP's entitlement import.

use super::{Cell, ExportedMonth, Table, header};

/// Makes the entitlements of a month: what each child's voucher earned.
#[must_use]
pub fn entitlements(month: ExportedMonth<'_>) -> Table {
    let (first, last) = (month.fold.month.first_day(), month.fold.month.last_day());
    let rows = month.tranche.lines.iter().map(|line| {
        let number = month.snapshot.contract(line.voucher).map_or("", |one| one.number.as_str());
        vec![
            Cell::Text(match line.from {
                None => format!("{number}/{}", month.fold.month),
                Some(from) => format!("{number}/{}/{from}", month.fold.month),
            }),
            Cell::Text(line.child.to_string()),
            number.into(),
            Cell::Text(month.fold.month.to_string()),
            Cell::Tenge(line.accrued),
            "KZT".into(),
            Cell::Text(line.from.unwrap_or(first).to_string()),
            Cell::Text(line.to.unwrap_or(last).to_string()),
            "approved".into(),
        ]
    });
    Table {
        title: format!("Entitlements {}", month.fold.month),
        header: header(&[
            "code",
            "partner",
            "program",
            "cycle",
            "initial_amount",
            "currency",
            "valid_from",
            "valid_until",
            "state",
        ]),
        rows: rows.collect(),
    }
}
