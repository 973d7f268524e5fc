//! From one screen to another device: a picture of what a page shows is all that the other one gets.

use std::net::SocketAddr;

use attendance::{EventKind, Method, UnverifiedEvent};
use serde_json::json;
use system_tests::{Phone, Town, district};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::browser::{Browser, Page};
use super::camera::{Scene, film};
use crate::programs;

/// Serves the pages of a device; gives where.
pub(super) async fn serve(phone: &Phone) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address: SocketAddr = listener.local_addr().expect("an address");
    let pages = web_shell::router(phone.shell.clone(), &programs::ui_dist());
    tokio::spawn(web_shell::serve(
        listener,
        pages.expect("the pages are built"),
        std::future::pending(),
    ));
    format!("http://{address}")
}

pub(super) async fn browser() -> (Browser, TempDir) {
    programs::require_e2e();
    let scratch = tempfile::tempdir().expect("temporary files");
    // The cameras see a grey table: what is read comes from the pictures alone.
    let nothing = Scene { texts: vec!["nothing".to_owned()], frames: 0 };
    let film = film(&[nothing], scratch.path());
    (Browser::start(&film, scratch.path()).await, scratch)
}

/// Takes a picture of the page with an element in the middle of it.
async fn picture_of(page: &Page, css: &str, name: &str) -> String {
    page.wait_for_css(css).await;
    let scroll = "document.querySelector(\"CSS\").scrollIntoView({ block: 'center' })";
    page.run(&scroll.replace("CSS", css)).await;
    page.shot(name).await;
    let path = programs::target_dir().join("e2e").join(format!("{name}.png"));
    path.to_str().expect("a path in plain letters").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn ticket_on_a_coordinators_screen_enrols_a_familys_phone() {
    let (browser, _scratch) = browser().await;
    let town = Town::found().await;
    let (coordinator, phone) = (town.coordinator().await, town.new_phone());

    let desk = browser.open(&format!("{}/#/devices", serve(&coordinator).await)).await;
    desk.click("new-device").await;
    desk.click_css("[data-testid=ticket-role][data-role=role-parent]").await;
    let child = json!(district::child(2));
    let child = child.as_str().expect("an id is a text");
    desk.click_css(&format!("[data-testid=option][data-id='{child}']")).await;
    desk.fill("[data-testid=ticket-name]", "Family").await;
    desk.click("ticket-make").await;
    let ticket = picture_of(&desk, "[data-testid=ticket-qr]", "enrol-ticket").await;

    let family = browser.open(&serve(&phone).await).await;
    family.wait_for("not-enrolled").await;
    family.choose_file("image-input", &ticket).await;
    family.wait_for("role-parent").await;
    let status: ipc::StatusView = phone.call("status", json!({})).await;
    assert_eq!((status.role, status.name.as_str()), (ipc::Role::Parent, "Family"));
    // The ticket is good once.
    let other = town.new_phone();
    let late = browser.open(&serve(&other).await).await;
    late.wait_for("not-enrolled").await;
    late.choose_file("image-input", &ticket).await;
    late.wait_for_css("[data-testid=notice][data-code=error-ticket-refused]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_on_a_familys_screen_is_a_visit_on_the_tablet() {
    let (browser, _scratch) = browser().await;
    let town = Town::found().await;
    let (teacher, parent) = (town.teacher().await, town.parent(&[1, 2]).await);
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;

    let family = browser.open(&format!("{}/#/code", serve(&parent).await)).await;
    family.wait_for("code-left").await;
    let second = json!(district::child(2));
    let second = second.as_str().expect("an id is a text");
    family.click_css(&format!("[data-testid=code-child][data-child='{second}']")).await;
    family.wait_until("code", "data-child", second).await;
    let shown = picture_of(&family, "[data-testid=code] .qr-code", "parent-code").await;

    let id = json!(lesson.id);
    let id = id.as_str().expect("an id is a text");
    let tablet = browser.open(&format!("{}/#/scan/{id}", serve(&teacher).await)).await;
    tablet.choose_file("image-input", &shown).await;
    tablet.wait_until("counter", "data-present", "1").await;
    let events = teacher.events().await;
    let newest = UnverifiedEvent::parse(&events.last().expect("an event").1).expect("an event");
    assert_eq!(newest.event().kind, EventKind::In);
    assert_eq!(newest.event().method, Some(Method::Rotating));
    assert_eq!(newest.event().child, Some(district::child(2)));

    // A minute later the same picture is of no use, and the page says why.
    town.set_clock(lesson.start_ms + 60_000);
    let event = events.last().expect("an event").0.to_string();
    let withdrawn = json!({ "event": event, "why": "slip" });
    let _null: serde_json::Value = teacher.call("withdraw", withdrawn).await;
    tablet.reload().await;
    tablet.choose_file("image-input", &shown).await;
    tablet.wait_until("scan-result", "data-refusal", "refusal-phone-code-old").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn teacher_moves_a_lesson_of_another_day() {
    let (browser, _scratch) = browser().await;
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let [first, next] = [0, 1].map(|number| district::lessons(district::CHESS)[number]);
    town.set_clock(first.start_ms);
    let page = browser.open(&serve(&teacher).await).await;
    let id = json!(next.id);
    let row = format!("[data-testid=lesson-row][data-lesson='{}']", id.as_str().expect("a text"));
    // Some days on, the next lesson is there, and cannot be begun from here.
    let day_ms = 86_400_000;
    let ahead = (next.start_ms - first.start_ms) / day_ms;
    for days in 1..=ahead {
        page.click("day-after").await;
        page.wait_until("day", "data-ahead", &days.to_string()).await;
    }
    page.wait_for_css(&row).await;
    assert!(!page.has(&format!("{row} [data-testid=lesson-open]")).await);
    page.shot("teacher-day-ahead").await;
    page.click_css(&format!("{row} [data-testid=lesson-roster]")).await;
    page.click("lesson-not-held").await;
    page.click("lesson-not-held-confirm").await;
    page.wait_for("lesson-note").await;
    let shown: serde_json::Value = teacher.call("today", json!({ "ahead": ahead })).await;
    assert_eq!(shown["lessons"][0]["cancelled"], "provider");
    assert_eq!(shown["ahead"], json!(ahead));

    // Held after all, and an hour later.
    page.click("lesson-as-planned").await;
    page.click("lesson-move").await;
    let later_ms = next.start_ms + 3_600_000;
    let field = "[data-testid=lesson-move-to]";
    page.wait_for_css(field).await;
    // A field of day and time takes no typed text as it stands: it is set as a picker sets it.
    let local_ms = later_ms + 5 * 3_600_000;
    let set = format!(
        "const field = document.querySelector('{field}');
         field.value = new Date({local_ms}).toISOString().slice(0, 16);
         field.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    );
    page.run(&set).await;
    page.click("lesson-move-confirm").await;
    page.wait_for("lesson-note").await;
    let shown: serde_json::Value = teacher.call("today", json!({ "ahead": ahead })).await;
    assert_eq!(shown["lessons"][0]["start_ms"], json!(later_ms));
    assert_eq!(shown["lessons"][0]["moved_from_ms"], json!(next.start_ms));
    let events = teacher.events().await;
    let newest = UnverifiedEvent::parse(&events.last().expect("an event").1).expect("an event");
    assert_eq!(newest.event().kind, EventKind::LessonMove);
    assert_eq!(newest.event().moved_to_ms, Some(later_ms));
}
