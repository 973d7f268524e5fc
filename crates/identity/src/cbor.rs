//! CBOR ([RFC 8949]) of unknown shape, within limits.
//!
//! [RFC 8949]: https://www.rfc-editor.org/rfc/rfc8949

use std::collections::BTreeMap;

use minicbor::Decoder;
use minicbor::data::Type;

use crate::rejection::{IdentityRejection, malformed};

/// Holds one decoded item, borrowed from its bytes.
#[derive(Clone)]
pub(crate) enum Value<'b> {
    Int(i64),
    Bytes(&'b [u8]),
    Text(&'b str),
    Array(Vec<Self>),
    Map(BTreeMap<Key<'b>, Self>),
    Tag(u64, Box<Self>),
    /// True, nothing, a fraction, a number beyond 64 bits: what nobody here asks for.
    Other,
}

/// A map's key: a number or a text.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Key<'b> {
    Int(i64),
    Text(&'b str),
}

/// Whether arrays and maps may come without their length.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Lengths {
    Definite,
    Any,
}

/// Decodes one item with nothing after it.
pub(crate) fn decode(bytes: &[u8], lengths: Lengths) -> Result<Value<'_>, IdentityRejection> {
    let mut reader = Reader { d: Decoder::new(bytes), lengths };
    let value = reader.value(0)?;
    if reader.d.position() == bytes.len() { Ok(value) } else { Err(malformed("trailing bytes")) }
}

struct Reader<'b> {
    d: Decoder<'b>,
    lengths: Lengths,
}

impl<'b> Reader<'b> {
    fn value(&mut self, depth: usize) -> Result<Value<'b>, IdentityRejection> {
        let kind = self.d.datatype().map_err(malformed)?;
        Ok(match kind {
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => self.int()?,
            Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => self.int()?,
            Type::Bytes => Value::Bytes(self.d.bytes().map_err(malformed)?),
            Type::String => Value::Text(self.d.str().map_err(malformed)?),
            Type::Array | Type::ArrayIndef => Value::Array(self.array(deeper(depth)?)?),
            Type::Map | Type::MapIndef => Value::Map(self.map(deeper(depth)?)?),
            Type::Tag => {
                let tag = self.d.tag().map_err(malformed)?;
                Value::Tag(tag.as_u64(), Box::new(self.value(deeper(depth)?)?))
            }
            Type::Bool | Type::Null | Type::Undefined | Type::Simple => self.other()?,
            Type::F16 | Type::F32 | Type::F64 => self.other()?,
            Type::BytesIndef | Type::StringIndef => return Err(malformed("text in pieces")),
            Type::Break | Type::Unknown(_) => return Err(malformed("not CBOR")),
        })
    }

    fn int(&mut self) -> Result<Value<'b>, IdentityRejection> {
        let int = self.d.int().map_err(malformed)?;
        Ok(i64::try_from(int).map_or(Value::Other, Value::Int))
    }

    fn other(&mut self) -> Result<Value<'b>, IdentityRejection> {
        self.d.skip().map_err(malformed)?;
        Ok(Value::Other)
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Value<'b>>, IdentityRejection> {
        let mut left = self.d.array().map_err(malformed)?;
        let mut items = Vec::new();
        while self.goes_on(&mut left)? {
            items.push(self.value(depth)?);
        }
        Ok(items)
    }

    fn map(&mut self, depth: usize) -> Result<BTreeMap<Key<'b>, Value<'b>>, IdentityRejection> {
        let mut left = self.d.map().map_err(malformed)?;
        let mut entries = BTreeMap::new();
        while self.goes_on(&mut left)? {
            let key = match self.value(depth)? {
                Value::Int(int) => Key::Int(int),
                Value::Text(text) => Key::Text(text),
                Value::Bytes(_)
                | Value::Array(_)
                | Value::Map(_)
                | Value::Tag(..)
                | Value::Other => return Err(malformed("a key is neither a number nor a text")),
            };
            if entries.insert(key, self.value(depth)?).is_some() {
                return Err(malformed("a key comes twice"));
            }
        }
        Ok(entries)
    }

    /// Decides whether an array or a map has another entry. How many it says it has is not believed:
    /// nothing is set aside for them.
    fn goes_on(&mut self, left: &mut Option<u64>) -> Result<bool, IdentityRejection> {
        match left {
            Some(0) => Ok(false),
            Some(more) => {
                *more -= 1;
                Ok(true)
            }
            None if self.lengths == Lengths::Definite => Err(malformed("an indefinite length")),
            None => {
                let ends = self.d.datatype().map_err(malformed)? == Type::Break;
                if ends {
                    self.d.skip().map_err(malformed)?;
                }
                Ok(!ends)
            }
        }
    }
}

