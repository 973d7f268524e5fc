//! The server's disk is lost in the middle of a month, and made again from what others keep.

mod command;
mod leaves;
mod refused;
mod returning;
mod revoked;

use std::path::{Path, PathBuf};

use ipc::{Answer, ExportView, MonthState, MonthView};
use ledger::Lesson;
use seal::Signer as _;
use serde_json::{Value, json};
use server::rebuild::{Order, Published, Report, Source};
use system_tests::{Phone, Town, district};
use tlog::{Checkpoint, NodeId, Nodes as _, Receipt, SignedNote, TileId, salted_leaf};

use super::first_lesson;

/// Half a month in a town of one teacher, two families and a coordinator.
struct HalfMonth {
    town: Town,
    teacher: Phone,
    first: Phone,
    second: Phone,
    coordinator: Phone,
}

/// What is left after the loss.
struct Left {
    safe: PathBuf,
    note: String,
    published: Option<PathBuf>,
}

impl HalfMonth {
    async fn record() -> Self {
        Self::record_until(true).await
    }

    /// The same, but the second family answers at last, when the teacher's tablet has no contact any more.
    async fn record_unseen() -> Self {
        let scene = Self::record_until(false).await;
        confirm_all(&scene.second).await;
        scene
    }

    async fn record_until(both_answer: bool) -> Self {
        let town = Town::found().await;
        let teacher = town.teacher().await;
        let (first, second) = (town.parent(&[1]).await, town.parent(&[2]).await);
        let coordinator = town.coordinator().await;
        let scene = Self { town, teacher, first, second, coordinator };
        let (early, _) = halves();
        let (one, two) = early.split_at(early.len() / 2);
        scene.meet(one, both_answer).await;
        scene.town.server().tag_leaves().await.expect("the scene holds");
        scene.meet(two, both_answer).await;
        scene
    }

    /// Children 1 and 2 come to lessons; the families hear of it and say so.
    async fn meet(&self, lessons: &[Lesson], both_answer: bool) {
        for lesson in lessons {
            self.town.set_clock(lesson.start_ms);
            self.teacher.open(lesson.id).await;
            for child in 1..=2 {
                self.teacher.scan(lesson.id, &self.town.card(child)).await.kept();
            }
        }
        self.teacher.sync().await.receipted(3 * lessons.len() as u64);
        confirm_all(&self.first).await;
        if both_answer {
            confirm_all(&self.second).await;
        }
    }

    /// The disk is lost, with or without the log published before.
    async fn lose(&mut self, publish: bool) -> Left {
        self.town.server().tag_leaves().await.expect("the scene holds");
        let note = self.town.wire().get("checkpoint", None).await.text();
        let published = if publish { Some(self.town.publish().await) } else { None };
        let safe = self.town.lose_disk().await;
        Left { safe, note, published }
    }

    fn order(&self, left: &Left, sources: Vec<Source>) -> Order {
        Order {
            data: self.town.server_dir(),
            keys: left.safe.join("keys"),
            trust: left.safe.clone(),
            districts: vec![system_tests::the_district()],
            published: left.published.iter().map(|dir| read_published(dir)).collect(),
            sources,
            dry_run: false,
        }
    }

    /// The rest of the month is recorded and closed, and a stranger computes the same tranche.
    async fn finish(&self) -> MonthView {
        let (_, late) = halves();
        self.meet(&late, true).await;
        self.town.set_clock(district::MAY_CLOSE_MS);
        close(&self.coordinator).await;
        let month = self.town.until(&self.coordinator, MonthState::Closed).await;
        let wire = self.town.wire();
        let token = wire.hello(&self.coordinator.hello().await).await.token;
        let bundle = wire.get("bundle/2026-09", Some(&token)).await;
        assert_eq!(bundle.status, 200, "{}", bundle.text());
        let file = self.town.server_dir().join("bundle.json");
        std::fs::write(&file, &bundle.body).expect("the scene holds");
        let audited =
            crate::qatysu::run(&["audit", file.to_str().expect("the scene holds"), "--json"])
                .with(0);
        let audited: Value = serde_json::from_str(&audited).expect("the scene holds");
        assert_eq!(audited["tranche"].as_str(), month.tranche.as_deref(), "{audited}");
        month
    }

    async fn second_id(&self) -> attendance::DeviceId {
        self.second.shell.device().with(|device| device.id()).await
    }

    async fn assert_calm(&self) {
        for phone in [&self.teacher, &self.first, &self.second, &self.coordinator] {
            assert_eq!(phone.status().await.alarms, 0, "no device saw two histories");
        }
    }
}

/// The chess lessons of the month, in two halves.
fn halves() -> (Vec<Lesson>, Vec<Lesson>) {
    let mut early = district::lessons(district::CHESS);
    let late = early.split_off(early.len() / 2);
    (early, late)
}

