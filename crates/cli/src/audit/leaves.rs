//! Every leaf of a bundle, looked at once, in the log's order.
//!
//! What fails is kept for its step: the report names what fails in the first step, whatever leaf it is.

use std::collections::BTreeMap;

use attendance::{EventKind, LeafKind, TrustList, TrustRole, VerifiedCard};
use ledger::{LoggedEvent, LoggedSnapshot, Month, Snapshot, Snapshots};
use seal::{Hash, Sign1View};
use sync_api::SNAPSHOT_DOMAIN;
use tlog::{TreeEdge, leaf_hash};

use super::AuditFinding;
use super::cards::{self, Cards};
use super::hands::HeldLeaf;
use super::log::{Devices, Log, SignedEvent};
use super::source::Stop;
use super::tags::Tags;

/// The steps, in the order in which they are reported.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Step {
    Snapshots,
    Cards,
    Certificates,
    Events,
    Salts,
    Tags,
}

/// What is seen of a leaf without those before it.
pub(super) struct Looked {
    /// Its hash in the tree, under its salt; nothing if that is none.
    hash: Option<Hash>,
    what: What,
}

enum What {
    Event(Result<Box<SignedEvent>, AuditFinding>),
    Card(Result<VerifiedCard, AuditFinding>),
    /// It needs what is before it.
    Other,
}

impl Looked {
    pub(super) fn at(
        leaf: &HeldLeaf,
        devices: &Devices,
        (trust, origin): (&TrustList, &str),
    ) -> Result<Self, Stop> {
        let index = leaf.index;
        let what = match leaf.kind {
            LeafKind::Event => {
                What::Event(devices.verify(index, &leaf.bytes.read()?).map(Box::new))
            }
            LeafKind::Card => What::Card(cards::verify(index, &leaf.bytes.read()?, trust, origin)),
            LeafKind::Genesis | LeafKind::Snapshot | LeafKind::Tranche | LeafKind::Tags => {
                What::Other
            }
        };
        let hash = match <&[u8; 16]>::try_from(&leaf.salt[..]) {
            Ok(salt) => Some(leaf_hash(leaf.bytes.salted(salt)?.as_ref())),
            Err(_) => None,
        };
        Ok(Self { hash, what })
    }
}

/// What is known of a bundle's leaves so far.
pub(super) struct Leaves<'a> {
    trust: &'a TrustList,
    month: Month,
    pub(super) snapshots: Option<Snapshots>,
    pub(super) cards: Cards,
    pub(super) log: Log<'a>,
    pub(super) tree: TreeEdge,
    /// The root after each leaf that may close the month.
    pub(super) roots: BTreeMap<u64, Hash>,
    pub(super) tags: Tags,
    /// Every event, if they are asked for.
    pub(super) kept: Option<Vec<LoggedEvent>>,
    failed: BTreeMap<Step, AuditFinding>,
}

impl<'a> Leaves<'a> {
    pub(super) fn new(
        (trust, month): (&'a TrustList, Month),
        (devices, refused): (&'a Devices, Option<AuditFinding>),
        tags: Tags,
        keeps: bool,
    ) -> Self {
        let failed = refused.map(|finding| (Step::Certificates, finding));
        Self {
            trust,
            month,
            snapshots: None,
            cards: Cards::default(),
            log: Log::of(devices),
            tree: TreeEdge::default(),
            roots: BTreeMap::new(),
            tags,
            kept: keeps.then(Vec::new),
            failed: failed.into_iter().collect(),
        }
    }

    /// Takes the next leaf.
    pub(super) fn take(&mut self, leaf: &HeldLeaf, looked: Looked) -> Result<(), Stop> {
        let (index, kind) = (leaf.index, leaf.kind);
        let mut children = Vec::new();
        let (step, outcome) = match looked.what {
            What::Event(signed) => (Step::Events, self.event(index, signed)),
            What::Card(card) => {
                let child = card.and_then(|card| self.cards.take(index, &card));
                (Step::Cards, child.map(|child| children.push(child)))
            }
            What::Other if kind == LeafKind::Snapshot => {
                (Step::Snapshots, self.snapshot(index, &leaf.bytes.read()?))
            }
            What::Other if kind == LeafKind::Tags => {
                (Step::Tags, self.tags.list(index, &leaf.bytes.read()?))
            }
            What::Other => (Step::Snapshots, Ok(())),
        };
        if let Err(finding) = outcome {
            self.failed.entry(step).or_insert(finding);
        }
        if kind != LeafKind::Event {
            self.tags.about(&children);
        }
        match looked.hash {
            Some(hash) => {
                self.tree.push(hash);
            }
            None => {
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

    fn event(
        &mut self,
        index: u64,
        signed: Result<Box<SignedEvent>, AuditFinding>,
    ) -> Result<(), AuditFinding> {
        // Without its certificates nothing can be said of an event; after a break of a chain neither.
        let known = [Step::Certificates, Step::Events];
        if known.iter().any(|step| self.failed.contains_key(step)) {
            return Ok(());
        }
        let signed = signed?;
        let logged = self.log.take(index, &signed)?;
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
