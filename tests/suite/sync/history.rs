//! A server that shows two histories, a restored backup, witnesses: what a device finds out by itself,
//! and what it shows to a person and to a stranger.

use ipc::{AlarmCode, AlarmView, ErrorCode, Mark};
use seal::{PublicKey, Signer as _};
use serde_json::json;
use sync_api::{
    BatchReceiptResponse, COMPACT_RECEIPTS_MEDIA_TYPE, CompactReceipts, ConsistencyResponse,
    EvidenceFile, ProblemKind,
};
use system_tests::{LossyProxy, Phone, Town, chess_teacher, district};
use tlog::{
    BatchReceipt, Checkpoint, ConsistencyProof, SignedNote, TwoHistories, VerifierKey, salted_leaf,
};

use super::{batch, enrolled_pen, first_lesson, visits};
use crate::qatysu::run;

async fn alarms(phone: &Phone) -> Vec<AlarmView> {
    phone.call("alarms", json!({})).await
}

async fn codes(phone: &Phone) -> Vec<AlarmCode> {
    alarms(phone).await.iter().map(|alarm| alarm.code).collect()
}

fn log_key(town: &Town) -> VerifierKey {
    let key = server::read_key(&town.server_dir().join("keys/log.key")).expect("the log's key");
    VerifierKey { name: district::ORIGIN.to_owned(), key: key.public_key() }
}

async fn log_size(town: &Town) -> u64 {
    let note = town.wire().get("checkpoint", None).await.text();
    let note = SignedNote::parse(&note).expect("a note");
    note.verify(&log_key(town)).expect("the log signed it").size
}

/// A town whose server was put back to a copy from before two visits; the size of
/// the log that the teacher's tablet saw before, and the last visit that it has a receipt of.
async fn restored() -> (Town, Phone, u64, String) {
    let mut town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    teacher.sync().await.receipted(1);
    town.server().tag_leaves().await.expect("the leaves are tagged");
    teacher.sync().await.done();
    town.keep_backup().await;
    let mut event = String::new();
    for child in 1..=2 {
        event = teacher.scan(lesson.id, &town.card(child)).await.kept();
    }
    teacher.sync().await.receipted(2);
    let seen = teacher.status().await.log_size.expect("a verified checkpoint");
    town.restore_backup().await;
    (town, teacher, seen, event)
}

/// Lets the restored log grow past a size, with what another device recorded.
async fn grow_past(town: &Town, size: u64) {
    let mut pen = enrolled_pen(town, 40).await;
    let events = visits(&mut pen, 1..=u8::try_from(size).expect("a small log"));
    town.carrier().await.put_batch(batch(&events)).await;
    assert!(log_size(town).await > size);
}

#[tokio::test]
async fn forked_server_is_found_out_and_anybody_can_check_it() {
    let (town, teacher, seen, receipted) = restored().await;
    grow_past(&town, seen).await;
    teacher.scan(first_lesson().id, &town.card(3)).await.kept();
    teacher.sync().await.unproven();

    let [alarm] = <[_; 1]>::try_from(alarms(&teacher).await).unwrap();
    assert_eq!(alarm.code, AlarmCode::TwoHistories);
    let file: EvidenceFile = serde_json::from_str(&alarm.file).unwrap();
    assert_eq!(file.alarm, "two_histories");
    let evidence = TwoHistories::from_bytes(&file.evidence.0).unwrap();
    let found = evidence.verify(&log_key(&town)).expect("a stranger needs the log's key alone");
    assert_eq!(found.earlier.size, seen);
    let saved = town.server_dir().with_file_name("evidence.json");
    std::fs::write(&saved, &alarm.file).unwrap();
    let (saved, trust) = (saved.to_str().unwrap(), town.server_dir());
    let trust = trust.to_str().unwrap();
    let said = run(&["receipt", "two-histories", saved, "--trust", trust]).with(0);
    assert!(said.contains("proven: the log signed two histories"), "{said}");

    // Nothing is lost, the child at the door is not turned away, and nothing more is believed.
    let status = teacher.status().await;
    assert_eq!((status.events, status.not_receipted), (4, 1));
    assert_eq!(teacher.proof(&receipted).await.mark, Mark::Receipted);
    let lesson = json!({ "lesson": first_lesson().id });
    let _ended: ipc::LessonView = teacher.call("close_lesson", lesson).await;
    for _ in 0..2 {
        teacher.sync().await.unproven();
    }
    assert_eq!(codes(&teacher).await, [AlarmCode::TwoHistories], "it is said once");
    assert_eq!(teacher.status().await.not_receipted, 2);
    // What the restored server had lost is there again, and so is what came after it.
    let device = teacher.shell.device().with(|device| device.id()).await;
    let here = town.count(&format!("event WHERE device = x'{device}'"));
    let there = i64::try_from(teacher.events().await.len()).unwrap();
    assert_eq!(here, there, "nothing is lost for whoever pays");

    // A device that only ever saw the other history notices nothing: that is what witnesses are for.
    let coordinator = town.coordinator().await;
    assert_eq!(codes(&coordinator).await, []);
}

