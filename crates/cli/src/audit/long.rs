//! Strings of a bundle that are too long for memory: the snapshot of a country, and its tranche.
//!
//! A reader in front of the JSON puts a short stand-in where a long Base64 string was, and says where in
//! the file that is. Whoever needs the bytes reads them from there.
//!
//! A stand-in begins with bytes that are drawn at random for each run: no file can have one.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Result, Seek as _, SeekFrom};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::read::DecoderReader;

/// Where a long string is in a file: its text, without the quotation marks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    from: u64,
    length: u64,
}

impl Place {
    /// Reads the bytes that the string stands for.
    pub(super) fn open(self, path: &Path) -> Result<impl Read> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(self.from))?;
        let text = BufReader::with_capacity(READ_AT_ONCE, file).take(self.length);
        Ok(DecoderReader::new(text, &STANDARD))
    }

    /// Reads all of them into memory.
    pub(super) fn read(self, path: &Path) -> Result<Vec<u8>> {
        let length = usize::try_from(self.length).unwrap_or_default();
        let mut bytes = Vec::new();
        bytes.reserve_exact(length.div_ceil(4).saturating_mul(3));
        self.open(path)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// What stand-ins begin with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nonce([u8; 16]);

impl Nonce {
    pub(super) fn draw() -> Result<Self> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(std::io::Error::other)?;
        Ok(Self(nonce))
    }

    /// Reads a stand-in, if these bytes are one.
    pub(super) fn place(self, bytes: &[u8]) -> Option<Place> {
        let place = bytes.strip_prefix(&self.0)?;
        let (from, rest) = place.split_first_chunk::<8>()?;
        let (length, []) = rest.split_first_chunk::<8>()? else { return None };
        Some(Place { from: u64::from_be_bytes(*from), length: u64::from_be_bytes(*length) })
    }

    fn stand_in(self, place: Place) -> String {
        let numbers = [place.from.to_be_bytes(), place.length.to_be_bytes()];
        STANDARD.encode([&self.0[..], numbers.as_flattened()].concat())
    }
}

/// JSON with stand-ins for long strings.
pub(super) struct LongStrings<R> {
    inner: R,
    nonce: Nonce,
    /// How many bytes of the inner reader are taken.
    taken: u64,
    state: State,
    /// The string at hand, until it is known whether it is a long one.
    held: Vec<u8>,
    /// What may be read, and how much of it was.
    ready: Vec<u8>,
    given: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Outside,
    /// In a string that begins there; whether its last byte was a backslash.
    Inside {
        from: u64,
        escaped: bool,
    },
    /// In a long one.
    Long {
        from: u64,
    },
}

impl<R: BufRead> LongStrings<R> {
    pub(super) fn new(inner: R, nonce: Nonce) -> Self {
        let (held, ready) = (Vec::new(), Vec::new());
        Self { inner, nonce, taken: 0, state: State::Outside, held, ready, given: 0 }
    }

    /// Takes the next piece of the inner reader. False at its end.
    fn take(&mut self) -> Result<bool> {
        let piece = self.inner.fill_buf()?;
        if piece.is_empty() {
            self.ready.append(&mut self.held);
            return Ok(false);
        }
        let used = match &mut self.state {
            State::Outside => {
                let quote = piece.iter().position(|byte| *byte == b'"');
                let used = quote.map_or(piece.len(), |quote| quote + 1);
                self.ready.extend_from_slice(piece.get(..used).unwrap_or_default());
                if quote.is_some() {
                    self.state = State::Inside { from: self.taken + used as u64, escaped: false };
                }
                used
            }
            State::Inside { from, escaped } => {
                let end = end_of_string(piece, escaped);
                let used = end.unwrap_or(piece.len());
                self.held.extend_from_slice(piece.get(..used).unwrap_or_default());
                if end.is_some() {
                    self.ready.append(&mut self.held);
                    self.state = State::Outside;
                } else if self.held.len() > LONG {
                    self.state = State::Long { from: *from };
                    if self.held.contains(&b'\\') {
                        return Err(escaped_character());
                    }
                    self.held.clear();
                }
                used
            }
            State::Long { from } => {
                let mut escaped = false;
                let end = end_of_string(piece, &mut escaped);
                let used = end.unwrap_or(piece.len());
                if piece.get(..used).is_some_and(|own| own.contains(&b'\\')) {
                    return Err(escaped_character());
                }
                if end.is_some() {
                    let (from, quote) = (*from, 1);
                    let length = (self.taken + used as u64).saturating_sub(from + quote);
                    let place = Place { from, length };
                    self.ready.extend_from_slice(self.nonce.stand_in(place).as_bytes());
                    self.ready.push(b'"');
                    self.state = State::Outside;
                }
                used
            }
        };
        self.inner.consume(used);
        self.taken += used as u64;
        Ok(true)
    }
}

