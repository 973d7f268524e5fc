//! The log as the world knows it: computed again from the leaves, and never smaller than before.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use attendance::{DeviceCertificate, DeviceId, EventKind, LeafKind, Role, UnverifiedEvent};
use ledger::LoggedEvent;
use rusqlite::{Connection, params};
use seal::{Hash, PublicKey, Sign1};
use tlog::{MemoryTree, SignedNote, VerifierKey, leaf_hash, salted_leaf};

/// What the world knows of the log.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    key: VerifierKey,
    tree: MemoryTree,
    /// The hash of each leaf.
    leaves: Vec<Hash>,
    /// The root of each size.
    roots: Vec<Hash>,
    /// Where each event is.
    pub(crate) places: BTreeMap<Hash, u64>,
    /// The events of each device, in order.
    pub(crate) chains: BTreeMap<DeviceId, Vec<Hash>>,
    /// The events in the log's order, as the ledger takes them.
    pub(crate) events: Vec<LoggedEvent>,
    /// Leaves that are no events: index, kind, bytes.
    pub(crate) others: Vec<(u64, LeafKind, Vec<u8>)>,
    /// Every tree head that anybody was shown: its size, and the root.
    signed: BTreeMap<u64, Hash>,
    /// The newest checkpoint of the server that was looked at.
    checkpoint: i64,
    certificates: BTreeMap<DeviceId, DeviceCertificate>,
    /// Devices that a coordinator revoked.
    pub(crate) revoked: BTreeSet<DeviceId>,
    /// The release whose events come next in the log: whose they are, and the last of them.
    releasing: Option<(DeviceId, Hash)>,
    /// Events of revoked devices that a decision let in.
    pub(crate) released: u64,
    /// Devices that were suspended once.
    pub(crate) suspended: Vec<DeviceId>,
    parked: i64,
}

type Checked = rusqlite::Result<Result<(), String>>;

impl Known {
    pub(crate) fn new(key: VerifierKey) -> Self {
        Self {
            key,
            tree: MemoryTree::new(),
            leaves: Vec::new(),
            roots: vec![MemoryTree::new().root()],
            places: BTreeMap::new(),
            chains: BTreeMap::new(),
            events: Vec::new(),
            others: Vec::new(),
            signed: BTreeMap::new(),
            checkpoint: 0,
            certificates: BTreeMap::new(),
            revoked: BTreeSet::new(),
            releasing: None,
            released: 0,
            suspended: Vec::new(),
            parked: 0,
        }
    }

    /// A backup took the place of the server's files: what is known begins anew.
    pub(crate) fn forget(&mut self) {
        *self = Self::new(self.key.clone());
    }

    pub(crate) fn size(&self) -> u64 {
        self.tree.size()
    }

    pub(crate) fn root(&self) -> Hash {
        self.tree.root()
    }

    pub(crate) fn root_at(&self, size: u64) -> Option<Hash> {
        self.roots.get(usize::try_from(size).ok()?).copied()
    }

    pub(crate) fn leaf(&self, index: u64) -> Option<Hash> {
        self.leaves.get(usize::try_from(index).ok()?).copied()
    }

    pub(crate) fn log_key(&self) -> &VerifierKey {
        &self.key
    }

    /// The key of a device that the server knows.
    pub(crate) fn key_of(&self, device: DeviceId) -> Option<PublicKey> {
        PublicKey::parse(&self.certificates.get(&device)?.key).ok()
    }

    pub(crate) fn role_of(&self, device: DeviceId) -> Option<Role> {
        Some(self.certificates.get(&device)?.role)
    }

