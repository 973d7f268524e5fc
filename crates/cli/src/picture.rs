//! Picture files: in for `qatysu scan`, out for cards and demonstrations.
//!
//! A file from outside may be small and unpack to gigabytes: sizes are looked at before pixels.

use std::fs::File;
use std::io::{Cursor, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, ImageReader, Limits};
use qr::LumaImage;

/// The largest file that is read.
const FILE_MAX_BYTES: u64 = 64 << 20;
/// The longest side that is unpacked, in pixels.
const SIDE_MAX: u32 = 8192;
/// The most memory that unpacking may take: four bytes a pixel of the largest picture.
const ALLOC_MAX_BYTES: u64 = 4 * 8192 * 8192;

/// Reads a PNG or JPEG as grey, transparent parts on white paper.
pub(crate) fn read_luma(path: &Path) -> anyhow::Result<LumaImage> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot open the picture {shown}"))?;
    let mut bytes = Vec::new();
    file.take(FILE_MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read the picture {shown}"))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > FILE_MAX_BYTES) {
        bail!("{shown} is larger than 64 MB: save the picture smaller");
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(ALLOC_MAX_BYTES);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    reader.limits(limits);
    let picture = reader.decode().with_context(|| {
        format!("{shown} is no PNG or JPEG of at most {SIDE_MAX} by {SIDE_MAX} pixels")
    })?;
    to_luma(picture).with_context(|| format!("{shown}: save the picture smaller"))
}

fn to_luma(picture: DynamicImage) -> Result<LumaImage, qr::PictureError> {
    let side = |pixels: u32| usize::try_from(pixels).unwrap_or(usize::MAX);
    let (width, height) = (side(picture.width()), side(picture.height()));
    if picture.color().has_alpha() {
        LumaImage::from_rgba(width, height, &picture.into_rgba8())
    } else {
        LumaImage::parse(width, height, picture.into_luma8().into_raw())
    }
}

/// Writes a grey picture as PNG.
pub(crate) fn write_png(path: &Path, picture: &LumaImage) -> anyhow::Result<()> {
    let shown = path.display();
    let side = |pixels: usize| u32::try_from(pixels).context("the picture is too large for a PNG");
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(picture.pixels(), width, height, ExtendedColorType::L8)
        .with_context(|| format!("cannot make the picture {shown}"))?;
    std::fs::write(path, png).with_context(|| format!("cannot write the picture {shown}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_wrote() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        let picture = LumaImage::parse(3, 2, vec![0, 50, 100, 150, 200, 255]).unwrap();
        write_png(&path, &picture).unwrap();
        assert_eq!(read_luma(&path).unwrap(), picture);
    }

    #[test]
    fn sees_transparent_as_paper() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        let clear = image::RgbaImage::from_pixel(2, 2, image::Rgba([0, 0, 0, 0]));
        clear.save(&path).unwrap();
        assert_eq!(read_luma(&path).unwrap().pixels(), [255; 4]);
    }

    #[test]
    fn refuses_what_is_no_picture_or_unpacks_too_large() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.png");
        std::fs::write(&path, b"%PDF-1.7").unwrap();
        assert!(read_luma(&path).unwrap_err().to_string().contains("no PNG or JPEG"));

        let wide = LumaImage::parse(9_000, 1, vec![0; 9_000]).unwrap();
        write_png(&path, &wide).unwrap();
        assert!(read_luma(&path).unwrap_err().to_string().contains("8192"));
        assert!(read_luma(&dir.path().join("none")).unwrap_err().to_string().contains("open"));
    }
}
