//! `qatysu provider`: what a coordinator of the district decides about a provider, and where it stands.

use std::path::{Path, PathBuf};

use attendance::{Ground, ProviderId, TerminationCause};
use device::{Device, MoneyDecision, RecordError};
use ledger::report::GroundReport;
use seal::Hash;
use serde_json::json;
use server::{Server, ServerClock};
use shell_core::{Shell, ShellClock, ShellConfig};

use crate::console::{Console, Exit};
use crate::{host, time, vault};

/// Suspend a provider, accept a cure, end its contracts, show where it stands.
///
/// Each decision is an event that the coordinator's device signs, and a leaf of the log. What a suspended
/// provider earns is held from the next close on; when every ground is cured it is due with the next
/// tranche. An end takes two coordinators, on two devices: one proposes, the other confirms.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ProviderCommand {
    /// Open a ground on which payments stop.
    #[command(after_help = "Examples:
  qatysu provider suspend --data ~/qatysu-coordinator --provider a1a1a1a1a1a1a1a1 \\
      --ground tax-debt --document T-17 --debt-tiyn 1500000
  qatysu provider suspend --data ~/qatysu-coordinator --provider a1a1a1a1a1a1a1a1 \\
      --ground address-mismatch --document \"act 7\" --evidence act7.pdf")]
    Suspend(SuspendArgs),
    /// Accept the document that cures a ground.
    #[command(after_help = "Examples:
  qatysu provider cure --data ~/qatysu-coordinator --provider a1a1a1a1a1a1a1a1 \\
      --ground tax-debt --document \"receipt 4\"")]
    Cure(CureArgs),
    /// Propose the end of a provider's contracts; confirm or withdraw a proposal from another device.
    #[command(after_help = "Examples:
  qatysu provider terminate --data ~/qatysu-coordinator --provider a1a1a1a1a1a1a1a1 \\
      --cause not-cured --document \"letter 12\"
  qatysu provider terminate --data ~/qatysu-second --provider a1a1a1a1a1a1a1a1 --confirm HASH
  qatysu provider status --data /var/lib/qatysu        shows the HASH of an open proposal")]
    Terminate(TerminateArgs),
    /// Show where every provider stands: grounds, deadlines, notices that are due, held money, PAYER_LAG.
    #[command(after_help = "Examples:
  qatysu provider status --data /var/lib/qatysu
  qatysu provider status --data /var/lib/qatysu --json")]
    Status(StatusArgs),
}

/// The coordinator's device and the provider.
#[derive(Debug, clap::Args)]
pub(crate) struct Whom {
    #[command(flatten)]
    by: Coordinator,
    /// The provider's identifier, as `qatysu district show` has it.
    #[arg(long, value_name = "ID")]
    provider: ProviderId,
}

