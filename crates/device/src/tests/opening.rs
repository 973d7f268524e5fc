//! Opening: whose file it is, of which version, and whether it is whole.

use attendance::{Role, TrustRejection};
use rusqlite::Connection;

use super::*;
use crate::EnrolError;
use crate::store::file::known_version;

#[test]
fn reopening_keeps_chain_enrolment_and_roster() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    let head = device.chain_head().unwrap();
    assert_eq!(head.seq_next, 2);
    drop(device);

    // Long after certificate, list and rules key have ended: nothing is asked again.
    district.set_clock(START_MS + 86_400_000 * 500);
    let mut device = district.open(TEACHER).unwrap();
    assert_eq!(device.chain_head().unwrap(), head);
    let enrolled = device.enrolment().unwrap();
    assert_eq!((enrolled.role(), enrolled.name()), (Role::Teacher, "Synthetic device"));
    assert_eq!((enrolled.origin(), enrolled.server()), (ORIGIN, "http://127.0.0.1:9"));
    assert!(enrolled.trust_list().is_stale(device.now().wall_s()));
    assert_eq!(device.roster(), Some(&roster(1)));
    device.close_lesson(lesson()).unwrap();
    assert_eq!(device.chain_head().unwrap().seq_next, 3);
}

#[test]
fn chain_begins_at_the_key_and_links_each_event() {
    let district = District::new();
    let mut device = district.teacher();
    let genesis = attendance::ChainHead::genesis(&device.public_key());
    assert_eq!(device.chain_head().unwrap(), genesis);
    device.open_lesson(lesson()).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    let mut head = genesis;
    for seq in 0..2 {
        let row = device.event_at(seq).unwrap().unwrap();
        let event =
            attendance::ChainedEvent::parse_and_verify(&row.bytes, &device.public_key()).unwrap();
        attendance::follows(&head, &event).unwrap();
        head = event.next_head();
    }
    assert_eq!(device.event_at(2).unwrap(), None);
}

#[test]
fn refuses_a_newer_database_and_leaves_it() {
    let district = District::new();
    drop(district.teacher());
    let path = district.path(TEACHER);
    let newer = known_version() + 1;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", newer).unwrap();
    let error = district.open(TEACHER).unwrap_err();
    assert!(
        matches!(error, OpenError::Newer { found, known } if (found, known) == (newer, newer - 1))
    );
    assert!(error.to_string().contains("install the newer release"));
    let kept: u32 = Connection::open(&path)
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(kept, newer);
}

#[test]
fn refuses_the_file_of_another_program() {
    let district = District::new();
    let other = Connection::open(district.path(TEACHER)).unwrap();
    other.execute_batch("CREATE TABLE theirs (a)").unwrap();
    drop(other);
    let before = std::fs::read(district.path(TEACHER)).unwrap();
    assert!(matches!(district.open(TEACHER), Err(OpenError::Foreign)));
    assert_eq!(std::fs::read(district.path(TEACHER)).unwrap(), before);
}

#[test]
fn refuses_damaged_files_in_words() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    drop(device);
    let whole = std::fs::read(district.path(TEACHER)).unwrap();

    let mut hole = whole.clone();
    let from = hole.len() / 4;
    let to = hole.len() / 4 * 3;
    hole[from..to].fill(0xa5);
    for damaged in [hole, b"this is a note, not a database, and it is long enough".repeat(40)] {
        std::fs::write(district.path(TEACHER), &damaged).unwrap();
        let error = district.open(TEACHER).unwrap_err();
        assert!(matches!(error, OpenError::Corrupt), "{error:?}");
        assert!(error.to_string().contains("keep a copy"));
    }
    std::fs::write(district.path(TEACHER), &whole).unwrap();
    assert!(district.open(TEACHER).is_ok());
}

#[test]
fn refuses_an_event_whose_bytes_were_changed_under_it() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    let mut bytes = device.event_at(0).unwrap().unwrap().bytes;
    drop(device);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let raw = Connection::open(district.path(TEACHER)).unwrap();
    raw.execute_batch("DROP TRIGGER event_keeps_no_update").unwrap();
    raw.execute("UPDATE event SET bytes = ?1", [&bytes]).unwrap();
    assert!(matches!(district.open(TEACHER), Err(OpenError::Corrupt)));
    let fitting = attendance::event_hash(&bytes).0;
    raw.execute("UPDATE event SET hash = ?1", [fitting]).unwrap();
    assert!(matches!(district.open(TEACHER), Err(OpenError::Corrupt)), "the signature is asked");
}

