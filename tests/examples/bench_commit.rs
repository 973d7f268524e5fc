//! From the text of a card to the commit on the device: `cargo xtask bench-scan` runs it.
//!
//! A device with an encrypted database on this machine's disk, two lessons of many children, each scan as
//! the pages ask for it (`record_scan`), with signature, chain and `synchronous = FULL`.
#![expect(clippy::print_stdout, reason = "the figures are what this program is for")]

use std::time::{Duration, Instant};

use system_tests::{Town, day, district};

const CHILDREN: u16 = 1_000;

#[tokio::main]
async fn main() {
    let town = Town::found_for(&day::district_of(CHILDREN)).await;
    let phone = town.teacher().await;
    let cards: Vec<String> =
        (0..CHILDREN).map(|number| day::card_of(number, town.card_key()).text).collect();
    let mut times = Vec::new();
    for lesson in district::lessons(district::CHESS).iter().take(2) {
        town.set_clock(lesson.start_ms);
        phone.open(lesson.id).await;
        for card in &cards {
            #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
            let start = Instant::now();
            phone.scan(lesson.id, card).await.kept();
            times.push(start.elapsed());
        }
    }
    times.sort_unstable();
    let ms = |hundredths: usize| -> f64 {
        let at: &Duration = &times[(times.len() - 1) * hundredths / 100];
        at.as_secs_f64() * 1e3
    };
    println!(
        "bench scan-commit: median {:.1} ms, p99 {:.1} ms, worst {:.1} ms ({} scans)",
        ms(50),
        ms(99),
        ms(100),
        times.len(),
    );
}
