//! A network that wants a sign-in first answers in the server's place, and in a hub's.

use device::Mark;
use ipc::{ErrorCode, StatusView};
use serde_json::json;
use sync_api::HubAddress;
use sync_client::{Outcome, SyncError};
use system_tests::{LyingServer, Phone, Portal, Town, chess_teacher};

use super::first_lesson;

async fn recorded(town: &Town, tablet: &Phone) {
    let lesson = first_lesson();
    tablet.open(lesson.id).await;
    tablet.scan(lesson.id, &town.card(1)).await.kept();
}

async fn not_sent(tablet: &Phone) -> u64 {
    tablet.status().await.not_sent
}

#[tokio::test]
async fn page_of_a_network_never_counts_as_sent_and_the_retry_goes_on() {
    let town = Town::found().await;
    let network = LyingServer::before(&town.address()).await;
    let tablet = town.enrol(&chess_teacher(), &network.address).await;
    recorded(&town, &tablet).await;
    for portal in Portal::ALL {
        network.stand_before(Some(portal));
        let done = tablet.shell.sync_now().await;
        assert!(matches!(done, Err(SyncError::SignIn(_))), "{portal:?}: {done:?}");
        // It is tried again as if nobody had answered, and not as what only a change elsewhere ends.
        assert_eq!(Outcome::of(&done), Outcome::Unanswered, "{portal:?}");
        let said = done.unwrap_err().to_string();
        assert!(said.contains("wants a sign-in") && said.contains("use another network"), "{said}");
        assert_eq!(not_sent(&tablet).await, 2, "{portal:?}");
        let status: StatusView = tablet.call("status", json!({})).await;
        let shown = status.last_sync_error.expect("it is on the screen");
        assert_eq!(shown.code, ErrorCode::SignIn, "{portal:?}");
    }
    network.stand_before(None);
    tablet.sync().await.receipted(2);
    assert_eq!(tablet.status().await.alarms, 0, "nobody lied about the log");
    let status: StatusView = tablet.call("status", json!({})).await;
    assert!(status.last_sync_error.is_none());
}

#[tokio::test]
async fn page_that_comes_at_any_moment_of_a_sync_counts_as_nothing() {
    let town = Town::found().await;
    let network = LyingServer::before(&town.address()).await;
    let tablet = town.enrol(&chess_teacher(), &network.address).await;
    tablet.open(first_lesson().id).await;
    tablet.sync().await.done();
    let mut stopped = 0;
    for passing in 0..16 {
        // Each time something new waits: a visit, as long as there are children.
        let lesson = first_lesson();
        let before = tablet.status().await;
        if let Some(child) = u8::try_from(passing + 1).ok().filter(|child| *child <= 3) {
            tablet.scan(lesson.id, &town.card(child)).await.kept();
            assert_eq!(tablet.status().await.not_sent, before.not_sent + 1);
        }
        network.stand_in_after(passing, Portal::Page);
        let done = tablet.shell.sync_now().await;
        stopped += u32::from(matches!(done, Err(SyncError::SignIn(_))));
        assert!(matches!(done, Ok(_) | Err(SyncError::SignIn(_))), "{passing}: {done:?}");
        let status = tablet.status().await;
        let in_log = u64::try_from(town.count("event")).unwrap();
        assert!(status.events - status.not_sent <= in_log, "{passing}: {status:?}");
        assert_eq!(status.alarms, 0, "{passing}");
    }
    assert!(stopped >= 4, "the page stood in the way {stopped} times");
    network.stand_before(None);
    tablet.sync().await.done();
    let status = tablet.status().await;
    assert_eq!((status.not_sent, status.not_receipted), (0, 0));
}

#[tokio::test]
async fn enrolment_behind_a_page_says_so_and_the_ticket_stays_good() {
    let town = Town::found().await;
    let network = LyingServer::before(&town.address()).await;
    let ticket = town.ticket(&chess_teacher(), &network.address).await.to_text();
    let tablet = town.new_phone();
    network.stand_before(Some(Portal::Redirect));
    let refused = tablet.shell.enrol(&ticket).await.expect_err("nobody enrolled it");
    assert!(refused.to_string().contains("wants a sign-in"), "{refused}");
    network.stand_before(None);
    tablet.shell.enrol(&ticket).await.expect("the ticket was not used up");
}

#[tokio::test]
async fn page_in_a_hubs_place_carries_nothing_and_a_hub_keeps_no_page_as_an_answer() {
    let town = Town::found().await;
    let network = LyingServer::before(&town.address()).await;
    let tablet = town.enrol(&chess_teacher(), &network.address).await;
    recorded(&town, &tablet).await;
    let coordinator = {
        let grant = system_tests::grant(attendance::Role::Coordinator, "Coordinator");
        town.enrol(&grant, &network.address).await
    };
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let hub = coordinator.shell.open_hub(any, false).await.unwrap();
    let between = LyingServer::before(&hub.addresses[0]).await;
    let code = HubAddress { addresses: vec![between.address.clone()], ..hub }.to_text();
    network.stand_before(Some(Portal::Page));
    for portal in Portal::ALL {
        between.stand_before(Some(portal));
        let refused = tablet.shell.learn_hub(&code).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::SignIn, "{portal:?}: {refused}");
        assert_eq!(tablet.status().await.carried, 0);
    }
    between.stand_before(None);
    assert_eq!(tablet.shell.learn_hub(&code).await.unwrap().report.carried, 2);
    // The hub's own way leads to the page.
    assert_eq!(coordinator.shell.forward_now().await.unwrap().unanswered, 1);
    assert_eq!(tablet.shell.learn_hub(&code).await.unwrap().report.waiting, 1);
    network.stand_before(None);
    assert_eq!(coordinator.shell.forward_now().await.unwrap().answered, 1);
    assert_eq!(tablet.shell.learn_hub(&code).await.unwrap().report.receipted, 2);
    let state = |device: &mut device::Device| device.event_at(0).unwrap().unwrap().hash;
    let first = tablet.shell.device().with(state).await;
    let mark = tablet.shell.device().with(move |device| device.mark_of(first)).await.unwrap();
    assert_eq!(mark, Some(Mark::Receipted));
}
