//! How much a server takes, and that it does not give way under many devices.

use std::time::{Duration, Instant};

use server::{Rate, ServerConfig};
use system_tests::Town;
use tokio::task::JoinSet;

use super::{enrolled, next_batch};

/// Events in a batch.
const BATCH: u8 = 16;

/// Batches in all, however many devices send them.
const BATCHES: usize = 400;

/// Sends `batches` batches from so many devices at once, each on a connection of its own. Gives how
/// long it took, and the longest wait for one answer.
#[expect(clippy::disallowed_methods, reason = "it measures real time")]
async fn send(devices: u8, batches: usize) -> (Duration, Duration) {
    let much = Rate { burst: 100_000, per_minute: 1 };
    let config = ServerConfig { enrol_rate: much, hello_rate: much, ..ServerConfig::default() };
    let town = Town::found_with(config).await;
    let mut ready = Vec::new();
    for seed in 0..devices {
        let (mut pen, wire) = enrolled(&town, seed).await;
        let each = batches / usize::from(devices);
        // A connection, and a place in the caches.
        assert_eq!(wire.put_batch(next_batch(&mut pen, BATCH)).await.status, 200);
        let batches: Vec<Vec<u8>> = (0..each).map(|_| next_batch(&mut pen, BATCH)).collect();
        ready.push((wire, batches));
    }
    let begun = Instant::now();
    let mut sending = JoinSet::new();
    for (wire, batches) in ready {
        sending.spawn(async move {
            let mut longest = Duration::ZERO;
            for bytes in batches {
                let sent = Instant::now();
                assert_eq!(wire.put_batch(bytes).await.status, 200);
                longest = longest.max(sent.elapsed());
            }
            longest
        });
    }
    let longest = sending.join_all().await.into_iter().max().expect("some devices");
    (begun.elapsed(), longest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_devices_are_served_at_about_the_rate_of_one() {
    let mut rates = Vec::new();
    for devices in [1, 50, 200] {
        let (took, longest) = send(devices, BATCHES).await;
        let rate = BATCHES as f64 * f64::from(BATCH) / took.as_secs_f64();
        eprintln!("{devices} devices: {rate:.0} events/s, longest wait {} ms", longest.as_millis());
        rates.push(rate);
    }
    for rate in &rates {
        // They are near each other; other work on the machine shakes them.
        assert!(rate / rates[0] > 0.25, "{rates:?} events/s");
    }
}
