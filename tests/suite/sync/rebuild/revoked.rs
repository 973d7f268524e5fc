//! What was decided about devices before the loss holds after it, and what was put aside is not lost.

use attendance::RevocationList;
use ipc::{BoardView, ParkedReason};
use serde_json::json;
use server::rebuild::{Order, Source};
use sync_api::{Base64, HelloRequest, HelloResponse, RevocationsResponse};
use system_tests::Phone;

use super::{HalfMonth, Left, export, first_lesson, rebuild};

/// Half a month, and another tablet of the teacher's, which is revoked with two visits that it had not
/// sent before.
async fn with_a_revoked_tablet() -> (HalfMonth, Phone) {
    let scene = HalfMonth::record().await;
    let tablet = scene.town.teacher().await;
    let lesson = first_lesson();
    tablet.open(lesson.id).await;
    tablet.sync().await.receipted(1);
    let args = json!({ "device": id_of(&tablet).await, "reason": "stolen" });
    drop(scene.coordinator.call::<BoardView>("revoke_device", args).await);
    for child in 2..=3 {
        tablet.scan(lesson.id, &scene.town.card(child)).await.kept();
    }
    assert_eq!(tablet.sync().await.done().parked, 2);
    scene.coordinator.sync().await.done();
    (scene, tablet)
}

async fn id_of(phone: &Phone) -> attendance::DeviceId {
    phone.shell.device().with(|device| device.id()).await
}

/// What the server says to the tablet, which shows who it is.
async fn hello(scene: &HalfMonth, tablet: &Phone) -> HelloResponse {
    let certificate = tablet.shell.device().with(|device| {
        let enrolled = device.enrolment().expect("it is enrolled");
        Base64(enrolled.certificate_bytes().to_vec())
    });
    let shown = HelloRequest { certificate: Some(certificate.await), ..tablet.hello().await };
    scene.town.wire().hello(&shown).await
}

/// All exports but the tablet's.
async fn others(scene: &HalfMonth) -> Vec<Source> {
    vec![
        export(&scene.teacher, "teacher.export").await,
        export(&scene.first, "first.export").await,
        export(&scene.second, "second.export").await,
        export(&scene.coordinator, "coordinator.export").await,
    ]
}

/// Makes the server again from these files, and starts it.
async fn again(scene: &mut HalfMonth, left: &Left, sources: Vec<Source>) {
    let report = rebuild(&scene.order(left, sources)).await;
    assert!(report.written, "{report:?}");
    scene.town.start_server().await;
}

/// Lets in what is put aside of the tablet, as the coordinator's page does.
async fn release(scene: &HalfMonth, tablet: &Phone) {
    scene.coordinator.sync().await.done();
    let id = id_of(tablet).await.to_string();
    let board: BoardView = scene.coordinator.board().await;
    let line = board.devices.into_iter().find(|line| line.device == id).expect("it is known");
    let [parked] = <[_; 1]>::try_from(line.parked).expect("one reason");
    assert_eq!((parked.reason, parked.releasable), (ParkedReason::Revoked, 2));
    let args = json!({ "device": id, "last": parked.last });
    drop(scene.coordinator.call::<BoardView>("release_events", args).await);
    assert_eq!(tablet.sync().await.done().receipted, 2);
    assert_eq!(tablet.status().await.parked, 0);
}

#[tokio::test]
async fn device_that_nobody_knows_any_more_stays_revoked_and_everybody_hears_of_it() {
    let (mut scene, tablet) = with_a_revoked_tablet().await;
    let gone = id_of(&tablet).await;
    let left = scene.lose(true).await;
    let sources = others(&scene).await;
    again(&mut scene, &left, sources).await;
    let nobody = "device WHERE length(certificate) = 0";
    assert_eq!((scene.town.count(nobody), scene.town.count("revoked_device")), (1, 1));
    // Before it comes back: a new phone hears that it is revoked.
    let list: RevocationsResponse = scene.town.wire().get("delta/revocations/0", None).await.fine();
    let trust = scene
        .first
        .shell
        .device()
        .with(|device| device.enrolment().expect("it is enrolled").trust_list().clone());
    let list = RevocationList::parse_and_verify(&list.revocations.0, &trust.await).unwrap();
    assert!(list.revocation(gone).is_some());

    // It comes back, shows who it is, and is what the log says.
    let hello = hello(&scene, &tablet).await;
    assert!(hello.revoked && hello.roster_version == 0);
    let events = scene.town.count("event");
    tablet.scan(first_lesson().id, &scene.town.card(1)).await.kept();
    assert_eq!(tablet.sync().await.done().receipted, 0);
    assert_eq!(scene.town.count("event"), events, "nothing of it enters the log");
    scene.assert_calm().await;
}

#[tokio::test]
async fn what_was_put_aside_stays_so_by_its_export_and_a_release_lets_it_in() {
    let (mut scene, tablet) = with_a_revoked_tablet().await;
    let left = scene.lose(true).await;
    let mut sources = others(&scene).await;
    sources.push(export(&tablet, "tablet.export").await);
    again(&mut scene, &left, sources).await;
    assert_eq!(scene.town.count("parked WHERE reason = 'revoked'"), 2);
    release(&scene, &tablet).await;
    scene.assert_calm().await;
}

#[tokio::test]
async fn what_was_put_aside_and_nobody_handed_over_is_brought_again_by_its_device() {
    let (mut scene, tablet) = with_a_revoked_tablet().await;
    let left = scene.lose(true).await;
    let sources = others(&scene).await;
    again(&mut scene, &left, sources).await;
    assert_eq!(scene.town.count("parked"), 0);
    let events = scene.town.count("event");
    tablet.sync().await.done();
    assert_eq!(scene.town.count("parked WHERE reason = 'revoked'"), 2);
    tablet.sync().await.done();
    assert_eq!((scene.town.count("parked"), scene.town.count("event")), (2, events), "once");
    // Its one event in the log is lost until its export comes: then its chain goes on.
    let found = vec![export(&tablet, "tablet.export").await];
    let fill = Order { published: vec![], ..scene.order(&left, found) };
    let report = server::rebuild::fill(&fill, &mut |_| ()).await.unwrap();
    assert!(report.written && report.lost.is_empty(), "{report:?}");
    release(&scene, &tablet).await;
    scene.assert_calm().await;
}

#[tokio::test]
async fn decision_that_was_lost_and_comes_back_revokes() {
    let (mut scene, tablet) = with_a_revoked_tablet().await;
    let left = scene.lose(true).await;
    let mut sources = others(&scene).await;
    let late = sources.split_off(3);
    again(&mut scene, &left, sources).await;
    assert_eq!(scene.town.count("revoked_device"), 0, "the decision is lost with its leaf");
    let fill = Order { published: vec![], ..scene.order(&left, late) };
    let report = server::rebuild::fill(&fill, &mut |_| ()).await.unwrap();
    assert!(report.written, "{report:?}");
    assert_eq!(scene.town.count("revoked_device"), 1);
    let hello = hello(&scene, &tablet).await;
    assert!(hello.revoked);
}
