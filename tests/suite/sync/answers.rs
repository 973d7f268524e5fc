//! What families answer reaches the teacher, each answer with its proof.

use ipc::{Answer, RosterView, VisitView};
use serde_json::{Value, json};
use system_tests::{LyingServer, Phone, Told, Town, chess_teacher};

use super::first_lesson;

async fn answer_on_roster(tablet: &Phone, name: &str) -> Option<Answer> {
    let lesson = json!({ "lesson": first_lesson().id });
    let roster: RosterView = tablet.call("roster", lesson).await;
    let row = roster.rows.into_iter().find(|row| row.name == name).expect("its row");
    row.answer
}

async fn family_says(town: &Town, parent: &Phone, answer: &str) {
    parent.sync().await.done();
    let visit = parent.visits().await.remove(0);
    let args = json!({ "visit": visit.event, "answer": answer });
    let _view: VisitView = parent.call("answer_visit", args).await;
    parent.sync().await.done();
    assert!(town.count("event") > 0);
}

#[tokio::test]
async fn answer_of_the_family_reaches_the_teacher_and_the_newest_counts() {
    let town = Town::found().await;
    let (tablet, parent) = (town.teacher().await, town.parent(&[1]).await);
    let other = town.teacher().await;
    tablet.open(first_lesson().id).await;
    for child in [1, 2] {
        tablet.scan(first_lesson().id, &town.card(child)).await.kept();
    }
    tablet.sync().await.receipted(3);
    let name = parent.shell.device().with(|device| {
        device.roster().map(|roster| roster.children[0].name.clone()).expect("a roster")
    });
    let name = name.await;
    assert_eq!(answer_on_roster(&tablet, &name).await, None);

    family_says(&town, &parent, "was_not").await;
    assert_eq!(tablet.sync().await.done().received, 1);
    assert_eq!(answer_on_roster(&tablet, &name).await, Some(Answer::WasNot));
    family_says(&town, &parent, "was").await;
    assert_eq!(tablet.sync().await.done().received, 1);
    assert_eq!(answer_on_roster(&tablet, &name).await, Some(Answer::Was));
    let answered: Vec<_> = tablet.visits().await.into_iter().map(|visit| visit.answer).collect();
    assert_eq!(answered, [None, Some(Answer::Was)]);
    assert_eq!(tablet.sync().await.done().received, 0, "it does not come again");
    assert_eq!(other.sync().await.done().received, 0, "nobody else is told");
    assert_eq!(tablet.status().await.alarms, 0);
}

#[tokio::test]
async fn invented_answer_is_not_shown() {
    let town = Town::found().await;
    let liar = LyingServer::before(&town.address()).await;
    let tablet = town.enrol(&chess_teacher(), &liar.address).await;
    let parent = town.parent(&[1]).await;
    tablet.open(first_lesson().id).await;
    tablet.scan(first_lesson().id, &town.card(1)).await.kept();
    tablet.sync().await.receipted(2);
    family_says(&town, &parent, "was").await;
    liar.tell(|place, mut truth: Value| {
        if place.starts_with("delta/confirmations/") {
            for answer in truth["answers"].as_array_mut().into_iter().flatten() {
                let salt = "AAAAAAAAAAAAAAAAAAAAAA==";
                answer["salt"] = json!(salt);
            }
        }
        Told::Answer(truth)
    });
    assert_eq!(tablet.sync().await.done().received, 0);
    assert_eq!(tablet.status().await.alarms, 1);
    assert_eq!(tablet.visits().await[0].answer, None);
}
