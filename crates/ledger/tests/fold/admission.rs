//! The funnel of admissions: where an organisation stands on a day, what may be written, who gets
//! contracts.

use std::collections::BTreeMap;

use ledger::admission::{
    Admission, AdmissionImport, AdmissionState, Answer, Check, CheckRecord, CheckState, CheckStep,
    Found, Listing, Register, Waiver, ask,
};
use ledger::report::admission_report;
use ledger::{
    Amendment, AmendmentRefusal, Bin, LoggedSnapshot, Snapshot, SnapshotError, SnapshotOrderError,
    Snapshots, Tiyn,
};
use proptest::prelude::*;

use crate::fixture::*;

/// The BIN that Aliya has here: its check digit is right.
const BIN: &str = "990990000029";

fn bin() -> Bin {
    BIN.parse().unwrap()
}

fn passing(check: Check) -> Found {
    if check.step() == CheckStep::Debts {
        Found::DebtTiyn(Tiyn::ZERO)
    } else if check == Check::Capacity {
        Found::Places(30)
    } else {
        Found::Yes
    }
}

fn failing(check: Check) -> Found {
    if check.step() == CheckStep::Debts {
        Found::DebtTiyn(Tiyn(1))
    } else if check == Check::Capacity {
        Found::Places(0)
    } else {
        Found::No
    }
}

fn record(number: usize, check: Check, found: Found, day: &str) -> CheckRecord {
    CheckRecord {
        id: format!("1/{number}"),
        bin: bin(),
        check,
        found,
        day: date(day),
        valid_to: None,
        document: "certificate 4".to_owned(),
        sha256: Some("ab".repeat(32)),
        source: "register of the tax body".to_owned(),
        address: (check == Check::Notification).then(|| "1 Invented street".to_owned()),
    }
}

fn listing(id: &str, listed: bool, day: &str) -> Listing {
    Listing {
        id: id.to_owned(),
        bin: bin(),
        day: date(day),
        listed,
        document: "order 7".to_owned(),
        by: "head of the department".to_owned(),
    }
}

fn import() -> AdmissionImport {
    AdmissionImport {
        id: "1".to_owned(),
        register: "file".to_owned(),
        sha256: Some("cd".repeat(32)),
        by: "specialist, room 4".to_owned(),
        day: date("2026-08-10"),
        answers: 13,
    }
}

/// Everything passed on 10 August.
fn passed() -> Admission {
    let checks = Check::ALL.into_iter().enumerate();
    let checks = checks.map(|(number, check)| record(number, check, passing(check), "2026-08-10"));
    Admission {
        imports: vec![import()],
        checks: checks.collect(),
        ..Admission::begin(date("2026-09-01"))
    }
}

fn listed() -> Admission {
    Admission { listings: vec![listing("1", true, "2026-08-12")], ..passed() }
}

fn state(admission: &Admission, day: &str) -> AdmissionState {
    admission.standing(bin(), date(day)).state
}

/// What a check stands at, by its newest record and the day.
#[test]
fn check_stands_as_its_newest_record_and_the_day_say() {
    use CheckState::*;
    let day = "2026-09-10";
    for check in Check::ALL {
        let until = |found: Found, valid_to: Option<&str>| {
            let valid_to = valid_to.map(date);
            vec![CheckRecord { valid_to, ..record(1, check, found, "2026-08-10") }]
        };
        let (good, bad) = (passing(check), failing(check));
        let later = |first: Found, then: Found, then_on: &str| {
            vec![record(1, check, first, "2026-08-10"), record(2, check, then, then_on)]
        };
        for (records, expected) in [
            (vec![], Missing),
            (until(good, None), Passed),
            (until(bad, None), Failed),
            (until(good, Some("2026-09-10")), Passed),
            (until(good, Some("2026-09-09")), Expired),
            (until(bad, Some("2026-09-09")), Failed),
            (vec![record(1, check, good, "2026-09-11")], Missing),
            (later(good, bad, "2026-09-01"), Failed),
            (later(bad, good, "2026-09-01"), Passed),
            (later(good, bad, "2026-08-10"), Failed),
            (later(bad, good, "2026-08-10"), Passed),
            (later(good, bad, "2026-09-11"), Passed),
        ] {
            let mut admission = Admission { checks: records, ..passed() };
            let standing = admission.standing(bin(), date(day));
            let found = standing.checks.iter().find(|one| one.check == check).unwrap();
            assert_eq!(found.state, expected, "{check}: {:?}", admission.checks);
            admission.waivers =
                vec![Waiver { check, from: date(day), document: "order 1".to_owned() }];
            let standing = admission.standing(bin(), date(day));
            let found = standing.checks.iter().find(|one| one.check == check).unwrap();
            assert_eq!(found.state, Waived);
        }
    }
}

