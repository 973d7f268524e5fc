//! `qatysu verify-paper`: a printed sheet or act against the signed tranche.

mod signed;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ledger::Tiyn;
use ledger::export::{ExportedMonth, MarkFinding, PaperMark, ShownMark};
use serde_json::json;

use self::signed::{Signed, SignedFinding};
use crate::console::{Colour, Console, Exit, paint};
use crate::export::Placed;
use crate::words::Lang;
use crate::{audit, export, picture};

/// Check a printed sheet or act against the signed tranche.
///
/// Reads the symbol of a PDF or of a photograph, and compares log, month, tranche, leaf, provider, sum and
/// number of lines with the tranche that the log's key signed. With a bundle the month is recomputed, and
/// a PDF is made again: a changed number anywhere in the file is found. A photograph tells its symbol
/// only: give the printed sum with --sum, and compare the lines that are shown.
///
/// Exit codes: 0 everything holds, 1 something differs or there is no symbol, 3 a file could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu verify-paper act.pdf --against 2026-09.bundle.json --roots trust.roots\n  \
    qatysu verify-paper photo.jpg --against 2026-09.statement.json --trust data/ --sum 18461.53\n  \
    qatysu verify-paper 'QP1;act;2026-09;…' --against 2026-09.bundle.json")]
pub(crate) struct VerifyPaperArgs {
    /// PDF, photograph (PNG or JPEG), or the symbol's text: a mark, or an address with one
    #[arg(value_name = "PAPER")]
    pub(crate) paper: String,
    /// Bundle of the month, or its statement, JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) against: PathBuf,
    /// For a statement: signed trust list, or a directory with `trust.list` and `trust.roots`
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) trust: Option<PathBuf>,
    /// Root keys that all must rest on
    #[arg(long, value_name = "FILE")]
    pub(crate) roots: Option<PathBuf>,
    /// The sum to be paid as it is printed on the paper, in tenge
    #[arg(long, value_name = "TENGE", value_parser = tenge)]
    pub(crate) sum: Option<Tiyn>,
}

fn tenge(text: &str) -> Result<Tiyn, String> {
    Tiyn::parse_tenge(text).ok_or_else(|| "expected a sum in tenge such as 18461.53".to_owned())
}

/// Why a paper was refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PaperFinding {
    /// There is no symbol on it.
    #[error("there is no symbol of a sheet or an act on it: photograph the corner with the symbol")]
    NoSymbol,
    /// There are several.
    #[error("there are symbols of several papers on it: photograph one")]
    Several,
    /// What it is held against does not hold itself.
    #[error(transparent)]
    Signed(#[from] SignedFinding),
    /// It differs from what was signed.
    #[error(transparent)]
    Differs(#[from] MarkFinding),
    /// The printed sum is another than that of the symbol.
    #[error("{printed} tenge are printed on it, and {signed} are signed")]
    PrintedSum {
        /// What the reader saw.
        printed: Tiyn,
        /// The tranche's.
        signed: Tiyn,
    },
    /// The symbol holds, and the file is none that this program makes of the month.
    #[error(
        "the symbol holds, but the rest of the file is not what the month gives: it was changed, or made by \
         another version; export it again and compare"
    )]
    OtherFile,
}

/// What was found to hold.
#[derive(Debug)]
struct Verified {
    mark: PaperMark,
    /// True if the whole file was made again.
    whole: bool,
}

/// Runs `qatysu verify-paper`.
pub(crate) fn run(args: &VerifyPaperArgs, console: Console) -> anyhow::Result<Exit> {
    let paper = Paper::read(&args.paper)?;
    let signed =
        signed::read(&args.against, args.trust.as_deref(), args.roots.as_deref(), console)?;
    let verified = signed.map_err(PaperFinding::from).and_then(|signed| {
        let verified = verify(&paper, &signed, args.sum);
        verified.map(|verified| (verified, signed))
    });
    match verified {
        Ok((verified, signed)) => {
            tell(&verified, &signed, args.sum.is_some(), console);
            Ok(Exit::Fine)
        }
        Err(finding) => {
            let why = finding.to_string();
            console.line(format!("{}: {why}", paint("refused", Colour::Red)));
            console.json(&json!({ "verdict": "refused", "why": why }));
            Ok(Exit::Refused)
        }
    }
}

/// A paper as it was handed in.
struct Paper {
    /// What its symbols say.
    texts: Vec<String>,
    /// The file, if it is a PDF.
    pdf: Option<Vec<u8>>,
}

impl Paper {
    fn read(paper: &str) -> anyhow::Result<Self> {
        if is_text(paper) {
            return Ok(Self { texts: vec![paper.to_owned()], pdf: None });
        }
        let path = Path::new(paper);
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {paper}"))?;
        if !bytes.starts_with(b"%PDF") {
            let texts = qr::decode(&picture::read_luma(path)?.as_luma());
            return Ok(Self { texts, pdf: None });
        }
        let pages = paper::rasterise(&bytes, DOTS_PER_INCH)?;
        let texts = pages.iter().flat_map(|page| qr::decode(&page.as_luma())).collect();
        Ok(Self { texts, pdf: Some(bytes) })
    }

