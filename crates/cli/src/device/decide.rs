//! `qatysu device revoke` and `qatysu device release`: a coordinator's decisions, signed by its device.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use attendance::{DeviceId, RevocationReason};
use ipc::{DeviceView, ParkedView};
use seal::Hash;
use serde_json::{Value, json};
use shell_core::{Decided, Shell};

use super::office::{self, Office};
use crate::console::{Console, Exit};
use crate::host;

/// Revoke a device: what it sends from then on is put aside, with the reason.
///
/// A coordinator's device signs the decision, the same event as on its page. It goes to the server with
/// the next sync, which is tried at once; from there it reaches everybody. What is in the log stays as
/// it is. It cannot be taken back: a device that is found again needs a new ticket. Doing it again is
/// harmless.
///
/// Exit codes: 0 it is decided, 1 it is not and nothing was changed, 3 the device could not be opened or
/// did not sign.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu device list --data ~/qatysu-coordinator
  qatysu device revoke --data ~/qatysu-coordinator 0102030405060708 --reason lost --dry-run
  qatysu device revoke --data ~/qatysu-coordinator 0102030405060708 --reason stolen \\
      --document 'Report 12-7' --yes")]
pub(crate) struct RevokeArgs {
    #[command(flatten)]
    office: Office,
    /// The device's id, 16 hexadecimal digits.
    #[arg(value_name = "DEVICE")]
    device: DeviceId,
    /// Why.
    #[arg(long, value_enum)]
    reason: Reason,
    #[command(flatten)]
    how: How,
}

/// Let events of a revoked or suspended device into the log that were put aside.
///
/// A coordinator's device signs the decision, the same event as on its page. It names the last event, and
/// lets in what the device signed up to it: a whole piece of its chain, or nothing. The device itself
/// stays revoked.
///
/// Exit codes: 0 it is decided, 1 it is not and nothing was changed, 3 the device could not be opened or
/// did not sign.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu device release --data ~/qatysu-coordinator 0102030405060708 --dry-run
  qatysu device release --data ~/qatysu-coordinator 0102030405060708 --document 'Order 3' --yes")]
pub(crate) struct ReleaseArgs {
    #[command(flatten)]
    office: Office,
    /// The device's id, 16 hexadecimal digits.
    #[arg(value_name = "DEVICE")]
    device: DeviceId,
    /// The last event to let in; what can be let in of this device, if it is not said.
    #[arg(long, value_name = "SHA256", value_parser = parse_hash)]
    last: Option<Hash>,
    #[command(flatten)]
    how: How,
}

/// What both decisions have.
#[derive(clap::Args, Debug)]
struct How {
    /// What the decision rests on: the number of an order or a report. It goes into the log: no names.
    #[arg(long, value_name = "NUMBER")]
    document: Option<String>,
    /// Say what would be decided, and sign nothing.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long, conflicts_with = "dry_run")]
    yes: bool,
}

/// Why a device is revoked.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Reason {
    /// Nobody knows where it is.
    Lost,
    /// Somebody took it.
    Stolen,
    /// Another device takes its place.
    Replaced,
    /// Its person no longer works here.
    Left,
    /// It was used for what it is not for.
    Misused,
}

impl From<Reason> for RevocationReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Lost => Self::Lost,
            Reason::Stolen => Self::Stolen,
            Reason::Replaced => Self::Replaced,
            Reason::Left => Self::Left,
            Reason::Misused => Self::Misused,
        }
    }
}

/// Runs `qatysu device revoke`.
pub(super) fn revoke(args: &RevokeArgs, console: Console) -> anyhow::Result<Exit> {
    host::log_to_stderr();
    host::runtime()?.block_on(async {
        let (shell, device) = match find(&args.office, args.device).await? {
            Ok(found) => found,
            Err(why) => return Ok(refuse(console, &why)),
        };
        let told = json!({ "device": device.device, "name": device.name, "standing": office::standing(&device) });
        if device.revoked.is_some() || device.revoking {
            console.line(format!("{}: it is revoked already", named(&device)));
            console.json(&with(told, json!({ "new": false })));
            return Ok(Exit::Fine);
        }
        let what = format!(
            "{}: revoke it; what it sends from then on is put aside, and this cannot be taken back",
            named(&device)
        );
        if let Some(exit) = args.how.stops(&what, &told, console)? {
            return Ok(exit);
        }
        let decided =
            shell.decide_revocation(args.device, args.reason.into(), args.how.document.clone());
        Ok(tell(&decided.await?, &device, told, console))
    })
}

