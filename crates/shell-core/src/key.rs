//! The key file: the device's signing key and the database's key, wrapped by a vault.
//!
//! ```text
//! qatysu device key 2
//! vault private-file
//! salt 00112233445566778899aabbccddeeff
//! sealed <24 bytes of nonce, then both keys under XChaCha20-Poly1305, in hexadecimal>
//! ```
//!
//! The lines above the last one are bound to it. Until the second form the file was the signing key
//! itself; such a file is wrapped at its first opening.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Seek as _, Write as _};
use std::path::Path;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use device::DatabaseKey;
use seal::{Hash, SoftwareKey};

use crate::error::ShellError;
use crate::vault::{KeyVault, PrivateFile, WrappingKey, write_private};

/// The keys of a device.
pub(crate) struct Keys {
    pub(crate) signer: SoftwareKey,
    pub(crate) database: DatabaseKey,
}

/// Both keys, as they are wrapped.
type Secrets = [u8; 64];

/// Reads the keys of a data directory, or makes them on the first start.
pub(crate) fn read_or_make(dir: &Path, vault: &dyn KeyVault) -> Result<Keys, ShellError> {
    let path = dir.join("device.key");
    let secrets = match std::fs::read_to_string(&path) {
        Ok(text) => match Hash::from_hex(text.trim()) {
            Some(seed) => wrap_plain(dir, &path, vault, seed)?,
            None => unwrap(dir, &path, vault, &text)?,
        },
        Err(error) if error.kind() == ErrorKind::NotFound => make(dir, &path, vault)?,
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            return Err(ShellError::KeyForm { path });
        }
        Err(source) => return Err(ShellError::Io { path, source }),
    };
    let (seed, database) = secrets.split_at(32);
    let half = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).expect("half of 64 bytes");
    Ok(Keys {
        signer: SoftwareKey::from_seed(&half(seed)),
        database: DatabaseKey::new(half(database)),
    })
}

fn make(dir: &Path, path: &Path, vault: &dyn KeyVault) -> Result<Secrets, ShellError> {
    let database = dir.join("device.db");
    if std::fs::metadata(&database).is_ok_and(|file| file.len() > 0) {
        return Err(ShellError::KeyMissing { path: path.to_owned(), database });
    }
    let mut secrets = [0; 64];
    getrandom::fill(&mut secrets).map_err(|_| ShellError::Random)?;
    write(dir, path, vault, &secrets, true)?;
    Ok(secrets)
}

/// Wraps the plain key file of an earlier release.
fn wrap_plain(
    dir: &Path,
    path: &Path,
    vault: &dyn KeyVault,
    seed: Hash,
) -> Result<Secrets, ShellError> {
    // Its database was plain too: one that is not has another key file, and that one opens it.
    let mut start = [0; 8];
    let database = dir.join("device.db");
    let read = std::fs::File::open(&database).and_then(|mut file| file.read_exact(&mut start));
    if read.is_ok() && start == *ENCRYPTED {
        return Err(ShellError::KeyOlder { path: path.to_owned(), database });
    }
    let mut secrets = [0; 64];
    let (first, second) = secrets.split_at_mut(32);
    first.copy_from_slice(seed.as_bytes());
    getrandom::fill(second).map_err(|_| ShellError::Random)?;
    write(dir, path, vault, &secrets, true)?;
    Ok(secrets)
}

/// Writes the key file: a new one gets the name at once or not at all, and what was there is
/// overwritten.
fn write(
    dir: &Path,
    path: &Path,
    vault: &dyn KeyVault,
    secrets: &Secrets,
    first: bool,
) -> Result<(), ShellError> {
    let io = |source| ShellError::Io { path: path.to_owned(), source };
    let (mut salt, mut nonce) = ([0; 16], [0; 24]);
    getrandom::fill(&mut salt).map_err(|_| ShellError::Random)?;
    getrandom::fill(&mut nonce).map_err(|_| ShellError::Random)?;
    let head = format!("{FIRST_LINE}\nvault {}\nsalt {}\n", vault.name(), hex(&salt));
    let wrapping = vault.wrapping_key(dir, &salt, first)?;
    let sealed = cipher(&wrapping)
        .encrypt(&XNonce::from(nonce), Payload { msg: secrets, aad: head.as_bytes() })
        .map_err(|_| ShellError::Random)?;
    let text = format!("{head}sealed {}{}\n", hex(&nonce), hex(&sealed));
    let new = dir.join("device.key.new");
    drop(std::fs::remove_file(&new));
    write_private(&new, &text).map_err(io)?;
    let old = OpenOptions::new().write(true).open(path);
    std::fs::rename(&new, path).map_err(io)?;
    sync_folder(dir).map_err(io)?;
    if let Ok(mut old) = old {
        let length = old.metadata().map_err(io)?.len();
        old.rewind().map_err(io)?;
        let zeros = vec![0; usize::try_from(length).unwrap_or_default()];
        old.write_all(&zeros).map_err(io)?;
        old.sync_all().map_err(io)?;
    }
    Ok(())
}

fn unwrap(
    dir: &Path,
    path: &Path,
    vault: &dyn KeyVault,
    text: &str,
) -> Result<Secrets, ShellError> {
    let form = || ShellError::KeyForm { path: path.to_owned() };
    let lines: Vec<&str> = text.lines().collect();
    let [FIRST_LINE, named, salt, sealed] = lines.as_slice() else { return Err(form()) };
    let named = named.strip_prefix("vault ").ok_or_else(form)?;
    let salt_bytes = salt.strip_prefix("salt ").and_then(unhex).ok_or_else(form)?;
    let salt_bytes = <[u8; 16]>::try_from(salt_bytes).map_err(|_| form())?;
    let sealed = sealed.strip_prefix("sealed ").and_then(unhex).ok_or_else(form)?;
    let head = format!("{FIRST_LINE}\nvault {named}\n{salt}\n");
    let open = |wrapping: &WrappingKey| {
        let (nonce, sealed) = sealed.split_at_checked(24)?;
        let nonce = <[u8; 24]>::try_from(nonce).ok()?;
        let payload = Payload { msg: sealed, aad: head.as_bytes() };
        let opened = cipher(wrapping).decrypt(&XNonce::from(nonce), payload).ok()?;
        Secrets::try_from(opened).ok()
    };
    let wrong = || ShellError::KeyLocked { path: path.to_owned(), vault: named.to_owned() };
    if named == vault.name() {
        let wrapping = vault.wrapping_key(dir, &salt_bytes, false)?;
        return open(&wrapping).ok_or_else(wrong);
    }
    // A better vault takes the place of the private file at once; there is no way back by itself.
    if named != PrivateFile.name() {
        return Err(ShellError::KeyVault {
            path: path.to_owned(),
            vault: named.to_owned(),
            given: vault.name(),
        });
    }
    let wrapping = PrivateFile.wrapping_key(dir, &salt_bytes, false)?;
    let secrets = open(&wrapping).ok_or_else(wrong)?;
    write(dir, path, vault, &secrets, true)?;
    PrivateFile.forget(dir)?;
    Ok(secrets)
}

fn cipher(wrapping: &WrappingKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&wrapping.0.into())
}

fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

fn sync_folder(dir: &Path) -> std::io::Result<()> {
    // Not every system can open a folder; where it cannot, there is nothing to do.
    std::fs::File::open(dir).map_or(Ok(()), |folder| folder.sync_all())
}

const FIRST_LINE: &str = "qatysu device key 2";
/// How an encrypted database begins.
const ENCRYPTED: &[u8; 8] = b"qatysu1\0";
