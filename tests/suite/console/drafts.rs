//! What a specialist lays before the head: nothing of it is in force until the head writes it.

use super::*;

const RULES: [(&str, &str); 6] = [
    ("what", "rules"),
    ("name", "excused_cap_percent"),
    ("value", "10"),
    ("begins", "2026-10-01"),
    ("rules", "2026.2"),
    ("document", "draft decision 18"),
];

/// Finds the name of the first draft on a page.
fn draft_on(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"draft\" value=\"").expect("a draft");
    rest.chars().take_while(|c| *c != '"').collect()
}

#[tokio::test]
async fn a_specialist_lays_a_draft_and_the_head_puts_it_in_force() {
    let office = Office::open().await;
    let mut specialist = office.signed_in(1, Duty::IssuerSpecialist).await;
    let mut head = office.signed_in(2, Duty::IssuerHead).await;
    let before = office.town.count("leaf");
    let tried = [("month", "2026-10"), ("name", "excused_cap_percent"), ("value", "10")];
    let page = specialist.post(&office, "/console/parameters/tried?lang=en", &tried).await.body;
    assert!(page.contains("data-testid=\"rules-set\""), "{page}");

    // The specialist is shown what would change, and may only lay it before the head.
    let page = specialist.post(&office, "/console/parameters/sure", &RULES).await.body;
    assert!(page.contains("data-testid=\"draft-lay\"") && page.contains("10"), "{page}");
    assert!(!page.contains("amend-sure") && !page.contains("/console/parameters/write"), "{page}");
    let page = specialist.post(&office, "/console/drafts/lay", &RULES).await.body;
    assert!(page.contains("data-testid=\"draft-laid\""), "{page}");
    let wrong: Vec<_> = RULES.into_iter().filter(|(name, _)| *name != "begins").collect();
    let page = specialist.post(&office, "/console/drafts/lay", &wrong).await.body;
    assert!(page.contains("data-testid=\"draft-not-laid\""), "{page}");
    let version = [&RULES[..], &[("version", "2")]].concat();
    let refused = specialist.post(&office, "/console/parameters/write", &version).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(office.town.count("leaf"), before, "nothing is in force");

    // The head sees whose it is and what it says, looks, and writes it once.
    let page = head.get(&office, "/console/drafts?lang=en").await.body;
    assert!(page.contains("Person 1") && page.contains("excused_cap_percent"), "{page}");
    let draft = draft_on(&page);
    let look = [&RULES[..], &[("draft", &*draft)]].concat();
    let page = head.post(&office, "/console/parameters/sure", &look).await.body;
    assert!(page.contains("data-testid=\"amend-sure\"") && draft_on(&page) == draft, "{page}");
    let write = [&look[..], &[("version", "2")]].concat();
    let page = head.post(&office, "/console/parameters/write", &write).await.body;
    assert!(page.contains("data-testid=\"amend-written\""), "{page}");
    assert_eq!(office.town.count("leaf"), before + 1);
    let ended = "draft_end WHERE version = 2 AND account = x'02020202020202020202020202020202'";
    assert_eq!(office.town.count(ended), 1);
    let page = head.get(&office, "/console/drafts").await.body;
    assert!(page.contains("data-testid=\"no-drafts\""), "{page}");
    let again = [&look[..], &[("version", "3")]].concat();
    let page = head.post(&office, "/console/parameters/write", &again).await.body;
    assert!(page.contains("the draft waits no more"), "{page}");
    assert_eq!(office.town.count("leaf"), before + 1);
    let acts = |what: &str| office.town.count(&format!("console_act WHERE what = '{what}'"));
    assert_eq!((acts("draft_laid"), acts("rules_set")), (1, 1));
}

#[tokio::test]
async fn a_draft_is_declined_taken_back_and_never_ended_by_a_stranger() {
    let office = Office::open().await;
    let mut one = office.signed_in(1, Duty::IssuerSpecialist).await;
    let mut other = office.signed_in(2, Duty::IssuerSpecialist).await;
    let mut head = office.signed_in(3, Duty::IssuerHead).await;
    let mut drafts = Vec::new();
    for _ in 0..2 {
        one.post(&office, "/console/drafts/lay", &RULES).await;
        let all = one.get(&office, "/console/drafts").await.body;
        let (_, last) = all.rsplit_once("name=\"draft\" value=\"").expect("a draft");
        drafts.push(last.chars().take_while(|c| *c != '"').collect::<String>());
    }
    let open = || office.town.count("draft") - office.town.count("draft_end");
    assert_eq!(open(), 2);
    let page = other.get(&office, "/console/drafts").await.body;
    assert!(page.contains("data-testid=\"draft\"") && !page.contains("draft-end"), "{page}");
    for wrong in [&*drafts[0], "", "beef"] {
        other.post(&office, "/console/drafts/end", &[("draft", wrong)]).await;
        assert_eq!(open(), 2, "somebody else's, or none: {wrong}");
    }
    one.post(&office, "/console/drafts/end", &[("draft", &drafts[1])]).await;
    assert_eq!(open(), 1);
    head.post(&office, "/console/drafts/end", &[("draft", &drafts[0])]).await;
    head.post(&office, "/console/drafts/end", &[("draft", &drafts[0])]).await;
    assert_eq!((open(), office.town.count("draft_end WHERE version IS NULL")), (0, 2));
    assert_eq!(office.town.count("console_act WHERE what = 'draft_dropped'"), 2);

    // There is an end to how many wait.
    for _ in 0..100 {
        one.post(&office, "/console/drafts/lay", &RULES).await;
    }
    let page = one.post(&office, "/console/drafts/lay", &RULES).await.body;
    assert!(page.contains("data-testid=\"draft-not-laid\""), "{page}");
    assert_eq!(open(), 100);
}
