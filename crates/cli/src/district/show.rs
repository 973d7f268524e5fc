//! `qatysu district show`

use std::path::PathBuf;

use anyhow::Context as _;
use ledger::{Contract, Snapshot};
use serde_json::json;
use server::{District, Server, ServerClock};

use crate::console::{Console, Exit};
use crate::host;

/// Show the district that is in force, and write it as a file to be edited.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu district show --data /var/lib/qatysu
  qatysu district show --data /var/lib/qatysu -o district.json

The file has the names of the children: keep it as you keep the database.")]
pub(crate) struct ShowArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Write the district's file here, for `qatysu district update`.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &ShowArgs, console: Console) -> anyhow::Result<Exit> {
    let (leaf, district) = host::runtime()?.block_on(async {
        let server = Server::open(&args.data, ServerClock::system()).await?;
        let (leaf, _) = server.snapshot_in_force().await?;
        anyhow::Ok((leaf, server.district().await?))
    })?;
    let District { origin, snapshot, people } = &district;
    console.line(format!("log       {origin}"));
    console.line(format!("version   {}, leaf {leaf}", snapshot.version));
    console.line(format!("issuer    {}, {}", snapshot.issuer.bin, snapshot.issuer.name));
    console.line(format!("children  {}, with a name and a card", people.len()));
    console.line(format!("contracts {}", snapshot.contracts.len()));
    for provider in &snapshot.providers {
        console.line(format!("provider  {} {}, BIN {}", provider.id, provider.name, provider.bin));
    }
    groups(snapshot, console);
    for params in snapshot.dated_rules() {
        let (from, version) = (params.effective_from, &params.rule_version);
        let whose = if snapshot.params.contains(params) { "" } else { ", the country's" };
        console.line(format!("rules     {version}, from {from} on{whose}"));
    }
    if let Some(path) = &args.output {
        let shown = path.display();
        let text = serde_json::to_string_pretty(&district).context("the district as JSON")?;
        std::fs::write(path, text + "\n").with_context(|| format!("cannot write {shown}"))?;
        console.line(format!("{shown}: raise its version when you have edited it"));
    }
    console.json(&json!({
        "leaf": leaf,
        "version": snapshot.version,
        "origin": origin,
        "children": people.len(),
        "snapshot": snapshot,
        "snapshot_sha256": snapshot.hash().to_string(),
        "file": args.output,
    }));
    Ok(Exit::Fine)
}

fn groups(snapshot: &Snapshot, console: Console) {
    for group in &snapshot.groups {
        let own = |contract: &&Contract| contract.group == group.id;
        let contracts = snapshot.contracts.iter().filter(own).count();
        let (id, name, start) = (group.id, &group.name, &group.start);
        console.line(format!("group     {id} {name}, at {start}, {contracts} contracts"));
    }
}