/// A coordinator's device.
#[derive(Debug, clap::Args)]
pub(crate) struct Coordinator {
    /// The coordinator's device directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file with the passphrase, if the device has one; `-` reads one line of input.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

/// A ground, and the document that shows it or that it is cured.
#[derive(Debug, clap::Args)]
struct OnGround {
    /// Which ground.
    #[arg(long, value_enum)]
    ground: GroundName,
    /// The number of the document that shows it.
    #[arg(long)]
    document: String,
    /// The document itself: its SHA-256 goes into the log, the file stays here.
    #[arg(long, value_name = "FILE")]
    evidence: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SuspendArgs {
    #[command(flatten)]
    whom: Whom,
    #[command(flatten)]
    on: OnGround,
    /// The debt, in tiyn.
    #[arg(long, value_name = "TIYN")]
    debt_tiyn: Option<i64>,
    /// Suspend though the issuer owes the provider more than the debt (PAYER_LAG in the status).
    #[arg(long)]
    despite_lag: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CureArgs {
    #[command(flatten)]
    whom: Whom,
    #[command(flatten)]
    on: OnGround,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TerminateArgs {
    #[command(flatten)]
    whom: Whom,
    /// Why: proposes the end.
    #[arg(long, value_enum, required_unless_present_any = ["confirm", "withdraw"], requires = "document")]
    cause: Option<CauseName>,
    /// The number of the document that shows it.
    #[arg(long, conflicts_with_all = ["confirm", "withdraw"])]
    document: Option<String>,
    /// Confirm this proposal, as a second coordinator.
    #[arg(long, value_name = "HASH", value_parser = parse_hash, conflicts_with = "withdraw")]
    confirm: Option<Hash>,
    /// Withdraw this proposal, as a second coordinator.
    #[arg(long, value_name = "HASH", value_parser = parse_hash)]
    withdraw: Option<Hash>,
    /// The first day without the provider, if it is later than the confirmation.
    #[arg(long, value_name = "DAY", requires = "confirm")]
    from: Option<ledger::Day>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

/// A ground, as it is typed.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum GroundName {
    /// Service at another address than the notified one.
    AddressMismatch,
    /// A tax debt.
    TaxDebt,
    /// Overdue pension payments.
    PensionOverdue,
    /// Overdue social payments.
    SocialOverdue,
}

impl From<GroundName> for Ground {
    fn from(name: GroundName) -> Self {
        match name {
            GroundName::AddressMismatch => Self::AddressMismatch,
            GroundName::TaxDebt => Self::TaxDebt,
            GroundName::PensionOverdue => Self::PensionOverdue,
            GroundName::SocialOverdue => Self::SocialOverdue,
        }
    }
}

/// A cause, as it is typed.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum CauseName {
    /// The provider ended its activity.
    EndOfActivity,
    /// An uncured breach of safety, fire or sanitary rules.
    SafetyBreach,
    /// No service in a whole month.
    NoService,
    /// A critical breach that the commission found.
    CriticalBreach,
    /// The time to cure is over.
    NotCured,
}

impl From<CauseName> for TerminationCause {
    fn from(name: CauseName) -> Self {
        match name {
            CauseName::EndOfActivity => Self::EndOfActivity,
            CauseName::SafetyBreach => Self::SafetyBreach,
            CauseName::NoService => Self::NoService,
            CauseName::CriticalBreach => Self::CriticalBreach,
            CauseName::NotCured => Self::NotCured,
        }
    }
}

/// Runs `qatysu provider`.
pub(crate) fn run(command: &ProviderCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        ProviderCommand::Suspend(args) => {
            let decision = MoneyDecision::Suspend {
                provider: args.whom.provider,
                ground: args.on.ground.into(),
                document: args.on.document.clone(),
                evidence: evidence(args.on.evidence.as_deref())?,
                debt_tiyn: args.debt_tiyn,
                despite_lag: args.despite_lag,
            };
            decide(&args.whom.by, decision, console)
        }
        ProviderCommand::Cure(args) => {
            let decision = MoneyDecision::Cure {
                provider: args.whom.provider,
                ground: args.on.ground.into(),
                document: args.on.document.clone(),
                evidence: evidence(args.on.evidence.as_deref())?,
            };
            decide(&args.whom.by, decision, console)
        }
        ProviderCommand::Terminate(args) => decide(&args.whom.by, termination(args), console),
        ProviderCommand::Status(args) => status(args, console),
    }
}

fn termination(args: &TerminateArgs) -> MoneyDecision {
    let provider = args.whom.provider;
    match args.confirm.or(args.withdraw) {
        Some(proposal) => MoneyDecision::AnswerProposal {
            provider,
            proposal,
            confirms: args.confirm.is_some(),
            from_day: args.from.map(ledger::number_of_day),
        },
        None => MoneyDecision::ProposeEnd {
            provider,
            cause: args.cause.map_or(TerminationCause::NotCured, Into::into),
            document: args.document.clone().unwrap_or_default(),
        },
    }
}

/// Reads the hash of an event, 64 hexadecimal digits.
pub(crate) fn parse_hash(text: &str) -> Result<Hash, String> {
    Hash::from_hex(text).ok_or_else(|| "an event has 64 hexadecimal digits".to_owned())
}

/// Names a document by its SHA-256.
fn evidence(file: Option<&Path>) -> anyhow::Result<Option<Hash>> {
    use anyhow::Context as _;
    let Some(file) = file else { return Ok(None) };
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Some(seal::sha256(&bytes)))
}

impl Coordinator {
    /// Opens the device's shell.
    fn open(&self) -> anyhow::Result<Shell> {
        for name in ["device.key", "device.db"] {
            if !self.data.join(name).is_file() {
                anyhow::bail!("{} holds no device: {name} is not there", self.data.display());
            }
        }
        let clock = self.clock.map_or_else(ShellClock::system, ShellClock::starting_at);
        let config = ShellConfig { data_dir: self.data.clone(), clock };
        Ok(Shell::open_with(config, &*vault::of(self.passphrase_file.as_deref())?)?)
    }

