//! A camera frame: any pixels of a small picture.
#![no_main]

use libfuzzer_sys::fuzz_target;
use qr::Luma;

fuzz_target!(|data: &[u8]| {
    let Some((&width, pixels)) = data.split_first() else { return };
    let width = usize::from(width).max(1);
    let height = pixels.len() / width;
    if let Ok(picture) = Luma::parse(width, height, &pixels[..width * height]) {
        let _texts = qr::decode_fast(&picture);
    }
});
