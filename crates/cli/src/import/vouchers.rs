//! `qatysu import vouchers`

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use attendance::{ChildId, VoucherId};
use chrono::{Datelike as _, NaiveDate};
use ledger::admission::AdmissionState;
use ledger::{Contract, Iin};
use server::District;

use super::children::iin_in_words;
use super::{Common, Taken, derive, find_group, import};
use crate::console::{Console, Exit};
use crate::rows::{ColumnNames, Row, RowNote, Rows, Said, TableFinding};

/// Take vouchers with their contracts.
///
/// Columns: voucher_number, child (the pseudonym, or an IIN with --children), group (name or id), sum (the
/// voucher's total in tenge), from, to; and provider_bin where several providers have a group of that
/// name. No voucher goes beyond 31 December.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  qatysu import vouchers vouchers.xlsx --data /var/lib/qatysu --dry-run
  qatysu import vouchers vouchers.csv --data /var/lib/qatysu --children assigned.csv --lang ru

--children takes the file that `qatysu import children --assigned` wrote.")]
pub(crate) struct VouchersArgs {
    #[command(flatten)]
    common: Common,
    /// Which IIN is which child: the file of `qatysu import children --assigned`
    #[arg(long, value_name = "FILE.csv")]
    children: Option<PathBuf>,
}

const COLUMNS: &[ColumnNames] = &[
    ColumnNames {
        name: "voucher_number",
        also: &["voucher", "number", "ваучер", "номер_ваучера", "ваучер_нөмірі"],
    },
    ColumnNames {
        name: "child", also: &["iin", "ребёнок", "ребенок", "бала", "иин", "жсн"]
    },
    ColumnNames {
        name: "provider_bin", also: &["bin", "бин", "бсн", "бин_исполнителя"]
    },
    ColumnNames { name: "group", also: &["группа", "топ", "тобы"] },
    ColumnNames { name: "sum", also: &["total", "сумма", "сомасы", "сома"] },
    ColumnNames { name: "from", also: &["с", "начало", "басталуы"] },
    ColumnNames { name: "to", also: &["по", "окончание", "аяқталуы"] },
];
const ASSIGNED: &[ColumnNames] =
    &[ColumnNames { name: "child", also: &[] }, ColumnNames { name: "iin", also: &[] }];

pub(super) fn run(args: &VouchersArgs, console: Console) -> anyhow::Result<Exit> {
    let numbers = match &args.children {
        Some(path) => Rows::read(path, ASSIGNED, &["child", "iin"])?.map(|rows| known(&rows)),
        None => Ok(HashMap::new()),
    };
    let needed = ["voucher_number", "child", "group", "sum", "from", "to"];
    let rows = match &numbers {
        Ok(_) => Rows::read(&args.common.file, COLUMNS, &needed),
        Err(TableFinding::Missing(names)) => Ok(Err(TableFinding::Missing(names.clone()))),
        Err(TableFinding::File(_)) => Ok(Err(TableFinding::Missing(vec!["child", "iin"]))),
    };
    let numbers = numbers.unwrap_or_default();
    let apply = |rows: &Rows, district: &mut District, console: Console| {
        Ok(apply(rows, &numbers, district, console))
    };
    import(&args.common, rows, console, apply, || Ok(()))
}

/// Reads which number is which child; a row without both says nothing.
fn known(rows: &Rows) -> HashMap<Iin, ChildId> {
    let quiet = Console { json: true };
    let pair = |row: Row<'_>| {
        Some((Iin::parse(row.cell("iin")).ok()?, row.cell("child").parse::<ChildId>().ok()?))
    };
    rows.each(quiet).filter_map(pair).collect()
}

