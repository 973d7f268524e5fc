//! The country's rules hold while a district has none of its own.

use ledger::{Params, Snapshot};

use crate::fixture::*;

fn rules(from: &str, version: &str) -> Params {
    Params::defaults(date(from), version)
}

/// A district whose own rules begin in October, in a country whose rules begin in January.
fn district() -> Snapshot {
    let mut snapshot = snapshot();
    snapshot.params = vec![rules("2026-10-01", "own")];
    snapshot.country = vec![rules("2026-01-01", "country"), rules("2026-11-01", "country-2")];
    snapshot.verify().unwrap()
}

#[test]
fn country_s_rules_hold_until_the_district_has_its_own() {
    let snapshot = district();
    let on = |day| snapshot.rules_on(date(day)).map(|rules| rules.rule_version.clone());
    assert_eq!(on("2025-12-31"), None);
    assert_eq!(on("2026-09-30").as_deref(), Some("country"));
    assert_eq!(on("2026-10-01").as_deref(), Some("own"));
    assert_eq!(on("2026-12-01").as_deref(), Some("own"), "the narrower counts, however old it is");
    assert_eq!(snapshot.rules(september()).unwrap().rule_version, "country");
    let dated: Vec<_> = snapshot.dated_rules().iter().map(|one| one.rule_version.clone()).collect();
    assert_eq!(dated, ["country", "own"], "what comes after the own ones holds nowhere");
}

#[test]
fn tranche_names_the_country_s_rules() {
    let mut log = Log::new();
    let under_own = log.tranche();
    log.snapshot.country = vec![rules("2026-01-01", "country")];
    assert_eq!(log.tranche().totals, under_own.totals);
    log.snapshot.params[0].effective_from = date("2026-10-01");
    assert_eq!(log.tranche().rule_version, "country");
}

#[test]
fn a_district_without_them_is_written_as_it_always_was() {
    assert!(!snapshot().to_canonical_json().contains("country"));
    let text = district().to_canonical_json();
    assert_eq!(Snapshot::parse(&text).unwrap().to_canonical_json(), text);
}
