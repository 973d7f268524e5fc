//! Which vault keeps a device's keys, as the command line says it.

use std::io::BufRead as _;
use std::path::Path;

use anyhow::Context as _;
use shell_core::{KeyVault, Passphrase, PrivateFile};

/// The passphrase of a file, or of standard input for `-`; without one, a private file beside the data.
pub(crate) fn of(passphrase_file: Option<&Path>) -> anyhow::Result<Box<dyn KeyVault>> {
    let Some(path) = passphrase_file else { return Ok(Box::new(PrivateFile)) };
    let text = if path == Path::new("-") {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("the passphrase cannot be read")?;
        line
    } else {
        std::fs::read_to_string(path)
            .with_context(|| format!("the passphrase in {} cannot be read", path.display()))?
    };
    Ok(Box::new(Passphrase::new(&text)?))
}
