//! A device holds only what is its own: every byte of its files and of every answer is looked through.

use attendance::{ChildId, Role, VoucherId};
use serde_json::json;
use system_tests::{Phone, Town, district, grant, plain_bytes};

use super::super::first_lesson;

/// What says something about a child: name, pseudonym, voucher, card; raw and as text.
fn traces(number: u8) -> Vec<Vec<u8>> {
    let name = district::NAMES[usize::from(number) - 1];
    let (child, voucher): (ChildId, VoucherId) =
        (district::child(number), district::voucher(number));
    let card = district::card(number);
    vec![
        name.as_bytes().to_vec(),
        child.0.to_vec(),
        voucher.0.to_vec(),
        card.0.to_vec(),
        child.to_string().into_bytes(),
        voucher.to_string().into_bytes(),
    ]
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|part| part == what)
}

/// Everything in the device's files, as the device itself reads it.
fn files_of(phone: &Phone) -> Vec<u8> {
    plain_bytes(&phone.dir)
}

/// Every answer that the device may ask for, decoded as far as a reader would.
async fn answers_to(town: &Town, phone: &Phone) -> Vec<u8> {
    let token = town.wire().hello(&phone.hello().await).await.token;
    let mut all = Vec::new();
    for place in [
        "delta/roster/0",
        "delta/trust/0",
        "delta/revocations/0",
        "delta/visits/0",
        "tags/0",
        "checkpoint",
        "board",
        "choices",
        "parked",
        "bundle/2026-09",
    ] {
        let answer = town.wire().get(place, Some(&token)).await;
        let text = answer.text();
        let decoded = text.split('"').filter_map(|part| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.decode(part).ok()
        });
        all.extend(decoded.flatten());
        all.extend(text.into_bytes());
    }
    all
}

#[tokio::test]
async fn no_byte_about_another_child_is_on_a_device_or_in_an_answer_to_it() {
    let town = Town::found().await;
    let judo = server::Grant {
        provider: Some(district::JUDO_CLUB),
        groups: vec![district::JUDO],
        ..grant(Role::Teacher, "Judo tablet")
    };
    let (chess, judo) = (town.teacher().await, town.enrol(&judo, &town.address()).await);
    let (first, second) = (town.parent(&[1]).await, town.parent(&[2]).await);
    let coordinator = town.coordinator().await;
    for (teacher, lesson, children) in
        [(&chess, first_lesson(), 1..=3), (&judo, district::lessons(district::JUDO)[0], 4..=4)]
    {
        town.set_clock(lesson.start_ms);
        teacher.open(lesson.id).await;
        for child in children {
            teacher.scan(lesson.id, &town.card(child)).await.kept();
        }
        teacher.sync().await.done();
    }
    for phone in [&first, &second, &coordinator] {
        phone.sync().await.done();
    }
    let visit = first.visits().await[0].event.clone();
    let answer = json!({ "visit": visit, "answer": "was" });
    drop(first.call::<ipc::VisitView>("answer_visit", answer).await);
    for phone in [&first, &second, &chess, &judo] {
        phone.sync().await.done();
    }

    for (phone, own) in [(&chess, &[1, 2, 3][..]), (&judo, &[4]), (&first, &[1]), (&second, &[2])] {
        let (files, answers) = (files_of(phone), answers_to(&town, phone).await);
        for child in 1..=4 {
            for trace in traces(child) {
                if own.contains(&child) {
                    continue;
                }
                let shown = String::from_utf8_lossy(&trace).into_owned();
                assert!(!holds(&files, &trace), "files of {own:?} know {child}: {shown}");
                assert!(!holds(&answers, &trace), "answers to {own:?} tell {child}: {shown}");
            }
            // The test can see what is there.
            let name = district::NAMES[usize::from(child) - 1].as_bytes();
            assert_eq!(holds(&files, name), own.contains(&child));
        }
    }
    // A coordinator's device keeps no names of children: they are asked for when a ticket is made.
    let files = files_of(&coordinator);
    assert!(district::NAMES.iter().all(|name| !holds(&files, name.as_bytes())));
}

#[tokio::test]
async fn no_iin_is_anywhere() {
    let town = Town::found().await;
    let (teacher, parent) = (town.teacher().await, town.parent(&[1]).await);
    let coordinator = town.coordinator().await;
    let mut all = Vec::new();
    for phone in [&teacher, &parent, &coordinator] {
        phone.sync().await.done();
        all.extend(answers_to(&town, phone).await);
    }
    // Twelve digits in a row stand for an IIN, or for the BIN of a provider, which is no secret.
    let bins: Vec<String> =
        district::snapshot().providers.into_iter().map(|provider| provider.bin).collect();
    let text: String = all.iter().map(|byte| char::from(*byte)).collect();
    let runs = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 12);
    let unknown = runs.filter(|run| bins.iter().all(|bin| bin != run));
    assert_eq!(unknown.count(), 0, "an IIN, or what looks like one");
    let columns = "pragma_table_info('child') WHERE name LIKE '%iin%'";
    assert_eq!(town.count(columns), 0, "the server has no place for one either");
}