/// Every state of the funnel by listing and checks, cell by cell.
#[test]
fn state_follows_from_checks_and_listing() {
    let day = "2026-09-10";
    let empty = Admission { checks: vec![], ..passed() };
    let fire = |found: Found| {
        let mut admission = passed();
        admission.checks.push(record(20, Check::Fire, found, "2026-09-01"));
        admission
    };
    let ran_out = {
        let mut admission = passed();
        admission.checks[6].valid_to = Some(date("2026-09-09"));
        admission
    };
    let without = {
        let mut admission = passed();
        admission.checks.remove(6);
        admission
    };
    let (yes, no) = (listing("1", true, "2026-08-12"), listing("2", false, "2026-09-05"));
    let checking = |because| AdmissionState::Checking {
        step: CheckStep::Premises,
        check: Check::Fire,
        because,
    };
    let lapsed = |because| AdmissionState::Lapsed { check: Check::Fire, because };
    let first = |because| AdmissionState::Lapsed { check: Check::Signature, because };
    use CheckState::*;
    let table = [
        (&empty, AdmissionState::Unknown, first(Missing)),
        (&without, checking(Missing), lapsed(Missing)),
        (&fire(Found::No), checking(Failed), lapsed(Failed)),
        (&ran_out, checking(Expired), lapsed(Expired)),
        (&passed(), AdmissionState::Ready, AdmissionState::Listed),
        (&fire(Found::Yes), AdmissionState::Ready, AdmissionState::Listed),
    ];
    for (admission, unlisted, when_listed) in table {
        let with = |listings: &[&Listing]| Admission {
            listings: listings.iter().map(|one| (*one).clone()).collect(),
            ..admission.clone()
        };
        assert_eq!(state(admission, day), unlisted);
        assert_eq!(state(&with(&[&yes]), day), when_listed);
        assert_eq!(state(&with(&[&yes, &no]), day), AdmissionState::Withdrawn);
        let relisted = listing("3", true, "2026-09-06");
        assert_eq!(state(&with(&[&yes, &no, &relisted]), day), when_listed);
        let tomorrow = listing("1", true, "2026-09-11");
        assert_eq!(state(&with(&[&tomorrow]), day), unlisted, "a later day does not count yet");
    }
    let takes = |admission: &Admission| state(admission, day).takes_contracts();
    assert!(takes(&listed()) && !takes(&passed()) && !takes(&empty));
    let other: Bin = "990990000039".parse().unwrap();
    assert_eq!(listed().standing(other, date(day)).state, AdmissionState::Unknown);
}

#[test]
fn what_was_found_passes_by_its_data_or_is_no_answer() {
    for check in Check::ALL {
        assert_eq!(check.passes(passing(check)), Some(true), "{check}");
        assert_eq!(check.passes(failing(check)), Some(false), "{check}");
        assert_eq!(check.as_str().to_lowercase().replace('_', "-").parse::<Check>(), Ok(check));
    }
    assert_eq!(Check::Tax.passes(Found::Yes), None);
    assert_eq!(Check::Tax.passes(Found::DebtTiyn(Tiyn(-1))), None);
    assert_eq!(Check::Capacity.passes(Found::Yes), None);
    assert_eq!(Check::Fire.passes(Found::DebtTiyn(Tiyn(0))), None);
    assert!("no-such-check".parse::<Check>().is_err());
}

/// A register that knows some answers, and may be out of order.
struct Known(BTreeMap<(Bin, Check), Vec<Answer>>, bool);

