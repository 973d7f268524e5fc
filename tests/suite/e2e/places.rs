//! A place that is offered: the family answers on its phone, with a line and without one.

use attendance::{Decision, EventKind, UnverifiedEvent, VoucherId};
use device::{VoucherAnswer, VoucherSet};
use ledger::report::VoucherReportState;
use ledger::voucher::StatusMap;
use system_tests::{Phone, Town, district};

use super::screens::{browser, serve};

const NEW: VoucherId = VoucherId([0x77; 8]);

/// Gives the newest event that the device has kept.
async fn newest(phone: &Phone) -> attendance::Event {
    let events = phone.events().await;
    let newest = UnverifiedEvent::parse(&events.last().expect("an event").1).expect("an event");
    newest.event().clone()
}

/// Says how the server's log has the voucher.
async fn state(town: &Town) -> VoucherReportState {
    let rows = town.server().voucher_rows(&StatusMap::default()).await.expect("the log folds");
    rows.into_iter().find(|row| row.voucher == NEW).expect("it is entered").state
}

#[tokio::test(flavor = "multi_thread")]
async fn family_takes_an_offered_place_without_a_line_and_gives_it_up_again() {
    let (browser, _scratch) = browser().await;
    let town = Town::found().await;
    let (office, family) = (town.coordinator().await, town.parent(&[1]).await);
    let (old, new) = ((district::voucher(1), district::child(1)), (NEW, district::child(1)));
    let given_back = family
        .shell
        .device()
        .with(move |device| device.answer_voucher(old, VoucherAnswer::Refuse, None));
    given_back.await.expect("it is recorded");
    family.sync().await.receipted(1);
    for (set, document) in [
        (VoucherSet::Register, "TEST-2026-0077"),
        (VoucherSet::Activate, "order 1"),
        (VoucherSet::Offer(district::JUDO), "queue 12"),
    ] {
        let said = office.shell.device().with(move |device| device.set_voucher(new, set, document));
        said.await.expect("it is recorded");
        office.sync().await.receipted(1);
    }
    family.sync().await.done();

    // The first page leads to what waits for an answer.
    let page = browser.open(&serve(&family).await).await;
    page.wait_for("place-offered").await;
    page.click("place-offered").await;
    page.wait_until("place-row", "data-state", "offered").await;
    page.wait_until("place-term", "data-count", "2").await;
    page.shot("parent-place-offered").await;
    // Asked once more; a slip of the finger takes nothing.
    page.click("place-accept").await;
    page.wait_for("place-accept-confirm").await;
    page.click_css(".confirm .button.quiet").await;
    page.wait_for("place-accept").await;
    page.click("place-accept").await;
    page.click("place-accept-confirm").await;
    page.wait_until("place-answered", "data-answer", "accept").await;
    page.wait_until("mark", "data-mark", "recorded").await;
    page.shot("parent-place-kept").await;
    // It is on the phone, and nowhere else yet.
    let said = newest(&family).await;
    assert_eq!((said.kind, said.decision), (EventKind::VoucherAnswer, Some(Decision::Accept)));
    assert_eq!(said.voucher, Some(NEW));
    assert_eq!(state(&town).await, VoucherReportState::Active);

    family.sync().await.receipted(1);
    page.reload().await;
    page.wait_until("place-row", "data-state", "booked").await;
    page.shot("parent-place-booked").await;
    assert_eq!(state(&town).await, VoucherReportState::Booked);
    assert!(!page.has("[data-testid=place-accept]").await, "it is taken already");

    page.click("place-decline").await;
    page.click("place-decline-confirm").await;
    page.wait_until("place-answered", "data-answer", "decline").await;
    assert_eq!(newest(&family).await.decision, Some(Decision::Decline));
    family.sync().await.receipted(1);
    page.reload().await;
    page.wait_until("place-row", "data-state", "waiting").await;
    assert!(!page.has("[data-testid=place-decline]").await, "there is nothing to give up");
    assert_eq!(state(&town).await, VoucherReportState::Active);
}
