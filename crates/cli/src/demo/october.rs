//! The district changes while the server runs: a child joins, and rules begin.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use shell_core::Shell;

use super::district;
use super::process::Process;
use super::world::{World, clock_text, local_ms};

/// Runs `qatysu district update` beside the running server: first dry, then for good. The football
/// teacher's tablet then has a newer roster, with one child more.
pub(super) async fn update(world: &World, server_dir: &Path) -> anyhow::Result<((), Value)> {
    let file = world.dir.join("district-october.json");
    std::fs::write(&file, serde_json::to_string_pretty(&district::october())?)?;
    let text = |path: &Path| path.to_str().map(str::to_owned).context("a path that is no text");
    let (data, file) = (text(server_dir)?, text(&file)?);
    let clock = clock_text(local_ms(2026, 9, 30, (12, 0)));
    let update = ["district", "update", "--data", &data, "--district", &file, "--clock", &clock];
    let teacher = world.teachers.last().context("a football teacher")?;
    let before = roster(teacher).await?;

    let dry = Process::run(&[&update[..], &["--dry-run"]].concat()).await?;
    ensure!(dry["leaf"].is_null(), "a dry run wrote leaf {}", dry["leaf"]);
    teacher.sync_now().await?;
    ensure!(roster(teacher).await? == before, "a dry run changed a roster");
    let done = Process::run(&update).await?;
    ensure!(done["changes"] == dry["changes"], "the dry run had shown other changes");
    teacher.sync_now().await?;
    let after = roster(teacher).await?;
    ensure!(after.1 == before.1 + 1, "the new child is not on the roster");
    ensure!(after.0 > before.0, "the roster's version did not grow");
    let figures = json!({
        "leaf": done["leaf"],
        "version": done["version"],
        "changes": done["changes"].as_array().map(Vec::len),
        "new_children": done["people"].as_array().map(Vec::len),
        "roster_version": after.0,
    });
    Ok(((), figures))
}

/// The version of a device's roster, and how many children are on it.
async fn roster(shell: &Shell) -> anyhow::Result<(u32, usize)> {
    let found = shell
        .device()
        .with(|device| device.roster().map(|roster| (roster.version, roster.children.len())));
    found.await.context("the tablet has a roster")
}
