//! What is to be thought of each row of a payment file, by the coordinator's board.

use ipc::{BoardView, MonthState, MonthView};
use ledger::{
    JudgedPayment, Month, MonthDues, PAYMENT_DOCUMENT_LETTERS_MAX, PaymentColumns, PaymentRow,
    PaymentRowRefusal, PaymentVerdict, ProviderDue, Tiyn,
};
use paper::TableFile;
use server::tables::Said;

/// A row and what becomes of it.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    /// Its number in the file.
    pub(super) row: usize,
    /// What.
    pub(super) verdict: Verdict,
}

/// What becomes of a row.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// It is a notice of exactly the sum due.
    Accepted(PaymentRow),
    /// The month is paid, by this very document.
    Known(Said),
    /// It is not entered.
    Refused(Said),
}

/// Judges all rows. Nothing is recorded here.
pub(super) fn judge(
    columns: &PaymentColumns,
    file: &TableFile,
    board: &BoardView,
    month: Option<Month>,
) -> Vec<Judged> {
    let closed: Vec<MonthDues> = board.months.iter().filter_map(dues).collect();
    columns.judge(&file.rows, &closed, month).into_iter().map(in_words).collect()
}

/// What a closed month of the board owes.
fn dues(month: &MonthView) -> Option<MonthDues> {
    if matches!(month.state, MonthState::Open | MonthState::Closing) {
        return None;
    }
    let due = |line: &ipc::ProviderMonthView| {
        Some(ProviderDue {
            provider: line.provider.parse().ok()?,
            bin: line.bin.clone(),
            due: Tiyn(line.accrued_tiyn),
            document: line.document.clone(),
        })
    };
    let dues = month.providers.iter().filter_map(due).collect();
    Some(MonthDues { month: month.month.parse().ok()?, dues })
}

fn in_words(JudgedPayment { row, verdict }: JudgedPayment) -> Judged {
    let verdict = match verdict {
        PaymentVerdict::Accepted(notice) => Verdict::Accepted(notice),
        PaymentVerdict::Known { document } => {
            Verdict::Known(Said::key("payment-known").with("document", document))
        }
        PaymentVerdict::Refused(why) => Verdict::Refused(said(why)),
    };
    Judged { row, verdict }
}

fn said(why: PaymentRowRefusal) -> Said {
    use PaymentRowRefusal::{
        EmptyCell, LongDocument, NoMonth, NoSum, NotClosed, NothingDue, PaidOtherwise, Twice,
        UnknownProvider, WrongSum,
    };
    match why {
        EmptyCell { column } => Said::key("cell-empty").with("column", column),
        NoSum { value } => Said::key("cell-no-sum").with("column", "sum").with("value", value),
        NoMonth { value } => {
            Said::key("cell-no-month").with("column", "month").with("value", value)
        }
        LongDocument => {
            Said::key("payment-long-document").with("most", PAYMENT_DOCUMENT_LETTERS_MAX)
        }
        NotClosed { month } => Said::key("payment-not-closed").with("month", month),
        UnknownProvider { named, month } => {
            Said::key("payment-unknown-provider").with("provider", named).with("month", month)
        }
        NothingDue { month } => Said::key("payment-nothing-due").with("month", month),
        WrongSum { due, found } => {
            Said::key("payment-wrong-sum").with("due", due).with("found", found)
        }
        PaidOtherwise { document } => {
            Said::key("payment-paid-otherwise").with("document", document)
        }
        Twice { first } => Said::key("payment-twice").with("first", first),
    }
}

#[cfg(test)]
mod tests;
