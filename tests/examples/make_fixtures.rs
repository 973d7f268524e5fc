//! Makes the databases in `tests/fixtures`: run once for each released schema, then commit them. A side
//! whose schema has a fixture already keeps it: a landed fixture stays.
//!
//! `cargo run -p system-tests --example make_fixtures`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use rusqlite::Connection;
use system_tests::{Town, copy_dir, district};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let fixtures = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
    std::fs::create_dir_all(&fixtures)?;
    let mut town = Town::found().await;
    let teacher = town.teacher().await;
    let lesson = district::lessons(district::CHESS)[0];
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    for child in 1..=2 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
    }
    teacher.sync().await.receipted(3);
    // The last one waits: an upgrade must not lose it.
    teacher.scan(lesson.id, &town.card(3)).await.kept();
    let device_dir = teacher.dir.clone();
    drop(teacher);
    town.stop_server().await;

    // The device's file is encrypted: it is copied as it is, with what opens it.
    town.device_settled(&device_dir).await;
    let version = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/device"))?;
    let device = fixtures.join(format!("device-v{}.db", version.count()));
    if !device.exists() {
        for ending in ["db", "key", "secret"] {
            let file = device_dir.join("device").with_extension(ending);
            std::fs::copy(file, device.with_extension(ending))?;
        }
    }
    let server = pack(&town.server_dir().join("server.db"), &fixtures, "server")?;
    let beside = server.with_extension("");
    std::fs::create_dir_all(&beside)?;
    copy_dir(&town.server_dir().join("keys"), &beside.join("keys"));
    for file in ["trust.list", "trust.roots", "origin"] {
        std::fs::copy(town.server_dir().join(file), beside.join(file))?;
    }
    Ok(())
}

/// Writes a database as one small file, named after its schema's version.
fn pack(database: &Path, fixtures: &Path, side: &str) -> anyhow::Result<PathBuf> {
    let source = Connection::open(database).with_context(|| database.display().to_string())?;
    let version: u32 = source.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let target = fixtures.join(format!("{side}-v{version}.db"));
    ensure!(!target.exists(), "{} is there: a landed fixture stays", target.display());
    let name = target.to_str().context("the path is text")?;
    source.execute("VACUUM INTO ?1", [name])?;
    Ok(target)
}
