//! One history: a checkpoint counts once it is linked with what this device accepted before.
//!
//! The newest linked checkpoint and each other one are joined by a consistency proof, from the
//! smaller to the larger. So all that this device ever accepted is one history, or an alarm says
//! what it is. A proof is asked for one at a time and nothing is remembered of the asking: a lost
//! answer is asked for again.

use rusqlite::Connection;
use seal::Hash;
use tlog::{Checkpoint, TwoHistories, VerifierKey};

use crate::alarm::{Alarm, AlarmCode};
use crate::device::Device;
use crate::log::{Log, ReceiptError, Signed, Stated, conclude};
use crate::store::{self, StoreError};

/// What the server answered when it was asked to prove that its log only grew.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Growth {
    /// From this many leaves.
    pub from: u64,
    /// To this many.
    pub to: u64,
    /// Its proof; nothing if it said that it has none.
    pub proof: Option<GrowthProof>,
}

/// A proof as the server gave it. Nothing of it is verified yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrowthProof {
    /// The earlier root, as the server has it.
    pub root: Hash,
    /// The hashes.
    pub path: Vec<Hash>,
}

/// How far a checkpoint has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Followed {
    /// It is of the history that this device knows.
    Linked,
    /// The server has to prove first that the log grew between these sizes.
    Wants {
        /// From this many leaves.
        from: u64,
        /// To this many.
        to: u64,
    },
}

/// How far a checkpoint has come, with the checkpoint.
pub(crate) enum Step {
    Linked(Checkpoint),
    Wants { from: u64, to: u64 },
}

impl Device {
    /// Links a checkpoint with the history that this device knows, and keeps who witnessed it. The
    /// first one of a log is taken as it is. What is missing is asked for by
    /// [`Followed::Wants`]; the answer comes with the next call, and a call may be repeated.
    ///
    /// # Errors
    /// [`ReceiptError`] says what does not hold; an alarm is kept then.
    pub fn follow(
        &mut self,
        checkpoint_note: &str,
        given: Option<&Growth>,
    ) -> Result<Followed, ReceiptError> {
        let log = Log::of(self.enrolled.as_ref())?;
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        let outcome = log.follow(&tx, checkpoint_note, given, at_ms);
        let step = conclude(tx, outcome, |error| matches!(error, ReceiptError::Store(_)))?;
        Ok(match step {
            Step::Linked(_) => Followed::Linked,
            Step::Wants { from, to } => Followed::Wants { from, to },
        })
    }

    /// Compares what the server shows as its newest checkpoint with the newest one that it showed
    /// before, and keeps that it is older; gives whether it is. A restored backup looks so, which is
    /// no fraud. The checkpoint is [linked](Self::follow) already.
    ///
    /// # Errors
    /// [`ReceiptError`] says what does not hold.
    pub fn notice_older(&mut self, checkpoint_note: &str) -> Result<bool, ReceiptError> {
        let log = Log::of(self.enrolled.as_ref())?;
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        let turn = Turn { log: &log, tx: &tx, at_ms };
        let shown = turn.signed(checkpoint_note)?.stated;
        let newest = store::history::newest(&tx, log.origin, None)?;
        let newest = newest.map(|note| Stated::read_back(&note)).transpose()?;
        let newest = newest.map_or(0, |newest| newest.checkpoint.size);
        let is_older = shown.checkpoint.size < newest;
        if is_older {
            turn.older(&shown, newest)?;
        }
        tx.commit().map_err(StoreError::from)?;
        Ok(is_older)
    }

    /// Lists checkpoints that an earlier release accepted without a link, and those that somebody who could
    /// not prove them handed on, newest first: each is to be
    /// [followed](Self::follow). Those of keys that are not on the trust list any more are left out.
    ///
    /// # Errors
    /// [`ReceiptError`] if the device knows no log, or the database cannot be read.
    pub fn unlinked(&self) -> Result<Vec<String>, ReceiptError> {
        let log = Log::of(self.enrolled.as_ref())?;
        let mut notes = store::history::unlinked(&self.db, log.origin, UNLINKED_AT_ONCE)?;
        notes.retain(|note| log.verify(note).is_ok());
        Ok(notes)
    }
}

