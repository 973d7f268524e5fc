//! What people complain about in other programs of this kind, each with its test.

use std::collections::BTreeSet;
use std::time::Duration;

use attendance::PackContext;
use device::AlarmCode;
use ipc::{ErrorCode, NextSyncWhy, ParkedReason, StatusView};
use seal::Hash;
use serde_json::{Value, json};
use shell_core::Pace;
use sync_api::{
    BatchResponse, BoardResponse, ChainResponse, EventVerdict, OwnParkedResponse, ProblemKind,
    VerdictKind,
};
use system_tests::{Crowd, LossyProxy, Phone, Town, chess_teacher, district};

use super::{batch, enrolled_pen, first_lesson, kinds, visits};

/// Packs what a device has not sent, as it would itself.
async fn packed(phone: &Phone) -> Vec<u8> {
    let packed = phone.shell.device().with(move |device| {
        let rows = device.outbox(999, usize::MAX).expect("the outbox");
        let events: Vec<Vec<u8>> = rows.into_iter().map(|row| row.bytes).collect();
        let context = PackContext::of(device.roster().expect("a roster"));
        attendance::pack(&events, &context).expect("few events")
    });
    packed.await
}

async fn alarms(phone: &Phone) -> Vec<AlarmCode> {
    let alarms = phone.shell.device().with(|device| device.alarms()).await.expect("alarms");
    alarms.into_iter().map(|alarm| alarm.code).collect()
}

/// A tablet with three visits in an open lesson, none of them sent.
async fn busy_tablet(town: &Town, address: &str) -> Phone {
    let tablet = town.enrol(&chess_teacher(), address).await;
    tablet.open(first_lesson().id).await;
    for child in 1..=3 {
        tablet.scan(first_lesson().id, &town.card(child)).await.kept();
    }
    tablet
}

/// Asks as the device itself.
async fn ask<T: serde::de::DeserializeOwned>(town: &Town, phone: &Phone, place: &str) -> T {
    let hello = town.wire().hello(&phone.hello().await).await;
    town.wire().get(place, Some(&hello.token)).await.fine()
}

