//! Rows that people send in a table: found by the names of their columns, read cell by cell, and what is
//! wrong with one told in its language.

use std::path::Path;

use anyhow::Context as _;
use chrono::NaiveDate;
use ledger::Tiyn;
use paper::{ReadError, TableFile, read_table};
use serde_json::{Value as Json, json};

use crate::console::Console;
use crate::words::{Value, Words, count, shown};

/// What is told about a row: a sentence and its values.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    key: &'static str,
    values: Vec<(&'static str, Value)>,
}

impl Said {
    pub(crate) fn key(key: &'static str) -> Self {
        Self { key, values: Vec::new() }
    }

    /// Adds a value, shown as it is.
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, shown(value)));
        self
    }

    /// The sentence's key: stable, for machines.
    pub(crate) fn code(&self) -> &'static str {
        self.key
    }

    pub(crate) fn in_words(&self, words: &Words) -> String {
        words.say_with(self.key, &self.values)
    }
}

/// Something about a row.
#[derive(Clone, Debug)]
pub(crate) struct RowNote {
    /// The row's number in the file; the header is row 1.
    pub(crate) row: usize,
    /// What.
    pub(crate) said: Said,
}

impl RowNote {
    pub(crate) fn in_words(&self, words: &Words) -> String {
        let said = shown(self.said.in_words(words));
        words.say_with("row-note", &[("row", count(self.row)), ("said", said)])
    }

    pub(crate) fn to_json(&self, words: &Words) -> Json {
        json!({
            "row": self.row,
            "code": self.said.code(),
            "message": self.said.in_words(words),
        })
    }
}

/// A column that a table may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ColumnNames {
    /// Its name, as our own files have it.
    pub(crate) name: &'static str,
    /// What people call it.
    pub(crate) also: &'static [&'static str],
}

/// A table with known columns.
#[derive(Debug)]
pub(crate) struct Rows {
    file: TableFile,
    places: Vec<(&'static str, usize)>,
}

/// Why a table cannot be used at all.
#[derive(Debug)]
pub(crate) enum TableFinding {
    /// It cannot be read.
    File(ReadError),
    /// Columns that must be there are not.
    Missing(Vec<&'static str>),
}

impl TableFinding {
    pub(crate) fn in_words(&self, words: &Words) -> String {
        match self {
            Self::File(error) => error.to_string(),
            Self::Missing(names) => {
                words.say_with("table-missing-columns", &[("columns", shown(names.join(", ")))])
            }
        }
    }
}

impl Rows {
    /// Reads a file; the columns of `needed` must be there.
    pub(crate) fn read(
        path: &Path,
        known: &[ColumnNames],
        needed: &[&'static str],
    ) -> anyhow::Result<Result<Self, TableFinding>> {
        let bytes = std::fs::read(path);
        let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
        Ok(match read_table(&bytes) {
            Ok(file) => Self::of(file, known, needed),
            Err(error) => Err(TableFinding::File(error)),
        })
    }

    fn of(
        file: TableFile,
        known: &[ColumnNames],
        needed: &[&'static str],
    ) -> Result<Self, TableFinding> {
        let place = |column: &ColumnNames| {
            let named = |header: &String| {
                let header = header.trim().to_lowercase().replace([' ', '-'], "_");
                header == column.name || column.also.contains(&header.as_str())
            };
            Some((column.name, file.header.iter().position(named)?))
        };
        let places: Vec<_> = known.iter().filter_map(place).collect();
        let there = |name: &&&'static str| !places.iter().any(|(known, _)| *known == **name);
        let missing: Vec<&'static str> = needed.iter().filter(there).copied().collect();
        if missing.is_empty() {
            Ok(Self { file, places })
        } else {
            Err(TableFinding::Missing(missing))
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.file.rows.len()
    }

    /// Goes through the rows, and shows how far it is.
    pub(crate) fn each<'a>(&'a self, console: Console) -> impl Iterator<Item = Row<'a>> {
        let all = self.len();
        self.file.rows.iter().enumerate().map(move |(done, (number, cells))| {
            if done.is_multiple_of(PROGRESS_STEP) {
                console.progress(&format!("{done} / {all}"));
            }
            Row { number: *number, cells, rows: self }
        })
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row<'a> {
    /// Its number in the file.
    pub(crate) number: usize,
    cells: &'a [String],
    rows: &'a Rows,
}

impl<'a> Row<'a> {
    /// Gives a cell; empty if there is no such column.
    pub(crate) fn cell(&self, name: &str) -> &'a str {
        let place = self.rows.places.iter().find(|(known, _)| *known == name);
        place.and_then(|(_, place)| self.cells.get(*place)).map_or("", String::as_str)
    }

    /// Gives a cell that must not be empty.
    pub(crate) fn text(&self, name: &'static str) -> Result<&'a str, Said> {
        match self.cell(name) {
            "" => Err(Said::key("cell-empty").with("column", name)),
            text => Ok(text),
        }
    }

    /// Reads a sum in tenge, above nothing.
    pub(crate) fn tenge(&self, name: &'static str) -> Result<Tiyn, Said> {
        let text = self.text(name)?;
        let sum = Tiyn::parse_tenge(text).filter(|sum| *sum > Tiyn::ZERO);
        sum.ok_or_else(|| Said::key("cell-no-sum").with("column", name).with("value", text))
    }

    /// Reads a day, `2026-09-14` or `14.09.2026`.
    pub(crate) fn day(&self, name: &'static str) -> Result<NaiveDate, Said> {
        let text = self.text(name)?;
        let formats = ["%Y-%m-%d", "%d.%m.%Y"];
        let day = formats.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok());
        day.ok_or_else(|| Said::key("cell-no-day").with("column", name).with("value", text))
    }

    /// Reads anything else.
    pub(crate) fn parse<T: std::str::FromStr>(
        &self,
        name: &'static str,
        otherwise: &'static str,
    ) -> Result<T, Said> {
        let text = self.text(name)?;
        text.parse().map_err(|_| Said::key(otherwise).with("column", name).with("value", text))
    }
}

/// How many rows between two lines of progress.
const PROGRESS_STEP: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[ColumnNames] = &[
        ColumnNames { name: "sum", also: &["сумма", "сомасы"] },
        ColumnNames { name: "day", also: &["дата"] },
    ];

    fn rows(text: &str) -> Result<Rows, TableFinding> {
        Rows::of(read_table(text.as_bytes()).unwrap(), KNOWN, &["sum"])
    }

    #[test]
    fn columns_are_found_by_the_names_that_people_give_them() {
        let quiet = Console { json: true };
        let rows =
            rows("Дата;СУММА\n14.09.2026;18 461,53\n2026-09-14;-1\n;\n31.02.2026;1,234\n").unwrap();
        let read: Vec<_> = rows
            .each(quiet)
            .map(|row| {
                let failed = |said: Said| said.code();
                (row.number, row.day("day").map_err(failed), row.tenge("sum").map_err(failed))
            })
            .collect();
        let day = NaiveDate::from_ymd_opt(2026, 9, 14).unwrap();
        assert_eq!(
            read,
            [
                (2, Ok(day), Ok(Tiyn(1_846_153))),
                (3, Ok(day), Err("cell-no-sum")),
                (5, Err("cell-no-day"), Err("cell-no-sum")),
            ]
        );
    }

    #[test]
    fn a_column_that_must_be_there_is_named() {
        let missing = rows("дата\n14.09.2026\n").unwrap_err();
        let said = missing.in_words(&Words::of(crate::words::Lang::En));
        assert!(said.contains("sum"), "{said}");
    }
}
