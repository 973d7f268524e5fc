//! A day of 300 children on a device, a server, and a line between them that somebody else shapes: the
//! programs that `tests/shaped-link/run.py` puts at both ends of it.
//!
//! `prepare DIR ADDRESS` makes a server and a device with 602 events that the server does not know;
//! `serve DIR ADDRESS` serves; `carry DIR` sends through the datagram door; `http DIR SECONDS` syncs over
//! HTTP for so long. The last two print one line of JSON.
#![expect(clippy::print_stdout, reason = "what it prints is read by the script that runs it")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::json;
use server::{Server, ServerClock};
use shell_core::ShellClock;
use sync_client::SyncClient;
use system_tests::{Phone, chess_teacher, day, district};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

const CHILDREN: u16 = 300;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["prepare", dir, address] => prepare(Path::new(dir), address.parse()?).await,
        ["serve", dir, address] => serve(Path::new(dir), address.parse()?).await,
        ["carry", dir] => carry(Path::new(dir)).await,
        ["http", dir, seconds] => http(Path::new(dir), seconds.parse()?).await,
        _ => anyhow::bail!("prepare DIR ADDRESS, serve DIR ADDRESS, carry DIR or http DIR SECONDS"),
    }
}

fn clock() -> ServerClock {
    ServerClock::starting_at(district::FIRST_MORNING_MS)
}

async fn prepare(dir: &Path, address: SocketAddr) -> anyhow::Result<()> {
    let data = dir.join("server");
    let keys = server::init(&data, &day::district_of(CHILDREN), clock()).await?;
    let issuer = server::read_key(&keys.card)?;
    let server = Server::open(&data, clock()).await?;
    day::log_cards(&server, CHILDREN, &issuer).await;
    let listener = TcpListener::bind(address).await?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server::serve(listener, Arc::clone(&server), async {
        drop(stopped.await);
    }));
    let url = format!("http://{address}");
    let ticket = server.make_ticket(&chess_teacher(), &url, 600_000).await?;
    let hand = Arc::new(AtomicI64::new(district::FIRST_MORNING_MS));
    let phone = Phone::switch_on(&dir.join("device"), ShellClock::hand(Arc::clone(&hand)));
    phone.shell.enrol(&ticket.to_text()).await?;
    phone.sync().await.done();
    for lesson in district::lessons(district::CHESS).iter().take(2) {
        let set = |at_ms| hand.store(at_ms, Ordering::Relaxed);
        day::attend(&phone, lesson, CHILDREN, set, &issuer).await;
    }
    ensure!(phone.status().await.not_sent == 602, "a day of 602 events waits");
    drop(phone);
    stop.send(()).ok().context("the server listens to the signal")?;
    serving.await??;
    Ok(())
}

async fn serve(dir: &Path, address: SocketAddr) -> anyhow::Result<()> {
    let server = Server::open(&dir.join("server"), clock()).await?;
    let listener = TcpListener::bind(address).await?;
    println!("ready");
    Ok(server::serve(listener, server, std::future::pending()).await?)
}

fn device(dir: &Path) -> Phone {
    let at_ms = district::FIRST_MORNING_MS + 3 * 86_400_000;
    Phone::switch_on(&dir.join("device"), ShellClock::hand(Arc::new(AtomicI64::new(at_ms))))
}

async fn carry(dir: &Path) -> anyhow::Result<()> {
    let phone = device(dir);
    let began = Instant::now();
    let carried = SyncClient::new()?.carry(phone.shell.device()).await;
    report(&phone, "datagrams", began, carried.err().map(|why| why.to_string())).await;
    Ok(())
}

async fn http(dir: &Path, seconds: u64) -> anyhow::Result<()> {
    let phone = device(dir);
    let (began, client) = (Instant::now(), SyncClient::new()?);
    let (mut tries, mut last) = (0, None);
    let syncing = async {
        loop {
            tries += 1;
            match client.sync(phone.shell.device()).await {
                Ok(_) => return,
                Err(why) => last = Some(why.to_string()),
            }
        }
    };
    let ended = timeout(Duration::from_secs(seconds), syncing).await.is_ok();
    let last = if ended { None } else { last };
    let last = last.map(|last| format!("{tries} contacts, the last: {last}"));
    let fault =
        (!ended).then(|| last.unwrap_or_else(|| "the first contact did not end".to_owned()));
    report(&phone, "http", began, fault).await;
    Ok(())
}

async fn report(phone: &Phone, way: &str, began: Instant, fault: Option<String>) {
    let status = phone.status().await;
    let done = json!({
        "way": way,
        "seconds": began.elapsed().as_secs_f64(),
        "events": status.events,
        "not_sent": status.not_sent,
        "not_receipted": status.not_receipted,
        "alarms": status.alarms,
        "fault": fault,
    });
    println!("{done}");
}
