//! SQLite behind one thread that owns the connection, or on the caller's thread in simulations.

mod backup;
mod card;
mod card_status;
mod case_note;
mod console;
mod console_key;
mod device;
mod draft;
mod ledger;
mod life;
mod log;
mod parcel;
mod restore;
mod retention;
#[cfg(test)]
mod tests;
mod upkeep;
mod view;
mod witnessed;

pub(crate) use backup::*;
pub(crate) use card::*;
pub(crate) use card_status::*;
pub(crate) use case_note::*;
pub(crate) use console::*;
pub(crate) use console_key::*;
pub(crate) use device::*;
pub(crate) use draft::*;
pub(crate) use ledger::*;
pub(crate) use life::*;
pub(crate) use log::*;
pub(crate) use parcel::*;
pub(crate) use restore::*;
pub(crate) use retention::*;
pub(crate) use upkeep::*;
pub(crate) use view::{insert_views, views};
pub(crate) use witnessed::*;

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::error::{OpenError, StorageError};
use crate::gate::{Fate, Gate};

/// Marks the file as ours ("QTSS").
const APPLICATION_ID: i32 = 0x5154_5353;

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/server/sqlite/0001_init.sql"),
    include_str!("../../../migrations/server/sqlite/0002_evidence.sql"),
    include_str!("../../../migrations/server/sqlite/0003_sync.sql"),
    include_str!("../../../migrations/server/sqlite/0004_month.sql"),
    include_str!("../../../migrations/server/sqlite/0005_console.sql"),
    include_str!("../../../migrations/server/sqlite/0006_browser_key.sql"),
    include_str!("../../../migrations/server/sqlite/0007_case_note.sql"),
    include_str!("../../../migrations/server/sqlite/0008_draft.sql"),
];

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A handle to the database's thread, or to the database itself.
#[derive(Clone, Debug)]
pub struct Sqlite(Jobs);

/// Where jobs run.
#[derive(Clone, Debug)]
enum Jobs {
    /// On the thread that owns the connection.
    Apart(mpsc::Sender<Job>),
    /// Where they are asked for.
    Inline { connection: Arc<Mutex<Connection>>, gate: Arc<dyn Gate> },
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
        Ok(Self(Jobs::Apart(jobs)))
    }

    pub(crate) fn open_inline(path: &Path, gate: Arc<dyn Gate>) -> Result<Self, OpenError> {
        let connection = Arc::new(Mutex::new(prepare(path)?));
        Ok(Self(Jobs::Inline { connection, gate }))
    }

    pub(crate) async fn call<T, E>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let jobs = match &self.0 {
            Jobs::Apart(jobs) => jobs,
            Jobs::Inline { connection, gate } => {
                tokio::task::yield_now().await;
                // Every job is one transaction: a panic in an earlier one left nothing half done.
                let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                return match gate.fate() {
                    Fate::Run => job(&mut connection),
                    Fate::FullDisk => on_full_disk(&mut connection, job),
                    Fate::Refused => Err(StorageError::Full.into()),
                };
            }
        };
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // The caller may have gone away: the work is done all the same.
            drop(answer.send(job(connection)));
        });
        jobs.send(job).map_err(|_| StorageError::Closed)?;
        wait.await.map_err(|_| StorageError::Closed)?
    }
}

/// Runs a job on a database whose file cannot grow. SQLite keeps the limit in the connection alone.
fn on_full_disk<T, E: From<StorageError>>(
    connection: &mut Connection,
    job: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    let limit = |connection: &Connection, pages: i64| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        connection.query_row(&sql, [], |_| Ok(())).map_err(StorageError::from)
    };
    // Asked for less than there is, SQLite takes what there is.
    limit(connection, 1)?;
    let done = job(connection);
    limit(connection, PAGES_MAX)?;
    done
}

/// SQLite's own limit.
const PAGES_MAX: i64 = 4_294_967_294;

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
    if options.open(path).is_ok() {
        // SQLite brings the names of its logs to the disk, and not that of the database itself. Where
        // a folder cannot be opened there is nothing to do.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = std::fs::File::open(folder.unwrap_or(Path::new(".")));
        drop(folder.and_then(|folder| folder.sync_all()));
    }
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
