//! A deterministic model of a bad camera: what it does to a picture, from a seed.
//!
//! It is no physics, but each fault is one that cards meet at a door: a turned hand, a tilted card, a
//! lens out of focus, a dark corridor, a grainy sensor, too few pixels.

use crate::luma::{LumaImage, MAX_PIXELS, MAX_SIDE};

/// Describes one bad photograph. [`Camera::default`] changes nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// How far the picture is turned, clockwise.
    pub rotation_degrees: f32,
    /// How much narrower the top is than the bottom: 0 is flat, 0.3 is a steep tilt (at most 0.8).
    pub tilt: f32,
    /// The standard deviation of the lens blur, in pixels of the photograph (at most 20).
    pub blur_px: f32,
    /// The standard deviation of the sensor's noise, in steps of grey (0 to 255).
    pub noise: f32,
    /// How much light reaches the sensor: 1 is all of it. Less light brings darkness and less
    /// contrast while the noise stays.
    pub light: f32,
    /// How uneven the light is: 0 is even, 0.8 leaves a fifth of the light at the left edge.
    pub shade: f32,
    /// A lamp's reflection on the card: 0 is none, 1 leaves nothing in its middle.
    pub glare: f32,
    /// How far the card is bent around an upright cylinder, in radians from its middle to each edge: 0
    /// is flat (at most 1.5).
    pub bend: f32,
    /// Pixels of the photograph for one pixel of the picture.
    pub scale: f32,
    /// The seed of the noise.
    pub seed: u64,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            rotation_degrees: 0.0,
            tilt: 0.0,
            blur_px: 0.0,
            noise: 0.0,
            light: 1.0,
            shade: 0.0,
            glare: 0.0,
            bend: 0.0,
            scale: 1.0,
            seed: 0,
        }
    }
}

impl Camera {
    /// Takes the photograph. The canvas grows so that nothing is cut off; around the picture there is
    /// a grey table. A photograph that would be too large is taken at a smaller scale.
    #[must_use]
    pub fn photograph(&self, picture: &LumaImage) -> LumaImage {
        let mut frame = Frame::project(self, picture);
        frame.blur(self.blur_px.clamp(0.0, MAX_BLUR_PX));
        frame.expose(self)
    }
}

/// Holds a photograph on its way, in steps of grey.
struct Frame {
    width: usize,
    height: usize,
    greys: Vec<f32>,
}

impl Frame {
    /// Turns, tilts and scales: for each pixel of the photograph, where it comes from.
    fn project(camera: &Camera, picture: &LumaImage) -> Self {
        let (sin, cos) = camera.rotation_degrees.to_radians().sin_cos();
        let (wide, high) = (to_f32(picture.width()), to_f32(picture.height()));
        let turned_wide = (wide * cos).abs() + (high * sin).abs();
        let turned_high = (wide * sin).abs() + (high * cos).abs();
        let scale = fitting_scale(camera.scale, turned_wide, turned_high);
        let width = to_usize((turned_wide * scale).round());
        let height = to_usize((turned_high * scale).round());
        let tilt = camera.tilt.clamp(0.0, MAX_TILT);
        let bend = camera.bend.clamp(0.0, MAX_BEND);
        let greys = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| {
            let (x, y) = ((to_f32(x) + 0.5) / scale, (to_f32(y) + 0.5) / scale);
            let (x, y) = (x - turned_wide / 2.0, y - turned_high / 2.0);
            let (x, y) = untilt(x, y, tilt, turned_high);
            let (x, y) = (x * cos + y * sin, y * cos - x * sin);
            let (x, y) = unbend(x, y, bend, wide);
            area_mean(picture, x + wide / 2.0, y + high / 2.0, 1.0 / scale)
        });
        Self { width, height, greys: greys.collect() }
    }

    /// Three box filters in a row, close to a Gaussian of this standard deviation, each with a soft
    /// edge so that every radius counts.
    fn blur(&mut self, sigma: f32) {
        // A box of half-width r has variance r²/3 (continuous); three of them add up to r².
        let radius = sigma;
        if radius < 0.05 {
            return;
        }
        for _ in 0..3 {
            self.greys = soften(&self.greys, self.width, radius);
            self.greys = transpose(&self.greys, self.width);
            self.greys = soften(&self.greys, self.height, radius);
            self.greys = transpose(&self.greys, self.height);
        }
    }

    /// Light, shade, glare and noise, then whole steps of grey.
    fn expose(self, camera: &Camera) -> LumaImage {
        let mut noise = Noise(camera.seed);
        let (wide, high) = (to_f32(self.width.max(1)), to_f32(self.height.max(1)));
        let lamp = Lamp::of(camera, wide, high);
        LumaImage::from_fn(self.width, self.height, |x, y| {
            let lit = camera.light * (1.0 - camera.shade * (1.0 - to_f32(x) / wide));
            let grey = self.greys[y * self.width + x] * lit + STRAY_LIGHT * (1.0 - lit);
            let grey = grey + lamp.at(to_f32(x), to_f32(y));
            to_u8(grey + camera.noise * noise.next_gaussian())
        })
    }
}