    /// Looks at what is new in the server's file.
    pub(crate) fn read_on(&mut self, db: &Connection) -> Checked {
        let kept: i64 = db
            .prepare_cached("SELECT coalesce(max(leaf_index) + 1, 0) FROM leaf")?
            .query_row([], |row| row.get(0))?;
        let size = i64::try_from(self.size()).unwrap_or(i64::MAX);
        if kept < size {
            return Ok(Err(format!("the log had {size} leaves and has {kept}")));
        }
        if kept > size {
            let mut query = db.prepare_cached(
                "SELECT leaf_index, kind, salt, bytes FROM leaf WHERE leaf_index >= ?1
                 ORDER BY leaf_index",
            )?;
            let mut rows = query.query([size])?;
            while let Some(row) = rows.next()? {
                let (index, kind): (i64, u8) = (row.get(0)?, row.get(1)?);
                let (salt, bytes): ([u8; 16], Vec<u8>) = (row.get(2)?, row.get(3)?);
                if let Err(why) = self.take_leaf(db, index.cast_unsigned(), kind, &salt, bytes)? {
                    return Ok(Err(format!("leaf {index}: {why}")));
                }
            }
        }
        if let Err(why) = self.read_checkpoints(db)? {
            return Ok(Err(why));
        }
        self.read_suspended(db)
    }

