//! What is to be thought of each row of a payment file of the Treasury: that it is a notice of exactly the
//! sum due, that it was entered before, or why it is none.
//!
//! Absent on purpose: reading files, and sentences. Whoever asks has a table of texts and words of its own.

use std::collections::BTreeMap;

use attendance::ProviderId;

use crate::calendar::Month;
use crate::money::Tiyn;

/// The most letters of a money document's number.
pub const PAYMENT_DOCUMENT_LETTERS_MAX: usize = 64;

/// The columns: their names, and what people call them.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("month", &["месяц", "ай"]),
    ("provider_bin", &["bin", "бин", "бин_исполнителя", "бсн"]),
    ("provider", &["исполнитель", "орындаушы"]),
    ("sum", &["сумма", "сомасы", "сома", "amount"]),
    ("document", &["документ", "құжат", "номер_документа", "құжат_нөмірі", "document_number"]),
];
const NEEDED: [&str; 2] = ["sum", "document"];

/// What a closed month owes to its providers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MonthDues {
    /// The month.
    pub month: Month,
    /// One a provider.
    pub dues: Vec<ProviderDue>,
}

/// What a closed month owes to a provider.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProviderDue {
    /// The provider.
    pub provider: ProviderId,
    /// Its business identification number, where it is known.
    pub bin: Option<String>,
    /// What is due.
    pub due: Tiyn,
    /// The number of the document that paid it.
    pub document: Option<String>,
}

/// A notice that a row is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PaymentRow {
    /// The month.
    pub month: Month,
    /// The provider.
    pub provider: ProviderId,
    /// Exactly what is due.
    pub sum: Tiyn,
    /// The number of the money document.
    pub document: String,
}

/// What a row is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PaymentVerdict {
    /// A notice to be entered.
    Accepted(PaymentRow),
    /// It was entered before, by this very document.
    Known {
        /// Its number.
        document: String,
    },
    /// None.
    Refused(PaymentRowRefusal),
}

/// Why a row is no notice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PaymentRowRefusal {
    /// A cell is empty that must not be.
    EmptyCell {
        /// Its column.
        column: &'static str,
    },
    /// It is no sum above nothing.
    NoSum {
        /// What stands there.
        value: String,
    },
    /// It is no month.
    NoMonth {
        /// What stands there.
        value: String,
    },
    /// The document's number is longer than [`PAYMENT_DOCUMENT_LETTERS_MAX`].
    LongDocument,
    /// The month is not closed, or there is none such.
    NotClosed {
        /// The month.
        month: Month,
    },
    /// The month owes nothing to anybody of this name.
    UnknownProvider {
        /// How the row names it.
        named: String,
        /// The month.
        month: Month,
    },
    /// Nothing is due to the provider.
    NothingDue {
        /// The month.
        month: Month,
    },
    /// Another sum is due.
    WrongSum {
        /// What is due.
        due: Tiyn,
        /// What the row says.
        found: Tiyn,
    },
    /// Another document paid it.
    PaidOtherwise {
        /// Its number.
        document: String,
    },
    /// An earlier row is the same payment.
    Twice {
        /// That row's number.
        first: usize,
    },
}

/// A row by its number in the file, and what it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JudgedPayment {
    /// The row's number; the header is row 1.
    pub row: usize,
    /// What it is.
    pub verdict: PaymentVerdict,
}

