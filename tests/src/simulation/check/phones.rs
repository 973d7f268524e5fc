//! Devices: nothing that was shown as kept is gone, every receipt holds, the queue is what is stored.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{DeviceId, UnverifiedEvent};
use rusqlite::Connection;
use seal::{Hash, PublicKey, Signer as _};
use tlog::{Receipt, salted_leaf};

use super::super::world::World;

impl World {
    pub(crate) fn check_phone(&mut self, number: usize, whole: bool) -> Result<(), String> {
        let sql = |error: rusqlite::Error| error.to_string();
        let phone = &self.phones[number];
        let key = phone.key().public_key();
        let count = |what: &str| -> Result<u64, String> {
            let sql = format!("SELECT count(*) FROM {what}");
            let mut query = phone.seen.prepare_cached(&sql).map_err(|error| error.to_string())?;
            let count: i64 = query.query_row([], |row| row.get(0)).map_err(|e| e.to_string())?;
            Ok(count.cast_unsigned())
        };
        let (events, receipts) = (count("event")?, count("receipt")?);
        let words = count("carried_event")?;
        if events < phone.events_seen || receipts < phone.receipts_seen {
            return Err("events or receipts are fewer than before".to_owned());
        }
        if whole || events > phone.events_seen {
            kept(&phone.seen, &phone.shown, &key).map_err(sql)??;
        }
        if whole || receipts > phone.receipts_seen {
            self.check_receipts(number).map_err(sql)??;
        }
        if whole || words > phone.words_seen {
            self.check_carried(number).map_err(sql)??;
        }
        let phone = &self.phones[number];
        if whole {
            queue(&phone.seen).map_err(sql)??;
            self.check_shown(number)?;
        }
        if !self.rewound {
            accusations(&phone.seen).map_err(sql)??;
        }
        let phone = &mut self.phones[number];
        (phone.events_seen, phone.receipts_seen) = (events, receipts);
        phone.words_seen = words;
        Ok(())
    }

    /// Every receipt verifies, and names a leaf that is in the log once, with this event.
    fn check_receipts(&self, number: usize) -> rusqlite::Result<Result<(), String>> {
        let phone = &self.phones[number];
        let mut query = phone.seen.prepare_cached(
            "SELECT event.seq, event.hash, event.bytes, salt, receipt.bytes, leaf_index, root
               FROM receipt JOIN event USING (seq)
               JOIN checkpoint ON checkpoint.size = receipt.tree_size ORDER BY event.seq",
        )?;
        let mut rows = query.query([])?;
        let key = self.known.log_key().key;
        while let Some(row) = rows.next()? {
            let (seq, hash): (i64, Hash) = (row.get(0)?, Hash(row.get(1)?));
            let (bytes, salt): (Vec<u8>, [u8; 16]) = (row.get(2)?, row.get(3)?);
            let (receipt, index): (Vec<u8>, i64) = (row.get(4)?, row.get(5)?);
            let (index, root) = (index.cast_unsigned(), Hash(row.get(6)?));
            let leaf = salted_leaf(&salt, &bytes);
            let verified = Receipt::parse(&receipt).and_then(|receipt| receipt.verify(&key, &leaf));
            let says = match verified {
                Ok(verified) if verified.root == root && verified.index == index => None,
                Ok(_) => Some("is of another leaf or checkpoint".to_owned()),
                Err(error) => Some(error.to_string()),
            };
            if let Some(why) = says {
                return Ok(Err(format!("the receipt of event {seq}: {why}")));
            }
            if self.rewound {
                continue;
            }
            let there = self.known.leaf(index);
            if self.known.places.get(&hash) != Some(&index)
                || there != Some(tlog::leaf_hash(leaf.as_ref()))
            {
                return Ok(Err(format!("event {seq} has a receipt and is not in leaf {index}")));
            }
        }
        Ok(Ok(()))
    }

    /// The device of a phone.
    pub(crate) fn id_of(&self, number: usize) -> DeviceId {
        DeviceId::derive_from(&self.phones[number].key().public_key())
    }
}

/// All that a screen showed as kept is stored, and the chain is whole.
fn kept(db: &Connection, shown: &[Hash], key: &PublicKey) -> rusqlite::Result<Result<(), String>> {
    let mut query = db.prepare_cached("SELECT seq, hash, bytes FROM event ORDER BY seq")?;
    let mut rows = query.query([])?;
    let (mut stored, mut prev, mut next) = (BTreeSet::new(), attendance::genesis_hash(key), 0i64);
    while let Some(row) = rows.next()? {
        let (seq, hash, bytes): (i64, _, Vec<u8>) = (row.get(0)?, Hash(row.get(1)?), row.get(2)?);
        let event = UnverifiedEvent::parse(&bytes).ok();
        let Some(event) = event.filter(|event| event.hash() == hash) else {
            return Ok(Err(format!("event {seq} is damaged")));
        };
        if seq != next || event.event().seq.cast_signed() != seq || event.event().prev != prev {
            return Ok(Err(format!("event {seq} does not follow the one before")));
        }
        (prev, next) = (hash, next + 1);
        stored.insert(hash);
    }
    match shown.iter().find(|hash| !stored.contains(hash)) {
        Some(gone) => Ok(Err(format!("event {gone} was shown as kept, and is gone"))),
        None => Ok(Ok(())),
    }
}

/// The queue follows from events, verdicts and receipts, and from nothing else.
fn queue(db: &Connection) -> rusqlite::Result<Result<(), String>> {
    let pairs = |sql: &str| -> rusqlite::Result<BTreeMap<i64, String>> {
        let mut query = db.prepare_cached(sql)?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    let verdicts = pairs("SELECT seq, verdict FROM delivery ORDER BY id")?;
    let receipts = pairs("SELECT seq, 'receipted' FROM receipt")?;
    for (seq, state) in pairs("SELECT seq, state FROM event_state")? {
        let says = receipts.get(&seq).or_else(|| verdicts.get(&seq));
        let says = says.map_or("recorded", String::as_str);
        let carried = state == "carried" && ["recorded", "deferred"].contains(&says);
        if state != says && !carried && !(state == "witnessed" && says == "receipted") {
            return Ok(Err(format!("event {seq} is {state}, and what is stored says {says}")));
        }
    }
    Ok(Ok(()))
}

/// Nobody accuses a log that has one history, whatever the network did.
fn accusations(db: &Connection) -> rusqlite::Result<Result<(), String>> {
    let mut query = db.prepare_cached(
        "SELECT detail FROM alarm WHERE code IN ('two_histories', 'two_roots') LIMIT 1",
    )?;
    let mut rows = query.query([])?;
    Ok(match rows.next()? {
        Some(row) => Err(format!("it accuses the log: {}", row.get::<_, String>(0)?)),
        None => Ok(()),
    })
}
