//! News that a hub passes on: a tablet that never sees the server hears of revoked cards and devices, and
//! of new keys.

use ipc::{RefusalCode, StatusView, SyncView};
use serde_json::json;
use server::CardReason;
use sync_api::{HubNewsQuery, HubNewsResponse};
use system_tests::{Phone, Town, district};

use super::{first_lesson, record, switch_hub_on, tablet};

/// A card of the first child that is in the log, so that it can be revoked.
async fn logged_card(town: &Town) -> String {
    let issued =
        attendance::issue_card(town.card_key(), &system_tests::claims(1)).expect("the scene holds");
    town.server().log_cards(&[issued.bytes]).await.expect("the scene holds");
    issued.text
}

async fn versions(phone: &Phone) -> device::Heard {
    phone.shell.device().with(|device| device.heard()).await.expect("the scene holds")
}

#[tokio::test]
async fn tablet_that_never_sees_the_server_refuses_a_revoked_card_after_meeting_a_hub() {
    let mut town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let (coordinator, lost) = (town.coordinator().await, town.teacher().await);
    let card = logged_card(&town).await;
    record(&town, &tablet, 2..=2).await;
    // After the tablet last saw the server: a card, a device and the list of keys.
    town.server().revoke_card(district::card(1), CardReason::Lost).await.unwrap();
    let device = lost.shell.device().with(|device| device.id()).await;
    let args = json!({ "device": device, "reason": "lost" });
    let _board: ipc::BoardView = coordinator.call("revoke_device", args).await;
    town.name_witnesses(1, &[80]).await;
    coordinator.sync().await.done();
    town.stop_server().await;
    let before = versions(&tablet).await;
    let told = versions(&coordinator).await;
    assert_eq!((before.revocations_version, told.revocations_version), (0, 1));
    assert!(before.status_version < told.status_version);

    let code = switch_hub_on(&coordinator).await.to_text();
    let view: SyncView = tablet.call("hub_learn", json!({ "text": code })).await;
    let hub = view.hub.expect("a visit");
    assert_eq!((hub.lists, hub.carried, hub.fault), (3, 2, None));
    let heard = versions(&tablet).await;
    assert_eq!(heard.trust_version, before.trust_version + 1);
    assert_eq!(
        (heard.trust_version, heard.revocations_version, heard.status_version),
        (told.trust_version, told.revocations_version, told.status_version)
    );
    tablet.scan(first_lesson().id, &card).await.refused(RefusalCode::Revoked);
    // A hub of the revoked device is refused by now, which this tablet learnt from a hub alone.
    let code = switch_hub_on(&lost).await.to_text();
    let refused = tablet.shell.learn_hub(&code).await.unwrap_err();
    assert_eq!(refused.code, ipc::ErrorCode::HubRefused, "{refused}");
    assert_eq!(tablet.status().await.alarms, 0);
}

#[tokio::test]
async fn tablet_with_nothing_to_leave_hears_the_news_and_a_revoked_one_says_so() {
    let town = Town::found().await;
    let (tablet, network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    let code = switch_hub_on(&coordinator).await.to_text();
    tablet.shell.learn_hub(&code).await.unwrap();
    network.unplug(false);
    tablet.sync().await.done();
    network.unplug(true);
    assert_eq!(tablet.status().await.not_receipted, 0, "nothing waits");
    let device = tablet.shell.device().with(|device| device.id()).await;
    let args = json!({ "device": device, "reason": "lost" });
    let _board: ipc::BoardView = coordinator.call("revoke_device", args).await;
    coordinator.sync().await.done();
    // By itself: the server is tried first, then the hub that is known.
    let view: SyncView = tablet.call("sync", json!({})).await;
    assert_eq!(view.hub.expect("a visit").lists, 1);
    let status: StatusView = tablet.call("status", json!({})).await;
    assert!(status.revoked_since_ms.is_some(), "it heard of itself");
}

#[tokio::test]
async fn hub_that_turns_out_to_be_revoked_gets_nothing() {
    let town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let (coordinator, lost) = (town.coordinator().await, town.coordinator().await);
    record(&town, &tablet, 1..=1).await;
    let device = lost.shell.device().with(|device| device.id()).await;
    let args = json!({ "device": device, "reason": "lost" });
    let _board: ipc::BoardView = coordinator.call("revoke_device", args).await;
    lost.sync().await.done();
    // It passes on the list that it is on itself.
    let code = switch_hub_on(&lost).await.to_text();
    let visit = tablet.shell.learn_hub(&code).await.unwrap();
    assert_eq!(visit.fault.expect("it is not used").code, ipc::ErrorCode::HubRefused);
    assert_eq!(tablet.status().await.carried, 0);
    assert_eq!(lost.shell.parcels().unwrap().list(), []);
}

#[tokio::test]
async fn answer_is_bounded_and_has_what_is_newer_alone() {
    let town = Town::found().await;
    let coordinator = town.coordinator().await;
    let card = logged_card(&town).await;
    assert!(!card.is_empty());
    town.server().revoke_card(district::card(1), CardReason::Lost).await.unwrap();
    coordinator.sync().await.done();
    let at = switch_hub_on(&coordinator).await.addresses[0].clone();
    let ask = async |query: HubNewsQuery| -> (HubNewsResponse, usize) {
        let url = format!("{at}/{}", query.path());
        let answer = system_tests::http_client().get(url).send().await.unwrap();
        let body = answer.bytes().await.unwrap();
        (serde_json::from_slice(&body).unwrap(), body.len())
    };
    let (all, bytes) = ask(HubNewsQuery::default()).await;
    assert!(all.trust_list.is_some() && all.status_list.is_some() && all.checkpoint.is_some());
    assert!(bytes < 16 * 1024, "{bytes} bytes");
    let own = versions(&coordinator).await;
    let query = HubNewsQuery {
        trust: own.trust_version,
        revocations: own.revocations_version,
        status: own.status_version,
        size: own.log_size,
    };
    assert_eq!(ask(query).await.0, HubNewsResponse::default());
    let broken = system_tests::http_client().get(format!("{at}/hub/news?trust=-1"));
    assert_eq!(broken.send().await.unwrap().status(), 400);
}
