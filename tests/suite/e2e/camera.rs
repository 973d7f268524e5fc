//! A film for Chromium's fake camera: scenes of 1280 × 720 with codes on a table, empty ones between.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use qr::camera::Camera;
use qr::{ErrorCorrection, LumaImage};

const WIDTH: usize = 1_280;
const HEIGHT: usize = 720;
/// Chromium plays thirty frames a second.
const EMPTY_FRAMES: usize = 12;
const GREY: u8 = 120;

/// What is before the camera for a while.
pub(crate) struct Scene {
    /// What the codes say, side by side.
    pub(crate) texts: Vec<String>,
    /// How many frames they stay.
    pub(crate) frames: usize,
}

impl Scene {
    /// One code for somewhat less than a second.
    pub(crate) fn one(text: impl Into<String>) -> Self {
        Self { texts: vec![text.into()], frames: 24 }
    }
}

/// Films scene after scene; after the last one the camera begins again.
pub(crate) fn film(scenes: &[Scene], dir: &Path) -> PathBuf {
    let path = dir.join("film.mjpeg");
    let mut file = std::fs::File::create(&path).expect("the film can be written");
    let empty = jpeg(&vec![GREY; WIDTH * HEIGHT]);
    for (number, scene) in scenes.iter().enumerate() {
        let shown = jpeg(&frame(scene, number));
        let frames = [(&empty, EMPTY_FRAMES), (&shown, scene.frames)];
        for (picture, times) in frames {
            for _ in 0..times {
                file.write_all(picture).expect("the film can be written");
            }
        }
    }
    path
}

/// Lays the codes side by side, each in the middle of its part of the frame.
fn frame(scene: &Scene, number: usize) -> Vec<u8> {
    let mut frame = vec![GREY; WIDTH * HEIGHT];
    let part = WIDTH / scene.texts.len();
    for (place, text) in scene.texts.iter().enumerate() {
        let angle = [7.0, -11.0, 4.0][(number + place) % 3];
        let picture = photograph(text, angle, (number * 10 + place) as u64);
        let (width, height) = (picture.width(), picture.height());
        assert!(width <= part && height <= HEIGHT, "{width} × {height} does not fit the frame");
        let (left, top) = (place * part + (part - width) / 2, (HEIGHT - height) / 2);
        for (row, pixels) in picture.pixels().chunks_exact(width).enumerate() {
            let start = (top + row) * WIDTH + left;
            frame[start..start + width].copy_from_slice(pixels);
        }
    }
    frame
}

fn photograph(text: &str, rotation_degrees: f32, seed: u64) -> LumaImage {
    let symbol = qr::encode(text, ErrorCorrection::Q).expect("a card fits a symbol");
    let camera = Camera { rotation_degrees, blur_px: 0.5, noise: 6.0, seed, ..Camera::default() };
    camera.photograph(&symbol.render(6, 4))
}

fn jpeg(luma: &[u8]) -> Vec<u8> {
    let rgb: Vec<u8> = luma.iter().flat_map(|value| [*value; 3]).collect();
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 90)
        .write_image(&rgb, pixels(WIDTH), pixels(HEIGHT), ExtendedColorType::Rgb8)
        .expect("a frame can be encoded");
    out
}

fn pixels(length: usize) -> u32 {
    u32::try_from(length).expect("a frame is smaller than 2³² pixels")
}
