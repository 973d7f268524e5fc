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
/// So much longer than the fastest a datagram may wait in queues, in milliseconds.
const TARGET_DELAY_MS: f64 = 700.0;
/// How many sent symbols are remembered.
const REMEMBERED: usize = 512;
/// How many must have been sent until the share that arrives says something.
const SHARE_AFTER: u32 = 64;

/// Decides when the next datagram goes. Time is handed in, in milliseconds of any count.
#[derive(Clone, Debug)]
pub struct Pacer {
    rate: f64,
    next_ms: f64,
    /// Number and time of what was sent, the newest last.
    sent: VecDeque<(u32, u64)>,
    /// The smallest difference between the receiver's count and ours.
    fastest: Option<f64>,
    last_newest: Option<u32>,
    share: Share,
    sent_count: u32,
}

/// The share of what was sent that arrived, and the best there was.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    sent: u32,
    received: u32,
    best: f64,
}

impl Pacer {
    /// Begins slowly, at a time.
    #[must_use]
    pub fn new(now_ms: u64) -> Self {
        Self {
            rate: FIRST_RATE,
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run are small")]
            next_ms: now_ms as f64,
            sent: VecDeque::new(),
            fastest: None,
            last_newest: None,
            share: Share::default(),
            sent_count: 0,
        }
    }

    /// Begins at another rate, in bytes a second: what another transfer found out.
    #[must_use]
    pub fn at_rate(mut self, rate: f64) -> Self {
        self.rate = rate.clamp(MIN_RATE, MAX_RATE);
        self
    }

    /// Gives the rate, in bytes a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Says in how many milliseconds the next datagram may go; 0: now.
    #[must_use]
    pub fn wait_ms(&self, now_ms: u64) -> u64 {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a run are small")]
        let wait = self.next_ms - now_ms as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a waiting time is short and not negative"
        )]
        let whole = wait.max(0.0).ceil() as u64;
        whole
    }

    /// Notes that a datagram of so many bytes went, with the headers of the network.
    pub fn sent(&mut self, symbol_id: u32, bytes: usize, now_ms: u64) {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds and datagrams are small")]
        let (now, bytes) = (now_ms as f64, bytes as f64);
        self.next_ms = self.next_ms.max(now - 200.0) + bytes * 1_000.0 / self.rate;
        self.sent_count = self.sent_count.saturating_add(1);
        if self.sent.len() >= REMEMBERED {
            self.sent.pop_front();
        }
        self.sent.push_back((symbol_id, now_ms));
    }

    /// Learns from feedback about what was sent.
    pub fn heard(&mut self, feedback: &Feedback) {
        if self.last_newest == Some(feedback.newest) {
            return;
        }
        let sent = self.sent.iter().find(|(symbol, _)| *symbol == feedback.newest);
        let Some(&(_, sent_ms)) = sent else { return };
        self.last_newest = Some(feedback.newest);
        // Both counts go around after 2^32 milliseconds; a run is much shorter.
        #[expect(clippy::cast_possible_truncation, reason = "the count goes around")]
        let took = feedback.at_ms.wrapping_sub(sent_ms as u32).cast_signed();
        let took = f64::from(took);
        let fastest = self.fastest.map_or(took, |fastest| fastest.min(took));
        self.fastest = Some(fastest);
        let waited = took - fastest;
        let factor = 1.0 + 0.12 * ((TARGET_DELAY_MS - waited) / TARGET_DELAY_MS).clamp(-1.5, 1.0);
        self.rate = (self.rate * factor).clamp(MIN_RATE, MAX_RATE);
        self.ask_share(feedback.received);
    }

    /// Slows down if the share that arrives has fallen far: somebody drops what is too much.
    fn ask_share(&mut self, received: u32) {
        let sent = self.sent_count.saturating_sub(self.share.sent);
        if sent < SHARE_AFTER {
            return;
        }
        let arrived = received.saturating_sub(self.share.received);
        let share = f64::from(arrived) / f64::from(sent);
        if share < 0.5 * self.share.best {
            self.rate = (self.rate * 0.6).max(MIN_RATE);
        }
        self.share =
            Share { sent: self.sent_count, received, best: (self.share.best * 0.98).max(share) };
    }
}
