//! A stream of frames: a little work for each, another kind of work for the next.

use super::{in_reading_order, passes::Pass};
use crate::luma::Luma;

/// Reads the frames of a camera one after the other, each within its time.
///
/// Each frame gets the plain pass. If that shows nothing new, the frame gets one of the harder passes
/// too, another one for each frame: a card stays before the camera for many frames, and so does the
/// hard one beside an easy one.
#[derive(Clone, Debug, Default)]
pub struct FrameReader {
    turn: usize,
    before: Vec<String>,
}

impl FrameReader {
    /// Makes a reader that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the texts in a frame: each once, in reading order.
    pub fn read(&mut self, frame: &Luma<'_>) -> Vec<String> {
        let mut found = Pass::PLAIN.read(frame);
        if found.iter().all(|one| self.before.contains(&one.text)) {
            let pass = Pass::IN_TURN[self.turn % Pass::IN_TURN.len()];
            self.turn = self.turn.wrapping_add(1);
            found.extend(pass.read(frame));
        }
        let texts = in_reading_order(found);
        self.before.clone_from(&texts);
        texts
    }
}
