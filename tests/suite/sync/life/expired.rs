//! The end of a certificate: what signed times prove decides, and no clock that is merely wrong.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use ipc::{BoardView, Outcome, ParkedReason, ScanView, StatusView};
use serde_json::json;
use shell_core::ShellClock;
use sync_api::VerdictKind;
use system_tests::{Phone, Town, chess_teacher, district};

use super::super::{enrolled_pen, first_lesson, kinds};
use super::{id_of, line_of, put};

const DAY_MS: i64 = 86_400_000;

async fn status(phone: &Phone) -> StatusView {
    phone.call("status", json!({})).await
}

/// A mark by hand: the cards of the town's first day are over by then, too.
async fn mark(teacher: &Phone, child: u8) {
    let (lesson, child) = (first_lesson().id, district::child(child));
    let args = json!({ "lesson": lesson, "child": child, "reason": "card_refused" });
    let view: ScanView = teacher.call("record_manual", args).await;
    assert_eq!(view.outcome, Outcome::Kept);
}

/// Switches a tablet off and on: its next contact puts the signed time into its chain.
async fn restarted(town: &Town, phone: Phone) -> Phone {
    let Phone { shell, dir } = phone;
    drop(shell);
    town.device_settled(&dir).await;
    town.switch_on(&dir)
}

/// How many events wait at the server because the certificate was over.
fn expired(town: &Town) -> i64 {
    town.count("parked WHERE reason = 'expired' AND hash NOT IN (SELECT hash FROM event)")
}

/// A day on which the certificates of this town's first day are over.
fn after_the_end() -> i64 {
    district::FIRST_MORNING_MS + 402 * DAY_MS
}

#[tokio::test]
async fn what_was_made_in_time_is_taken_late_and_what_was_made_later_waits_for_a_decision() {
    let town = Town::found().await;
    let (teacher, coordinator) = (town.teacher().await, town.coordinator().await);
    let device = id_of(&teacher).await;
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &town.card(1)).await.kept();
    // In a drawer for more than a year: what it recorded in time comes late, and is taken.
    town.set_clock(after_the_end());
    let teacher = restarted(&town, teacher).await;
    assert_eq!(teacher.sync().await.done().receipted, 2);
    let recorded = town.count("event");
    assert_eq!(expired(&town), 1, "the signed time itself, which is no record of anybody");
    // Recorded after the end, which the contact just now proves.
    mark(&teacher, 2).await;
    teacher.sync().await.done();
    assert_eq!(expired(&town), 2);
    assert_eq!(status(&teacher).await.parked[0].reason, ParkedReason::Expired);
    // Also after another start and before the next contact, when nothing but the order of its chain says
    // when it was.
    let teacher = restarted(&town, teacher).await;
    mark(&teacher, 3).await;
    teacher.sync().await.done();
    assert!(expired(&town) >= 3 && town.count("event") == recorded, "nothing of it is logged");

    // A coordinator lets it in. (Their own certificates ended too: a new ticket renews this one.)
    let ticket = system_tests::grant(attendance::Role::Coordinator, "Coordinator");
    let ticket = town.ticket(&ticket, &town.address()).await.to_text();
    coordinator.shell.enrol(&ticket).await.expect("a ticket renews it");
    let line = line_of(&coordinator, device).await;
    let waits = line.parked.iter().find(|one| one.reason == ParkedReason::Expired).unwrap();
    assert!(waits.releasable >= 2, "the signed times among them too: {waits:?}");
    let args = json!({ "device": device, "last": waits.last });
    drop(coordinator.call::<BoardView>("release_events", args).await);
    teacher.sync().await.done();
    let left = teacher.status().await;
    assert_eq!((left.parked, left.not_receipted, expired(&town)), (0, 0, 0));
}

#[tokio::test]
async fn new_ticket_renews_an_ended_certificate_and_what_waited_is_taken() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    town.set_clock(after_the_end());
    let teacher = restarted(&town, teacher).await;
    assert_eq!(teacher.sync().await.done().receipted, 1);
    mark(&teacher, 1).await;
    teacher.sync().await.done();
    assert_eq!(status(&teacher).await.parked[0].reason, ParkedReason::Expired);
    let ticket = town.ticket(&chess_teacher(), &town.address()).await.to_text();
    teacher.shell.enrol(&ticket).await.expect("the same device, longer");
    teacher.sync().await.done();
    let left = teacher.status().await;
    assert_eq!((left.parked, left.not_receipted, expired(&town)), (0, 0, 0));
    assert_eq!((town.count("certificate"), town.count("device")), (1, 1), "the same device");
}

#[tokio::test]
async fn wrong_clock_alone_puts_nothing_aside() {
    let town = Town::found().await;
    let lesson = first_lesson();
    // A tablet whose clock says that its certificate is long over.
    let hand = Arc::new(AtomicI64::new(after_the_end() + 1_000 * DAY_MS));
    let dir = town.server_dir().with_file_name("ahead");
    let tablet = Phone::switch_on(&dir, ShellClock::hand(hand));
    let ticket = town.ticket(&chess_teacher(), &town.address()).await.to_text();
    tablet.shell.enrol(&ticket).await.expect("judged by the server's time");
    tablet.sync().await.done();
    tablet.open(lesson.id).await;
    tablet.scan(lesson.id, &town.card(1)).await.kept();
    tablet.sync().await.receipted(2);

    // Nor where the certificate is over by now, and nothing proves that it was so then.
    let mut pen = enrolled_pen(&town, 50).await;
    town.set_clock(after_the_end());
    let who = (district::child(2), district::voucher(2));
    let claimed = pen.visit(who, lesson.id, after_the_end() + DAY_MS).bytes().to_vec();
    assert_eq!(kinds(&put(&town, &[claimed]).await), [VerdictKind::Stored]);
}
