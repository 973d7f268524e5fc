//! One page: two columns of five cards, and the marks to cut along.
//!
//! Lengths are in millimetres from the top left corner until they are written.

use anyhow::{Context as _, ensure};
use pdf_writer::{Content, Name, Str};
use qr::{ErrorCorrection, Symbol};

use super::{LABEL_MAX_CHARS, SheetCard, printable};

pub(super) const WIDTH_MM: f32 = 210.0;
pub(super) const HEIGHT_MM: f32 = 297.0;
pub(super) const PLAIN: Name<'static> = Name(b"F1");
pub(super) const BOLD: Name<'static> = Name(b"F2");

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
/// A character of Courier is 0.6 of its size wide.
const COURIER: f32 = 0.6;

/// Converts to points.
pub(super) fn mm(length: f32) -> f32 {
    length * 72.0 / 25.4
}

/// Draws one page; `before` cards are on the pages before, for messages.
pub(super) fn draw(cards: &[SheetCard], title: &str, before: usize) -> anyhow::Result<Vec<u8>> {
    let mut content = Content::new();
    marks(&mut content, cards.len().div_ceil(COLUMNS));
    for (place, card) in cards.iter().enumerate() {
        let left = LEFT_MM + CARD_WIDTH_MM * small(place % COLUMNS);
        let top = TOP_MM + CARD_HEIGHT_MM * small(place / COLUMNS);
        draw_card(&mut content, card, title, (left, top))
            .with_context(|| format!("card {}", before + place + 1))?;
    }
    Ok(content.finish().into_vec())
}

fn draw_card(
    content: &mut Content,
    card: &SheetCard,
    title: &str,
    (left, top): (f32, f32),
) -> anyhow::Result<()> {
    printable("the label", &card.label, LABEL_MAX_CHARS)?;
    printable("the code", &card.code, 20)?;
    let symbol = qr::encode(&card.text, ErrorCorrection::Q)?;
    let module = BOX_MM / small(symbol.size() + 2 * QUIET_MODULES);
    ensure!(
        module >= MODULE_MIN_MM,
        "a text of {} characters makes squares of {module:.2} mm, too small to be read",
        card.text.len()
    );
    let quiet = module * small(QUIET_MODULES);
    squares(content, &symbol, module, (left + BOX_LEFT_MM + quiet, top + BOX_TOP_MM + quiet));

    let (size, middle) = (11.0, left + BOX_LEFT_MM + BOX_MM / 2.0);
    let half = small(card.code.len()) * COURIER * size / 2.0;
    let baseline = top + CARD_HEIGHT_MM - 1.6;
    write(content, (BOLD, size), (mm(middle) - half, baseline), &card.code);

    let mut baseline = top + 7.0;
    for line in wrap(title, 8.0) {
        write(content, (PLAIN, 8.0), (mm(left + TEXT_LEFT_MM), baseline), line);
        baseline += 3.4;
    }
    baseline += 4.0;
    for line in wrap(&card.label, 11.0) {
        write(content, (BOLD, 11.0), (mm(left + TEXT_LEFT_MM), baseline), line);
        baseline += 4.6;
    }
    Ok(())
}

/// Fills the dark squares as one path: between neighbours no light shows through.
fn squares(content: &mut Content, symbol: &Symbol, module: f32, (left, top): (f32, f32)) {
    let side = mm(module);
    content.save_state();
    content.transform([side, 0.0, 0.0, -side, mm(left), mm(HEIGHT_MM - top)]);
    for y in 0..symbol.size() {
        let mut x = 0;
        while x < symbol.size() {
            let run = (x..symbol.size()).take_while(|x| symbol.is_dark(*x, y)).count();
            if run > 0 {
                content.rect(small(x), small(y), small(run), 1.0);
            }
            x += run.max(1);
        }
    }
    content.fill_nonzero();
    content.restore_state();
}

/// Writes text; the left end is in points, the baseline in millimetres from the top.
fn write(content: &mut Content, (font, size): (Name<'_>, f32), at: (f32, f32), text: &str) {
    content.begin_text();
    content.set_font(font, size);
    content.next_line(at.0, mm(HEIGHT_MM - at.1));
    content.show(Str(text.as_bytes()));
    content.end_text();
}

/// Draws a small cross at every corner of a card.
fn marks(content: &mut Content, rows: usize) {
    content.save_state();
    content.set_line_width(0.3);
    content.set_stroke_gray(0.45);
    for column in 0..=COLUMNS {
        let x = mm(LEFT_MM + CARD_WIDTH_MM * small(column));
        for row in 0..=rows {
            let y = mm(HEIGHT_MM - TOP_MM - CARD_HEIGHT_MM * small(row));
            let arm = mm(MARK_MM);
            content.move_to(x - arm, y).line_to(x + arm, y);
            content.move_to(x, y - arm).line_to(x, y + arm);
        }
    }
    content.stroke();
    content.restore_state();
}

/// Breaks ASCII text into lines that fit beside the symbol, at a space where there is one.
fn wrap(text: &str, size: f32) -> Vec<&str> {
    let fit = (1..LABEL_MAX_CHARS)
        .take_while(|chars| small(*chars) * COURIER * size <= mm(TEXT_WIDTH_MM))
        .count();
    let (mut lines, mut rest) = (Vec::new(), text.trim());
    while !rest.is_empty() {
        let (line, after) = match rest.split_at_checked(fit) {
            None | Some((_, "")) => (rest, ""),
            Some((most, more)) if more.starts_with(' ') => (most, more),
            Some((most, more)) => {
                let space = most.rfind(' ').and_then(|space| rest.split_at_checked(space));
                space.unwrap_or((most, more))
            }
        };
        lines.push(line);
        rest = after.trim_start();
    }
    lines
}

/// Numbers of squares, cards and characters are small.
fn small(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_spaces_and_breaks_long_words() {
        assert_eq!(wrap("", 11.0), [""; 0]);
        assert_eq!(wrap("group A", 11.0), ["group A"]);
        assert_eq!(wrap("Palace of youth, robotics", 11.0), ["Palace of youth,", "robotics"]);
        assert_eq!(wrap("0a0b0c0d0e0f000102030405", 11.0), ["0a0b0c0d0e0f0001", "02030405"]);
    }
}
