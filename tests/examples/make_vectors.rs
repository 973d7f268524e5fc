//! Writes the published vectors in `tests/vectors`: run after a new form, then commit them.
//!
//! `cargo run -p system-tests --example make_vectors`

use anyhow::Context as _;
use system_tests::vectors;

fn main() -> anyhow::Result<()> {
    let folder = vectors::folder();
    std::fs::create_dir_all(&folder)?;
    for file in vectors::all() {
        let path = folder.join(file.name());
        std::fs::write(&path, file.to_json()).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
