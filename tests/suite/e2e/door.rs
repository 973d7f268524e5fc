//! The door: a film of children before a tablet without a network, and what is in the databases of
//! device and server afterwards.

use std::net::SocketAddr;

use attendance::LessonId;
use ledger::Lesson;
use serde_json::{Value, json};
use server::CardReason;
use system_tests::{Phone, Town, day, district};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::browser::{Browser, Page};
use super::camera::{Scene, film};
use crate::programs;

/// A town, its chess teacher with an open lesson, and the teacher's pages. All end with this value.
pub(crate) struct Door {
    pub(crate) town: Town,
    pub(crate) phone: Phone,
    pub(crate) lesson: Lesson,
    pub(crate) scratch: TempDir,
    address: SocketAddr,
}

impl Door {
    /// Opens the lesson of a group of so many children; the cards with these numbers are stopped.
    pub(crate) async fn open(children: u16, stopped: &[u16]) -> Self {
        programs::require_e2e();
        let town = Town::found_for(&day::district_of(children)).await;
        day::log_cards(town.server(), children, town.card_key()).await;
        for number in stopped {
            let decided = town.server().revoke_card(day::card(*number), CardReason::Lost).await;
            decided.expect("the card is logged");
        }
        let phone = town.teacher().await;
        let lesson = district::lessons(district::CHESS).remove(0);
        town.set_clock(lesson.start_ms);
        phone.open(lesson.id).await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let pages = web_shell::router(phone.shell.clone(), &programs::ui_dist());
        let pages = pages.expect("the pages are built");
        tokio::spawn(web_shell::serve(listener, pages, std::future::pending()));
        let scratch = tempfile::tempdir().expect("temporary files");
        Self { town, phone, lesson, scratch, address }
    }

    pub(crate) fn card(&self, number: u16) -> String {
        day::card_of(number, self.town.card_key()).text
    }

    /// The address of the lesson's scanner.
    pub(crate) fn scanner(&self) -> String {
        format!("{}/#/scan/{}", self.home(), id_of(self.lesson.id))
    }

