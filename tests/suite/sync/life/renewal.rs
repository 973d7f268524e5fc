//! Certificates over time: renewed before their end, and with other groups.

use attendance::{Role, VerifiedCertificate};
use ipc::ErrorCode;
use serde_json::json;
use system_tests::{Phone, Town, chess_teacher, district, grant};

use super::{id_of, revoke};

const DAY_MS: i64 = 86_400_000;

async fn ends_s(phone: &Phone) -> i64 {
    let end = phone.shell.device().with(|d| d.enrolment().map(|e| e.certificate().not_after_s));
    end.await.expect("it is enrolled")
}

async fn certificate(phone: &Phone) -> Vec<u8> {
    let bytes =
        phone.shell.device().with(|d| d.enrolment().map(|e| e.certificate_bytes().to_vec()));
    bytes.await.expect("it is enrolled")
}

#[tokio::test]
async fn certificate_is_renewed_in_its_last_sixty_days_and_the_old_one_is_kept() {
    let town = Town::found().await;
    let start = district::FIRST_MORNING_MS + 3_600_000;
    let (teacher, revoked) = (town.teacher().await, town.teacher().await);
    let coordinator = town.coordinator().await;
    revoke(&coordinator, id_of(&revoked).await).await;
    let (old, old_end) = (certificate(&teacher).await, ends_s(&teacher).await);
    town.set_clock(start + 339 * DAY_MS);
    teacher.sync().await.done();
    assert_eq!(certificate(&teacher).await, old, "it holds for more than sixty days");
    town.set_clock(start + 341 * DAY_MS);
    teacher.sync().await.done();
    assert!(ends_s(&teacher).await > old_end + 300 * 86_400);
    let (before, after) = teacher
        .shell
        .device()
        .with(move |device| {
            let kept = device.old_certificates().unwrap();
            let enrolled = device.enrolment().unwrap();
            let old = VerifiedCertificate::verify_for_audit(&kept[0], enrolled.trust_list());
            (old.unwrap().certificate().clone(), enrolled.certificate().clone())
        })
        .await;
    assert_eq!((before.role, before.groups, before.name), (after.role, after.groups, after.name));
    assert_eq!(before.not_before_s, after.not_before_s, "it covers what was signed before");

    // The next sync brings nothing; a restart keeps it.
    let new = certificate(&teacher).await;
    teacher.sync().await.done();
    assert_eq!(certificate(&teacher).await, new);
    let old_end = ends_s(&revoked).await;
    revoked.sync().await.done();
    assert_eq!(ends_s(&revoked).await, old_end, "a revoked device is not renewed");
    // The old one does not come back.
    let refused = teacher.shell.device().with(move |device| device.install_certificate(&old)).await;
    assert!(refused.unwrap_err().to_string().contains("not newer"));
}

#[tokio::test]
async fn teacher_gets_another_group_and_its_children_without_a_ticket() {
    let town = Town::found().await;
    // A second group of the same provider does not exist in this district: start with none of it.
    let coordinator = town.coordinator().await;
    let both = server::Grant { groups: vec![], ..chess_teacher() };
    let teacher = town.enrol(&both, &town.address()).await;
    let children = async |phone: &Phone| {
        phone.shell.device().with(|d| d.roster().map_or(0, |roster| roster.children.len())).await
    };
    assert_eq!(children(&teacher).await, 0);
    let args = |groups: serde_json::Value| json!({ "device": "", "name": "Chess tablet 2", "groups": groups });
    let mut change = args(json!([district::CHESS]));
    change["device"] = json!(id_of(&teacher).await);
    drop(coordinator.call::<ipc::BoardView>("change_grants", change.clone()).await);
    teacher.sync().await.done();
    assert_eq!(children(&teacher).await, 3, "the roster is of the new groups");
    let status: ipc::StatusView = teacher.call("status", json!({})).await;
    assert_eq!(status.name, "Chess tablet 2");
    // The same again is no new certificate.
    drop(coordinator.call::<ipc::BoardView>("change_grants", change.clone()).await);
    assert_eq!(town.count("certificate"), 1);

    // No group of another provider, none at all, no family's device, and nobody but a coordinator.
    for groups in [json!([district::JUDO]), json!([])] {
        change["groups"] = groups;
        assert_eq!(coordinator.refused("change_grants", change.clone()).await, ErrorCode::Broken);
    }
    change["groups"] = json!([district::CHESS]);
    assert_eq!(teacher.refused("change_grants", change.clone()).await, ErrorCode::NotAllowed);
    let parent = town.enrol(&grant(Role::Parent, "Family"), &town.address()).await;
    change["device"] = json!(id_of(&parent).await);
    assert_eq!(coordinator.refused("change_grants", change).await, ErrorCode::Broken);
    assert_eq!(town.count("certificate"), 1);
}
