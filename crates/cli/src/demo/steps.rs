//! The headless way, step by step.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use attendance::{CardRejection, TrustRoots};
use device::{EntryKind, Outcome, Refusal};
use ipc::{BoardView, MonthState, MonthView};
use ledger::{Month, Snapshot};
use serde_json::{Map, Value, json};
use server::{IssuerKeys, ServerClock};
use shell_core::Shell;
use sync_api::Bundle;
use sync_client::SyncError;

use super::cards::{self, DemoCard};
use super::district;
use super::month::{self, Answered, Readings};
use super::october;
use super::process::Process;
use super::report::Report;
use super::witnesses::Witnesses;
use super::world::{World, clock_text, first_morning_ms, local_ms};
use crate::audit;
use crate::bundle::FileKind;
use crate::console::{Console, Exit};

/// The month that the demonstration closes.
pub(super) const MONTH: &str = "2026-09";

/// How often, and how long apart, the coordinator looks whether the server has closed the month.
const LOOKS: usize = 100;
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(100);

pub(super) async fn run(dir: &Path, console: Console) -> anyhow::Result<Exit> {
    let mut report = Report::new(console);
    let month: Month = MONTH.parse().context("the demonstration's month")?;
    let district = district::district();
    let snapshot = district.snapshot.clone();
    let server_dir = dir.join("server");

    let keys = report.step("district", set_up(&server_dir)).await?;
    let made = report
        .step("cards", async {
            let key = server::read_key(&keys.card)?;
            cards::issue_and_log(&key, &dir.join("cards"), &server_dir).await
        })
        .await?;
    let pdf = report.step("pictures", async { cards::draw(&made, &dir.join("cards")) }).await?;
    let texts = report.step("read", async { cards::read_back(&made, &pdf, console) }).await?;
    let witnesses = Witnesses::start(dir, &server_dir, &district.origin, &keys.roots);
    let mut witnesses = report.step("witnesses", witnesses).await?;
    let server = report.step("server", start_server(&server_dir, "127.0.0.1:0")).await?;
    let world = report.step("enrol", World::enrol(dir, &server)).await?;

    let listen = server.listen();
    server.kill().await?;
    report.step("offline", offline(&world, &snapshot, month, (&texts, &made), console)).await?;
    let ended = cards::ended(&server::read_key(&keys.card)?)?;
    report.step("refusals", refusals(&world, &snapshot, &texts, &ended)).await?;
    let server = report.step("restart", start_server(&server_dir, &listen)).await?;
    report.step("sync", sync_teachers(&world)).await?;
    report.step("update", october::update(&world, &server_dir)).await?;
    let about_children = report.step("confirm", confirm(&world, console)).await?;
    let closed = report.step("close", close(&world)).await?;
    report.step("complete", prove_complete(&world, about_children, console)).await?;
    let registry = report.step("registry", write_registry(&world, month, &closed)).await?;
    report.step("payment", pay(&world, &closed)).await?;
    let bundle = report.step("bundle", fetch_bundle(&world, month)).await?;
    report.step("witnessed", witnesses.hold(&server.address, &server_dir)).await?;
    let copy = dir.join("log");
    report.step("published", witnesses.publish(&server.address, &server_dir, &copy)).await?;
    witnesses.kill().await?;
    server.kill().await?;
    let audited = report.step("audit", audit_without_server(&bundle, &server_dir, &closed)).await?;

    let mut whole = Map::new();
    whole.insert("tranche".into(), json!(closed.tranche));
    whole.insert("audited".into(), json!(audited));
    whole.insert("accrued_tiyn".into(), json!(closed.accrued_tiyn));
    whole.insert(
        "files".into(),
        json!({ "directory": dir, "registry": registry, "bundle": bundle, "log": copy }),
    );
    console.line(format!("tranche {audited}, recomputed without the server to the same hash"));
    console.line(format!("files in {}", dir.display()));
    report.finish(whole);
    Ok(Exit::Fine)
}

async fn set_up(server_dir: &Path) -> anyhow::Result<(IssuerKeys, Value)> {
    let district = district::district();
    let clock = ServerClock::starting_at(first_morning_ms());
    let keys = server::init(server_dir, &district, clock).await?;
    let snapshot = &district.snapshot;
    let figures = json!({
        "providers": snapshot.providers.len(),
        "groups": snapshot.groups.len(),
        "children": district.people.len(),
        "vouchers": snapshot.contracts.len(),
    });
    Ok((keys, figures))
}

