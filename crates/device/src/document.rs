//! The files that excuse absences: kept on this device alone. Events carry their SHA-256.

use seal::Hash;

use crate::device::Device;
use crate::record::RecordError;
use crate::store::{self, StoreError};

/// The largest file, bytes. A page of paper as a photograph has less.
pub const DOCUMENT_MAX_BYTES: usize = 4 * 1024 * 1024;
/// The most that all files may take, bytes.
const ALL_DOCUMENTS_MAX_BYTES: u64 = 512 * 1024 * 1024;

/// What a file is, as its first bytes say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Media {
    /// A photograph.
    Jpeg,
    /// A picture.
    Png,
    /// A document of pages.
    Pdf,
}

/// Holds a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Document {
    /// What it is.
    pub media: Media,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// The device has no certificate yet.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The file is neither of the kinds of [`Media`].
    #[error("a document is a JPEG or PNG picture or a PDF file")]
    NotADocument,
    /// The file is too large.
    #[error("a document has at most {max} bytes, this one has {found}: photograph it smaller")]
    TooLarge {
        /// Its size, bytes.
        found: usize,
        /// The most, bytes.
        max: usize,
    },
    /// All files together are too large.
    #[error("this device keeps no more documents: give the number of this one instead")]
    NoRoom,
    /// The database did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Media {
    /// Tells what a file is by its first bytes; nothing for any other.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let begins = |with: &[u8]| bytes.starts_with(with);
        if begins(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if begins(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else {
            begins(b"%PDF-").then_some(Self::Pdf)
        }
    }

    /// Gives the media type's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
        }
    }
}

impl Device {
    /// Keeps a file on this device and names it by its SHA-256. The same file again changes nothing.
    ///
    /// # Errors
    /// [`DocumentError`] says why it was not kept.
    pub fn keep_document(&mut self, bytes: Vec<u8>) -> Result<Hash, DocumentError> {
        if self.enrolled.is_none() {
            return Err(DocumentError::NotEnrolled);
        }
        if bytes.len() > DOCUMENT_MAX_BYTES {
            let (found, max) = (bytes.len(), DOCUMENT_MAX_BYTES);
            return Err(DocumentError::TooLarge { found, max });
        }
        let media = Media::of(&bytes).ok_or(DocumentError::NotADocument)?;
        let hash = seal::sha256(&bytes);
        if store::document::is_kept(&self.db, hash)? {
            return Ok(hash);
        }
        let all = store::document::total_bytes(&self.db)?;
        if all.saturating_add(bytes.len() as u64) > ALL_DOCUMENTS_MAX_BYTES {
            return Err(DocumentError::NoRoom);
        }
        let at_ms = self.clock.now().wall_ms;
        store::document::keep(&self.db, hash, &Document { media, bytes }, at_ms)?;
        Ok(hash)
    }

    /// Gives a file that is kept here.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read, or the file is not what its name says.
    pub fn document(&self, hash: Hash) -> Result<Option<Document>, StoreError> {
        let Some(bytes) = store::document::read(&self.db, hash)? else { return Ok(None) };
        match Media::of(&bytes) {
            Some(media) if seal::sha256(&bytes) == hash => Ok(Some(Document { media, bytes })),
            _ => Err(StoreError::Value("a document's bytes")),
        }
    }

    /// Tells whether a file is kept here.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn has_document(&self, hash: Hash) -> Result<bool, StoreError> {
        store::document::is_kept(&self.db, hash)
    }

    /// Refuses to name a file that is not here: nobody could show it.
    pub(crate) fn expect_document(&self, hash: Option<Hash>) -> Result<(), RecordError> {
        match hash {
            Some(hash) if !self.has_document(hash)? => Err(RecordError::DocumentUnknown),
            _ => Ok(()),
        }
    }
}
