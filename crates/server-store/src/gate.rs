//! What a simulation decides about each job of a database.

use core::fmt;

/// Decides about each job of an [inline](crate::Store::open_sqlite_inline) database.
pub trait Gate: fmt::Debug + Send + Sync {
    /// Decides about the next job.
    fn fate(&self) -> Fate;
}

/// What becomes of a job.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It runs.
    Run,
    /// It runs on a disk that takes no further page.
    FullDisk,
    /// It does not run: the disk takes nothing at all.
    Refused,
}
