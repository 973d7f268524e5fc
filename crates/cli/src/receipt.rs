//! `qatysu receipt`: what a receipt file proves to a stranger, without a network.

pub(crate) mod checkpoint;
mod export;
mod proof_text;
mod two_histories;
mod witnesses;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::{
    CertificateRejection, ChainedEvent, EventKind, EventRejection, Role, TrustList, TrustRejection,
    VerifiedCertificate,
};
use serde_json::json;
use sync_api::{RECEIPT_FORMAT, ReceiptFile};
use tlog::{Checkpoint, Receipt, ReceiptRejection, VerifiedReceipt, salted_leaf};

use self::checkpoint::CheckpointFinding;
use self::export::ExportArgs;
use self::two_histories::TwoHistoriesArgs;
use self::witnesses::{WitnessArgs, Witnesses};
use crate::card::local_time;
use crate::card::trust::TrustFiles;
use crate::console::{Colour, Console, Exit, paint};
use crate::verify_paper::{self, VerifyPaperArgs};

/// Checks receipts.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ReceiptCommand {
    Verify(VerifyArgs),
    Export(ExportArgs),
    TwoHistories(TwoHistoriesArgs),
}

/// Verify a receipt file: who signed the event, and where it is in the log.
///
/// Needs no network and no server: the file, the trust list and the root keys are enough. A C2SP
/// tlog-proof is taken too; it does not say which device signed, and its event is a file beside it.
/// Where the trust list asks for witnesses, who cosigned is told. A printed sheet or act is checked as by
/// `qatysu verify-paper`.
///
/// Exit codes: 0 everything holds, 1 a check failed (its name is printed), 3 a file could not be
/// read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu receipt verify visit.receipt.json --trust data/\n  \
    qatysu receipt verify visit.tlog-proof --trust data/ --policy witnesses.policy\n  \
    qatysu receipt verify visit.receipt.json --trust trust.list --roots trust.roots --json\n  \
    qatysu receipt verify act.pdf --trust data/ --against 2026-09.statement.json")]
pub(crate) struct VerifyArgs {
    /// Receipt file, JSON, or a C2SP tlog-proof; or a printed sheet or act: PDF, photograph, symbol's text
    #[arg(value_name = "FILE")]
    receipt: PathBuf,
    /// For a printed sheet or act: bundle of the month, or its statement, JSON
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// The event of a tlog-proof [default: the file beside it, ending in `.event`]
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// Signed trust list, or a directory with `trust.list` and `trust.roots`
    #[arg(long, value_name = "FILE|DIR")]
    trust: PathBuf,
    /// Root keys that the trust list must be signed with [default: `trust.roots` beside it]
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    #[command(flatten)]
    witnesses: WitnessArgs,
}

/// Why a receipt file was refused: each variant is a check, in the order they are made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReceiptFinding {
    /// The file is no receipt file.
    #[error("the file is no receipt file ({0}): ask for the file again")]
    File(String),
    /// The trust list does not hold under the roots.
    #[error(transparent)]
    TrustList(#[from] TrustRejection),
    /// No trusted authority certified the device.
    #[error(transparent)]
    Certificate(#[from] CertificateRejection),
    /// The device did not sign this event.
    #[error(transparent)]
    Event(#[from] EventRejection),
    /// The log did not sign the checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFinding),
    /// The receipt does not prove this event under this salt.
    #[error("{0}: the event, its salt or the receipt was changed, ask for the file again")]
    Receipt(ReceiptRejection),
    /// The receipt is for another tree than the checkpoint's.
    #[error("{0}: ask for a receipt and a checkpoint of one moment")]
    Place(ReceiptRejection),
    /// The proof does not prove this event.
    #[error("{0}: the event or the proof was changed, ask for both again")]
    Proof(String),
    /// The witnesses that were asked for did not cosign.
    #[error("{0}: ask for a receipt under a later checkpoint")]
    Witnesses(String),
    /// The evidence accuses nobody.
    #[error("{0}: this proves nothing against the log")]
    Evidence(String),
}

impl ReceiptFinding {
    /// Names the check that failed.
    pub(crate) fn check(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::TrustList(_) => "trust list",
            Self::Certificate(_) => "device certificate",
            Self::Event(_) => "event signature",
            Self::Checkpoint(_) => "checkpoint",
            Self::Receipt(_) => "receipt",
            Self::Place(_) => "place in the log",
            Self::Proof(_) => "proof",
            Self::Witnesses(_) => "witnesses",
            Self::Evidence(_) => "evidence",
        }
    }
}

/// What a verified receipt file proves.
#[derive(Debug)]
pub(crate) struct Proven {
    /// The event, signed by the device.
    pub(crate) event: ChainedEvent,
    /// Whose device.
    pub(crate) certificate: VerifiedCertificate,
    /// Where in the log.
    pub(crate) place: VerifiedReceipt,
    /// The log's statement that it is under.
    pub(crate) checkpoint: Checkpoint,
}

/// Runs `qatysu receipt`.
pub(crate) fn run(command: &ReceiptCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        ReceiptCommand::Verify(args) => run_verify(args, console),
        ReceiptCommand::Export(args) => export::run(args, console),
        ReceiptCommand::TwoHistories(args) => two_histories::run(args, console),
    }
}

