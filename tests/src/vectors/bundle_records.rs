//! Bundles whose district has volumes and admissions: they are added to, and never edited.

use ledger::admission::{Admission, AdmissionImport, Check, CheckRecord, Found, Listing, Waiver};
use ledger::{Budget, BudgetCorrection, Day, Month, Snapshot, Tiyn};

use super::bundle::case;
use super::material::{log_key, rules_key};
use super::month::{Log, Who};
use super::{Case, OK};
use crate::district;

const SNAPSHOT: &str = "snapshot";

pub(super) fn cases() -> Vec<Case> {
    let edited = |change: &dyn Fn(&mut Snapshot)| {
        let mut next = Snapshot { version: 3, ..with_records() };
        change(&mut next);
        log(&[with_records(), next])
    };
    let broken = |change: &dyn Fn(&mut Snapshot)| {
        let mut next = with_records();
        change(&mut next);
        log(&[next])
    };
    let section = |snapshot: &mut Snapshot, change: &dyn Fn(&mut Admission)| {
        change(snapshot.admission.as_mut().expect("a section"));
    };
    vec![
        case("volumes and admissions, and more of them later", OK, &{
            edited(&|next| {
                next.budget[0].corrections.push(correction("2026-09-20", -5));
                next.budget[1].groups.push(district::CHESS);
                section(next, &|one| {
                    one.checks.push(check(3, Check::Tax, Found::DebtTiyn(Tiyn(7))));
                    one.listings.push(listing("2", false));
                });
            })
        }),
        case("signed: a volume edited", SNAPSHOT, &{
            edited(&|next| next.budget[0].volume_tiyn = Tiyn(1))
        }),
        case("signed: a correction removed", SNAPSHOT, &{
            edited(&|next| drop(next.budget[0].corrections.pop()))
        }),
        case("signed: a group taken out of a programme", SNAPSHOT, &{
            edited(&|next| next.budget[1].groups.clear())
        }),
        case("signed: a check edited", SNAPSHOT, &{
            edited(&|next| section(next, &|one| one.checks[0].found = Found::No))
        }),
        case("signed: admissions removed", SNAPSHOT, &edited(&|next| next.admission = None)),
        case("signed: a listing before another", SNAPSHOT, &{
            edited(&|next| section(next, &|one| one.listings.insert(0, listing("0", true))))
        }),
        case("a volume of two years", SNAPSHOT, &{
            broken(&|next| next.budget[0].to = "2027-01".parse().expect("a month"))
        }),
        case("a correction below nothing", SNAPSHOT, &{
            broken(&|next| next.budget[0].corrections[0].amount_tiyn = Tiyn(-30_000_001))
        }),
        case("an answer that is none to its check", SNAPSHOT, &{
            broken(&|next| section(next, &|one| one.checks[0].found = Found::Places(1)))
        }),
        case("a check of no import", SNAPSHOT, &{
            broken(&|next| section(next, &|one| one.checks[0].id = "2/1".to_owned()))
        }),
    ]
}

/// A log with newer snapshots before the close.
fn log(newer: &[Snapshot]) -> sync_api::Bundle {
    let mut log = Log::begun(district::snapshot());
    for snapshot in newer {
        log.amend(snapshot.clone(), &rules_key());
    }
    log.close(Who::Coordinator, district::MAY_CLOSE_MS);
    let tranche = log.tranche();
    log.tag();
    log.push_tranche(&tranche, &log_key());
    log.bundle()
}

fn with_records() -> Snapshot {
    let general = Budget {
        id: "2026".to_owned(),
        groups: Vec::new(),
        from: month("2026-09"),
        to: month("2026-12"),
        norm_tiyn: Tiyn(8_000_000),
        volume_tiyn: Tiyn(30_000_000),
        day: day("2026-08-20"),
        document: "decision 12".to_owned(),
        corrections: vec![correction("2026-09-10", 2_000_000)],
    };
    let sport = Budget {
        id: "2026 спорт".to_owned(),
        groups: vec![district::JUDO],
        corrections: Vec::new(),
        ..general.clone()
    };
    let admission = Admission {
        imports: vec![AdmissionImport {
            id: "1".to_owned(),
            register: "file".to_owned(),
            sha256: Some("cd".repeat(32)),
            by: "specialist, room 4".to_owned(),
            day: day("2026-08-10"),
            answers: 2,
        }],
        checks: vec![
            check(1, Check::Notification, Found::Yes),
            check(2, Check::Capacity, Found::Places(30)),
        ],
        listings: vec![listing("1", true)],
        waivers: vec![Waiver {
            check: Check::Medical,
            from: day("2026-08-01"),
            document: "order 1".to_owned(),
        }],
        ..Admission::begin(day("2026-10-01"))
    };
    let budget = vec![sport, general];
    let next = Snapshot { version: 2, budget, admission: Some(admission), ..district::snapshot() };
    // In the one order, so that the cases know which is which.
    let mut next = next.verify().expect("a whole snapshot");
    next.budget.sort_by(|one, other| one.id.cmp(&other.id));
    next
}

fn correction(on: &str, amount: i64) -> BudgetCorrection {
    BudgetCorrection {
        day: day(on),
        reason: "балалар саны өзгерді".to_owned(),
        document: "decision 15".to_owned(),
        amount_tiyn: Tiyn(amount),
    }
}

fn check(number: u32, check: Check, found: Found) -> CheckRecord {
    CheckRecord {
        id: format!("1/{number}"),
        bin: "990990000029".parse().expect("a BIN"),
        check,
        found,
        day: day("2026-08-10"),
        valid_to: (check == Check::Capacity).then(|| day("2027-08-09")),
        document: "certificate 4".to_owned(),
        sha256: None,
        source: "register".to_owned(),
        address: (check == Check::Notification).then(|| "1 Invented street".to_owned()),
    }
}

fn listing(id: &str, listed: bool) -> Listing {
    Listing {
        id: id.to_owned(),
        bin: "990990000029".parse().expect("a BIN"),
        day: day("2026-08-12"),
        listed,
        document: "order 7".to_owned(),
        by: "head of the department".to_owned(),
    }
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn month(text: &str) -> Month {
    text.parse().expect("a month")
}
