//! Every sentence of the console, in three languages.
//!
//! A key is written once in the code, as a literal in `.t("…")` or `.with("…")`; the tests compare those
//! literals with the catalogues in `locales/`.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use ledger::Tiyn;
use unic_langid::LanguageIdentifier;

use crate::http::verify::words::Language;
use crate::tables::{self, RowNote, TableFinding};

/// Speaks one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub(super) Language);

const SOURCES: [(Language, &str); 3] = [
    (Language::Kk, include_str!("../../../locales/console.kk.ftl")),
    (Language::Ru, include_str!("../../../locales/console.ru.ftl")),
    (Language::En, include_str!("../../../locales/console.en.ftl")),
];

type Catalogue = FluentBundle<FluentResource>;

static CATALOGUES: LazyLock<Vec<(Language, Catalogue)>> = LazyLock::new(|| {
    SOURCES
        .into_iter()
        .filter_map(|(language, source)| Some((language, read(language, source)?)))
        .collect()
});

/// Reads a catalogue, and beside it what is told about rows of tables; nothing if one cannot be parsed or a
/// key is in both, which a test would find.
fn read(language: Language, source: &str) -> Option<Catalogue> {
    let tag: LanguageIdentifier = language.tag().parse().ok()?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    for source in [source, tables::sentences(language.tag())] {
        let resource = FluentResource::try_new(source.to_owned()).ok()?;
        bundle.add_resource(resource).ok()?;
    }
    Some(bundle)
}

impl Words {
    /// Gives a sentence.
    pub(super) fn t(self, key: &'static str) -> String {
        self.with(key, &[])
    }

    /// Gives a sentence with values in it; a key that is missing shows itself.
    pub(super) fn with(self, key: &'static str, values: &[(&'static str, String)]) -> String {
        let catalogue = CATALOGUES.iter().find(|(language, _)| *language == self.0);
        let pattern = catalogue.and_then(|(_, bundle)| bundle.get_message(key)?.value());
        let Some((pattern, (_, bundle))) = pattern.zip(catalogue) else { return key.to_owned() };
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(*name, FluentValue::from(value.as_str()));
        }
        bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    /// Tells what is to be told about a row.
    pub(super) fn row(self, note: &RowNote) -> String {
        let said = self.with(note.said.code(), note.said.values());
        self.with("row-note", &[("row", note.row.to_string()), ("said", said)])
    }

    /// Tells why a table cannot be used.
    pub(super) fn finding(self, finding: &TableFinding) -> String {
        match finding {
            // The reader's own reason, in its one language.
            TableFinding::File(error) => self.with("table-broken", &[("why", error.to_string())]),
            TableFinding::Missing(columns) => {
                self.with("table-missing-columns", &[("columns", columns.join(", "))])
            }
        }
    }

    /// Writes a sum in tenge, in groups of three.
    pub(super) fn sum(self, sum: Tiyn) -> String {
        let comma = match self.0 {
            Language::Kk | Language::Ru => ',',
            Language::En => '.',
        };
        let plain = sum.to_string();
        let (sign, plain) =
            plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("−", rest));
        let (whole, places) = plain.split_once('.').unwrap_or((plain, "00"));
        let mut written = String::from(sign);
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                written.push('\u{a0}');
            }
            written.push(digit);
        }
        written.push(comma);
        written + places
    }

    /// Writes a moment as the country's clocks show it, to the minute.
    pub(super) fn moment(self, at_ms: i64) -> String {
        let Some(day) = ledger::local_day(at_ms) else { return String::new() };
        let begun = ledger::local_ms(day, 0).unwrap_or(at_ms);
        let minute = (at_ms - begun).div_euclid(60_000);
        format!("{day} {:02}:{:02}", minute / 60, minute % 60)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// Keys, and the values that stand in each.
    fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut found = BTreeMap::new();
        for line in source.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, text) = line.split_once(" = ").expect("one line a message");
            let values = text.split("{ $").skip(1).filter_map(|rest| rest.split_once(" }"));
            let values = values.map(|(name, _)| name.to_owned()).collect();
            assert!(found.insert(key.to_owned(), values).is_none(), "{key} is there twice");
        }
        found
    }

    #[test]
    fn languages_have_the_same_keys_and_values() {
        let [kk, ru, en] = SOURCES.map(|(_, source)| messages(source));
        assert_eq!(CATALOGUES.len(), 3, "each parses");
        assert!(en.len() > 100, "{}", en.len());
        assert_eq!(kk, en);
        assert_eq!(ru, en);
    }

    #[test]
    fn every_key_in_the_code_is_in_the_catalogue_and_no_other() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/console");
        let mut used = BTreeSet::new();
        for entry in folder.read_dir().unwrap() {
            let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let source: String = source.split_whitespace().collect();
            for call in [".t(\"", ".with(\""] {
                let keys = source.split(call).skip(1).filter_map(|rest| rest.split_once('"'));
                used.extend(keys.map(|(key, _)| key.to_owned()));
            }
        }
        used.remove("…");
        used.remove("],");
        let known: BTreeSet<String> = messages(SOURCES[2].1).into_keys().collect();
        // These are told about rows.
        for key in ["row-note", "table-missing-columns", "cell-empty", "cell-no-sum"] {
            assert!(used.remove(key) && !known.contains(key), "{key}");
        }
        let missing: Vec<_> =
            used.difference(&known).filter(|key| !key.contains(['[', ']'])).collect();
        let extra: Vec<_> = known.difference(&used).collect();
        assert!(missing.is_empty() && extra.is_empty(), "missing {missing:?}, extra {extra:?}");
    }

    #[test]
    fn sums_are_written_as_people_read_them() {
        let (ru, en) = (Words(Language::Ru), Words(Language::En));
        assert_eq!(ru.sum(Tiyn(123_456_789)), "1\u{a0}234\u{a0}567,89");
        assert_eq!(en.sum(Tiyn(-5)), "−0.05");
        assert_eq!(en.sum(Tiyn(99_900)), "999.00");
        assert_eq!(en.moment(1_790_000_000_000), "2026-09-21 19:13");
    }
}
