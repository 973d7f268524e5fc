//! `qatysu card revoke` and `qatysu card reinstate`: the list of cards that count no more.

use std::path::{Path, PathBuf};

use attendance::CardId;
use serde_json::json;
use server::{CardReason, DecideCardError, Decided, Server, ServerClock};

use super::log::refuse;
use crate::console::{Console, Exit};
use crate::{host, time};

/// Revoke a logged card: devices refuse it from their next sync on, and offer a mark by hand.
///
/// A card that a newer logged one of the same child replaced is revoked by itself. The list is signed
/// with the server's status key. Works while the server runs, and doing it again is harmless.
///
/// Exit codes: 0 it is revoked, 1 it cannot be and nothing was changed, 3 the server could not be opened.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    qatysu card revoke --data /var/lib/qatysu 0102030405060708 --reason lost")]
pub(crate) struct RevokeArgs {
    #[command(flatten)]
    about: About,
    /// Why
    #[arg(long, value_name = "REASON", value_enum)]
    reason: RevokeReason,
}

/// Let a revoked card count again: it was found, or revoked by mistake.
///
/// Exit codes: 0 it counts, 1 it cannot and nothing was changed, 3 the server could not be opened.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    qatysu card reinstate --data /var/lib/qatysu 0102030405060708 --reason found")]
pub(crate) struct ReinstateArgs {
    #[command(flatten)]
    about: About,
    /// Why
    #[arg(long, value_name = "REASON", value_enum)]
    reason: ReinstateReason,
}

#[derive(Debug, clap::Args)]
struct About {
    /// The server's directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The card's id, 16 hexadecimal digits
    #[arg(value_name = "CARD")]
    card: CardId,
    /// Take this for the time now: for demonstrations
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum RevokeReason {
    Lost,
    Stolen,
    Damaged,
    Replaced,
    Mistake,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ReinstateReason {
    Found,
    Mistake,
}

/// Runs `qatysu card revoke`.
pub(super) fn revoke(args: &RevokeArgs, console: Console) -> anyhow::Result<Exit> {
    let reason = match args.reason {
        RevokeReason::Lost => CardReason::Lost,
        RevokeReason::Stolen => CardReason::Stolen,
        RevokeReason::Damaged => CardReason::Damaged,
        RevokeReason::Replaced => CardReason::Replaced,
        RevokeReason::Mistake => CardReason::Mistake,
    };
    decide(&args.about, true, reason, console)
}

/// Runs `qatysu card reinstate`.
pub(super) fn reinstate(args: &ReinstateArgs, console: Console) -> anyhow::Result<Exit> {
    let reason = match args.reason {
        ReinstateReason::Found => CardReason::Found,
        ReinstateReason::Mistake => CardReason::Mistake,
    };
    decide(&args.about, false, reason, console)
}

fn decide(
    about: &About,
    revoked: bool,
    reason: CardReason,
    console: Console,
) -> anyhow::Result<Exit> {
    let clock = about.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let Decided { new, version, revoked: places } =
        match at_server(&about.data, clock, about.card, revoked, reason)? {
            Ok(decided) => decided,
            Err(why) => return Ok(refuse(console, &why.to_string())),
        };
    let card = about.card;
    let done = match (revoked, new) {
        (true, true) => "is revoked",
        (true, false) => "was revoked before",
        (false, true) => "counts again",
        (false, false) => "was not revoked",
    };
    console.line(format!("card {card} {done}; status list {version} names {places} cards"));
    console.line("devices take it up with their next sync; until then they accept what they know");
    console.json(&json!({
        "card": card,
        "revoked": revoked,
        "new": new,
        "reason": reason.code(),
        "status_list": version,
        "places": places,
    }));
    Ok(Exit::Fine)
}

/// Decides in a server's database, beside the server. The inner error says why nothing was changed.
fn at_server(
    data: &Path,
    clock: ServerClock,
    card: CardId,
    revoked: bool,
    reason: CardReason,
) -> anyhow::Result<Result<Decided, DecideCardError>> {
    host::runtime()?.block_on(async {
        let server = Server::open(data, clock).await?;
        let decided = if revoked {
            server.revoke_card(card, reason).await
        } else {
            server.reinstate_card(card, reason).await
        };
        match decided {
            Err(DecideCardError::Server(broken)) => Err(broken.into()),
            done => Ok(done),
        }
    })
}
