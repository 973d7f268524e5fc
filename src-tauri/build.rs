//! Tells Tauri the names of our commands, so that each needs a permission of its own.

use std::{fs, io, path::Path};

fn main() {
    lay_placeholder(Path::new("src-ui/dist")).expect("src-ui/dist can be written");
    println!("cargo:rerun-if-changed=src-ui/dist");
    let commands = tauri_build::AppManifest::new().commands(ipc::COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))
        .expect("tauri.conf.json and capabilities/ are in order");
}

/// Puts a page into `dist` if there is none: the shell embeds the folder when it is compiled, and
/// a fresh clone has not built the UI yet.
fn lay_placeholder(dist: &Path) -> io::Result<()> {
    let page = dist.join("index.html");
    if page.exists() {
        return Ok(());
    }
    fs::create_dir_all(dist)?;
    fs::write(page, include_str!("placeholder.html"))
}
