//! The signed time of each contact: asked for, answered, put into the chain, used; old programs too.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use attendance::{EventKind, SignedTrustList, UnverifiedEvent, VerifiedAnchor};
use ipc::{ClockCode, StatusView, TodayView};
use seal::Sign1;
use serde_json::{Value, json};
use shell_core::ShellClock;
use sync_api::{
    BoardResponse, EnrolClaims, EnrolRequest, HelloClaims, HelloRequest, Problem, ProblemKind,
};
use sync_client::{Answer, Call, Calling, SyncClient, SyncError, Transport, Unanswered};
use system_tests::{Pen, Phone, Town, chess_teacher, district};

use super::{SIGNED_TIME, first_lesson};

async fn status(phone: &Phone) -> StatusView {
    phone.call("status", json!({})).await
}

async fn kinds(phone: &Phone) -> Vec<EventKind> {
    let events = phone.events().await;
    let kind = |bytes: &[u8]| UnverifiedEvent::parse(bytes).unwrap().event().kind;
    events.iter().map(|(_, bytes)| kind(bytes)).collect()
}

#[tokio::test]
async fn first_contact_puts_the_servers_time_into_the_chain() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    assert_eq!(kinds(&teacher).await, [EventKind::TimeAnchor]);
    let (_, bytes) = teacher.events().await.swap_remove(0);
    let event = UnverifiedEvent::parse(&bytes).unwrap().event().clone();
    let trust = std::fs::read(town.server_dir().join("trust.list")).unwrap();
    let trust = SignedTrustList::parse(&trust).unwrap();
    let trust = trust.verify(town.server().roots(), 0).unwrap();
    let anchor = event.anchor.unwrap();
    let anchor = VerifiedAnchor::parse_and_verify(anchor.as_bytes(), &trust, event.device);
    assert_eq!(anchor.unwrap().anchor().time_ms, district::FIRST_MORNING_MS + 3_600_000);
    for _ in 0..5 {
        teacher.sync().await.done();
    }
    assert_eq!(town.count("event"), SIGNED_TIME, "idle contacts leave no trace");
    assert_eq!(status(&teacher).await.clock.state, ClockCode::Fine);
    assert_eq!(teacher.status().await.events, 0, "nobody recorded anything");
}

#[tokio::test]
async fn arrival_of_each_event_is_kept_and_the_board_says_what_clocks_prove() {
    let town = Town::found().await;
    let (teacher, coordinator) = (town.teacher().await, town.coordinator().await);
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    // A contact in the window: what follows was not made before it.
    let again = town.switch_on(&teacher.dir);
    drop(teacher);
    again.sync().await.done();
    again.open(lesson.id).await;
    again.scan(lesson.id, &town.card(1)).await.kept();
    town.set_clock(lesson.start_ms + 60_000);
    again.sync().await.done();
    // This one comes in too late to say that it was made in time.
    again.scan(lesson.id, &town.card(2)).await.kept();
    town.set_clock(lesson.end_ms + 5 * 3_600_000);
    again.sync().await.done();
    assert_eq!(town.count("arrival"), town.count("event"));
    assert_eq!(town.count(&format!("arrival WHERE at_ms = {}", lesson.start_ms + 60_000)), 2);
    let hello = town.wire().hello(&coordinator.hello().await).await;
    let board: BoardResponse = town.wire().get("board", Some(&hello.token)).await.fine();
    let september = board.months.iter().find(|month| month.month == 202_609).unwrap();
    let times = september.times.unwrap();
    assert_eq!((september.visits, times.inside, times.unsure, times.outside), (2, 1, 1, 0));
    assert_eq!(september.awaiting, 2, "and both wait for the family all the same");
    let forged = town.database().execute("UPDATE arrival SET at_ms = 0", []);
    assert!(forged.unwrap_err().to_string().contains("stays"));
}

#[tokio::test]
async fn tablet_of_1970_or_2040_enrols_shows_today_and_says_one_sentence() {
    let town = Town::found().await;
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    for (number, wall_ms, state) in
        [(0, 0, ClockCode::Behind), (1, 2_208_988_800_000, ClockCode::Ahead)]
    {
        let hand = Arc::new(AtomicI64::new(wall_ms));
        let dir = town.server_dir().with_file_name(format!("wrong-{number}"));
        let tablet = Phone::switch_on(&dir, ShellClock::hand(Arc::clone(&hand)));
        let ticket = town.ticket(&chess_teacher(), &town.address()).await.to_text();
        tablet.shell.enrol(&ticket).await.expect("the device is enrolled");
        tablet.sync().await.done();
        let clock = status(&tablet).await.clock;
        assert_eq!(clock.state, state);
        assert!(clock.by_ms > 365 * 86_400_000, "{clock:?}");
        assert!(clock.now_ms.abs_diff(lesson.start_ms) < 60_000, "{clock:?}");
        let today: TodayView = tablet.call("today", json!({})).await;
        assert!(today.lessons.iter().any(|shown| shown.lesson == lesson.id.to_string()));
        tablet.open(lesson.id).await;
        let child = if number == 0 { 1 } else { 2 };
        tablet.scan(lesson.id, &town.card(child)).await.kept();
        tablet.sync().await.receipted(2);
        // Somebody sets it right.
        hand.store(lesson.start_ms + 1_000, Ordering::Relaxed);
        assert_eq!(status(&tablet).await.clock.state, ClockCode::Fine);
    }
}

