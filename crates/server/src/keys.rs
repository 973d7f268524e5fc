//! The server's keys on the disk: 64 hexadecimal digits of a seed, readable by the owner only.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use carriage::ParcelSecret;
use seal::{Hash, Signer as _, SoftwareKey};
use tlog::VerifierKey;

use crate::entropy::Entropy;

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
    /// Signs lists of revoked cards. Servers of earlier releases have none until one is named in the
    /// trust list.
    pub(crate) status: Option<SoftwareKey>,
    /// Makes the keys of children's tags ([`attendance::TagKey`]); signs nothing.
    pub(crate) tags: [u8; 32],
    /// Opens parcels. A lost one costs a journey: what is in such a parcel comes again.
    pub(crate) parcels: ParcelSecret,
}

impl Keys {
    pub(crate) fn read(data_dir: &Path, entropy: &Entropy) -> Result<Self, KeyFileError> {
        let keys = data_dir.join("keys");
        let tags = read_or_make(&keys.join(TAG_SECRET), entropy)?;
        let parcels = read_or_make(&keys.join(PARCEL_KEY), entropy)?;
        Self::with(&keys, tags, parcels)
    }

    /// Reads a copy of the keys, and makes nothing new in it. False if the secret behind the tags is
    /// not there; a random one stands in, which made nothing that was ever logged.
    pub(crate) fn read_copy(keys: &Path) -> Result<(Self, bool), KeyFileError> {
        let path = keys.join(TAG_SECRET);
        let kept = path.exists();
        let mut tags = [0; 32];
        if kept {
            tags = read_seed(&path)?;
        } else {
            getrandom::fill(&mut tags).map_err(|_| KeyFileError::Random)?;
        }
        // Nothing is opened with a copy.
        Ok((Self::with(keys, tags, [0; 32])?, kept))
    }

    fn with(keys: &Path, tags: [u8; 32], parcels: [u8; 32]) -> Result<Self, KeyFileError> {
        let key = |name: &str| read_key(&keys.join(name));
        Ok(Self {
            log: key("log.key")?,
            device_ca: key("device-ca.key")?,
            rules: key("rules.key")?,
            status: keys.join(STATUS_KEY).exists().then(|| key(STATUS_KEY)).transpose()?,
            tags,
            parcels: ParcelSecret::from_seed(&parcels),
        })
    }
}

impl Keys {
    /// Gives the salt of a leaf that this server makes itself ([`own_salt`]).
    pub(crate) fn own_salt(&self, leaf_index: u64) -> [u8; 16] {
        own_salt(&self.tags, leaf_index)
    }
}

/// Derives the salt of a leaf that the server makes itself: the first 16 bytes of
/// SHA-256(`qatysu/own-salt/1` ‖ secret ‖ index). A server that lost its disk makes the leaf again,
/// salt and all, from its keys. Salts of events are random: without the device nobody opens those.
pub(crate) fn own_salt(secret: &[u8; 32], leaf_index: u64) -> [u8; 16] {
    let index = leaf_index.to_be_bytes();
    let Hash(hash) = seal::sha256_of(&[b"qatysu/own-salt/1", secret, &index]);
    let (salt, _) = hash.split_first_chunk().expect("32 bytes have 16 in front");
    *salt
}

/// The files of the keys that sign.
pub(crate) const KEY_FILES: [&str; 3] = ["log.key", "device-ca.key", "rules.key"];
/// The file of the key that signs lists of revoked cards, where there is one.
pub(crate) const STATUS_KEY: &str = "status.key";
/// The file of the secret behind the tags.
pub(crate) const TAG_SECRET: &str = "tags.key";

/// The file of the secret that opens parcels.
pub(crate) const PARCEL_KEY: &str = "parcel.key";

/// Reads a secret that servers of earlier releases do not have: they get one.
fn read_or_make(path: &Path, entropy: &Entropy) -> Result<[u8; 32], KeyFileError> {
    if path.exists() { read_seed(path) } else { write_seed(path, entropy) }
}

/// Gives the key of a server's log, under the log's name.
///
/// # Errors
/// [`KeyFileError`] if its file cannot be read.
pub fn log_key(data_dir: &Path, origin: &str) -> Result<VerifierKey, KeyFileError> {
    let key = read_key(&data_dir.join("keys").join("log.key"))?.public_key();
    Ok(VerifierKey { name: origin.to_owned(), key })
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
    Ok(SoftwareKey::from_seed(&read_seed(path)?))
}

fn read_seed(path: &Path) -> Result<[u8; 32], KeyFileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| KeyFileError::Io { path: path.to_owned(), source })?;
    let seed = Hash::from_hex(text.trim());
    seed.map(|seed| seed.0).ok_or_else(|| KeyFileError::Form { path: path.to_owned() })
}

/// Makes a new key and writes its file, which must not exist yet.
///
/// # Errors
/// [`KeyFileError`] if it exists, cannot be written, or the system has no randomness.
pub fn write_key(path: &Path) -> Result<SoftwareKey, KeyFileError> {
    Ok(SoftwareKey::from_seed(&write_seed(path, &Entropy::system())?))
}

/// Writes a file that only its owner reads; an old one is replaced or stays, with an error.
pub(crate) fn write_private(path: &Path, bytes: &[u8], replace: bool) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(!replace).create(replace).truncate(replace);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a new seed and writes its file, which must not exist yet.
pub(crate) fn write_seed(path: &Path, entropy: &Entropy) -> Result<[u8; 32], KeyFileError> {
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    let seed = entropy.draw().map_err(|_| KeyFileError::Random)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(io)?;
    writeln!(file, "{}", Hash(seed)).map_err(io)?;
    file.sync_all().map_err(io)?;
    Ok(seed)
}
