//! The datagram door over a line of few bits that loses most: the figures of a hopeless network, twenty
//! times as fast. `cargo xtask shaped` runs the same day over a real device at the real speed.

use std::time::Duration;

use carriage::{FrameStream, Parcel};
use system_tests::{Shape, ShapedLine, Town, day};
use tokio::net::UdpSocket;

/// 20 kbit/s, six of ten lost each way, some delay: twenty times as fast.
const FAST: Shape = Shape { bits_a_second: 400_000.0, loss: 0.6, delay: Duration::from_millis(8) };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_of_three_hundred_children_comes_through_a_line_that_loses_six_of_ten() {
    let town = Town::found_for(&day::district_of(300)).await;
    let teacher = day::lived(&town, 300).await;
    assert_eq!(teacher.status().await.events, 602);
    let line = ShapedLine::to(town.datagram_door(), FAST, 7).await;
    let client = sync_client::SyncClient::new().expect("a client").with_datagrams(line.way());
    let report = client.carry(teacher.shell.device()).await.expect("it comes through");
    assert_eq!((report.sent, report.parked, report.receipted), (602, 0, 602));
    assert_eq!(teacher.status().await.not_receipted, 0);
    // And the signed time of the enrolment.
    assert_eq!(town.count("event"), 603);
    let (offered, lost) = line.counts();
    assert!(lost * 2 > offered, "{lost} of {offered} datagrams were lost");
}

#[tokio::test]
async fn what_is_no_parcel_is_told_so_and_leaves_no_trace() {
    let town = Town::found().await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    socket.connect(town.datagram_door()).await.expect("an address");
    let nonsense = FrameStream::new(&[9; 3_000], 1_000).expect("frames");
    let mut buffer = [0; 2_048];
    let mut told = None;
    for number in 0..40 {
        socket.send(&nonsense.frame(number).to_bytes()).await.expect("it goes");
        let came = tokio::time::timeout(Duration::from_millis(300), socket.recv(&mut buffer)).await;
        let Ok(Ok(length)) = came else { continue };
        let feedback = carriage::Feedback::parse(&buffer[..length]).expect("only feedback comes");
        if feedback.standing == carriage::Standing::Unwanted {
            told = Some(feedback.transfer);
            break;
        }
    }
    assert_eq!(told, Some(nonsense.transfer().id));
    assert_eq!((town.count("parcel"), town.count("parked"), town.count("batch")), (0, 0, 0));
}

#[tokio::test]
async fn a_forged_answer_counts_for_nothing() {
    let town = Town::found().await;
    let teacher = day_of_the_small_town(&town).await;
    // Somebody on the line answers in the server's place: everything is stored, he says.
    let forger = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let port = forger.local_addr().expect("bound").port();
    let made = teacher.shell.device().with(|device| device.make_parcel(60_000, [1; 32])).await;
    let parcel = made.expect("a parcel").expect("events wait").bytes;
    let answer = carriage::ParcelAnswer {
        parcel: Parcel::name(&parcel),
        verdicts: vec![carriage::ParcelVerdict::Stored; 4],
        checkpoint: String::new(),
        receipts: None,
        growth: None,
    };
    let answer = answer.sign(&system_tests::key(99)).expect("it signs");
    let forging = tokio::spawn(async move {
        let frames = FrameStream::new(&answer, 1_000).expect("frames");
        let mut buffer = [0; 2_048];
        let (_, device) = forger.recv_from(&mut buffer).await.expect("a frame");
        forger.send_to(&frames.frame(0).to_bytes(), device).await.expect("it goes");
    });
    let way = sync_client::Udp;
    let came = sync_client::Datagrams::carry(&way, "127.0.0.1".to_owned(), port, parcel).await;
    forging.await.expect("it was sent");
    let taken = teacher.shell.device().with({
        let came = came.expect("something came back");
        move |device| device.take_answer(&came)
    });
    let refused = taken.await.expect_err("nobody signed it");
    assert!(refused.to_string().contains("did not sign"), "{refused}");
    assert_eq!(teacher.status().await.not_sent, 4);
}

#[tokio::test]
async fn a_sync_takes_the_door_after_several_contacts_without_an_answer() {
    let mut town = Town::found().await;
    let teacher = day_of_the_small_town(&town).await;
    let door = town.datagram_door();
    // HTTP is cut off; the door of a second server process at the same data would be the same.
    town.stop_server().await;
    let line = ShapedLine::to(door, Shape { loss: 0.0, ..FAST }, 1).await;
    let client = sync_client::SyncClient::over(std::sync::Arc::new(system_tests::Silence));
    let client = client.with_datagrams(line.way());
    town.start_server().await;
    for _ in 0..3 {
        let offline = client.sync_or_carry(teacher.shell.device()).await;
        assert!(matches!(offline, Err(sync_client::SyncError::Offline(_))), "{offline:?}");
    }
    let report = client.sync_or_carry(teacher.shell.device()).await.expect("through the door");
    assert_eq!((report.sent, report.receipted), (4, 4));
    // Nothing waits any more: HTTP is tried again.
    let offline = client.sync_or_carry(teacher.shell.device()).await;
    assert!(matches!(offline, Err(sync_client::SyncError::Offline(_))), "{offline:?}");
}

async fn day_of_the_small_town(town: &Town) -> system_tests::Phone {
    let teacher = town.teacher().await;
    let lesson = &system_tests::district::lessons(system_tests::district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    for child in 1..=3 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
    }
    teacher
}
