//! Cards that a bad camera saw are read, and the sizes of the symbols are those of the protocol.

use proptest::prelude::*;
use qr::{
    ErrorCorrection, FrameReader, LumaImage, Symbol, camera::Camera, decode, decode_fast, encode,
};

/// A text of this many letters of Base45, with the prefix of our cards.
fn card_text(length: usize) -> String {
    let alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let letters = alphabet.chars().cycle().step_by(17);
    "OB1:".chars().chain(letters).take(length).collect()
}

fn card() -> (String, LumaImage) {
    let text = card_text(199);
    let symbol = encode(&text, ErrorCorrection::Q).expect("a card fits");
    (text, symbol.render(8, 4))
}

/// Four pixels a square, a little out of focus, a little grainy.
fn usual() -> Camera {
    Camera { blur_px: 0.8, noise: 8.0, light: 0.8, scale: 0.5, seed: 7, ..Camera::default() }
}

fn reads(camera: Camera) -> bool {
    let (text, picture) = card();
    decode(&camera.photograph(&picture).as_luma()) == [text]
}

#[test]
fn reads_a_card_turned_by_any_angle() {
    let (text, picture) = card();
    for degrees in (0_u16..360).step_by(11) {
        let camera = Camera { rotation_degrees: f32::from(degrees), ..usual() };
        let photograph = camera.photograph(&picture);
        assert_eq!(decode_fast(&photograph.as_luma()), [text.as_str()], "turned by {degrees}°");
    }
}

#[test]
fn reads_each_fault_by_itself() {
    for camera in [
        Camera { noise: 40.0, ..usual() },
        Camera { blur_px: 1.6, ..usual() },
        Camera { light: 0.12, ..usual() },
        Camera { shade: 0.9, ..usual() },
        Camera { tilt: 0.4, ..usual() },
        Camera { bend: 0.7, ..usual() },
        Camera { glare: 0.8, ..usual() },
        Camera { scale: 2.5 / 8.0, ..usual() },
        Camera { scale: 2.0, ..usual() },
    ] {
        assert!(reads(camera), "{camera:?}");
    }
}

#[test]
fn reads_nothing_where_nothing_can_be_seen() {
    assert!(!reads(Camera { light: 0.0, ..usual() }));
    assert!(!reads(Camera { blur_px: 8.0, ..usual() }));
    assert!(!reads(Camera { scale: 0.05, ..usual() }));
}

#[test]
fn reads_two_symbols_in_reading_order() {
    let texts = ["OB1:LEFT", "OB1:RIGHT"];
    let [left, right] = texts.map(|text| encode(text, ErrorCorrection::M).unwrap().render(8, 4));
    let (width, height) = (left.width() + right.width(), left.height());
    assert_eq!(height, right.height());
    let rows = left.pixels().chunks(left.width()).zip(right.pixels().chunks(right.width()));
    let pixels = rows.flat_map(|(left, right)| left.iter().chain(right)).copied().collect();
    let both = LumaImage::parse(width, height, pixels).unwrap();
    assert_eq!(decode(&both.as_luma()), texts);
    let tilted = Camera { rotation_degrees: 12.0, ..usual() }.photograph(&both);
    assert_eq!(decode(&tilted.as_luma()), texts);
    let upside_down = Camera { rotation_degrees: 180.0, ..usual() }.photograph(&both);
    assert_eq!(decode(&upside_down.as_luma()), ["OB1:RIGHT", "OB1:LEFT"]);
}

/// Two cards side by side, the right one as bad as this camera makes it.
fn siblings(right: Camera) -> ([String; 2], LumaImage) {
    let texts = ["OB1:ANNA", "OB1:BULAT"].map(|text| format!("{text}{}", card_text(190)));
    let [left, right] = [usual(), right]
        .into_iter()
        .zip(&texts)
        .map(|(camera, text)| {
            let symbol = encode(text, ErrorCorrection::Q).expect("a card fits into a symbol");
            camera.photograph(&symbol.render(8, 4))
        })
        .collect::<Vec<_>>()
        .try_into()
        .expect("two texts make two photographs");
    let (width, height) = (1_280, 720);
    let mut pixels = vec![170; width * height];
    for (photograph, at) in [(left, 150), (right, 750)] {
        for (y, row) in photograph.pixels().chunks(photograph.width()).enumerate() {
            pixels[(160 + y) * width + at..][..row.len()].copy_from_slice(row);
        }
    }
    (texts, LumaImage::parse(width, height, pixels).expect("the picture is whole"))
}

#[test]
fn siblings_in_one_frame_are_two_texts_at_once() {
    let (texts, frame) = siblings(Camera { rotation_degrees: 14.0, seed: 9, ..usual() });
    assert_eq!(FrameReader::new().read(&frame.as_luma()), texts);
}

