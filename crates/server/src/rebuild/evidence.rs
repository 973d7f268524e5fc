//! Taking what was handed over: each thing is verified, or refused by its source's name.

use std::collections::BTreeMap;

use attendance::{
    ChainedEvent, DeviceId, LeafKind, TrustRoots, UnverifiedEvent, VerifiedCertificate,
};
use seal::{Hash, PublicKey};
use sync_api::{Bundle, DeviceExport, ReceiptFile, SignedExport};
use tlog::{
    Checkpoint, MemoryTree, NodeId, Nodes as _, Receipt, SignedNote, TileTree, VerifiedReceipt,
    VerifierKey, salted_leaf,
};

use super::holds::{Claim, Opened};
use super::known_nodes::{Conflict, KnownNodes, hash_of, leaf_id};
use super::report::{Contradiction, Refused};
use super::safe::Safe;
use super::source::{Parsed, Published, Source};

/// Everything that was verified.
pub(super) struct Evidence<'s> {
    pub(super) safe: &'s Safe,
    pub(super) log_keys: Vec<PublicKey>,
    /// The sources' names; places in it stand for the sources.
    names: Vec<String>,
    pub(super) checkpoints: BTreeMap<u64, KeptCheckpoint>,
    pub(super) nodes: KnownNodes,
    pub(super) opened: BTreeMap<u64, Opened>,
    pub(super) certificates: BTreeMap<DeviceId, VerifiedCertificate>,
    pub(super) held: Vec<HeldEvent>,
    pub(super) contradictions: Vec<Contradiction>,
    pub(super) refused: Vec<Refused>,
}

/// A checkpoint that the log signed.
#[derive(Debug)]
pub(super) struct KeptCheckpoint {
    pub(super) checkpoint: Checkpoint,
    pub(super) note: String,
    source: usize,
}

/// An event without a receipt, in the hands of its device.
#[derive(Debug)]
pub(super) struct HeldEvent {
    pub(super) event: ChainedEvent,
    pub(super) at_ms: i64,
    pub(super) source: String,
}

