//! Where a store's files are: a folder of the system, or one that a simulation decides about.

use std::fmt;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;

/// A folder of files. What is written survives a power cut once the file is synced and the names are.
pub trait Folder: fmt::Debug + Send + Sync {
    /// Lists the names of all files.
    ///
    /// # Errors
    /// The system's.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Reads a file.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::NotFound`] if there is none of this name.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Makes a file, empty, in the place of any other of this name.
    ///
    /// # Errors
    /// The system's.
    fn create(&self, name: &str) -> io::Result<Box<dyn NewFile>>;

    /// Gives a file another name, in the place of any other of that name.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::NotFound`] if there is none of this name.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Returns when the names are on the disk.
    ///
    /// # Errors
    /// The system's.
    fn sync_names(&self) -> io::Result<()>;
}

/// A file that is being written.
pub trait NewFile {
    /// Adds bytes at the end.
    ///
    /// # Errors
    /// The system's.
    fn add(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when the bytes are on the disk.
    ///
    /// # Errors
    /// The system's.
    fn sync(&mut self) -> io::Result<()>;
}

/// A folder of the system.
#[derive(Debug)]
pub(super) struct SystemFolder(pub(super) PathBuf);

impl Folder for SystemFolder {
    fn names(&self) -> io::Result<Vec<String>> {
        // A name that is no text is none of ours.
        let name = |entry: io::Result<std::fs::DirEntry>| {
            entry.map(|entry| entry.file_name().into_string().ok()).transpose()
        };
        self.0.read_dir()?.filter_map(name).collect()
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(name))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn NewFile>> {
        Ok(Box::new(File::create(self.0.join(name))?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.0.join(from), self.0.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.0.join(name))
    }

    fn sync_names(&self) -> io::Result<()> {
        #[cfg(unix)]
        File::open(&self.0)?.sync_all()?;
        Ok(())
    }
}

impl NewFile for File {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}
