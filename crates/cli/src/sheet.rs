//! `qatysu sheet`: sheets and acts of a month, who signed them, and signing them.

mod tell;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use attendance::{PaperToSign, ProviderId, Role, SheetSigner as _, SignedPaper};
use device::{Device, RecordError, SheetDecision};
use ledger::Month;
use ledger::signing::{SheetPart, SheetStatement};
use seal::Hash;
use serde_json::json;
use shell_core::{Shell, ShellClock, ShellConfig};
use sync_api::{PaperResponse, SheetStandingResponse, SheetsResponse};

use crate::console::{Console, Exit};
use crate::provider::parse_hash;
use crate::{host, time, vault};

/// Show the sheets of a month, sign them, sign their acts; give them back, pause them, declare them invalid.
///
/// The provider's administrator signs first, then the issuer when the month is closed, then both the act. Each
/// signature is an event of the device and a leaf of the log; it is over the SHA-256 of the sheet's bytes.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum SheetCommand {
    /// Show where each sheet stands, who holds it, its hash, and who signed it.
    #[command(after_help = "Examples:
  qatysu sheet show --data ~/qatysu-office --month 2026-09
  qatysu sheet show --data ~/qatysu-coordinator --month 2026-09 --provider a1a1a1a1a1a1a1a1 --json")]
    Show(OfMonth),
    /// Sign the sheet, as the provider's administrator.
    #[command(after_help = "Examples:
  qatysu sheet sign --data ~/qatysu-office --month 2026-09
  qatysu sheet sign --data ~/qatysu-office --month 2026-09 --hash SHA256
  qatysu sheet sign --data ~/qatysu-office --month 2026-09 --supplementary")]
    Sign(SignArgs),
    /// Approve the sheet, as the issuer: nothing of it changes afterwards.
    #[command(after_help = "Examples:
  qatysu sheet approve --data ~/qatysu-coordinator --month 2026-09 --provider a1a1a1a1a1a1a1a1")]
    Approve(SignArgs),
    /// Sign the act of an approved sheet, as either side.
    #[command(after_help = "Examples:
  qatysu sheet act --data ~/qatysu-office --month 2026-09 --number A-17
  qatysu sheet act --data ~/qatysu-coordinator --month 2026-09 --provider a1a1a1a1a1a1a1a1 \\
      --number A-17")]
    Act(ActArgs),
    /// Give the sheet back to be revised, as the issuer; once.
    #[command(after_help = "Examples:
  qatysu sheet return --data ~/qatysu-coordinator --month 2026-09 --provider a1a1a1a1a1a1a1a1 \\
      --document \"letter 4\"")]
    Return(DecideArgs),
    /// Pause the sheet, as the issuer.
    #[command(after_help = "Examples:
  qatysu sheet pause --data ~/qatysu-coordinator --month 2026-09 --provider a1a1a1a1a1a1a1a1 \\
      --document \"case 2\"")]
    Pause(DecideArgs),
    /// Let a paused sheet go on, as the issuer.
    #[command(after_help = "Examples:
  qatysu sheet resume --data ~/qatysu-coordinator --month 2026-09 --provider a1a1a1a1a1a1a1a1 \\
      --document \"case 2\"")]
    Resume(DecideArgs),
    /// Declare the sheet invalid for good, as the issuer.
    #[command(after_help = "Examples:
  qatysu sheet invalidate --data ~/qatysu-coordinator --month 2026-09 \\
      --provider a1a1a1a1a1a1a1a1 --document \"order 9\"")]
    Invalidate(DecideArgs),
}

