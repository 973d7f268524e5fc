//! A damaged file gives back what can be read of it, and the chain never forks over what cannot.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use rusqlite::Connection;

use super::*;
use crate::store::StoreError;
use crate::store::access::Access;
use crate::store::salvage::{self, Step};
use crate::{ChainEnd, Doubt, Outcome, RecordError, Saved};

const EVENTS: u64 = 120;
const ENDING: &str = ".damaged-test";

/// A teacher's device with a long chain whose first forty events are receipted.
fn worked(district: &District) -> Vec<Vec<u8>> {
    let mut device = district.teacher();
    let mut log = TestLog::new();
    for turn in 0..EVENTS / 2 {
        device.open_lesson(lesson()).unwrap();
        device.close_lesson(lesson()).unwrap();
        if turn == 19 {
            let receipts = log.take(&device);
            log.shown_to(&mut device).unwrap();
            assert_eq!(device.store_receipts(&log.note(), &receipts).unwrap(), 40);
        }
    }
    let events: Vec<_> = (0..).map_while(|seq| device.event_at(seq).unwrap()).collect();
    assert_eq!(events.len() as u64, EVENTS);
    events.into_iter().map(|row| row.bytes).collect()
}

/// The page that holds a row of a table, found by what is in it.
fn page_with(path: &Path, bytes: &[u8]) -> u64 {
    let file = std::fs::read(path).unwrap();
    let at = file.windows(bytes.len()).position(|place| place == bytes).expect("it is in the file");
    at as u64 / 4_096
}

fn spoil(path: &Path, page: u64) {
    let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(page * 4_096)).unwrap();
    file.write_all(&[0xa5; 4_096]).unwrap();
}

fn save(district: &District) -> Saved {
    let owner = key(TEACHER).public_key();
    Device::salvage(&district.path(TEACHER), None, &owner, START_MS, ENDING).unwrap()
}

/// The events that the saved file holds.
fn held(device: &Device) -> Vec<u64> {
    (0..EVENTS).filter(|seq| device.event_at(*seq).unwrap().is_some()).collect()
}

#[test]
fn damage_beside_the_chain_costs_nothing_and_the_chain_goes_on() {
    let district = District::new();
    worked(&district);
    let path = district.path(TEACHER);
    let roster = roster(1).sign(&key(RULES)).unwrap();
    spoil(&path, page_with(&path, &roster[10..60]));
    let damaged = std::fs::read(&path).unwrap();
    assert!(matches!(district.open(TEACHER), Err(OpenError::Corrupt)));
    let saved = save(&district);
    assert_eq!((saved.events, saved.receipts, saved.missing.as_str()), (EVENTS, 40, ""));
    let kept_as = path.with_file_name(&saved.kept_as);
    assert_eq!(std::fs::read(kept_as).unwrap(), damaged, "the damaged file is kept as it was");

    let mut device = district.open(TEACHER).unwrap();
    assert_eq!(device.saved().unwrap(), Some(saved));
    assert_eq!(device.doubt().unwrap(), None, "every event was there, to the last");
    assert_eq!(device.status().unwrap().not_receipted, EVENTS - 40);
    device.install_roster(&roster).unwrap();
    device.open_lesson(lesson()).unwrap();
    assert_eq!(device.chain_head().unwrap().seq_next, EVENTS + 1);
}

