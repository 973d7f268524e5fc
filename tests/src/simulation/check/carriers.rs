//! Those who carry: what they gave their word for is there, in its order, within its bounds, and closed.

use std::collections::BTreeMap;

use attendance::DeviceId;
use hub::Standing;
use rusqlite::Connection;
use seal::Hash;

use super::super::hands::finish;
use super::super::world::World;

impl World {
    /// Notes the words that hubs gave; each was for what is on the disk.
    pub(crate) fn take_words(&mut self) -> Result<(), String> {
        for word in self.network.hubs.take_words() {
            if !word.on_disk {
                return Err(format!(
                    "hub {} gave its word for parcel {}, which is not on its disk",
                    word.hub, word.parcel
                ));
            }
            let carrier = self.id_of(usize::from(word.hub));
            self.words.insert((carrier, word.parcel));
            if !self.phones[usize::from(word.hub)].folder.is_answered_for_sure(word.parcel) {
                self.promised.insert((word.hub, word.parcel));
            }
        }
        Ok(())
    }

    /// Looks at the folder of a device, if anything in it changed.
    pub(crate) fn check_folder(&mut self, number: usize) -> Result<(), String> {
        let version = self.phones[number].folder.version();
        if version == self.phones[number].folder_seen {
            return Ok(());
        }
        self.phones[number].folder_seen = version;
        let by = u8::try_from(number).unwrap_or_default();
        let (first, last) = ((by, Hash([0; 32])), (by, Hash([255; 32])));
        let promised: Vec<Hash> = self.promised.range(first..=last).map(|(_, p)| *p).collect();
        let folder = &self.phones[number].folder;
        for parcel in promised {
            if !folder.holds_for_sure(parcel) {
                return Err(format!("it gave its word for parcel {parcel}, which is gone"));
            }
            if folder.is_answered_for_sure(parcel) {
                self.promised.remove(&(by, parcel));
            }
        }
        self.check_bounds(number)?;
        self.check_closed(number)
    }

    /// What is carried stays within its bounds, for all and for each.
    fn check_bounds(&self, number: usize) -> Result<(), String> {
        let phone = &self.phones[number];
        let limits = phone.store.limits();
        let mut of_device: BTreeMap<Option<DeviceId>, usize> = BTreeMap::new();
        let listed = phone.store.list();
        for carried in listed.iter().filter(|carried| carried.waits()) {
            *of_device.entry(carried.header.map(|header| header.device)).or_default() += 1;
        }
        let waiting: usize = of_device.values().sum();
        let most = of_device.values().max().copied().unwrap_or_default();
        // One answer may be above it, and a power cut may bring back what had to go for something.
        let over = limits.parcel_bytes + limits.answer_bytes;
        let bytes_max = limits.total_bytes + over as u64;
        let bytes = phone.folder.bytes();
        if waiting > limits.parcels || most > limits.parcels_per_device || bytes > bytes_max {
            return Err(format!(
                "{waiting} parcels wait, {most} of one device, {bytes} bytes: more than {limits:?}"
            ));
        }
        Ok(())
    }

    /// Nobody who carries sees anything of what is inside.
    fn check_closed(&self, number: usize) -> Result<(), String> {
        for kept in self.phones[number].folder.parcels() {
            let Some(events) = self.parcels.get(&kept.parcel) else { continue };
            let open = events.iter().any(|event| {
                // Packed or not, a signature is there as it is.
                let signature = event.get(event.len().saturating_sub(64)..).unwrap_or_default();
                kept.bytes.windows(signature.len()).any(|bytes| bytes == signature)
            });
            if open {
                return Err(format!("parcel {} is open to whoever carries it", kept.parcel));
            }
        }
        Ok(())
    }

