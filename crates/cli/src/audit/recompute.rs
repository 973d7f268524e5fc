//! The recomputation, step by step. The first step that fails is the finding.

use std::collections::BTreeMap;

use attendance::{
    ChainHead, DeviceId, LeafKind, SignedTrustList, TrustList, TrustRole, TrustRoots,
    UnverifiedEvent, VerifiedCertificate, VoucherId, follows,
};
use ledger::signing::SignedMonth;
use ledger::{
    AssuranceShares, LoggedEvent, LoggedSnapshot, Month, MonthFold, Registry, Snapshot, Snapshots,
    Tranche, TrancheBasis, UnpaidDay, compute_closed, first_difference,
};
use seal::Sign1;
use sync_api::{BUNDLE_FORMAT, Bundle, BundleLeaf, SNAPSHOT_DOMAIN, TRANCHE_DOMAIN};
use tlog::{Checkpoint, MemoryTree, leaf_hash, salted_leaf};

use super::cards::Cards;
use super::{AuditFinding, AuditReport, tags};
use crate::receipt::checkpoint::{self, log_keys};

/// A bundle that holds: what it says, and what the month was computed from.
pub(crate) struct Recomputed {
    pub(crate) report: AuditReport,
    pub(crate) snapshot: Snapshot,
    /// Every snapshot of the log.
    pub(crate) history: Snapshots,
    pub(crate) events: Vec<LoggedEvent>,
    pub(crate) basis: TrancheBasis,
    pub(crate) tranche: Tranche,
}

/// Recomputes a bundle. `progress` is told how many leaves are done.
pub(crate) fn recompute(
    bundle: &Bundle,
    pinned: Option<&TrustRoots>,
    progress: &mut dyn FnMut(usize),
) -> Result<Recomputed, AuditFinding> {
    let month = month_of(bundle)?;
    let roots = roots_of(bundle, pinned)?;
    let trust = SignedTrustList::parse(&bundle.trust_list.0)
        .and_then(|list| list.verify(&roots, 0))
        .map_err(AuditFinding::TrustList)?;
    let checkpoint = checkpoint::open(&bundle.checkpoint, &trust)?.checkpoint;
    leaves_in_place(bundle, &checkpoint)?;
    let snapshots = snapshots(bundle, &trust)?;
    let cards = Cards::read(bundle, &trust, &checkpoint.origin)?;
    let certificates = certificates(bundle, &trust)?;
    let log = Log::read(bundle, &certificates, progress)?;
    let tree = tree(bundle, &checkpoint)?;

    let closed = snapshots.closed(&log.events, month).ok_or(AuditFinding::NotClosed(month))?;
    let snapshot = &closed.rests_on.snapshot;
    let tree_size = closed.leaf + 1;
    let root = tlog::root(tree_size, &tree).expect("the close is a leaf of the tree");
    let basis = TrancheBasis { origin: checkpoint.origin.clone(), tree_size, root };
    let (signed, tranche_leaf) = signed_tranche(bundle, &trust, &checkpoint.origin, month)?;
    let computed = compute_closed(&snapshots, &log.events, month, basis.clone())?;
    if let Some(first) = first_difference(&computed, &signed) {
        return Err(AuditFinding::Differs { first });
    }
    if computed.to_bytes() != signed.to_bytes() {
        return Err(AuditFinding::Differs { first: "its bytes".to_owned() });
    }
    let fold = MonthFold::of_prefix(snapshot, &log.events, month, tree_size)
        .map_err(ledger::TrancheError::from)?;
    let children = tags::children(&log.events, &cards);
    let tagged = tags::verify(bundle, &trust, &checkpoint.origin, &children, closed.leaf)?;
    // What is signed does not rest on a day.
    let signed = SignedMonth::of_tranche(snapshot, &log.events, &computed, month.last_day())?;
    let withheld = signed.map(|signed| signed.withheld()).unwrap_or_default();
    let report = AuditReport {
        month,
        origin: checkpoint.origin,
        roots: roots.fingerprint(),
        trust_version: trust.version,
        leaves: checkpoint.size,
        root: checkpoint.root,
        events: log.events.len() as u64,
        devices: log.heads.len() as u64,
        outside_certificate: log.outside_certificate,
        cards: cards.notes(&log.events),
        snapshots: snapshots.count() as u64,
        rests_on: (snapshot.version, closed.rests_on.index),
        tagged,
        close_leaf: closed.leaf,
        tranche: computed.hash(),
        totals: computed.totals,
        unpaid: unpaid(&computed),
        assurance: AssuranceShares::of(fold.visits.iter()),
        registry: Registry::of_signed(&computed, snapshot, tranche_leaf, &withheld)?,
    };
    Ok(Recomputed {
        report,
        snapshot: snapshot.clone(),
        history: snapshots.clone(),
        events: log.events,
        basis,
        tranche: computed,
    })
}

