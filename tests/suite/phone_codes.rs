//! The code of a family's phone, from its shell to the teacher's, and to the ledger.

use attendance::{EventKind, Method, STEP_MS, UnverifiedEvent};
use ipc::{CodeView, RefusalCode};
use serde_json::json;
use system_tests::{Phone, Town, district};

async fn code_of(phone: &Phone) -> String {
    let codes: Vec<CodeView> = phone.call("codes", json!({})).await;
    let [code] = &codes[..] else { panic!("one child has {} codes", codes.len()) };
    assert!(code.left_ms > 0 && code.left_ms <= STEP_MS.unsigned_abs());
    code.text.clone()
}

/// A family's phone with its roster, and a teacher's at the door of an open lesson; both have met the
/// server.
async fn at_the_door() -> (Town, Phone, Phone, ledger::Lesson) {
    let town = Town::found().await;
    let (teacher, parent) = (town.teacher().await, town.parent(&[1]).await);
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    parent.sync().await.done();
    teacher.open(lesson.id).await;
    teacher.sync().await.done();
    (town, teacher, parent, lesson)
}

#[tokio::test]
async fn code_of_a_phone_is_a_visit_by_code_and_an_old_one_is_refused() {
    let (mut town, teacher, parent, lesson) = at_the_door().await;
    // Nobody needs a network at the door.
    town.stop_server().await;
    let old = code_of(&parent).await;
    town.set_clock(lesson.start_ms + 2 * STEP_MS);
    teacher.scan(lesson.id, &old).await.refused(RefusalCode::PhoneCodeOld);
    let fresh = code_of(&parent).await;
    assert_ne!(old, fresh);
    town.set_clock(lesson.start_ms + 3 * STEP_MS);
    teacher.scan(lesson.id, &fresh).await.kept();
    teacher.scan(lesson.id, &fresh).await.already();
    // A phone whose clock is far ahead.
    town.set_clock(lesson.start_ms + 40 * STEP_MS);
    let ahead = code_of(&parent).await;
    town.set_clock(lesson.start_ms + 4 * STEP_MS);
    teacher.scan(lesson.id, &ahead).await.refused(RefusalCode::PhoneCodeAhead);

    let events = teacher.events().await;
    let events = events.iter().map(|(_, bytes)| UnverifiedEvent::parse(bytes).expect("an event"));
    let visits: Vec<_> = events.filter(|event| event.event().kind == EventKind::In).collect();
    let [visit] = &visits[..] else { panic!("{} visits", visits.len()) };
    assert_eq!(visit.event().method, Some(Method::Rotating));
    assert_eq!(visit.event().child, Some(district::child(1)));
    assert_eq!(visit.event().verify_form(), Ok(()));

    // The server takes it like any other, packed or not, and the family sees it.
    town.start_server().await;
    teacher.sync().await.done();
    parent.sync().await.done();
    let seen = parent.visits().await;
    assert_eq!(seen.len(), 1);
    assert!(!seen[0].by_hand);
}

#[tokio::test]
async fn code_of_another_family_and_of_a_revoked_phone_is_refused() {
    let (town, teacher, parent, lesson) = at_the_door().await;
    let theirs = town.parent(&[4]).await;
    theirs.sync().await.done();
    // The judo child's card is on no roster of the chess teacher.
    teacher.scan(lesson.id, &code_of(&theirs).await).await.refused(RefusalCode::PhoneUnknownCard);

    let coordinator = town.coordinator().await;
    let device = parent.call::<serde_json::Value>("status", json!({})).await["device"].clone();
    let args = json!({ "device": device, "reason": "stolen" });
    let _board: serde_json::Value = coordinator.call("revoke_device", args).await;
    coordinator.sync().await.done();
    teacher.sync().await.done();
    teacher.scan(lesson.id, &code_of(&parent).await).await.refused(RefusalCode::PhoneRevoked);
}
