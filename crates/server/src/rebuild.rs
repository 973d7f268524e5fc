//! Rebuilding a server that lost its disk: from devices' and parents' copies, published tiles, and
//! the keys that the operator kept apart.
//!
//! # Invariants
//! - Nothing is believed for being in a file: certificates stand under the trust list, checkpoints
//!   under the log's key, leaves under receipts or tiles, what they hold under its own signature.
//! - A database is written only if its tree has the root of the newest checkpoint that anybody
//!   showed, and nothing that was shown contradicts it.
//! - What cannot be proven is listed, and is written down as lost.
//!
//! Start at [`rebuild`], then `Evidence`.

mod evidence;
mod finding;
mod holds;
mod known_nodes;
mod own;
mod report;
mod safe;
mod source;
mod write;

use std::path::PathBuf;

use attendance::{TrustRejection, TrustRoots};
use server_store::{RestoreError, StorageError, Store};

pub use self::report::{Chain, ClosedMonth, Computed, Contradiction, LostRange, Refused, Report};
pub use self::source::{Published, Source};

use self::evidence::Evidence;
use self::safe::Safe;
use crate::district::District;
use crate::keys::KeyFileError;

/// What an operator asks for.
#[derive(Debug)]
pub struct Order {
    /// The server's directory: new, or one whose database is gone.
    pub data: PathBuf,
    /// The directory with the copy of the server's keys.
    pub keys: PathBuf,
    /// The directory with `trust.roots`, and `trust.list` if it was kept.
    pub trust: PathBuf,
    /// The district's files, each version that was in force: names and cards, and the snapshots that
    /// were logged.
    pub districts: Vec<District>,
    /// Published logs.
    pub published: Vec<Published>,
    /// What people handed over.
    pub sources: Vec<Source>,
    /// Only say what would come out.
    pub dry_run: bool,
}

/// Why a rebuild could not even be tried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// There is a database.
    #[error(
        "{path} is there already: nothing is overwritten; to bring lost leaves back into it, add \
         --fill"
    )]
    Exists {
        /// The database.
        path: PathBuf,
    },
    /// There is no database to fill.
    #[error("{path} is not there: rebuild it first, without --fill")]
    NotThere {
        /// The database.
        path: PathBuf,
    },
    /// A file of the directory is another one than the copy's.
    #[error("{path} is there and differs from the copy: choose an empty directory")]
    Differs {
        /// The file.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key file cannot be read.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The root keys are damaged.
    #[error("the root keys are damaged: {0}")]
    Roots(TrustRejection),
    /// Nobody has a trust list of these roots.
    #[error("no trust list of these roots is here: copy trust.list, or take any device's export")]
    NoTrustList,
    /// The log's key is not on the list.
    #[error("the copy of the keys is of another server: its log key is not on the trust list")]
    ForeignKeys,
    /// The district is another one.
    #[error("the district's file names the log {named}, these keys are of {origin}")]
    OtherDistrict {
        /// What the file says.
        named: String,
        /// What the trust list says.
        origin: String,
    },
    /// The database cannot be made.
    #[error(transparent)]
    Open(#[from] server_store::OpenError),
    /// The database cannot be written.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The database cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Order {
    fn database(&self) -> PathBuf {
        self.data.join("server.db")
    }

    fn safe(&self) -> Result<Safe, RebuildError> {
        let file = |name: &str| {
            let path = self.trust.join(name);
            std::fs::read(&path).map_err(|source| RebuildError::Io { path, source })
        };
        let roots = TrustRoots::parse(&file("trust.roots")?).map_err(RebuildError::Roots)?;
        let list = file("trust.list").ok();
        Safe::open(&self.keys, roots, list, self.districts.clone(), &self.sources)
    }

    fn take_all(&self, evidence: &mut Evidence<'_>, progress: &mut dyn FnMut(&str)) {
        for published in &self.published {
            progress(&published.name);
            evidence.take_published(published);
        }
        for source in &self.sources {
            progress(&source.name);
            evidence.take(source);
        }
        evidence.compare_checkpoints();
    }
}

/// Makes a new database, or says why not. `progress` is told which source is read. What was stopped before
/// can be done again.
///
/// # Errors
/// [`RebuildError`] if it could not even be tried; what the sources lack is in the report.
pub async fn rebuild(
    order: &Order,
    progress: &mut dyn FnMut(&str),
) -> Result<Report, RebuildError> {
    let path = order.database();
    if path.exists() && !is_empty(&path).await {
        return Err(RebuildError::Exists { path });
    }
    let safe = order.safe()?;
    let mut evidence = Evidence::new(&safe);
    order.take_all(&mut evidence, progress);
    let size = evidence.newest_size();
    evidence.make_again(size);
    let mut report = evidence.report(size);
    if report.obstacles.is_empty() && !order.dry_run {
        progress("server.db");
        write::files(&order.keys, &order.data, &safe)?;
        write::database(&path, evidence.restored(size)).await?;
        report.written = true;
    }
    Ok(report)
}

/// Says whether a database is one that a stopped rebuild left: all of a log is written at once, or nothing.
async fn is_empty(path: &std::path::Path) -> bool {
    let Ok(store) = Store::open_sqlite(path) else { return false };
    store.tree_size().await.is_ok_and(|size| size == 0)
}

/// Brings lost leaves back into a database that was rebuilt. The server may run meanwhile.
///
/// # Errors
/// [`RebuildError`] if it could not even be tried.
pub async fn fill(order: &Order, progress: &mut dyn FnMut(&str)) -> Result<Report, RebuildError> {
    let path = order.database();
    if !path.exists() {
        return Err(RebuildError::NotThere { path });
    }
    let store = Store::open_sqlite(&path)?;
    let safe = order.safe()?;
    let mut evidence = Evidence::new(&safe);
    let before = write::stored(&store, &mut evidence).await?;
    order.take_all(&mut evidence, progress);
    evidence.make_again(before.size);
    evidence.leave_lost_what_was_sent_again(&before);
    let mut report = evidence.report(before.size);
    // Whatever a new database would need: this one is there.
    report.obstacles.retain(|_| !report.contradictions.is_empty());
    if report.contradictions.is_empty() && !order.dry_run {
        let returned = evidence.returned(&before);
        report.written = !returned.leaves.is_empty();
        store.return_leaves(returned).await?;
    }
    Ok(report)
}

/// Writes down that the leaves which are still lost will not come back, so that months are closed
/// without them. Gives how many.
///
/// # Errors
/// [`RebuildError`] if there is no database, or it cannot be written.
pub async fn give_up(
    data: &std::path::Path,
    reason: &str,
    clock: crate::ServerClock,
) -> Result<u64, RebuildError> {
    let path = data.join("server.db");
    if !path.exists() {
        return Err(RebuildError::NotThere { path });
    }
    let store = Store::open_sqlite(&path)?;
    Ok(store.give_up(reason.to_owned(), clock.now_ms()).await?)
}
