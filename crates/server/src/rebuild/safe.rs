//! What the operator kept apart from the disk: keys, roots, the district's files.

use std::path::Path;

use attendance::{SignedTrustList, TrustList, TrustRole, TrustRoots};
use seal::{PublicKey, Signer as _};

use super::RebuildError;
use super::source::{Parsed, Source};
use crate::district::District;
use crate::keys::Keys;

/// What everything is verified under, and made again with.
#[derive(Debug)]
pub(super) struct Safe {
    pub(super) keys: Keys,
    /// False if the copy of the keys has none for tags: then nothing can be made again.
    pub(super) keeps_tags: bool,
    pub(super) roots: TrustRoots,
    pub(super) trust: TrustList,
    pub(super) trust_bytes: Vec<u8>,
    pub(super) origin: String,
    /// Every version of the district's file that was kept, the newest last.
    pub(super) districts: Vec<District>,
}

impl Safe {
    /// Reads the keys, and takes the newest trust list that the roots signed: the operator's, or one
    /// that somebody handed over.
    pub(super) fn open(
        keys_dir: &Path,
        roots: TrustRoots,
        list: Option<Vec<u8>>,
        mut districts: Vec<District>,
        sources: &[Source],
    ) -> Result<Self, RebuildError> {
        let (keys, keeps_tags) = Keys::read_copy(keys_dir)?;
        let mut newest: Option<(TrustList, Vec<u8>)> = None;
        for bytes in list.into_iter().chain(sources.iter().filter_map(list_in)) {
            let Ok(signed) = SignedTrustList::parse(&bytes) else { continue };
            let Ok(list) = signed.verify(&roots, 0) else { continue };
            if newest.as_ref().is_none_or(|(known, _)| known.version < list.version) {
                newest = Some((list, bytes));
            }
        }
        let (trust, trust_bytes) = newest.ok_or(RebuildError::NoTrustList)?;
        let own = keys.log.public_key().to_bytes();
        let mut logs = trust.entries.iter().filter(|e| e.role == TrustRole::Log && e.key == own);
        let origin = logs.next().ok_or(RebuildError::ForeignKeys)?.scope.clone();
        if let Some(named) = districts.iter().find(|district| district.origin != origin) {
            return Err(RebuildError::OtherDistrict { named: named.origin.clone(), origin });
        }
        districts.sort_by_key(|district| district.snapshot.version);
        Ok(Self { keys, keeps_tags, roots, trust, trust_bytes, origin, districts })
    }

    /// Gives the keys that signed for this log at any time.
    pub(super) fn log_keys(&self) -> Vec<PublicKey> {
        let entries = self.trust.entries.iter();
        entries
            .filter(|entry| entry.role == TrustRole::Log && entry.scope == self.origin)
            .filter_map(|entry| PublicKey::parse(&entry.key).ok())
            .collect()
    }
}

fn list_in(source: &Source) -> Option<Vec<u8>> {
    match source.parse().ok()? {
        Parsed::Export(export) => Some(export.unverified().trust_list.to_vec()),
        Parsed::Bundle(bundle) => Some(bundle.trust_list.0),
        Parsed::Receipt(_) => None,
    }
}
