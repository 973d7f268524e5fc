//! Tables from files, and what is wrong with one told in a language. The tables themselves are
//! [`server::tables`].

use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value as Json, json};
use server::tables::{ColumnNames, RowNote, Rows, Said, TableFinding, TableKind};

use crate::console::Console;
use crate::words::{Words, count, shown};

/// Reads a file as a table with known columns, of which some must be there.
pub(crate) fn read(
    path: &Path,
    known: &[ColumnNames],
    needed: &[&'static str],
) -> anyhow::Result<Result<Rows, TableFinding>> {
    Ok(Rows::read(&bytes(path)?, known, needed))
}

/// Reads a file as a table of a kind.
pub(crate) fn read_kind(
    path: &Path,
    kind: TableKind,
) -> anyhow::Result<Result<Rows, TableFinding>> {
    Ok(kind.read(&bytes(path)?))
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Shows how far it is with a table's rows.
pub(crate) fn how_far(console: Console) -> impl Fn(usize, usize) {
    move |done, all| console.progress(&format!("{done} / {all}"))
}

/// What can be told in a language.
pub(crate) trait InWords {
    /// Tells it.
    fn in_words(&self, words: &Words) -> String;
}

impl InWords for Said {
    fn in_words(&self, words: &Words) -> String {
        let values: Vec<_> =
            self.values().iter().map(|(name, value)| (*name, shown(value))).collect();
        words.say_with(self.code(), &values)
    }
}

impl InWords for RowNote {
    fn in_words(&self, words: &Words) -> String {
        let said = shown(self.said.in_words(words));
        words.say_with("row-note", &[("row", count(self.row)), ("said", said)])
    }
}

impl InWords for TableFinding {
    fn in_words(&self, words: &Words) -> String {
        match self {
            Self::File(error) => error.to_string(),
            Self::Missing(names) => {
                words.say_with("table-missing-columns", &[("columns", shown(names.join(", ")))])
            }
        }
    }
}

/// Tells it to a program.
pub(crate) fn to_json(note: &RowNote, words: &Words) -> Json {
    json!({ "row": note.row, "code": note.said.code(), "message": note.said.in_words(words) })
}