    /// Asks the device.
    pub(crate) fn with<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Device) -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        host::runtime()?.block_on(async { Ok(self.open()?.device().with(ask).await) })
    }
}

/// Records a decision on a coordinator's device, and sends it if the server can be reached.
pub(crate) fn decide(
    by: &Coordinator,
    decision: MoneyDecision,
    console: Console,
) -> anyhow::Result<Exit> {
    record(by, move |device| device.record_decision(&decision), console)
}

/// Records something on a device, and sends it if the server can be reached.
pub(crate) fn record(
    by: &Coordinator,
    make: impl FnOnce(&mut Device) -> Result<Hash, RecordError> + Send + 'static,
    console: Console,
) -> anyhow::Result<Exit> {
    let (recorded, sent) = host::runtime()?.block_on(async {
        let shell = by.open()?;
        let recorded = shell.device().with(make).await;
        let sent = match &recorded {
            Ok(_) => shell.sync_now().await.map(drop).map_err(|error| error.to_string()),
            Err(_) => Ok(()),
        };
        anyhow::Ok((recorded, sent))
    })?;
    let event = match recorded {
        Ok(event) => event,
        Err(why) => {
            let why = why.to_string();
            console.line(format!("refused: {why}"));
            console.json(&json!({ "refused": why }));
            return Ok(Exit::Refused);
        }
    };
    console.line(format!("recorded: event {event}"));
    match &sent {
        Ok(()) => console.line("sent: its receipt comes with a sync"),
        Err(why) => console.line(format!("kept, and not sent yet: {why}")),
    }
    console.json(&json!({ "event": event.to_string(), "sent": sent.is_ok() }));
    Ok(Exit::Fine)
}

fn status(args: &StatusArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let reports = host::runtime()?.block_on(async {
        let server = Server::open(&args.data, clock).await?;
        anyhow::Ok(server.providers_report().await?)
    })?;
    for one in &reports {
        console.line(format!("{} {}: {}", one.provider, one.name, one.state));
        if let Some((cause, day)) = one.termination {
            console.line(format!("  ends      {cause:?}, {day}"));
        }
        if let (Some(proposal), Some(until)) = (&one.proposal, one.may_object_until) {
            console.line(format!("  proposal  {proposal}, to confirm after {until}"));
        }
        for ground in &one.grounds {
            let told = match &ground.cured {
                Some((day, document)) => format!("cured {day} by {document}"),
                None => format!("to cure until {}", ground.deadline),
            };
            let GroundReport { ground, opened_on, evidence, .. } = ground;
            console.line(format!("  ground    {ground:?} from {opened_on}, {evidence}: {told}"));
        }
        for due in &one.due {
            console.line(format!("  today     {due}"));
        }
        let (suspended, waiting) = (one.suspended_tiyn, one.waiting_tiyn);
        console.line(format!("  held      {suspended} suspended, {waiting} for other decisions"));
        for act in &one.unpaid {
            console.line(format!("  unpaid    {}: {}", act.month, act.due_tiyn));
        }
        if one.payer_lag_tiyn > ledger::Tiyn::ZERO {
            let lag = one.payer_lag_tiyn;
            console.line(format!("  PAYER_LAG {lag}: a smaller debt is the payer's doing"));
        }
    }
    console.json(&serde_json::to_value(&reports)?);
    Ok(Exit::Fine)
}
