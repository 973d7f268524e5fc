//! TLS of a device: the authority that the ticket pinned, or the public ones.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use seal::Hash;

/// Makes the configuration of connections to one server.
///
/// # Errors
/// [`Error`] if the cryptography offers no version of TLS.
pub(crate) fn config(pinned: Option<Hash>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let begun = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    Ok(match pinned {
        Some(pin) => begun
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned { pin, provider }))
            .with_no_client_auth(),
        None => {
            let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            begun.with_root_certificates(roots).with_no_client_auth()
        }
    })
}

/// Takes certificates of one authority and of no other. The server shows the authority's certificate
/// with its own, so that its hash is enough of a pin; name, validity and signature are checked as
/// anywhere ([RFC 5280]).
///
/// [RFC 5280]: https://www.rfc-editor.org/rfc/rfc5280
#[derive(Debug)]
struct Pinned {
    pin: Hash,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let authority = intermediates.iter().find(|shown| seal::sha256(shown) == self.pin);
        let mut roots = RootCertStore::empty();
        roots.add(authority.ok_or_else(unknown)?.clone().into_owned())?;
        let provider = Arc::clone(&self.provider);
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map_err(|error| Error::General(error.to_string()))?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Says in words why TLS failed, if it was TLS that failed.
pub(crate) fn explain(error: &(dyn core::error::Error + 'static)) -> Option<String> {
    cause(error).map(sentence)
}

/// Tells whether TLS failed because another than the server answered.
pub(crate) fn is_another(error: &(dyn core::error::Error + 'static)) -> bool {
    let Some(Error::InvalidCertificate(why)) = cause(error) else { return false };
    matches!(
        why,
        CertificateError::UnknownIssuer
            | CertificateError::BadSignature
            | CertificateError::NotValidForName
            | CertificateError::NotValidForNameContext { .. }
    )
}

/// Finds the error of TLS among the causes.
fn cause<'a>(error: &'a (dyn core::error::Error + 'static)) -> Option<&'a Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = inside.and_then(|inside| inside.downcast_ref::<Error>());
        if let Some(tls) = tls.or_else(|| error.downcast_ref::<Error>()) {
            return Some(tls);
        }
        cause = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    None
}

#[expect(clippy::wildcard_enum_match_arm, reason = "rustls adds errors; all others are one to us")]
fn sentence(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(why) => match why {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "this is not the server of the ticket: its certificate comes from another \
                 authority. Nothing was sent; ask the coordinator for a new ticket if the server \
                 was set up anew"
                    .to_owned()
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the server's certificate is over, or this device's date is wrong: look at the date, \
                 then tell the coordinator"
                    .to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the server's certificate does not hold yet, or this device's date is wrong: look at \
                 the date, then tell the coordinator"
                    .to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the server's certificate is for another address than the one of the ticket: tell \
                 the coordinator"
                    .to_owned()
            }
            _ => format!("the server's certificate does not hold: {why}"),
        },
        Error::InvalidMessage(_) => {
            "there is no TLS at the server's address: is it http:// and not https://?".to_owned()
        }
        _ => format!("no secure connection to the server: {error}"),
    }
}
