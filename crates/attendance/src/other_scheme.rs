//! Texts of other schemes, known by their form alone, so that a person at the door is told what they
//! hold. What such a text says is for the crate `identity` to read.

/// Decides whether a text has the form of another scheme's identity: an `HC1:` certificate, or a zlib
/// stream in Base45 as MOSIP Claim 169 writes it. It names a person and is no card; nothing of it is
/// read here.
#[must_use]
pub fn looks_like_identity(text: &str) -> bool {
    let text = text.trim();
    if let [b'H', b'C', digit, b':', ..] = text.as_bytes() {
        return digit.is_ascii_digit();
    }
    let alphanumeric = |byte: u8| base45::alphabet::TABLE.contains(&byte);
    ZLIB_BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        && text.len() >= SHORTEST_CHARS
        && text.bytes().all(alphanumeric)
}

/// How Base45 writes the first two bytes of a zlib stream with a window of 32 kB, one for each level
/// of compression ([RFC 1950 §2.2]).
///
/// [RFC 1950 §2.2]: https://www.rfc-editor.org/rfc/rfc1950#section-2.2
const ZLIB_BEGINNINGS: [&str; 4] = ["V7F", "Y9F", "6BF", "NCF"];
/// No envelope with a name in it is shorter.
const SHORTEST_CHARS: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_how_zlib_streams_begin() {
        for (level, beginning) in [0x01, 0x5e, 0x9c, 0xda].into_iter().zip(ZLIB_BEGINNINGS) {
            assert_eq!(base45::encode([0x78, level]), beginning);
            let text = base45::encode([&[0x78, level][..], &[0; 60]].concat());
            assert!(looks_like_identity(&format!(" {text}\r\n")), "{text}");
        }
    }

    #[test]
    fn leaves_everything_else_alone() {
        let stream = base45::encode([&[0x78, 0x9c][..], &[0; 60]].concat());
        assert!(looks_like_identity("HC1:6BFOXN") && looks_like_identity("HC2:"));
        for text in ["", "HC1", "hc1:6BF", "HCX:6BF", "6BF", "6BFOXN", "https://example.kz/"] {
            assert!(!looks_like_identity(text), "{text}");
        }
        for prefix in ["OB1:", "OB9:", "OE1:", "0", "x"] {
            assert!(!looks_like_identity(&format!("{prefix}{stream}")), "{prefix}");
        }
        assert!(!looks_like_identity(&format!("{stream}ж")));
    }
}
