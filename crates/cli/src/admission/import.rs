//! `qatysu admission import`

use std::path::Path;

use anyhow::Context as _;
use ledger::Day;
use ledger::admission::{Admission, AnswerSource, Register as _, ask};
use server::tables::{Rows, Taken};
use server::{District, ServerClock};

use super::file::{COLUMNS, FileRegister, NEEDED};
use crate::console::{Console, Exit};
use crate::import::{self, Common};
use crate::rows;

/// Take in a table of what registers answer about providers (CSV or XLSX).
///
/// Columns: bin, check (SIGNATURE, NOTIFICATION, TAX, PENSION, SOCIAL, SANITARY, FIRE, QUALIFICATION, MEDICAL,
/// NO_CRIMINAL_RECORD, PROGRAMME, SCHEDULE, CAPACITY), result (yes or no; a debt in tenge; a number of
/// places), day, document, source; and valid_to, sha256 (of the document's file), address (of a
/// notification) where there is one.
///
/// All rows of a file are taken, or none. Who brought which file (its SHA-256), when, and what it changed
/// is signed with the district and stays in the log. The same file again changes nothing.
///
/// Exit codes: 0 taken (or, with --dry-run, would be), 1 refused, 3 a file could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu admission import answers.xlsx --data /var/lib/qatysu --by \"specialist, room 4\" --dry-run
  qatysu admission import answers.csv --data /var/lib/qatysu --by \"specialist, room 4\" \\
      --binds-from 2027-01-01 --lang ru

--binds-from is for the first import of a district: contracts that begin before that day need no listing.")]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    common: Common,
    /// Who brings it: a post, not a person
    #[arg(long, value_name = "POST")]
    by: String,
    /// From when on new contracts need a listed provider; the day of the first import, if it is not told
    #[arg(long, value_name = "DAY")]
    binds_from: Option<Day>,
}

pub(super) fn run(args: &ImportArgs, console: Console) -> anyhow::Result<Exit> {
    let rows = rows::read(&args.common.file, COLUMNS, NEEDED);
    let sha256 = digest(&args.common.file)?;
    let clock = args.common.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let today = ledger::local_day(clock.now_ms()).context("the clock is out of range")?;
    let apply = |rows: &Rows, district: &mut District, console: Console| {
        Ok(apply(rows, district, &Brought { args, sha256, today }, console))
    };
    import::import(&args.common, rows, console, apply, || Ok(()))
}

fn digest(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(seal::sha256(&bytes).to_string())
}

/// Who brings which file, and when.
struct Brought<'a> {
    args: &'a ImportArgs,
    sha256: String,
    today: Day,
}

/// Puts the rows into the district: what was known before is no new record.
fn apply(rows: &Rows, district: &mut District, brought: &Brought<'_>, console: Console) -> Taken {
    let mut taken = Taken::default();
    let (mut register, wrong) = FileRegister::read(rows, console);
    if !wrong.is_empty() {
        taken.refused = wrong;
        return taken;
    }
    let bins = register.bins();
    let answers = match ask(&mut register, bins) {
        Ok(answers) => answers,
        Err(never) => match never {},
    };
    let begins = brought.args.binds_from.unwrap_or(brought.today);
    let admission = district.snapshot.admission.get_or_insert_with(|| Admission::begin(begins));
    if brought.args.binds_from.is_some_and(|day| day != admission.binds_from) {
        // The district refuses that its section binds from another day, and says so.
        admission.binds_from = begins;
        taken.changed += 1;
        return taken;
    }
    let source = AnswerSource {
        register: register.name().to_owned(),
        sha256: Some(brought.sha256.clone()),
        by: brought.args.by.clone(),
        day: brought.today,
    };
    taken.changed += admission.take_in(source, answers);
    taken
}
