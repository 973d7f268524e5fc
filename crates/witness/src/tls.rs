//! TLS towards witnesses and published logs: under the public authorities.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// Begins a client of `reqwest` that trusts the public authorities.
pub(crate) fn client() -> reqwest::ClientBuilder {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .user_agent(concat!("qatysu/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(config)
}