    /// A round of passing on keeps the order of each device: nothing goes before what came first.
    pub(crate) fn check_order(&self, by: u8) -> Result<(), String> {
        let brought = self.network.brought();
        let tried: Vec<_> = brought.iter().filter(|brought| brought.by == by).collect();
        for (at, one) in tried.iter().enumerate() {
            let Some(own) = self.waiting.iter().find(|waiting| waiting.parcel == one.parcel) else {
                continue;
            };
            let before = self
                .waiting
                .iter()
                .filter(|other| other.device == own.device && other.number < own.number);
            for first in before {
                let answered = tried.iter().take(at).any(|tried| {
                    tried.parcel == first.parcel && tried.status.is_some_and(is_final)
                });
                // Somebody may have taken it meanwhile, or brought its answer.
                let store = &self.phones[usize::from(by)].store;
                let waits = store
                    .find(first.parcel)
                    .is_some_and(|carried| carried.standing == Standing::Waiting);
                if !answered && (waits || tried.iter().any(|tried| tried.parcel == first.parcel)) {
                    return Err(format!(
                        "device {by} passed parcel {} on before {}",
                        one.parcel, first.parcel
                    ));
                }
            }
        }
        Ok(())
    }

    /// Who carries something said so.
    pub(crate) fn check_carried(&self, number: usize) -> rusqlite::Result<Result<(), String>> {
        let db = &self.phones[number].seen;
        let mut query = db.prepare_cached("SELECT parcel, carrier FROM carried ORDER BY parcel")?;
        let rows = query.query_map([], |row| Ok((Hash(row.get(0)?), DeviceId(row.get(1)?))))?;
        for row in rows {
            let (parcel, carrier) = row?;
            if !self.words.contains(&(carrier, parcel)) {
                return Ok(Err(format!("{carrier} never said that it carries parcel {parcel}")));
            }
        }
        Ok(Ok(()))
    }

    /// What the screen calls carried has a carrier's word and no receipt, and is counted as not done.
    pub(crate) fn check_shown(&self, number: usize) -> Result<(), String> {
        let phone = &self.phones[number];
        let status = finish(phone.device.with(|device| device.status()));
        let status = status.map_err(|error| error.to_string())?;
        let count = |sql: &str| -> Result<u64, String> {
            let found = phone.seen.query_row(sql, [], |row| row.get::<_, i64>(0));
            found.map(i64::cast_unsigned).map_err(|error| format!("{sql}: {error}"))
        };
        let waits = count(
            "SELECT count(*) FROM event WHERE kind <> 'time-anchor'
                AND seq NOT IN (SELECT seq FROM receipt)",
        )?;
        let carried = count(
            "SELECT count(*) FROM event WHERE kind <> 'time-anchor'
                AND seq NOT IN (SELECT seq FROM receipt) AND seq IN (SELECT seq FROM carried_event)
                AND seq NOT IN (SELECT seq FROM delivery AS one WHERE verdict <> 'deferred'
                    AND id = (SELECT max(id) FROM delivery WHERE seq = one.seq))",
        )?;
        if (status.not_receipted, status.carried) == (waits, carried) {
            return Ok(());
        }
        Err(format!("it shows {status:?}; {waits} wait for a receipt, {carried} are carried"))
    }

    /// With all well again, whoever carries something passes it on.
    pub(crate) fn carriers_arrive(&mut self) -> Result<(), String> {
        for number in 0..self.phones.len() {
            let by = u8::try_from(number).unwrap_or_default();
            if self.phones[number].store.due(i64::MAX).is_empty() {
                continue;
            }
            self.network.plan(&[]);
            self.waiting.clear();
            let ending = finish(self.forward_of(by).doing);
            let said = self.end_of(by, ending)?;
            self.network.tell(&said, &[]);
        }
        Ok(())
    }

    /// When all of them have reached the server, nobody carries anything that waits.
    pub(crate) fn check_delivered(&self, number: usize) -> Result<(), String> {
        let listed = self.phones[number].store.list();
        match listed.iter().find(|carried| carried.standing == Standing::Waiting) {
            Some(carried) => Err(format!("parcel {} stays with it for ever", carried.parcel)),
            None => Ok(()),
        }
    }

    /// Counts the events that somebody carried, on all devices.
    pub(crate) fn carried_events(&self) -> u64 {
        let count = |db: &Connection| {
            let sql = "SELECT count(DISTINCT seq) FROM carried_event";
            db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or_default().cast_unsigned()
        };
        self.phones.iter().map(|phone| count(&phone.seen)).sum()
    }
}

/// Whether a server said all that it will say about a parcel for now.
fn is_final(status: u16) -> bool {
    status < 500 && ![401, 403, 404, 408, 425, 429].contains(&status)
}
