//! Tables that people send about a district (CSV or XLSX): rows found by the names of their columns, read cell
//! by cell, and put into a district. What is wrong with a row is the key of a sentence and its values; the
//! sentences are in `locales/rows.*.ftl`.
//!
//! Absent on purpose: whether anything is written (all rows of a table are taken, or none: the caller's
//! [`Taken`] says), children with their names and IINs (`qatysu import children`), payments.

mod groups;
mod vouchers;

use std::collections::HashMap;

use attendance::ChildId;
use ledger::{Day, Group, Iin, IinError, Tiyn};
use paper::{ReadError, TableFile, read_table};

use crate::district::District;

/// A table that changes a district.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TableKind {
    /// Groups, new ones and changed ones.
    Groups,
    /// Timetables of groups that are there.
    Schedules,
    /// Vouchers with their contracts.
    Vouchers,
}

/// Which IIN is which child, for tables of vouchers that name children by it.
pub type ChildNumbers = HashMap<Iin, ChildId>;

/// What the rows of a table came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taken {
    /// Rows that are wrong.
    pub refused: Vec<RowNote>,
    /// Rows that are taken, and that somebody should look at.
    pub flagged: Vec<RowNote>,
    /// How many rows change something.
    pub changed: usize,
}

impl Taken {
    /// Notes that a row is wrong.
    pub fn refuse(&mut self, row: usize, said: Said) {
        self.refused.push(RowNote { row, said });
    }
}

impl TableKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Groups, Self::Schedules, Self::Vouchers];

    /// Names it, in forms and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Groups => "groups",
            Self::Schedules => "schedules",
            Self::Vouchers => "vouchers",
        }
    }

    /// Finds the columns of a table.
    ///
    /// # Errors
    /// [`TableFinding`] if it cannot be read, or a column that must be there is not.
    pub fn read(self, bytes: &[u8]) -> Result<Rows, TableFinding> {
        match self {
            Self::Groups => Rows::read(bytes, groups::COLUMNS, &groups::NEEDED),
            Self::Schedules => Rows::read(bytes, groups::COLUMNS, &groups::NEEDED_OF_SCHEDULES),
            Self::Vouchers => Rows::read(bytes, vouchers::COLUMNS, &vouchers::NEEDED),
        }
    }

    /// Puts the rows into a district. Rows that are wrong change nothing; the others have then changed it:
    /// whoever takes all or none throws the district away. `how_far` is told how many rows are done now and
    /// then, and of how many.
    #[must_use]
    pub fn take(
        self,
        rows: &Rows,
        district: &mut District,
        numbers: &ChildNumbers,
        how_far: &dyn Fn(usize, usize),
    ) -> Taken {
        match self {
            Self::Groups => groups::take(rows, district, how_far),
            Self::Schedules => groups::take_schedules(rows, district, how_far),
            Self::Vouchers => vouchers::take(rows, numbers, district, how_far),
        }
    }
}

/// Gives the sentences about rows in a language (`kk`, `ru`, `en`; any other is English), as a Fluent file.
#[must_use]
pub fn sentences(language: &str) -> &'static str {
    match language {
        "kk" => include_str!("../locales/rows.kk.ftl"),
        "ru" => include_str!("../locales/rows.ru.ftl"),
        _ => include_str!("../locales/rows.en.ftl"),
    }
}

/// What is told about a row: a sentence and its values.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Said {
    key: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Said {
    /// Begins with a sentence's key.
    #[must_use]
    pub fn key(key: &'static str) -> Self {
        Self { key, values: Vec::new() }
    }

    /// Adds a value, shown as it is.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// The sentence's key: stable, for machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.key
    }

    /// The values, by the names that the sentence has for them.
    #[must_use]
    pub fn values(&self) -> &[(&'static str, String)] {
        &self.values
    }
}

/// Something about a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RowNote {
    /// The row's number in the file; the header is row 1.
    pub row: usize,
    /// What.
    pub said: Said,
}

