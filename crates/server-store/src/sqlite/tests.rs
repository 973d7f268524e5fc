//! SQLite as a backend, and what only a file can do wrong.

use rusqlite::Connection;
use tempfile::TempDir;

use crate::conformance::conformance;
use crate::error::OpenError;
use crate::store::Store;

struct Place {
    dir: TempDir,
    store: Store,
}

fn open() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(&dir.path().join("server.db")).unwrap();
    Place { dir, store }
}

conformance!(open);

/// What is written once, and what of each: a row for the triggers to refuse.
const WRITTEN_ONCE: [(&str, &str); 21] = [
    ("leaf", "leaf_index = leaf_index"),
    ("node", "hash = hash"),
    ("checkpoint", "note = note"),
    ("event", "seq = seq"),
    ("card", "child = child"),
    ("parked", "reason = reason"),
    ("tranche", "hash = hash"),
    ("ledger_entry", "plan_tiyn = plan_tiyn"),
    ("ledger_balance", "held_tiyn = held_tiyn"),
    ("ledger_correction", "held_tiyn = held_tiyn"),
    ("redemption", "document = document"),
    ("settlement", "document = document"),
    ("cosignature", "line = line"),
    ("trust_list", "bytes = bytes"),
    ("lost_leaf", "hash = hash"),
    ("given_up_leaf", "reason = reason"),
    ("view_log", "what = what"),
    ("console_act", "what = what"),
    ("case_note", "note = note"),
    ("draft", "what = what"),
    ("draft_end", "version = version"),
];

/// Fills every table that is written once, without the verbs' help.
const A_ROW_OF_EACH: &str = "
    INSERT INTO leaf VALUES (0, 2, zeroblob(16), x'00');
    INSERT INTO node VALUES (0, 0, zeroblob(32));
    INSERT INTO checkpoint VALUES (1, zeroblob(32), 'note');
    INSERT INTO device (device, certificate) VALUES (zeroblob(8), x'00');
    INSERT INTO event VALUES (zeroblob(8), 0, zeroblob(32), 0);
    INSERT INTO card VALUES (zeroblob(8), zeroblob(32), zeroblob(12), 0);
    INSERT INTO parked VALUES (zeroblob(32), x'00', 'fork', 0);
    INSERT INTO tranche VALUES (202609, 0, zeroblob(32));
    INSERT INTO ledger_entry VALUES (202609, zeroblob(8), zeroblob(8), 0, 3, 3, 1, 1, 1);
    INSERT INTO ledger_balance VALUES (202609, 3, 1, 1, 1);
    INSERT INTO ledger_correction VALUES (202609, 202609, zeroblob(8), zeroblob(8), 0, 1, -1, 0, 0);
    INSERT INTO redemption VALUES (zeroblob(8), 202609, zeroblob(8), 0, 'D-1', 0);
    INSERT INTO settlement VALUES (202609, zeroblob(8), 'D-1', 0);
    INSERT INTO cosignature VALUES (1, zeroblob(32), 'line');
    INSERT INTO trust_list VALUES (1, x'00');
    INSERT INTO lost_leaf VALUES (1, zeroblob(32));
    INSERT INTO given_up_leaf VALUES (1, 'burnt', 0);
    INSERT INTO view_log VALUES (1, 0, zeroblob(8), 'teacher', zeroblob(12), 'roster', 'own', '', NULL);
    INSERT INTO console_act VALUES (1, 0, NULL, 'link_made', 'administrator');
    INSERT INTO console_account (account, name, duty, made_ms) VALUES (zeroblob(16), 'A', 'issuer_head', 0);
    INSERT INTO case_note VALUES (1, 0, zeroblob(16), 202609, 'over_capacity', 'asked');
    INSERT INTO draft VALUES (zeroblob(16), 0, zeroblob(16), 'rules', '{}');
    INSERT INTO draft_end VALUES (zeroblob(16), 0, zeroblob(16), 2);";

#[test]
fn triggers_keep_every_row_as_it_was_written() {
    let place = open();
    let file = Connection::open(place.dir.path().join("server.db")).unwrap();
    file.execute_batch(A_ROW_OF_EACH).unwrap();
    for (table, same) in WRITTEN_ONCE {
        for sql in [format!("UPDATE {table} SET {same}"), format!("DELETE FROM {table}")] {
            let refused = file.execute(&sql, []).expect_err(&sql).to_string();
            assert!(["append-only", "stay", "forward"].iter().any(|why| refused.contains(why)));
        }
        let rows: i64 =
            file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1, "{table}");
    }
}

#[test]
fn full_disk_keeps_nothing_half() {
    let place = open();
    let Store::Sqlite(db) = &place.store;
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        // No page more than it has: the disk is full for this database.
        let limit = "PRAGMA max_page_count = 1";
        let limited =
            db.call(|c| Ok::<_, crate::StorageError>(c.query_row(limit, [], |_| Ok(()))?));
        limited.await.unwrap();
        let big = crate::NewLeaf {
            kind: attendance::LeafKind::Event,
            salt: [1; 16],
            bytes: vec![7; 100_000],
            event: None,
        };
        let batch = crate::SequencedBatch { leaves: vec![big], ..Default::default() };
        let full = place.store.append(0, batch.clone()).await.unwrap_err().to_string();
        assert!(full.contains("disk is full"), "{full}");
        assert_eq!(place.store.tree_size().await.unwrap(), 0);
        let freed = "PRAGMA max_page_count = 1000000";
        let freed =
            db.call(|c| Ok::<_, crate::StorageError>(c.query_row(freed, [], |_| Ok(()))?));
        freed.await.unwrap();
        assert_eq!(
            place.store.append(0, batch).await.unwrap().size,
            1,
            "room again, and it goes on"
        );
    });
}

#[test]
fn file_of_a_newer_program_is_not_touched() {
    let place = open();
    let path = place.dir.path().join("server.db");
    let file = Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    let newer = Store::open_sqlite(&path).unwrap_err();
    assert!(matches!(newer, OpenError::Newer { found: 99, .. }), "{newer}");
    let found: u32 = file.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(found, 99);
}

#[test]
fn file_of_another_program_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("server.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
    let before = std::fs::read(&path).unwrap();
    let foreign = Store::open_sqlite(&path).unwrap_err();
    assert!(matches!(foreign, OpenError::Foreign { .. }), "{foreign}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    std::fs::write(&path, b"this is a letter, no database, and it is long enough").unwrap();
    assert!(matches!(Store::open_sqlite(&path).unwrap_err(), OpenError::Foreign { .. }));
}