#[test]
fn hard_card_beside_an_easy_one_is_read_in_a_later_frame() {
    let (texts, frame) = siblings(Camera { blur_px: 1.9, noise: 14.0, ..usual() });
    let mut reader = FrameReader::new();
    let first = reader.read(&frame.as_luma());
    assert_eq!(first, texts[..1], "the plain pass reads the easy one at once");
    let later: Vec<String> = (0..6).flat_map(|_| reader.read(&frame.as_luma())).collect();
    assert!(later.contains(&texts[1]), "{later:?}");
}

#[test]
fn frame_without_a_code_costs_one_hard_pass_and_gives_nothing() {
    let empty = LumaImage::parse(1_280, 720, vec![120; 1_280 * 720]).unwrap();
    let mut reader = FrameReader::new();
    for _ in 0..7 {
        assert_eq!(reader.read(&empty.as_luma()), Vec::<String>::new());
    }
}

#[test]
fn reads_white_on_black() {
    let (text, picture) = card();
    let (width, height) = (picture.width(), picture.height());
    let inverted = picture.into_pixels().into_iter().map(|grey| 255 - grey).collect();
    let inverted = LumaImage::parse(width, height, inverted).unwrap();
    assert_eq!(decode(&inverted.as_luma()), [text]);
}

#[test]
fn reads_a_small_symbol_in_a_large_picture_and_one_that_fills_it() {
    let (text, picture) = card();
    let (width, height, side) = (3_000, 2_000, picture.width());
    let mut pixels = vec![190; width * height];
    for (y, row) in picture.pixels().chunks(side).enumerate() {
        pixels[(900 + y) * width + 1_500..][..side].copy_from_slice(row);
    }
    let large = LumaImage::parse(width, height, pixels).unwrap();
    assert_eq!(decode_fast(&large.as_luma()), [text]);
    let filled = encode("HI", ErrorCorrection::H).unwrap().render(24, 2);
    assert_eq!(decode_fast(&filled.as_luma()), ["HI"]);
}

#[test]
fn an_empty_picture_holds_nothing() {
    for grey in [0, 128, 255] {
        let empty = LumaImage::parse(640, 480, vec![grey; 640 * 480]).unwrap();
        assert_eq!(decode(&empty.as_luma()), Vec::<String>::new());
        assert_eq!(decode_fast(&empty.as_luma()), Vec::<String>::new());
    }
}

#[test]
fn symbols_are_no_larger_than_the_protocol_says() {
    let version = |length, correction| {
        encode(&card_text(length), correction).map(|symbol: Symbol| symbol.version()).unwrap()
    };
    let (paper, screen) = (ErrorCorrection::Q, ErrorCorrection::M);
    assert_eq!((version(200, screen), version(200, paper)), (8, 10), "static card");
    assert_eq!((version(264, screen), version(264, paper)), (10, 12), "card with holder key");
    assert_eq!(version(133, screen), 6, "rotating proof, known key");
    assert_eq!(version(399, screen), 12, "rotating proof, self-contained");
    assert_eq!(version(156, screen), 7, "kiosk challenge");
    assert_eq!(version(280, screen), 10, "enrolment ticket");
}

#[test]
fn the_same_seed_takes_the_same_photograph() {
    let (_, picture) = card();
    let noisy = Camera { noise: 20.0, ..usual() };
    assert_eq!(noisy.photograph(&picture), noisy.photograph(&picture));
    assert_ne!(noisy.photograph(&picture), Camera { seed: 8, ..noisy }.photograph(&picture));
    assert_eq!(Camera::default().photograph(&picture), picture);
}

#[test]
fn no_setting_of_the_camera_makes_it_panic() {
    let (_, picture) = card();
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -3.0, 0.0, 1e30, 1e-30];
    for number in odd {
        for camera in [
            Camera { rotation_degrees: number, ..usual() },
            Camera { tilt: number, ..usual() },
            Camera { blur_px: number, ..usual() },
            Camera { noise: number, ..usual() },
            Camera { light: number, ..usual() },
            Camera { shade: number, ..usual() },
            Camera { glare: number, ..usual() },
            Camera { bend: number, ..usual() },
        ] {
            let photograph = camera.photograph(&picture).into_pixels();
            assert!(photograph.len() <= qr::MAX_PIXELS);
        }
    }
    let empty = LumaImage::parse(0, 0, Vec::new()).unwrap();
    assert_eq!(usual().photograph(&empty), empty);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn mild_faults_together_are_read(
        rotation_degrees in 0.0..360.0_f32,
        tilt in 0.0..0.2_f32,
        blur_px in 0.0..1.0_f32,
        noise in 0.0..12.0_f32,
        light in 0.5..1.1_f32,
        scale in 0.45..1.0_f32,
        seed: u64,
    ) {
        let camera = Camera { rotation_degrees, tilt, blur_px, noise, light, scale, seed, ..usual() };
        prop_assert!(reads(camera));
    }
}
