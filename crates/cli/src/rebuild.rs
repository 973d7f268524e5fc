//! `qatysu rebuild`: a server's database made again after its disk was lost.

mod tell;
mod tiles;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;
use server::ServerClock;
use server::rebuild::{Order, Source};

use crate::console::{Console, Exit};
use crate::host;
use crate::init::read_district;

/// Make a server's database again after its disk was lost.
///
/// Takes exports of devices (`qatysu device export`), receipts that parents saved, audit bundles and
/// the published tiles. Verifies all of it under the root keys, and writes the database only if it
/// has the same root as the newest checkpoint that anybody showed. What cannot be proven is listed.
///
/// Nothing is overwritten. If more exports turn up later, run it again with --fill: the server may
/// run meanwhile. Months are closed again once no leaf is lost, or after --give-up.
///
/// Exit codes: 0 written and whole (or, dry, could be), 1 refused or leaves are lost (the reasons are
/// printed), 2 wrong usage, 3 a file could not be read or written.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu rebuild --dry-run --data /var/lib/qatysu --keys /mnt/safe/keys \\
      --district district.json --tiles /var/www/log teacher.export coordinator.export
  qatysu rebuild --data /var/lib/qatysu --keys /mnt/safe/keys \\
      --district district.json --tiles /var/www/log *.export *.receipt.json
  qatysu rebuild --data /var/lib/qatysu --fill late.export
  qatysu rebuild --data /var/lib/qatysu --give-up 'tablet 3 burnt, act no. 12'

The directory with the keys holds log.key, device-ca.key, rules.key and tags.key, as in DATA/keys.")]
pub(crate) struct RebuildArgs {
    /// The server's directory: a new one, or the one whose server.db is gone.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The safe copy of the server's keys [default: DATA/keys]
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// The directory with trust.roots, and trust.list if it was kept [default: the first of DATA, the
    /// keys' directory and the one above it that has trust.roots]
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// The district's file that `qatysu init` took: names, cards, and the log's first leaves. Once more
    /// for each file that `qatysu district update` took.
    #[arg(long, value_name = "FILE")]
    district: Vec<PathBuf>,
    /// A directory with the published log: `checkpoint` and `tile/`; may be repeated.
    #[arg(long, value_name = "DIR")]
    tiles: Vec<PathBuf>,
    /// Only report what would come out; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Bring lost leaves back into a database that was rebuilt before.
    #[arg(long)]
    fill: bool,
    /// Write down, with the reason, that the leaves which are still lost will not come back.
    #[arg(long, value_name = "REASON", conflicts_with_all = ["fill", "dry_run", "sources", "tiles"])]
    give_up: Option<String>,
    /// Exports of devices, receipt files, audit bundles.
    #[arg(value_name = "SOURCE")]
    sources: Vec<PathBuf>,
}

/// Runs `qatysu rebuild`.
pub(crate) fn run(args: &RebuildArgs, console: Console) -> anyhow::Result<Exit> {
    if let Some(reason) = &args.give_up {
        return give_up(&args.data, reason, console);
    }
    let order = order(args)?;
    let mut progress = |name: &str| console.progress(&format!("reading {name}"));
    let report = host::runtime()?.block_on(async {
        if args.fill {
            server::rebuild::fill(&order, &mut progress).await
        } else {
            server::rebuild::rebuild(&order, &mut progress).await
        }
    });
    console.progress_done();
    let report = report?;
    tell::tell(&report, args.fill, args.dry_run, console);
    console.json(&serde_json::to_value(&report)?);
    let whole = report.lost.is_empty() && report.contradictions.is_empty();
    Ok(if whole && report.obstacles.is_empty() { Exit::Fine } else { Exit::Refused })
}

fn give_up(data: &Path, reason: &str, console: Console) -> anyhow::Result<Exit> {
    let clock = ServerClock::system();
    let leaves = host::runtime()?.block_on(server::rebuild::give_up(data, reason, clock))?;
    console.line(format!("{leaves} lost leaves are given up: months are closed without them"));
    console.json(&json!({ "given_up": leaves, "reason": reason }));
    Ok(Exit::Fine)
}

fn order(args: &RebuildArgs) -> anyhow::Result<Order> {
    let keys = args.keys.clone().unwrap_or_else(|| args.data.join("keys"));
    let districts = args.district.iter().map(|path| read_district(path));
    let districts = districts.collect::<anyhow::Result<Vec<_>>>()?;
    let sources = args.sources.iter().map(|path| {
        let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
        anyhow::Ok(Source { name: path.display().to_string(), bytes })
    });
    Ok(Order {
        data: args.data.clone(),
        trust: args.trust.clone().unwrap_or_else(|| trust_beside(&args.data, &keys)),
        keys,
        districts,
        published: args.tiles.iter().map(|dir| tiles::read(dir)).collect::<Result<_, _>>()?,
        sources: sources.collect::<Result<_, _>>()?,
        dry_run: args.dry_run,
    })
}

fn trust_beside(data: &Path, keys: &Path) -> PathBuf {
    let places = [Some(data), Some(keys), keys.parent()];
    let found = places.into_iter().flatten().find(|dir| dir.join("trust.roots").is_file());
    found.unwrap_or(data).to_owned()
}
