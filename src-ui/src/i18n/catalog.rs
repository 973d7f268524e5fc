//! The Fluent files of the languages that were spoken so far, each parsed once.

use std::cell::RefCell;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::Locale;

/// Holds the sentences of one language.
pub(crate) struct Catalog {
    bundle: FluentBundle<FluentResource>,
}

impl Catalog {
    /// Reads a language's file; nothing if it is none.
    pub(crate) fn read(locale: Locale, source: String) -> Option<Self> {
        let resource = FluentResource::try_new(source).ok()?;
        let tag: LanguageIdentifier = locale.tag().parse().ok()?;
        let mut bundle = FluentBundle::new(vec![tag]);
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).ok()?;
        Some(Self { bundle })
    }

    /// Reads the language's file of the source tree.
    #[cfg(test)]
    pub(crate) fn open(locale: Locale) -> Self {
        Self::read(locale, source(locale).to_owned()).expect("the catalogues parse")
    }

    /// Gives a sentence with values in it; a key that is missing shows itself.
    pub(crate) fn format(
        &self,
        key: &str,
        values: &[(&'static str, FluentValue<'static>)],
    ) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, value.clone());
        }
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

/// Gives the text of a language's file, for tests: the pages fetch it.
#[cfg(test)]
pub(super) fn source(locale: Locale) -> &'static str {
    match locale {
        Locale::Kk => include_str!("../../locales/kk.ftl"),
        Locale::Ru => include_str!("../../locales/ru.ftl"),
        Locale::En => include_str!("../../locales/en.ftl"),
    }
}

/// Keeps the text of a language's file, if it is one.
pub(super) fn keep(locale: Locale, source: String) -> bool {
    let Some(catalog) = Catalog::read(locale, source) else { return false };
    KEPT.with_borrow_mut(|kept| {
        kept.retain(|(of, _)| *of != locale);
        kept.push((locale, catalog));
    });
    true
}

/// Tells whether a language can be spoken now.
pub(super) fn has(locale: Locale) -> bool {
    KEPT.with_borrow(|kept| kept.iter().any(|(of, _)| *of == locale))
}

/// Gives a sentence in a language; a key shows itself until the language's file is here.
pub(super) fn format(
    locale: Locale,
    key: &'static str,
    values: &[(&'static str, FluentValue<'static>)],
) -> String {
    KEPT.with_borrow(|kept| {
        let of = kept.iter().find(|(of, _)| *of == locale);
        of.map_or_else(|| key.to_owned(), |(_, catalog)| catalog.format(key, values))
    })
}

thread_local! {
    static KEPT: RefCell<Vec<(Locale, Catalog)>> = const { RefCell::new(Vec::new()) };
}
