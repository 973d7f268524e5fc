//! The two files that a verifier is provisioned with: the signed trust list, and the root keys.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use attendance::{SignedTrustList, TrustList, TrustRejection, TrustRoots};

/// The bytes of the two files. Nothing is verified yet.
#[derive(Debug)]
pub(crate) struct TrustFiles {
    list: Vec<u8>,
    roots: Vec<u8>,
}

impl TrustFiles {
    /// Reads the files; `trust` may be a directory that holds `trust.list` and `trust.roots`.
    pub(crate) fn read(trust: &Path, roots: Option<&Path>) -> anyhow::Result<Self> {
        let is_dir = trust.is_dir();
        let list = if is_dir { trust.join("trust.list") } else { trust.to_owned() };
        let roots: PathBuf = match roots {
            Some(roots) => roots.to_owned(),
            None if is_dir => trust.join("trust.roots"),
            None if !trust.exists() => bail!("there is no trust list at {}", trust.display()),
            None => bail!(
                "give --roots FILE beside --trust FILE, or --trust DIR with both \
                 `trust.list` and `trust.roots` in it"
            ),
        };
        let read = |what: &str, path: &Path| {
            std::fs::read(path)
                .with_context(|| format!("cannot read the {what} {}", path.display()))
        };
        Ok(Self { list: read("trust list", &list)?, roots: read("root keys", &roots)? })
    }

    /// Gives the list, if enough of the roots signed it. A newer list may exist: a file cannot tell.
    pub(crate) fn verify(&self) -> Result<TrustList, TrustRejection> {
        SignedTrustList::parse(&self.list)?.verify(&self.roots()?, 0)
    }

    /// Gives the root keys.
    pub(crate) fn roots(&self) -> Result<TrustRoots, TrustRejection> {
        TrustRoots::parse(&self.roots)
    }
}
