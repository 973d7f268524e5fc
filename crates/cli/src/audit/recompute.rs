//! The recomputation, step by step. The first step that fails is the finding.

use attendance::{LeafKind, SignedTrustList, TrustList, TrustRoots, UnverifiedEvent};
use ledger::signing::{SignedMonth, Withheld};
use ledger::{
    AssuranceShares, LoggedEvent, Month, Registry, Snapshot, Snapshots, SparseTally, Tranche,
    TrancheBasis,
};
use sync_api::{BUNDLE_FORMAT, BundleHead};
use tlog::Checkpoint;

use super::hands::{HeldLeaf, every_leaf};
use super::leaves::{Leaves, Looked, Step};
use super::log::{Devices, Speakers};
use super::signed::SignedTranche;
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
    /// Every event of the log.
    pub(crate) events: Vec<LoggedEvent>,
    pub(crate) basis: TrancheBasis,
    pub(crate) tranche: Tranche,
    /// The registry, made again from the tranche.
    pub(crate) registry: Registry,
}

/// Recomputes a bundle, and keeps in memory what it was computed from.
pub(crate) fn recompute(
    source: Source<'_>,
    pinned: Option<&TrustRoots>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Recomputed, Stop> {
    let asked = Asked { pinned, events: true, days: false };
    let Evidence { report, trust, snapshots, events, basis, signed, withheld } =
        verify(source, asked, progress)?;
    let tranche = signed.whole()?;
    let snapshot = snapshots.before(report.close_leaf).snapshot.clone();
    let registry = Registry::of_signed(&tranche, &snapshot, signed.leaf, &withheld)
        .map_err(AuditFinding::from)?;
    Ok(Recomputed { report, snapshot, snapshots, trust, events, basis, tranche, registry })
}

/// Recomputes a bundle; `days` asks for the unpaid ones. What is in memory grows with the district by a
/// fraction of what the bundle has of it.
pub(crate) fn report(
    source: Source<'_>,
    pinned: Option<&TrustRoots>,
    days: bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<AuditReport, Stop> {
    let asked = Asked { pinned, events: false, days };
    verify(source, asked, progress).map(|evidence| evidence.report)
}

/// How far an audit is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Progress {
    /// So many leaves are verified, of how many.
    Leaves(u64, u64),
    /// The month is computed: which share of it, from 1, and of how many.
    Share(usize, usize),
}

/// What is asked of an audit.
#[derive(Clone, Copy)]
struct Asked<'a> {
    pinned: Option<&'a TrustRoots>,
    /// Every event, in memory.
    events: bool,
    /// Every unpaid day.
    days: bool,
}

/// What is there when a bundle holds.
struct Evidence {
    report: AuditReport,
    trust: TrustList,
    snapshots: Snapshots,
    events: Vec<LoggedEvent>,
    basis: TrancheBasis,
    signed: SignedTranche,
    withheld: Withheld,
}

