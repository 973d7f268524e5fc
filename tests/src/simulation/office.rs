//! What an office decides: a device counts no more, what of it was put aside counts after all, a card
//! counts no more.

use std::collections::BTreeMap;

use attendance::{DeviceId, RevocationReason, UnverifiedEvent};
use seal::Hash;
use server::CardReason;

use super::hands::finish;
use super::step::Step;
use super::world::World;
use crate::district;

impl World {
    /// Does a step of the office's.
    #[expect(clippy::wildcard_enum_match_arm, reason = "`perform` hands on what belongs here")]
    pub(crate) fn at_the_office(&mut self, step: &Step) -> Result<String, String> {
        match step {
            Step::Revoke { phone } => self.revoke(usize::from(*phone)),
            Step::Release { phone, back } => self.release(usize::from(*phone), usize::from(*back)),
            Step::Card { child, revoked } => self.decide_card(*child, *revoked),
            _ => Ok(String::new()),
        }
    }

    fn revoke(&mut self, number: usize) -> Result<String, String> {
        if number >= self.phones.len() {
            return Ok(String::new());
        }
        let subject = self.id_of(number);
        let coordinator = &mut self.phones[COORDINATOR];
        // A decision about a device that the server never saw has no effect.
        let enrolled = "SELECT 1 FROM device WHERE device = ?1";
        let enrolled = self.seen.query_row(enrolled, [subject.0], |_| Ok(())).is_ok();
        if !enrolled || subject == DeviceId::derive_from(&coordinator.public_key()) {
            return Ok(String::new());
        }
        let reason = RevocationReason::Lost;
        coordinator.show(move |device| device.revoke_device(subject, reason, None).map(Some))
    }

    /// Releases what is put aside of a device: all of it, or all but the last few.
    fn release(&mut self, number: usize, back: usize) -> Result<String, String> {
        if number >= self.phones.len() {
            return Ok(String::new());
        }
        let subject = self.id_of(number);
        let aside = self.put_aside(subject).map_err(|error| error.to_string())?;
        let Some((_, last)) = aside.iter().rev().nth(back % aside.len().max(1)) else {
            return Ok(String::new());
        };
        let last = *last;
        self.phones[COORDINATOR].show(move |device| device.release_events(subject, last).map(Some))
    }

    /// Finds what a decision can let in: by position.
    fn put_aside(&self, device: DeviceId) -> rusqlite::Result<BTreeMap<u64, Hash>> {
        let mut query = self.seen.prepare_cached(
            "SELECT hash, bytes FROM parked WHERE reason IN ('revoked', 'suspended')
              ORDER BY hash",
        )?;
        let rows = query.query_map([], |row| Ok((Hash(row.get(0)?), row.get::<_, Vec<u8>>(1)?)))?;
        let mut aside = BTreeMap::new();
        for row in rows {
            let (hash, bytes) = row?;
            let event = UnverifiedEvent::parse(&bytes).ok();
            let event = event.filter(|event| event.event().device == device);
            if let Some(event) = event
                && !self.known.places.contains_key(&hash)
            {
                aside.insert(event.event().seq, hash);
            }
        }
        Ok(aside)
    }

    fn decide_card(&mut self, child: u8, revoked: bool) -> Result<String, String> {
        let Some(server) = self.network.any() else { return Ok(String::new()) };
        let card = district::card(child);
        let decided = if revoked {
            finish(server.revoke_card(card, CardReason::Lost))
        } else {
            finish(server.reinstate_card(card, CardReason::Found))
        };
        match decided {
            Ok(decided) => Ok(format!("list {}: {} revoked", decided.version, decided.revoked)),
            Err(error) => Err(format!("a decision about a card: {error}")),
        }
    }
}

/// The coordinator's device.
pub(crate) const COORDINATOR: usize = 5;