async fn start_server(server_dir: &Path, listen: &str) -> anyhow::Result<(Process, Value)> {
    let server =
        Process::serve(server_dir, [listen, "127.0.0.1:0"], &clock_text(first_morning_ms()))
            .await?;
    let figures = json!({ "address": server.address });
    Ok((server, figures))
}

/// Records the whole month while the server is dead, and sees that a sync says so.
async fn offline(
    world: &World,
    snapshot: &Snapshot,
    month: Month,
    (texts, made): (&[String], &[DemoCard]),
    console: Console,
) -> anyhow::Result<((), Value)> {
    let codes: Vec<String> = made.iter().map(|card| card.code.clone()).collect();
    let readings = Readings { texts, codes: &codes };
    let done = month::record(world, snapshot, month, &readings, (i64::MAX, console)).await?;
    let mut waiting = 0;
    for teacher in &world.teachers {
        let refused = teacher.sync_now().await;
        ensure!(matches!(refused, Err(SyncError::Offline(_))), "a sync without a server succeeded");
        waiting += status(teacher).await?.not_sent;
    }
    let figures = json!({
        "lessons": done.lessons,
        "visits": done.visits,
        "by_code": done.by_code,
        "scanned_again": done.again,
        "events_waiting": waiting,
    });
    Ok(((), figures))
}

async fn status(shell: &Shell) -> anyhow::Result<device::DeviceStatus> {
    Ok(shell.device().with(|device| device.status()).await?)
}

/// Shows bad codes at the door: each is refused for its own reason, and nothing is recorded.
async fn refusals(
    world: &World,
    snapshot: &Snapshot,
    texts: &[String],
    ended: &str,
) -> anyhow::Result<((), Value)> {
    let teacher = world.teachers.first().context("a teacher")?;
    let month: Month = MONTH.parse()?;
    let lessons = snapshot.lessons(month);
    let own = lessons.iter().rev().find(|lesson| lesson.provider == district::provider(0));
    let lesson = *own.context("a lesson")?;
    world.set_clock(lesson.start_ms);
    let id = lesson.id;
    teacher.device().with(move |device| device.open_lesson(id)).await?;
    let before = status(teacher).await?.events;
    let good = texts.first().context("a card")?;
    let half: String = good.chars().take(good.chars().count() / 2).collect();
    let edited = edit(good)?;
    for (text, expected) in [
        ("https://example.kz/menu", "foreign"),
        (half.as_str(), "malformed"),
        (edited.as_str(), "bad_signature"),
        ("OB2:ABC", "unknown_version"),
        ("0000-0000-01", "code_mistyped"),
    ] {
        let found = refusal_of(teacher, text, id).await?;
        ensure!(found == expected, "«{expected}» was expected, the app said «{found}»");
    }
    let found = refusal_of(teacher, ended, id).await?;
    ensure!(found == "expired", "an old card was {found}");
    ensure!(status(teacher).await?.events == before, "a refused code was recorded");
    world.set_clock(lesson.end_ms);
    teacher.device().with(move |device| device.close_lesson(id)).await?;
    Ok(((), json!({ "refused": 6, "recorded": 0 })))
}

/// Changes the voucher inside a card's signed bytes, and writes the text anew.
fn edit(card: &str) -> anyhow::Result<String> {
    let text = attendance::QrText::parse(card)?;
    let mut bytes = text.bytes().to_vec();
    // A byte of the payload, well before the 64 bytes of the signature.
    let at = bytes.len().checked_sub(64 + 12).context("a card is longer than that")?;
    bytes[at] ^= 0x01;
    Ok(format!("{}{}", attendance::CARD_PREFIX, base45::encode(bytes)))
}

async fn refusal_of(
    shell: &Shell,
    text: &str,
    lesson: attendance::LessonId,
) -> anyhow::Result<&'static str> {
    let scanned = text.to_owned();
    let done = shell.device().with(move |device| device.record_scan(&scanned, lesson)).await?;
    Ok(match done.outcome {
        Outcome::Refused(Refusal::Card(CardRejection::Foreign)) => "foreign",
        Outcome::Refused(Refusal::Card(CardRejection::Malformed(_))) => "malformed",
        Outcome::Refused(Refusal::Card(CardRejection::UnknownVersion)) => "unknown_version",
        Outcome::Refused(Refusal::Card(CardRejection::BadSignature { .. })) => "bad_signature",
        Outcome::Refused(Refusal::Card(CardRejection::Expired { .. })) => "expired",
        Outcome::Refused(Refusal::CodeMistyped) => "code_mistyped",
        Outcome::Refused(_) => "refused otherwise",
        Outcome::Kept | Outcome::Already | Outcome::Guest => "recorded",
    })
}

