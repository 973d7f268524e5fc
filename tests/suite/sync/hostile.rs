//! Requests that are not to be served: each is a problem document with a stable type (RFC 9457).

use sync_api::{BATCH_MAX_BYTES, EnrolRequest, ProblemKind};
use system_tests::{Pen, Town, chess_teacher, district};

use super::{batch, enrolled_pen, visits};

#[tokio::test]
async fn unknown_device_is_not_recognised() {
    let town = Town::found().await;
    let stranger = Pen::new(99);
    let answer = town.wire().post("hello", &stranger.hello(district::FIRST_MORNING_MS)).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.problem().kind, ProblemKind::NotRecognised);
}

#[tokio::test]
async fn another_key_cannot_speak_for_a_device() {
    let town = Town::found().await;
    let pen = enrolled_pen(&town, 40).await;
    let claims = pen.hello(district::FIRST_MORNING_MS).claims.0;
    let payload = seal::Sign1::parse(&claims).unwrap().unverified_payload().to_vec();
    let forged = seal::Sign1::seal(Pen::new(99).key(), sync_api::HELLO_DOMAIN, payload).unwrap();
    let request =
        sync_api::HelloRequest { claims: sync_api::Base64(forged.to_bytes()), certificate: None };
    let answer = town.wire().post("hello", &request).await;
    assert_eq!(answer.problem().kind, ProblemKind::NotRecognised);
}

#[tokio::test]
async fn wrong_tokens_are_not_recognised() {
    let town = Town::found().await;
    let coordinator = town.coordinator().await;
    let good = town.wire().hello(&coordinator.hello().await).await.token;
    assert_eq!(town.wire().get("board", Some(&good)).await.status, 200);
    let mut edited = good.clone().into_bytes();
    edited[20] = if edited[20] == b'A' { b'B' } else { b'A' };
    let edited = String::from_utf8(edited).unwrap();
    let another_towns = {
        let other = Town::found().await;
        let coordinator = other.coordinator().await;
        other.wire().hello(&coordinator.hello().await).await.token
    };
    let wrong = [None, Some(""), Some("x"), Some(edited.as_str()), Some(another_towns.as_str())];
    for token in wrong {
        let answer = town.wire().get("board", token).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotRecognised, "{token:?}");
    }
}

#[tokio::test]
async fn ticket_is_good_for_one_device_and_a_short_time() {
    let town = Town::found().await;
    let ticket = town.ticket(&chess_teacher(), &town.address()).await;
    let first = Pen::new(40).enrol(&ticket);
    let answer: sync_api::EnrolResponse = town.wire().post("enrol", &first).await.fine();
    let again: sync_api::EnrolResponse = town.wire().post("enrol", &first).await.fine();
    assert_eq!(answer, again, "a lost answer can be asked for again");
    let second = town.wire().post("enrol", &Pen::new(41).enrol(&ticket)).await;
    assert_eq!(second.problem().kind, ProblemKind::TicketRefused);

    let over = town.server().make_ticket(&chess_teacher(), &town.address(), -1).await.unwrap();
    let late = town.wire().post("enrol", &Pen::new(42).enrol(&over)).await;
    assert_eq!(late.problem().kind, ProblemKind::TicketRefused);
    let mut guessed = ticket;
    guessed.secret[0] ^= 1;
    let unknown = town.wire().post("enrol", &Pen::new(43).enrol(&guessed)).await;
    assert_eq!(unknown.problem().kind, ProblemKind::TicketRefused);
    assert_eq!(town.count("device"), 1);
}

