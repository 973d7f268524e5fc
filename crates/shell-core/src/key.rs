//! The device's private key: a file beside the database, readable by the owner only. A platform
//! keystore takes its place where there is one, in a later piece.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use seal::{Hash, SoftwareKey};

use crate::error::ShellError;

/// Reads the key, or makes it on the first start.
pub(crate) fn read_or_make(path: &Path) -> Result<SoftwareKey, ShellError> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let seed = Hash::from_hex(text.trim())
                .ok_or_else(|| ShellError::KeyForm { path: path.to_owned() })?;
            Ok(SoftwareKey::from_seed(seed.as_bytes()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(source) => Err(ShellError::Io { path: path.to_owned(), source }),
    }
}

fn make(path: &Path) -> Result<SoftwareKey, ShellError> {
    let io = |source| ShellError::Io { path: path.to_owned(), source };
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| ShellError::Random)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(io)?;
    writeln!(file, "{}", Hash(seed)).map_err(io)?;
    file.sync_all().map_err(io)?;
    Ok(SoftwareKey::from_seed(&seed))
}
