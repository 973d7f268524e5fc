//! Parcels and answers as files that a person carries.

use std::path::Path;

use attendance::Role;
use device::Mark;
use ipc::ErrorCode;
use server::Grant;
use system_tests::{Phone, Town, district, grant, plain_bytes};

use super::{marks, record, recorded, tablet};
use crate::qatysu::{qatysu, run};

async fn file_of(phone: &Phone, own: bool) -> String {
    phone.shell.carry_out(own).await.expect("a file").file.to_text()
}

#[tokio::test]
async fn file_goes_out_and_its_answer_comes_back() {
    let town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &tablet, 1..=3).await;
    let out = file_of(&tablet, true).await;
    assert_eq!(out, file_of(&tablet, true).await, "the same parcel each time");

    let taken = coordinator.shell.carry_in(out.clone()).await.unwrap();
    assert_eq!((taken.parcels, taken.known, taken.damaged.len()), (1, 0, 0));
    let again = coordinator.shell.carry_in(out).await.unwrap();
    assert_eq!((again.parcels, again.known), (0, 1));

    // The word alone comes back first: carried, and not more.
    let back = coordinator.shell.carry_out(false).await.unwrap().file;
    let taken = tablet.shell.carry_in(back.to_text()).await.unwrap();
    assert_eq!((taken.carried, taken.answers), (4, 0));
    assert_eq!(marks(&tablet).await, [Mark::Carried; 4]);

    assert_eq!(coordinator.shell.forward_now().await.unwrap().answered, 1);
    let back = file_of(&coordinator, false).await;
    for expected in [4, 0] {
        let taken = tablet.shell.carry_in(back.clone()).await.unwrap();
        assert_eq!((taken.answers, taken.receipted), (1, expected));
        assert!(taken.damaged.is_empty(), "{taken:?}");
    }
    assert_eq!(marks(&tablet).await, [Mark::Receipted; 4]);
    assert_eq!((recorded(&town, 1), tablet.status().await.alarms), (4, 0));
}

#[tokio::test]
async fn many_carriers_in_a_row_bring_it_there_and_back() {
    let town = Town::found().await;
    let (first, _one) = tablet(&town).await;
    let (second, _two) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &first, 1..=2).await;
    // Another teacher's tablet without a network takes it a part of the way.
    second.shell.carry_in(file_of(&first, true).await).await.unwrap();
    coordinator.shell.carry_in(file_of(&second, false).await).await.unwrap();
    assert_eq!(coordinator.shell.forward_now().await.unwrap().answered, 1);
    let taken = second.shell.carry_in(file_of(&coordinator, false).await).await.unwrap();
    assert_eq!((taken.answers, taken.passed_on), (0, 1));
    let taken = first.shell.carry_in(file_of(&second, false).await).await.unwrap();
    assert_eq!((taken.answers, taken.receipted), (1, 3));
}

#[tokio::test]
async fn damaged_file_names_the_parcel_and_the_others_are_taken() {
    let town = Town::found().await;
    let (first, _one) = tablet(&town).await;
    let (second, _two) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &first, 1..=2).await;
    record(&town, &second, 2..=3).await;
    second.shell.carry_in(file_of(&first, true).await).await.unwrap();
    let out = second.shell.carry_out(false).await.unwrap().file;
    assert_eq!(out.parcels.len(), 2);
    let (spoilt, good) = (out.parcels[0].0, out.parcels[1].0);
    let mut text = out.to_text().into_bytes();
    let line = text.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let at = line + "parcel ".len() + 64 + 1 + 40;
    text[at] = if text[at] == b'A' { b'B' } else { b'A' };
    let text = String::from_utf8(text).unwrap();

    let taken = coordinator.shell.carry_in(text).await.unwrap();
    assert_eq!(taken.parcels, 1);
    assert_eq!(taken.damaged.len(), 1, "{taken:?}");
    assert_eq!(taken.damaged[0].parcel.as_deref(), Some(&*spoilt.to_string()));
    assert_eq!(taken.damaged[0].line, 2);
    let store = coordinator.shell.parcels().unwrap();
    assert!(store.find(good).is_some() && store.find(spoilt).is_none());
}

