//! The act of a provider: what is to be paid, voucher by voucher, and the sum.

use attendance::ProviderId;

use super::{Cell, ExportedMonth, Table, header};
use crate::accrual::AmountError;
use crate::money::Tiyn;

/// Makes a provider's act: the vouchers that earned something, and their sum. The sum is added up in
/// tiyn and never rounded again (R5, rule 34).
///
/// # Errors
/// [`AmountError`] if the sum does not fit.
pub fn act(month: ExportedMonth<'_>, provider: ProviderId) -> Result<Table, AmountError> {
    let lines = month.tranche.lines.iter().filter(|line| line.provider == provider);
    let earned: Vec<_> = lines.filter(|line| line.accrued != Tiyn::ZERO).collect();
    let total = Tiyn::checked_sum(earned.iter().map(|line| line.accrued));
    let total = total.ok_or(AmountError::Overflow)?;
    let mut rows: Vec<Vec<Cell>> = earned
        .into_iter()
        .map(|line| {
            let contract = month.snapshot.contract(line.voucher);
            vec![
                contract.map_or("", |contract| contract.number.as_str()).into(),
                line.planned.into(),
                line.payable.into(),
                line.excused.into(),
                Cell::Tenge(line.cap),
                Cell::Number(line.accrued.0),
                Cell::Tenge(line.accrued),
            ]
        })
        .collect();
    let mut sum = vec![Cell::from("TOTAL")];
    sum.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]);
    sum.extend([Cell::Number(total.0), Cell::Tenge(total)]);
    rows.push(sum);
    let name = month.snapshot.provider(provider).map_or("", |provider| provider.bin.as_str());
    Ok(Table {
        title: format!("Act {} {name}", month.fold.month),
        header: header(&[
            "voucher_number",
            "planned",
            "paid",
            "excused",
            "cap",
            "accrued_tiyn",
            "accrued",
        ]),
        rows,
    })
}
