//! What a plain database makes of the same visits: one join, one grouping, two sums.

use std::time::Duration;

use attendance::EventKind;
use ledger::{LoggedEvent, Snapshot};
use rusqlite::{Connection, params};

use crate::clock::worked;

/// A table of vouchers and one of visits, in a file.
pub(crate) struct Plain(Connection);

/// What it found.
pub(crate) struct Found {
    pub(crate) took: Duration,
    pub(crate) vouchers: u64,
    pub(crate) visits: i64,
    pub(crate) tiyn: i64,
}

impl Plain {
    pub(crate) fn new(path: &std::path::Path, snapshot: &Snapshot) -> rusqlite::Result<Self> {
        let mut sql = Connection::open(path)?;
        sql.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;
             CREATE TABLE voucher (id BLOB PRIMARY KEY, plan INTEGER, planned INTEGER) WITHOUT ROWID;
             CREATE TABLE visit (leaf INTEGER PRIMARY KEY, voucher BLOB, lesson BLOB);",
        )?;
        let all = sql.transaction()?;
        {
            let mut insert = all.prepare("INSERT INTO voucher VALUES (?1, ?2, ?3)")?;
            for contract in &snapshot.contracts {
                insert.execute(params![contract.voucher.0, contract.total_tiyn.0 / 4, 13])?;
            }
        }
        all.commit()?;
        Ok(Self(sql))
    }

    /// Takes the visits of a piece of the log; how long that takes is not counted.
    pub(crate) fn take(&mut self, piece: &[LoggedEvent]) -> rusqlite::Result<()> {
        let all = self.0.transaction()?;
        {
            let mut insert = all.prepare_cached("INSERT INTO visit VALUES (?1, ?2, ?3)")?;
            for one in piece.iter().filter(|one| one.event.kind == EventKind::In) {
                let (voucher, lesson) = (one.event.voucher, one.event.lesson);
                let leaf = i64::try_from(one.index).expect("a short log");
                insert.execute(params![leaf, voucher.map(|id| id.0), lesson.map(|id| id.0)])?;
            }
        }
        all.commit()
    }

    /// Asks for the visits of every voucher and what they come to.
    pub(crate) fn sum(&self) -> rusqlite::Result<Found> {
        let begun = worked();
        let mut query = self.0.prepare(
            "SELECT v.id, COUNT(*), v.plan * COUNT(*) / v.planned
               FROM visit JOIN voucher v ON v.id = visit.voucher GROUP BY v.id",
        )?;
        let mut rows = query.query([])?;
        let mut found = Found { took: Duration::ZERO, vouchers: 0, visits: 0, tiyn: 0 };
        while let Some(row) = rows.next()? {
            found.vouchers += 1;
            found.visits += row.get::<_, i64>(1)?;
            found.tiyn += row.get::<_, i64>(2)?;
        }
        found.took = worked().saturating_sub(begun);
        Ok(found)
    }
}