fn leaves(response: &BatchResponse) -> Vec<Option<u64>> {
    response.verdicts.iter().map(|verdict| verdict.leaf_index).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_parallel_submissions_of_one_packed_batch_stay_one() {
    let town = Town::found().await;
    let tablet = busy_tablet(&town, &town.address()).await;
    let bytes = packed(&tablet).await;
    let (events, batches) = (town.count("event"), town.count("batch"));
    assert!(bytes.len() < 4 * 150, "it is packed: {} bytes", bytes.len());
    let carrier = town.carrier().await;
    let tasks: Vec<_> = (0..5)
        .map(|_| {
            let (wire, bytes) = (carrier.clone(), bytes.clone());
            tokio::spawn(async move { wire.put_batch(bytes).await.fine::<BatchResponse>() })
        })
        .collect();
    let (mut stored, mut places) = (0, BTreeSet::new());
    for task in tasks {
        let answer = task.await.unwrap();
        places.insert(leaves(&answer));
        stored += usize::from(kinds(&answer) == [VerdictKind::Stored; 4]);
    }
    assert_eq!((stored, places.len()), (1, 1), "one stored it, all were told the same places");
    assert_eq!((town.count("event"), town.count("batch")), (events + 4, batches + 1));
}

#[tokio::test]
async fn batch_sent_again_gets_the_same_answer_also_after_the_roster_changed() {
    let town = Town::found().await;
    let tablet = busy_tablet(&town, &town.address()).await;
    let (bytes, carrier) = (packed(&tablet).await, town.carrier().await);
    let before = town.count("event");
    let first: BatchResponse = carrier.put_batch(bytes.clone()).await.fine();
    assert_eq!(kinds(&first), [VerdictKind::Stored; 4]);
    let second: BatchResponse = carrier.put_batch(bytes.clone()).await.fine();
    assert_eq!(
        (kinds(&second), leaves(&second)),
        (vec![VerdictKind::Duplicate; 4], leaves(&first))
    );

    // The server starts anew and has other names by now: the roster it makes is another one.
    let mut town = town;
    town.stop_server().await;
    town.database().execute("UPDATE child SET name = 'Other ' || name", []).unwrap();
    town.start_server().await;
    let third: BatchResponse = carrier.put_batch(bytes).await.fine();
    assert_eq!((kinds(&third), leaves(&third)), (vec![VerdictKind::Duplicate; 4], leaves(&first)));

    // What is new and packed against the old roster is refused, and the device sends it plain.
    tablet.scan(first_lesson().id, &town.card(4)).await.kept_as_guest();
    let refused = carrier.put_batch(packed(&tablet).await).await.problem();
    assert_eq!(refused.kind, ProblemKind::OtherRoster);
    assert_eq!(town.count("event"), before + 4, "nothing of it was taken");
    let report = tablet.sync().await.done();
    assert_eq!((report.parked, tablet.status().await.not_receipted), (0, 0));
    assert!(town.count("event") > before + 4);
}

#[tokio::test]
async fn item_that_always_fails_does_not_block() {
    let town = Town::found().await;
    let original = busy_tablet(&town, &town.address()).await;
    let copy = town.clone_phone(&original);
    original.sync().await.receipted(4);
    // Everything of the copy fails from now on, at every sync.
    let lesson = first_lesson();
    let _ended: ipc::LessonView =
        original.call("close_lesson", json!({ "lesson": lesson.id })).await;
    original.sync().await.receipted(1);
    for child in [1, 2] {
        copy.scan(lesson.id, &town.card(child)).await.already();
    }
    let _ended: ipc::LessonView = copy.call("close_lesson", json!({ "lesson": lesson.id })).await;
    copy.open(lesson.id).await;
    // The device that is set aside still gets an end to each sync, and the reason is on its screen.
    for _ in 0..2 {
        copy.sync().await.done();
    }
    // Another device's events in the same batch as failing ones go through, and receipts come.
    let mut pen = enrolled_pen(&town, 40).await;
    let good = visits(&mut pen, 1..=2);
    let mut mixed: Vec<Vec<u8>> = copy.events().await.into_iter().map(|(_, e)| e).collect();
    mixed.insert(0, good[0].clone());
    mixed.insert(1, b"noise".to_vec());
    mixed.push(good[1].clone());
    let answer: BatchResponse = town.carrier().await.put_batch(batch(&mixed)).await.fine();
    let of = |event: &[u8]| {
        let name = seal::sha256(event);
        let found = answer.verdicts.iter().find(|verdict| verdict.event.0 == name);
        found.map(|verdict: &EventVerdict| verdict.verdict)
    };
    assert_eq!(
        (of(&good[0]), of(&good[1])),
        (Some(VerdictKind::Stored), Some(VerdictKind::Stored))
    );
    let status: StatusView = copy.call("status", json!({})).await;
    assert_eq!(status.not_sent, 0, "nothing is tried for ever");
    assert!(!status.parked.is_empty() && status.suspended, "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_stopped_by_a_locked_screen_resumes() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    let tablet = busy_tablet(&town, &network.address).await;
    network.fall_silent();
    let syncing = tablet.shell.spawn_sync(Pace::default());
    until(|| async { network.held() > 0 }).await;
    // The screen is locked in the middle of a call that nobody will answer.
    network.speak_again();
    assert_eq!(tablet.status().await.not_sent, 4);
    let status: StatusView = tablet.call("status", json!({})).await;
    assert_eq!((status.last_sync_error, status.next_sync), (None, None), "it still runs");
    town.set_clock(district::FIRST_MORNING_MS + 2 * 3_600_000);

    let _null: Value = tablet.call("resume", json!({ "online": false })).await;
    until(|| async { tablet.status().await.not_receipted == 0 }).await;
    assert_eq!(network.held(), 1, "the call of before is still waiting");
    let status = || async { tablet.call::<StatusView>("status", json!({})).await };
    until(|| async { status().await.next_sync.is_some() }).await;
    assert_eq!(status().await.last_sync_error, None);
    let next = status().await.next_sync.expect("a plan");
    assert_eq!(next.why, NextSyncWhy::Rest);
    syncing.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn new_records_do_not_wait_for_the_timer_and_failures_do_not_stop_it() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    let tablet = town.enrol(&chess_teacher(), &network.address).await;
    let syncing = tablet.shell.spawn_sync(Pace { rest_ms: 3_600_000, ..Pace::default() });
    let next = || async { tablet.call::<StatusView>("status", json!({})).await.next_sync };
    until(|| async { next().await.is_some_and(|next| next.why == NextSyncWhy::Rest) }).await;
    let before = town.count("event");
    network.lose_answers(1);
    tablet.open(first_lesson().id).await;
    // The record wakes it, the answer is lost, the timer tries again; nobody writes anything more.
    until(|| async { tablet.status().await.not_receipted == 0 }).await;
    assert!(town.count("event") > before);
    syncing.abort();
}

#[tokio::test]
async fn interrupted_first_sync_of_a_family_continues_where_it_was() {
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let lessons = district::lessons(district::CHESS);
    let who = (district::child(1), district::voucher(1));
    for chunk in (0..250usize).collect::<Vec<_>>().chunks(125) {
        let events: Vec<Vec<u8>> = chunk
            .iter()
            .map(|at| {
                let lesson = &lessons[at % lessons.len()];
                pen.visit(who, lesson.id, lesson.start_ms).bytes().to_vec()
            })
            .collect();
        let answer: BatchResponse = town.carrier().await.put_batch(batch(&events)).await.fine();
        assert!(answer.verdicts.iter().all(|one| one.verdict == VerdictKind::Stored));
    }
    let network = LossyProxy::before(&town.address()).await;
    let parent = town.new_phone();
    let family = system_tests::grant(attendance::Role::Parent, "Family");
    let family = server::Grant { children: vec![district::child(1)], ..family };
    let ticket = town.ticket(&family, &network.address).await.to_text();
    parent.shell.enrol(&ticket).await.expect("the phone is enrolled");
    network.cut_after("/v1/delta/visits", 1);
    parent.sync().await.offline();
    let kept = parent.visits().await.len();
    assert_eq!(kept, 100, "the page that came is kept");
    let asked = network.take_asked();
    assert!(asked.iter().any(|line| line.starts_with("GET /v1/delta/roster/")), "{asked:?}");

    network.mend();
    parent.sync().await.done();
    assert_eq!(parent.visits().await.len(), 250);
    let asked = network.take_asked();
    let pages: Vec<&String> = asked.iter().filter(|line| line.contains("/delta/visits/")).collect();
    assert_eq!(pages.len(), 2, "the first page does not come again: {pages:?}");
    assert!(!pages[0].ends_with("/visits/0"), "{pages:?}");
    let again = asked.iter().any(|line| line.starts_with("GET /v1/delta/roster/"));
    assert!(!again, "what is here does not come again: {asked:?}");
}

#[tokio::test]
async fn interrupted_first_sync_continues_where_it_was() {
    let crowd = Crowd { children: 210 };
    let town = Town::found_for(&crowd.district()).await;
    let _cards = crowd.cards(&town).await;
    let network = LossyProxy::before(&town.address()).await;
    let mut tablet = town.new_phone();
    let ticket = town.ticket(&crowd.tablet(), &network.address).await.to_text();
    tablet.shell.enrol(&ticket).await.expect("the tablet is enrolled");
    let (mut answered, mut breaks, mut here) = (Vec::new(), 0, 0);
    loop {
        // One answer of what comes down passes, then the line breaks, and the tablet is switched off.
        network.cut_after("/v1/delta/", 1);
        let dir = tablet.dir.clone();
        drop(tablet);
        tablet = town.switch_on(&dir);
        let whole = tablet.shell.device().with(|device| device.roster().is_some()).await;
        if whole {
            break;
        }
        tablet.sync().await.offline();
        answered.extend(network.take_asked().into_iter().filter(|line| line.contains("/delta/")));
        let view: StatusView = tablet.call("status", json!({})).await;
        let kept = view.roster_coming.map_or(u32::MAX, |coming| coming.kept_bytes);
        assert!(kept > here, "each break leaves more than the one before: {here}, {kept}");
        (breaks, here) = (breaks + 1, kept);
        assert!(breaks < 20, "{answered:?}");
    }
    assert!(breaks >= 3, "the line broke after each piece: {answered:?}");
    let once: BTreeSet<&String> = answered.iter().collect();
    assert_eq!(once.len(), answered.len(), "no byte came twice: {answered:?}");

    network.mend();
    tablet.sync().await.done();
    let children = tablet.shell.device().with(|d| d.roster().map(|r| r.children.len())).await;
    assert_eq!(children, Some(210));
    let asked = network.take_asked();
    let again = asked.iter().any(|line| line.contains("/delta/roster/"));
    assert!(!again, "what is here does not come again: {asked:?}");
    let view: StatusView = tablet.call("status", json!({})).await;
    assert_eq!(view.roster_coming, None);
}

#[tokio::test]
async fn lost_receipts_come_without_the_events_being_sent_again() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    let tablet = busy_tablet(&town, &network.address).await;
    network.cut_after("/v1/batch/", 1);
    tablet.sync().await.offline();
    let status = tablet.status().await;
    assert_eq!((status.not_sent, status.not_receipted), (0, 4));
    let _before = network.take_asked();
    network.mend();
    let report = tablet.sync().await.receipted(4);
    assert_eq!(report.sent, 0);
    let asked = network.take_asked();
    assert!(asked.iter().all(|line| !line.starts_with("PUT ")), "{asked:?}");
}

#[tokio::test]
async fn restored_backup_of_a_device_is_detected_as_a_fork() {
    let town = Town::found().await;
    let original = busy_tablet(&town, &town.address()).await;
    original.sync().await.receipted(4);
    let (backup, silent) = (town.clone_phone(&original), town.clone_phone(&original));
    let at = backup.events().await.len();
    let lesson = json!({ "lesson": first_lesson().id });
    for _ in 0..4 {
        let _ended: ipc::LessonView = original.call("close_lesson", lesson.clone()).await;
        original.open(first_lesson().id).await;
    }
    original.sync().await.receipted(8);
    let theirs = original.events().await;

    // A backup is put back. Before anything new is recorded it is told so, and gets back what it lost.
    backup.sync().await.done();
    assert_eq!(alarms(&backup).await, [AlarmCode::Restored]);
    let own = backup.events().await;
    assert_eq!(own[..theirs.len()], theirs[..]);
    // It also signed the time that it heard, at the first free position.
    let twice = (own.len() - at) as u64;
    let status: StatusView = backup.call("status", json!({})).await;
    assert!(!status.suspended, "nothing has happened");
    assert_eq!(town.count("parked"), 0);

    // Another one goes on recording before it hears: two histories, found at the first position where
    // they differ.
    let backup = silent;
    town.set_clock(district::FIRST_MORNING_MS + 7 * 3_600_000);
    for _ in 0..5 {
        let _ended: ipc::LessonView = backup.call("close_lesson", lesson.clone()).await;
        backup.open(first_lesson().id).await;
    }
    backup.sync().await.done();
    assert_eq!(alarms(&backup).await, [AlarmCode::Forked]);
    let own = backup.events().await;
    assert_eq!(own[at - 1], theirs[at - 1]);
    assert_ne!(own[at], theirs[at]);
    let raised = backup.shell.device().with(|device| device.alarms()).await.unwrap();
    assert_eq!(raised[0].subject, Some(own[at].0), "{}", raised[0].detail);

    // Both signed events are kept, the device is set aside, and nothing is deleted anywhere.
    let both: Vec<Vec<u8>> = [
        "SELECT bytes FROM parked WHERE reason = 'fork' ORDER BY rowid".to_owned(),
        format!("SELECT bytes FROM leaf JOIN event USING (leaf_index) WHERE seq = {at}"),
    ]
    .map(|sql| town.database().query_row(&sql, [], |row| row.get(0)).unwrap())
    .into();
    assert_eq!(both, [own[at].1.clone(), theirs[at].1.clone()]);
    assert_eq!(backup.status().await.events, 14);
    let status: StatusView = backup.call("status", json!({})).await;
    let counts: Vec<_> = status.parked.iter().map(|one| (one.reason, one.count)).collect();
    assert_eq!(counts.len(), 2);
    for expected in [(ParkedReason::Fork, twice), (ParkedReason::Suspended, 10 - twice)] {
        assert!(counts.contains(&expected), "{counts:?}");
    }
    backup.sync().await.done();
    let status: StatusView = backup.call("status", json!({})).await;
    assert!(status.suspended, "the screen says so");
    assert_eq!(alarms(&backup).await.len(), 1, "it is said once");
}

#[tokio::test]
async fn fork_among_events_that_were_receipted_is_found_by_halving() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    let original = town.enrol(&chess_teacher(), &network.address).await;
    let lesson = json!({ "lesson": first_lesson().id });
    let turn = |phone: Phone, times: usize| {
        let lesson = lesson.clone();
        async move {
            for _ in 0..times {
                phone.open(first_lesson().id).await;
                let _ended: ipc::LessonView = phone.call("close_lesson", lesson.clone()).await;
            }
        }
    };
    turn(original.clone(), 10).await;
    let copy = town.clone_phone(&original);
    let at = copy.events().await.len();
    turn(original.clone(), 30).await;
    assert_eq!(original.sync().await.done().parked, 0);
    town.set_clock(district::FIRST_MORNING_MS + 7 * 3_600_000);
    turn(copy.clone(), 30).await;
    let _before = network.take_asked();
    copy.sync().await.done();
    let asked = network.take_asked();
    let questions = asked.iter().filter(|line| line.starts_with("GET /v1/chain/")).count();
    assert!((2..=8).contains(&questions), "80 positions need about 7 questions: {asked:?}");
    let raised = copy.shell.device().with(|device| device.alarms()).await.unwrap();
    let own = copy.events().await;
    assert_eq!(raised.len(), 1);
    assert_eq!((raised[0].code, raised[0].subject), (AlarmCode::Forked, Some(own[at].0)));
    assert_eq!(town.count("parked WHERE reason = 'fork'"), 60);
}

