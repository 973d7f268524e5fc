//! Bad input of every kind a person can bring: refused in words, and nothing recorded or changed.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use ipc::{ErrorCode, RefusalCode};
use rusqlite::Connection;
use server::{Server, ServerClock};
use shell_core::{Shell, ShellClock, ShellConfig, ShellError};
use system_tests::{CARDS_END_S, Phone, Town, district};

fn clock() -> ShellClock {
    ShellClock::hand(Arc::new(AtomicI64::new(district::FIRST_MORNING_MS)))
}

fn open_shell(dir: &Path) -> Result<Shell, ShellError> {
    Shell::open(ShellConfig { data_dir: dir.to_owned(), clock: clock() })
}

/// Marks a database as written by a release from the future.
fn make_newer(database: &Path) {
    let database = Connection::open(database).expect("the database opens");
    database.pragma_update(None, "user_version", 99).expect("the database opens");
}

fn version(database: &Path) -> u32 {
    let database = Connection::open(database).expect("the database opens");
    database.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("the database opens")
}

#[tokio::test]
async fn device_database_of_a_newer_release_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    // A plain file of the future, as an earlier release met it: an encrypted one says the same.
    let database = dir.path().join("device.db");
    let clock = Box::new(clock());
    drop(device::Device::open(&database, Box::new(system_tests::key(1)), clock).unwrap());
    std::fs::write(dir.path().join("device.key"), seal::Hash([1; 32]).to_string()).unwrap();
    make_newer(&database);
    let refused = open_shell(dir.path()).unwrap_err().to_string();
    assert!(refused.contains("newer release"), "{refused}");
    assert!(refused.contains("schema 99"), "{refused}");
    assert!(refused.contains("device.db"), "it names the file: {refused}");
    assert_eq!(version(&database), 99, "nothing was changed");
}

#[tokio::test]
async fn server_database_of_a_newer_release_is_refused_in_words() {
    let mut town = Town::found().await;
    town.stop_server().await;
    let database = town.server_dir().join("server.db");
    make_newer(&database);
    let refused = Server::open(&town.server_dir(), ServerClock::system()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("install the newer program"), "{refused}");
    assert!(refused.contains("schema 99"), "{refused}");
    assert_eq!(version(&database), 99, "nothing was changed");
}

#[tokio::test]
async fn files_of_others_and_damaged_files_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open_shell(dir.path()).unwrap());
    let database = dir.path().join("device.db");
    let foreign = foreign_database();
    std::fs::write(&database, &foreign).unwrap();
    let refused = open_shell(dir.path()).unwrap_err().to_string();
    assert!(refused.contains("another program"), "{refused}");
    assert_eq!(std::fs::read(&database).unwrap(), foreign, "the file was changed");

    // A damaged one is kept under another name, and a new one takes its place.
    let letter = b"a letter, not a database, and rather long for its kind".repeat(100);
    std::fs::write(&database, &letter).unwrap();
    let shell = open_shell(dir.path()).unwrap();
    let saved = shell.device().with(|device| device.saved()).await.unwrap().unwrap();
    assert_eq!((saved.events, saved.enrolled), (0, false));
    assert!(saved.kept_as.starts_with("device.db.damaged-2026"), "{}", saved.kept_as);
    assert_eq!(std::fs::read(dir.path().join(saved.kept_as)).unwrap(), letter);
}

fn foreign_database() -> Vec<u8> {
    let dir = tempfile::tempdir().expect("a foreign database");
    let path = dir.path().join("foreign.db");
    let database = Connection::open(&path).expect("a foreign database");
    database
        .execute_batch("CREATE TABLE song (title TEXT); PRAGMA user_version = 1;")
        .expect("a foreign database");
    drop(database);
    std::fs::read(path).expect("a foreign database")
}

