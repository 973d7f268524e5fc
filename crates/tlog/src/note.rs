//! Signed notes and their verifier keys ([C2SP signed-note]).
//!
//! [C2SP signed-note]: https://c2sp.org/signed-note

use core::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use seal::{KeyRejection, PublicKey, Signature, sha256_of};

use crate::checkpoint::Checkpoint;

/// The longest note that is read, in bytes.
pub const NOTE_BYTES_MAX: usize = 16 * 1024;
/// The most signature lines that a note is read with.
pub const SIGNATURES_MAX: usize = 16;

/// Algorithm byte of plain Ed25519 signatures.
const ALG_ED25519: u8 = 0x01;
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

/// Why a text was not accepted as a verifier key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierKeyRejection {
    /// The text is not `name+hash+base64`.
    #[error("not a verifier key")]
    Malformed,
    /// The key is of an algorithm other than Ed25519.
    #[error("unknown key algorithm {0}")]
    UnknownAlgorithm(u8),
    /// The hash is not that of name and key.
    #[error("the key's hash does not match its name and bytes")]
    HashMismatch,
    /// The bytes are not an acceptable Ed25519 key.
    #[error(transparent)]
    Key(#[from] KeyRejection),
}

/// Names a log and its key. Shown and parsed as `name+hash+base64`.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::VerifierKey;
///
/// let key = SoftwareKey::from_seed(&[1; 32]).public_key();
/// let verifier = VerifierKey { name: "log.example/2026".into(), key };
/// assert_eq!(VerifierKey::parse(&verifier.to_string()), Ok(verifier));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifierKey {
    /// The key's name; for a log, its origin.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

impl VerifierKey {
    /// Parses `name+hash+base64`.
    ///
    /// # Errors
    /// [`VerifierKeyRejection`] if the text is of another form, the hash does not fit, or the key is
    /// not acceptable.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyRejection> {
        use VerifierKeyRejection as Rejection;
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hash), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Rejection::Malformed);
        };
        if !is_name(name) || text.len() > NOTE_BYTES_MAX {
            return Err(Rejection::Malformed);
        }
        let key = BASE64_STANDARD.decode(key).map_err(|_| Rejection::Malformed)?;
        let (algorithm, key) = key.split_first().ok_or(Rejection::Malformed)?;
        if *algorithm != ALG_ED25519 {
            return Err(Rejection::UnknownAlgorithm(*algorithm));
        }
        let parsed = Self { name: name.to_owned(), key: PublicKey::parse(key)? };
        if parsed.hash_text() == hash { Ok(parsed) } else { Err(Rejection::HashMismatch) }
    }

    /// Derives the key's hash: the first 4 bytes of `SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key)`.
    #[must_use]
    pub fn key_hash(&self) -> [u8; 4] {
        let parts = [self.name.as_bytes(), b"\n", &[ALG_ED25519], &self.key.to_bytes()];
        let [a, b, c, d, ..] = sha256_of(&parts).0;
        [a, b, c, d]
    }

    fn hash_text(&self) -> String {
        format!("{:08x}", u32::from_be_bytes(self.key_hash()))
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ALG_ED25519], &self.key.to_bytes()[..]].concat();
        write!(f, "{}+{}+{}", self.name, self.hash_text(), BASE64_STANDARD.encode(key))
    }
}

/// Holds a parsed, not yet verified, note.
///
/// The text ends with a newline; then come an empty line and the signature lines.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedNote {
    text: String,
    signatures: Vec<NoteSignature>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct NoteSignature {
    name: String,
    key_hash: [u8; 4],
    bytes: Vec<u8>,
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
            signatures.push(NoteSignature::parse(line)?);
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// Gives the text **before** verification.
    #[must_use]
    pub fn unverified_text(&self) -> &str {
        &self.text
    }

    /// Gives the checkpoint, if the log with this key signed it. Lines by other keys are ignored;
    /// every line by this key must match.
    ///
    /// # Errors
    /// [`NoteRejection`] if there is no such line, a signature does not match, the text is not a
    /// checkpoint, or the checkpoint's origin is not the key's name.
    pub fn verify(&self, key: &VerifierKey) -> Result<Checkpoint, NoteRejection> {
        let key_hash = key.key_hash();
        let mut signed = false;
        for line in &self.signatures {
            if line.name != key.name || line.key_hash != key_hash {
                continue;
            }
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

impl NoteSignature {
    fn parse(line: &str) -> Result<Self, NoteRejection> {
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

/// Writes a note's text with one signature line.
pub(crate) fn write_note(text: &str, key: &VerifierKey, signature: &Signature) -> String {
    let bytes = [&key.key_hash()[..], &signature.0[..]].concat();
    let encoded = BASE64_STANDARD.encode(bytes);
    format!("{text}\n{SIGNATURE_LINE}{} {encoded}\n", key.name)
}

/// Says whether this can be a key's name: not empty, no white space, no plus, no control character.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c == '+' || c < ' ' || c.is_whitespace())
}
