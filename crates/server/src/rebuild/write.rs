//! Writing what was proven: the database's rows, and the files beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use attendance::{Action, DeviceId, Scope, VerifiedCertificate};
use seal::Hash;
use server_store::{
    LoggedCard, NewEvent, NewLeaf, NewRevocation, OpenedLeaves, ParkedEvent, Restored,
    RestoredDevice, RestoredMonth, RevokedWhen, Store, StoredCheckpoint,
};
use tlog::NodeId;

use super::RebuildError;
use super::evidence::Evidence;
use super::holds::Opened;
use super::safe::Safe;
use crate::closing::closing_rows;
use crate::decisions::is_delegate_of;
use crate::district::people;
use crate::keys::{KEY_FILES, PARCEL_KEY, STATUS_KEY, TAG_SECRET};

/// What a database that is to be filled holds already.
pub(super) struct Before {
    /// Its tree's size.
    pub(super) size: u64,
    lost: BTreeSet<u64>,
    nodes: BTreeSet<NodeId>,
    events: BTreeSet<(DeviceId, u64)>,
}

/// Reads what a rebuilt database holds into the evidence.
pub(super) async fn stored(
    store: &Store,
    evidence: &mut Evidence<'_>,
) -> Result<Before, RebuildError> {
    let place = evidence.name("server.db");
    let size = store.tree_size().await?;
    let devices = store.devices().await?;
    for device in devices.iter().filter(|device| !device.certificate.is_empty()) {
        evidence.take_certificate(&device.certificate, place);
    }
    if let Some(checkpoint) = store.checkpoint().await? {
        // A note that does not hold would show as an unreached root.
        drop(evidence.take_checkpoint(&checkpoint.note, place));
    }
    let mut nodes = BTreeSet::new();
    for (id, hash) in store.nodes().await? {
        evidence.learn(id, hash, place);
        nodes.insert(id);
    }
    for leaf in store.leaves(0..size).await? {
        if let Err(why) = evidence.open_stored(&leaf) {
            evidence.refuse(place, format!("leaf {}: {why}", leaf.leaf_index));
        }
    }
    let lost = store.lost_leaves().await?.iter().map(|lost| lost.leaf_index).collect();
    let events = evidence.opened.values().filter_map(place_of);
    let events = events.map(|event| (event.device, event.seq)).collect();
    Ok(Before { size, lost, nodes, events })
}

