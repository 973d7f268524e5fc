//! The end of a device: who decides it, whom it reaches, what it changes.

use attendance::{EventKind, RevocationList, Role};
use ipc::{ErrorCode, StatusView};
use serde_json::json;
use sync_api::{ProblemKind, RevocationsResponse, VerdictKind};
use system_tests::{Town, district};

use super::super::{enrolled_pen, first_lesson, kinds, reason, visits};
use super::{id_of, line_of, pen_with_role, put, revocation, revoke};

/// What a tablet puts into its chain at its enrolment.
const SIGNED_TIME: u64 = 1;

#[tokio::test]
async fn revoked_tablet_keeps_all_and_its_later_events_wait() {
    let town = Town::found().await;
    let (coordinator, teacher) = (town.coordinator().await, town.teacher().await);
    let device = id_of(&teacher).await;
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &town.card(1)).await.kept();
    teacher.sync().await.receipted(2);
    // Made before the decision and not sent: nobody can tell, so it waits too.
    teacher.scan(lesson.id, &town.card(2)).await.kept();
    let board = revoke(&coordinator, device).await;
    let line = board.devices.into_iter().find(|line| line.device == device.to_string()).unwrap();
    let revoked = line.revoked.expect("the decision is shown at once");
    assert_eq!((revoked.events, revoked.reason), (SIGNED_TIME + 2, ipc::RevokeReason::Lost));

    let report = teacher.sync().await.done();
    assert_eq!((report.parked, report.receipted), (1, 0));
    let status: StatusView = teacher.call("status", json!({})).await;
    assert!(status.revoked_since_ms.is_some(), "it says so itself");
    assert_eq!((status.events, status.not_receipted, status.parked.len()), (3, 1, 1));
    // It still records, sends and exports.
    teacher.scan(lesson.id, &town.card(3)).await.kept();
    assert_eq!(teacher.sync().await.done().parked, 1);
    let export: ipc::ExportView = teacher.call("export", json!({})).await;
    assert!(!export.bytes.is_empty());

    let line = line_of(&coordinator, device).await;
    assert_eq!((line.events, line.backlog), (SIGNED_TIME + 2, Some(2)));
    let [parked] = <[_; 1]>::try_from(line.parked).unwrap();
    assert_eq!(parked.reason, ipc::ParkedReason::Revoked);
    assert_eq!((parked.count, parked.releasable), (2, 2));
    assert_eq!(town.count("event"), 4, "two of the tablet and a signed time, one decision");
}

#[tokio::test]
async fn nothing_of_the_district_comes_down_to_a_revoked_device() {
    let town = Town::found().await;
    let (coordinator, other) = (town.coordinator().await, town.coordinator().await);
    let (teacher, parent) = (town.teacher().await, town.parent(&[1]).await);
    for phone in [&teacher, &parent, &other] {
        let token = town.wire().hello(&phone.hello().await).await.token;
        revoke(&coordinator, id_of(phone).await).await;
        let later = town.wire().hello(&phone.hello().await).await;
        assert!(later.revoked);
        assert_eq!(later.roster_version, 0, "an older program asks for none");
        for token in [&token, &later.token] {
            for place in
                ["delta/roster/0", "delta/visits/0", "tags/0", "entry/1", "board", "choices"]
            {
                let answer = town.wire().get(place, Some(token)).await;
                assert_eq!(answer.problem().kind, ProblemKind::NotAllowed, "{place}");
            }
        }
        phone.sync().await.done();
    }
}

#[tokio::test]
async fn list_reaches_everybody_and_is_handed_on() {
    let town = Town::found().await;
    let (coordinator, teacher) = (town.coordinator().await, town.teacher().await);
    let (parent, offline) = (town.parent(&[1]).await, town.parent(&[2]).await);
    let gone = id_of(&teacher).await;
    revoke(&coordinator, gone).await;
    parent.sync().await.done();
    let carried = parent.shell.device().with(|device| device.revocations_bytes()).await.unwrap();
    let carried = carried.expect("any sync of anybody brings the list");

    // A device that met nobody but the parent's phone.
    let taken = carried.clone();
    offline.shell.device().with(move |device| device.install_revocations(&taken)).await.unwrap();
    let known = offline.shell.device().with(move |device| {
        device.revocations().is_some_and(|list| list.revocation(gone).is_some())
    });
    assert!(known.await);
    // The tablet itself hears of it the same way, without a server.
    teacher.shell.device().with(move |device| device.install_revocations(&carried)).await.unwrap();
    let status: StatusView = teacher.call("status", json!({})).await;
    assert!(status.revoked_since_ms.is_some());
    let reopened = town.switch_on(&{
        drop(teacher.shell);
        teacher.dir
    });
    let status: StatusView = reopened.call("status", json!({})).await;
    assert!(status.revoked_since_ms.is_some(), "it is kept");
}

