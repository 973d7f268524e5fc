//! The volume of the order: what is set and corrected, СК against it, and where its money is.

use attendance::{Decision, EventKind};
use ledger::report::{BudgetReport, BudgetYear, MoneyPlaces, budget_report};
use ledger::{
    Amendment, AmendmentRefusal, Budget, BudgetCorrection, LoggedSnapshot, Snapshot, SnapshotError,
    SnapshotOrderError, Snapshots, Tiyn,
};
use proptest::prelude::*;

use crate::fixture::*;
use crate::histories;
use crate::properties;
use crate::year::*;

/// What the example's formula comes to: 273 461.54 tenge.
const VOLUME: Tiyn = Tiyn(27_346_154);

fn budget(volume: Tiyn) -> Budget {
    Budget {
        id: "2026".to_owned(),
        groups: Vec::new(),
        from: month("2026-09"),
        to: month("2026-12"),
        norm_tiyn: Tiyn(12_000_000),
        volume_tiyn: volume,
        day: date("2026-08-20"),
        document: "decision 12".to_owned(),
        corrections: Vec::new(),
    }
}

fn correction(day: &str, amount: i64) -> BudgetCorrection {
    BudgetCorrection {
        day: date(day),
        reason: "more children than was forecast".to_owned(),
        document: "decision 15".to_owned(),
        amount_tiyn: Tiyn(amount),
    }
}

/// Example E8: child 2 stays, child 1 joins on 14 September, child 3 leaves in the middle of October.
fn e8() -> Log {
    let mut log = autumn();
    log.snapshot.contracts.retain(|contract| contract.group == CHESS);
    with_places(&mut log.snapshot, 3, &[(CHESS, "2026-09-01", "2026-10-15")]);
    log.snapshot.budget = vec![budget(VOLUME)];
    log.snapshot = log.snapshot.verify().unwrap();
    log
}

fn year(log: &Log, day: &str) -> BudgetYear {
    budget_report(&log.history(), &log.events, 2026, date(day)).unwrap()
}

fn report(log: &Log, day: &str) -> BudgetReport {
    let mut budgets = year(log, day).budgets;
    assert_eq!(budgets.len(), 1);
    budgets.remove(0)
}

/// Nothing is anywhere else, and the limit is what is committed and what is free.
fn conserves(report: &BudgetReport) -> Result<(), TestCaseError> {
    let MoneyPlaces { accrued_tiyn, held_tiyn, released_tiyn, open_tiyn, .. } = report.money;
    let places = accrued_tiyn.0 + held_tiyn.0 + released_tiyn.0 + open_tiyn.0;
    prop_assert_eq!(places + report.in_no_month_tiyn.0, report.contracted_tiyn.0);
    let back = released_tiyn.0 + report.closed_accounts_tiyn.0;
    prop_assert_eq!(report.committed_tiyn.0 + back, report.contracted_tiyn.0);
    prop_assert_eq!(report.committed_tiyn.0 + report.free_tiyn.0, report.limit_tiyn.0);
    prop_assert_eq!(report.over.is_some(), report.free_tiyn < Tiyn::ZERO);
    Ok(())
}

#[test]
fn e8_comes_out_to_the_tiyn() {
    let report = report(&e8(), "2026-09-10");
    assert_eq!(report.forecast_child_months.to_string(), "9.115385");
    assert_eq!(report.forecast.to_string(), "2.278846");
    assert_eq!(report.formula_tiyn.to_string(), "273461.54");
    assert_eq!(report.caps_tiyn.to_string(), "273461.53", "the sum of the caps is what counts");
    assert_eq!(serde_json::to_value(report.forecast).unwrap()["fraction"], "237/104");
    assert_eq!(report.taught, None, "nothing is closed");
    let months: Vec<_> = report.months.iter().map(|one| one.contingent.to_string()).collect();
    assert_eq!(months, ["2.615385", "2.500000", "2.000000", "2.000000"]);
    assert_eq!(report.planned.unwrap().to_string(), "2.278846");
    // Three vouchers of 120 000 tenge are more than the limit; the third does not fit.
    assert_eq!(report.contracted_tiyn, Tiyn(36_000_000));
    let over = report.over.unwrap();
    assert_eq!((over.excess_tiyn, over.vouchers), (Tiyn(36_000_000 - VOLUME.0), 1));
    assert_eq!(report.expected_back_tiyn, Tiyn(36_000_000 - 27_346_153));
}

