//! `qatysu carry`: parcels and answers as files that a person carries.

use std::path::PathBuf;

use anyhow::Context as _;
use ipc::CarryImportView;
use serde_json::json;
use shell_core::{Shell, ShellClock, ShellConfig};

use crate::console::{Console, Exit};
use crate::{host, time};

/// Carry parcels of tablets without a network, and answers back, as files.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum CarryCommand {
    /// Write what waits on this device, and what it carries for others, to a file.
    #[command(after_help = "Examples:
  qatysu carry export --data ~/qatysu-teacher --own --to tablet.carry
  qatysu carry export --data ~/qatysu-coordinator --to answers.carry")]
    Export(ExportArgs),
    /// Take a file that somebody carried: parcels of others, and answers.
    #[command(after_help = "Examples:
  qatysu carry import --data ~/qatysu-coordinator tablet-1.carry tablet-2.carry

A second time brings nothing new and does no harm. What is damaged is named, and the rest is taken;
the exit code is 1 then.")]
    Import(ImportArgs),
    /// Pass on to the server what this device carries for others, once.
    #[command(after_help = "Examples:
  qatysu carry forward --data ~/qatysu-coordinator")]
    Forward(ForwardArgs),
}

/// What a carrying device is opened with.
#[derive(clap::Args, Debug)]
struct DeviceArgs {
    /// The device's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

#[derive(clap::Args, Debug)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    device: DeviceArgs,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Only what this device recorded itself.
    #[arg(long)]
    own: bool,
}

#[derive(clap::Args, Debug)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    device: DeviceArgs,
    /// The files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

#[derive(clap::Args, Debug)]
pub(crate) struct ForwardArgs {
    #[command(flatten)]
    device: DeviceArgs,
}

/// Runs `qatysu carry`.
pub(crate) fn run(command: &CarryCommand, console: Console) -> anyhow::Result<Exit> {
    host::log_to_stderr();
    host::runtime()?.block_on(async {
        match command {
            CarryCommand::Export(args) => export(args, console).await,
            CarryCommand::Import(args) => import(args, console).await,
            CarryCommand::Forward(args) => forward(args, console).await,
        }
    })
}

fn open(args: &DeviceArgs) -> anyhow::Result<Shell> {
    let clock = args.clock.map_or_else(ShellClock::system, ShellClock::starting_at);
    Ok(Shell::open(ShellConfig { data_dir: args.data.clone(), clock })?)
}

async fn export(args: &ExportArgs, console: Console) -> anyhow::Result<Exit> {
    let file = open(&args.device)?.carry_out(args.own).await?.file;
    let path = &args.to;
    std::fs::write(path, file.to_text()).with_context(|| path.display().to_string())?;
    let (parcels, answers) = (file.parcels.len(), file.answers.len());
    console.line(format!("{}: {parcels} parcels, {answers} answers", path.display()));
    console.json(&json!({ "file": path, "parcels": parcels, "answers": answers }));
    Ok(Exit::Fine)
}

async fn import(args: &ImportArgs, console: Console) -> anyhow::Result<Exit> {
    let shell = open(&args.device)?;
    let (mut exit, mut all) = (Exit::Fine, Vec::new());
    for path in &args.files {
        let text = std::fs::read(path).with_context(|| path.display().to_string())?;
        // A damaged byte spoils its line and no other.
        let taken = shell.carry_in(String::from_utf8_lossy(&text).into_owned()).await;
        let file = path.display();
        let taken = match taken {
            Ok(taken) => taken,
            Err(why) => {
                console.line(format!("{file}: refused: {why}"));
                all.push(json!({ "file": path, "refused": why.message, "code": why.code }));
                exit = Exit::Refused;
                continue;
            }
        };
        tell(&file.to_string(), &taken, console);
        if !taken.damaged.is_empty() {
            exit = Exit::Refused;
        }
        all.push(json!({ "file": path, "taken": taken }));
    }
    console.json(&json!(all));
    Ok(exit)
}

fn tell(file: &str, taken: &CarryImportView, console: Console) {
    let CarryImportView { parcels, known, answers, receipted, passed_on, carried, .. } = taken;
    console.line(format!(
        "{file}: {parcels} parcels for others ({known} were here), {passed_on} answers for others"
    ));
    console.line(format!(
        "{file}: {answers} answers for this device, {receipted} receipts, {carried} newly carried"
    ));
    for damage in &taken.damaged {
        let parcel = damage.parcel.as_deref().unwrap_or("unknown");
        let what = &damage.what;
        console.line(match damage.line {
            0 => format!("{file}: parcel {parcel}: {what}"),
            line => format!("{file}: line {line}, parcel {parcel}: {what}"),
        });
    }
}

async fn forward(args: &ForwardArgs, console: Console) -> anyhow::Result<Exit> {
    let done = open(&args.device)?.forward_now().await?;
    let hub::Forwarded { answered, refused, unanswered } = done;
    console.line(format!("answered {answered}, refused {refused}, unanswered {unanswered}"));
    console.json(&json!({ "answered": answered, "refused": refused, "unanswered": unanswered }));
    Ok(if refused + unanswered == 0 { Exit::Fine } else { Exit::Refused })
}
