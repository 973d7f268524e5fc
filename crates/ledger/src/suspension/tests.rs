use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn step(
    standing: &ProviderStanding,
    step: &StandingStep,
    on: &str,
) -> Result<ProviderStanding, StandingRefusal> {
    standing.apply(step, day(on), SuspensionParams::default(), &Calendar::default())
}

fn open(ground: Ground) -> StandingStep {
    StandingStep::Open { ground, evidence: "doc".into(), payer_lag: false, despite_lag: false }
}

fn cure(ground: Ground) -> StandingStep {
    StandingStep::Cure { ground, document: "paid".into() }
}

#[test]
fn deadline_is_clamped_to_the_months_end() {
    let deadline = |text| cure_deadline(day(text), SuspensionParams::default());
    assert_eq!(deadline("2026-10-31"), day("2027-02-28"));
    assert_eq!(deadline("2026-11-09"), day("2027-03-09"));
    assert_eq!(deadline("2027-10-31"), day("2028-02-29"));
}

#[test]
fn payments_resume_when_the_last_ground_is_cured() {
    let active = ProviderStanding::default();
    assert!(active.takes_bookings() && !active.holds_payments());
    let taxed = step(&active, &open(Ground::TaxDebt), "2026-10-31").unwrap();
    assert!(taxed.holds_payments() && !taxed.takes_bookings());
    let both = step(&taxed, &open(Ground::AddressMismatch), "2026-11-09").unwrap();
    assert_eq!(
        step(&both, &open(Ground::TaxDebt), "2026-11-10"),
        Err(StandingRefusal::AlreadyOpen)
    );
    let one_left = step(&both, &cure(Ground::TaxDebt), "2026-11-20").unwrap();
    assert_eq!(one_left.state, ProviderState::Suspended);
    let clean = step(&one_left, &cure(Ground::AddressMismatch), "2026-11-21").unwrap();
    assert_eq!(clean.state, ProviderState::Active);
    assert_eq!(clean.grounds.len(), 2, "history stays");
    assert_eq!(step(&clean, &cure(Ground::TaxDebt), "2026-11-22"), Err(StandingRefusal::NotOpen));
    assert!(
        step(&clean, &open(Ground::TaxDebt), "2027-01-01").is_ok(),
        "a new debt is a new ground"
    );
}

#[test]
fn notices_come_on_four_days_and_then_a_proposal() {
    let taxed = step(&ProviderStanding::default(), &open(Ground::TaxDebt), "2026-11-09").unwrap();
    let due = |text| taxed.due(day(text), SuspensionParams::default());
    let ground = Ground::TaxDebt;
    for (on, days_left) in
        [("2027-01-08", 60), ("2027-02-07", 30), ("2027-03-02", 7), ("2027-03-08", 1)]
    {
        assert_eq!(due(on), [Due::Notice { ground, days_left }], "{on}");
    }
    assert_eq!(due("2027-01-09"), []);
    assert_eq!(due("2027-03-09"), [Due::ProposeTermination { ground }]);
    assert_eq!(due("2027-04-01"), [Due::ProposeTermination { ground }]);
    let cured = step(&taxed, &cure(ground), "2027-03-01").unwrap();
    assert_eq!(cured.due(day("2027-03-09"), SuspensionParams::default()), []);
}

#[test]
fn person_ends_a_contract_after_the_time_to_object() {
    let active = ProviderStanding::default();
    assert_eq!(
        step(&active, &StandingStep::Confirm, "2026-11-09"),
        Err(StandingRefusal::NotProposed)
    );
    let proposed =
        step(&active, &StandingStep::Propose(TerminationCause::NoService), "2026-11-09").unwrap();
    assert!(!proposed.holds_payments(), "a proposal alone holds nothing");
    assert!(!proposed.takes_bookings());
    let until = day("2026-11-16");
    let early = step(&proposed, &StandingStep::Confirm, "2026-11-16");
    assert_eq!(early, Err(StandingRefusal::ObjectionOpen { until }));
    let over = step(&proposed, &StandingStep::Confirm, "2026-11-17").unwrap();
    let from = day("2026-11-17");
    assert_eq!(over.state, ProviderState::Terminated { cause: TerminationCause::NoService, from });
    for after in [open(Ground::TaxDebt), StandingStep::Withdraw, StandingStep::Confirm] {
        assert_eq!(step(&over, &after, "2026-12-01"), Err(StandingRefusal::Terminated));
    }
    let back = step(&proposed, &StandingStep::Withdraw, "2026-11-10").unwrap();
    assert_eq!(back, active);
}

#[test]
fn withdrawn_proposal_returns_to_what_it_was() {
    let taxed = step(&ProviderStanding::default(), &open(Ground::TaxDebt), "2026-10-01").unwrap();
    let cause = TerminationCause::NotCured;
    let proposed = step(&taxed, &StandingStep::Propose(cause), "2027-02-01").unwrap();
    assert!(proposed.holds_payments());
    assert_eq!(
        step(&proposed, &StandingStep::Propose(cause), "2027-02-02"),
        Err(StandingRefusal::AlreadyProposed)
    );
    let back = step(&proposed, &StandingStep::Withdraw, "2027-02-03").unwrap();
    assert_eq!(back.state, ProviderState::Suspended);
    let cured = step(&proposed, &cure(Ground::TaxDebt), "2027-02-03").unwrap();
    assert!(!cured.holds_payments(), "the ground is cured, the proposal stands");
    let back = step(&cured, &StandingStep::Withdraw, "2027-02-04").unwrap();
    assert_eq!(back.state, ProviderState::Active);
}

#[test]
fn debt_that_the_payer_caused_suspends_only_by_decision() {
    let lag = |despite_lag| StandingStep::Open {
        ground: Ground::TaxDebt,
        evidence: "notice".into(),
        payer_lag: true,
        despite_lag,
    };
    let active = ProviderStanding::default();
    let noted = step(&active, &lag(false), "2026-11-01").unwrap();
    assert_eq!((noted.state, noted.grounds.len()), (ProviderState::Active, 1));
    assert!(step(&active, &lag(true), "2026-11-01").unwrap().holds_payments());

    let mut address = lag(false);
    if let StandingStep::Open { ground, .. } = &mut address {
        *ground = Ground::AddressMismatch;
    }
    assert!(step(&active, &address, "2026-11-01").unwrap().holds_payments(), "no debt, no lag");

    let september: Month = "2026-09".parse().unwrap();
    let owed = [(september, Tiyn(500))];
    let is_lag = |debt, on| is_payer_lag(Tiyn(debt), &owed, day(on), SuspensionParams::default());
    assert!(is_lag(499, "2026-10-29") && !is_lag(499, "2026-10-28"), "the 18th and ten days");
    assert!(!is_lag(500, "2026-10-29"), "no more than the debt");
}
