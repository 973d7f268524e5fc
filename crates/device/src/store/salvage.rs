//! Reading out of a damaged file whatever can be read, and judging it as if a stranger had sent it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use attendance::{ChainedEvent, Roster, VerifiedCertificate};
use rusqlite::{Connection, Row, params};
use tlog::Checkpoint;

use crate::enrolment::Enrolled;
use crate::log::{Claim, Log, Stated};
use crate::saved::{Doubt, Saved};
use crate::store::access::{
    Access, Header, beside, create_private, remove, sync_file, sync_folder,
};
use crate::store::receipt::ReceiptRow;
use crate::store::wal::wal_is_whole;
use crate::store::{self, StoreError, file, replace};

/// How far a salvage has come. Tests stop at each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// The damaged file is kept under its new name; nothing else has changed.
    Kept,
    /// The new file is made, and has not the name yet.
    Made,
}

/// Keeps the damaged file at `path` as `kept_as`, and puts a new one in its place with all that could be
/// read and holds. Stopped at any point it begins anew: until the end the damaged file has the name.
pub(crate) fn salvage(
    path: &Path,
    access: &Access<'_>,
    now_ms: i64,
    ending: &str,
    at: &mut dyn FnMut(Step) -> Result<(), StoreError>,
) -> Result<Saved, StoreError> {
    let kept = beside(path, ending);
    keep_copy(path, &kept)?;
    at(Step::Kept)?;
    // Reading may play a log back into the file: it is done on a copy of the copy.
    let scratch = beside(path, ".reading");
    remove(&scratch)?;
    keep_copy(&kept, &scratch)?;
    let made = beside(path, ".saving");
    remove(&made)?;
    create_private(&made);
    let kept_as = kept.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut db = access.connect(&made)?;
    file::migrate(&mut db)?;
    let saved = {
        let source = Source { path: &scratch, access };
        let tx = store::begin(&mut db)?;
        tx.execute("INSERT INTO device_key VALUES (1, ?1)", [access.owner.to_bytes()])?;
        let saved = copy(&source, &tx, access, now_ms, kept_as)?;
        tx.commit()?;
        saved
    };
    drop(db);
    remove(&scratch)?;
    sync_file(&made)?;
    sync_folder(path)?;
    at(Step::Made)?;
    replace::replace(&made, path)?;
    Ok(saved)
}

/// Copies a database with its log. What is there already is of an earlier try, and is written again.
fn keep_copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    for part in ["-wal", "-journal", ""] {
        let (from, to) = (beside(from, part), beside(to, part));
        if from.exists() {
            std::fs::copy(&from, &to)?;
            sync_file(&to)?;
        }
    }
    Ok(sync_folder(to)?)
}

fn copy(
    source: &Source<'_>,
    into: &Connection,
    access: &Access<'_>,
    now_ms: i64,
    kept_as: String,
) -> Result<Saved, StoreError> {
    let (events, missing, is_whole) = source.events();
    for bytes in events.values() {
        if let Ok(event) = ChainedEvent::parse_and_verify(bytes, access.owner) {
            store::event::insert(into, &event)?;
        }
    }
    let enrolled = enrolment(source, into, access, now_ms)?;
    let mut receipts = 0;
    if let Some(enrolled) = &enrolled
        && let Ok(log) = Log::of(Some(enrolled))
    {
        checkpoints(source, into, &log)?;
        receipts = own_receipts(source, into, &log, &events)?;
        seen(source, into, &log)?;
    }
    accusations(source, into)?;
    documents(source, into)?;
    if !is_whole {
        store::head_doubt::turn(into, Some(Doubt::Damaged), now_ms)?;
    }
    let saved = Saved {
        at_ms: now_ms,
        kept_as,
        events: events.len() as u64,
        receipts,
        missing: ranges(&missing),
        enrolled: enrolled.is_some(),
    };
    store::head_doubt::keep(into, &saved)?;
    Ok(saved)
}

