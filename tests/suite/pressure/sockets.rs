//! Bounds, seen from a socket: what never ends is cut off, and others are served meanwhile.

use std::net::SocketAddr;
use std::time::Duration;

use server::{Rate, ServerConfig};
use sync_api::ProblemKind;
use system_tests::Town;
use system_tests::socket::{LONG, moment, rest};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

fn place(town: &Town) -> SocketAddr {
    town.address().trim_start_matches("http://").parse().expect("an address")
}

#[tokio::test]
async fn a_byte_at_a_time_is_cut_off_and_others_are_served_meanwhile() {
    let town = Town::found_with(ServerConfig { header_s: 1, ..ServerConfig::default() }).await;
    let mut slow = TcpStream::connect(place(&town)).await.unwrap();
    let (begun, mut served, mut said) = (moment(), 0, 0);
    let cut_off = 'cut: loop {
        assert!(begun.elapsed() < LONG, "it was not cut off");
        for byte in b"GET /v1/checkpoint HTTP/1.1\r\nx-patience: " {
            said += usize::from(slow.write_all(&[*byte]).await.is_ok());
            assert_eq!(town.wire().get("checkpoint", None).await.status, 200);
            served += 1;
            let mut none = [0];
            let wait = tokio::time::timeout(Duration::from_millis(50), slow.read(&mut none));
            if wait.await.is_ok() {
                break 'cut begun.elapsed();
            }
        }
    };
    assert!(cut_off >= Duration::from_millis(900), "not before its time: {cut_off:?}");
    assert!(said > 3 && served > 3, "{said} bytes, {served} served");
}

