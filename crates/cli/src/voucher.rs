//! `qatysu voucher`: one voucher as the log tells it, and what is decided about it.

use std::path::PathBuf;

use anyhow::Context as _;
use attendance::{ChildId, GroupId, ProviderId, VoucherId};
use device::{MoneyDecision, VoucherAnswer, VoucherSet};
use ledger::report::{VoucherReport, VoucherReportState};
use ledger::voucher::StatusMap;
use seal::Hash;
use serde_json::json;
use server::{Server, ServerClock};

use crate::console::{Console, Exit};
use crate::provider::{Coordinator, decide, parse_hash, record};
use crate::{host, time};

/// Enter a voucher, offer and take a place, show it, move it, decide about its held money, end it.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum VoucherCommand {
    /// Show state, places, parts by month and the personal account of a voucher.
    #[command(after_help = "Examples:
  qatysu voucher show 2026-0001 --data /var/lib/qatysu
  qatysu voucher show 2026-0001 --data /var/lib/qatysu --json | jq .parts")]
    Show(ShowArgs),
    /// List the vouchers of the log: who has which state, and what is offered or booked until when.
    #[command(after_help = "Examples:
  qatysu voucher list --data /var/lib/qatysu
  qatysu voucher list --data /var/lib/qatysu --state booked --json | jq -r '.vouchers[].number'")]
    List(ListArgs),
    /// Enter a voucher for a child; it is in force once it is activated.
    #[command(after_help = "Examples:
  qatysu voucher register 0707070707070707 --data ~/qatysu-coordinator \\
      --child 070707070707070707070707 --document 2026-0007
  qatysu voucher activate 0707070707070707 --data ~/qatysu-coordinator \\
      --child 070707070707070707070707 --document \"order 7\"")]
    Register(SetArgs),
    /// Put a voucher in force; a child has one at a time.
    #[command(after_help = "Examples:
  qatysu voucher activate 0707070707070707 --data ~/qatysu-coordinator \\
      --child 070707070707070707070707 --document \"order 7\"")]
    Activate(SetArgs),
    /// Offer a place to the child's family, for two working days.
    #[command(after_help = "Examples:
  qatysu voucher offer 0707070707070707 --data ~/qatysu-coordinator \\
      --child 070707070707070707070707 --group 0d0d0d0d0d0d0d0d --document \"queue 12\"")]
    Offer(OfferArgs),
    /// Take the offered place: the contract is signed within five working days.
    #[command(after_help = "Examples:
  qatysu voucher accept 0707070707070707 --data ~/qatysu-parent --child 070707070707070707070707
  qatysu voucher accept 0707070707070707 --data ~/qatysu-coordinator \\
      --child 070707070707070707070707 --document \"request 4\"")]
    Accept(AnswerArgs),
    /// Give up what is offered or booked: the voucher stays in force.
    #[command(after_help = "Examples:
  qatysu voucher decline 0707070707070707 --data ~/qatysu-coordinator \\
      --child 070707070707070707070707 --document \"request 5\"")]
    Decline(AnswerArgs),
    /// Give more time to sign the contract, once.
    #[command(after_help = "Examples:
  qatysu voucher extend 0707070707070707 --data ~/qatysu-coordinator \\
      --child 070707070707070707070707 --document \"order 8\"")]
    Extend(SetArgs),
    /// Note that a voucher was not used in time.
    #[command(after_help = "Examples:
  qatysu voucher expire 0707070707070707 --data ~/qatysu-coordinator \\
      --child 070707070707070707070707 --document \"order 9\"")]
    Expire(SetArgs),
    /// Put an expired voucher in force again, once.
    #[command(after_help = "Examples:
  qatysu voucher restore 0707070707070707 --data ~/qatysu-coordinator \\
      --child 070707070707070707070707 --document \"order 10\"")]
    Restore(SetArgs),
    /// Refuse a voucher, by the family's signed act: from the next day on it has no place.
    #[command(after_help = "Examples:
  qatysu voucher refuse 0202020202020202 --data ~/qatysu-parent --child 020202020202020202020202
  qatysu voucher refuse 0202020202020202 --data ~/qatysu-coordinator \\
      --child 020202020202020202020202 --document \"act 4\"")]
    Refuse(AnswerArgs),
    /// Annul a voucher for wrong data; one that was booked takes two persons.
    #[command(after_help = "Examples:
  qatysu voucher annul 0202020202020202 --data ~/qatysu-coordinator \\
      --child 020202020202020202020202 --document \"case 3\"
  qatysu voucher annul 0202020202020202 --data ~/qatysu-second \\
      --child 020202020202020202020202 --document \"case 3\" --first HASH")]
    Annul(AnnulArgs),
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
pub(crate) struct ListArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Only those in this state: registered, active, booked, contracted, completed, expired, refused,
    /// annulled.
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

