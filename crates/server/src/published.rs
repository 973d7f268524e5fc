//! The log as everybody may see it: static tiles, bundles and a checkpoint ([C2SP tlog-tiles]).
//!
//! A leaf's data is a hash under a salt, so the tiles tell nobody who came where.
//!
//! [C2SP tlog-tiles]: https://c2sp.org/tlog-tiles

use server_store::StoredCheckpoint;
use tlog::{BundleId, TileId, bundle_bytes};
use witness::copy::CHECKPOINT;
use witness::{Published, ReadError};

use crate::error::ServerError;
use crate::server::Server;

/// A file of the published log.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PublishedFile {
    /// The signed checkpoint: another one soon.
    Checkpoint(String),
    /// A full tile or bundle: never another one.
    Full(Vec<u8>),
    /// A partial one: a full one takes its place.
    Partial(Vec<u8>),
}

impl Server {
    /// Gives a file of the published log by its path; `None` for what the log does not have.
    ///
    /// # Errors
    /// [`ServerError`] if the database fails.
    pub async fn published_file(&self, path: &str) -> Result<Option<PublishedFile>, ServerError> {
        if path == CHECKPOINT {
            let checkpoint = self.published_checkpoint().await?;
            return Ok(Some(PublishedFile::Checkpoint(checkpoint.note)));
        }
        // Leaves that no checkpoint covers yet are nobody's business.
        let size = self.checkpoint().await?.size;
        if let Some(bundle) = BundleId::parse(path) {
            let first = bundle.first_leaf();
            let end = first + u64::from(bundle.width);
            if end > size {
                return Ok(None);
            }
            let leaves = self.store.leaf_data(first..end).await?;
            let bytes = bundle_bytes(&leaves).map_err(|_| ServerError::Stored("leaf"))?;
            return Ok(Some(PublishedFile::of(bytes, end % 256 == 0)));
        }
        let Some(tile) = TileId::parse(path) else { return Ok(None) };
        let end = tile.index * 256 + u64::from(tile.width);
        if end > size >> (8 * tile.level) {
            return Ok(None);
        }
        Ok(Some(PublishedFile::of(self.store.tile(tile).await?, tile.is_full())))
    }

    /// Gives the checkpoint that is published: the newest one with the quorum of the trust list, or
    /// the newest of all where none has it.
    ///
    /// # Errors
    /// [`ServerError`] if the database fails.
    pub async fn published_checkpoint(&self) -> Result<StoredCheckpoint, ServerError> {
        if let Some((witnesses, quorum)) = self.witness_rule()
            && let Some(witnessed) = self.store.witnessed_checkpoint(witnesses, quorum).await?
        {
            return self.with_cosignatures(witnessed).await;
        }
        self.checkpoint().await
    }
}

impl PublishedFile {
    fn of(bytes: Vec<u8>, is_full: bool) -> Self {
        if is_full { Self::Full(bytes) } else { Self::Partial(bytes) }
    }

    /// Gives the bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Checkpoint(note) => note.into_bytes(),
            Self::Full(bytes) | Self::Partial(bytes) => bytes,
        }
    }
}

/// A server's own log, read without HTTP.
#[derive(Debug)]
pub struct OwnLog<'a> {
    /// The server.
    pub server: &'a Server,
    /// Takes the newest checkpoint, even if its quorum is not there yet.
    pub newest: bool,
}

impl Published for OwnLog<'_> {
    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let broken = |error: ServerError| ReadError::Source(error.to_string());
        if self.newest && path == CHECKPOINT {
            let checkpoint = self.server.checkpoint().await.map_err(broken)?;
            return Ok(Some(checkpoint.note.into_bytes()));
        }
        let file = self.server.published_file(path).await.map_err(broken)?;
        Ok(file.map(PublishedFile::into_bytes))
    }
}
