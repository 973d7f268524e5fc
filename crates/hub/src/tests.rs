//! What is kept, what is refused, what survives, and how it is passed on.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use attendance::DeviceId;
use carriage::{Parcel, ParcelAnswer, ParcelSecret, ParcelVerdict};
use seal::{Hash, Signer as _, SoftwareKey};
use sync_client::{Answer, Call, Calling, Transport, Unanswered};

use crate::Destination;
use crate::{Carried, CarryError, CarryLimits, ParcelStore, Standing, forward};

const NOW_MS: i64 = 1_790_000_000_000;
const HOUR_MS: i64 = 3_600_000;
const SERVER: &str = "http://server.example";

fn destination() -> Destination {
    Destination { server: SERVER.to_owned(), pin: None, log: vec![log().public_key()] }
}

fn log() -> SoftwareKey {
    SoftwareKey::from_seed(&[41; 32])
}

/// What the server of that log answers to a parcel.
fn answer_to(parcel: Hash) -> Vec<u8> {
    let checkpoint = "a checkpoint".to_owned();
    let (verdicts, receipts, growth) = (vec![ParcelVerdict::Stored; 3], None, None);
    let answer = ParcelAnswer { parcel, verdicts, checkpoint, receipts, growth };
    answer.sign(&log()).unwrap()
}

fn limits() -> CarryLimits {
    CarryLimits {
        parcel_bytes: 1_000,
        answer_bytes: 1_000,
        parcels: 8,
        total_bytes: 4_000,
        parcels_per_device: 3,
        bytes_per_device: 2_000,
        keep_answer_ms: HOUR_MS,
    }
}

fn open(dir: &Path) -> Arc<ParcelStore> {
    Arc::new(ParcelStore::open(dir, limits()).unwrap())
}

/// A parcel of so many bytes by a device that says it has three events.
fn parcel(device: u8, number: u8, size: usize) -> (Hash, Vec<u8>) {
    let to = ParcelSecret::from_seed(&[40; 32]).public();
    let sealed = |contents: usize| {
        let contents = vec![number; contents];
        let parcel = Parcel::seal(DeviceId([device; 8]), 3, &contents, &to, [number; 32]);
        parcel.unwrap().to_bytes()
    };
    let around = sealed(size).len() - size;
    let bytes = sealed(size - around);
    assert_eq!(bytes.len(), size, "choose another size");
    (seal::sha256(&bytes), bytes)
}

fn keep(store: &ParcelStore, device: u8, number: u8) -> Hash {
    let (name, bytes) = parcel(device, number, 200);
    store.keep(name, &bytes, NOW_MS + i64::from(number)).unwrap();
    name
}

#[test]
fn what_is_kept_is_there_after_any_stop() {
    let dir = tempfile::tempdir().unwrap();
    let (name, answered) = {
        let store = open(dir.path());
        let (name, answered) = (keep(&store, 1, 1), keep(&store, 1, 2));
        store.keep_answer(answered, b"yes", NOW_MS + 9).unwrap();
        (name, answered)
    };
    // A stop in the middle of writing leaves a part of a file that nobody was told of.
    let torn = dir.path().join(format!("{}.new", seal::sha256(b"torn")));
    std::fs::write(&torn, b"half").unwrap();
    let store = open(dir.path());
    assert!(!torn.exists());
    let carried = store.find(name).unwrap();
    let header = carried.header.unwrap();
    assert_eq!((header.device, header.events), (DeviceId([1; 8]), 3));
    assert_eq!((carried.since_ms, &carried.standing), (NOW_MS + 1, &Standing::Waiting));
    assert_eq!(store.parcel(name).unwrap().unwrap(), parcel(1, 1, 200).1);
    let standing = store.find(answered).unwrap().standing;
    assert_eq!(standing, Standing::Answered { at_ms: NOW_MS + 9 });
    assert_eq!(store.answer(answered).unwrap().unwrap(), b"yes");
    assert_eq!(store.damaged(), 0);
}

#[test]
fn damaged_file_is_set_aside_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let (bad, good) = {
        let store = open(dir.path());
        (keep(&store, 1, 1), keep(&store, 1, 2))
    };
    let path = dir.path().join(format!("{bad}.parcel"));
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    for _ in 0..2 {
        let store = open(dir.path());
        assert_eq!((store.find(bad), store.damaged()), (None, 1));
        assert!(store.find(good).is_some());
    }
    // Whoever made it may bring it again.
    let store = open(dir.path());
    assert_eq!(keep(&store, 1, 1), bad);
    assert_eq!(store.parcel(bad).unwrap().unwrap(), parcel(1, 1, 200).1);
}