async fn sync_teachers(world: &World) -> anyhow::Result<((), Value)> {
    let (mut sent, mut receipted) = (0, 0);
    for teacher in &world.teachers {
        let done = teacher.sync_now().await?;
        ensure!(done.parked == 0, "{} good events were parked", done.parked);
        sent += done.sent;
        receipted += done.receipted;
        all_receipted(teacher).await?;
    }
    ensure!(sent == receipted, "{sent} events were sent, {receipted} receipts were verified");
    Ok(((), json!({ "events_sent": sent, "receipts_verified": receipted })))
}

async fn all_receipted(shell: &Shell) -> anyhow::Result<()> {
    let status = status(shell).await?;
    let (waiting, alarms) = (status.not_receipted, status.alarms);
    ensure!(waiting == 0, "{waiting} events have no receipt");
    ensure!(alarms == 0, "{alarms} proofs did not hold");
    Ok(())
}

/// Lets every family see its visits, answer them, and get receipts for the answers. Gives how many
/// events of the log are about children.
async fn confirm(world: &World, console: Console) -> anyhow::Result<(u64, Value)> {
    world.set_clock(local_ms(2026, 10, 2, (10, 0)));
    let mut all = Answered::default();
    let mut receipted = 0;
    for (number, parent) in world.parents.iter().enumerate() {
        console.progress(&format!("family {} of {}", number + 1, world.parents.len()));
        parent.sync_now().await?;
        let answered = month::answer(parent, 0).await?;
        let done = parent.sync_now().await?;
        all_receipted(parent).await?;
        receipted += done.receipted;
        all.seen += answered.seen;
        all.was += answered.was;
        all.was_not += answered.was_not;
        all.silent += answered.silent;
    }
    ensure!(receipted == all.was + all.was_not, "an answer has no receipt");
    let figures = json!({
        "families": world.parents.len(),
        "visits_seen": all.seen,
        "was": all.was,
        "was_not": all.was_not,
        "silent": all.silent,
        "receipts_verified": receipted,
    });
    Ok((all.seen + receipted, figures))
}

/// Lets every family's phone prove that nothing about its children is hidden up to the month's close.
async fn prove_complete(
    world: &World,
    about_children: u64,
    console: Console,
) -> anyhow::Result<((), Value)> {
    let (mut events, mut cards, mut children, mut complete_to) = (0, 0, 0, u64::MAX);
    for (number, parent) in world.parents.iter().enumerate() {
        console.progress(&format!("family {} of {}", number + 1, world.parents.len()));
        parent.sync_now().await?;
        all_receipted(parent).await?;
        for known in parent.device().with(|device| device.completeness()).await? {
            ensure!(known.is_complete(), "a list is not complete: {:?}", known.missing);
            let (issued, made): (Vec<_>, Vec<_>) =
                known.entries.iter().partition(|entry| entry.kind == EntryKind::Card);
            cards += issued.len() as u64;
            events += made.len() as u64;
            complete_to = complete_to.min(known.complete_to());
            children += 1;
        }
    }
    ensure!(events == about_children, "{events} events are known, {about_children} are there");
    ensure!(cards == children, "{cards} cards are known of {children} children");
    let figures = json!({
        "children": children,
        "cards": cards,
        "events": events,
        "complete_to": complete_to,
    });
    Ok(((), figures))
}

async fn board(shell: &Shell) -> anyhow::Result<BoardView> {
    Ok(serde_json::from_value(shell.call("board", Value::Null).await?)?)
}

