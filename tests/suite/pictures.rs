//! What the pictures of the pages are drawn from.

use ipc::{DayCell, DaysView, TodayView};
use serde_json::json;
use system_tests::{Town, district};

const HOUR_MS: i64 = 3_600_000;

#[tokio::test]
async fn teacher_sees_who_came_on_the_last_days_and_when_today() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let [first, second] = [0, 1].map(|number| district::lessons(district::CHESS)[number]);
    for lesson in [first, second] {
        town.set_clock(lesson.start_ms);
        teacher.open(lesson.id).await;
        teacher.scan(lesson.id, &town.card(1)).await.kept();
    }
    teacher.scan(second.id, &town.card(2)).await.kept();
    town.set_clock(second.start_ms + HOUR_MS);

    let today: TodayView = teacher.call("today", json!({})).await;
    // 16:00 at +05:00.
    assert_eq!(today.hours, [(16, 2)]);
    let tomorrow: TodayView = teacher.call("today", json!({ "ahead": 1 })).await;
    assert_eq!((tomorrow.ahead, tomorrow.hours), (1, Vec::new()));
    let far: TodayView = teacher.call("today", json!({ "ahead": 4_000_000_000_u32 })).await;
    assert_eq!(far.ahead, ipc::DAYS_AHEAD_MAX);

    let children: DaysView = teacher.call("days", json!({ "lesson": second.id })).await;
    assert_eq!(children.days, [first.start_ms, second.start_ms]);
    let cells = |number: usize| {
        let name = district::NAMES[number - 1];
        let row = children.rows.iter().find(|row| row.name == name).expect("a child of the group");
        row.cells.clone()
    };
    assert_eq!(cells(1), [DayCell::Present {}, DayCell::Present {}]);
    assert_eq!(cells(2), [DayCell::Absent {}, DayCell::Present {}]);
    assert_eq!(cells(3), [DayCell::Absent {}, DayCell::Absent {}]);
    let groups: DaysView = teacher.call("days", json!({ "lesson": null })).await;
    let [group] = &groups.rows[..] else { panic!("{} groups", groups.rows.len()) };
    assert_eq!(group.cells, [DayCell::Share { percent: 33 }, DayCell::Share { percent: 66 }]);
}

#[tokio::test]
async fn board_tells_what_of_a_device_waited_at_each_days_end() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &town.card(1)).await.kept();
    // Without a network for almost three days.
    town.set_clock(lesson.start_ms + 71 * HOUR_MS);
    teacher.sync().await.done();
    let id = teacher.shell.device().with(|device| device.id()).await;
    let board = town.server().board().await.expect("a board");
    let line = board.devices.iter().find(|line| line.device == id).expect("the tablet");
    let [before @ .., third, second, first, now] = &line.backlog_days[..] else {
        panic!("{:?}", line.backlog_days)
    };
    assert_eq!((before.len(), *third, *second, *first, *now), (10, 0, 2, 2, 0));
    assert!(before.iter().all(|count| *count == 0));
}
