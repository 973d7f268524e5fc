//! What the head writes, and vouchers that wait, over HTTP.

use super::*;

#[tokio::test]
async fn a_volume_is_written_once_after_a_question_and_with_its_account() {
    let office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let before = office.town.count("leaf");
    let volume = [
        ("what", "set"),
        ("id", "2026"),
        ("from", "2026-09"),
        ("to", "2026-12"),
        ("norm", "20000"),
        ("volume", "4800000,50"),
        ("document", "decision 12"),
    ];
    let asked = head.post(&office, "/console/budget/sure", &volume).await;
    assert!(asked.body.contains("data-testid=\"amend-sure\""), "{}", asked.body);
    assert!(asked.body.contains("2026"), "{}", asked.body);
    assert_eq!(office.town.count("leaf"), before, "a question writes nothing");
    let other_language = "href=\"/console/budget?lang=ru\"";
    assert!(asked.body.contains(other_language), "an answer has no address of its own");
    let sure: Vec<_> = volume.iter().copied().chain([("version", "2")]).collect();
    let written = head.post(&office, "/console/budget/write", &sure).await;
    assert!(written.body.contains("data-testid=\"amend-written\""), "{}", written.body);
    assert_eq!(office.town.count("leaf"), before + 1);
    let year = office.town.server().budget_report(2026).await.expect("a report");
    assert_eq!(year.budgets[0].volume_tiyn.0, 480_000_050);
    assert_eq!(year.budgets[0].set_on.1, "decision 12");
    // Sent again, by hand or by a browser, it is refused; so is what cannot be.
    let again = head.post(&office, "/console/budget/write", &sure).await;
    assert!(again.body.contains("amend-refused"), "{}", again.body);
    let twice: Vec<_> = volume.iter().copied().chain([("version", "3")]).collect();
    for wrong in [
        &twice[..],
        &[
            ("what", "correct"),
            ("id", "2027"),
            ("by", "5"),
            ("reason", "r"),
            ("document", "d"),
            ("version", "3"),
        ],
        &[
            ("what", "correct"),
            ("id", "2026"),
            ("by", "much"),
            ("reason", "r"),
            ("document", "d"),
            ("version", "3"),
        ],
        &[("what", "nothing"), ("version", "3")],
    ] {
        let answer = head.post(&office, "/console/budget/write", wrong).await;
        assert!(answer.body.contains("amend-refused"), "{wrong:?}: {}", answer.body);
    }
    assert_eq!(office.town.count("leaf"), before + 1);
    let correct = [
        ("what", "correct"),
        ("id", "2026"),
        ("by", "-1200"),
        ("reason", "ten children fewer"),
        ("document", "decision 15"),
        ("version", "3"),
    ];
    let written = head.post(&office, "/console/budget/write", &correct).await;
    assert!(written.body.contains("data-testid=\"amend-written\""), "{}", written.body);
    let year = office.town.server().budget_report(2026).await.expect("a report");
    assert_eq!(year.budgets[0].limit_tiyn.0, 480_000_050 - 120_000);
    // The same again, from a page that saw the district before: nothing is corrected twice.
    let again = head.post(&office, "/console/budget/write", &correct).await;
    assert!(again.body.contains("amend-refused"), "{}", again.body);
    let same = office.town.server().budget_report(2026).await.expect("a report");
    assert_eq!(same.budgets[0].limit_tiyn, year.budgets[0].limit_tiyn);
    let page = head.get(&office, "/console/budget?year=2026").await;
    assert!(page.body.contains("ten children fewer"), "{}", page.body);
    let by = "account = x'01010101010101010101010101010101'";
    for what in ["volume_set", "volume_corrected"] {
        assert_eq!(office.town.count(&format!("console_act WHERE what = '{what}' AND {by}")), 1);
    }
}

