//! Which voucher each visit is of, in 16 bytes a visit: what must be known of all visits to deal a log out.

use seal::Hash;

use super::names::{NONE, first_eight};

/// A number for each of many hashes. It keeps twelve bytes of each: two of a log that agree in these come
/// up by accident once in 10¹⁵ logs of a country, and to make two costs 2⁴⁸ signatures.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
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

impl Marks {
    /// Begins with room for so many, so that no second table is needed while it grows.
    pub(super) fn with_room(count: usize) -> Self {
        let slots = count.saturating_add(count / 4).saturating_add(SLOTS_MIN);
        Self { slots: vec![FREE; slots], used: 0 }
    }

    /// Gives a hash its number. The first one stays.
    pub(super) fn add(&mut self, hash: Hash, number: u32) {
        if self.used.saturating_mul(8) >= self.slots.len().saturating_mul(7) {
            let larger = Self::with_room(self.slots.len().saturating_mul(3) / 2);
            let old = core::mem::replace(self, larger);
            old.slots
                .into_iter()
                .filter(|mark| mark.number != NONE)
                .for_each(|mark| self.put(mark));
        }
        self.put(Mark { hash: hash.first_twelve(), number });
    }

    /// Gives the number of a hash.
    pub(super) fn find(&self, hash: Hash) -> Option<u32> {
        let hash = hash.first_twelve();
        let found = self.walk(hash).find(|mark| mark.number == NONE || mark.hash == hash)?;
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

    fn walk(&self, hash: Short) -> impl Iterator<Item = &Mark> {
        let (before, after) = self.slots.split_at(self.start(hash));
        after.iter().chain(before)
    }

    /// Where a hash belongs: hashes are spread, so that their share of all numbers is their place.
    fn start(&self, hash: Short) -> usize {
        let share = u128::from(first_eight(&hash).swap_bytes());
        let slots = self.slots.len() as u128;
        usize::try_from(share.saturating_mul(slots) >> 64).unwrap_or_default()
    }
}

const SLOTS_MIN: usize = 64;

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
        marks = Marks::with_room(10);
        for number in 0..5_000 {
            marks.add(hash(number), number);
        }
        marks.add(hash(7), 8);
        assert_eq!(marks.used, 5_000, "the first number of a hash stays");
        for number in 0..5_000 {
            assert_eq!(marks.find(hash(number)), Some(number));
        }
        assert_eq!(marks.find(hash(5_000)), None);
    }

    #[test]
    fn hashes_at_the_end_go_on_at_the_beginning() {
        let mut marks = Marks::with_room(0);
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