/// A column that a table may have.
#[derive(Clone, Copy, Debug)]
pub struct ColumnNames {
    /// Its name, as our own files have it.
    pub name: &'static str,
    /// What people call it.
    pub also: &'static [&'static str],
}

/// A table with known columns.
#[derive(Debug)]
pub struct Rows {
    file: TableFile,
    places: Vec<(&'static str, usize)>,
}

/// Why a table cannot be used at all.
#[derive(Debug)]
pub enum TableFinding {
    /// It cannot be read.
    File(ReadError),
    /// Columns that must be there are not.
    Missing(Vec<&'static str>),
}

impl Rows {
    /// Reads a table; the columns of `needed` must be there.
    ///
    /// # Errors
    /// [`TableFinding`] if it cannot be read, or one of them is not.
    pub fn read(
        bytes: &[u8],
        known: &[ColumnNames],
        needed: &[&'static str],
    ) -> Result<Self, TableFinding> {
        let file = read_table(bytes).map_err(TableFinding::File)?;
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

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.file.rows.len()
    }

    /// True if there is no row but the header.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.file.rows.is_empty()
    }

    /// Goes through the rows; `how_far` is told now and then how many are done, and of how many.
    pub fn each<'a>(&'a self, how_far: &'a dyn Fn(usize, usize)) -> impl Iterator<Item = Row<'a>> {
        let all = self.len();
        self.file.rows.iter().enumerate().map(move |(done, (number, cells))| {
            if done.is_multiple_of(TOLD_EVERY) {
                how_far(done, all);
            }
            Row { number: *number, cells, rows: self }
        })
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Its number in the file.
    pub number: usize,
    cells: &'a [String],
    rows: &'a Rows,
}

impl<'a> Row<'a> {
    /// Gives a cell; empty if there is no such column.
    #[must_use]
    pub fn cell(&self, name: &str) -> &'a str {
        let place = self.rows.places.iter().find(|(known, _)| *known == name);
        place.and_then(|(_, place)| self.cells.get(*place)).map_or("", String::as_str)
    }

    /// Gives a cell that must not be empty.
    ///
    /// # Errors
    /// What to say about the row.
    pub fn text(&self, name: &'static str) -> Result<&'a str, Said> {
        match self.cell(name) {
            "" => Err(Said::key("cell-empty").with("column", name)),
            text => Ok(text),
        }
    }

    /// Reads a sum in tenge, above nothing.
    ///
    /// # Errors
    /// What to say about the row.
    pub fn tenge(&self, name: &'static str) -> Result<Tiyn, Said> {
        let text = self.text(name)?;
        let sum = Tiyn::parse_tenge(text).filter(|sum| *sum > Tiyn::ZERO);
        sum.ok_or_else(|| Said::key("cell-no-sum").with("column", name).with("value", text))
    }

    /// Reads a day, `2026-09-14` or `14.09.2026`.
    ///
    /// # Errors
    /// What to say about the row.
    pub fn day(&self, name: &'static str) -> Result<Day, Said> {
        let text = self.text(name)?;
        let formats = ["%Y-%m-%d", "%d.%m.%Y"];
        let day = formats.iter().find_map(|form| Day::parse_from_str(text, form).ok());
        day.ok_or_else(|| Said::key("cell-no-day").with("column", name).with("value", text))
    }

    /// Reads anything else; `otherwise` is the sentence about what cannot be read.
    ///
    /// # Errors
    /// What to say about the row.
    pub fn parse<T: std::str::FromStr>(
        &self,
        name: &'static str,
        otherwise: &'static str,
    ) -> Result<T, Said> {
        let text = self.text(name)?;
        text.parse().map_err(|_| Said::key(otherwise).with("column", name).with("value", text))
    }
}

/// Says what is wrong with an IIN, and never the number.
#[must_use]
pub fn iin_in_words(why: IinError) -> Said {
    Said::key(match why {
        IinError::NotDigits => "iin-digits",
        IinError::NoBirthday => "iin-birthday",
        IinError::NeverIssued => "iin-never",
        IinError::CheckDigit | _ => "iin-check",
    })
}

/// Derives an identifier of eight bytes from words that name the thing: the same table again names the same
/// things.
fn derive(kind: &str, words: &[&str]) -> [u8; 8] {
    let mut text = format!("qatysu/import/1/{kind}");
    for word in words {
        text.push('\u{1f}');
        text.push_str(word);
    }
    let seal::Hash(hash) = seal::sha256(text.as_bytes());
    let (id, _) = hash.split_first_chunk().expect("32 bytes have 8 in front");
    *id
}

/// Finds a group by its id, or by its name and perhaps its provider's BIN.
fn find_group<'a>(district: &'a District, name: &str, bin: &str) -> Result<&'a Group, Said> {
    let snapshot = &district.snapshot;
    let of_provider = |group: &&Group| {
        bin.is_empty() || snapshot.provider(group.provider).is_some_and(|one| one.bin == bin)
    };
    let named: Vec<&Group> = snapshot
        .groups
        .iter()
        .filter(|group| group.name == name || group.id.to_string() == name)
        .filter(of_provider)
        .collect();
    match named[..] {
        [group] => Ok(group),
        [] => Err(Said::key("group-unknown").with("group", name)),
        _ => Err(Said::key("group-several").with("group", name)),
    }
}

/// How many rows between two words about how far it is.
const TOLD_EVERY: usize = 500;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const KNOWN: &[ColumnNames] = &[
        ColumnNames { name: "sum", also: &["сумма", "сомасы"] },
        ColumnNames { name: "day", also: &["дата"] },
    ];

