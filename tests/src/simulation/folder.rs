//! A carrier's folder, in memory: what of it is on the disk for sure, and what a power cut leaves of the
//! rest.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use carriage::SignedParcelAnswer;
use hub::{Folder, NewFile};
use seal::Hash;

use super::chance::Chance;

/// The folder. Cheap to clone: a handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryFolder(Arc<Mutex<State>>);

#[derive(Clone, Debug, Default)]
struct State {
    /// The files that were ever made, by their number.
    files: BTreeMap<u64, Written>,
    /// The names as a program sees them.
    names: BTreeMap<String, u64>,
    /// The names that are on the disk.
    on_disk: BTreeMap<String, u64>,
    /// What happened to the names since.
    changes: Vec<Change>,
    next: u64,
    full: bool,
    /// After so many more operations the power goes away.
    stops_after: Option<u32>,
    stopped: bool,
    /// How often anything was changed.
    version: u64,
}

#[derive(Clone, Debug, Default)]
struct Written {
    bytes: Vec<u8>,
    /// How many of them are on the disk for sure.
    synced: usize,
}

#[derive(Clone, Debug)]
enum Change {
    Make(String, u64),
    Move(String, String),
    Remove(String),
}

/// A parcel that is in the folder.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) parcel: Hash,
    /// Rises with each file that was made.
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) answered: bool,
}

impl MemoryFolder {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn version(&self) -> u64 {
        self.state().version
    }

    /// Has no room, or has room again.
    pub(crate) fn fill(&self, full: bool) {
        self.state().full = full;
    }

    pub(crate) fn is_full(&self) -> bool {
        self.state().full
    }

    /// The power goes away after so many more operations.
    pub(crate) fn stop_after(&self, operations: Option<u32>) {
        self.state().stops_after = operations;
    }

    pub(crate) fn has_stopped(&self) -> bool {
        let state = self.state();
        state.stopped || state.stops_after == Some(0)
    }

    /// Starts again: after a power cut with what it left, else with all that was written.
    pub(crate) fn start_again(&self, torn: Option<&mut Chance>) {
        let mut state = self.state();
        if let Some(chance) = torn {
            state.tear(chance);
        }
        state.on_disk = state.names.clone();
        state.changes.clear();
        for file in state.files.values_mut() {
            file.synced = file.bytes.len();
        }
        (state.stopped, state.stops_after) = (false, None);
        state.version += 1;
    }

    /// Copies the files that it has, as they are.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self(Arc::new(Mutex::new(self.state().clone())));
        copy.start_again(None);
        copy
    }

    /// Puts the files of a copy in the place of its own.
    pub(crate) fn restore(&self, copy: &Self) {
        let version = self.version();
        *self.state() = copy.state().clone();
        self.state().version = version + 1;
    }

    /// Somebody takes files away: all of them, or the nth. Gives their names.
    pub(crate) fn rob(&self, nth: Option<usize>) -> Vec<String> {
        let mut state = self.state();
        let all: Vec<String> = state.names.keys().cloned().collect();
        let gone = match nth {
            None => all,
            Some(nth) => all.get(nth % all.len().max(1)).cloned().into_iter().collect(),
        };
        for name in &gone {
            state.names.remove(name);
            state.on_disk.remove(name);
        }
        state.version += 1;
        gone
    }

    /// Lists the parcels that are there, as a program sees them.
    pub(crate) fn parcels(&self) -> Vec<Kept> {
        let state = self.state();
        let parcels = state.names.iter().filter_map(|(name, number)| {
            let parcel = Hash::from_hex(name.strip_suffix(".parcel")?)?;
            let bytes = content(&state.files[number].bytes)?.to_vec();
            let answered = state.names.contains_key(&format!("{parcel}.answer"));
            Some(Kept { parcel, number: *number, bytes, answered })
        });
        parcels.collect()
    }

    /// Counts the bytes of parcels and answers.
    pub(crate) fn bytes(&self) -> u64 {
        let state = self.state();
        let ours = state.names.iter().filter(|(name, _)| !name.ends_with(".new"));
        ours.map(|(_, number)| content(&state.files[number].bytes).map_or(0, <[u8]>::len) as u64)
            .sum()
    }

    /// Tells whether a parcel or its answer is there, whatever a power cut leaves.
    pub(crate) fn holds_for_sure(&self, parcel: Hash) -> bool {
        let state = self.state();
        state.for_sure(|names| state.holds(names, parcel) || state.has_answer(names, parcel))
    }

    /// Tells whether the answer to a parcel is there, whatever a power cut leaves.
    pub(crate) fn is_answered_for_sure(&self, parcel: Hash) -> bool {
        let state = self.state();
        state.for_sure(|names| state.has_answer(names, parcel))
    }
}

