//! Pixels → text, as a WASM module of its own: loaded when a scanner opens, run in a worker.
//!
//! `decoder.js` asks for it from the page, `decoder-worker.js` is where it runs. Absent on purpose:
//! anything but pixels and texts.

use qr::{FrameReader, Luma, LumaImage};
use wasm_bindgen::prelude::wasm_bindgen;

/// Reads pictures. Keeps from frame to frame what was tried, not what was read.
#[derive(Debug, Default)]
#[wasm_bindgen]
pub struct Decoder {
    frames: FrameReader,
}

#[wasm_bindgen]
impl Decoder {
    /// Makes a decoder that has seen nothing.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads one frame of a camera from its grey pixels; rows begin `stride` bytes apart. Bytes that do
    /// not fit the size hold nothing.
    pub fn grey_frame(
        &mut self,
        width: usize,
        height: usize,
        stride: usize,
        grey: &[u8],
    ) -> Vec<String> {
        if stride == width {
            let pixels = width.checked_mul(height).and_then(|length| grey.get(..length));
            let frame = pixels.and_then(|pixels| Luma::parse(width, height, pixels).ok());
            return frame.map(|frame| self.frames.read(&frame)).unwrap_or_default();
        }
        let rows = grey.chunks(stride.max(1)).take(height).filter_map(|row| row.get(..width));
        let frame = LumaImage::parse(width, height, rows.flatten().copied().collect());
        frame.map(|frame| self.frames.read(&frame.as_luma())).unwrap_or_default()
    }

    /// Reads one frame of a camera from the four bytes a pixel that a canvas gives.
    pub fn colour_frame(&mut self, width: usize, height: usize, rgba: &[u8]) -> Vec<String> {
        let frame = LumaImage::from_rgba(width, height, rgba);
        frame.map(|frame| self.frames.read(&frame.as_luma())).unwrap_or_default()
    }

    /// Reads a single picture, as thoroughly as this module can.
    #[must_use]
    pub fn picture(&self, width: usize, height: usize, rgba: &[u8]) -> Vec<String> {
        let picture = LumaImage::from_rgba(width, height, rgba);
        picture.map(|picture| qr::decode(&picture.as_luma())).unwrap_or_default()
    }
}