pub(super) fn apply(
    rows: &Rows,
    numbers: &HashMap<Iin, ChildId>,
    district: &mut District,
    console: Console,
) -> Taken {
    let mut taken = Taken::default();
    let mut seen = HashSet::new();
    let people: HashSet<ChildId> = district.people.iter().map(|one| one.child).collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut of_child: HashMap<ChildId, Vec<usize>> = HashMap::new();
    for (place, contract) in district.snapshot.contracts.iter().enumerate() {
        places.insert(contract.number.clone(), place);
        of_child.entry(contract.child).or_default().push(place);
    }
    for row in rows.each(console) {
        let contract = match read(row, numbers, &people, district) {
            Ok(contract) if seen.insert(contract.number.clone()) => contract,
            Ok(contract) => {
                let said = Said::key("voucher-twice").with("number", contract.number);
                taken.refuse(row.number, said);
                continue;
            }
            Err(said) => {
                taken.refuse(row.number, said);
                continue;
            }
        };
        let known = places.get(&contract.number).copied();
        let others = of_child.get(&contract.child).into_iter().flatten();
        let others = others.filter(|place| Some(**place) != known);
        let with_it = known
            .is_some_and(|at| district.snapshot.contracts[at].knows_provider(contract.provider));
        if !with_it
            && let Err(state) = district.snapshot.may_contract(contract.provider, contract.from)
        {
            taken.refuse(row.number, not_listed(state, contract.from));
            continue;
        }
        let contracts = &mut district.snapshot.contracts;
        let overlaps = |place: &&usize| {
            contracts[**place].from <= contract.to && contract.from <= contracts[**place].to
        };
        if let Some(other) = others.clone().find(overlaps) {
            let said = Said::key("voucher-second").with("number", &contracts[*other].number);
            taken.flagged.push(RowNote { row: row.number, said });
        }
        match known {
            Some(place) => {
                let contract = Contract { voucher: contracts[place].voucher, ..contract };
                if contracts[place] != contract {
                    contracts[place] = contract;
                    taken.changed += 1;
                }
            }
            None => {
                of_child.entry(contract.child).or_default().push(contracts.len());
                contracts.push(contract);
                taken.changed += 1;
            }
        }
    }
    taken
}

fn read(
    row: Row<'_>,
    numbers: &HashMap<Iin, ChildId>,
    people: &HashSet<ChildId>,
    district: &District,
) -> Result<Contract, Said> {
    let number = row.text("voucher_number")?.to_owned();
    let child = child(row, numbers)?;
    if !people.contains(&child) {
        return Err(Said::key("child-unknown").with("child", child));
    }
    let group = find_group(district, row.text("group")?, row.cell("provider_bin"))?;
    let (from, to) = (row.day("from")?, row.day("to")?);
    if from > to {
        return Err(Said::key("voucher-backwards"));
    }
    if from.year() != to.year() {
        return Err(Said::key("voucher-two-years"));
    }
    Ok(Contract {
        voucher: VoucherId(derive("voucher", &[&district.origin, &number])),
        number,
        child,
        group: group.id,
        provider: group.provider,
        total_tiyn: row.tenge("sum")?,
        from,
        to,
        family: None,
        segments: Vec::new(),
    })
}

/// Says why the provider takes no new contracts that begin on a day.
fn not_listed(state: AdmissionState, on: NaiveDate) -> Said {
    let said = match state {
        AdmissionState::Checking { check, .. } | AdmissionState::Lapsed { check, .. } => {
            Said::key("not-listed-check").with("check", check)
        }
        AdmissionState::Withdrawn => Said::key("not-listed-withdrawn"),
        AdmissionState::Ready => Said::key("not-listed-ready"),
        AdmissionState::Unknown | AdmissionState::Listed => Said::key("not-listed-unknown"),
    };
    said.with("day", on)
}

fn child(row: Row<'_>, numbers: &HashMap<Iin, ChildId>) -> Result<ChildId, Said> {
    let text = row.text("child")?;
    if text.len() != 12 {
        return row.parse("child", "cell-no-pseudonym");
    }
    let iin = Iin::parse(text).map_err(iin_in_words)?;
    numbers.get(&iin).copied().ok_or_else(|| Said::key("iin-unknown"))
}
