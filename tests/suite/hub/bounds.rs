//! A hub has the bounds of a server, seen from a socket: what never ends is cut off, and tablets are
//! served meanwhile.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use device::Mark;
use hub::{CarryLimits, Hub, HubLimits, ParcelStore};
use listener::Rate;
use sync_api::ProblemKind;
use system_tests::socket::{LONG, moment, rest};
use system_tests::{Phone, Town};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::{any_port, marks, record, tablet};

const ASK: &[u8] = b"GET /hub/hello/00 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// A hub with bounds that a test can wait for.
struct Bounded {
    at: SocketAddr,
    code: String,
    serving: JoinHandle<()>,
}

impl Drop for Bounded {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn hub_with(phone: &Phone, limit: impl FnOnce(&mut HubLimits)) -> Bounded {
    let mut limits = HubLimits::default();
    limit(&mut limits);
    let store = ParcelStore::open(&phone.dir.join("bounded"), CarryLimits::default())
        .expect("the hub opens");
    let device = phone.shell.device().clone();
    let hub =
        Arc::new(Hub::of(device, Arc::new(store), Arc::default()).await.expect("the hub opens"));
    let listener = TcpListener::bind(any_port()).await.expect("the hub opens");
    let at = listener.local_addr().expect("the hub opens");
    let code = hub.address(at).await.to_text();
    let serving = tokio::spawn(hub::serve_with(listener, hub, limits, std::future::pending()));
    Bounded { at, code, serving }
}

/// The problem of an answer with this head.
fn problem(answer: &str) -> sync_api::Problem {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole head");
    assert!(head.contains("retry-after: "), "{head}");
    serde_json::from_str(body).expect("a problem document")
}

#[tokio::test]
async fn header_that_comes_a_byte_at_a_time_is_cut_off_and_a_tablet_is_served_meanwhile() {
    let town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &tablet, 1..=2).await;
    let short = |limits: &mut HubLimits| limits.connections.header_time = Duration::from_secs(1);
    let hub = hub_with(&coordinator, short).await;
    let mut slow = TcpStream::connect(hub.at).await.unwrap();
    let begun = moment();
    slow.write_all(b"GET /hub/hello/00 HTTP/1.1\r\nx-pat").await.unwrap();
    let visit = tablet.shell.learn_hub(&hub.code).await.unwrap();
    assert_eq!((visit.report.carried, visit.fault), (3, None));
    assert_eq!(marks(&tablet).await, [Mark::Carried; 3]);
    loop {
        assert!(begun.elapsed() < LONG, "it was not cut off");
        drop(slow.write_all(b"i").await);
        let mut none = [0];
        let wait = tokio::time::timeout(Duration::from_millis(50), slow.read(&mut none));
        if wait.await.is_ok() {
            break;
        }
    }
    assert!(begun.elapsed() >= Duration::from_millis(900), "not before its time");
}

#[tokio::test]
async fn body_that_drips_is_answered_in_time_and_nothing_of_it_is_kept() {
    let town = Town::found().await;
    let coordinator = town.coordinator().await;
    let short = |limits: &mut HubLimits| limits.requests.request_time = Duration::from_secs(1);
    let hub = hub_with(&coordinator, short).await;
    let mut dripping = TcpStream::connect(hub.at).await.unwrap();
    let name = "0".repeat(64);
    let head =
        format!("PUT /hub/parcel/{name} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    dripping.write_all(head.as_bytes()).await.unwrap();
    let begun = moment();
    let mut first = [0; 12];
    loop {
        assert!(begun.elapsed() < LONG, "it was not cut off");
        drop(dripping.write_all(b"1\r\nx\r\n").await);
        let wait = tokio::time::timeout(Duration::from_millis(50), dripping.read_exact(&mut first));
        if let Ok(read) = wait.await {
            read.unwrap();
            break;
        }
    }
    assert_eq!(&first, b"HTTP/1.1 503");
    assert_eq!(problem(&rest(&mut dripping).await).kind, ProblemKind::Busy);
    let kept = std::fs::read_dir(coordinator.dir.join("bounded")).unwrap();
    let kept = kept.filter(|entry| entry.as_ref().unwrap().path().is_file()).count();
    assert_eq!(kept, 0, "nothing of it was kept");
}

#[tokio::test]
async fn one_address_takes_not_all_places_of_a_hub() {
    let town = Town::found().await;
    let coordinator = town.coordinator().await;
    let few = |limits: &mut HubLimits| limits.connections.connections_per_address_max = 3;
    let hub = hub_with(&coordinator, few).await;
    let mut idle = Vec::new();
    for _ in 0..3 {
        idle.push(TcpStream::connect(hub.at).await.unwrap());
    }
    let told = rest(&mut TcpStream::connect(hub.at).await.unwrap()).await;
    assert!(told.starts_with("HTTP/1.1 503 "), "{told}");
    assert_eq!(problem(&told).kind, ProblemKind::Busy);
    let neighbour = TcpSocket::new_v4().unwrap();
    neighbour.bind(SocketAddr::from(([127, 0, 0, 2], 0))).unwrap();
    let mut neighbour = neighbour.connect(hub.at).await.unwrap();
    neighbour.write_all(ASK).await.unwrap();
    let answer = rest(&mut neighbour).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "it is answered: {answer}");
}

#[tokio::test]
async fn who_asks_a_hub_too_often_hears_when_to_come_again_and_loses_nothing() {
    let town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &tablet, 1..=2).await;
    let few = |limits: &mut HubLimits| {
        limits.requests.address_rate = Rate { burst: 3, per_minute: 60 };
    };
    let hub = hub_with(&coordinator, few).await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(hub.at).await.unwrap();
        stream.write_all(ASK).await.unwrap();
        answers.push(rest(&mut stream).await);
    }
    let (last, before) = answers.split_last().unwrap();
    assert!(before.iter().all(|answer| answer.starts_with("HTTP/1.1 400 ")), "{before:?}");
    assert!(last.starts_with("HTTP/1.1 429 ") && last.contains("retry-after: 1\r\n"), "{last}");
    assert_eq!(problem(last).kind, ProblemKind::TooOften);
    // A tablet at the same address is refused in words, and everything stays on it.
    let refused = tablet.shell.learn_hub(&hub.code).await.unwrap_err();
    assert!(refused.message.contains("too many requests"), "{refused}");
    assert_eq!(marks(&tablet).await, [Mark::Recorded; 3]);
    // Who waits as told is served.
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    let visit = tablet.shell.learn_hub(&hub.code).await.unwrap();
    assert_eq!((visit.report.carried, visit.fault), (3, None));
}
