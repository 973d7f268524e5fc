//! The snapshots of a log in its order, and which one a month rests on.

use std::sync::OnceLock;

use seal::Hash;

use crate::calendar::Month;
use crate::close::first_close;
use crate::snapshot::Snapshot;
use crate::visit::LoggedEvent;

/// A snapshot at its place in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoggedSnapshot {
    /// The leaf's index.
    pub index: u64,
    /// What is in force from there on.
    pub snapshot: Snapshot,
}

/// Where a month was closed, and what it rests on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Closed<'a> {
    /// The leaf that closed it.
    pub leaf: u64,
    /// The newest snapshot before that leaf.
    pub rests_on: &'a LoggedSnapshot,
}

/// Why a snapshot does not follow those before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotOrderError {
    /// Its version does not grow.
    #[error("version {found} comes after version {newest}: it must be higher")]
    Version {
        /// The version of the newest one before it.
        newest: u32,
        /// Its own.
        found: u32,
    },
    /// Its leaf does not come after theirs.
    #[error("leaf {found} does not come after leaf {newest}")]
    Leaf {
        /// The leaf of the newest one before it.
        newest: u64,
        /// Its own.
        found: u64,
    },
    /// It changes what is only ever added to: volumes, their corrections, and admissions.
    #[error("version {version} edits what the versions before it recorded for good")]
    Edited {
        /// Its version.
        version: u32,
    },
}

/// The snapshots of a log: at least one, versions and leaves growing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Snapshots {
    first: LoggedSnapshot,
    later: Vec<LoggedSnapshot>,
    hashes: Vec<KnownHash>,
}

/// A snapshot's hash, once somebody asked for it: that of a country takes seconds.
#[derive(Clone, Debug, Default)]
struct KnownHash(OnceLock<Hash>);

impl PartialEq for KnownHash {
    /// It follows from the snapshot: whether it was asked for makes no difference.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for KnownHash {}

impl Snapshots {
    /// Begins with a log's first snapshot.
    #[must_use]
    pub fn begin(first: LoggedSnapshot) -> Self {
        Self { first, later: Vec::new(), hashes: vec![KnownHash::default()] }
    }

    /// Takes the next snapshot of the log.
    ///
    /// # Errors
    /// [`SnapshotOrderError`] if it does not follow the newest one.
    pub fn push(&mut self, next: LoggedSnapshot) -> Result<(), SnapshotOrderError> {
        let newest = self.newest();
        if next.index <= newest.index {
            let (newest, found) = (newest.index, next.index);
            return Err(SnapshotOrderError::Leaf { newest, found });
        }
        let newest_snapshot = &newest.snapshot;
        let (newest, found) = (newest_snapshot.version, next.snapshot.version);
        if found <= newest {
            return Err(SnapshotOrderError::Version { newest, found });
        }
        let edits = newest_snapshot.budget_edited_by(&next.snapshot).is_some()
            || newest_snapshot.admission_edited_by(&next.snapshot).is_some();
        if edits {
            return Err(SnapshotOrderError::Edited { version: found });
        }
        self.later.push(next);
        self.hashes.push(KnownHash::default());
        Ok(())
    }

    /// Lists them, oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &LoggedSnapshot> {
        core::iter::once(&self.first).chain(&self.later)
    }

    /// Counts them.
    #[must_use]
    pub fn count(&self) -> usize {
        self.later.len().saturating_add(1)
    }

    /// Gives the one in force now.
    #[must_use]
    pub fn newest(&self) -> &LoggedSnapshot {
        self.later.last().unwrap_or(&self.first)
    }

    /// Gives the one in force before a leaf; the first one, if the leaf is before it.
    #[must_use]
    pub fn before(&self, leaf: u64) -> &LoggedSnapshot {
        self.all().rev().find(|one| one.index < leaf).unwrap_or(&self.first)
    }

    /// Gives the same history with another snapshot at a leaf, as if it had been logged there.
    pub(crate) fn replaced(&self, index: u64, snapshot: Snapshot) -> Self {
        let mut other = self.clone();
        let all = core::iter::once(&mut other.first).chain(&mut other.later);
        if let Some(place) = all.into_iter().find(|one| one.index == index) {
            place.snapshot = snapshot;
        }
        other.hashes = vec![KnownHash::default(); other.hashes.len()];
        other
    }

    /// Gives [`Snapshot::hash`] of the one in force now.
    pub(crate) fn newest_hash(&self) -> Hash {
        self.hash_before(u64::MAX)
    }

    /// Gives [`Snapshot::hash`] of the one in force [`before`](Self::before) a leaf.
    pub(crate) fn hash_before(&self, leaf: u64) -> Hash {
        let rests_on = self.before(leaf);
        let at = self.all().position(|one| one.index == rests_on.index).unwrap_or_default();
        let known = self.hashes.get(at).map(|known| &known.0);
        known.map_or_else(
            || rests_on.snapshot.hash(),
            |known| *known.get_or_init(|| rests_on.snapshot.hash()),
        )
    }

    /// Finds what closed a month: the first `MonthClose` that a coordinator's device claims to have
    /// made when the month could be closed, under the rules of the newest snapshot before it.
    #[must_use]
    pub fn closed(&self, events: &[LoggedEvent], month: Month) -> Option<Closed<'_>> {
        let ends = self.all().skip(1).map(|next| next.index).chain([u64::MAX]);
        self.all().zip(ends).find_map(|(rests_on, end)| {
            let params = rests_on.snapshot.rules(month)?;
            let under = events.iter().filter(|one| (rests_on.index..end).contains(&one.index));
            first_close(params, under, month).map(|leaf| Closed { leaf, rests_on })
        })
    }

    /// Lists the months that a contract of any of them touches, oldest first.
    #[must_use]
    pub fn months(&self) -> Vec<Month> {
        let contracts = || self.all().flat_map(|logged| &logged.snapshot.contracts);
        let first = contracts().map(|contract| contract.from).min();
        let last = contracts().map(|contract| contract.to).max();
        let of = |day| Month::of(day).ok();
        let Some((first, last)) = first.and_then(of).zip(last.and_then(of)) else {
            return Vec::new();
        };
        let next = |month: &Month| month.next().filter(|next| *next <= last);
        core::iter::successors(Some(first), next).collect()
    }
}
