//! Which decoder reads more photographs of cards, and how fast: rqrr against rxing against `decode`.
//!
//! `cargo bench -p qr --features camera-model`. Every decoder sees the same photographs in the same
//! run; the last lines are ratios against rqrr, so that the speed of the machine does not matter.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::time::{Duration, Instant};

use qr::{
    ErrorCorrection, Luma, LumaImage,
    camera::{Camera, card_text},
};
use rxing::{
    BinaryBitmap, DecodeHints, Luma8LuminanceSource, Reader as _, common::HybridBinarizer,
    qrcode::cpp_port::QrReader,
};

fn main() {
    println!(
        "Photographs read, and median time of one, for a card of 199 characters (v10-Q, v8-M)."
    );
    let names = READERS.map(|reader| format!("{:>20}", reader.name));
    println!("{:<26}{}", "condition", names.concat());
    let mut totals = READERS.map(|_| Tally::default());
    for condition in conditions() {
        let tallies = condition.measure();
        println!("{:<26}{}", condition.name, tallies.each_ref().map(Tally::cell).concat());
        for (total, tally) in totals.iter_mut().zip(tallies) {
            total.add(tally);
        }
    }
    println!("{:<26}{}", "all", totals.each_ref().map(Tally::cell).concat());
    let [reference, others @ ..] = &totals;
    for (reader, total) in READERS.iter().skip(1).zip(others) {
        let rate = total.rate() / reference.rate();
        let time = total.median().as_secs_f64() / reference.median().as_secs_f64();
        println!("{} : rqrr   read rate x {rate:.2}   median time x {time:.2}", reader.name);
    }
}

struct Reader {
    name: &'static str,
    read: fn(&Luma<'_>) -> Vec<String>,
}

/// The first is the reference of the ratios.
const READERS: [Reader; 4] = [
    Reader { name: "rqrr", read: read_with_rqrr },
    Reader { name: "rxing", read: read_with_rxing },
    Reader { name: "qr::decode_fast", read: qr::decode_fast },
    Reader { name: "qr::decode", read: qr::decode },
];

fn read_with_rqrr(picture: &Luma<'_>) -> Vec<String> {
    let (width, height) = (picture.width(), picture.height());
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        picture.pixels()[y * width + x]
    });
    prepared.detect_grids().iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect()
}

/// As its users call it: its hybrid binarizer, its QR reader, trying harder.
fn read_with_rxing(picture: &Luma<'_>) -> Vec<String> {
    let width = u32::try_from(picture.width()).expect("a small picture");
    let height = u32::try_from(picture.height()).expect("a small picture");
    let source = Luma8LuminanceSource::new(picture.pixels().to_vec(), width, height);
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source.expect("the size fits")));
    let hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
    let found = QrReader.decode_with_hints(&mut bitmap, &hints);
    found.iter().map(|one| one.getText().to_owned()).collect()
}

/// One row of the table: photographs that differ in card, angle and noise alone.
struct Condition {
    name: String,
    camera: Camera,
    any_angle: bool,
}

fn conditions() -> Vec<Condition> {
    // Cards are drawn at 8 pixels a square, so a scale of 0.5 leaves 4.
    let usual = Camera { blur_px: 0.7, noise: 6.0, light: 0.8, scale: 0.5, ..Camera::default() };
    let mut rows = Vec::new();
    let mut row = |name: String, camera: Camera, any_angle: bool| {
        rows.push(Condition { name, camera, any_angle });
    };
    for px in [6.0, 4.0, 3.0, 2.5, 2.0, 1.5_f32] {
        row(format!("{px} px a square"), Camera { scale: px / 8.0, ..usual }, true);
    }
    for rotation_degrees in [0.0, 10.0, 22.5, 45.0, 67.0, 90.0, 180.0, 301.0] {
        row(format!("turned {rotation_degrees}°"), Camera { rotation_degrees, ..usual }, false);
    }
    for tilt in [0.2, 0.4, 0.6] {
        row(format!("tilt {tilt}"), Camera { tilt, ..usual }, true);
    }
    for blur_px in [1.2, 1.6, 2.0, 2.4, 2.8] {
        row(format!("blur {blur_px} px"), Camera { blur_px, ..usual }, true);
    }
    for noise in [15.0, 30.0, 45.0, 60.0] {
        row(format!("noise {noise}"), Camera { noise, ..usual }, true);
    }
    for light in [0.3, 0.15, 0.08, 0.04] {
        row(format!("light {light}"), Camera { light, ..usual }, true);
    }
    for shade in [0.5, 0.8, 0.95] {
        row(format!("shade {shade}"), Camera { shade, ..usual }, true);
    }
    let corridor =
        Camera { tilt: 0.2, blur_px: 1.2, noise: 10.0, light: 0.25, shade: 0.5, ..usual };
    row("dark corridor".to_owned(), corridor, true);
    row("dark corridor, 3 px".to_owned(), Camera { scale: 0.375, ..corridor }, true);
    row(
        "video frame, 2.5 px".to_owned(),
        Camera { blur_px: 1.0, noise: 12.0, scale: 0.3125, ..usual },
        true,
    );
    rows
}

impl Condition {
    fn measure(&self) -> [Tally; 4] {
        let mut tallies = READERS.map(|_| Tally::default());
        for (number, correction) in
            (0..PICTURES).zip([ErrorCorrection::Q, ErrorCorrection::M].into_iter().cycle())
        {
            let text = card_text(number);
            let card = qr::encode(&text, correction).expect("a card fits").render(8, 6);
            let photograph = self.photograph(&card, number);
            for (reader, tally) in READERS.iter().zip(&mut tallies) {
                #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
                let start = Instant::now();
                let texts = (reader.read)(&photograph.as_luma());
                tally.times.push(start.elapsed());
                tally.read += usize::from(texts == [text.clone()]);
            }
        }
        tallies
    }

    fn photograph(&self, card: &LumaImage, number: u16) -> LumaImage {
        let turn = if self.any_angle { f32::from(number) * 137.508 } else { 0.0 };
        let rotation_degrees = (self.camera.rotation_degrees + turn) % 360.0;
        Camera { rotation_degrees, seed: u64::from(number), ..self.camera }.photograph(card)
    }
}

#[derive(Default)]
struct Tally {
    read: usize,
    times: Vec<Duration>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.read += other.read;
        self.times.extend(other.times);
    }

    #[expect(clippy::cast_precision_loss, reason = "a few hundred photographs")]
    fn rate(&self) -> f64 {
        self.read as f64 / self.times.len() as f64
    }

    fn median(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }

    fn cell(&self) -> String {
        let (rate, ms) = (self.rate() * 100.0, self.median().as_secs_f64() * 1e3);
        format!("{:>20}", format!("{rate:.0} % {ms:.1} ms"))
    }
}

const PICTURES: u16 = 24;
