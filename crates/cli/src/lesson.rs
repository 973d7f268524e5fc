//! `qatysu lesson`: the lessons that a device knows, and what becomes of them.

use attendance::{Cancellation, LessonId};
use device::{Device, LessonChange, LessonRow};
use serde_json::json;

use crate::console::{Console, Exit};
use crate::provider::{Coordinator, record};
use crate::time;

/// List a device's lessons; say that one is not held, or at another time.
///
/// Each change is an event that the device signs, and a leaf of the log. A lesson that the provider does
/// not hold stays in the plan and is not paid; one that an official act cancels leaves it, and only a
/// coordinator of the district says so. Both reach all devices with their next sync.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum LessonCommand {
    /// List the lessons of a day, with their identifiers.
    #[command(after_help = "Examples:
  qatysu lesson list --data ~/qatysu-coordinator --day 2026-10-05
  qatysu lesson list --data ~/qatysu-coordinator --day 2026-10-05 --json")]
    List(ListArgs),
    /// Say that a lesson is not held.
    #[command(after_help = "Examples:
  qatysu lesson cancel 0123456789abcdef --data ~/qatysu-coordinator
  qatysu lesson cancel 0123456789abcdef --data ~/qatysu-coordinator --why weather \\
      --document \"act 12\"")]
    Cancel(CancelArgs),
    /// Say that a lesson is held at another time; at the planned one, to take a change back.
    #[command(after_help = "Examples:
  qatysu lesson move 0123456789abcdef --data ~/qatysu-coordinator --to 2026-10-07T16:00:00+05:00")]
    Move(MoveArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    by: Coordinator,
    /// The local day.
    #[arg(long, value_name = "DAY")]
    day: ledger::Day,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CancelArgs {
    /// The lesson's identifier.
    lesson: LessonId,
    #[command(flatten)]
    by: Coordinator,
    /// Why it is not held.
    #[arg(long, value_enum, default_value = "provider")]
    why: CancellationName,
    /// The number of the official act.
    #[arg(long, required_if_eq_any = [("why", "quarantine"), ("why", "weather"), ("why", "order")])]
    document: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MoveArgs {
    /// The lesson's identifier.
    lesson: LessonId,
    #[command(flatten)]
    by: Coordinator,
    /// When it starts.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    to: i64,
    /// The number of a paper about it.
    #[arg(long)]
    document: Option<String>,
}

/// Why a lesson is not held, as it is typed.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum CancellationName {
    /// The provider does not hold it.
    Provider,
    /// A quarantine was ordered.
    Quarantine,
    /// The weather forbade it.
    Weather,
    /// Another official order.
    Order,
}

impl From<CancellationName> for Cancellation {
    fn from(name: CancellationName) -> Self {
        match name {
            CancellationName::Provider => Self::Provider,
            CancellationName::Quarantine => Self::Quarantine,
            CancellationName::Weather => Self::Weather,
            CancellationName::Order => Self::Order,
        }
    }
}

/// Runs `qatysu lesson`.
pub(crate) fn run(command: LessonCommand, console: Console) -> anyhow::Result<Exit> {
    match command {
        LessonCommand::List(args) => list(&args, console),
        LessonCommand::Cancel(CancelArgs { lesson, by, why, document }) => {
            let change = LessonChange::Cancel { why: why.into(), document };
            record(&by, move |device| device.change_lesson(lesson, &change), console)
        }
        LessonCommand::Move(MoveArgs { lesson, by, to, document }) => {
            let change = LessonChange::Move { to_ms: to, document };
            record(&by, move |device| device.change_lesson(lesson, &change), console)
        }
    }
}

fn list(args: &ListArgs, console: Console) -> anyhow::Result<Exit> {
    let start_ms = ledger::local_ms(args.day, 0).unwrap_or_default();
    let end_ms = start_ms.saturating_add(24 * 60 * 60_000);
    let lessons = move |device: &mut Device| device.lessons_between(start_ms, end_ms);
    let rows = args.by.with(lessons)??;
    if rows.is_empty() {
        console.line("no lesson on this day: sync the device if you expect one");
    }
    for row in &rows {
        console.line(format!("{} {} {}{}", row.lesson.id, clock(row), row.group, note(row)));
    }
    let json = |row: &LessonRow| {
        json!({
            "lesson": row.lesson.id.to_string(),
            "group": row.group,
            "start_ms": row.lesson.start_ms,
            "end_ms": row.lesson.end_ms,
            "moved_from_ms": row.lesson.moved_from_ms,
            "cancelled": row.lesson.cancelled.map(word),
            "present": row.present,
            "enrolled": row.enrolled,
        })
    };
    console.json(&json!({ "lessons": rows.iter().map(json).collect::<Vec<_>>() }));
    Ok(Exit::Fine)
}

fn clock(row: &LessonRow) -> String {
    format!("{}–{}", time::clock(row.lesson.start_ms), time::clock(row.lesson.end_ms))
}

fn note(row: &LessonRow) -> String {
    match (row.lesson.cancelled, row.lesson.moved_from_ms) {
        (Some(why), _) => format!(", not held ({})", word(why)),
        (None, Some(from_ms)) => format!(", moved from {}", time::moment(from_ms)),
        (None, None) => String::new(),
    }
}

fn word(why: Cancellation) -> &'static str {
    match why {
        Cancellation::Provider => "provider",
        Cancellation::Quarantine => "quarantine",
        Cancellation::Weather => "weather",
        Cancellation::Order | _ => "order",
    }
}
