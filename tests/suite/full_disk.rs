//! A disk that is really full: a small one of memory, filled to its last byte. It takes root to mount
//! one; elsewhere the database's own limit stands for it (`device` and `server-store` test that).

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use ipc::ErrorCode;
use serde_json::json;
use sync_api::{BATCH_MEDIA_TYPE, Batch, BatchResponse, Problem, ProblemKind, VerdictKind};
use system_tests::{Town, copy_dir, district};

use crate::sync::{enrolled_pen, first_lesson, visits};

/// A mounted disk over a folder; it is unmounted with this value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Moves a folder onto a disk of so many kibibytes; nothing if this user may not mount.
    fn under(folder: &Path, kib: u32) -> Option<Self> {
        let aside = tempfile::tempdir().expect("a folder");
        copy_dir(folder, aside.path());
        let size = format!("size={kib}k");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder)
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then(|| {
            copy_dir(aside.path(), folder);
            Self(folder.to_owned())
        })
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    fn fill(&self) {
        let mut filler = std::fs::File::create(self.filler()).expect("a file");
        while filler.write_all(&[1; 512]).is_ok() {}
    }

    fn free(&self) {
        std::fs::remove_file(self.filler()).expect("the filler goes");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(&self.0).status());
    }
}

#[tokio::test]
async fn device_with_a_full_disk_says_so_and_goes_on_once_there_is_room() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let dir = teacher.dir.clone();
    drop(teacher);
    town.device_settled(&dir).await;
    let Some(disk) = SmallDisk::under(&dir, 2_048) else { return };
    let teacher = town.switch_on(&dir);
    let lesson = first_lesson().id;
    teacher.open(lesson).await;
    disk.fill();
    let (mut child, mut kept) = (0, 1);
    let refused = loop {
        child += 1;
        let text = town.card(child);
        let args = json!({ "lesson": lesson, "text": text, "source": "image" });
        match teacher.shell.call("record_scan", args).await {
            Ok(view) => assert!(view["outcome"] == "kept" || view["outcome"] == "guest", "{view}"),
            Err(error) => break error,
        }
        kept += 1;
        assert!(child < 12, "the disk is full, and everything is kept");
    };
    assert_eq!(refused.code, ErrorCode::StorageFull, "{refused:?}");
    assert_eq!(teacher.status().await.events, kept, "nothing half, and nothing shown is lost");

    disk.free();
    let args = json!({ "lesson": lesson, "text": town.card(child), "source": "image" });
    let scanned: serde_json::Value = teacher.call("record_scan", args).await;
    assert!(scanned["event"].is_string(), "{scanned}");
    teacher.sync().await.done();
    assert_eq!(teacher.status().await.not_receipted, 0);
}

#[tokio::test]
async fn server_with_a_full_disk_acknowledges_nothing_and_goes_on_once_there_is_room() {
    let mut town = Town::found().await;
    let mut pen = enrolled_pen(&town, 40).await;
    town.stop_server().await;
    town.files_settled().await;
    let Some(disk) = SmallDisk::under(&town.server_dir(), 4_096) else { return };
    town.start_server().await;
    let token = town.wire().hello(&pen.hello(district::FIRST_MORNING_MS)).await.token;
    disk.fill();
    let (mut stored, mut sent) = (0, Vec::new());
    let (status, retry_after, problem) = loop {
        let events = visits(&mut pen, 1..=12);
        let bytes = system_tests::batch_of(events.iter().map(Vec::as_slice));
        let url = format!("{}/v1/batch/{}", town.address(), Batch::hash(&bytes));
        let put = reqwest::Client::new().put(url).bearer_auth(&token);
        let put = put.header("content-type", BATCH_MEDIA_TYPE).body(bytes.clone());
        let answer = put.send().await.expect("it answers");
        sent.push(bytes);
        if !answer.status().is_success() {
            let retry_after = answer.headers().get("retry-after").cloned();
            let status = answer.status().as_u16();
            let problem: Problem = answer.json().await.expect("a problem document");
            break (status, retry_after, problem);
        }
        stored += 12;
        assert!(sent.len() < 100, "the disk is full, and everything is taken");
    };
    assert_eq!((status, problem.kind), (503, ProblemKind::Broken), "{problem:?}");
    assert!(problem.detail.contains("disk is full"), "{problem:?}");
    assert!(retry_after.is_some(), "it says when to come again");
    assert_eq!(town.count("event"), stored, "nothing half, and nothing answered is lost");

    disk.free();
    let wire = town.wire().carrying_with(token);
    let last = sent.last().expect("one was refused").clone();
    let answer: BatchResponse = wire.put_batch(last).await.fine();
    assert!(answer.verdicts.iter().all(|one| one.verdict == VerdictKind::Stored), "{answer:?}");
    for bytes in &sent {
        let again: BatchResponse = wire.put_batch(bytes.clone()).await.fine();
        assert!(again.verdicts.iter().all(|one| one.verdict == VerdictKind::Duplicate));
    }
    town.stop_server().await;
}