    fn rows(text: &str) -> Result<Rows, TableFinding> {
        Rows::read(text.as_bytes(), KNOWN, &["sum"])
    }

    #[test]
    fn columns_are_found_by_the_names_that_people_give_them() {
        let rows =
            rows("Дата;СУММА\n14.09.2026;18 461,53\n2026-09-14;-1\n;\n31.02.2026;1,234\n").unwrap();
        let read: Vec<_> = rows
            .each(&|_, _| {})
            .map(|row| {
                let failed = |said: Said| said.code();
                (row.number, row.day("day").map_err(failed), row.tenge("sum").map_err(failed))
            })
            .collect();
        let day = Day::from_ymd_opt(2026, 9, 14).unwrap();
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
        assert!(
            matches!(&missing, TableFinding::Missing(names) if names == &["sum"]),
            "{missing:?}"
        );
    }

    /// The keys of the sentences, and the values that each has.
    fn keys(language: &str) -> BTreeSet<(String, BTreeSet<String>)> {
        let lines =
            sentences(language).lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines
            .map(|line| {
                let (key, text) = line.split_once(" = ").expect("one line a sentence");
                let values = text.split("{ $").skip(1).filter_map(|rest| rest.split_once(" }"));
                (key.to_owned(), values.map(|(name, _)| name.to_owned()).collect())
            })
            .collect()
    }

    #[test]
    fn every_sentence_is_there_in_three_languages() {
        assert_eq!((keys("kk"), keys("ru")), (keys("en"), keys("en")));
        let known: BTreeSet<String> = keys("en").into_iter().map(|(key, _)| key).collect();
        let sources = [
            include_str!("tables.rs"),
            include_str!("tables/groups.rs"),
            include_str!("tables/vouchers.rs"),
        ];
        let mut asked = BTreeSet::new();
        for source in sources {
            let source: String = source.split_whitespace().collect();
            let keys = source.split("Said::key(\"").skip(1).filter_map(|rest| rest.split_once('"'));
            asked.extend(keys.map(|(key, _)| key.to_owned()));
        }
        let missing: Vec<_> = asked.difference(&known).filter(|key| !key.contains(')')).collect();
        assert!(asked.len() > 15 && missing.is_empty(), "{missing:?}");
    }
}
