//! A hub whose process is killed: whatever it gave its word for is there.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use attendance::DeviceId;
use carriage::{Parcel, ParcelSecret};
use device::Mark;
use seal::Hash;
use sync_api::HubAddress;
use system_tests::Town;

use super::{marks, record, recorded, tablet};
use crate::qatysu::qatysu;

const ROUNDS: u8 = 24;

/// A hub in a process of its own; dropped, it is killed.
struct HubProcess {
    child: Child,
    code: String,
}

impl HubProcess {
    fn start(dir: &Path) -> Self {
        let dir = dir.to_str().expect("UTF-8");
        let args = ["--json", "hub", "--data", dir, "--listen", "127.0.0.1:0", "--no-announce"];
        let mut child = qatysu(&args).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it is");
        let said: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        Self { child, code: said["code"].as_str().expect("a code").to_owned() }
    }

    fn url(&self) -> String {
        HubAddress::parse(&self.code).expect("a code").addresses[0].clone()
    }

    /// SIGKILL: nothing of the program runs any more.
    fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hub_killed_between_its_word_and_the_server_passes_on_after_its_start() {
    let mut town = Town::found().await;
    let (tablet, _network) = tablet(&town).await;
    let coordinator = town.coordinator().await;
    let dir = coordinator.dir.clone();
    drop(coordinator);
    record(&town, &tablet, 1..=3).await;
    town.stop_server().await;
    let hub = HubProcess::start(&dir);
    let visit = tablet.shell.learn_hub(&hub.code).await.expect("a hub");
    assert_eq!((visit.report.carried, visit.fault), (4, None));
    assert_eq!(marks(&tablet).await, [Mark::Carried; 4]);
    hub.kill();

    town.start_server().await;
    let hub = HubProcess::start(&dir);
    for _ in 0..300 {
        let visit = tablet.shell.learn_hub(&hub.code).await.expect("a hub");
        if visit.report.receipted == 4 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(marks(&tablet).await, [Mark::Receipted; 4]);
    assert_eq!((recorded(&town, 1), tablet.status().await.alarms), (4, 0));
}

fn parcel(round: u8, number: u8) -> (Hash, Vec<u8>) {
    let to = ParcelSecret::from_seed(&[40; 32]).public();
    let contents = vec![number; 20_000];
    let sealed = Parcel::seal(DeviceId([round; 8]), 9, &contents, &to, [number; 32]);
    let bytes = sealed.expect("it fits").to_bytes();
    (Parcel::name(&bytes), bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_killed_hub_gave_its_word_for_is_there() {
    let mut town = Town::found().await;
    let coordinator = town.coordinator().await;
    let dir = coordinator.dir.clone();
    drop(coordinator);
    town.stop_server().await;
    let client = reqwest::Client::new();
    let (mut kept, mut cut_short) = (Vec::new(), 0);
    for round in 0..ROUNDS {
        let hub = HubProcess::start(&dir);
        let url = hub.url();
        for (name, bytes) in kept.iter().cloned() {
            let found = client.get(format!("{url}/hub/answer/{name}")).send().await.unwrap();
            assert_eq!(found.status().as_u16(), 202, "round {round}: {name} is gone");
            // Taken again it is the same one.
            drop::<Vec<u8>>(bytes);
        }
        let (client, at) = (client.clone(), url.clone());
        let putting = tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0..40 {
                let (name, bytes) = parcel(round, number);
                let put = client.put(format!("{at}/hub/parcel/{name}")).body(bytes.clone());
                match put.send().await {
                    Ok(answer) if answer.status().is_success() => {
                        // The word is there whole, or it was not given.
                        if answer.bytes().await.is_ok() {
                            acknowledged.push((name, bytes));
                        }
                    }
                    Ok(answer) => panic!("the hub refused: {}", answer.status()),
                    Err(_) => break,
                }
            }
            acknowledged
        });
        // Each round dies at another moment.
        tokio::time::sleep(Duration::from_millis(3 + u64::from(round) * 7)).await;
        hub.kill();
        let acknowledged = putting.await.expect("the sender does not panic");
        cut_short += usize::from(acknowledged.len() < 40);
        kept.extend(acknowledged);
    }
    assert!(cut_short > 0 && !kept.is_empty(), "{cut_short} rounds were cut short");
    let hub = HubProcess::start(&dir);
    for (name, _) in &kept {
        let found = client.get(format!("{}/hub/answer/{name}", hub.url())).send().await.unwrap();
        assert_eq!(found.status().as_u16(), 202, "{name} is gone");
    }
    drop(hub);
    // Nothing torn is left, and nothing that is there is damaged.
    let store = hub::ParcelStore::open(&dir.join("carried"), hub::CarryLimits::default()).unwrap();
    assert_eq!(store.damaged(), 0);
    let listed = store.list();
    assert!(kept.iter().all(|(name, _)| listed.iter().any(|carried| carried.parcel == *name)));
    eprintln!("{ROUNDS} kills, {cut_short} in the middle of a visit, {} words kept", kept.len());
}
