//! The recomputation, step by step. The first step that fails is the finding.

use attendance::{LeafKind, SignedTrustList, TrustList, TrustRoots, UnverifiedEvent, VoucherId};
use ledger::signing::{SignedMonth, Withheld};
use ledger::{
    LoggedEvent, Month, Registry, Snapshot, Snapshots, Tranche, TrancheBasis, UnpaidDay,
    first_difference,
};
use sync_api::{BUNDLE_FORMAT, BundleHead};
use tlog::Checkpoint;

use super::leaves::{Leaves, Step};
use super::log::Devices;
use super::source::{Outline, Part, Source, Stop};
use super::tags::Tags;
use super::{AuditFinding, AuditReport};
use crate::receipt::checkpoint;

/// A bundle that holds: what it says, and what the month was computed from.
pub(crate) struct Recomputed {
    pub(crate) report: AuditReport,
    pub(crate) snapshot: Snapshot,
    /// All of the log's snapshots.
    pub(crate) snapshots: Snapshots,
    pub(crate) trust: TrustList,
    /// Every event of the log; none unless they were asked for.
    pub(crate) events: Vec<LoggedEvent>,
    pub(crate) basis: TrancheBasis,
    pub(crate) tranche: Tranche,
}

/// Recomputes a bundle. `keeps` asks for all events, in memory. `progress` is told how many leaves are done,
/// and of how many.
pub(crate) fn recompute(
    source: Source<'_>,
    pinned: Option<&TrustRoots>,
    keeps: bool,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Recomputed, Stop> {
    let (head, outline) = source.head()?;
    let month = month_of(&head)?;
    let roots = roots_of(&head, pinned)?;
    let trust = SignedTrustList::parse(&head.trust_list.0)
        .and_then(|list| list.verify(&roots, 0))
        .map_err(AuditFinding::TrustList)?;
    let checkpoint = checkpoint::open(&head.checkpoint, &trust).map_err(AuditFinding::from)?;
    let checkpoint = checkpoint.checkpoint;
    leaves_in_place(&head, &outline, &checkpoint)?;
    let devices = devices(source, head.certificates, &trust)?;
    let origin = checkpoint.origin.as_str();
    let tags = Tags::new(head.tag_keys.as_ref(), &trust, origin);
    let mut leaves = Leaves::new((&trust, origin, month), devices, tags, keeps);
    source.walk(&mut |part| {
        if let Part::Leaf(index, leaf) = part {
            progress(index, head.leaves);
            leaves.take(index, leaf);
        }
        Ok(())
    })?;
    progress(head.leaves, head.leaves);
    let snapshots = leaves.snapshots.take();
    leaves.failed_until(Step::Snapshots)?;
    let snapshots =
        snapshots.ok_or_else(|| AuditFinding::Snapshot("it is not there".to_owned()))?;
    leaves.failed_until(Step::Salts)?;
    let (computed, signed) = (leaves.tree.root(), checkpoint.root);
    if computed != signed || leaves.tree.size() != checkpoint.size {
        return Err(AuditFinding::Root { computed, signed }.into());
    }

    let tally = &leaves.log.tally;
    let closed = snapshots.closed(tally.kept(), month).ok_or(AuditFinding::NotClosed(month))?;
    let close = closed.leaf;
    let root = leaves.roots.get(&close).copied().expect("a close has its root");
    let basis = TrancheBasis { origin: origin.to_owned(), tree_size: close + 1, root };
    leaves.failed_until(Step::Tranche)?;
    let (signed, tranche_leaf) = leaves.tranche.take().ok_or(AuditFinding::NoTranche(month))?;
    let log = &leaves.log;
    let all = || every_event(source, &log.devices);
    let computed = log.tally.compute_closed((&snapshots, month), basis.clone(), all);
    let (computed, assurance) = computed??;
    if let Some(first) = first_difference(&computed, &signed) {
        return Err(AuditFinding::Differs { first }.into());
    }
    if computed.to_bytes() != signed.to_bytes() {
        return Err(AuditFinding::Differs { first: "its bytes".to_owned() }.into());
    }
    drop(signed);
    leaves.failed_until(Step::Tags)?;
    let tagged = leaves.tags.finish(source, close)?;
    let snapshot = &closed.rests_on.snapshot;
    let withheld = withheld(source, &leaves.log.devices, snapshot, &computed)?;
    let report = AuditReport {
        month,
        origin: origin.to_owned(),
        roots: roots.fingerprint(),
        trust_version: trust.version,
        leaves: checkpoint.size,
        root: checkpoint.root,
        events: leaves.log.events,
        devices: leaves.log.speaking,
        outside_certificate: leaves.log.outside_certificate,
        cards: leaves.cards.notes(),
        snapshots: snapshots.count() as u64,
        rests_on: (snapshot.version, closed.rests_on.index),
        tagged,
        close_leaf: close,
        tranche: computed.hash(),
        totals: computed.totals,
        unpaid: unpaid(&computed),
        assurance,
        registry: Registry::of_signed(&computed, snapshot, tranche_leaf, &withheld)
            .map_err(AuditFinding::from)?,
    };
    let (snapshot, events) = (snapshot.clone(), leaves.kept.take().unwrap_or_default());
    Ok(Recomputed { report, snapshot, snapshots, trust, events, basis, tranche: computed })
}

/// Says what the registry leaves out for want of signatures, where rules ask for them: who signed what
/// takes every event of the log.
fn withheld(
    source: Source<'_>,
    devices: &Devices,
    snapshot: &Snapshot,
    tranche: &Tranche,
) -> Result<Withheld, Stop> {
    let asked = snapshot.rules(tranche.month).is_some_and(|params| params.signed_acts_required);
    if !asked {
        return Ok(Withheld::default());
    }
    let events = every_event(source, devices)?;
    // What is signed does not rest on a day.
    let today = tranche.month.last_day();
    let signed = SignedMonth::of_tranche(snapshot, &events, tranche, today);
    let signed = signed.map_err(AuditFinding::from)?;
    Ok(signed.map(|signed| signed.withheld()).unwrap_or_default())
}

fn unpaid(tranche: &Tranche) -> Vec<(VoucherId, UnpaidDay)> {
    let lines = tranche.lines.iter();
    lines.flat_map(|line| line.unpaid.iter().map(|day| (line.voucher, *day))).collect()
}

fn month_of(head: &BundleHead) -> Result<Month, AuditFinding> {
    if head.format != BUNDLE_FORMAT {
        return Err(AuditFinding::NotABundle(format!("its format is {:?}", head.format)));
    }
    let refused = |_| AuditFinding::NotABundle(format!("{} is no month", head.month));
    Month::from_number(head.month).map_err(refused)
}

fn roots_of(head: &BundleHead, pinned: Option<&TrustRoots>) -> Result<TrustRoots, AuditFinding> {
    let roots = TrustRoots::parse(&head.roots.0).map_err(AuditFinding::Roots)?;
    let found = roots.fingerprint();
    match pinned.map(TrustRoots::fingerprint) {
        Some(pinned) if pinned != found => Err(AuditFinding::OtherRoots { pinned, found }),
        Some(_) | None => Ok(roots),
    }
}

fn leaves_in_place(
    head: &BundleHead,
    outline: &Outline,
    checkpoint: &Checkpoint,
) -> Result<(), AuditFinding> {
    if checkpoint.size != head.leaves {
        return Err(AuditFinding::Size { signed: checkpoint.size, found: head.leaves });
    }
    if let Some((index, kind)) = outline.misplaced {
        return Err(AuditFinding::Misplaced { index, kind });
    }
    let origin = &checkpoint.origin;
    if outline.genesis.as_deref() != Some(origin.as_bytes()) {
        return Err(AuditFinding::Genesis { origin: origin.clone() });
    }
    Ok(())
}

/// Verifies the certificates, wherever in the file they are, before any event.
fn devices(
    source: Source<'_>,
    count: usize,
    trust: &TrustList,
) -> Result<Result<Devices, AuditFinding>, Stop> {
    let (mut devices, mut refused, mut left) = (Devices::default(), None, count);
    let walked = source.walk(&mut |part| {
        if let Part::Certificate(position, bytes) = part {
            refused = devices.take(position, bytes, trust).err();
            left -= 1;
        }
        if left == 0 || refused.is_some() { Err(Stop::Enough) } else { Ok(()) }
    });
    match walked {
        Err(Stop::Read(error)) => Err(Stop::Read(error)),
        Err(Stop::Finding(finding)) => Err(Stop::Finding(finding)),
        Ok(()) | Err(Stop::Enough) => Ok(refused.map_or(Ok(devices), Err)),
    }
}

/// Reads every event of the log once more, into memory: decisions about closed months need them.
fn every_event(source: Source<'_>, devices: &Devices) -> Result<Vec<LoggedEvent>, Stop> {
    let mut events = Vec::new();
    source.walk(&mut |part| {
        if let Part::Leaf(index, leaf) = part
            && leaf.kind == LeafKind::Event
        {
            let event = UnverifiedEvent::parse(&leaf.bytes.0)
                .map_err(|why| AuditFinding::Event { index, why })?;
            events.extend(devices.logged(index, &event));
        }
        Ok(())
    })?;
    Ok(events)
}