    pub(crate) fn home(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The numbers of the children whom the device's database has as present.
    async fn present(&self) -> Vec<u16> {
        let roster: Value = self.phone.call("roster", json!({ "lesson": self.lesson.id })).await;
        let rows = roster["rows"].as_array().expect("rows").clone();
        let marked = rows.iter().filter(|row| !row["event"].is_null());
        let children: Vec<Value> = marked.map(|row| row["child"].clone()).collect();
        (0..6).filter(|number| children.contains(&json!(day::child(*number)))).collect()
    }
}

fn id_of(lesson: LessonId) -> String {
    json!(lesson).as_str().expect("an id is a text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn film_at_the_door_in_flight_mode_is_what_device_and_server_have() {
    let mut door = Door::open(6, &[3]).await;
    let scenes = [
        Scene { texts: vec![door.card(0), door.card(1)], frames: 30 },
        Scene::one(door.card(2)),
        Scene::one(door.card(3)),
        Scene::one("https://example.kz/menu"),
        Scene { texts: vec![door.card(2)], frames: 90 },
    ];
    let film = film(&scenes, door.scratch.path());
    let before = door.phone.status().await.events;
    // No server when the page is first opened, nor while the children come.
    door.town.stop_server().await;
    let browser = Browser::start(&film, door.scratch.path()).await;
    let page = browser.blank().await;
    page.before_pages(REMEMBER_RESULTS).await;
    page.goto(&door.scanner()).await;
    page.wait_until("camera", "data-camera", "running").await;
    page.wait_until("counter", "data-present", "3").await;
    for (outcome, refusal) in [("refused", "refusal-revoked"), ("refused", "refusal-foreign")] {
        until_seen(&page, outcome, refusal).await;
    }
    assert_eq!(page.run("return window.large").await, json!(2), "siblings are two large names");
    page.wait_for("by-hand-open").await;
    page.shot("teacher-door").await;
    until_seen(&page, "already", "").await;
    page.wait_until("camera", "data-reader", "worker").await;

    // Nobody is filmed while the page is not looked at; the camera comes back with the page.
    page.run(&SEEN.replace("STATE", "hidden")).await;
    page.wait_until("camera", "data-camera", "paused").await;
    assert_eq!(page.run(FILMS).await, json!(false), "the camera films nobody's page");
    page.run(&SEEN.replace("STATE", "visible")).await;
    page.wait_until("camera", "data-camera", "running").await;
    // Whatever moment the page is loaded again, nothing is lost.
    page.reload().await;
    page.wait_until("counter", "data-present", "3").await;

    // The device's database, then the server's: three visits more, once each.
    assert_eq!(door.present().await, [0, 1, 2]);
    let events = door.phone.status().await.events;
    assert_eq!(events, before + 3);
    door.town.start_server().await;
    door.phone.sync().await.done();
    assert_eq!(door.phone.status().await.not_receipted, 0);
    let logged = u64::try_from(door.town.count("event")).expect("a count");
    assert!(logged >= events, "the server has {logged} of {events} events");
}

#[tokio::test(flavor = "multi_thread")]
async fn scanner_finds_a_way_without_worker_camera_or_hands_free() {
    let door = Door::open(6, &[]).await;
    let film = film(&[Scene::one(door.card(0))], door.scratch.path());
    let browser = Browser::start(&film, door.scratch.path()).await;

    // A browser without workers decodes in the page; what this camera can is offered and remembered.
    let page = browser.blank().await;
    page.before_pages("delete window.Worker").await;
    page.before_pages(ABLE_CAMERA).await;
    page.goto(&door.scanner()).await;
    page.wait_until("camera", "data-reader", "page").await;
    page.wait_until("counter", "data-present", "1").await;
    page.click("camera-torch").await;
    page.wait_for_css("[data-testid=camera-torch][aria-pressed=true]").await;
    page.click("camera-turn").await;
    page.wait_until("camera", "data-facing", "front").await;
    page.reload().await;
    page.wait_until("camera", "data-facing", "front").await;
    page.wait_for_css("[data-testid=camera-torch][aria-pressed=true]").await;

    // No permission, no camera, a camera in other hands: a sentence each, and a hand scanner goes on.
    let faults = [("NotAllowedError", "denied"), ("NotFoundError", "absent")];
    for (number, (fault, state)) in
        (1..).zip(faults.into_iter().chain([("NotReadableError", "taken")]))
    {
        let page = browser.blank().await;
        page.before_pages(&NO_CAMERA.replace("FAULT", fault)).await;
        page.goto(&door.scanner()).await;
        page.wait_until("camera", "data-camera", state).await;
        page.wait_for("camera-again").await;
        page.hand_scan(&door.card(number)).await;
        page.wait_until("counter", "data-present", &(number + 1).to_string()).await;
    }
    assert_eq!(door.present().await, [0, 1, 2, 3]);
}

/// Waits until the page has shown such a result.
async fn until_seen(page: &Page, outcome: &str, refusal: &str) {
    let script = format!("return window.results.includes('{outcome} {refusal}')");
    for _ in 0..100 {
        if page.run(&script).await == json!(true) {
            return;
        }
        tokio::time::sleep(super::PATIENCE / 100).await;
    }
    let seen = page.run("return window.results").await;
    panic!("no {outcome} {refusal} among {seen}");
}

/// Writes down every result that the page shows: the film goes on while a test looks.
const REMEMBER_RESULTS: &str = "
    window.results = [];
    new MutationObserver(() => {
        const shown = document.querySelector('[data-testid=scan-result]');
        if (!shown) return;
        const result = shown.dataset.outcome + ' ' + (shown.dataset.refusal ?? '');
        if (!window.results.includes(result)) window.results.push(result);
        const names = document.querySelectorAll('[data-testid=scan-result] .result-name');
        window.large = Math.max(window.large ?? 0, names.length);
    }).observe(document, { subtree: true, childList: true, attributes: true });";

const SEEN: &str = "
    Object.defineProperty(document, 'visibilityState', { value: 'STATE', configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));";

const FILMS: &str = "return document.querySelector('.camera video').srcObject.active";

const ABLE_CAMERA: &str = "
    const told = MediaStreamTrack.prototype.getCapabilities;
    MediaStreamTrack.prototype.getCapabilities = function () {
        return { ...told.call(this), torch: true };
    };
    MediaStreamTrack.prototype.applyConstraints = async () => {};
    const listed = MediaDevices.prototype.enumerateDevices;
    MediaDevices.prototype.enumerateDevices = async function () {
        const all = await listed.call(this);
        return [...all, ...all.filter((one) => one.kind === 'videoinput')];
    };";

const NO_CAMERA: &str = "
    MediaDevices.prototype.getUserMedia = async () => {
        throw new DOMException('', 'FAULT');
    };";
