//! What keeps the secret that a device's keys are wrapped with.
//!
//! Two vaults so far: a [`PrivateFile`] beside the data, and a [`Passphrase`] that a person types.
//! A platform's keystore (Android, an OS keyring) takes their place by one more [`KeyVault`]: it gives
//! 32 bytes that only it can give. Absent on purpose: a keyring over D-Bus, whose client brings an
//! asynchronous stack of its own; and any way back from a forgotten passphrase.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use seal::Hash;

/// Keeps the secret of one device's data directory.
pub trait KeyVault: core::fmt::Debug + Send + Sync {
    /// Names the kind of vault, as it is written in the key file.
    fn name(&self) -> &'static str;

    /// Gives the key that wraps this directory's keys. `salt` is of the key file. A vault that keeps
    /// something makes it if `first` is true, and else it must be there.
    ///
    /// # Errors
    /// [`VaultError`], with the way out.
    fn wrapping_key(
        &self,
        dir: &Path,
        salt: &[u8; 16],
        first: bool,
    ) -> Result<WrappingKey, VaultError>;

    /// Forgets what it keeps for the directory, once another vault has taken its place.
    ///
    /// # Errors
    /// [`VaultError`] if it could not.
    fn forget(&self, dir: &Path) -> Result<(), VaultError>;
}

/// Holds 32 secret bytes that wrap a device's keys.
#[derive(Clone, Eq, PartialEq)]
pub struct WrappingKey(pub(crate) [u8; 32]);

impl WrappingKey {
    /// Takes 32 secret bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl core::fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("WrappingKey(…)")
    }
}

/// Why a vault gave no key. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The private file is not there.
    #[error(
        "{path} is missing, and the data cannot be opened without it: put it back from a copy, or \
         move this folder away and enrol the device anew"
    )]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The private file holds something else.
    #[error("{path} is not the secret of this data: put it back from a copy")]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase is too short.
    #[error("a passphrase has at least {PASSPHRASE_MIN} characters: choose a longer one")]
    TooShort,
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key could not be derived.
    #[error("the passphrase could not be worked on: {0}")]
    Derive(String),
    /// The system has no randomness.
    #[error("the system gave no random bytes for a key")]
    Random,
}

/// Keeps the secret in a file beside the data, readable by the owner only. It is the weakest vault: who
/// copies the whole folder can read it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PrivateFile;

impl PrivateFile {
    fn path(dir: &Path) -> PathBuf {
        dir.join("device.secret")
    }
}

impl KeyVault for PrivateFile {
    fn name(&self) -> &'static str {
        "private-file"
    }

    fn wrapping_key(
        &self,
        dir: &Path,
        _salt: &[u8; 16],
        first: bool,
    ) -> Result<WrappingKey, VaultError> {
        let path = Self::path(dir);
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let secret = Hash::from_hex(text.trim());
                secret.map(|secret| WrappingKey(secret.0)).ok_or(VaultError::Form { path })
            }
            Err(error) if error.kind() == ErrorKind::NotFound && first => {
                let mut secret = [0; 32];
                getrandom::fill(&mut secret).map_err(|_| VaultError::Random)?;
                let written = write_private(&path, &format!("{}\n", Hash(secret)));
                written.map_err(|source| VaultError::Io { path, source })?;
                Ok(WrappingKey(secret))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Err(VaultError::Missing { path }),
            Err(source) => Err(VaultError::Io { path, source }),
        }
    }

    fn forget(&self, dir: &Path) -> Result<(), VaultError> {
        let path = Self::path(dir);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(VaultError::Io { path, source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Keeps nothing: the key is derived from what a person knows, by Argon2id (RFC 9106).
#[derive(Clone)]
pub struct Passphrase(String);

impl Passphrase {
    /// Takes a passphrase; spaces and line ends around it do not count.
    ///
    /// # Errors
    /// [`VaultError::TooShort`].
    pub fn new(text: &str) -> Result<Self, VaultError> {
        let text = text.trim();
        if text.chars().count() < PASSPHRASE_MIN {
            return Err(VaultError::TooShort);
        }
        Ok(Self(text.to_owned()))
    }
}

impl core::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

impl KeyVault for Passphrase {
    fn name(&self) -> &'static str {
        "passphrase"
    }

    fn wrapping_key(
        &self,
        _dir: &Path,
        salt: &[u8; 16],
        _first: bool,
    ) -> Result<WrappingKey, VaultError> {
        let derive = |why: argon2::Error| VaultError::Derive(why.to_string());
        let params = Params::new(ARGON2_KIB, ARGON2_PASSES, 1, Some(32)).map_err(derive)?;
        let mut key = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.0.as_bytes(), salt, &mut key)
            .map_err(derive)?;
        Ok(WrappingKey(key))
    }

    fn forget(&self, _dir: &Path) -> Result<(), VaultError> {
        Ok(())
    }
}

/// Writes a new file that only its owner reads, down to the disk.
pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Shorter ones are guessed in an afternoon, however slow each guess is.
const PASSPHRASE_MIN: usize = 8;
/// What OWASP asks for at least, with twice the memory: a guess costs 38 MiB, and a phone has it.
const ARGON2_KIB: u32 = 2 * 19_456;
const ARGON2_PASSES: u32 = 2;
