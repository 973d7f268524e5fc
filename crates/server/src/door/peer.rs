//! One address at the door: what came from there, and what is due to go there.

use std::net::SocketAddr;

use carriage::{
    Arrival, Collected, Collector, Feedback, Frame, Limits, PARCEL_MAX_BYTES, Pacer, Sending,
    Standing, TransferId,
};
use seal::Hash;

/// Symbols of answers, in bytes.
const SYMBOL_BYTES: u16 = 1_000;
/// The least time between two feedbacks, in milliseconds.
const FEEDBACK_SOON_MS: u64 = 100;
/// The time after which feedback is repeated: most of it is lost where it is needed most.
const FEEDBACK_AGAIN_MS: u64 = 400;
/// After so long without a datagram nothing more is sent.
const SILENT_MS: u64 = 6_000;
/// How much may be sent for what came, until the address is known to listen.
const AMPLIFICATION: u64 = 3;
/// Datagrams taken from one address: so many at once, and so many a second.
const BURST: f64 = 200.0;
const A_SECOND: f64 = 400.0;

/// What became of a parcel, and whose it was.
pub(super) struct Judged {
    pub(super) from: SocketAddr,
    pub(super) parcel: Hash,
    pub(super) judgement: Judgement,
}

/// What became of a parcel.
pub(super) enum Judgement {
    /// The signed answer.
    Answer(Vec<u8>),
    /// It is no parcel that is taken here.
    Unwanted,
    /// It could not be judged now: it may come again.
    Failed,
}

/// How far the parcel of an address is.
enum Stage {
    /// Its frames come.
    Coming,
    /// It is being opened and judged.
    Judging(TransferId),
    /// Its answer goes.
    Answering(TransferId, Box<Sending>),
    /// The answer arrived.
    Done(TransferId),
    /// It is not taken here.
    Unwanted(TransferId),
}

/// What is kept of one address.
pub(super) struct Peer {
    collector: Collector,
    arrival: Option<Arrival>,
    stage: Stage,
    cookie: [u8; 8],
    listens: bool,
    came_bytes: u64,
    sent_bytes: u64,
    heard_ms: u64,
    feedback_ms: Option<u64>,
    allowance: (f64, u64),
}

impl Peer {
    pub(super) fn new(cookie: [u8; 8], now_ms: u64) -> Self {
        Self {
            collector: Self::collector(),
            arrival: None,
            stage: Stage::Coming,
            cookie,
            listens: false,
            came_bytes: 0,
            sent_bytes: 0,
            heard_ms: now_ms,
            feedback_ms: None,
            allowance: (BURST, now_ms),
        }
    }

    fn collector() -> Collector {
        let object_bytes = u32::try_from(PARCEL_MAX_BYTES).unwrap_or(u32::MAX);
        Collector::new(Limits { object_bytes, transfers: 1 })
    }

