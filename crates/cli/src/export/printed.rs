//! A sheet and an act as paper: the tables of the ledger in words of a language, with the symbol that
//! `qatysu verify-paper` reads.

use std::collections::BTreeMap;

use ledger::export::{Cell, PaperKind, PaperMark, ShownMark, Table};
use ledger::signing::{PaperSignature, Side};
use ledger::{Provider, Snapshot};
use paper::{Align, Block, Column, Document, Stamp};

use crate::words::{Words, shown};

/// What a paper is made of.
#[derive(Clone, Copy)]
pub(crate) struct Printed<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) provider: &'a Provider,
    pub(crate) table: &'a Table,
    pub(crate) shown: &'a ShownMark,
    pub(crate) rule_version: &'a str,
    pub(crate) signatures: &'a [PaperSignature],
}

/// Lays a paper out.
pub(crate) fn document(printed: Printed<'_>, words: &Words) -> Document {
    let Printed { snapshot, provider, shown: ShownMark { mark, .. }, rule_version, .. } = printed;
    let month = month_in_words(mark, words);
    let heading = match mark.kind {
        PaperKind::Sheet => words.say_with("paper-sheet-title", &[("month", shown(&month))]),
        PaperKind::Act => words.say_with("paper-act-title", &[("month", shown(&month))]),
    };
    let party = |key: &str, name: &str, bin: &str| {
        Block::Text(words.say_with(key, &[("name", shown(name)), ("bin", shown(bin))]))
    };
    let mut blocks = vec![
        Block::Heading(heading.clone()),
        party("paper-issuer", &snapshot.issuer.name, &snapshot.issuer.bin),
        party("paper-provider", &provider.name, &provider.bin),
        Block::Text(words.say_with("paper-rules", &[("rules", shown(rule_version))])),
        Block::Subheading(
            words.say_with("paper-sum", &[("sum", shown(mark.sum)), ("lines", shown(mark.lines))]),
        ),
    ];
    let (table, codes) = match mark.kind {
        PaperKind::Sheet => sheet_table(printed.table, words),
        PaperKind::Act => (act_table(printed.table, words), BTreeMap::new()),
    };
    blocks.push(Block::Table(table));
    if !codes.is_empty() {
        let key = codes.iter().map(|(short, code)| format!("{short} — {}", day_code(code, words)));
        blocks.push(Block::Small(key.collect::<Vec<_>>().join("; ")));
    }
    blocks.push(Block::Small(words.say_with(
        "paper-rests-on",
        &[
            ("tranche", shown(mark.tranche)),
            ("leaf", shown(mark.leaf)),
            ("log", shown(&mark.origin)),
        ],
    )));
    blocks.extend(printed.signatures.iter().map(|one| Block::Small(signed(one, words))));
    let signers = ["paper-sign-provider", "paper-sign-issuer"].map(|key| words.say_with(key, &[]));
    blocks.push(Block::Signatures(signers.into()));
    Document {
        title: heading,
        language: words.lang.tag().to_owned(),
        landscape: mark.kind == PaperKind::Sheet,
        blocks,
        stamp: Some(Stamp { text: printed.shown.to_string(), caption: words.say("paper-verify") }),
        foot: words.say_with("paper-foot", &[("number", shown(short_number(mark)))]),
    }
}

/// Says who signed with which key, when, and where it is in the log.
fn signed(one: &PaperSignature, words: &Words) -> String {
    let key = match one.side {
        Side::Provider => "paper-signed-provider",
        Side::Issuer => "paper-signed-issuer",
    };
    let day = one.on.map_or_else(|| "—".to_owned(), |day| day.to_string());
    words.say_with(
        key,
        &[("key", shown(one.key_id())), ("day", shown(day)), ("leaf", shown(one.leaf))],
    )
}

/// Numbers a paper by the beginning of its tranche's hash.
fn short_number(mark: &PaperMark) -> String {
    let tranche = mark.tranche.to_string();
    let short = tranche.get(..12).unwrap_or_default();
    format!("{}-{}-{short}", mark.month, mark.leaf)
}

fn month_in_words(mark: &PaperMark, words: &Words) -> String {
    let (year, month) = (mark.month.number() / 100, mark.month.number() % 100);
    let name = words.say_with(&format!("month-{month}"), &[]);
    words.say_with("month-of-year", &[("month", shown(name)), ("year", shown(year))])
}

