//! News: the lists that anybody may have, handed on from device to device. All are signed, and whoever
//! hears of them verifies them as if the server itself had said so.

use crate::device::Device;
use crate::history::Followed;
use crate::log::{Log, ReceiptError};
use crate::status_list::StatusError;
use crate::store::{self, StoreError};

/// What a device has heard so far: a version of each list, 0 for none, and the size of the log.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Heard {
    /// Of the trust list.
    pub trust_version: u32,
    /// Of the list of revoked devices.
    pub revocations_version: u32,
    /// Of the list of revoked cards.
    pub status_version: u32,
    /// The number of leaves under the newest checkpoint.
    pub log_size: u64,
}

/// What is newer than somebody has heard. Signed, and not verified yet by whoever gets it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct News {
    /// The trust list.
    pub trust_list: Option<Vec<u8>>,
    /// The list of revoked devices.
    pub revocations: Option<Vec<u8>>,
    /// The list of revoked cards, whole.
    pub status_list: Option<Vec<u8>>,
    /// Changes to the list of revoked cards, in order.
    pub status_deltas: Vec<Vec<u8>>,
    /// The newest checkpoint of the log.
    pub checkpoint: Option<String>,
}

/// What news did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Told {
    /// How many lists are newer here now.
    pub lists: u32,
    /// Why a list was not believed; the last one, in words. What was there stays.
    pub refused: Option<String>,
}

/// More bytes of lists are not handed on at once: of what is larger, the server tells.
const NEWS_BYTES_MAX: usize = 256 * 1024;
/// After so many changes the whole list is fetched again, so that what is handed on stays short.
const STATUS_DELTAS_MAX: usize = 32;
/// So many checkpoints wait at most until the server proves that they are of its history.
const UNPROVEN_MAX: u32 = 16;

impl Device {
    /// Says what this device has heard.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn heard(&self) -> Result<Heard, StoreError> {
        let enrolled = self.enrolled.as_ref();
        let size =
            enrolled.map(|enrolled| store::checkpoint::newest_size(&self.db, enrolled.origin()));
        Ok(Heard {
            trust_version: enrolled.map_or(0, |enrolled| enrolled.trust_list().version),
            revocations_version: self.revocations().map_or(0, |list| list.version),
            status_version: self.status_list().map_or(0, |list| list.version),
            log_size: size.transpose()?.flatten().unwrap_or(0),
        })
    }

    /// Gives what is newer here than somebody has heard. There is a bound to it: what finds no room is
    /// left out, the smallest and most urgent come first.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn news_since(&self, theirs: Heard) -> Result<News, StoreError> {
        let own = self.heard()?;
        let mut news = News::default();
        let Some(row) = store::enrolment::read(&self.db)? else { return Ok(news) };
        let mut room = NEWS_BYTES_MAX;
        let mut fits = |bytes: &[u8]| {
            let left = room.checked_sub(bytes.len());
            room = left.unwrap_or(room);
            left.is_some()
        };
        if own.log_size > theirs.log_size {
            news.checkpoint = store::history::newest(&self.db, &row.origin, None)?;
        }
        if own.trust_version > theirs.trust_version {
            news.trust_list = Some(row.trust_list).filter(|bytes| fits(bytes));
        }
        if own.revocations_version > theirs.revocations_version {
            news.revocations = self.revocations_bytes()?.filter(|bytes| fits(bytes));
        }
        if own.status_version > theirs.status_version {
            let mut signed = store::status_signed::all(&self.db)?;
            // Whoever has one of these versions needs what came after it alone.
            let known = signed.iter().position(|row| row.version == theirs.status_version);
            for row in signed.drain(known.map_or(0, |at| at + 1)..) {
                if !fits(&row.bytes) {
                    break;
                }
                if row.is_whole {
                    news.status_list = Some(row.bytes);
                } else {
                    news.status_deltas.push(row.bytes);
                }
            }
        }
        Ok(news)
    }

    /// Tells whether the list of revoked cards can be handed on as it was signed, and is short: if not,
    /// the whole list is to be fetched when there is a newer one.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn hands_status_on(&self) -> Result<bool, StoreError> {
        let signed = store::status_signed::all(&self.db)?;
        let newest = signed.last().map_or(0, |row| row.version);
        let is_newest = self.status_list().is_some_and(|list| list.version == newest);
        Ok(is_newest && signed.len() <= STATUS_DELTAS_MAX)
    }

    /// Takes news from whoever brings it, each list judged as if the server had sent it. One that does not
    /// hold keeps nobody from the others.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn hear(&mut self, news: &News) -> Result<Told, StoreError> {
        let before = self.heard()?;
        let mut told = Told::default();
        if let Some(bytes) = &news.trust_list {
            self.install_trust_list(bytes).or_else(|why| told.refuse(why))?;
        }
        if let Some(bytes) = &news.revocations {
            self.install_revocations(bytes).or_else(|why| told.refuse(why))?;
        }
        if let Some(bytes) = &news.status_list {
            self.install_status_list(bytes).or_else(|why| told.refuse(why))?;
        }
        for bytes in &news.status_deltas {
            self.apply_status_delta(bytes).or_else(|why| told.refuse(why))?;
        }
        if let Some(note) = &news.checkpoint {
            self.hear_checkpoint(note).or_else(|why| told.refuse(why))?;
        }
        let after = self.heard()?;
        told.lists = u32::from(after.trust_version > before.trust_version)
            + u32::from(after.revocations_version > before.revocations_version)
            + u32::from(after.status_version > before.status_version);
        Ok(told)
    }

    /// Takes a checkpoint from somebody who cannot prove that the log grew up to it. It counts for nothing
    /// until the server has proven that it is of its history; if it never does, or shows another root, an
    /// alarm says so. What no key of the log signed is no evidence against anybody.
    fn hear_checkpoint(&mut self, note: &str) -> Result<(), ReceiptError> {
        let heard = {
            let log = Log::of(self.enrolled.as_ref())?;
            log.verify(note).map_err(ReceiptError::Checkpoint)?.stated.checkpoint
        };
        match self.follow(note, None)? {
            Followed::Wants { to, .. } if to == heard.size => {
                let waiting = store::history::unlinked(&self.db, &heard.origin, UNPROVEN_MAX)?;
                if waiting.len() < UNPROVEN_MAX as usize {
                    store::checkpoint::keep(&self.db, &heard, note)?;
                }
            }
            // Of the history that is known, or older than what is known.
            Followed::Linked | Followed::Wants { .. } => {}
        }
        Ok(())
    }
}

/// Faults that are this device's own, among those of what it was told.
trait Fault: core::fmt::Display + Sized {
    fn storage(self) -> Result<StoreError, Self>;
}

impl Fault for crate::enrolment::EnrolError {
    fn storage(self) -> Result<StoreError, Self> {
        if let Self::Store(error) = self { Ok(error) } else { Err(self) }
    }
}

impl Fault for StatusError {
    fn storage(self) -> Result<StoreError, Self> {
        if let Self::Store(error) = self { Ok(error) } else { Err(self) }
    }
}

impl Fault for ReceiptError {
    fn storage(self) -> Result<StoreError, Self> {
        if let Self::Store(error) = self { Ok(error) } else { Err(self) }
    }
}

impl Told {
    fn refuse(&mut self, why: impl Fault) -> Result<(), StoreError> {
        match why.storage() {
            Ok(error) => Err(error),
            Err(why) => {
                self.refused = Some(why.to_string());
                Ok(())
            }
        }
    }
}