#[tokio::test]
async fn answer_that_the_log_did_not_sign_counts_as_nothing() {
    let town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &tablet, 1..=2).await;
    coordinator.shell.carry_in(file_of(&tablet, true).await).await.unwrap();
    coordinator.shell.forward_now().await.unwrap();
    let mut file = coordinator.shell.carry_out(false).await.unwrap().file;
    let last = file.answers[0].1.len() - 1;
    file.answers[0].1[last] ^= 1;
    file.words.clear();
    let taken = tablet.shell.carry_in(file.to_text()).await.unwrap();
    assert_eq!((taken.answers, taken.damaged.len()), (0, 1), "{taken:?}");
    assert_eq!(marks(&tablet).await, [Mark::Recorded; 3]);
    // The true one is still welcome.
    let taken = tablet.shell.carry_in(file_of(&coordinator, false).await).await.unwrap();
    assert_eq!(taken.receipted, 3);
}

#[tokio::test]
async fn file_for_another_server_is_refused_by_name() {
    let town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &tablet, 1..=1).await;
    let mut file = tablet.shell.carry_out(true).await.unwrap().file;
    file.origin = "log.elsewhere.example/2026".to_owned();
    let refused = coordinator.shell.carry_in(file.to_text()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::OtherServer);
    assert!(refused.message.contains("log.elsewhere.example/2026"), "{refused}");
    assert!(refused.message.contains(district::ORIGIN), "{refused}");
    let other = coordinator.shell.carry_in("PK\u{3}\u{4}".to_owned()).await.unwrap_err();
    assert_eq!(other.code, ErrorCode::NotACarryFile);
}

#[tokio::test]
async fn carrier_learns_nothing_that_it_may_not_see() {
    let town = Town::found().await;
    let (tablet, _one) = tablet(&town).await;
    record(&town, &tablet, 1..=3).await;
    // A tablet of another group, which has no business with these children.
    let judo = Grant {
        provider: Some(district::JUDO_CLUB),
        groups: vec![district::JUDO],
        ..grant(Role::Teacher, "Judo tablet")
    };
    let carrier = town.enrol(&judo, &town.address()).await;
    carrier.shell.carry_in(file_of(&tablet, true).await).await.unwrap();
    carrier.shell.forward_now().await.unwrap();
    carrier.sync().await.done();
    let out = file_of(&carrier, false).await;

    let mut secrets: Vec<Vec<u8>> = Vec::new();
    for number in 1..=3_u8 {
        secrets.push(district::child(number).as_bytes().to_vec());
        secrets.push(district::child(number).to_string().into_bytes());
        secrets.push(district::NAMES[usize::from(number) - 1].as_bytes().to_vec());
    }
    for (_, bytes) in tablet.events().await {
        // The middle of an event: kind, child, lesson and times are there.
        secrets.push(bytes[24..56].to_vec());
    }
    assert!(found(&tablet.dir, &secrets) > secrets.len() / 2, "looking finds what is there");
    assert_eq!(found(&carrier.dir, &secrets), 0);
    let hidden = |secret: &Vec<u8>| !out.as_bytes().windows(secret.len()).any(|w| w == secret);
    assert!(secrets.iter().all(hidden));
}

/// Counts which of these byte strings are in any file of a directory.
fn found(dir: &Path, secrets: &[Vec<u8>]) -> usize {
    let all = plain_bytes(dir);
    let is_in = |secret: &&Vec<u8>| all.windows(secret.len()).any(|window| window == **secret);
    secrets.iter().filter(is_in).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn command_line_carries_there_and_back() {
    let town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    record(&town, &tablet, 1..=2).await;
    let (from, to) = (tablet.dir.clone(), coordinator.dir.clone());
    drop((tablet, coordinator));
    let file = from.join("out.carry");
    let [from, to, file] = [&from, &to, &file].map(|path| path.to_str().unwrap().to_owned());
    let done = tokio::task::spawn_blocking(move || {
        run(&["carry", "export", "--data", &from, "--own", "--to", &file]).with(0);
        run(&["carry", "import", "--data", &to, &file]).with(0);
        run(&["carry", "forward", "--data", &to]).with(0);
        run(&["carry", "export", "--data", &to, "--to", &file]).with(0);
        let said = run(&["--json", "carry", "import", "--data", &from, &file]).with(0);
        let strange = qatysu(&["carry", "import", "--data", &from, "/dev/null"]).output().unwrap();
        (said, strange.status.code())
    });
    let (said, strange) = done.await.unwrap();
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said[0]["taken"]["receipted"], 3, "{said}");
    assert_eq!(strange, Some(1), "no carry file is refused, and nothing breaks");
}