#[tokio::test]
async fn event_that_has_a_receipt_is_sent_as_evidence_if_another_took_its_place() {
    let mut town = Town::found().await;
    let original = town.teacher().await;
    original.open(first_lesson().id).await;
    original.sync().await.receipted(1);
    let copy = town.clone_phone(&original);
    let at = copy.events().await.len();
    town.keep_backup().await;
    for child in 1..=2 {
        original.scan(first_lesson().id, &town.card(child)).await.kept();
    }
    original.sync().await.receipted(2);
    // The server is put back, and the copy takes the places that the original had.
    town.restore_backup().await;
    copy.scan(first_lesson().id, &town.card(3)).await.kept();
    assert_eq!(copy.sync().await.done().parked, 0);
    assert!(town.count(&format!("event WHERE seq = {at}")) > 0);

    // Its own event waits for nothing any more: only the comparison brings it up.
    assert_eq!(original.status().await.not_sent, 0);
    let _not_believed = original.sync().await;
    let own = original.events().await;
    let kept: Vec<u8> = town
        .database()
        .query_row("SELECT bytes FROM parked WHERE reason = 'fork'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, own[at].1);
    assert!(alarms(&original).await.contains(&AlarmCode::Forked));
    assert_eq!(original.status().await.not_receipted, 0, "what has a receipt keeps it");
}

#[tokio::test]
async fn sync_succeeded_is_never_shown_after_a_timeout() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    let tablet = busy_tablet(&town, &network.address).await;
    let before: StatusView = tablet.call("status", json!({})).await;
    for place in ["/v1/hello", "/v1/batch/", "/log/checkpoint"] {
        // Each of them in turn does its work at the server, and its answer never arrives.
        network.cut_after(place, 0);
        town.set_clock(district::FIRST_MORNING_MS + 2 * 3_600_000);
        assert_eq!(tablet.refused("sync", json!({})).await, ErrorCode::Offline, "{place}");
        let after: StatusView = tablet.call("status", json!({})).await;
        assert_eq!(after.last_sync_ms, before.last_sync_ms, "{place}");
        let error = after.last_sync_error.map(|error| error.code);
        assert_eq!(error, Some(ErrorCode::Offline), "{place}");
    }
    network.mend();
    tablet.sync().await.done();
    let after: StatusView = tablet.call("status", json!({})).await;
    assert_eq!((after.last_sync_error, after.not_receipted), (None, 0));
    assert!(after.last_sync_ms > before.last_sync_ms);
}

