//! The act of a provider: what is to be paid, voucher by voucher, and the sum.

use attendance::ProviderId;

use super::{Cell, ExportedMonth, Table, header};
use crate::accrual::AmountError;
use crate::money::Tiyn;

/// Makes a provider's act: the vouchers that earned something, the corrections of closed months (which
/// name their month), what is brought from before or carried on, and the sum that is due. The sum is
/// added up in tiyn and never rounded again (R5, rule 34).
///
/// # Errors
/// [`AmountError`] if the sum does not fit.
pub fn act(month: ExportedMonth<'_>, provider: ProviderId) -> Result<Table, AmountError> {
    let lines = month.tranche.lines.iter().filter(|line| line.provider == provider);
    let earned: Vec<_> = lines.filter(|line| line.accrued != Tiyn::ZERO).collect();
    let total = Tiyn::checked_sum(earned.iter().map(|line| line.accrued));
    let total = total.ok_or(AmountError::Overflow)?;
    let due = month.tranche.dues.iter().flatten().find(|one| one.provider == provider);
    let total = due.map_or(total, |due| due.due);
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
    let corrections = month.tranche.corrections.iter().flatten();
    for one in corrections.filter(|one| one.provider == provider && one.accrued != Tiyn::ZERO) {
        let contract = month.snapshot.contract(one.voucher);
        let number = contract.map_or("", |contract| contract.number.as_str());
        rows.push(sum(format!("{number} {}", one.month), one.accrued));
    }
    if let Some(due) = due {
        let moved = [("BROUGHT", due.brought), ("CARRIED", minus(due.carried)?)];
        let moved = moved.into_iter().filter(|(_, amount)| *amount != Tiyn::ZERO);
        rows.extend(moved.map(|(name, amount)| sum(name.to_owned(), amount)));
    }
    rows.push(sum("TOTAL".to_owned(), total));
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

/// A row that is a sum alone.
fn sum(name: String, amount: Tiyn) -> Vec<Cell> {
    let mut row = vec![Cell::Text(name)];
    row.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty]);
    row.extend([Cell::Number(amount.0), Cell::Tenge(amount)]);
    row
}

fn minus(amount: Tiyn) -> Result<Tiyn, AmountError> {
    Tiyn::ZERO.checked_sub(amount).ok_or(AmountError::Overflow)
}
