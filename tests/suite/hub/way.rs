//! The way over a hub, and what a hub may do wrong.

use std::sync::Arc;

use device::Mark;
use hub::{CarryLimits, Hub, ParcelStore};
use ipc::{ErrorCode, ParcelState, SyncView};
use serde_json::json;
use sync_api::HubAddress;
use system_tests::{Phone, Town};
use tokio::net::TcpListener;

use super::{School, any_port, marks, record, recorded, switch_hub_on, tablet};

#[tokio::test]
async fn tablet_that_never_sees_the_network_comes_to_receipted_by_the_hub_alone() {
    let mut town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &tablet, 1..=3).await;
    // Neither has a network now.
    town.stop_server().await;
    let code = switch_hub_on(&coordinator).await.to_text();

    // The first visit: the events are left there.
    let view: SyncView = tablet.call("hub_learn", json!({ "text": code })).await;
    let hub = view.hub.expect("a visit");
    assert_eq!((&*hub.name, hub.carried, hub.waiting), ("Coordinator", 4, 1));
    assert_eq!(marks(&tablet).await, [Mark::Carried; 4]);
    let status = tablet.status().await;
    assert_eq!((status.not_sent, status.carried, status.not_receipted), (4, 4, 4));
    let board = coordinator.shell.call("collect", json!({})).await.unwrap();
    let board: ipc::CollectView = serde_json::from_value(board).unwrap();
    assert_eq!((board.waiting, board.answered, board.parcels.len()), (1, 0, 1));
    assert_eq!(board.parcels[0].events, 4);
    assert_eq!(board.oldest_waiting_ms, Some(board.parcels[0].since_ms));
    assert_eq!(coordinator.shell.forward_now().await.unwrap().unanswered, 1);

    // The coordinator comes to where there is a network, and back.
    town.start_server().await;
    assert_eq!(coordinator.shell.forward_now().await.unwrap().answered, 1);
    assert_eq!(recorded(&town, 1), 4);
    coordinator.sync().await.done();
    let board: ipc::CollectView = coordinator.call("collect", json!({})).await;
    assert_eq!((board.waiting, board.answered, board.oldest_waiting_ms), (0, 1, None));
    assert_eq!(board.parcels[0].state, ParcelState::Answered);
    assert_eq!(board.parcels[0].name.as_deref(), Some("Chess tablet"), "the board names it");

    // The second visit, by itself: the server is tried first, then the hub that is known.
    let view: SyncView = tablet.call("sync", json!({})).await;
    assert_eq!(view.direct.expect("the direct way was tried").code, ErrorCode::Offline);
    assert_eq!(view.hub.expect("a visit").receipted, 4);
    assert_eq!(marks(&tablet).await, [Mark::Receipted; 4]);
    let status = tablet.status().await;
    assert_eq!((status.not_receipted, status.alarms), (0, 0));
    coordinator.shell.close_hub().await;
}

#[tokio::test]
async fn same_events_by_hub_and_directly_are_one_leaf_each() {
    let School { town, tablet, network, coordinator, code } = School::with(1..=3).await;
    tablet.shell.learn_hub(&code).await.unwrap();

    network.unplug(false);
    tablet.sync().await.receipted(4);
    let leaves = town.count("leaf");
    assert_eq!(coordinator.shell.forward_now().await.unwrap().answered, 1);
    assert_eq!((recorded(&town, 1), town.count("leaf")), (4, leaves));
    // The answer comes late, as a file, and changes nothing.
    let file = coordinator.shell.carry_out(false).await.unwrap().file;
    let taken = tablet.shell.carry_in(file.to_text()).await.unwrap();
    assert_eq!((taken.answers, taken.receipted, taken.damaged.len()), (1, 0, 0));
    assert_eq!(marks(&tablet).await, [Mark::Receipted; 4]);
    assert_eq!(tablet.status().await.alarms, 0);
}

#[tokio::test]
async fn lying_hub_that_acknowledges_and_drops_costs_nothing() {
    let School { town: _town, tablet, network, coordinator, code } = School::with(1..=3).await;
    tablet.shell.learn_hub(&code).await.unwrap();
    assert_eq!(marks(&tablet).await, [Mark::Carried; 4]);
    coordinator.shell.close_hub().await;
    std::fs::remove_dir_all(coordinator.dir.join("carried")).unwrap();

    // Nothing is called sent meanwhile, and all of it waits for the direct way.
    tablet.sync().await.offline();
    let status = tablet.status().await;
    assert_eq!((status.not_sent, status.not_receipted), (4, 4));
    network.unplug(false);
    let report = tablet.sync().await.receipted(4);
    assert_eq!(report.sent, 4);
    assert_eq!(tablet.status().await.carried, 0);
}