/// Syncs the coordinator's device until the month stands as wanted.
async fn wait_for(world: &World, wanted: MonthState) -> anyhow::Result<MonthView> {
    for _ in 0..LOOKS {
        world.coordinator.sync_now().await?;
        let board = board(&world.coordinator).await?;
        let month = board.months.into_iter().find(|month| month.month == MONTH);
        let month = month.context("September is on the board")?;
        if month.state == wanted {
            return Ok(month);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    anyhow::bail!("the server did not bring the month to {wanted:?}")
}

async fn close(world: &World) -> anyhow::Result<(MonthView, Value)> {
    world.set_clock(local_ms(2026, 10, 8, (9, 0)));
    world.coordinator.call("close_month", json!({ "month": MONTH })).await?;
    let month = wait_for(world, MonthState::Closed).await?;
    all_receipted(&world.coordinator).await?;
    ensure!(month.mark >= Some(ipc::Mark::Receipted), "the tranche has no verified receipt");
    let sum = month.accrued_tiyn + month.held_tiyn + month.released_tiyn;
    ensure!(sum == month.plan_tiyn, "the month does not balance: {sum} of {}", month.plan_tiyn);
    let figures = json!({
        "visits": month.visits,
        "confirmed": month.confirmed,
        "plan_tiyn": month.plan_tiyn,
        "accrued_tiyn": month.accrued_tiyn,
        "held_tiyn": month.held_tiyn,
        "released_tiyn": month.released_tiyn,
        "tranche": month.tranche,
    });
    Ok((month, figures))
}

async fn write_registry(
    world: &World,
    month: Month,
    closed: &MonthView,
) -> anyhow::Result<(PathBuf, Value)> {
    let csv = world.coordinator.fetch_file(&FileKind::RegistryCsv.path(month)).await?;
    let json_text = world.coordinator.fetch_file(&FileKind::RegistryJson.path(month)).await?;
    let path = world.dir.join(format!("registry-{month}.csv"));
    std::fs::write(&path, &csv)?;
    std::fs::write(path.with_extension("json"), &json_text)?;
    let parsed: Value = serde_json::from_str(&json_text)?;
    let total = parsed.pointer("/totals/accrued_tiyn").and_then(Value::as_i64);
    ensure!(
        total == Some(closed.accrued_tiyn),
        "the registry's total {total:?} is not the tranche's {}",
        closed.accrued_tiyn
    );
    let lines = parsed.pointer("/lines").and_then(Value::as_array).map_or(0, Vec::len);
    let figures = json!({ "lines": lines, "total_tiyn": total, "csv_bytes": csv.len() });
    Ok((path, figures))
}

/// Enters the Treasury's payment notice for each provider: a wrong sum is refused, the right one
/// pays, the same one again changes nothing.
async fn pay(world: &World, closed: &MonthView) -> anyhow::Result<((), Value)> {
    let mut paid_tiyn = 0;
    for (number, line) in closed.providers.iter().enumerate() {
        let notice = |amount: i64| {
            json!({
                "month": MONTH,
                "provider": line.provider,
                "amount_tiyn": amount,
                "document": format!("DEMO-PAY-{}", number + 1),
            })
        };
        let wrong = world.coordinator.call("record_payment", notice(line.accrued_tiyn + 1)).await;
        ensure!(wrong.is_err(), "a payment of a wrong sum was taken");
        for _ in 0..2 {
            world.coordinator.call("record_payment", notice(line.accrued_tiyn)).await?;
        }
        paid_tiyn += line.accrued_tiyn;
    }
    let month = wait_for(world, MonthState::Paid).await?;
    ensure!(month.tranche == closed.tranche, "paying changed the tranche");
    Ok(((), json!({ "providers": closed.providers.len(), "paid_tiyn": paid_tiyn })))
}

async fn fetch_bundle(world: &World, month: Month) -> anyhow::Result<(PathBuf, Value)> {
    let text = world.coordinator.fetch_file(&FileKind::Bundle.path(month)).await?;
    let path = world.dir.join(format!("bundle-{month}.json"));
    std::fs::write(&path, &text)?;
    Ok((path, json!({ "bytes": text.len() })))
}

async fn audit_without_server(
    bundle: &Path,
    server_dir: &Path,
    closed: &MonthView,
) -> anyhow::Result<(String, Value)> {
    let bundle: Bundle = serde_json::from_str(&tokio::fs::read_to_string(bundle).await?)?;
    let roots = TrustRoots::parse(&std::fs::read(server_dir.join("trust.roots"))?)?;
    let audited = audit::audit(&bundle, Some(&roots))?;
    let hash = audited.tranche.to_string();
    ensure!(
        Some(&hash) == closed.tranche.as_ref(),
        "the audit gives {hash}, the coordinator saw {:?}",
        closed.tranche
    );
    let asked = audited.cards.never_logged.len() + audited.cards.logged_later.len();
    ensure!(asked == 0, "{asked} visits rest on a card that was not logged before them");
    let figures = json!({
        "leaves": audited.leaves,
        "events": audited.events,
        "devices": audited.devices,
        "cards": audited.cards.cards,
        "snapshots": audited.snapshots,
        "hash": hash,
    });
    Ok((hash, figures))
}
