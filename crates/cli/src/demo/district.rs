//! The invented district: one issuer, two providers, three groups, forty children.

use attendance::{CardId, ChildId, GroupId, ProviderId, VoucherId};
use chrono::NaiveDate;
use ledger::{
    Calendar, Contract, Group, Issuer, Params, Provider, SNAPSHOT_VERSION, Snapshot, Tiyn, Weekday,
};
use server::{District, Person};

use super::people::{CHILDREN, NEWCOMER};

/// What a place costs from September to December: four months of the norm of 20 000 tenge.
const TOTAL: Tiyn = Tiyn(4 * 20_000 * 100);

/// A group of the demonstration.
struct Plan {
    provider: usize,
    name: &'static str,
    weekdays: &'static [Weekday],
    start: &'static str,
    children: std::ops::Range<usize>,
}

const PROVIDERS: [(&str, &str); 2] =
    [("000000000019", "«Ақ сұңқар» шахмат үйі"), ("000000000028", "«Жас қанат» спорт клубы")];

const GROUPS: [Plan; 3] = [
    Plan {
        provider: 0,
        name: "Шахмат, бастауыш",
        weekdays: &[Weekday::Mon, Weekday::Wed, Weekday::Fri],
        start: "16:00",
        children: 0..14,
    },
    Plan {
        provider: 0,
        name: "Робототехника",
        weekdays: &[Weekday::Tue, Weekday::Thu],
        start: "17:00",
        children: 14..27,
    },
    Plan {
        provider: 1,
        name: "Футбол, 8–10 жас",
        weekdays: &[Weekday::Tue, Weekday::Sat],
        start: "10:00",
        children: 27..40,
    },
];

/// Makes an identifier of `N` bytes that is the same in every run.
fn id<const N: usize>(kind: &str, number: usize) -> [u8; N] {
    let hash = seal::sha256(format!("demonstration/{kind}/{number}").as_bytes());
    std::array::from_fn(|at| hash.0[at])
}

pub(super) fn child(number: usize) -> ChildId {
    ChildId(id("child", number))
}

pub(super) fn voucher(number: usize) -> VoucherId {
    VoucherId(id("voucher", number))
}

pub(super) fn card(number: usize) -> CardId {
    CardId(id("card", number))
}

pub(super) fn provider(number: usize) -> ProviderId {
    ProviderId(id("provider", number))
}

fn group(number: usize) -> GroupId {
    GroupId(id("group", number))
}

/// The groups of a provider.
pub(super) fn groups_of(provider: usize) -> Vec<GroupId> {
    let numbered = GROUPS.iter().enumerate();
    numbered.filter(|(_, plan)| plan.provider == provider).map(|(n, _)| group(n)).collect()
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a date of the demonstration")
}

/// Three children join in the middle of September.
fn first_day(child: usize) -> NaiveDate {
    if [5, 20, 33].contains(&child) { date(2026, 9, 14) } else { date(2026, 9, 1) }
}

fn contract(number: usize) -> Contract {
    let (group_number, plan) = GROUPS
        .iter()
        .enumerate()
        .find(|(_, plan)| plan.children.contains(&number))
        .expect("every child has a group");
    Contract {
        voucher: voucher(number),
        number: format!("DEMO-2026-{:04}", number + 1),
        child: child(number),
        group: group(group_number),
        provider: provider(plan.provider),
        total_tiyn: TOTAL,
        from: first_day(number),
        to: date(2026, 12, 31),
        family: None,
        segments: Vec::new(),
    }
}

fn snapshot() -> Snapshot {
    let providers = PROVIDERS.iter().enumerate().map(|(number, (bin, name))| Provider {
        id: provider(number),
        bin: (*bin).to_owned(),
        name: (*name).to_owned(),
    });
    let groups = GROUPS.iter().enumerate().map(|(number, plan)| Group {
        id: group(number),
        provider: provider(plan.provider),
        name: plan.name.to_owned(),
        weekdays: plan.weekdays.to_vec(),
        start: plan.start.to_owned(),
        minutes: 60,
        capacity: None,
    });
    Snapshot {
        version: SNAPSHOT_VERSION,
        issuer: Issuer {
            bin: "000000000037".to_owned(),
            name: "Көкжиек ауданының әкімдігі (ойдан шығарылған)".to_owned(),
        },
        providers: providers.collect(),
        groups: groups.collect(),
        contracts: (0..CHILDREN.len()).map(contract).collect(),
        calendar: Calendar {
            version: 1,
            official_off: vec![date(2026, 12, 16)],
            transferred_off: vec![date(2026, 10, 26)],
            working: Vec::new(),
        },
        params: vec![Params::defaults(date(2026, 9, 1), "2026.1")],
        narrower: Vec::new(),
        country: Vec::new(),
        budget: Vec::new(),
        admission: None,
    }
}

/// Makes the district as it is from October on: one more child in the football group, and rules that
/// let more marks by hand through.
pub(super) fn october() -> District {
    let mut district = district();
    let number = CHILDREN.len();
    let october = date(2026, 10, 1);
    let snapshot = &mut district.snapshot;
    snapshot.version += 1;
    let neighbour = contract(number - 1);
    snapshot.contracts.push(Contract {
        voucher: voucher(number),
        number: format!("DEMO-2026-{:04}", number + 1),
        child: child(number),
        from: october,
        ..neighbour
    });
    let rules = Params::defaults(october, "2026.2");
    snapshot.params.push(Params { l0_share_max_percent: 25, ..rules });
    let (child, name, card) = (child(number), NEWCOMER.to_owned(), card(number));
    district.people.push(Person { child, name, card });
    district
}

/// Makes the district.
pub(super) fn district() -> District {
    let people = CHILDREN.iter().enumerate().map(|(number, name)| Person {
        child: child(number),
        name: (*name).to_owned(),
        card: card(number),
    });
    District {
        origin: "log.qatysu.example/demonstration/2026".to_owned(),
        snapshot: snapshot(),
        people: people.collect(),
    }
}