/// Keeps a photograph within the limits for pictures.
fn fitting_scale(scale: f32, wide: f32, high: f32) -> f32 {
    let wanted = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
    let by_side = (to_f32(MAX_SIDE) - 1.0) / wide.max(high).max(1.0);
    let by_area = ((to_f32(MAX_PIXELS) * 0.99) / (wide * high).max(1.0)).sqrt();
    wanted.min(by_side).min(by_area)
}

/// The point of the flat card that is seen here, if its top leans away.
fn untilt(x: f32, y: f32, tilt: f32, high: f32) -> (f32, f32) {
    // Depth grows towards the top (y = -high/2): w is 1 at the bottom and 1 + tilt at the top.
    let slope = tilt / high.max(1.0);
    let depth = (1.0 + tilt / 2.0) / (1.0 + slope * y);
    (x * depth, y * depth)
}

/// The point of the flat card that is seen here, if it is bent around a cylinder; beyond its edge there
/// is none.
fn unbend(x: f32, y: f32, bend: f32, wide: f32) -> (f32, f32) {
    if bend == 0.0 {
        return (x, y);
    }
    let radius = wide / 2.0 / bend;
    let sine = x / radius;
    if sine.abs() >= 1.0 {
        return (2.0 * wide, y);
    }
    // What turns away is also a little farther off.
    let depth = radius * (1.0 - (1.0 - sine * sine).sqrt());
    (radius * sine.asin(), y * (1.0 + depth / (4.0 * wide)))
}

/// A reflection: a spot of light somewhere on the card.
struct Lamp {
    x: f32,
    y: f32,
    reach: f32,
    strength: f32,
}

impl Lamp {
    /// The seed says where, off the middle.
    fn of(camera: &Camera, wide: f32, high: f32) -> Self {
        let mut place = Noise(!camera.seed);
        let mut part = || 0.5 + 0.12 * place.next_gaussian().clamp(-2.0, 2.0);
        let (x, y) = (wide * part(), high * part());
        Self { x, y, reach: LAMP_REACH * wide.min(high), strength: 255.0 * camera.glare }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        if self.strength == 0.0 {
            return 0.0;
        }
        let (dx, dy) = ((x - self.x) / self.reach, (y - self.y) / self.reach);
        self.strength * (-(dx * dx + dy * dy) / 2.0).exp()
    }
}

/// The mean grey of a square of this side around a point; beyond the picture lies the table.
fn area_mean(picture: &LumaImage, x: f32, y: f32, side: f32) -> f32 {
    let samples = to_usize(side.ceil()).clamp(1, 8);
    let step = side / to_f32(samples);
    let mut sum = 0.0;
    for j in 0..samples {
        for i in 0..samples {
            let dx = (to_f32(i) + 0.5) * step - side / 2.0;
            let dy = (to_f32(j) + 0.5) * step - side / 2.0;
            sum += bilinear(picture, x + dx - 0.5, y + dy - 0.5);
        }
    }
    sum / to_f32(samples * samples)
}

