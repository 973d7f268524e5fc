//! What came of a transfer, as its receiver tells the sender.

use crate::feedback::{Feedback, Standing};
use crate::frame::{Frame, TransferId};

/// Notes the newest symbol of a transfer, for [`Feedback`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Arrival {
    transfer: TransferId,
    newest: u32,
    at_ms: u32,
    frames: u32,
}

impl Arrival {
    /// Begins with the first frame.
    #[must_use]
    pub fn of(frame: &Frame, now_ms: u64) -> Self {
        let first =
            Self { transfer: frame.transfer.id, newest: frame.symbol_id, at_ms: 0, frames: 0 };
        first.and(frame, now_ms)
    }

    /// Says that nothing of a transfer came.
    #[must_use]
    pub fn nothing(transfer: TransferId) -> Self {
        Self { transfer, newest: 0, at_ms: 0, frames: 0 }
    }

    /// Notes another frame of the same transfer; of another one, begins anew.
    #[must_use]
    pub fn and(self, frame: &Frame, now_ms: u64) -> Self {
        if frame.transfer.id != self.transfer {
            return Self::of(frame, now_ms);
        }
        #[expect(clippy::cast_possible_truncation, reason = "the count goes around")]
        let at_ms = now_ms as u32;
        Self { newest: frame.symbol_id, at_ms, frames: self.frames.saturating_add(1), ..self }
    }

    /// Names the transfer.
    #[must_use]
    pub fn transfer(&self) -> TransferId {
        self.transfer
    }

    /// Tells the sender how it stands.
    #[must_use]
    pub fn feedback(&self, standing: Standing, cookie: [u8; 8]) -> Feedback {
        let Self { transfer, newest, at_ms, frames: received } = *self;
        Feedback { transfer, standing, received, newest, at_ms, cookie }
    }
}
