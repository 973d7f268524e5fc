//! The tranche: sums, leaves, reasons, canonical bytes.

use attendance::EventKind;
use ledger::{
    DayCode, FoldError, Tiyn, Tranche, TrancheBasis, TrancheError, TrancheRejection,
    compute_tranche, first_difference, summarise,
};

use crate::fixture::*;

/// Child 1 comes to all 8 lessons since 14 September and the family signs; child 2 came to 3, one
/// of them disputed; child 4 came to one and nobody has answered.
fn worked() -> Log {
    let mut log = Log::new();
    for lesson in log.lessons(CHESS).into_iter().filter(|l| l.day >= date("2026-09-14")) {
        log.scan(teacher(), 1, lesson);
    }
    log.sign_month(1);
    let lessons = log.lessons(CHESS);
    for (at, kind) in
        [EventKind::Confirm, EventKind::Confirm, EventKind::Dispute].iter().enumerate()
    {
        let visit = log.scan(teacher(), 2, lessons[at]);
        log.about(parent_of(2), *kind, visit);
    }
    let judo = log.lessons(JUDO)[0];
    log.scan(judo_teacher(), 4, judo);
    log.close();
    log
}

#[test]
fn computes_the_month_to_the_tiyn() {
    let log = worked();
    assert_eq!(log.sums(1), (3_000_000, 1_846_153, 0, 1_153_847), "example E1");
    // 13 planned: 2 paid, 1 disputed. ⌊P·2/13⌋ and ⌊P·3/13⌋ − ⌊P·2/13⌋.
    assert_eq!(log.sums(2), (3_000_000, 461_538, 230_769, 2_307_693));
    assert_eq!(log.sums(3), (3_000_000, 0, 0, 3_000_000));
    // 9 planned lessons on Tue and Thu.
    assert_eq!(log.sums(4), (3_000_000, 0, 333_333, 2_666_667));
    let totals = log.tranche().totals;
    assert_eq!((totals.plan, totals.accrued), (Tiyn(12_000_000), Tiyn(2_307_691)));
    assert_eq!((totals.held, totals.released), (Tiyn(564_102), Tiyn(9_128_207)));
}

#[test]
fn names_the_leaves_and_the_reasons() {
    let tranche = worked().tranche();
    let line = &tranche.lines[1];
    assert_eq!(line.leaves, [10, 11, 12, 13, 14, 15]);
    assert_eq!(line.unpaid.len(), 11);
    assert_eq!((line.unpaid[0].day, line.unpaid[0].code), (date("2026-09-07"), DayCode::Disputed));
    assert!(line.unpaid[1..].iter().all(|day| day.code == DayCode::Unexcused));
    assert_eq!(tranche.lines[0].leaves, (1..=9).collect::<Vec<_>>());
    assert_eq!(tranche.lines[0].unpaid.len(), 5);
}

#[test]
fn has_one_encoding_and_one_hash() {
    let log = worked();
    let tranche = log.tranche();
    let bytes = tranche.to_bytes();
    assert_eq!(Tranche::parse(&bytes).unwrap(), tranche);
    assert_eq!(log.tranche().to_bytes(), bytes);
    assert_eq!(tranche.hash(), seal::sha256(&bytes));
    assert_eq!(
        tranche.snapshot_hash.to_string(),
        "082f698c847c14505a0bc556cbe8b854653159c7a26498cc53ba514ace0711d9",
    );
    assert_eq!(
        tranche.hash().to_string(),
        "e730e856be9dfe60f4c5322ac8d77df94544a3f11e4307cf4dbbc6d2f3102503",
        "the encoding or a rule has changed: every tranche is orphaned"
    );
}

