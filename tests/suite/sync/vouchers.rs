//! A voucher from its entry to a booking, by the devices of the issuer and the family.

use device::{RecordError, VoucherAnswer, VoucherSet};
use ipc::{ErrorCode, Mark, PlaceAnswer, PlaceState, PlaceView};
use ledger::report::{VoucherReport, VoucherReportState, VoucherRow};
use ledger::voucher::StatusMap;
use seal::Hash;
use serde_json::{Value, json};
use system_tests::{Phone, Town, district};

use attendance::{ChildId, VoucherId};

const NEW: VoucherId = VoucherId([0x77; 8]);

async fn set(phone: &Phone, of: (VoucherId, ChildId), set: VoucherSet, document: &str) -> Hash {
    let document = document.to_owned();
    let said = phone.shell.device().with(move |device| device.set_voucher(of, set, &document));
    let event = said.await.expect("it is recorded");
    phone.sync().await.receipted(1);
    event
}

async fn answer(phone: &Phone, of: (VoucherId, ChildId), answer: VoucherAnswer) {
    let said = phone.shell.device().with(move |device| device.answer_voucher(of, answer, None));
    said.await.expect("it is recorded");
    phone.sync().await.receipted(1);
}

async fn row(town: &Town, voucher: VoucherId) -> VoucherRow {
    let rows = town.server().voucher_rows(&StatusMap::default()).await.expect("the log folds");
    rows.into_iter().find(|row| row.voucher == voucher).expect("it is entered")
}

async fn report(town: &Town, number: &str) -> VoucherReport {
    let report = town.server().voucher_report(number, &StatusMap::default()).await;
    report.expect("the log folds").expect("the log has it")
}

#[tokio::test]
async fn family_gives_one_voucher_back_and_books_a_place_with_another() {
    let town = Town::found().await;
    let (office, second) = (town.coordinator().await, town.coordinator().await);
    let family = town.parent(&[1]).await;
    let (old, child) = (district::voucher(1), district::child(1));
    let new = (NEW, child);
    set(&office, new, VoucherSet::Register, "TEST-2026-0077").await;
    set(&office, new, VoucherSet::Activate, "order 1").await;
    assert_eq!(row(&town, NEW).await.state, VoucherReportState::Registered, "one at a time");
    let steps = report(&town, "TEST-2026-0077").await.steps;
    assert!(steps[1].refused.as_ref().is_some_and(|why| why.contains("1 in force")), "{steps:?}");

    answer(&family, (old, child), VoucherAnswer::Refuse).await;
    assert_eq!(row(&town, old).await.state, VoucherReportState::Refused);
    set(&office, new, VoucherSet::Activate, "order 2").await;
    set(&office, new, VoucherSet::Offer(district::JUDO), "queue 12").await;
    let offered = row(&town, NEW).await;
    assert_eq!(offered.booking.as_ref().map(|one| one.group), Some(district::JUDO));
    answer(&family, new, VoucherAnswer::Accept).await;
    let booked = row(&town, NEW).await;
    assert_eq!(booked.state, VoucherReportState::Booked);
    assert!(booked.booking.unwrap().until > offered.booking.unwrap().until);

    // It takes two to take the booked one back, and this device is one.
    let first = set(&office, new, VoucherSet::Annul { first: None }, "case 1").await;
    assert!(row(&town, NEW).await.proposed);
    set(&office, new, VoucherSet::Annul { first: Some(first) }, "case 1").await;
    assert_eq!(row(&town, NEW).await.state, VoucherReportState::Booked);
    set(&second, new, VoucherSet::Annul { first: Some(first) }, "case 1").await;
    let ended = row(&town, NEW).await;
    assert_eq!((ended.state, ended.proposed), (VoucherReportState::Annulled, false));

    // Another family answers for nobody's child but its own.
    let other = town.parent(&[2]).await;
    let said = other
        .shell
        .device()
        .with(move |device| device.answer_voucher(new, VoucherAnswer::Refuse, None));
    assert!(matches!(said.await, Err(RecordError::NotAllowed)));
}

async fn places(phone: &Phone) -> Vec<PlaceView> {
    phone.call("places", json!({})).await
}

fn args(answer: &str) -> Value {
    json!({ "voucher": NEW, "answer": answer })
}

/// Finds the voucher among those that a phone shows.
fn of_new(places: &[PlaceView]) -> PlaceView {
    let of = |place: &&PlaceView| place.voucher == NEW.to_string();
    places.iter().find(of).expect("the phone shows it").clone()
}

