//! Every sentence of the app, in three languages.
//!
//! A key is written once in the code, as a literal in `.t("…")`, `.text("…")`, `.format("…")` or in
//! [`sentence`]; the tests compare those literals with the three catalogues in `locales/`.

mod catalog;
mod locale;
mod sentence;
#[cfg(test)]
mod tests;
mod value;

use ipc::WithdrawnView;
use leptos::{prelude::*, task::spawn_local};

pub(crate) use locale::Locale;
pub(crate) use sentence::{Advice, Meaning, Sentence};
pub(crate) use value::Value;

use crate::{
    invoke::fetch_text,
    money::Tiyn,
    time::{WallTime, parse_day, parse_month},
};

/// Brings the sentences of a language, once. Says whether it can be spoken now.
///
/// They are asked for when this is called.
pub(crate) fn load(locale: Locale) -> impl Future<Output = bool> {
    let path = format!("/locales/{}.ftl", locale.tag());
    let source = (!catalog::has(locale)).then(|| fetch_text(&path));
    async move {
        let Some(source) = source else { return true };
        source.await.is_some_and(|source| catalog::keep(locale, source))
    }
}

/// Speaks the chosen language. Copied into every component; follows a change of language.
#[derive(Clone, Copy)]
pub(crate) struct I18n {
    locale: RwSignal<Locale>,
}

impl I18n {
    /// Makes it known to all components below.
    pub(crate) fn provide() -> Self {
        let i18n = Self { locale: RwSignal::new(Locale::remembered()) };
        provide_context(i18n);
        Effect::new(move |_| i18n.locale.get().announce());
        i18n
    }

    /// Finds what [`I18n::provide`] made known.
    pub(crate) fn expect() -> Self {
        expect_context()
    }

    /// Tells the chosen language.
    pub(crate) fn locale(self) -> Locale {
        self.locale.get()
    }

    /// Changes the language, once its sentences are here, and remembers it.
    pub(crate) fn choose(self, locale: Locale) {
        spawn_local(async move {
            if load(locale).await {
                locale.remember();
                self.locale.set(locale);
            }
        });
    }

    /// Gives a sentence that follows the language, for a view.
    pub(crate) fn t(self, key: &'static str) -> impl Fn() -> String + Copy + Send + Sync + 'static {
        move || self.text(key)
    }

    /// Gives the sentence of a value, such as a refusal code.
    pub(crate) fn say(self, what: impl Sentence) -> String {
        self.text(what.key())
    }

    /// Gives a sentence in the language of this moment.
    pub(crate) fn text(self, key: &'static str) -> String {
        self.format(key, &[])
    }

    /// Gives a sentence with values in it.
    pub(crate) fn format(self, key: &'static str, values: &[(&'static str, Value)]) -> String {
        catalog::format(self.locale.get(), key, values)
    }

    /// Writes a sum.
    pub(crate) fn sum(self, tiyn: i64) -> String {
        Tiyn(tiyn).write(self.locale.get().decimal())
    }

    /// Writes a number of children that comes with six decimals, with two.
    pub(crate) fn children(self, number: &str) -> String {
        let (whole, rest) = number.split_once('.').unwrap_or((number, "00"));
        format!("{whole}{}{}", self.locale.get().decimal(), rest.get(..2).unwrap_or("00"))
    }

    /// Writes a moment, `28 September, 09:05`.
    pub(crate) fn moment(self, ms: i64) -> String {
        let at = WallTime::from_ms(ms);
        let day = self.day_of(at.month, at.day);
        self.format("moment", &[("day", day.into()), ("time", at.clock().into())])
    }

    /// Writes the day of a moment, `28 September`.
    pub(crate) fn day(self, ms: i64) -> String {
        let at = WallTime::from_ms(ms);
        self.day_of(at.month, at.day)
    }

    /// Writes the ISO day `2026-09-28` as `28 September`.
    pub(crate) fn iso_day(self, text: &str) -> String {
        parse_day(text).map_or_else(|| text.to_owned(), |(_, month, day)| self.day_of(month, day))
    }

    /// Writes the ISO month `2026-09` as `September 2026`.
    pub(crate) fn month(self, text: &str) -> String {
        parse_month(text).map_or_else(
            || text.to_owned(),
            |(year, month)| {
                let values = [("month", month.into()), ("year", year.to_string().into())];
                self.format("month-year", &values)
            },
        )
    }

    /// Writes how long ago something was, roughly.
    pub(crate) fn ago(self, then_ms: i64, now_ms: i64) -> String {
        let minutes = now_ms.saturating_sub(then_ms).max(0) / 60_000;
        match minutes {
            0 => self.text("ago-now"),
            1..=59 => self.format("ago-minutes", &[("count", minutes.into())]),
            60..=1_439 => self.format("ago-hours", &[("count", (minutes / 60).into())]),
            _ => self.format("ago-days", &[("count", (minutes / 1_440).into())]),
        }
    }

    /// Writes how long something is, roughly.
    pub(crate) fn span(self, ms: i64) -> String {
        let minutes = (ms.max(0) / 60_000).max(1);
        match minutes {
            ..=59 => self.format("span-minutes", &[("count", minutes.into())]),
            60..=1_439 => self.format("span-hours", &[("count", (minutes / 60).into())]),
            _ => self.format("span-days", &[("count", (minutes / 1_440).into())]),
        }
    }

    /// Writes that a mark was withdrawn.
    pub(crate) fn withdrawn(self, withdrawn: &WithdrawnView) -> String {
        let when = ("when", self.moment(withdrawn.at_ms).into());
        match withdrawn.why {
            Some(why) => self.format("withdrawn-why", &[when, ("why", self.say(why).into())]),
            None => self.format("withdrawn-at", &[when]),
        }
    }

    fn day_of(self, month: u8, day: u8) -> String {
        self.format("day-month", &[("month", month.into()), ("day", day.into())])
    }
}
