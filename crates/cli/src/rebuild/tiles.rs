//! Reading a published log from a directory: C2SP tlog-tiles as static files.

use std::path::Path;

use anyhow::Context as _;
use server::rebuild::Published;
use tlog::TileId;

/// Reads `checkpoint` and every tile below `tile/`. Files with other names are passed over.
pub(super) fn read(dir: &Path) -> anyhow::Result<Published> {
    let path = dir.join("checkpoint");
    let checkpoint = std::fs::read_to_string(&path)
        .with_context(|| format!("{}: no published log is here", path.display()))?;
    let mut tiles = Vec::new();
    let mut open = vec![dir.join("tile")];
    while let Some(folder) = open.pop() {
        let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
        for entry in entries {
            let path = entry.with_context(|| folder.display().to_string())?.path();
            if path.is_dir() {
                open.push(path);
            } else if let Some(tile) = name_of(dir, &path) {
                let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
                tiles.push((tile, bytes));
            }
        }
    }
    // The widest first: a log may have grown since its checkpoint.
    tiles.sort_by_key(|(tile, _)| (tile.level, tile.index, core::cmp::Reverse(tile.width)));
    Ok(Published { name: dir.display().to_string(), checkpoint, tiles })
}

fn name_of(dir: &Path, path: &Path) -> Option<TileId> {
    let relative = path.strip_prefix(dir).ok()?;
    let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
    TileId::parse(&parts?.join("/"))
}
