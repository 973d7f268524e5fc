//! Merkle proofs, batch receipts, proofs as text, tiles.

use serde_json::{Value, json};
use tlog::history::EvidenceRejection;
use tlog::tile_tree::TileRejection;
use tlog::tlog_proof::TlogProofRejection;
use tlog::{
    BatchReceipt, ConsistencyProof, InclusionProof, ProofRejection, ReceiptRejection, SignedNote,
    TileId, TileTree, TlogProof, TwoHistories, VerifierKey, prove_inclusion,
};

use super::witness::{of_quorum, witnessed};
use super::{
    BAD_SIGNATURE, Found, Input, Inputs, MALFORMED, OTHER, Told, UNKNOWN_VERSION, hex, of_note,
    unhex,
};

impl Inputs<'_> {
    pub(super) fn inclusion(&self) -> Told {
        let (index, size) = (self.size("index"), self.size("size"));
        let proof = InclusionProof { index, size, path: self.hashes("path") };
        proof.verify(self.hash("leaf"), self.hash("root")).map_err(|why| of_proof(&why))
    }

    pub(super) fn consistency(&self) -> Told {
        let (from, to) = (self.size("from"), self.size("to"));
        let proof = ConsistencyProof { from, to, path: self.hashes("path") };
        proof.verify(self.hash("root_from"), self.hash("root_to")).map_err(|why| of_proof(&why))
    }

    pub(super) fn batch_receipt(&self) -> Found {
        let receipt = BatchReceipt::parse(&self.bytes("receipt"));
        let (key, leaves) = (self.key(), self.hashes("leaves"));
        let found = receipt.and_then(|receipt| {
            let batch = receipt.verify(&key, &leaves)?;
            Ok((batch, receipt.split(&key, &leaves)?))
        });
        let (batch, receipts) = found.map_err(|why| match why {
            ReceiptRejection::TooLong(_) => "too_long".to_owned(),
            ReceiptRejection::EmptyPath => "empty_path".to_owned(),
            ReceiptRejection::BadSignature => BAD_SIGNATURE.to_owned(),
            ReceiptRejection::Proof(why) => of_proof(&why),
            ReceiptRejection::Malformed(_)
            | ReceiptRejection::NotCanonical
            | ReceiptRejection::UnknownAlgorithm(_)
            | ReceiptRejection::UnknownStructure(_) => MALFORMED.to_owned(),
            ReceiptRejection::OtherCheckpoint | _ => OTHER.to_owned(),
        })?;
        let ranges = batch.ranges.iter().map(|range| json!([range.start, range.count]));
        Ok(json!({
            "size": batch.size,
            "ranges": ranges.collect::<Vec<_>>(),
            "root": batch.root.to_string(),
            "receipts": receipts.iter().map(|one| hex(one.to_bytes())).collect::<Vec<_>>(),
        }))
    }

    pub(super) fn tlog_proof(&self) -> Found {
        let policy = self.read_policy()?;
        let found = TlogProof::parse(self.text("proof")).and_then(|proof| {
            let leaf = proof.salted_leaf_hash(&self.bytes("record"))?;
            Ok((proof.index, proof.verify(leaf, &policy)?))
        });
        let (index, believed) = found.map_err(|why| match why {
            TlogProofRejection::TooLong(_) => "too_long".to_owned(),
            TlogProofRejection::Malformed(_) => MALFORMED.to_owned(),
            TlogProofRejection::NoSalt => "no_salt".to_owned(),
            TlogProofRejection::Note(why) => of_note(&why).to_owned(),
            TlogProofRejection::Quorum(why) => of_quorum(&why),
            TlogProofRejection::Proof(why) => of_proof(&why),
            _ => OTHER.to_owned(),
        })?;
        let mut found = witnessed(&believed);
        found["index"] = json!(index);
        Ok(found)
    }

    pub(super) fn two_histories(&self) -> Found {
        let key = VerifierKey::parse(self.text("key")).expect("a good key");
        let evidence = TwoHistories::from_bytes(&self.bytes("evidence"));
        let found = evidence.and_then(|evidence| evidence.verify(&key));
        let found = found.map_err(|why| match why {
            EvidenceRejection::TooLong(_) => "too_long".to_owned(),
            EvidenceRejection::Encoding(_) => MALFORMED.to_owned(),
            EvidenceRejection::UnknownVersion(_) => UNKNOWN_VERSION.to_owned(),
            EvidenceRejection::Note(why) => of_note(&why).to_owned(),
            EvidenceRejection::Path(why) => of_proof(&why),
            EvidenceRejection::NoContradiction => "no_contradiction".to_owned(),
            _ => OTHER.to_owned(),
        })?;
        Ok(json!({
            "from": found.earlier.size,
            "to": found.later.size,
            "root_by_later": found.root_by_later.to_string(),
        }))
    }

    pub(super) fn tiles(&self) -> Found {
        let key = VerifierKey::parse(self.text("key")).expect("a good key");
        let note = SignedNote::parse(self.text("note")).and_then(|note| note.verify(&key));
        let checkpoint = note.map_err(|why| of_note(&why).to_owned())?;
        let Some(Input::List(tiles)) = self.input("tiles") else { panic!("no tiles") };
        let tile = |text: &String| {
            let (path, bytes) = text.rsplit_once(' ').expect("a path and bytes");
            Ok((TileId::parse(path).ok_or("bad_path")?, unhex(bytes)))
        };
        let tiles = tiles.iter().map(tile).collect::<Result<Vec<_>, &str>>()?;
        let tree = TileTree::of(&checkpoint, &tiles).map_err(|why| of_tile(&why).to_owned())?;
        let proof = prove_inclusion(self.size("index"), checkpoint.size, &tree);
        let proof = proof.map_err(|_| "missing".to_owned())?;
        let path: Vec<Value> = proof.path.iter().map(|hash| json!(hash.to_string())).collect();
        Ok(json!(path))
    }
}

fn of_proof(why: &ProofRejection) -> String {
    let code = match why {
        ProofRejection::SizeTooLarge(_) => "size_too_large",
        ProofRejection::OutOfRange { .. } => "out_of_range",
        ProofRejection::Shrunk { .. } => "shrunk",
        ProofRejection::PathLength { .. } => "path_length",
        ProofRejection::Ranges => "ranges",
        ProofRejection::LeafCount { .. } => "leaf_count",
        ProofRejection::RootMismatch => "root_mismatch",
        _ => OTHER,
    };
    code.to_owned()
}

fn of_tile(why: &TileRejection) -> &'static str {
    match why {
        TileRejection::SizeTooLarge(_) => "size_too_large",
        TileRejection::NotInTree(_) => "not_in_tree",
        TileRejection::Length { .. } => "length",
        TileRejection::Missing(_) => "missing",
        TileRejection::OtherRoot => "other_root",
        TileRejection::OtherHash(_) => "other_hash",
        TileRejection::Bundle(_) | TileRejection::OtherLeaf(_) | _ => OTHER,
    }
}