fn unpaid(tranche: &Tranche) -> Vec<(VoucherId, UnpaidDay)> {
    let lines = tranche.lines.iter();
    lines.flat_map(|line| line.unpaid.iter().map(|day| (line.voucher, *day))).collect()
}

fn month_of(bundle: &Bundle) -> Result<Month, AuditFinding> {
    if bundle.format != BUNDLE_FORMAT {
        return Err(AuditFinding::NotABundle(format!("its format is {:?}", bundle.format)));
    }
    let refused = |_| AuditFinding::NotABundle(format!("{} is no month", bundle.month));
    Month::from_number(bundle.month).map_err(refused)
}

fn roots_of(bundle: &Bundle, pinned: Option<&TrustRoots>) -> Result<TrustRoots, AuditFinding> {
    let roots = TrustRoots::parse(&bundle.roots.0).map_err(AuditFinding::Roots)?;
    let found = roots.fingerprint();
    match pinned.map(TrustRoots::fingerprint) {
        Some(pinned) if pinned != found => Err(AuditFinding::OtherRoots { pinned, found }),
        Some(_) | None => Ok(roots),
    }
}

/// The log begins with its name, which does not come again, and a snapshot.
fn leaves_in_place(bundle: &Bundle, checkpoint: &Checkpoint) -> Result<(), AuditFinding> {
    let found = bundle.leaves.len() as u64;
    if checkpoint.size != found {
        return Err(AuditFinding::Size { signed: checkpoint.size, found });
    }
    for (index, leaf) in (0..).zip(&bundle.leaves) {
        let belongs = match leaf.kind {
            LeafKind::Genesis => index == 0,
            LeafKind::Snapshot => index > 0,
            LeafKind::Event | LeafKind::Tranche | LeafKind::Card | LeafKind::Tags => index > 1,
        };
        if !belongs {
            return Err(AuditFinding::Misplaced { index, kind: leaf.kind });
        }
    }
    let origin = &checkpoint.origin;
    if bundle.leaves.first().is_none_or(|genesis| genesis.bytes.0 != origin.as_bytes()) {
        return Err(AuditFinding::Genesis { origin: origin.clone() });
    }
    Ok(())
}

/// Verifies every snapshot of the log; their versions grow.
fn snapshots(bundle: &Bundle, trust: &TrustList) -> Result<Snapshots, AuditFinding> {
    let mut leaves = (0..).zip(&bundle.leaves).filter(|(_, leaf)| leaf.kind == LeafKind::Snapshot);
    let first = leaves.next().ok_or(AuditFinding::Snapshot("it is not there".to_owned()))?;
    let mut all = Snapshots::begin(logged_snapshot(first, trust)?);
    for leaf in leaves {
        all.push(logged_snapshot(leaf, trust)?)
            .map_err(|why| AuditFinding::Snapshot(why.to_string()))?;
    }
    Ok(all)
}

