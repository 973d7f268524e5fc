//! How large a frame of an animated code may be: the share that a cheap camera reads, and how long one
//! takes, by version and error correction.
//!
//! `cargo bench -p qr --features camera-model --bench animated`. The symbol always fills the same
//! part of the picture, seven tenths of the height of 640 × 480 or less than half of it, so that a larger version has smaller squares.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::time::{Duration, Instant};

use qr::{ErrorCorrection, LumaImage, camera::Camera, encode};

/// Pixels that the symbol with its quiet zone has across, in the camera's picture: held near, and held
/// too far away.
const ACROSS: [f32; 2] = [336.0, 220.0];
const FRAMES: u64 = 24;

fn main() {
    for across in ACROSS {
        measure_all(across);
    }
}

fn measure_all(across: f32) {
    println!("{across} pixels across");
    println!("{:<8}{:>7}{:>7}{:>9}{:>9}", "", "chars", "bytes", "read", "median");
    for (length, correction) in [
        (311, ErrorCorrection::M),
        (395, ErrorCorrection::L),
        (366, ErrorCorrection::M),
        (419, ErrorCorrection::M),
        (535, ErrorCorrection::L),
        (483, ErrorCorrection::M),
        (600, ErrorCorrection::M),
        (758, ErrorCorrection::L),
        (816, ErrorCorrection::M),
    ] {
        measure(length, correction, across);
    }
}

fn measure(length: usize, correction: ErrorCorrection, across: f32) {
    let (mut read, mut shown, mut times) = (0u32, 0u32, Vec::new());
    let mut version = 0;
    for seed in 0..FRAMES {
        let text = text(length, seed);
        let symbol = encode(&text, correction).expect("it fits");
        version = symbol.version();
        let picture = symbol.render(8, 4);
        for camera in cameras(seed, &picture, across) {
            let photograph = camera.photograph(&picture);
            #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
            let began = Instant::now();
            let found = qr::decode_fast(&photograph.as_luma());
            times.push(began.elapsed());
            shown += 1;
            read += u32::from(found == [text.as_str()]);
        }
    }
    times.sort();
    let median: Duration = times[times.len() / 2];
    let (name, bytes) = (format!("v{version}-{correction:?}"), (length - 4) * 2 / 3);
    let share = f64::from(read) * 100.0 / f64::from(shown);
    println!("{name:<8}{length:>7}{bytes:>7}{share:>8.0}%{median:>9.1?}");
}

/// A steady hand, a lens out of focus, a turned and tilted screen, a dim and grainy picture, and all of
/// it a little.
fn cameras(seed: u64, picture: &LumaImage, across: f32) -> [Camera; 6] {
    #[expect(clippy::cast_precision_loss, reason = "a picture is small")]
    let scale = across / picture.width() as f32;
    let usual = Camera { blur_px: 0.8, noise: 6.0, light: 0.8, scale, seed, ..Camera::default() };
    #[expect(clippy::cast_precision_loss, reason = "a seed is small")]
    let turn = (seed as f32) * 2.5 - 30.0;
    [
        usual,
        Camera { blur_px: 1.3, ..usual },
        Camera { blur_px: 1.7, ..usual },
        Camera { rotation_degrees: turn, tilt: 0.15, ..usual },
        Camera { light: 0.3, noise: 14.0, ..usual },
        Camera { rotation_degrees: turn, blur_px: 1.3, noise: 12.0, shade: 0.3, ..usual },
    ]
}

/// A text of letters of Base45 that look random.
fn text(length: usize, seed: u64) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let letters = std::iter::from_fn(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(char::from(ALPHABET[usize::try_from(state % 45).expect("below 45")]))
    });
    "OF1:".chars().chain(letters).take(length).collect()
}
