//! Cards: issued, drawn, photographed and read again.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::{CardClaims, issue_card};
use chrono::NaiveDate;
use paper::{PrintedCard, card_sheet, rasterise};
use qr::camera::Camera;
use qr::{ErrorCorrection, LumaImage};
use seal::SoftwareKey;
use serde_json::{Value, json};

use server::{Server, ServerClock};

use super::district;
use super::people::CHILDREN;
use super::world::first_morning_ms;
use crate::{console::Console, picture};

/// One issued card.
#[derive(Clone, Debug)]
pub(super) struct DemoCard {
    /// The signed bytes: those of its leaf.
    bytes: Vec<u8>,
    /// The text in the QR.
    pub(super) text: String,
    /// The code under it.
    pub(super) code: String,
    /// Its picture.
    pub(super) png: PathBuf,
}

/// Issues a card for each child, and logs the issuances.
pub(super) async fn issue_and_log(
    key: &SoftwareKey,
    dir: &Path,
    server_dir: &Path,
) -> anyhow::Result<(Vec<DemoCard>, Value)> {
    let (cards, mut figures) = issue(key, dir)?;
    let bytes: Vec<Vec<u8>> = cards.iter().map(|card| card.bytes.clone()).collect();
    let server = Server::open(server_dir, ServerClock::starting_at(first_morning_ms())).await?;
    let logged = server.log_cards(&bytes).await?;
    let leaves: Vec<u64> = logged.iter().map(|card| card.leaf_index).collect();
    let (first, last) = leaves.first().zip(leaves.last()).context("cards were logged")?;
    if let Value::Object(figures) = &mut figures {
        figures.insert("leaves".into(), format!("{first} to {last}").into());
    }
    Ok((cards, figures))
}

/// A card of the first child that held last year.
pub(super) fn ended(key: &SoftwareKey) -> anyhow::Result<String> {
    let end = NaiveDate::from_ymd_opt(2026, 1, 31).and_then(|day| day.and_hms_opt(19, 0, 0));
    let end = end.context("the card's last day")?.and_utc().timestamp();
    let claims = CardClaims {
        expires_at_s: u32::try_from(end)?,
        card: district::card(0),
        child: district::child(0),
        voucher: district::voucher(0),
        status_index: 0,
        holder: None,
    };
    Ok(issue_card(key, &claims)?.text)
}

fn issue(key: &SoftwareKey, dir: &Path) -> anyhow::Result<(Vec<DemoCard>, Value)> {
    let end = NaiveDate::from_ymd_opt(2027, 1, 31).and_then(|day| day.and_hms_opt(19, 0, 0));
    let end = end.context("the cards' last day")?.and_utc().timestamp();
    let mut cards = Vec::new();
    let mut sizes = Vec::new();
    for number in 0..CHILDREN.len() {
        let claims = CardClaims {
            expires_at_s: u32::try_from(end)?,
            card: district::card(number),
            child: district::child(number),
            voucher: district::voucher(number),
            status_index: u32::try_from(number)?,
            holder: None,
        };
        let issued = issue_card(key, &claims)?;
        sizes.push((issued.bytes.len(), issued.text.len()));
        cards.push(DemoCard {
            text: issued.text,
            code: issued.code.to_string(),
            bytes: issued.bytes,
            png: dir.join(format!("card-{:02}.png", number + 1)),
        });
    }
    let (bytes, characters) = sizes.iter().max().copied().unwrap_or_default();
    let figures = json!({ "cards": cards.len(), "bytes": bytes, "characters": characters });
    Ok((cards, figures))
}

/// Draws each card as a PNG, and all as a printable sheet.
pub(super) fn draw(cards: &[DemoCard], dir: &Path) -> anyhow::Result<(PathBuf, Value)> {
    std::fs::create_dir_all(dir)?;
    for card in cards {
        let symbol = qr::encode(&card.text, ErrorCorrection::Q)?;
        picture::write_png(&card.png, &symbol.render(8, 4))?;
    }
    let sheet: Vec<PrintedCard> = cards
        .iter()
        .enumerate()
        .map(|(number, card)| PrintedCard {
            text: card.text.clone(),
            code: card.code.clone(),
            label: format!("№ {}", number + 1),
            note: String::new(),
        })
        .collect();
    let pdf = card_sheet(&sheet, "Qatysu: demonstration cards")?;
    let path = dir.join("cards.pdf");
    std::fs::write(&path, &pdf)?;
    let figures = json!({ "png_files": cards.len(), "pdf_bytes": pdf.len() });
    Ok((path, figures))
}

/// Photographs each picture with a bad camera and reads it; reads the printed sheet too. Gives what
/// was read of each card's picture: the scans of the next steps.
pub(super) fn read_back(
    cards: &[DemoCard],
    pdf: &Path,
    console: Console,
) -> anyhow::Result<(Vec<String>, Value)> {
    let mut read = Vec::with_capacity(cards.len());
    for (number, card) in cards.iter().enumerate() {
        console.progress(&format!("reading picture {} of {}", number + 1, cards.len()));
        let drawn = picture::read_luma(&card.png)?;
        let photograph = photograph(&drawn, number);
        let texts = qr::decode(&photograph.as_luma());
        anyhow::ensure!(
            texts == [card.text.clone()],
            "{} was not read back from its photograph",
            card.png.display()
        );
        read.extend(texts);
    }
    let pages = rasterise(&std::fs::read(pdf)?, 200)?;
    let mut printed = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        console.progress(&format!("reading page {} of {}", number + 1, pages.len()));
        printed.extend(qr::decode(&photograph_page(page, number).as_luma()));
    }
    let missing = cards.iter().filter(|card| !printed.contains(&card.text)).count();
    anyhow::ensure!(missing == 0, "{missing} cards were not read from the printed sheet");
    let figures = json!({
        "photographs_read": read.len(),
        "of": cards.len(),
        "printed_read": printed.len(),
        "pages": pages.len(),
    });
    Ok((read, figures))
}

/// Turned by any angle, noisy, out of focus, in poor light: each picture its own way.
fn photograph(drawn: &LumaImage, number: usize) -> LumaImage {
    let step = u16::try_from(number % 40).map_or(0.0, f32::from);
    let camera = Camera {
        rotation_degrees: step * 9.0 + 3.0,
        blur_px: 0.6,
        noise: 12.0,
        light: 0.7,
        scale: 0.6,
        seed: number as u64,
        ..Camera::default()
    };
    camera.photograph(drawn)
}

fn photograph_page(page: &LumaImage, number: usize) -> LumaImage {
    let camera =
        Camera { rotation_degrees: 2.0, noise: 8.0, seed: number as u64, ..Camera::default() };
    camera.photograph(page)
}
