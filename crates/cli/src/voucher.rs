//! `qatysu voucher`: one voucher as the log tells it, and what is decided about it.

use std::path::PathBuf;

use anyhow::Context as _;
use attendance::{ChildId, GroupId, ProviderId, VoucherId};
use device::MoneyDecision;
use ledger::report::VoucherReport;
use ledger::voucher::StatusMap;
use seal::Hash;
use serde_json::json;
use server::{Server, ServerClock};

use crate::console::{Console, Exit};
use crate::provider::{Coordinator, decide, parse_hash};
use crate::{host, time};

/// Show a voucher, move it, decide about its held money, have a closed month computed again.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum VoucherCommand {
    /// Show state, places, parts by month and the personal account of a voucher.
    #[command(after_help = "Examples:
  qatysu voucher show 2026-0001 --data /var/lib/qatysu
  qatysu voucher show 2026-0001 --data /var/lib/qatysu --json | jq .parts")]
    Show(ShowArgs),
    /// Move a voucher to another group, from the next day on.
    #[command(after_help = "Examples:
  qatysu voucher transfer 0202020202020202 --data ~/qatysu-coordinator --group 0d0d0d0d0d0d0d0d
  qatysu voucher transfer 0202020202020202 --data ~/qatysu-coordinator --group 0d0d0d0d0d0d0d0d \\
      --from 2026-11-02 --document \"request 3\"")]
    Transfer(TransferArgs),
    /// Let held money of a month through, or give it back; much of it takes two coordinators.
    #[command(after_help = "Examples:
  qatysu voucher release 0202020202020202 --data ~/qatysu-coordinator --month 2026-09 --pay \\
      --document \"order 5\"
  qatysu voucher release 0202020202020202 --data ~/qatysu-second --month 2026-09 --pay \\
      --document \"order 5\" --first HASH")]
    Release(ReleaseArgs),
    /// Have a closed month computed again with what came after its close.
    #[command(after_help = "Examples:
  qatysu voucher adjust 0202020202020202 --data ~/qatysu-coordinator --month 2026-09 \\
      --document \"case 2\"")]
    Adjust(AdjustArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// The voucher's printed number.
    number: String,
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// How states are called officially (JSON); what it leaves out has the default name.
    #[arg(long, value_name = "FILE")]
    status_map: Option<PathBuf>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TransferArgs {
    /// The voucher's identifier.
    voucher: VoucherId,
    #[command(flatten)]
    by: Coordinator,
    /// The group it moves to.
    #[arg(long, value_name = "ID")]
    group: GroupId,
    /// The child, so that a mistyped voucher moves nobody.
    #[arg(long, value_name = "ID")]
    child: Option<ChildId>,
    /// The first day there, if it is later than the next day.
    #[arg(long, value_name = "DAY")]
    from: Option<ledger::Day>,
    /// The number of the family's request.
    #[arg(long)]
    document: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReleaseArgs {
    /// The voucher's identifier.
    voucher: VoucherId,
    #[command(flatten)]
    by: Coordinator,
    /// The closed month.
    #[arg(long)]
    month: ledger::Month,
    /// Let it through to the provider.
    #[arg(long, required_unless_present = "give_back", conflicts_with = "give_back")]
    pay: bool,
    /// Give it back to the issuer's limit.
    #[arg(long)]
    give_back: bool,
    /// Of this provider's line only.
    #[arg(long, value_name = "ID")]
    provider: Option<ProviderId>,
    /// The number of the order.
    #[arg(long)]
    document: String,
    /// The first coordinator's event, if this is the second's.
    #[arg(long, value_name = "HASH", value_parser = parse_hash)]
    first: Option<Hash>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AdjustArgs {
    /// The voucher's identifier.
    voucher: VoucherId,
    #[command(flatten)]
    by: Coordinator,
    /// The closed month.
    #[arg(long)]
    month: ledger::Month,
    /// The number of the case.
    #[arg(long)]
    document: String,
}

/// Runs `qatysu voucher`.
pub(crate) fn run(command: &VoucherCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        VoucherCommand::Show(args) => show(args, console),
        VoucherCommand::Transfer(args) => {
            let decision = MoneyDecision::Transfer {
                voucher: args.voucher,
                child: args.child,
                group: args.group,
                from_day: args.from.map(ledger::number_of_day),
                document: args.document.clone(),
            };
            decide(&args.by, decision, console)
        }
        VoucherCommand::Release(args) => {
            let decision = MoneyDecision::ReleaseHold {
                voucher: args.voucher,
                month: args.month.number(),
                provider: args.provider,
                pays: args.pay,
                document: args.document.clone(),
                first: args.first,
            };
            decide(&args.by, decision, console)
        }
        VoucherCommand::Adjust(args) => {
            let decision = MoneyDecision::Adjust {
                voucher: args.voucher,
                month: args.month.number(),
                document: args.document.clone(),
            };
            decide(&args.by, decision, console)
        }
    }
}

fn show(args: &ShowArgs, console: Console) -> anyhow::Result<Exit> {
    let names = match &args.status_map {
        None => StatusMap::default(),
        Some(path) => {
            let shown = path.display();
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
            serde_json::from_str(&text).with_context(|| format!("{shown} maps no statuses"))?
        }
    };
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let report = host::runtime()?.block_on(async {
        let server = Server::open(&args.data, clock).await?;
        anyhow::Ok(server.voucher_report(&args.number, &names).await?)
    })?;
    let Some(report) = report else {
        console.line(format!("{}: the log has no voucher of this number", args.number));
        console.json(&json!({ "refused": "no such voucher" }));
        return Ok(Exit::Refused);
    };
    tell(&report, console);
    console.json(&serde_json::to_value(&report)?);
    Ok(Exit::Fine)
}

fn tell(report: &VoucherReport, console: Console) {
    let word = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    let official = word(serde_json::to_value(report.official));
    let state = word(serde_json::to_value(report.state));
    console.line(format!("voucher   {} {}", report.number, report.voucher));
    console.line(format!("state     {state}, {official}, since leaf {}", report.since_leaf));
    for place in &report.places {
        let (name, from, to) = (&place.provider_name, place.from, place.to);
        console.line(format!("place     {from} to {to}: {name}, group {}", place.group));
    }
    for part in &report.parts {
        let state = word(serde_json::to_value(part.state));
        let official = word(serde_json::to_value(part.official));
        let leaf = part.close_leaf.map(|leaf| format!(", leaf {leaf}")).unwrap_or_default();
        let act = part.act.as_ref();
        let act = act
            .map(|it| format!(", act {} (leaves {}, {})", it.number, it.leaves[0], it.leaves[1]));
        let act = act.unwrap_or_default();
        let paid = part.document.as_ref().map(|it| format!(", paid by {it}")).unwrap_or_default();
        console.line(format!(
            "part      {} {state} ({official}): plan {}, accrued {}, held {}, released {}{leaf}{act}{paid}",
            part.month, part.plan_tiyn, part.accrued_tiyn, part.held_tiyn, part.released_tiyn
        ));
    }
    let account = &report.account;
    console.line(format!(
        "account   credited {}, debited {}, due {}, held {}, released {}, open {}",
        account.credited_tiyn,
        account.debited_tiyn,
        account.due_tiyn,
        account.held_tiyn,
        account.released_tiyn,
        account.open_tiyn
    ));
    if let (Some(day), Some(rest)) = (account.closed_on, account.remainder_tiyn) {
        console.line(format!("closed    {day}: {rest} back to the issuer's limit"));
    }
}
