//! Lost answers and impatient devices: the log holds each event once, whatever the network does.

use std::collections::BTreeSet;

use sync_api::{Batch, BatchReceiptResponse, BatchResponse, VerdictKind};
use system_tests::{LossyProxy, Town, chess_teacher};

use super::{SIGNED_TIME, batch, enrolled_pen, first_lesson, kinds, visits};

#[tokio::test]
async fn lost_answer_makes_no_duplicate() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    let teacher = town.enrol(&chess_teacher(), &network.address).await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    for child in 1..=3 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
    }

    network.lose_answers(1);
    teacher.sync().await.offline();
    // The server has the events, the device does not know and does not pretend.
    assert_eq!(town.count("event"), 4 + SIGNED_TIME);
    let status = teacher.status().await;
    assert_eq!((status.not_sent, status.not_receipted), (4, 4));

    let report = teacher.sync().await.receipted(4);
    assert_eq!(report.sent, 4);
    assert_eq!((town.count("event"), town.count("leaf")), (4 + SIGNED_TIME, 6 + SIGNED_TIME));
    let status = teacher.status().await;
    assert_eq!((status.not_receipted, status.alarms), (0, 0));
}

#[tokio::test]
async fn many_lost_answers_in_a_row_make_no_duplicate() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    let teacher = town.enrol(&chess_teacher(), &network.address).await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    for child in 1..=3 {
        // A new event joins before every retry, so that each batch is another one.
        network.lose_answers(1);
        teacher.scan(lesson.id, &town.card(child)).await.kept();
        teacher.sync().await.offline();
    }
    network.lose_answers(0);
    teacher.sync().await.receipted(4);
    assert_eq!((town.count("event"), town.count("leaf")), (4 + SIGNED_TIME, 6 + SIGNED_TIME));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_parallel_submissions_of_one_batch_are_one() {
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let bytes = batch(&visits(&mut pen, 1..=3));
    let carrier = town.carrier().await;
    let submit = |_| {
        let (wire, bytes) = (carrier.clone(), bytes.clone());
        tokio::spawn(async move { wire.put_batch(bytes).await.fine::<BatchResponse>() })
    };
    let tasks: Vec<_> = (0..5).map(submit).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }

    assert_eq!(town.count("event"), 3);
    assert_eq!(town.count("leaf"), 2 + 3);
    assert_eq!(town.count("batch"), 1);
    let stored = answers.iter().filter(|answer| kinds(answer) == [VerdictKind::Stored; 3]).count();
    let known = answers.iter().filter(|answer| kinds(answer) == [VerdictKind::Duplicate; 3]);
    assert_eq!((stored, known.count()), (1, 4), "one stored it, the others were told so");
    let places: BTreeSet<Vec<_>> = answers
        .iter()
        .map(|answer| answer.verdicts.iter().map(|verdict| verdict.leaf_index).collect())
        .collect();
    assert_eq!(places, BTreeSet::from([vec![Some(2), Some(3), Some(4)]]));
}

#[tokio::test]
async fn receipts_of_a_batch_can_be_asked_for_again() {
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let bytes = batch(&visits(&mut pen, 1..=2));
    let path = format!("batch/{}/receipt", Batch::hash(&bytes));
    assert_eq!(town.wire().get(&path, None).await.problem().status, 404);
    let _answer: BatchResponse = town.carrier().await.put_batch(bytes).await.fine();
    let first: BatchReceiptResponse = town.wire().get(&path, None).await.fine();
    let second: BatchReceiptResponse = town.wire().get(&path, None).await.fine();
    assert_eq!(first.receipts.len(), 2);
    assert_eq!(first, second);
}

#[tokio::test]
async fn empty_batch_changes_nothing() {
    let town = Town::found().await;
    let answer: BatchResponse = town.carrier().await.put_batch(batch(&[])).await.fine();
    assert!(answer.verdicts.is_empty());
    assert_eq!(town.count("leaf"), 2);
}