    /// Looks at the whole file again: nothing of it was changed, nothing is there twice.
    pub(crate) fn read_again(&mut self, db: &Connection) -> Checked {
        let mut fresh = Self::new(self.key.clone());
        if let Err(why) = fresh.read_on(db)? {
            return Ok(Err(why));
        }
        if fresh.leaves != self.leaves || fresh.chains != self.chains {
            return Ok(Err("a leaf of the log was changed".to_owned()));
        }
        let mut query = db.prepare_cached("SELECT hash, leaf_index FROM event")?;
        let rows = query.query_map([], |row| Ok((Hash(row.get(0)?), row.get::<_, i64>(1)?)))?;
        let indexed: BTreeMap<Hash, u64> =
            rows.map(|row| row.map(|(h, i)| (h, i.cast_unsigned()))).collect::<Result<_, _>>()?;
        if indexed != self.places {
            return Ok(Err("the index of events is not what the leaves say".to_owned()));
        }
        let mut query = db.prepare_cached("SELECT node_index, hash FROM node WHERE level = 0")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?))))?;
        for row in rows {
            let (index, hash) = row?;
            if self.leaf(index.cast_unsigned()) != Some(hash) {
                return Ok(Err(format!("the tree's leaf {index} is another than the log's")));
            }
        }
        let parked: i64 = db.query_row("SELECT count(*) FROM parked", [], |row| row.get(0))?;
        if parked < self.parked {
            return Ok(Err(format!("{} events were parked, and {parked} are", self.parked)));
        }
        self.parked = parked;
        Ok(Ok(()))
    }

    fn take_leaf(
        &mut self,
        db: &Connection,
        index: u64,
        kind: u8,
        salt: &[u8; 16],
        bytes: Vec<u8>,
    ) -> Checked {
        if index != self.size() {
            return Ok(Err(format!("it comes after {} leaves", self.size())));
        }
        let hash = leaf_hash(salted_leaf(salt, &bytes).as_ref());
        self.tree.push(hash);
        self.leaves.push(hash);
        self.roots.push(self.tree.root());
        let Some(kind) = LeafKind::from_number(kind) else {
            return Ok(Err(format!("nobody knows leaves of kind {kind}")));
        };
        if kind == LeafKind::Event {
            return self.take_event(db, index, &bytes);
        }
        self.others.push((index, kind, bytes));
        Ok(Ok(()))
    }

    /// An event in the log: signed by its device, the next one of its chain, and there once.
    fn take_event(&mut self, db: &Connection, index: u64, bytes: &[u8]) -> Checked {
        let Ok(event) = UnverifiedEvent::parse(bytes) else {
            return Ok(Err("it is no event".to_owned()));
        };
        let device = event.event().device;
        if let Entry::Vacant(place) = self.certificates.entry(device) {
            let found: Vec<u8> = db.query_row(
                "SELECT certificate FROM device WHERE device = ?1",
                params![device.0],
                |row| row.get(0),
            )?;
            let sealed = Sign1::parse(&found).ok();
            let read = sealed.and_then(|s| seal::from_canonical(s.unverified_payload()).ok());
            let Some(certificate) = read else {
                return Ok(Err(format!("device {device} has no certificate")));
            };
            place.insert(certificate);
        }
        let Some(key) = self.key_of(device) else { return Ok(Err("no key".to_owned())) };
        let Ok(event) = event.verify(&key) else {
            return Ok(Err(format!("device {device} did not sign it")));
        };
        let chain = self.chains.entry(device).or_default();
        let prev = chain.last().copied().unwrap_or_else(|| attendance::genesis_hash(&key));
        if event.event().seq != chain.len() as u64 || event.event().prev != prev {
            let (seq, next) = (event.event().seq, chain.len());
            return Ok(Err(format!("event {seq} of device {device} is there, {next} comes next")));
        }
        if self.releasing.is_some_and(|(subject, _)| subject != device) {
            self.releasing = None;
        }
        if self.revoked.contains(&device) {
            let Some((_, last)) = self.releasing else {
                let seq = event.event().seq;
                return Ok(Err(format!("event {seq} of revoked device {device} is let in")));
            };
            self.released += 1;
            if event.hash() == last {
                self.releasing = None;
            }
        }
        chain.push(event.hash());
        if let Some(first) = self.places.insert(event.hash(), index) {
            return Ok(Err(format!("its event is in leaf {first} already")));
        }
        self.take_decision(event.event());
        let certificate = &self.certificates[&device];
        self.events.push(LoggedEvent {
            index,
            hash: event.hash(),
            event: event.event().clone(),
            role: certificate.role,
            provider: certificate.provider,
            children: certificate.children.clone(),
        });
        Ok(Ok(()))
    }

    /// What a coordinator's event decides from its leaf on.
    fn take_decision(&mut self, event: &attendance::Event) {
        let coordinator =
            self.certificates.get(&event.device).is_some_and(|by| by.role == Role::Coordinator);
        match (event.kind, event.subject) {
            (EventKind::DeviceRevoke, Some(subject)) if coordinator => {
                self.revoked.insert(subject);
            }
            (EventKind::EventRelease, Some(subject)) if coordinator => {
                self.releasing = event.about.map(|last| (subject, last));
            }
            _ => {}
        }
    }

    fn read_checkpoints(&mut self, db: &Connection) -> Checked {
        let mut query = db.prepare_cached(
            "SELECT tree_size, note FROM checkpoint WHERE tree_size > ?1 ORDER BY tree_size",
        )?;
        let mut rows = query.query([self.checkpoint])?;
        while let Some(row) = rows.next()? {
            self.checkpoint = row.get(0)?;
            let note: String = row.get(1)?;
            if let Err(why) = self.take_note(&note, false) {
                return Ok(Err(why));
            }
        }
        Ok(Ok(()))
    }

    /// A signed tree head: of leaves that are in the log, and never two roots for one size.
    pub(crate) fn take_note(&mut self, note: &str, rewound: bool) -> Result<(), String> {
        let parsed = SignedNote::parse(note).map_err(|error| format!("a note: {error}"))?;
        let checkpoint = parsed.verify(&self.key).map_err(|error| format!("a note: {error}"))?;
        let (size, root) = (checkpoint.size, checkpoint.root);
        if rewound {
            return Ok(());
        }
        if self.root_at(size) != Some(root) {
            return Err(format!(
                "a tree head of {size} leaves was signed, which is not the log's (of {})",
                self.size()
            ));
        }
        if self.signed.insert(size, root).is_some_and(|before| before != root) {
            return Err(format!("two roots were signed for {size} leaves"));
        }
        Ok(())
    }

    /// Who is suspended stays so.
    fn read_suspended(&mut self, db: &Connection) -> Checked {
        let mut query =
            db.prepare_cached("SELECT device FROM device WHERE suspended = 1 ORDER BY device")?;
        let rows = query.query_map([], |row| Ok(DeviceId(row.get(0)?)))?;
        let suspended: Vec<DeviceId> = rows.collect::<Result<_, _>>()?;
        if let Some(free) = self.suspended.iter().find(|device| !suspended.contains(device)) {
            return Ok(Err(format!("device {free} is suspended no more")));
        }
        self.suspended = suspended;
        Ok(Ok(()))
    }

    /// Gives the visits of a child that teachers recorded.
    pub(crate) fn visits_of(&self, child: attendance::ChildId) -> Vec<Hash> {
        let visits = self.events.iter().filter(|logged| {
            logged.event.kind == EventKind::In
                && logged.event.child == Some(child)
                && logged.role == Role::Teacher
        });
        visits.map(|logged| logged.hash).collect()
    }
}
