//! What a damaged file gave back, and when the chain may go on after it.
//!
//! The rule: **one position of the chain is never signed twice.** A file that lost its end may have
//! lost events that were sent. So after a damage that may have touched the end, and whenever the
//! server knows more of this chain than the device, nothing is signed ([`Doubt`]) until the server
//! has said where the chain stands and the device has back whatever it says more.

use attendance::ChainedEvent;
use rusqlite::Connection;
use seal::Hash;

use crate::device::Device;
use crate::record::RecordError;
use crate::store::{self, StoreError, to_column};

/// Why it is not certain where the chain stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Doubt {
    /// The file was damaged, and the end of the chain may be lost.
    Damaged,
    /// The server has more of the chain than this device: its file is an older one.
    Behind,
}

/// Says what was saved from a damaged file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Saved {
    /// When, by this device's clock.
    pub at_ms: i64,
    /// The name of the damaged file, kept beside the new one.
    pub kept_as: String,
    /// How many own events were saved.
    pub events: u64,
    /// How many receipts of them.
    pub receipts: u64,
    /// Which events were not readable, as ranges of positions: `3-5,9`. Empty if none is known.
    pub missing: String,
    /// True if the enrolment was saved too.
    pub enrolled: bool,
}

/// What is to be done to be certain of the chain's end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChainEnd {
    /// Nothing: the chain and the server's word agree.
    Certain,
    /// The server has own events from this position on that are missing here: ask for them.
    Wants(u64),
    /// Own events are lost that the server never had: this chain cannot go on. The device has to be
    /// enrolled anew, with a new key.
    Broken {
        /// The first lost position.
        seq: u64,
    },
    /// The server has another event at a position of this chain: a fork, or another device's copy.
    Contradicted,
}

impl Device {
    /// Gives the report of the newest salvage, if a damaged file was ever met.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn saved(&self) -> Result<Option<Saved>, StoreError> {
        store::head_doubt::newest(&self.db)
    }

    /// Gives the reason why nothing is signed, if there is one.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn doubt(&self) -> Result<Option<Doubt>, StoreError> {
        store::head_doubt::open(&self.db)
    }

    /// Compares the chain with what the server says of it: the position that it expects next, and the
    /// hash of the event before that. While it knows more than this device, nothing is signed; once
    /// the two agree, a doubt ends.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read or written.
    pub fn settle_chain(
        &mut self,
        seq_next: u64,
        head: Option<Hash>,
    ) -> Result<ChainEnd, StoreError> {
        let at_ms = self.clock.now().wall_ms;
        let key = self.identity.key;
        let tx = store::begin(&mut self.db)?;
        let own = store::event::head(&tx, &key)?;
        let lost = first_missing(&tx)?;
        let standing = match lost.filter(|lost| *lost < own.seq_next) {
            Some(lost) if lost < seq_next => ChainEnd::Wants(lost),
            Some(lost) => ChainEnd::Broken { seq: lost },
            None if seq_next > own.seq_next => ChainEnd::Wants(own.seq_next),
            None if agrees(&tx, seq_next, head)? => ChainEnd::Certain,
            None => ChainEnd::Contradicted,
        };
        match standing {
            ChainEnd::Certain => store::head_doubt::turn(&tx, None, at_ms)?,
            ChainEnd::Wants(_) => {
                if store::head_doubt::open(&tx)?.is_none() {
                    store::head_doubt::turn(&tx, Some(Doubt::Behind), at_ms)?;
                }
            }
            ChainEnd::Broken { .. } | ChainEnd::Contradicted => {}
        }
        tx.commit()?;
        Ok(standing)
    }

    /// Takes own events back that the server had. Each is verified like any: own signature, own
    /// position, linked with the events beside it. Gives how many were missing here.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was kept.
    pub fn take_back(&mut self, events: &[Vec<u8>]) -> Result<usize, StoreError> {
        let key = self.identity.key;
        let tx = store::begin(&mut self.db)?;
        let mut taken = 0;
        for bytes in events {
            let Ok(event) = ChainedEvent::parse_and_verify(bytes, &key) else { break };
            let seq = event.event().seq;
            if hash_at(&tx, seq)?.is_some() {
                continue;
            }
            let before = match seq.checked_sub(1) {
                Some(before) => hash_at(&tx, before)?,
                None => Some(attendance::ChainHead::genesis(&key).prev),
            };
            if before != Some(event.event().prev) {
                break;
            }
            store::event::insert(&tx, &event)?;
            taken += 1;
        }
        tx.commit()?;
        Ok(taken)
    }
}

/// Refuses to sign while it is not certain where the chain stands.
pub(crate) fn refuse_in_doubt(db: &Connection) -> Result<(), RecordError> {
    match store::head_doubt::open(db)? {
        Some(doubt) => Err(RecordError::HeadInDoubt(doubt)),
        None => Ok(()),
    }
}

/// Gives the lowest position below the head that has no event.
fn first_missing(db: &Connection) -> Result<Option<u64>, StoreError> {
    let missing: Option<i64> = db.query_row(
        "SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM event) THEN NULL
                     WHEN NOT EXISTS (SELECT 1 FROM event WHERE seq = 0) THEN 0
                     ELSE (SELECT min(seq) + 1 FROM event AS one WHERE NOT EXISTS (
                               SELECT 1 FROM event WHERE event.seq = one.seq + 1))
                END",
        [],
        |row| row.get(0),
    )?;
    missing.map(store::from_column).transpose()
}

/// Tells whether the server's last event of this chain is the one that is here.
fn agrees(db: &Connection, seq_next: u64, head: Option<Hash>) -> Result<bool, StoreError> {
    Ok(match seq_next.checked_sub(1) {
        Some(last) => hash_at(db, last)? == head,
        None => true,
    })
}

fn hash_at(db: &Connection, seq: u64) -> Result<Option<Hash>, StoreError> {
    use rusqlite::OptionalExtension as _;
    let found = db
        .prepare_cached("SELECT hash FROM event WHERE seq = ?1")?
        .query_row([to_column(seq)?], |row| row.get(0))
        .optional()?;
    Ok(found.map(Hash))
}
