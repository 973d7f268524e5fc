//! The parcels that a device carries for others: one file each, whole or not there.
//!
//! Absent on purpose: what is in a parcel (it is sealed to the server), the network, a clock.

mod file;
mod folder;
mod scan;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use attendance::DeviceId;
use seal::Hash;

pub use folder::{Folder, NewFile};

use crate::header::Header;
use folder::SystemFolder;

/// How much is carried. A parcel that does not fit is refused; none that waits is thrown out for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CarryLimits {
    /// Bytes of one parcel.
    pub parcel_bytes: usize,
    /// Bytes of one answer.
    pub answer_bytes: usize,
    /// Parcels of all devices. Those that are answered leave when another needs their place.
    pub parcels: usize,
    /// Bytes of all files; the answer to a parcel that waits may be above it.
    pub total_bytes: u64,
    /// Parcels of one device, in the same way.
    pub parcels_per_device: usize,
    /// Bytes of one device's parcels.
    pub bytes_per_device: u64,
    /// For how many milliseconds an answer is kept after it came.
    pub keep_answer_ms: i64,
}

impl Default for CarryLimits {
    fn default() -> Self {
        Self {
            parcel_bytes: 64 * 1024,
            answer_bytes: 4 * 1024 * 1024,
            parcels: 20_000,
            total_bytes: 1024 * 1024 * 1024,
            parcels_per_device: 1_000,
            bytes_per_device: 64 * 1024 * 1024,
            keep_answer_ms: 90 * 86_400_000,
        }
    }
}

/// Why a parcel or an answer was not kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CarryError {
    /// The bytes are not those that were named.
    #[error("the parcel was damaged on the way: send it again")]
    Damaged,
    /// The bytes are no parcel of this program.
    #[error("this is not a parcel: {0}")]
    Foreign(String),
    /// Larger than one may be.
    #[error("a parcel has at most {max} bytes")]
    TooLarge {
        /// The most bytes.
        max: usize,
    },
    /// There is no room left for anybody.
    #[error("there is no room left here: the records stay on the device that made them")]
    Full,
    /// The device has used its part.
    #[error(
        "this device has {waiting} parcels waiting here, which is its part: it keeps the others"
    )]
    DeviceFull {
        /// How many wait.
        waiting: usize,
    },
    /// The folder cannot be read or written.
    #[error("the folder of parcels: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for CarryError {
    fn from(error: io::Error) -> Self {
        let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded, ErrorKind::FileTooLarge];
        if full.contains(&error.kind()) { Self::Full } else { Self::Io(error) }
    }
}

/// How a carried parcel stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It waits here.
    Waiting,
    /// The server was asked and did not take it. It is asked again later.
    Refused {
        /// When the server was asked.
        at_ms: i64,
        /// Why it did not.
        reason: String,
    },
    /// The server's answer is here.
    Answered {
        /// Since when.
        at_ms: i64,
    },
}

/// What is known of a carried parcel, without opening it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Carried {
    /// The parcel: the SHA-256 of its bytes.
    pub parcel: Hash,
    /// Who made it and how many events it says it has; nothing of an answer whose parcel is elsewhere.
    pub header: Option<Header>,
    /// Since when it is here, milliseconds since 1970-01-01T00:00Z.
    pub since_ms: i64,
    /// How it stands.
    pub standing: Standing,
    /// In which order parcels came, whatever the clock said.
    order: u64,
    bytes: u64,
    answer_bytes: u64,
}

/// Keeps parcels and answers in a folder. One process has it.
#[derive(Debug)]
pub struct ParcelStore {
    folder: Arc<dyn Folder>,
    /// Whether work is done where it is asked for, instead of on a thread that may block.
    inline: bool,
    limits: CarryLimits,
    index: Mutex<Index>,
}

#[derive(Debug, Default)]
struct Index {
    /// As the files are; a refusal alone lives here, so that each start asks the server once more.
    carried: BTreeMap<Hash, Carried>,
    /// How often passing on for a device got no answer since the start.
    failures: BTreeMap<DeviceId, u32>,
    /// Files whose bytes are not what their name says.
    damaged: u64,
}

impl ParcelStore {
    /// Opens the folder, or makes it. Files that are not whole are removed; those that are not what
    /// their name says are set aside and counted.
    ///
    /// # Errors
    /// [`CarryError::Io`] if the folder cannot be read or made.
    pub fn open(dir: &Path, limits: CarryLimits) -> Result<Self, CarryError> {
        std::fs::create_dir_all(dir)?;
        let folder = Arc::new(SystemFolder(dir.to_owned()));
        let index = Mutex::new(scan::scan(&*folder)?);
        Ok(Self { folder, inline: false, limits, index })
    }

