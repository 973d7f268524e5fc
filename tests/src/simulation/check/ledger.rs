//! The ledger: made again from leaf 0 it is the stored one, and nothing is paid twice.

use std::collections::BTreeSet;

use attendance::LeafKind;
use ledger::{LoggedSnapshot, PaymentState, Snapshot, Snapshots, Tranche, TrancheBasis};
use seal::{Hash, Sign1};
use sync_api::{SNAPSHOT_DOMAIN, TRANCHE_DOMAIN};

use super::super::world::World;
use crate::district;

impl World {
    pub(crate) fn check_ledger(&self) -> Result<(), String> {
        let mut tranches = BTreeSet::new();
        for (index, kind, bytes) in &self.known.others {
            if *kind == LeafKind::Tranche {
                let sealed = Sign1::parse(bytes).map_err(|error| error.to_string())?;
                let key = self.known.log_key().key;
                let bytes = sealed.verify(&key, TRANCHE_DOMAIN).map_err(|e| e.to_string())?;
                let tranche = Tranche::parse(bytes).map_err(|error| error.to_string())?;
                if !tranches.insert(tranche.month.number()) {
                    return Err(format!("month {} was closed twice", tranche.month));
                }
                self.check_tranche(*index, &tranche)?;
            }
        }
        let stored = self.rows("SELECT count(*) FROM tranche")?;
        if stored != i64::try_from(tranches.len()).unwrap_or_default() {
            return Err(format!("{stored} months are closed, the log has {}", tranches.len()));
        }
        Ok(())
    }

    fn check_tranche(&self, index: u64, stored: &Tranche) -> Result<(), String> {
        let month = stored.month;
        let snapshots = self.snapshots()?;
        let events = &self.known.events;
        let closed = snapshots.closed(events, month).ok_or("a month that nobody closed")?;
        let tree_size = closed.leaf + 1;
        if closed.leaf >= index {
            return Err(format!("{month} was closed before it was closed"));
        }
        let root = self.known.root_at(tree_size).ok_or("no root")?;
        let basis = TrancheBasis { origin: district::ORIGIN.to_owned(), tree_size, root };
        let again = ledger::compute_closed(&snapshots, events, month, basis);
        let again = again.map_err(|error| error.to_string())?;
        if again != *stored {
            return Err(format!("{month} comes out otherwise when it is made again"));
        }
        let mut paid = BTreeSet::new();
        let mut due = 0;
        for line in &stored.lines {
            if line.accrued.0 + line.held.0 + line.released.0 != line.plan.0 {
                return Err(format!("voucher {} does not balance in {month}", line.voucher));
            }
            due += i64::from(line.accrued.0 > 0);
            for leaf in &line.leaves {
                if !paid.insert(*leaf) {
                    return Err(format!("leaf {leaf} counts twice in {month}"));
                }
            }
            self.check_visits(&line.leaves)?;
        }
        let entries = self.rows(
            "SELECT count(*) FROM ledger_entry
              WHERE plan_tiyn = accrued_tiyn + held_tiyn + released_tiyn",
        )?;
        let sum = self.rows("SELECT sum(accrued_tiyn) FROM ledger_entry")?;
        if entries != i64::try_from(stored.lines.len()).unwrap_or_default()
            || sum != stored.totals.accrued.0
        {
            return Err(format!("the rows of {month} are not its tranche's"));
        }
        self.check_paid(stored, due)
    }

    /// One visit for a voucher and a lesson, however many tablets saw the child.
    fn check_visits(&self, leaves: &[u64]) -> Result<(), String> {
        let mut visits = BTreeSet::new();
        let events = &self.known.events;
        let inside = events.iter().filter(|event| {
            leaves.contains(&event.index) && event.event.kind == attendance::EventKind::In
        });
        for event in inside {
            if !visits.insert((event.event.voucher, event.event.lesson)) {
                return Err(format!("the visit of leaf {} is paid twice", event.index));
            }
        }
        Ok(())
    }

    fn check_paid(&self, tranche: &Tranche, due: i64) -> Result<(), String> {
        let payments = ledger::payments(tranche, &self.known.events);
        let settled = payments.iter().filter(|p| matches!(p.state, PaymentState::Paid { .. }));
        let redeemed = self.rows("SELECT count(*) FROM redemption")?;
        if redeemed > due || (redeemed > 0 && settled.count() == 0) {
            return Err(format!("{redeemed} vouchers were redeemed, {due} are due"));
        }
        Ok(())
    }

    fn snapshots(&self) -> Result<Snapshots, String> {
        let mut all: Option<Snapshots> = None;
        for (index, kind, bytes) in &self.known.others {
            if *kind != LeafKind::Snapshot {
                continue;
            }
            let sealed = Sign1::parse(bytes).map_err(|error| error.to_string())?;
            let json =
                std::str::from_utf8(sealed.unverified_payload()).map_err(|e| e.to_string())?;
            let snapshot = Snapshot::parse(json).map_err(|error| error.to_string())?;
            let logged = LoggedSnapshot { index: *index, snapshot };
            match &mut all {
                None => all = Some(Snapshots::begin(logged)),
                Some(all) => all.push(logged).map_err(|error| error.to_string())?,
            }
        }
        all.ok_or_else(|| format!("no snapshot ({})", SNAPSHOT_DOMAIN.0))
    }

    fn rows(&self, sql: &str) -> Result<i64, String> {
        let found = self.seen.query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
        found.map(Option::unwrap_or_default).map_err(|error| format!("{sql}: {error}"))
    }

    /// Names the hash of everything that the log holds, for a comparison of two runs.
    pub(crate) fn log_hash(&self) -> Hash {
        self.known.root()
    }
}