#[tokio::test]
async fn offered_place_is_answered_on_the_familys_phone_and_given_up_there() {
    let town = Town::found().await;
    let office = town.coordinator().await;
    let (family, other) = (town.parent(&[1]).await, town.parent(&[2]).await);
    let new = (NEW, district::child(1));
    answer(&family, (district::voucher(1), new.1), VoucherAnswer::Refuse).await;
    set(&office, new, VoucherSet::Register, "TEST-2026-0077").await;
    set(&office, new, VoucherSet::Activate, "order 1").await;
    family.sync().await.done();
    assert_eq!(of_new(&places(&family).await).state, PlaceState::Waiting);
    assert_eq!(family.refused("answer_place", args("accept")).await, ErrorCode::NotFound);

    set(&office, new, VoucherSet::Offer(district::JUDO), "queue 12").await;
    family.sync().await.done();
    let offered = of_new(&places(&family).await);
    assert_eq!((offered.state, offered.days_left), (PlaceState::Offered, 2), "{offered:?}");
    assert_eq!(offered.provider.as_deref(), Some("Invented judo club"));
    assert_eq!(offered.child, district::NAMES[0]);
    assert!(offered.until.is_some() && offered.group.is_some(), "{offered:?}");
    // Another family sees its own voucher, and nothing of this one.
    other.sync().await.done();
    let others = places(&other).await;
    assert!(others.iter().all(|place| place.child == district::NAMES[1]), "{others:?}");
    assert_eq!(others[0].state, PlaceState::Contracted);
    assert_eq!(other.refused("answer_place", args("accept")).await, ErrorCode::NotFound);

    // Without a line it is kept, once.
    let kept: Vec<PlaceView> = family.call("answer_place", args("accept")).await;
    let answered = of_new(&kept).answered.expect("it is kept");
    assert_eq!((answered.answer, answered.mark), (PlaceAnswer::Accept, Mark::Recorded));
    assert_eq!(family.refused("answer_place", args("accept")).await, ErrorCode::NotFound);
    assert_eq!(row(&town, NEW).await.state, VoucherReportState::Active);
    family.sync().await.receipted(1);
    let booked = of_new(&places(&family).await);
    assert_eq!((booked.state, booked.answered), (PlaceState::Booked, None));
    assert!(booked.until > offered.until, "{booked:?}");
    assert_eq!(row(&town, NEW).await.state, VoucherReportState::Booked);

    // What was taken is given up, and the voucher stays in force.
    drop(family.call::<Value>("answer_place", args("decline")).await);
    family.sync().await.receipted(1);
    let free = of_new(&places(&family).await);
    assert_eq!((free.state, free.answered, free.not_taken), (PlaceState::Waiting, None, false));
    assert_eq!(row(&town, NEW).await.state, VoucherReportState::Active);
    assert_eq!(family.refused("answer_place", args("decline")).await, ErrorCode::NotFound);
}

#[tokio::test]
async fn phone_asks_no_more_once_the_days_are_over_and_says_that_an_answer_came_to_nothing() {
    let town = Town::found().await;
    let office = town.coordinator().await;
    let family = town.parent(&[1]).await;
    let new = (NEW, district::child(1));
    answer(&family, (district::voucher(1), new.1), VoucherAnswer::Refuse).await;
    set(&office, new, VoucherSet::Register, "TEST-2026-0077").await;
    set(&office, new, VoucherSet::Activate, "order 1").await;
    set(&office, new, VoucherSet::Offer(district::JUDO), "queue 12").await;
    family.sync().await.done();
    let now_ms = family.shell.device().with(|device| device.best_now_ms()).await.unwrap();
    // The phone knows by itself, without a line.
    town.set_clock(now_ms + 7 * DAY_MS);
    assert_eq!(of_new(&places(&family).await).state, PlaceState::Missed);
    assert_eq!(family.refused("answer_place", args("accept")).await, ErrorCode::NotFound);
    // A family that answers all the same, by another way, is told that it was too late.
    answer(&family, new, VoucherAnswer::Accept).await;
    let late = of_new(&places(&family).await);
    assert_eq!((late.state, late.answered, late.not_taken), (PlaceState::Waiting, None, true));
    // A new offer begins anew.
    set(&office, new, VoucherSet::Offer(district::CHESS), "queue 13").await;
    family.sync().await.done();
    let offered = of_new(&places(&family).await);
    assert_eq!((offered.state, offered.not_taken), (PlaceState::Offered, false));
}

const DAY_MS: i64 = 24 * 3_600_000;
