//! The server's state, and its start.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU16;

use attendance::{DeviceId, SignedTrustList, TrustList, TrustRoots, VerifiedCertificate};
use ledger::Snapshots;
use seal::Signer as _;
use server_store::{Store, StoredTrustList};
use tlog::VerifierKey;
use tlog::policy::PolicyWitness;
use tokio::sync::{Mutex, Notify, RwLock, watch};
use tokio::task::AbortHandle;

use crate::clock::ServerClock;
use crate::closing::LedgerRun;
use crate::config::ServerConfig;
use crate::console::Console;
use crate::entropy::Entropy;
use crate::error::ServerError;
use crate::history::HeldEvents;
use crate::keys::{KeyFileError, Keys};
use crate::metrics::Metrics;
use crate::packing::PackingRosters;
use crate::pressure::rates::Rates;
use crate::pressure::writer::Writer;
use crate::roster_pieces::PackedRosters;
use crate::snapshots::read_snapshots;
use crate::surroundings::{Surroundings, Tasks};
use crate::witnesses::read_witnesses;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// There is no server in the directory.
    #[error(
        "{path} holds no server yet: set one up with `qatysu init --data {path} --district FILE`"
    )]
    NotThere {
        /// The directory.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A key file cannot be read.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] server_store::OpenError),
    /// The trust files are damaged.
    #[error("the trust files are damaged: {0}")]
    Trust(String),
    /// The file of the witnesses cannot be used.
    #[error("{path}: {why}")]
    Witnesses {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Another trust list was in force before.
    #[error(
        "trust.list has version {found}, and version {newest} was in force before: put the newest one \
         back, a server never returns to an older list"
    )]
    OldTrust {
        /// The version of the file.
        found: u32,
        /// The newest version that was in force; the same, if its bytes are others.
        newest: u32,
    },
    /// The log's first leaves cannot be read.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// A running server: handlers and jobs share it.
#[derive(Debug)]
pub struct Server {
    pub(crate) store: Store,
    pub(crate) keys: Keys,
    pub(crate) clock: ServerClock,
    pub(crate) entropy: Entropy,
    pub(crate) tasks: Tasks,
    pub(crate) origin: String,
    pub(crate) trust: TrustList,
    pub(crate) trust_bytes: Vec<u8>,
    pub(crate) roots: TrustRoots,
    /// One writer at a time: what is sequenced is committed and signed before the next.
    /// Devices take turns.
    pub(crate) writer: Writer,
    /// One ledger run at a time: two would close a month twice, and the second would fail.
    pub(crate) ledger_run: Mutex<LedgerRun>,
    /// The events that move children.
    pub(crate) moving: Mutex<HeldEvents>,
    /// The events that the register of vouchers is folded from.
    pub(crate) of_vouchers: Mutex<HeldEvents>,
    /// One revision of the status list at a time.
    pub(crate) status_run: Mutex<()>,
    /// The size of the newest checkpoint: witnesses are asked when it changes.
    pub(crate) signed: watch::Sender<u64>,
    /// Who is asked to cosign, and where.
    pub(crate) witnesses: Vec<PolicyWitness>,
    /// Woken when an event came that may close or pay a month.
    pub(crate) ledger_due: Notify,
    /// The district, version after version. Owned by [`Server::snapshots`].
    pub(crate) snapshots: RwLock<Arc<Snapshots>>,
    /// The port of the open datagram door; 0 if none is open.
    pub(crate) datagram_port: AtomicU16,
    /// Rosters that batches are packed against.
    pub(crate) packing: PackingRosters,
    /// Rosters that devices fetch in pieces.
    pub(crate) packed_rosters: PackedRosters,
    /// Where the files are.
    pub(crate) data_dir: PathBuf,
    /// The limits.
    pub(crate) config: ServerConfig,
    /// Who asked how often.
    pub(crate) rates: Rates,
    /// What is counted.
    pub(crate) metrics: Arc<Metrics>,
    /// The jobs behind the log, by name, once the server serves.
    pub(crate) jobs: std::sync::Mutex<Vec<(&'static str, AbortHandle)>>,
    /// Where the door is, if elsewhere than HTTP.
    pub(crate) datagrams_at: OnceLock<SocketAddr>,
    /// The console, once it is open.
    pub(crate) console: OnceLock<Console>,
    /// Verified certificates, by device. Owned by [`Server::certificate`].
    certificates: RwLock<HashMap<DeviceId, Arc<VerifiedCertificate>>>,
}

impl Server {
    /// Opens the server of a data directory, and signs a checkpoint if one is missing.
    ///
    /// # Errors
    /// [`StartError`](crate::Server), with words an operator can act on.
    pub async fn open(data_dir: &Path, clock: ServerClock) -> Result<Arc<Self>, StartError> {
        Self::open_with(data_dir, clock, ServerConfig::default()).await
    }

