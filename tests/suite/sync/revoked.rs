//! Revoked cards: decided at the server, refused at the door, small on the way.

use std::collections::BTreeSet;

use attendance::{CardClaims, CardId, StatusDelta, StatusList, issue_card};
use ipc::RefusalCode;
use serde_json::{Value, json};
use server::{CardReason, DecideCardError};
use sync_api::{ProblemKind, STATUS_DELTA_MEDIA_TYPE, STATUS_LIST_MEDIA_TYPE};
use system_tests::{Phone, Town, district};

use super::first_lesson;
use crate::qatysu::{Ended, run};

const CLOCK: [&str; 2] = ["--clock", "2026-09-02T08:00:00+05:00"];

fn decide(town: &Town, verb: &str, card: CardId, reason: &str) -> Ended {
    let (data, card) = (town.server_dir().to_str().unwrap().to_owned(), card.to_string());
    let args = ["card", verb, "--data", &data, &card, "--reason", reason, "--json"];
    run(&[&args[..], &CLOCK].concat())
}

fn said(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// A card of a child with an id and a place of its own.
fn card(town: &Town, child: u8, id: u8, status_index: u32) -> (Vec<u8>, String) {
    let base = system_tests::claims(child);
    let claims = CardClaims { card: district::card(id), status_index, ..base };
    let issued = issue_card(town.card_key(), &claims).expect("a software key signs");
    (issued.bytes, issued.text)
}

async fn known(phone: &Phone) -> Option<(u32, usize)> {
    let list = phone.shell.device().with(|device| device.status_list()).await;
    list.map(|list| (list.version, list.revoked))
}

#[tokio::test]
async fn revoked_card_is_refused_by_hand_remains_and_reinstated_it_is_taken() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let (bytes, text) = card(&town, 1, 1, 1);
    town.server().log_cards(&[bytes]).await.unwrap();
    let lesson = first_lesson();
    teacher.open(lesson.id).await;

    let revoked = said(&decide(&town, "revoke", district::card(1), "lost").with(0));
    assert_eq!((&revoked["new"], &revoked["places"]), (&json!(true), &json!(1)));
    let again = said(&decide(&town, "revoke", district::card(1), "lost").with(0));
    assert_eq!(again["new"], false);
    assert_eq!(again["status_list"], revoked["status_list"], "nothing new, no new list");
    // The running server tells the device at its next sync.
    teacher.sync().await.done();
    assert_eq!(known(&teacher).await.unwrap().1, 1);
    teacher.scan(lesson.id, &text).await.refused(RefusalCode::Revoked);
    let args =
        json!({ "lesson": lesson.id, "child": district::child(1), "reason": "card_refused" });
    let by_hand: ipc::ScanView = teacher.call("record_manual", args).await;
    assert_eq!(by_hand.outcome, ipc::Outcome::Kept);

    decide(&town, "reinstate", district::card(1), "found").with(0);
    teacher.sync().await.done();
    teacher.scan(lesson.id, &text).await.already();
    assert_eq!(town.count("card_decision"), 2, "both decisions stay");
    let forgotten = town.database().execute("DELETE FROM card_decision", []);
    assert!(forgotten.unwrap_err().to_string().contains("stays"));
}

#[tokio::test]
async fn reissued_cards_predecessor_is_revoked_by_itself() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let (old, old_text) = card(&town, 1, 1, 71);
    let (new, new_text) = card(&town, 1, 9, 72);
    town.server().log_cards(&[old]).await.unwrap();
    teacher.sync().await.done();
    assert_eq!(known(&teacher).await.unwrap().1, 0);
    let logged = town.server().log_cards(&[new]).await.unwrap();
    assert_eq!(logged[0].replaces, Some(district::card(1)));
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    teacher.sync().await.done();
    teacher.scan(lesson.id, &old_text).await.refused(RefusalCode::Revoked);
    teacher.scan(lesson.id, &new_text).await.kept();
    let reason: String = town
        .database()
        .query_row("SELECT reason FROM card_decision", [], |row| row.get(0))
        .unwrap();
    assert_eq!(reason, "replaced");
}

#[tokio::test]
async fn card_that_shares_its_place_is_never_refused_for_another() {
    let town = Town::found().await;
    let (first, _) = card(&town, 1, 1, 0);
    let (second, text) = card(&town, 2, 2, 0);
    let (newer, newer_text) = card(&town, 1, 9, 0);
    town.server().log_cards(&[first, second]).await.unwrap();
    let shared = town.server().revoke_card(district::card(1), CardReason::Lost).await;
    assert!(matches!(shared, Err(DecideCardError::SharedPlace { .. })), "{shared:?}");
    let unknown = town.server().revoke_card(district::card(3), CardReason::Lost).await;
    assert!(matches!(unknown, Err(DecideCardError::NotLogged(_))), "{unknown:?}");
    // A predecessor with the place of a card in force cannot be named: exact, or not at all.
    town.server().log_cards(&[newer]).await.unwrap();
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &text).await.kept();
    teacher.scan(lesson.id, &newer_text).await.kept();
    assert_eq!(town.server().next_status_index().await.unwrap(), 1);
}

