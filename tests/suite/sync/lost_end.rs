//! A device that lost the end of its chain never signs a position twice: it takes back what the server
//! has, and goes on from there.

use device::Doubt;
use ipc::ErrorCode;
use serde_json::json;
use system_tests::{Phone, Town, chess_teacher, copy_dir};

use super::first_lesson;

async fn doubt(phone: &Phone) -> Option<Doubt> {
    phone.shell.device().with(|device| device.doubt()).await.expect("readable")
}

/// Syncs, and all that was recorded has its receipt.
async fn synced(teacher: &Phone) {
    teacher.sync().await.done();
    assert_eq!(teacher.status().await.not_receipted, 0);
}

/// Switches a device off until its files are closed.
async fn off(town: &Town, phone: Phone) -> std::path::PathBuf {
    let dir = phone.dir.clone();
    drop(phone);
    town.device_settled(&dir).await;
    dir
}

#[tokio::test]
async fn restored_backup_of_a_device_takes_back_what_it_lost_and_makes_no_fork() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson().id;
    teacher.open(lesson).await;
    let dir = off(&town, teacher).await;
    let backup = tempfile::tempdir().expect("a folder");
    copy_dir(&dir, backup.path());

    let teacher = town.switch_on(&dir);
    teacher.scan(lesson, &town.card(1)).await.kept();
    teacher.scan(lesson, &town.card(2)).await.kept();
    synced(&teacher).await;
    let events = teacher.events().await;
    let dir = off(&town, teacher).await;
    std::fs::remove_dir_all(&dir).expect("the device is lost");
    copy_dir(backup.path(), &dir);

    let teacher = town.switch_on(&dir);
    assert_eq!(teacher.status().await.events, 1);
    synced(&teacher).await;
    assert!(teacher.events().await.starts_with(&events), "the very same, with receipts");
    assert_eq!(doubt(&teacher).await, None);
    teacher.scan(lesson, &town.card(1)).await.already();
    teacher.scan(lesson, &town.card(3)).await.kept();
    synced(&teacher).await;
    assert_eq!((town.count("parked"), town.count("device WHERE suspended")), (0, 0));
}

#[tokio::test]
async fn destroyed_file_comes_back_by_a_ticket_and_signs_nothing_before() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson().id;
    teacher.open(lesson).await;
    teacher.scan(lesson, &town.card(1)).await.kept();
    synced(&teacher).await;
    let events = teacher.events().await;
    let dir = off(&town, teacher).await;
    let database = dir.join("device.db");
    let length = std::fs::metadata(&database).expect("a file").len();
    std::fs::write(&database, vec![0x5a; usize::try_from(length).expect("small")])
        .expect("it is destroyed");

    let teacher = town.switch_on(&dir);
    assert_eq!(doubt(&teacher).await, Some(Doubt::Damaged));
    let ticket = town.ticket(&chess_teacher(), &town.address()).await.to_text();
    teacher.shell.enrol(&ticket).await.expect("the same key is enrolled again");
    // It has no roster yet; and with one it would still have to hear where its chain stands.
    let open = teacher.refused("open_lesson", json!({ "lesson": lesson })).await;
    assert!(matches!(open, ErrorCode::NotFound | ErrorCode::HeadInDoubt), "{open:?}");
    assert_eq!(teacher.status().await.events, 0, "nothing was signed");

    synced(&teacher).await;
    assert!(teacher.events().await.starts_with(&events), "the very same");
    assert_eq!(doubt(&teacher).await, None);
    teacher.scan(lesson, &town.card(2)).await.kept();
    synced(&teacher).await;
    let all = i64::try_from(teacher.events().await.len()).expect("few");
    assert_eq!((town.count("parked"), town.count("event")), (0, all));
}

#[tokio::test]
async fn export_of_a_damaged_device_is_made_from_what_was_saved() {
    let town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = first_lesson().id;
    teacher.open(lesson).await;
    teacher.scan(lesson, &town.card(1)).await.kept();
    synced(&teacher).await;
    teacher.scan(lesson, &town.card(2)).await.kept();
    let before = teacher.shell.export().await.expect("an export");
    let dir = off(&town, teacher).await;

    // One page after the other is lost, until one is met that does not take the enrolment with it.
    let database = dir.join("device.db");
    let whole = std::fs::read(&database).expect("the file");
    let mut made = 0;
    for page in (1..whole.len() / 4_096).rev() {
        let mut damaged = whole.clone();
        damaged[page * 4_096..(page + 1) * 4_096].fill(0x5a);
        std::fs::write(&database, damaged).expect("the file");
        let output = dir.join(format!("{page}.export"));
        let arguments = ["device", "export", "--json", "--data"].map(str::to_owned);
        let more = [dir.display().to_string(), "-o".to_owned(), output.display().to_string()];
        let arguments: Vec<String> = arguments.into_iter().chain(more).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ended = crate::qatysu::run(&arguments);
        let saved = std::fs::read_dir(&dir).expect("the folder").any(|entry| {
            entry.expect("an entry").file_name().to_string_lossy().contains("damaged")
        });
        if ended.code == Some(0) && saved {
            let told: serde_json::Value = serde_json::from_str(&ended.said).expect("JSON");
            assert!(told["leaves"].as_u64().expect("a count") <= before.leaves as u64);
            let export = std::fs::read(&output).expect("the export");
            sync_api::SignedExport::parse(&export).expect("it is signed and whole");
            made += 1;
            if made == 2 {
                return;
            }
        }
    }
    panic!("no page was met that leaves an export: {made}");
}
