//! One page: two columns of five cards, and the marks to cut along.

use qr::ErrorCorrection;

use super::PrintedCard;
use crate::PrintError;
use crate::canvas::{A4, Canvas, small, wrap};
use crate::font::Face;

const COLUMNS: usize = 2;
const CARD_WIDTH_MM: f32 = 95.0;
const CARD_HEIGHT_MM: f32 = 57.0;
const LEFT_MM: f32 = 10.0;
const TOP_MM: f32 = 6.0;
/// The square that symbol and quiet zone fill.
const BOX_MM: f32 = 52.0;
const BOX_LEFT_MM: f32 = 1.0;
const BOX_TOP_MM: f32 = 0.5;
/// [ISO/IEC 18004](https://www.iso.org/standard/83389.html) asks for four squares all around.
const QUIET_MODULES: usize = 4;
/// Smaller squares do not survive a cheap printer and a cheap camera.
const MODULE_MIN_MM: f32 = 0.5;
const TEXT_LEFT_MM: f32 = 54.0;
const TEXT_WIDTH_MM: f32 = 38.0;
const MARK_MM: f32 = 2.5;
/// The longest label, and the longest note: what fits beside the symbol.
const LABEL_MAX_CHARS: usize = 80;
const CODE_MAX_CHARS: usize = 20;

/// Draws one page; `before` cards are on the pages before, for messages.
pub(super) fn draw(
    cards: &[PrintedCard],
    title: &str,
    before: usize,
) -> Result<Canvas, PrintError> {
    let mut canvas = Canvas::new(A4);
    marks(&mut canvas, cards.len().div_ceil(COLUMNS));
    for (place, card) in cards.iter().enumerate() {
        let left = LEFT_MM + CARD_WIDTH_MM * small(place % COLUMNS);
        let top = TOP_MM + CARD_HEIGHT_MM * small(place / COLUMNS);
        draw_card(&mut canvas, card, title, (left, top)).map_err(|source| PrintError::Card {
            number: before + place + 1,
            source: Box::new(source),
        })?;
    }
    Ok(canvas)
}

/// Decides whether a text has room.
pub(super) fn fits(what: &'static str, text: &str, most: usize) -> Result<(), PrintError> {
    let found = text.chars().count();
    if found <= most { Ok(()) } else { Err(PrintError::TooLong { what, found, most }) }
}

fn draw_card(
    canvas: &mut Canvas,
    card: &PrintedCard,
    title: &str,
    (left, top): (f32, f32),
) -> Result<(), PrintError> {
    fits("the label", &card.label, LABEL_MAX_CHARS)?;
    fits("the note", &card.note, LABEL_MAX_CHARS)?;
    fits("the code", &card.code, CODE_MAX_CHARS)?;
    let symbol = qr::encode(&card.text, ErrorCorrection::Q)?;
    let module = BOX_MM / small(symbol.size() + 2 * QUIET_MODULES);
    if module < MODULE_MIN_MM {
        return Err(PrintError::TooFine { length_bytes: card.text.len() });
    }
    let quiet = module * small(QUIET_MODULES);
    canvas.symbol(&symbol, module, (left + BOX_LEFT_MM + quiet, top + BOX_TOP_MM + quiet));
    let (middle, baseline) = (left + BOX_LEFT_MM + BOX_MM / 2.0, top + CARD_HEIGHT_MM - 1.6);
    canvas.text_around((Face::Bold, 11.0), (middle, baseline), &card.code)?;

    let mut baseline = top + 7.0;
    let parts = [
        ((Face::Plain, 8.0), title, 3.4, 4.0),
        ((Face::Bold, 12.0), &card.label, 4.9, 3.0),
        ((Face::Plain, 8.0), &card.note, 3.4, 0.0),
    ];
    for (font, text, step, after) in parts {
        for line in wrap(font, TEXT_WIDTH_MM, text) {
            canvas.text(font, (left + TEXT_LEFT_MM, baseline), &line)?;
            baseline += step;
        }
        baseline += after;
    }
    Ok(())
}

/// Draws a small cross at every corner of a card.
fn marks(canvas: &mut Canvas, rows: usize) {
    let mut lines = Vec::new();
    for column in 0..=COLUMNS {
        let x = LEFT_MM + CARD_WIDTH_MM * small(column);
        for row in 0..=rows {
            let y = TOP_MM + CARD_HEIGHT_MM * small(row);
            lines.push([(x - MARK_MM, y), (x + MARK_MM, y)]);
            lines.push([(x, y - MARK_MM), (x, y + MARK_MM)]);
        }
    }
    canvas.lines(0.45, &lines);
}