fn verify(
    source: Source<'_>,
    asked: Asked<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Evidence, Stop> {
    let (head, mut outline) = source.head()?;
    let month = month_of(&head)?;
    let roots = roots_of(&head, asked.pinned)?;
    let trust = SignedTrustList::parse(&head.trust_list.0)
        .and_then(|list| list.verify(&roots, 0))
        .map_err(AuditFinding::TrustList)?;
    let checkpoint = checkpoint::open(&head.checkpoint, &trust).map_err(AuditFinding::from)?;
    let checkpoint = checkpoint.checkpoint;
    leaves_in_place(&head, &outline, &checkpoint)?;
    let tranches = core::mem::take(&mut outline.tranches);
    let origin = checkpoint.origin.as_str();
    // A country's is looked at while little else is in memory. What of it fails is told in its turn.
    let found = SignedTranche::find(tranches, (&trust, origin, month), asked.days);
    let devices = devices(source, head.certificates, &trust)?;
    let (devices, refused) =
        devices.map_or_else(|why| (Devices::default(), Some(why)), |all| (all, None));
    let tag_keys = core::mem::take(&mut outline.tag_keys).finish(head.nobody_key.as_ref());
    let tags = Tags::new(tag_keys, &trust, origin);
    let mut leaves = Leaves::new((&trust, month), (&devices, refused), tags, asked.events);
    let look = |leaf: &HeldLeaf| Looked::at(leaf, &devices, (&trust, origin));
    every_leaf(source, look, &mut |leaf, looked| {
        progress(Progress::Leaves(leaf.index, head.leaves));
        leaves.take(&leaf, looked?)
    })?;
    progress(Progress::Leaves(head.leaves, head.leaves));
    let snapshots = leaves.snapshots.take();
    leaves.failed_until(Step::Snapshots)?;
    let snapshots =
        snapshots.ok_or_else(|| AuditFinding::Snapshot("it is not there".to_owned()))?;
    leaves.failed_until(Step::Salts)?;
    let (computed, signed) = (leaves.tree.root(), checkpoint.root);
    if computed != signed || leaves.tree.size() != checkpoint.size {
        return Err(AuditFinding::Root { computed, signed }.into());
    }

    let closed = snapshots.closed(leaves.log.tally.kept(), month);
    let closed = closed.ok_or(AuditFinding::NotClosed(month))?;
    let close = closed.leaf;
    let root = leaves.roots.get(&close).copied().expect("a close has its root");
    let basis = TrancheBasis { origin: origin.to_owned(), tree_size: close + 1, root };
    // The tags come last. Now that they are looked at, what they took can go.
    let no_tags = leaves.failed_until(Step::Tags);
    let Leaves { tags, cards, log, kept, .. } = leaves;
    let tagged = no_tags.map_err(Stop::from).and_then(|()| tags.finish(source, close));
    let cards = cards.notes();
    let (events, speaking) = (log.events, log.speaking);
    let outside_certificate = log.outside_certificate;
    let tally = log.into_tally();
    let speakers = devices.into_speakers();
    let mut signed = found?.ok_or(AuditFinding::NoTranche(month))?;
    let share = &mut |share, of| progress(Progress::Share(share, of));
    let month_of_log = (&snapshots, month, &basis);
    let assurance = compute((source, &speakers), tally, month_of_log, &mut signed, share)?;
    let tagged = tagged?;
    let snapshot = &closed.rests_on.snapshot;
    let withheld = withheld(source, &speakers, snapshot, &signed)?;
    let (lines, lines_hash) = signed.registry(snapshot, &withheld)?;
    let report = AuditReport {
        month,
        origin: origin.to_owned(),
        roots: roots.fingerprint(),
        trust_version: trust.version,
        leaves: checkpoint.size,
        root: checkpoint.root,
        events,
        devices: speaking,
        outside_certificate,
        cards,
        snapshots: snapshots.count() as u64,
        rests_on: (snapshot.version, closed.rests_on.index),
        tagged,
        close_leaf: close,
        tranche: signed.hash,
        tranche_leaf: signed.leaf,
        totals: signed.head.totals,
        rule_version: signed.head.rule_version.clone(),
        unpaid: core::mem::take(&mut signed.unpaid),
        assurance,
        registry_lines: lines,
        registry_lines_hash: lines_hash,
    };
    let events = kept.unwrap_or_default();
    Ok(Evidence { report, trust, snapshots, events, basis, signed, withheld })
}

/// Computes the month again, and compares each line with the signed ones. Gives how sure the visits are.
fn compute(
    (source, speakers): (Source<'_>, &Speakers),
    tally: SparseTally,
    (snapshots, month, basis): (&Snapshots, Month, &TrancheBasis),
    signed: &mut SignedTranche,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<AssuranceShares, Stop> {
    let mut again = |take: &mut dyn FnMut(&LoggedEvent)| every_event(source, speakers, take);
    let mut compare = |line| signed.look_for(line);
    let month = (snapshots, month);
    let computed =
        tally.compute_closed(month, basis.clone(), &mut again, &mut compare, progress)??;
    match signed.difference(&computed.tranche, computed.lines)? {
        Some(first) => Err(AuditFinding::Differs { first }.into()),
        None => Ok(computed.assurance),
    }
}

/// Says what the registry leaves out for want of signatures, where rules ask for them: who signed what
/// takes every event of the log.
fn withheld(
    source: Source<'_>,
    speakers: &Speakers,
    snapshot: &Snapshot,
    signed: &SignedTranche,
) -> Result<Withheld, Stop> {
    let month = signed.head.month;
    let asked = snapshot.rules(month).is_some_and(|params| params.signed_acts_required);
    if !asked {
        return Ok(Withheld::default());
    }
    let mut events = Vec::new();
    every_event(source, speakers, &mut |logged| events.push(logged.clone()))?;
    // What is signed does not rest on a day.
    let signed = SignedMonth::of_tranche(snapshot, &events, &signed.whole()?, month.last_day());
    let signed = signed.map_err(AuditFinding::from)?;
    Ok(signed.map(|signed| signed.withheld()).unwrap_or_default())
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
        Ok(()) | Err(Stop::Enough) => Ok(refused.map_or_else(|| devices.finish(), Err)),
    }
}

/// Hands out every event of the log once more, in its order.
fn every_event(
    source: Source<'_>,
    speakers: &Speakers,
    take: &mut dyn FnMut(&LoggedEvent),
) -> Result<(), Stop> {
    let look = |leaf: &HeldLeaf| -> Result<Option<LoggedEvent>, Stop> {
        if leaf.kind != LeafKind::Event {
            return Ok(None);
        }
        let index = leaf.index;
        let event = UnverifiedEvent::parse(&leaf.bytes.read()?)
            .map_err(|why| AuditFinding::Event { index, why })?;
        Ok(speakers.logged(index, &event))
    };
    every_leaf(source, look, &mut |_, logged| {
        if let Some(logged) = logged? {
            take(&logged);
        }
        Ok(())
    })
}
