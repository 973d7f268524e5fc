//! What was put aside is let in by a decision that is an event itself.

use attendance::{DeviceId, Role};
use serde_json::json;
use sync_api::VerdictKind;
use system_tests::{Pen, Phone, Town};

use super::super::{enrolled_pen, first_lesson, kinds, reason, visits};
use super::{id_of, line_of, pen_with_role, put, release_of, revocation, revoke};

async fn release(coordinator: &Phone, device: DeviceId, last: &str) {
    let args = json!({ "device": device, "last": last });
    drop(coordinator.call::<ipc::BoardView>("release_events", args).await);
}

/// What a tablet puts into its chain at its enrolment.
const SIGNED_TIME: u64 = 1;

#[tokio::test]
async fn released_events_enter_the_log_in_order_and_the_tablet_gets_its_receipts() {
    let town = Town::found().await;
    let (coordinator, teacher) = (town.coordinator().await, town.teacher().await);
    let device = id_of(&teacher).await;
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    teacher.sync().await.receipted(1);
    for child in 1..=3 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
    }
    revoke(&coordinator, device).await;
    assert_eq!(teacher.sync().await.done().parked, 3);

    let parked = line_of(&coordinator, device).await.parked;
    assert_eq!((parked[0].count, parked[0].releasable), (3, 3));
    release(&coordinator, device, &parked[0].last).await;
    let line = line_of(&coordinator, device).await;
    assert_eq!((line.events, line.parked.len()), (SIGNED_TIME + 4, 0));
    assert!(line.revoked.is_some(), "the device itself stays revoked");
    let report = teacher.sync().await.done();
    assert_eq!((report.receipted, report.parked), (3, 0));
    let status = teacher.status().await;
    assert_eq!((status.not_receipted, status.parked, status.alarms), (0, 0, 0));
    let order = "event AS a JOIN event AS b ON a.device = b.device AND a.seq + 1 = b.seq
                 WHERE a.leaf_index > b.leaf_index";
    assert_eq!(town.count(order), 0);
    assert_eq!(town.count("release"), 3);

    // Once more: an event, and nothing else.
    let leaves = town.count("event");
    release(&coordinator, device, &parked[0].last).await;
    assert_eq!((town.count("event"), town.count("release")), (leaves + 1, 3));
    // What comes later waits again.
    town.set_clock(lesson.start_ms + 60_000);
    let args = json!({ "lesson": lesson.id });
    drop(teacher.call::<serde_json::Value>("close_lesson", args).await);
    assert_eq!(teacher.sync().await.done().parked, 1);
    // The family sees the visits that were let in.
    let parent = town.parent(&[1]).await;
    assert_eq!(parent.visits().await.len(), 1);
}

#[tokio::test]
async fn release_of_a_teacher_or_of_a_revoked_coordinator_lets_nothing_in() {
    let town = Town::found().await;
    let mut victim = enrolled_pen(&town, 50).await;
    let mut coordinator = pen_with_role(&town, 54, Role::Coordinator).await;
    let mut fired = pen_with_role(&town, 55, Role::Coordinator).await;
    let mut teacher = enrolled_pen(&town, 51).await;
    let decisions = [revocation(victim.device()), revocation(fired.device())];
    let decisions = decisions.map(|draft| coordinator.write(draft).bytes().to_vec());
    assert_eq!(kinds(&put(&town, &decisions).await), [VerdictKind::Stored; 2]);
    let events = visits(&mut victim, 1..=2);
    assert_eq!(kinds(&put(&town, &events).await), [VerdictKind::Parked; 2]);

    let last = seal::sha256(&events[1]);
    let of_teacher = teacher.write(release_of(victim.device(), last)).bytes().to_vec();
    assert_eq!(kinds(&put(&town, &[of_teacher]).await), [VerdictKind::Stored]);
    let of_fired = fired.write(release_of(victim.device(), last)).bytes().to_vec();
    assert_eq!(kinds(&put(&town, &[of_fired]).await), [VerdictKind::Parked]);
    let of_itself = victim.write(release_of(victim.device(), last)).bytes().to_vec();
    assert_eq!(kinds(&put(&town, &[of_itself]).await), [VerdictKind::Parked]);
    assert_eq!(town.count("release"), 0);

    let good = coordinator.write(release_of(victim.device(), last)).bytes().to_vec();
    assert_eq!(
        kinds(&put(&town, &[good.clone(), events[0].clone()]).await)[1],
        VerdictKind::Duplicate
    );
    assert_eq!(town.count("release"), 2);
    assert_eq!(kinds(&put(&town, &[good]).await), [VerdictKind::Duplicate]);
    assert_eq!(kinds(&put(&town, &events).await), [VerdictKind::Duplicate; 2]);
}

