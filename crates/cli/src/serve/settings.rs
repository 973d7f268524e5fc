//! What a file may say about a server.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;
use server::ServerConfig;

use crate::host::LogFormat;

/// The settings of a running server.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) data: Option<PathBuf>,
    pub(super) listen: SocketAddr,
    pub(super) admin_listen: Option<SocketAddr>,
    pub(super) plain_http: bool,
    pub(super) console: Option<String>,
    pub(super) log_format: LogFormat,
    pub(super) log: Option<String>,
    pub(super) tls: Option<TlsSettings>,
    pub(super) limits: ServerConfig,
}

/// Whose certificates the server shows.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum TlsSettings {
    /// Its own authority's.
    Own {
        /// The names and addresses that devices reach it by.
        names: Vec<String>,
    },
    /// Those of files.
    Files {
        /// The certificates, the server's first.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 7400)),
            admin_listen: None,
            plain_http: false,
            console: None,
            log_format: LogFormat::Text,
            log: None,
            tls: None,
            limits: ServerConfig::default(),
        }
    }
}

impl Settings {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        toml::from_str(&text)
            .with_context(|| format!("{}: see `qatysu serve --print-config`", path.display()))
    }
}
