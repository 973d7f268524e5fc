//! What a person keeps to prove one leaf to a stranger.

use crate::checkpoint::Checkpoint;
use crate::hash::salted_leaf;
use crate::note::{NoteRejection, SignedNote};
use crate::proof::InclusionProof;
use crate::receipt::{Receipt, ReceiptRejection, VerifiedReceipt};
use crate::tlog_proof::TlogProof;
use crate::verifier_key::VerifierKey;

/// Holds the bytes, the salt of their commitment, the receipt, and the checkpoint it is under. How
/// it is written to a file is another crate's matter.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::{
///     Checkpoint, MemoryTree, Receipt, ReceiptFile, VerifierKey, leaf_hash, prove_inclusion,
///     salted_leaf, sign_note,
/// };
///
/// let (log_key, origin, salt) = (SoftwareKey::from_seed(&[1; 32]), "log.example/2026", [7; 16]);
/// let mine = leaf_hash(salted_leaf(&salt, b"mine").as_ref());
/// let tree: MemoryTree = [leaf_hash(b"genesis"), mine].into_iter().collect();
/// let proof = prove_inclusion(1, tree.size(), &tree)?;
/// let checkpoint = Checkpoint { origin: origin.into(), size: tree.size(), root: tree.root() };
///
/// let file = ReceiptFile {
///     salt,
///     record: b"mine".to_vec(),
///     receipt: Receipt::issue(&log_key, &proof, tree.root())?,
///     checkpoint: sign_note(&checkpoint, &log_key)?,
/// };
/// let log = VerifierKey { name: origin.into(), key: log_key.public_key() };
/// assert_eq!(file.verify(&log)?.index, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReceiptFile {
    /// The salt of the commitment.
    pub salt: [u8; 16],
    /// The bytes that the leaf commits to.
    pub record: Vec<u8>,
    /// The receipt's bytes.
    pub receipt: Vec<u8>,
    /// The checkpoint of the receipt's tree, as a signed note.
    pub checkpoint: String,
}

impl ReceiptFile {
    /// Verifies that the log signed the checkpoint, and that the receipt proves the record under it.
    /// Here index and size are proven too.
    ///
    /// # Errors
    /// [`ReceiptFileRejection`] says which part does not hold.
    pub fn verify(&self, log: &VerifierKey) -> Result<VerifiedReceipt, ReceiptFileRejection> {
        let checkpoint = SignedNote::parse(&self.checkpoint)?.verify(log)?;
        let leaf_data = salted_leaf(&self.salt, &self.record);
        let verified = Receipt::parse(&self.receipt)?.verify(&log.key, &leaf_data)?;
        verified.under(&checkpoint)?;
        Ok(verified)
    }

    /// Writes the same proof as text of C2SP tlog-proof, with the salt as its extra data. Nothing is
    /// verified.
    ///
    /// # Errors
    /// [`ReceiptFileRejection`] if a part does not parse, or the sizes differ.
    pub fn to_tlog_proof(&self) -> Result<TlogProof, ReceiptFileRejection> {
        let note = SignedNote::parse(&self.checkpoint)?;
        let receipt = Receipt::parse(&self.receipt)?;
        let InclusionProof { index, size, path } = receipt.unverified_proof().clone();
        if Checkpoint::parse(note.unverified_text())?.size != size {
            return Err(ReceiptRejection::OtherCheckpoint.into());
        }
        Ok(TlogProof { extra: Some(self.salt.to_vec()), index, path, note })
    }
}

/// Why a receipt file was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptFileRejection {
    /// The checkpoint is not by this log.
    #[error(transparent)]
    Checkpoint(#[from] NoteRejection),
    /// The receipt does not prove the record, or not under this checkpoint.
    #[error(transparent)]
    Receipt(#[from] ReceiptRejection),
}

#[cfg(test)]
mod tests {
    use seal::{Signer, SoftwareKey};

    use super::*;
    use crate::checkpoint::sign_note;
    use crate::hash::leaf_hash;
    use crate::proof::prove_inclusion;
    use crate::tree::MemoryTree;

    const ORIGIN: &str = "log.example/2026";

    /// The file of the last leaf of a log of `size` leaves.
    fn file(seed: u8, size: u64) -> (ReceiptFile, VerifierKey) {
        let signer = SoftwareKey::from_seed(&[seed; 32]);
        let mut tree: MemoryTree = (1..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let (salt, record) = ([7; 16], b"record".to_vec());
        let index = tree.push(leaf_hash(salted_leaf(&salt, &record).as_ref()));
        let proof = prove_inclusion(index, size, &tree).unwrap();
        let receipt = Receipt::issue(&signer, &proof, tree.root()).unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: tree.root() };
        let checkpoint = sign_note(&checkpoint, &signer).unwrap();
        let key = VerifierKey { name: ORIGIN.into(), key: signer.public_key() };
        (ReceiptFile { salt, record, receipt, checkpoint }, key)
    }

    #[test]
    fn verifies_offline_and_gives_the_place() {
        let (file, log) = file(1, 6);
        let verified = file.verify(&log).unwrap();
        assert_eq!((verified.index, verified.size), (5, 6));
    }

    #[test]
    fn the_text_proves_what_the_receipt_proves() {
        let (file, log) = file(1, 6);
        let text = file.to_tlog_proof().unwrap().to_string();
        let proof = TlogProof::parse(&text).unwrap();
        let leaf = proof.salted_leaf_hash(&file.record).unwrap();
        assert_eq!(proof.verify_log(leaf, &log).unwrap().size, 6);
        assert_eq!(proof.index, 5);
        let (other, _) = self::file(1, 7);
        let mixed = ReceiptFile { checkpoint: other.checkpoint, ..file };
        assert!(mixed.to_tlog_proof().is_err());
    }

    #[test]
    fn refuses_another_record_and_another_salt() {
        let (file, log) = file(1, 6);
        let other = ReceiptFile { record: b"other".to_vec(), ..file.clone() };
        let salted = ReceiptFile { salt: [8; 16], ..file };
        for changed in [other, salted] {
            let refused = changed.verify(&log);
            let bad = ReceiptFileRejection::Receipt(ReceiptRejection::BadSignature);
            assert_eq!(refused.unwrap_err().to_string(), bad.to_string());
        }
    }

    #[test]
    fn refuses_the_checkpoint_of_another_size_and_of_another_key() {
        let (file_of_6, log) = file(1, 6);
        let (file_of_7, _) = file(1, 7);
        let mixed = ReceiptFile { checkpoint: file_of_7.checkpoint, ..file_of_6.clone() };
        let refused = mixed.verify(&log).unwrap_err();
        let other = ReceiptFileRejection::Receipt(ReceiptRejection::OtherCheckpoint);
        assert_eq!(refused.to_string(), other.to_string());

        let (_, other_log) = file(2, 6);
        let refused = file_of_6.verify(&other_log).unwrap_err();
        assert!(matches!(refused, ReceiptFileRejection::Checkpoint(NoteRejection::NotSigned(_))));
    }
}
