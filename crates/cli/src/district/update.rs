//! `qatysu district update`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ledger::Day;
use ledger::report::OverCommitment;
use serde_json::{Value, json};
use server::{District, DistrictUpdate, PersonChange, Server, ServerClock, UpdateError};

use crate::console::{Colour, Console, Exit, paint};
use crate::{host, init, time};

/// Put a newer version of the district in force: signed by the rules key, and a leaf of the log.
///
/// A running server takes it at once, and devices get a newer roster at their next sync. A month rests
/// on the newest version before the leaf that closes it. What would change the past is refused: rules
/// and contracts of a closed month, and visits that would no longer count. A timetable has no date:
/// change it after a month is closed and before the first lesson of the next one. Children who are not
/// in the file keep their names and cards.
///
/// Exit codes: 0 in force (or, with --dry-run, would be), 1 refused, 3 a file could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu district show --data /var/lib/qatysu -o district.json
  qatysu district update --data /var/lib/qatysu --district district.json --dry-run
  qatysu district update --data /var/lib/qatysu --district district.json")]
pub(crate) struct UpdateArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The whole district as it shall be, with a higher version (JSON).
    #[arg(long, value_name = "FILE")]
    district: PathBuf,
    /// Show what would change, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(super) fn run(args: &UpdateArgs, console: Console) -> anyhow::Result<Exit> {
    let district = init::read_district(&args.district)?;
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let updated = host::runtime()?.block_on(async {
        let server = Server::open(&args.data, clock).await?;
        put(&server, &district, args.dry_run, console).await
    })?;
    Ok(conclude(updated, console))
}

/// Puts the district in force as `change` leaves it on the day of `clock`, as the version after its own.
/// What `change` refuses changes nothing.
pub(crate) fn amend(
    data: &Path,
    clock: Option<i64>,
    dry_run: bool,
    console: Console,
    change: impl FnOnce(&mut District, Day) -> Result<(), String>,
) -> anyhow::Result<Exit> {
    let clock = clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let today = ledger::local_day(clock.now_ms()).context("the clock is out of range")?;
    let updated = host::runtime()?.block_on(async {
        let server = Server::open(data, clock).await?;
        let mut district = server.district().await?;
        if let Err(why) = change(&mut district, today) {
            return Ok(Err(why));
        }
        district.snapshot.version = district.snapshot.version.saturating_add(1);
        put(&server, &district, dry_run, console).await
    })?;
    Ok(conclude(updated, console))
}

async fn put(
    server: &Server,
    district: &District,
    dry_run: bool,
    console: Console,
) -> anyhow::Result<Result<DistrictUpdate, String>> {
    console.progress("comparing with the district in force and with every visit that waits");
    let updated = server.update_district(district, dry_run).await;
    console.progress_done();
    match updated {
        Err(UpdateError::Server(broken)) => Err(anyhow::Error::from(broken)),
        done => Ok(done.map_err(|why| why.to_string())),
    }
}

fn conclude(updated: Result<DistrictUpdate, String>, console: Console) -> Exit {
    match updated {
        Ok(update) => {
            tell(&update, console);
            Exit::Fine
        }
        Err(why) => {
            console.line(format!("{}: {why}", paint("refused", Colour::Red)));
            console.line("nothing was changed");
            console.json(&json!({ "verdict": "refused", "why": why }));
            Exit::Refused
        }
    }
}

fn tell(update: &DistrictUpdate, console: Console) {
    let DistrictUpdate { before, version, changes, people, over, leaf_index } = update;
    for change in changes {
        console.line(change.to_string());
    }
    for person in people {
        console.line(in_words(person));
    }
    if changes.is_empty() && people.is_empty() {
        console.line("nothing but the version changes");
    }
    tell_over(over, console);
    match leaf_index {
        Some(leaf) => {
            let done = paint("in force", Colour::Green);
            console.line(format!("{done}: version {version} after {before}, leaf {leaf}"));
        }
        None => console.line(format!("dry run: version {version} would follow {before}")),
    }
    let people: Vec<Value> = people.iter().map(to_json).collect();
    console.json(&json!({
        "version": version,
        "before": before,
        "leaf": leaf_index,
        "changes": changes,
        "people": people,
        "over": over_to_json(over),
    }));
}

/// Says where more is committed than the order's volume has.
pub(crate) fn tell_over(over: &[(String, OverCommitment)], console: Console) {
    for (id, OverCommitment { excess_tiyn, vouchers }) in over {
        let said = paint("beyond the limit", Colour::Red);
        console.line(format!(
            "{said}: budget {id} has {excess_tiyn} tenge less than is committed, {vouchers} vouchers \
             do not fit"
        ));
    }
}

pub(crate) fn over_to_json(over: &[(String, OverCommitment)]) -> Vec<Value> {
    let one = |(id, over): &(String, OverCommitment)| {
        json!({
            "budget": id,
            "excess_tiyn": over.excess_tiyn,
            "vouchers": over.vouchers,
        })
    };
    over.iter().map(one).collect()
}

fn in_words(change: &PersonChange) -> String {
    match change {
        PersonChange::New(child) => format!("child {child} is new"),
        PersonChange::Renamed(child) => format!("child {child}: the name changes"),
        PersonChange::Card(child, card) => format!("child {child}: the card becomes {card}"),
        PersonChange::CardOfTheLog(child, card) => {
            format!("child {child}: the card stays {card}, the newest in the log")
        }
        PersonChange::Missing(child) => format!("child {child} is not in the file, and stays"),
    }
}

pub(crate) fn to_json(change: &PersonChange) -> Value {
    match change {
        PersonChange::New(child) => json!({ "child": child, "change": "new" }),
        PersonChange::Renamed(child) => json!({ "child": child, "change": "renamed" }),
        PersonChange::Card(child, card) => {
            json!({ "child": child, "change": "card", "card": card })
        }
        PersonChange::CardOfTheLog(child, card) => {
            json!({ "child": child, "change": "card_of_the_log", "card": card })
        }
        PersonChange::Missing(child) => json!({ "child": child, "change": "missing" }),
    }
}
