//! A document of several pages: headings, lines, tables, places to sign, and one symbol to check it by.

use qr::ErrorCorrection;

use crate::PrintError;
use crate::canvas::{A4, A4_LANDSCAPE, Canvas, assemble, small, wrap};
use crate::font::Face;
use crate::table::{Layout, Table};

/// What is to be printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Document {
    /// The title, for programs that show the file.
    pub title: String,
    /// The language's tag: `kk`, `ru` or `en`.
    pub language: String,
    /// Pages lie on their long side.
    pub landscape: bool,
    /// What it says, from top to bottom.
    pub blocks: Vec<Block>,
    /// The symbol in the first page's right corner.
    pub stamp: Option<Stamp>,
    /// The small line at the foot of every page, beside the page's number.
    pub foot: String,
}

/// A part of a document.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Block {
    /// A large line.
    Heading(String),
    /// A bold line.
    Subheading(String),
    /// A sentence, broken into lines.
    Text(String),
    /// A small sentence, for keys to a table.
    Small(String),
    /// A numbered or dotted sentence: the mark, and what stands beside it.
    Item(String, String),
    /// A table.
    Table(Table),
    /// Places to sign: who, each above a line.
    Signatures(Vec<String>),
}

/// A symbol that the document is checked by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stamp {
    /// What it says to a scanner.
    pub text: String,
    /// What stands under it.
    pub caption: String,
}

impl Document {
    /// Draws the document as a PDF. The same document gives the same bytes.
    ///
    /// # Errors
    /// [`PrintError`] if a letter is not in the fonts, a table is too wide, or the symbol is too fine.
    pub fn to_pdf(&self) -> Result<Vec<u8>, PrintError> {
        let mut flow = Flow::new(self);
        if let Some(stamp) = &self.stamp {
            flow.stamp(stamp)?;
        }
        for block in &self.blocks {
            flow.block(block)?;
        }
        let mut pages = flow.pages;
        let count = pages.len();
        for (number, page) in pages.iter_mut().enumerate() {
            let bottom = page.size.height - FOOT_MM;
            page.text((Face::Plain, 7.0), (MARGIN_MM, bottom), &self.foot)?;
            let right = page.size.width - MARGIN_MM;
            let place = format!("{} / {count}", number + 1);
            page.text_before((Face::Plain, 7.0), (right, bottom), &place)?;
        }
        Ok(assemble(pages, &self.title, &self.language))
    }
}

/// Where the next block goes.
struct Flow {
    pages: Vec<Canvas>,
    landscape: bool,
    /// Millimetres from the top of the last page.
    y: f32,
    /// The stamp's bottom on the first page: texts above it are narrower.
    stamp_bottom: f32,
}

impl Flow {
    fn new(document: &Document) -> Self {
        let mut flow =
            Self { pages: Vec::new(), landscape: document.landscape, y: 0.0, stamp_bottom: 0.0 };
        flow.turn();
        flow
    }

    fn turn(&mut self) {
        self.pages.push(Canvas::new(if self.landscape { A4_LANDSCAPE } else { A4 }));
        self.y = MARGIN_MM;
    }

    fn page(&mut self) -> &mut Canvas {
        self.pages.last_mut().expect("a flow has a page from its start on")
    }

    fn width(&mut self) -> f32 {
        let beside = self.pages.len() == 1 && self.y < self.stamp_bottom;
        let whole = self.page().size.width - 2.0 * MARGIN_MM;
        if beside { whole - STAMP_MM - 4.0 } else { whole }
    }

    /// Begins a new page if so many millimetres do not fit.
    fn need(&mut self, height: f32) -> bool {
        let turns = self.y + height > self.page().size.height - MARGIN_MM - FOOT_MM;
        if turns {
            self.turn();
        }
        turns
    }

    fn block(&mut self, block: &Block) -> Result<(), PrintError> {
        match block {
            Block::Heading(text) => self.sentence((Face::Bold, 15.0), 0.0, text, 2.5),
            Block::Subheading(text) => {
                self.y += 2.5;
                self.sentence((Face::Bold, 12.0), 0.0, text, 1.5)
            }
            Block::Text(text) => self.sentence((Face::Plain, 9.5), 0.0, text, 1.0),
            Block::Small(text) => self.sentence((Face::Plain, 7.0), 0.0, text, 0.8),
            Block::Item(mark, text) => self.item(mark, text),
            Block::Table(table) => self.table(table),
            Block::Signatures(who) => self.signatures(who),
        }
    }

