//! One pass: a way to make a grey picture black and white, and what is found in it.

use super::{
    filter::{doubled, mean_around, sharpened, shrunk, thresholded},
    find::{Found, find_symbols},
};
use crate::luma::{Luma, LumaImage};

/// Describes one way from grey to black and white. Distances are in pixels of the working picture
/// before it is doubled.
#[derive(Clone, Copy)]
pub(super) struct Pass {
    /// The working picture is shrunk until its sides are at most this.
    longest_side: usize,
    /// Twice the pixels, between which the edges of the squares are found more exactly. Not done to
    /// pictures of more than [`MAX_DOUBLED_PIXELS`].
    doubled: bool,
    /// Takes the mean over this many half pixels to each side: against noise.
    smooth: usize,
    /// How strongly edges are raised: against blur.
    sharpen: i32,
    /// A pixel is black if it is darker than its neighbourhood of this radius.
    radius: usize,
    /// How much darker, in hundredths.
    margin: u32,
    /// White on black.
    inverted: bool,
}

impl Pass {
    /// All passes, the cheapest first.
    pub(super) const ALL: [Self; 6] =
        [PLAIN, CLOSE, SHARP_AND_SMOOTH, SHARP, SMOOTH, Self { inverted: true, ..CLOSE }];

    /// The passes worth their time in a single frame.
    pub(super) const FOR_FRAMES: [Self; 3] = [PLAIN, CLOSE, SHARP_AND_SMOOTH];

    /// What each frame of a stream gets.
    pub(super) const PLAIN: Self = PLAIN;

    /// What the frames of a stream get one after the other, the likeliest more often.
    pub(super) const IN_TURN: [Self; 5] =
        [SHARP_AND_SMOOTH, CLOSE, SHARP, SMOOTH, Self { inverted: true, ..CLOSE }];

    /// Makes the picture black and white and reads what is in it; places are in its own pixels.
    pub(super) fn read(&self, picture: &Luma<'_>) -> Vec<Found> {
        if picture.width() == 0 || picture.height() == 0 {
            return Vec::new();
        }
        let longest = picture.width().max(picture.height());
        let mut working = shrunk(picture, longest.div_ceil(self.longest_side));
        let zoom = if self.doubles(&working) { 2 } else { 1 };
        if zoom == 2 {
            working = doubled(&working);
        }
        if self.smooth > 0 {
            working = mean_around(&working, (self.smooth * zoom).div_ceil(2));
        }
        if self.sharpen > 0 {
            let soft = mean_around(&mean_around(&working, 2 * zoom), 2 * zoom);
            working = sharpened(&working, &soft, self.sharpen);
        }
        if self.inverted {
            working = working.map(|grey| 255 - grey);
        }
        let ground = mean_around(&working, self.radius * zoom);
        let found = find_symbols(&thresholded(&working, &ground, self.margin));
        let scale = f32::from(u16::try_from(picture.width()).unwrap_or(u16::MAX))
            / f32::from(u16::try_from(working.width()).unwrap_or(u16::MAX));
        found.into_iter().map(|one| one.scaled(scale)).collect()
    }

    fn doubles(&self, working: &LumaImage) -> bool {
        self.doubled && working.pixels().len() <= MAX_DOUBLED_PIXELS
    }
}

const PLAIN: Pass = Pass {
    longest_side: 1_600,
    doubled: false,
    smooth: 0,
    sharpen: 0,
    radius: 16,
    margin: 5,
    inverted: false,
};

/// A symbol that fills the picture has squares larger than the neighbourhood of the other passes.
const CLOSE: Pass = Pass { longest_side: 400, radius: 40, ..PLAIN };

/// Small and dark and blurred, each a little.
const SHARP_AND_SMOOTH: Pass =
    Pass { doubled: true, smooth: 2, sharpen: 5, radius: 20, margin: 0, ..PLAIN };

/// Small, blurred or steeply tilted.
const SHARP: Pass = Pass { doubled: true, sharpen: 3, ..PLAIN };

/// Dark and noisy.
const SMOOTH: Pass = Pass { doubled: true, smooth: 2, ..PLAIN };

const MAX_DOUBLED_PIXELS: usize = 1_000_000;
