//! A film for Chromium's fake camera: nothing, then a foreign code, then real cards.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use qr::camera::Camera;
use qr::{ErrorCorrection, LumaImage};

const WIDTH: usize = 640;
const HEIGHT: usize = 480;
/// Frames that one scene stays; Chromium plays about thirty a second.
const SCENE_FRAMES: usize = 45;
const GREY: u8 = 120;

/// Films each text for some moments, with empty scenes between.
pub(super) fn film(texts: &[String], dir: &Path) -> PathBuf {
    let path = dir.join("film.mjpeg");
    let mut file = std::fs::File::create(&path).expect("the film can be written");
    let empty = jpeg(&vec![GREY; WIDTH * HEIGHT]);
    for (number, text) in texts.iter().enumerate() {
        let angle = [7.0, -11.0, 4.0][number % 3];
        let scene = jpeg(&in_frame(&photograph(text, angle, number as u64)));
        for frame in [&empty, &scene, &scene] {
            for _ in 0..SCENE_FRAMES / 2 {
                file.write_all(frame).expect("the film can be written");
            }
        }
    }
    path
}

fn photograph(text: &str, rotation_degrees: f32, seed: u64) -> LumaImage {
    let symbol = qr::encode(text, ErrorCorrection::Q).expect("a card fits a symbol");
    let camera = Camera { rotation_degrees, blur_px: 0.5, noise: 6.0, seed, ..Camera::default() };
    camera.photograph(&symbol.render(5, 4))
}

/// Puts a picture into the middle of a grey frame.
fn in_frame(picture: &LumaImage) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    assert!(width <= WIDTH && height <= HEIGHT, "{width} × {height} does not fit the frame");
    let (left, top) = ((WIDTH - width) / 2, (HEIGHT - height) / 2);
    let mut frame = vec![GREY; WIDTH * HEIGHT];
    for (row, pixels) in picture.pixels().chunks_exact(width).enumerate() {
        let start = (top + row) * WIDTH + left;
        frame[start..start + width].copy_from_slice(pixels);
    }
    frame
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