#[tokio::test]
async fn device_of_an_earlier_release_is_answered_without_a_time() {
    let town = Town::found().await;
    let pen = super::enrolled_pen(&town, 41).await;
    let hello = town.wire().hello(&pen.hello(district::FIRST_MORNING_MS)).await;
    assert_eq!(hello.anchor, None);
    let told = HelloClaims {
        device: pen.device(),
        seq_next: 0,
        head: pen.head().prev,
        wall_ms: 0,
        version: "0.1.0".to_owned(),
        mono_ms: Some(7),
        boot: Some(attendance::BootId([1; 8])),
    };
    let claims = Sign1::seal(pen.key(), sync_api::HELLO_DOMAIN, seal::to_canonical(&told)).unwrap();
    let request = HelloRequest { claims: sync_api::Base64(claims.to_bytes()), certificate: None };
    assert!(town.wire().hello(&request).await.anchor.is_some());
    let fresh: Pen = Pen::new(42);
    assert_eq!(fresh.head().seq_next, 0);
}

/// A server of the first release: it takes no claims that it does not know, and says nothing new.
#[derive(Debug)]
struct FirstRelease {
    http: reqwest::Client,
}

impl FirstRelease {
    async fn carry(&self, call: Call) -> Result<Answer, Unanswered> {
        let answer = |status, body| Answer {
            status,
            media_type: String::new(),
            retry_after_s: None,
            body: serde_json::to_vec(&body).unwrap(),
        };
        let Some((_, body)) = call.body.as_ref() else {
            let problem = Problem::new(ProblemKind::NotFound, "there is no such file");
            return Ok(answer(404, serde_json::to_value(problem).unwrap()));
        };
        let refuse = if call.url.ends_with("/v1/hello") {
            let request: HelloRequest = serde_json::from_slice(body).unwrap();
            let sealed = Sign1::parse(&request.claims.0).unwrap();
            let claims: HelloClaims = seal::from_canonical(sealed.unverified_payload()).unwrap();
            claims.mono_ms.is_some() || claims.boot.is_some()
        } else {
            let request: EnrolRequest = serde_json::from_slice(body).unwrap();
            let sealed = Sign1::parse(&request.claims.0).unwrap();
            let claims: EnrolClaims = seal::from_canonical(sealed.unverified_payload()).unwrap();
            claims.mono_ms.is_some() || claims.boot.is_some()
        };
        if refuse {
            let problem = Problem::new(ProblemKind::Malformed, "not the one encoding");
            return Ok(answer(400, serde_json::to_value(problem).unwrap()));
        }
        let sent = self.http.post(call.url).header("content-type", "application/json");
        let sent = sent.body(body.clone()).send().await.expect("the server answers");
        let status = sent.status().as_u16();
        let mut shown: Value = serde_json::from_slice(&sent.bytes().await.unwrap()).unwrap();
        for new in ["anchor", "status_version"] {
            shown.as_object_mut().unwrap().remove(new);
        }
        Ok(answer(status, shown))
    }
}

impl Transport for FirstRelease {
    fn call(&self, call: Call) -> Calling<'_> {
        Box::pin(self.carry(call))
    }
}

#[tokio::test]
async fn device_enrols_and_says_hello_at_a_server_of_the_first_release() {
    let town = Town::found().await;
    let tablet = town.new_phone();
    let ticket = town.ticket(&chess_teacher(), &town.address()).await.to_text();
    let client = SyncClient::over(Arc::new(FirstRelease { http: reqwest::Client::new() }));
    client.enrol(tablet.shell.device(), &ticket).await.expect("it is enrolled");
    // The hello is understood; there is no such file.
    let said = client.fetch_file(tablet.shell.device(), "bundle/2026-09").await;
    assert!(matches!(said, Err(SyncError::Refused(problem)) if problem.status == 404));
    assert_eq!(kinds(&tablet).await, [], "no time was signed");
    assert_eq!(status(&tablet).await.clock.state, ClockCode::Fine);
    // The same server, updated: the next contact has a time.
    tablet.sync().await.done();
    assert_eq!(kinds(&tablet).await, [EventKind::TimeAnchor]);
}
