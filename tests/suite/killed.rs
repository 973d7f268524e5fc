//! Server and device host as real processes on a real disk, ended by `kill -9` at any moment, while
//! scans and syncs run: nothing shown as kept is lost, nothing is doubled, the order stays, and every
//! receipt verifies.

mod first_sync;
mod hosts;

use attendance::{ChainHead, ChainedEvent, EventKind, follows};
use serde_json::json;
use system_tests::{Phone, Town};

use crate::sync::first_lesson;
use hosts::{Chance, Kiosk, Serve};

/// Rounds in the test command: so many for each of the two.
const SHORT: u32 = 20;
const SEED: u64 = 0x0004_0009;

#[tokio::test]
async fn nothing_kept_is_lost_in_short() {
    rounds(SHORT).await;
}

/// What the teacher saw.
#[derive(Debug, Default)]
struct Shown {
    /// So many records were shown as kept.
    kept: u64,
    /// So many times the host died before it answered: it may have kept the record or not.
    unanswered: u64,
    /// Records of children that were shown as kept, by name.
    scans: Vec<String>,
}

/// So many rounds for each of the two.
pub(crate) async fn rounds(each: u32) {
    let mut chance = Chance(SEED);
    let mut town = Town::found().await;
    let teacher = town.teacher().await;
    let (dir, before) = (teacher.dir.clone(), teacher.status().await.events);
    drop(teacher);
    let address = town.address();
    town.stop_server().await;
    town.files_settled().await;

    let mut server = Serve::start(&town.server_dir(), &address);
    let mut kiosk = Kiosk::start(&dir);
    let mut shown = Shown { kept: before, ..Shown::default() };
    for round in 0..each * 2 {
        let moment = chance.below(120);
        let kills_server = round % 2 == 0;
        let host = kiosk.address.clone();
        let death = async {
            tokio::time::sleep(std::time::Duration::from_millis(moment)).await;
            if kills_server { server.kill() } else { kiosk.kill() }
        };
        let working = work(&host, &town, round, &mut shown);
        // Whoever works goes on for a while after the server's death, or ends with its host.
        tokio::join!(death, working);
        if kills_server {
            server = Serve::start(&town.server_dir(), &address);
        } else {
            kiosk = Kiosk::start(&dir);
        }
        let status = kiosk.call("status", json!({})).await.expect("the host answers again");
        let events = status["events"].as_u64().expect("a count");
        assert!(
            events >= shown.kept,
            "round {round}: {} were kept, {events} are there",
            shown.kept
        );
        assert!(
            events <= shown.kept + shown.unanswered,
            "round {round}: {events} are there, {shown:?}"
        );
        assert_eq!(status["alarms"], 0, "round {round}");
        // From here on all that is there counts.
        (shown.kept, shown.unanswered) = (events, 0);
        for event in &shown.scans {
            let proof = kiosk.call("visits", json!({})).await.expect("the visits");
            assert!(proof.to_string().contains(event), "round {round}: {event} is gone");
        }
        shown.scans.clear();
        // Each start of the host may have put a signed time into the chain.
        in_order(&town, events + u64::from(round) + 2);
    }
    kiosk.call("sync", json!({})).await.expect("a sync goes through");
    kiosk.kill();
    server.kill();
    whole(&mut town, &dir, shown.kept).await;
}

/// Records as fast as the host answers, until it does not, for at most a while.
async fn work(host: &str, town: &Town, round: u32, shown: &mut Shown) {
    let lesson = first_lesson().id;
    let started = tokio::time::Instant::now();
    let mut step = 0_u32;
    while started.elapsed().as_millis() < 150 {
        let Ok(today) = hosts::call(host, "today", json!({})).await else { return };
        let lessons = today["lessons"].as_array().expect("lessons");
        let name = json!(lesson);
        let row = lessons.iter().find(|row| row["lesson"] == name).expect("the lesson");
        let is_open = row["state"] == "open";
        let scans = is_open && step % 4 == 1;
        let (command, args) = if scans {
            let child = u8::try_from((round + step) % 12).expect("small") + 1;
            let text = town.card(child);
            ("record_scan", json!({ "lesson": lesson, "text": text, "source": "image" }))
        } else if is_open {
            ("close_lesson", json!({ "lesson": lesson }))
        } else {
            ("open_lesson", json!({ "lesson": lesson }))
        };
        step += 1;
        match hosts::call(host, command, args).await {
            Ok(view) if scans && view["outcome"] != "kept" && view["outcome"] != "guest" => {}
            Ok(view) => {
                shown.kept += 1;
                if scans {
                    shown.scans.push(view["event"].as_str().expect("its name").to_owned());
                }
            }
            Err(_) => {
                shown.unanswered += 1;
                return;
            }
        }
    }
}

/// The server has the device's chain without a gap, each event once, in the device's order.
fn in_order(town: &Town, events: u64) {
    let gaps = "event WHERE seq > 0 AND NOT EXISTS (SELECT 1 FROM event AS one
                 WHERE one.device = event.device AND one.seq = event.seq - 1)";
    let swapped = "event JOIN event AS one ON one.device = event.device
                    AND one.seq = event.seq + 1 AND one.leaf_index <= event.leaf_index";
    assert_eq!((town.count(gaps), town.count(swapped), town.count("parked")), (0, 0, 0));
    assert!(u64::try_from(town.count("event")).expect("a count") <= events);
}

/// Everything came to the log, once, and every receipt verifies.
async fn whole(town: &mut Town, dir: &std::path::Path, kept: u64) {
    town.start_server().await;
    let phone: Phone = town.switch_on(dir);
    phone.sync().await.done();
    let status = phone.status().await;
    assert_eq!(
        (status.events, status.not_receipted, status.parked, status.alarms),
        (kept, 0, 0, 0)
    );
    let key = phone.shell.device().with(|device| device.public_key()).await;
    let mut head = ChainHead::genesis(&key);
    let mut recorded = 0;
    for (hash, bytes) in phone.events().await {
        let event = ChainedEvent::parse_and_verify(&bytes, &key).expect("it verifies");
        recorded += u64::from(event.event().kind != EventKind::TimeAnchor);
        follows(&head, &event).expect("it follows");
        head = event.next_head();
        let proof = phone.shell.device().with(move |device| device.proof(hash)).await;
        assert!(proof.expect("readable").is_some(), "a receipt for each");
    }
    let logged = u64::try_from(town.count("event")).expect("a count");
    assert_eq!((recorded, logged), (kept, head.seq_next));
    in_order(town, logged);
}