impl State {
    /// Counts an operation; no other is done once the power is away.
    fn operate(&mut self) -> io::Result<()> {
        match &mut self.stops_after {
            Some(0) => self.stopped = true,
            Some(left) => *left -= 1,
            None => {}
        }
        if self.stopped {
            return Err(io::Error::other("the power is away"));
        }
        self.version += 1;
        Ok(())
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.names);
        self.changes.push(change);
    }

    /// Names come onto a disk in their order, bytes in any.
    fn tear(&mut self, chance: &mut Chance) {
        let mut names = self.on_disk.clone();
        let done = chance.below(self.changes.len() + 1);
        self.changes.iter().take(done).for_each(|change| change.apply(&mut names));
        self.names = names;
        for number in self.names.values() {
            let Some(file) = self.files.get_mut(number) else { continue };
            if file.synced < file.bytes.len() {
                let left = file.synced + chance.below(file.bytes.len() - file.synced + 1);
                match chance.below(3) {
                    0 => file.bytes.truncate(left),
                    1 => file.bytes.iter_mut().skip(left).for_each(|byte| *byte = 0),
                    _ => {
                        let torn = file.bytes.iter_mut().skip(left);
                        torn.for_each(|byte| *byte = chance.next().to_le_bytes()[0]);
                    }
                }
            }
        }
    }

    /// Tells whether something holds however many of the newest names come onto the disk.
    fn for_sure(&self, holds: impl Fn(&BTreeMap<String, u64>) -> bool) -> bool {
        let mut names = self.on_disk.clone();
        let begins = holds(&names);
        let goes_on = |change: &Change| {
            change.apply(&mut names);
            holds(&names)
        };
        begins && self.changes.iter().all(goes_on)
    }

    fn holds(&self, names: &BTreeMap<String, u64>, parcel: Hash) -> bool {
        let bytes = self.synced(names, &format!("{parcel}.parcel"));
        bytes.is_some_and(|bytes| seal::sha256(bytes) == parcel)
    }

    fn has_answer(&self, names: &BTreeMap<String, u64>, parcel: Hash) -> bool {
        let bytes = self.synced(names, &format!("{parcel}.answer"));
        bytes.is_some_and(|bytes| SignedParcelAnswer::parse(bytes).is_ok())
    }

    fn synced(&self, names: &BTreeMap<String, u64>, name: &str) -> Option<&[u8]> {
        let file = &self.files[names.get(name)?];
        content(file.bytes.get(..file.synced)?)
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<String, u64>) {
        match self {
            Self::Make(name, number) => drop(names.insert(name.clone(), *number)),
            Self::Move(from, to) => {
                if let Some(number) = names.remove(from) {
                    names.insert(to.clone(), number);
                }
            }
            Self::Remove(name) => drop(names.remove(name)),
        }
    }
}

impl Folder for MemoryFolder {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.state().names.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let state = self.state();
        if state.stopped {
            return Err(io::Error::other("the power is away"));
        }
        let number = state.names.get(name).ok_or(ErrorKind::NotFound)?;
        Ok(state.files[number].bytes.clone())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn NewFile>> {
        let mut state = self.state();
        state.operate()?;
        let number = state.next;
        state.next += 1;
        state.files.insert(number, Written::default());
        state.change(Change::Make(name.to_owned(), number));
        Ok(Box::new(Writing { folder: self.clone(), number }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        state.operate()?;
        if !state.names.contains_key(from) {
            return Err(ErrorKind::NotFound.into());
        }
        state.change(Change::Move(from.to_owned(), to.to_owned()));
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.state();
        state.operate()?;
        if !state.names.contains_key(name) {
            return Err(ErrorKind::NotFound.into());
        }
        state.change(Change::Remove(name.to_owned()));
        Ok(())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut state = self.state();
        state.operate()?;
        state.on_disk = state.names.clone();
        state.changes.clear();
        Ok(())
    }
}

/// A file of the folder that is being written.
struct Writing {
    folder: MemoryFolder,
    number: u64,
}

impl NewFile for Writing {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.folder.state();
        state.operate()?;
        let full = state.full;
        let fits = if full { bytes.len() / 2 } else { bytes.len() };
        if let Some(file) = state.files.get_mut(&self.number) {
            file.bytes.extend(bytes.iter().take(fits));
        }
        if full { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.folder.state();
        state.operate()?;
        if let Some(file) = state.files.get_mut(&self.number) {
            file.synced = file.bytes.len();
        }
        Ok(())
    }
}

/// What a file holds behind the moment and the order that a store writes before it.
fn content(bytes: &[u8]) -> Option<&[u8]> {
    bytes.get(16..)
}