#[test]
fn lost_end_is_never_signed_a_second_time_and_comes_back_from_the_server() {
    let district = District::new();
    let events = worked(&district);
    let path = district.path(TEACHER);
    let last = events.last().unwrap();
    spoil(&path, page_with(&path, &last[last.len() - 50..]));
    let saved = save(&district);
    let mut device = district.open(TEACHER).unwrap();
    let held = held(&device);
    assert_eq!(held.len() as u64, saved.events);
    assert!(saved.events < EVENTS && saved.events > EVENTS / 2, "{saved:?}");
    assert_eq!(saved.missing, format!("{}-{}", saved.events, EVENTS - 1), "the index knows them");

    // Not until the server has said where the chain stands.
    assert_eq!(device.doubt().unwrap(), Some(Doubt::Damaged));
    let refused = device.open_lesson(lesson());
    assert!(matches!(refused, Err(RecordError::HeadInDoubt(Doubt::Damaged))), "{refused:?}");
    let from = saved.events;
    let server_head = seal::sha256(last);
    assert_eq!(device.settle_chain(EVENTS, Some(server_head)).unwrap(), ChainEnd::Wants(from));

    // Nor after strangers' events, or only some of the own ones.
    let rest = &events[usize::try_from(from).unwrap()..];
    assert_eq!(device.take_back(&[b"no event".to_vec()]).unwrap(), 0);
    assert_eq!(device.take_back(&rest[1..]).unwrap(), 0, "not linked with what is here");
    assert_eq!(device.take_back(&rest[..1]).unwrap(), 1);
    let standing = device.settle_chain(EVENTS, Some(server_head)).unwrap();
    assert_eq!(standing, ChainEnd::Wants(from + 1));
    assert!(device.close_lesson(lesson()).is_err() || device.open_lesson(lesson()).is_err());
    assert_eq!(device.chain_head().unwrap().seq_next, from + 1, "nothing was signed");

    assert_eq!(device.take_back(rest).unwrap(), rest.len() - 1);
    assert_eq!(device.settle_chain(EVENTS, Some(server_head)).unwrap(), ChainEnd::Certain);
    device.open_lesson(lesson()).unwrap();
    let next = device.event_at(EVENTS).unwrap().unwrap();
    let event = attendance::ChainedEvent::parse_and_verify(&next.bytes, &device.public_key());
    assert_eq!(event.unwrap().event().prev, server_head);
}

#[test]
fn lost_end_that_the_server_never_had_goes_on_from_what_both_have() {
    let district = District::new();
    let events = worked(&district);
    let path = district.path(TEACHER);
    let last = events.last().unwrap();
    spoil(&path, page_with(&path, &last[last.len() - 50..]));
    save(&district);
    let mut device = district.open(TEACHER).unwrap();
    // The server took forty and nothing since: what was lost never left this device.
    let head = Some(seal::sha256(&events[39]));
    assert_eq!(device.settle_chain(40, head).unwrap(), ChainEnd::Certain);
    device.open_lesson(lesson()).unwrap();
}

#[test]
fn hole_that_nobody_can_fill_ends_the_chain() {
    let district = District::new();
    let events = worked(&district);
    let path = district.path(TEACHER);
    spoil(&path, page_with(&path, &events[80][events[80].len() - 50..]));
    let saved = save(&district);
    let mut device = district.open(TEACHER).unwrap();
    let first_lost: u64 = saved.missing.split('-').next().unwrap().parse().unwrap();
    assert!((41..=80).contains(&first_lost), "{saved:?}");
    let held = held(&device);
    assert_eq!(held.last(), Some(&(EVENTS - 1)), "what is behind the hole is saved");
    let standing = device.settle_chain(40, Some(seal::sha256(&events[39]))).unwrap();
    assert_eq!(standing, ChainEnd::Broken { seq: first_lost });
    assert!(device.open_lesson(lesson()).is_err());
    // What is left is handed over all the same.
    let export = device.export().unwrap().unwrap();
    assert_eq!((export.leaves.len(), export.unreceipted.len()), (40, held.len() - 40));
    // A server that has them fills the hole.
    let head = Some(seal::sha256(&events[119]));
    assert_eq!(device.settle_chain(EVENTS, head).unwrap(), ChainEnd::Wants(first_lost));
    device.take_back(&events).unwrap();
    assert_eq!(device.settle_chain(EVENTS, head).unwrap(), ChainEnd::Certain);
}