#[tokio::test]
async fn database_of_another_key_is_refused() {
    let (mine, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(open_shell(mine.path()).unwrap());
    drop(open_shell(other.path()).unwrap());
    let key = |dir: &Path| dir.join("device.key");
    let secret = |dir: &Path| dir.join("device.secret");
    std::fs::copy(key(other.path()), key(mine.path())).unwrap();
    let refused = open_shell(mine.path()).unwrap_err().to_string();
    assert!(refused.contains("put the right one back"), "{refused}");
    std::fs::copy(secret(other.path()), secret(mine.path())).unwrap();
    let refused = open_shell(mine.path()).unwrap_err().to_string();
    assert!(refused.contains("another device key"), "{refused}");
    std::fs::write(key(mine.path()), "not a key").unwrap();
    let refused = open_shell(mine.path()).unwrap_err().to_string();
    assert!(refused.contains("is not a device key"), "{refused}");
}

#[tokio::test]
async fn server_is_not_set_up_over_another_nor_started_from_nothing() {
    let town = Town::found().await;
    let before = std::fs::read(town.server_dir().join("keys/log.key")).unwrap();
    let people = Vec::new();
    let snapshot = district::snapshot();
    let again = server::District { origin: "log.example/again".to_owned(), snapshot, people };
    let refused = server::init(&town.server_dir(), &again, ServerClock::system()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("holds a server already"), "{refused}");
    assert_eq!(std::fs::read(town.server_dir().join("keys/log.key")).unwrap(), before);

    let empty = tempfile::tempdir().unwrap();
    let refused = Server::open(empty.path(), ServerClock::system()).await.unwrap_err().to_string();
    assert!(refused.contains("qatysu init"), "it says what to do: {refused}");
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn log_whose_name_no_note_can_carry_is_not_set_up() {
    let empty = tempfile::tempdir().unwrap();
    for origin in ["", "two words", "a+b"] {
        let (origin, snapshot) = (origin.to_owned(), district::snapshot());
        let named = server::District { origin, snapshot, people: Vec::new() };
        let refused = server::init(empty.path(), &named, ServerClock::system()).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("cannot name a log"), "{refused}");
    }
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn what_holds_names_and_keys_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let server = ["server.db", "server.db-wal", "keys/log.key", "issuer/card.key"]
        .map(|name| town.server_dir().join(name));
    let device = ["device.db", "device.db-wal", "device.key", "device.secret"]
        .map(|name| teacher.dir.join(name));
    for path in server.iter().chain(&device) {
        let mode = std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} is open to others", path.display());
    }
}

/// A teacher at the door of an open lesson.
async fn at_the_door() -> (Town, Phone, ledger::Lesson) {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    (town, teacher, lesson)
}

/// Changes one bit inside the signed bytes of a card, and writes its text anew.
fn edited(card: &str, from_the_end: usize) -> String {
    let mut bytes = attendance::QrText::parse(card).expect("a card").bytes().to_vec();
    let at = bytes.len() - from_the_end;
    bytes[at] ^= 1;
    format!("{}{}", attendance::CARD_PREFIX, base45::encode(bytes))
}

