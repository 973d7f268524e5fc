//! The ordinary way of a visit: scanned offline, sent, receipted.

use attendance::{TrustRole, UnverifiedEvent};
use ipc::Mark;
use seal::PublicKey;
use sync_api::ReceiptFile;
use system_tests::{Town, district};
use tlog::{Receipt, SignedNote, VerifierKey, salted_leaf};

use super::{SIGNED_TIME, first_lesson};

#[tokio::test]
async fn scans_made_offline_are_receipted_after_a_sync() {
    let mut town = Town::found().await;
    let teacher = town.teacher().await;
    town.stop_server().await;

    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    for child in 1..=3 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
    }
    teacher.scan(lesson.id, &town.card(1)).await.already();
    teacher.sync().await.offline();
    let waiting = teacher.status().await;
    assert_eq!((waiting.events, waiting.not_sent, waiting.not_receipted), (4, 4, 4));

    town.start_server().await;
    let report = teacher.sync().await.receipted(4);
    assert_eq!(report.sent, 4);
    let done = teacher.status().await;
    assert_eq!((done.not_sent, done.not_receipted, done.alarms), (0, 0, 0));
    // Genesis and snapshot come first; every event of the device is one leaf.
    assert_eq!(town.count("leaf"), 2 + SIGNED_TIME + 4);
    assert_eq!(town.count("event"), SIGNED_TIME + 4);
    assert_eq!(done.log_size, Some(7));
}

#[tokio::test]
async fn second_sync_sends_nothing() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &town.card(1)).await.kept();
    teacher.sync().await.receipted(2);
    let (leaves, batches) = (town.count("leaf"), town.count("batch"));

    let again = teacher.sync().await.receipted(0);
    assert_eq!(again.sent, 0);
    assert_eq!((town.count("leaf"), town.count("batch")), (leaves, batches));
}

#[tokio::test]
async fn receipt_file_proves_the_visit_to_a_stranger() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    let event = teacher.scan(lesson.id, &town.card(2)).await.kept();
    assert_eq!(teacher.proof(&event).await.mark, Mark::Recorded);
    teacher.sync().await.receipted(2);

    let proof = teacher.proof(&event).await;
    assert_eq!(proof.mark, Mark::Receipted);
    let file: ReceiptFile = serde_json::from_str(&proof.file.expect("a receipt file")).unwrap();

    // The stranger has the trust list, and nothing of ours but the file.
    let trust = std::fs::read(town.server_dir().join("trust.list")).unwrap();
    let trust = attendance::SignedTrustList::parse(&trust).unwrap();
    let trust = trust.verify(town.server().roots(), 0).unwrap();
    let log = trust.entries.iter().find(|entry| entry.role == TrustRole::Log).unwrap();
    let key = PublicKey::parse(&log.key).unwrap();
    let verifier = VerifierKey { name: district::ORIGIN.to_owned(), key };
    let checkpoint = SignedNote::parse(&file.checkpoint).unwrap().verify(&verifier).unwrap();
    let salt: [u8; 16] = file.salt.0.clone().try_into().unwrap();
    let receipt = Receipt::parse(&file.receipt.0).unwrap();
    let verified = receipt.verify(&key, &salted_leaf(&salt, &file.event.0)).unwrap();
    verified.under(&checkpoint).unwrap();
    assert_eq!(Some(verified.index), proof.leaf_index);
    let said = UnverifiedEvent::parse(&file.event.0).unwrap();
    assert_eq!(said.event().child, Some(district::child(2)));
    assert_eq!(said.hash().to_string(), event);

    // Any other event is not what the receipt is for.
    let mut other = file.event.0;
    *other.last_mut().unwrap() ^= 1;
    assert!(receipt.verify(&key, &salted_leaf(&salt, &other)).is_err());
}

#[tokio::test]
async fn clock_that_is_hours_wrong_refuses_nobody() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    // The tablet's clock is a working day slow; what it says stands in the event, uncorrected.
    town.set_clock(lesson.start_ms - 10 * 3_600_000);
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &town.card(1)).await.kept();
    teacher.sync().await.receipted(2);
}

#[tokio::test]
async fn reopened_device_continues_its_chain() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &town.card(1)).await.kept();
    teacher.sync().await.receipted(2);
    let dir = teacher.dir.clone();
    drop(teacher);

    let teacher = town.switch_on(&dir);
    teacher.scan(lesson.id, &town.card(1)).await.already();
    teacher.scan(lesson.id, &town.card(2)).await.kept();
    // The scan, and the signed time of the new start.
    teacher.sync().await.receipted(2);
    assert_eq!(town.count("event WHERE seq = 3"), 1);
}