/// Restores who this device is, if all of it verifies, and its roster.
fn enrolment(
    source: &Source<'_>,
    into: &Connection,
    access: &Access<'_>,
    now_ms: i64,
) -> Result<Option<Enrolled>, StoreError> {
    let row = source.one(|db| store::enrolment::read(db).ok().flatten());
    let Some(row) = row else { return Ok(None) };
    let kept = row.clone();
    let Ok(enrolled) = Enrolled::read_back(row) else { return Ok(None) };
    let verified =
        VerifiedCertificate::verify_for_audit(&kept.certificate, enrolled.trust_list()).ok();
    if !verified.is_some_and(|certificate| certificate.public_key() == *access.owner) {
        return Ok(None);
    }
    store::enrolment::replace(into, &kept, enrolled.trust_list().version)?;
    let bytes = source.one(|db| store::roster::read(db).ok().flatten());
    let now_s = now_ms.div_euclid(1_000);
    if let Some(bytes) = bytes
        && let Ok(roster) = Roster::parse_and_verify(&bytes, enrolled.trust_list(), now_s)
    {
        store::roster::replace(into, roster.version, &bytes)?;
    }
    Ok(Some(enrolled))
}

/// Keeps the checkpoints that the log signed. The newest stands for their history; the others are
/// linked at the next contacts.
fn checkpoints(source: &Source<'_>, into: &Connection, log: &Log<'_>) -> Result<(), StoreError> {
    let notes = source.walk("checkpoint", "origin, size", "note", |row| row.get::<_, String>(0));
    for note in notes.rows {
        if let Ok(signed) = log.verify(&note) {
            store::checkpoint::keep(into, &signed.stated.checkpoint, &note)?;
        }
    }
    into.execute(
        "INSERT INTO history SELECT origin, max(size), NULL, x'' FROM checkpoint GROUP BY origin",
        [],
    )?;
    Ok(())
}

/// Keeps the receipts that prove a saved event under a saved checkpoint.
fn own_receipts(
    source: &Source<'_>,
    into: &Connection,
    log: &Log<'_>,
    events: &BTreeMap<i64, Vec<u8>>,
) -> Result<u64, StoreError> {
    type Found = (i64, [u8; 16], Vec<u8>, i64);
    let columns = "seq, salt, bytes, tree_size";
    let found = source.walk("receipt", "seq", columns, |row| {
        Ok::<Found, _>((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    });
    let mut kept = 0;
    for (seq, salt, bytes, tree_size) in found.rows {
        let Some(event) = events.get(&seq) else { continue };
        let Some(under) = saved_checkpoint(into, log, tree_size)? else { continue };
        let claim = Claim { bytes: event, salt: &salt, receipt: &bytes };
        if let Ok(leaf_index) = log.prove(&claim, &under) {
            let (origin, tree_size) = (log.origin, under.size);
            let row = ReceiptRow { salt: &salt, bytes: &bytes, leaf_index, origin, tree_size };
            kept += u64::from(store::receipt::keep(into, seq, &row)?);
        }
    }
    Ok(kept)
}

fn saved_checkpoint(
    into: &Connection,
    log: &Log<'_>,
    size: i64,
) -> Result<Option<Checkpoint>, StoreError> {
    let Ok(size) = u64::try_from(size) else { return Ok(None) };
    let note = store::checkpoint::note_of(into, log.origin, size)?;
    Ok(note.map(|note| Stated::read_back(&note)).transpose()?.map(|stated| stated.checkpoint))
}

/// Keeps what others signed and the log proves: visits, entries, statements.
fn seen(source: &Source<'_>, into: &Connection, log: &Log<'_>) -> Result<(), StoreError> {
    for (table, columns) in SEEN {
        let all = format!("salt, bytes, receipt, tree_size, {columns}");
        let count = all.split(',').count();
        let found = source.walk(table, "rowid", &all, |row| {
            (0..count).map(|at| row.get(at)).collect::<Result<Vec<rusqlite::types::Value>, _>>()
        });
        let places = (1..=count).map(|at| format!("?{at}")).collect::<Vec<_>>().join(", ");
        let insert = format!("INSERT OR IGNORE INTO {table} ({all}) VALUES ({places})");
        for row in found.rows {
            if proven(into, log, &row)? {
                into.prepare_cached(&insert)?.execute(rusqlite::params_from_iter(row))?;
            }
        }
    }
    Ok(())
}

/// Tells whether a row of salt, bytes, receipt, tree size and leaf index holds.
fn proven(
    into: &Connection,
    log: &Log<'_>,
    row: &[rusqlite::types::Value],
) -> Result<bool, StoreError> {
    use rusqlite::types::Value::{Blob, Integer};
    let [Blob(salt), Blob(bytes), Blob(receipt), Integer(size), Integer(leaf), ..] = row else {
        return Ok(false);
    };
    let Ok(salt) = <&[u8; 16]>::try_from(salt.as_slice()) else { return Ok(false) };
    let Some(under) = saved_checkpoint(into, log, *size)? else { return Ok(false) };
    let found = log.prove(&Claim { bytes, salt, receipt }, &under);
    Ok(found.ok().and_then(|found| i64::try_from(found).ok()) == Some(*leaf))
}

/// Keeps what was said against the log. An accusation proves itself or not: whoever reads it judges.
fn accusations(source: &Source<'_>, into: &Connection) -> Result<(), StoreError> {
    for (table, order, columns) in [
        ("alarm", "id", "at_ms, code, detail, subject, evidence"),
        ("disbelieved", "origin, key", "origin, key, at_ms"),
    ] {
        let count = columns.split(',').count();
        let found = source.walk(table, order, columns, |row| {
            (0..count).map(|at| row.get(at)).collect::<Result<Vec<rusqlite::types::Value>, _>>()
        });
        let places = (1..=count).map(|at| format!("?{at}")).collect::<Vec<_>>().join(", ");
        let insert = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})");
        for row in found.rows {
            if table != "alarm" || store::alarm::is_known(&row) {
                into.prepare_cached(&insert)?.execute(rusqlite::params_from_iter(row))?;
            }
        }
    }
    Ok(())
}