#[test]
fn closed_months_tell_facts_and_what_no_enrolment_covers_comes_back() {
    let mut log = e8();
    log.attend(1, CHESS, ("2026-09-14", "2026-09-30"), 8);
    log.attend(2, CHESS, ("2026-09-01", "2026-09-30"), 13);
    log.attend(3, CHESS, ("2026-09-01", "2026-09-30"), 13);
    log.close();
    let after = report(&log, "2026-10-02");
    assert_eq!(after.taught_child_months.to_string(), "2.615385");
    assert_eq!(after.taught.unwrap().to_string(), "2.615385");
    assert_eq!(after.forecast_child_months.to_string(), "9.115385", "a fact replaces a forecast");
    let september = &after.months[0];
    assert_eq!(september.close_leaf, log.month_close());
    assert_eq!(september.caps_tiyn, Tiyn(7_846_153));
    let MoneyPlaces { accrued_tiyn, released_tiyn, open_tiyn, .. } = september.money;
    assert_eq!((accrued_tiyn, released_tiyn), (Tiyn(7_846_153), Tiyn(1_153_847)));
    assert_eq!((open_tiyn, after.months[1].money.open_tiyn), (Tiyn::ZERO, Tiyn(9_000_000)));
    assert_eq!(after.committed_tiyn, Tiyn(36_000_000 - 1_153_847), "W is back in the limit");
    assert_eq!(after.money.paid_tiyn, Tiyn::ZERO);
    log.notice(ALIYA, 7_846_153, "D-7");
    let paid = report(&log, "2026-10-20");
    assert_eq!(paid.money.paid_tiyn, Tiyn(7_846_153));
    assert_eq!(paid.committed_tiyn, after.committed_tiyn, "paying frees nothing");
}

#[test]
fn held_money_comes_back_once_whoever_gives_it_back() {
    let mut log = e8();
    let lesson = log.lessons(CHESS)[0];
    log.scan(teacher(), 2, lesson); // nobody confirms: held
    log.close();
    let held = report(&log, "2026-10-02");
    assert_eq!(held.money.held_tiyn, Tiyn(230_769));
    let mut returned = log.clone();
    returned.release(coordinator(), (2, september()), Decision::Return, None);
    let after = report(&returned, "2026-11-11");
    assert_eq!(after.money.held_tiyn, Tiyn::ZERO);
    assert_eq!(after.free_tiyn.0, held.free_tiyn.0 + 230_769);
    let mut paid = log.clone();
    paid.release(coordinator(), (2, september()), Decision::Pay, None);
    let after = report(&paid, "2026-11-11");
    assert_eq!((after.money.accrued_tiyn, after.free_tiyn), (Tiyn(230_769), held.free_tiyn));
    // When the year is over and December is closed, the accounts are closed: what was earned stays.
    for log in [&mut log, &mut returned, &mut paid] {
        for of in ["2026-10", "2026-11", "2026-12"] {
            log.close_of(month(of));
        }
    }
    let last_day = report(&log, "2026-12-31");
    assert_eq!((last_day.closed_accounts_tiyn, last_day.committed_tiyn), (Tiyn(0), Tiyn(230_769)));
    for (log, stays) in [(&log, 0), (&returned, 0), (&paid, 230_769)] {
        let over = report(log, "2027-01-01");
        assert_eq!(over.committed_tiyn, Tiyn(stays));
        conserves(&over).unwrap();
    }
    assert_eq!(report(&log, "2027-01-01").closed_accounts_tiyn, Tiyn(230_769));
}

#[test]
fn what_is_let_through_later_is_paid_with_the_month_in_whose_tranche_it_stands() {
    let mut log = e8();
    let lesson = log.lessons(CHESS)[0];
    log.scan(teacher(), 2, lesson); // nobody confirms: held
    log.close();
    log.release(coordinator(), (2, september()), Decision::Pay, None);
    log.close_of(month("2026-10"));
    let due = report(&log, "2026-11-11");
    assert_eq!((due.money.accrued_tiyn, due.money.paid_tiyn), (Tiyn(230_769), Tiyn::ZERO));
    let notice = attendance::Event {
        month: Some(month("2026-10").number()),
        provider: Some(ALIYA),
        amount_tiyn: Some(230_769),
        document: Some("D-8".to_owned()),
        ..blank(EventKind::PaymentNotice)
    };
    log.append(coordinator(), notice);
    let paid = report(&log, "2026-11-12");
    assert_eq!(paid.money.paid_tiyn, Tiyn(230_769));
    assert_eq!(paid.months[0].money.paid_tiyn, Tiyn(230_769), "it is September's part");
    assert_eq!(paid.months[1].money.paid_tiyn, Tiyn::ZERO);
}