    /// Opens a folder that somebody else decides about, and works on the caller's thread, each time
    /// after the caller has let go once: for simulations.
    ///
    /// # Errors
    /// [`CarryError::Io`] if the folder cannot be read.
    pub fn open_inline(folder: Arc<dyn Folder>, limits: CarryLimits) -> Result<Self, CarryError> {
        let index = Mutex::new(scan::scan(&*folder)?);
        Ok(Self { folder, inline: true, limits, index })
    }

    /// Does work that reads or writes files, on a thread that may block unless the store is
    /// [inline](Self::open_inline).
    pub(crate) async fn with<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> T {
        if self.inline {
            tokio::task::yield_now().await;
            return work(self);
        }
        let store = Arc::clone(self);
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(done) => done,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Gives the limits.
    #[must_use]
    pub fn limits(&self) -> CarryLimits {
        self.limits
    }

    /// Keeps a parcel; when this returns it is on the disk. A parcel that is here already stays as it
    /// is; one whose file was damaged or taken away is made whole.
    ///
    /// # Errors
    /// [`CarryError`]; nothing was kept then.
    pub fn keep(&self, parcel: Hash, bytes: &[u8], now_ms: i64) -> Result<(), CarryError> {
        if bytes.len() > self.limits.parcel_bytes {
            return Err(CarryError::TooLarge { max: self.limits.parcel_bytes });
        }
        if seal::sha256(bytes) != parcel {
            return Err(CarryError::Damaged);
        }
        let header = Header::read(bytes).map_err(CarryError::Foreign)?;
        let mut index = self.index();
        if let Some(known) = index.carried.get(&parcel)
            && self.is_whole(known)?
        {
            return Ok(());
        }
        let old = index.carried.remove(&parcel);
        if let Err(full) = self.make_room(&mut index, header.device, bytes.len() as u64) {
            index.carried.extend(old.map(|old| (parcel, old)));
            return Err(full);
        }
        // One that was lost here, and comes again, keeps its place among those of its device.
        let last = index.carried.values().map(|c| c.order).max().unwrap_or(0);
        let again = old.as_ref().filter(|old| old.header.is_some());
        let (since_ms, order) =
            again.map_or((now_ms, last.saturating_add(1)), |old| (old.since_ms, old.order));
        let before = [since_ms.to_be_bytes(), order.to_be_bytes()].concat();
        file::write(&*self.folder, &name_of(parcel, PARCEL), &[&before, bytes])?;
        let has_answer = self.answer(parcel)?.is_some();
        let answered = old.filter(|old| !old.waits() && has_answer);
        let (standing, answer_bytes) = answered
            .map_or((Standing::Waiting, 0), |answered| (answered.standing, answered.answer_bytes));
        let (header, bytes) = (Some(header), bytes.len() as u64);
        let carried = Carried { parcel, header, since_ms, standing, order, bytes, answer_bytes };
        index.carried.insert(parcel, carried);
        Ok(())
    }

    /// Keeps the server's answer to a parcel, also of one that is not here. The first one stays.
    ///
    /// # Errors
    /// [`CarryError`]; nothing was kept then, and the parcel waits as before.
    pub fn keep_answer(&self, parcel: Hash, answer: &[u8], now_ms: i64) -> Result<(), CarryError> {
        if answer.len() > self.limits.answer_bytes {
            return Err(CarryError::TooLarge { max: self.limits.answer_bytes });
        }
        let mut index = self.index();
        let known = index.carried.get(&parcel);
        if known.is_some_and(|known| matches!(known.standing, Standing::Answered { .. })) {
            return Ok(());
        }
        if known.is_some() {
            self.make_room_for_answer(&mut index, answer.len() as u64)?;
        } else if index.bytes().saturating_add(answer.len() as u64) > self.limits.total_bytes
            || index.carried.len() >= self.limits.parcels
        {
            return Err(CarryError::Full);
        }
        let before = [now_ms.to_be_bytes(), [0; 8]].concat();
        file::write(&*self.folder, &name_of(parcel, ANSWER), &[&before, answer])?;
        let standing = Standing::Answered { at_ms: now_ms };
        let answer_bytes = answer.len() as u64;
        match index.carried.get_mut(&parcel) {
            Some(known) => (known.standing, known.answer_bytes) = (standing, answer_bytes),
            None => {
                let (header, since_ms, order, bytes) = (None, now_ms, 0, 0);
                let alone =
                    Carried { parcel, header, since_ms, standing, order, bytes, answer_bytes };
                index.carried.insert(parcel, alone);
            }
        }
        Ok(())
    }

    /// Notes that the server did not take a parcel. It stays, and blocks no other.
    pub fn note_refusal(&self, parcel: Hash, reason: &str, now_ms: i64) {
        let mut index = self.index();
        if let Some(known) = index.carried.get_mut(&parcel)
            && !matches!(known.standing, Standing::Answered { .. })
        {
            let reason = reason.chars().take(REASON_CHARS_MAX).collect();
            known.standing = Standing::Refused { at_ms: now_ms, reason };
        }
    }

    /// Notes that passing on for a device got no answer: others go first next time.
    pub fn note_failure(&self, device: DeviceId) {
        let mut index = self.index();
        let failures = index.failures.entry(device).or_default();
        *failures = failures.saturating_add(1);
    }

    /// Lists what may be passed on now. Devices for which it failed least often come first, and each
    /// device's parcels in the order in which they came: its chain has no gap then.
    #[must_use]
    pub fn due(&self, refused_before_ms: i64) -> Vec<(Hash, DeviceId)> {
        let index = self.index();
        let mut due: Vec<_> = index
            .carried
            .values()
            .filter(|carried| match &carried.standing {
                Standing::Waiting => true,
                Standing::Refused { at_ms, .. } => *at_ms <= refused_before_ms,
                Standing::Answered { .. } => false,
            })
            .filter_map(|carried| Some((carried, carried.header?.device)))
            .map(|(carried, device)| {
                let failures = index.failures.get(&device).copied().unwrap_or(0);
                (failures, carried.order, carried.parcel, device)
            })
            .collect();
        due.sort_unstable();
        due.into_iter().map(|(_, _, parcel, device)| (parcel, device)).collect()
    }

    /// Tells how a parcel stands; nothing if it is not here.
    #[must_use]
    pub fn find(&self, parcel: Hash) -> Option<Carried> {
        self.index().carried.get(&parcel).cloned()
    }

    /// Lists all that is here, the oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Carried> {
        let mut all: Vec<_> = self.index().carried.values().cloned().collect();
        all.sort_by_key(|carried| (carried.order, carried.since_ms, carried.parcel));
        all
    }

