//! Signals of a real month: recorded by devices, asked of a server's directory, of its route, and of the
//! audit bundle alone.

use std::path::Path;

use attendance::{CardClaims, EventKind, LessonId, UnverifiedEvent, is_drawn, issue_card};
use ipc::MonthState;
use seal::Hash;
use serde_json::{Value, json};
use server::CardReason;
use sync_api::{SIGNAL_ROWS_MAX, SignalsResponse};
use system_tests::{Phone, Town, chess_teacher, district};

use crate::qatysu::run;

/// The rate with which the drawing is looked at: at 2 % a month of one group may have nothing drawn.
const HALF: u32 = 500;

/// A month of chess. The tablet meets the server before each lesson; heads are counted in every second
/// one, once two too many; child 3 is marked by hand throughout and its family says nothing.
async fn month_of_chess(town: &Town) -> Phone {
    let teacher = town.teacher().await;
    let parent = town.parent(&[1]).await;
    for (number, lesson) in district::lessons(district::CHESS).iter().enumerate() {
        town.set_clock(lesson.start_ms - 60_000);
        teacher.sync().await.done();
        town.set_clock(lesson.start_ms);
        teacher.open(lesson.id).await;
        for child in 1..=2 {
            teacher.scan(lesson.id, &town.card(child)).await.kept();
        }
        let by_hand = json!({
            "lesson": lesson.id.to_string(), "child": district::child(3).to_string(),
            "reason": "card_forgotten",
        });
        drop(teacher.call::<Value>("record_manual", by_hand).await);
        if number % 2 == 0 {
            let count = if number == 4 { 5 } else { 3 };
            let headcount = json!({ "lesson": lesson.id.to_string(), "count": count });
            drop(teacher.call::<Value>("record_headcount", headcount).await);
        }
    }
    teacher.sync().await.done();
    parent.sync().await.done();
    for visit in parent.visits().await {
        drop(
            parent
                .call::<Value>("answer_visit", json!({ "visit": visit.event, "answer": "was" }))
                .await,
        );
    }
    parent.sync().await.done();
    teacher
}

/// The lessons that a device opened, with the root that each opening names.
async fn roots_of(teacher: &Phone) -> Vec<(LessonId, Option<Hash>)> {
    let events = teacher.events().await.into_iter();
    let events = events.map(|(_, bytes)| UnverifiedEvent::parse(&bytes).expect("an own event"));
    let opened = events.filter(|one| one.event().kind == EventKind::LessonOpen);
    opened.map(|one| (one.event().lesson.expect("a lesson"), one.event().evidence)).collect()
}

