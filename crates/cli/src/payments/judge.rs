//! What is to be thought of each row of a payment file, by the coordinator's board.

use std::collections::HashMap;

use ipc::{BoardView, MonthState, MonthView, ProviderMonthView};
use ledger::{Month, Tiyn};

use crate::console::Console;
use crate::rows::{Row, Rows, Said};

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
    Accepted { month: Month, provider: String, sum: Tiyn, document: String },
    /// The month is paid, by this very document.
    Known(Said),
    /// It is not entered.
    Refused(Said),
}

/// Judges all rows. Nothing is recorded here.
pub(super) fn judge(
    rows: &Rows,
    board: &BoardView,
    month: Option<Month>,
    console: Console,
) -> Vec<Judged> {
    let mut seen: HashMap<(Month, String), usize> = HashMap::new();
    let mut judged = Vec::with_capacity(rows.len());
    for row in rows.each(console) {
        let mut verdict = judge_row(row, board, month).unwrap_or_else(Verdict::Refused);
        if let Verdict::Accepted { month, provider, .. } = &verdict
            && let Some(first) = seen.insert((*month, provider.clone()), row.number)
        {
            seen.insert((*month, provider.clone()), first);
            verdict = Verdict::Refused(Said::key("payment-twice").with("first", first));
        }
        judged.push(Judged { row: row.number, verdict });
    }
    judged
}

fn judge_row(row: Row<'_>, board: &BoardView, month: Option<Month>) -> Result<Verdict, Said> {
    let month = match month.filter(|_| row.cell("month").is_empty()) {
        Some(month) => month,
        None => row.month("month")?,
    };
    let sum = row.tenge("sum")?;
    let document = row.text("document")?;
    let length = document.chars().count();
    if length > DOCUMENT_CHARS_MAX {
        return Err(Said::key("payment-long-document").with("most", DOCUMENT_CHARS_MAX));
    }
    let line = board.months.iter().find(|line| line.month == month.to_string());
    let line =
        line.filter(|line| line.state != MonthState::Open && line.state != MonthState::Closing);
    let line = line.ok_or_else(|| Said::key("payment-not-closed").with("month", month))?;
    let provider = provider(row, line)?;
    if provider.accrued_tiyn == 0 {
        return Err(Said::key("payment-nothing-due").with("month", month));
    }
    let due = Tiyn(provider.accrued_tiyn);
    if due != sum {
        return Err(Said::key("payment-wrong-sum").with("due", due).with("found", sum));
    }
    match &provider.document {
        Some(paid) if paid == document => {
            Ok(Verdict::Known(Said::key("payment-known").with("document", paid)))
        }
        Some(paid) => Err(Said::key("payment-paid-otherwise").with("document", paid)),
        None => {
            let (provider, document) = (provider.provider.clone(), document.to_owned());
            Ok(Verdict::Accepted { month, provider, sum, document })
        }
    }
}

fn provider<'a>(row: Row<'_>, month: &'a MonthView) -> Result<&'a ProviderMonthView, Said> {
    let (bin, id) = (row.cell("provider_bin"), row.cell("provider"));
    if bin.is_empty() && id.is_empty() {
        return Err(Said::key("cell-empty").with("column", "provider_bin"));
    }
    let is = |line: &&ProviderMonthView| match bin {
        "" => line.provider == id,
        bin => line.bin.as_deref() == Some(bin),
    };
    let unknown = || {
        let named = if bin.is_empty() { id } else { bin };
        Said::key("payment-unknown-provider").with("provider", named).with("month", &month.month)
    };
    month.providers.iter().find(is).ok_or_else(unknown)
}

/// What a device takes for a document's number.
const DOCUMENT_CHARS_MAX: usize = 64;

#[cfg(test)]
mod tests;