async fn confirm_all(parent: &Phone) {
    parent.sync().await.done();
    let open: Vec<_> =
        parent.visits().await.into_iter().filter(|visit| visit.answer.is_none()).collect();
    for visit in &open {
        let args = json!({ "visit": visit.event, "answer": Answer::Was });
        drop(parent.call::<Value>("answer_visit", args).await);
    }
    parent.sync().await.done();
}

async fn close(coordinator: &Phone) {
    drop(coordinator.call::<Value>("close_month", json!({ "month": district::MONTH })).await);
}

/// What the button of the sync page hands over.
async fn export(phone: &Phone, name: &str) -> Source {
    let file: ExportView = phone.call("export", json!({})).await;
    assert!(file.name.ends_with(".export"), "{}", file.name);
    Source { name: name.to_owned(), bytes: file.bytes }
}

/// Receipts that a family saved of its answers.
async fn saved_receipts(parent: &Phone) -> Vec<Source> {
    let mut saved = Vec::new();
    for (event, _) in parent.events().await {
        let file = parent.proof(&event.to_string()).await.file.expect("it is receipted");
        saved.push(Source { name: format!("{event}.receipt.json"), bytes: file.into_bytes() });
    }
    saved
}

fn read_published(dir: &Path) -> Published {
    let checkpoint = std::fs::read_to_string(dir.join("checkpoint")).expect("the scene holds");
    let mut tiles = Vec::new();
    let mut open = vec![dir.join("tile")];
    while let Some(folder) = open.pop() {
        for entry in folder.read_dir().expect("the scene holds") {
            let path = entry.expect("the scene holds").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path
                    .strip_prefix(dir)
                    .expect("the scene holds")
                    .to_str()
                    .expect("the scene holds");
                tiles.push((
                    TileId::parse(name).expect("the scene holds"),
                    std::fs::read(&path).expect("the scene holds"),
                ));
            }
        }
    }
    Published { name: "published".to_owned(), checkpoint, tiles }
}

fn size_of(note: &str) -> u64 {
    let note = SignedNote::parse(note).expect("the scene holds");
    Checkpoint::parse(note.unverified_text()).expect("the scene holds").size
}

fn lost_leaves(report: &Report) -> Vec<u64> {
    report.lost.iter().flat_map(|range| range.from..=range.to).collect()
}

async fn rebuild(order: &Order) -> Report {
    server::rebuild::rebuild(order, &mut |_| ()).await.expect("a rebuild is tried")
}

/// Every receipt that a device held before the loss still says where its event is in the tree.
async fn assert_receipts_hold(town: &Town, phone: &Phone) {
    let key = server::read_key(&town.server_dir().join("keys/log.key"))
        .expect("the scene holds")
        .public_key();
    let nodes = town.nodes();
    for (event, bytes) in phone.events().await {
        let proof = phone
            .shell
            .device()
            .with(move |device| device.proof(event))
            .await
            .expect("the scene holds");
        let Some(proof) = proof else { continue };
        let leaf = salted_leaf(&proof.salt, &bytes);
        let receipt = Receipt::parse(&proof.receipt).expect("the scene holds");
        let verified = receipt.verify(&key, &leaf).expect("the scene holds");
        assert_eq!(tlog::root(verified.size, &nodes).expect("the scene holds"), verified.root);
        let id = NodeId { level: 0, index: verified.index };
        assert_eq!(nodes.node(id), Some(tlog::leaf_hash(leaf.as_ref())));
    }
}

#[tokio::test]
async fn disk_lost_in_the_middle_of_a_month_is_made_again_with_the_same_root() {
    let mut scene = HalfMonth::record().await;
    // A scan that was never sent, and a family that keeps no device's export but saved receipts.
    let (_, late) = halves();
    let left = scene.lose(true).await;
    scene.town.set_clock(late[0].start_ms - 60_000);
    let mut sources = vec![
        export(&scene.teacher, "teacher.export").await,
        export(&scene.first, "first.export").await,
    ];
    sources.extend(saved_receipts(&scene.second).await);
    let order = scene.order(&left, sources);
    let dry = rebuild(&Order { dry_run: true, ..order }).await;
    assert!(dry.obstacles.is_empty() && !dry.written, "{dry:?}");
    assert!(!scene.town.server_dir().join("server.db").exists(), "a dry run writes nothing");

    // One was begun, and stopped before it had written: that leaves a database without a log.
    std::fs::create_dir_all(scene.town.server_dir()).expect("a disk");
    let begun = server_store::Store::open_sqlite(&scene.town.server_dir().join("server.db"));
    drop(begun.expect("a disk"));
    let mut sources = vec![
        export(&scene.teacher, "teacher.export").await,
        export(&scene.first, "first.export").await,
    ];
    sources.extend(saved_receipts(&scene.second).await);
    let report = rebuild(&scene.order(&left, sources)).await;
    assert!(report.written && report.lost.is_empty(), "{report:?}");
    assert!(report.refused.is_empty() && report.contradictions.is_empty(), "{report:?}");
    assert_eq!(report.size, Some(size_of(&left.note)));
    assert_eq!(report.opened, size_of(&left.note));
    assert!(report.made_again >= 4, "name, snapshot and tag lists: {report:?}");
    assert!(report.chains.iter().all(|chain| chain.gaps.is_empty()), "{report:?}");

    scene.town.start_server().await;
    assert_eq!(scene.town.wire().get("checkpoint", None).await.text(), left.note);
    assert_receipts_hold(&scene.town, &scene.teacher).await;
    assert_receipts_hold(&scene.town, &scene.second).await;
    for phone in [&scene.teacher, &scene.first, &scene.second, &scene.coordinator] {
        phone.sync().await.receipted(0);
    }
    let month = scene.finish().await;
    let lessons = u32::try_from(district::lessons(district::CHESS).len()).unwrap();
    assert_eq!((month.visits, month.confirmed), (2 * lessons, 2 * lessons), "nothing was lost");
    scene.assert_calm().await;
}