fn bilinear(picture: &LumaImage, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (right_part, lower_part) = (x - left, y - top);
    let upper = grey_at(picture, left, top) * (1.0 - right_part)
        + grey_at(picture, left + 1.0, top) * right_part;
    let lower = grey_at(picture, left, top + 1.0) * (1.0 - right_part)
        + grey_at(picture, left + 1.0, top + 1.0) * right_part;
    upper * (1.0 - lower_part) + lower * lower_part
}

fn grey_at(picture: &LumaImage, x: f32, y: f32) -> f32 {
    let inside =
        x >= 0.0 && y >= 0.0 && x < to_f32(picture.width()) && y < to_f32(picture.height());
    if inside {
        f32::from(picture.pixels()[to_usize(y) * picture.width() + to_usize(x)])
    } else {
        TABLE_GREY
    }
}

/// A running mean over `2 × radius` pixels of each row, the outermost two in part.
fn soften(greys: &[f32], width: usize, radius: f32) -> Vec<f32> {
    // Whole pixels on each side, and the part of the next one.
    let reach = (radius - 0.5).max(0.0);
    let whole = to_usize(reach.floor());
    let part = if radius < 0.5 { radius * radius } else { reach - reach.floor() };
    let weight = 1.0 + 2.0 * (to_f32(whole) + part);
    let mut softened = Vec::with_capacity(greys.len());
    for row in greys.chunks_exact(width.max(1)) {
        let last = row.len() - 1;
        let at = |x: usize, back: usize| row[x.saturating_sub(back)];
        let ahead = |x: usize, by: usize| row[(x + by).min(last)];
        let mut sum: f32 = row[0];
        sum += (1..=whole).map(|by| at(0, by) + ahead(0, by)).sum::<f32>();
        for x in 0..row.len() {
            softened.push((sum + part * (at(x, whole + 1) + ahead(x, whole + 1))) / weight);
            sum += ahead(x, whole + 1) - at(x, whole);
        }
    }
    softened
}

fn transpose(greys: &[f32], width: usize) -> Vec<f32> {
    let height = greys.len() / width.max(1);
    (0..width).flat_map(|x| (0..height).map(move |y| greys[y * width + x])).collect()
}

/// A small generator of numbers that look random (SplitMix64); the seed decides all of them.
struct Noise(u64);

impl Noise {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The sum of four even numbers is close to a bell curve; mean 0, deviation 1.
    fn next_gaussian(&mut self) -> f32 {
        let sum: f32 = self
            .next_u64()
            .to_le_bytes()
            .chunks_exact(2)
            .map(|two| f32::from(u16::from_le_bytes([two[0], two[1]])) / f32::from(u16::MAX))
            .sum();
        // Four even numbers on 0..1 have mean 2 and variance 4/12.
        (sum - 2.0) * 3.0_f32.sqrt()
    }
}

#[expect(clippy::cast_precision_loss, reason = "pictures have sides of at most 10 000 pixels")]
fn to_f32(number: usize) -> f32 {
    number as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates: below 0 it gives 0"
)]
fn to_usize(number: f32) -> usize {
    number as usize
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates: to black and to white"
)]
fn to_u8(grey: f32) -> u8 {
    grey.round() as u8
}

const MAX_BLUR_PX: f32 = 20.0;
const MAX_TILT: f32 = 0.8;
const MAX_BEND: f32 = 1.5;
/// The standard deviation of a reflection, for a picture of side 1.
const LAMP_REACH: f32 = 0.1;
const TABLE_GREY: f32 = 200.0;
/// What a sensor reports in the dark, in steps of grey: it takes contrast away.
const STRAY_LIGHT: f32 = 12.0;

/// Gives a text of the length and the letters of a static card (`OB1:` and Base45), another for each number:
/// what measurements show to the camera.
#[must_use]
pub fn card_text(number: u16) -> String {
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let mut state = 2 * u64::from(number) + 1;
    let letters = (0..195).map(|_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let letter = usize::try_from(state >> 40).expect("24 bits") % alphabet.len();
        char::from(alphabet[letter])
    });
    "OB1:".chars().chain(letters).collect()
}
