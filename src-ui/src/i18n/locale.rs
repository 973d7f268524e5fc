//! The languages, and which one this device speaks.

use leptos::prelude::{document, window};

/// A language of the app.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Locale {
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Locale {
    /// All languages, in the order of the switch.
    pub(crate) const ALL: &'static [Self] = &[Self::Kk, Self::Ru, Self::En];

    /// Gives the language tag.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Kk => "kk",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// Gives the language's own name.
    pub(crate) fn own_name(self) -> &'static str {
        match self {
            Self::Kk => "Қазақша",
            Self::Ru => "Русский",
            Self::En => "English",
        }
    }

    /// Gives the decimal sign of sums.
    pub(crate) fn decimal(self) -> char {
        match self {
            Self::Kk | Self::Ru => ',',
            Self::En => '.',
        }
    }

    /// Gives the plural category of a whole number of things (Unicode CLDR, cardinal).
    pub(super) fn plural(self, number: i64) -> &'static str {
        let number = number.unsigned_abs();
        match self {
            Self::Kk | Self::En if number == 1 => "one",
            Self::Kk | Self::En => "other",
            Self::Ru => match (number % 10, number % 100) {
                (_, 11..=14) => "many",
                (1, _) => "one",
                (2..=4, _) => "few",
                _ => "many",
            },
        }
    }

    /// Finds a language by its tag, `ru` or `ru-KZ`.
    pub(crate) fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next()?;
        Self::ALL.iter().copied().find(|locale| locale.tag().eq_ignore_ascii_case(primary))
    }

    /// Finds the language chosen earlier, else the browser's, else Kazakh.
    pub(crate) fn remembered() -> Self {
        let stored = || storage()?.get_item(STORAGE_KEY).ok()?;
        let chosen = stored().and_then(|tag| Self::parse(&tag));
        let browser = || Self::parse(&window().navigator().language()?);
        chosen.or_else(browser).unwrap_or(Self::Kk)
    }

    /// Remembers the choice on this device.
    pub(crate) fn remember(self) {
        if let Some(storage) = storage() {
            // a full or forbidden storage only costs the memory of the choice
            drop(storage.set_item(STORAGE_KEY, self.tag()));
        }
    }

    /// Tells the page, and so the screen reader, which language it is in.
    pub(crate) fn announce(self) {
        if let Some(root) = document().document_element() {
            drop(root.set_attribute("lang", self.tag()));
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}

const STORAGE_KEY: &str = "qatysu.language";