#[test]
fn older_file_is_noticed_at_hello_and_asks_for_the_rest() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    drop(device);
    let backup = std::fs::read(district.path(TEACHER)).unwrap();
    let mut device = district.open(TEACHER).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    let later = device.event_at(1).unwrap().unwrap();
    drop(device);
    std::fs::write(district.path(TEACHER), backup).unwrap();

    let mut device = district.open(TEACHER).unwrap();
    assert_eq!(device.settle_chain(2, Some(later.hash)).unwrap(), ChainEnd::Wants(1));
    let refused = device.record_scan(&card(BETA), lesson());
    assert!(matches!(refused, Err(RecordError::HeadInDoubt(Doubt::Behind))), "{refused:?}");
    assert_eq!(device.take_back(&[later.bytes]).unwrap(), 1);
    assert_eq!(device.settle_chain(2, Some(later.hash)).unwrap(), ChainEnd::Certain);
    assert_eq!(device.record_scan(&card(BETA), lesson()).unwrap().outcome, Outcome::Kept);
    // Another event at the same place is no word that settles anything.
    let strange = Some(seal::sha256(b"another"));
    assert_eq!(device.settle_chain(2, strange).unwrap(), ChainEnd::Contradicted);
}

#[test]
fn nothing_readable_begins_an_empty_file_that_signs_nothing_yet() {
    let district = District::new();
    worked(&district);
    std::fs::write(district.path(TEACHER), b"a letter, and rather a long one ".repeat(999))
        .unwrap();
    let saved = save(&district);
    assert_eq!((saved.events, saved.enrolled), (0, false));
    let mut device = district.open(TEACHER).unwrap();
    device.install(enrolment(TEACHER, Role::Teacher)).unwrap();
    device.install_roster(&roster(1).sign(&key(RULES)).unwrap()).unwrap();
    assert!(matches!(device.open_lesson(lesson()), Err(RecordError::HeadInDoubt(Doubt::Damaged))));
}

#[test]
fn changed_rows_are_judged_and_not_believed() {
    let district = District::new();
    let events = worked(&district);
    let raw = Connection::open(district.path(TEACHER)).unwrap();
    let mut forged = events[7].clone();
    let last = forged.len() - 1;
    forged[last] ^= 1;
    raw.execute_batch("DROP TRIGGER event_keeps_no_update; DROP TRIGGER receipt_keeps_no_update")
        .unwrap();
    raw.execute("UPDATE event SET bytes = ?1 WHERE seq = 7", [forged]).unwrap();
    raw.execute("UPDATE receipt SET salt = zeroblob(16) WHERE seq = 9", []).unwrap();
    drop(raw);
    let saved = save(&district);
    assert_eq!((saved.events, saved.receipts), (EVENTS - 1, 38));
    assert_eq!(saved.missing, "7");
}

#[test]
fn stopped_at_any_step_the_salvage_begins_anew() {
    for stop in [Step::Kept, Step::Made] {
        let district = District::new();
        worked(&district);
        let path = district.path(TEACHER);
        let roster = roster(1).sign(&key(RULES)).unwrap();
        spoil(&path, page_with(&path, &roster[10..60]));
        let owner = key(TEACHER).public_key();
        let access = Access::plain(&owner);
        let stopped = salvage::salvage(&path, &access, START_MS, ENDING, &mut |step| {
            if step == stop { Err(StoreError::Busy) } else { Ok(()) }
        });
        assert!(stopped.is_err());
        assert!(matches!(district.open(TEACHER), Err(OpenError::Corrupt)), "{stop:?}");
        assert_eq!(save(&district).events, EVENTS);
        assert_eq!(district.open(TEACHER).unwrap().chain_head().unwrap().seq_next, EVENTS);
    }
}

#[test]
fn whole_new_file_takes_its_place_after_a_kill_and_no_old_log_is_played_into_it() {
    let district = District::new();
    worked(&district);
    let path = district.path(TEACHER);
    // The new file is whole and has not the name yet; the damaged one and its log are still there.
    let whole = crate::store::access::beside(&path, ".whole");
    std::fs::copy(&path, &whole).unwrap();
    std::fs::write(crate::store::access::beside(&path, "-wal"), b"an old log").unwrap();
    std::fs::write(&path, b"damaged").unwrap();
    assert_eq!(district.open(TEACHER).unwrap().chain_head().unwrap().seq_next, EVENTS);
    assert!(!whole.exists());
}

