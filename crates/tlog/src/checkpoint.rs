//! Checkpoints: a log's name, size and root in a signed note ([C2SP tlog-checkpoint]).
//!
//! [C2SP tlog-checkpoint]: https://c2sp.org/tlog-checkpoint

use base64::prelude::{BASE64_STANDARD, Engine};
use seal::{Hash, SignError, Signer};

use crate::note::{NOTE_BYTES_MAX, NoteRejection, write_note};
use crate::tree::SIZE_MAX;
use crate::verifier_key::{VerifierKey, is_name};

/// States the root of a log at one size. As text: origin, size and root on a line each.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::{Checkpoint, SignedNote, VerifierKey, empty_root, sign_note};
///
/// let log_key = SoftwareKey::from_seed(&[1; 32]);
/// let checkpoint = Checkpoint { origin: "log.example/2026".into(), size: 0, root: empty_root() };
/// let note = sign_note(&checkpoint, &log_key)?;
///
/// let verifier = VerifierKey { name: "log.example/2026".into(), key: log_key.public_key() };
/// assert_eq!(SignedNote::parse(&note)?.verify(&verifier)?, checkpoint);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Checkpoint {
    /// Names the log, and is the name of its key.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root hash of the tree of that size.
    pub root: Hash,
}

impl Checkpoint {
    /// Tells whether a log can be named so: not empty, not too long, and without a space, a plus or
    /// a control character.
    #[must_use]
    pub fn is_origin(name: &str) -> bool {
        is_name(name) && name.len() <= ORIGIN_BYTES_MAX
    }

    /// Writes the note's text: what is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, hash_text(self.root))
    }

    /// Parses the text of a note. Extension lines after the third are opaque, and not kept.
    ///
    /// # Errors
    /// [`NoteRejection`] for anything else, and for an origin that cannot be the name of a key.
    pub fn parse(text: &str) -> Result<Self, NoteRejection> {
        if text.len() > NOTE_BYTES_MAX {
            return Err(NoteRejection::TooLong(text.len()));
        }
        let refused = NoteRejection::NotACheckpoint;
        let text = text.strip_suffix('\n').ok_or(refused("the last line does not end"))?;
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|name| is_name(name)).ok_or(refused("origin"))?;
        let size = lines.next().and_then(parse_size).ok_or(refused("size"))?;
        let root = lines.next().and_then(parse_hash).ok_or(refused("root"))?;
        if lines.any(str::is_empty) {
            return Err(refused("empty extension line"));
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

/// Why a checkpoint was not signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignNoteError {
    /// The origin is empty or too long, or has a space, a plus or a control character.
    #[error("the origin cannot name a key")]
    Origin,
    /// The size is larger than [`SIZE_MAX`].
    #[error("a tree of {0} leaves is larger than any log")]
    SizeTooLarge(u64),
    /// The key did not sign.
    #[error(transparent)]
    Key(#[from] SignError),
}

/// Signs a checkpoint as the log it names: the origin is the key's name.
///
/// # Errors
/// [`SignNoteError`] if the origin cannot name a key, the size is out of range, or the key does not
/// sign.
pub fn sign_note(checkpoint: &Checkpoint, signer: &dyn Signer) -> Result<String, SignNoteError> {
    if !Checkpoint::is_origin(&checkpoint.origin) {
        return Err(SignNoteError::Origin);
    }
    if checkpoint.size > SIZE_MAX {
        return Err(SignNoteError::SizeTooLarge(checkpoint.size));
    }
    let key = VerifierKey { name: checkpoint.origin.clone(), key: signer.public_key() };
    let text = checkpoint.to_text();
    let signature = signer.sign(text.as_bytes())?;
    Ok(write_note(&text, &key, &signature))
}

/// An origin stands twice in a note that must stay readable.
const ORIGIN_BYTES_MAX: usize = NOTE_BYTES_MAX / 8;

/// Reads a decimal number, at most [`SIZE_MAX`], in its one form: no sign, no leading zero.
pub(crate) fn parse_size(line: &str) -> Option<u64> {
    let digits = line.bytes().all(|byte| byte.is_ascii_digit());
    let size = line.parse().ok().filter(|size| *size <= SIZE_MAX)?;
    (digits && (line == "0" || !line.starts_with('0'))).then_some(size)
}

/// Reads a hash in base64, in its one form.
pub(crate) fn parse_hash(line: &str) -> Option<Hash> {
    Hash::from_slice(&BASE64_STANDARD.decode(line).ok()?)
}

/// Writes a hash as [`parse_hash`] reads it.
pub(crate) fn hash_text(hash: Hash) -> String {
    BASE64_STANDARD.encode(hash.0)
}

#[cfg(test)]
mod tests;
