//! When faults have stopped: everything comes together, or there is a reason for each that does not.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{DeviceId, EventKind, Role};
use rusqlite::Connection;
use seal::Hash;

use super::super::Seen;
use super::super::world::World;

/// In so many syncs of each device everything is where it belongs.
const ROUNDS: usize = 4;

impl World {
    /// Stops the faults, and waits until everything has come together.
    pub(crate) fn come_together(&mut self) -> Result<(), String> {
        self.calm_down()?;
        self.check(false)?;
        self.everybody_syncs()?;
        self.carriers_arrive()?;
        let mut together = Ok(());
        for _ in 1..ROUNDS {
            let unfinished = self.everybody_syncs()?;
            self.carriers_arrive()?;
            self.check(false)?;
            together = self.check_together(&unfinished);
            if together.is_ok() {
                break;
            }
        }
        self.check(true)?;
        together
    }

    fn check_together(&self, unfinished: &[(u8, String)]) -> Result<(), String> {
        if self.rewound {
            return self.check_rewound(unfinished);
        }
        // A key that was revoked before its device heard that it is enrolled enrols no more.
        let heard = |number: u8| {
            let phone = &self.phones[usize::from(number)];
            super::super::hands::finish(phone.device.with(|device| device.enrolment().is_some()))
        };
        let out = |number: u8| self.known.revoked.contains(&self.id_of(usize::from(number)));
        let left = unfinished.iter().find(|(number, _)| heard(*number) || !out(*number));
        if let Some((number, why)) = left {
            return Err(format!("device {number} does not sync any more: {why}"));
        }
        for number in 0..self.phones.len() {
            self.check_arrived(number).map_err(|why| format!("device {number}: {why}"))?;
            self.check_family(number).map_err(|why| format!("device {number}: {why}"))?;
            self.check_revoked(number).map_err(|why| format!("device {number}: {why}"))?;
            self.check_delivered(number).map_err(|why| format!("device {number}: {why}"))?;
        }
        self.check_forks()
    }

    /// Counts what came of the history.
    pub(crate) fn seen_at_the_end(&self) -> Seen {
        let count = |from: &str| {
            let sql = format!("SELECT count(*) FROM {from}");
            let found = self.seen.query_row(&sql, [], |row| row.get::<_, i64>(0));
            found.unwrap_or_default().cast_unsigned()
        };
        let answers =
            self.known.events.iter().filter(|logged| {
                matches!(logged.event.kind, EventKind::Confirm | EventKind::Dispute)
            });
        Seen {
            events: count("event"),
            parked: count("parked"),
            broken_links: count("parked WHERE reason = 'broken_link'"),
            suspended: count("device WHERE suspended = 1"),
            closed: count("tranche"),
            paid: count("redemption"),
            answers: answers.count() as u64,
            revoked: count("revoked_device"),
            released: self.known.released,
            parcels: count("parcel"),
            carried: self.carried_events(),
            brought_back: self.brought_back,
            robbed: self.robbed,
            rewound: u64::from(self.rewound),
        }
    }

    /// Every event has its receipt, or was put aside because there was a copy of its device.
    fn check_arrived(&self, number: usize) -> Result<(), String> {
        let mut query = self.phones[number]
            .seen
            .prepare_cached("SELECT seq, hash, state FROM event_state ORDER BY seq")
            .map_err(|error| error.to_string())?;
        let rows = query
            .query_map([], |row| Ok((row.get(0)?, Hash(row.get(1)?), row.get(2)?)))
            .map_err(|error| error.to_string())?;
        let rows: Vec<(i64, Hash, String)> =
            rows.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        let copied = self.copied.contains(&self.id_of(number));
        let revoked = self.known.revoked.contains(&self.id_of(number));
        for (seq, hash, state) in rows {
            let reason =
                self.seen.query_row("SELECT reason FROM parked WHERE hash = ?1", [hash.0], |row| {
                    row.get::<_, String>(0)
                });
            match state.as_str() {
                "receipted" | "witnessed" => {}
                "parked" if self.known.places.contains_key(&hash) && !copied => {
                    return Err(format!("event {seq} was let in, and the device does not know it"));
                }
                "parked" if (copied || revoked) && reason.is_ok() => {}
                other => {
                    let why = reason.unwrap_or_else(|_| "no reason".to_owned());
                    return Err(format!("event {seq} stays {other} for ever ({why})"));
                }
            }
        }
        Ok(())
    }

