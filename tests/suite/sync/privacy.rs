//! Who sees what.

use attendance::UnverifiedEvent;
use ipc::{Answer, ErrorCode};
use serde_json::json;
use sync_api::{ProblemKind, RosterResponse, VisitsResponse};
use system_tests::{Phone, Town, district};

use super::first_lesson;

async fn token(town: &Town, phone: &Phone) -> String {
    town.wire().hello(&phone.hello().await).await.token
}

#[tokio::test]
async fn parent_sees_only_visits_of_own_children() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let (first, both) = (town.parent(&[1]).await, town.parent(&[2, 3]).await);
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    for child in 1..=3 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
    }
    teacher.sync().await.receipted(4);

    for (parent, children) in [(&first, vec![1]), (&both, vec![2, 3])] {
        let report = parent.sync().await.done();
        assert_eq!(report.received, children.len() as u64);
        let mut names: Vec<String> =
            parent.visits().await.into_iter().map(|visit| visit.child).collect();
        names.sort();
        let mut expected: Vec<&str> =
            children.iter().map(|number| district::NAMES[*number - 1]).collect();
        expected.sort_unstable();
        assert_eq!(names, expected);
        assert_eq!(parent.status().await.alarms, 0, "every visit came with its whole proof");

        // What the server sent holds nothing else either.
        let page: VisitsResponse =
            town.wire().get("delta/visits/0", Some(&token(&town, parent).await)).await.fine();
        let sent: Vec<_> = page
            .visits
            .iter()
            .map(|visit| UnverifiedEvent::parse(&visit.event.0).unwrap().event().child.unwrap())
            .collect();
        let own: Vec<_> =
            children.iter().map(|number| district::child(u8::try_from(*number).unwrap())).collect();
        assert_eq!(sent, own);
    }
    // A second sync brings nothing twice.
    assert_eq!(first.sync().await.done().received, 0);
}

#[tokio::test]
async fn roster_of_a_device_names_only_whom_it_is_for() {
    let town = Town::found().await;
    let (teacher, parent) = (town.teacher().await, town.parent(&[2]).await);
    let coordinator = town.coordinator().await;
    for (phone, seen) in [(&teacher, &[0, 1, 2][..]), (&parent, &[1]), (&coordinator, &[])] {
        let answer: RosterResponse =
            town.wire().get("delta/roster/0", Some(&token(&town, phone).await)).await.fine();
        let bytes = answer.roster.0;
        let sent = |name: &str| bytes.windows(name.len()).any(|part| part == name.as_bytes());
        for (at, name) in district::NAMES.iter().enumerate() {
            assert_eq!(sent(name), seen.contains(&at), "{name}");
        }
    }
}

#[tokio::test]
async fn the_log_holds_no_name() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    teacher.open(lesson.id).await;
    teacher.scan(lesson.id, &town.card(1)).await.kept();
    teacher.sync().await.receipted(2);
    for name in district::NAMES {
        let sql = format!("leaf WHERE instr(bytes, CAST('{name}' AS BLOB)) > 0");
        assert_eq!(town.count(&sql), 0, "{name}");
    }
}

#[tokio::test]
async fn months_are_for_coordinators_alone() {
    let town = Town::found().await;
    let (teacher, parent) = (town.teacher().await, town.parent(&[1]).await);
    for phone in [&teacher, &parent] {
        let token = token(&town, phone).await;
        for place in [
            "board",
            "statement/2026-09",
            "registry/2026-09.csv",
            "registry/2026-09.json",
            "bundle/2026-09",
        ] {
            let answer = town.wire().get(place, Some(&token)).await;
            assert_eq!(answer.status, 403, "{place}");
            assert_eq!(answer.problem().kind, ProblemKind::NotAllowed);
        }
        assert_eq!(phone.refused("board", json!({})).await, ErrorCode::NotAllowed);
        let month = json!({ "month": district::MONTH });
        assert_eq!(phone.refused("close_month", month).await, ErrorCode::NotAllowed);
    }
    // And visits of children are for their parents alone.
    for phone in [&teacher, &town.coordinator().await] {
        let answer = town.wire().get("delta/visits/0", Some(&token(&town, phone).await)).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotAllowed);
    }
}

#[tokio::test]
async fn answer_of_a_strangers_family_changes_no_sum() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    let visit = teacher.scan(lesson.id, &town.card(1)).await.kept();
    teacher.sync().await.receipted(2);
    let stranger = town.parent(&[2]).await;
    let args = json!({ "visit": visit, "answer": Answer::Was });
    assert_eq!(stranger.refused("answer_visit", args).await, ErrorCode::NotFound);
}
