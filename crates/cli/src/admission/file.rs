//! A table as a register: the built-in adapter, for whatever a person brings from the state's registers.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use ledger::admission::{Answer, Check, Found, Register};
use ledger::{Bin, BinError};
use seal::Hash;
use server::tables::{ColumnNames, Row, RowNote, Rows, Said};

use crate::console::Console;
use crate::rows::how_far;

pub(super) const COLUMNS: &[ColumnNames] = &[
    ColumnNames { name: "bin", also: &["бин", "бсн"] },
    ColumnNames { name: "check", also: &["проверка", "тексеру"] },
    ColumnNames {
        name: "result", also: &["результат", "нәтиже", "нәтижесі"]
    },
    ColumnNames { name: "day", also: &["дата", "күні", "date"] },
    ColumnNames { name: "document", also: &["документ", "құжат"] },
    ColumnNames {
        name: "source", also: &["источник", "реестр", "дереккөз", "тізілім"]
    },
    ColumnNames {
        name: "valid_to", also: &["действует_до", "срок", "мерзімі"]
    },
    ColumnNames { name: "sha256", also: &["хеш", "хэш"] },
    ColumnNames {
        name: "address", also: &["адрес", "мекенжай", "мекенжайы"]
    },
];
pub(super) const NEEDED: &[&str] = &["bin", "check", "result", "day", "document", "source"];

/// The answers of a table, by organisation and check, in the order of their rows.
#[derive(Debug, Default)]
pub(super) struct FileRegister {
    answers: BTreeMap<(Bin, Check), Vec<Answer>>,
}

impl FileRegister {
    /// Reads the rows; gives those that are wrong beside what the others say.
    pub(super) fn read(rows: &Rows, console: Console) -> (Self, Vec<RowNote>) {
        let (mut register, mut wrong) = (Self::default(), Vec::new());
        let how_far = how_far(console);
        for row in rows.each(&how_far) {
            match answer(row) {
                Ok((bin, check, answer)) => {
                    register.answers.entry((bin, check)).or_default().push(answer);
                }
                Err(said) => wrong.push(RowNote { row: row.number, said }),
            }
        }
        (register, wrong)
    }

    /// Lists the organisations that it knows.
    pub(super) fn bins(&self) -> BTreeSet<Bin> {
        self.answers.keys().map(|(bin, _)| *bin).collect()
    }
}

impl Register for FileRegister {
    type Error = Infallible;

    fn name(&self) -> &'static str {
        "file"
    }

    fn answers(&mut self, bin: Bin, check: Check) -> Result<Vec<Answer>, Infallible> {
        Ok(self.answers.get(&(bin, check)).cloned().unwrap_or_default())
    }
}

fn answer(row: Row<'_>) -> Result<(Bin, Check, Answer), Said> {
    let bin = row.text("bin")?.parse().map_err(|error| {
        let wrong_digit = error == BinError::CheckDigit;
        if wrong_digit { Said::key("bin-check") } else { Said::key("bin-digits") }
    })?;
    let check: Check = row.parse("check", "check-unknown")?;
    let text = row.text("result")?;
    let unfit = || Said::key("check-result").with("check", check).with("value", text);
    let found = check.read(text).ok_or_else(unfit)?;
    let day = row.day("day")?;
    let valid_to = some(row.cell("valid_to")).map(|_| row.day("valid_to")).transpose()?;
    if valid_to.is_some_and(|to| to < day) {
        return Err(Said::key("check-ends-early"));
    }
    let sha256 = some(row.cell("sha256")).map(|text| {
        let hash = Hash::from_hex(text).map(|hash| hash.to_string());
        hash.ok_or_else(|| Said::key("check-no-hash"))
    });
    let address = some(row.cell("address")).map(str::to_owned);
    if check == Check::Notification && found == Found::Yes && address.is_none() {
        return Err(Said::key("check-no-address"));
    }
    let (document, source) = (row.text("document")?.to_owned(), row.text("source")?.to_owned());
    Ok((
        bin,
        check,
        Answer { found, day, valid_to, document, sha256: sha256.transpose()?, source, address },
    ))
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
