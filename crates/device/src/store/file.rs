//! The file itself: is it ours, is it whole, is it of a version we know.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use seal::PublicKey;

use crate::device::OpenError;
use crate::store::StoreError;
use crate::store::access::{Access, Header, create_private};
use crate::store::replace;
use crate::store::wal::wal_is_whole;

/// Opens, migrates and claims the file. A plain file is encrypted first, if it is opened with a key.
pub(crate) fn open(path: &Path, access: &Access<'_>) -> Result<Connection, OpenError> {
    replace::finish(path).map_err(StoreError::from)?;
    if !wal_is_whole(path) {
        return Err(OpenError::Corrupt);
    }
    #[cfg(feature = "encrypted")]
    crate::store::cipher::encrypt_if_plain(path, access, &mut |_| Ok(()))?;
    if !access.is_encrypted() && matches!(access.header(path), Ok(Header::Ours | Header::Another)) {
        return Err(OpenError::Encrypted);
    }
    create_private(path);
    let mut db = access.connect(path)?;
    db.busy_timeout(BUSY_TIMEOUT).map_err(StoreError::from)?;
    let found = version_of(&db)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;
         PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;",
    )
    .map_err(StoreError::from)?;
    if found > 0 {
        quick_check(&db)?;
    }
    migrate(&mut db)?;
    claim(&mut db, access.owner)?;
    empty_wal(&db);
    Ok(db)
}

/// Empties the write-ahead log: what a power cut left behind its last commit would lie behind the next
/// one too, and a second power cut would then look like damage. A disk without room leaves it for the
/// next opening.
fn empty_wal(db: &Connection) {
    drop(db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())));
}

/// The schema's version; 0 for an empty file. Reads only: a file that is not ours is not touched.
pub(crate) fn version_of(db: &Connection) -> Result<u32, OpenError> {
    let application: i32 = pragma(db, "application_id")?;
    let found: u32 = pragma(db, "user_version")?;
    let tables: u32 = db
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(StoreError::from)?;
    let empty = application == 0 && found == 0 && tables == 0;
    if application != APPLICATION_ID && !empty {
        return Err(OpenError::Foreign);
    }
    let known = known_version();
    if found > known { Err(OpenError::Newer { found, known }) } else { Ok(found) }
}

pub(crate) fn quick_check(db: &Connection) -> Result<(), StoreError> {
    let answer: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if answer == "ok" { Ok(()) } else { Err(StoreError::Corrupt) }
}

/// Runs each missing migration in its own transaction.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    for (version, sql) in (1u32..).zip(MIGRATIONS) {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if pragma::<u32>(&tx, "user_version")? < version {
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            tx.pragma_update(None, "user_version", version)?;
        }
        tx.commit()?;
    }
    Ok(())
}

/// Binds the file to the key at first opening, and refuses another key ever after.
pub(crate) fn claim(db: &mut Connection, key: &PublicKey) -> Result<(), OpenError> {
    let kept: Option<[u8; 32]> = db
        .query_row("SELECT key FROM device_key", [], |row| row.get(0))
        .optional()
        .map_err(StoreError::from)?;
    match kept {
        Some(kept) if kept == key.to_bytes() => Ok(()),
        Some(_) => Err(OpenError::OtherKey),
        None => {
            db.execute("INSERT INTO device_key VALUES (1, ?1)", [key.to_bytes()])
                .map_err(StoreError::from)?;
            Ok(())
        }
    }
}

fn pragma<T: rusqlite::types::FromSql>(db: &Connection, name: &str) -> Result<T, StoreError> {
    Ok(db.pragma_query_value(None, name, |row| row.get(0))?)
}

/// The newest schema this program knows.
pub(crate) fn known_version() -> u32 {
    u32::try_from(MIGRATIONS.len()).expect("there are few migrations")
}

/// `QTYS`: marks our files in their header.
pub(crate) const APPLICATION_ID: i32 = 0x5154_5953;
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// Landed migrations are never changed, only added to.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../../migrations/device/0001_init.sql"),
    include_str!("../../../../migrations/device/0002_evidence.sql"),
    include_str!("../../../../migrations/device/0003_sync.sql"),
    include_str!("../../../../migrations/device/0004_month.sql"),
];
