//! What is measured in a browser: no test asserts a time, `cargo xtask bench-scan` and `bench-paint`
//! print it and judge it.
#![expect(clippy::print_stdout, reason = "the figures are what these programs are for")]

use std::time::Duration;

use serde_json::json;

use crate::e2e::browser::Browser;
use crate::e2e::camera::{Scene, film};
use crate::e2e::door::Door;

const CARDS: u16 = 24;
/// How long the film may play, in seconds: it begins again when it has ended.
const FILM_S: u32 = 120;
/// How often the slow telephone starts.
const STARTS: usize = 5;

/// From the frame that shows a card to the answer that it is kept, and what is in between.
#[tokio::test(flavor = "multi_thread")]
async fn scan() {
    let door = Door::open(CARDS, &[]).await;
    let scenes: Vec<Scene> = (0..CARDS).map(|number| Scene::one(door.card(number))).collect();
    let film = film(&scenes, door.scratch.path());
    let browser = Browser::start(&film, door.scratch.path()).await;
    let page = browser.blank().await;
    page.before_pages(WATCH).await;
    page.goto(&door.scanner()).await;
    // The film is longer than what a person would wait for.
    let present = "return document.querySelector('[data-testid=counter]')?.dataset.present";
    for _ in 0..FILM_S {
        if page.run(present).await == json!(CARDS.to_string()) {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let told = page.run("return [window.measured, window.longest]").await;
    let of = |name: &str| {
        let mut times: Vec<f64> = told[0]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|one| one[0] == name)
            .filter_map(|one| one[1].as_f64())
            .collect();
        assert!(times.len() >= usize::from(CARDS), "{name} was measured {} times", times.len());
        times.sort_by(f64::total_cmp);
        times
    };
    let read = of("scan-read");
    for (name, what) in [
        ("scan-read", "frame to text"),
        ("scan-answered", "frame to kept"),
        ("scan-shown", "frame to shown"),
    ] {
        let times = if name == "scan-read" { read.clone() } else { of(name) };
        println!(
            "bench {name}: median {:.0} ms, worst tenth {:.0} ms ({what}, {} scans, 1280 x 720)",
            part(&times, 0.5),
            part(&times, 0.9),
            times.len(),
        );
    }
    println!("bench page-stutter: longest pause between two frames of the page {} ms", told[1]);
}

/// From the address to the list of the day, on a processor six times slower.
#[tokio::test(flavor = "multi_thread")]
async fn paint() {
    let door = Door::open(22, &[]).await;
    let film = film(&[Scene::one("nothing")], door.scratch.path());
    let browser = Browser::start(&film, door.scratch.path()).await;
    let (mut useful, mut loads) = (Vec::new(), String::new());
    for _ in 0..STARTS {
        let page = browser.blank().await;
        page.before_pages(USEFUL).await;
        page.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": 6 })).await;
        page.goto(&door.home()).await;
        page.wait_for("lesson-row").await;
        let at = page.run("return window.useful").await;
        useful.push(at.as_f64().expect("the list was painted"));
        let loaded = page.run(LOADED).await;
        loads = loaded.as_str().expect("a text").to_owned();
    }
    println!("bench loads: {loads} (the last start, from when to when in ms)");
    useful.sort_by(f64::total_cmp);
    println!(
        "bench first-useful-paint: median {:.0} ms, worst {:.0} ms (processor six times slower)",
        part(&useful, 0.5),
        part(&useful, 1.0),
    );
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a place in a short list"
)]
fn part(sorted: &[f64], part: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

/// Keeps what the page measures, and the longest pause between two of its own frames.
const WATCH: &str = "
    window.measured = [];
    window.longest = 0;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) window.measured.push([one.name, one.duration]);
    }).observe({ entryTypes: ['measure'] });
    let last = 0;
    const tick = (now) => {
        if (last && window.measured.length) window.longest = Math.max(window.longest, Math.round(now - last));
        last = now;
        requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);";

/// Notes when the day's lessons have been painted.
const USEFUL: &str = "
    const look = () => {
        if (document.querySelector('[data-testid=lesson-row]')) {
            requestAnimationFrame(() => { window.useful = performance.now(); });
        } else {
            requestAnimationFrame(look);
        }
    };
    requestAnimationFrame(look);";

/// What was asked for until then, in turn.
const LOADED: &str = "
    return performance.getEntriesByType('resource')
        .map((one) => `${one.name.split('/').pop()} ${Math.round(one.startTime)}–${Math.round(one.responseEnd)}`)
        .join(', ');";
