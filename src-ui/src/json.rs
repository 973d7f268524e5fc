//! Reads the shell's answers, and writes the commands.
//!
//! The answer is read into a tree by one piece of code for all of them, and a type takes its fields out of the
//! tree in the order in which it declares them. What a type adds to the page is small that way: `serde_json`
//! makes its whole reader anew for each, and a telephone has to load it.
//!
//! Absent on purpose: numbers with a fraction (the shell sends none; they are passed over), and which field of
//! an answer was wrong: both ends ship together.

mod write;

use core::fmt;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, IntoDeserializer,
    SeqAccess, Unexpected, VariantAccess, Visitor, value::U32Deserializer,
};

pub(crate) use write::write;

/// A value of JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number that is not negative.
    Natural(u64),
    /// A whole number below zero.
    Negative(i64),
    /// Any other number.
    Fraction,
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// Names and values, as they came.
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Gives the value of a name; nothing if there is none.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(entries) = self else { return None };
        entries.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Gives the text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// What is wrong with an answer or a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fault(&'static str);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for Fault {}

/// Each says in a word what it is: sentences would be kept for every field of every type.
impl Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self("a value")
    }
    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self("a type")
    }
    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self("a value")
    }
    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self("a length")
    }
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self("a word")
    }
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self("a field")
    }
    fn missing_field(_: &'static str) -> Self {
        Self("a field is missing")
    }
    fn duplicate_field(_: &'static str) -> Self {
        Self("a field is there twice")
    }
}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self("a value")
    }
}

/// Reads a text as a type.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    T::deserialize(&parse(text)?)
}

/// Reads a text as a tree.
pub(crate) fn parse(text: &str) -> Result<Json, Fault> {
    let mut reader = Reader { rest: text, depth: 0 };
    let value = reader.value()?;
    reader.space();
    if reader.rest.is_empty() { Ok(value) } else { Err(Fault("more than one value")) }
}

/// What is still to be read.
struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t']);
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Result<Json, Fault> {
        self.space();
        if self.take("null") {
            Ok(Json::Null)
        } else if self.take("true") {
            Ok(Json::Bool(true))
        } else if self.take("false") {
            Ok(Json::Bool(false))
        } else if self.take("\"") {
            self.text().map(Json::Text)
        } else if self.take("[") {
            let mut list = Vec::new();
            self.entries("]", |reader| {
                list.push(reader.value()?);
                Ok(())
            })?;
            Ok(Json::List(list))
        } else if self.take("{") {
            let mut object = Vec::new();
            self.entries("}", |reader| {
                reader.space();
                if !reader.take("\"") {
                    return Err(Fault("no name"));
                }
                let name = reader.text()?;
                reader.space();
                if !reader.take(":") {
                    return Err(Fault("no colon"));
                }
                object.push((name, reader.value()?));
                Ok(())
            })?;
            Ok(Json::Object(object))
        } else {
            self.number()
        }
    }

    /// Reads what stands between commas, up to the end.
    fn entries(
        &mut self,
        end: &str,
        mut entry: impl FnMut(&mut Self) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Fault("too deep"));
        }
        self.space();
        let mut ended = self.take(end);
        while !ended {
            entry(self)?;
            self.space();
            ended = self.take(end);
            if !ended && !self.take(",") {
                return Err(Fault("no comma"));
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn number(&mut self) -> Result<Json, Fault> {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        if number.is_empty() {
            return Err(Fault("no value"));
        }
        self.rest = rest;
        if let Ok(natural) = number.parse() {
            Ok(Json::Natural(natural))
        } else if let Ok(negative) = number.parse() {
            Ok(Json::Negative(negative))
        } else {
            Ok(Json::Fraction)
        }
    }

    /// Reads a text whose first mark was read.
    fn text(&mut self) -> Result<String, Fault> {
        let mut text = String::new();
        loop {
            let end = self.rest.find(['"', '\\']).ok_or(Fault("no end of a text"))?;
            let (plain, rest) = self.rest.split_at(end);
            text.push_str(plain);
            self.rest = rest;
            if self.take("\"") {
                return Ok(text);
            }
            self.take("\\");
            text.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char, Fault> {
        let mut rest = self.rest.chars();
        let mark = rest.next();
        self.rest = rest.as_str();
        Ok(match mark {
            Some(plain @ ('"' | '\\' | '/')) => plain,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let unit = self.unit()?;
                let low = if (0xd800..0xdc00).contains(&unit) && self.take("\\u") {
                    Some(self.unit()?)
                } else {
                    None
                };
                let units = [unit, low.unwrap_or_default()];
                let units = units.into_iter().take(1 + usize::from(low.is_some()));
                let read = char::decode_utf16(units).next();
                read.and_then(Result::ok).ok_or(Fault("half a character"))?
            }
            _ => return Err(Fault("an escape")),
        })
    }

    fn unit(&mut self) -> Result<u16, Fault> {
        let digits = self.rest.get(..4).ok_or(Fault("an escape"))?;
        let unit = u16::from_str_radix(digits, 16).map_err(|_| Fault("an escape"))?;
        self.rest = self.rest.get(4..).unwrap_or_default();
        Ok(unit)
    }
}

/// Deeper than any answer.
const DEPTH_MAX: usize = 64;

/// The values of a list, or of an object's fields in the order of the type.
struct Values<'de, F> {
    left: core::ops::Range<usize>,
    value: F,
    of: core::marker::PhantomData<&'de Json>,
}

impl<'de, F: Fn(usize) -> &'de Json> Values<'de, F> {
    fn new(count: usize, value: F) -> Self {
        Self { left: 0..count, value, of: core::marker::PhantomData }
    }
}