/// Runs `qatysu device release`.
pub(super) fn release(args: &ReleaseArgs, console: Console) -> anyhow::Result<Exit> {
    host::log_to_stderr();
    host::runtime()?.block_on(async {
        let (shell, device) = match find(&args.office, args.device).await? {
            Ok(found) => found,
            Err(why) => return Ok(refuse(console, &why)),
        };
        let piece = match piece_of(&device, args.last) {
            Ok(piece) => piece,
            Err(why) => return Ok(refuse(console, &why)),
        };
        let told = json!({
            "device": device.device,
            "name": device.name,
            "last": piece.last.to_string(),
            "events": piece.events,
        });
        let what = format!(
            "{}: let in {} events that were put aside; have you made sure that they are true?",
            named(&device),
            piece.events.map_or_else(|| "the".to_owned(), |events| events.to_string())
        );
        if let Some(exit) = args.how.stops(&what, &told, console)? {
            return Ok(exit);
        }
        let decided = shell.decide_release(args.device, piece.last, args.how.document.clone());
        Ok(tell(&decided.await?, &device, told, console))
    })
}

/// A piece of a device's chain that can be let in.
struct Piece {
    last: Hash,
    /// How many events, as far as the board tells.
    events: Option<u64>,
}

/// Finds what can be let in: the one piece there is, or the one that is named.
fn piece_of(device: &DeviceView, last: Option<Hash>) -> Result<Piece, String> {
    let can_be: Vec<&ParkedView> =
        device.parked.iter().filter(|parked| parked.releasable > 0).collect();
    if let Some(last) = last {
        let line = can_be.iter().find(|parked| parked.last == last.to_string());
        return Ok(Piece { last, events: line.map(|parked| parked.releasable) });
    }
    match can_be[..] {
        [one] => {
            let last = Hash::from_hex(&one.last).ok_or("the board names no event: sync again")?;
            Ok(Piece { last, events: Some(one.releasable) })
        }
        [] => Err(format!(
            "{}: nothing of it is put aside that can be let in, as far as the server said",
            named(device)
        )),
        _ => Err(format!(
            "{}: there are several pieces: name one with --last (`qatysu device list`)",
            named(device)
        )),
    }
}

/// Opens the office's device and finds the other one on its board, after asking the server; or says why
/// there is none.
async fn find(
    office: &Office,
    wanted: DeviceId,
) -> anyhow::Result<Result<(Shell, DeviceView), String>> {
    let shell = office.open()?;
    if let Err(why) = shell.sync_now().await {
        host::warn(&why.to_string());
    }
    let board = office::board(&shell).await?;
    let found = board.devices.into_iter().find(|device| device.device == wanted.to_string());
    Ok(found.map(|device| (shell, device)).ok_or_else(|| {
        format!(
            "{wanted} is not among the devices that are known here: look with `qatysu device list`"
        )
    }))
}

impl How {
    /// Ends the command before anything is signed: it was only to be said, or nobody confirmed it.
    fn stops(&self, what: &str, told: &Value, console: Console) -> anyhow::Result<Option<Exit>> {
        if self.dry_run {
            console.line(format!("{what}\nnothing was signed"));
            console.json(&with(told.clone(), json!({ "dry_run": true, "event": null })));
            return Ok(Some(Exit::Fine));
        }
        if self.yes || confirmed(what)? {
            return Ok(None);
        }
        Ok(Some(refuse(console, "not confirmed: nothing was signed; say --yes, or answer `yes`")))
    }
}

/// Asks whoever sits there. Where nobody does, nobody confirms.
fn confirmed(what: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut err = std::io::stderr().lock();
    write!(err, "{what}\nType yes to sign it: ")?;
    err.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == "yes")
}

fn tell(decided: &Decided, device: &DeviceView, told: Value, console: Console) -> Exit {
    let event = decided.event.map(|event| event.to_string());
    console.json(&with(
        told,
        json!({
            "new": event.is_some(),
            "event": event,
            "sent": decided.sent,
            "parked": decided.parked,
            "fault": decided.fault.as_ref().map(|fault| &fault.message),
        }),
    ));
    let how = match (&decided.parked, &decided.fault) {
        (Some(reason), _) => {
            console.line(format!(
                "{}: signed, and the server put the decision aside ({reason}): nothing comes of it",
                named(device)
            ));
            return Exit::Refused;
        }
        (None, _) if decided.sent => "the server has it".to_owned(),
        (None, Some(fault)) => {
            format!("it waits on this device and goes with its next sync ({})", fault.message)
        }
        (None, None) => "it waits on this device and goes with its next sync".to_owned(),
    };
    console.line(format!("{}: decided and signed; {how}", named(device)));
    Exit::Fine
}

fn named(device: &DeviceView) -> String {
    format!("{} ({})", device.device, device.name)
}

fn refuse(console: Console, why: &str) -> Exit {
    console.line(format!("refused: {why}"));
    console.json(&json!({ "refused": why }));
    Exit::Refused
}

/// Puts two JSON objects together.
fn with(mut first: Value, second: Value) -> Value {
    if let (Some(first), Value::Object(second)) = (first.as_object_mut(), second) {
        first.extend(second);
    }
    first
}

fn parse_hash(text: &str) -> Result<Hash, String> {
    Hash::from_hex(text).ok_or_else(|| "an event is named by 64 hexadecimal digits".to_owned())
}
