//! What nobody handed over is listed, waits, and comes back.

use ipc::MonthState;
use seal::Sign1;
use server::ServerClock;
use server::rebuild::{Order, Source};
use sync_api::{Base64, HELLO_DOMAIN, HelloClaims, HelloRequest, ProblemKind};
use system_tests::{Pen, Town, district};

use super::{HalfMonth, Left, close, confirm_all, export, halves, lost_leaves, rebuild};

/// The places of a device's events in the log, before the loss.
async fn places(phone: &system_tests::Phone) -> Vec<u64> {
    let mut places = Vec::new();
    for (event, _) in phone.events().await {
        let proof = phone
            .shell
            .device()
            .with(move |device| device.proof(event))
            .await
            .expect("the device is readable");
        places.push(proof.expect("it is receipted").leaf_index);
    }
    places
}

async fn without_the_second_family(scene: &mut HalfMonth) -> (Left, Vec<Source>) {
    let left = scene.lose(true).await;
    let sources = vec![
        export(&scene.teacher, "teacher.export").await,
        export(&scene.first, "first.export").await,
    ];
    (left, sources)
}

#[tokio::test]
async fn holes_are_listed_exactly_and_filled_by_the_export_that_was_missing() {
    let mut scene = HalfMonth::record_unseen().await;
    let expected = places(&scene.second).await;
    let (left, sources) = without_the_second_family(&mut scene).await;
    let report = rebuild(&scene.order(&left, sources)).await;
    assert!(report.written, "{report:?}");
    // A tag list that covers a lost leaf cannot be made again: it is lost with it.
    let lost = lost_leaves(&report);
    let events: Vec<u64> = lost.iter().copied().filter(|leaf| expected.contains(leaf)).collect();
    assert_eq!(events, expected);
    assert!(report.lost.iter().all(|range| range.hash_known), "{report:?}");
    assert!(lost.len() <= expected.len() + 3, "{report:?}");
    let second = scene.second_id().await;
    let unknown = report.chains.iter().find(|chain| chain.device == second);
    assert!(unknown.is_none(), "nobody handed over the family's certificate");

    // The server works; the family is known again by its certificate, and its answers wait.
    scene.town.start_server().await;
    assert_eq!(scene.town.wire().get("checkpoint", None).await.text(), left.note);
    let (_, late) = halves();
    scene.meet(&late, false).await;
    confirm_all(&scene.second).await;
    let waiting = scene.second.status().await;
    assert_eq!(waiting.alarms, 0);
    let events = scene.second.events().await.len() as u64;
    assert_eq!(events, expected.len() as u64 + late.len() as u64);

    // No month is closed over a log with holes.
    scene.town.set_clock(district::MAY_CLOSE_MS);
    close(&scene.coordinator).await;
    scene.coordinator.sync().await.receipted(1);
    scene.town.server().close_due_months().await.unwrap();
    assert_eq!(scene.town.count("tranche"), 0);

    // The missing export turns up.
    let found = vec![export(&scene.second, "second.export").await];
    let fill =
        Order { data: scene.town.server_dir(), published: vec![], ..scene.order(&left, found) };
    let report = server::rebuild::fill(&fill, &mut |_| ()).await.unwrap();
    assert!(report.written && report.lost.is_empty(), "{report:?}");
    scene.second.sync().await.receipted(late.len() as u64);
    scene.town.server().close_due_months().await.unwrap();
    let month = scene.town.until(&scene.coordinator, MonthState::Closed).await;
    assert!(month.tranche.is_some());
    scene.assert_calm().await;
    // Filling it once more changes nothing.
    let again = vec![export(&scene.second, "second.export").await];
    let again = Order { published: vec![], ..scene.order(&left, again) };
    let report = server::rebuild::fill(&again, &mut |_| ()).await.unwrap();
    assert!(!report.written && report.lost.is_empty(), "{report:?}");
}