fn run_verify(args: &VerifyArgs, console: Console) -> anyhow::Result<Exit> {
    if let Some(paper) = paper_of(args)? {
        return verify_paper::run(&paper, console);
    }
    let trust = TrustFiles::read(&args.trust, args.roots.as_deref())?;
    let text = read_text(&args.receipt)?;
    let asked = args.witnesses.read()?;
    let told = if proof_text::is_proof(&text) {
        let event = proof_text::read_event(args)?;
        let proven = trust.verify().map_err(ReceiptFinding::from);
        proven
            .and_then(|trust| proof_text::verify(&text, &event, &trust, &asked))
            .map(|proven| proof_text::tell(&proven, console))
    } else {
        let proven = trust.verify().map_err(ReceiptFinding::from).and_then(|trust| {
            let file = parse(&text)?;
            let proven = verify(&file, &trust)?;
            let note = seen_by_witnesses(&file, &proven.checkpoint, &trust)?;
            Ok((proven, asked.judge(note, &trust)?))
        });
        proven.map(|(proven, witnesses)| tell(&proven, witnesses.as_ref(), console))
    };
    Ok(match told {
        Ok(()) => Exit::Fine,
        Err(finding) => refuse(&finding, console),
    })
}

/// Says what is to be checked, if a printed sheet or act was handed in.
fn paper_of(args: &VerifyArgs) -> anyhow::Result<Option<VerifyPaperArgs>> {
    let given = args.receipt.to_string_lossy();
    let is_paper = verify_paper::is_text(&given) || verify_paper::is_paper_file(&args.receipt);
    if !is_paper && args.against.is_none() {
        return Ok(None);
    }
    let Some(against) = args.against.clone() else {
        anyhow::bail!("a printed sheet or act is held against its month: give --against FILE");
    };
    Ok(Some(VerifyPaperArgs {
        paper: given.into_owned(),
        against,
        trust: Some(args.trust.clone()),
        // A bundle brings roots of its own: they must be those that are trusted here.
        roots: args.roots.clone().or_else(|| Some(roots_beside(&args.trust))),
        sum: None,
    }))
}

fn roots_beside(trust: &Path) -> PathBuf {
    if trust.is_dir() { trust.join("trust.roots") } else { trust.with_file_name("trust.roots") }
}

/// Says which check failed.
fn refuse(finding: &ReceiptFinding, console: Console) -> Exit {
    let (check, why) = (finding.check(), finding.to_string());
    console.line(format!("{}, {check}: {why}", paint("refused", Colour::Red)));
    console.json(&json!({ "verdict": "refused", "check": check, "why": why }));
    Exit::Refused
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path);
    let bytes = bytes.with_context(|| format!("cannot read the receipt {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads a receipt file.
pub(crate) fn parse(json: &str) -> Result<ReceiptFile, ReceiptFinding> {
    let file: ReceiptFile =
        serde_json::from_str(json).map_err(|error| ReceiptFinding::File(error.to_string()))?;
    if file.format == RECEIPT_FORMAT {
        Ok(file)
    } else {
        Err(ReceiptFinding::File(format!("its format is {:?}", file.format)))
    }
}

/// Makes every check. Whether certificate and keys held at the time is not decided here: the log,
/// not the device, says when, and a receipt has no time.
pub(crate) fn verify(file: &ReceiptFile, trust: &TrustList) -> Result<Proven, ReceiptFinding> {
    let certificate = VerifiedCertificate::verify_for_audit(&file.certificate.0, trust)?;
    let event = ChainedEvent::parse_and_verify(&file.event.0, &certificate.public_key())?;
    let signed = checkpoint::open(&file.checkpoint, trust)?;
    let leaf = salted_leaf(&salt_of(file)?, event.bytes());
    let receipt = Receipt::parse(&file.receipt.0).map_err(ReceiptFinding::Receipt)?;
    let place = receipt.verify(&signed.key, &leaf).map_err(ReceiptFinding::Receipt)?;
    place.under(&signed.checkpoint).map_err(ReceiptFinding::Place)?;
    Ok(Proven { event, certificate, place, checkpoint: signed.checkpoint })
}

/// Gives the checkpoint that witnesses saw: the receipt's own, or a later one of which the file proves
/// that the log grew into it.
fn seen_by_witnesses<'a>(
    file: &'a ReceiptFile,
    own: &Checkpoint,
    trust: &TrustList,
) -> Result<&'a str, ReceiptFinding> {
    let Some(later) = &file.witnessed else { return Ok(&file.checkpoint) };
    let refused = |why: String| ReceiptFinding::Witnesses(why);
    let mut reached = own.clone();
    for step in &later.steps {
        let next = Checkpoint { size: step.size, root: step.root.0, ..own.clone() };
        let path = step.path.iter().map(|hash| hash.0).collect();
        reached.grew_into(&next, path).map_err(|why| refused(why.to_string()))?;
        reached = next;
    }
    if checkpoint::open(&later.checkpoint, trust)?.checkpoint == reached {
        Ok(&later.checkpoint)
    } else {
        Err(refused("the steps do not lead to the checkpoint that witnesses saw".to_owned()))
    }
}

