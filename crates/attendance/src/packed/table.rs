//! A table of what may be named by its place: what the roster has, and what the batch added.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use super::UnpackRejection;
use super::port::Port;

/// Holds the values in the order in which both sides learned them.
pub(super) struct Table<T> {
    values: Vec<T>,
    places: BTreeMap<T, usize>,
}

/// What was to be expected.
pub(super) const EXPECTED: u64 = 0;
const NEW: u64 = 1;
const FIRST: u64 = 2;

impl<T: Copy + Encode<()> + Ord + for<'b> Decode<'b, ()>> Table<T> {
    /// Begins with what both sides know; doubles are named by the first.
    pub(super) fn of(known: impl IntoIterator<Item = T>) -> Self {
        let mut table = Self { values: Vec::new(), places: BTreeMap::new() };
        known.into_iter().for_each(|value| table.learn(value));
        table
    }

    /// Gives the number by which a value is named; nothing is expected.
    pub(super) fn code(&self, value: T) -> u64 {
        let place = self.places.get(&value).and_then(|place| u64::try_from(*place).ok());
        place.map_or(NEW, |place| place.saturating_add(FIRST))
    }

    /// Passes a value whose number has passed already.
    pub(super) fn value<P: Port>(
        &mut self,
        port: &mut P,
        code: u64,
        value: &mut Option<T>,
    ) -> Result<T, UnpackRejection> {
        if code == NEW {
            port.item(value)?;
            let value = value.ok_or(UnpackRejection::Damaged("nothing to learn"))?;
            self.learn(value);
            return Ok(value);
        }
        let place = code.checked_sub(FIRST).and_then(|place| usize::try_from(place).ok());
        let found = place.and_then(|place| self.values.get(place)).copied();
        let found =
            found.ok_or(UnpackRejection::Damaged("a place that the table does not have"))?;
        *value = Some(found);
        Ok(found)
    }

    /// Passes a value.
    pub(super) fn walk<P: Port>(
        &mut self,
        port: &mut P,
        expected: Option<T>,
        value: &mut Option<T>,
    ) -> Result<(), UnpackRejection> {
        let mut code = match value {
            Some(value) if expected == Some(*value) => EXPECTED,
            Some(value) => self.code(*value),
            None => EXPECTED,
        };
        port.number(&mut code)?;
        if code != EXPECTED {
            return self.value(port, code, value).map(drop);
        }
        *value = expected;
        if expected.is_some() { Ok(()) } else { Err(UnpackRejection::Damaged("nothing expected")) }
    }

    fn learn(&mut self, value: T) {
        if !self.places.contains_key(&value) {
            self.places.insert(value, self.values.len());
            self.values.push(value);
        }
    }
}
