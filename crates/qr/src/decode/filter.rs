//! The few filters that the passes are made of, in integers.

use crate::luma::{Luma, LumaImage};

/// The picture at one `factor`th of its size, each pixel the mean of a square; the rest at the right
/// and lower edge that fills no square is left out.
pub(super) fn shrunk(picture: &Luma<'_>, factor: usize) -> LumaImage {
    let factor = factor.max(1);
    let (width, height) = (picture.width() / factor, picture.height() / factor);
    // A strip thinner than one square is no place for a symbol.
    let (area, stride) = (factor * factor, picture.width());
    LumaImage::from_fn(width, height, |x, y| {
        let rows = picture.pixels().chunks_exact(stride).skip(y * factor).take(factor);
        let sum: usize =
            rows.flat_map(|row| &row[x * factor..][..factor]).copied().map(usize::from).sum();
        to_u8(sum / area)
    })
}

/// The picture at twice its size, bilinear.
pub(super) fn doubled(picture: &LumaImage) -> LumaImage {
    let wide: Vec<Vec<u16>> = picture.rows().map(doubled_row).collect();
    let last = wide.len().saturating_sub(1);
    LumaImage::from_rows(wide.iter().enumerate().flat_map(|(y, near)| {
        let mix = |far: &[u16]| -> Vec<u8> {
            near.iter()
                .zip(far)
                .map(|(near, far)| to_u8(usize::from((3 * near + far) / 16)))
                .collect()
        };
        [mix(&wide[y.saturating_sub(1)]), mix(&wide[(y + 1).min(last)])]
    }))
}

/// Twice the pixels, each a quarter of the way to its neighbour, times four.
fn doubled_row(row: &[u8]) -> Vec<u16> {
    let last = row.len().saturating_sub(1);
    let pixel = |x: usize| u16::from(row[x]);
    (0..row.len())
        .flat_map(|x| {
            let (left, near, right) =
                (pixel(x.saturating_sub(1)), pixel(x), pixel((x + 1).min(last)));
            [3 * near + left, 3 * near + right]
        })
        .collect()
}

/// The mean over a square of `2 × radius + 1` pixels around each pixel, as far as the picture goes.
pub(super) fn mean_around(picture: &LumaImage, radius: usize) -> LumaImage {
    let rows: Vec<&[u8]> = picture.rows().collect();
    let mut columns = vec![0_u32; picture.width()];
    let mut inside = 0..0;
    LumaImage::from_rows((0..rows.len()).map(|y| {
        let wanted = y.saturating_sub(radius)..(y + radius + 1).min(rows.len());
        for row in &rows[inside.end..wanted.end] {
            columns.iter_mut().zip(*row).for_each(|(sum, &grey)| *sum += u32::from(grey));
        }
        for row in &rows[inside.start..wanted.start] {
            columns.iter_mut().zip(*row).for_each(|(sum, &grey)| *sum -= u32::from(grey));
        }
        inside = wanted;
        mean_of_columns(&columns, inside.len(), radius)
    }))
}

fn mean_of_columns(columns: &[u32], height: usize, radius: usize) -> Vec<u8> {
    let mut sum = 0_u32;
    let mut inside = 0..0;
    let mean = |x: usize| {
        let wanted = x.saturating_sub(radius)..(x + radius + 1).min(columns.len());
        sum += columns[inside.end..wanted.end].iter().sum::<u32>();
        sum -= columns[inside.start..wanted.start].iter().sum::<u32>();
        inside = wanted;
        let area = u32::try_from(inside.len() * height)
            .expect("a part of a picture of at most 40 million pixels");
        u8::try_from(sum / area).expect("a mean of bytes is a byte")
    };
    (0..columns.len()).map(mean).collect()
}

/// Away from the soft picture, `strength` times as far as the sharp one already is.
pub(super) fn sharpened(picture: &LumaImage, soft: &LumaImage, strength: i32) -> LumaImage {
    picture.zip_map(soft, |grey, soft| {
        let (grey, soft) = (i32::from(grey), i32::from(soft));
        let raised = (grey + strength * (grey - soft)).clamp(0, 255);
        u8::try_from(raised).expect("clamped to a byte")
    })
}

/// Black (0) where a pixel is darker than its ground by so many hundredths, else white. All black on
/// black is black: the middle of a large square.
pub(super) fn thresholded(picture: &LumaImage, ground: &LumaImage, margin: u32) -> LumaImage {
    picture.zip_map(ground, |grey, ground| {
        let dark = u32::from(grey) * 100 <= u32::from(ground) * (100 - margin);
        if dark && !(grey == ground && grey > 0) { 0 } else { 255 }
    })
}

fn to_u8(mean: usize) -> u8 {
    u8::try_from(mean).expect("a mean of bytes is a byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, pixels: &[u8]) -> LumaImage {
        LumaImage::parse(width, pixels.len() / width, pixels.to_vec()).unwrap()
    }

    #[test]
    fn shrinks_to_the_means_of_squares() {
        let image = picture(5, &[0, 2, 10, 10, 99, 4, 6, 10, 10, 99, 9, 9, 9, 9, 9]);
        assert_eq!(shrunk(&image.as_luma(), 2), picture(2, &[3, 10]));
        assert_eq!(shrunk(&image.as_luma(), 1), image);
        assert_eq!(shrunk(&image.as_luma(), 4).pixels(), []);
    }

    #[test]
    fn doubles_between_neighbours() {
        let image = picture(2, &[0, 100]);
        assert_eq!(doubled(&image), picture(4, &[0, 25, 75, 100, 0, 25, 75, 100]));
    }

    #[test]
    fn means_stop_at_the_edges() {
        let image = picture(3, &[0, 30, 60, 90, 120, 150]);
        assert_eq!(mean_around(&image, 1), picture(3, &[60, 75, 90, 60, 75, 90]));
        assert_eq!(mean_around(&image, 9), picture(3, &[75; 6]));
    }

    #[test]
    fn flat_ground_is_white_and_flat_black_is_black() {
        for (grey, seen) in [(0, 0), (200, 255)] {
            let image = picture(2, &[grey; 4]);
            assert_eq!(thresholded(&image, &image, 0), picture(2, &[seen; 4]));
        }
    }
}