#[test]
fn accounts_stay_open_until_the_last_month_is_closed() {
    let over = report(&e8(), "2027-01-05");
    assert_eq!((over.closed_accounts_tiyn, over.money.open_tiyn), (Tiyn(0), Tiyn(36_000_000)));
}

#[test]
fn end_of_a_provider_leaves_its_parts_to_the_vouchers_until_their_months_are_closed() {
    let mut log = e8();
    log.close();
    let before = report(&log, "2026-10-02");
    let first = {
        let event = attendance::Event {
            provider: Some(ALIYA),
            cause: Some(attendance::TerminationCause::NoService),
            document: Some("letter 12".to_owned()),
            ..blank(EventKind::ProviderTerminate)
        };
        log.say(coordinator(), "2026-10-05", event)
    };
    let confirm = attendance::Event {
        provider: Some(ALIYA),
        about: Some(first),
        ..blank(EventKind::ProviderTerminate)
    };
    log.say(second_coordinator(), "2026-10-20", confirm);
    let ended = report(&log, "2026-10-21");
    assert_eq!(ended.months[2].contingent.to_string(), "0.000000");
    assert_eq!(ended.committed_tiyn, before.committed_tiyn, "the children may go elsewhere");
    assert!(ended.expected_back_tiyn > before.expected_back_tiyn);
    log.close_of(month("2026-10"));
    log.close_of(month("2026-11"));
    let closed = report(&log, "2026-12-01");
    assert_eq!(closed.months[2].money.released_tiyn, Tiyn(9_000_000));
    conserves(&closed).unwrap();
}

#[test]
fn corrections_count_from_their_day_on_and_move_the_plan() {
    let mut log = e8();
    log.snapshot.budget[0].corrections =
        vec![correction("2026-10-10", 12_000_000), correction("2026-11-20", -3_000_000)];
    let limit = |day: &str| report(&log, day).limit_tiyn.0 - VOLUME.0;
    assert_eq!((limit("2026-10-09"), limit("2026-10-10")), (0, 12_000_000));
    assert_eq!(limit("2026-11-20"), 9_000_000);
    let report = report(&log, "2026-11-20");
    assert_eq!(report.over, None);
    let planned = |at: usize| report.months[at].planned.unwrap().to_string();
    let found = [planned(0), planned(1), planned(2)];
    assert_eq!(found, ["2.278846", "3.278846", "3.028846"]);
    conserves(&report).unwrap();
}

#[test]
fn programme_has_its_own_volume_and_what_no_record_is_for_is_told() {
    let mut log = Log::new();
    let sport =
        Budget { id: "2026 sport".to_owned(), groups: vec![JUDO], ..budget(Tiyn(12_000_000)) };
    log.snapshot.budget = vec![sport];
    let found = year(&log, "2026-09-10");
    assert_eq!((found.budgets[0].vouchers, found.budgets[0].over), (1, None));
    assert_eq!((found.unbudgeted.vouchers, found.unbudgeted.contracted_tiyn.0), (3, 36_000_000));
    log.snapshot.budget.push(budget(Tiyn(36_000_000)));
    let found = year(&log, "2026-09-10");
    let vouchers: Vec<_> =
        found.budgets.iter().map(|one| (one.id.as_str(), one.vouchers)).collect();
    assert_eq!(vouchers, [("2026", 3), ("2026 sport", 1)]);
    assert_eq!(found.unbudgeted.vouchers, 0);
    let other = budget_report(&log.history(), &log.events, 2027, date("2026-09-10")).unwrap();
    assert_eq!((other.budgets.len(), other.unbudgeted.vouchers), (0, 0));
}

#[test]
fn vouchers_beyond_the_limit_are_the_ones_that_came_last() {
    let mut log = e8();
    log.snapshot.budget[0].volume_tiyn = Tiyn(24_000_000);
    let mut later = log.snapshot.clone();
    later.version += 1;
    // The one that comes last has the lowest name and is worth as much as both others.
    later.contracts[0].total_tiyn = Tiyn(24_000_000);
    log.snapshot.contracts.retain(|contract| contract.voucher != voucher(1));
    let mut history = log.history();
    history.push(LoggedSnapshot { index: 9, snapshot: later }).unwrap();
    let found = budget_report(&history, &log.events, 2026, date("2026-09-10")).unwrap();
    let over = found.budgets[0].over.unwrap();
    assert_eq!((over.vouchers, over.excess_tiyn), (1, Tiyn(24_000_000)));
}