/// Whose sheet of which month, and the device that asks.
#[derive(Debug, clap::Args)]
pub(crate) struct OfMonth {
    /// The device's directory: a provider administrator's or a coordinator's.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The month, like 2026-09.
    #[arg(long)]
    month: Month,
    /// The provider, if the device is not one of its own.
    #[arg(long, value_name = "ID")]
    provider: Option<ProviderId>,
    /// The file with the passphrase, if the device has one; `-` reads one line of input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SignArgs {
    #[command(flatten)]
    of: OfMonth,
    /// Sign only if the sheet still has this SHA-256.
    #[arg(long, value_name = "SHA256", value_parser = parse_hash)]
    hash: Option<Hash>,
    /// Sign the supplementary sheet: rows that waited at the close, as they are since.
    #[arg(long)]
    supplementary: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ActArgs {
    #[command(flatten)]
    of: OfMonth,
    /// The act's number: the same for both sides.
    #[arg(long)]
    number: String,
    /// Sign only if the act still has this SHA-256.
    #[arg(long, value_name = "SHA256", value_parser = parse_hash)]
    hash: Option<Hash>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DecideArgs {
    #[command(flatten)]
    of: OfMonth,
    /// The number of the order or letter that says why.
    #[arg(long)]
    document: String,
}

/// Runs `qatysu sheet`.
pub(crate) fn run(command: &SheetCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        SheetCommand::Show(of) => show(of, console),
        SheetCommand::Sign(args) => sign(args, Role::ProviderAdmin, console),
        SheetCommand::Approve(args) => sign(args, Role::Coordinator, console),
        SheetCommand::Act(args) => sign_act(args, console),
        SheetCommand::Return(args) => decide(args, SheetDecision::Return, console),
        SheetCommand::Pause(args) => decide(args, SheetDecision::Pause, console),
        SheetCommand::Resume(args) => decide(args, SheetDecision::Resume, console),
        SheetCommand::Invalidate(args) => decide(args, SheetDecision::Invalidate, console),
    }
}

impl OfMonth {
    /// Opens the device: it must be there already.
    fn open(&self) -> anyhow::Result<Shell> {
        for name in ["device.key", "device.db"] {
            if !self.data.join(name).is_file() {
                bail!("{} holds no device: {name} is not there", self.data.display());
            }
        }
        let clock = self.clock.map_or_else(ShellClock::system, ShellClock::starting_at);
        let config = ShellConfig { data_dir: self.data.clone(), clock };
        Ok(Shell::open_with(config, &*vault::of(self.passphrase_file.as_deref())?)?)
    }

    async fn fetch(&self, shell: &Shell) -> anyhow::Result<SheetsResponse> {
        let text = shell.fetch_file(&format!("months/{}/sheets", self.month)).await?;
        serde_json::from_str(&text).context("the server's answer is no list of sheets")
    }