    /// Counts the bytes of all parcels and answers.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.index().bytes()
    }

    /// Counts the files whose bytes were not what their name said.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.index().damaged
    }

    /// Reads a parcel's bytes; nothing if it is not here, or is no longer what its name says.
    ///
    /// # Errors
    /// [`CarryError::Io`] if the file cannot be read.
    pub fn parcel(&self, parcel: Hash) -> Result<Option<Vec<u8>>, CarryError> {
        let bytes = read(&*self.folder, &name_of(parcel, PARCEL))?;
        Ok(bytes.map(|kept| kept.bytes).filter(|bytes| seal::sha256(bytes) == parcel))
    }

    /// Reads the server's answer to a parcel; nothing if there is none.
    ///
    /// # Errors
    /// [`CarryError::Io`] if the file cannot be read.
    pub fn answer(&self, parcel: Hash) -> Result<Option<Vec<u8>>, CarryError> {
        Ok(read(&*self.folder, &name_of(parcel, ANSWER))?.map(|kept| kept.bytes))
    }

    /// Removes what was answered long enough ago. What waits stays, however old it is.
    ///
    /// # Errors
    /// [`CarryError::Io`] if a file cannot be removed.
    pub fn sweep(&self, now_ms: i64) -> Result<(), CarryError> {
        let mut index = self.index();
        let keep_ms = self.limits.keep_answer_ms;
        let is_over = |carried: &Carried| match carried.standing {
            Standing::Answered { at_ms } => now_ms.saturating_sub(at_ms) > keep_ms,
            Standing::Waiting | Standing::Refused { .. } => false,
        };
        let over: Vec<Hash> =
            index.carried.values().filter(|c| is_over(c)).map(|c| c.parcel).collect();
        for parcel in over {
            self.remove(parcel, PARCEL)?;
            self.remove(parcel, ANSWER)?;
            index.carried.remove(&parcel);
        }
        Ok(())
    }

    /// Tells whether the disk has what the index says of a parcel: its bytes, or the answer to it.
    fn is_whole(&self, known: &Carried) -> Result<bool, CarryError> {
        match known.standing {
            _ if known.header.is_none() => Ok(false),
            Standing::Waiting | Standing::Refused { .. } => {
                Ok(self.parcel(known.parcel)?.is_some())
            }
            Standing::Answered { .. } => Ok(self.answer(known.parcel)?.is_some()),
        }
    }

    /// Refuses what does not fit. To make room, parcels whose answer is here go first: the answer is
    /// what their device waits for. They count until they go, since each waits again if its answer is
    /// lost.
    fn make_room(&self, index: &mut Index, from: DeviceId, more: u64) -> Result<(), CarryError> {
        let limits = &self.limits;
        let of_device = |c: &Carried| c.is_of(from);
        let is_room = |(parcels, bytes): (usize, u64)| {
            parcels < limits.parcels_per_device
                && bytes.saturating_add(more) <= limits.bytes_per_device
        };
        let waiting = index.held(|c| of_device(c) && c.waits());
        if !is_room(waiting) {
            return Err(CarryError::DeviceFull { waiting: waiting.0 });
        }
        while !is_room(index.held(of_device)) {
            if !self.drop_oldest_answered(index, of_device)? {
                return Err(CarryError::Full);
            }
        }
        if index.held(Carried::waits).0 >= limits.parcels {
            return Err(CarryError::Full);
        }
        while index.held(|_| true).0 >= limits.parcels
            || index.bytes().saturating_add(more) > limits.total_bytes
        {
            if !self.drop_oldest_answered(index, |_| true)? {
                return Err(CarryError::Full);
            }
        }
        Ok(())
    }

    /// Makes room for the answer to a parcel that waits here: a full place would else wait for ever.
    /// Parcels that are answered go first, then the oldest answers, whose devices bring their parcels
    /// again. What waits stays, so that there may be one answer more than there is room for.
    fn make_room_for_answer(&self, index: &mut Index, more: u64) -> Result<(), CarryError> {
        while index.bytes().saturating_add(more) > self.limits.total_bytes {
            if self.drop_oldest_answered(index, |_| true)? {
                continue;
            }
            let answered = index.carried.values().filter(|c| !c.waits());
            let oldest = answered.min_by_key(|c| (c.since_ms, c.parcel)).map(|c| c.parcel);
            let Some(oldest) = oldest else { return Ok(()) };
            self.remove(oldest, ANSWER)?;
            index.carried.remove(&oldest);
        }
        Ok(())
    }

    /// Drops the bytes of the oldest of some parcels whose answer is here; gives false if there is none.
    fn drop_oldest_answered(
        &self,
        index: &mut Index,
        which: impl Fn(&Carried) -> bool,
    ) -> Result<bool, CarryError> {
        let held = index.carried.values_mut().filter(|c| c.bytes > 0 && which(c));
        let answered = held.filter(|c| !c.waits());
        let Some(oldest) = answered.min_by_key(|c| (c.since_ms, c.parcel)) else {
            return Ok(false);
        };
        self.remove(oldest.parcel, PARCEL)?;
        oldest.bytes = 0;
        Ok(true)
    }

    fn remove(&self, parcel: Hash, ending: &str) -> Result<(), CarryError> {
        match self.folder.remove(&name_of(parcel, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        // Files are written before the index: a panic left nothing half done.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Carried {
    /// True until the server's answer is here.
    #[must_use]
    pub fn waits(&self) -> bool {
        !matches!(self.standing, Standing::Answered { .. })
    }

    fn is_of(&self, device: DeviceId) -> bool {
        self.header.is_some_and(|header| header.device == device)
    }
}

impl Index {
    /// Counts the parcels of a kind whose bytes are here, and those bytes.
    fn held(&self, which: impl Fn(&Carried) -> bool) -> (usize, u64) {
        let held = self.carried.values().filter(|c| c.bytes > 0 && which(c));
        held.fold((0, 0), |(parcels, bytes), c| (parcels + 1, bytes.saturating_add(c.bytes)))
    }

    fn bytes(&self) -> u64 {
        self.carried.values().fold(0, |sum, c| sum.saturating_add(c.bytes + c.answer_bytes))
    }
}

/// A file as it is kept.
struct Kept {
    at_ms: i64,
    order: u64,
    bytes: Vec<u8>,
}

/// Reads a file; nothing if there is none, or it is too short to be one.
fn read(folder: &dyn Folder, name: &str) -> io::Result<Option<Kept>> {
    let bytes = match folder.read(name) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let kept = bytes.split_first_chunk().and_then(|(at_ms, rest)| {
        let (order, bytes) = rest.split_first_chunk()?;
        let (at_ms, order) = (i64::from_be_bytes(*at_ms), u64::from_be_bytes(*order));
        Some(Kept { at_ms, order, bytes: bytes.to_vec() })
    });
    Ok(kept)
}

fn name_of(parcel: Hash, ending: &str) -> String {
    format!("{parcel}.{ending}")
}

const PARCEL: &str = "parcel";
const ANSWER: &str = "answer";
/// A reason comes from outside; it is kept for a person to read.
const REASON_CHARS_MAX: usize = 300;