impl<'de, F: Fn(usize) -> &'de Json> SeqAccess<'de> for Values<'de, F> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        self.left.next().map(|place| seed.deserialize((self.value)(place))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

/// A number as it is: what does not fit is an error of the type that wanted it.
macro_rules! number {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self {
                Json::Natural(number) => visitor.visit_u64(*number),
                Json::Negative(number) => visitor.visit_i64(*number),
                _ => Err(Fault("no whole number")),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Json {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
        Err(Fault("a type that no answer has"))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if let Json::Bool(is) = self { visitor.visit_bool(*is) } else { Err(Fault("no yes or no")) }
    }

    number! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.text().map_or(Err(Fault("no text")), |text| visitor.visit_str(text))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if *self == Json::Null { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if *self == Json::Null { visitor.visit_unit() } else { Err(Fault("not nothing")) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Json::List(list) = self else { return Err(Fault("no list")) };
        visitor.visit_seq(Values::new(list.len(), |place| &list[place]))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    /// A field that is not there is nothing: the shell leaves out what is [`None`].
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if !matches!(self, Json::Object(_)) {
            return Err(Fault("no object"));
        }
        let value = |place| self.get(fields[place]).unwrap_or(&Json::Null);
        visitor.visit_seq(Values::new(fields.len(), value))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(Word(place_of(self, variants)?))
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit_struct newtype_struct tuple_struct map identifier
        ignored_any
    }
}

fn place_of(word: &Json, words: &[&str]) -> Result<u32, Fault> {
    let word = word.text().ok_or(Fault("no word"))?;
    let place = words.iter().position(|known| *known == word).ok_or(Fault("a word"))?;
    u32::try_from(place).map_err(|_| Fault("a word"))
}

/// One of the words of an enumeration, by its place.
struct Word(u32);

impl<'de> EnumAccess<'de> for Word {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let place: U32Deserializer<Fault> = self.0.into_deserializer();
        seed.deserialize(place).map(|word| (word, self))
    }
}

impl<'de> VariantAccess<'de> for Word {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Fault> {
        Err(Fault("a word with a value"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Fault> {
        Err(Fault("a word with values"))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Fault> {
        Err(Fault("a word with fields"))
    }
}

#[cfg(test)]
mod tests {
    use ipc::{ErrorCode, ErrorView, Mark, PlaceAnswer, PlaceAnsweredView, PlaceState, PlaceView};
    use serde::Serialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    struct All {
        signed: i64,
        small: u8,
        big: u64,
        texts: Vec<String>,
        pairs: Vec<(u8, u32)>,
        maybe: Option<Vec<bool>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left_out: Option<ErrorView>,
    }

    fn all() -> All {
        All {
            signed: i64::MIN,
            small: u8::MAX,
            big: u64::MAX,
            texts: ["", "\"\\/\u{8}\u{c}\n\r\t", "Әжесі — 🙂", "\u{0}\u{7f}\u{2028}"]
                .map(str::to_owned)
                .into(),
            pairs: vec![(9, 4_000_000_000), (0, 0)],
            maybe: Some(vec![true, false]),
            left_out: None,
        }
    }

    #[test]
    fn reads_what_the_shell_writes() {
        let written = serde_json::to_string(&all()).unwrap();
        assert_eq!(read::<All>(&written), Ok(all()));
        let spaced = serde_json::to_string_pretty(&all()).unwrap();
        assert_eq!(read::<All>(&spaced), Ok(all()));
        let place = PlaceView {
            voucher: "77".into(),
            number: "2026-0077".into(),
            child: "Үміт".into(),
            state: PlaceState::Booked,
            provider: None,
            group: Some("Judo".into()),
            until: None,
            days_left: 2,
            answered: Some(PlaceAnsweredView { answer: PlaceAnswer::Decline, mark: Mark::Sent }),
            not_taken: true,
            as_of_ms: -1,
        };
        let list = vec![place.clone(), place];
        assert_eq!(read(&serde_json::to_string(&list).unwrap()), Ok(list));
        assert_eq!(read("null"), Ok(()));
        assert_eq!(read("\"a,b\\n\""), Ok("a,b\n".to_owned()));
        let fault = ErrorView { code: ErrorCode::HubAway, message: "no".into() };
        assert_eq!(read(&serde_json::to_string(&fault).unwrap()), Ok(fault));
    }

    #[test]
    fn names_may_come_in_any_order_and_more_of_them() {
        let text = r#"{"more":{"x":[1.5e3,-0.1,{}]},"message":"m","code":"offline","z":null}"#;
        let fault = ErrorView { code: ErrorCode::Offline, message: "m".into() };
        assert_eq!(read(text), Ok(fault));
        assert_eq!(parse("1.5").unwrap(), Json::Fraction);
        assert_eq!(read::<String>(r#""\ud83d\ude42\u00e4""#), Ok("🙂ä".to_owned()));
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        for text in [
            "",
            "nul",
            "{",
            "[1",
            "[1,]",
            "[,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{a:1}",
            "\"",
            "\"\\x\"",
            "\"\\ud83d\"",
            "\"\\ud83dx\"",
            "\"\\u12\"",
            "1 2",
            "nul",
            "--",
            "\"\\u12ä4\"",
        ] {
            let read = parse(text);
            assert!(read.is_err() || read == Ok(Json::Fraction), "{text}: {read:?}");
        }
        for text in ["{}", "[]", "7", r#"{"code":"offline"}"#, r#"{"code":"?","message":""}"#] {
            assert!(read::<ErrorView>(text).is_err(), "{text}");
        }
        assert!(read::<u8>("256").is_err() && read::<u32>("-1").is_err());
        assert!(read::<Vec<u8>>("{}").is_err() && read::<Option<bool>>("0").is_err());
        assert!(parse(&"[".repeat(100_000)).is_err(), "and the stack holds");
    }
}
