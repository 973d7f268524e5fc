//! Signed notes ([C2SP signed-note]).
//!
//! [C2SP signed-note]: https://c2sp.org/signed-note

use core::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use seal::Signature;

use crate::checkpoint::Checkpoint;
use crate::verifier_key::{VerifierKey, is_name};

/// The longest note that is read, in bytes.
pub const NOTE_BYTES_MAX: usize = 16 * 1024;
/// The most signature lines that a note is read with: the log's, those of 32 witnesses, and as many
/// of others.
pub const SIGNATURES_MAX: usize = 64;

const SIGNATURE_LINE: &str = "\u{2014} ";

/// Why a note was not accepted.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteRejection {
    /// The note is longer than [`NOTE_BYTES_MAX`].
    #[error("the note has {0} bytes")]
    TooLong(usize),
    /// The note has more than [`SIGNATURES_MAX`] signatures.
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    /// The text is not a signed note.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// The note's text is not a checkpoint.
    #[error("not a checkpoint: {0}")]
    NotACheckpoint(&'static str),
    /// No line of the note is by this key.
    #[error("the note has no signature by {0}")]
    NotSigned(String),
    /// A line names the key, but its signature does not match.
    #[error("the note's signature by {0} does not match")]
    BadSignature(String),
    /// The key's log is not the one that the checkpoint is about.
    #[error("the checkpoint is of another log, {0}")]
    OtherOrigin(String),
}

/// Holds a parsed, not yet verified, note.
///
/// The text ends with a newline; then come an empty line and the signature lines. Lines of unknown
/// keys and algorithms are kept. Shown as it was parsed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<SignatureLine>,
}

/// Holds one line of signature, of any algorithm, not verified. Shown with its newline.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignatureLine {
    /// The key's name, as the line says.
    pub(crate) name: String,
    /// The key's hash, as the line says.
    pub(crate) key_hash: [u8; 4],
    /// What the algorithm makes of it.
    pub(crate) bytes: Vec<u8>,
}

impl SignedNote {
    /// Parses a note. Nothing is verified yet.
    ///
    /// # Errors
    /// [`NoteRejection`] for anything that is not a signed note within the limits.
    pub fn parse(note: &str) -> Result<Self, NoteRejection> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteRejection::TooLong(note.len()));
        }
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteRejection::Malformed("control character"));
        }
        let (text, lines) =
            note.rsplit_once("\n\n").ok_or(NoteRejection::Malformed("no empty line"))?;
        let lines = lines
            .strip_suffix('\n')
            .ok_or(NoteRejection::Malformed("the last line does not end"))?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            if signatures.len() == SIGNATURES_MAX {
                return Err(NoteRejection::TooManySignatures);
            }
            signatures.push(SignatureLine::parse_bare(line)?);
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// Gives the text **before** verification.
    #[must_use]
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// Gives the signature lines **before** verification.
    #[must_use]
    pub fn unverified_lines(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature line, unless the note has the same one already.
    ///
    /// # Errors
    /// [`NoteRejection`] if the note would then be beyond its limits.
    pub fn add(&mut self, line: SignatureLine) -> Result<(), NoteRejection> {
        if self.signatures.contains(&line) {
            return Ok(());
        }
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(NoteRejection::TooManySignatures);
        }
        let length = self.to_string().len() + line.to_string().len();
        if length > NOTE_BYTES_MAX {
            return Err(NoteRejection::TooLong(length));
        }
        self.signatures.push(line);
        Ok(())
    }

    /// Finds the lines that name this key. Both must fit: others may share one of the two.
    pub(crate) fn lines_by<'a>(
        &'a self,
        name: &'a str,
        key_hash: [u8; 4],
    ) -> impl Iterator<Item = &'a SignatureLine> {
        self.signatures.iter().filter(move |line| line.name == name && line.key_hash == key_hash)
    }

    /// Gives the checkpoint, if the log with this key signed it. Lines by other keys are ignored;
    /// every line by this key must match.
    ///
    /// # Errors
    /// [`NoteRejection`] if there is no such line, a signature does not match, the text is not a
    /// checkpoint, or the checkpoint's origin is not the key's name.
    pub fn verify(&self, key: &VerifierKey) -> Result<Checkpoint, NoteRejection> {
        let mut signed = false;
        for line in self.lines_by(&key.name, key.key_hash()) {
            let bad = || NoteRejection::BadSignature(key.name.clone());
            let signature = line.bytes.as_slice().try_into().map_err(|_| bad())?;
            key.key.verify(self.text.as_bytes(), &Signature(signature)).map_err(|_| bad())?;
            signed = true;
        }
        if !signed {
            return Err(NoteRejection::NotSigned(key.name.clone()));
        }
        let checkpoint = Checkpoint::parse(&self.text)?;
        if checkpoint.origin == key.name {
            Ok(checkpoint)
        } else {
            Err(NoteRejection::OtherOrigin(checkpoint.origin))
        }
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| write!(f, "{line}"))
    }
}

impl SignatureLine {
    /// Parses one line, with its newline.
    ///
    /// # Errors
    /// [`NoteRejection`] for anything else.
    pub fn parse(line: &str) -> Result<Self, NoteRejection> {
        let bare = line.strip_suffix('\n');
        Self::parse_bare(bare.ok_or(NoteRejection::Malformed("the line does not end"))?)
    }

    /// Gives the key's name **before** verification.
    #[must_use]
    pub fn unverified_name(&self) -> &str {
        &self.name
    }

    fn parse_bare(line: &str) -> Result<Self, NoteRejection> {
        let malformed = NoteRejection::Malformed("not a signature line");
        let parts = line.strip_prefix(SIGNATURE_LINE).and_then(|rest| rest.split_once(' '));
        let Some((name, encoded)) = parts.filter(|(name, _)| is_name(name)) else {
            return Err(malformed);
        };
        let Ok(decoded) = BASE64_STANDARD.decode(encoded) else { return Err(malformed) };
        let Some((key_hash, bytes)) = decoded.split_first_chunk() else { return Err(malformed) };
        if bytes.is_empty() {
            return Err(malformed);
        }
        Ok(Self { name: name.to_owned(), key_hash: *key_hash, bytes: bytes.to_vec() })
    }
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = BASE64_STANDARD.encode([&self.key_hash[..], &self.bytes[..]].concat());
        writeln!(f, "{SIGNATURE_LINE}{} {encoded}", self.name)
    }
}

/// Writes a note's text with one signature line.
pub(crate) fn write_note(text: &str, key: &VerifierKey, signature: &Signature) -> String {
    let (name, bytes) = (key.name.clone(), signature.0.to_vec());
    let line = SignatureLine { name, key_hash: key.key_hash(), bytes };
    format!("{text}\n{line}")
}
