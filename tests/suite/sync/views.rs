//! Who saw which child, when and why: the family's list, the operator's, and what is never in them.

use std::collections::BTreeSet;

use ipc::{SeenByView, SeenWhat, SeenWho};
use serde_json::{Value, json};
use sync_api::{VIEWS_PAGE, ViewsResponse};
use system_tests::{Crowd, Phone, Town, district};

use super::first_lesson;
use crate::qatysu::run;

async fn seen_by(phone: &Phone) -> Vec<SeenByView> {
    phone.call("seen_by", json!({})).await
}

async fn token(town: &Town, phone: &Phone) -> String {
    town.wire().hello(&phone.hello().await).await.token
}

#[tokio::test]
async fn family_sees_who_looked_at_its_child_and_nobody_elses() {
    let town = Town::found().await;
    let (teacher, coordinator) = (town.teacher().await, town.coordinator().await);
    let (family, other) = (town.parent(&[1]).await, town.parent(&[2]).await);
    town.set_clock(first_lesson().start_ms);
    teacher.open(first_lesson().id).await;
    for child in 1..=2 {
        teacher.scan(first_lesson().id, &town.card(child)).await.kept();
    }
    teacher.sync().await.done();
    drop(coordinator.call::<Value>("choices", json!({})).await);
    for phone in [&family, &other, &family] {
        phone.sync().await.done();
    }

    let rows = seen_by(&family).await;
    let seen: Vec<_> = rows.iter().map(|row| (row.who, row.what)).collect();
    let expected =
        [(SeenWho::Coordinator, SeenWhat::Choices), (SeenWho::Teacher, SeenWhat::Roster)];
    assert_eq!(seen, expected, "newest first, and not what this phone itself fetched");
    assert!(rows.iter().all(|row| row.child.as_deref() == Some(district::NAMES[0])), "{rows:?}");
    assert!(rows[1].provider.is_some() && rows[1].at_ms > 0, "{rows:?}");

    // The server's answer has nothing of another child, and no name of a person.
    let of_family = token(&town, &family).await;
    let answer = town.wire().get("views/0", Some(&of_family)).await;
    let text = answer.text();
    assert!(!text.contains(&district::child(2).to_string()));
    assert!(district::NAMES.iter().all(|name| !text.contains(name)));
    let views: ViewsResponse = answer.fine();
    let own = family.shell.device().with(|device| device.id()).await;
    assert!(views.views.iter().any(|view| view.device == Some(own) && view.what == "visits"));
    let again: ViewsResponse =
        town.wire().get(&format!("views/{}", views.next), Some(&of_family)).await.fine();
    assert_eq!((again.views.len(), again.next, again.more), (0, views.next, false));
}

#[tokio::test]
async fn what_is_about_every_child_is_in_every_familys_list() {
    let town = Town::found().await;
    let coordinator = town.coordinator().await;
    let of_coordinator = token(&town, &coordinator).await;
    // The month is not closed: there is no bundle, and nobody saw anything.
    let refused = town.wire().get("bundle/2026-09", Some(&of_coordinator)).await;
    assert_eq!(refused.status, 404);
    assert_eq!(town.count("view_log WHERE child IS NULL"), 0);
    town.database()
        .execute(
            "INSERT INTO view_log (at_ms, role, what, why, request)
             VALUES (7, 'operator', 'bundle', 'read_month: yes_logged', '')",
            [],
        )
        .unwrap();
    let family = town.parent(&[1]).await;
    let rows = seen_by(&family).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((rows[0].who, rows[0].what), (SeenWho::Operator, SeenWhat::Bundle));
    assert_eq!((&rows[0].child, &rows[0].provider), (&None, &None));
}

#[tokio::test]
async fn roster_in_pieces_is_one_view_of_each_child() {
    let crowd = Crowd { children: 210 };
    let town = Town::found_for(&crowd.district()).await;
    let _cards = crowd.cards(&town).await;
    let tablet = town.enrol(&crowd.tablet(), &town.address()).await;
    assert_eq!(town.count("view_log"), 210);
    assert_eq!(town.count("view_log WHERE what = 'roster' AND why = 'read_plan: own_groups'"), 210);
    assert_eq!(town.count("(SELECT DISTINCT request FROM view_log)"), 1, "one answer");
    tablet.sync().await.done();
    assert_eq!(town.count("view_log"), 210, "nothing new was shown");

    // A page has a bound, and the pages have every view once.
    let family = town.parent_of(crowd.first_child()).await;
    let child = crowd.first_child().0;
    for number in 0..VIEWS_PAGE + 7 {
        let row = "INSERT INTO view_log (at_ms, role, child, what, why, request)
                   VALUES (?1, 'teacher', ?2, 'roster', '', '')";
        town.database().execute(row, rusqlite::params![number, child]).unwrap();
    }
    let of_family = token(&town, &family).await;
    let (mut from, mut numbers, mut pages) = (0, BTreeSet::new(), 0);
    loop {
        let place = format!("views/{from}");
        let page: ViewsResponse = town.wire().get(&place, Some(&of_family)).await.fine();
        assert!(page.views.len() <= VIEWS_PAGE as usize);
        assert!(page.views.iter().all(|view| numbers.insert(view.number)), "each once");
        (from, pages) = (page.next, pages + 1);
        if !page.more {
            break;
        }
    }
    let all = town.count(&format!("view_log WHERE child = x'{}'", crowd.first_child()));
    assert_eq!((pages, i64::try_from(numbers.len()).unwrap()), (2, all));
    family.sync().await.done();
    assert_eq!(seen_by(&family).await.len(), 200, "what the phone keeps has a bound");
}

#[tokio::test]
async fn operator_sees_pseudonyms_and_is_seen() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let device = teacher.shell.device().with(|device| device.id()).await.to_string();
    let (dir, child) = (town.server_dir(), district::child(1).to_string());
    let data = dir.to_str().expect("the path is text");
    let ask = |whose: [&str; 2], json: &[&str]| {
        let clock = ["--clock", "2026-09-02T03:00:00Z"];
        run(&[&["views", "--data", data][..], &whose, &clock, json].concat())
    };
    let said = ask(["--child", &child], &[]).with(0);
    assert!(said.contains(&device) && said.contains(&child), "{said}");
    assert!(said.contains("teacher") && said.contains("read_plan: own_groups"), "{said}");
    assert!(district::NAMES.iter().all(|name| !said.contains(name)), "{said}");

    let said = ask(["--device", &device], &["--json"]).with(0);
    let value: Value = serde_json::from_str(&said).expect("JSON");
    let children: BTreeSet<&str> =
        value["views"].as_array().unwrap().iter().filter_map(|v| v["child"].as_str()).collect();
    let on_the_tablet = teacher.shell.device().with(|d| d.roster().map(|r| r.children.len())).await;
    assert_eq!(Some(children.len()), on_the_tablet);
    // That the operator looked is there too, for the family.
    assert_eq!(
        town.count("view_log WHERE role = 'operator' AND device IS NULL AND what = 'views'"),
        1 + i64::try_from(children.len()).unwrap()
    );
    let stranger = district::child(77).to_string();
    ask(["--child", &stranger], &[]).with(1);
}