#[tokio::test]
async fn hub_that_lost_a_parcel_is_given_it_again() {
    let town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let (first, second) = (town.coordinator().await, town.teacher().await);
    record(&town, &tablet, 1..=2).await;
    let code = switch_hub_on(&first).await.to_text();
    tablet.shell.learn_hub(&code).await.unwrap();
    first.shell.close_hub().await;
    // Another one comes by: it gets the same bytes, under the same name.
    let code = switch_hub_on(&second).await.to_text();
    let visit = tablet.shell.learn_hub(&code).await.unwrap();
    assert_eq!((visit.report.carried, visit.fault), (3, None));
    let parcel = |phone: &Phone| phone.shell.parcels().unwrap().list()[0].parcel;
    assert_eq!(parcel(&first), parcel(&second));
    // Both pass it on: the same bytes, the same answer.
    for carrier in [&first, &second] {
        assert_eq!(carrier.shell.forward_now().await.unwrap().answered, 1);
    }
    let answer =
        |phone: &Phone| phone.shell.parcels().unwrap().answer(parcel(phone)).unwrap().unwrap();
    assert_eq!(answer(&first), answer(&second));
    assert_eq!(tablet.shell.learn_hub(&code).await.unwrap().report.receipted, 3);
    assert_eq!(recorded(&town, 2), 3);
}

async fn revoke(coordinator: &Phone, phone: &Phone) {
    let device = phone.shell.device().with(|device| device.id()).await;
    let args = json!({ "device": device, "reason": "lost" });
    let _board: ipc::BoardView = coordinator.call("revoke_device", args).await;
}

#[tokio::test]
async fn hub_of_a_revoked_device_is_refused_by_a_tablet_that_has_heard_of_it() {
    let town = Town::found().await;
    let (tablet, network) = tablet(&town).await;
    let (coordinator, lost) = (town.coordinator().await, town.coordinator().await);
    record(&town, &tablet, 1..=2).await;
    revoke(&coordinator, &lost).await;
    let code = switch_hub_on(&lost).await.to_text();
    network.unplug(false);
    tablet.sync().await.receipted(3);
    network.unplug(true);
    tablet.scan(super::first_lesson().id, &town.card(3)).await.kept();
    let refused = tablet.shell.learn_hub(&code).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::HubRefused, "{refused}");
    assert_eq!(lost.shell.parcels().unwrap().list(), []);
    assert_eq!(tablet.status().await.carried, 0);
}

#[tokio::test]
async fn what_a_hub_carries_for_a_revoked_tablet_is_put_aside_and_the_tablet_is_told() {
    let School { town, tablet, coordinator, code, .. } = School::with(1..=2).await;
    tablet.shell.learn_hub(&code).await.unwrap();
    revoke(&coordinator, &tablet).await;
    let events = town.count("event");
    assert_eq!(coordinator.shell.forward_now().await.unwrap().answered, 1);
    assert_eq!((town.count("event"), town.count("parked WHERE reason = 'revoked'")), (events, 3));
    let visit = tablet.shell.learn_hub(&code).await.unwrap();
    assert_eq!((visit.report.receipted, visit.fault), (0, None));
    let status: ipc::StatusView = tablet.call("status", json!({})).await;
    assert_eq!((status.not_receipted, status.parked[0].count), (3, 3));
}

#[tokio::test]
async fn hub_of_a_stranger_is_refused_and_gets_nothing() {
    let (town, other) = (Town::found().await, Town::found().await);
    let (tablet, _network) = tablet(&town).await;
    record(&town, &tablet, 1..=2).await;
    let stranger = other.coordinator().await;
    let code = switch_hub_on(&stranger).await.to_text();
    let refused = tablet.shell.learn_hub(&code).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::HubRefused, "{refused}");
    assert_eq!(stranger.shell.parcels().unwrap().list(), []);
    assert_eq!(marks(&tablet).await, [Mark::Recorded; 3]);

    // Nor is a hub of the district under another's code, or a family's phone.
    let (coordinator, teacher) = (town.coordinator().await, town.teacher().await);
    let (at, named) = (switch_hub_on(&coordinator).await, switch_hub_on(&teacher).await);
    let swapped = HubAddress { addresses: at.addresses, ..named };
    let refused = tablet.shell.learn_hub(&swapped.to_text()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::HubRefused, "{refused}");
    let family = town.parent(&[1]).await;
    assert!(family.shell.open_hub(any_port(), false).await.is_err());
}

