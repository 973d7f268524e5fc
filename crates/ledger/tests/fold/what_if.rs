//! A month side by side under other rules.

use ledger::{LoggedSnapshot, NarrowerRules, Scope, Snapshots, Tiyn, WhatIfError, what_if};
use serde_json::{Map, Value, json};

use crate::fixture::*;

fn tried(log: &Log, changes: &Value) -> Result<ledger::WhatIf, WhatIfError> {
    tried_for(log, changes, None)
}

fn tried_for(
    log: &Log,
    changes: &Value,
    scope: Option<Scope>,
) -> Result<ledger::WhatIf, WhatIfError> {
    let Value::Object(changes) = changes.clone() else { panic!("{changes}") };
    let history = Snapshots::begin(LoggedSnapshot { index: 0, snapshot: log.snapshot.clone() });
    what_if(&history, &log.events, september(), log.basis(), &changes, scope)
}

/// Child 1 came once and the family said so; child 2 came once and nobody answered.
fn log() -> Log {
    let mut log = Log::new();
    let lesson = log.lessons(CHESS)[7];
    log.scan(teacher(), 1, lesson);
    log.sign_month(1);
    log.scan(teacher(), 2, lesson);
    log
}

#[test]
fn shows_the_lines_that_differ_and_changes_nothing() {
    let log = log();
    let before = log.tranche();
    let compared = tried(&log, &json!({ "payout_policy": "ENROLMENT" })).unwrap();
    assert_eq!(log.tranche(), before);
    assert_eq!(compared.in_force.accrued_tiyn, before.totals.accrued);
    // Child 1: the whole cap of 8 of 13 lessons. Child 2: held as a whole while nobody answers.
    assert_eq!(compared.tried.accrued_tiyn, Tiyn(1_846_153));
    assert_eq!(compared.tried.held_tiyn, Tiyn(3_000_000));
    let vouchers: Vec<_> = compared.lines.iter().map(|line| line.voucher).collect();
    assert_eq!((vouchers, compared.unchanged), (vec![voucher(1), voucher(2)], 2));
    let [parameter] = &compared.parameters[..] else { panic!("{compared:?}") };
    assert_eq!(
        (&parameter.in_force, &parameter.tried),
        (&json!("VISIT_RATIO"), &json!("ENROLMENT"))
    );
    for sums in [compared.in_force, compared.tried] {
        let parts = [sums.accrued_tiyn, sums.held_tiyn, sums.released_tiyn];
        assert_eq!(Tiyn::checked_sum(parts.into_iter()), Some(sums.plan_tiyn));
    }
}

#[test]
fn without_a_change_nothing_differs() {
    let compared = tried(&log(), &Value::Object(Map::new())).unwrap();
    assert_eq!((compared.lines.len(), compared.unchanged), (0, 4));
    assert_eq!(compared.in_force, compared.tried);
}

#[test]
fn names_the_parameter_that_cannot_be_so() {
    let refused = |changes: Value| tried(&log(), &changes).unwrap_err().to_string();
    assert!(refused(json!({ "payout": 1 })).starts_with("payout is no parameter to try out"));
    assert!(refused(json!({ "rule_version": "x" })).starts_with("rule_version is no parameter"));
    assert!(refused(json!({ "min_confirmed": "two" })).starts_with("min_confirmed: "));
    let above = refused(json!({ "excused_cap_percent": 101 }));
    assert!(above.contains("params.excused_cap_percent") && above.contains("above 100"), "{above}");
}

#[test]
fn a_part_of_the_district_is_tried_alone() {
    let log = log();
    let provider = log.snapshot.group(CHESS).unwrap().provider;
    let changes = json!({ "payout_policy": "ENROLMENT" });
    let whole = tried(&log, &changes).unwrap();
    let own = tried_for(&log, &changes, Some(Scope::Provider(provider))).unwrap();
    assert_eq!(own.lines, whole.lines, "only this provider has visits");
    let group = tried_for(&log, &changes, Some(Scope::Programme(vec![CHESS]))).unwrap();
    assert_eq!(group.tried, own.tried);
    let other = log.snapshot.groups.iter().find(|group| group.provider != provider).unwrap();
    let other = Scope::Provider(other.provider);
    let elsewhere = tried_for(&log, &changes, Some(other)).unwrap();
    assert!(elsewhere.lines.iter().all(|line| line.provider != provider), "{elsewhere:?}");
}

#[test]
fn narrower_rules_are_replaced_too() {
    let mut log = log();
    let provider = log.snapshot.group(CHESS).unwrap().provider;
    let rules = log.snapshot.params[0].clone();
    let id = "narrower".to_owned();
    log.snapshot.narrower.push(NarrowerRules { id, scope: Scope::Provider(provider), rules });
    let compared = tried(&log, &json!({ "payout_policy": "ENROLMENT" })).unwrap();
    assert_eq!(compared.tried.accrued_tiyn, Tiyn(1_846_153));
}

#[test]
fn what_is_one_for_everybody_has_no_scope() {
    let log = log();
    let provider = log.snapshot.group(CHESS).unwrap().provider;
    let scope = || Some(Scope::Provider(provider));
    let refused = tried_for(&log, &json!({ "tacit_acceptance": true }), scope()).unwrap_err();
    assert!(refused.to_string().contains("for the whole district"), "{refused}");
    let nobody = Some(Scope::Programme(Vec::new()));
    let refused = tried_for(&log, &json!({ "min_confirmed": 2 }), nobody).unwrap_err();
    assert!(refused.to_string().contains("covers no group"), "{refused}");
}
