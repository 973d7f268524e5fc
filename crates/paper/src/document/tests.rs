//! Documents are opened again: their pixels are read, not what wrote them.

use super::*;
use crate::table::{Align, Column};
use crate::{PrintError, rasterise};

fn document(rows: usize) -> Document {
    let columns = [("№", Align::Right), ("Баланың\nаты", Align::Left), ("Сомасы", Align::Right)];
    let columns = columns.map(|(name, align)| Column { name: name.to_owned(), align }).into();
    let row = |row: usize| vec![(row + 1).to_string(), "Әлия Қыдырәлі".into(), "18461.53".into()];
    Document {
        title: "Табель".into(),
        language: "kk".into(),
        landscape: true,
        blocks: vec![
            Block::Heading("Қатысу табелі".into()),
            Block::Text("Жастар сарайы, БСН 990990000023".into()),
            Block::Table(Table { columns, rows: (0..rows).map(row).collect(), total: false }),
            Block::Item("1.".into(), "Камераны картаға қаратыңыз.".into()),
            Block::Signatures(vec!["Орындаушы".into(), "Эмитент".into()]),
        ],
        stamp: Some(Stamp { text: "QP1:check/me".into(), caption: "Тексеру".into() }),
        foot: "Qatysu".into(),
    }
}

#[test]
fn the_symbol_of_the_first_page_is_read_from_its_pixels() {
    let pages = rasterise(&document(3).to_pdf().unwrap(), 150).unwrap();
    assert_eq!(pages.len(), 1);
    assert_eq!(qr::decode(&pages[0].as_luma()), ["QP1:check/me"]);
    assert!(pages[0].width() > pages[0].height());
}

#[test]
fn long_tables_go_on_on_further_pages_and_nothing_falls_off() {
    let pages = rasterise(&document(120).to_pdf().unwrap(), 72).unwrap();
    assert_eq!(pages.len(), 4);
    for page in &pages {
        let dark = |x: usize, y: usize| page.pixels()[y * page.width() + x] < 128;
        let edge = (0..page.width()).any(|x| dark(x, 2) || dark(x, page.height() - 3));
        assert!(!edge, "the page is printed to its edge");
        assert!(page.pixels().iter().any(|pixel| *pixel < 128), "a page is empty");
    }
}

#[test]
fn the_same_document_gives_the_same_bytes_and_another_gives_others() {
    let pdf = document(3).to_pdf().unwrap();
    assert_eq!(document(3).to_pdf().unwrap(), pdf);
    assert_ne!(document(4).to_pdf().unwrap(), pdf);
    assert!(pdf.len() < 80_000, "{} bytes", pdf.len());
}

#[test]
fn letters_are_drawn_and_not_boxes() {
    let with = |text: &str| {
        let blocks = vec![Block::Heading(text.into())];
        let page = Document { blocks, stamp: None, ..document(0) };
        let pages = rasterise(&page.to_pdf().unwrap(), 100).unwrap();
        pages[0].pixels().to_vec()
    };
    // Ұ is Y with a stroke: a font without it would draw the same box for both.
    assert_ne!(with("Ұ"), with("Ң"));
    assert_ne!(with("Ұ"), with("Y"));
    assert_eq!(with("й"), with("и\u{306}"));
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut wide = document(1);
    let column =
        |n: usize| Column { name: format!("a long name of a column {n}"), align: Align::Left };
    let columns: Vec<Column> = (0..40).map(column).collect();
    wide.blocks = vec![Block::Table(Table { columns, rows: Vec::new(), total: false })];
    assert_eq!(wide.to_pdf(), Err(PrintError::TooWide { columns: 40 }));
    let mut fine = document(1);
    fine.stamp = Some(Stamp { text: "x".repeat(900), caption: String::new() });
    assert_eq!(fine.to_pdf(), Err(PrintError::TooFine { length_bytes: 900 }));
    let mut foreign = document(1);
    foreign.foot = "名".into();
    assert!(matches!(foreign.to_pdf(), Err(PrintError::Letter { letter: '名', .. })));
}
