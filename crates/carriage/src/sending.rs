//! One object on its way in datagrams: which frame goes, and when.

use crate::feedback::{Feedback, Standing};
use crate::frame::{FRAME_HEADER_BYTES, Frame, TransferName};
use crate::pacer::Pacer;
use crate::stream::{FrameStream, StreamError};

/// Bytes of the headers of IP and UDP: they take their part of the line too.
const HEADERS: usize = 28;

/// Sends one object, frame by frame, at the pace that the line takes. Time is handed in, in
/// milliseconds of any count.
#[derive(Clone, Debug)]
pub struct Sending {
    stream: FrameStream,
    pacer: Pacer,
    next: u32,
}

impl Sending {
    /// Begins to send an object in symbols of so many bytes.
    ///
    /// # Errors
    /// [`StreamError`] if the object is empty or too large.
    pub fn new(object: &[u8], symbol_bytes: u16, pacer: Pacer) -> Result<Self, StreamError> {
        Ok(Self { stream: FrameStream::new(object, symbol_bytes)?, pacer, next: 0 })
    }

    /// Says what all its frames have in common.
    #[must_use]
    pub fn transfer(&self) -> TransferName {
        self.stream.transfer()
    }

    /// Gives the rate, in bytes a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.pacer.rate()
    }

    /// Says how many frames went.
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.next
    }

    /// Says in how many milliseconds the next frame may go; 0: now.
    #[must_use]
    pub fn wait_ms(&self, now_ms: u64) -> u64 {
        self.pacer.wait_ms(now_ms)
    }

    /// Gives the next frame, and counts it as sent.
    pub fn frame(&mut self, now_ms: u64) -> Frame {
        let frame = self.stream.frame(self.next);
        let bytes = HEADERS + FRAME_HEADER_BYTES + frame.symbol.len();
        self.pacer.sent(frame.symbol_id, bytes, now_ms);
        self.next = self.next.wrapping_add(1);
        frame
    }

    /// Learns from feedback, if it is about this object; gives how the object stands.
    pub fn heard(&mut self, feedback: &Feedback, now_ms: u64) -> Option<Standing> {
        if feedback.transfer != self.transfer().id {
            return None;
        }
        self.pacer.heard(feedback, now_ms);
        Some(feedback.standing)
    }
}
