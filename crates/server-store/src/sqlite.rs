//! SQLite behind one thread that owns the connection.

mod backup;
mod card;
mod card_status;
mod device;
mod ledger;
mod life;
mod log;
mod parcel;
mod restore;
#[cfg(test)]
mod tests;
mod upkeep;
mod witnessed;

pub(crate) use backup::*;
pub(crate) use card::*;
pub(crate) use card_status::*;
pub(crate) use device::*;
pub(crate) use ledger::*;
pub(crate) use life::*;
pub(crate) use log::*;
pub(crate) use parcel::*;
pub(crate) use restore::*;
pub(crate) use upkeep::*;
pub(crate) use witnessed::*;

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::mpsc;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::{OpenError, StorageError};

/// Marks the file as ours ("QTSS").
const APPLICATION_ID: i32 = 0x5154_5353;

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/server/sqlite/0001_init.sql"),
    include_str!("../../../migrations/server/sqlite/0002_evidence.sql"),
    include_str!("../../../migrations/server/sqlite/0003_sync.sql"),
];

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to the database's thread.
#[derive(Clone, Debug)]
pub struct Sqlite {
    jobs: mpsc::Sender<Job>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let mut connection = prepare(path)?;
        let (jobs, inbox) = mpsc::channel::<Job>();
        std::thread::Builder::new()
            .name("server-store".into())
            .spawn(move || {
                for job in inbox {
                    job(&mut connection);
                }
            })
            .expect("the system has room for one more thread");
        Ok(Self { jobs })
    }

    pub(crate) async fn call<T, E>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // The caller may have gone away: the work is done all the same.
            drop(answer.send(job(connection)));
        });
        self.jobs.send(job).map_err(|_| StorageError::Closed)?;
        wait.await.map_err(|_| StorageError::Closed)?
    }
}

fn prepare(path: &Path) -> Result<Connection, OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    create_private(path);
    let mut connection = Connection::open(path).map_err(sqlite)?;
    let (found, id, tables) = identify(&connection).map_err(|source| {
        if source.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) {
            OpenError::Foreign { path: path.to_owned() }
        } else {
            sqlite(source)
        }
    })?;
    if id != APPLICATION_ID && (id != 0 || tables != 0) {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    let known = u32::try_from(MIGRATIONS.len()).expect("few migrations");
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    let detail: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sqlite)?;
    if detail != "ok" {
        return Err(OpenError::Corrupt { path: path.to_owned(), detail });
    }
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;
             PRAGMA busy_timeout = 5000;",
        )
        .map_err(sqlite)?;
    migrate(&mut connection, found, path)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(sqlite)?;
    Ok(connection)
}

/// A new database is its owner's alone; what SQLite puts beside it takes the same mode. A fault is
/// left to SQLite, which opens the file next.
fn create_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

fn identify(connection: &Connection) -> rusqlite::Result<(u32, i32, i64)> {
    Ok((
        connection.query_row("PRAGMA user_version", [], |row| row.get(0))?,
        connection.query_row("PRAGMA application_id", [], |row| row.get(0))?,
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?,
    ))
}

/// Runs what is missing. Foreign keys are not enforced meanwhile, so that a table may be copied;
/// whether they hold is asked before a migration counts.
fn migrate(connection: &mut Connection, found: u32, path: &Path) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    for (step, sql) in (1..).zip(MIGRATIONS).skip(found as usize) {
        let tx = connection.transaction().map_err(sqlite)?;
        tx.execute_batch(sql).map_err(sqlite)?;
        if refers_to_nothing(&tx).map_err(sqlite)? {
            let detail = "a row refers to one that is not there".to_owned();
            return Err(OpenError::Corrupt { path: path.to_owned(), detail });
        }
        tx.pragma_update(None, "user_version", step).map_err(sqlite)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(sqlite)?;
        tx.commit().map_err(sqlite)?;
    }
    Ok(())
}

fn refers_to_nothing(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare("PRAGMA foreign_key_check")?.exists([])
}