fn deeper(depth: usize) -> Result<usize, IdentityRejection> {
    if depth < DEPTH_MAX { Ok(depth + 1) } else { Err(malformed("nested too deeply")) }
}

/// How many arrays, maps and tags may be in one another.
const DEPTH_MAX: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8], lengths: Lengths) -> String {
        decode(bytes, lengths).err().map_or_else(String::new, |rejection| rejection.to_string())
    }

    #[test]
    fn reads_eight_levels_and_no_ninth() {
        for (opening, levels) in [(0x81, 8), (0xc1, 8), (0x9f, 8)] {
            let nested = |levels: usize| {
                let closing = if opening == 0x9f { vec![0xff; levels] } else { Vec::new() };
                [vec![opening; levels], vec![0x00], closing].concat()
            };
            assert!(decode(&nested(levels), Lengths::Any).is_ok(), "{opening:x}");
            assert!(refusal(&nested(levels + 1), Lengths::Any).contains("nested too deeply"));
        }
        assert!(refusal(&[0x81; 8000], Lengths::Any).contains("nested too deeply"));
    }

    #[test]
    fn refuses_a_key_that_comes_twice() {
        for bytes in [
            &[0xa2, 0x01, 0x00, 0x01, 0x00][..],
            // The same number in more bytes than it needs is the same key.
            &[0xa2, 0x01, 0x00, 0x18, 0x01, 0x00],
            &[0xa2, 0x61, b'a', 0x00, 0x61, b'a', 0x01],
            &[0xbf, 0x20, 0x00, 0x20, 0x00, 0xff],
            &[0x81, 0xa2, 0x01, 0x00, 0x01, 0x00],
        ] {
            assert!(refusal(bytes, Lengths::Any).contains("a key comes twice"), "{bytes:x?}");
        }
        assert!(decode(&[0xa2, 0x01, 0x00, 0x61, b'1', 0x00], Lengths::Any).is_ok());
        assert!(refusal(&[0xa1, 0x80, 0x00], Lengths::Any).contains("neither a number nor"));
    }

    #[test]
    fn refuses_what_comes_after_the_end_and_what_ends_early() {
        assert!(refusal(&[0x00, 0x00], Lengths::Any).contains("trailing bytes"));
        assert!(refusal(&[0x9f, 0xff, 0x00], Lengths::Any).contains("trailing bytes"));
        for bytes in [&[][..], &[0x9f], &[0xbf, 0x01], &[0x82, 0x01], &[0xff], &[0xa1, 0xff]] {
            assert!(decode(bytes, Lengths::Any).is_err(), "{bytes:x?}");
        }
        // It says that it has 2^64 − 1 entries.
        let huge = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];
        assert!(decode(&huge, Lengths::Any).is_err());
    }

    #[test]
    fn takes_indefinite_lengths_only_where_asked() {
        for bytes in [&[0x9f, 0x01, 0xff][..], &[0xbf, 0x01, 0x01, 0xff]] {
            assert!(decode(bytes, Lengths::Any).is_ok());
            assert!(refusal(bytes, Lengths::Definite).contains("an indefinite length"));
        }
        for bytes in [&[0x5f, 0x41, 0x00, 0xff][..], &[0x7f, 0x61, b'a', 0xff]] {
            assert!(refusal(bytes, Lengths::Any).contains("text in pieces"));
        }
    }
}