#[tokio::test]
async fn device_refuses_a_server_of_another_root() {
    let (town, other) = (Town::found().await, Town::found().await);
    // The ticket is the one town's, the address the other's: a server in the middle.
    let ticket = town.ticket(&chess_teacher(), &other.address()).await;
    let stolen = other.ticket(&chess_teacher(), &other.address()).await;
    let ticket = sync_api::Ticket { secret: stolen.secret, ..ticket };
    let phone = town.new_phone();
    let refused = phone.shell.enrol(&ticket.to_text()).await;
    let refused = format!("{}", refused.expect_err("the roots are not the ticket's"));
    assert!(refused.contains("another root key"), "{refused}");
    assert_eq!(phone.refused("status", serde_json::Value::Null).await, ipc::ErrorCode::NotEnrolled);
}

#[tokio::test]
async fn oversize_batch_is_refused() {
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    let [event] = <[_; 1]>::try_from(visits(&mut pen, 1..=1)).unwrap();
    let copies = BATCH_MAX_BYTES / event.len() + 1;
    for bytes in [batch(&vec![event; copies]), vec![0; BATCH_MAX_BYTES + 1], vec![0; 1 << 20]] {
        let answer = town.carrier().await.put_batch(bytes).await;
        assert_eq!(answer.status, 413);
        assert_eq!(answer.problem().kind, ProblemKind::TooLarge);
    }
    assert_eq!(town.count("event") + town.count("batch"), 0);
}

#[tokio::test]
async fn batch_of_a_stranger_is_not_kept() {
    let town = Town::found().await;
    let bytes = batch(&visits(&mut Pen::new(40), 1..=3));
    for wire in [town.wire(), town.wire().carrying_with("made up".to_owned())] {
        let answer = wire.put_batch(bytes.clone()).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotRecognised);
    }
    assert_eq!(town.count("parked") + town.count("batch"), 0);
}

#[tokio::test]
async fn oversize_json_is_refused() {
    let town = Town::found().await;
    let long = format!("{{\"claims\":\"{}\"}}", "A".repeat(1 << 20));
    let answer = town.wire().post_bytes("hello", long.into_bytes()).await;
    assert_eq!(answer.problem().kind, ProblemKind::TooLarge);
}

#[tokio::test]
async fn malformed_requests_are_problem_documents() {
    let town = Town::found().await;
    let wire = town.wire();
    for place in ["enrol", "hello"] {
        for body in
            ["", "{", "[]", "{\"claims\":1}", "{\"claims\":\"%%%\"}", "{\"claims\":\"AAAA\"}"]
        {
            let answer = wire.post_bytes(place, body.as_bytes().to_vec()).await;
            assert_eq!(answer.status, 400, "{place} {body}");
            assert_eq!(answer.problem().kind, ProblemKind::Malformed);
        }
    }
    // A good envelope around something else.
    let noise = seal::Sign1::seal(Pen::new(40).key(), sync_api::ENROL_DOMAIN, vec![0xa0]).unwrap();
    let request = EnrolRequest { claims: sync_api::Base64(noise.to_bytes()) };
    assert_eq!(wire.post("enrol", &request).await.problem().kind, ProblemKind::Malformed);
}

#[tokio::test]
async fn malformed_batches_and_addresses_are_problem_documents() {
    let town = Town::found().await;
    let wire = town.carrier().await;
    let bytes = batch(&[]);
    for (name, body) in [
        ("x".to_owned(), bytes.clone()),
        ("00".repeat(32), bytes.clone()),
        (seal::sha256(b"noise").to_string(), b"noise".to_vec()),
        (seal::sha256(&[0x82, 2, 0x80]).to_string(), vec![0x82, 2, 0x80]),
    ] {
        let answer = wire.put_batch_as(&name, body).await;
        assert_eq!(answer.problem().kind, ProblemKind::Malformed, "{name}");
    }
    for place in ["delta/trust/x", "delta/trust/-1", "batch/x/receipt", "batch/%ff/receipt"] {
        let answer = wire.get(place, None).await;
        assert_eq!(answer.problem().kind, ProblemKind::Malformed, "{place}");
    }
    for place in ["", "nothing", "delta/trust/1", "hello", "enrol"] {
        let answer = wire.get(place, None).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotFound, "{place}");
    }
}