    /// Picks the one sheet that is spoken of.
    fn pick(&self, sheets: SheetsResponse) -> anyhow::Result<SheetStandingResponse> {
        let known: Vec<String> = sheets.sheets.iter().map(|one| one.provider.to_string()).collect();
        let wanted = |one: &SheetStandingResponse| {
            self.provider.is_none_or(|provider| provider == one.provider)
        };
        let mut found: Vec<_> = sheets.sheets.into_iter().filter(wanted).collect();
        match (found.pop(), found.is_empty()) {
            (Some(sheet), true) => Ok(sheet),
            (Some(_), false) => bail!("say whose sheet: --provider, one of {}", known.join(", ")),
            (None, _) => bail!("{} has no such sheet; there are: {}", self.month, known.join(", ")),
        }
    }
}

fn show(of: &OfMonth, console: Console) -> anyhow::Result<Exit> {
    let mut sheets = host::runtime()?.block_on(async {
        let shell = of.open()?;
        of.fetch(&shell).await
    })?;
    sheets.sheets.retain(|one| of.provider.is_none_or(|provider| provider == one.provider));
    for one in &sheets.sheets {
        tell::standing(one, console);
    }
    console.json(&serde_json::to_value(&sheets)?);
    Ok(if sheets.sheets.is_empty() { Exit::Refused } else { Exit::Fine })
}

fn sign(args: &SignArgs, role: Role, console: Console) -> anyhow::Result<Exit> {
    host::runtime()?.block_on(async {
        let shell = args.of.open()?;
        if enrolled_role(&shell).await != Some(role) {
            let why = if role == Role::ProviderAdmin {
                "a provider's administrator signs; the issuer approves"
            } else {
                "the issuer approves; a provider's administrator signs"
            };
            return Ok(refuse(why, console));
        }
        let sheet = args.of.pick(args.of.fetch(&shell).await?)?;
        let (given, part) = match (args.supplementary, &sheet.supplementary) {
            (false, _) => (&sheet.sheet, SheetPart::Main),
            (true, Some(late)) => (&late.sheet, SheetPart::Supplementary),
            (true, None) => return Ok(refuse("no row waits: there is no such sheet", console)),
        };
        let statement = match read(given, (&args.of, sheet.provider), part, args.hash) {
            Ok(statement) => statement,
            Err(why) => return Ok(refuse(&why, console)),
        };
        tell::statement(&statement, console);
        let paper = PaperToSign {
            paper: SignedPaper::Sheet,
            provider: sheet.provider,
            month: args.of.month.number(),
            bytes: given.bytes.0.clone(),
            number: None,
        };
        put(&shell, paper, console).await
    })
}

fn sign_act(args: &ActArgs, console: Console) -> anyhow::Result<Exit> {
    host::runtime()?.block_on(async {
        let shell = args.of.open()?;
        let sheet = args.of.pick(args.of.fetch(&shell).await?)?;
        let Some(act) = sheet.act else {
            return Ok(refuse("there is no act before the month is closed", console));
        };
        if let Err(why) = is_itself(&act, args.hash) {
            return Ok(refuse(&why, console));
        }
        let due = ledger::Tiyn(sheet.due_tiyn.unwrap_or_default());
        console.line(format!("act       {} of {}: {due} tenge", act.sha256.0, args.of.month));
        let paper = PaperToSign {
            paper: SignedPaper::Act,
            provider: sheet.provider,
            month: args.of.month.number(),
            bytes: act.bytes.0,
            number: Some(args.number.clone()),
        };
        put(&shell, paper, console).await
    })
}

fn decide(args: &DecideArgs, decision: SheetDecision, console: Console) -> anyhow::Result<Exit> {
    let Some(provider) = args.of.provider else { bail!("say whose sheet: --provider ID") };
    host::runtime()?.block_on(async {
        let shell = args.of.open()?;
        let (month, document) = (args.of.month.number(), args.document.clone());
        let recorded = move |device: &mut Device| {
            device.decide_sheet((provider, month), decision, &document, None)
        };
        sent(&shell, shell.device().with(recorded).await, console).await
    })
}

async fn enrolled_role(shell: &Shell) -> Option<Role> {
    shell.device().with(|device| device.enrolment().map(device::Enrolled::role)).await
}

/// Verifies that the bytes are the sheet that is spoken of, and the one that was looked at.
fn read(
    given: &PaperResponse,
    (of, provider): (&OfMonth, ProviderId),
    part: SheetPart,
    expected: Option<Hash>,
) -> Result<SheetStatement, String> {
    is_itself(given, expected)?;
    let statement = SheetStatement::parse(&given.bytes.0).map_err(|why| why.to_string())?;
    let said = (statement.month, statement.provider, statement.part);
    if said == (of.month, provider, part) {
        Ok(statement)
    } else {
        Err("the server gave another sheet than it was asked for".to_owned())
    }
}

fn is_itself(given: &PaperResponse, expected: Option<Hash>) -> Result<(), String> {
    let found = seal::sha256(&given.bytes.0);
    if found != given.sha256.0 {
        return Err("the bytes have another SHA-256 than the server says".to_owned());
    }
    match expected.filter(|expected| *expected != found) {
        Some(expected) => Err(format!("it is {found} by now, not {expected}: look at it again")),
        None => Ok(()),
    }
}

/// Signs a paper with the device's key, and sends the event.
async fn put(shell: &Shell, paper: PaperToSign, console: Console) -> anyhow::Result<Exit> {
    let signed = shell.device().with(move |device| {
        let signature = device.sign_paper(&paper)?;
        Ok(attendance::event_hash(&signature.signature))
    });
    sent(shell, signed.await, console).await
}

async fn sent(
    shell: &Shell,
    recorded: Result<Hash, RecordError>,
    console: Console,
) -> anyhow::Result<Exit> {
    let event = match recorded {
        Ok(event) => event,
        Err(why) => return Ok(refuse(&why.to_string(), console)),
    };
    console.line(format!("recorded: event {event}"));
    let sent = shell.sync_now().await.map(drop).map_err(|error| error.to_string());
    match &sent {
        Ok(()) => console.line("sent: `qatysu sheet show` says what it counts for"),
        Err(why) => console.line(format!("kept, and not sent yet: {why}")),
    }
    console.json(&json!({ "event": event.to_string(), "sent": sent.is_ok() }));
    Ok(Exit::Fine)
}

fn refuse(why: &str, console: Console) -> Exit {
    console.line(format!("refused: {why}"));
    console.json(&json!({ "refused": why }));
    Exit::Refused
}
