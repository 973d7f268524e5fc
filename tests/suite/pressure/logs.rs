//! The log names routes and devices, and nobody and nothing else.

use serde_json::Value;
use sync_api::Batch;
use system_tests::{Town, district};

use super::process::Serving;
use super::{enrolled, next_batch};

/// Where the routes are written down: a new one is driven too.
const ROUTES: &str = include_str!("../../../crates/server/src/http.rs");

/// Every route, as it is written.
fn routes() -> Vec<&'static str> {
    let lines = ROUTES.lines().filter_map(|line| line.trim().strip_prefix("(\""));
    let routes: Vec<_> = lines.filter_map(|rest| rest.split('"').next()).collect();
    assert!(routes.len() > 15, "{routes:?}");
    routes
}

/// An address of a route, with an id wherever it takes something.
fn filled(route: &str, id: &str) -> String {
    let parts = route.split('/').map(|part| if part.contains('{') { id } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn no_line_holds_a_name_an_id_of_a_child_a_token_a_ticket_or_a_body() {
    let mut town = Town::found().await;
    let (mut pen, wire) = enrolled(&town, 47).await;
    let carrier = town.carrier().await;
    let ticket = town.ticket(&system_tests::chess_teacher(), &town.address()).await;
    let stranger = system_tests::Pen::new(48).enrol(&ticket);
    town.stop_server().await;
    let args = ["--log-format", "json", "--log", "debug"];
    let serving = Serving::start(&town.server_dir(), &args);
    let bytes = next_batch(&mut pen, 4);
    let hash = Batch::hash(&bytes).to_string();
    let sender = serving.wire().carrying_with(wire.token().to_owned());
    assert_eq!(sender.put_batch(bytes.clone()).await.status, 200);
    let mut spoilt = next_batch(&mut pen, 1);
    *spoilt.last_mut().unwrap() ^= 1;
    assert_eq!(sender.put_batch(spoilt).await.status, 200);
    assert_eq!(sender.put_batch_as(&"0".repeat(64), bytes).await.status, 400);
    let plain = serving.wire();
    let client = system_tests::http_client();
    let ids = [hash.clone(), district::child(1).to_string(), "3".to_owned(), "ayagoz".to_owned()];
    for route in routes() {
        for id in &ids {
            let url = format!("{}{}", serving.address, filled(route, id));
            for token in [wire.token(), carrier.token(), "ayagoz-token"] {
                drop(client.get(&url).bearer_auth(token).send().await.unwrap());
            }
            for request in [client.get(&url), client.post(&url), client.put(&url)] {
                drop(request.body("{\"name\":\"Үміт Бірінші\"}").send().await.unwrap());
            }
        }
    }
    plain.get("no/such/ayagoz", None).await;
    let body = "{\"claims\":\"Үміт Бірінші\"}";
    for path in ["hello", "enrol"] {
        assert_eq!(plain.post_bytes(path, body.as_bytes().to_vec()).await.status, 400);
    }
    assert_eq!(plain.post("enrol", &stranger).await.status, 200);
    let answer =
        system_tests::http_client().get(format!("{}/log/checkpoint?ayagoz", serving.address));
    let answer = answer.send().await.unwrap();
    assert!(answer.headers().contains_key("x-request-id"));
    let log = serving.stop().await;

    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}")))
        .collect();
    let ours = |line: &&Value| line["message"] == "answered";
    let answered: Vec<&Value> = lines.iter().filter(ours).collect();
    assert!(answered.len() > 300, "{} requests", answered.len());
    let has = |name: &str, value: &str| answered.iter().any(|line| line["span"][name] == value);
    for route in routes() {
        assert!(has("route", route), "{route}");
    }
    assert!(has("route", "none"), "no route, no text of the caller's");
    assert!(has("device", &pen.device().to_string()), "a device may be named");
    assert!(
        answered.iter().all(|line| line["span"]["id"].as_str().is_some_and(|id| id.len() == 16))
    );

    let child = |number| district::child(number).to_string();
    let mut secrets: Vec<String> = (1..=4).map(child).collect();
    secrets.extend((1..=4).map(|number| district::voucher(number).to_string()));
    secrets.extend(district::NAMES.iter().flat_map(|name| name.split(' ')).map(str::to_owned));
    secrets.extend(
        [wire.token(), carrier.token(), "ayagoz", &ticket.to_text(), &hash].map(str::to_owned),
    );
    secrets.push(seal::Hash([0; 32]).to_string());
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
}
