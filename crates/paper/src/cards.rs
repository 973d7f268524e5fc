//! The sheet of cards: ten on a page of A4, to print, cut along the marks and hand out.
//!
//! Every symbol is drawn as squares, not as a picture, so it is as sharp as the printer. Squares are
//! 0.8 mm or larger for every static card; the quiet zone of four squares lies inside the card.

mod page;

use crate::PrintError;
use crate::canvas::{Canvas, assemble};

/// Cards on a page: two columns of five.
pub const CARDS_PER_PAGE: usize = 10;

/// One card to print.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PrintedCard {
    /// The text of the symbol.
    pub text: String,
    /// The short code under it.
    pub code: String,
    /// The line beside it, a name for example; may be empty.
    pub label: String,
    /// The small line under that, a group for example; may be empty.
    pub note: String,
}

/// Draws cards as a PDF, in the given order: row by row, ten a page. The title is on every card. The
/// same cards give the same bytes.
///
/// # Errors
/// [`PrintError`] names the card and what of it cannot be printed.
pub fn card_sheet(cards: &[PrintedCard], title: &str) -> Result<Vec<u8>, PrintError> {
    if cards.is_empty() {
        return Err(PrintError::Nothing);
    }
    page::fits("the title", title, TITLE_MAX_CHARS)?;
    let pages = cards.chunks(CARDS_PER_PAGE).enumerate();
    let pages: Vec<Canvas> = pages
        .map(|(number, cards)| page::draw(cards, title, number * CARDS_PER_PAGE))
        .collect::<Result<_, _>>()?;
    Ok(assemble(pages, title, "kk"))
}

/// The longest title.
const TITLE_MAX_CHARS: usize = 72;

#[cfg(test)]
mod tests;