#[tokio::test]
async fn rules_are_put_in_force_from_a_day_on_after_a_trial() {
    let office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let tried = [("month", "2026-10"), ("name", "excused_cap_percent"), ("value", "10")];
    let page = head.post(&office, "/console/parameters/tried?lang=en", &tried).await;
    assert!(
        page.body.contains("name=\"begins\" type=\"date\" value=\"2026-10-01\""),
        "{}",
        page.body
    );
    let rules = [
        ("what", "rules"),
        ("name", "excused_cap_percent"),
        ("value", "10"),
        ("begins", "2026-10-01"),
        ("rules", "2026.2"),
        ("document", "decision 18"),
    ];
    let before = office.town.count("leaf");
    let asked = head.post(&office, "/console/parameters/sure", &rules).await;
    assert!(asked.body.contains("data-testid=\"amend-sure\""), "{}", asked.body);
    assert!(asked.body.contains("excused_cap_percent"), "{}", asked.body);
    assert_eq!(office.town.count("leaf"), before, "a question writes nothing");
    let sure: Vec<_> = rules.iter().copied().chain([("version", "2")]).collect();
    let written = head.post(&office, "/console/parameters/write", &sure).await;
    assert!(written.body.contains("data-testid=\"amend-written\""), "{}", written.body);
    assert_eq!(office.town.count("leaf"), before + 1);
    let (_, snapshot) = office.town.server().snapshot_in_force().await.expect("a district");
    let of = |month: &str| snapshot.rules(month.parse().expect("a month")).expect("rules");
    let (september, october) = (of("2026-09"), of("2026-10"));
    assert_eq!((&*october.rule_version, october.excused_cap_percent), ("2026.2", 10));
    assert_ne!(september.rule_version, october.rule_version);
    let same = ledger::Params {
        effective_from: september.effective_from,
        rule_version: september.rule_version.clone(),
        excused_cap_percent: september.excused_cap_percent,
        ..october.clone()
    };
    assert_eq!(same, *september, "nothing else changes");
    // Another parameter from the same day on joins the first one.
    let more = [
        ("what", "rules"),
        ("name", "payout_policy"),
        ("value", "ENROLMENT"),
        ("begins", "2026-10-01"),
        ("rules", "2026.3"),
        ("document", "decision 19"),
        ("version", "3"),
    ];
    let written = head.post(&office, "/console/parameters/write", &more).await;
    assert!(written.body.contains("data-testid=\"amend-written\""), "{}", written.body);
    let (_, snapshot) = office.town.server().snapshot_in_force().await.expect("a district");
    let october = snapshot.rules("2026-10".parse().expect("a month")).expect("rules");
    assert_eq!((&*october.rule_version, october.excused_cap_percent), ("2026.3", 10));
    assert_eq!(october.payout_policy, ledger::PayoutPolicy::Enrolment);
    for wrong in [("name", "no_such"), ("value", "ten"), ("value", "400"), ("begins", "1990-01-01")]
    {
        let fields = rules.iter().copied().filter(|(name, _)| *name != wrong.0);
        let fields: Vec<_> = fields.chain([wrong, ("version", "4")]).collect();
        let answer = head.post(&office, "/console/parameters/write", &fields).await;
        assert!(answer.body.contains("amend-refused"), "{wrong:?}: {}", answer.body);
    }
    assert_eq!(office.town.count("leaf"), before + 2);
    let page = head.get(&office, "/console/parameters?lang=en").await.body;
    assert!(page.contains("2026.3 (2026-10-01)"), "{page}");
    let by = "account = x'01010101010101010101010101010101'";
    assert_eq!(office.town.count(&format!("console_act WHERE what = 'rules_set' AND {by}")), 2);
    // The Treasury tries, and is offered no more.
    let mut treasury = office.signed_in(2, Duty::Treasury).await;
    let page = treasury.post(&office, "/console/parameters/tried", &tried).await.body;
    assert!(page.contains("data-testid=\"compared\"") && !page.contains("rules-set"), "{page}");
}

#[tokio::test]
async fn a_day_of_the_calendar_is_changed_and_changed_back() {
    let office = Office::open().await;
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let before = office.town.count("leaf");
    let day = |kind: &'static str, version: &'static str| {
        [
            ("what", "day"),
            ("date", "2026-10-19"),
            ("kind", kind),
            ("document", "order of the government 5"),
            ("version", version),
        ]
    };
    let lessons = |snapshot: &ledger::Snapshot| {
        let all = snapshot.lessons("2026-10".parse().expect("a month"));
        all.iter().filter(|lesson| lesson.day.to_string() == "2026-10-19").count()
    };
    let (_, snapshot) = office.town.server().snapshot_in_force().await.expect("a district");
    let (planned, version) = (lessons(&snapshot), snapshot.calendar.version);
    assert!(planned > 0, "a Monday has lessons");
    let asked = head.post(&office, "/console/calendar/sure", &day("official_off", "0")).await;
    assert!(asked.body.contains("data-testid=\"amend-sure\""), "{}", asked.body);
    assert_eq!(office.town.count("leaf"), before, "a question writes nothing");
    let off = head.post(&office, "/console/calendar/write", &day("official_off", "2")).await;
    assert!(off.body.contains("data-testid=\"amend-written\""), "{}", off.body);
    let (_, snapshot) = office.town.server().snapshot_in_force().await.expect("a district");
    assert_eq!((lessons(&snapshot), snapshot.calendar.version), (0, version + 1));
    let page = head.get(&office, "/console/calendar?lang=en").await.body;
    assert!(page.contains("data-day=\"2026-10-19\" data-kind=\"official_off\""), "{page}");
    let again = head.post(&office, "/console/calendar/write", &day("official_off", "3")).await;
    assert!(again.body.contains("2026-10-19 is that already"), "{}", again.body);
    let back = head.post(&office, "/console/calendar/write", &day("ordinary", "3")).await;
    assert!(back.body.contains("data-testid=\"amend-written\""), "{}", back.body);
    let (_, snapshot) = office.town.server().snapshot_in_force().await.expect("a district");
    assert_eq!((lessons(&snapshot), snapshot.calendar.version), (planned, version + 2));
    for wrong in [("date", "tomorrow"), ("kind", "festive"), ("document", "")] {
        let fields = day("working", "4").into_iter().filter(|(name, _)| *name != wrong.0);
        let fields: Vec<_> = fields.chain([wrong]).collect();
        let answer = head.post(&office, "/console/calendar/write", &fields).await;
        assert!(answer.body.contains("amend-refused"), "{wrong:?}: {}", answer.body);
    }
    assert_eq!(office.town.count("leaf"), before + 2);
}