impl<'s> Evidence<'s> {
    /// Begins with nothing but what the operator kept.
    pub(super) fn new(safe: &'s Safe) -> Self {
        Self {
            safe,
            log_keys: safe.log_keys(),
            names: vec!["the server's own keys".to_owned()],
            checkpoints: BTreeMap::new(),
            nodes: KnownNodes::default(),
            opened: BTreeMap::new(),
            certificates: BTreeMap::new(),
            held: Vec::new(),
            contradictions: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Names a source, and gives its place.
    pub(super) fn name(&mut self, name: &str) -> usize {
        self.names.push(name.to_owned());
        self.names.len() - 1
    }

    /// Takes a file that somebody handed over.
    pub(super) fn take(&mut self, source: &Source) {
        let place = self.name(&source.name);
        let taken = source.parse().and_then(|parsed| match parsed {
            Parsed::Export(export) => self.take_export(*export, place),
            Parsed::Receipt(file) => self.take_receipt_file(&file, place),
            Parsed::Bundle(bundle) => self.take_bundle(&bundle, place),
        });
        if let Err(why) = taken {
            self.refuse(place, why);
        }
    }

    /// Takes a published log. The tiles count as far as they lead to their checkpoint's root.
    pub(super) fn take_published(&mut self, published: &Published) {
        let place = self.name(&published.name);
        let taken = self.take_checkpoint(&published.checkpoint, place).and_then(|checkpoint| {
            let tree = TileTree::of(&checkpoint, &published.tiles).map_err(|e| e.to_string())?;
            for index in 0..checkpoint.size {
                let id = leaf_id(index);
                let hash = tree.node(id).ok_or_else(|| format!("the tile with {id} is missing"))?;
                self.learn(id, hash, place);
            }
            Ok(())
        });
        if let Err(why) = taken {
            self.refuse(place, why);
        }
    }

    fn take_export(&mut self, signed: SignedExport, place: usize) -> Result<(), String> {
        let shown = signed.unverified();
        let roots = TrustRoots::parse(&shown.roots).map_err(|why| why.to_string())?;
        if roots.fingerprint() != self.safe.roots.fingerprint() {
            return Err("it is of a device that trusts other root keys".to_owned());
        }
        if shown.origin != self.safe.origin {
            return Err(format!("it is about the log {}", shown.origin));
        }
        let device = shown.device;
        for certificate in &shown.certificates {
            self.take_certificate(certificate, place);
        }
        let known = self.certificates.get(&device).map(VerifiedCertificate::public_key);
        let stranger = || format!("device {device} was not enrolled by this server's authority");
        let export = signed.verify(&known.ok_or_else(stranger)?).map_err(|e| e.to_string())?;
        self.take_what_it_holds(&export, place);
        Ok(())
    }

    fn take_what_it_holds(&mut self, export: &DeviceExport, place: usize) {
        for note in &export.checkpoints {
            if let Err(why) = self.take_checkpoint(note, place) {
                self.refuse(place, why);
            }
        }
        for leaf in &export.leaves {
            let claim = Claim { kind: leaf.kind, salt: leaf.salt, bytes: &leaf.bytes };
            let taken = self.take_leaf(&claim, &leaf.receipt, place);
            if let Err(why) = taken {
                self.refuse(place, format!("leaf {}: {why}", leaf.leaf_index));
            }
        }
        let key = self.certificates.get(&export.device).map(VerifiedCertificate::public_key);
        for bytes in &export.unreceipted {
            let event = UnverifiedEvent::parse(bytes).ok();
            match event.zip(key).and_then(|(event, key)| event.verify(&key).ok()) {
                Some(event) => {
                    let source = self.names[place].clone();
                    self.held.push(HeldEvent { event, at_ms: export.made_ms, source });
                }
                None => self.refuse(place, "an event without a receipt does not hold".to_owned()),
            }
        }
    }

    fn take_receipt_file(&mut self, file: &ReceiptFile, place: usize) -> Result<(), String> {
        self.take_certificate(&file.certificate.0, place);
        self.take_checkpoint(&file.checkpoint, place)?;
        let salt = salt(&file.salt.0)?;
        let claim = Claim { kind: LeafKind::Event.number(), salt, bytes: &file.event.0 };
        self.take_leaf(&claim, &file.receipt.0, place)
    }

    fn take_bundle(&mut self, bundle: &Bundle, place: usize) -> Result<(), String> {
        let checkpoint = self.take_checkpoint(&bundle.checkpoint, place)?;
        let mut tree = MemoryTree::new();
        for leaf in &bundle.leaves {
            tree.push(hash_of(&salt(&leaf.salt.0)?, &leaf.bytes.0));
        }
        if (tree.size(), tree.root()) != (checkpoint.size, checkpoint.root) {
            return Err("its leaves do not lead to its checkpoint's root".to_owned());
        }
        for certificate in &bundle.certificates {
            self.take_certificate(&certificate.0, place);
        }
        for (index, leaf) in (0..).zip(&bundle.leaves) {
            let (kind, salt) = (leaf.kind.number(), salt(&leaf.salt.0)?);
            self.learn(leaf_id(index), hash_of(&salt, &leaf.bytes.0), place);
            let claim = Claim { kind, salt, bytes: &leaf.bytes.0 };
            if let Err(why) = self.open(index, &claim, false) {
                self.refuse(place, format!("leaf {index}: {why}"));
            }
        }
        Ok(())
    }

    /// Takes a certificate under the trust list. What does not hold is refused.
    pub(super) fn take_certificate(&mut self, bytes: &[u8], place: usize) {
        match VerifiedCertificate::verify_for_audit(bytes, &self.safe.trust) {
            Ok(certificate) => {
                let device = certificate.certificate().device;
                let ends_s = |known: &VerifiedCertificate| known.certificate().not_after_s;
                // A renewed one ends later. All are of one key, role, provider and children.
                let newer =
                    self.certificates.get(&device).is_none_or(|k| ends_s(k) < ends_s(&certificate));
                if newer {
                    self.certificates.insert(device, certificate);
                }
            }
            Err(why) => self.refuse(place, format!("a certificate: {why}")),
        }
    }

    /// Takes a checkpoint that the log signed. Two roots for one size are a contradiction.
    pub(super) fn take_checkpoint(
        &mut self,
        note: &str,
        place: usize,
    ) -> Result<Checkpoint, String> {
        let refused = |why: &dyn core::fmt::Display| format!("a checkpoint: {why}");
        let parsed = SignedNote::parse(note).map_err(|why| refused(&why))?;
        let mut why = String::new();
        let signed = self.log_keys.iter().find_map(|key| {
            let name = self.safe.origin.clone();
            parsed.verify(&VerifierKey { name, key: *key }).map_err(|e| why = e.to_string()).ok()
        });
        let checkpoint = signed.ok_or_else(|| refused(&why))?;
        match self.checkpoints.get(&checkpoint.size) {
            Some(kept) if kept.checkpoint.root != checkpoint.root => {
                let (size, one, two) = (checkpoint.size, kept.checkpoint.root, checkpoint.root);
                let what = format!("two roots were signed for {size} leaves: {one} and {two}");
                let first = kept.source;
                self.contradict(what, first, place);
            }
            Some(_) => {}
            None => {
                let (checkpoint, note) = (checkpoint.clone(), note.to_owned());
                let kept = KeptCheckpoint { checkpoint, note, source: place };
                self.checkpoints.insert(kept.checkpoint.size, kept);
            }
        }
        Ok(checkpoint)
    }

    /// Takes a leaf with its receipt, under a checkpoint that is here.
    fn take_leaf(&mut self, claim: &Claim<'_>, receipt: &[u8], place: usize) -> Result<(), String> {
        let receipt = Receipt::parse(receipt).map_err(|why| why.to_string())?;
        let proof = receipt.unverified_proof().clone();
        let verified = self.verify_receipt(&receipt, claim)?;
        let size = verified.size;
        let kept = self.checkpoints.get(&size);
        let kept = kept.ok_or_else(|| format!("there is no checkpoint of {size} leaves here"))?;
        verified.under(&kept.checkpoint).map_err(|why| why.to_string())?;
        let leaf = hash_of(&claim.salt, claim.bytes);
        match self.nodes.learn_proof(&proof, leaf, place).map_err(|why| why.to_string())? {
            Ok(()) => self.open(verified.index, claim, false),
            Err(conflict) => {
                self.conflict(conflict);
                Ok(())
            }
        }
    }

    fn verify_receipt(
        &self,
        receipt: &Receipt,
        claim: &Claim<'_>,
    ) -> Result<VerifiedReceipt, String> {
        let data = salted_leaf(&claim.salt, claim.bytes);
        let mut why = String::new();
        let verified = self.log_keys.iter().find_map(|key| {
            receipt.verify(key, &data).map_err(|error| why = error.to_string()).ok()
        });
        verified.ok_or(why)
    }

    /// Opens a leaf whose hash is proven, if what it holds is what it is said to hold.
    fn open(&mut self, index: u64, claim: &Claim<'_>, made_again: bool) -> Result<(), String> {
        if self.opened.contains_key(&index) {
            return Ok(());
        }
        let holds = self.read(claim)?;
        let (salt, bytes) = (claim.salt, claim.bytes.to_vec());
        self.opened.insert(index, Opened { salt, bytes, holds, made_again });
        Ok(())
    }

    /// Opens a leaf that was made again, if the tree proves it.
    pub(super) fn open_own(&mut self, index: u64, kind: LeafKind, bytes: &[u8]) -> bool {
        let salt = self.safe.keys.own_salt(index);
        let claim = Claim { kind: kind.number(), salt, bytes };
        let hash = hash_of(&salt, bytes);
        let checkpoints = self.checkpoints.values().map(|kept| &kept.checkpoint);
        if !self.nodes.proves(index, hash, checkpoints) {
            return false;
        }
        self.learn(leaf_id(index), hash, OWN_KEYS);
        self.open(index, &claim, true).is_ok()
    }

    /// Opens a leaf of the database that is being filled.
    pub(super) fn open_stored(&mut self, leaf: &server_store::StoredLeaf) -> Result<(), String> {
        let claim = Claim { kind: leaf.kind.number(), salt: leaf.salt, bytes: &leaf.bytes };
        self.open(leaf.leaf_index, &claim, false)
    }

    /// Learns a subtree's hash; another one for it is a contradiction.
    pub(super) fn learn(&mut self, id: NodeId, hash: Hash, place: usize) {
        if let Err(conflict) = self.nodes.learn(id, hash, place) {
            self.conflict(conflict);
        }
    }

    /// Compares every checkpoint's root with the tree, as far as the tree is known.
    pub(super) fn compare_checkpoints(&mut self) {
        let mut wrong = Vec::new();
        for (size, kept) in &self.checkpoints {
            let root = tlog::root(*size, &self.nodes);
            if root.is_ok_and(|root| root != kept.checkpoint.root) {
                wrong.push((*size, kept.source));
            }
        }
        let newest = self.checkpoints.values().next_back().map_or(0, |kept| kept.source);
        for (size, place) in wrong {
            let what = format!("the signed root of {size} leaves is not the one of this tree");
            self.contradict(what, place, newest);
        }
    }

    fn conflict(&mut self, conflict: Conflict) {
        let Conflict { node, known_from, other_from } = conflict;
        let what = format!("two signed trees differ in node {node}");
        self.contradict(what, known_from, other_from);
    }

    fn contradict(&mut self, what: String, first: usize, second: usize) {
        let (first, second) = (self.names[first].clone(), self.names[second].clone());
        let found = Contradiction { what, first, second };
        if !self.contradictions.contains(&found) {
            self.contradictions.push(found);
        }
    }

    /// Notes that something of a source is not believed.
    pub(super) fn refuse(&mut self, place: usize, why: String) {
        self.refused.push(Refused { source: self.names[place].clone(), why });
    }
}

/// The place of the source that nobody handed over.
const OWN_KEYS: usize = 0;

fn salt(bytes: &[u8]) -> Result<[u8; 16], String> {
    bytes.try_into().map_err(|_| "a salt has 16 bytes".to_owned())
}
