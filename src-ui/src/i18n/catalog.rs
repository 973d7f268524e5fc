//! The three Fluent files, parsed once.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::Locale;

/// Holds the sentences of one language.
pub(crate) struct Catalog {
    bundle: FluentBundle<FluentResource>,
}

impl Catalog {
    /// Reads the language's file.
    pub(crate) fn open(locale: Locale) -> Self {
        let resource = FluentResource::try_new(source(locale).to_owned())
            .expect("the catalogues parse: a test reads all three");
        let tag: LanguageIdentifier = locale.tag().parse().expect("the tags are well formed");
        let mut bundle = FluentBundle::new(vec![tag]);
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).expect("no key is there twice: a test reads all three");
        Self { bundle }
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

/// Gives the text of a language's file.
pub(super) fn source(locale: Locale) -> &'static str {
    match locale {
        Locale::Kk => include_str!("../../locales/kk.ftl"),
        Locale::Ru => include_str!("../../locales/ru.ftl"),
        Locale::En => include_str!("../../locales/en.ftl"),
    }
}

/// Calls `read` with the language's catalogue.
pub(super) fn with<T>(locale: Locale, read: impl FnOnce(&Catalog) -> T) -> T {
    match locale {
        Locale::Kk => KK.with(read),
        Locale::Ru => RU.with(read),
        Locale::En => EN.with(read),
    }
}

thread_local! {
    static KK: Catalog = Catalog::open(Locale::Kk);
    static RU: Catalog = Catalog::open(Locale::Ru);
    static EN: Catalog = Catalog::open(Locale::En);
}
