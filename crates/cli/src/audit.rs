//! `qatysu audit`: the independent recomputation of a month, from its bundle alone.
//!
//! No server and no database: every leaf is hashed again, every signature verified again, every
//! chain followed again, and the tranche computed again from the log before the month's close and the
//! newest snapshot in it.
//!
//! What this cannot tell: whether the log showed others another history (compare the checkpoint with
//! one that a device or a witness keeps), whether a newer trust list exists, and whether a device's
//! clock was right. Tranches of other months in the same log are verified by their signature only:
//! each month has its own bundle.

mod cards;
mod finding;
mod hands;
mod leaves;
mod log;
mod long;
mod recompute;
mod signed;
mod source;
mod tags;
mod unpaid;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::TrustRoots;
use ledger::{AssuranceShares, Month, Totals};
use seal::Hash;
use serde_json::json;
use sync_api::Bundle;

pub(crate) use self::cards::CardNotes;
pub(crate) use self::finding::AuditFinding;
use self::recompute::Progress;
pub(crate) use self::recompute::Recomputed;
use self::signed::Unpaid;
use self::source::{Source, Stop};
use crate::console::{Colour, Console, Exit, paint};

/// Recompute a month from its bundle: no server, no database.
///
/// Verifies the trust list, the checkpoint, every leaf, certificate, card, signature and chain,
/// computes the tranche again, from the newest district before the month's close, and compares it with
/// the one in the log. Says the first thing that differs. Events with a card that is not in the log
/// before them are counted as a note: the sums do not rest on it, and older logs have no cards.
///
/// Without `--roots` the root keys come from the bundle itself: then compare the printed fingerprint
/// with the one that the programme published.
///
/// Exit codes: 0 identical, 1 something differs, 3 a file could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu audit 2026-09.bundle.json --roots trust.roots\n  \
    qatysu audit 2026-09.bundle.json --days\n  \
    qatysu audit 2026-09.bundle.json --json")]
pub(crate) struct AuditArgs {
    /// Bundle of a closed month, JSON
    #[arg(value_name = "BUNDLE.json")]
    bundle: PathBuf,
    /// Root keys that the bundle must rest on
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// List every unpaid day with its reason
    #[arg(long)]
    days: bool,
}

/// What was recomputed, and found to be the same.
#[derive(Debug)]
pub(crate) struct AuditReport {
    /// The month.
    pub(crate) month: Month,
    /// The log's name.
    pub(crate) origin: String,
    /// Fingerprint of the root keys that all rests on.
    pub(crate) roots: Hash,
    /// Version of the trust list.
    pub(crate) trust_version: u32,
    /// Leaves that were opened and hashed; the checkpoint's size.
    pub(crate) leaves: u64,
    /// The checkpoint's root.
    pub(crate) root: Hash,
    /// Events among the leaves.
    pub(crate) events: u64,
    /// Devices that signed them.
    pub(crate) devices: u64,
    /// Events whose claimed time lies outside of their device's certificate: a fact, no refusal.
    pub(crate) outside_certificate: u64,
    /// What is to be asked about cards.
    pub(crate) cards: CardNotes,
    /// Snapshots in the log.
    pub(crate) snapshots: u64,
    /// Version and leaf of the one that the month rests on.
    pub(crate) rests_on: (u32, u64),
    /// The leaf that closed the month.
    pub(crate) close_leaf: u64,
    /// The first leaf after those whose tags were made again.
    pub(crate) tagged: u64,
    /// Names the tranche.
    pub(crate) tranche: Hash,
    /// Its leaf.
    pub(crate) tranche_leaf: u64,
    /// Its sums.
    pub(crate) totals: Totals,
    /// The version of its rules.
    pub(crate) rule_version: String,
    /// The lessons that are not paid.
    pub(crate) unpaid: Unpaid,
    /// How sure the month's visits are.
    pub(crate) assurance: AssuranceShares,
    /// How many lines the registry has that was made again from the tranche.
    pub(crate) registry_lines: u64,
    /// Their [`ledger::Registry::lines_hash`].
    pub(crate) registry_lines_hash: Hash,
}