impl Evidence<'_> {
    /// Gives the whole database of a log of `size` leaves.
    pub(super) fn restored(&self, size: u64) -> Restored {
        let suspended: BTreeSet<_> =
            self.forks().iter().map(|held| held.event.event().device).collect();
        let devices = self.certificates.iter().map(|(device, certificate)| RestoredDevice {
            device: *device,
            certificate: certificate.bytes().to_vec(),
            suspended: suspended.contains(device),
        });
        let revoked = self.revoked(|index| index < size);
        let opened = OpenedLeaves {
            leaves: self.rows(|index| index < size),
            nodes: self.nodes.of_tree(size).collect(),
            devices: devices.chain(self.unknown(&revoked)).collect(),
            cards: self.cards(|index| index < size),
            months: self.months(|_| true),
            revoked,
        };
        let checkpoints = self.checkpoints.values().map(|kept| StoredCheckpoint {
            size: kept.checkpoint.size,
            root: kept.checkpoint.root,
            note: kept.note.clone(),
        });
        Restored {
            lost: self.lost(size),
            checkpoints: checkpoints.collect(),
            parked: self.parked(&suspended, &opened.revoked),
            opened,
            children: self.safe.districts.last().map(people).unwrap_or_default(),
        }
    }

    /// Gives what devices hold that the server had put aside, or would: what is of another history than
    /// the log's, and what is in no leaf of a device that is revoked or suspended. A release lets it in, as
    /// before the loss.
    fn parked(
        &self,
        suspended: &BTreeSet<DeviceId>,
        revoked: &[NewRevocation],
    ) -> Vec<ParkedEvent> {
        let at_once = |one: &&NewRevocation| matches!(one.when, RevokedWhen::Now { .. });
        let revoked: BTreeSet<_> = revoked.iter().filter(at_once).map(|one| one.device).collect();
        let forks: BTreeSet<Hash> = self.forks().iter().map(|held| held.event.hash()).collect();
        let logged: BTreeSet<Hash> =
            self.opened.values().filter_map(place_of).map(|event| event.hash).collect();
        let held = self.held.iter().filter(|held| !logged.contains(&held.event.hash()));
        let parked = held.filter_map(|held| {
            let (hash, device) = (held.event.hash(), held.event.event().device);
            let reason = if forks.contains(&hash) {
                "fork"
            } else if suspended.contains(&device) {
                "suspended"
            } else if revoked.contains(&device) {
                "revoked"
            } else {
                return None;
            };
            Some(ParkedEvent {
                hash,
                bytes: held.event.bytes().to_vec(),
                reason: reason.to_owned(),
                arrived_ms: held.at_ms,
            })
        });
        parked.collect()
    }

    /// Gives the revoked devices whose certificate nobody handed over.
    fn unknown(&self, revoked: &[NewRevocation]) -> impl Iterator<Item = RestoredDevice> {
        let devices: BTreeSet<_> = revoked.iter().map(|one| one.device).collect();
        let unknown: Vec<_> =
            devices.into_iter().filter(|one| !self.certificates.contains_key(one)).collect();
        let without = |device| RestoredDevice { device, certificate: Vec::new(), suspended: false };
        unknown.into_iter().map(without)
    }

    /// Gives the devices that the log revokes. When the ticket of a replacement was used is nowhere in the
    /// log: the device counts as revoked from the decision on, which holds back what a person can let in.
    /// So does a device that nobody knows any more, whichever provider's it was.
    fn revoked(&self, wanted: impl Fn(u64) -> bool) -> Vec<NewRevocation> {
        let mut counts: BTreeMap<DeviceId, u64> = BTreeMap::new();
        let mut revoked = Vec::new();
        for (index, leaf) in &self.opened {
            let Some(chained) = leaf.holds.event() else { continue };
            let event = chained.event();
            *counts.entry(event.device).or_default() += 1;
            let (Some(device), Some(reason)) = (event.subject, event.revocation) else { continue };
            let of = |id| self.certificates.get(&id).map(VerifiedCertificate::certificate);
            let Some(by) = of(event.device).filter(|_| wanted(*index)) else { continue };
            let about = of(device);
            let its = about.and_then(|about| about.provider);
            let within = if by.permitted(Action::NameDelegate) == Scope::OwnChild {
                about.is_some_and(|about| is_delegate_of(about, by))
            } else {
                by.provider.is_none_or(|own| its.is_none_or(|its| its == own))
            };
            if event.verify_form().is_ok() && by.may_make(event.kind) && within {
                let events = counts.get(&device).copied().unwrap_or_default();
                let when = RevokedWhen::Now { at_ms: event.wall_ms, events };
                revoked.push(NewRevocation { device, reason, decision: chained.hash(), when });
            }
        }
        revoked
    }

    /// A device that had no receipt for an event sends it again after the loss, and it stands in
    /// another leaf. If a copy of the first one turns up, it stays lost: a log has an event once.
    pub(super) fn leave_lost_what_was_sent_again(&mut self, before: &Before) {
        let copies = self.opened.iter().filter(|(index, _)| before.lost.contains(index));
        let again = copies.filter_map(|(index, leaf)| {
            let event = place_of(leaf)?;
            before.events.contains(&(event.device, event.seq)).then_some((*index, event))
        });
        for (index, event) in again.collect::<Vec<_>>() {
            self.opened.remove(&index);
            let place = self.name(&format!("leaf {index}"));
            let NewEvent { device, seq, .. } = event;
            let why = format!("event {seq} of device {device} was sent again and is in the log");
            self.refuse(place, why);
        }
    }

    /// Gives what came back of the leaves that a database lacks.
    pub(super) fn returned(&self, before: &Before) -> OpenedLeaves {
        let back = |index: u64| before.lost.contains(&index);
        let leaves = self.rows(back);
        let of_events: BTreeSet<_> =
            leaves.iter().filter_map(|(_, leaf)| leaf.event.as_ref().map(|e| e.device)).collect();
        let devices = self.certificates.iter().filter(|(device, _)| of_events.contains(device));
        let devices = devices.map(|(device, certificate)| RestoredDevice {
            device: *device,
            certificate: certificate.bytes().to_vec(),
            suspended: false,
        });
        let nodes = self.nodes.of_tree(before.size);
        let revoked = self.revoked(back);
        let devices = devices.chain(self.unknown(&revoked));
        OpenedLeaves {
            leaves,
            nodes: nodes.filter(|(id, _)| !before.nodes.contains(id)).collect(),
            devices: devices.collect(),
            cards: self.cards(back),
            months: self.months(back),
            revoked,
        }
    }

    /// Gives opened leaves as they are written: each event once.
    fn rows(&self, wanted: impl Fn(u64) -> bool) -> Vec<(u64, NewLeaf)> {
        let mut taken = BTreeSet::new();
        let mut rows = Vec::new();
        for (index, leaf) in self.opened.iter().filter(|(index, _)| wanted(**index)) {
            let event = place_of(leaf).filter(|event| taken.insert((event.device, event.seq)));
            let (salt, bytes) = (leaf.salt, leaf.bytes.clone());
            rows.push((*index, NewLeaf { kind: leaf.holds.kind(), salt, bytes, event }));
        }
        rows
    }

    fn cards(&self, wanted: impl Fn(u64) -> bool) -> Vec<LoggedCard> {
        let opened = self.opened.iter().filter(|(index, _)| wanted(**index));
        let cards = opened.filter_map(|(leaf_index, leaf)| {
            let card = leaf.holds.card()?;
            let (hash, child, card) = (card.hash(), card.claims().child, card.claims().card);
            Some(LoggedCard { card, hash, child, leaf_index: *leaf_index })
        });
        cards.collect()
    }

    fn months(&self, wanted: impl Fn(u64) -> bool) -> Vec<RestoredMonth> {
        let tranches = self.tranches().into_values().filter(|(index, _)| wanted(*index));
        // In the log's order: a correction comes after what it corrects.
        let mut tranches: Vec<_> = tranches.collect();
        tranches.sort_by_key(|(index, _)| *index);
        let rows = tranches.into_iter();
        rows.map(|(leaf_index, tranche)| RestoredMonth { leaf_index, rows: closing_rows(tranche) })
            .collect()
    }
}

