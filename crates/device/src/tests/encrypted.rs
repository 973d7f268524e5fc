//! The file on the disk says nothing, and a plain one becomes such a file without a loss.

use std::path::Path;

use rusqlite::Connection;

use super::*;
use crate::DatabaseKey;
use crate::store::StoreError;
use crate::store::access::Access;
use crate::store::cipher::{self, Step};

fn database_key(n: u8) -> DatabaseKey {
    DatabaseKey::new([n; 32])
}

fn open(district: &District, with: u8) -> Result<Device, OpenError> {
    let (path, clock) = (district.path(TEACHER), Box::new(district.clock.clone()));
    Device::open_encrypted(&path, &database_key(with), Box::new(key(TEACHER)), clock)
}

/// Everything of the folder, as a thief reads it.
fn raw(district: &District) -> Vec<u8> {
    let files = std::fs::read_dir(district.dir.path()).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn finds(raw: &[u8], what: &[u8]) -> bool {
    raw.windows(what.len()).any(|place| place == what)
}

/// What must not be found: the form, names of tables, a child's name and id, the device's events.
fn telltales(device: &Device) -> Vec<Vec<u8>> {
    let mut telltales: Vec<Vec<u8>> = [
        &b"SQLite format 3"[..],
        b"event_of_lesson",
        b"Child Alpha",
        b"Synthetic",
        ORIGIN.as_bytes(),
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    telltales.push(ALPHA.0.to_vec());
    telltales.push(card_id(ALPHA).0.to_vec());
    telltales.push(device.event_at(1).unwrap().unwrap().bytes.split_off(60));
    telltales
}

fn fill(device: &mut Device) {
    device.install(enrolment(TEACHER, Role::Teacher)).unwrap();
    device.install_roster(&roster(1).sign(&key(RULES)).unwrap()).unwrap();
    device.open_lesson(lesson()).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
}

#[test]
fn nothing_can_be_read_in_the_raw_files() {
    let district = District::new();
    let mut device = open(&district, 1).unwrap();
    fill(&mut device);
    let telltales = telltales(&device);
    // With its log beside it, and as one file.
    for closed in [false, true] {
        let bytes = raw(&district);
        assert!(bytes.len() > 50_000, "there is something to search: {}", bytes.len());
        for telltale in &telltales {
            assert!(!finds(&bytes, telltale), "closed {closed}: {telltale:?}");
        }
        if !closed {
            drop(device);
            device = open(&district, 1).unwrap();
        }
    }
    // The search finds what is there.
    let plain = District::new();
    let mut device = plain.open(TEACHER).unwrap();
    fill(&mut device);
    drop(device);
    let bytes = raw(&plain);
    let found = telltales.iter().take(6).filter(|telltale| finds(&bytes, telltale)).count();
    assert_eq!(found, 6);
}

#[test]
fn another_key_opens_nothing_and_changes_nothing() {
    let district = District::new();
    let mut device = open(&district, 1).unwrap();
    fill(&mut device);
    drop(device);
    let before = std::fs::read(district.path(TEACHER)).unwrap();
    assert!(matches!(open(&district, 2), Err(OpenError::Corrupt)));
    assert!(matches!(district.open(TEACHER), Err(OpenError::Encrypted)), "without any key");
    let other = Device::open_encrypted(
        &district.path(TEACHER),
        &database_key(1),
        Box::new(key(PARENT)),
        Box::new(district.clock.clone()),
    );
    assert!(matches!(other, Err(OpenError::OtherKey)), "{other:?}");
    assert_eq!(std::fs::read(district.path(TEACHER)).unwrap(), before);
    assert_eq!(open(&district, 1).unwrap().chain_head().unwrap().seq_next, 2);
}

#[test]
fn plain_file_is_encrypted_at_the_first_opening_with_a_key() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    let (head, telltales) = (device.chain_head().unwrap(), telltales(&device));
    drop(device);
    let mut device = open(&district, 1).unwrap();
    assert_eq!(device.chain_head().unwrap(), head);
    assert_eq!(device.roster(), Some(&roster(1)));
    let bytes = raw(&district);
    for telltale in &telltales {
        assert!(!finds(&bytes, telltale), "{telltale:?}");
    }
    assert_eq!(device.record_scan(&card(BETA), lesson()).unwrap().outcome, crate::Outcome::Kept);
    assert_eq!(
        device.db.pragma_query_value::<String, _>(None, "journal_mode", |row| row.get(0)).unwrap(),
        "wal"
    );
}

#[test]
fn stopped_at_any_step_the_encryption_begins_anew() {
    for stop in [Step::Settled, Step::Copied, Step::Compared, Step::Renamed] {
        let district = District::new();
        let mut device = district.teacher();
        device.open_lesson(lesson()).unwrap();
        let head = device.chain_head().unwrap();
        drop(device);
        let (path, owner) = (district.path(TEACHER), key(TEACHER).public_key());
        let secret = database_key(1);
        let access = Access { owner: &owner, key: Some(&secret) };
        let mut met = false;
        let stopped = cipher::encrypt_if_plain(&path, &access, &mut |step| {
            met |= step == stop;
            if step == stop { Err(StoreError::Busy) } else { Ok(()) }
        });
        assert!(met && stopped.is_err(), "{stop:?}");
        let device = open(&district, 1).unwrap();
        assert_eq!(device.chain_head().unwrap(), head, "{stop:?}");
        drop(device);
        let left: Vec<_> = std::fs::read_dir(district.dir.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{stop:?}: {left:?}");
        assert!(!finds(&raw(&district), b"SQLite format 3"), "{stop:?}");
    }
}

#[test]
fn plain_file_that_is_in_use_or_not_ours_is_not_encrypted() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    assert!(matches!(open(&district, 1), Err(OpenError::Locked)));
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    drop(device);
    assert_eq!(open(&district, 1).unwrap().chain_head().unwrap().seq_next, 2);

    let district = District::new();
    theirs(&district.path(TEACHER));
    let before = std::fs::read(district.path(TEACHER)).unwrap();
    assert!(matches!(open(&district, 1), Err(OpenError::Foreign)));
    assert_eq!(std::fs::read(district.path(TEACHER)).unwrap(), before);
}

fn theirs(path: &Path) {
    Connection::open(path).unwrap().execute_batch("CREATE TABLE theirs (a)").unwrap();
}
