//! Numbers for names, in little memory: a table of places beside the list that has the names themselves.

use seal::Hash;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// Finds places of a list by what stands there. It holds no names: whoever asks compares. Half of each key
/// stands beside the place, so that a walk looks at no place of another key, and a larger table is filled
/// without looking at any.
///
/// The ids of the log are digests or drawn at random, so that their first bytes spread them. Ids that
/// somebody made to collide make it slower and change nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    slots: Vec<Slot>,
    used: usize,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    half: u32,
    place: u32,
}

const FREE: Slot = Slot { half: 0, place: NONE };

impl Table {
    /// Finds the first place with this key for which `is_it` holds.
    pub(super) fn find(&self, key: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let (mask, half) = (self.slots.len().wrapping_sub(1), half(key));
        let mut at = half as usize;
        while let Some(slot) = self.slots.get(at & mask).filter(|slot| slot.place != NONE) {
            if slot.half == half && is_it(slot.place) {
                return Some(slot.place);
            }
            at = at.wrapping_add(1);
        }
        None
    }

    /// Gives the first place whose half of the key is the same, without asking what stands there; mostly it
    /// is the one that is looked for.
    pub(super) fn glance(&self, key: u64) -> u32 {
        self.find(key, |_| true).unwrap_or(NONE)
    }

    /// Adds a place that is not there.
    pub(super) fn add(&mut self, key: u64, place: u32) {
        // Four of five slots at most are used: a walk ends soon, and it ends.
        if self.used.saturating_mul(5) >= self.slots.len().saturating_mul(4) {
            let larger = self.slots.len().saturating_mul(2).max(SLOTS_MIN);
            let old = core::mem::replace(&mut self.slots, vec![FREE; larger]);
            old.into_iter().filter(|slot| slot.place != NONE).for_each(|slot| self.put(slot));
        }
        self.put(Slot { half: half(key), place });
        self.used = self.used.saturating_add(1);
    }

    fn put(&mut self, new: Slot) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = new.half as usize;
        while let Some(slot) = self.slots.get_mut(at & mask) {
            if slot.place == NONE {
                *slot = new;
                return;
            }
            at = at.wrapping_add(1);
        }
    }
}

/// Half of a key, in which all of its bits are: where it belongs in a table of any size.
fn half(key: u64) -> u32 {
    let spread = key.wrapping_mul(SPREAD);
    u32::try_from(spread >> 32).unwrap_or_default()
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
        self.table.add(name.key(), number);
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

    /// Gives the number that a name probably has ([`Table::glance`]).
    pub(super) fn glance(&self, name: T) -> u32 {
        self.table.glance(name.key())
    }

    pub(super) fn get(&self, number: u32) -> Option<T> {
        self.at(number).copied()
    }

    pub(super) fn at(&self, number: u32) -> Option<&T> {
        self.all.get(number as usize)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }
}

const SLOTS_MIN: usize = 16;
/// An odd number without a pattern: it brings the upper bits of a key down.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