/// Recomputes a bundle; `pinned` are root keys that did not come from the bundle.
pub(crate) fn audit(
    bundle: &Bundle,
    pinned: Option<&TrustRoots>,
) -> Result<AuditReport, AuditFinding> {
    match recompute::report(Source::Memory(bundle), pinned, false, &mut |_| {}) {
        Ok(report) => Ok(report),
        Err(Stop::Finding(finding)) => Err(*finding),
        Err(stop) => Err(AuditFinding::NotABundle(format!("{stop:?}"))),
    }
}

/// Runs `qatysu audit`.
pub(crate) fn run(args: &AuditArgs, console: Console) -> anyhow::Result<Exit> {
    let pinned = args.roots.as_deref().map(read_roots).transpose()?;
    let report = |source: Source<'_>| {
        told(console, |progress| recompute::report(source, pinned.as_ref(), args.days, progress))
    };
    let report = if is_file(&args.bundle)? {
        report(Source::File(&args.bundle))
    } else {
        read_whole(&args.bundle)?
            .map_or_else(|finding| Err(finding.into()), |bundle| report(Source::Memory(&bundle)))
    };
    match found(report, &args.bundle)? {
        Ok(report) => {
            tell(&report, args, console);
            Ok(Exit::Fine)
        }
        Err(finding) => Ok(tell_finding(&finding, console)),
    }
}

/// Reads a bundle and recomputes it with all its events in memory, with progress.
pub(crate) fn open(
    path: &Path,
    roots: Option<&Path>,
    console: Console,
) -> anyhow::Result<Result<Recomputed, AuditFinding>> {
    if !is_file(path)? {
        return Ok(open_whole(path, roots, console)?.map(|(recomputed, _)| recomputed));
    }
    let pinned = roots.map(read_roots).transpose()?;
    let source = Source::File(path);
    let made = told(console, |progress| recompute::recompute(source, pinned.as_ref(), progress));
    found(made, path)
}

/// The same of a bundle that is whole in memory, for whoever needs its leaves too.
pub(crate) fn open_whole(
    path: &Path,
    roots: Option<&Path>,
    console: Console,
) -> anyhow::Result<Result<(Recomputed, Bundle), AuditFinding>> {
    let pinned = roots.map(read_roots).transpose()?;
    let bundle = match read_whole(path)? {
        Ok(bundle) => bundle,
        Err(finding) => return Ok(Err(finding)),
    };
    let source = Source::Memory(&bundle);
    let made = told(console, |progress| recompute::recompute(source, pinned.as_ref(), progress));
    Ok(found(made, path)?.map(|recomputed| (recomputed, bundle)))
}

/// Says whether a bundle can be read more than once: what comes through a pipe cannot.
fn is_file(path: &Path) -> anyhow::Result<bool> {
    Ok(std::fs::metadata(path).with_context(|| cannot_read(path))?.is_file())
}

fn read_whole(path: &Path) -> anyhow::Result<Result<Bundle, AuditFinding>> {
    let text = std::fs::read(path).with_context(|| cannot_read(path))?;
    let bundle = serde_json::from_slice::<Bundle>(&text);
    Ok(bundle.map_err(|error| AuditFinding::NotABundle(error.to_string())))
}

fn cannot_read(path: &Path) -> String {
    format!("cannot read {}", path.display())
}

/// Does something with progress.
fn told<T>(
    console: Console,
    act: impl FnOnce(&mut dyn FnMut(Progress)) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let mut progress = |progress| match progress {
        Progress::Leaves(done, all) if done == all => {
            console.progress("computing the month again");
        }
        Progress::Leaves(done, all) if done.is_multiple_of(PROGRESS_STEP) => {
            console.progress(&format!("verified {done} of {all} leaves"));
        }
        Progress::Leaves(..) => {}
        Progress::Share(share, of) => {
            console.progress(&format!("computing the month again, share {share} of {of}"));
        }
    };
    console.progress("reading the head of the bundle");
    let made = act(&mut progress);
    console.progress_done();
    made
}

