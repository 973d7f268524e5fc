//! `qatysu log`: the published log as static files.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::json;
use server::{OwnLog, Server, ServerClock};
use tlog::{Policy, VerifierKey};
use witness::{CheckReport, CopyError, ExportReport, PublishedLog};

use crate::card::local_time;
use crate::console::{Colour, Console, Exit, paint};
use crate::host;
use crate::witness::parse_log;

/// Copies and checks a published log: C2SP tlog-tiles.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum LogCommand {
    Export(ExportArgs),
    Check(CheckArgs),
}

/// Write the log as static files, or bring such a copy up to date.
///
/// Everything is verified under the log's signed checkpoint before it is written, and the checkpoint
/// is written last. An export that was interrupted is repeated. The copy holds hashes under salts
/// only: it can be put on any web server, or given to anybody.
///
/// Exit codes: 0 the copy is up to date, 1 the log does not hold or was set back (the copy stays as it
/// was), 3 a file or the network failed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu log export --data /var/lib/qatysu -o /srv/www/log
  qatysu log export --from http://127.0.0.1:7400/log --key VKEY -o copy")]
pub(crate) struct ExportArgs {
    /// The server's directory; the server may be running.
    #[arg(long, value_name = "DIR", required_unless_present = "from", conflicts_with = "from")]
    data: Option<PathBuf>,
    /// Take the newest checkpoint, even if its witnesses have not cosigned it yet.
    #[arg(long, conflicts_with = "from")]
    newest: bool,
    /// Where a log is published: an address, or another copy.
    #[arg(long, value_name = "URL|DIR", requires = "key")]
    from: Option<String>,
    /// The log's verifier key, with `--from`.
    #[arg(long, value_name = "VKEY", value_parser = parse_log, conflicts_with = "data")]
    key: Option<VerifierKey>,
    /// Where to write; made if it is not there.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
}

/// Verify a published log wholly: signatures, quorum, every tile and bundle.
///
/// Exit codes: 0 everything holds, 1 something does not (it is named), 3 a file or the network failed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu log check copy --key VKEY
  qatysu log check http://127.0.0.1:7400/log --policy witnesses.policy --json")]
pub(crate) struct CheckArgs {
    /// Where the log is published: a copy, or an address
    #[arg(value_name = "DIR|URL")]
    place: String,
    /// The log's verifier key
    #[arg(long, value_name = "VKEY", value_parser = parse_log, required_unless_present = "policy")]
    key: Option<VerifierKey>,
    /// Which witnesses must have cosigned: a C2SP tlog-policy
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// Runs `qatysu log`.
pub(crate) fn run(command: &LogCommand, console: Console) -> anyhow::Result<Exit> {
    host::log_to_stderr();
    let runtime = host::runtime()?;
    match command {
        LogCommand::Export(args) => {
            told(runtime.block_on(export(args, console)), console, tell_export)
        }
        LogCommand::Check(args) => {
            let policy = policy(args.policy.as_deref(), args.key.as_ref())?;
            let place = PublishedLog::at(&args.place)?;
            let mut progress = progress("verified", console);
            let checked = runtime.block_on(witness::check(&place, &policy, &mut progress));
            told(checked.map_err(Into::into), console, tell_check)
        }
    }
}

async fn export(args: &ExportArgs, console: Console) -> anyhow::Result<ExportReport> {
    let mut progress = progress("copied", console);
    if let (Some(from), Some(key)) = (&args.from, &args.key) {
        let log = PublishedLog::at(from)?;
        return Ok(witness::export(&log, &args.out, key, &mut progress).await?);
    }
    let data = args.data.as_deref().context("give --data or --from")?;
    let server = Server::open(data, ServerClock::system()).await?;
    let log = OwnLog { server: &server, newest: args.newest };
    Ok(witness::export(&log, &args.out, &server.log_key(), &mut progress).await?)
}

/// Reads whom to believe: a policy, a log's key, or both.
pub(crate) fn policy(file: Option<&Path>, key: Option<&VerifierKey>) -> anyhow::Result<Policy> {
    let Some(path) = file else {
        return Ok(Policy::k_of(key.into_iter().cloned().collect(), 0, Vec::new())?);
    };
    let shown = path.display();
    let mut text = std::fs::read_to_string(path).with_context(|| format!("{shown}"))?;
    let read = Policy::parse(&text).with_context(|| format!("{shown} is no tlog-policy"))?;
    if let Some(key) = key.filter(|key| !read.logs().any(|log| log.key == **key)) {
        text = format!("log {key}\n{text}");
    }
    Policy::parse(&text).with_context(|| format!("{shown} with the key"))
}

/// Says what was done, or what does not hold.
fn told<T>(
    done: anyhow::Result<T>,
    console: Console,
    tell: impl FnOnce(&T, Console),
) -> anyhow::Result<Exit> {
    console.progress_done();
    match done {
        Ok(report) => {
            tell(&report, console);
            Ok(Exit::Fine)
        }
        Err(error) => match error.downcast::<CopyError>() {
            Ok(refused) if refused.is_refusal() => {
                console.line(format!("{}: {refused}", paint("refused", Colour::Red)));
                console.json(&json!({ "verdict": "refused", "why": refused.to_string() }));
                Ok(Exit::Refused)
            }
            Ok(broken) => Err(broken.into()),
            Err(other) => Err(other),
        },
    }
}

/// How many files between two lines of progress.
const PROGRESS_STEP: usize = 64;

fn progress(word: &'static str, console: Console) -> impl FnMut(usize, usize) + Send {
    move |done, all| {
        if done.is_multiple_of(PROGRESS_STEP) {
            console.progress(&format!("{word} {done} of {all} files"));
        }
    }
}

fn tell_export(report: &ExportReport, console: Console) {
    let ExportReport { checkpoint, from, files, bytes, .. } = report;
    console.line(format!("log       {}", checkpoint.origin));
    console.line(format!("leaves    {}, {from} of them were there", checkpoint.size));
    console.line(format!("root      {}", checkpoint.root));
    console.line(format!("written   {files} files, {bytes} bytes"));
    console.json(&json!({
        "verdict": "exported",
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.to_string(),
        "from": from,
        "files": files,
        "bytes": bytes,
    }));
}

fn tell_check(report: &CheckReport, console: Console) {
    let CheckReport { checkpoint, cosigned, tiles, bundles, .. } = report;
    console.line(format!("log       {}", checkpoint.origin));
    console.line(format!("leaves    {}", checkpoint.size));
    console.line(format!("root      {}", checkpoint.root));
    console.line(format!("tiles     {tiles}, and {bundles} bundles of leaves, under that root"));
    for one in cosigned {
        let at = i64::try_from(one.cosigned_at_s).map_or_else(|_| "never".to_owned(), local_time);
        console.line(format!("cosigned  {at} by {}", one.witness));
    }
    if cosigned.is_empty() {
        console.line("cosigned  by nobody that was asked for");
    }
    console.line(paint("holds", Colour::Green));
    let witnesses: Vec<_> = cosigned
        .iter()
        .map(|one| json!({ "witness": one.witness, "cosigned_at_s": one.cosigned_at_s }))
        .collect();
    console.json(&json!({
        "verdict": "holds",
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.to_string(),
        "tiles": tiles,
        "bundles": bundles,
        "cosigned": witnesses,
    }));
}