    fn mark(&self) -> Result<ShownMark, PaperFinding> {
        let mut marks: Vec<ShownMark> =
            self.texts.iter().filter_map(|text| text.parse().ok()).collect();
        marks.dedup();
        match <[ShownMark; 1]>::try_from(marks) {
            Ok([mark]) => Ok(mark),
            Err(none) if none.is_empty() => Err(PaperFinding::NoSymbol),
            Err(_) => Err(PaperFinding::Several),
        }
    }
}

fn verify(paper: &Paper, signed: &Signed, sum: Option<Tiyn>) -> Result<Verified, PaperFinding> {
    let ShownMark { server, mark } = paper.mark()?;
    mark.compare(&signed.tranche, signed.leaf)?;
    if let Some(printed) = sum.filter(|printed| *printed != mark.sum) {
        return Err(PaperFinding::PrintedSum { printed, signed: mark.sum });
    }
    let whole = match (&paper.pdf, &signed.audited) {
        (Some(pdf), Some(audited)) => {
            if !is_made_of(pdf, (&mark, server.as_deref()), audited) {
                return Err(PaperFinding::OtherFile);
            }
            true
        }
        (Some(_), None) | (None, _) => false,
    };
    Ok(Verified { mark, whole })
}

/// Says whether somebody gave a symbol's text rather than a file.
pub(crate) fn is_text(paper: &str) -> bool {
    paper.starts_with("QP1;") || paper.parse::<ShownMark>().is_ok()
}

/// Says whether a file is a PDF or a picture, by how it begins.
pub(crate) fn is_paper_file(path: &Path) -> bool {
    let Ok(mut file) = std::fs::File::open(path) else { return false };
    let mut head = [0; 8];
    let read = file.read(&mut head).unwrap_or_default();
    let head = &head[..read];
    [&b"%PDF"[..], b"\x89PNG", &[0xff, 0xd8, 0xff]].iter().any(|form| head.starts_with(form))
}

/// Makes the paper again, in each language, and compares. It may have been printed before the last
/// signatures under it.
fn is_made_of(
    pdf: &[u8],
    (mark, server): (&PaperMark, Option<&str>),
    audited: &audit::Recomputed,
) -> bool {
    let Some(provider) = audited.snapshot.provider(mark.provider) else { return false };
    let Ok(fold) = export::fold_of(audited) else { return false };
    let (snapshot, tranche) = (&audited.snapshot, &audited.tranche);
    let month = ExportedMonth { snapshot, fold: &fold, tranche };
    let Ok(signatures) = export::signatures(audited, provider.id, mark.kind) else { return false };
    (0..=signatures.len()).rev().any(|count| {
        let signatures = &signatures[..count];
        Lang::ALL.into_iter().any(|lang| {
            let placed = Placed { provider, leaf: mark.leaf, signatures, server };
            let made = export::to_pdf(mark.kind, month, placed, lang);
            made.is_ok_and(|made| made == pdf)
        })
    })
}

fn tell(verified: &Verified, signed: &Signed, sum_given: bool, console: Console) {
    let Verified { mark, whole } = verified;
    let named = signed.audited.as_ref();
    let provider = named.and_then(|audited| audited.snapshot.provider(mark.provider));
    let provider =
        provider.map_or(mark.provider.to_string(), |one| format!("{} {}", one.bin, one.name));
    console.line(format!("paper     {} of {}", mark.kind.as_str(), mark.month));
    console.line(format!("provider  {provider}"));
    console.line(format!("sum       {} tenge, {} lines", mark.sum, mark.lines));
    console.line(format!("tranche   {}, leaf {} of {}", mark.tranche, mark.leaf, mark.origin));
    let lines = signed.tranche.lines.iter().filter(|line| line.provider == mark.provider);
    for line in lines.filter(|line| line.accrued != Tiyn::ZERO) {
        let contract = named.and_then(|audited| audited.snapshot.contract(line.voucher));
        let number = contract.map_or(line.voucher.to_string(), |one| one.number.clone());
        console.line(format!("line      {number}  {}", line.accrued));
    }
    let holds = paint("holds", Colour::Green);
    console.line(match (whole, sum_given) {
        (true, _) => format!("{holds}: the file is, byte for byte, what the signed month gives"),
        (false, true) => format!("{holds}: symbol and sum are the signed ones"),
        (false, false) => {
            format!("{holds}: the symbol; compare the sum and the lines above with the paper")
        }
    });
    console.json(&json!({
        "verdict": "holds",
        "kind": mark.kind.as_str(),
        "month": mark.month,
        "provider": mark.provider,
        "sum_tiyn": mark.sum,
        "lines": mark.lines,
        "tranche": mark.tranche.to_string(),
        "leaf": mark.leaf,
        "origin": mark.origin,
        "whole_file": whole,
        "roots_pinned": signed.pinned,
    }));
}

/// Enough for the symbol's squares of half a millimetre.
const DOTS_PER_INCH: u32 = 150;

#[cfg(test)]
mod tests;
