//! Which voucher each visit is of, in 16 bytes a visit: what must be known of all visits to deal a log out.

use seal::Hash;

use super::names::{NONE, first_eight};

/// A number for each of many hashes. It keeps twelve bytes of each: two of a log that agree in these come
/// up by accident once in 10¹⁵ logs of a country, and to make two costs 2⁴⁸ signatures.
#[derive(Clone, Debug)]
pub(super) struct Marks {
    /// By the first byte of the hash: one shelf grows at a time, so that little is there twice.
    shelves: Vec<Shelf>,
}

#[derive(Clone, Debug, Default)]
struct Shelf {
    slots: Vec<Mark>,
    used: usize,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    hash: Short,
    number: u32,
}

type Short = [u8; 12];

const FREE: Mark = Mark { hash: [0; 12], number: NONE };

impl Default for Marks {
    fn default() -> Self {
        Self { shelves: vec![Shelf::default(); usize::from(u8::MAX) + 1] }
    }
}

impl Marks {
    /// Gives a hash its number. The first one stays.
    pub(super) fn add(&mut self, hash: Hash, number: u32) {
        let [first, ..] = hash.0;
        if let Some(shelf) = self.shelves.get_mut(usize::from(first)) {
            shelf.add(Mark { hash: hash.first_twelve(), number });
        }
    }

    /// Gives the number of a hash.
    pub(super) fn find(&self, hash: Hash) -> Option<u32> {
        let [first, ..] = hash.0;
        self.shelves.get(usize::from(first))?.find(hash.first_twelve())
    }
}

impl Shelf {
    fn add(&mut self, mark: Mark) {
        if self.used.saturating_mul(8) >= self.slots.len().saturating_mul(7) {
            let more = self.slots.len() / 4;
            let larger = self.slots.len().saturating_add(more).saturating_add(SLOTS_MIN);
            let old = core::mem::replace(&mut self.slots, vec![FREE; larger]);
            self.used = 0;
            old.into_iter().filter(|mark| mark.number != NONE).for_each(|mark| self.put(mark));
        }
        self.put(mark);
    }

    fn find(&self, hash: Short) -> Option<u32> {
        let (before, after) = self.slots.split_at(self.start(hash));
        let mut walk = after.iter().chain(before);
        let found = walk.find(|mark| mark.number == NONE || mark.hash == hash)?;
        Some(found.number).filter(|number| *number != NONE)
    }

    fn put(&mut self, mark: Mark) {
        let begin = self.start(mark.hash);
        let (before, after) = self.slots.split_at_mut(begin);
        let mut places = after.iter_mut().chain(before);
        let place = places.find(|one| one.number == NONE || one.hash == mark.hash);
        if let Some(place) = place.filter(|one| one.number == NONE) {
            *place = mark;
            self.used = self.used.saturating_add(1);
        }
    }

    /// Where a hash belongs: hashes are spread, so that their share of all numbers is their place. All of a
    /// shelf have the same first byte.
    fn start(&self, hash: Short) -> usize {
        let share = u128::from(first_eight(&hash).swap_bytes() << 8);
        let slots = self.slots.len() as u128;
        usize::try_from(share.saturating_mul(slots) >> 64).unwrap_or_default()
    }
}

const SLOTS_MIN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u32) -> Hash {
        seal::sha256(&number.to_le_bytes())
    }

    #[test]
    fn finds_what_was_added_and_nothing_else() {
        let mut marks = Marks::default();
        assert_eq!(marks.find(hash(0)), None);
        for number in 0..5_000 {
            marks.add(hash(number), number);
        }
        marks.add(hash(7), 8);
        let used: usize = marks.shelves.iter().map(|shelf| shelf.used).sum();
        assert_eq!(used, 5_000, "the first number of a hash stays");
        for number in 0..5_000 {
            assert_eq!(marks.find(hash(number)), Some(number));
        }
        assert_eq!(marks.find(hash(5_000)), None);
    }

    #[test]
    fn hashes_at_the_end_go_on_at_the_beginning() {
        let mut marks = Marks::default();
        let last = |number: u8| {
            let mut bytes = [0xff; 32];
            bytes[11] = number;
            Hash(bytes)
        };
        for number in 0..50 {
            marks.add(last(number), u32::from(number));
        }
        assert!((0..50).all(|number| marks.find(last(number)) == Some(u32::from(number))));
    }
}
