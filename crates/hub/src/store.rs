//! The parcels that a device carries for others: one file each, whole or not there.
//!
//! Absent on purpose: what is in a parcel (it is sealed to the server), the network, a clock.

mod file;
mod scan;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use attendance::DeviceId;
use seal::Hash;

use crate::header::Header;

/// How much is carried. A parcel that does not fit is refused; none that waits is thrown out for it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CarryLimits {
    /// Bytes of one parcel.
    pub parcel_bytes: usize,
    /// Bytes of one answer.
    pub answer_bytes: usize,
    /// Parcels that wait, of all devices.
    pub parcels: usize,
    /// Bytes of all files.
    pub total_bytes: u64,
    /// Parcels that wait, of one device.
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
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full
            }
            _ => Self::Io(error),
        }
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
    dir: PathBuf,
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
        let index = scan::scan(dir)?;
        Ok(Self { dir: dir.to_owned(), limits, index: Mutex::new(index) })
    }

    /// Gives the limits.
    #[must_use]
    pub fn limits(&self) -> CarryLimits {
        self.limits
    }

    /// Keeps a parcel; when this returns it is on the disk. A parcel that is here already stays as it
    /// is.
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
        if index.carried.get(&parcel).is_some_and(|known| known.header.is_some()) {
            return Ok(());
        }
        self.make_room(&mut index, header.device, bytes.len() as u64)?;
        let order = index.carried.values().map(|c| c.order).max().unwrap_or(0).saturating_add(1);
        let before = [now_ms.to_be_bytes(), order.to_be_bytes()].concat();
        file::write(&self.path(parcel, PARCEL), &[&before, bytes])?;
        let answered = index.carried.remove(&parcel);
        index.carried.insert(
            parcel,
            Carried {
                parcel,
                header: Some(header),
                since_ms: now_ms,
                standing: answered
                    .as_ref()
                    .map_or(Standing::Waiting, |answered| answered.standing.clone()),
                order,
                bytes: bytes.len() as u64,
                answer_bytes: answered.map_or(0, |answered| answered.answer_bytes),
            },
        );
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
        if index.bytes().saturating_add(answer.len() as u64) > self.limits.total_bytes
            || known.is_none() && index.carried.len() >= self.limits.parcels
        {
            return Err(CarryError::Full);
        }
        let before = [now_ms.to_be_bytes(), [0; 8]].concat();
        file::write(&self.path(parcel, ANSWER), &[&before, answer])?;
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
        let bytes = read(&self.path(parcel, PARCEL))?;
        Ok(bytes.map(|kept| kept.bytes).filter(|bytes| seal::sha256(bytes) == parcel))
    }

    /// Reads the server's answer to a parcel; nothing if there is none.
    ///
    /// # Errors
    /// [`CarryError::Io`] if the file cannot be read.
    pub fn answer(&self, parcel: Hash) -> Result<Option<Vec<u8>>, CarryError> {
        Ok(read(&self.path(parcel, ANSWER))?.map(|kept| kept.bytes))
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

    /// Refuses what does not fit. To make room, parcels whose answer is here go first: the answer is
    /// what their device waits for.
    fn make_room(&self, index: &mut Index, from: DeviceId, more: u64) -> Result<(), CarryError> {
        let of_device = index.carried.values().filter(|c| c.is_of(from) && c.waits());
        let (waiting, used) =
            of_device.fold((0, 0_u64), |(n, bytes), c| (n + 1, bytes.saturating_add(c.bytes)));
        if waiting >= self.limits.parcels_per_device
            || used.saturating_add(more) > self.limits.bytes_per_device
        {
            return Err(CarryError::DeviceFull { waiting });
        }
        if index.carried.values().filter(|c| c.waits()).count() >= self.limits.parcels {
            return Err(CarryError::Full);
        }
        let mut answered: Vec<(i64, Hash)> = index
            .carried
            .values()
            .filter(|c| !c.waits() && c.bytes > 0)
            .map(|c| (c.since_ms, c.parcel))
            .collect();
        answered.sort_unstable();
        let mut answered = answered.into_iter();
        while index.bytes().saturating_add(more) > self.limits.total_bytes {
            let Some((_, oldest)) = answered.next() else { return Err(CarryError::Full) };
            self.remove(oldest, PARCEL)?;
            if let Some(known) = index.carried.get_mut(&oldest) {
                known.bytes = 0;
            }
        }
        Ok(())
    }

    fn remove(&self, parcel: Hash, ending: &str) -> Result<(), CarryError> {
        match std::fs::remove_file(self.path(parcel, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn path(&self, parcel: Hash, ending: &str) -> PathBuf {
        self.dir.join(format!("{parcel}.{ending}"))
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
fn read(path: &Path) -> io::Result<Option<Kept>> {
    let bytes = match std::fs::read(path) {
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

const PARCEL: &str = "parcel";
const ANSWER: &str = "answer";
/// A reason comes from outside; it is kept for a person to read.
const REASON_CHARS_MAX: usize = 300;
