//! Tickets of a coordinator's app, and the replacement of a lost tablet.

use attendance::Role;
use ipc::{ErrorCode, ErrorView, StatusView, TicketView};
use serde_json::{Value, json};
use sync_api::{EnrolResponse, ProblemKind, Ticket, TicketRequest, TicketResponse};
use system_tests::{Pen, Phone, Town, chess_teacher, district, grant};

use super::super::first_lesson;
use super::{id_of, line_of, revoke};

fn for_teacher() -> Value {
    json!({
        "role": "teacher", "name": "Gym tablet", "provider": district::CHESS_HOUSE,
        "groups": [district::CHESS], "children": [], "replaces": null,
    })
}

async fn ticket_of(coordinator: &Phone, what: Value) -> String {
    coordinator.call::<TicketView>("make_ticket", what).await.text
}

async fn try_to_enrol(phone: &Phone, ticket: &str) -> Result<StatusView, ErrorView> {
    let view = phone.shell.call("enrol", json!({ "ticket": ticket })).await?;
    Ok(serde_json::from_value(view).expect("a status"))
}

/// What a tablet puts into its chain at its enrolment.
const SIGNED_TIME: u64 = 1;

#[tokio::test]
async fn ticket_of_the_coordinators_app_makes_a_teachers_tablet() {
    let town = Town::found().await;
    let coordinator = town.coordinator().await;
    let choices: ipc::ChoicesView = coordinator.call("choices", json!({})).await;
    assert_eq!((choices.providers.len(), choices.groups.len()), (2, 2));
    let names: Vec<&str> = choices.children.iter().map(|child| child.name.as_str()).collect();
    assert!(district::NAMES.iter().all(|name| names.contains(name)), "{names:?}");

    let text = ticket_of(&coordinator, for_teacher()).await;
    let ticket = Ticket::parse(&text).unwrap();
    assert_eq!(
        (ticket.server.as_str(), ticket.roots),
        (&*town.address(), town.server().roots().fingerprint())
    );
    let tablet = town.new_phone();
    assert_eq!(tablet.refused("status", json!({})).await, ErrorCode::NotEnrolled);
    let status = try_to_enrol(&tablet, &text).await.unwrap();
    assert_eq!((status.role, status.name.as_str()), (ipc::Role::Teacher, "Gym tablet"));
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    tablet.open(lesson.id).await;
    tablet.scan(lesson.id, &town.card(1)).await.kept();
    tablet.sync().await.receipted(2);

    let family = json!({
        "role": "parent", "name": "Family phone", "provider": null, "groups": [],
        "children": [district::child(1)], "replaces": null,
    });
    let phone = town.new_phone();
    try_to_enrol(&phone, &ticket_of(&coordinator, family).await).await.unwrap();
    phone.sync().await.done();
    assert_eq!(phone.visits().await.len(), 1);
}

#[tokio::test]
async fn ticket_is_for_one_device_and_ten_minutes() {
    let town = Town::found().await;
    let start = district::FIRST_MORNING_MS + 3_600_000;
    let coordinator = town.coordinator().await;
    let text = ticket_of(&coordinator, for_teacher()).await;
    let (first, second, late) = (town.new_phone(), town.new_phone(), town.new_phone());
    town.set_clock(start + 600_000);
    try_to_enrol(&first, &text).await.expect("it is good for ten minutes");
    let twice = try_to_enrol(&second, &text).await.unwrap_err();
    assert_eq!(twice.code, ErrorCode::TicketRefused);

    let text = ticket_of(&coordinator, for_teacher()).await;
    town.set_clock(start + 1_200_001);
    let over = try_to_enrol(&late, &text).await.unwrap_err();
    assert_eq!(over.code, ErrorCode::TicketRefused);
    let unreadable = try_to_enrol(&late, "OE1:AAA").await.unwrap_err();
    assert_eq!(unreadable.code, ErrorCode::TicketUnreadable);
    assert_eq!(town.count("device"), 2);
}

#[tokio::test]
async fn enrolment_that_was_overheard_makes_no_second_device() {
    let town = Town::found().await;
    let ticket = town.ticket(&chess_teacher(), &town.address()).await;
    let request = Pen::new(40).enrol(&ticket);
    let first: EnrolResponse = town.wire().post("enrol", &request).await.fine();
    let again: EnrolResponse = town.wire().post("enrol", &request).await.fine();
    assert_eq!(first, again, "a replay gives what the first one gave: a certificate of that key");
    assert_eq!(town.count("device"), 1);
}

