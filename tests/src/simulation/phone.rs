//! A device of the world: the real store on files that survive a crash, and what its screens showed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use device::{Device, RecordError};
use hub::{CarryLimits, ParcelStore};
use rusqlite::Connection;
use seal::{Hash, SoftwareKey};
use sync_client::SharedDevice;

use super::chance::Chance;
use super::folder::MemoryFolder;
use super::hands::{PhoneClock, finish};
use crate::town::copy_dir;

/// A device, switched on.
#[derive(Debug)]
pub(crate) struct Phone {
    pub(crate) number: u8,
    key: u8,
    pub(crate) dir: PathBuf,
    generation: u32,
    pub(crate) device: SharedDevice,
    /// Looks at the file beside the device. Nothing is written through it.
    pub(crate) seen: Connection,
    pub(crate) clock: PhoneClock,
    /// The parcels that it carries for others, and where they are.
    pub(crate) store: Arc<ParcelStore>,
    pub(crate) folder: MemoryFolder,
    limits: CarryLimits,
    /// Where its random bytes come from.
    random: Chance,
    /// What a screen ever showed as kept, and no restored copy took away.
    pub(crate) shown: Vec<Hash>,
    pub(crate) disk_full: bool,
    /// A backup took the place of its files, and it has not heard since what the server has of it.
    pub(crate) blind: bool,
    /// What it enrols with at its first sync.
    pub(crate) ticket: Option<String>,
    backup: Option<Backup>,
    /// How many receipts, events and carriers' words were looked at.
    pub(crate) receipts_seen: u64,
    pub(crate) events_seen: u64,
    pub(crate) words_seen: u64,
    /// Up to which change its folder was looked at.
    pub(crate) folder_seen: u64,
}

/// A copy of a device's files.
#[derive(Debug)]
struct Backup {
    dir: PathBuf,
    shown: Vec<Hash>,
    folder: MemoryFolder,
}

/// Decides what a device takes from outside besides its clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    /// How much it carries for others.
    pub(crate) limits: CarryLimits,
    /// What its random bytes follow from.
    pub(crate) seed: u64,
}

impl Phone {
    /// Switches the device of a directory on. `key` is its key's seed.
    pub(crate) fn switch_on(
        dir: &Path,
        number: u8,
        key: u8,
        hand: &Arc<AtomicI64>,
        around: Around,
    ) -> Result<Self, String> {
        let now = hand.load(Ordering::Relaxed);
        let clock = PhoneClock {
            world: Arc::clone(hand),
            skew_ms: Arc::default(),
            boots: Arc::new(AtomicU64::new(1)),
            boot_at_ms: Arc::new(AtomicI64::new(now)),
            number,
        };
        let mut random = Chance::new(around.seed ^ (u64::from(number) << 56));
        let (device, seen) = open(dir, key, &clock, &mut random)?;
        let folder = MemoryFolder::default();
        let store = open_store(&folder, around.limits)?;
        Ok(Self {
            number,
            key,
            dir: dir.to_owned(),
            generation: 0,
            device,
            seen,
            clock,
            store,
            folder,
            limits: around.limits,
            random,
            shown: Vec::new(),
            disk_full: false,
            blind: false,
            ticket: None,
            backup: None,
            receipts_seen: 0,
            events_seen: 0,
            words_seen: 0,
            folder_seen: 0,
        })
    }

    /// Runs a verb of a screen, and keeps what it showed. What it could not do is no fault, unless
    /// storage failed that had room.
    pub(crate) fn show(
        &mut self,
        verb: impl FnOnce(&mut Device) -> Result<Option<Hash>, RecordError> + Send + 'static,
    ) -> Result<String, String> {
        match finish(self.device.with(verb)) {
            Ok(Some(event)) => {
                if !self.shown.contains(&event) {
                    self.shown.push(event);
                }
                Ok(format!("kept {event}"))
            }
            Ok(None) => Ok("refused".to_owned()),
            Err(error @ (RecordError::Store(_) | RecordError::Seal(_))) => {
                Err(format!("device {}: a screen's verb failed: {error}", self.number))
            }
            Err(RecordError::StorageFull) if !self.disk_full => {
                Err(format!("device {}: the disk has room and is said to be full", self.number))
            }
            Err(error) => Ok(format!("not possible: {error}")),
        }
    }

    /// Dies, and is started again from what is on the disk.
    pub(crate) fn crash(&mut self, mut torn: Option<&mut Chance>) -> Result<(), String> {
        let next = self.next_dir();
        copy_dir(&self.dir, &next);
        if let Some(chance) = &mut torn {
            tear(&next.join("device.db-wal"), chance);
        }
        self.folder.start_again(torn);
        self.go_on_in(next)
    }

    /// Is switched off and on.
    pub(crate) fn reboot(&mut self) -> Result<(), String> {
        self.clock.boots.fetch_add(1, Ordering::Relaxed);
        let now = self.clock.world.load(Ordering::Relaxed);
        self.clock.boot_at_ms.store(now, Ordering::Relaxed);
        self.crash(None)
    }

