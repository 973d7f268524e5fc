//! How fast to send on a line of unknown rate that loses much.
//!
//! Loss says nothing here: a line that drops six of ten datagrams drops them at any rate. What says
//! that too much is sent is time: datagrams wait in a queue before the narrow part of the line, and come
//! later and later (as in LEDBAT, [RFC 6817]). And where there is no queue, the share that arrives.
//!
//! [RFC 6817]: https://www.rfc-editor.org/rfc/rfc6817

use std::collections::VecDeque;

use crate::feedback::Feedback;

/// The rate at the beginning, in bytes a second: two thirds of 20 kbit/s.
const FIRST_RATE: f64 = 1_700.0;
const MIN_RATE: f64 = 400.0;
const MAX_RATE: f64 = 250_000.0;
/// So much longer than the fastest a datagram may wait in queues, in milliseconds; and on a slow line
/// as long as so many datagrams take.
const TARGET_DELAY_MS: f64 = 150.0;
const TARGET_DATAGRAMS: f64 = 1.3;
/// How much faster it becomes each time: until datagrams wait for the first time, and from then on.
const START_FACTOR: f64 = 2.0;
const FACTOR: f64 = 1.1;
/// At the least so long lies between two such steps, in milliseconds and in datagrams.
const STEP_MS: f64 = 200.0;
const STEP_DATAGRAMS: f64 = 2.5;
/// How much of what passes is sent while datagrams wait, and while they wait twice as long as they may.
const WAITING: f64 = 0.93;
const WAITING_LONG: f64 = 0.75;
/// How many sent symbols are remembered.
const REMEMBERED: usize = 512;
/// How many must have been sent, and for how long, until the share that arrives says something.
const SHARE_AFTER: u32 = 48;
const SHARE_AFTER_MS: f64 = 500.0;
/// A share below this part of the best says that somebody drops what is too much.
const SHARE_FALLEN: f64 = 0.65;
/// How long it does not become faster then, in milliseconds.
const HOLD_MS: f64 = 4_000.0;

/// Decides when the next datagram goes. Time is handed in, in milliseconds of any count.
#[derive(Clone, Debug)]
pub struct Pacer {
    rate: f64,
    next_ms: f64,
    /// Number and time of what was sent, the newest last.
    sent: VecDeque<(u32, u64)>,
    /// The smallest difference between the receiver's count and ours.
    fastest: Option<f64>,
    /// Number and time of arrival of the newest that is known to have come.
    newest: Option<(u32, u32)>,
    share: Share,
    sent_count: u32,
    /// The length of what went last, in bytes.
    length: f64,
    /// Nothing has waited yet.
    is_starting: bool,
    /// When it may become faster again.
    faster_ms: f64,
}

/// Since when the share of what was sent that arrived is counted, and the best there was.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    since_ms: f64,
    sent: u32,
    received: u32,
    best: f64,
}

impl Pacer {
    /// Begins slowly, at a time.
    #[must_use]
    pub fn new(now_ms: u64) -> Self {
        let now = float(now_ms);
        Self {
            rate: FIRST_RATE,
            next_ms: now,
            sent: VecDeque::new(),
            fastest: None,
            newest: None,
            share: Share { since_ms: now, ..Share::default() },
            sent_count: 0,
            length: 0.0,
            is_starting: true,
            faster_ms: now,
        }
    }

    /// Gives the rate, in bytes a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Says in how many milliseconds the next datagram may go; 0: now.
    #[must_use]
    pub fn wait_ms(&self, now_ms: u64) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a waiting time is short and not negative"
        )]
        let wait = (self.next_ms - float(now_ms)).max(0.0).ceil() as u64;
        wait
    }

    /// Notes that a datagram of so many bytes went, with the headers of the network.
    pub fn sent(&mut self, symbol_id: u32, bytes: usize, now_ms: u64) {
        self.length = float(bytes as u64);
        // What was missed a little while ago may be made up for.
        self.next_ms = self.next_ms.max(float(now_ms) - 50.0) + self.took_ms();
        self.sent_count = self.sent_count.saturating_add(1);
        if self.sent.len() >= REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back((symbol_id, now_ms));
    }

    /// Learns from feedback about what was sent.
    pub fn heard(&mut self, feedback: &Feedback, now_ms: u64) {
        let (symbol, at_ms) = (feedback.newest, feedback.at_ms);
        let sent = self.sent.iter().rev().find(|(sent, _)| *sent == symbol);
        let Some(&(_, sent_ms)) = sent else { return };
        let passes = match self.newest {
            // Feedback overtakes feedback: only news counts.
            Some((newest, _)) if symbol <= newest => return,
            Some((newest, before_ms)) => {
                let between = f64::from(at_ms.wrapping_sub(before_ms).max(1));
                Some(f64::from(symbol - newest) * self.length * 1_000.0 / between)
            }
            None => None,
        };
        self.newest = Some((symbol, at_ms));
        // Both counts go around after 2^32 milliseconds; a run is much shorter.
        #[expect(clippy::cast_possible_truncation, reason = "the count goes around")]
        let took = f64::from(at_ms.wrapping_sub(sent_ms as u32).cast_signed());
        let fastest = self.fastest.map_or(took, |fastest| fastest.min(took));
        self.fastest = Some(fastest);
        self.weigh(took - fastest, passes, float(now_ms));
        self.ask_share(feedback.received, float(now_ms));
    }

    /// Draws the conclusion from how long something waited, and how much passed meanwhile.
    fn weigh(&mut self, waited: f64, passes: Option<f64>, now: f64) {
        let target = TARGET_DELAY_MS.max(TARGET_DATAGRAMS * self.took_ms());
        if waited > target {
            self.is_starting = false;
            let part = if waited > 2.0 * target { WAITING_LONG } else { WAITING };
            // While datagrams wait, what passes is what the line takes.
            self.slow_to(passes.unwrap_or(self.rate) * part);
        } else if now >= self.faster_ms {
            let factor = if self.is_starting { START_FACTOR } else { FACTOR };
            self.rate = (self.rate * factor).min(MAX_RATE);
            self.faster_ms = now + STEP_MS.max(STEP_DATAGRAMS * self.took_ms());
        }
    }

    /// Slows down if the share that arrives has fallen far: somebody drops what is too much.
    fn ask_share(&mut self, received: u32, now: f64) {
        let sent = self.sent_count.saturating_sub(self.share.sent);
        let for_ms = now - self.share.since_ms;
        if sent < SHARE_AFTER || for_ms < SHARE_AFTER_MS {
            return;
        }
        let arrived = f64::from(received.saturating_sub(self.share.received));
        let share = arrived / f64::from(sent);
        let best = (self.share.best * 0.98).max(share);
        if share < SHARE_FALLEN * best {
            self.is_starting = false;
            self.slow_to(arrived * self.length * 1_000.0 / for_ms / best);
            self.faster_ms = now + HOLD_MS;
        }
        self.share = Share { since_ms: now, sent: self.sent_count, received, best };
    }

    fn slow_to(&mut self, rate: f64) {
        self.rate = self.rate.min(rate).max(MIN_RATE);
    }

    /// How long a datagram takes at this rate, in milliseconds.
    fn took_ms(&self) -> f64 {
        self.length * 1_000.0 / self.rate
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of a run and bytes of a datagram are few"
)]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
