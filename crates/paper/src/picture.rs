//! A PDF as pictures: to look at what a printer would print, and to read a symbol from a file.

use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use qr::LumaImage;

/// Why a PDF did not become pictures.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// Too coarse, or too large.
    #[error("{0} dots an inch: choose 36 to 600")]
    Dots(u32),
    /// It cannot be read.
    #[error("the file is no PDF that can be read")]
    NotAPdf,
    /// It has more pages than anybody prints.
    #[error("the file has more than {PAGES_MAX} pages")]
    TooLong,
    /// A page is larger than a picture may be.
    #[error(transparent)]
    Page(#[from] qr::PictureError),
}

/// Draws every page in grey.
///
/// # Errors
/// [`PictureError`] if the bytes are no PDF, or too much of one.
pub fn rasterise(pdf: &[u8], dots_per_inch: u32) -> Result<Vec<LumaImage>, PictureError> {
    let dots = u16::try_from(dots_per_inch).ok().filter(|dots| (36..=600).contains(dots));
    let scale = f32::from(dots.ok_or(PictureError::Dots(dots_per_inch))?) / 72.0;
    let pdf = hayro::hayro_syntax::Pdf::new(pdf.to_vec()).map_err(|_| PictureError::NotAPdf)?;
    if pdf.pages().len() > PAGES_MAX {
        return Err(PictureError::TooLong);
    }
    let look = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let (cache, settings) = (RenderCache::new(), RenderSettings::default());
    let draw = |page| {
        let drawn = hayro::render(page, &cache, &Default::default(), &settings, &look);
        let (width, height) = (usize::from(drawn.width()), usize::from(drawn.height()));
        Ok(LumaImage::from_rgba(width, height, drawn.data_as_u8_slice())?)
    };
    pdf.pages().iter().map(draw).collect()
}

const PAGES_MAX: usize = 2_000;