#[tokio::test]
async fn answers_that_the_teacher_was_shown_come_back_with_its_export() {
    let mut scene = HalfMonth::record().await;
    let of_second = places(&scene.second).await;
    let (left, sources) = without_the_second_family(&mut scene).await;
    let report = rebuild(&scene.order(&left, sources)).await;
    assert!(report.written && report.refused.is_empty(), "{report:?}");
    let lost = lost_leaves(&report);
    let back = of_second.iter().filter(|leaf| !lost.contains(leaf)).count();
    // The first half of what both families said had come to the tablet; the signed time of the family's
    // phone and its last answers had not.
    let (early, _) = halves();
    assert_eq!(back, early.len() / 2, "{report:?}");
    scene.town.start_server().await;
    let second = scene.second_id().await;
    assert_eq!(
        scene.town.count(&format!("event WHERE hex(device) = upper('{second}')")),
        i64::try_from(back).unwrap()
    );
}

#[tokio::test]
async fn what_is_given_up_is_written_down_and_the_month_is_closed_without_it() {
    let mut scene = HalfMonth::record_unseen().await;
    let (left, sources) = without_the_second_family(&mut scene).await;
    let report = rebuild(&scene.order(&left, sources)).await;
    let lost = lost_leaves(&report).len() as u64;
    scene.town.start_server().await;
    scene.town.set_clock(district::MAY_CLOSE_MS);
    close(&scene.coordinator).await;
    scene.coordinator.sync().await.receipted(1);
    scene.town.server().close_due_months().await.unwrap();
    assert_eq!(scene.town.count("tranche"), 0);

    let (data, clock) = (scene.town.server_dir(), ServerClock::system());
    let given_up = server::rebuild::give_up(&data, "the phone was lost", clock).await.unwrap();
    assert_eq!(given_up, lost);
    scene.town.server().close_due_months().await.unwrap();
    let month = scene.town.until(&scene.coordinator, MonthState::Closed).await;
    assert!(month.awaiting > 0, "the second family's answers are lost, its visits are not");
    assert_eq!(scene.town.count("given_up_leaf"), i64::try_from(lost).unwrap());
    scene.assert_calm().await;
}

#[tokio::test]
async fn device_that_is_not_known_must_prove_that_the_certificate_is_its_own() {
    let mut scene = HalfMonth::record_unseen().await;
    let (left, sources) = without_the_second_family(&mut scene).await;
    rebuild(&scene.order(&left, sources)).await;
    scene.town.start_server().await;
    let wire = scene.town.wire();
    let enrolled = scene.second.shell.device().with(|device| {
        let enrolled = device.enrolment().expect("it is enrolled");
        Base64(enrolled.certificate_bytes().to_vec())
    });
    let certificate = enrolled.await;
    let honest = scene.second.hello().await;
    let by_nobody = wire.post("hello", &honest).await.problem();
    assert_eq!(by_nobody.kind, ProblemKind::NotRecognised, "no certificate, no device");

    // Somebody who saw the certificate signs with another key.
    let thief = Pen::new(77).hello(district::FIRST_MORNING_MS);
    let stolen = HelloRequest { certificate: Some(certificate.clone()), ..thief };
    assert_eq!(wire.post("hello", &stolen).await.problem().kind, ProblemKind::NotRecognised);
    let claims = HelloClaims {
        device: scene.second_id().await,
        seq_next: 0,
        head: seal::sha256(b"any"),
        wall_ms: district::FIRST_MORNING_MS,
        version: "0.1.0".to_owned(),
        mono_ms: None,
        boot: None,
    };
    let (thief, payload) = (system_tests::key(77), seal::to_canonical(&claims));
    let claims = Sign1::seal(&thief, HELLO_DOMAIN, payload).unwrap().to_bytes();
    let posing = HelloRequest { claims: Base64(claims), certificate: Some(certificate.clone()) };
    assert_eq!(wire.post("hello", &posing).await.problem().kind, ProblemKind::NotRecognised);
    // A certificate of another town's authority.
    let other = Town::found().await;
    let stranger = other.parent(&[2]).await;
    let foreign = stranger.shell.device().with(|device| {
        let enrolled = device.enrolment().expect("it is enrolled");
        Base64(enrolled.certificate_bytes().to_vec())
    });
    let foreign = HelloRequest { certificate: Some(foreign.await), ..stranger.hello().await };
    assert_eq!(wire.post("hello", &foreign).await.problem().kind, ProblemKind::NotRecognised);
    let devices = scene.town.count("device");

    let shown = HelloRequest { certificate: Some(certificate), ..honest };
    assert_eq!(wire.post("hello", &shown).await.status, 200);
    assert_eq!(scene.town.count("device"), devices + 1);
}