#[tokio::test]
async fn restored_backup_is_called_older_until_roots_differ() {
    let (town, teacher, seen, receipted) = restored().await;
    // It stands where the tablet has seen it already: known, but older.
    teacher.sync().await.done();
    assert_eq!(codes(&teacher).await, [AlarmCode::LogOlder]);
    // It goes on, still below what the tablet has seen.
    let mut pen = enrolled_pen(&town, 41).await;
    town.carrier().await.put_batch(batch(&visits(&mut pen, 1..=1))).await;
    assert!(log_size(&town).await < seen);
    teacher.scan(first_lesson().id, &town.card(3)).await.kept();
    teacher.sync().await.older();
    let code = teacher.refused("sync", json!({})).await;
    assert_eq!(code, ErrorCode::LogOlder);
    assert_eq!(codes(&teacher).await, [AlarmCode::LogOlder], "no fraud, and said once");
    assert_eq!(teacher.proof(&receipted).await.mark, Mark::Receipted);
    assert_eq!(teacher.status().await.events, 4);

    grow_past(&town, seen).await;
    teacher.sync().await.unproven();
    assert_eq!(codes(&teacher).await, [AlarmCode::TwoHistories, AlarmCode::LogOlder]);
}

#[tokio::test]
async fn family_is_not_shown_another_history_and_scans_still_go_up() {
    let mut town = Town::found().await;
    let (parent, teacher) = (town.parent(&[1]).await, town.teacher().await);
    teacher.open(first_lesson().id).await;
    teacher.sync().await.receipted(1);
    town.keep_backup().await;
    grow_past(&town, 5).await;
    parent.sync().await.done();
    teacher.sync().await.done();
    let shown = parent.visits().await.len();
    assert_eq!(shown, 1);
    town.restore_backup().await;
    grow_past(&town, 20).await;
    parent.sync().await.unproven();
    assert_eq!(codes(&parent).await, [AlarmCode::TwoHistories]);
    assert_eq!(parent.visits().await.len(), shown, "what was proven stays, nothing is added");
    teacher.scan(first_lesson().id, &town.card(2)).await.kept();
    teacher.sync().await.unproven();
    let status = teacher.status().await;
    assert_eq!((status.not_sent, status.not_receipted), (0, 1), "sent, and never called done");
}

#[tokio::test]
async fn consistency_is_proven_within_what_was_signed() {
    let town = Town::found().await;
    grow_past(&town, 9).await;
    let (wire, size) = (town.wire(), log_size(&town).await);
    let root_of = |to| {
        let wire = wire.clone();
        async move {
            let answer = wire.get(&format!("consistency/{to}/{to}"), None).await;
            answer.fine::<ConsistencyResponse>().root.0
        }
    };
    let note = SignedNote::parse(&wire.get("checkpoint", None).await.text()).unwrap();
    let Checkpoint { root, .. } = note.verify(&log_key(&town)).unwrap();
    for from in 1..=size {
        let answer = wire.get(&format!("consistency/{from}/{size}"), None).await;
        let ConsistencyResponse { from, to, root: earlier, path } = answer.fine();
        let path = path.into_iter().map(|hash| hash.0).collect();
        ConsistencyProof { from, to, path }.verify(earlier.0, root).unwrap();
        assert_eq!(earlier.0, root_of(from).await);
    }
    for (place, kind) in [
        (format!("consistency/1/{}", size + 1), ProblemKind::NotFound),
        (format!("consistency/1/{}", u64::MAX), ProblemKind::NotFound),
        ("consistency/2/1".to_owned(), ProblemKind::Malformed),
        ("consistency/0/1".to_owned(), ProblemKind::Malformed),
        ("consistency/x/1".to_owned(), ProblemKind::Malformed),
        ("consistency/-1/1".to_owned(), ProblemKind::Malformed),
        (format!("consistency/1/{}0", u64::MAX), ProblemKind::Malformed),
    ] {
        assert_eq!(wire.get(&place, None).await.problem().kind, kind, "{place}");
    }
}

