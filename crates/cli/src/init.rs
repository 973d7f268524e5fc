//! `qatysu init`

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;
use server::{District, ServerClock};

use crate::console::{Console, Exit};
use crate::{host, time, trust};

/// Set up a server in an empty directory.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu init --data /var/lib/qatysu --district district.json
  qatysu init --data /var/lib/qatysu --district district.json --witnesses witnesses.policy

Afterwards move DATA/issuer/ away from the server: the three root keys to three people, the card key
to whoever issues cards.")]
pub(crate) struct InitArgs {
    /// The server's directory; made if it is not there.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Providers, groups, contracts, calendar, parameters and children (JSON).
    #[arg(long, value_name = "FILE")]
    district: PathBuf,
    /// The witnesses that must cosign, and where they are: see `qatysu trust witnesses --help`.
    #[arg(long, value_name = "FILE")]
    witnesses: Option<PathBuf>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(crate) fn run(args: &InitArgs, console: Console) -> anyhow::Result<Exit> {
    let district = read_district(&args.district)?;
    let witnesses = args.witnesses.as_deref().map(trust::read_policy).transpose()?;
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let keys = host::runtime()?.block_on(server::init(&args.data, &district, clock.clone()))?;
    console.line(format!("server set up in {}", args.data.display()));
    console.line(format!("children {}, log {}", district.people.len(), district.origin));
    let log_key = server::log_key(&args.data, &district.origin)?.to_string();
    console.line(format!("log key {log_key}"));
    let mut named = None;
    if let Some(policy) = &witnesses {
        let list = trust::name(&args.data, policy, &keys.roots, clock).context(
            "the server is set up, its witnesses are not named: do it with `qatysu trust witnesses`",
        )?;
        trust::tell(policy, &list, console);
        named = list.witness_quorum;
    }
    console.line("move these away from the server:");
    for path in keys.roots.iter().chain([&keys.card]) {
        console.line(format!("  {}", path.display()));
    }
    console.json(&json!({
        "data": args.data,
        "children": district.people.len(),
        "origin": district.origin,
        "log_key": log_key,
        "quorum": named,
        "root_keys": keys.roots,
        "card_key": keys.card,
    }));
    Ok(Exit::Fine)
}

/// Reads a district file, whole and without contradiction.
pub(crate) fn read_district(path: &Path) -> anyhow::Result<District> {
    let file = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{file}"))?;
    let mut district: District = serde_json::from_str(&text)
        .with_context(|| format!("{file} is not a district: see docs/DATA-MODEL.md"))?;
    district.snapshot =
        district.snapshot.verify().with_context(|| format!("{file} contradicts itself"))?;
    Ok(district)
}
