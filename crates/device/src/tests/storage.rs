//! The storage under stress: full disk, kill, triggers, migrations.

use rusqlite::Connection;

use super::*;
use crate::store::file::known_version;
use crate::{Outcome, RecordError};

#[test]
fn nothing_kept_is_ever_changed_or_deleted() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    device.install_trust_list(&trust_list_with(6, LOG, Some(1))).unwrap();
    let mut log = TestLog::new();
    let receipts = log.take(&device);
    device.record_verdicts(&[(receipts[0].0, crate::Verdict::Stored)]).unwrap();
    let cosigned = witnessed::cosigned(&log, &WITNESSES, START_MS / 1_000);
    device.store_receipts(&cosigned, &receipts).unwrap();
    device.store_receipts("not a note", &[]).unwrap_err();
    for (table, column) in [
        ("event", "wall_ms"),
        ("delivery", "at_ms"),
        ("receipt", "tree_size"),
        ("checkpoint", "note"),
        ("history", "linked_with"),
        ("witnessed", "note"),
        ("alarm", "detail"),
    ] {
        let rows: i64 = device
            .db
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 1, "{table}");
        for sql in [format!("UPDATE {table} SET {column} = 1"), format!("DELETE FROM {table}")] {
            let error = device.db.execute(&sql, []).unwrap_err().to_string();
            assert!(error.contains("is never"), "{sql}: {error}");
        }
    }
}

#[test]
fn key_once_disbelieved_stays_so() {
    let district = District::new();
    let device = district.teacher();
    crate::store::history::disbelieve(&device.db, ORIGIN, &key(LOG).public_key(), 1).unwrap();
    for sql in ["UPDATE disbelieved SET origin = ''", "DELETE FROM disbelieved"] {
        let error = device.db.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("stays so"), "{sql}: {error}");
    }
}

#[test]
fn full_disk_keeps_nothing_half_and_later_works_again() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    let pages: i64 = device.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    set_most_pages(&device, pages);
    let (mut kept, mut full) = (0u64, 0);
    for n in 0..200u8 {
        let stranger = ChildId([n.wrapping_add(50); 12]);
        let before = device.chain_head().unwrap();
        match device.record_scan(&card(stranger), lesson()) {
            Ok(recorded) => {
                assert_eq!(recorded.outcome, Outcome::Guest);
                kept += 1;
            }
            Err(RecordError::StorageFull) => {
                assert_eq!(device.chain_head().unwrap(), before);
                full += 1;
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(full, 1, "the disk never became full after {kept} events");
    assert_eq!(device.status().unwrap().events, kept + 1);
    assert_eq!(device.visits().unwrap().len() as u64, kept);
    assert!(matches!(device.record_scan(&card(BETA), lesson()), Err(RecordError::StorageFull)));

    set_most_pages(&device, 1_000_000);
    assert_eq!(device.record_scan(&card(BETA), lesson()).unwrap().outcome, Outcome::Kept);
    drop(device);
    assert_eq!(district.open(TEACHER).unwrap().status().unwrap().events, kept + 2);
}

fn set_most_pages(device: &Device, pages: i64) {
    device
        .db
        .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get::<_, i64>(0))
        .unwrap();
}

#[test]
fn a_kill_before_the_commit_leaves_the_chain_as_it_was() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    let head = device.chain_head().unwrap();

    // A transaction large enough that its pages are in the write-ahead log, and no commit.
    device.db.pragma_update(None, "cache_size", 10).unwrap();
    let tx = crate::store::begin(&mut device.db).unwrap();
    for seq in 1..400 {
        tx.execute(
            "INSERT INTO event VALUES (?1, randomblob(32), 'in', NULL, NULL, NULL, 0, zeroblob(900))",
            [seq],
        )
        .unwrap();
    }
    // What a killed process leaves: the files as they are now.
    let left = District { dir: TempDir::new().unwrap(), clock: district.clock.clone() };
    let from = district.path(TEACHER);
    std::fs::copy(&from, left.path(TEACHER)).unwrap();
    let wal = |path: PathBuf| PathBuf::from(format!("{}-wal", path.display()));
    let size = std::fs::copy(wal(from), wal(left.path(TEACHER))).unwrap();
    assert!(size > 100_000, "the uncommitted pages are on the disk: {size} bytes");
    drop(tx);

    let mut after = left.open(TEACHER).unwrap();
    assert_eq!(after.chain_head().unwrap(), head);
    assert_eq!(after.record_scan(&card(ALPHA), lesson()).unwrap().outcome, Outcome::Kept);
    assert_eq!(device.chain_head().unwrap(), head);
}

#[test]
fn two_openers_of_one_file_never_fork_the_chain() {
    let district = District::new();
    let mut one = district.teacher();
    let mut two = district.open(TEACHER).unwrap();
    one.open_lesson(lesson()).unwrap();
    two.record_scan(&card(ALPHA), lesson()).unwrap();
    one.record_scan(&card(BETA), lesson()).unwrap();
    assert_eq!(one.chain_head().unwrap(), two.chain_head().unwrap());
    let mut head = attendance::ChainHead::genesis(&one.public_key());
    for row in two.outbox(9, 9_999).unwrap() {
        let event =
            attendance::ChainedEvent::parse_and_verify(&row.bytes, &one.public_key()).unwrap();
        attendance::follows(&head, &event).unwrap();
        head = event.next_head();
    }
    assert_eq!(head.seq_next, 3);
}

#[test]
fn writes_are_durable_and_checked() {
    let district = District::new();
    let device = district.open(TEACHER).unwrap();
    let text = |name: &str| -> String {
        device.db.pragma_query_value(None, name, |row| row.get(0)).unwrap()
    };
    let number =
        |name: &str| -> i64 { device.db.pragma_query_value(None, name, |row| row.get(0)).unwrap() };
    assert_eq!(text("journal_mode"), "wal");
    assert_eq!((number("synchronous"), number("foreign_keys")), (2, 1));
    assert_eq!(number("application_id"), 0x5154_5953);
    assert_eq!(number("user_version"), i64::from(known_version()));
}

#[test]
fn migrations_are_numbered_without_gap_and_tables_say_what_they_are() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/device");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), usize::try_from(known_version()).unwrap());
    for (n, name) in names.iter().enumerate() {
        assert!(name.starts_with(&format!("{:04}_", n + 1)), "{name}");
    }
    let district = District::new();
    drop(district.open(TEACHER).unwrap());
    let db = Connection::open(district.path(TEACHER)).unwrap();
    let mut tables = db
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL")
        .unwrap();
    let tables: Vec<(String, String)> = tables
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(tables.len() > 11, "the search finds them");
    for (name, sql) in tables {
        let (_, inside) = sql.split_once('(').unwrap();
        assert!(inside.trim_start().starts_with("-- "), "{name} does not say what it is");
        assert!(sql.contains("STRICT"), "{name} is not strict");
    }
}