#[test]
fn refuses_another_device_key() {
    let district = District::new();
    drop(district.teacher());
    let other = Device::open(&district.path(TEACHER), Box::new(key(99)), Box::new(district.clock));
    assert!(matches!(other, Err(OpenError::OtherKey)));
}

#[test]
fn says_when_another_program_holds_the_file() {
    let district = District::new();
    let other = Connection::open(district.path(TEACHER)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert!(matches!(district.open(TEACHER), Err(OpenError::Locked)));
    other.execute_batch("ROLLBACK").unwrap();
    assert!(district.open(TEACHER).is_ok());
}

#[test]
fn refuses_certificates_that_do_not_hold() {
    let district = District::new();
    let mut device = district.open(TEACHER).unwrap();
    let other_key = enrolment(PARENT, Role::Teacher);
    assert!(matches!(device.install(other_key), Err(EnrolError::OtherKey)));
    let mut forged = enrolment(TEACHER, Role::Teacher);
    let public = key(TEACHER).public_key();
    forged.certificate = DeviceCertificate {
        version: attendance::CERTIFICATE_VERSION,
        device: DeviceId::derive_from(&public),
        key: public.to_bytes(),
        role: Role::Coordinator,
        provider: None,
        groups: Vec::new(),
        children: Vec::new(),
        not_before_s: 0,
        not_after_s: i64::MAX,
        name: "Forged".into(),
    }
    .issue(&key(ISSUER))
    .unwrap();
    assert!(matches!(device.install(forged), Err(EnrolError::Certificate(_))));
    let mut unrooted = enrolment(TEACHER, Role::Teacher);
    unrooted.roots.keys = vec![key(90).public_key(), key(91).public_key()];
    assert!(matches!(device.install(unrooted), Err(EnrolError::TrustList(_))));
    assert!(device.enrolment().is_none());
    let early = device.install_roster(&roster(1).sign(&key(RULES)).unwrap());
    assert!(matches!(early, Err(EnrolError::NotEnrolled)));
}

#[test]
fn never_goes_back_to_an_older_list_or_roster() {
    let district = District::new();
    let mut device = district.teacher();
    device.install_trust_list(&trust_list(6)).unwrap();
    let rolled_back = |result| {
        let expected = TrustRejection::RolledBack { version: 5, highest_seen: 6 };
        matches!(result, Err(EnrolError::TrustList(found)) if found == expected)
    };
    assert!(rolled_back(device.install_trust_list(&trust_list(5))));
    assert!(rolled_back(device.install(enrolment(TEACHER, Role::Teacher))));

    device.install_roster(&roster(3).sign(&key(RULES)).unwrap()).unwrap();
    let older = device.install_roster(&roster(2).sign(&key(RULES)).unwrap());
    assert!(matches!(older, Err(EnrolError::RosterRolledBack { version: 2, kept: 3 })));
    let forged = device.install_roster(&roster(4).sign(&key(ISSUER)).unwrap());
    assert!(matches!(forged, Err(EnrolError::Roster(_))));
    drop(device);

    let mut device = district.open(TEACHER).unwrap();
    assert_eq!(device.roster().unwrap().version, 3);
    assert!(rolled_back(device.install_trust_list(&trust_list(5))));
}

#[test]
fn other_roots_take_the_old_roster_away_and_keep_the_chain() {
    let district = District::new();
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    let mut moved = enrolment(TEACHER, Role::Teacher);
    moved.roots.keys.swap(0, 2);
    device.install(moved.clone()).unwrap();
    assert!(device.roster().is_some(), "the order of the roots does not make them others");
    moved.roots.threshold = 1;
    device.install(moved).unwrap();
    assert!(device.roster().is_none());
    drop(device);
    let device = district.open(TEACHER).unwrap();
    assert!(device.roster().is_none());
    assert_eq!(device.chain_head().unwrap().seq_next, 1);
}