/// Tells what does not hold from what could not be read.
fn found<T>(made: Result<T, Stop>, path: &Path) -> anyhow::Result<Result<T, AuditFinding>> {
    match made {
        Ok(made) => Ok(Ok(made)),
        Err(Stop::Finding(finding)) => Ok(Err(*finding)),
        Err(Stop::Read(error)) => Err(error).with_context(|| cannot_read(path)),
        Err(Stop::Enough) => anyhow::bail!("the bundle was not read to its end"),
    }
}

/// Says what differs first.
pub(crate) fn tell_finding(finding: &AuditFinding, console: Console) -> Exit {
    let (check, why) = (finding.check(), finding.to_string());
    console.line(format!("{}, {check}: {why}", paint("differs", Colour::Red)));
    console.json(&json!({ "verdict": "differs", "check": check, "why": why }));
    Exit::Refused
}

/// How many leaves between two lines of progress.
const PROGRESS_STEP: u64 = 500;

fn read_roots(path: &Path) -> anyhow::Result<TrustRoots> {
    let bytes = std::fs::read(path)
        .with_context(|| format!("cannot read the root keys {}", path.display()))?;
    TrustRoots::parse(&bytes).with_context(|| format!("the root keys {}", path.display()))
}

fn tell(report: &AuditReport, args: &AuditArgs, console: Console) {
    let pinned = args.roots.is_some();
    let AuditReport { roots, origin, leaves, root, events, devices, month, tranche, .. } = report;
    let Totals { plan, accrued, held, released } = report.totals;
    let (lines, leaf) = (report.registry_lines, report.tranche_leaf);
    let from =
        if pinned { "pinned by --roots" } else { "NOT pinned: taken from the bundle itself" };
    console.line(format!("roots     {roots} ({from})"));
    if !pinned {
        console.line("          compare this fingerprint with the published one, or give --roots");
    }
    console.line(format!("trust     version {}, signed by enough roots", report.trust_version));
    console.line(format!("log       {origin}"));
    console.line(format!("tree      {leaves} leaves hashed, root {root} as signed"));
    console.line(format!("events    {events} of {devices} devices: signed, chains without a gap"));
    let tagged = report.tagged;
    console.line(format!(
        "tags      of leaves 0 to {}, made again: no leaf of a child is hidden",
        tagged - 1
    ));
    if report.outside_certificate > 0 {
        let outside = report.outside_certificate;
        console.line(format!("note      {outside} claim a time outside of their certificate's"));
    }
    report.cards.tell(console);
    let (version, at) = report.rests_on;
    let all = report.snapshots;
    console.line(format!(
        "district  version {version}, leaf {at}, in force at the close; {all} in the log"
    ));
    console.line(format!("month     {month}, closed by leaf {}", report.close_leaf));
    console.line(format!("lines     {lines}, rules {}", report.rule_version));
    console.line(format!("sums      plan {plan}, to pay {accrued}, held {held}, back {released}"));
    unpaid::tell(report, args.days, console);
    console.line(format!("tranche   {tranche}, leaf {leaf}"));
    let identical = paint("identical", Colour::Green);
    console.line(format!("{identical}: the recomputed tranche is the signed one, byte for byte"));
    console.json(&json!({
        "verdict": "identical",
        "month": month,
        "roots": roots.to_string(),
        "roots_pinned": pinned,
        "trust_version": report.trust_version,
        "origin": origin,
        "leaves": leaves,
        "root": root.to_string(),
        "events": events,
        "devices": devices,
        "outside_certificate": report.outside_certificate,
        "tagged_leaves": report.tagged,
        "cards": report.cards.to_json(),
        "snapshots": report.snapshots,
        "snapshot_version": report.rests_on.0,
        "snapshot_leaf": report.rests_on.1,
        "close_leaf": report.close_leaf,
        "tranche": tranche.to_string(),
        "tranche_leaf": leaf,
        "lines": lines,
        "registry_lines_sha256": report.registry_lines_hash.to_string(),
        "planned_tiyn": plan,
        "accrued_tiyn": accrued,
        "held_tiyn": held,
        "released_tiyn": released,
        "unpaid": unpaid::to_json(report, args.days),
        "assurance": unpaid::assurance_to_json(report.assurance),
    }));
}

#[cfg(test)]
pub(crate) mod tests;
