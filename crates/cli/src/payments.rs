//! `qatysu payments`: what the Treasury paid, from its file into the log.

mod judge;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use ipc::BoardView;
use ledger::{Month, PaymentColumns, PaymentRow};
use paper::{TableFile, read_table};
use serde_json::{Value as Json, json};
use server::tables::{RowNote, Said, TableFinding};
use shell_core::{Shell, ShellClock, ShellConfig};

use self::judge::{Judged, Verdict, judge};
use crate::console::{Colour, Console, Exit, paint};
use crate::rows::{self, InWords as _};
use crate::words::{Lang, Words, count};
use crate::{host, time, vault};

/// Enter payment notices.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum PaymentsCommand {
    Import(ImportArgs),
}

/// Enter the Treasury's payment notices from a table, as a coordinator's device.
///
/// Columns: provider_bin (or provider, its id), sum (tenge, two decimals), document, and month (2026-09)
/// unless --month is given. Each good row becomes a payment notice that the device signs, as if it were
/// typed into the app; at the next sync it redeems the month's parts. A row with a wrong sum, an unknown
/// provider or no document is refused with its reason, and the others go through. The same file again
/// changes nothing, and a run that was broken off is simply run again.
///
/// Exit codes: 0 every row is entered or was before, 1 some rows are refused, 3 something did not work.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu payments import paid.xlsx --data ~/qatysu-coordinator --dry-run
  qatysu payments import paid.csv --data ~/qatysu-coordinator --month 2026-09 --lang ru")]
pub(crate) struct ImportArgs {
    /// CSV or XLSX
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The coordinator's device directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The month of rows that do not name one
    #[arg(long)]
    month: Option<Month>,
    /// Say what would be entered, and enter nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask the server: judge by the board that the device has
    #[arg(long)]
    offline: bool,
    /// The language of what is said
    #[arg(long, value_enum, default_value = "kk")]
    lang: Lang,
    /// The passphrase that the device's keys are wrapped with; `-` reads one line of input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Take this for the time now: for demonstrations
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(crate) fn run(command: &PaymentsCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        PaymentsCommand::Import(args) => import(args, console),
    }
}

fn import(args: &ImportArgs, console: Console) -> anyhow::Result<Exit> {
    let words = Words::of(args.lang);
    let (columns, file) = match read(&args.file)? {
        Ok(read) => read,
        Err(finding) => {
            let why = finding.in_words(&words);
            console.line(format!("{}: {why}", paint("refused", Colour::Red)));
            console.json(&json!({ "verdict": "refused", "why": why }));
            return Ok(Exit::Refused);
        }
    };
    let clock = args.clock.map_or_else(ShellClock::system, ShellClock::starting_at);
    let config = ShellConfig { data_dir: args.data.clone(), clock };
    let vault = vault::of(args.passphrase_file.as_deref())?;
    let (judged, sent) = host::runtime()?.block_on(async {
        let shell = Shell::open_with(config, &*vault)?;
        if !args.offline {
            // Without a server the board that the device has is good enough to judge by.
            drop(call(&shell, "sync", json!({})).await);
        }
        let board: BoardView = serde_json::from_value(call(&shell, "board", json!({})).await?)?;
        let mut judged = judge(&columns, &file, &board, args.month);
        if args.dry_run {
            return anyhow::Ok((judged, false));
        }
        for line in &mut judged {
            enter(&shell, line).await?;
        }
        let sent = !args.offline && call(&shell, "sync", json!({})).await.is_ok();
        Ok((judged, sent))
    })?;
    Ok(tell(&judged, (args.dry_run, sent), &words, console))
}

/// Reads a file, and finds its columns.
fn read(path: &Path) -> anyhow::Result<Result<(PaymentColumns, TableFile), TableFinding>> {
    let bytes = std::fs::read(path);
    let bytes = bytes.with_context(|| format!("cannot read {}", path.display()))?;
    let file = match read_table(&bytes) {
        Ok(file) => file,
        Err(error) => return Ok(Err(TableFinding::File(error))),
    };
    let columns = PaymentColumns::of(&file.header).map_err(TableFinding::Missing);
    Ok(columns.map(|columns| (columns, file)))
}

/// Makes a good row an event of the device. What the device refuses is told as the row's reason.
async fn enter(shell: &Shell, line: &mut Judged) -> anyhow::Result<()> {
    let Verdict::Accepted(PaymentRow { month, provider, sum, document }) = &line.verdict else {
        return Ok(());
    };
    let notice = json!({
        "month": month.to_string(),
        "provider": provider,
        "amount_tiyn": sum.0,
        "document": document,
    });
    let Err(refused) = shell.call("record_payment", notice).await else { return Ok(()) };
    if !matches!(refused.code, ipc::ErrorCode::WrongSum | ipc::ErrorCode::MonthRefused) {
        return Err(anyhow!("{refused}"));
    }
    line.verdict = Verdict::Refused(Said::key("payment-refused").with("why", refused.message));
    Ok(())
}

async fn call(shell: &Shell, command: &str, args: Json) -> anyhow::Result<Json> {
    shell.call(command, args).await.map_err(|refused| anyhow!("{refused}"))
}

fn tell(judged: &[Judged], (dry_run, sent): (bool, bool), words: &Words, console: Console) -> Exit {
    let (mut accepted, mut known, mut refused) = (0, 0, 0);
    let mut lines = Vec::with_capacity(judged.len());
    for line in judged {
        let (verdict, said) = match &line.verdict {
            Verdict::Accepted(PaymentRow { month, sum, document, .. }) => {
                accepted += 1;
                let said = Said::key(if dry_run { "payment-would" } else { "payment-entered" });
                let said = said.with("month", month).with("sum", sum).with("document", document);
                ("accepted", said)
            }
            Verdict::Known(said) => {
                known += 1;
                ("known", said.clone())
            }
            Verdict::Refused(said) => {
                refused += 1;
                ("refused", said.clone())
            }
        };
        let note = RowNote { row: line.row, said };
        console.line(note.in_words(words));
        let mut shown = rows::to_json(&note, words);
        shown["verdict"] = verdict.into();
        lines.push(shown);
    }
    let counts =
        [("accepted", count(accepted)), ("known", count(known)), ("refused", count(refused))];
    console.line(words.say_with("payments-counted", &counts));
    if accepted > 0 && !dry_run && !sent {
        console.line(words.say("payments-unsent"));
    }
    console.json(&json!({
        "dry_run": dry_run,
        "accepted": accepted,
        "known": known,
        "refused": refused,
        "sent": sent,
        "rows": lines,
    }));
    if refused == 0 { Exit::Fine } else { Exit::Refused }
}