#[test]
fn refuses_what_is_damaged_foreign_or_too_large() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (name, bytes) = parcel(1, 1, 200);
    let damaged = store.keep(name, &bytes[1..], NOW_MS);
    assert!(matches!(damaged, Err(CarryError::Damaged)), "{damaged:?}");
    let (name, bytes) = parcel(1, 1, 1_001);
    let large = store.keep(name, &bytes, NOW_MS);
    assert!(matches!(large, Err(CarryError::TooLarge { max: 1_000 })), "{large:?}");
    let foreign = store.keep(seal::sha256(b"x"), b"x", NOW_MS);
    assert!(matches!(foreign, Err(CarryError::Foreign(_))), "{foreign:?}");
    assert_eq!((store.list(), dir.path().read_dir().unwrap().count()), (Vec::new(), 0));
}

#[test]
fn parcel_or_answer_that_was_taken_away_comes_again_to_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (first, second) = (keep(&store, 1, 1), keep(&store, 1, 2));
    let take = |name: Hash, what: &str| {
        std::fs::remove_file(dir.path().join(format!("{name}.{what}"))).unwrap();
    };
    take(first, "parcel");
    assert_eq!(store.parcel(first).unwrap(), None);
    keep(&store, 1, 1);
    assert!(store.parcel(first).unwrap().is_some());
    assert_eq!(
        store.due(NOW_MS).iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        [first, second]
    );
    // Nobody has the answer any more: the parcel is passed on once more.
    store.keep_answer(first, b"yes", NOW_MS).unwrap();
    take(first, "answer");
    keep(&store, 1, 1);
    assert_eq!(store.find(first).unwrap().standing, Standing::Waiting);
    store.keep_answer(first, b"yes", NOW_MS).unwrap();
    keep(&store, 1, 1);
    assert!(!store.find(first).unwrap().waits());
}

#[test]
fn one_device_has_its_part_and_not_more() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let first = keep(&store, 1, 1);
    for number in 2..=3 {
        keep(&store, 1, number);
    }
    let (name, bytes) = parcel(1, 4, 200);
    let over = store.keep(name, &bytes, NOW_MS);
    assert!(matches!(over, Err(CarryError::DeviceFull { waiting: 3 })), "{over:?}");
    // One that is here already is no more than it was.
    assert_eq!(keep(&store, 1, 1), first);
    keep(&store, 2, 1);
    // What was answered waits no longer.
    store.keep_answer(first, b"yes", NOW_MS).unwrap();
    store.keep(name, &bytes, NOW_MS).unwrap();
    let (name, bytes) = parcel(3, 1, 1_000);
    store.keep(name, &bytes, NOW_MS).unwrap();
    let (name, bytes) = parcel(3, 2, 1_000);
    store.keep(name, &bytes, NOW_MS).unwrap();
    let (name, bytes) = parcel(3, 3, 200);
    let over = store.keep(name, &bytes, NOW_MS);
    assert!(matches!(over, Err(CarryError::DeviceFull { waiting: 2 })), "{over:?}");
}

/// A parcel whose answer is lost waits again: answered ones must not fill the folder beside the limits.
#[test]
fn lost_answers_leave_no_more_parcels_waiting_than_the_limits_have() {
    let most = |store: &ParcelStore, device: u8| {
        let of_device = |carried: &Carried| {
            carried.header.is_some_and(|header| header.device == DeviceId([device; 8]))
        };
        store.list().iter().filter(|c| c.waits() && of_device(c)).count()
    };
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for number in 1..=5 {
        let name = keep(&store, 1, number);
        store.keep_answer(name, b"yes", NOW_MS).unwrap();
    }
    for device in 2..=7 {
        keep(&store, device, 1);
        keep(&store, device, 2);
        let of_device: Vec<Hash> = store.due(NOW_MS).into_iter().map(|(name, _)| name).collect();
        for name in of_device {
            store.keep_answer(name, b"yes", NOW_MS).unwrap();
        }
    }
    drop(store);
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "answer") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let store = open(dir.path());
    assert!(store.list().iter().all(Carried::waits));
    assert_eq!(store.list().len(), limits().parcels);
    assert!((1..=7).all(|device| most(&store, device) <= limits().parcels_per_device));
}