#[tokio::test]
async fn server_without_a_key_for_lists_says_what_to_do_and_goes_on() {
    let mut town = Town::found().await;
    town.stop_server().await;
    std::fs::remove_file(town.server_dir().join("keys/status.key")).unwrap();
    town.start_server().await;
    let teacher = town.teacher().await;
    let (bytes, text) = card(&town, 1, 1, 1);
    town.server().log_cards(&[bytes]).await.unwrap();
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    teacher.sync().await.done();
    let refused = decide(&town, "revoke", district::card(1), "stolen").with(1);
    assert!(refused.contains("trust status-key"), "{refused}");
    let none = town.wire().get("delta/status/0", None).await.problem();
    assert_eq!(none.kind, ProblemKind::NotFound);

    town.stop_server().await;
    let data = town.server_dir();
    let file = |name: &str| data.join(name).to_str().unwrap().to_owned();
    let (root_1, root_2) = (file("issuer/root-1.key"), file("issuer/root-2.key"));
    let args = ["trust", "status-key", "--data", data.to_str().unwrap()];
    let roots = ["--root-key", &root_1, "--root-key", &root_2];
    let too_few = run(&[&args[..], &roots[..2], &CLOCK].concat());
    too_few.with(3);
    run(&[&args[..], &roots, &CLOCK].concat()).with(0);
    town.start_server().await;
    decide(&town, "revoke", district::card(1), "stolen").with(0);
    teacher.sync().await.done();
    teacher.scan(lesson.id, &text).await.refused(RefusalCode::Revoked);
}

/// The promise of the design, as bytes that come over HTTP.
#[tokio::test]
async fn list_of_700_000_cards_is_10_kilobytes_and_a_day_half_of_one() {
    let town = Town::found().await;
    let key = server::read_key(&town.server_dir().join("keys/status.key")).unwrap();
    let now_s = district::FIRST_MORNING_MS / 1_000 + 3_600;
    let revoked = scattered(7_000);
    // A bad day, five times what one card in a hundred a year makes of a day; and some come back.
    let day = scattered(7_110);
    let next: BTreeSet<u32> = day.iter().copied().filter(|index| index % 1_400 != 1).collect();
    let first = StatusList::new(u32::MAX - 2, now_s, district::ORIGIN, revoked.iter().copied());
    let second = StatusList::new(u32::MAX - 1, now_s, district::ORIGIN, next.iter().copied());
    let delta = StatusDelta::between(&first, &second).unwrap();
    for list in [&first, &second] {
        let put = "INSERT INTO status_list (version, issued_at_s, bytes) VALUES (?1, ?2, ?3)";
        let row = (list.version(), now_s, list.sign(&key).unwrap());
        town.database().execute(put, row).unwrap();
    }
    let whole = town.wire().get("delta/status/0", None).await;
    let change = town.wire().get(&format!("delta/status/{}", u32::MAX - 2), None).await;
    eprintln!(
        "status list of {} in 700 000 over HTTP: whole {} bytes, a day (+{} -{}) {} bytes",
        second.revoked().len(),
        whole.body.len(),
        delta.revoked().len(),
        delta.reinstated().len(),
        change.body.len()
    );
    assert_eq!((whole.status, whole.media_type.as_str()), (200, STATUS_LIST_MEDIA_TYPE));
    assert_eq!((change.status, change.media_type.as_str()), (200, STATUS_DELTA_MEDIA_TYPE));
    assert!(whole.body.len() <= 10_000, "{} bytes", whole.body.len());
    assert!(change.body.len() <= 500, "{} bytes", change.body.len());
    let same = town.wire().get(&format!("delta/status/{}", u32::MAX - 2), None).await;
    assert_eq!(change.body, same.body, "the same question has the same answer");
    // From a version that was never signed, or is not known any more, the whole list comes.
    let unknown = town.wire().get("delta/status/17", None).await;
    assert_eq!((unknown.media_type.as_str(), unknown.body), (STATUS_LIST_MEDIA_TYPE, whole.body));
    let newest = town.wire().get(&format!("delta/status/{}", u32::MAX - 1), None).await;
    assert_eq!(newest.problem().kind, ProblemKind::NotFound);
}

#[tokio::test]
async fn list_is_signed_anew_each_day_so_that_its_age_says_something() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let (first, _) = known(&teacher).await.unwrap();
    teacher.sync().await.done();
    assert_eq!(known(&teacher).await.unwrap().0, first);
    town.set_clock(district::FIRST_MORNING_MS + 26 * 3_600_000);
    teacher.sync().await.done();
    let (second, revoked) = known(&teacher).await.unwrap();
    assert!(second > first && revoked == 0, "{first} {second} {revoked}");
    let status: ipc::StatusView = teacher.call("status", json!({})).await;
    assert!(!status.revoked_cards.unwrap().stale);
    town.set_clock(district::FIRST_MORNING_MS + 26 * 3_600_000 + 73 * 3_600_000);
    let status: ipc::StatusView = teacher.call("status", json!({})).await;
    assert!(status.revoked_cards.unwrap().stale);
    teacher.open(first_lesson().id).await;
    teacher.scan(first_lesson().id, &town.card(2)).await.kept();
}

/// Numbers below 700 000 by chance, the same in every run; more of them contain fewer.
fn scattered(count: usize) -> BTreeSet<u32> {
    let (mut state, mut numbers) = (1u64, BTreeSet::new());
    while numbers.len() < count {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        numbers.insert(u32::try_from((state >> 33) % 700_000).expect("below 32 bits"));
    }
    numbers
}
