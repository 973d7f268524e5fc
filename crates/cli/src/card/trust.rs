//! The two files that a verifier is provisioned with: the signed trust list, and the root keys.

use std::path::Path;

use anyhow::{Context as _, bail};
use attendance::{SignedTrustList, TrustList, TrustRejection, TrustRoots};

/// The bytes of the two files. Nothing is verified yet.
#[derive(Debug)]
pub(crate) struct TrustFiles {
    list: Vec<u8>,
    roots: Vec<u8>,
}

impl TrustFiles {
    /// Reads the files. `trust` is the list, or a directory with it; without `roots` the root keys
    /// are those of the file `trust.roots` beside the list.
    pub(crate) fn read(trust: &Path, roots: Option<&Path>) -> anyhow::Result<Self> {
        if !trust.exists() {
            bail!("there is no trust list at {}", trust.display());
        }
        let list = if trust.is_dir() { trust.join("trust.list") } else { trust.to_owned() };
        let roots = roots.map_or_else(|| list.with_file_name("trust.roots"), Path::to_owned);
        if !roots.exists() {
            bail!("there are no root keys at {}: give --roots FILE", roots.display());
        }
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