#[tokio::test]
async fn release_is_whole_or_nothing_and_takes_only_what_the_device_signed() {
    let town = Town::found().await;
    let mut victim = enrolled_pen(&town, 50).await;
    let mut coordinator = pen_with_role(&town, 54, Role::Coordinator).await;
    let first = coordinator.write(revocation(victim.device())).bytes().to_vec();
    assert_eq!(kinds(&put(&town, &[first]).await), [VerdictKind::Stored]);
    let events = visits(&mut victim, 1..=3);
    // The middle one is missing, and a forged one lies beside them.
    let mut forged = events[1].clone();
    *forged.last_mut().unwrap() ^= 1;
    let answer = put(&town, &[events[0].clone(), forged.clone(), events[2].clone()]).await;
    let reasons: Vec<&str> = answer.verdicts.iter().map(reason).collect();
    assert_eq!(reasons, ["revoked", "bad_signature", "revoked"]);
    let mut decide = |last: &[u8]| {
        coordinator.write(release_of(victim.device(), seal::sha256(last))).bytes().to_vec()
    };
    for last in [&events[2], &forged, &b"nothing".to_vec()] {
        assert_eq!(kinds(&put(&town, &[decide(last)]).await), [VerdictKind::Stored]);
        assert_eq!(town.count("release"), 0);
    }
    // It has come by another way: the same decision again is complete now.
    assert_eq!(reason(&put(&town, &events[1..2]).await.verdicts[0]), "revoked");
    assert_eq!(kinds(&put(&town, &[decide(&events[2])]).await), [VerdictKind::Stored]);
    assert_eq!(town.count("release"), 3);
    assert_eq!(town.count("parked WHERE reason = 'bad_signature'"), 1, "evidence stays");
}

#[tokio::test]
async fn suspended_device_s_own_history_is_let_in_and_the_other_stays_evidence() {
    let town = Town::found().await;
    let mut device = enrolled_pen(&town, 50).await;
    let mut coordinator = pen_with_role(&town, 54, Role::Coordinator).await;
    let mut copy = Pen::new(50);
    let own = visits(&mut device, 1..=1);
    let other = visits(&mut copy, 2..=3);
    assert_eq!(kinds(&put(&town, &own).await), [VerdictKind::Stored]);
    let answer = put(&town, &other).await;
    let reasons: Vec<&str> = answer.verdicts.iter().map(reason).collect();
    assert_eq!(reasons, ["fork", "suspended"]);
    let later = visits(&mut device, 3..=3);
    assert_eq!(reason(&put(&town, &later).await.verdicts[0]), "suspended");

    let mut decide = |last: &[u8]| {
        coordinator.write(release_of(device.device(), seal::sha256(last))).bytes().to_vec()
    };
    for of_the_copy in &other {
        assert_eq!(kinds(&put(&town, &[decide(of_the_copy)]).await), [VerdictKind::Stored]);
        assert_eq!(town.count("release"), 0, "one device, one history in the log");
    }
    assert_eq!(kinds(&put(&town, &[decide(&later[0])]).await), [VerdictKind::Stored]);
    assert_eq!(kinds(&put(&town, &later).await), [VerdictKind::Duplicate]);
    assert_eq!(town.count("device WHERE suspended = 1"), 1, "the key stays suspended");
    assert_eq!(town.count("parked WHERE reason = 'fork'"), 1);
}