#[test]
fn refuses_bytes_that_were_tampered_with() {
    let tranche = worked().tranche();
    let bytes = tranche.to_bytes();
    for at in 0..bytes.len() {
        let mut broken = bytes.clone();
        broken[at] ^= 1;
        assert!(Tranche::parse(&broken).map_or(true, |parsed| parsed != tranche), "byte {at}");
        assert!(Tranche::parse(&bytes[..at]).is_err());
    }
    let mut unbalanced = tranche.clone();
    unbalanced.lines[0].accrued = Tiyn(1_846_154);
    let parsed = Tranche::parse(&unbalanced.to_bytes());
    assert!(matches!(parsed, Err(TrancheRejection::Amount(_))));
    let mut wrong_total = tranche.clone();
    wrong_total.totals.accrued = Tiyn(1);
    assert!(matches!(Tranche::parse(&wrong_total.to_bytes()), Err(TrancheRejection::Totals)));
    let mut twice = tranche.clone();
    twice.lines.insert(1, twice.lines[0].clone());
    assert!(matches!(Tranche::parse(&twice.to_bytes()), Err(TrancheRejection::Disorder(_))));
    let unknown = Tranche { version: 2, ..tranche };
    let parsed = Tranche::parse(&unknown.to_bytes());
    assert!(matches!(parsed, Err(TrancheRejection::UnknownVersion(2))));
}

#[test]
fn counts_only_the_prefix() {
    let log = worked();
    let basis = TrancheBasis { tree_size: 9, ..log.basis() };
    let tranche = compute_tranche(&log.snapshot, &log.events, september(), basis).unwrap();
    assert_eq!(tranche.totals.accrued, Tiyn::ZERO, "the signature is leaf 9");
    assert_eq!(tranche.totals.held, Tiyn(1_846_153));
    let basis = TrancheBasis { tree_size: 10, ..log.basis() };
    let tranche = compute_tranche(&log.snapshot, &log.events, september(), basis).unwrap();
    assert_eq!(tranche.totals.accrued, Tiyn(1_846_153));
}

#[test]
fn says_where_two_tranches_differ() {
    let log = worked();
    let tranche = log.tranche();
    assert_eq!(first_difference(&tranche, &tranche), None);
    let mut other = tranche.clone();
    other.lines[1].accrued = Tiyn(461_539);
    assert_eq!(
        first_difference(&tranche, &other).unwrap(),
        "voucher 0202020202020202, accrued: 4615.38 and 4615.39"
    );
    let shorter = Tranche { lines: tranche.lines[..3].to_vec(), ..tranche.clone() };
    assert_eq!(first_difference(&tranche, &shorter).unwrap(), "number of lines: 4 and 3");
    let mut other = tranche.clone();
    other.lines[0].unpaid.pop();
    assert!(first_difference(&tranche, &other).unwrap().contains("unpaid days"));
}

#[test]
fn summary_and_tranche_agree() {
    let log = worked();
    let summary = summarise(&log.snapshot, &log.events, september()).unwrap();
    let totals = log.tranche().totals;
    assert_eq!((summary.plan, summary.accrued), (totals.plan, totals.accrued));
    assert_eq!((summary.held, summary.released), (totals.held, totals.released));
    assert_eq!((summary.visits, summary.confirmed), (12, 10));
    assert_eq!((summary.awaiting, summary.disputed), (1, 1));
    assert_eq!(summary.rule_version, "2026.1");
    let names: Vec<_> = summary.providers.iter().map(|p| (p.name.as_str(), p.children)).collect();
    assert_eq!(names, [("Aliya", 3), ("Barys", 1)]);
    assert_eq!(summary.providers[0].accrued, totals.accrued);
    assert_eq!(summary.providers[1].held, Tiyn(333_333));
}

#[test]
fn shares_by_days_when_the_rules_say_so() {
    let mut log = worked();
    log.snapshot.params[0].basis = ledger::Basis::Calendar;
    assert_eq!(log.sums(1).1, 1_700_000, "17 of 30 days");
}

#[test]
fn refuses_a_month_without_rules() {
    let mut log = worked();
    log.snapshot.params[0].effective_from = date("2026-09-02");
    let refused = compute_tranche(&log.snapshot, &log.events, september(), log.basis());
    let month = september();
    assert_eq!(refused, Err(TrancheError::Fold(FoldError::NoRules { month })));
}
