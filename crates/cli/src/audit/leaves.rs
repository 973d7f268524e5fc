//! Every leaf of a bundle, looked at once, in the log's order.
//!
//! What fails is kept for its step: the report names what fails in the first step, whatever leaf it is.

use std::collections::BTreeMap;

use attendance::{EventKind, LeafKind, TrustList, TrustRole};
use ledger::{LoggedEvent, LoggedSnapshot, Month, Snapshot, Snapshots, Tranche};
use seal::{Hash, Sign1};
use sync_api::{BundleLeaf, SNAPSHOT_DOMAIN, TRANCHE_DOMAIN};
use tlog::{TreeEdge, leaf_hash, salted_leaf};

use super::AuditFinding;
use super::cards::Cards;
use super::log::{Devices, Log};
use super::tags::Tags;
use crate::receipt::checkpoint::log_keys;

/// The steps, in the order in which they are reported.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Step {
    Snapshots,
    Cards,
    Certificates,
    Events,
    Salts,
    Tranche,
    Tags,
}

/// What is known of a bundle's leaves so far.
pub(super) struct Leaves<'a> {
    trust: &'a TrustList,
    origin: &'a str,
    month: Month,
    pub(super) snapshots: Option<Snapshots>,
    pub(super) cards: Cards,
    pub(super) log: Log,
    pub(super) tree: TreeEdge,
    /// The root after each leaf that may close the month.
    pub(super) roots: BTreeMap<u64, Hash>,
    /// The month's tranche as it was signed, and its leaf.
    pub(super) tranche: Option<(Tranche, u64)>,
    pub(super) tags: Tags,
    /// Every event, if they are asked for.
    pub(super) kept: Option<Vec<LoggedEvent>>,
    failed: BTreeMap<Step, AuditFinding>,
}

impl<'a> Leaves<'a> {
    pub(super) fn new(
        (trust, origin, month): (&'a TrustList, &'a str, Month),
        devices: Result<Devices, AuditFinding>,
        tags: Tags,
        keeps: bool,
    ) -> Self {
        let mut failed = BTreeMap::new();
        let devices = devices.unwrap_or_else(|finding| {
            failed.insert(Step::Certificates, finding);
            Devices::default()
        });
        Self {
            trust,
            origin,
            month,
            snapshots: None,
            cards: Cards::default(),
            log: Log { devices, ..Log::default() },
            tree: TreeEdge::default(),
            roots: BTreeMap::new(),
            tranche: None,
            tags,
            kept: keeps.then(Vec::new),
            failed,
        }
    }

    /// Looks at the next leaf.
    pub(super) fn take(&mut self, index: u64, leaf: &BundleLeaf) {
        let mut children = Vec::new();
        let (step, outcome) = match leaf.kind {
            LeafKind::Genesis => (Step::Snapshots, Ok(())),
            LeafKind::Snapshot => (Step::Snapshots, self.snapshot(index, &leaf.bytes.0)),
            LeafKind::Card => {
                let card = self.cards.take(index, &leaf.bytes.0, self.trust, self.origin);
                (Step::Cards, card.map(|child| children.push(child)))
            }
            LeafKind::Event if self.failed.contains_key(&Step::Certificates) => {
                (Step::Events, Ok(()))
            }
            LeafKind::Event => (Step::Events, self.event(index, &leaf.bytes.0)),
            LeafKind::Tranche => (Step::Tranche, self.tranche(index, &leaf.bytes.0)),
            LeafKind::Tags => (Step::Tags, self.tags.list(index, &leaf.bytes.0)),
        };
        if let Err(finding) = outcome {
            self.failed.entry(step).or_insert(finding);
        }
        if leaf.kind != LeafKind::Event {
            self.tags.about(&children);
        }
        match <[u8; 16]>::try_from(leaf.salt.0.as_slice()) {
            Ok(salt) => {
                self.tree.push(leaf_hash(salted_leaf(&salt, &leaf.bytes.0).as_ref()));
            }
            Err(_) => {
                self.failed.entry(Step::Salts).or_insert(AuditFinding::Salt { index });
            }
        }
        if let Some(root) = self.roots.get_mut(&index) {
            *root = self.tree.root();
        }
    }

    /// Gives what failed in a step up to this one.
    pub(super) fn failed_until(&mut self, last: Step) -> Result<(), AuditFinding> {
        match self.failed.first_key_value() {
            Some((step, _)) if *step <= last => {
                Err(self.failed.pop_first().map(|(_, finding)| finding).expect("it is there"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn event(&mut self, index: u64, bytes: &[u8]) -> Result<(), AuditFinding> {
        if self.failed.contains_key(&Step::Events) {
            return Ok(());
        }
        let logged = self.log.verify(index, bytes)?;
        let event = &logged.event;
        self.cards.look_at(index, event);
        self.tags.about_event(event, &self.log.tally);
        if event.kind == EventKind::MonthClose && event.month == Some(self.month.number()) {
            self.roots.insert(index, Hash::default());
        }
        self.log.tally.take(&logged);
        if let Some(kept) = &mut self.kept {
            kept.push(logged);
        }
        Ok(())
    }

    /// Verifies the next snapshot of the log; versions grow.
    fn snapshot(&mut self, index: u64, bytes: &[u8]) -> Result<(), AuditFinding> {
        let snapshot = snapshot(bytes, self.trust)
            .map_err(|why| AuditFinding::Snapshot(format!("leaf {index}: {why}")))?;
        let next = LoggedSnapshot { index, snapshot };
        match &mut self.snapshots {
            None => self.snapshots = Some(Snapshots::begin(next)),
            Some(all) => {
                all.push(next).map_err(|why| AuditFinding::Snapshot(why.to_string()))?;
            }
        }
        Ok(())
    }

    /// Verifies a tranche, and keeps the month's.
    fn tranche(&mut self, index: u64, bytes: &[u8]) -> Result<(), AuditFinding> {
        let tranche = open_tranche(bytes, self.trust, self.origin)
            .map_err(|why| AuditFinding::Tranche { index, why })?;
        if tranche.month != self.month {
            return Ok(());
        }
        if self.tranche.is_some() {
            return Err(AuditFinding::SecondTranche { month: self.month, index });
        }
        self.tranche = Some((tranche, index));
        Ok(())
    }
}

fn snapshot(bytes: &[u8], trust: &TrustList) -> Result<Snapshot, String> {
    let sealed = Sign1::parse(bytes).map_err(|error| error.to_string())?;
    let key_id = sealed.key_id();
    let payload = trust
        .keys_at_any_time(TrustRole::Rules, key_id)
        .find_map(|key| sealed.verify(&key, SNAPSHOT_DOMAIN).ok())
        .ok_or_else(|| format!("no key for rules on the trust list signed it (key {key_id})"))?;
    let json = core::str::from_utf8(payload).map_err(|error| error.to_string())?;
    Snapshot::parse(json).map_err(|error| error.to_string())
}

fn open_tranche(bytes: &[u8], trust: &TrustList, origin: &str) -> Result<Tranche, String> {
    let sealed = Sign1::parse(bytes).map_err(|error| error.to_string())?;
    let payload = log_keys(trust, origin)
        .find_map(|key| sealed.verify(&key, TRANCHE_DOMAIN).ok())
        .ok_or_else(|| "the log did not sign it".to_owned())?;
    Tranche::parse(payload).map_err(|rejection| rejection.to_string())
}
