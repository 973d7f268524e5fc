//! `qatysu trust`: newer versions of a server's trust list, made with the root keys.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::TrustList;
use seal::SoftwareKey;
use serde_json::json;
use server::{ServerClock, WITNESS_POLICY, name_status_key, name_witnesses, read_key};
use tlog::Policy;

use crate::console::{Console, Exit};
use crate::time;

/// Changes what a server's devices trust.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum TrustCommand {
    Witnesses(WitnessesArgs),
    StatusKey(StatusKeyArgs),
}

/// Name the server's key for lists of revoked cards: the next version of the trust list.
///
/// For servers of the first release, which have none: the key is made where it is missing. Without it no
/// card can be revoked. A running server takes it up when it is started again, devices with their next
/// sync.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:
  qatysu trust status-key --data /var/lib/qatysu --root-key root-1.key --root-key root-2.key")]
pub(crate) struct StatusKeyArgs {
    /// The server's directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A root key's file; give as many as the roots ask for
    #[arg(long = "root-key", value_name = "FILE", required = true)]
    root_keys: Vec<PathBuf>,
    /// Take this for the time now: for demonstrations
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

/// Name the witnesses that must cosign: the next version of the trust list.
///
/// The policy (C2SP tlog-policy) has a line for each witness, with its address, and a quorum that is a
/// plain number of them. Witnesses that it does not name are dropped. A running server takes it up when
/// it is started again, devices with their next sync.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu trust witnesses witnesses.policy --data /var/lib/qatysu \\
      --root-key root-1.key --root-key root-2.key

A policy of two witnesses, both of which must cosign (VKEY as `qatysu witness key` prints it):
  witness first VKEY http://127.0.0.1:7410
  witness second VKEY http://127.0.0.1:7411
  group witnesses all first second
  quorum witnesses")]
pub(crate) struct WitnessesArgs {
    /// The policy
    #[arg(value_name = "FILE")]
    policy: PathBuf,
    /// The server's directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A root key's file; give as many as the roots ask for
    #[arg(long = "root-key", value_name = "FILE", required = true)]
    root_keys: Vec<PathBuf>,
    /// Take this for the time now: for demonstrations
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

/// Runs `qatysu trust`.
pub(crate) fn run(command: &TrustCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        TrustCommand::Witnesses(args) => witnesses(args, console),
        TrustCommand::StatusKey(args) => status_key(args, console),
    }
}

fn status_key(args: &StatusKeyArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let keys: Vec<SoftwareKey> =
        args.root_keys.iter().map(|path| read_key(path)).collect::<Result<_, _>>()?;
    let list = name_status_key(&args.data, &keys, clock.now_s())?;
    console.line(format!("trust list {} in {}", list.version, args.data.display()));
    console.line("start the server again to take it up");
    console.json(&json!({ "version": list.version }));
    Ok(Exit::Fine)
}

fn witnesses(args: &WitnessesArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let policy = read_policy(&args.policy)?;
    let list = name(&args.data, &policy, &args.root_keys, clock)?;
    console.line(format!("trust list {} in {}", list.version, args.data.display()));
    tell(&policy, &list, console);
    console.line("start the server again to take it up");
    console.json(&as_json(&policy, &list));
    Ok(Exit::Fine)
}

/// Reads a policy's file.
pub(crate) fn read_policy(path: &Path) -> anyhow::Result<Policy> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown}"))?;
    Policy::parse(&text).with_context(|| format!("{shown} is no tlog-policy"))
}

/// Names the witnesses of a policy in the next version of a server's trust list.
pub(crate) fn name(
    data: &Path,
    policy: &Policy,
    root_keys: &[PathBuf],
    clock: ServerClock,
) -> anyhow::Result<TrustList> {
    let keys: Vec<SoftwareKey> =
        root_keys.iter().map(|path| read_key(path)).collect::<Result<_, _>>()?;
    Ok(name_witnesses(data, policy, &keys, clock.now_s())?)
}

/// Says who the witnesses are.
pub(crate) fn tell(policy: &Policy, list: &TrustList, console: Console) {
    let quorum = list.witness_quorum.unwrap_or(0);
    for witness in policy.witnesses() {
        let address = witness.address.as_deref().unwrap_or_default();
        console.line(format!("witness {} at {address}", witness.key.name));
    }
    console.line(format!("quorum {quorum}, addresses in {WITNESS_POLICY}"));
}

fn as_json(policy: &Policy, list: &TrustList) -> serde_json::Value {
    let witnesses: Vec<_> = policy.witnesses().map(|witness| &witness.key.name).collect();
    json!({ "version": list.version, "witnesses": witnesses, "quorum": list.witness_quorum })
}