#[test]
fn full_place_says_so_and_throws_out_none_that_waits() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut kept = Vec::new();
    for device in 1..=4 {
        let (name, bytes) = parcel(device, 1, 990);
        store.keep(name, &bytes, NOW_MS + i64::from(device)).unwrap();
        kept.push(name);
    }
    let (name, bytes) = parcel(5, 1, 990);
    let full = store.keep(name, &bytes, NOW_MS);
    assert!(matches!(full, Err(CarryError::Full)), "{full:?}");
    assert!(kept.iter().all(|name| store.parcel(*name).unwrap().is_some()));
    // A parcel whose answer is here makes room; its answer stays.
    store.keep_answer(kept[2], b"yes", NOW_MS).unwrap();
    store.keep(name, &bytes, NOW_MS).unwrap();
    assert_eq!(store.parcel(kept[2]).unwrap(), None);
    assert_eq!(store.answer(kept[2]).unwrap().unwrap(), b"yes");
    let waiting = kept.iter().filter(|name| **name != kept[2]);
    assert!(waiting.into_iter().all(|name| store.parcel(*name).unwrap().is_some()));
}

#[test]
fn full_place_takes_the_answer_to_everything_that_waits() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut kept = Vec::new();
    for device in 1..=4 {
        let (name, bytes) = parcel(device, 1, 1_000);
        store.keep(name, &bytes, NOW_MS + i64::from(device)).unwrap();
        kept.push(name);
    }
    for name in &kept {
        store.keep_answer(*name, &[7; 1_000], NOW_MS).unwrap();
        assert!(store.answer(*name).unwrap().is_some());
        let bytes = store.bytes();
        assert!(bytes <= limits().total_bytes + 1_000, "{bytes}");
    }
    assert!(store.due(NOW_MS).is_empty());
    // An answer that nobody here waits for takes no room from the others.
    let more = store.keep_answer(seal::sha256(b"elsewhere"), &[7; 1_000], NOW_MS);
    assert!(matches!(more, Err(CarryError::Full)), "{more:?}");
}

#[test]
fn answer_stays_for_a_while_and_what_waits_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (waits, answered) = (keep(&store, 1, 1), keep(&store, 1, 2));
    store.keep_answer(answered, b"yes", NOW_MS).unwrap();
    store.keep_answer(answered, b"no", NOW_MS + 1).unwrap();
    store.sweep(NOW_MS + HOUR_MS).unwrap();
    assert_eq!(store.answer(answered).unwrap().unwrap(), b"yes", "the first one stays");
    store.sweep(NOW_MS + 1_000 * HOUR_MS).unwrap();
    assert_eq!((store.find(answered), store.answer(answered).unwrap()), (None, None));
    assert!(store.parcel(waits).unwrap().is_some());
}

/// A server that answers as it was told, parcel by parcel; others get no answer.
#[derive(Debug, Default)]
struct Server {
    answers: BTreeMap<String, u16>,
    asked: Mutex<Vec<String>>,
}

impl Server {
    fn with(answers: &[(Hash, u16)]) -> Self {
        let url = |name: &Hash| format!("{SERVER}/v1/parcel/{name}");
        let answers = answers.iter().map(|(name, status)| (url(name), *status)).collect();
        Self { answers, asked: Mutex::default() }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Transport for Server {
    fn call(&self, call: Call) -> Calling<'_> {
        self.asked.lock().unwrap().push(call.url.clone());
        let status = self.answers.get(&call.url).copied();
        Box::pin(async move {
            let status = status.ok_or(Unanswered { why: "gone".to_owned(), source: None })?;
            let named = call.url.rsplit('/').next().and_then(Hash::from_hex);
            let body = answer_to(named.expect("a parcel's name"));
            Ok(Answer { status, media_type: String::new(), retry_after_s: None, body })
        })
    }
}

#[tokio::test]
async fn bad_parcel_blocks_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let silent = keep(&store, 1, 1);
    let (refused, good) = (keep(&store, 2, 2), keep(&store, 3, 3));
    let server = Server::with(&[(refused, 400), (good, 200)]);
    let done = forward(&store, &server, &destination(), NOW_MS).await.unwrap();
    assert_eq!((done.answered, done.refused, done.unanswered), (1, 1, 1));
    assert_eq!(store.answer(good).unwrap().unwrap(), answer_to(good));
    assert!(matches!(store.find(refused).unwrap().standing, Standing::Refused { .. }));
    assert_eq!(store.find(silent).unwrap().standing, Standing::Waiting);