fn act_table(table: &Table, words: &Words) -> paper::Table {
    let names = table.header.iter().map(|name| column_name(name, words));
    let columns: Vec<Column> = std::iter::once(("№".to_owned(), Align::Right))
        .chain(
            names
                .enumerate()
                .map(|(place, name)| (name, if place == 0 { Align::Left } else { Align::Right })),
        )
        .map(|(name, align)| Column { name, align })
        .collect();
    let last = table.rows.len().saturating_sub(1);
    let rows = table.rows.iter().enumerate().map(|(number, row)| {
        let ordinal = if number == last { String::new() } else { (number + 1).to_string() };
        let is_total = |cell: &Cell| matches!(cell, Cell::Text(text) if text == "TOTAL");
        let cells = row
            .iter()
            .map(|cell| if is_total(cell) { words.say("paper-total") } else { in_letters(cell) });
        std::iter::once(ordinal).chain(cells).collect()
    });
    without(paper::Table { columns, rows: rows.collect(), total: true }, table, &["accrued_tiyn"])
}

/// Leaves out columns of the ledger's table that nobody needs on paper.
fn without(mut made: paper::Table, table: &Table, names: &[&str]) -> paper::Table {
    let unwanted: Vec<usize> = table
        .header
        .iter()
        .enumerate()
        .filter(|(_, name)| names.contains(&name.as_str()))
        .map(|(place, _)| place + 1)
        .collect();
    for place in unwanted.into_iter().rev() {
        made.columns.remove(place);
        for row in made.rows.iter_mut().filter(|row| row.len() > place) {
            row.remove(place);
        }
    }
    made
}

/// Gives the sheet with short codes, and what the codes mean.
fn sheet_table(table: &Table, words: &Words) -> (paper::Table, BTreeMap<String, String>) {
    let mut codes = BTreeMap::new();
    let is_day = |name: &str| name.len() == 2 && name.bytes().all(|digit| digit.is_ascii_digit());
    let mut columns = vec![Column { name: "№".to_owned(), align: Align::Right }];
    for (place, name) in table.header.iter().enumerate() {
        columns.push(Column {
            name: if is_day(name) { name.clone() } else { column_name(name, words) },
            align: if is_day(name) {
                Align::Middle
            } else if place < 3 {
                Align::Left
            } else {
                Align::Right
            },
        });
    }
    let mut rows = Vec::with_capacity(table.rows.len());
    for (number, row) in table.rows.iter().enumerate() {
        let mut cells = vec![(number + 1).to_string()];
        for (name, cell) in table.header.iter().zip(row) {
            cells.push(
                if let Cell::Text(text) = cell
                    && is_day(name)
                {
                    short_codes(text, &mut codes, words)
                } else {
                    in_letters(cell)
                },
            );
        }
        rows.push(cells);
    }
    let made = paper::Table { columns, rows, total: false };
    (without(made, table, &["child", "plan", "released"]), codes)
}

/// Writes the codes of a day in letters of the language, and remembers what they stand for.
fn short_codes(text: &str, codes: &mut BTreeMap<String, String>, words: &Words) -> String {
    let short = text.split('+').map(|code| {
        let key = format!("day-short-{}", code.to_lowercase().replace('_', "-"));
        let short = if words.has(&key) { words.say_with(&key, &[]) } else { initials(code) };
        codes.insert(short.clone(), code.to_owned());
        short
    });
    short.collect::<Vec<_>>().join("+")
}

/// A code that this version has no letter for: its words' first letters.
fn initials(code: &str) -> String {
    code.split('_').filter_map(|word| word.chars().next()).collect()
}

fn day_code(code: &str, words: &Words) -> String {
    let key = format!("day-{}", code.to_lowercase().replace('_', "-"));
    if words.has(&key) { words.say_with(&key, &[]) } else { code.to_owned() }
}

fn column_name(name: &str, words: &Words) -> String {
    let key = format!("column-{}", name.replace('_', "-"));
    if words.has(&key) { words.say_with(&key, &[]) } else { name.to_owned() }
}

fn in_letters(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Tenge(sum) => sum.to_string(),
        Cell::Empty => String::new(),
    }
}
