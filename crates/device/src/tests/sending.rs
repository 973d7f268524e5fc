//! The outbox: a pure function of events, verdicts and receipts.

use super::*;
use crate::{DeviceStatus, Mark, Verdict};

fn with_three_events(district: &District) -> Device {
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    district.set_clock(START_MS + 1_000);
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    device.record_scan(&card(BETA), lesson()).unwrap();
    device
}

fn waiting(device: &Device) -> Vec<u64> {
    device.outbox(100, usize::MAX).unwrap().iter().map(|row| row.seq).collect()
}

#[test]
fn a_device_may_move_to_another_thread() {
    fn moves<T: Send>() {}
    moves::<Device>();
}

#[test]
fn lists_in_chain_order_within_the_limits() {
    let district = District::new();
    let device = with_three_events(&district);
    let rows = device.outbox(100, usize::MAX).unwrap();
    assert_eq!(waiting(&device), [0, 1, 2]);
    assert!(rows.iter().all(|row| attendance::event_hash(&row.bytes) == row.hash));
    assert_eq!(device.outbox(2, usize::MAX).unwrap(), rows[..2]);
    let two = rows[0].bytes.len() + rows[1].bytes.len();
    assert_eq!(device.outbox(100, two).unwrap(), rows[..2]);
    assert_eq!(device.outbox(100, two - 1).unwrap(), rows[..1]);
    assert_eq!(device.outbox(100, 1).unwrap(), rows[..1], "a large event does not block the queue");
    assert_eq!(device.outbox(0, usize::MAX).unwrap(), []);
}

#[test]
fn verdicts_decide_what_waits() {
    let district = District::new();
    let mut device = with_three_events(&district);
    let rows = device.outbox(100, usize::MAX).unwrap();
    let strange = (Hash([0; 32]), Verdict::Stored);
    let verdicts = [
        (rows[0].hash, Verdict::Stored),
        (rows[1].hash, Verdict::Parked("unknown child".into())),
        (rows[2].hash, Verdict::Deferred("busy".into())),
        strange,
    ];
    assert_eq!(device.record_verdicts(&verdicts).unwrap(), 3);
    assert_eq!(waiting(&device), [2]);
    let parked = device.parked().unwrap();
    assert_eq!((parked[0].seq, &*parked[0].reason, parked.len()), (1, "unknown child", 1));
    assert_eq!(device.awaiting_receipt().unwrap(), rows[..1]);
    let marks = rows.iter().map(|row| device.mark_of(row.hash).unwrap().unwrap());
    assert_eq!(marks.collect::<Vec<_>>(), [Mark::Sent, Mark::Recorded, Mark::Recorded]);
    let expected = DeviceStatus {
        events: 3,
        not_sent: 1,
        carried: 0,
        parked: 1,
        not_receipted: 3,
        oldest_waiting_ms: Some(START_MS),
        log_size: None,
        log_witnessed: None,
        alarms: 0,
        log_disbelieved: false,
    };
    assert_eq!(device.status().unwrap(), expected);

    // The newest verdict counts: the server lets the parked one in, and lost the first.
    let turned = [
        (rows[1].hash, Verdict::Duplicate),
        (rows[0].hash, Verdict::Deferred("not in the log".into())),
    ];
    device.record_verdicts(&turned).unwrap();
    assert_eq!(waiting(&device), [0, 2]);
    assert_eq!(device.parked().unwrap(), []);
    drop(device);
    assert_eq!(waiting(&district.open(TEACHER).unwrap()), [0, 2]);
}

#[test]
fn same_verdict_again_adds_no_row_and_reasons_are_bounded() {
    let district = District::new();
    let mut device = with_three_events(&district);
    let hash = device.outbox(1, 1).unwrap()[0].hash;
    let long = Verdict::Parked("x".repeat(100_000));
    for _ in 0..3 {
        device.record_verdicts(&[(hash, long.clone())]).unwrap();
    }
    let rows: i64 =
        device.db.query_row("SELECT count(*) FROM delivery", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1);
    assert_eq!(device.parked().unwrap()[0].reason.len(), 300);
}

#[test]
fn signs_requests_with_the_device_key() {
    let district = District::new();
    let device = district.open(TEACHER).unwrap();
    let domain = seal::Domain("qatysu/hello/1");
    let bytes = device.sign(domain, b"hello".to_vec()).unwrap();
    let envelope = seal::Sign1::parse(&bytes).unwrap();
    assert_eq!(envelope.verify(&device.public_key(), domain).unwrap(), b"hello");
}

#[test]
fn cache_keeps_the_last_answer_and_its_time() {
    let district = District::new();
    let mut device = district.open(TEACHER).unwrap();
    assert_eq!(device.cache("board").unwrap(), None);
    device.cache_put("board", "{\"months\":[]}").unwrap();
    district.set_clock(START_MS + 7);
    device.cache_put("board", "{}").unwrap();
    let cached = device.cache("board").unwrap().unwrap();
    assert_eq!((&*cached.json, cached.fetched_ms), ("{}", START_MS + 7));
}
