//! Somebody whom a parent entrusts a child to: named by a ticket, good at the door, and ended.

use ipc::{
    CodeView, DelegateState, DelegateView, ErrorCode, RefusalCode, Role, StatusView, TicketView,
};
use serde_json::{Value, json};
use sync_api::{DelegateRequest, ProblemKind};
use system_tests::{Phone, Town, district};

async fn name(parent: &Phone, children: &[u8]) -> Result<TicketView, ErrorCode> {
    let ids: Vec<_> = children.iter().map(|number| district::child(*number)).collect();
    let args = json!({ "name": "Grandmother", "children": ids });
    match parent.shell.call("name_delegate", args).await {
        Ok(view) => Ok(serde_json::from_value(view).expect("a ticket")),
        Err(error) => Err(error.code),
    }
}

async fn enrol(town: &Town, ticket: &TicketView) -> Phone {
    let phone = town.new_phone();
    let status: StatusView = phone.call("enrol", json!({ "ticket": ticket.text })).await;
    assert_eq!(status.role, Role::Delegate);
    phone
}

async fn named(parent: &Phone) -> Vec<DelegateView> {
    parent.call("delegates", json!({})).await
}

async fn code_of(phone: &Phone) -> String {
    let codes: Vec<CodeView> = phone.call("codes", json!({})).await;
    codes[0].text.clone()
}

#[tokio::test]
async fn grandmother_brings_the_child_until_the_parent_ends_it() {
    let town = Town::found().await;
    let (teacher, parent) = (town.teacher().await, town.parent(&[1, 2]).await);
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    let ticket = name(&parent, &[1]).await.expect("a ticket");
    let grandmother = enrol(&town, &ticket).await;
    let codes: Vec<CodeView> = grandmother.call("codes", json!({})).await;
    assert_eq!(codes.len(), 1, "only the child that was entrusted to her");
    teacher.open(lesson.id).await;
    teacher.sync().await.done();
    teacher.scan(lesson.id, &code_of(&grandmother).await).await.kept();
    teacher.sync().await.done();
    grandmother.sync().await.done();

    // She sees no visit, and confirms none.
    assert_eq!(grandmother.visits().await, []);
    parent.sync().await.done();
    let visit = parent.visits().await.remove(0);
    let answer = json!({ "visit": visit.event, "answer": "was" });
    assert!(grandmother.shell.call("answer_visit", answer).await.is_err());
    assert_eq!(name(&grandmother, &[1]).await.unwrap_err(), ErrorCode::NotAllowed);

    let list = named(&parent).await;
    let [one] = &list[..] else { panic!("{} delegates", list.len()) };
    assert_eq!((one.name.as_str(), one.state), ("Grandmother", DelegateState::Named));
    assert_eq!(one.children, [district::NAMES[0]]);
    let list: Vec<DelegateView> =
        parent.call("end_delegate", json!({ "device": one.device })).await;
    assert_eq!(list[0].state, DelegateState::Ended);
    teacher.sync().await.done();
    let next = district::lessons(district::CHESS)[1];
    town.set_clock(next.start_ms);
    teacher.open(next.id).await;
    teacher.scan(next.id, &code_of(&grandmother).await).await.refused(RefusalCode::PhoneRevoked);
    // The decision is an event of the parent's device, in the log like any other.
    assert_eq!(parent.status().await.not_receipted, 0);
}

#[tokio::test]
async fn parent_names_for_own_children_only_and_not_more_than_the_rules_allow() {
    let town = Town::found().await;
    let (parent, other) = (town.parent(&[1]).await, town.parent(&[2]).await);
    assert_eq!(name(&parent, &[2]).await.unwrap_err(), ErrorCode::NotAllowed);
    assert!(name(&parent, &[]).await.is_err());
    let mut phones = Vec::new();
    for _ in 0..3 {
        let ticket = name(&parent, &[1]).await.expect("three are allowed");
        phones.push(enrol(&town, &ticket).await);
    }
    assert_eq!(name(&parent, &[1]).await.unwrap_err(), ErrorCode::NotAllowed);
    assert_eq!(named(&parent).await.len(), 3);
    assert_eq!(named(&other).await, [], "another family's delegates are nobody's business");

    // Another parent's decision about it has no effect; the own one makes room.
    let first = named(&parent).await.remove(0).device;
    let _list: Value = other.call("end_delegate", json!({ "device": first })).await;
    assert!(named(&parent).await.iter().all(|one| one.state == DelegateState::Named));
    let _list: Value = parent.call("end_delegate", json!({ "device": first })).await;
    name(&parent, &[1]).await.expect("there is room again");
}

#[tokio::test]
async fn nobody_but_a_parent_names_a_delegate() {
    let town = Town::found().await;
    let phones = [town.teacher().await, town.coordinator().await];
    for phone in &phones {
        assert_eq!(phone.refused("delegates", json!({})).await, ErrorCode::NotAllowed);
        let token = town.wire().hello(&phone.hello().await).await.token;
        let request = DelegateRequest {
            server: town.address(),
            name: "Mine".to_owned(),
            children: vec![district::child(1)],
        };
        let answer = town.wire().carrying_with(token).post("delegate", &request).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotAllowed);
    }
}