    fn sentence(
        &mut self,
        (face, size): (Face, f32),
        indent: f32,
        text: &str,
        after: f32,
    ) -> Result<(), PrintError> {
        let height = size * LEADING;
        let lines = wrap((face, size), self.width() - indent, text);
        for line in lines {
            self.need(height);
            let baseline = self.y + height * 0.78;
            self.page().text((face, size), (MARGIN_MM + indent, baseline), &line)?;
            self.y += height;
        }
        self.y += after;
        Ok(())
    }

    fn item(&mut self, mark: &str, text: &str) -> Result<(), PrintError> {
        let height = ITEM_SIZE * LEADING;
        self.need(height);
        let baseline = self.y + height * 0.78;
        self.page().text((Face::Bold, ITEM_SIZE), (MARGIN_MM, baseline), mark)?;
        self.sentence((Face::Plain, ITEM_SIZE), INDENT_MM, text, 1.8)
    }

    fn stamp(&mut self, stamp: &Stamp) -> Result<(), PrintError> {
        let symbol = qr::encode(&stamp.text, ErrorCorrection::M)?;
        let module = STAMP_MM / small(symbol.size());
        if module < MODULE_MIN_MM {
            return Err(PrintError::TooFine { length_bytes: stamp.text.len() });
        }
        let left = self.page().size.width - MARGIN_MM - STAMP_MM;
        self.page().symbol(&symbol, module, (left, MARGIN_MM));
        let mut baseline = MARGIN_MM + STAMP_MM + 3.2;
        for line in wrap((Face::Plain, 6.5), STAMP_MM, &stamp.caption) {
            self.page().text((Face::Plain, 6.5), (left, baseline), &line)?;
            baseline += 2.8;
        }
        self.stamp_bottom = baseline;
        Ok(())
    }

    fn table(&mut self, table: &Table) -> Result<(), PrintError> {
        if self.pages.len() == 1 {
            self.y = self.y.max(self.stamp_bottom);
        }
        let layout = Layout::of(table, self.width())?;
        self.need(layout.header_height() + 2.0 * layout.row_height());
        self.table_header(&layout, table)?;
        for number in 0..table.rows.len() {
            if self.need(layout.row_height()) {
                self.table_header(&layout, table)?;
            }
            let at = (MARGIN_MM, self.y);
            layout.row(self.page(), (table, number), at)?;
            self.y += layout.row_height();
        }
        self.y += 2.5;
        Ok(())
    }

    fn table_header(&mut self, layout: &Layout, table: &Table) -> Result<(), PrintError> {
        let at = (MARGIN_MM, self.y);
        layout.header(self.page(), table, at)?;
        self.y += layout.header_height();
        Ok(())
    }

    fn signatures(&mut self, who: &[String]) -> Result<(), PrintError> {
        self.need(SIGN_MM);
        let step = self.width() / small(who.len().max(1));
        let (line, top) = (self.y + 11.0, self.y);
        for (number, who) in who.iter().enumerate() {
            let left = MARGIN_MM + step * small(number);
            let right = left + step - 8.0;
            self.page().text((Face::Plain, 8.0), (left, top + 4.0), who)?;
            self.page().lines(0.0, &[[(left, line), (right, line)]]);
        }
        self.y += SIGN_MM;
        Ok(())
    }
}

/// Millimetres.
const MARGIN_MM: f32 = 12.0;
const FOOT_MM: f32 = 7.0;
const STAMP_MM: f32 = 36.0;
const MODULE_MIN_MM: f32 = 0.45;
const INDENT_MM: f32 = 8.0;
const SIGN_MM: f32 = 15.0;
/// Points.
const ITEM_SIZE: f32 = 12.0;
/// Millimetres of a line for each point of its letters.
const LEADING: f32 = 0.46;

#[cfg(test)]
mod tests;
