//! A coordinator's decisions on the command line: the same events as on the page.

use std::path::{Path, PathBuf};

use attendance::{DeviceId, Event, EventKind, RevocationReason, UnverifiedEvent};
use serde_json::Value;
use system_tests::{Phone, Town};

use super::super::first_lesson;
use super::{id_of, line_of};
use crate::qatysu::{Ended, run};

const CLOCK: [&str; 2] = ["--clock", "2026-09-02T08:00:00+05:00"];

/// Switches a device off: only its files are left.
async fn off(town: &Town, phone: Phone) -> PathBuf {
    let Phone { shell, dir } = phone;
    drop(shell);
    town.device_settled(&dir).await;
    dir
}

/// Runs `qatysu device` with the directory of a device that is switched off. The town's server answers
/// meanwhile.
async fn command(town: &Town, verb: &str, office: &Path, more: &[&str]) -> Ended {
    town.device_settled(office).await;
    let dir = office.to_str().expect("UTF-8").to_owned();
    let arguments = [&["device", verb, "--data", &dir, "--json"], more, &CLOCK].concat();
    tokio::task::block_in_place(|| run(&arguments))
}

fn said(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// The events of a kind that a device made, oldest first.
async fn decisions(town: &Town, office: &Path, kind: EventKind) -> Vec<Event> {
    let phone = town.switch_on(office);
    let events = phone.shell.device().with(move |device| {
        let rows = (0..).map_while(|seq| device.event_at(seq).expect("a readable chain"));
        let events =
            rows.map(|row| UnverifiedEvent::parse(&row.bytes).expect("an event").event().clone());
        events.filter(|event| event.kind == kind).collect::<Vec<_>>()
    });
    let events = events.await;
    off(town, phone).await;
    events
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoked_from_the_command_line_is_what_the_page_does() {
    let town = Town::found().await;
    let (other, teacher) = (town.coordinator().await, town.teacher().await);
    let device = id_of(&teacher).await;
    let office = off(&town, town.coordinator().await).await;
    let id = device.to_string();

    let listed = said(&command(&town, "list", &office, &[]).await.with(0));
    let devices = listed["devices"].as_array().unwrap();
    assert!(devices.iter().any(|line| line["device"] == *id && line["revoked"].is_null()));

    // Nothing is signed before somebody says so.
    let reason = ["--reason", "stolen", "--document", "Report 12-7"];
    let tried = [&[&*id][..], &reason, &["--dry-run"]].concat();
    let tried = said(&command(&town, "revoke", &office, &tried).await.with(0));
    assert_eq!((&tried["dry_run"], &tried["event"]), (&Value::Bool(true), &Value::Null));
    let unsaid = [&[&*id][..], &reason].concat();
    let unsaid = command(&town, "revoke", &office, &unsaid).await.with(1);
    assert!(unsaid.contains("--yes"), "{unsaid}");
    assert_eq!(decisions(&town, &office, EventKind::DeviceRevoke).await, []);

    let sure = [&[&*id][..], &reason, &["--yes"]].concat();
    let decided = said(&command(&town, "revoke", &office, &sure).await.with(0));
    assert_eq!((&decided["new"], &decided["sent"]), (&Value::Bool(true), &Value::Bool(true)));
    assert_eq!(decided["parked"], Value::Null);
    let [event] =
        <[_; 1]>::try_from(decisions(&town, &office, EventKind::DeviceRevoke).await).unwrap();
    assert_eq!((event.subject, event.revocation), (Some(device), Some(RevocationReason::Stolen)));
    assert_eq!((event.document.as_deref(), event.ticket), (Some("Report 12-7"), None));
    let line = line_of(&other, device).await;
    assert_eq!(line.revoked.expect("everybody hears of it").reason, ipc::RevokeReason::Stolen);

    let again = said(&command(&town, "revoke", &office, &sure).await.with(0));
    assert_eq!(again["new"], false);
    assert_eq!(decisions(&town, &office, EventKind::DeviceRevoke).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_network_the_decision_waits_and_says_so() {
    let mut town = Town::found().await;
    let (office, teacher) = (town.coordinator().await, town.teacher().await);
    office.sync().await.done();
    let device = id_of(&teacher).await;
    let office = off(&town, office).await;
    town.stop_server().await;
    let id = device.to_string();
    let sure = [&*id, "--reason", "lost", "--yes"];
    let decided = said(&command(&town, "revoke", &office, &sure).await.with(0));
    assert_eq!((&decided["new"], &decided["sent"]), (&Value::Bool(true), &Value::Bool(false)));
    assert!(decided["fault"].as_str().is_some_and(|fault| fault.contains("did not answer")));
    let again = said(&command(&town, "revoke", &office, &sure).await.with(0));
    assert_eq!(again["new"], false, "the same decision once");
    town.start_server().await;
    let phone = town.switch_on(&office);
    phone.sync().await.done();
    assert!(line_of(&phone, device).await.revoked.is_some(), "it went with the next sync");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn released_from_the_command_line_enters_the_log() {
    let town = Town::found().await;
    let (office, teacher) = (town.coordinator().await, town.teacher().await);
    let device = id_of(&teacher).await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    teacher.sync().await.done();
    teacher.scan(lesson.id, &town.card(1)).await.kept();
    super::revoke(&office, device).await;
    assert_eq!(teacher.sync().await.done().parked, 1);
    let office = off(&town, office).await;
    let id = device.to_string();
    let tried = said(&command(&town, "release", &office, &[&id, "--dry-run"]).await.with(0));
    assert_eq!((&tried["events"], &tried["event"]), (&Value::from(1), &Value::Null));
    let sure = [&*id, "--document", "Order 3", "--yes"];
    let decided = said(&command(&town, "release", &office, &sure).await.with(0));
    assert_eq!((&decided["new"], &decided["sent"]), (&Value::Bool(true), &Value::Bool(true)));
    assert_eq!(teacher.sync().await.done().receipted, 1);
    let [event] =
        <[_; 1]>::try_from(decisions(&town, &office, EventKind::EventRelease).await).unwrap();
    assert_eq!((event.subject, event.document.as_deref()), (Some(device), Some("Order 3")));
    let nothing = command(&town, "release", &office, &[&id, "--yes"]).await.with(1);
    assert!(nothing.contains("nothing of it is put aside"), "{nothing}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_decided_is_refused_in_words() {
    let town = Town::found().await;
    let teacher = off(&town, town.teacher().await).await;
    let office = off(&town, town.coordinator().await).await;
    let stranger = DeviceId([9; 8]).to_string();
    let sure = [&*stranger, "--reason", "lost", "--yes"];
    let unknown = command(&town, "revoke", &office, &sure).await.with(1);
    assert!(unknown.contains("qatysu device list"), "{unknown}");
    let not_a_coordinator = command(&town, "revoke", &teacher, &sure).await.with(3);
    assert!(not_a_coordinator.contains("coordinator"), "{not_a_coordinator}");
    let nowhere = tempfile::tempdir().unwrap();
    let none = command(&town, "list", nowhere.path(), &[]).await.with(3);
    assert!(none.contains("holds no device"), "{none}");
    assert!(nowhere.path().read_dir().unwrap().next().is_none(), "no device was made by looking");
    let mut gone = sure;
    gone[2] = "bored";
    assert_eq!(command(&town, "revoke", &office, &gone).await.code, Some(2));
}
