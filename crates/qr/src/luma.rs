//! Pictures in grey: one byte a pixel, row by row, 0 is black.

/// The longest side that is accepted, in pixels.
pub const MAX_SIDE: usize = 10_000;

/// The largest picture that is accepted, in pixels.
pub const MAX_PIXELS: usize = 40_000_000;

/// Why bytes were not accepted as a picture.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// A side is longer than [`MAX_SIDE`], or there are more than [`MAX_PIXELS`] pixels.
    #[error("a picture of {width} by {height} pixels is too large")]
    TooLarge {
        /// The width that was given.
        width: usize,
        /// The height that was given.
        height: usize,
    },
    /// The number of bytes does not belong to this width and height.
    #[error("expected {expected} bytes of picture, found {found}")]
    Mismatch {
        /// How many bytes width and height call for.
        expected: usize,
        /// How many there were.
        found: usize,
    },
}

/// Borrows a grey picture whose length fits its width and height.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Luma<'a> {
    width: usize,
    height: usize,
    pixels: &'a [u8],
}

impl<'a> Luma<'a> {
    /// Parses one byte a pixel. A picture without pixels is accepted: there is just nothing in it.
    ///
    /// # Errors
    /// [`PictureError`] for a picture that is too large, or too many or too few bytes.
    pub fn parse(width: usize, height: usize, pixels: &'a [u8]) -> Result<Self, PictureError> {
        let expected = pixel_count(width, height)?;
        if pixels.len() != expected {
            return Err(PictureError::Mismatch { expected, found: pixels.len() });
        }
        Ok(Self { width, height, pixels })
    }

    /// Gives the width in pixels.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Gives the height in pixels.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// Gives the pixels, row by row.
    #[must_use]
    pub const fn pixels(&self) -> &'a [u8] {
        self.pixels
    }
}

/// Owns a grey picture whose length fits its width and height.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LumaImage {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl LumaImage {
    /// Parses one byte a pixel.
    ///
    /// # Errors
    /// [`PictureError`] for a picture that is too large, or too many or too few bytes.
    pub fn parse(width: usize, height: usize, pixels: Vec<u8>) -> Result<Self, PictureError> {
        Luma::parse(width, height, &pixels)?;
        Ok(Self { width, height, pixels })
    }

    /// Parses four bytes a pixel (red, green, blue, opacity), as a browser's canvas gives them.
    /// What is transparent is seen on white paper.
    ///
    /// # Errors
    /// [`PictureError`] for a picture that is too large, or too many or too few bytes.
    pub fn from_rgba(width: usize, height: usize, rgba: &[u8]) -> Result<Self, PictureError> {
        let expected = pixel_count(width, height)? * 4;
        if rgba.len() != expected {
            return Err(PictureError::Mismatch { expected, found: rgba.len() });
        }
        let pixels = rgba.as_chunks::<4>().0.iter().map(|&pixel| grey(pixel)).collect();
        Ok(Self { width, height, pixels })
    }

    /// Makes a picture by asking for each pixel; the caller keeps to the limits.
    pub(crate) fn from_fn(
        width: usize,
        height: usize,
        mut pixel: impl FnMut(usize, usize) -> u8,
    ) -> Self {
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            pixels.extend((0..width).map(|x| pixel(x, y)));
        }
        Self { width, height, pixels }
    }

    /// Joins rows of equal length; the caller keeps to the limits.
    pub(crate) fn from_rows(rows: impl Iterator<Item = Vec<u8>>) -> Self {
        let (mut width, mut height, mut pixels) = (0, 0, Vec::new());
        for row in rows {
            width = row.len();
            height += 1;
            pixels.extend(row);
        }
        Self { width, height, pixels }
    }

    /// Changes each pixel by itself.
    pub(crate) fn map(self, change: impl Fn(u8) -> u8) -> Self {
        let pixels = self.pixels.into_iter().map(change).collect();
        Self { pixels, ..self }
    }

    /// Joins each pixel with that of another picture of this size.
    pub(crate) fn zip_map(&self, other: &Self, join: impl Fn(u8, u8) -> u8) -> Self {
        let pixels = self.pixels.iter().zip(&other.pixels).map(|(&a, &b)| join(a, b)).collect();
        Self { width: self.width, height: self.height, pixels }
    }

    /// Goes through the rows.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.pixels.chunks_exact(self.width.max(1))
    }

    /// Borrows the picture.
    #[must_use]
    pub fn as_luma(&self) -> Luma<'_> {
        Luma { width: self.width, height: self.height, pixels: &self.pixels }
    }

    /// Gives the width in pixels.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Gives the height in pixels.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// Gives the pixels, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Gives the pixels away, row by row.
    #[must_use]
    pub fn into_pixels(self) -> Vec<u8> {
        self.pixels
    }
}

fn pixel_count(width: usize, height: usize) -> Result<usize, PictureError> {
    let too_large = PictureError::TooLarge { width, height };
    if width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS {
        return Err(too_large);
    }
    Ok(width * height)
}

/// Weighs the colours as ITU-R BT.601 does, in integers.
fn grey([red, green, blue, opacity]: [u8; 4]) -> u8 {
    let bright = (77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue)) / 256;
    let opacity = u32::from(opacity);
    let seen = (bright * opacity + 255 * (255 - opacity)) / 255;
    u8::try_from(seen).expect("a weighted mean of bytes is a byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_a_picture_without_pixels() {
        assert_eq!(Luma::parse(0, 0, &[]).map(|luma| luma.pixels().len()), Ok(0));
        assert_eq!(Luma::parse(0, 7, &[]).map(|luma| luma.height()), Ok(7));
    }

    #[test]
    fn refuses_bytes_that_do_not_fit_the_size() {
        let refused = PictureError::Mismatch { expected: 6, found: 5 };
        assert_eq!(Luma::parse(2, 3, &[0; 5]), Err(refused));
        assert_eq!(LumaImage::parse(2, 3, vec![0; 5]), Err(refused));
        let refused = PictureError::Mismatch { expected: 24, found: 6 };
        assert_eq!(LumaImage::from_rgba(2, 3, &[0; 6]), Err(refused));
    }

    #[test]
    fn refuses_sizes_beyond_the_limits_without_overflow() {
        for (width, height) in
            [(usize::MAX, 2), (2, usize::MAX), (usize::MAX, usize::MAX), (10_000, 4_001)]
        {
            let refused = PictureError::TooLarge { width, height };
            assert_eq!(Luma::parse(width, height, &[]), Err(refused));
            assert_eq!(LumaImage::from_rgba(width, height, &[]), Err(refused));
        }
    }

    #[test]
    fn greys_keep_black_white_and_transparent() {
        let rgba = [0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0, 255, 0, 0, 255];
        let image = LumaImage::from_rgba(4, 1, &rgba).unwrap();
        assert_eq!(image.pixels(), [0, 255, 255, 76]);
    }
}