fn amended(change: impl FnOnce(&mut Snapshot)) -> Result<Amendment, AmendmentRefusal> {
    let mut known = e8().snapshot;
    known.budget[0].corrections = vec![correction("2026-10-10", 5), correction("2026-10-11", 7)];
    let mut next = known.clone();
    next.version += 1;
    change(&mut next);
    let history = Snapshots::begin(LoggedSnapshot { index: 0, snapshot: known });
    Amendment::of(&history, &next, &[], date("2026-11-01"))
}

/// What an amendment says it would edit.
fn edited(change: impl FnOnce(&mut Budget)) -> String {
    match amended(|next| change(&mut next.budget[0])) {
        Err(AmendmentRefusal::BudgetEdited { id, what }) => {
            assert_eq!(id, "2026");
            what
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn entries_are_added_and_never_edited_or_removed() {
    assert_eq!(edited(|one| one.volume_tiyn = Tiyn(1)), "the volume as it was set");
    assert_eq!(edited(|one| one.norm_tiyn = Tiyn(1)), "the volume as it was set");
    assert_eq!(edited(|one| one.to = month("2026-11")), "the volume as it was set");
    assert_eq!(edited(|one| one.document.push('1')), "the volume as it was set");
    assert_eq!(
        edited(|one| one.corrections[0].amount_tiyn = Tiyn(6)),
        "correction 1 of 2026-10-10"
    );
    assert_eq!(edited(|one| one.corrections[1].reason.push('!')), "correction 2 of 2026-10-11");
    assert_eq!(edited(|one| drop(one.corrections.pop())), "correction 2 of 2026-10-11");
    assert_eq!(edited(|one| one.corrections.swap(0, 1)), "correction 1 of 2026-10-10");
    let before = correction("2026-10-09", 1);
    assert_eq!(edited(|one| one.corrections.insert(0, before)), "correction 1 of 2026-10-10");
    assert_eq!(edited(|one| one.groups = vec![CHESS]), "groups");
    let gone = amended(|next| next.budget.clear()).unwrap_err();
    assert!(gone.to_string().starts_with("budget 2026: the record would change"), "{gone}");
    let more = amended(|next| {
        next.budget[0].corrections.push(correction("2026-10-12", -1));
        next.budget.push(Budget { id: "sport".to_owned(), groups: vec![JUDO], ..budget(Tiyn(1)) });
    });
    let said: Vec<String> = more.unwrap().changes.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("budget 2026: corrections "), "{said:?}");
    assert!(said[1].starts_with("budget sport is new: "), "{said:?}");
}

#[test]
fn log_whose_district_edits_a_volume_is_no_history() {
    let known = e8().snapshot;
    let mut next = known.clone();
    next.version = 2;
    next.budget[0].volume_tiyn = Tiyn(1);
    let mut history = Snapshots::begin(LoggedSnapshot { index: 0, snapshot: known });
    let refused = history.push(LoggedSnapshot { index: 1, snapshot: next.clone() }).unwrap_err();
    assert_eq!(refused, SnapshotOrderError::Edited { version: 2 });
    next.budget[0].volume_tiyn = VOLUME;
    next.budget[0].corrections.push(correction("2026-10-12", 1));
    history.push(LoggedSnapshot { index: 1, snapshot: next }).unwrap();
}

#[test]
fn record_that_cannot_be_is_refused() {
    let refused = |change: &dyn Fn(&mut Vec<Budget>)| {
        let mut snapshot = e8().snapshot;
        change(&mut snapshot.budget);
        snapshot.verify().unwrap_err()
    };
    let impossible: [&dyn Fn(&mut Budget); 10] = [
        &|one| one.to = month("2027-01"),
        &|one| one.to = month("2026-08"),
        &|one| one.norm_tiyn = Tiyn::ZERO,
        &|one| one.volume_tiyn = Tiyn(-1),
        &|one| one.document.clear(),
        &|one| one.corrections.push(correction("2026-08-19", 1)),
        &|one| one.corrections.push(correction("2026-08-21", 0)),
        &|one| one.corrections.push(correction("2026-08-21", -27_346_155)),
        &|one| one.corrections.push(correction("2026-08-21", i64::MAX)),
        &|one| {
            let unreasoned =
                BudgetCorrection { reason: String::new(), ..correction("2026-08-21", 1) };
            one.corrections.push(unreasoned);
        },
    ];
    for change in impossible {
        let refused = refused(&|all| change(&mut all[0]));
        assert!(matches!(refused, SnapshotError::Impossible { .. }), "{refused}");
    }
    let second = |id: &str, groups: &[attendance::GroupId]| Budget {
        id: id.to_owned(),
        groups: groups.to_vec(),
        ..budget(Tiyn(1))
    };
    let twice = |more: Vec<Budget>| refused(&|all| all.extend(more.clone()));
    assert!(matches!(twice(vec![second("2026", &[JUDO])]), SnapshotError::Duplicate { .. }));
    assert!(matches!(twice(vec![second("b", &[])]), SnapshotError::Duplicate { .. }));
    let judo = vec![second("b", &[JUDO]), second("c", &[JUDO])];
    assert!(matches!(twice(judo), SnapshotError::Duplicate { .. }));
    let unknown = vec![second("b", &[attendance::GroupId([9; 8])])];
    assert!(matches!(twice(unknown), SnapshotError::Dangling { .. }));
}

#[test]
fn snapshot_without_volumes_keeps_its_bytes_and_one_with_them_has_one_form() {
    let plain = autumn().snapshot.to_canonical_json();
    assert!(!plain.contains("budget"), "older snapshots keep their hash");
    let mut snapshot = e8().snapshot;
    let groups = vec![CHESS, JUDO];
    let mut other = snapshot.clone();
    snapshot.budget = vec![Budget { groups: groups.clone(), ..budget(Tiyn(1)) }];
    other.budget = vec![Budget { groups: groups.into_iter().rev().collect(), ..budget(Tiyn(1)) }];
    assert_eq!(snapshot.hash(), other.hash());
    assert_eq!(Snapshot::parse(&snapshot.to_canonical_json()).unwrap().hash(), snapshot.hash());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_tiyn_is_in_one_place_and_comes_back_once(
        steps in prop::collection::vec(histories::step(), 0..60),
        volume in 0i64..60_000_000,
        over in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let (mut log, closed) = histories::begun(&steps);
        log.snapshot.budget = vec![budget(Tiyn(volume))];
        let found = report(&log, if over { "2027-01-01" } else { "2026-12-31" });
        conserves(&found)?;
        prop_assert_eq!(found.months.iter().filter(|one| one.close_leaf.is_some()).count(), closed);
        // Of closed months the caps are the signed ones, though only what moves the plan was read.
        for settled in log.accounts().months {
            let month = found.months.iter().find(|one| one.month == settled.month).unwrap();
            let caps: i64 = settled.lines.iter().map(|line| line.cap.0).sum();
            let parts: i64 = settled.lines.iter().map(|line| line.plan.0).sum();
            prop_assert_eq!((month.caps_tiyn.0, month.parts_tiyn.0), (caps, parts));
        }
        // A voucher's month loses less than two tiyn for each place, and the formula rounds once.
        let apart = (found.formula_tiyn.0 - found.caps_tiyn.0).abs();
        prop_assert!(apart <= 64, "{apart} tiyn between forecast and caps");
        // In which order the events arrive says nothing.
        let mut state = seed | 1;
        for at in (1..log.events.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            log.events.swap(at, (state >> 33) as usize % (at + 1));
        }
        prop_assert_eq!(report(&log, if over { "2027-01-01" } else { "2026-12-31" }), found);
    }

    #[test]
    fn caps_are_the_signed_ones_whatever_became_of_lessons(
        steps in prop::collection::vec(properties::step(), 0..40),
        edition in any::<bool>(),
    ) {
        let mut log = properties::month_of(&steps, edition);
        log.snapshot.budget = vec![budget(VOLUME)];
        let open = report(&log, "2026-09-30").months[0].clone();
        log.close();
        let found = report(&log, "2026-10-01").months[0].clone();
        prop_assert_eq!((open.contingent, open.caps_tiyn), (found.contingent, found.caps_tiyn));
        let caps: i64 = log.tranche().lines.iter().map(|line| line.cap.0).sum();
        prop_assert_eq!(found.caps_tiyn.0, caps);
    }
}