#[tokio::test]
async fn event_that_was_sent_again_after_the_loss_stays_in_the_log_once() {
    let mut scene = HalfMonth::record().await;
    // The teacher's last scan is logged, and the answer is lost on the way: there is no receipt.
    let (_, late) = halves();
    scene.town.set_clock(late[0].start_ms);
    scene.teacher.open(late[0].id).await;
    scene.teacher.sync().await.receipted(1);
    scene.teacher.scan(late[0].id, &scene.town.card(1)).await.kept();
    let (_, bytes) = scene.teacher.events().await.pop().unwrap();
    let sent = system_tests::batch_of([bytes.as_slice()]);
    assert_eq!(scene.town.carrier().await.put_batch(sent).await.status, 200);
    scene.first.sync().await.done();
    let left = scene.lose(true).await;
    let sources = vec![
        export(&scene.teacher, "teacher.export").await,
        export(&scene.second, "second.export").await,
    ];
    let report = rebuild(&scene.order(&left, sources)).await;
    assert!(report.written, "{report:?}");
    let teacher = report.chains.iter().find(|chain| chain.to_come > 0).expect("the teacher's");
    assert_eq!(teacher.to_come, 1, "{report:?}");
    scene.town.start_server().await;
    scene.teacher.sync().await.receipted(1);

    // The family saw the visit before, and brings everything back but that leaf.
    let found = vec![export(&scene.first, "first.export").await];
    let fill = Order { published: vec![], ..scene.order(&left, found) };
    let report = server::rebuild::fill(&fill, &mut |_| ()).await.unwrap();
    assert_eq!(lost_leaves(&report).len(), 1, "{report:?}");
    assert!(report.refused.iter().any(|refused| refused.why.contains("sent again")), "{report:?}");
    let (data, clock) = (scene.town.server_dir(), ServerClock::system());
    assert_eq!(server::rebuild::give_up(&data, "it is there twice", clock).await.unwrap(), 1);
    let twice = "(SELECT 1 FROM event GROUP BY device, seq HAVING count(*) > 1)";
    assert_eq!(scene.town.count(twice), 0);
    scene.first.sync().await.done();
    scene.assert_calm().await;
}

#[tokio::test]
async fn device_with_two_histories_stays_suspended() {
    let mut scene = HalfMonth::record().await;
    let copy = scene.town.clone_phone(&scene.teacher);
    let (_, late) = halves();
    scene.town.set_clock(late[0].start_ms);
    scene.teacher.open(late[0].id).await;
    scene.teacher.sync().await.receipted(1);
    scene.town.set_clock(late[0].start_ms + 1);
    copy.open(late[0].id).await;
    assert_eq!(copy.sync().await.done().parked, 1);
    let left = scene.lose(true).await;
    let sources = vec![
        export(&scene.teacher, "teacher.export").await,
        export(&copy, "copy.export").await,
        export(&scene.first, "first.export").await,
        export(&scene.second, "second.export").await,
    ];
    let report = rebuild(&scene.order(&left, sources)).await;
    assert!(report.written && report.lost.is_empty(), "{report:?}");
    let told = report.refused.iter().find(|refused| refused.source == "copy.export");
    assert!(told.expect("the copy").why.contains("two histories"), "{report:?}");
    assert_eq!(report.chains.iter().filter(|chain| chain.suspended).count(), 1);
    scene.town.start_server().await;
    assert!(scene.town.wire().hello(&scene.teacher.hello().await).await.suspended);
    assert_eq!(scene.town.count("parked WHERE reason = 'fork'"), 1);
}
