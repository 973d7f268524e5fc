//! The pace on lines of known rate, simulated millisecond by millisecond.

use super::*;
use crate::feedback::Standing;
use crate::frame::TransferId;

/// A line: so many bytes a second, so much lost behind it, room for so many datagrams before it.
#[derive(Clone, Copy)]
struct Line {
    rate: f64,
    loss: f64,
    queue: usize,
}

/// What a run showed.
#[derive(Debug)]
struct Run {
    /// The share of the line that was used.
    used: f64,
    /// The longest and the mean time in the queue, in milliseconds.
    longest_ms: f64,
    /// How much was offered, as a share of the line.
    offered: f64,
}

const DATAGRAM: usize = 1_046;

fn run(line: Line, seconds: u64, seed: u64) -> Run {
    let mut pacer = Pacer::new(0);
    let (mut state, mut number) = (seed | 1, 0u32);
    let mut chance = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f64::from(u32::try_from(state >> 32).unwrap()) / f64::from(u32::MAX)
    };
    // When each datagram leaves the narrow part; feedback on its way back.
    let mut queue: VecDeque<(u32, f64)> = VecDeque::new();
    let mut back: VecDeque<(u64, Feedback)> = VecDeque::new();
    let (mut free, mut passed, mut longest_ms, mut received) = (0.0f64, 0.0, 0.0f64, 0);
    for now_ms in 0..seconds * 1_000 {
        let now = f64::from(u32::try_from(now_ms).unwrap());
        while pacer.wait_ms(now_ms) == 0 {
            pacer.sent(number, DATAGRAM, now_ms);
            if queue.len() <= line.queue {
                let waits = (free - now).max(0.0);
                longest_ms = longest_ms.max(waits);
                free = free.max(now) + DATAGRAM as f64 * 1_000.0 / line.rate;
                queue.push_back((number, free));
            }
            number += 1;
        }
        while let Some(&(symbol, _)) = queue.front().filter(|(_, leaves)| *leaves <= now) {
            queue.pop_front();
            passed += DATAGRAM as f64;
            if chance() < line.loss {
                continue;
            }
            received += 1;
            let feedback = Feedback {
                transfer: TransferId([0; 8]),
                standing: Standing::More,
                received,
                newest: symbol,
                at_ms: u32::try_from(now_ms).unwrap().wrapping_add(4_000_000_000),
                cookie: [0; 8],
            };
            // Told twice: at once, and again after a while.
            for again in [100, 500] {
                if chance() >= line.loss {
                    back.push_back((now_ms + again, feedback));
                }
            }
        }
        back.retain(|(at, feedback)| {
            if *at <= now_ms {
                pacer.heard(feedback, now_ms);
            }
            *at > now_ms
        });
    }
    let whole = line.rate * f64::from(u32::try_from(seconds).unwrap());
    let offered = f64::from(number) * DATAGRAM as f64 / whole;
    Run { used: passed / whole, longest_ms, offered }
}

#[test]
fn uses_a_hopeless_line_and_does_not_fill_its_queue() {
    for seed in 1..=8 {
        let run = run(Line { rate: 2_500.0, loss: 0.6, queue: 40 }, 120, seed * 7_919);
        assert!(run.used > 0.75, "{run:?}");
        assert!(run.longest_ms < 6_000.0, "a full queue would be 17 s: {run:?}");
    }
}

#[test]
fn finds_a_faster_line_in_a_few_seconds() {
    for seed in 1..=8 {
        let run = run(Line { rate: 50_000.0, loss: 0.6, queue: 100 }, 20, seed * 7_919);
        assert!(run.used > 0.35, "{run:?}");
        assert!(run.longest_ms < 1_500.0, "{run:?}");
    }
}

#[test]
fn slows_down_where_nothing_waits_and_what_is_too_much_is_dropped() {
    for seed in 1..=8 {
        let run = run(Line { rate: 10_000.0, loss: 0.1, queue: 1 }, 60, seed * 7_919);
        assert!(run.used > 0.6, "{run:?}");
        assert!(run.offered < 4.5, "{run:?}");
    }
}
