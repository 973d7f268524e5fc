//! No picture makes the decoder panic, and no text the encoder.

use proptest::prelude::*;
use qr::{EncodeError, ErrorCorrection, Luma, LumaImage, decode, decode_fast, encode};

const LEVELS: [ErrorCorrection; 4] =
    [ErrorCorrection::L, ErrorCorrection::M, ErrorCorrection::Q, ErrorCorrection::H];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) })]

    #[test]
    fn random_pixels_hold_no_text(
        (width, pixels) in (0..70_usize, 0..70_usize)
            .prop_flat_map(|(width, height)| (Just(width), prop::collection::vec(any::<u8>(), width * height))),
    ) {
        let height = pixels.len().checked_div(width).unwrap_or(0);
        let luma = Luma::parse(width, height, &pixels).unwrap();
        prop_assert_eq!(decode(&luma), Vec::<String>::new());
        prop_assert_eq!(decode_fast(&luma), Vec::<String>::new());
    }

    #[test]
    fn random_squares_hold_no_text(
        side in 1..12_usize,
        wide in 8..40_usize,
        dark in prop::collection::vec(any::<bool>(), 1..1_600),
    ) {
        let high = dark.len().div_ceil(wide);
        let (width, height) = (wide * side, high * side);
        let pixels = (0..width * height).map(|at| {
            let square = (at / width / side) * wide + (at % width) / side;
            if dark.get(square).copied().unwrap_or(false) { 10 } else { 230 }
        });
        let image = LumaImage::parse(width, height, pixels.collect()).unwrap();
        prop_assert_eq!(decode(&image.as_luma()), Vec::<String>::new());
    }

    #[test]
    fn a_symbol_torn_to_pieces_reads_as_itself_or_not_at_all(
        text in "[0-9A-Z $%*+./:-]{1,220}",
        module_px in 1..7_usize,
        quiet in 0..5_usize,
        tears in prop::collection::vec((any::<prop::sample::Index>(), 1..3_000_usize, any::<u8>()), 0..8),
        cut in 0..40_usize,
    ) {
        let drawn = encode(&text, ErrorCorrection::M).unwrap().render(module_px, quiet);
        let width = drawn.width();
        let mut pixels = drawn.into_pixels();
        for (place, length, grey) in tears {
            let start = place.index(pixels.len());
            let end = (start + length).min(pixels.len());
            pixels[start..end].fill(grey);
        }
        pixels.truncate(pixels.len() - (width * cut).min(pixels.len()));
        let height = pixels.len() / width;
        let found = decode(&Luma::parse(width, height, &pixels).unwrap());
        prop_assert!(found.is_empty() || found == [text]);
    }

    #[test]
    fn a_well_formed_symbol_with_any_bits_inside_does_no_harm(
        codewords in prop::collection::vec(any::<u8>(), 274),
        start in prop::sample::select(&[0x00, 0x10, 0x20, 0x3F, 0x40, 0x50, 0x70, 0x80, 0x90, 0xD1][..]),
        version in 1..=10_u8,
    ) {
        // The first half byte is the mode; version 10-L holds 274 codewords, version 1-L 19.
        let mut codewords = codewords;
        codewords[0] = start;
        let capacity = [19, 34, 55, 80, 108, 136, 156, 194, 232, 274][usize::from(version) - 1];
        let code = qrcodegen::QrCode::encode_codewords(
            qrcodegen::Version::new(version),
            qrcodegen::QrCodeEcc::Low,
            &codewords[..capacity],
            None,
        );
        let side = usize::try_from(code.size()).unwrap() * 3 + 24;
        let pixels = (0..side * side).map(|at| {
            let square = |at: usize| i32::try_from(at / 3).unwrap() - 4;
            if code.get_module(square(at % side), square(at / side)) { 0 } else { 255 }
        });
        let image = LumaImage::parse(side, side, pixels.collect()).unwrap();
        prop_assert!(decode(&image.as_luma()).len() <= 1);
    }

    #[test]
    fn a_soup_of_finder_patterns_holds_no_text(
        patterns in prop::collection::vec((0..280_usize, 0..280_usize, 1..9_usize), 3..40),
        noise in prop::collection::vec((0..300_usize, 0..300_usize), 0..400),
    ) {
        let mut pixels = vec![255_u8; 300 * 300];
        for (left, top, size) in patterns {
            for at in 0..(7 * size) * (7 * size) {
                let (dx, dy) = (at % (7 * size), at / (7 * size));
                let ring = (dx / size).abs_diff(3).max((dy / size).abs_diff(3));
                if left + dx < 300 && top + dy < 300 {
                    pixels[(top + dy) * 300 + left + dx] = if ring == 2 { 255 } else { 0 };
                }
            }
        }
        for (x, y) in noise {
            pixels[y * 300 + x] ^= 255;
        }
        prop_assert_eq!(decode(&Luma::parse(300, 300, &pixels).unwrap()), Vec::<String>::new());
    }

    #[test]
    fn what_is_encoded_is_read(text in ".{1,80}", level in prop::sample::select(&LEVELS[..])) {
        let symbol = encode(&text, level).unwrap();
        prop_assert_eq!(decode_fast(&symbol.render(4, 4).as_luma()), [text]);
    }

    #[test]
    fn any_size_is_parsed_or_refused(width: usize, height: usize, length in 0..64_usize) {
        let pixels = vec![0; length];
        let parsed = Luma::parse(width, height, &pixels);
        prop_assert_eq!(parsed.is_ok(), width.checked_mul(height) == Some(length) && width.max(height) <= qr::MAX_SIDE);
    }
}

#[test]
fn extreme_shapes_hold_no_text() {
    let shapes =
        [(0, 0), (0, 9), (9, 0), (1, 1), (1, 10_000), (10_000, 1), (7, 10_000), (10_000, 7)];
    for (width, height) in shapes.into_iter().chain((2..50).map(|side| (side, side))) {
        for stripe in [1, 3, 7] {
            let pixels = (0..width * height).map(|at| if at / stripe % 2 == 0 { 0 } else { 255 });
            let image = LumaImage::parse(width, height, pixels.collect()).unwrap();
            assert_eq!(decode(&image.as_luma()), Vec::<String>::new());
        }
    }
}

#[test]
fn encoding_stops_at_the_largest_version() {
    assert_eq!(
        encode(&"7".repeat(7_089), ErrorCorrection::L).map(|symbol| symbol.version()),
        Ok(40)
    );
    for (text, level) in [
        ("7".repeat(7_090), ErrorCorrection::L),
        ("a".repeat(2_954), ErrorCorrection::L),
        ("A".repeat(1_853), ErrorCorrection::H),
    ] {
        let refused = EncodeError::TooLong { length_bytes: text.len() };
        assert_eq!(encode(&text, level), Err(refused));
    }
}

const CASES: u32 = 48;
