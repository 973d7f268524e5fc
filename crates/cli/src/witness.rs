//! `qatysu witness`: running a witness of logs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use seal::{Signer as _, SoftwareKey};
use serde_json::json;
use server::{ServerClock, read_key, write_key};
use tlog::witness::Witness;
use tlog::{VerifierKey, WitnessKey};
use witness::{Evidence, RunningWitness, write_atomically};

use crate::console::{Colour, Console, Exit, paint};
use crate::{host, time};

/// Runs a witness, which cosigns what a log shows to everybody alike.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum WitnessCommand {
    Serve(ServeArgs),
    Key(KeyArgs),
    Evidence(EvidenceArgs),
}

/// Run a witness until it is told to stop.
///
/// It answers `POST /add-checkpoint` as C2SP tlog-witness says, and cosigns a log's checkpoint only if
/// it is proven to have grown out of the one before. The first start makes its key, for which it
/// needs a name.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu witness serve --data /var/lib/witness --name witness.example.kz/w1 --log VKEY
  qatysu witness serve --data /var/lib/witness --log VKEY --log VKEY --listen 127.0.0.1:0 --json

The first line printed is the address. A log's VKEY is printed by `qatysu init` and `qatysu serve`.
TLS is a reverse proxy's work.")]
pub(crate) struct ServeArgs {
    /// The witness's directory; made if it is not there.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// A log's verifier key; give one for each log, and each key of it.
    #[arg(long = "log", value_name = "VKEY", required = true, value_parser = parse_log)]
    logs: Vec<VerifierKey>,
    /// The name that it cosigns under, without spaces and plus signs.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7410")]
    listen: SocketAddr,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

/// Print a witness's verifier key, and make it if there is none.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu witness key --data /var/lib/witness --name witness.example.kz/w1
  qatysu witness key --data /var/lib/witness --json")]
pub(crate) struct KeyArgs {
    /// The witness's directory; made if it is not there.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The name that it cosigns under, without spaces and plus signs.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// List what a witness was shown against a log.
///
/// `proven` is a file with which anybody can show that the log signed two histories. What is not
/// proven may be a slip, or a stranger's spoilt request.
///
/// Exit codes: 0 nothing is proven, 1 two histories are proven, 3 a file could not be read.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu witness evidence --data /var/lib/witness --log VKEY
  qatysu witness evidence --data /var/lib/witness --log VKEY --json")]
pub(crate) struct EvidenceArgs {
    /// The witness's directory; it may be running.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The log's verifier key.
    #[arg(long, value_name = "VKEY", value_parser = parse_log)]
    log: VerifierKey,
}

/// Reads a log's verifier key, for the command line.
pub(crate) fn parse_log(text: &str) -> Result<VerifierKey, String> {
    VerifierKey::parse(text)
        .map_err(|why| format!("{why}: expected NAME+HASH+KEY, as `qatysu serve` prints it"))
}

/// Runs `qatysu witness`.
pub(crate) fn run(command: &WitnessCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        WitnessCommand::Serve(args) => serve(args, console),
        WitnessCommand::Key(args) => {
            let (key, _) = identity(&args.data, args.name.as_deref())?;
            console.line(key.to_string());
            console.json(&json!({ "name": key.name, "key": key.to_string() }));
            Ok(Exit::Fine)
        }
        WitnessCommand::Evidence(args) => list(args, console),
    }
}

fn serve(args: &ServeArgs, console: Console) -> anyhow::Result<Exit> {
    host::log_to_stderr();
    let (key, signer) = identity(&args.data, args.name.as_deref())?;
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let now_s = move || u64::try_from(clock.now_s()).unwrap_or(0);
    let witness = Witness { name: key.name.clone(), logs: args.logs.clone() };
    let running = RunningWitness::open(&args.data, witness, signer, now_s)?;
    host::runtime()?.block_on(async {
        let stop = host::asked_to_stop();
        let listener = host::listen(args.listen).await?;
        let address = format!("http://{}", listener.local_addr()?);
        console.line(format!("listening on {address}"));
        console.line(format!("witness {key}"));
        for log in &args.logs {
            console.line(format!("log {}", log.name));
        }
        let logs: Vec<_> = args.logs.iter().map(|log| &log.name).collect();
        console.json(&json!({ "address": address, "key": key.to_string(), "logs": logs }));
        witness::serve(listener, Arc::new(running), stop).await?;
        Ok(Exit::Fine)
    })
}

/// Reads who the witness is, or makes it: the name first, so that no key is ever without one.
pub(crate) fn identity(
    data: &Path,
    asked: Option<&str>,
) -> anyhow::Result<(WitnessKey, SoftwareKey)> {
    std::fs::create_dir_all(data).with_context(|| data.display().to_string())?;
    let (name_path, key_path) = (data.join("witness.name"), data.join("witness.key"));
    if !key_path.exists() {
        let name = asked.context("this witness has no key yet: give it a name with --name")?;
        let anybody = SoftwareKey::from_seed(&[0; 32]).public_key();
        let probe = WitnessKey { name: name.to_owned(), key: anybody };
        if WitnessKey::parse(&probe.to_string()).is_err() {
            bail!("`{name}` cannot name a witness: leave out spaces and plus signs");
        }
        let shown = || name_path.display().to_string();
        write_atomically(&name_path, name.as_bytes()).with_context(shown)?;
        write_key(&key_path)?;
    }
    let name = std::fs::read_to_string(&name_path)
        .with_context(|| format!("{} says the witness's name", name_path.display()))?;
    if let Some(asked) = asked.filter(|asked| *asked != name) {
        bail!("this witness is called {name}, not {asked}: another name needs another --data");
    }
    let signer = read_key(&key_path)?;
    Ok((WitnessKey { name, key: signer.public_key() }, signer))
}

fn list(args: &EvidenceArgs, console: Console) -> anyhow::Result<Exit> {
    if !args.data.is_dir() {
        bail!("{} holds no witness", args.data.display());
    }
    let kept = witness::evidence(&args.data, &args.log)?;
    for case in &kept {
        let (word, why) = match &case.verdict {
            Ok(proven) => {
                let (earlier, later) = (proven.earlier.size, proven.later.size);
                (
                    paint("proven", Colour::Red),
                    format!("two histories, {earlier} and {later} leaves"),
                )
            }
            Err(why) => ("unproven".to_owned(), why.to_string()),
        };
        console.line(format!("{word}  {why}  {}", case.file.display()));
    }
    if kept.is_empty() {
        console.line(format!("nothing was shown against {}", args.log.name));
    }
    let proven = kept.iter().filter(|case| case.is_proven()).count();
    let cases: Vec<_> = kept.iter().map(as_json).collect();
    console.json(&json!({ "log": args.log.name, "proven": proven, "cases": cases }));
    Ok(if proven == 0 { Exit::Fine } else { Exit::Refused })
}

fn as_json(case: &Evidence) -> serde_json::Value {
    match &case.verdict {
        Ok(proven) => json!({
            "file": case.file,
            "proven": true,
            "sizes": [proven.earlier.size, proven.later.size],
        }),
        Err(why) => json!({ "file": case.file, "proven": false, "why": why.to_string() }),
    }
}