#[tokio::test]
async fn older_list_is_refused_and_the_same_version_has_the_same_bytes() {
    let mut town = Town::found().await;
    let (coordinator, teacher) = (town.coordinator().await, town.teacher().await);
    let parent = town.parent(&[1]).await;
    let list = async |town: &Town, from: u32| -> Vec<u8> {
        let place = format!("delta/revocations/{from}");
        let answer: RevocationsResponse = town.wire().get(&place, None).await.fine();
        answer.revocations.0
    };
    let none = town.wire().get("delta/revocations/0", None).await;
    assert_eq!(none.problem().kind, ProblemKind::NotFound);
    revoke(&coordinator, id_of(&teacher).await).await;
    let first = list(&town, 0).await;
    town.stop_server().await;
    town.start_server().await;
    assert_eq!(list(&town, 0).await, first);
    revoke(&coordinator, id_of(&parent).await).await;
    let second = list(&town, 1).await;
    assert_eq!(RevocationList::parse_kept(&second).unwrap().version, 2);

    coordinator.sync().await.done();
    let older = coordinator.shell.device().with(move |device| device.install_revocations(&first));
    let older = older.await.unwrap_err().to_string();
    assert!(older.contains("older"), "{older}");
    // One that the device authority did not sign.
    let forged = RevocationList::of(vec![]).sign(system_tests::Pen::new(9).key()).unwrap();
    let refused =
        coordinator.shell.device().with(move |device| device.install_revocations(&forged));
    assert!(refused.await.is_err());
}

#[tokio::test]
async fn decision_of_a_teacher_or_of_another_provider_is_logged_and_of_no_effect() {
    let town = Town::found().await;
    let victim = enrolled_pen(&town, 50).await;
    let mut teacher = enrolled_pen(&town, 51).await;
    let mut parent = pen_with_role(&town, 52, Role::Parent).await;
    let judo = server::Grant {
        provider: Some(district::JUDO_CLUB),
        ..system_tests::grant(Role::Coordinator, "Judo coordinator")
    };
    let mut of_judo = system_tests::Pen::new(53);
    let ticket = town.ticket(&judo, &town.address()).await;
    let answer = town.wire().post("enrol", &of_judo.enrol(&ticket)).await;
    let _enrolled: sync_api::EnrolResponse = answer.fine();

    for pen in [&mut teacher, &mut parent, &mut of_judo] {
        let event = pen.write(revocation(victim.device())).bytes().to_vec();
        let answer = put(&town, &[event]).await;
        assert_eq!(kinds(&answer), [VerdictKind::Stored], "it is what the device said");
    }
    // Nor one that has not its form, or names nobody.
    let mut coordinator = pen_with_role(&town, 54, Role::Coordinator).await;
    let mut no_reason = revocation(victim.device());
    no_reason.revocation = None;
    let stranger = revocation(attendance::DeviceId([7; 8]));
    for draft in [no_reason, stranger] {
        let event = coordinator.write(draft).bytes().to_vec();
        assert_eq!(kinds(&put(&town, &[event]).await), [VerdictKind::Stored]);
    }
    assert_eq!(town.count("revoked_device"), 0);
    let mut victim = victim;
    assert_eq!(kinds(&put(&town, &visits(&mut victim, 1..=1)).await), [VerdictKind::Stored]);
}

#[tokio::test]
async fn revocation_counts_from_its_own_place_in_a_batch_and_once() {
    let town = Town::found().await;
    let mut victim = enrolled_pen(&town, 50).await;
    let mut coordinator = pen_with_role(&town, 54, Role::Coordinator).await;
    let events = visits(&mut victim, 1..=3);
    let decision = coordinator.write(revocation(victim.device())).bytes().to_vec();
    let again = coordinator.write(revocation(victim.device())).bytes().to_vec();
    let batch = [events[0].clone(), decision, events[1].clone(), again, events[2].clone()];
    let answer = put(&town, &batch).await;
    let (stored, parked) = (VerdictKind::Stored, VerdictKind::Parked);
    assert_eq!(kinds(&answer), [stored, stored, parked, stored, parked]);
    assert_eq!((reason(&answer.verdicts[2]), reason(&answer.verdicts[4])), ("revoked", "revoked"));
    assert_eq!(town.count("revoked_device WHERE events = 1"), 1, "the first decision counts");
    // What was in the log before is what it was.
    let duplicate = put(&town, &events[..1]).await;
    assert_eq!(kinds(&duplicate), [VerdictKind::Duplicate]);
    // A second history is still found out behind the revocation.
    let mut copy = system_tests::Pen::new(50);
    let other = copy.write(super::decision(EventKind::Headcount)).bytes().to_vec();
    let answer = put(&town, &[other]).await;
    assert_eq!(reason(&answer.verdicts[0]), "fork");
}

#[tokio::test]
async fn revoked_coordinator_decides_nothing_more() {
    let town = Town::found().await;
    let (coordinator, fired) = (town.coordinator().await, town.coordinator().await);
    let teacher = town.teacher().await;
    revoke(&coordinator, id_of(&fired).await).await;
    let args = json!({ "device": id_of(&teacher).await, "reason": "stolen" });
    drop(fired.shell.call("revoke_device", args).await);
    assert_eq!(line_of(&coordinator, id_of(&teacher).await).await.revoked, None);
    let line = line_of(&coordinator, id_of(&fired).await).await;
    assert_eq!(line.parked.iter().map(|parked| parked.count).sum::<u64>(), 1);
    let groups =
        json!({ "device": id_of(&teacher).await, "name": "X", "groups": [district::CHESS] });
    assert_eq!(fired.refused("change_grants", groups).await, ErrorCode::NotAllowed);
}