#[tokio::test]
async fn nobody_but_a_coordinator_makes_tickets() {
    let town = Town::found().await;
    let (teacher, parent) = (town.teacher().await, town.parent(&[1]).await);
    let request = TicketRequest {
        server: town.address(),
        role: Role::Coordinator,
        name: "Mine".into(),
        provider: None,
        groups: vec![],
        children: vec![],
        replaces: None,
    };
    for phone in [&teacher, &parent] {
        assert_eq!(phone.refused("make_ticket", for_teacher()).await, ErrorCode::NotAllowed);
        let token = town.wire().hello(&phone.hello().await).await.token;
        let answer = town.wire().carrying_with(token.clone()).post("ticket", &request).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotAllowed);
        for place in ["choices", "parked"] {
            let answer = town.wire().get(place, Some(&token)).await;
            assert_eq!(answer.problem().kind, ProblemKind::NotAllowed, "{place}");
        }
    }
    let stranger = town.wire().post("ticket", &request).await;
    assert_eq!(stranger.problem().kind, ProblemKind::NotRecognised);

    // Nor one whose own device is revoked.
    let (one, other) = (town.coordinator().await, town.coordinator().await);
    let token = town.wire().hello(&one.hello().await).await.token;
    revoke(&other, id_of(&one).await).await;
    let answer = town.wire().carrying_with(token).post("ticket", &request).await;
    assert_eq!(answer.problem().kind, ProblemKind::NotAllowed);
    assert_eq!(one.refused("make_ticket", for_teacher()).await, ErrorCode::NotAllowed);
}

#[tokio::test]
async fn coordinator_of_a_provider_grants_no_more_than_it_has() {
    let town = Town::found().await;
    let own = grant(Role::Coordinator, "Chess coordinator");
    let own = server::Grant { provider: Some(district::CHESS_HOUSE), ..own };
    let coordinator = town.enrol(&own, &town.address()).await;
    let what = |role: &str, provider: Value, groups: Value, children: Value| {
        json!({ "role": role, "name": "X", "provider": provider, "groups": groups,
                "children": children, "replaces": null })
    };
    let (chess, judo) = (json!(district::CHESS_HOUSE), json!(district::JUDO_CLUB));
    for beyond in [
        what("coordinator", Value::Null, json!([]), json!([])),
        what("coordinator", judo.clone(), json!([]), json!([])),
        what("teacher", judo, json!([district::JUDO]), json!([])),
        what("parent", Value::Null, json!([]), json!([district::child(1), district::child(4)])),
    ] {
        let refused = coordinator.refused("make_ticket", beyond.clone()).await;
        assert_eq!(refused, ErrorCode::NotAllowed, "{beyond}");
    }
    for within in [
        what("coordinator", chess.clone(), json!([]), json!([])),
        what("teacher", chess, json!([district::CHESS]), json!([])),
        what("parent", Value::Null, json!([]), json!([district::child(1)])),
    ] {
        ticket_of(&coordinator, within).await;
    }
    let choices: ipc::ChoicesView = coordinator.call("choices", json!({})).await;
    assert_eq!((choices.groups.len(), choices.children.len()), (1, 3), "{choices:?}");

    // The months are the district's.
    let token = town.wire().hello(&coordinator.hello().await).await.token;
    for place in ["statement/2026-09", "registry/2026-09.csv", "bundle/2026-09"] {
        let answer = town.wire().get(place, Some(&token)).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotAllowed, "{place}");
    }
    let month = json!({ "month": district::MONTH });
    assert_eq!(coordinator.refused("close_month", month).await, ErrorCode::MonthRefused);

    // It sees and replaces the devices of its provider only.
    let judo_teacher = server::Grant {
        provider: Some(district::JUDO_CLUB),
        groups: vec![district::JUDO],
        ..grant(Role::Teacher, "Judo tablet")
    };
    let (ours, theirs) = (town.teacher().await, town.enrol(&judo_teacher, &town.address()).await);
    coordinator.sync().await.done();
    let seen = coordinator.board().await.devices;
    let has = |id: &attendance::DeviceId| seen.iter().any(|line| line.device == id.to_string());
    assert!(has(&id_of(&ours).await) && !has(&id_of(&theirs).await));
    let args = json!({ "role": "teacher", "name": "", "provider": null, "groups": [],
                       "children": [], "replaces": id_of(&theirs).await });
    assert_eq!(coordinator.refused("make_ticket", args).await, ErrorCode::NotAllowed);
}

#[tokio::test]
async fn grants_that_no_device_could_use_are_refused() {
    let town = Town::found().await;
    let coordinator = town.coordinator().await;
    let token = town.wire().hello(&coordinator.hello().await).await.token;
    let base = TicketRequest {
        server: town.address(),
        role: Role::Teacher,
        name: "Tablet".into(),
        provider: Some(district::CHESS_HOUSE),
        groups: vec![district::CHESS],
        children: vec![],
        replaces: None,
    };
    let parent = TicketRequest {
        role: Role::Parent,
        provider: None,
        groups: vec![],
        children: vec![district::child(1)],
        ..base.clone()
    };
    let of = |request: &TicketRequest| request.clone();
    for request in [
        TicketRequest { groups: vec![], ..of(&base) },
        TicketRequest { groups: vec![district::JUDO], ..of(&base) },
        TicketRequest { provider: None, ..of(&base) },
        TicketRequest { children: vec![district::child(1)], ..of(&base) },
        TicketRequest { name: "  ".into(), ..of(&base) },
        TicketRequest { name: "x".repeat(61), ..of(&base) },
        TicketRequest { children: vec![], ..of(&parent) },
        TicketRequest { children: vec![attendance::ChildId([99; 12])], ..of(&parent) },
        TicketRequest { groups: vec![district::CHESS], ..of(&parent) },
        TicketRequest { role: Role::Coordinator, ..of(&base) },
        TicketRequest { replaces: Some(attendance::DeviceId([9; 8])), ..of(&base) },
    ] {
        let wire = town.wire().carrying_with(token.clone());
        let answer = wire.post("ticket", &request).await;
        assert_eq!(answer.problem().kind, ProblemKind::Malformed, "{request:?}");
    }
    assert_eq!(town.count("ticket"), 1, "the coordinator's own");
    let answer = town.wire().carrying_with(token).post("ticket", &base).await;
    let made: TicketResponse = answer.fine();
    assert_eq!(made.life_ms, 600_000);
}