#[test]
fn log_that_lost_a_commit_in_its_middle_is_no_whole_file() {
    let district = District::new();
    let mut device = district.teacher();
    for _ in 0..4 {
        device.open_lesson(lesson()).unwrap();
        device.close_lesson(lesson()).unwrap();
    }
    // What a kill leaves: the file and its log.
    let left = District { dir: TempDir::new().unwrap(), clock: district.clock.clone() };
    let wal = |district: &District| crate::store::access::beside(&district.path(TEACHER), "-wal");
    std::fs::copy(district.path(TEACHER), left.path(TEACHER)).unwrap();
    let mut log = std::fs::read(wal(&district)).unwrap();
    // A bit of the third frame from the end: at least one commit follows.
    let at = log.len() - 6 * (4_096 + 24) + 1_000;
    log[at] ^= 1;
    std::fs::write(wal(&left), &log).unwrap();
    assert!(matches!(left.open(TEACHER), Err(OpenError::Corrupt)));
    let saved = save(&left);
    assert!(saved.events < 8, "{saved:?}");
    assert_eq!(left.open(TEACHER).unwrap().doubt().unwrap(), Some(Doubt::Damaged));

    // A log that breaks off in its last commit is what a power cut leaves: nothing is doubted.
    let cut = District { dir: TempDir::new().unwrap(), clock: district.clock.clone() };
    std::fs::copy(district.path(TEACHER), cut.path(TEACHER)).unwrap();
    let mut log = std::fs::read(wal(&district)).unwrap();
    let at = log.len() - 100;
    log[at] ^= 1;
    std::fs::write(wal(&cut), &log).unwrap();
    assert_eq!(cut.open(TEACHER).unwrap().doubt().unwrap(), None);
}

#[test]
fn whichever_page_is_lost_what_is_lost_is_known() {
    every_page(None);
}

#[cfg(feature = "encrypted")]
#[test]
fn whichever_page_of_an_encrypted_file_is_lost_what_is_lost_is_known() {
    every_page(Some(&crate::DatabaseKey::new([7; 32])));
}

/// Spoils one page after the other: what is saved verifies, and if anything of the chain is lost, its
/// place is named or the end is in doubt.
fn every_page(database_key: Option<&crate::DatabaseKey>) {
    let district = District::new();
    worked(&district);
    let path = district.path(TEACHER);
    let open = || match database_key {
        None => district.open(TEACHER),
        #[cfg(feature = "encrypted")]
        Some(secret) => Device::open_encrypted(
            &path,
            secret,
            Box::new(key(TEACHER)),
            Box::new(district.clock.clone()),
        ),
        #[cfg(not(feature = "encrypted"))]
        Some(_) => unreachable!("nobody has a key"),
    };
    drop(open().unwrap());
    let whole = std::fs::read(&path).unwrap();
    let owner = key(TEACHER).public_key();
    let pages = whole.len() as u64 / 4_096;
    assert!(pages > 30, "{pages} pages");
    let (mut lossless, mut lossy) = (0, 0);
    for page in 0..pages {
        std::fs::write(&path, &whole).unwrap();
        spoil(&path, page);
        let saved = match open() {
            // A page of nothing, or one whose content nobody asks.
            Ok(device) => {
                assert_eq!(device.chain_head().unwrap().seq_next, EVENTS, "page {page}");
                continue;
            }
            Err(OpenError::Corrupt) => {
                Device::salvage(&path, database_key, &owner, START_MS, ENDING).unwrap()
            }
            Err(other) => panic!("page {page}: {other}"),
        };
        let device = open().unwrap();
        assert_eq!(held(&device).len() as u64, saved.events, "page {page}");
        if saved.events == EVENTS {
            lossless += 1;
        } else {
            lossy += 1;
            assert_eq!(device.doubt().unwrap(), Some(Doubt::Damaged), "page {page}: {saved:?}");
        }
    }
    assert!(lossless > 5 && lossy > 5, "{lossless} without a loss, {lossy} with one");
}