#[tokio::test]
async fn a_body_that_never_ends_is_answered_in_time_and_closed() {
    let town = Town::found_with(ServerConfig { request_s: 1, ..ServerConfig::default() }).await;
    let carrier = town.carrier().await;
    let mut endless = TcpStream::connect(place(&town)).await.unwrap();
    let name = "0".repeat(64);
    let head = format!(
        "PUT /v1/batch/{name} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         transfer-encoding: chunked\r\n\r\n",
        carrier.token()
    );
    endless.write_all(head.as_bytes()).await.unwrap();
    let begun = moment();
    let mut answer = [0; 12];
    loop {
        assert!(begun.elapsed() < LONG, "it was not cut off");
        drop(endless.write_all(b"1\r\nx\r\n").await);
        let wait = tokio::time::timeout(Duration::from_millis(50), endless.read_exact(&mut answer));
        if let Ok(read) = wait.await {
            read.unwrap();
            break;
        }
    }
    assert_eq!(&answer, b"HTTP/1.1 503");
    let rest = rest(&mut endless).await;
    assert!(rest.contains("retry-after: ") && rest.contains("urn:qatysu:problem:busy"), "{rest}");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_by_route() {
    let town = Town::found().await;
    let carrier = town.carrier().await;
    let long = carrier.put_batch(vec![0; sync_api::BATCH_MAX_BYTES + 2]).await.problem();
    assert_eq!(long.kind, ProblemKind::TooLarge);
    // Claims are far smaller than a batch.
    for path in ["hello", "enrol"] {
        let long = town.wire().post_bytes(path, vec![b' '; 17 * 1024]).await.problem();
        assert_eq!(long.kind, ProblemKind::TooLarge, "{path}");
    }
}

#[tokio::test]
async fn giant_and_countless_headers_are_refused() {
    let town = Town::found().await;
    let giant = format!("x-giant: {}\r\n", "a".repeat(20_000));
    let countless: String = (0..100).map(|n| format!("x-{n}: 1\r\n")).collect();
    for fields in [giant, countless] {
        let mut stream = TcpStream::connect(place(&town)).await.unwrap();
        let request = format!("GET /v1/checkpoint HTTP/1.1\r\nhost: x\r\n{fields}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
    let fine = "GET /v1/checkpoint HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: 1\r\n\r\n";
    let mut stream = TcpStream::connect(place(&town)).await.unwrap();
    stream.write_all(fine.as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn a_thousand_idle_connections_keep_nobody_waiting() {
    let config = ServerConfig {
        connections_per_address_max: 1_200,
        header_s: 600,
        ..ServerConfig::default()
    };
    let town = Town::found_with(config).await;
    let mut idle = Vec::new();
    for _ in 0..1_000 {
        idle.push(TcpStream::connect(place(&town)).await.unwrap());
    }
    let begun = moment();
    assert_eq!(town.wire().get("checkpoint", None).await.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    // They are still there.
    let mut none = [0];
    let last = idle.last_mut().unwrap();
    let wait = tokio::time::timeout(Duration::from_millis(50), last.read(&mut none));
    assert!(wait.await.is_err(), "it was closed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_nothing_of_an_answer_is_let_go() {
    let town = Town::found_with(ServerConfig { write_stall_s: 1, ..ServerConfig::default() }).await;
    let (mut pen, wire) = super::enrolled(&town, 52).await;
    let bytes = super::next_batch(&mut pen, 100);
    let name = sync_api::Batch::hash(&bytes);
    assert_eq!(wire.put_batch(bytes).await.status, 200);
    let mut deaf = TcpStream::connect(place(&town)).await.unwrap();
    let request = format!("GET /v1/batch/{name}/receipt HTTP/1.1\r\nhost: x\r\n\r\n");
    // More than what lies between the two takes up.
    deaf.write_all(request.repeat(200).as_bytes()).await.unwrap();
    let begun = moment();
    while deaf.write_all(b"x").await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it was not let go");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let town = Town::found_with(ServerConfig { header_s: 1, ..ServerConfig::default() }).await;
    let mut fresh = TcpStream::connect(place(&town)).await.unwrap();
    let mut used = TcpStream::connect(place(&town)).await.unwrap();
    used.write_all(b"GET /v1/checkpoint HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut fresh).await, "", "nothing was asked");
    assert!(rest(&mut used).await.starts_with("HTTP/1.1 200 "), "it was kept alive, and closed");
}

#[tokio::test]
async fn one_address_takes_not_all_places() {
    let config = ServerConfig { connections_per_address_max: 5, ..ServerConfig::default() };
    let town = Town::found_with(config).await;
    let mut idle = Vec::new();
    for _ in 0..5 {
        idle.push(TcpStream::connect(place(&town)).await.unwrap());
    }
    let mut turned_away = TcpStream::connect(place(&town)).await.unwrap();
    let told = rest(&mut turned_away).await;
    assert!(told.starts_with("HTTP/1.1 503 ") && told.contains("retry-after: 5"), "{told}");
    let neighbour = TcpSocket::new_v4().unwrap();
    neighbour.bind(SocketAddr::from(([127, 0, 0, 2], 0))).unwrap();
    let mut neighbour = neighbour.connect(place(&town)).await.unwrap();
    let request = b"GET /v1/checkpoint HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    neighbour.write_all(request).await.unwrap();
    assert!(rest(&mut neighbour).await.starts_with("HTTP/1.1 200 "));
    // A place that is given back is taken again.
    idle.truncate(4);
    for _ in 0..100 {
        let mut again = TcpStream::connect(place(&town)).await.unwrap();
        again.write_all(request).await.unwrap();
        if rest(&mut again).await.starts_with("HTTP/1.1 200 ") {
            return;
        }
    }
    panic!("the place was not given back");
}

#[tokio::test]
async fn a_connection_is_closed_after_so_many_requests() {
    let config = ServerConfig { requests_per_connection_max: 2, ..ServerConfig::default() };
    let town = Town::found_with(config).await;
    let mut stream = TcpStream::connect(place(&town)).await.unwrap();
    let request = b"GET /v1/checkpoint HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(&[&request[..], request].concat()).await.unwrap();
    let answers = rest(&mut stream).await;
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 2, "{answers}");
    assert_eq!(answers.matches("connection: close").count(), 1, "{answers}");
}

#[tokio::test]
async fn who_asks_too_often_hears_when_to_come_again() {
    let few = Rate { burst: 3, per_minute: 60 };
    let config = ServerConfig { hello_rate: few, device_rate: few, ..ServerConfig::default() };
    let town = Town::found_with(config).await;
    let carrier = town.carrier().await;
    // One device's requests: the hello was no request with a token.
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(town.wire().get("board", Some(carrier.token())).await);
    }
    let (last, before) = answers.split_last().unwrap();
    assert!(before.iter().all(|answer| answer.status == 200));
    assert_eq!((last.problem().kind, last.retry_after_s), (ProblemKind::TooOften, Some(1)));
    // Another device at the same address is served.
    let (_, other) = super::enrolled(&town, 30).await;
    assert_eq!(town.wire().get("delta/roster/0", Some(other.token())).await.status, 200);
    // Hellos of one address: two were said.
    let broken = || async { town.wire().post_bytes("hello", b"{}".to_vec()).await.problem().kind };
    assert_eq!(broken().await, ProblemKind::Malformed);
    assert_eq!(broken().await, ProblemKind::TooOften);
    // What is asked without a name is not counted among them.
    assert_eq!(town.wire().get("checkpoint", None).await.status, 200);
}
