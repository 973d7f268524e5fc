//! Numbers for names, in little memory: a table of places beside the list that has the names themselves.

use seal::Hash;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// Finds places of a list by what stands there. It holds no names: whoever asks compares.
///
/// The ids of the log are digests or drawn at random, so that their first bytes spread them. Ids that
/// somebody made to collide make it slower and change nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    slots: Vec<u32>,
    used: usize,
}

impl Table {
    /// Finds the first place with this key for which `is_it` holds.
    pub(super) fn find(&self, key: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = start(key);
        while let Some(place) = self.slots.get(at & mask).filter(|place| **place != NONE) {
            if is_it(*place) {
                return Some(*place);
            }
            at = at.wrapping_add(1);
        }
        None
    }

    /// Adds a place that is not there; `key_of` gives the key of each place that is.
    pub(super) fn add(&mut self, key: u64, place: u32, key_of: impl Fn(u32) -> u64) {
        // Two of three slots at most are used: a walk ends soon, and it ends.
        if self.used.saturating_mul(3) >= self.slots.len().saturating_mul(2) {
            let larger = self.slots.len().saturating_mul(2).max(SLOTS_MIN);
            let old = core::mem::replace(&mut self.slots, vec![NONE; larger]);
            for place in old.into_iter().filter(|place| *place != NONE) {
                self.put(key_of(place), place);
            }
        }
        self.put(key, place);
        self.used = self.used.saturating_add(1);
    }

    fn put(&mut self, key: u64, place: u32) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = start(key);
        while let Some(slot) = self.slots.get_mut(at & mask) {
            if *slot == NONE {
                *slot = place;
                return;
            }
            at = at.wrapping_add(1);
        }
    }
}

/// Where a key belongs in a table of any size.
fn start(key: u64) -> usize {
    let spread = key.wrapping_mul(SPREAD);
    // The upper half is where all bits of the key went.
    usize::try_from(spread >> 32).unwrap_or_default()
}

/// Something that is named by bytes.
pub(super) trait Name: Copy + Eq {
    /// Its first eight bytes.
    fn key(&self) -> u64;
}

macro_rules! names {
    ($($name:ty),*) => {$(
        impl Name for $name {
            fn key(&self) -> u64 {
                first_eight(&self.0)
            }
        }
    )*};
}
names!(
    attendance::ChildId,
    attendance::GroupId,
    attendance::LessonId,
    attendance::ProviderId,
    attendance::VoucherId,
    Hash
);

/// The first eight bytes as a number; fewer count as if zeros followed.
pub(super) fn first_eight(bytes: &[u8]) -> u64 {
    let mut first = [0; 8];
    for (to, from) in first.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_le_bytes(first)
}

/// Names, numbered in the order in which they came.
#[derive(Clone, Debug)]
pub(super) struct Names<T> {
    all: Vec<T>,
    table: Table,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { all: Vec::new(), table: Table::default() }
    }
}

impl<T: Name> Names<T> {
    /// Gives the number of a name, a new one if it has none.
    pub(super) fn number(&mut self, name: T) -> u32 {
        if let Some(known) = self.find(name) {
            return known;
        }
        let number = self.nameless(name);
        let all = &self.all;
        self.table.add(name.key(), number, |at| all.get(at as usize).map_or(0, Name::key));
        number
    }

    /// Gives a number that nobody finds by a name; `stands_for` is shown for it.
    pub(super) fn nameless(&mut self, stands_for: T) -> u32 {
        let number = u32::try_from(self.all.len()).unwrap_or(NONE);
        self.all.push(stands_for);
        number
    }

    pub(super) fn find(&self, name: T) -> Option<u32> {
        self.table.find(name.key(), |at| self.get(at) == Some(name))
    }

    pub(super) fn get(&self, number: u32) -> Option<T> {
        self.all.get(number as usize).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}

const SLOTS_MIN: usize = 16;
/// An odd number without a pattern: it brings the upper bits of a key down.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
