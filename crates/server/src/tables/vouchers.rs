//! Tables of vouchers with their contracts.

use std::collections::{HashMap, HashSet};

use attendance::{ChildId, VoucherId};
use ledger::admission::AdmissionState;
use ledger::{Contract, Day, Iin, Month};

use super::{
    ChildNumbers, ColumnNames, Row, RowNote, Rows, Said, Taken, derive, find_group, iin_in_words,
};
use crate::district::District;

pub(super) const COLUMNS: &[ColumnNames] = &[
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
/// The columns that it must have.
pub(super) const NEEDED: [&str; 6] = ["voucher_number", "child", "group", "sum", "from", "to"];

pub(super) fn take(
    rows: &Rows,
    numbers: &ChildNumbers,
    district: &mut District,
    how_far: &dyn Fn(usize, usize),
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
    for row in rows.each(how_far) {
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
    numbers: &ChildNumbers,
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
    let year = |day: Day| Month::of(day).map(|month| month.year()).ok();
    if year(from) != year(to) {
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
fn not_listed(state: AdmissionState, on: Day) -> Said {
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

fn child(row: Row<'_>, numbers: &ChildNumbers) -> Result<ChildId, Said> {
    let text = row.text("child")?;
    if text.len() != 12 {
        return row.parse("child", "cell-no-pseudonym");
    }
    let iin = Iin::parse(text).map_err(iin_in_words)?;
    numbers.get(&iin).copied().ok_or_else(|| Said::key("iin-unknown"))
}
