//! The server's keys on the disk: 64 hexadecimal digits of a seed, readable by the owner only.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use seal::{Hash, SoftwareKey};

/// Why a key file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("the key file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{path} is not a key file: it must hold 64 hexadecimal digits")]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// The system has no randomness.
    #[error("the system gave no random bytes for a new key")]
    Random,
}

/// The keys that a server works with.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// Signs checkpoints, receipts and tranches.
    pub(crate) log: SoftwareKey,
    /// Signs device certificates.
    pub(crate) device_ca: SoftwareKey,
    /// Signs rosters and snapshots.
    pub(crate) rules: SoftwareKey,
}

impl Keys {
    pub(crate) fn read(data_dir: &Path) -> Result<Self, KeyFileError> {
        let key = |name: &str| read_key(&data_dir.join("keys").join(name));
        Ok(Self {
            log: key("log.key")?,
            device_ca: key("device-ca.key")?,
            rules: key("rules.key")?,
        })
    }
}

/// The keys that do not belong on the server: the root's three, and the one that signs cards.
#[derive(Clone, Debug)]
pub struct IssuerKeys {
    /// The root keys; two of them together change the trust list.
    pub roots: Vec<PathBuf>,
    /// The card key.
    pub card: PathBuf,
}

/// Reads a key file.
///
/// # Errors
/// [`KeyFileError`] if it cannot be read or holds something else.
pub fn read_key(path: &Path) -> Result<SoftwareKey, KeyFileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| KeyFileError::Io { path: path.to_owned(), source })?;
    let seed =
        Hash::from_hex(text.trim()).ok_or_else(|| KeyFileError::Form { path: path.to_owned() })?;
    Ok(SoftwareKey::from_seed(seed.as_bytes()))
}

/// Makes a new key and writes its file, which must not exist yet.
///
/// # Errors
/// [`KeyFileError`] if it exists, cannot be written, or the system has no randomness.
pub fn write_key(path: &Path) -> Result<SoftwareKey, KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| KeyFileError::Random)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(io)?;
    writeln!(file, "{}", Hash(seed)).map_err(io)?;
    file.sync_all().map_err(io)?;
    Ok(SoftwareKey::from_seed(&seed))
}
