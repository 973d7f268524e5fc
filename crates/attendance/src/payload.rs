//! The text of a QR code: whose it is, and the bytes in it ([RFC 9285], Base45).
//!
//! All our texts begin with `OB`, a digit and a colon. The digit says what the text is and in which
//! version: cards count up from 1, what a screen shows counts down from 9. A reader that does not
//! know a digit says "unknown version: update", never "foreign".
//!
//! | prefix | what |
//! |---|---|
//! | `OB1:` | a card |
//! | `OB7:` | a phone's answer to a tablet's challenge |
//! | `OB8:` | a tablet's challenge |
//! | `OB9:` | a rotating code of a phone |
//!
//! [RFC 9285]: https://www.rfc-editor.org/rfc/rfc9285

use crate::card::CardRejection;

/// Begins the text of every card of this format.
pub const CARD_PREFIX: &str = "OB1:";
/// Begins the text of a phone's answer to a challenge.
pub const ANSWER_PREFIX: &str = "OB7:";
/// Begins the text of a tablet's challenge.
pub const CHALLENGE_PREFIX: &str = "OB8:";
/// Begins the text of a rotating code.
pub const ROTATING_PREFIX: &str = "OB9:";

/// Holds a scanner's text that has our prefix and is proper Base45. What the bytes mean, and who
/// signed them, is not known yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct QrText {
    text: String,
    bytes: Vec<u8>,
}

impl QrText {
    /// Parses what a scanner read. White space around the text is dropped: hand scanners end with a
    /// line feed, and no Base45 text ends with a space.
    ///
    /// # Errors
    /// [`CardRejection::Foreign`] without our prefix, [`CardRejection::UnknownVersion`] with that
    /// of another version, [`CardRejection::Malformed`] for text that is too long or not Base45.
    pub fn parse(text: &str) -> Result<Self, CardRejection> {
        let (text, bytes) = read(CARD_PREFIX, text).map_err(|unread| match unread {
            Unread::OtherPrefix => without_prefix(text.trim()),
            Unread::Malformed(what) => CardRejection::Malformed(what.to_owned()),
        })?;
        Ok(Self { text: text.to_owned(), bytes })
    }

    /// Writes the text of signed bytes.
    pub(crate) fn write(bytes: &[u8]) -> String {
        write(CARD_PREFIX, bytes)
    }

    /// Gives the text, with its prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Gives the bytes that the text carries.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Why a text gave no bytes.
pub(crate) enum Unread {
    /// It does not begin with the prefix asked for.
    OtherPrefix,
    /// It does, and is too long or not Base45.
    Malformed(&'static str),
}

/// Reads the bytes of a text with this prefix, and gives the text without the space around it.
pub(crate) fn read<'t>(prefix: &str, text: &'t str) -> Result<(&'t str, Vec<u8>), Unread> {
    let text = text.trim();
    let body = text.strip_prefix(prefix).ok_or(Unread::OtherPrefix)?;
    // Counts no further than the limit, however long the text.
    if text.chars().nth(TEXT_MAX_CHARS).is_some() {
        return Err(Unread::Malformed("longer than 2000 characters"));
    }
    let bytes = decode_base45(body).ok_or(Unread::Malformed("not Base45"))?;
    Ok((text, bytes))
}

/// Writes the text of bytes.
pub(crate) fn write(prefix: &str, bytes: &[u8]) -> String {
    format!("{prefix}{}", base45::encode(bytes))
}

/// A text of another version or kind is `OB`, one digit, and a colon.
fn without_prefix(text: &str) -> CardRejection {
    match text.as_bytes() {
        [b'O', b'B', digit, b':', ..] if digit.is_ascii_digit() => CardRejection::UnknownVersion,
        _ => CardRejection::Foreign,
    }
}

/// Decodes Base45 and refuses all but the one encoding. The comparison is needed: the decoder alone
/// takes a final pair above 255 (`::`) and drops its high bits, which RFC 9285 §4 forbids.
fn decode_base45(text: &str) -> Option<Vec<u8>> {
    let bytes = base45::decode(text).ok()?;
    (base45::encode(&bytes) == text).then_some(bytes)
}

const TEXT_MAX_CHARS: usize = 2000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_examples_of_rfc_9285() {
        assert_eq!(decode_base45("BB8").as_deref(), Some(&b"AB"[..]));
        assert_eq!(decode_base45("%69 VD92EX0").as_deref(), Some(&b"Hello!!"[..]));
        assert_eq!(decode_base45("UJCLQE7W581").as_deref(), Some(&b"base-45"[..]));
        assert_eq!(decode_base45("QED8WEX0").as_deref(), Some(&b"ietf!"[..]));
        assert_eq!(decode_base45(""), Some(Vec::new()));
    }

    #[test]
    fn refuses_malformed_base45() {
        // RFC 9285 §4.3: GGW is 65536; :: is 2024, more than a byte; one character is no group.
        for text in ["GGW", ":::", "::", "V5", "A", "BB8A", "bb8", "B\u{131}8", "AB\n", "ЖЖЖ"] {
            assert_eq!(decode_base45(text), None, "{text}");
        }
        assert_eq!(decode_base45("FGW"), Some(vec![0xff, 0xff]));
        assert_eq!(decode_base45("U5"), Some(vec![0xff]));
    }

    #[test]
    fn tells_foreign_from_unknown_from_malformed() {
        let refused = |text: &str| QrText::parse(text).unwrap_err();
        for text in
            ["", "   ", "https://example.org", "OB:", "OBX:AB", "ob1:BB8", "OB12:BB8", "OB1"]
        {
            assert_eq!(refused(text), CardRejection::Foreign, "{text}");
        }
        for text in ["OB0:BB8", "OB2:", "OB9:!"] {
            assert_eq!(refused(text), CardRejection::UnknownVersion, "{text}");
        }
        for text in ["OB1:!", "OB1:::", "OB1:bb8", "OB1:BB8 BB8 BB8 B"] {
            assert!(matches!(refused(text), CardRejection::Malformed(_)), "{text}");
        }
    }

    #[test]
    fn refuses_text_over_the_limit() {
        let text = |chars: usize| format!("{CARD_PREFIX}{}", "0".repeat(chars - 4));
        assert!(QrText::parse(&text(1999)).is_ok_and(|read| read.as_str().len() == 1999));
        assert!(matches!(QrText::parse(&text(2002)), Err(CardRejection::Malformed(_))));
        assert_eq!(QrText::parse(&"X".repeat(5000)), Err(CardRejection::Foreign));
    }

    #[test]
    fn drops_the_line_feed_of_a_hand_scanner() {
        let read = QrText::parse("OB1:BB8\r\n").unwrap();
        assert_eq!((read.as_str(), read.bytes()), ("OB1:BB8", &b"AB"[..]));
    }
}
