//! A table on paper: columns as wide as their texts, the header again on every page.

use crate::PrintError;
use crate::canvas::{Canvas, small, width_mm};
use crate::font::Face;

/// Where a column's texts stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Align {
    /// Words.
    Left,
    /// Short codes.
    Middle,
    /// Numbers.
    Right,
}

/// A column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Column {
    /// Its name; a line break begins another line.
    pub name: String,
    /// Where its texts stand.
    pub align: Align,
}

/// Rows under a header.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each as long as the columns.
    pub rows: Vec<Vec<String>>,
    /// The last row is a sum, and bold.
    pub total: bool,
}

/// How a table's parts are placed on a page.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    size: f32,
    /// In millimetres.
    widths: Vec<f32>,
    header_lines: usize,
}

impl Layout {
    /// Fits a table into a width: in the common size if it fits, smaller if it must be.
    pub(crate) fn of(table: &Table, width: f32) -> Result<Self, PrintError> {
        let natural = |size: f32| -> Vec<f32> {
            let columns = table.columns.iter().enumerate();
            columns
                .map(|(column, named)| {
                    let names = named.name.lines().map(|line| width_mm((Face::Bold, size), line));
                    let face = if table.total { Face::Bold } else { Face::Plain };
                    let cells = table.rows.iter().filter_map(|row| row.get(column));
                    let cells = cells.map(|cell| width_mm((face, size), cell));
                    names.chain(cells).fold(0.0_f32, f32::max) + 2.0 * PAD_MM
                })
                .collect()
        };
        let mut size = SIZE_MOST;
        let mut widths = natural(size);
        while widths.iter().sum::<f32>() > width {
            size -= 0.25;
            if size < SIZE_LEAST {
                return Err(PrintError::TooWide { columns: table.columns.len() });
            }
            widths = natural(size);
        }
        // What is left of the width goes to the words.
        let left = (width - widths.iter().sum::<f32>()).max(0.0);
        let words = table.columns.iter().filter(|column| column.align == Align::Left).count();
        let columns = table.columns.iter().zip(&mut widths);
        for (_, width) in columns.filter(|(column, _)| column.align == Align::Left) {
            *width += left / small(words);
        }
        let header_lines = table.columns.iter().map(|column| column.name.lines().count()).max();
        Ok(Self { size, widths, header_lines: header_lines.unwrap_or_default() })
    }

    pub(crate) fn header_height(&self) -> f32 {
        self.row_height() * small(self.header_lines)
    }

    pub(crate) fn row_height(&self) -> f32 {
        self.size * LEADING
    }

    /// Draws the header.
    pub(crate) fn header(
        &self,
        canvas: &mut Canvas,
        table: &Table,
        (left, top): (f32, f32),
    ) -> Result<(), PrintError> {
        let mut x = left;
        for (column, width) in table.columns.iter().zip(&self.widths) {
            for (number, line) in column.name.lines().enumerate() {
                let top = top + self.row_height() * small(number);
                self.cell(canvas, (Face::Bold, column.align), (x, top, *width), line)?;
            }
            x += width;
        }
        let bottom = top + self.header_height();
        canvas.lines(0.0, &[[(left, top), (x, top)], [(left, bottom), (x, bottom)]]);
        Ok(())
    }

    /// Draws one row, and the line under it.
    pub(crate) fn row(
        &self,
        canvas: &mut Canvas,
        (table, number): (&Table, usize),
        (left, top): (f32, f32),
    ) -> Result<(), PrintError> {
        let last = number + 1 == table.rows.len();
        let face = if table.total && last { Face::Bold } else { Face::Plain };
        let mut x = left;
        let cells = table.rows.get(number).into_iter().flatten();
        for ((column, width), cell) in table.columns.iter().zip(&self.widths).zip(cells) {
            self.cell(canvas, (face, column.align), (x, top, *width), cell)?;
            x += width;
        }
        let bottom = top + self.row_height();
        canvas.lines(if last { 0.0 } else { 0.7 }, &[[(left, bottom), (x, bottom)]]);
        Ok(())
    }

    fn cell(
        &self,
        canvas: &mut Canvas,
        (face, align): (Face, Align),
        (left, top, width): (f32, f32, f32),
        text: &str,
    ) -> Result<(), PrintError> {
        let (font, baseline) = ((face, self.size), top + self.row_height() * 0.75);
        match align {
            Align::Left => canvas.text(font, (left + PAD_MM, baseline), text),
            Align::Middle => canvas.text_around(font, (left + width / 2.0, baseline), text),
            Align::Right => canvas.text_before(font, (left + width - PAD_MM, baseline), text),
        }
    }
}

/// Points.
const SIZE_MOST: f32 = 8.0;
const SIZE_LEAST: f32 = 4.5;
/// Millimetres on each side of a text.
const PAD_MM: f32 = 0.7;
/// Millimetres of a row for each point of its letters.
const LEADING: f32 = 0.53;
