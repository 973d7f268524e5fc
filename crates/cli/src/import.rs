//! `qatysu import`: children, groups, schedules and vouchers from tables, all of a file or nothing.

mod children;
mod groups;
mod vouchers;

use std::path::{Path, PathBuf};

use ledger::report::OverCommitment;
use serde_json::{Value as Json, json};
use server::tables::{ChildNumbers, RowNote, Rows, TableFinding, TableKind, Taken};
use server::{District, Server, ServerClock, UpdateError};

use crate::console::{Colour, Console, Exit, paint};
use crate::district::update;
use crate::rows::{self, InWords as _};
use crate::words::{Lang, Words, count, shown};
use crate::{host, time};

/// Take children, groups, schedules and vouchers from tables (CSV or XLSX).
///
/// All rows of a file are taken, or none: every row that is refused is told with its number and a reason,
/// and nothing is changed until there is none. Breaking it off with Ctrl-C at any moment leaves all or
/// nothing, and the same file again changes nothing. What is taken becomes a new version of the district,
/// as with `qatysu district update`, which refuses what would change the past.
///
/// Exit codes: 0 taken (or, with --dry-run, would be), 1 refused, 3 a file could not be read.
// The variants' help is on their structs: a comment here would hide the long form.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum ImportCommand {
    Children(children::ChildrenArgs),
    Groups(groups::GroupsArgs),
    Schedules(groups::SchedulesArgs),
    Vouchers(vouchers::VouchersArgs),
}

/// What every import is told.
#[derive(clap::Args, Debug)]
pub(crate) struct Common {
    /// CSV or XLSX
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The server's directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Say what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The language of what is said about rows
    #[arg(long, value_enum, default_value = "kk")]
    lang: Lang,
    /// Take this for the time now: for demonstrations
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    pub(crate) clock: Option<i64>,
}

pub(crate) fn run(command: &ImportCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        ImportCommand::Children(args) => children::run(args, console),
        ImportCommand::Groups(args) => groups::run(args, console),
        ImportCommand::Schedules(args) => groups::run_schedules(args, console),
        ImportCommand::Vouchers(args) => vouchers::run(args, console),
    }
}

/// Reads a file as a table of a kind, and puts its rows in force.
fn import_kind(common: &Common, kind: TableKind, console: Console) -> anyhow::Result<Exit> {
    let rows = rows::read_kind(&common.file, kind);
    let apply = |rows: &Rows, district: &mut District, console: Console| {
        Ok(kind.take(rows, district, &ChildNumbers::new(), &rows::how_far(console)))
    };
    import(common, rows, console, apply, || Ok(()))
}

/// Reads a table, applies its rows to the district in force, and puts the result in force. `apply` changes
/// the district and says what came of the rows; `done` is called once nothing is refused, before anything
/// is written.
pub(crate) fn import(
    common: &Common,
    rows: anyhow::Result<Result<Rows, TableFinding>>,
    console: Console,
    apply: impl FnOnce(&Rows, &mut District, Console) -> anyhow::Result<Taken>,
    done: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Exit> {
    let words = Words::of(common.lang);
    let rows = match rows? {
        Ok(rows) => rows,
        Err(finding) => return Ok(refuse(&finding.in_words(&words), &words, console)),
    };
    let clock = common.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    host::runtime()?.block_on(async {
        let server = Server::open(&common.data, clock).await?;
        let mut district = server.district().await?;
        let before = district.snapshot.version;
        let taken = apply(&rows, &mut district, console)?;
        console.progress_done();
        if !taken.refused.is_empty() {
            return Ok(tell_refused(&taken, rows.len(), &words, console));
        }
        tell_notes(&taken.flagged, &words, console);
        if taken.changed == 0 {
            console.line(words.say("import-nothing"));
            let rows = rows.len();
            console.json(
                &json!({ "verdict": "taken", "rows": rows, "changed": 0, "version": before }),
            );
            return Ok(Exit::Fine);
        }
        district.snapshot.version = before.saturating_add(1);
        if !common.dry_run {
            done()?;
        }
        match server.update_district(&district, common.dry_run).await {
            Err(UpdateError::Server(broken)) => Err(broken.into()),
            Err(why) => {
                let why = words.say_with("import-past", &[("why", shown(why))]);
                Ok(refuse(&why, &words, console))
            }
            Ok(updated) => {
                let counts = [("rows", count(rows.len())), ("changed", count(taken.changed))];
                let key = if common.dry_run { "import-would" } else { "import-taken" };
                console.line(words.say_with(key, &counts));
                tell_over(&updated.over, &words, console);
                console.json(&json!({
                    "verdict": "taken",
                    "dry_run": common.dry_run,
                    "rows": rows.len(),
                    "changed": taken.changed,
                    "flagged": notes_to_json(&taken.flagged, &words),
                    "version": updated.version,
                    "leaf": updated.leaf_index,
                    "changes": updated.changes,
                    "people": updated.people.iter().map(update::to_json).collect::<Vec<_>>(),
                    "over": update::over_to_json(&updated.over),
                }));
                Ok(Exit::Fine)
            }
        }
    })
}

fn refuse(why: &str, words: &Words, console: Console) -> Exit {
    console.line(format!("{}: {why}", paint(&words.say("refused"), Colour::Red)));
    console.line(words.say("import-unchanged"));
    console.json(&json!({ "verdict": "refused", "why": why }));
    Exit::Refused
}

fn tell_refused(taken: &Taken, rows: usize, words: &Words, console: Console) -> Exit {
    let refused = &taken.refused;
    for note in refused.iter().take(SHOWN_MOST) {
        console.line(note.in_words(words));
    }
    if refused.len() > SHOWN_MOST {
        let more = refused.len() - SHOWN_MOST;
        console.line(words.say_with("import-more", &[("more", count(more))]));
    }
    let counts = [("refused", count(refused.len())), ("rows", count(rows))];
    let counted = words.say_with("import-refused", &counts);
    console.line(format!("{}: {counted}", paint(&words.say("refused"), Colour::Red)));
    console.line(words.say("import-unchanged"));
    console.json(&json!({
        "verdict": "refused",
        "why": counted,
        "rows": rows,
        "refused": notes_to_json(refused, words),
    }));
    Exit::Refused
}

/// Says where more is committed than the order's volume has.
fn tell_over(over: &[(String, OverCommitment)], words: &Words, console: Console) {
    for (id, OverCommitment { excess_tiyn, vouchers }) in over {
        let beyond = usize::try_from(*vouchers).unwrap_or(usize::MAX);
        let values =
            [("budget", shown(id)), ("excess", shown(excess_tiyn)), ("vouchers", count(beyond))];
        console.line(paint(&words.say_with("budget-over", &values), Colour::Red));
    }
}

fn tell_notes(notes: &[RowNote], words: &Words, console: Console) {
    for note in notes {
        console.line(note.in_words(words));
    }
}

fn notes_to_json(notes: &[RowNote], words: &Words) -> Vec<Json> {
    notes.iter().map(|note| rows::to_json(note, words)).collect()
}

/// Refused rows that are shown one by one; a program gets all of them.
const SHOWN_MOST: usize = 50;

/// Writes a list of assigned pseudonyms: whole, or what was there stays as it is.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    use anyhow::Context as _;
    let mut half = path.as_os_str().to_owned();
    half.push(".part");
    std::fs::write(&half, text)
        .and_then(|()| std::fs::rename(&half, path))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests;