    /// Opens the server of a data directory with other limits than the usual ones.
    ///
    /// # Errors
    /// [`StartError`], as [`Server::open`].
    pub async fn open_with(
        data_dir: &Path,
        clock: ServerClock,
        config: ServerConfig,
    ) -> Result<Arc<Self>, StartError> {
        Self::open_in(data_dir, Surroundings::system(clock), config).await
    }

    /// Opens the server of a data directory in surroundings that the caller decides.
    ///
    /// # Errors
    /// [`StartError`], as [`Server::open`].
    pub async fn open_in(
        data_dir: &Path,
        surroundings: Surroundings,
        config: ServerConfig,
    ) -> Result<Arc<Self>, StartError> {
        if !data_dir.join("server.db").exists() {
            return Err(StartError::NotThere { path: data_dir.to_owned() });
        }
        let keys = Keys::read(data_dir, &surroundings.entropy)?;
        let trust_bytes = read(&data_dir.join("trust.list"))?;
        let broken = |error: &dyn std::fmt::Display| StartError::Trust(error.to_string());
        let roots =
            TrustRoots::parse(&read(&data_dir.join("trust.roots"))?).map_err(|e| broken(&e))?;
        let trust = SignedTrustList::parse(&trust_bytes)
            .and_then(|list| list.verify(&roots, 0))
            .map_err(|e| broken(&e))?;
        let origin =
            String::from_utf8(read(&data_dir.join("origin"))?).map_err(|error| broken(&error))?;
        let store = surroundings.open_store(&data_dir.join("server.db"))?;
        let Surroundings { clock, entropy, storage: _, tasks } = surroundings;
        keep_trust(&store, trust.version, &trust_bytes).await?;
        let snapshots = RwLock::new(Arc::new(read_snapshots(&store, &trust).await?));
        let server = Self {
            store,
            keys,
            clock,
            entropy,
            tasks,
            origin,
            trust,
            trust_bytes,
            roots,
            writer: Writer::new(config.queue_per_device_max, config.queue_max),
            ledger_run: Mutex::default(),
            moving: Mutex::default(),
            of_vouchers: Mutex::default(),
            status_run: Mutex::new(()),
            signed: watch::Sender::new(0),
            witnesses: read_witnesses(data_dir)?,
            ledger_due: Notify::new(),
            snapshots,
            datagram_port: AtomicU16::new(0),
            packing: PackingRosters::default(),
            packed_rosters: PackedRosters::default(),
            data_dir: data_dir.to_owned(),
            rates: Rates::new(&config),
            metrics: Arc::new(Metrics::new()),
            jobs: std::sync::Mutex::default(),
            config,
            datagrams_at: OnceLock::new(),
            console: OnceLock::new(),
            certificates: RwLock::default(),
        };
        server.sign_checkpoint().await?;
        server.revise_status_list().await?;
        server.store.place_all_parked().await.map_err(ServerError::from)?;
        Ok(Arc::new(server))
    }

    /// Gives the name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Gives the key of the log, under the log's name.
    #[must_use]
    pub fn log_key(&self) -> VerifierKey {
        VerifierKey { name: self.origin.clone(), key: self.keys.log.public_key() }
    }

    /// Gives the root keys that devices must trust.
    #[must_use]
    pub fn roots(&self) -> &TrustRoots {
        &self.roots
    }

    /// Gives the certificate of an enrolled device.
    pub(crate) async fn certificate(
        &self,
        device: DeviceId,
    ) -> Result<Option<Arc<VerifiedCertificate>>, ServerError> {
        if let Some(known) = self.certificates.read().await.get(&device) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(stored) = self.store.device(device).await? else { return Ok(None) };
        if stored.certificate.is_empty() {
            // The log revokes it, and nobody handed over more: it is unknown until it shows who it is.
            return Ok(None);
        }
        let verified = VerifiedCertificate::verify_for_audit(&stored.certificate, &self.trust)
            .map_err(|_| ServerError::Stored("device certificate"))?;
        let verified = Arc::new(verified);
        self.certificates.write().await.insert(device, Arc::clone(&verified));
        Ok(Some(verified))
    }

    /// Lets the next question for a device's certificate be answered from storage.
    pub(crate) async fn forget_certificate(&self, device: DeviceId) {
        self.certificates.write().await.remove(&device);
    }
}

/// Keeps the trust list, and refuses one that is older than, or other than, one before.
async fn keep_trust(store: &Store, version: u32, bytes: &[u8]) -> Result<(), StartError> {
    let list = StoredTrustList { version, bytes: bytes.to_vec() };
    let newest = store.put_trust_list(list.clone()).await.map_err(ServerError::from)?;
    if newest == list {
        return Ok(());
    }
    Err(StartError::OldTrust { found: version, newest: newest.version })
}

fn read(path: &Path) -> Result<Vec<u8>, StartError> {
    std::fs::read(path).map_err(|source| StartError::Io { path: path.to_owned(), source })
}
