//! What a text is held against: lists, keys and the time, as the command line gives them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::{CardId, Holder, StepWindow, TrustList, TrustRejection, VerifiedCertificate};
use identity::IdentityKeys;
use seal::{Hash, PublicKey};

use super::finding::Verdict;
use crate::card::trust::TrustFiles;
use crate::time::parse_ms;

/// The options that verify.
#[derive(Debug, clap::Args)]
pub(super) struct MeansArgs {
    /// Signed trust list, or a directory with `trust.list` and `trust.roots`
    #[arg(long, value_name = "FILE|DIR")]
    trust: Option<PathBuf>,
    /// Root keys that the trust list must be signed with [default: `trust.roots` beside it]
    #[arg(long, value_name = "FILE", requires = "trust")]
    roots: Option<PathBuf>,
    /// Signed status list: which cards were revoked
    #[arg(long, value_name = "FILE", requires = "trust")]
    status: Option<PathBuf>,
    /// Public key of the family's phone, 64 hexadecimal digits, for a code that brings no card along
    #[arg(long, value_name = "HEX", value_parser = phone_key)]
    holder: Option<PublicKey>,
    /// Certificate of the tablet, for what is on its screen and for answers to it
    #[arg(long, value_name = "FILE", requires = "trust")]
    certificate: Option<PathBuf>,
    /// Text of the tablet's challenge, `OB8:...`, that the phone answered
    #[arg(long, value_name = "TEXT", requires = "certificate")]
    challenge: Option<String>,
    /// Keys of issuers of other schemes' identities: ALGORITHM KEY ISSUER a line
    #[arg(long, value_name = "FILE")]
    identity_keys: Option<PathBuf>,
    /// Show names and ids of an identity instead of their first characters
    #[arg(long)]
    full: bool,
    /// When the text is shown, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_ms)]
    at: Option<i64>,
}

fn phone_key(text: &str) -> Result<PublicKey, String> {
    let bytes = Hash::from_hex(text).ok_or("expected 64 hexadecimal digits")?;
    PublicKey::parse(bytes.as_ref()).map_err(|rejection| rejection.to_string())
}

impl MeansArgs {
    /// Reads the files.
    pub(super) fn read(&self) -> anyhow::Result<Means> {
        let trust = self.trust.as_ref();
        let trust = trust.map(|list| TrustFiles::read(list, self.roots.as_deref())).transpose()?;
        let keys = self.identity_keys.as_deref().map(read_keys).transpose()?;
        Ok(Means {
            trust: trust.map(|files| files.verify()),
            status: self.status.as_deref().map(|path| read("status list", path)).transpose()?,
            holder: self.holder,
            certificate: self
                .certificate
                .as_deref()
                .map(|path| read("certificate", path))
                .transpose()?,
            challenge: self.challenge.clone(),
            identity_keys: keys,
            full: self.full,
            at_ms: self.at.unwrap_or_else(|| server::ServerClock::system().now_ms()),
        })
    }
}

fn read(what: &str, path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read the {what} {}", path.display()))
}

fn read_keys(path: &Path) -> anyhow::Result<IdentityKeys> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the identity keys {}", path.display()))?;
    IdentityKeys::parse(&text).with_context(|| path.display().to_string())
}

/// What there is to verify with.
pub(super) struct Means {
    /// The trust list, or why it was refused.
    pub(super) trust: Option<Result<TrustList, TrustRejection>>,
    /// A signed status list.
    pub(super) status: Option<Vec<u8>>,
    /// The key of the family's phone.
    pub(super) holder: Option<PublicKey>,
    /// A device's certificate.
    pub(super) certificate: Option<Vec<u8>>,
    /// The text that a tablet showed.
    pub(super) challenge: Option<String>,
    /// The keys for other schemes.
    pub(super) identity_keys: Option<IdentityKeys>,
    /// True if names may be seen.
    pub(super) full: bool,
    /// When the text is shown, milliseconds since 1970-01-01T00:00Z.
    pub(super) at_ms: i64,
}

impl Means {
    pub(super) fn at_s(&self) -> i64 {
        self.at_ms.div_euclid(1000)
    }

    /// Gives the trust list, or says that there is none that holds.
    pub(super) fn trust(&self) -> Result<&TrustList, Verdict> {
        match &self.trust {
            Some(Ok(trust)) => Ok(trust),
            Some(Err(rejection)) => Err(Verdict::refused("trust_list", rejection)),
            None => Err(Verdict::not_verified(
                "give --trust and --roots, anybody could have written this",
            )),
        }
    }

    /// Gives the tablet's certificate, or says what is missing.
    pub(super) fn certificate(&self) -> Result<VerifiedCertificate, Verdict> {
        let trust = self.trust()?;
        let bytes = self.certificate.as_ref().ok_or_else(|| {
            Verdict::not_verified("give --certificate, the tablet's, to verify its signature")
        })?;
        VerifiedCertificate::parse_and_verify(bytes, trust, self.at_s())
            .map_err(|rejection| Verdict::refused("certificate", rejection))
    }

    /// Gives whoever holds this card, if the key was given.
    pub(super) fn holder(&self, card: CardId) -> Option<Holder> {
        self.holder.map(|key| Holder { card, key })
    }
}

/// How far from now a code on a screen may be: rules R1, 8.
pub(super) const WINDOW: StepWindow = StepWindow { steps: 1, skew_s: 120 };