    /// Copies the files into a new device with the same key.
    pub(crate) fn clone_to(&self, dir: &Path, number: u8) -> Result<Self, String> {
        copy_dir(&self.dir, dir);
        let around = Around { limits: self.limits, seed: self.random.clone().next() };
        let mut copy = Self::switch_on(dir, number, self.key, &self.clock.world, around)?;
        copy.folder = self.folder.copy();
        copy.store = open_store(&copy.folder, copy.limits)?;
        copy.shown.clone_from(&self.shown);
        copy.ticket.clone_from(&self.ticket);
        Ok(copy)
    }

    pub(crate) fn back_up(&mut self) {
        let dir = self.next_dir().with_extension("backup");
        copy_dir(&self.dir, &dir);
        let (shown, folder) = (self.shown.clone(), self.folder.copy());
        self.backup = Some(Backup { dir, shown, folder });
    }

    /// Puts the copy in the place of the files, if there is one. What came after it is gone.
    pub(crate) fn restore(&mut self) -> Result<bool, String> {
        let next = self.next_dir();
        let Some(backup) = &self.backup else { return Ok(false) };
        copy_dir(&backup.dir, &next);
        self.shown.clone_from(&backup.shown);
        self.folder.restore(&backup.folder);
        (self.receipts_seen, self.events_seen, self.words_seen) = (0, 0, 0);
        self.go_on_in(next)?;
        Ok(true)
    }

    /// Lists its own events.
    pub(crate) fn events(&self) -> Result<BTreeSet<Hash>, String> {
        let sql = |error: rusqlite::Error| error.to_string();
        let mut query = self.seen.prepare_cached("SELECT hash FROM event").map_err(sql)?;
        let rows = query.query_map([], |row| Ok(Hash(row.get(0)?))).map_err(sql)?;
        rows.collect::<Result<_, _>>().map_err(sql)
    }

    pub(crate) fn fill_disk(&mut self, full: bool) -> Result<(), String> {
        self.disk_full = full;
        self.folder.fill(full);
        finish(self.device.with(move |device| device.fill_disk(full))).map_err(|e| e.to_string())
    }

    pub(crate) fn public_key(&self) -> seal::PublicKey {
        seal::Signer::public_key(&self.key())
    }

    pub(crate) fn key(&self) -> SoftwareKey {
        key_of(self.key)
    }

    fn next_dir(&mut self) -> PathBuf {
        self.generation += 1;
        self.dir.with_extension(self.generation.to_string())
    }

    fn go_on_in(&mut self, dir: PathBuf) -> Result<(), String> {
        let old = std::mem::replace(&mut self.dir, dir);
        let broken = |why| format!("device {} does not start again: {why}", self.number);
        (self.device, self.seen) =
            open(&self.dir, self.key, &self.clock, &mut self.random).map_err(broken)?;
        self.store = open_store(&self.folder, self.limits).map_err(broken)?;
        std::fs::remove_dir_all(old).map_err(|error| error.to_string())?;
        self.fill_disk(self.disk_full)
    }
}

fn open(
    dir: &Path,
    key: u8,
    clock: &PhoneClock,
    random: &mut Chance,
) -> Result<(SharedDevice, Connection), String> {
    std::fs::create_dir_all(dir).map_err(|error| error.to_string())?;
    let file = dir.join("device.db");
    let device = Device::open(&file, Box::new(key_of(key)), Box::new(clock.clone()));
    let device = device.map_err(|error| error.to_string())?;
    let seen = Connection::open(&file).map_err(|error| error.to_string())?;
    Ok((SharedDevice::inline(device, random.bytes()), seen))
}

fn open_store(folder: &MemoryFolder, limits: CarryLimits) -> Result<Arc<ParcelStore>, String> {
    let store = ParcelStore::open_inline(Arc::new(folder.clone()), limits);
    Ok(Arc::new(store.map_err(|error| error.to_string())?))
}

/// The bytes of the header of SQLite's write-ahead log.
const WAL_HEADER: usize = 32;

fn key_of(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&[seed; 32])
}

/// Leaves behind the last commit what a disk may have of writes that never ended. In a log without a
/// commit that is a part of the header: it is on the disk before anything follows it.
pub(crate) fn tear(wal: &Path, chance: &mut Chance) {
    let Ok(mut bytes) = std::fs::read(wal) else { return };
    if bytes.len() < WAL_HEADER {
        let length = chance.below(WAL_HEADER + 1);
        bytes.resize_with(length, || chance.next().to_le_bytes()[0]);
        std::fs::write(wal, bytes).expect("the file is written");
        return;
    }
    // A frame is a page of 4 096 bytes and its header of 24; its copy is as good as true.
    let frame =
        bytes.len().checked_sub(4_120).and_then(|from| bytes.get(from..)).map(<[u8]>::to_vec);
    match (chance.below(3), frame) {
        (0, Some(frame)) => bytes.extend(frame),
        (1, Some(mut frame)) => {
            frame.truncate(chance.below(4_120));
            bytes.extend(frame);
        }
        _ => bytes.extend((0..chance.below(9_000)).map(|_| chance.next().to_le_bytes()[0])),
    }
    std::fs::write(wal, bytes).expect("the file is written");
}
