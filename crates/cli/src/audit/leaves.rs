//! Every leaf of a bundle, looked at once, in the log's order.
//!
//! What fails is kept for its step: the report names what fails in the first step, whatever leaf it is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use attendance::{EventKind, LeafKind, TrustList, TrustRole};
use ledger::{LoggedEvent, LoggedSnapshot, Month, Snapshot, Snapshots};
use seal::{Hash, Sign1View};
use sync_api::SNAPSHOT_DOMAIN;
use tlog::{TreeEdge, leaf_hash};

use super::AuditFinding;
use super::cards::Cards;
use super::log::{Devices, Log};
use super::long::Place;
use super::source::{Leaf, LeafBytes, Stop};
use super::tags::Tags;

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

/// The bytes of a leaf that is looked at later: here, or where they are.
pub(super) enum Held {
    Here(Vec<u8>),
    There(PathBuf, Place),
}

impl Held {
    fn of(bytes: LeafBytes<'_>) -> Self {
        match bytes {
            LeafBytes::Here(bytes) => Self::Here(bytes.to_vec()),
            LeafBytes::There(path, place) => Self::There(path.to_owned(), place),
        }
    }

    pub(super) fn read(&self) -> Result<Cow<'_, [u8]>, Stop> {
        match self {
            Self::Here(bytes) => LeafBytes::Here(bytes).read(),
            Self::There(path, place) => LeafBytes::There(path, *place).read(),
        }
    }
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
    /// Signed tranches of any month, and their leaves. They are looked at when the events are done with.
    pub(super) tranches: Vec<(u64, Held)>,
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
            tranches: Vec::new(),
            tags,
            kept: keeps.then(Vec::new),
            failed,
        }
    }

    /// Looks at the next leaf.
    pub(super) fn take(&mut self, index: u64, leaf: Leaf<'_>) -> Result<(), Stop> {
        let mut children = Vec::new();
        let (step, outcome) = match leaf.kind {
            LeafKind::Genesis => (Step::Snapshots, Ok(())),
            LeafKind::Snapshot => (Step::Snapshots, self.snapshot(index, &leaf.bytes.read()?)),
            LeafKind::Card => {
                let bytes = leaf.bytes.read()?;
                let card = self.cards.take(index, &bytes, self.trust, self.origin);
                (Step::Cards, card.map(|child| children.push(child)))
            }
            LeafKind::Event if self.failed.contains_key(&Step::Certificates) => {
                (Step::Events, Ok(()))
            }
            LeafKind::Event => (Step::Events, self.event(index, &leaf.bytes.read()?)),
            LeafKind::Tranche => {
                self.tranches.push((index, Held::of(leaf.bytes)));
                (Step::Tranche, Ok(()))
            }
            LeafKind::Tags => (Step::Tags, self.tags.list(index, &leaf.bytes.read()?)),
        };
        if let Err(finding) = outcome {
            self.failed.entry(step).or_insert(finding);
        }
        if leaf.kind != LeafKind::Event {
            self.tags.about(&children);
        }
        match <&[u8; 16]>::try_from(leaf.salt) {
            Ok(salt) => {
                self.tree.push(leaf_hash(leaf.bytes.salted(salt)?.as_ref()));
            }
            Err(_) => {
                self.failed.entry(Step::Salts).or_insert(AuditFinding::Salt { index });
            }
        }
        if let Some(root) = self.roots.get_mut(&index) {
            *root = self.tree.root();
        }
        Ok(())
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
}

fn snapshot(bytes: &[u8], trust: &TrustList) -> Result<Snapshot, String> {
    let sealed = Sign1View::parse(bytes).map_err(|error| error.to_string())?;
    let key_id = sealed.key_id();
    let payload = trust
        .keys_at_any_time(TrustRole::Rules, key_id)
        .find_map(|key| sealed.verify(&key, SNAPSHOT_DOMAIN).ok())
        .ok_or_else(|| format!("no key for rules on the trust list signed it (key {key_id})"))?;
    let json = core::str::from_utf8(payload).map_err(|error| error.to_string())?;
    Snapshot::parse(json).map_err(|error| error.to_string())
}