#[tokio::test]
async fn without_published_tiles_the_devices_receipts_give_the_same_root() {
    let mut scene = HalfMonth::record().await;
    let left = scene.lose(false).await;
    let sources = vec![
        export(&scene.teacher, "teacher.export").await,
        export(&scene.first, "first.export").await,
        export(&scene.second, "second.export").await,
    ];
    let report = rebuild(&scene.order(&left, sources)).await;
    assert!(report.written && report.lost.is_empty(), "{report:?}");
    // The last tag list came after the last receipt: nobody saw a checkpoint with it.
    assert!(report.size >= Some(size_of(&left.note) - 1), "{report:?}");
    scene.town.start_server().await;
    scene.finish().await;
    scene.assert_calm().await;
}

#[tokio::test]
async fn closed_month_is_made_again_with_its_tranche_and_its_payment() {
    let mut scene = HalfMonth::record().await;
    let closed = scene.finish().await;
    let notice = json!({
        "month": district::MONTH,
        "provider": district::CHESS_HOUSE,
        "amount_tiyn": closed.accrued_tiyn,
        "document": "D-1",
    });
    drop(scene.coordinator.call::<Value>("record_payment", notice).await);
    scene.coordinator.sync().await.done();
    scene.town.until(&scene.coordinator, MonthState::Paid).await;
    let (entries, redeemed) = (scene.town.count("ledger_entry"), scene.town.count("redemption"));
    let left = scene.lose(true).await;

    // The coordinator's device still holds the close and the notice; the statement is made again.
    let sources = vec![
        export(&scene.teacher, "teacher.export").await,
        export(&scene.first, "first.export").await,
        export(&scene.second, "second.export").await,
        export(&scene.coordinator, "coordinator.export").await,
    ];
    let report = rebuild(&scene.order(&left, sources)).await;
    assert!(report.written && report.lost.is_empty(), "{report:?}");
    assert_eq!(report.months.len(), 1);
    assert_eq!(report.months[0].computed, server::rebuild::Computed::Identical);
    scene.town.start_server().await;
    scene.town.server().close_due_months().await.unwrap();
    let paid = scene.town.until(&scene.coordinator, MonthState::Paid).await;
    assert_eq!(paid.tranche, closed.tranche);
    assert_eq!(scene.town.count("ledger_entry"), entries);
    assert_eq!(scene.town.count("redemption"), redeemed);
    assert_eq!(scene.town.count("tranche"), 1);
    scene.assert_calm().await;
}

#[tokio::test]
async fn device_that_the_log_revokes_stays_revoked_after_the_loss() {
    let mut scene = HalfMonth::record().await;
    let gone = scene.second.shell.device().with(|device| device.id()).await;
    let args = json!({ "device": gone, "reason": "stolen" });
    drop(scene.coordinator.call::<Value>("revoke_device", args).await);
    scene.coordinator.sync().await.done();
    let left = scene.lose(true).await;
    let mut sources = Vec::new();
    for (phone, name) in [
        (&scene.teacher, "teacher.export"),
        (&scene.first, "first.export"),
        (&scene.second, "second.export"),
        (&scene.coordinator, "coordinator.export"),
    ] {
        sources.push(export(phone, name).await);
    }
    let report = rebuild(&scene.order(&left, sources)).await;
    assert!(report.written && report.lost.is_empty(), "{report:?}");
    scene.town.start_server().await;
    assert_eq!(scene.town.count("revoked_device"), 1);
    let hello = scene.town.wire().hello(&scene.second.hello().await).await;
    assert!(hello.revoked && hello.revocations_version == Some(1));
}