    // The refused one rests for an hour, the answered one is done.
    forward(&store, &server, &destination(), NOW_MS + 1).await.unwrap();
    assert_eq!(server.asked(), 4);
    let server = Server::with(&[(refused, 200), (silent, 200)]);
    forward(&store, &server, &destination(), NOW_MS + HOUR_MS).await.unwrap();
    assert!(store.list().iter().all(|carried| !carried.waits()));
}

#[tokio::test]
async fn parcels_that_never_get_an_answer_do_not_keep_the_others_from_theirs() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    // As many of the oldest as end a round.
    for number in 1..=3 {
        keep(&store, number, number);
    }
    let good = keep(&store, 4, 4);
    let server = Server::with(&[(good, 200)]);
    let first = forward(&store, &server, &destination(), NOW_MS).await.unwrap();
    assert_eq!((first.answered, first.unanswered), (0, 3));
    let second = forward(&store, &server, &destination(), NOW_MS).await.unwrap();
    assert_eq!(second.answered, 1, "{second:?}");
}

#[tokio::test]
async fn server_that_is_busy_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let name = keep(&store, 1, 1);
    for status in [401, 403, 404, 429, 500, 503] {
        let busy = Server::with(&[(name, status)]);
        let done = forward(&store, &busy, &destination(), NOW_MS).await.unwrap();
        assert_eq!((done.unanswered, done.refused), (1, 0), "{status}");
        assert_eq!(store.find(name).unwrap().standing, Standing::Waiting, "{status}");
    }
    let done =
        forward(&store, &Server::with(&[(name, 200)]), &destination(), NOW_MS).await.unwrap();
    assert_eq!(done.answered, 1);
}

#[tokio::test]
async fn parcels_of_a_device_keep_their_order_whatever_the_clock_says() {
    let dir = tempfile::tempdir().unwrap();
    let mut brought = Vec::new();
    for (number, at_ms) in [(1, NOW_MS), (2, NOW_MS - HOUR_MS), (3, NOW_MS)] {
        // Each after another start.
        let store = open(dir.path());
        let (name, bytes) = parcel(1, number, 200);
        store.keep(name, &bytes, at_ms).unwrap();
        brought.push(name);
    }
    let store = open(dir.path());
    let order: Vec<_> = store.due(0).into_iter().map(|(parcel, _)| parcel).collect();
    assert_eq!(order, brought);
    // If the first gets no answer, the others would only be put off for the gap.
    let server = Server::with(&[(brought[1], 200), (brought[2], 200)]);
    let done = forward(&store, &server, &destination(), NOW_MS).await.unwrap();
    assert_eq!((done.answered, done.unanswered, server.asked()), (0, 3, 1));
}

/// Answers everything in the server's place.
#[derive(Debug)]
struct Instead(Answer);

impl Transport for Instead {
    fn call(&self, _call: Call) -> Calling<'_> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

#[tokio::test]
async fn what_answers_in_the_servers_place_is_never_kept_and_the_parcel_waits() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let name = keep(&store, 1, 1);
    let other = answer_to(seal::sha256(b"another parcel"));
    let mut changed = answer_to(name);
    *changed.last_mut().unwrap() ^= 1;
    let page = b"<!DOCTYPE html><title>Sign in</title>".to_vec();
    let lies = [
        (200, "text/html", page.clone()),
        (200, "", page.clone()),
        (302, "", Vec::new()),
        (307, "", answer_to(name)),
        (403, "text/html; charset=utf-8", page.clone()),
        (511, "text/html", page),
        (200, sync_api::PARCEL_ANSWER_MEDIA_TYPE, b"ok".to_vec()),
        (200, sync_api::PARCEL_ANSWER_MEDIA_TYPE, other),
        (200, sync_api::PARCEL_ANSWER_MEDIA_TYPE, changed),
    ];
    for (status, media_type, body) in lies {
        let answer =
            Answer { status, media_type: media_type.to_owned(), retry_after_s: None, body };
        let told = format!("{status} {media_type}");
        let done = forward(&store, &Instead(answer), &destination(), NOW_MS).await.unwrap();
        assert_eq!((done.answered, done.refused, done.unanswered), (0, 0, 1), "{told}");
        assert_eq!(store.find(name).unwrap().standing, Standing::Waiting, "{told}");
        assert_eq!(store.answer(name).unwrap(), None, "{told}");
    }
    let done = forward(&store, &Server::with(&[(name, 200)]), &destination(), NOW_MS).await;
    assert_eq!(done.unwrap().answered, 1);
}