impl Register for Known {
    type Error = &'static str;

    fn name(&self) -> &'static str {
        "invented"
    }

    fn answers(&mut self, bin: Bin, check: Check) -> Result<Vec<Answer>, &'static str> {
        if self.1 {
            Err("out of order")
        } else {
            Ok(self.0.get(&(bin, check)).cloned().unwrap_or_default())
        }
    }
}

#[test]
fn register_is_asked_each_check_once_and_its_failure_takes_nothing() {
    let answer = |document: &str| Answer {
        found: Found::Yes,
        day: date("2026-08-10"),
        valid_to: None,
        document: document.to_owned(),
        sha256: None,
        source: "invented".to_owned(),
        address: None,
    };
    let other: Bin = "990990000039".parse().unwrap();
    let known = [
        ((bin(), Check::Fire), vec![answer("1"), answer("2")]),
        ((other, Check::Sanitary), vec![answer("3")]),
    ];
    let mut register = Known(known.into_iter().collect(), false);
    let all = ask(&mut register, [other, bin()]).unwrap();
    let found: Vec<_> = all.iter().map(|(of, check, it)| (*of, *check, &*it.document)).collect();
    assert_eq!(
        found,
        [(other, Check::Sanitary, "3"), (bin(), Check::Fire, "1"), (bin(), Check::Fire, "2")]
    );
    register.1 = true;
    assert_eq!(ask(&mut register, [bin()]), Err("out of order"));
}

/// The district with a section; Aliya has a BIN that can be one.
fn district(admission: Option<Admission>) -> Snapshot {
    let mut snapshot = snapshot();
    snapshot.providers[0].bin = BIN.to_owned();
    snapshot.admission = admission;
    snapshot.verify().unwrap()
}

fn amended(known: &Snapshot, change: impl FnOnce(&mut Snapshot)) -> Result<(), AmendmentRefusal> {
    let mut next = known.clone();
    next.version += 1;
    change(&mut next);
    let next = next.verify().unwrap();
    let history = Snapshots::begin(LoggedSnapshot { index: 0, snapshot: known.clone() });
    Amendment::of(&history, &next, &[], date("2026-11-01")).map(|_| ())
}

/// A voucher of a fifth child, from a day on.
fn fifth(snapshot: &mut Snapshot, from: &str, at: usize) {
    let mut more = snapshot.contracts[at].clone();
    (more.voucher, more.child, more.number) = (voucher(5), child(5), "2026-0005".to_owned());
    more.from = date(from);
    snapshot.contracts.push(more);
}

#[test]
fn new_contracts_are_made_with_whoever_is_listed_on_their_first_day() {
    let refused = |known: &Snapshot, from: &str, at: usize| match amended(known, |next| {
        fifth(next, from, at);
    }) {
        Ok(()) => None,
        Err(AmendmentRefusal::NotListed { voucher: of, why, .. }) => {
            assert_eq!(of, voucher(5));
            Some(why)
        }
        Err(other) => panic!("{other}"),
    };
    let none = district(None);
    assert_eq!(refused(&none, "2026-10-01", 1), None, "no section: nothing is asked for");
    let bare = district(Some(passed()));
    assert_eq!(refused(&bare, "2026-08-31", 1), None, "it binds from 1 September on");
    let unlisted = refused(&bare, "2026-10-01", 1).unwrap();
    assert_eq!(unlisted, "all checks passed, and nobody listed it");
    let full = district(Some(listed()));
    assert_eq!(refused(&full, "2026-10-01", 1), None);
    assert_eq!(refused(&full, "2026-10-01", 3).unwrap(), "nothing of it was checked", "Barys");
    let mut ends = listed();
    ends.checks[6].valid_to = Some(date("2026-10-15"));
    let ends = district(Some(ends));
    assert_eq!(refused(&ends, "2026-10-15", 1), None);
    assert_eq!(refused(&ends, "2026-10-16", 1).unwrap(), "listed, and FIRE ran out");
}