fn salt_of(file: &ReceiptFile) -> Result<[u8; 16], ReceiptFinding> {
    <[u8; 16]>::try_from(file.salt.0.as_slice())
        .map_err(|_| ReceiptFinding::File("a salt has 16 bytes".to_owned()))
}

fn tell(proven: &Proven, witnesses: Option<&Witnesses>, console: Console) {
    let event = proven.event.event();
    let certificate = proven.certificate.certificate();
    let (said, role) = (kind_in_words(event.kind), role_in_words(certificate.role));
    let claimed_s = event.wall_ms.div_euclid(1000);
    let claimed = local_time(claimed_s);
    let provider = certificate.provider.map(|provider| provider.to_string());
    let Proven { place, checkpoint, .. } = proven;
    let origin = &checkpoint.origin;
    console.line(format!("event     {said}"));
    console.line(format!("sha256    {}", proven.event.hash()));
    console.line(format!("claimed   {claimed}, by the device's own clock"));
    console.line(format!("device    {role} {}", event.device));
    if let Some(provider) = &provider {
        console.line(format!("provider  {provider}"));
    }
    console.line(format!("log       {origin}"));
    console.line(format!("leaf      {} of {}", place.index, place.size));
    if let Some(witnesses) = witnesses {
        console.line(format!("witnesses {}", witnesses.in_words()));
    }
    console.line(format!(
        "{}: {role} signed this event, and the log had it in this place when it held {} leaves",
        paint("proven", Colour::Green),
        place.size
    ));
    console.line("not proven: that the device's clock was right, or that what it says is true");
    let in_time = certificate.covers(claimed_s);
    if !in_time {
        console.line("note: the claimed time lies outside of the device certificate's time");
    }
    console.json(&json!({
        "verdict": "proven",
        "kind": said,
        "event": proven.event.hash().to_string(),
        "claimed": claimed,
        "within_certificate": in_time,
        "device": event.device,
        "role": certificate.role,
        "provider": provider,
        "child": event.child,
        "voucher": event.voucher,
        "lesson": event.lesson,
        "origin": origin,
        "leaf_index": place.index,
        "tree_size": place.size,
        "root": place.root.to_string(),
        "witnesses": witnesses.map(Witnesses::to_json),
    }));
}

fn role_in_words(role: Role) -> &'static str {
    match role {
        Role::Teacher => "a teacher's device",
        Role::Parent => "a parent's device",
        Role::Coordinator => "a coordinator's device",
        Role::ProviderAdmin => "a provider administrator's device",
        Role::Delegate => "a delegate's device",
        Role::Issuer => "the issuer's key",
    }
}

fn kind_in_words(kind: EventKind) -> &'static str {
    match kind {
        EventKind::LessonOpen => "a lesson was opened",
        EventKind::LessonClose => "a lesson was ended",
        EventKind::In => "a child came",
        EventKind::Out => "a child left",
        EventKind::Absent => "a child is absent",
        EventKind::Correct => "an event was corrected",
        EventKind::Void => "an event was withdrawn",
        EventKind::Confirm => "a parent says: was",
        EventKind::Dispute => "a parent says: was not",
        EventKind::MonthSign => "a parent signed a month",
        EventKind::Headcount => "heads were counted",
        EventKind::MonthClose => "a month was closed",
        EventKind::PaymentNotice => "a payment notice was entered",
        EventKind::TimeAnchor => "the server's time was kept",
        EventKind::DeviceRevoke => "a device was revoked",
        EventKind::EventRelease => "events that were put aside were let in",
        EventKind::DisputeResolve => "the district decided about a visit",
        EventKind::LessonCancel => "a lesson is not held",
        EventKind::LessonMove => "a lesson was moved",
        EventKind::ProviderSuspend => "payments to a provider stop",
        EventKind::GroundCured => "a ground was cured",
        EventKind::HoldRelease => "it was decided about held money",
        EventKind::ProviderTerminate => "a provider's contracts end, or are proposed to",
        EventKind::Transfer => "a voucher moved to another group",
        EventKind::Adjust => "a closed month was computed again",
        EventKind::SheetSign => "a sheet was signed",
        EventKind::ActSign => "an act was signed",
        EventKind::SheetDecide => "the issuer decided about a sheet",
        EventKind::VoucherSet => "the issuer decided about a voucher",
        EventKind::VoucherAnswer => "a family answered about a voucher or its place",
        _ => "an event that this version has no words for",
    }
}

#[cfg(test)]
mod tests;