#[tokio::test]
async fn hub_with_a_full_disk_says_so_and_the_events_stay() {
    let town = Town::found().await;
    let (tablet, network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &tablet, 1..=2).await;
    let full = CarryLimits { total_bytes: 100, ..CarryLimits::default() };
    let store = ParcelStore::open(&coordinator.dir.join("full"), full).unwrap();
    let device = coordinator.shell.device().clone();
    let hub = Arc::new(Hub::of(device, Arc::new(store), Arc::default()).await.unwrap());
    let listener = TcpListener::bind(any_port()).await.unwrap();
    let code = hub.address(listener.local_addr().unwrap()).await.to_text();
    let serving = tokio::spawn(hub::serve(listener, hub, std::future::pending()));

    let visit = tablet.shell.learn_hub(&code).await.unwrap();
    let fault = visit.fault.expect("it is full");
    assert_eq!(fault.code, ErrorCode::HubAway);
    assert!(fault.message.contains("no room"), "{}", fault.message);
    assert_eq!(marks(&tablet).await, [Mark::Recorded; 3]);
    serving.abort();
    network.unplug(false);
    tablet.sync().await.receipted(3);
}

#[tokio::test]
async fn parcels_of_a_device_that_was_set_aside_are_parked_and_keep_nobody_else_waiting() {
    let town = Town::found().await;
    let (tablet, network) = tablet(&town).await;
    let (honest, _other) = super::tablet(&town).await;
    let coordinator = town.coordinator().await;
    let thief = town.clone_phone(&tablet);
    // The tablet and its copy go two ways from one event on.
    record(&town, &tablet, 1..=2).await;
    town.set_clock(super::first_lesson().start_ms);
    record(&town, &thief, 1..=1).await;
    record(&town, &honest, 1..=3).await;
    network.unplug(false);
    tablet.sync().await.receipted(3);
    network.unplug(true);
    let code = switch_hub_on(&coordinator).await.to_text();
    assert_eq!(thief.shell.learn_hub(&code).await.unwrap().report.carried, 2);
    assert_eq!(honest.shell.learn_hub(&code).await.unwrap().report.carried, 4);
    assert_eq!(coordinator.shell.forward_now().await.unwrap().answered, 2);

    let visit = thief.shell.learn_hub(&code).await.unwrap();
    assert!(visit.report.parked > 0, "{:?}", visit.report);
    assert!(marks(&thief).await.iter().all(|mark| *mark < Mark::Receipted));
    assert_eq!(honest.shell.learn_hub(&code).await.unwrap().report.receipted, 4);
    assert_eq!(recorded(&town, 2), 3 + 4);
}

#[tokio::test]
async fn events_recorded_between_two_visits_go_into_another_parcel() {
    let town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    let code = switch_hub_on(&coordinator).await.to_text();
    record(&town, &tablet, 1..=2).await;
    tablet.shell.learn_hub(&code).await.unwrap();
    tablet.scan(super::first_lesson().id, &town.card(3)).await.kept();
    assert_eq!(marks(&tablet).await[3], Mark::Recorded);
    let visit = tablet.shell.learn_hub(&code).await.unwrap();
    assert_eq!((visit.report.carried, visit.report.waiting), (1, 2));
    assert_eq!(coordinator.shell.forward_now().await.unwrap().answered, 2);
    // Two answers that each rest on what the tablet knew before both: what the second cannot link is
    // asked for once more.
    for _ in 0..2 {
        tablet.shell.learn_hub(&code).await.unwrap();
        coordinator.shell.forward_now().await.unwrap();
    }
    tablet.shell.learn_hub(&code).await.unwrap();
    assert_eq!(marks(&tablet).await, [Mark::Receipted; 4]);
    assert_eq!((recorded(&town, 1), tablet.status().await.alarms), (4, 0));
}