/// Where the columns of a payment file are.
#[derive(Clone, Debug)]
pub struct PaymentColumns(BTreeMap<&'static str, usize>);

impl PaymentColumns {
    /// Finds them in a header.
    ///
    /// # Errors
    /// The names of those that must be there and are not.
    pub fn of(header: &[String]) -> Result<Self, Vec<&'static str>> {
        let place = |(name, also): (&'static str, &[&str])| {
            let named = |header: &String| {
                let header = header.trim().to_lowercase().replace([' ', '-'], "_");
                header == name || also.contains(&header.as_str())
            };
            Some((name, header.iter().position(named)?))
        };
        let places: BTreeMap<_, _> = COLUMNS.into_iter().filter_map(place).collect();
        let missing: Vec<_> =
            NEEDED.into_iter().filter(|name| !places.contains_key(name)).collect();
        if missing.is_empty() { Ok(Self(places)) } else { Err(missing) }
    }

    /// Judges rows, each with its number, by what closed months owe. `month` is that of rows that name none.
    #[must_use]
    pub fn judge(
        &self,
        rows: &[(usize, Vec<String>)],
        closed: &[MonthDues],
        month: Option<Month>,
    ) -> Vec<JudgedPayment> {
        let mut seen: BTreeMap<(Month, ProviderId), usize> = BTreeMap::new();
        let mut judged = Vec::with_capacity(rows.len());
        for (row, cells) in rows {
            let line = Line { columns: self, cells };
            let mut verdict = line.judge(closed, month).unwrap_or_else(PaymentVerdict::Refused);
            if let PaymentVerdict::Accepted(notice) = &verdict {
                let first = *seen.entry((notice.month, notice.provider)).or_insert(*row);
                if first != *row {
                    verdict = PaymentVerdict::Refused(PaymentRowRefusal::Twice { first });
                }
            }
            judged.push(JudgedPayment { row: *row, verdict });
        }
        judged
    }
}

/// A row's cells under their columns.
struct Line<'a> {
    columns: &'a PaymentColumns,
    cells: &'a [String],
}

impl<'a> Line<'a> {
    fn cell(&self, name: &str) -> &'a str {
        let place = self.columns.0.get(name);
        place.and_then(|place| self.cells.get(*place)).map_or("", |cell| cell.trim())
    }

    fn text(&self, column: &'static str) -> Result<&'a str, PaymentRowRefusal> {
        let text = self.cell(column);
        if text.is_empty() { Err(PaymentRowRefusal::EmptyCell { column }) } else { Ok(text) }
    }

    fn judge(
        &self,
        closed: &[MonthDues],
        month: Option<Month>,
    ) -> Result<PaymentVerdict, PaymentRowRefusal> {
        let month = match month.filter(|_| self.cell("month").is_empty()) {
            Some(month) => month,
            None => {
                let value = self.text("month")?;
                let no_month = || PaymentRowRefusal::NoMonth { value: value.to_owned() };
                value.parse().map_err(|_| no_month())?
            }
        };
        let sum = self.text("sum")?;
        let no_sum = || PaymentRowRefusal::NoSum { value: sum.to_owned() };
        let sum = Tiyn::parse_tenge(sum).filter(|sum| *sum > Tiyn::ZERO).ok_or_else(no_sum)?;
        let document = self.text("document")?;
        if document.chars().count() > PAYMENT_DOCUMENT_LETTERS_MAX {
            return Err(PaymentRowRefusal::LongDocument);
        }
        let closed = closed.iter().find(|one| one.month == month);
        let closed = closed.ok_or(PaymentRowRefusal::NotClosed { month })?;
        let one = self.provider(closed)?;
        if one.due == Tiyn::ZERO {
            return Err(PaymentRowRefusal::NothingDue { month });
        }
        if one.due != sum {
            return Err(PaymentRowRefusal::WrongSum { due: one.due, found: sum });
        }
        let document = document.to_owned();
        Ok(match &one.document {
            Some(paid) if *paid == document => PaymentVerdict::Known { document },
            Some(paid) => {
                let document = paid.clone();
                PaymentVerdict::Refused(PaymentRowRefusal::PaidOtherwise { document })
            }
            None => {
                let provider = one.provider;
                PaymentVerdict::Accepted(PaymentRow { month, provider, sum, document })
            }
        })
    }

    fn provider<'m>(&self, closed: &'m MonthDues) -> Result<&'m ProviderDue, PaymentRowRefusal> {
        let (bin, id) = (self.cell("provider_bin"), self.cell("provider"));
        if bin.is_empty() && id.is_empty() {
            return Err(PaymentRowRefusal::EmptyCell { column: "provider_bin" });
        }
        let is = |one: &&ProviderDue| match bin {
            "" => one.provider.to_string() == id,
            bin => one.bin.as_deref() == Some(bin),
        };
        closed.dues.iter().find(is).ok_or_else(|| {
            let named = if bin.is_empty() { id } else { bin }.to_owned();
            PaymentRowRefusal::UnknownProvider { named, month: closed.month }
        })
    }
}