fn asked(arguments: &[&str]) -> SignalsResponse {
    let rate = format!("spot_check_per_mille={HALF}");
    let said = run(&[&["signals", "--json", "--set", &rate], arguments].concat()).with(0);
    serde_json::from_str(&said).expect("the shape of the API")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

/// The same rows, except where only a server knows more.
fn assert_same(of_bundle: &SignalsResponse, of_server: &SignalsResponse) {
    assert!(of_server.close_leaf.is_some());
    assert_eq!(of_bundle.close_leaf, of_server.close_leaf);
    assert_eq!(of_bundle.spot_checks, of_server.spot_checks);
    assert_eq!(of_bundle.signals.len(), of_server.signals.len());
    let mut compared = 0;
    for (bundle, server) in of_bundle.signals.iter().zip(&of_server.signals) {
        assert_eq!((&bundle.name, &bundle.thresholds), (&server.name, &server.thresholds));
        if bundle.missing == server.missing {
            assert_eq!(bundle, server);
            compared += 1;
        } else {
            assert!(bundle.found <= server.found, "{bundle:?}\n{server:?}");
        }
    }
    assert!(compared >= 20, "{compared} signals rest on the log alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_month_has_the_same_signals_in_the_directory_the_route_and_the_bundle() {
    let town = Town::found().await;
    let teacher = month_of_chess(&town).await;
    let coordinator = town.coordinator().await;
    drop(coordinator.call::<Value>("close_month", json!({ "month": district::MONTH })).await);
    town.until(&coordinator, MonthState::Closed).await;

    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bundle.json");
    let bundle = coordinator.shell.fetch_file("bundle/2026-09").await.unwrap();
    std::fs::write(&file, &bundle).unwrap();
    let data = town.server_dir();
    let of_server = asked(&["--data", text(&data), "--month", "2026-09"]);
    let of_bundle = asked(&["--bundle", text(&file)]);

    assert_same(&of_bundle, &of_server);
    let signal = |name: &str| {
        let found = of_server.signals.iter().find(|one| one.name == name);
        found.unwrap_or_else(|| panic!("{name}"))
    };
    let lessons = district::lessons(district::CHESS);
    let by_hand = &signal("manual_share_child").rows;
    assert_eq!(by_hand.len(), 1);
    assert_eq!(by_hand[0].child, Some(district::child(3)));
    assert_eq!((by_hand[0].counted, by_hand[0].of), (13, Some(13)));
    let never = signal("never_signed").rows.iter().map(|row| row.child).collect::<Vec<_>>();
    assert_eq!(never, [Some(district::child(2)), Some(district::child(3))]);
    let mismatch = &signal("headcount_mismatch").rows;
    assert_eq!(mismatch.len(), 1);
    assert_eq!(mismatch[0].lesson, Some(lessons[4].id));
    assert_eq!((mismatch[0].counted, mismatch[0].of), (2, Some(3)), "five heads, three marks");
    assert_eq!(signal("spot_check_root").rows, [], "every opening can be drawn again");

    // What is drawn is what the tablet's own roots draw.
    let roots = roots_of(&teacher).await;
    assert_eq!(roots.len(), 13);
    let draws = |rate: u32| -> Vec<LessonId> {
        let drawn = roots.iter().filter(|(lesson, root)| {
            is_drawn(*lesson, root.expect("it met the server before"), rate)
        });
        drawn.map(|(lesson, _)| *lesson).collect()
    };
    let mut expected = draws(HALF);
    expected.sort();
    let checks = &of_server.spot_checks;
    let mut drawn: Vec<LessonId> = checks.lessons.iter().map(|one| one.lesson).collect();
    drawn.sort();
    assert_eq!((checks.openings, checks.with_root), (13, 13));
    assert_eq!(drawn, expected);
    let missing =
        signal("spot_check_missing").rows.iter().map(|row| row.lesson).collect::<Vec<_>>();
    for one in &checks.lessons {
        let number = lessons.iter().position(|lesson| lesson.id == one.lesson).unwrap();
        assert_eq!(one.counted.is_some(), number % 2 == 0);
        assert_eq!(missing.contains(&Some(one.lesson)), number % 2 == 1);
        assert!(one.size <= one.opened.leaf.unwrap());
    }
    // The route has the thresholds in force, and the tablet's own list of lessons to be counted.
    let token = town.wire().hello(&coordinator.hello().await).await.token;
    let of_route: SignalsResponse = town.wire().get("signals/2026-09", Some(&token)).await.fine();
    let asked_of_teacher = teacher
        .shell
        .device()
        .with(move |device| {
            let lessons = roots.into_iter().map(|(lesson, _)| lesson);
            lessons.filter(|one| device.is_spot_checked(*one).expect("it reads")).count() as u64
        })
        .await;
    assert_eq!(of_route.spot_checks.drawn, asked_of_teacher);
    assert_eq!(of_route.signals.len(), of_server.signals.len());
    for (route, server) in of_route.signals.iter().zip(&of_server.signals) {
        assert!(route.rows.len() <= SIGNAL_ROWS_MAX);
        assert_eq!(route.found, route.rows.len() as u64 + route.more);
        if !route.thresholds.contains_key("spot_check_per_mille") {
            assert_eq!(route.rows, server.rows, "{}", route.name);
        }
    }
    // Whoever looked is written down; no name is in any of it.
    assert_eq!(town.count("view_log WHERE what = 'signals' AND role = 'operator'"), 1);
    assert_eq!(town.count("view_log WHERE what = 'signals' AND role = 'coordinator'"), 1);
    let all = serde_json::to_string(&(&of_server, &of_route)).unwrap();
    assert!(district::NAMES.iter().all(|name| !all.contains(name)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signals_speak_to_people_refuse_what_cannot_be_and_end_well_whatever_they_find() {
    let town = Town::found().await;
    month_of_chess(&town).await;
    let data = town.server_dir();
    let data = text(&data);
    let list = run(&["signals", "--list"]).with(0);
    assert!(
        list.contains("burst_scans_max = 8") && list.contains("scan_burst (R9, 48; R10)"),
        "{list}"
    );
    let said = run(&["signals", "--data", data, "--month", "2026-09", "--limit", "1"]).with(0);
    assert!(said.contains("month     2026-09, open"), "{said}");
    assert!(said.contains("manual_share_child"), "{said}");
    assert!(said.contains("spot checks            13 openings, 13 name a root"), "{said}");
    assert!(said.contains("and 1 more"), "two families never answered: {said}");
    let only = ["signals", "--data", data, "--month", "2026-09", "--only", "never_signed"];
    assert!(!run(&only).with(0).contains("manual_share_child"));
    let tried = run(&[&only[..], &["--set", "unsigned_visits_min=14"]].concat()).with(0);
    assert!(tried.contains("never_signed              0 of"), "{tried}");
    let refused = run(&[&only[..], &["--set", "payout_policy=1"]].concat()).with(1);
    assert!(refused.contains("is no threshold"), "{refused}");
    run(&["signals", "--data", data, "--month", "2031-01"]).with(0);
    run(&["signals", "--data", data, "--month", "2020-01"]).with(1);
    run(&["signals", "--data", data, "--only", "punish"]).with(2);
    run(&["signals", "--data", "/nowhere/at/all", "--month", "2026-09"]).with(3);
    let before = (town.count("leaf"), town.count("ledger_entry"));
    run(&["signals", "--data", data, "--month", "2026-09", "--inspection", "2026-09-15"]).with(0);
    assert_eq!((town.count("leaf"), town.count("ledger_entry")), before, "nothing is written");
}

/// A card of a child with an id and a place of its own.
fn card(town: &Town, child: u8, id: u8, status_index: u32) -> (Vec<u8>, String) {
    let claims =
        CardClaims { card: district::card(id), status_index, ..system_tests::claims(child) };
    let issued = issue_card(town.card_key(), &claims).expect("a software key signs");
    (issued.bytes, issued.text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copied_tablet_silent_tablet_and_cards_that_were_replaced_or_stopped_are_signals() {
    let town = Town::found().await;
    let (old, replaced) = card(&town, 1, 1, 71);
    let (lost, stopped) = card(&town, 2, 2, 72);
    town.server().log_cards(&[old, lost]).await.unwrap();
    let teacher = town.teacher().await;
    let lessons = district::lessons(district::CHESS);
    // On the first day one card is replaced and one is stopped; another tablet meets the server then.
    town.set_clock(lessons[0].start_ms);
    let (new, _) = card(&town, 1, 9, 79);
    town.server().log_cards(&[new]).await.unwrap();
    town.server().revoke_card(district::card(2), CardReason::Lost).await.unwrap();
    let other = town.enrol(&chess_teacher(), &town.address()).await;
    other.open(lessons[0].id).await;
    other.sync().await.done();
    // The silent tablet hears of nothing, and takes both cards for two weeks. Somebody has copied it.
    let copy = town.clone_phone(&teacher);
    for lesson in &lessons[..6] {
        town.set_clock(lesson.start_ms);
        teacher.open(lesson.id).await;
        teacher.scan(lesson.id, &replaced).await.kept();
        teacher.scan(lesson.id, &stopped).await.kept();
    }
    copy.open(lessons[5].id).await;
    copy.scan(lessons[5].id, &stopped).await.kept();
    town.set_clock(lessons[11].start_ms);
    teacher.sync().await.done();
    copy.sync().await.done();

    let data = town.server_dir();
    let found =
        asked(&["--data", text(&data), "--month", "2026-09", "--set", "bulk_events_min=10"]);
    let rows = |name: &str| {
        let found = found.signals.iter().find(|one| one.name == name);
        found.unwrap_or_else(|| panic!("{name}")).rows.clone()
    };
    let tablet = teacher.shell.device().with(|device| device.id()).await;
    let put_aside = rows("chain_trouble");
    assert!(!put_aside.is_empty() && put_aside.iter().all(|row| row.device == Some(tablet)));
    assert!(
        put_aside.iter().any(|row| row.note.as_ref().is_some_and(|note| note.contains("fork")))
    );
    assert!(put_aside.iter().all(|row| row.behind[0].leaf.is_none()), "it is not in the log");
    let late = rows("late_share");
    assert_eq!((late.len(), late[0].counted, late[0].of), (1, 12, Some(12)));
    let bulk = rows("bulk_after_silence");
    assert_eq!(bulk.iter().map(|row| row.device).collect::<Vec<_>>(), [Some(tablet)]);
    assert!(bulk[0].counted >= 18, "{bulk:?}");
    // From the lesson on that is more than three days after the decision: the third.
    for (name, child) in [("card_after_reissue", 1), ("card_after_stop", 2)] {
        let rows = rows(name);
        assert!(rows.iter().all(|row| row.child == Some(district::child(child))), "{name}");
        let shown: Vec<_> = rows.iter().map(|row| row.lesson).collect();
        let expected: Vec<_> = lessons[2..6].iter().map(|lesson| Some(lesson.id)).collect();
        assert_eq!(shown, expected, "{name}: {rows:?}");
    }
}
