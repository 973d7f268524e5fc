//! A lesson that is not held, moved or officially cancelled, and a dispute that the district decides: from
//! one screen to the others, and into the sums.

use device::LessonChange;
use ipc::{Answer, BoardView, Cancelled, DayState, ErrorCode, LessonView, SheetView, TodayView};
use serde_json::{Value, json};
use system_tests::{Phone, Town, district};

const HOUR_MS: i64 = 3_600_000;

/// A town whose rules read what is said of lessons and visits.
async fn town() -> Town {
    let mut district = system_tests::the_district();
    district.snapshot.params[0].fold_edition = ledger::FoldEdition::Second;
    Town::found_for(&district).await
}

async fn change(phone: &Phone, lesson: attendance::LessonId, change: Value) -> LessonView {
    phone.call("change_lesson", json!({ "lesson": lesson, "change": change })).await
}

async fn today(phone: &Phone) -> Vec<LessonView> {
    phone.call::<TodayView>("today", json!({})).await.lessons
}

async fn sheet(parent: &Phone) -> SheetView {
    let mut sheets: Vec<SheetView> = parent.call("sheets", json!({})).await;
    sheets.retain(|sheet| sheet.month == district::MONTH);
    sheets.remove(0)
}

#[tokio::test]
async fn a_change_of_a_lesson_reaches_the_family_and_the_sums() {
    let town = town().await;
    let [first, second, third, ..] = district::lessons(district::CHESS)[..] else {
        panic!("a month of lessons")
    };
    town.set_clock(first.start_ms);
    let (tablet, coordinator) = (town.teacher().await, town.coordinator().await);
    let parent = town.parent(&[1]).await;
    for phone in [&tablet, &coordinator, &parent] {
        phone.sync().await.done();
    }

    // The teacher says that the first is not held and that the second is an hour later.
    let shown = change(&tablet, first.id, json!({ "not_held": {} })).await;
    assert_eq!(shown.cancelled, Some(Cancelled::Provider));
    let to_ms = second.start_ms + HOUR_MS;
    let shown = change(&tablet, second.id, json!({ "move": { "to_ms": to_ms } })).await;
    assert_eq!((shown.start_ms, shown.moved_from_ms), (to_ms, Some(second.start_ms)));
    assert_eq!(today(&tablet).await[0].cancelled, Some(Cancelled::Provider), "before any sync");
    // The district cancels the third by an act, which is no teacher's to say.
    let act = LessonChange::Cancel {
        why: attendance::Cancellation::Weather,
        document: Some("act 7".to_owned()),
    };
    let official = act.clone();
    let refused =
        tablet.shell.device().with(move |device| device.change_lesson(third.id, &official)).await;
    assert!(refused.is_err());
    let recorded =
        coordinator.shell.device().with(move |device| device.change_lesson(third.id, &act)).await;
    recorded.expect("a coordinator of the district may");
    tablet.sync().await.done();
    coordinator.sync().await.done();

    // Everybody has it with the next sync: the tablet by its roster, the family on its sheet.
    parent.sync().await.done();
    tablet.sync().await.done();
    town.set_clock(to_ms);
    let again = today(&tablet).await;
    assert_eq!(again.len(), 1, "{again:?}");
    assert_eq!((again[0].start_ms, again[0].moved_from_ms), (to_ms, Some(second.start_ms)));
    tablet.open(second.id).await;
    tablet.scan(second.id, &town.card(1)).await.kept();
    tablet.sync().await.done();
    parent.sync().await.done();
    let sheet = sheet(&parent).await;
    let states: Vec<_> = sheet.days.iter().take(3).map(|day| day.state).collect();
    assert_eq!(states, [DayState::NotHeld, DayState::Awaiting, DayState::CancelledOfficial]);
    assert_eq!(sheet.planned as usize, district::lessons(district::CHESS).len() - 1);

    // And the payer has the same.
    let visit = &parent.visits().await[0];
    let was = json!({ "visit": visit.event, "answer": Answer::Was });
    drop(parent.call::<Value>("answer_visit", was).await);
    parent.sync().await.done();
    coordinator.sync().await.done();
    let board = coordinator.board().await;
    let month = board.months.iter().find(|month| month.month == district::MONTH);
    let month = month.expect("the month");
    assert_eq!((month.visits, month.confirmed), (1, 1), "it counts at its new time");
    assert!(month.accrued_tiyn > 0);
}

#[tokio::test]
async fn the_district_decides_about_a_dispute_on_its_board() {
    let town = town().await;
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    let tablet = town.teacher().await;
    tablet.open(lesson.id).await;
    let visit = tablet.scan(lesson.id, &town.card(1)).await.kept();
    tablet.sync().await.done();
    let parent = town.parent(&[1]).await;
    parent.sync().await.done();
    let answer = json!({ "visit": visit, "answer": Answer::WasNot });
    drop(parent.call::<Value>("answer_visit", answer).await);
    parent.sync().await.done();

    let coordinator = town.coordinator().await;
    coordinator.sync().await.done();
    let month = |board: BoardView| {
        board.months.into_iter().find(|month| month.month == district::MONTH).expect("the month")
    };
    let waiting = month(coordinator.board().await);
    let [line] = &waiting.undecided[..] else { panic!("{waiting:?}") };
    assert_eq!((line.event.as_str(), line.conflict, line.decided), (visit.as_str(), false, None));
    assert!(line.decide_until.is_some());
    assert_eq!((waiting.disputed, waiting.confirmed), (1, 0));

    let decide = |document: &str| json!({ "visit": visit, "was": true, "finding": "evidence", "document": document });
    assert_eq!(coordinator.refused("decide_visit", decide(" ")).await, ErrorCode::MonthRefused);
    assert_eq!(tablet.refused("decide_visit", decide("act 9")).await, ErrorCode::NotAllowed);
    let board: BoardView = coordinator.call("decide_visit", decide("act 9")).await;
    let decided = month(board);
    assert_eq!(decided.undecided, [], "it was sent at once");
    assert_eq!((decided.disputed, decided.confirmed), (0, 1));
    assert!(decided.accrued_tiyn > waiting.accrued_tiyn);
}