/// Gives an event's place in its device's chain.
fn place_of(leaf: &Opened) -> Option<NewEvent> {
    let event = leaf.holds.event()?;
    let (device, seq) = (event.event().device, event.event().seq);
    Some(NewEvent { device, seq, hash: event.hash() })
}

/// Writes a new database, or leaves none behind.
pub(super) async fn database(path: &Path, restored: Restored) -> Result<(), RebuildError> {
    let written = Store::open_sqlite(path)?.restore(restored).await;
    if written.is_err() {
        for ending in ["", "-wal", "-shm"] {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            // What is not there needs no removing; what stays is refused the next time.
            drop(std::fs::remove_file(name));
        }
    }
    Ok(written?)
}

/// Writes the files beside the database. What is there already must be the same.
pub(super) fn files(keys: &Path, data: &Path, safe: &Safe) -> Result<(), RebuildError> {
    let dir = data.join("keys");
    std::fs::create_dir_all(&dir)
        .map_err(|source| RebuildError::Io { path: dir.clone(), source })?;
    // Without its own parcel key the server makes another, and parcels on their way are sealed again.
    let kept = [PARCEL_KEY, STATUS_KEY].into_iter().filter(|name| keys.join(name).exists());
    let tags = safe.keeps_tags.then_some(TAG_SECRET);
    for name in KEY_FILES.into_iter().chain(tags).chain(kept) {
        let path = keys.join(name);
        let bytes = std::fs::read(&path).map_err(|source| RebuildError::Io { path, source })?;
        write_once(&dir.join(name), &bytes, 0o600)?;
    }
    write_once(&data.join("trust.roots"), &safe.roots.to_bytes(), 0o644)?;
    write_once(&data.join("trust.list"), &safe.trust_bytes, 0o644)?;
    write_once(&data.join("origin"), safe.origin.as_bytes(), 0o644)
}

fn write_once(path: &Path, bytes: &[u8], mode: u32) -> Result<(), RebuildError> {
    let io = |source| RebuildError::Io { path: path.to_owned(), source };
    if path.exists() {
        let same = std::fs::read(path).map_err(io)? == bytes;
        return if same { Ok(()) } else { Err(RebuildError::Differs { path: path.to_owned() }) };
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.sync_all().map_err(io)
}
