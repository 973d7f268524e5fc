//! A newer district: signed, logged, and in force at once in every process on the database.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{CardId, ChildId, LeafKind};
use ledger::report::{OverCommitment, budget_report};
use ledger::{
    Amendment, AmendmentRefusal, Budget, Change, LoggedEvent, LoggedSnapshot, Snapshot,
    SnapshotError, Snapshots,
};
use seal::Sign1;
use server_store::{AppendError, NewLeaf, SequencedBatch};
use sync_api::SNAPSHOT_DOMAIN;

use crate::district::{District, Person};
use crate::error::ServerError;
use crate::server::Server;

/// What a district file changes, and where that stands in the log.
#[derive(Clone, Debug)]
pub struct DistrictUpdate {
    /// The version in force before.
    pub before: u32,
    /// The version of the file.
    pub version: u32,
    /// Rows of the snapshot.
    pub changes: Vec<Change>,
    /// Children whose name or card changes. Not in the log.
    pub people: Vec<PersonChange>,
    /// The records of the order's volume that have less than is committed then, by their names.
    pub over: Vec<(String, OverCommitment)>,
    /// The snapshot's leaf; absent if nothing was written.
    pub leaf_index: Option<u64>,
}

/// How a child's row changes. It holds no name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PersonChange {
    /// The child was not there.
    New(ChildId),
    /// The child has another name.
    Renamed(ChildId),
    /// The child has another card.
    Card(ChildId, CardId),
    /// The file has another card than the log, and the log counts.
    CardOfTheLog(ChildId, CardId),
    /// The file does not have the child. The row stays.
    Missing(ChildId),
}

/// Why a district was not updated. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The file is of another log.
    #[error("the file is of the log {found}, this one is {known}: choose the right file")]
    OtherLog {
        /// This log.
        known: String,
        /// The file's.
        found: String,
    },
    /// It contradicts itself.
    #[error("the district contradicts itself: {0}")]
    NotWhole(#[from] SnapshotError),
    /// It would change the past.
    #[error(transparent)]
    Refused(#[from] AmendmentRefusal),
    /// The log could not be read or written.
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl Server {
    /// Says what a district file changes, and writes it unless `dry_run`: the snapshot becomes a leaf,
    /// and names and cards of children are kept, in one transaction.
    ///
    /// # Errors
    /// [`UpdateError`] says what would change the past.
    pub async fn update_district(
        &self,
        district: &District,
        dry_run: bool,
    ) -> Result<DistrictUpdate, UpdateError> {
        if district.origin != self.origin {
            let (known, found) = (self.origin.clone(), district.origin.clone());
            return Err(UpdateError::OtherLog { known, found });
        }
        let json = district.snapshot.to_canonical_json();
        Snapshot::parse(&json)?;
        let json = json.into_bytes();
        let sealed =
            Sign1::seal(&self.keys.rules, SNAPSHOT_DOMAIN, json).map_err(ServerError::from)?;
        let _one_writer = self.writer.lock().await;
        loop {
            let at = self.store.tree_size().await.map_err(ServerError::from)?;
            let mut update = self.compare(district, at).await?;
            if dry_run {
                return Ok(update);
            }
            let (kind, salt, bytes) =
                (LeafKind::Snapshot, self.keys.own_salt(at), sealed.to_bytes());
            let people = district.people.iter();
            let batch = SequencedBatch {
                leaves: vec![NewLeaf { kind, salt, bytes, event: None }],
                people: people.map(|one| (one.child, one.name.clone(), one.card)).collect(),
                ..SequencedBatch::default()
            };
            match self.store.append(at, batch).await {
                Err(AppendError::Moved { .. }) => {}
                done => {
                    done.map_err(ServerError::from)?;
                    self.sign_checkpoint().await?;
                    update.leaf_index = Some(at);
                    return Ok(update);
                }
            }
        }
    }

    async fn compare(&self, district: &District, at: u64) -> Result<DistrictUpdate, UpdateError> {
        let snapshots = self.snapshots().await?;
        let events = self.logged_events(at).await?;
        let Amendment { changes } =
            Amendment::of(&snapshots, &district.snapshot, &events, self.today()?)?;
        Ok(DistrictUpdate {
            before: snapshots.newest().snapshot.version,
            version: district.snapshot.version,
            changes,
            people: self.compare_people(&district.people).await?,
            over: self.over_commitments(&snapshots, &district.snapshot, &events, at)?,
            leaf_index: None,
        })
    }

    /// Says which volumes have less than is committed once a snapshot is in force. Nothing is refused
    /// for it: the issuer decides, and is told.
    fn over_commitments(
        &self,
        history: &Snapshots,
        next: &Snapshot,
        events: &[LoggedEvent],
        at: u64,
    ) -> Result<Vec<(String, OverCommitment)>, ServerError> {
        let years: BTreeSet<u16> = next.budget.iter().map(Budget::year).collect();
        let mut then = history.clone();
        let newest = LoggedSnapshot { index: at, snapshot: next.clone() };
        let refused = |error: &dyn ToString| ServerError::Ledger(error.to_string());
        then.push(newest).map_err(|error| refused(&error))?;
        let (today, mut over) = (self.today()?, Vec::new());
        for year in years {
            let report =
                budget_report(&then, events, year, today).map_err(|error| refused(&error))?;
            over.extend(report.budgets.into_iter().filter_map(|one| Some((one.id, one.over?))));
        }
        Ok(over)
    }

    async fn compare_people(&self, next: &[Person]) -> Result<Vec<PersonChange>, ServerError> {
        let logged = self.store.current_cards().await?;
        let logged: BTreeMap<ChildId, CardId> =
            logged.into_iter().map(|card| (card.child, card.card)).collect();
        let known = self.store.children().await?;
        let mut known: BTreeMap<ChildId, (String, CardId)> =
            known.into_iter().map(|(child, name, card)| (child, (name, card))).collect();
        let mut changes = Vec::new();
        for person in next {
            let child = person.child;
            let Some((name, card)) = known.remove(&child) else {
                changes.push(PersonChange::New(child));
                continue;
            };
            if name != person.name {
                changes.push(PersonChange::Renamed(child));
            }
            if card != person.card {
                changes.push(match logged.get(&child) {
                    Some(logged) => PersonChange::CardOfTheLog(child, *logged),
                    None => PersonChange::Card(child, person.card),
                });
            }
        }
        changes.extend(known.into_keys().map(PersonChange::Missing));
        Ok(changes)
    }

    /// Gives the snapshot in force, and its leaf.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn snapshot_in_force(&self) -> Result<(u64, Snapshot), ServerError> {
        let snapshots = self.snapshots().await?;
        let newest = snapshots.newest();
        Ok((newest.index, newest.snapshot.clone()))
    }

    /// Gives the district as a file would have it: the snapshot in force, and the children.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn district(&self) -> Result<District, ServerError> {
        let (_, snapshot) = self.snapshot_in_force().await?;
        let people = self.store.children().await?.into_iter();
        let people = people.map(|(child, name, card)| Person { child, name, card });
        Ok(District { origin: self.origin.clone(), snapshot, people: people.collect() })
    }
}