#[tokio::test]
async fn vouchers_that_wait_are_listed_with_what_was_said_of_them() {
    let office = Office::open().await;
    let coordinator = office.town.coordinator().await;
    let of = (attendance::VoucherId([0x77; 8]), district::child(1));
    let mut head = office.signed_in(1, Duty::IssuerHead).await;
    let nothing = head.get(&office, "/console/vouchers?lang=en").await;
    assert!(nothing.body.contains("data-testid=\"nothing-waits\""), "{}", nothing.body);
    for (set, document) in
        [(device::VoucherSet::Register, "A&B 77"), (device::VoucherSet::Activate, "order 1")]
    {
        let device = coordinator.shell.device();
        let said = device.with(move |device| device.set_voucher(of, set, document)).await;
        said.expect("it is recorded");
    }
    coordinator.sync().await.receipted(2);
    let list = head.get(&office, "/console/vouchers?lang=en").await;
    assert!(list.body.contains("value=\"A&amp;B 77\""), "{}", list.body);
    assert!(list.body.contains("entered, not in force yet"), "{}", list.body);
    let one = head.get(&office, "/console/vouchers?number=A%26B+77").await;
    assert!(one.body.contains("put in force"), "{}", one.body);
    assert!(one.body.contains("the child has 1 in force"), "why it is not: {}", one.body);
    let seen = office.town.count("view_log WHERE account IS NOT NULL AND what = 'voucher'");
    assert!(seen >= 3, "{seen} looks are kept");
}

#[tokio::test]
async fn a_note_about_a_signal_stays_with_who_wrote_it() {
    let office = Office::open().await;
    let mut specialist = office.signed_in(2, Duty::IssuerSpecialist).await;
    let (page, write) = ("/console/signals/2026-09", "/console/signals/2026-09/note");
    let text = "asked%20the%20club:%20%3Cb%3Ea%20new%20hall%3C/b%3E%20since%20May";
    let asked = [("signal", "over_capacity"), ("note", text)];
    let kept = specialist.post(&office, write, &asked).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    assert_eq!(kept.headers["location"], "/console/signals/2026-09#over_capacity");
    let shown = specialist.get(&office, page).await.body;
    assert!(shown.contains("asked the club: &lt;b&gt;a new hall&lt;/b&gt; since May"), "{shown}");
    assert!(shown.contains("Person 2"), "{shown}");
    let other = specialist.get(&office, "/console/signals/2026-10").await.body;
    assert!(!other.contains("asked the club"), "{other}");
    let long = "a".repeat(501);
    for wrong in [
        [("signal", "no_such"), ("note", "x")],
        [("signal", "over_capacity"), ("note", "%20%20")],
        [("signal", "over_capacity"), ("note", &long)],
    ] {
        let refused = specialist.post(&office, write, &wrong).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong:?}: {}", refused.body);
    }
    assert_eq!(office.town.count("case_note"), 1);
    // Who may not read the month writes nothing about it.
    let mut club = office.signed_in(3, Duty::ProviderAdmin).await;
    assert_eq!(club.post(&office, write, &asked).await.status, StatusCode::FORBIDDEN);
    assert_eq!(office.town.count("case_note"), 1);
}

#[tokio::test]
async fn groups_show_how_many_of_their_places_are_taken() {
    let mut place = the_district();
    for group in place.snapshot.groups.iter_mut().filter(|group| group.id == district::CHESS) {
        group.capacity = Some(12);
    }
    let office = Office::of(Town::found_for(&place).await).await;
    let mut specialist = office.signed_in(2, Duty::IssuerSpecialist).await;
    let page = specialist.get(&office, "/console/groups?lang=en").await.body;
    assert!(page.contains("<th scope=\"col\">Places taken</th><th scope=\"col\">Capacity</th>"));
    assert!(page.contains("<td>3</td><td>3</td><td>12</td>"), "three contracts of chess: {page}");
    assert!(page.contains("<td>1</td><td>–</td><td>–</td>"), "judo has no capacity: {page}");
}
