//! The product in headless Chromium: the demonstration's real processes, a fake camera that films
//! real cards, and the pages as people see them. Run by `cargo xtask e2e`.

pub(crate) mod browser;
pub(crate) mod camera;
mod console;
mod demonstration;
pub(crate) mod door;
mod long_list;
mod offices;
mod pages;
mod places;
mod screens;
mod signing;

use std::time::Duration;

use serde_json::{Value, json};

use browser::{Browser, Page};
use camera::Scene;
use demonstration::Demonstration;

/// How long a page may take for what a person would wait for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn card_goes_from_the_camera_to_a_paid_tranche() {
    let demo = Demonstration::start().await;
    let scenes = [demo.card_text(0), demo.card_text(2)].map(Scene::one);
    let film = camera::film(&scenes, demo.scratch());
    let browser = Browser::start(&film, demo.scratch()).await;

    // The teacher opens the lesson and films two cards.
    let teacher = browser.open(&demo.teacher).await;
    teacher.wait_for("role-teacher").await;
    teacher.shot("teacher-today").await;
    teacher.click("lesson-open").await;
    teacher.wait_for("counter").await;
    teacher.wait_until("counter", "data-present", "2").await;
    teacher.wait_for("scan-name").await;
    teacher.shot("teacher-scan").await;
    let names = demo.present_names().await;
    assert_eq!(names.len(), 2, "two cards were filmed, {names:?} are present");

    // A foreign code is refused in words, by keyboard; a typed code and a picture are taken.
    teacher.type_code("https://example.kz/menu").await;
    teacher.wait_until("scan-result", "data-outcome", "refused").await;
    teacher.wait_until("scan-result", "data-refusal", "refusal-foreign").await;
    teacher.shot("teacher-refused").await;
    teacher.type_code(&demo.card_code(4)).await;
    teacher.wait_until("counter", "data-present", "3").await;
    teacher.choose_file("image-input", &demo.card_png(6)).await;
    teacher.wait_until("counter", "data-present", "4").await;
    teacher.type_code(&demo.card_code(4)).await;
    teacher.wait_until("scan-result", "data-outcome", "already").await;

    // What was recorded is receipted without anybody asking.
    demo.until_receipted(&demo.teacher).await;
    let events = demo.call(&demo.teacher, "status", json!({})).await["events"].clone();
    assert_eq!(events.as_u64(), Some(demo.events_in_database("teacher-1").await));

    // The first family answers each of its visits.
    let parent = browser.open(&demo.parent).await;
    parent.wait_for("role-parent").await;
    demo.until_seen_by_parent(1).await;
    parent.reload().await;
    parent.wait_for("answer-was").await;
    parent.shot("parent-visits").await;
    while parent.try_click("answer-was").await {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    demo.until_receipted(&demo.parent).await;
    parent.reload().await;
    parent.wait_for("proof-open").await;
    parent.click("proof-open").await;
    // Two witnesses run beside the demonstration's server.
    parent.wait_until("proof-mark", "data-mark", "witnessed").await;
    parent.shot("parent-proof").await;

    close_and_pay(&demo, &browser).await;
    offices::provider_and_treasury_look(&demo, &browser).await;
    nothing_is_hidden(&demo, &browser).await;
    demo.ends_cleanly().await;
}

/// The family's phone proves that it knows all that the log has about each of its children, up to the
/// month's close.
async fn nothing_is_hidden(demo: &Demonstration, browser: &Browser) {
    let closed_at = demo.month().await["leaf_index"].as_u64().expect("the month is closed");
    let parent = browser.open(&demo.parent).await;
    demo.until("the family's lists are complete", async || {
        let known = demo.call(&demo.parent, "completeness", json!({})).await;
        let known = known.as_array().expect("a list a child").clone();
        let reaches = |one: &Value| one["complete_to"].as_u64() >= Some(closed_at - 1);
        !known.is_empty() && known.iter().all(reaches)
    })
    .await;
    parent.reload().await;
    parent.wait_until("completeness", "data-state", "complete").await;
    parent.wait_for("completeness-entries").await;
    parent.shot("parent-complete").await;
    // What a lost server would be rebuilt from is one button away.
    let parent = browser.open(&format!("{}/#/sync", demo.parent)).await;
    parent.wait_for("hand-over").await;
    parent.click_css("[data-testid=hand-over] > summary").await;
    parent.click("export-save").await;
    parent.wait_for("export-result").await;
    parent.shot("parent-hand-over").await;
}

/// The coordinator closes September and enters the payment notices, page by page.
async fn close_and_pay(demo: &Demonstration, browser: &Browser) {
    let coordinator = browser.open(&demo.coordinator).await;
    coordinator.wait_for("role-coordinator").await;
    coordinator.wait_for("month-row").await;
    coordinator.shot("coordinator-open").await;
    let september = "[data-testid=month-row][data-month='2026-09']";
    let december = "[data-testid=month-row][data-month='2026-12']";
    coordinator.wait_for_css(december).await;
    let closable = format!("{december} [data-testid=close-month]");
    assert!(!coordinator.has(&closable).await, "a month to come can be closed");
    coordinator.click_css(&format!("{september} [data-testid=close-month]")).await;
    coordinator.click_css(&format!("{september} [data-testid=close-month-confirm]")).await;
    demo.until_month("closed").await;
    coordinator.reload().await;
    coordinator.wait_until("month-state", "data-state", "closed").await;
    coordinator.shot("coordinator-closed").await;

    let month = demo.month().await;
    let providers = month["providers"].as_array().expect("provider lines").clone();
    pay_by_hand(&coordinator, &providers).await;
    demo.until_month("paid").await;
    coordinator.reload().await;
    coordinator.wait_until("month-state", "data-state", "paid").await;
    coordinator.shot("coordinator-paid").await;

    // The databases agree with the page.
    let accrued: i64 = providers.iter().filter_map(|line| line["accrued_tiyn"].as_i64()).sum();
    assert_eq!(Some(accrued), month["accrued_tiyn"].as_i64());
    let server = demo.server_ledger();
    assert_eq!(server.accrued_tiyn, accrued, "the page and the server's ledger differ");
    assert_eq!(server.redeemed, server.earned_parts, "an earned part was not redeemed");
}

async fn pay_by_hand(coordinator: &Page, providers: &[Value]) {
    for (number, line) in providers.iter().enumerate() {
        let id = line["provider"].as_str().expect("a provider's id");
        let tiyn = line["accrued_tiyn"].as_i64().expect("a sum");
        let row = format!("[data-testid=provider-row][data-provider='{id}']");
        let sum = format!("{}.{:02}", tiyn / 100, tiyn % 100);
        coordinator.fill(&format!("{row} [data-testid=payment-amount]"), &sum).await;
        let document = format!("E2E-{}", number + 1);
        coordinator.fill(&format!("{row} [data-testid=payment-document]"), &document).await;
        coordinator.click_css(&format!("{row} [data-testid=payment-submit]")).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