/// Finds where a string ends, its quotation mark included.
fn end_of_string(piece: &[u8], escaped: &mut bool) -> Option<usize> {
    for (at, byte) in piece.iter().enumerate() {
        if *escaped {
            *escaped = false;
        } else if *byte == b'\\' {
            *escaped = true;
        } else if *byte == b'"' {
            return Some(at + 1);
        }
    }
    None
}

/// Base64 needs none.
fn escaped_character() -> std::io::Error {
    let why = "a string of more than a megabyte has an escaped character";
    std::io::Error::new(std::io::ErrorKind::InvalidData, why)
}

impl<R: BufRead> Read for LongStrings<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        while self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            if !self.take()? && self.ready.is_empty() {
                return Ok(0);
            }
        }
        let rest = self.ready.get(self.given..).unwrap_or_default();
        let (count, rest) = (rest.len().min(into.len()), &mut &*rest);
        rest.read_exact(into.get_mut(..count).unwrap_or_default())?;
        self.given += count;
        Ok(count)
    }
}

/// Longer ones stay in the file: a signed district of some thousand vouchers.
const LONG: usize = 1 << 20;
const READ_AT_ONCE: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, piece: usize) -> (Nonce, Result<String>) {
        let nonce = Nonce([7; 16]);
        let mut out = String::new();
        let inner = BufReader::with_capacity(piece, text.as_bytes());
        let read = LongStrings::new(inner, nonce).read_to_string(&mut out);
        (nonce, read.map(|_| out))
    }

    #[test]
    fn short_strings_stay_as_they_are() {
        let text = r#"{"a":"","b":"A\"B\\","c":["AAAA"],"d":1}"#;
        for piece in 1..40 {
            assert_eq!(read(text, piece).1.unwrap(), text);
        }
        assert_eq!(read(r#"{"a":"no end"#, 3).1.unwrap(), r#"{"a":"no end"#);
    }

    #[test]
    fn a_long_one_is_read_from_where_it_is() {
        let bytes: Vec<u8> = (0..2_000_000u32).map(|at| at.to_le_bytes()[1]).collect();
        let text = format!(r#"{{"a":"x\"","long":"{}","b":"AA=="}}"#, STANDARD.encode(&bytes));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file.json");
        std::fs::write(&path, &text).unwrap();
        for piece in [1 << 20, 65_537] {
            let (nonce, short) = read(&text, piece);
            let short: serde_json::Value = serde_json::from_str(&short.unwrap()).unwrap();
            assert_eq!((&short["a"], &short["b"]), (&"x\"".into(), &"AA==".into()));
            let stand_in = STANDARD.decode(short["long"].as_str().unwrap()).unwrap();
            let place = nonce.place(&stand_in).unwrap();
            assert_eq!(place.read(&path).unwrap(), bytes);
            let another = Nonce([8; 16]);
            assert_eq!(another.place(&stand_in), None, "it is good for one run");
        }
    }

    #[test]
    fn a_long_one_with_an_escaped_character_is_refused() {
        let long = "A".repeat(3 << 20);
        for text in [format!(r#"["\/{long}"]"#), format!(r#"["{long}\/"]"#)] {
            assert!(read(&text, 1 << 16).1.is_err());
        }
    }
}
