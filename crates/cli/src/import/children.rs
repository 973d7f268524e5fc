//! `qatysu import children`

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use anyhow::Context as _;
use attendance::{CardId, ChildId};
use ledger::Iin;
use server::tables::{ColumnNames, Row, Rows, Said, Taken, iin_in_words};
use server::{District, Person};

use super::{Common, import, write};
use crate::console::{Console, Exit};
use crate::rows::{self, how_far};

/// Take children: their names, for rosters. Names do not come into the log.
///
/// Columns: name; child (the pseudonym; empty or `new` for a new child, who gets a random one); iin (its
/// check digit is verified, and it is not kept anywhere but in the file of --assigned).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu import children children.xlsx --data /var/lib/qatysu --dry-run --lang ru
  qatysu import children children.xlsx --data /var/lib/qatysu --assigned assigned.csv

A child without a pseudonym whose name is there already is refused, so that nobody comes twice: write the
pseudonym into the row, or `new` if it is another child.")]
pub(crate) struct ChildrenArgs {
    #[command(flatten)]
    common: Common,
    /// Write who got which pseudonym, with the IIN if it was given: keep it as you keep the database
    #[arg(long, value_name = "FILE.csv")]
    assigned: Option<PathBuf>,
}

const COLUMNS: &[ColumnNames] = &[
    ColumnNames { name: "child", also: &["псевдоним", "бүркеншік", "pseudonym"] },
    ColumnNames {
        name: "name", also: &["фио", "ф.и.о.", "имя", "аты-жөні", "аты_жөні", "аты"]
    },
    ColumnNames { name: "iin", also: &["иин", "жсн"] },
];

pub(super) fn run(args: &ChildrenArgs, console: Console) -> anyhow::Result<Exit> {
    let rows = rows::read(&args.common.file, COLUMNS, &["name"]);
    let assigned = std::cell::RefCell::new(String::from("child,iin,name\r\n"));
    let apply = |rows: &Rows, district: &mut District, console: Console| {
        let (taken, list) = apply(rows, district, console)?;
        assigned.borrow_mut().push_str(&list);
        Ok(taken)
    };
    let done = || match &args.assigned {
        Some(path) => write(path, &assigned.borrow()),
        None => Ok(()),
    };
    import(&args.common, rows, console, apply, done)
}

/// Puts rows into the district; gives what they came to, and who got which pseudonym as CSV.
pub(super) fn apply(
    rows: &Rows,
    district: &mut District,
    console: Console,
) -> anyhow::Result<(Taken, String)> {
    let mut taken = Taken::default();
    let mut names: HashMap<String, ChildId> =
        district.people.iter().map(|one| (one.name.clone(), one.child)).collect();
    let mut places: HashMap<ChildId, usize> =
        district.people.iter().enumerate().map(|(place, one)| (one.child, place)).collect();
    let (mut numbers, mut pseudonyms) = (HashSet::new(), HashSet::new());
    let mut list = String::new();
    let how_far = how_far(console);
    for row in rows.each(&how_far) {
        let child = match read(row, &names, &mut numbers, &mut pseudonyms) {
            Ok(child) => child,
            Err(said) => {
                taken.refuse(row.number, said);
                continue;
            }
        };
        let name = name_of(row.cell("name"));
        let id = match child {
            Some(id) => id,
            None => ChildId(random()?),
        };
        match places.get(&id) {
            Some(place) => {
                let person = &mut district.people[*place];
                if person.name != name {
                    person.name.clone_from(&name);
                    taken.changed += 1;
                }
            }
            None => {
                // No card is this one: the first that is logged takes its place.
                let card = CardId(random()?);
                places.insert(id, district.people.len());
                district.people.push(Person { child: id, name: name.clone(), card });
                taken.changed += 1;
            }
        }
        let quoted = name.replace('"', "\"\"");
        list.push_str(&format!("{id},{},\"{quoted}\"\r\n", row.cell("iin")));
        names.insert(name, id);
    }
    Ok((taken, list))
}

/// Reads a row; nothing for a child who is new.
fn read(
    row: Row<'_>,
    names: &HashMap<String, ChildId>,
    numbers: &mut HashSet<Iin>,
    pseudonyms: &mut HashSet<ChildId>,
) -> Result<Option<ChildId>, Said> {
    let name = name_of(row.text("name")?);
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(Said::key("child-long-name").with("most", NAME_CHARS_MAX));
    }
    if !row.cell("iin").is_empty() {
        let iin = Iin::parse(row.cell("iin")).map_err(iin_in_words)?;
        if !numbers.insert(iin) {
            return Err(Said::key("iin-twice"));
        }
    }
    match row.cell("child") {
        "" => match names.get(&name) {
            Some(there) => Err(Said::key("child-there").with("child", there)),
            None => Ok(None),
        },
        "new" | "жаңа" | "новый" => Ok(None),
        _ => {
            let child: ChildId = row.parse("child", "cell-no-pseudonym")?;
            if !pseudonyms.insert(child) {
                return Err(Said::key("child-twice").with("child", child));
            }
            Ok(Some(child))
        }
    }
}

fn name_of(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the system gave no random bytes")?;
    Ok(bytes)
}

const NAME_CHARS_MAX: usize = 120;
