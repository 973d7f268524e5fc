//! One page to draw on, and the file that holds the pages.
//!
//! Lengths are in millimetres from the top left corner; sizes of letters are in points.

use pdf_writer::{Content, Filter, Finish as _, Pdf, Rect, Ref, Str, TextStr};
use qr::Symbol;

use crate::PrintError;
use crate::font::{Face, REFS_PER_FACE, deflate};

/// How large a page is, in millimetres.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageSize {
    pub(crate) width: f32,
    pub(crate) height: f32,
}

pub(crate) const A4: PageSize = PageSize { width: 210.0, height: 297.0 };
pub(crate) const A4_LANDSCAPE: PageSize = PageSize { width: 297.0, height: 210.0 };

/// A page.
pub(crate) struct Canvas {
    content: Content,
    pub(crate) size: PageSize,
}

impl Canvas {
    pub(crate) fn new(size: PageSize) -> Self {
        Self { content: Content::new(), size }
    }

    /// Writes text; `at` is the left end of its baseline.
    pub(crate) fn text(
        &mut self,
        (face, size): (Face, f32),
        at: (f32, f32),
        text: &str,
    ) -> Result<(), PrintError> {
        let bytes = face.encode(text)?;
        self.content.begin_text();
        self.content.set_font(face.resource(), size);
        self.content.next_line(points(at.0), points(self.size.height - at.1));
        self.content.show(Str(&bytes));
        self.content.end_text();
        Ok(())
    }

    /// Writes text that ends at a place.
    pub(crate) fn text_before(
        &mut self,
        font: (Face, f32),
        (right, baseline): (f32, f32),
        text: &str,
    ) -> Result<(), PrintError> {
        let left = right - width_mm(font, text);
        self.text(font, (left, baseline), text)
    }

    /// Writes text around a place.
    pub(crate) fn text_around(
        &mut self,
        font: (Face, f32),
        (middle, baseline): (f32, f32),
        text: &str,
    ) -> Result<(), PrintError> {
        let left = middle - width_mm(font, text) / 2.0;
        self.text(font, (left, baseline), text)
    }

    /// Draws thin lines.
    pub(crate) fn lines(&mut self, gray: f32, lines: &[[(f32, f32); 2]]) {
        let height = self.size.height;
        self.content.save_state();
        self.content.set_line_width(0.3);
        self.content.set_stroke_gray(gray);
        for [from, to] in lines {
            self.content.move_to(points(from.0), points(height - from.1));
            self.content.line_to(points(to.0), points(height - to.1));
        }
        self.content.stroke();
        self.content.restore_state();
    }

    /// Fills a symbol's dark squares as one path: between neighbours no light shows through.
    pub(crate) fn symbol(&mut self, symbol: &Symbol, module: f32, (left, top): (f32, f32)) {
        let side = points(module);
        let at = (points(left), points(self.size.height - top));
        self.content.save_state();
        self.content.transform([side, 0.0, 0.0, -side, at.0, at.1]);
        for y in 0..symbol.size() {
            let mut x = 0;
            while x < symbol.size() {
                let run = (x..symbol.size()).take_while(|x| symbol.is_dark(*x, y)).count();
                if run > 0 {
                    self.content.rect(small(x), small(y), small(run), 1.0);
                }
                x += run.max(1);
            }
        }
        self.content.fill_nonzero();
        self.content.restore_state();
    }
}

/// Puts pages into a file. `language` is a tag like `kk`.
pub(crate) fn assemble(pages: Vec<Canvas>, title: &str, language: &str) -> Vec<u8> {
    let [catalog, tree, info] = [1, 2, 3].map(Ref::new);
    let fonts = [4, 4 + REFS_PER_FACE].map(Ref::new);
    let first = 4 + 2 * REFS_PER_FACE;
    let count = i32::try_from(pages.len()).expect("a file has fewer pages than memory");
    let page_ids: Vec<Ref> = (0..count).map(|page| Ref::new(first + 2 * page)).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree).lang(TextStr(language));
    pdf.document_info(info).title(TextStr(title)).creator(TextStr("Qatysu"));
    pdf.pages(tree).kids(page_ids.iter().copied()).count(count);
    for (face, first) in Face::ALL.into_iter().zip(fonts) {
        face.embed(&mut pdf, first);
    }
    for (page_id, canvas) in page_ids.into_iter().zip(pages) {
        let content_id = page_id.next();
        let mut page = pdf.page(page_id);
        page.parent(tree).contents(content_id);
        page.media_box(Rect::new(0.0, 0.0, points(canvas.size.width), points(canvas.size.height)));
        let mut resources = page.resources();
        let mut listed = resources.fonts();
        for (face, font) in Face::ALL.into_iter().zip(fonts) {
            listed.pair(face.resource(), font);
        }
        listed.finish();
        resources.finish();
        page.finish();
        let packed = deflate(&canvas.content.finish());
        pdf.stream(content_id, &packed).filter(Filter::FlateDecode);
    }
    pdf.finish()
}

/// Gives how wide a text is, in millimetres.
pub(crate) fn width_mm((face, size): (Face, f32), text: &str) -> f32 {
    face.width(size, text) * MM_PER_INCH / POINTS_PER_INCH
}

/// Breaks a text into lines of at most `width` millimetres: at a space, or else inside a word.
pub(crate) fn wrap(font: (Face, f32), width: f32, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width_mm(font, &longer) <= width {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for letter in word.chars() {
            line.push(letter);
            if width_mm(font, &line) > width && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::take(&mut line));
                line.push(letter);
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// Converts millimetres to points.
pub(crate) fn points(length: f32) -> f32 {
    length * POINTS_PER_INCH / MM_PER_INCH
}

/// Numbers of squares, cards and columns are small.
pub(crate) fn small(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

const MM_PER_INCH: f32 = 25.4;
const POINTS_PER_INCH: f32 = 72.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_at_spaces_and_breaks_long_words() {
        let font = (Face::Plain, 10.0);
        assert_eq!(wrap(font, 30.0, ""), [""; 0]);
        assert_eq!(wrap(font, 30.0, "А тобы"), ["А тобы"]);
        let lines = wrap(font, 30.0, "Жастар сарайы, робототехника үйірмесі");
        assert_eq!(lines.concat(), "Жастар сарайы,робототехникаүйірмесі");
        assert!(lines.len() >= 2 && lines.iter().all(|line| width_mm(font, line) <= 30.0));
        let long = wrap(font, 30.0, &"0a1b".repeat(20));
        assert!(long.len() > 2 && long.iter().all(|line| width_mm(font, line) <= 30.0));
    }
}
