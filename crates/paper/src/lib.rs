//! Paper and spreadsheets: pages of PDF with the letters of three languages, and tables in and out.
//!
//! Absent on purpose: what a page says, and whether it is true. Sums come as texts, or as whole numbers
//! of hundredths; the only floating-point numbers are lengths on a page and the cells of a spreadsheet,
//! which has no others. No clock, no files: bytes in, bytes out.
//!
//! # Invariants
//! - The same contents give the same bytes: no date of making, no random name.
//! - Every letter is in the file, and can be copied out of it as text.
//! - A text with a letter that the fonts do not have is refused, never printed wrong.
//!
//! Start at [`Document`] and [`card_sheet`]; [`read_table`] reads what people send.
#![forbid(unsafe_code)]

mod book;
mod canvas;
mod cards;
mod document;
mod font;
mod picture;
mod spreadsheet;
mod table;

pub use book::{ReadError, TableFile, read_table};
pub use cards::{CARDS_PER_PAGE, PrintedCard, card_sheet};
pub use document::{Block, Document, Stamp};
pub use picture::{PictureError, rasterise};
pub use spreadsheet::{Cell, SpreadsheetError, Worksheet, write_spreadsheet};
pub use table::{Align, Column, Table};

/// Why something cannot be printed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PrintError {
    /// The fonts do not have a letter.
    #[error(
        "the fonts have no {letter:?} (in {text:?}): write it in Kazakh, Russian or Latin letters"
    )]
    Letter {
        /// The letter.
        letter: char,
        /// Where it is.
        text: String,
    },
    /// A text is longer than its place.
    #[error("{what} has {found} characters: at most {most} fit")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its length in characters.
        found: usize,
        /// The most that fit.
        most: usize,
    },
    /// A symbol would have squares that no camera reads from paper.
    #[error(
        "a text of {length_bytes} bytes makes squares of less than half a millimetre, too small to be read"
    )]
    TooFine {
        /// The length of the text.
        length_bytes: usize,
    },
    /// No symbol holds the text.
    #[error(transparent)]
    Symbol(#[from] qr::EncodeError),
    /// A table has more columns than a page is wide.
    #[error("a table of {columns} columns does not fit the page: leave some out")]
    TooWide {
        /// How many.
        columns: usize,
    },
    /// There is nothing to print.
    #[error("there is no card to print")]
    Nothing,
    /// It is about one of several things.
    #[error("card {number}: {source}")]
    Card {
        /// Which, from 1.
        number: usize,
        /// Why.
        source: Box<Self>,
    },
}
