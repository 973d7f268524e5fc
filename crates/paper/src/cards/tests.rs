//! The printed sheet is read back from its pixels.

use attendance::{CardClaims, CardId, ChildId, VoucherId, issue_card};
use seal::SoftwareKey;

use super::*;
use crate::rasterise;

fn cards(count: u8) -> Vec<PrintedCard> {
    let issuer = SoftwareKey::from_seed(&[1; 32]);
    let card = |number: u8| {
        let claims = CardClaims {
            expires_at_s: 1_800_000_000,
            card: CardId([number; 8]),
            child: ChildId([number; 12]),
            voucher: VoucherId([number; 8]),
            status_index: u32::from(number),
            holder: None,
        };
        let issued = issue_card(&issuer, &claims).unwrap();
        let label = "Әлия Қыдырәліқызы Ұзынбұлақова".to_owned();
        let note = "Робототехника, 2-топ".to_owned();
        PrintedCard { text: issued.text, code: issued.code.to_string(), label, note }
    };
    (1..=count).map(card).collect()
}

#[test]
fn every_card_of_a_sheet_is_read_back_from_200_dots_an_inch() {
    let cards = cards(23);
    let pdf = card_sheet(&cards, "Attendance card").unwrap();
    let pages = rasterise(&pdf, 200).unwrap();
    assert_eq!(pages.len(), 3);
    for (page, expected) in pages.iter().zip(cards.chunks(CARDS_PER_PAGE)) {
        assert!((1652..=1656).contains(&page.width()) && (2337..=2341).contains(&page.height()));
        let texts = qr::decode(&page.as_luma());
        assert_eq!(texts, expected.iter().map(|card| card.text.clone()).collect::<Vec<_>>());
    }
}

#[test]
fn the_same_cards_give_the_same_bytes() {
    let cards = cards(2);
    assert_eq!(card_sheet(&cards, "T").unwrap(), card_sheet(&cards, "T").unwrap());
    assert_ne!(card_sheet(&cards, "T").unwrap(), card_sheet(&cards, "U").unwrap());
}

#[test]
fn refuses_what_the_fonts_or_the_card_cannot_hold() {
    let refused =
        |card: PrintedCard, title: &str| card_sheet(&[card], title).unwrap_err().to_string();
    let [card] = <[_; 1]>::try_from(cards(1)).unwrap();
    let name = PrintedCard { label: "名".to_owned(), ..card.clone() };
    assert!(refused(name, "").contains("card 1: the fonts have no '名'"));
    let long = PrintedCard { label: "x".repeat(81), ..card.clone() };
    assert!(refused(long, "").contains("at most 80"));
    let fine = PrintedCard { text: "A".repeat(900), ..card.clone() };
    assert!(refused(fine, "").contains("too small to be read"));
    assert!(refused(card, &"x".repeat(73)).contains("the title has 73 characters"));
    assert!(card_sheet(&[], "").unwrap_err().to_string().contains("no card"));
}
