//! TLS: an authority of the server's own, which tickets pin, or a public certificate from files.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use seal::Hash;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

use crate::clock::ServerClock;

/// The authority's certificate in a data directory. While it is there, tickets for an `https://`
/// address pin it.
pub const TLS_CA_FILE: &str = "tls-ca.pem";
/// The authority's key, beside the other keys.
pub const TLS_CA_KEY: &str = "keys/tls-ca.key";

/// For how many days a certificate of the own authority is good. A new one is made at each start, and
/// when half of this is over.
const LEAF_LIFE_DAYS: i64 = 90;
const DAY_S: i64 = 86_400;
/// How often it is looked whether there is something new.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds something else.
    #[error("{path} cannot be used: {why}")]
    Form {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A certificate cannot be made.
    #[error("no certificate can be made for these names: {0}")]
    Make(#[from] rcgen::Error),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// What a listener needs to speak TLS. Cheap to clone: a handle.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    shown: Arc<Shown>,
    source: Arc<Source>,
}

impl core::fmt::Debug for Tls {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// Where certificates come from.
enum Source {
    Own { issuer: Box<Issuer<'static, KeyPair>>, ca: CertificateDer<'static>, names: Vec<String> },
    Files { certificate: PathBuf, key: PathBuf, seen: Mutex<Vec<u8>> },
}

/// The certificate that is shown now.
#[derive(Debug)]
struct Shown {
    key: RwLock<Arc<CertifiedKey>>,
    made_s: Mutex<i64>,
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Tls {
    /// Shows certificates of the data directory's own authority, which is made if there is none, for
    /// these host names and IP addresses.
    ///
    /// # Errors
    /// [`TlsError`] if a file or a name cannot be used.
    pub fn own(data_dir: &Path, names: Vec<String>) -> Result<Self, TlsError> {
        let (issuer, ca) = authority(data_dir)?;
        Self::showing(Source::Own { issuer: Box::new(issuer), ca, names })
    }

    /// Shows the certificates of a file, the server's first, with the key of another (PEM, RFC 7468).
    ///
    /// # Errors
    /// [`TlsError`] if they cannot be used.
    pub fn files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Self::showing(Source::Files { certificate, key, seen: Mutex::default() })
    }

    fn showing(source: Source) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let now_s = ServerClock::system().now_s();
        let first = source.make(&provider, now_s)?;
        let shown =
            Arc::new(Shown { key: RwLock::new(Arc::new(first)), made_s: Mutex::new(now_s) });
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Self { acceptor, shown, source: Arc::new(source) })
    }

    pub(crate) async fn accept<IO: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: IO,
    ) -> std::io::Result<TlsStream<IO>> {
        self.acceptor.accept(stream).await
    }

    /// Makes a new certificate in time, and takes new files when they are there or at SIGHUP, until the
    /// task is dropped. What cannot be used is logged, and the old one stays.
    pub(crate) async fn keep_fresh(self) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = hung_up() => {}
            }
            if let Err(error) = self.refresh(ServerClock::system().now_s()) {
                tracing::error!(%error, "the new certificate cannot be used: the old one stays");
            }
        }
    }

    fn refresh(&self, now_s: i64) -> Result<(), TlsError> {
        let mut made_s = self.shown.made_s.lock().unwrap_or_else(PoisonError::into_inner);
        let due = match &*self.source {
            Source::Own { .. } => now_s >= *made_s + LEAF_LIFE_DAYS * DAY_S / 2,
            Source::Files { certificate, key, seen } => {
                let found = fingerprint(certificate, key)?;
                *seen.lock().unwrap_or_else(PoisonError::into_inner) != found
            }
        };
        if due {
            let fresh = self.source.make(&ring::default_provider(), now_s)?;
            *self.shown.key.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
            *made_s = now_s;
            tracing::info!("a new certificate is shown");
        }
        Ok(())
    }
}

