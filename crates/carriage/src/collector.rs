//! Collecting frames, whatever comes in between.

use std::collections::{BTreeMap, VecDeque};

use raptorq::{EncodingPacket, PayloadId, SourceBlockDecoder};

use crate::frame::{Frame, TransferId, TransferName};
use crate::stream::one_block;

/// After so many symbols more than needed, what does not come together never will.
const SPARE_SYMBOLS: u32 = 32;
/// How many finished transfers are remembered.
const REMEMBERED: usize = 8;

/// Bounds what a collector keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The longest object, in bytes.
    pub object_bytes: u32,
    /// The most transfers at a time.
    pub transfers: usize,
}

/// Says how far a transfer is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// Different symbols that came.
    pub received: u32,
    /// Symbols that the object has. One or two more may be needed.
    pub needed: u32,
}

impl Progress {
    /// Gives the progress between 0 and 1; 1 only when all is there.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        if self.needed == 0 {
            return 0.0;
        }
        (f64::from(self.received) / f64::from(self.needed)).min(0.99)
    }
}

/// What a frame brought.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Collected {
    /// A part of a transfer.
    Part(TransferName, Progress),
    /// The last that was needed: the object, whose hash has the transfer's name.
    Whole(TransferId, Vec<u8>),
    /// Nothing: this transfer was whole before.
    Known(TransferId),
    /// Nothing: the symbols of this transfer do not belong together, and were dropped.
    Spoiled(TransferId),
    /// Nothing: the object would be longer than is accepted.
    TooLarge(TransferId),
}

/// Collects the frames of a few transfers at a time.
#[derive(Clone, Debug)]
pub struct Collector {
    limits: Limits,
    /// The one that was fed last is at the end.
    transfers: Vec<Transfer>,
    whole: VecDeque<TransferId>,
}

#[derive(Clone, Debug)]
struct Transfer {
    name: TransferName,
    symbols: BTreeMap<u32, Vec<u8>>,
}

impl Collector {
    /// Begins with nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, transfers: Vec::new(), whole: VecDeque::new() }
    }

    /// Takes a frame.
    pub fn add(&mut self, frame: Frame) -> Collected {
        let name = frame.transfer;
        if self.whole.contains(&name.id) {
            return Collected::Known(name.id);
        }
        if name.object_bytes > self.limits.object_bytes || !name.is_sound() {
            return Collected::TooLarge(name.id);
        }
        let mut transfer = self.take(name);
        transfer.symbols.entry(frame.symbol_id).or_insert(frame.symbol);
        let progress = transfer.progress();
        if progress.received < progress.needed {
            self.transfers.push(transfer);
            return Collected::Part(name, progress);
        }
        match transfer.decode() {
            Some(object) if TransferId::of(seal::sha256(&object)) == name.id => {
                self.remember(name.id);
                Collected::Whole(name.id, object)
            }
            Some(_) => Collected::Spoiled(name.id),
            None if progress.received >= progress.needed.saturating_add(SPARE_SYMBOLS) => {
                Collected::Spoiled(name.id)
            }
            None => {
                self.transfers.push(transfer);
                Collected::Part(name, progress)
            }
        }
    }

    /// Says how far a transfer is; nothing if no frame of it is kept.
    #[must_use]
    pub fn progress(&self, id: TransferId) -> Option<Progress> {
        let found = self.transfers.iter().find(|transfer| transfer.name.id == id);
        found.map(Transfer::progress)
    }

    /// Takes a transfer out of the list, or begins it. If there are too many, the one with the fewest
    /// symbols goes, of several the newest: strange frames in between do not drive out what has come far.
    fn take(&mut self, name: TransferName) -> Transfer {
        if let Some(at) = self.transfers.iter().position(|transfer| transfer.name == name) {
            return self.transfers.remove(at);
        }
        if self.transfers.len() >= self.limits.transfers.max(1) {
            let places = self.transfers.iter().enumerate().rev();
            let fewest = places.min_by_key(|(_, one)| one.symbols.len());
            if let Some((at, _)) = fewest {
                self.transfers.remove(at);
            }
        }
        Transfer { name, symbols: BTreeMap::new() }
    }

    fn remember(&mut self, id: TransferId) {
        self.transfers.retain(|transfer| transfer.name.id != id);
        if self.whole.len() >= REMEMBERED {
            self.whole.pop_front();
        }
        self.whole.push_back(id);
    }
}

impl Transfer {
    fn progress(&self) -> Progress {
        let received = u32::try_from(self.symbols.len()).unwrap_or(u32::MAX);
        Progress { received, needed: self.name.symbols() }
    }

    /// Puts the object together; nothing if the symbols are not enough.
    fn decode(&self) -> Option<Vec<u8>> {
        let length = u64::from(self.name.symbols()) * u64::from(self.name.symbol_bytes);
        let mut decoder = SourceBlockDecoder::new(0, &one_block(&self.name), length);
        let packets = self.symbols.iter().map(|(number, symbol)| {
            EncodingPacket::new(PayloadId::new(0, *number), symbol.clone())
        });
        let mut object = decoder.decode(packets)?;
        object.truncate(self.name.object_bytes as usize);
        Some(object)
    }
}

#[cfg(test)]
mod tests;