#[test]
fn old_contracts_stay_and_a_move_to_an_unlisted_provider_is_a_new_contract() {
    let known = district(Some(listed()));
    assert!(amended(&known, |next| next.contracts[3].number = "other".to_owned()).is_ok());
    let begins = district(None);
    assert!(amended(&begins, |next| next.admission = Some(passed())).is_ok());
    let moved = amended(&known, |next| {
        let mut places = next.contracts[1].places().into_owned();
        places[0].to = date("2026-10-15");
        places.push(ledger::Segment {
            group: JUDO,
            provider: BARYS,
            from: date("2026-10-16"),
            to: date("2026-12-31"),
        });
        next.contracts[1].segments = places;
    });
    assert!(
        matches!(&moved, Err(AmendmentRefusal::NotListed { provider: BARYS, on, .. }) if *on == date("2026-10-16")),
        "{moved:?}"
    );
}

#[test]
fn only_who_passes_all_checks_is_listed() {
    let known = district(Some(passed()));
    let list = |day: &str| {
        let listing = listing("1", true, day);
        amended(&known, |next| next.admission.as_mut().unwrap().listings.push(listing))
    };
    assert!(list("2026-08-10").is_ok());
    let early = list("2026-08-09").unwrap_err();
    let said = early.to_string();
    assert!(said.contains(BIN) && said.contains("SIGNATURE is missing"), "{said}");
    let mut failed = passed();
    failed.checks.push(record(20, Check::Tax, Found::DebtTiyn(Tiyn(100)), "2026-08-11"));
    let known = district(Some(failed));
    let add = |listed: bool| {
        let listing = listing("1", listed, "2026-08-12");
        amended(&known, |next| next.admission.as_mut().unwrap().listings.push(listing))
    };
    assert!(add(true).unwrap_err().to_string().contains("TAX failed"));
    assert!(add(false).is_ok(), "a withdrawal needs nothing");
}