    /// Every device knows which devices count no more.
    fn check_revoked(&self, number: usize) -> Result<(), String> {
        let device = &self.phones[number].device;
        if super::super::hands::finish(device.with(|device| device.enrolment().is_none())) {
            return Ok(());
        }
        let listed = super::super::hands::finish(device.with(|device| {
            let list = device.revocations();
            list.map(|list| list.entries.iter().map(|entry| entry.device).collect())
        }));
        let listed: BTreeSet<DeviceId> = listed.unwrap_or_default();
        if listed == self.known.revoked {
            return Ok(());
        }
        Err(format!("it knows {listed:?} as revoked, and {:?} are", self.known.revoked))
    }

    /// A family sees every visit of its children, and that nothing is missing.
    fn check_family(&self, number: usize) -> Result<(), String> {
        if self.known.revoked.contains(&self.id_of(number)) {
            return Ok(());
        }
        if self.known.role_of(self.id_of(number)) == Some(Role::Teacher)
            || ![3, 4].contains(&number)
        {
            return Ok(());
        }
        let children = super::super::template::grant_of(u8::try_from(number).unwrap_or_default());
        let seen = hashes(&self.phones[number].seen, "SELECT hash FROM visit_seen")?;
        for child in children.children {
            if let Some(hidden) = self.known.visits_of(child).iter().find(|v| !seen.contains(*v)) {
                return Err(format!("the family does not see the visit {hidden}"));
            }
        }
        let missing = super::super::hands::finish(
            self.phones[number].device.with(|device| device.completeness()),
        );
        for child in missing.map_err(|error| error.to_string())? {
            if !child.missing.is_empty() || !child.unnamed.is_empty() {
                return Err(format!("entries of a child are missing: {child:?}"));
            }
        }
        Ok(())
    }

    /// Two events of one device with one number: the device is suspended, and one of them is kept as
    /// evidence beside the log.
    fn check_forks(&self) -> Result<(), String> {
        let mut at: BTreeMap<(DeviceId, i64), BTreeSet<Hash>> = BTreeMap::new();
        for number in 0..self.phones.len() {
            let device = self.id_of(number);
            let mut query = self.phones[number]
                .seen
                .prepare_cached("SELECT seq, hash FROM event")
                .map_err(|error| error.to_string())?;
            let rows = query
                .query_map([], |row| Ok((row.get(0)?, Hash(row.get(1)?))))
                .map_err(|error| error.to_string())?;
            for row in rows {
                let (seq, hash) = row.map_err(|error| error.to_string())?;
                at.entry((device, seq)).or_default().insert(hash);
            }
        }
        for (device, chain) in &self.known.chains {
            for (seq, hash) in (0..).zip(chain) {
                at.entry((*device, seq)).or_default().insert(*hash);
            }
        }
        let parked = hashes(&self.seen, "SELECT hash FROM parked")?;
        for ((device, seq), events) in at.iter().filter(|(_, events)| events.len() > 1) {
            // What a revoked device sends is put aside before its place is looked at.
            let aside = self.known.revoked.contains(device)
                && !events.iter().any(|event| self.known.places.contains_key(event));
            if !aside && !self.known.suspended.contains(device) {
                return Err(format!("device {device} has two events {seq}, and nobody noticed"));
            }
            let kept =
                |event: &Hash| self.known.places.contains_key(event) || parked.contains(event);
            if let Some(gone) = events.iter().find(|event| !kept(event)) {
                return Err(format!("event {gone} of a fork is kept nowhere"));
            }
        }
        Ok(())
    }

    /// A server that forgot something has an alarm at whoever saw more, or is not believed by it.
    fn check_rewound(&self, unfinished: &[(u8, String)]) -> Result<(), String> {
        for (number, phone) in (0u8..).zip(&self.phones) {
            let newest = phone.seen.query_row(
                "SELECT size, root FROM checkpoint JOIN history USING (origin, size)
                  ORDER BY size DESC LIMIT 1",
                [],
                |row| Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?))),
            );
            let Ok((size, root)) = newest else { continue };
            let same = self.known.root_at(size.cast_unsigned()) == Some(root);
            let alarms = "SELECT count(*) FROM alarm
                WHERE code IN ('log_older', 'not_consistent', 'two_histories')";
            let alarms: i64 =
                phone.seen.query_row(alarms, [], |row| row.get(0)).map_err(|e| e.to_string())?;
            let silent = alarms == 0 && !unfinished.iter().any(|(who, _)| *who == number);
            if !same && silent {
                return Err(format!(
                    "device {number} saw another log of {size} leaves, and says that all is well"
                ));
            }
        }
        Ok(())
    }
}

fn hashes(db: &Connection, sql: &str) -> Result<BTreeSet<Hash>, String> {
    let mut query = db.prepare_cached(sql).map_err(|error| error.to_string())?;
    let rows = query.query_map([], |row| Ok(Hash(row.get(0)?))).map_err(|e| e.to_string())?;
    rows.collect::<Result<_, _>>().map_err(|error| error.to_string())
}
