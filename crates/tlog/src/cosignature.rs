//! Cosignatures: a witness says when it saw a checkpoint ([C2SP tlog-cosignature], Ed25519).
//!
//! The signed message is `cosignature/v1`, a line `time <seconds>` and the whole text of the note,
//! with its extension lines. A cosignature says that, as of that time, this is the largest consistent
//! tree of the log that the witness has seen.
//!
//! [C2SP tlog-cosignature]: https://c2sp.org/tlog-cosignature

use core::fmt;

use seal::{PublicKey, SignError, Signature, Signer};

use crate::note::{NoteRejection, SignatureLine, SignedNote};
use crate::verifier_key::{self, COSIGNATURE_V1, VerifierKeyRejection};

/// The latest time a cosignature may have, in seconds since 1970.
pub const COSIGNED_AT_MAX_S: u64 = i64::MAX.cast_unsigned();

/// Names a witness and its key (signature type 0x04). Shown and parsed as `name+hash+base64`.
///
/// One key is one witness: the signed message does not say the witness's name.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::WitnessKey;
///
/// let key = SoftwareKey::from_seed(&[2; 32]).public_key();
/// let witness = WitnessKey { name: "witness.example/w1".into(), key };
/// assert_eq!(WitnessKey::parse(&witness.to_string()), Ok(witness));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WitnessKey {
    /// The witness's name.
    pub name: String,
    /// The key.
    pub key: PublicKey,
}

/// What a witness said about a checkpoint, verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Cosignature {
    /// When the witness says that it cosigned, in seconds since 1970.
    pub cosigned_at_s: u64,
}

/// Why a note was not cosigned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CosignError {
    /// The name is empty, or has a space, a plus or a control character.
    #[error("the name cannot name a key")]
    Name,
    /// The time is later than [`COSIGNED_AT_MAX_S`].
    #[error("{0} seconds is later than a cosignature can say")]
    Time(u64),
    /// The key did not sign.
    #[error(transparent)]
    Key(#[from] SignError),
}

impl WitnessKey {
    /// Parses `name+hash+base64`.
    ///
    /// # Errors
    /// [`VerifierKeyRejection`] if the text is of another form, the hash does not fit, or the key is
    /// not acceptable or of a log.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyRejection> {
        let (name, key) = verifier_key::parse(text, COSIGNATURE_V1)?;
        Ok(Self { name, key })
    }

    /// Derives the key's hash: the first 4 bytes of `SHA-256(name ‖ 0x0A ‖ 0x04 ‖ key)`.
    #[must_use]
    pub fn key_hash(&self) -> [u8; 4] {
        verifier_key::key_hash(&self.name, COSIGNATURE_V1, &self.key)
    }

    /// Verifies one line as this witness's cosignature of a note's text. Gives `None` if the line
    /// names another key.
    ///
    /// # Errors
    /// [`NoteRejection::BadSignature`] if the line names this key and its signature does not match.
    pub(crate) fn verify_line(
        &self,
        text: &str,
        line: &SignatureLine,
    ) -> Result<Option<Cosignature>, NoteRejection> {
        if line.name != self.name || line.key_hash != self.key_hash() {
            return Ok(None);
        }
        let bad = || NoteRejection::BadSignature(self.name.clone());
        let (time, signature) = line.bytes.split_first_chunk().ok_or_else(bad)?;
        let signature = signature.try_into().map_err(|_| bad())?;
        let cosigned_at_s = u64::from_be_bytes(*time);
        if cosigned_at_s > COSIGNED_AT_MAX_S {
            return Err(bad());
        }
        let message = to_sign(text, cosigned_at_s);
        self.key.verify(message.as_bytes(), &Signature(signature)).map_err(|_| bad())?;
        Ok(Some(Cosignature { cosigned_at_s }))
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        verifier_key::write(f, &self.name, COSIGNATURE_V1, &self.key)
    }
}

impl SignedNote {
    /// Gives this witness's latest cosignature of the note, or `None` if it has none. Lines of other
    /// keys are ignored; every line of this key must match. It says nothing about the log: verify
    /// the checkpoint with [`verify`](Self::verify).
    ///
    /// # Errors
    /// [`NoteRejection::BadSignature`] if a line of this key does not match.
    pub fn cosignature(&self, witness: &WitnessKey) -> Result<Option<Cosignature>, NoteRejection> {
        let mut latest: Option<Cosignature> = None;
        for line in self.unverified_lines() {
            let found = witness.verify_line(self.unverified_text(), line)?;
            latest = latest.into_iter().chain(found).max_by_key(|one| one.cosigned_at_s);
        }
        Ok(latest)
    }
}

/// Cosigns a note's text, extension lines and all, as the witness called `name`, at a time in
/// seconds since 1970.
///
/// It verifies nothing. A witness cosigns by
/// [`Remembered::answer`](crate::witness::Remembered::answer), which cannot be had without
/// verifying.
///
/// # Errors
/// [`CosignError`] if the name or the time is out of range, or the key does not sign.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::{Checkpoint, SignedNote, WitnessKey, cosign, empty_root, sign_note};
///
/// let (log, w1) = (SoftwareKey::from_seed(&[1; 32]), SoftwareKey::from_seed(&[2; 32]));
/// let checkpoint = Checkpoint { origin: "log.example/2026".into(), size: 0, root: empty_root() };
/// let mut note = SignedNote::parse(&sign_note(&checkpoint, &log)?)?;
/// note.add(cosign(&note, "witness.example/w1", &w1, 1_790_000_000)?)?;
///
/// let witness = WitnessKey { name: "witness.example/w1".into(), key: w1.public_key() };
/// let cosignature = note.cosignature(&witness)?.expect("it cosigned");
/// assert_eq!(cosignature.cosigned_at_s, 1_790_000_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn cosign(
    note: &SignedNote,
    name: &str,
    signer: &dyn Signer,
    time_s: u64,
) -> Result<SignatureLine, CosignError> {
    if !verifier_key::is_name(name) {
        return Err(CosignError::Name);
    }
    if time_s > COSIGNED_AT_MAX_S {
        return Err(CosignError::Time(time_s));
    }
    let witness = WitnessKey { name: name.to_owned(), key: signer.public_key() };
    let signature = signer.sign(to_sign(note.unverified_text(), time_s).as_bytes())?;
    let bytes = [&time_s.to_be_bytes()[..], &signature.0[..]].concat();
    Ok(SignatureLine { key_hash: witness.key_hash(), name: witness.name, bytes })
}

/// Builds the signed message.
fn to_sign(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

#[cfg(test)]
mod tests;
