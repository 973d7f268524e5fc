//! A large day: hundreds of children in one district, each at two lessons.

use attendance::{CardClaims, CardId, ChildId, IssuedCard, VoucherId, issue_card};
use ledger::{Contract, Lesson, Snapshot, Tiyn};
use seal::{Hash, SoftwareKey};
use server::{District, Person, Server};

use crate::card::CARDS_END_S;
use crate::district::{self, CHESS, CHESS_HOUSE, PART};
use crate::phone::Phone;
use crate::town::Town;

/// Names the child with a number from 0.
#[must_use]
pub fn child(number: u16) -> ChildId {
    ChildId(bytes("child", number))
}

fn voucher(number: u16) -> VoucherId {
    VoucherId(bytes("voucher", number))
}

/// Names the card of a child.
#[must_use]
pub fn card(number: u16) -> CardId {
    CardId(bytes("card", number))
}

fn bytes<const N: usize>(what: &str, number: u16) -> [u8; N] {
    let Hash(hash) = seal::sha256(format!("{what} {number}").as_bytes());
    *hash.first_chunk().expect("a short identifier")
}

/// A district whose chess group has so many children.
#[must_use]
pub fn district_of(children: u16) -> District {
    let contracts = (0..children).map(|number| Contract {
        voucher: voucher(number),
        number: format!("TEST-2026-{number:04}"),
        child: child(number),
        group: CHESS,
        provider: CHESS_HOUSE,
        total_tiyn: Tiyn(4 * PART.0),
        from: "2026-09-01".parse().expect("a date"),
        to: "2026-12-31".parse().expect("a date"),
        family: None,
        segments: Vec::new(),
    });
    let snapshot = Snapshot { contracts: contracts.collect(), ..district::snapshot() };
    let people = (0..children).map(|number| Person {
        child: child(number),
        name: format!("Invented Child {number}"),
        card: card(number),
    });
    District { origin: district::ORIGIN.to_owned(), snapshot, people: people.collect() }
}

/// Issues the card of a child.
///
/// # Panics
/// If the key does not sign.
#[must_use]
pub fn card_of(number: u16, issuer: &SoftwareKey) -> IssuedCard {
    let claims = CardClaims {
        expires_at_s: CARDS_END_S,
        card: card(number),
        child: child(number),
        voucher: voucher(number),
        status_index: u32::from(number),
        holder: None,
    };
    issue_card(issuer, &claims).expect("a software key signs")
}

/// Logs every child's card, as the office does when it issues them.
///
/// # Panics
/// If the server does not take them.
pub async fn log_cards(server: &Server, children: u16, issuer: &SoftwareKey) {
    let cards: Vec<Vec<u8>> = (0..children).map(|number| card_of(number, issuer).bytes).collect();
    server.log_cards(&cards).await.expect("the office issued them");
}

/// Scans every child's card at a lesson, a second or so apart. Gives how many events the device has.
///
/// # Panics
/// If a scan is not kept.
pub async fn attend(
    phone: &Phone,
    lesson: &Lesson,
    children: u16,
    set_clock: impl Fn(i64),
    issuer: &SoftwareKey,
) -> u64 {
    set_clock(lesson.start_ms);
    phone.open(lesson.id).await;
    for number in 0..children {
        set_clock(lesson.start_ms + i64::from(number) * 1_130 + i64::from(number % 7) * 89);
        phone.scan(lesson.id, &card_of(number, issuer).text).await.kept();
    }
    phone.status().await.events
}

/// A day of so many children at two lessons on a teacher's device, of which the server knows nothing.
pub async fn lived(town: &Town, children: u16) -> Phone {
    log_cards(town.server(), children, town.card_key()).await;
    let teacher = town.teacher().await;
    for lesson in district::lessons(CHESS).iter().take(2) {
        attend(&teacher, lesson, children, |at_ms| town.set_clock(at_ms), town.card_key()).await;
    }
    teacher
}