#[tokio::test]
async fn every_bad_card_is_refused_for_its_own_reason_and_nothing_is_recorded() {
    let (town, teacher, lesson) = at_the_door().await;
    let good = town.card(1);
    let half: String = good.chars().take(good.len() / 2).collect();
    let lower = good.to_lowercase();
    // Signed as ours are, by a key that nobody lists.
    let another_town = system_tests::issue(1, &system_tests::key(77)).text;
    let before = teacher.events().await;
    for (text, code) in [
        ("", RefusalCode::Foreign),
        ("https://example.kz/menu", RefusalCode::Foreign),
        ("HC1:6BFOXN", RefusalCode::OtherScheme),
        (lower.as_str(), RefusalCode::Foreign),
        ("OB1:", RefusalCode::Malformed),
        (half.as_str(), RefusalCode::Malformed),
        (good.split_at(good.len() - 1).0, RefusalCode::Malformed),
        (&format!("{good}A"), RefusalCode::Malformed),
        (&format!("OB1:{}", "A".repeat(100_000)), RefusalCode::Malformed),
        ("OB2:6BFOXN", RefusalCode::UnknownVersion),
        (&edited(&good, 64 + 12), RefusalCode::BadSignature),
        (&edited(&good, 1), RefusalCode::BadSignature),
        (&another_town, RefusalCode::UnknownKey),
        ("0000-0000-01", RefusalCode::CodeMistyped),
        (
            &attendance::ShortCode::derive_from(district::card(4)).to_string(),
            RefusalCode::CodeUnknown,
        ),
    ] {
        eprintln!("{code:?}: {text:.40}");
        teacher.scan(lesson.id, text).await.refused(code);
    }
    // The months pass while it is off: a clock that leaps while it runs ends no card.
    let dir = teacher.dir.clone();
    drop(teacher);
    town.set_clock(i64::from(CARDS_END_S) * 1000);
    let teacher = town.switch_on(&dir);
    teacher.scan(lesson.id, &good).await.refused(RefusalCode::Expired);
    assert_eq!(teacher.events().await, before, "a refused card leaves no trace");

    // One millisecond earlier the card still holds; and the code under it does as well.
    town.set_clock(i64::from(CARDS_END_S) * 1000 - 1);
    teacher.scan(lesson.id, &format!(" {good}\r\n")).await.kept();
    let code = attendance::ShortCode::derive_from(district::card(2)).to_string();
    teacher.scan(lesson.id, &code.to_lowercase()).await.kept();
}

#[tokio::test]
async fn signed_thing_of_another_kind_is_no_card() {
    let (town, teacher, lesson) = at_the_door().await;
    let (_, event) = teacher.events().await.remove(0);
    let trust = std::fs::read(town.server_dir().join("trust.list")).unwrap();
    for bytes in [event, trust] {
        let text = format!("{}{}", attendance::CARD_PREFIX, base45::encode(bytes));
        teacher.scan(lesson.id, &text).await.refused(RefusalCode::Malformed);
    }
    let ticket = town.ticket(&system_tests::chess_teacher(), &town.address()).await.to_text();
    teacher.scan(lesson.id, &ticket).await.refused(RefusalCode::Foreign);
}

#[tokio::test]
async fn scan_without_an_open_lesson_is_impossible() {
    let (town, teacher, lesson) = at_the_door().await;
    let next = district::lessons(district::CHESS)[1];
    teacher.scan(next.id, &town.card(1)).await.impossible(ErrorCode::LessonNotOpen);
    let judo = district::lessons(district::JUDO)[0];
    let args = serde_json::json!({ "lesson": judo.id });
    assert_eq!(teacher.refused("open_lesson", args).await, ErrorCode::NotFound);
    let args = serde_json::json!({ "lesson": lesson.id });
    drop(teacher.call::<serde_json::Value>("close_lesson", args).await);
    teacher.scan(lesson.id, &town.card(1)).await.impossible(ErrorCode::LessonNotOpen);
    assert_eq!(teacher.status().await.events, 2);
}

#[tokio::test]
async fn commands_of_another_form_are_refused() {
    let (_town, teacher, lesson) = at_the_door().await;
    let text = "x".to_owned();
    for (command, args) in [
        ("no_such_command", serde_json::json!({})),
        ("record_scan", serde_json::json!({})),
        ("record_scan", serde_json::json!({ "lesson": "x", "text": text, "source": "image" })),
        ("record_scan", serde_json::json!({ "lesson": lesson.id, "text": 1, "source": "image" })),
        ("record_scan", serde_json::json!({ "lesson": lesson.id, "text": text, "source": "nose" })),
        ("open_lesson", serde_json::json!({ "lesson": lesson.id.to_string() + "00" })),
        ("proof", serde_json::json!({ "event": "00" })),
        ("registry", serde_json::json!({ "month": "2026-13", "format": "csv" })),
        ("status", serde_json::json!([1])),
    ] {
        assert_eq!(teacher.refused(command, args).await, ErrorCode::BadRequest, "{command}");
    }
    assert_eq!(teacher.status().await.events, 1);
}