impl Source {
    fn make(&self, provider: &CryptoProvider, now_s: i64) -> Result<CertifiedKey, TlsError> {
        match self {
            Self::Own { issuer, ca, names } => {
                let over_s = (now_s + LEAF_LIFE_DAYS * DAY_S).max(0);
                let key = KeyPair::generate()?;
                let mut leaf = CertificateParams::new(names.clone())?;
                leaf.distinguished_name.push(DnType::CommonName, "Qatysu server");
                leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
                leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
                // A device whose clock fell back years still finds its server.
                leaf.not_before = date_time_ymd(2020, 1, 1);
                leaf.not_after =
                    date_time_ymd(1970, 1, 1) + Duration::from_secs(over_s.cast_unsigned());
                let leaf = leaf.signed_by(&key, issuer)?;
                let key = PrivateKeyDer::try_from(key.serialize_der())
                    .map_err(|why| rustls::Error::General(why.to_owned()))?;
                let chain = vec![leaf.der().clone(), ca.clone()];
                Ok(CertifiedKey::from_der(chain, key, provider)?)
            }
            Self::Files { certificate, key, seen } => {
                let found = fingerprint(certificate, key)?;
                let form = |path: &Path, why: String| TlsError::Form { path: path.to_owned(), why };
                let chain = CertificateDer::pem_file_iter(certificate)
                    .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                    .map_err(|error| form(certificate, error.to_string()))?;
                if chain.is_empty() {
                    return Err(form(certificate, "it holds no certificate (PEM)".to_owned()));
                }
                let private = PrivateKeyDer::from_pem_file(key)
                    .map_err(|error| form(key, error.to_string()))?;
                let made = CertifiedKey::from_der(chain, private, provider)
                    .map_err(|error| form(key, error.to_string()))?;
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = found;
                Ok(made)
            }
        }
    }
}

/// Gives the fingerprint of the authority that tickets pin: the SHA-256 of its certificate's DER. None
/// if the server has no authority of its own.
///
/// # Errors
/// [`TlsError`] if the file cannot be read.
pub fn tls_pin(data_dir: &Path) -> Result<Option<Hash>, TlsError> {
    let path = data_dir.join(TLS_CA_FILE);
    if !path.exists() {
        return Ok(None);
    }
    Ok(Some(seal::sha256(&read_ca(&path)?)))
}

fn read_ca(path: &Path) -> Result<CertificateDer<'static>, TlsError> {
    CertificateDer::from_pem_file(path)
        .map_err(|error| TlsError::Form { path: path.to_owned(), why: error.to_string() })
}

/// Reads the authority, or makes one where there is none.
fn authority(
    data_dir: &Path,
) -> Result<(Issuer<'static, KeyPair>, CertificateDer<'static>), TlsError> {
    let (path, key_path) = (data_dir.join(TLS_CA_FILE), data_dir.join(TLS_CA_KEY));
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "Qatysu server authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2099, 12, 31);
    if key_path.exists() {
        let text = std::fs::read_to_string(&key_path)
            .map_err(|source| TlsError::Io { path: key_path.clone(), source })?;
        let key = KeyPair::from_pem(&text)
            .map_err(|error| TlsError::Form { path: key_path, why: error.to_string() })?;
        return Ok((Issuer::new(params, key), read_ca(&path)?));
    }
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    // The key last: an authority without its key is made again, and no ticket pinned it yet.
    crate::keys::write_private(&path, certificate.pem().as_bytes(), true)
        .and_then(|()| crate::keys::write_private(&key_path, key.serialize_pem().as_bytes(), false))
        .map_err(|source| TlsError::Io { path: key_path, source })?;
    let der = certificate.der().clone();
    Ok((Issuer::new(params, key), der))
}

fn fingerprint(certificate: &Path, key: &Path) -> Result<Vec<u8>, TlsError> {
    let read = |path: &Path| {
        std::fs::read(path).map_err(|source| TlsError::Io { path: path.to_owned(), source })
    };
    Ok(seal::sha256_of(&[&read(certificate)?, &read(key)?]).0.to_vec())
}

/// Resolves at the next SIGHUP; never, where there is none.
async fn hung_up() {
    #[cfg(unix)]
    if let Ok(mut hup) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) {
        hup.recv().await;
        return;
    }
    std::future::pending::<()>().await;
}