#[tokio::test]
async fn new_tablet_takes_the_place_of_the_lost_one() {
    let town = Town::found().await;
    let coordinator = town.coordinator().await;
    let lost = town.teacher().await;
    let old = id_of(&lost).await;
    let lesson = first_lesson();
    town.set_clock(lesson.start_ms);
    lost.open(lesson.id).await;
    lost.scan(lesson.id, &town.card(1)).await.kept();
    lost.sync().await.receipted(2);

    let what = json!({ "role": "teacher", "name": "", "provider": null, "groups": [],
                       "children": [], "replaces": old });
    let text = ticket_of(&coordinator, what).await;
    assert_eq!(line_of(&coordinator, old).await.revoked, None, "nobody used the ticket yet");
    let tablet = town.new_phone();
    let status = try_to_enrol(&tablet, &text).await.unwrap();
    assert_eq!((status.name.as_str(), status.revoked_since_ms), ("Chess tablet", None));
    tablet.scan(lesson.id, &town.card(2)).await.impossible(ErrorCode::LessonNotOpen);
    tablet.open(lesson.id).await;
    tablet.scan(lesson.id, &town.card(2)).await.kept();
    tablet.sync().await.receipted(2);

    let line = line_of(&coordinator, old).await;
    let revoked = line.revoked.expect("the old one is revoked");
    assert_eq!((revoked.reason, revoked.events), (ipc::RevokeReason::Replaced, SIGNED_TIME + 2));
    assert_eq!(line.replaced_by, Some(id_of(&tablet).await.to_string()));
    assert_eq!(line.events, SIGNED_TIME + 2, "what it had sent stays");
    // The lost one is found, and learns it at its next contact.
    lost.scan(lesson.id, &town.card(3)).await.kept();
    lost.sync().await.done();
    let found: StatusView = lost.call("status", json!({})).await;
    assert!(found.revoked_since_ms.is_some());
    assert_eq!((found.events, found.parked.len()), (3, 1));
    // Its key does not come back by a new ticket.
    let again = ticket_of(&coordinator, for_teacher()).await;
    let secret = Ticket::parse(&again).unwrap().secret;
    let claims = lost.shell.device().with(move |device| {
        let claims = sync_api::EnrolClaims {
            secret,
            key: device.public_key().to_bytes(),
            mono_ms: None,
            boot: None,
        };
        device.sign(sync_api::ENROL_DOMAIN, seal::to_canonical(&claims)).unwrap()
    });
    let request = sync_api::EnrolRequest { claims: sync_api::Base64(claims.await) };
    let refused = town.wire().post("enrol", &request).await;
    assert_eq!(refused.problem().kind, ProblemKind::TicketRefused);
}

#[tokio::test]
async fn ticket_of_a_replacement_waits_for_the_decision() {
    let town = Town::found().await;
    let (coordinator, lost) = (town.coordinator().await, town.teacher().await);
    let token = town.wire().hello(&coordinator.hello().await).await.token;
    let request = TicketRequest {
        server: town.address(),
        role: Role::Teacher,
        name: String::new(),
        provider: None,
        groups: vec![],
        children: vec![],
        replaces: Some(id_of(&lost).await),
    };
    let answer = town.wire().carrying_with(token).post("ticket", &request).await;
    let made: TicketResponse = answer.fine();
    let tablet = town.new_phone();
    let early = try_to_enrol(&tablet, &made.ticket).await.unwrap_err();
    assert_eq!(early.code, ErrorCode::TicketRefused);
    assert!(early.message.contains("decision"), "{early}");

    let by = seal::sha256(&Ticket::parse(&made.ticket).unwrap().secret);
    let old = id_of(&lost).await;
    let recorded = coordinator.shell.device().with(move |device| {
        device.revoke_device(old, attendance::RevocationReason::Replaced, Some(by))
    });
    recorded.await.unwrap();
    coordinator.sync().await.done();
    try_to_enrol(&tablet, &made.ticket).await.expect("the decision has arrived");
    assert_eq!(town.count("revoked_device"), 1);
}