impl Log<'_> {
    /// Verifies a checkpoint and links it with those before. What does not hold raises an alarm in
    /// the same transaction, which the caller commits.
    pub(crate) fn follow(
        &self,
        tx: &Connection,
        note: &str,
        given: Option<&Growth>,
        at_ms: i64,
    ) -> Result<Step, ReceiptError> {
        let turn = Turn { log: self, tx, at_ms };
        let Signed { stated: shown, is_witnessed, .. } = turn.signed(note)?;
        let (origin, size) = (self.origin, shown.checkpoint.size);
        if let Some(kept) = store::checkpoint::note_of(tx, origin, size)? {
            let kept = Stated::read_back(&kept)?;
            if kept.checkpoint.root != shown.checkpoint.root {
                let evidence = TwoHistories::of_one_size(&kept.note, &shown.note);
                return Err(turn.contradicted(&kept, &shown, &evidence)?);
            }
        }
        if !store::history::holds(tx, origin, size)?
            && let Some((from, to)) = turn.link(&shown, given)?
        {
            return Ok(Step::Wants { from, to });
        }
        if is_witnessed {
            store::history::add_witnessed(tx, origin, size, note, self.trust_version)?;
        }
        Ok(Step::Linked(shown.checkpoint))
    }
}

/// One answer about the log, in one transaction.
struct Turn<'a> {
    log: &'a Log<'a>,
    tx: &'a Connection,
    at_ms: i64,
}

