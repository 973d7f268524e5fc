//! Lists of ten thousand rows: what is in the page, and how long a scroll keeps it busy.

use serde_json::{Value, json};

use super::browser::{Browser, Page};
use super::camera::Scene;
use super::camera::film;
use super::door::Door;

const ROWS: usize = 10_000;
/// A page that draws all rows is busy for seconds. Chromium tells tasks above 50 ms; the room is for the
/// machine that runs the tests beside other work, and what it took is printed.
const TASK_MAX_MS: f64 = 500.0;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_scroll_and_few_are_in_the_page() {
    let door = Door::open(1, &[]).await;
    let film = film(&[Scene::one("https://example.kz/menu")], door.scratch.path());
    let browser = Browser::start(&film, door.scratch.path()).await;
    let page = browser.blank().await;
    page.before_pages(&TEN_THOUSAND.replace("ROWS", &ROWS.to_string())).await;
    page.goto(&format!("{}/#/visits", door.home())).await;
    page.wait_for("visit-row").await;
    assert!(rows(&page).await < 150, "{} rows are in the page", rows(&page).await);
    assert_eq!(page.run("return window.asked").await, json!(true), "the rows are made up here");

    // From the first row to the last, half a screen at a time and then in leaps.
    let scrolled = scroll(&page).await;
    let tasks: Vec<f64> =
        scrolled.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    eprintln!("long tasks while scrolling {ROWS} rows: {tasks:?} ms");
    assert!(tasks.iter().all(|ms| *ms < TASK_MAX_MS), "{tasks:?} ms");
    let last = format!("[data-event='{}']", ROWS - 1);
    page.wait_for_css(&last).await;
    assert!(!page.has("[data-event='0']").await, "the first row is still in the page");
    assert!(rows(&page).await < 150, "{} rows are in the page", rows(&page).await);
}

async fn rows(page: &Page) -> usize {
    let count =
        page.run("return document.querySelectorAll('[data-testid=visit-row]').length").await;
    count.as_u64().and_then(|count| usize::try_from(count).ok()).expect("a count")
}

async fn scroll(page: &Page) -> Value {
    page.client().execute_async(SCROLL, Vec::new()).await.expect("the script answers")
}

/// Answers with that many visits until they are there, so that nothing but the scrolling is measured then.
const TEN_THOUSAND: &str = "
    const asked = window.fetch;
    window.fetch = (request, options) => {
        const url = String(request.url ?? request);
        if (!url.endsWith('/api/visits')) return asked(request, options);
        if (document.querySelector('[data-testid=visit-row]')) return new Promise(() => {});
        window.asked = true;
        const row = (n) => ({
            event: String(n), child: 'Child ' + n, group: 'Chess', provider: 'House',
            start_ms: 1790568300000 - n * 60000, at_ms: 1790568300000 - n * 60000, by_hand: false,
            mark: 'receipted', answer: null, answer_mark: null, withdrawn: null,
            not_sure_ms: null, answer_until_ms: 0,
        });
        const rows = Array.from({ length: ROWS }, (_, n) => row(n));
        return Promise.resolve(new Response(JSON.stringify(rows)));
    };";

const SCROLL: &str = "
    const done = arguments[arguments.length - 1];
    const tasks = [];
    const seen = (list) => tasks.push(...list.getEntries().map((one) => one.duration));
    const watch = new PerformanceObserver(seen);
    watch.observe({ type: 'longtask' });
    const step = window.innerHeight / 2;
    const frame = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next, 20)));
    (async () => {
        for (let n = 0; n < 60; n++) { window.scrollBy(0, step); await frame(); }
        for (let n = 1; n <= 40; n++) {
            window.scrollTo(0, document.documentElement.scrollHeight * n / 40);
            await frame();
        }
        for (let n = 0; n < 5; n++) {
            window.scrollTo(0, document.documentElement.scrollHeight);
            await frame();
        }
        watch.disconnect();
        done(tasks);
    })();";
