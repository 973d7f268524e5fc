//! The Fluent files of the languages that were spoken so far. A sentence is parsed when it is spoken: a page
//! speaks a few of many hundreds, and a slow telephone is to show it soon.
//!
//! What a sentence becomes with its values is decided here, not by `fluent-bundle`: that one brings the plural
//! rules of all languages, and numbers with a fraction, for a telephone to load. Of Fluent the catalogues use
//! values, and a choice by a value; the tests hold all of them against `fluent-bundle`.

use core::fmt::Write as _;
use std::cell::RefCell;

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey},
    parser::parse_runtime,
};

use super::{Locale, Value};

/// Holds the sentences of one language.
pub(crate) struct Catalog {
    locale: Locale,
    /// Each with the lines that it is on, in the order of their keys.
    messages: Vec<(&'static str, &'static str)>,
}

impl Catalog {
    /// Reads a language's file; nothing if it is none.
    pub(crate) fn read(locale: Locale, source: String) -> Option<Self> {
        // A page that speaks a language keeps it for as long as it lives.
        let source: &'static str = source.leak();
        let (mut begins, mut at) = (Vec::new(), 0);
        for line in source.split_inclusive('\n') {
            begins.extend(key(line).map(|key| (at, key)));
            at += line.len();
        }
        let ends = begins.iter().skip(1).map(|(begin, _)| *begin).chain([at]);
        let lines = |((begin, key), end): (&(usize, _), _)| Some((*key, source.get(*begin..end)?));
        let mut messages: Vec<_> = begins.iter().zip(ends).filter_map(lines).collect();
        messages.sort_unstable_by_key(|(key, _)| *key);
        (!messages.is_empty()).then_some(Self { locale, messages })
    }

    /// Reads the language's file of the source tree.
    #[cfg(test)]
    pub(crate) fn open(locale: Locale) -> Self {
        Self::read(locale, source(locale).to_owned()).expect("the catalogues parse")
    }

    /// Gives a sentence with values in it; a key that is missing shows itself.
    pub(crate) fn format(&self, key: &str, values: Values<'_>) -> String {
        let mut text = String::new();
        match self.pattern(key) {
            Some(pattern) => self.write(&pattern, values, &mut text),
            None => text.push_str(key),
        }
        text
    }

    fn pattern(&self, key: &str) -> Option<Pattern<&'static str>> {
        let place = self.messages.binary_search_by_key(&key, |(of, _)| of).ok()?;
        let resource = parse_runtime(self.messages.get(place)?.1).ok()?;
        let value = |entry| if let Entry::Message(message) = entry { message.value } else { None };
        resource.body.into_iter().find_map(value)
    }

    fn write(&self, pattern: &Pattern<&str>, values: Values<'_>, text: &mut String) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => text.push_str(value),
                PatternElement::Placeable { expression: Expression::Inline(inline) } => {
                    write_value(inline, values, text);
                }
                PatternElement::Placeable {
                    expression: Expression::Select { selector, variants },
                } => {
                    let value = name(selector).and_then(|name| find(name, values));
                    let fits = |key| value.is_some_and(|value| self.fits(key, value));
                    let default = || variants.iter().find(|variant| variant.default);
                    let chosen = variants.iter().find(|variant| fits(&variant.key));
                    if let Some(chosen) = chosen.or_else(default) {
                        self.write(&chosen.value, values, text);
                    }
                }
            }
        }
    }

    fn fits(&self, key: &VariantKey<&str>, value: &Value) -> bool {
        match (key, value) {
            (VariantKey::Identifier { name }, Value::Text(text)) => name == text,
            (VariantKey::Identifier { name }, Value::Number(number)) => {
                *name == self.locale.plural(*number)
            }
            (VariantKey::NumberLiteral { value }, Value::Number(number)) => {
                value.parse() == Ok(*number)
            }
            (VariantKey::NumberLiteral { .. }, Value::Text(_)) => false,
        }
    }
}

/// Gives the key of a message that begins on this line.
fn key(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim_end();
    key.starts_with(|first: char| first.is_ascii_alphabetic()).then_some(key)
}

/// The values of a sentence, by their names.
type Values<'a> = &'a [(&'static str, Value)];

fn name<'a>(inline: &InlineExpression<&'a str>) -> Option<&'a str> {
    if let InlineExpression::VariableReference { id } = inline { Some(id.name) } else { None }
}

fn find<'a>(name: &str, values: Values<'a>) -> Option<&'a Value> {
    values.iter().find(|(of, _)| *of == name).map(|(_, value)| value)
}

/// A value that is missing shows its name, as everywhere with Fluent.
fn write_value(inline: &InlineExpression<&str>, values: Values<'_>, text: &mut String) {
    let Some(name) = name(inline) else { return };
    match find(name, values) {
        Some(Value::Text(value)) => text.push_str(value),
        // a text takes all that is written to it
        Some(Value::Number(value)) => drop(write!(text, "{value}")),
        None => drop(write!(text, "{{${name}}}")),
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
pub(super) fn format(locale: Locale, key: &'static str, values: Values<'_>) -> String {
    KEPT.with_borrow(|kept| {
        let of = kept.iter().find(|(of, _)| *of == locale);
        of.map_or_else(|| key.to_owned(), |(_, catalog)| catalog.format(key, values))
    })
}

thread_local! {
    static KEPT: RefCell<Vec<(Locale, Catalog)>> = const { RefCell::new(Vec::new()) };
}
