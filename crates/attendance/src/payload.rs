//! The text of a QR code: whose it is, and the bytes in it ([RFC 9285], Base45).
//!
//! [RFC 9285]: https://www.rfc-editor.org/rfc/rfc9285

use crate::card::CardRejection;

/// Begins the text of every card of this format.
pub const CARD_PREFIX: &str = "OB1:";

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
        let text = text.trim();
        let Some(body) = text.strip_prefix(CARD_PREFIX) else {
            return Err(without_prefix(text));
        };
        // Counts no further than the limit, however long the text.
        if text.chars().nth(TEXT_MAX_CHARS).is_some() {
            return Err(malformed("longer than 2000 characters"));
        }
        let bytes = decode_base45(body).ok_or_else(|| malformed("not Base45"))?;
        Ok(Self { text: text.to_owned(), bytes })
    }

    /// Writes the text of signed bytes.
    pub(crate) fn write(bytes: &[u8]) -> String {
        format!("{CARD_PREFIX}{}", base45::encode(bytes))
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

/// A card of another version is `OB`, one digit, and a colon.
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

fn malformed(what: &str) -> CardRejection {
    CardRejection::Malformed(what.to_owned())
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
