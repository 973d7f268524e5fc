//! Who may ask for what, asked of a running server: every route, by every kind of device.

use attendance::Role;
use serde_json::json;
use server::Grant;
use system_tests::{Phone, Town, chess_teacher, district, grant};

/// Every route, as somebody would ask for it, and who may: a teacher, a parent, a coordinator of a
/// provider, one of the district, a provider's administrator, a revoked teacher, nobody known. Written by hand from the rules.
const EXPECTED: &str = "
    GET  delta/roster/0                 yes yes yes yes yes no  who
    GET  delta/roster/0/NAME/0          yes yes yes yes yes no  who
    GET  delta/visits/0                 no  yes no  no  no  no  who
    GET  delta/confirmations/0          yes no  no  no  no  no  who
    GET  tags/0                         no  yes no  no  no  no  who
    GET  entry/0                        no  yes no  no  no  no  who
    GET  views/0                        no  yes no  no  no  no  who
    GET  board                          no  no  yes yes yes no  who
    GET  months/2026-09/sheets          no  no  yes yes yes no  who
    GET  admission                      no  no  yes yes yes no  who
    GET  choices                        no  no  yes yes no  no  who
    GET  parked                         no  no  yes yes no  no  who
    POST ticket                         no  no  yes yes no  no  who
    GET  delegates                      no  yes no  no  no  no  who
    POST delegate                       no  yes no  no  no  no  who
    POST grants                         no  no  yes yes no  no  who
    GET  statement/2026-09              no  no  no  yes no  no  who
    GET  registry/2026-09.csv           no  no  no  yes no  no  who
    GET  bundle/2026-09                 no  no  no  yes no  no  who
    GET  undecided/2026-09              no  no  no  yes no  no  who
    POST what-if/2026-09                no  no  no  yes no  no  who
    GET  vouchers/2026-0001             no  no  no  yes no  no  who
    GET  providers                      no  no  no  yes no  no  who
    GET  signals/2026-09                no  no  no  yes no  no  who
    GET  budget/2026                    no  no  no  yes no  no  who
    GET  chain/0/1                      yes yes yes yes yes yes who
    GET  chain/0/1/receipt              yes yes yes yes yes yes who
    GET  chain/parked                   yes yes yes yes yes yes who
    GET  own/0                          yes yes yes yes yes yes who
    PUT  batch/NAME                     yes yes yes yes yes yes who
    GET  batch/NAME/receipt             yes yes yes yes yes yes yes
    PUT  parcel/NAME                    yes yes yes yes yes yes yes
    GET  parcel/NAME/answer             yes yes yes yes yes yes yes
    GET  delta/trust/0                  yes yes yes yes yes yes yes
    GET  delta/status/0                 yes yes yes yes yes yes yes
    GET  delta/revocations/0            yes yes yes yes yes yes yes
    GET  consistency/1/2                yes yes yes yes yes yes yes
    GET  checkpoint                     yes yes yes yes yes yes yes
    POST enrol                          yes yes yes yes yes yes yes
    POST hello                          yes yes yes yes yes yes yes";

async fn token(town: &Town, phone: &Phone) -> Option<String> {
    Some(town.wire().hello(&phone.hello().await).await.token)
}

/// Asks, and says what became of it: the permission, not whether there is such a thing.
async fn asked(town: &Town, method: &str, place: &str, token: Option<&str>) -> &'static str {
    let place = place.replace("NAME", &seal::sha256(b"a name").to_string());
    let url = format!("{}/v1/{place}", town.address());
    let client = system_tests::http_client();
    let request = match method {
        "GET" => client.get(url),
        "POST" => client.post(url).json(&json!({})),
        "PUT" => client.put(url).body(b"nothing of ours".to_vec()),
        other => panic!("no such method: {other}"),
    };
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let answer = request.send().await.expect("the server answers");
    let (status, body) = (answer.status().as_u16(), answer.text().await.expect("a body"));
    match status {
        403 => "no",
        401 if body.contains("say hello again") => "who",
        500.. => panic!("{method} {place}: {status} {body}"),
        _ => "yes",
    }
}

#[tokio::test]
async fn every_route_answers_the_devices_that_it_should_and_no_other() {
    let town = Town::found().await;
    let address = town.address();
    let of_provider =
        Grant { provider: Some(district::CHESS_HOUSE), ..grant(Role::Coordinator, "Chess office") };
    let (teacher, parent) = (town.teacher().await, town.parent(&[1]).await);
    let (office, district) = (town.enrol(&of_provider, &address).await, town.coordinator().await);
    let of_chess = Grant {
        provider: Some(district::CHESS_HOUSE),
        ..grant(Role::ProviderAdmin, "Chess administration")
    };
    let administrator = town.enrol(&of_chess, &address).await;
    let revoked = town.enrol(&chess_teacher(), &address).await;
    let id = revoked.shell.device().with(|device| device.id()).await;
    let decision = json!({ "device": id.to_string(), "reason": "lost" });
    district.sync().await.done();
    drop(district.call::<ipc::BoardView>("revoke_device", decision).await);
    district.sync().await.done();
    let tokens = [
        token(&town, &teacher).await,
        token(&town, &parent).await,
        token(&town, &office).await,
        token(&town, &district).await,
        token(&town, &administrator).await,
        token(&town, &revoked).await,
        None,
    ];
    let mut wrong = Vec::new();
    for line in EXPECTED.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [method, place, cells @ ..] = &words[..] else { panic!("{line}") };
        assert_eq!(cells.len(), tokens.len(), "{line}");
        for (expected, token) in cells.iter().zip(&tokens) {
            let found = asked(&town, method, place, token.as_deref()).await;
            if found != *expected {
                wrong.push(format!("{method} {place}: {found} instead of {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn coordinator_of_a_provider_has_the_plan_of_its_own_groups() {
    let town = Town::found().await;
    let of_provider =
        Grant { provider: Some(district::CHESS_HOUSE), ..grant(Role::Coordinator, "Chess office") };
    let office = town.enrol(&of_provider, &town.address()).await;
    let all = town.coordinator().await;
    let groups = async |phone: &Phone| {
        let roster = phone.shell.device().with(|device| device.roster().cloned()).await;
        let roster = roster.expect("a roster");
        assert!(roster.children.is_empty(), "no names on a coordinator's device");
        roster.groups.iter().map(|group| group.id).collect::<Vec<_>>()
    };
    assert_eq!(groups(&office).await, [district::CHESS]);
    assert_eq!(groups(&all).await.len(), 2);
}