/// Keeps the files that are what their names say.
fn documents(source: &Source<'_>, into: &Connection) -> Result<(), StoreError> {
    type Found = ([u8; 32], Vec<u8>, i64);
    let found = source.walk("document", "rowid", "hash, bytes, at_ms", |row| {
        Ok::<Found, _>((row.get(0)?, row.get(1)?, row.get(2)?))
    });
    for (hash, bytes, at_ms) in found.rows {
        let media = crate::document::Media::of(&bytes);
        if let Some(media) = media.filter(|_| seal::sha256(&bytes).0 == hash) {
            let document = crate::document::Document { media, bytes };
            store::document::keep(into, seal::Hash(hash), &document, at_ms)?;
        }
    }
    Ok(())
}

/// The damaged file. A connection that met a bad page may be of no use any more, so that each question
/// has its own.
struct Source<'a> {
    path: &'a Path,
    access: &'a Access<'a>,
}

/// What a walk through a table found.
struct Walked<T> {
    rows: Vec<T>,
    /// True if nothing was in the way.
    is_whole: bool,
}

impl Source<'_> {
    fn connect(&self) -> Option<Connection> {
        let plain = Access::plain(self.access.owner);
        let is_plain = self.access.header(self.path).is_ok_and(|it| it == Header::Plain);
        let access = if is_plain { &plain } else { self.access };
        let db = access.connect(self.path).ok()?;
        // What a damaged schema says is not run.
        db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;").ok()?;
        Some(db)
    }

    fn one<T>(&self, read: impl FnOnce(&Connection) -> Option<T>) -> Option<T> {
        self.connect().and_then(|db| read(&db))
    }

    /// Walks through a table from its beginning up to what is in the way, then from its end.
    fn walk<T>(
        &self,
        table: &str,
        order: &str,
        columns: &str,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Walked<T> {
        let descending: Vec<String> =
            order.split(',').map(|column| format!("{column} DESC")).collect();
        let mut rows = Vec::new();
        let upwards = format!("SELECT {columns} FROM {table} ORDER BY {order}");
        let is_whole = self.read_on(&upwards, &read, &mut rows);
        if !is_whole {
            let down = format!("SELECT {columns} FROM {table} ORDER BY {}", descending.join(", "));
            // What comes twice is kept once by whoever keeps it.
            self.read_on(&down, &read, &mut rows);
        }
        Walked { rows, is_whole }
    }

    /// Reads rows until something is in the way; true if nothing was.
    fn read_on<T>(
        &self,
        sql: &str,
        read: &impl Fn(&Row<'_>) -> rusqlite::Result<T>,
        into: &mut Vec<T>,
    ) -> bool {
        let all = self.one(|db| {
            let mut statement = db.prepare(sql).ok()?;
            let mut rows = statement.query([]).ok()?;
            let mut all = true;
            loop {
                match rows.next() {
                    Ok(Some(row)) => match read(row) {
                        Ok(read) => into.push(read),
                        Err(_) => all = false,
                    },
                    Ok(None) => return Some(all),
                    Err(_) => return Some(false),
                }
            }
        });
        all.unwrap_or(false)
    }

    /// Reads the own events that verify, by position; which are known to be missing; and whether it is
    /// certain that there were no others.
    fn events(&self) -> (BTreeMap<i64, Vec<u8>>, BTreeSet<i64>, bool) {
        // Asked first: whoever reads the database may play its log back, and remove it.
        let log_is_whole = wal_is_whole(self.path);
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?));
        let walked = self.walk("event", "seq", "seq, bytes", read);
        let mut is_whole = walked.is_whole && log_is_whole;
        let mut found = BTreeMap::new();
        let verified = |seq: i64, bytes: &[u8]| {
            ChainedEvent::parse_and_verify(bytes, self.access.owner)
                .is_ok_and(|event| i64::try_from(event.event().seq) == Ok(seq))
        };
        for (seq, bytes) in walked.rows {
            if verified(seq, &bytes) {
                found.insert(seq, bytes);
            } else {
                is_whole = false;
            }
        }
        let mut known = self.known_positions(&mut is_whole);
        known.extend(0..found.last_key_value().map_or(0, |(last, _)| *last));
        for seq in known.iter().filter(|seq| !found.contains_key(seq)).copied().collect::<Vec<_>>()
        {
            let bytes = self.one(|db| {
                let sql = "SELECT bytes FROM event WHERE seq = ?1";
                db.query_row(sql, params![seq], |row| row.get::<_, Vec<u8>>(0)).ok()
            });
            if let Some(bytes) = bytes.filter(|bytes| verified(seq, bytes)) {
                found.insert(seq, bytes);
            }
        }
        let missing: BTreeSet<i64> =
            known.into_iter().filter(|seq| !found.contains_key(seq)).collect();
        is_whole &= missing.is_empty();
        (found, missing, is_whole)
    }

    /// Which positions the indexes and the other tables speak of.
    fn known_positions(&self, is_whole: &mut bool) -> BTreeSet<i64> {
        let mut known = Vec::new();
        for sql in [
            "SELECT seq FROM event WHERE hash >= x''",
            "SELECT seq FROM receipt",
            "SELECT DISTINCT seq FROM delivery",
        ] {
            let whole = self.read_on(sql, &|row| row.get::<_, i64>(0), &mut known);
            *is_whole &= whole;
        }
        known.into_iter().filter(|seq| (0..POSITIONS_MAX).contains(seq)).collect()
    }
}

/// Writes positions as ranges: `3-5,9`.
fn ranges(positions: &BTreeSet<i64>) -> String {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for seq in positions {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *seq => *last = *seq,
            Some(_) | None => ranges.push((*seq, *seq)),
        }
    }
    let text = |(first, last): &(i64, i64)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    ranges.iter().map(text).collect::<Vec<_>>().join(",")
}

/// No device has so many events; a damaged index may say anything.
const POSITIONS_MAX: i64 = 1_000_000;
/// Proven leaves of others: the table, and its columns after salt, bytes, receipt and tree size, the
/// leaf's place first.
const SEEN: [(&str, &str); 3] = [
    ("visit_seen", "leaf_index, origin, hash, child, wall_ms, certificate"),
    ("entry", "leaf_index, origin, kind, hash, certificate"),
    ("statement", "leaf_index, origin, month"),
];
