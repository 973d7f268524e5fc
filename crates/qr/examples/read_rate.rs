//! How many cards are read, by us and by zxing-cpp, in the same frames and the same run.
//!
//! `cargo xtask bench-read-rate` brings zxing-cpp (npm's `zxing-wasm`) and says where it is. For each
//! kind of trouble there are cards seen by a bad camera (`qr::camera`, seeded), each in a few frames of
//! 1280 × 720 that differ in their noise alone: a card stays before a camera for longer than that. A card
//! counts as read if one of its frames was. Exits with 1 if we read less than [`LEAST`] of what it reads.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use qr::{
    ErrorCorrection, FrameReader, Luma, LumaImage,
    camera::{Camera, card_text},
};
use serde_json::Value;

fn main() -> ExitCode {
    let modules = std::env::args().nth(1);
    let mut zxing = modules.map(|modules| Zxing::start(&modules));
    println!(
        "Cards read, of {CARDS} seen {FRAMES} frames each; median time of a frame in brackets."
    );
    println!("{:<22}{HEAD}", "");
    let mut all = Row::default();
    for (kind, cameras) in kinds() {
        let mut row = Row::default();
        for camera in cameras {
            row.add(&measure(camera, zxing.as_mut()));
        }
        println!("{kind:<22}{}", row.cells());
        all.add(&row);
    }
    println!("{:<22}{}", "all", all.cells());
    let Some(ratio) = all.stream.ratio(&all.zxing) else {
        println!("zxing-cpp is not here: nothing to compare with");
        return ExitCode::SUCCESS;
    };
    println!("stream : zxing-cpp   read rate x {ratio:.3} (at least {LEAST})");
    if ratio < LEAST { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What goes wrong, by name, each in several degrees.
fn kinds() -> Vec<(&'static str, Vec<Camera>)> {
    // Cards are drawn at 8 pixels a square: this leaves 4.
    let usual = Camera { blur_px: 0.7, noise: 6.0, light: 0.8, scale: 0.5, ..Camera::default() };
    let with = |change: fn(Camera, f32) -> Camera, degrees: &[f32]| -> Vec<Camera> {
        degrees.iter().map(|degree| change(usual, *degree)).collect()
    };
    vec![
        ("clean", with(|camera, scale| Camera { scale, ..camera }, &[0.5, 0.75, 1.0])),
        ("blur", with(|c, blur_px| Camera { blur_px, ..c }, &[1.2, 1.6, 2.0, 2.4])),
        ("noise", with(|c, noise| Camera { noise, ..c }, &[20.0, 35.0, 50.0])),
        (
            "rotation",
            with(|c, degrees| Camera { rotation_degrees: degrees, ..c }, &[11.0, 45.0, 200.0]),
        ),
        ("perspective", with(|c, tilt| Camera { tilt, ..c }, &[0.25, 0.4, 0.55])),
        ("glare", with(|c, glare| Camera { glare, ..c }, &[0.5, 0.8, 1.2])),
        ("low light", with(|c, light| Camera { light, ..c }, &[0.3, 0.15, 0.08])),
        ("small", with(|c, px| Camera { scale: px / 8.0, ..c }, &[3.0, 2.5, 2.0])),
        ("bent", with(|c, bend| Camera { bend, scale: 0.6, ..c }, &[0.4, 0.8, 1.1])),
        (
            "dark corridor",
            with(
                |c, scale| Camera { tilt: 0.2, blur_px: 1.1, noise: 10.0, light: 0.25, scale, ..c },
                &[0.375, 0.5],
            ),
        ),
    ]
}

/// Shows every card of one trouble to all readers.
fn measure(camera: Camera, mut zxing: Option<&mut Zxing>) -> Row {
    let mut row = Row::default();
    for number in 0..CARDS {
        let text = card_text(number);
        let level = if number % 2 == 0 { ErrorCorrection::Q } else { ErrorCorrection::M };
        let card = qr::encode(&text, level).expect("a card fits").render(8, 6);
        let frames: Vec<LumaImage> =
            (0..FRAMES).map(|frame| film(camera, &card, number, frame)).collect();
        let mut reader = FrameReader::new();
        row.stream.show(&frames, &text, |frame| timed(|| reader.read(frame)));
        if let Some(zxing) = zxing.as_mut() {
            row.zxing.show(&frames, &text, |frame| zxing.read(frame));
        }
    }
    row
}

/// One frame: a grainy table, and on it the card, turned a little differently for each card.
fn film(camera: Camera, card: &LumaImage, number: u16, frame: u16) -> LumaImage {
    let seed = u64::from(number) * 1_000 + u64::from(frame);
    let rotation_degrees = camera.rotation_degrees + f32::from(number) * 37.0 % 29.0 - 14.0;
    // the lamp stays where it is, the noise does not: glare has its place from the card alone
    let seed = if camera.glare > 0.0 { u64::from(number) } else { seed };
    let seen = Camera { rotation_degrees, seed, ..camera }.photograph(card);
    let blank = LumaImage::parse(WIDTH, HEIGHT, vec![200; WIDTH * HEIGHT]).expect("a frame");
    let table =
        Camera { scale: 1.0, bend: 0.0, glare: 0.0, tilt: 0.0, rotation_degrees: 0.0, ..camera };
    let table = Camera { seed: !seed, ..table }.photograph(&blank);
    paste(table, &seen, usize::from(number) * 7 % 60)
}

/// Puts a photograph into the middle of a frame, a little to the right; what does not fit is cut off.
fn paste(frame: LumaImage, seen: &LumaImage, aside: usize) -> LumaImage {
    let mut pixels = frame.into_pixels();
    let (wide, high) = (seen.width().min(WIDTH), seen.height().min(HEIGHT));
    let (cut_x, cut_y) = ((seen.width() - wide) / 2, (seen.height() - high) / 2);
    let (left, top) = (((WIDTH - wide) / 2 + aside).min(WIDTH - wide), (HEIGHT - high) / 2);
    for y in 0..high {
        let row = &seen.pixels()[(cut_y + y) * seen.width() + cut_x..][..wide];
        pixels[(top + y) * WIDTH + left..][..wide].copy_from_slice(row);
    }
    LumaImage::parse(WIDTH, HEIGHT, pixels).expect("as large as before")
}

fn timed(read: impl FnOnce() -> Vec<String>) -> (Vec<String>, Duration) {
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    let start = Instant::now();
    let texts = read();
    (texts, start.elapsed())
}

/// What the readers made of the same cards.
#[derive(Default)]
struct Row {
    stream: Tally,
    zxing: Tally,
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.stream.add(&other.stream);
        self.zxing.add(&other.zxing);
    }

    fn cells(&self) -> String {
        let ratio = self.stream.ratio(&self.zxing);
        let ratio = ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        format!("{:>18}{:>18}{ratio:>8}", self.stream.cell(), self.zxing.cell())
    }
}

#[derive(Default)]
struct Tally {
    cards: usize,
    read: usize,
    times: Vec<Duration>,
}

impl Tally {
    /// Shows frames until one is read; a wrong text is no card.
    fn show(
        &mut self,
        frames: &[LumaImage],
        text: &str,
        mut read: impl FnMut(&Luma<'_>) -> (Vec<String>, Duration),
    ) {
        self.cards += 1;
        for frame in frames {
            let (texts, took) = read(&frame.as_luma());
            self.times.push(took);
            if texts == [text] {
                self.read += 1;
                return;
            }
        }
    }

    fn add(&mut self, other: &Self) {
        self.cards += other.cards;
        self.read += other.read;
        self.times.extend(&other.times);
    }

    #[expect(clippy::cast_precision_loss, reason = "a few thousand cards")]
    fn ratio(&self, reference: &Self) -> Option<f64> {
        (reference.read > 0).then(|| self.read as f64 / reference.read as f64)
    }

    fn cell(&self) -> String {
        if self.cards == 0 {
            return "-".to_owned();
        }
        let mut times = self.times.clone();
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        format!("{}/{} ({:.0} ms)", self.read, self.cards, median.as_secs_f64() * 1e3)
    }
}

/// zxing-cpp in a process of its own.
struct Zxing {
    child: Child,
    frames: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Zxing {
    fn start(modules: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/zxing.mjs");
        let mut child = Command::new("node")
            .args([script, modules])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed");
        let frames = child.stdin.take().expect("piped");
        let answers = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, frames, answers }
    }

    fn read(&mut self, frame: &Luma<'_>) -> (Vec<String>, Duration) {
        for side in [frame.width(), frame.height()] {
            let side = u32::try_from(side).expect("a frame is small");
            self.frames.write_all(&side.to_le_bytes()).expect("node listens");
        }
        self.frames.write_all(frame.pixels()).expect("node listens");
        self.frames.flush().expect("node listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("node answers");
        let answer: Value = serde_json::from_str(&line).expect("a line of JSON");
        let texts = answer["texts"].as_array().expect("texts").iter();
        let texts = texts.filter_map(|text| text.as_str().map(str::to_owned)).collect();
        (texts, Duration::from_secs_f64(answer["ms"].as_f64().expect("a time") / 1e3))
    }
}

impl Drop for Zxing {
    fn drop(&mut self) {
        // it has nothing left to do; that it has ended already is as good
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

const HEAD: &str = "              ours         zxing-cpp   ratio";
const LEAST: f64 = 0.95;
const CARDS: u16 = 8;
const FRAMES: u16 = 3;
const WIDTH: usize = 1_280;
const HEIGHT: usize = 720;