#[test]
fn records_are_added_and_never_edited_or_removed() {
    let known = district(Some(Admission {
        waivers: vec![Waiver {
            check: Check::Medical,
            from: date("2026-08-01"),
            document: "order 1".to_owned(),
        }],
        ..listed()
    }));
    let edited = |change: &dyn Fn(&mut Admission)| match amended(&known, |next| {
        change(next.admission.as_mut().unwrap());
    }) {
        Err(AmendmentRefusal::AdmissionEdited { what }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(edited(&|one| one.binds_from = date("2027-01-01")), "the day from which it binds");
    assert_eq!(edited(&|one| one.imports[0].by.push('!')), "import 1");
    assert_eq!(edited(&|one| one.checks[3].found = Found::DebtTiyn(Tiyn(5))), "check 1/3");
    assert_eq!(edited(&|one| drop(one.checks.pop())), "check 1/12");
    assert_eq!(edited(&|one| one.checks.swap(1, 2)), "check 1/1");
    assert_eq!(edited(&|one| one.listings[0].day = date("2026-08-13")), "listing 1");
    assert_eq!(edited(&|one| one.waivers.clear()), "the waiver of MEDICAL");
    let gone = amended(&known, |next| next.admission = None);
    assert!(matches!(gone, Err(AmendmentRefusal::AdmissionEdited { .. })), "{gone:?}");
    assert!(
        amended(&known, |next| {
            let admission = next.admission.as_mut().unwrap();
            admission.checks.push(record(13, Check::Fire, Found::Yes, "2026-09-01"));
        })
        .is_ok()
    );
    let mut next = known.clone();
    next.version = 2;
    next.admission.as_mut().unwrap().checks.pop();
    let mut history = Snapshots::begin(LoggedSnapshot { index: 0, snapshot: known });
    let refused = history.push(LoggedSnapshot { index: 1, snapshot: next }).unwrap_err();
    assert_eq!(refused, SnapshotOrderError::Edited { version: 2 });
}

#[test]
fn section_that_cannot_be_is_refused() {
    let impossible: [&dyn Fn(&mut Admission); 10] = [
        &|one| one.imports[0].by.clear(),
        &|one| one.imports[0].sha256 = Some("AB".repeat(32)),
        &|one| one.checks[0].id = "2/1".to_owned(),
        &|one| one.checks[0].id = "1".to_owned(),
        &|one| one.checks[0].found = Found::Places(1),
        &|one| one.checks[0].valid_to = Some(date("2026-08-09")),
        &|one| one.checks[0].document = " ".to_owned(),
        &|one| one.checks[0].sha256 = Some("ab".to_owned()),
        &|one| one.checks[1].address = None,
        &|one| one.listings[0].by.clear(),
    ];
    for change in impossible {
        let mut admission = listed();
        change(&mut admission);
        let mut snapshot = snapshot();
        snapshot.admission = Some(admission);
        let refused = snapshot.verify().unwrap_err();
        assert!(matches!(refused, SnapshotError::Impossible { .. }), "{refused}");
    }
    let mut twice = listed();
    twice.checks.push(record(3, Check::Fire, Found::Yes, "2026-09-01"));
    let mut snapshot = snapshot();
    snapshot.admission = Some(twice);
    assert!(matches!(snapshot.verify(), Err(SnapshotError::Duplicate { .. })));
}

#[test]
fn snapshot_without_a_section_keeps_its_bytes_and_one_with_it_comes_back() {
    assert!(
        !snapshot().to_canonical_json().contains("admission"),
        "older snapshots keep their hash"
    );
    let with = district(Some(listed()));
    let again = Snapshot::parse(&with.to_canonical_json()).unwrap();
    assert_eq!((again.hash(), &again), (with.hash(), &with));
}

#[test]
fn report_has_providers_first_and_then_whoever_is_only_in_the_funnel() {
    let other: Bin = "990990000039".parse().unwrap();
    let mut admission = listed();
    admission
        .checks
        .push(CheckRecord { bin: other, ..record(20, Check::Fire, Found::No, "2026-08-20") });
    let report = admission_report(&district(Some(admission)), date("2026-09-10"));
    let json = serde_json::to_value(&report).unwrap();
    let rows: Vec<_> = json["organisations"].as_array().unwrap().iter().collect();
    let states: Vec<_> =
        rows.iter().map(|row| (row["bin"].as_str().unwrap(), row["state"].as_str())).collect();
    let barys = "990990000034";
    assert_eq!(states, [(BIN, Some("LISTED")), (barys, None), ("990990000039", Some("CHECKING"))]);
    assert_eq!(rows[0]["takes_contracts"], true);
    assert_eq!((&rows[1]["takes_contracts"], &rows[1]["name"]), (&false.into(), &"Barys".into()));
    assert_eq!((&rows[2]["because"], &rows[2]["check"]), (&"MISSING".into(), &"SIGNATURE".into()));
    let none = admission_report(&district(None), date("2026-09-10"));
    assert!(none.organisations.iter().all(|one| one.takes_contracts && one.admission.is_none()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn order_of_records_of_different_days_says_nothing(
        days in prop::collection::vec((0usize..13, 1u32..28, any::<bool>(), 0u32..20), 0..30),
        seed in any::<u64>(),
        on in 1u32..28,
    ) {
        let mut seen = std::collections::BTreeSet::new();
        let records = days.iter().enumerate().filter_map(|(number, (check, day, good, valid))| {
            let check = Check::ALL[*check];
            seen.insert((check, *day)).then(|| {
                let found = if *good { passing(check) } else { failing(check) };
                let made = record(number, check, found, &format!("2026-09-{day:02}"));
                let valid_to = made.day.checked_add_days(chrono::Days::new(u64::from(*valid)));
                CheckRecord { valid_to: valid_to.filter(|_| *valid > 0), ..made }
            })
        });
        let mut admission = Admission { checks: records.collect(), ..listed() };
        let day = format!("2026-09-{on:02}");
        let before = admission.standing(bin(), date(&day));
        let mut state = seed | 1;
        for at in (1..admission.checks.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            admission.checks.swap(at, (state >> 33) as usize % (at + 1));
        }
        let after = admission.standing(bin(), date(&day));
        prop_assert_eq!(&before, &after);
        let fine = before.checks.iter().all(|one| one.state.is_fine());
        prop_assert_eq!(before.state.takes_contracts(), fine, "listed: the checks decide");
    }
}
