//! The roots: the keys that sign the trust list, and how many of them must.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use seal::{Hash, PublicKey};

use crate::trust::{TrustRejection, malformed};

/// Holds the root keys and how many of them must sign: what a device is provisioned with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TrustRoots {
    /// The root keys, in any order.
    pub keys: Vec<PublicKey>,
    /// How many of them must sign a list.
    pub threshold: usize,
}

impl TrustRoots {
    /// Encodes the roots: `{0: threshold, 1: [key, …]}`, keys in ascending order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let threshold = u32::try_from(self.threshold).unwrap_or(u32::MAX);
        let keys = self.sorted_keys().into_iter().map(ByteArray::from).collect();
        seal::to_canonical(&RootsWire { threshold, keys })
    }

    /// Parses roots from their one encoding.
    ///
    /// # Errors
    /// [`TrustRejection::Malformed`], [`TrustRejection::WeakKey`], [`TrustRejection::BadThreshold`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TrustRejection> {
        if bytes.len() > ROOTS_MAX_BYTES {
            return Err(TrustRejection::Malformed("too long".to_owned()));
        }
        let wire: RootsWire = seal::from_canonical(bytes).map_err(malformed)?;
        let keys = wire.keys.iter().enumerate().map(|(position, key)| {
            PublicKey::parse(key.as_slice()).map_err(|_| TrustRejection::WeakKey { position })
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let threshold = usize::try_from(wire.threshold).unwrap_or(usize::MAX);
        let roots = Self { keys, threshold };
        roots.sensible()?;
        if roots.to_bytes() == bytes {
            Ok(roots)
        } else {
            Err(TrustRejection::Malformed("keys double or out of order".to_owned()))
        }
    }

    /// Names the roots: SHA-256 of their encoding, whatever the order of the keys in memory.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        seal::sha256(&self.to_bytes())
    }

    fn sorted_keys(&self) -> Vec<[u8; 32]> {
        let mut keys: Vec<_> = self.keys.iter().map(PublicKey::to_bytes).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Decides whether the threshold is a rule that a list can meet and can miss.
    pub(crate) fn sensible(&self) -> Result<(), TrustRejection> {
        let keys = self.sorted_keys().len();
        if (1..=keys).contains(&self.threshold) {
            Ok(())
        } else {
            Err(TrustRejection::BadThreshold { threshold: self.threshold, keys })
        }
    }
}

#[derive(Decode, Encode)]
#[cbor(map)]
struct RootsWire {
    #[n(0)]
    threshold: u32,
    #[n(1)]
    keys: Vec<ByteArray<32>>,
}

const ROOTS_MAX_BYTES: usize = 1024;
