//! A checkpoint under the trust list: the log's key is the one listed for the log's name.

use attendance::{TrustList, TrustRole};
use seal::PublicKey;
use tlog::{Checkpoint, NoteRejection, SignedNote, VerifierKey};

/// Why a checkpoint was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckpointFinding {
    /// No key of the trust list may sign for a log of this name.
    #[error("the trust list has no key for the log {origin:?}: fetch the list of that log")]
    NoKey {
        /// The name of the log.
        origin: String,
    },
    /// The note is damaged, or the log did not sign it.
    #[error("{0}: fetch the checkpoint again")]
    Note(#[from] NoteRejection),
}

/// A checkpoint that the log signed, and the key it signed with.
#[derive(Debug)]
pub(crate) struct SignedCheckpoint {
    /// What was signed.
    pub(crate) checkpoint: Checkpoint,
    /// By whom.
    pub(crate) key: PublicKey,
}

/// Opens a signed note with the keys that the list has for the log it names, whenever they held.
pub(crate) fn open(note: &str, trust: &TrustList) -> Result<SignedCheckpoint, CheckpointFinding> {
    let note = SignedNote::parse(note)?;
    let origin = Checkpoint::parse(note.unverified_text())?.origin;
    let mut finding = CheckpointFinding::NoKey { origin: origin.clone() };
    for key in log_keys(trust, &origin) {
        match note.verify(&VerifierKey { name: origin.clone(), key }) {
            Ok(checkpoint) => return Ok(SignedCheckpoint { checkpoint, key }),
            Err(rejection) => finding = rejection.into(),
        }
    }
    Err(finding)
}

/// Gives the keys of a log by its name.
pub(crate) fn log_keys(trust: &TrustList, origin: &str) -> impl Iterator<Item = PublicKey> {
    let entries = trust.entries.iter();
    entries
        .filter(move |entry| entry.role == TrustRole::Log && entry.scope == origin)
        .filter_map(|entry| PublicKey::parse(&entry.key).ok())
}
