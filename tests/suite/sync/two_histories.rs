//! A copied device: two histories under one key never pass silently.

use sync_api::{BatchResponse, HelloResponse, VerdictKind};
use system_tests::Town;

use super::{SIGNED_TIME, batch, first_lesson, kinds, reason};

#[tokio::test]
async fn copied_device_is_found_out_and_set_aside() {
    let town = Town::found().await;
    let original = town.teacher().await;
    let lesson = first_lesson();
    original.open(lesson.id).await;
    original.sync().await.receipted(1);

    let copy = town.clone_phone(&original);
    original.scan(lesson.id, &town.card(1)).await.kept();
    copy.scan(lesson.id, &town.card(2)).await.kept();
    original.sync().await.receipted(1);
    let report = copy.sync().await.done();
    // The scan alone: a device that came apart puts no signed time behind it.
    assert_eq!((report.parked, report.receipted), (1, 0));

    // The evidence is kept whole, and the screen of the copy can say why.
    let (forked, bytes) = copy.events().await.swap_remove(2);
    let parked = copy.shell.device().with(|device| device.parked()).await.unwrap();
    assert_eq!(parked.len(), 1);
    let first = parked.iter().find(|parked| parked.reason == "fork").unwrap();
    assert_eq!(first.hash, forked);
    let kept: Vec<u8> = town
        .database()
        .query_row("SELECT bytes FROM parked WHERE hash = ?1", [forked.0], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, bytes);
    assert_eq!(town.count("event"), 2 + SIGNED_TIME, "the first history stays as it was");

    // The device is suspended: neither copy gets anything more into the log.
    let hello: HelloResponse = town.wire().hello(&original.hello().await).await;
    assert!(hello.suspended);
    original.scan(lesson.id, &town.card(3)).await.kept();
    let report = original.sync().await.done();
    assert_eq!((report.parked, report.receipted), (1, 0));
    assert_eq!(town.count("event"), 2 + SIGNED_TIME);
    assert_eq!(town.count("parked WHERE reason = 'suspended'"), 1);
    assert_eq!(original.status().await.events, 3, "and nothing is deleted on the device");

    let coordinator = town.coordinator().await;
    let board: sync_api::BoardResponse = {
        let hello = town.wire().hello(&coordinator.hello().await).await;
        town.wire().get("board", Some(&hello.token)).await.fine()
    };
    let suspended: Vec<_> = board.devices.iter().filter(|line| line.suspended).collect();
    assert_eq!(suspended.len(), 1);
    assert_eq!(suspended[0].name, "Chess tablet");
}

#[tokio::test]
async fn fork_sent_again_gets_the_same_answer() {
    let town = Town::found().await;
    let original = town.teacher().await;
    let lesson = first_lesson();
    let copy = town.clone_phone(&original);
    original.open(lesson.id).await;
    original.sync().await.receipted(1);
    town.set_clock(lesson.start_ms);
    copy.open(lesson.id).await;

    let (_, fork) = copy.events().await.pop().unwrap();
    let bytes = batch(&[fork]);
    let first: BatchResponse = town.carrier().await.put_batch(bytes.clone()).await.fine();
    assert_eq!(kinds(&first), [VerdictKind::Parked]);
    assert_eq!(reason(&first.verdicts[0]), "fork");
    let second: BatchResponse = town.carrier().await.put_batch(bytes).await.fine();
    assert_eq!(first, second, "same bytes, same answer, for ever");
    assert_eq!(town.count("parked"), 1);
}
