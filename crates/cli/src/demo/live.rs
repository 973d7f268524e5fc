//! The demonstration in a browser: a district with a month behind it, and one lesson to go.

use std::path::Path;

use anyhow::Context as _;
use ledger::Month;
use serde_json::json;
use server::ServerClock;
use shell_core::Shell;

use super::cards::{self, DemoCard};
use super::district;
use super::month::{self, Readings};
use super::october;
use super::process::Process;
use super::report::Report;
use super::steps::MONTH;
use super::witnesses::Witnesses;
use super::world::{World, clock_text, first_morning_ms, local_ms};
use crate::console::{Console, Exit};
use crate::host;

/// How many visits of the first family still wait for an answer.
const LEFT_TO_ANSWER: usize = 3;

/// When the demonstration's day begins: Wednesday, ten minutes before the chess lesson.
fn now_ms() -> i64 {
    local_ms(2026, 9, 30, (15, 50))
}

pub(super) async fn run(
    dir: &Path,
    ui: &Path,
    port: u16,
    console: Console,
) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        ui.join("index.html").is_file(),
        "{} holds no UI: build it with `cargo xtask ui`, or give its place with --ui",
        ui.display()
    );
    let mut report = Report::new(console);
    let server_dir = dir.join("server");
    let listen = |offset: u16| format!("127.0.0.1:{}", port + offset);
    let admin = listen(4);
    let district = district::district();
    let clock = ServerClock::starting_at(first_morning_ms());
    let keys = server::init(&server_dir, &district, clock).await?;
    let made = report
        .step("cards", async {
            let key = server::read_key(&keys.card)?;
            cards::issue_and_log(&key, &dir.join("cards"), &server_dir).await
        })
        .await?;
    report.step("pictures", async { cards::draw(&made, &dir.join("cards")) }).await?;
    let witnesses = Witnesses::start(dir, &server_dir, &district.origin, &keys.roots);
    let mut witnesses = report.step("witnesses", witnesses).await?;
    let clock = clock_text(first_morning_ms());
    let server = Process::serve(&server_dir, [&listen(0), &admin], &clock).await?;
    let world = report.step("enrol", World::enrol(dir, &server)).await?;
    report.step("september", seed(&world, &made, console)).await?;
    report.step("update", october::update(&world, &server_dir)).await?;
    // Each device's files now go to its own process.
    drop(world);

    // The server goes on at the devices' time: it tells them theirs.
    let clock = clock_text(now_ms());
    server.kill().await?;
    let mut server = Process::serve(&server_dir, [&listen(0), &admin], &clock).await?;
    let mut hosts = Vec::new();
    for (offset, (role, name)) in (1..).zip([
        ("teacher", "teacher-1"),
        ("parent", "parent-01"),
        ("coordinator", "coordinator"),
    ]) {
        let data = World::device_dir(dir, name);
        let data = data.to_str().context("the directory's name is not text")?;
        let ui = ui.to_str().context("the directory's name is not text")?;
        let listen = listen(offset);
        let args = ["kiosk", "--data", data, "--role", role, "--listen", &listen, "--ui", ui];
        hosts.push(Process::start(&[&args[..], &["--clock", &clock]].concat()).await?);
    }
    let [teacher, parent, coordinator] = &mut hosts[..] else { anyhow::bail!("three hosts") };
    let [first, second] = &mut witnesses.running[..] else { anyhow::bail!("two witnesses") };
    tell(console, dir, &admin, [&server, teacher, parent, coordinator, first, second], &made);
    let ended = tokio::select! {
        () = host::asked_to_stop() => None,
        ended = server.ended() => Some(ended),
        ended = teacher.ended() => Some(ended),
        ended = parent.ended() => Some(ended),
        ended = coordinator.ended() => Some(ended),
        ended = first.ended() => Some(ended),
        ended = second.ended() => Some(ended),
    };
    match ended {
        None => Ok(Exit::Fine),
        Some(ended) => anyhow::bail!("{ended}; the demonstration stops"),
    }
}

/// Records September up to today, and lets the families answer all but the first one's last visits.
async fn seed(
    world: &World,
    made: &[DemoCard],
    console: Console,
) -> anyhow::Result<((), serde_json::Value)> {
    let texts: Vec<String> = made.iter().map(|card| card.text.clone()).collect();
    let codes: Vec<String> = made.iter().map(|card| card.code.clone()).collect();
    let readings = Readings { texts: &texts, codes: &codes };
    let snapshot = district::district().snapshot;
    let month: Month = MONTH.parse()?;
    let until_ms = now_ms();
    let done = month::record(world, &snapshot, month, &readings, (until_ms, console)).await?;
    world.set_clock(now_ms() - 3_600_000);
    for teacher in &world.teachers {
        teacher.sync_now().await?;
    }
    let mut answered = 0;
    for (number, parent) in world.parents.iter().enumerate() {
        console.progress(&format!("family {} of {}", number + 1, world.parents.len()));
        let leave = if number == 0 { LEFT_TO_ANSWER } else { 0 };
        answered += seed_family(parent, leave).await?;
    }
    world.coordinator.sync_now().await?;
    Ok(((), json!({ "lessons": done.lessons, "visits": done.visits, "answered": answered })))
}

async fn seed_family(parent: &Shell, leave: usize) -> anyhow::Result<u64> {
    parent.sync_now().await?;
    let answered = month::answer(parent, leave).await?;
    parent.sync_now().await?;
    Ok(answered.was + answered.was_not)
}

fn tell(console: Console, dir: &Path, admin: &str, hosts: [&Process; 6], made: &[DemoCard]) {
    let office = hosts[0].console_link.as_str();
    let [server, teacher, parent, coordinator, first, second] =
        hosts.map(|host| host.address.as_str());
    let pictures = dir.join("cards");
    let code = made.first().map_or("", |card| card.code.as_str());
    let cards: Vec<_> = made
        .iter()
        .map(|card| json!({ "text": card.text, "code": card.code, "png": card.png }))
        .collect();
    console.line(format!(
        "
It is Wednesday, 30 September 2026, 15:50. Everything below is invented.

  teacher      {teacher}
  parent       {parent}
  coordinator  {coordinator}
  console      {office}
               for the first head of the issuer's office: once, within ten minutes, with a passkey
  server       {server}
  log          {server}/log/checkpoint
  health       http://{admin}/health/ready, numbers at /metrics
  witnesses    {first}, {second}: both cosign every checkpoint

1. Teacher: open the chess lesson and scan a card: camera, a picture from
   {}, or typed: {}
2. Watch it go from recorded to sent to receipted, within ten seconds.
3. Parent: the visit is there; answer it, and the older ones.
4. Coordinator: close September, read the registry, enter the Treasury's payment notice.
5. Console: let in a provider's administrator and the Treasury; each sees what is theirs to see.

Stop with Ctrl-C. The files stay in {}",
        pictures.display(),
        code,
        dir.display()
    ));
    console.json(&json!({
        "server": server,
        "admin": format!("http://{admin}"),
        "teacher": teacher,
        "parent": parent,
        "coordinator": coordinator,
        "console_link": office,
        "witnesses": [first, second],
        "cards": cards,
    }));
}
