//! A voucher from its entry to a booking, by the devices of the issuer and the family.

use device::{RecordError, VoucherAnswer, VoucherSet};
use ledger::report::{VoucherReport, VoucherReportState, VoucherRow};
use ledger::voucher::StatusMap;
use seal::Hash;
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
