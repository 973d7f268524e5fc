//! A published log, wherever it is: the files of [C2SP tlog-tiles].
//!
//! [C2SP tlog-tiles]: https://c2sp.org/tlog-tiles

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::client::bounded;

/// The longest file that is read: far more than a tile, a note or a bundle of ours has.
const FILE_BYTES_MAX: usize = 64 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a file of a published log could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The disk refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nobody answers, or with something else.
    #[error("{url}: {why}")]
    Http {
        /// What was asked for.
        url: String,
        /// Why not.
        why: String,
    },
    /// The file is longer than any of a log.
    #[error("{0} is too long to be a file of a log")]
    TooLong(String),
    /// Whoever holds the log could not read it.
    #[error("{0}")]
    Source(String),
}

/// Gives the files of a log by their paths: `checkpoint`, `tile/0/000`, `tile/entries/000`.
pub trait Published {
    /// Reads a file; `None` if there is none.
    fn file(&self, path: &str) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;
}

/// A log in a directory, or behind an address.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PublishedLog {
    /// Files.
    Directory(PathBuf),
    /// The prefix of a server, without its last slash.
    Address(String, reqwest::Client),
}

impl PublishedLog {
    /// Takes what begins with `http://` for an address, and anything else for a directory.
    ///
    /// # Errors
    /// [`ReadError`] if the system's network cannot be set up.
    pub fn at(place: &str) -> Result<Self, ReadError> {
        if !place.starts_with("http://") && !place.starts_with("https://") {
            return Ok(Self::Directory(PathBuf::from(place)));
        }
        let http = crate::tls::client()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .build()
            .map_err(|error| ReadError::Http { url: place.to_owned(), why: explain(&error) })?;
        Ok(Self::Address(place.trim_end_matches('/').to_owned(), http))
    }
}

impl Published for PublishedLog {
    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        match self {
            Self::Directory(dir) => read(&dir.join(path)),
            Self::Address(prefix, http) => fetch(http, format!("{prefix}/{path}")).await,
        }
    }
}

/// Reads a file of a directory, if it is there.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, ReadError> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => return Ok(None),
        Err(error) => return Err(io(error)),
        Ok(found) if found.len() > FILE_BYTES_MAX as u64 => {
            return Err(ReadError::TooLong(path.display().to_string()));
        }
        Ok(_) => {}
    }
    std::fs::read(path).map(Some).map_err(io)
}

async fn fetch(http: &reqwest::Client, url: String) -> Result<Option<Vec<u8>>, ReadError> {
    let failed = |error: &reqwest::Error| ReadError::Http { url: url.clone(), why: explain(error) };
    let response = http.get(&url).send().await.map_err(|error| failed(&error))?;
    match response.status().as_u16() {
        200 => {}
        404 => return Ok(None),
        other => return Err(ReadError::Http { url, why: format!("answered with status {other}") }),
    }
    let body = bounded(response, FILE_BYTES_MAX).await.map_err(|error| failed(&error))?;
    body.map_or(Err(ReadError::TooLong(url)), |body| Ok(Some(body)))
}

/// Writes an error of the network with what lies behind it.
fn explain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