#[tokio::test]
async fn one_receipt_of_a_day_is_a_small_part_of_the_receipts_of_each() {
    const BATCH: u8 = 150;
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let carrier = town.carrier().await;
    let (mut each, mut one) = (0, 0);
    for _ in 0..4 {
        let events = visits(&mut pen, 1..=BATCH);
        let bytes = batch(&events);
        let path = format!("batch/{}/receipt", sync_api::Batch::hash(&bytes));
        carrier.put_batch(bytes).await;
        let old = town.wire().get(&path, None).await;
        assert_eq!(old.fine::<BatchReceiptResponse>().receipts.len(), usize::from(BATCH));
        let new = town.wire().ask_as(&path, COMPACT_RECEIPTS_MEDIA_TYPE).await;
        assert_eq!(new.media_type, COMPACT_RECEIPTS_MEDIA_TYPE);
        let compact = CompactReceipts::parse(&new.body).unwrap();
        (each, one) = (each + old.body.len(), one + new.body.len());

        // It holds for the very events, and for no other order of them.
        let key: PublicKey = log_key(&town).key;
        let event = |place: u16| &events[usize::from(place)];
        let pairs = compact.places.iter().zip(&compact.salts);
        let mut leaves: Vec<_> =
            pairs.map(|(place, salt)| salted_leaf(salt, event(*place))).collect();
        let receipt = BatchReceipt::parse(&compact.receipt).unwrap();
        receipt.verify(&key, &leaves).unwrap();
        leaves.swap(0, 1);
        receipt.verify(&key, &leaves).unwrap_err();
    }
    eprintln!("receipts of 600 events: {each} bytes one by one, {one} bytes in four");
    assert!(one * 20 < each, "{one} of {each}");
}

#[tokio::test]
async fn receipts_come_one_by_one_where_one_for_all_is_not_to_be_had() {
    for spoilt in [false, true] {
        let town = Town::found().await;
        let network = LossyProxy::before(&town.address()).await;
        let teacher = town.enrol(&chess_teacher(), &network.address).await;
        if spoilt {
            network.spoil_compact_receipts();
        } else {
            network.forget_compact_receipts();
        }
        teacher.open(first_lesson().id).await;
        teacher.scan(first_lesson().id, &town.card(1)).await.kept();
        teacher.sync().await.receipted(2);
        assert_eq!(codes(&teacher).await, []);
    }
}

#[tokio::test]
async fn cosigned_checkpoint_makes_earlier_receipts_witnessed() {
    let mut town = Town::found().await;
    let teacher = town.teacher().await;
    teacher.open(first_lesson().id).await;
    let event = teacher.scan(first_lesson().id, &town.card(1)).await.kept();
    teacher.sync().await.receipted(2);
    let proof = teacher.proof(&event).await;
    assert_eq!((proof.mark, proof.asks_witnesses), (Mark::Receipted, false));

    town.name_witnesses(2, &[31, 32, 33]).await;
    teacher.sync().await.done();
    let proof = teacher.proof(&event).await;
    assert_eq!((proof.mark, proof.asks_witnesses), (Mark::Receipted, true));
    town.cosign(&[31]);
    teacher.sync().await.done();
    assert_eq!(teacher.proof(&event).await.mark, Mark::Receipted, "one of two is not enough");
    town.cosign(&[33]);
    teacher.sync().await.done();
    assert_eq!(teacher.proof(&event).await.mark, Mark::Witnessed);
    let status: ipc::StatusView = teacher.call("status", json!({})).await;
    assert_eq!((status.not_receipted, status.log_witnessed), (0, status.log_size));

    // The family's device comes to the same by itself.
    let parent = town.parent(&[1]).await;
    assert_eq!(parent.visits().await[0].mark, Mark::Witnessed);
    assert_eq!(codes(&parent).await, []);
}
