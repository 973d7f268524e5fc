//! How the file is reached: for which device key, and under which database key.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use seal::PublicKey;

use crate::store::StoreError;

/// For whom a file is opened.
#[derive(Clone, Copy)]
pub(crate) struct Access<'a> {
    /// The device's key: the file belongs to it.
    pub(crate) owner: &'a PublicKey,
    /// What the file is encrypted with; nothing for a plain file.
    #[cfg(feature = "encrypted")]
    pub(crate) key: Option<&'a crate::DatabaseKey>,
}

/// What the first bytes of a file say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Header {
    /// There is no file, or nothing in it, or SQLite has a journal to play back first.
    Open,
    /// A plain SQLite file.
    Plain,
    /// Encrypted, for this device's key.
    Ours,
    /// Encrypted, for the key of another device.
    Another,
    /// Something else.
    Unknown,
}

impl<'a> Access<'a> {
    /// To a plain file.
    pub(crate) fn plain(owner: &'a PublicKey) -> Self {
        Self {
            owner,
            #[cfg(feature = "encrypted")]
            key: None,
        }
    }

    /// True if the file is to be encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        #[cfg(feature = "encrypted")]
        return self.key.is_some();
        #[cfg(not(feature = "encrypted"))]
        false
    }

    /// Opens a connection, which has read nothing yet.
    pub(crate) fn connect(&self, path: &Path) -> Result<Connection, StoreError> {
        let db = Connection::open(path)?;
        #[cfg(feature = "encrypted")]
        if let Some(key) = self.key {
            crate::store::cipher::unlock(&db, key, self.owner)?;
        }
        Ok(db)
    }

    /// Reads what the file is, without opening it as a database.
    pub(crate) fn header(&self, path: &Path) -> std::io::Result<Header> {
        let mut start = [0; 16];
        let read = match File::open(path) {
            Ok(mut file) => read_up_to(&mut file, &mut start)?,
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let half_written = std::fs::metadata(beside(path, "-journal")).is_ok_and(|m| m.len() > 0);
        if read == 0 || (half_written && start != header_of(self.owner)) {
            return Ok(Header::Open);
        }
        Ok(if &start == b"SQLite format 3\0" {
            Header::Plain
        } else if start == header_of(self.owner) {
            Header::Ours
        } else if start.starts_with(MARK) {
            Header::Another
        } else {
            Header::Unknown
        })
    }
}

fn read_up_to(file: &mut File, into: &mut [u8]) -> std::io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = into.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            some => read += some,
        }
    }
    Ok(read)
}

/// The first bytes of an encrypted file are its salt, which SQLCipher lets us choose: a mark of ours,
/// and whose it is, so that another device's file is told from a damaged one. The key is random and
/// used for one file: it needs no random salt.
pub(crate) fn header_of(owner: &PublicKey) -> [u8; 16] {
    let mut header = [0; 16];
    let whose = seal::sha256(&owner.to_bytes());
    let bytes = MARK.iter().chain(whose.as_bytes());
    for (place, byte) in header.iter_mut().zip(bytes) {
        *place = *byte;
    }
    header
}

/// Names a file beside the database: its name with something after it.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A new database is its owner's alone; what SQLite puts beside it takes the same mode. A fault is
/// left to SQLite, which opens the file next.
pub(crate) fn create_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if options.open(path).is_ok() {
        // SQLite brings the names of its logs to the disk, and not that of the database itself.
        drop(sync_folder(path));
    }
}

/// Removes a database and what SQLite put beside it. What is not there is no fault.
pub(crate) fn remove(path: &Path) -> std::io::Result<()> {
    for ending in ["-wal", "-shm", "-journal", ""] {
        match std::fs::remove_file(beside(path, ending)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Brings a file's bytes to the disk.
pub(crate) fn sync_file(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

/// Brings the names in a file's folder to the disk.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // Not every system can open a folder; where it cannot, there is nothing to do.
    File::open(folder.unwrap_or(Path::new("."))).map_or(Ok(()), |folder| folder.sync_all())
}

/// Says that a file of an encrypted database is ours: `qatysu1` and a zero byte.
const MARK: &[u8; 8] = b"qatysu1\0";
