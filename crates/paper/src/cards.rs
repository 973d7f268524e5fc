//! The sheet: ten cards on a page of A4, to print, cut along the marks and hand out.
//!
//! Every symbol is drawn as squares, not as a picture, so it is as sharp as the printer. Squares are
//! 0.8 mm or larger for every static card; the quiet zone of four squares lies inside the card.
//! The same cards give the same bytes: a sheet has no date and no random name.
//!
//! Absent in this version: children's names (a label is ASCII and for the coordinator to choose:
//! better a pseudonym), Kazakh and Russian lettering, embedded fonts (Courier is every viewer's own).

mod page;

use anyhow::{Context as _, bail, ensure};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use pdf_writer::{Finish as _, Name, Pdf, Rect, Ref, TextStr};
use qr::LumaImage;

/// Cards on a page: two columns of five.
pub(crate) const CARDS_PER_PAGE: usize = 10;
/// The longest label: what fits beside the symbol.
pub(crate) const LABEL_MAX_CHARS: usize = 48;
/// The longest title.
const TITLE_MAX_CHARS: usize = 72;

/// One card to print.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SheetCard {
    /// The text of the symbol.
    pub(crate) text: String,
    /// The short code under it.
    pub(crate) code: String,
    /// The line beside it, printable ASCII; may be empty.
    pub(crate) label: String,
}

/// Draws cards as a PDF, in the given order: row by row, ten a page. The title is on every card.
pub(crate) fn card_sheet(cards: &[SheetCard], title: &str) -> anyhow::Result<Vec<u8>> {
    ensure!(!cards.is_empty(), "there is no card to print");
    printable("the title", title, TITLE_MAX_CHARS)?;
    let pages = cards.chunks(CARDS_PER_PAGE).enumerate();
    let contents: Vec<Vec<u8>> = pages
        .map(|(number, cards)| page::draw(cards, title, number * CARDS_PER_PAGE))
        .collect::<anyhow::Result<_>>()?;
    assemble(&contents, title)
}

fn assemble(contents: &[Vec<u8>], title: &str) -> anyhow::Result<Vec<u8>> {
    let [catalog, tree, plain, bold, info] = [1, 2, 3, 4, 5].map(Ref::new);
    let count = i32::try_from(contents.len()).context("too many cards for one file")?;
    let page_ids: Vec<Ref> = (0..count).map(|page| Ref::new(6 + 2 * page)).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.document_info(info).title(TextStr(title)).creator(TextStr("Qatysu"));
    pdf.pages(tree).kids(page_ids.iter().copied()).count(count);
    pdf.type1_font(plain).base_font(Name(b"Courier"));
    pdf.type1_font(bold).base_font(Name(b"Courier-Bold"));
    for (page_id, content) in page_ids.into_iter().zip(contents) {
        let content_id = page_id.next();
        let mut page = pdf.page(page_id);
        page.parent(tree).contents(content_id);
        page.media_box(Rect::new(0.0, 0.0, page::mm(page::WIDTH_MM), page::mm(page::HEIGHT_MM)));
        page.resources().fonts().pair(page::PLAIN, plain).pair(page::BOLD, bold);
        page.finish();
        pdf.stream(content_id, content);
    }
    Ok(pdf.finish())
}

/// Decides whether the fonts can draw a text.
pub(crate) fn printable(what: &str, text: &str, max_chars: usize) -> anyhow::Result<()> {
    if let Some(other) = text.chars().find(|c| !matches!(c, ' '..='~')) {
        bail!("{what} has the character {other:?}: this version prints ASCII only");
    }
    let chars = text.len();
    ensure!(chars <= max_chars, "{what} has {chars} characters: at most {max_chars} fit");
    Ok(())
}

/// Draws the pages of one of our own sheets as pictures, to look at what a printer would print.
pub(crate) fn rasterise(pdf: &[u8], dpi: u32) -> anyhow::Result<Vec<LumaImage>> {
    ensure!((36..=600).contains(&dpi), "{dpi} dots an inch: choose 36 to 600");
    let pdf = hayro::hayro_syntax::Pdf::new(pdf.to_vec())
        .map_err(|error| anyhow::anyhow!("the sheet is no PDF: {error:?}"))?;
    let scale = f32::from(u16::try_from(dpi)?) / 72.0;
    let look = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let (cache, settings) = (RenderCache::new(), RenderSettings::default());
    let draw = |page| {
        let drawn = hayro::render(page, &cache, &Default::default(), &settings, &look);
        let (width, height) = (usize::from(drawn.width()), usize::from(drawn.height()));
        Ok(LumaImage::from_rgba(width, height, drawn.data_as_u8_slice())?)
    };
    pdf.pages().iter().map(draw).collect()
}

#[cfg(test)]
mod tests;
