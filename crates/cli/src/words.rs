//! What is printed on paper and told about rows, in three languages: the Fluent files of `locales/`.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Lang {
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Lang {
    pub(crate) const ALL: [Self; 3] = [Self::Kk, Self::Ru, Self::En];

    /// Gives the language's tag.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Kk => "kk",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The own sentences, and those about rows of tables.
    fn sources(self) -> [&'static str; 2] {
        let own = match self {
            Self::Kk => include_str!("../locales/kk.ftl"),
            Self::Ru => include_str!("../locales/ru.ftl"),
            Self::En => include_str!("../locales/en.ftl"),
        };
        [own, server::tables::sentences(self.tag())]
    }
}

/// The sentences of one language.
pub(crate) struct Words {
    pub(crate) lang: Lang,
    bundle: FluentBundle<FluentResource>,
}

/// A value in a sentence.
pub(crate) type Value = FluentValue<'static>;

impl Words {
    pub(crate) fn of(lang: Lang) -> Self {
        let tag: LanguageIdentifier = lang.tag().parse().expect("the tags are well formed");
        let mut bundle = FluentBundle::new(vec![tag]);
        bundle.set_use_isolating(false);
        for source in lang.sources() {
            let resource = FluentResource::try_new(source.to_owned())
                .expect("the catalogues parse: a test reads all three");
            bundle.add_resource(resource).expect("no key is there twice: a test reads all three");
        }
        Self { lang, bundle }
    }

    /// Gives a sentence.
    pub(crate) fn say(&self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// Gives a sentence with values in it; a key that is missing shows itself.
    pub(crate) fn say_with(&self, key: &str, values: &[(&'static str, Value)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, value.clone());
        }
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// Says whether there is such a sentence.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.bundle.get_message(key).is_some()
    }
}

/// Makes a value of anything that is shown as it is.
pub(crate) fn shown(value: impl ToString) -> Value {
    Value::from(value.to_string())
}

/// Makes a value that sentences count by.
pub(crate) fn count(number: usize) -> Value {
    Value::from(number)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// The keys of a catalogue, each with the names of its values.
    fn keys(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut last = String::new();
        for line in
            lang.sources().into_iter().flat_map(str::lines).filter(|line| !line.starts_with('#'))
        {
            if let Some((key, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                key.clone_into(&mut last);
                keys.entry(last.clone()).or_default();
            }
            for rest in line.split('$').skip(1) {
                let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                keys.entry(last.clone()).or_default().insert(name.unwrap_or_default().to_owned());
            }
        }
        keys
    }

    #[test]
    fn all_three_languages_have_the_same_sentences_with_the_same_values() {
        for lang in Lang::ALL {
            let words = Words::of(lang);
            assert_eq!(keys(lang), keys(Lang::En), "{lang:?}");
            assert!(keys(lang).keys().all(|key| words.has(key)), "{lang:?}");
        }
    }

    #[test]
    fn every_key_that_the_program_asks_for_is_there() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut folders, mut asked) = (vec![root], BTreeSet::new());
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let text: String = text.split_whitespace().collect();
                    for beginning in [".say(\"", ".say_with(\"", "Said::key(\""] {
                        let keys = text.split(beginning).skip(1);
                        asked.extend(
                            keys.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())),
                        );
                    }
                }
            }
        }
        let words = Words::of(Lang::En);
        let missing: Vec<_> = asked.iter().filter(|key| !words.has(key)).collect();
        assert!(asked.len() > 10 && missing.is_empty(), "{missing:?}");
    }
}