    pub(super) fn idle_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_sub(self.heard_ms)
    }

    /// Takes a datagram; gives a parcel when all of it has come.
    pub(super) fn came(&mut self, bytes: &[u8], now_ms: u64) -> Option<Vec<u8>> {
        self.came_bytes = self.came_bytes.saturating_add(bytes.len() as u64);
        if !self.is_allowed(now_ms) {
            return None;
        }
        if let Ok(feedback) = Feedback::parse(bytes) {
            self.heard(&feedback, now_ms);
            return None;
        }
        let frame = Frame::parse(bytes).ok()?;
        self.heard_ms = now_ms;
        let id = frame.transfer.id;
        let arrival = self.arrival.map(|known| known.and(&frame, now_ms));
        self.arrival = Some(arrival.unwrap_or_else(|| Arrival::of(&frame, now_ms)));
        self.feedback_ms =
            Some(self.feedback_ms.map_or(now_ms, |due| due.min(now_ms + FEEDBACK_SOON_MS)));
        if self.stage.is_about(id) {
            return None;
        }
        if !matches!(self.stage, Stage::Coming) {
            // Another parcel: the one before is in the log, and its answer can be had again.
            (self.stage, self.collector) = (Stage::Coming, Self::collector());
        }
        match self.collector.add(frame) {
            Collected::Whole(_, parcel) => {
                self.stage = Stage::Judging(id);
                Some(parcel)
            }
            Collected::TooLarge(_) => {
                self.stage = Stage::Unwanted(id);
                None
            }
            Collected::Part(..) | Collected::Known(_) | Collected::Spoiled(_) => None,
        }
    }

    fn heard(&mut self, feedback: &Feedback, now_ms: u64) {
        self.heard_ms = now_ms;
        self.listens |= feedback.cookie == self.cookie;
        if let Stage::Answering(parcel, sending) = &mut self.stage {
            match sending.heard(feedback, now_ms) {
                Some(Standing::Whole | Standing::Unwanted) => {
                    self.stage = Stage::Done(*parcel);
                    self.feedback_ms = None;
                }
                Some(Standing::More) => self.feedback_ms = None,
                None => self.feedback_ms = Some(now_ms),
            }
            return;
        }
        // It waits for something: it is told how that stands here, also if nothing is known of it.
        if self.arrival.is_none_or(|arrival| arrival.transfer() != feedback.transfer) {
            self.tell_unknown(feedback.transfer);
        }
        self.feedback_ms = Some(now_ms);
    }

    /// A transfer that nothing is known of begins anew: the server may have been started again.
    fn tell_unknown(&mut self, transfer: TransferId) {
        if !self.stage.is_about(transfer) {
            self.arrival = Some(Arrival::nothing(transfer));
        }
    }

    pub(super) fn judged(&mut self, judged: Judged, now_ms: u64) {
        let parcel = TransferId::of(judged.parcel);
        if !matches!(self.stage, Stage::Judging(waiting) if waiting == parcel) {
            return;
        }
        self.stage = match judged.judgement {
            Judgement::Answer(answer) => {
                match Sending::new(&answer, SYMBOL_BYTES, Pacer::new(now_ms)) {
                    Ok(sending) => Stage::Answering(parcel, Box::new(sending)),
                    Err(_) => Stage::Unwanted(parcel),
                }
            }
            Judgement::Unwanted => Stage::Unwanted(parcel),
            Judgement::Failed => {
                self.collector = Self::collector();
                Stage::Coming
            }
        };
        self.feedback_ms = Some(now_ms);
    }

    /// Gives the next datagram that is due; nothing if none is, or it may not go yet.
    pub(super) fn due(&mut self, now_ms: u64) -> Option<Vec<u8>> {
        if self.idle_ms(now_ms) > SILENT_MS {
            return None;
        }
        if self.feedback_ms.is_some_and(|due| due <= now_ms) {
            self.feedback_ms = Some(now_ms + FEEDBACK_AGAIN_MS);
            let feedback = self.arrival?.feedback(self.stage.standing(), self.cookie).to_bytes();
            return self.may_send(feedback);
        }
        let (listens, room) = (self.listens, self.room());
        let Stage::Answering(_, sending) = &mut self.stage else { return None };
        if sending.wait_ms(now_ms) > 0 {
            return None;
        }
        // Asked before the frame is made: one that may not go is not counted as sent.
        if !listens && room < u64::from(SYMBOL_BYTES) * 2 {
            return None;
        }
        let frame = sending.frame(now_ms).to_bytes();
        self.may_send(frame)
    }

    fn room(&self) -> u64 {
        self.came_bytes.saturating_mul(AMPLIFICATION).saturating_sub(self.sent_bytes)
    }

    fn may_send(&mut self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        let length = bytes.len() as u64;
        if !self.listens && length > self.room() {
            return None;
        }
        self.sent_bytes = self.sent_bytes.saturating_add(length);
        Some(bytes)
    }

    fn is_allowed(&mut self, now_ms: u64) -> bool {
        let (left, at_ms) = self.allowance;
        #[expect(clippy::cast_precision_loss, reason = "a difference of times is small")]
        let gained = now_ms.saturating_sub(at_ms) as f64 * A_SECOND / 1_000.0;
        let left = (left + gained).min(BURST);
        let allowed = left >= 1.0;
        self.allowance = (if allowed { left - 1.0 } else { left }, now_ms);
        allowed
    }
}

impl Stage {
    fn is_about(&self, id: TransferId) -> bool {
        match self {
            Self::Coming => false,
            Self::Judging(parcel)
            | Self::Answering(parcel, _)
            | Self::Done(parcel)
            | Self::Unwanted(parcel) => *parcel == id,
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::Coming => Standing::More,
            Self::Judging(_) | Self::Answering(..) | Self::Done(_) => Standing::Whole,
            Self::Unwanted(_) => Standing::Unwanted,
        }
    }
}

#[cfg(test)]
mod tests;