#[tokio::test]
async fn count_on_the_phone_equals_the_payers_with_a_reason_for_each_difference() {
    let town = Town::found().await;
    let network = LossyProxy::before(&town.address()).await;
    let original = busy_tablet(&town, &network.address).await;
    let copy = town.clone_phone(&original);
    original.sync().await.receipted(4);
    town.set_clock(district::FIRST_MORNING_MS + 3 * 3_600_000);
    let lesson = json!({ "lesson": first_lesson().id });
    let _ended: ipc::LessonView = copy.call("close_lesson", lesson.clone()).await;
    let _ended: ipc::LessonView = original.call("close_lesson", lesson).await;
    network.cut_after("/v1/batch/", 1);
    original.sync().await.offline();
    network.mend();
    copy.sync().await.done();
    // One is sent and its receipt was lost, one was put aside, and one is not sent at all.
    copy.open(first_lesson().id).await;

    let coordinator = town.coordinator().await;
    for phone in [&original, &copy] {
        let chain: ChainResponse = ask(&town, phone, "chain/0/1000").await;
        let parked: OwnParkedResponse = ask(&town, phone, "chain/parked").await;
        let states = phone.shell.device().with(|device| device.states()).await.unwrap();
        for (at, state) in states.iter().enumerate() {
            let logged = chain.events.iter().find(|event| event.event.0 == state.hash);
            let aside = parked.parked.iter().find(|event| event.event.0 == state.hash);
            match state.state.as_str() {
                "receipted" | "witnessed" | "stored" | "duplicate" => {
                    assert!(logged.is_some() && aside.is_none(), "record {at}");
                }
                "parked" => {
                    let reason = aside.map(|event| event.reason.clone());
                    assert!(logged.is_none(), "record {at}");
                    assert_eq!(reason, state.reason, "record {at}");
                }
                "recorded" | "deferred" => {
                    assert!(logged.is_none() && aside.is_none(), "record {at}: not sent");
                }
                other => panic!("no reason for record {at}: {other}"),
            }
        }
        let status: StatusView = phone.call("status", json!({})).await;
        let aside: u64 = status.parked.iter().map(|one| one.count).sum();
        assert_eq!(status.events, status.receipted + status.sent + status.not_sent + aside);
        let logged = |state: &&device::EventState| {
            ["receipted", "witnessed", "stored", "duplicate"].contains(&state.state.as_str())
        };
        let own: Vec<Hash> = states.iter().map(|state| state.hash).collect();
        let here = chain.events.iter().filter(|event| own.contains(&event.event.0)).count();
        assert_eq!(states.iter().filter(logged).count(), here);
    }
    let status: StatusView = copy.call("status", json!({})).await;
    assert_eq!((status.events, status.receipted, status.sent, status.not_sent), (6, 4, 0, 1));

    // The payer's board says the same of the device that both of them claim to be.
    let board: BoardResponse = ask(&town, &coordinator, "board").await;
    let line = board.devices.iter().find(|line| line.name == "Chess tablet").expect("its line");
    let status: StatusView = original.call("status", json!({})).await;
    assert_eq!((status.receipted, status.sent), (4, 1));
    assert_eq!(line.events, original.events().await.len() as u64);
    let reasons: Vec<_> = line.parked.iter().map(|one| (one.reason.as_str(), one.count)).collect();
    assert_eq!(reasons, [("fork", 1)]);
    coordinator.sync().await.done();
    let view = coordinator.board().await;
    let line = view.devices.iter().find(|line| line.name == "Chess tablet").expect("its line");
    assert!(line.suspended);
    assert_eq!(
        line.parked.iter().map(|one| (one.reason, one.count)).collect::<Vec<_>>(),
        [(ParkedReason::Fork, 1)]
    );
}

/// Waits for something that happens behind; fails if it does not, within ten seconds.
async fn until<F: Future<Output = bool>>(mut there: impl FnMut() -> F) {
    for _ in 0..200 {
        if there().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not happen");
}