/// Which voucher, and whose.
#[derive(Debug, clap::Args)]
struct OfChild {
    /// The voucher's identifier.
    voucher: VoucherId,
    #[command(flatten)]
    by: Coordinator,
    /// The child, so that a mistyped voucher is nobody else's.
    #[arg(long, value_name = "ID")]
    child: ChildId,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    of: OfChild,
    /// The number of the order; of `register`, the voucher's printed number.
    #[arg(long)]
    document: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct OfferArgs {
    #[command(flatten)]
    set: SetArgs,
    /// The group.
    #[arg(long, value_name = "ID")]
    group: GroupId,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AnswerArgs {
    #[command(flatten)]
    of: OfChild,
    /// The number of the family's paper, if a coordinator enters it.
    #[arg(long)]
    document: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AnnulArgs {
    #[command(flatten)]
    set: SetArgs,
    /// The first coordinator's event, if this is the second's.
    #[arg(long, value_name = "HASH", value_parser = parse_hash)]
    first: Option<Hash>,
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
        VoucherCommand::List(args) => list(args, console),
        VoucherCommand::Register(args) => set(args, VoucherSet::Register, console),
        VoucherCommand::Activate(args) => set(args, VoucherSet::Activate, console),
        VoucherCommand::Offer(args) => set(&args.set, VoucherSet::Offer(args.group), console),
        VoucherCommand::Accept(args) => answer(args, VoucherAnswer::Accept, console),
        VoucherCommand::Decline(args) => answer(args, VoucherAnswer::Decline, console),
        VoucherCommand::Extend(args) => set(args, VoucherSet::Extend, console),
        VoucherCommand::Expire(args) => set(args, VoucherSet::Expire, console),
        VoucherCommand::Restore(args) => set(args, VoucherSet::Restore, console),
        VoucherCommand::Refuse(args) => answer(args, VoucherAnswer::Refuse, console),
        VoucherCommand::Annul(args) => {
            set(&args.set, VoucherSet::Annul { first: args.first }, console)
        }
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

fn set(args: &SetArgs, set: VoucherSet, console: Console) -> anyhow::Result<Exit> {
    let OfChild { voucher, child, by } = &args.of;
    let (of, document) = ((*voucher, *child), args.document.clone());
    record(by, move |device| device.set_voucher(of, set, &document), console)
}

fn answer(args: &AnswerArgs, answer: VoucherAnswer, console: Console) -> anyhow::Result<Exit> {
    let OfChild { voucher, child, by } = &args.of;
    let (of, document) = ((*voucher, *child), args.document.clone());
    record(by, move |device| device.answer_voucher(of, answer, document.as_deref()), console)
}

fn list(args: &ListArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let mut rows = host::runtime()?.block_on(async {
        let server = Server::open(&args.data, clock).await?;
        anyhow::Ok(server.voucher_rows(&StatusMap::default()).await?)
    })?;
    if let Some(state) = &args.state {
        let state = state.to_uppercase();
        rows.retain(|row| word(&row.state) == state);
    }
    for row in &rows {
        let (number, voucher) = (&row.number, row.voucher);
        let (state, official) = (word(&row.state), word(&row.official));
        let booking = row.booking.as_ref();
        let booking = booking.map(|it| format!(", {} until {}", it.provider_name, it.until));
        let waits = if row.proposed { ", annulment waits for a second person" } else { "" };
        let booking = booking.unwrap_or_default();
        console.line(format!("{number} {voucher} {state} ({official}){booking}{waits}"));
    }
    console.line(format!("{} vouchers", rows.len()));
    console.json(&json!({ "vouchers": rows }));
    Ok(Exit::Fine)
}

/// How a name of a state is written in JSON.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
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
    let (official, state) = (word(&report.official), word(&report.state));
    console.line(format!("voucher   {} {}", report.number, report.voucher));
    console.line(format!("state     {state}, {official}, since leaf {}", report.since_leaf));
    if let Some(booking) = &report.booking {
        let (name, group, until) = (&booking.provider_name, booking.group, booking.until);
        let waits =
            if report.state == VoucherReportState::Booked { "to sign" } else { "to accept" };
        console.line(format!("place     {name}, group {group}, {waits} until {until}"));
    }
    for step in &report.steps {
        let (leaf, event) = (step.leaf, &step.event);
        let what = step.decision.map(|decision| word(&decision)).unwrap_or_default();
        let on = step.on.map(|day| day.to_string()).unwrap_or_default();
        let told = match (&step.refused, step.proposed) {
            (Some(why), _) => format!(", changes nothing: {why}"),
            (None, true) => format!(", waits for a second person: --first {event}"),
            (None, false) => String::new(),
        };
        console.line(format!("said      {on} {what}, leaf {leaf}{told}"));
    }
    for place in &report.places {
        let (name, from, to) = (&place.provider_name, place.from, place.to);
        console.line(format!("place     {from} to {to}: {name}, group {}", place.group));
    }
    for part in &report.parts {
        let (state, official) = (word(&part.state), word(&part.official));
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
    let Some(account) = &report.account else { return };
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