fn logged_snapshot(
    (index, leaf): (u64, &BundleLeaf),
    trust: &TrustList,
) -> Result<LoggedSnapshot, AuditFinding> {
    let snapshot = snapshot(&leaf.bytes.0, trust);
    let refused = |why| AuditFinding::Snapshot(format!("leaf {index}: {why}"));
    Ok(LoggedSnapshot { index, snapshot: snapshot.map_err(refused)? })
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

type Certificates = BTreeMap<DeviceId, VerifiedCertificate>;

fn certificates(bundle: &Bundle, trust: &TrustList) -> Result<Certificates, AuditFinding> {
    let mut certificates = Certificates::new();
    for (position, bytes) in bundle.certificates.iter().enumerate() {
        let certificate = VerifiedCertificate::verify_for_audit(&bytes.0, trust)
            .map_err(|why| AuditFinding::Certificate { position, why })?;
        let device = certificate.certificate().device;
        if certificates.insert(device, certificate).is_some() {
            return Err(AuditFinding::DoubleCertificate { device });
        }
    }
    Ok(certificates)
}

/// The events of the log, each verified, and where the devices' chains end.
#[derive(Default)]
struct Log {
    events: Vec<LoggedEvent>,
    heads: BTreeMap<DeviceId, ChainHead>,
    outside_certificate: u64,
}

impl Log {
    fn read(
        bundle: &Bundle,
        certificates: &Certificates,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Self, AuditFinding> {
        let mut log = Self::default();
        for (position, (index, leaf)) in (0..).zip(&bundle.leaves).enumerate() {
            progress(position);
            if leaf.kind == LeafKind::Event {
                log.take(index, &leaf.bytes.0, certificates)?;
            }
        }
        Ok(log)
    }

    fn take(
        &mut self,
        index: u64,
        bytes: &[u8],
        certificates: &Certificates,
    ) -> Result<(), AuditFinding> {
        let refused = |why| AuditFinding::Event { index, why };
        let unverified = UnverifiedEvent::parse(bytes).map_err(refused)?;
        let device = unverified.event().device;
        let known = certificates.get(&device);
        let known = known.ok_or(AuditFinding::UnknownDevice { index, device })?;
        let key = known.public_key();
        let event = unverified.verify(&key).map_err(refused)?;
        let head = self.heads.entry(device).or_insert_with(|| ChainHead::genesis(&key));
        follows(head, &event).map_err(|why| AuditFinding::Chain { index, device, why })?;
        *head = event.next_head();
        let certificate = known.certificate();
        let claimed_s = event.event().wall_ms.div_euclid(1000);
        self.outside_certificate += u64::from(!certificate.covers(claimed_s));
        self.events.push(LoggedEvent {
            index,
            hash: event.hash(),
            event: event.event().clone(),
            role: certificate.role,
            provider: certificate.provider,
            children: certificate.children.clone(),
        });
        Ok(())
    }
}

/// Hashes every leaf again; the root must be the signed one.
fn tree(bundle: &Bundle, checkpoint: &Checkpoint) -> Result<MemoryTree, AuditFinding> {
    let mut tree = MemoryTree::new();
    for (index, leaf) in (0..).zip(&bundle.leaves) {
        let salt = <[u8; 16]>::try_from(leaf.salt.0.as_slice());
        let salt = salt.map_err(|_| AuditFinding::Salt { index })?;
        tree.push(leaf_hash(salted_leaf(&salt, &leaf.bytes.0).as_ref()));
    }
    let (computed, signed) = (tree.root(), checkpoint.root);
    if computed == signed { Ok(tree) } else { Err(AuditFinding::Root { computed, signed }) }
}

/// Verifies every tranche of the log, and gives the one of the month with its leaf.
fn signed_tranche(
    bundle: &Bundle,
    trust: &TrustList,
    origin: &str,
    month: Month,
) -> Result<(Tranche, u64), AuditFinding> {
    let mut found = None;
    let tranches = (0..).zip(&bundle.leaves).filter(|(_, leaf)| leaf.kind == LeafKind::Tranche);
    for (index, leaf) in tranches {
        let tranche = open_tranche(&leaf.bytes.0, trust, origin)
            .map_err(|why| AuditFinding::Tranche { index, why })?;
        if tranche.month != month {
            continue;
        }
        if found.is_some() {
            return Err(AuditFinding::SecondTranche { month, index });
        }
        found = Some((tranche, index));
    }
    found.ok_or(AuditFinding::NoTranche(month))
}

fn open_tranche(bytes: &[u8], trust: &TrustList, origin: &str) -> Result<Tranche, String> {
    let sealed = Sign1::parse(bytes).map_err(|error| error.to_string())?;
    let payload = log_keys(trust, origin)
        .find_map(|key| sealed.verify(&key, TRANCHE_DOMAIN).ok())
        .ok_or_else(|| "the log did not sign it".to_owned())?;
    Tranche::parse(payload).map_err(|rejection| rejection.to_string())
}