impl Turn<'_> {
    /// Verifies a note that was shown, by a key whose word still counts.
    fn signed(&self, note: &str) -> Result<Signed, ReceiptError> {
        match self.log.verify(note) {
            Ok(signed) => {
                let origin = self.log.origin;
                if store::history::is_disbelieved(self.tx, origin, &signed.key)? {
                    return Err(ReceiptError::Disbelieved);
                }
                Ok(signed)
            }
            Err(rejection) => {
                let (code, detail) = (AlarmCode::BadCheckpoint, rejection.to_string());
                let evidence = note.as_bytes().to_vec();
                self.raise(code, detail, evidence)?;
                Err(ReceiptError::Checkpoint(rejection))
            }
        }
    }

    /// Links a checkpoint with the newest one, or gives the sizes between which a proof is missing.
    fn link(
        &self,
        shown: &Stated,
        given: Option<&Growth>,
    ) -> Result<Option<(u64, u64)>, ReceiptError> {
        let Some(newest) = store::history::newest(self.tx, self.log.origin, None)? else {
            self.keep(shown, None, &[])?;
            return Ok(None);
        };
        let newest = Stated::read_back(&newest)?;
        let grew = newest.checkpoint.size < shown.checkpoint.size;
        let (earlier, later) = if grew { (&newest, shown) } else { (shown, &newest) };
        let (from, to) = (earlier.checkpoint.size, later.checkpoint.size);
        match given.filter(|given| (given.from, given.to) == (from, to)) {
            Some(Growth { proof: Some(proof), .. }) => {
                self.prove(earlier, later, proof)?;
                self.keep(shown, Some(newest.checkpoint.size), &proof.path)?;
                Ok(None)
            }
            None if grew => Ok(Some((from, to))),
            Some(_) if grew => Err(self.not_proven(earlier, later, &[])?),
            answered => self.link_older(&newest, shown, given, answered.is_some()),
        }
    }

    /// What is smaller than the newest and cannot be proven to have grown into it: the server may have
    /// been restored from a backup. Whether it is at least of the history up to there, an even
    /// smaller linked checkpoint says.
    fn link_older(
        &self,
        newest: &Stated,
        shown: &Stated,
        given: Option<&Growth>,
        withheld: bool,
    ) -> Result<Option<(u64, u64)>, ReceiptError> {
        let (size, newest_size) = (shown.checkpoint.size, newest.checkpoint.size);
        let before = store::history::newest(self.tx, self.log.origin, Some(size))?;
        let before = before.map(|note| Stated::read_back(&note)).transpose()?;
        if let Some(before) = before {
            let from = before.checkpoint.size;
            match given.filter(|given| (given.from, given.to) == (from, size)) {
                Some(Growth { proof: Some(proof), .. }) => self.prove(&before, shown, proof)?,
                Some(_) => return Err(self.not_proven(&before, shown, &[])?),
                None if withheld => return Ok(Some((from, size))),
                None => return Ok(Some((size, newest_size))),
            }
        } else if !withheld {
            return Ok(Some((size, newest_size)));
        }
        self.older(shown, newest_size)?;
        Err(ReceiptError::Older { size, newest: newest_size })
    }

    /// Verifies a proof. If it fails and is yet evidence of two histories, that is what is said.
    fn prove(
        &self,
        earlier: &Stated,
        later: &Stated,
        proof: &GrowthProof,
    ) -> Result<(), ReceiptError> {
        if earlier.checkpoint.grew_into(&later.checkpoint, proof.path.clone()).is_ok() {
            return Ok(());
        }
        // A proof from a whole subtree lacks its root, which the server said beside it.
        let with_root = [&[proof.root], &proof.path[..]].concat();
        for path in [proof.path.clone(), with_root] {
            let evidence = TwoHistories::of_path(&earlier.note, &later.note, path);
            if self.log.keys().iter().any(|key| evidence.verify(&self.verifier(*key)).is_ok()) {
                return Err(self.contradicted(earlier, later, &evidence)?);
            }
        }
        Err(self.not_proven(earlier, later, &proof.path)?)
    }

    fn older(&self, shown: &Stated, newest: u64) -> Result<(), StoreError> {
        let detail = format!("the server shows fewer than the {newest} entries seen before");
        self.raise(AlarmCode::LogOlder, detail, shown.note.to_string().into_bytes())
    }

    fn keep(
        &self,
        shown: &Stated,
        linked_with: Option<u64>,
        path: &[Hash],
    ) -> Result<(), StoreError> {
        store::checkpoint::keep(self.tx, &shown.checkpoint, &shown.note.to_string())?;
        let (origin, size) = (self.log.origin, shown.checkpoint.size);
        store::history::add(self.tx, origin, size, linked_with, path)
    }

    /// Keeps the evidence, and believes the keys no more that signed one of the two.
    fn contradicted(
        &self,
        earlier: &Stated,
        later: &Stated,
        evidence: &TwoHistories,
    ) -> Result<ReceiptError, StoreError> {
        let (from, to) = (earlier.checkpoint.size, later.checkpoint.size);
        let detail = format!("the checkpoints of {from} and {to} entries are of two histories");
        self.raise(AlarmCode::TwoHistories, detail, evidence.to_bytes())?;
        for key in self.log.keys() {
            let verifier = self.verifier(*key);
            if [&earlier.note, &later.note].iter().any(|note| note.verify(&verifier).is_ok()) {
                store::history::disbelieve(self.tx, self.log.origin, key, self.at_ms)?;
            }
        }
        Ok(ReceiptError::TwoHistories { from, to })
    }

    /// Keeps that a proof is missing: once for each checkpoint that it should have started from.
    fn not_proven(
        &self,
        earlier: &Stated,
        later: &Stated,
        path: &[Hash],
    ) -> Result<ReceiptError, StoreError> {
        let (from, to) = (earlier.checkpoint.size, later.checkpoint.size);
        let detail = format!("the server did not prove that its log only grew from {from} entries");
        let evidence = TwoHistories::of_path(&earlier.note, &later.note, path.to_vec());
        self.raise(AlarmCode::NotConsistent, detail, evidence.to_bytes())?;
        Ok(ReceiptError::NotConsistent { from, to })
    }

    fn raise(&self, code: AlarmCode, detail: String, evidence: Vec<u8>) -> Result<(), StoreError> {
        let alarm = Alarm { at_ms: self.at_ms, code, detail, subject: None, evidence };
        if matches!(code, AlarmCode::NotConsistent | AlarmCode::LogOlder) {
            // They come again with every answer of the server, each with a newer checkpoint.
            store::alarm::keep_first(self.tx, &alarm)
        } else {
            store::alarm::keep(self.tx, &alarm)
        }
    }

    fn verifier(&self, key: seal::PublicKey) -> VerifierKey {
        VerifierKey { name: self.log.origin.to_owned(), key }
    }
}

/// How many checkpoints of an earlier release are linked in one contact.
const UNLINKED_AT_ONCE: u32 = 16;
