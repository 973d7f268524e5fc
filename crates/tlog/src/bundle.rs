//! Bundles: the data of leaves, in the same division as the tiles of level 0 ([C2SP tlog-tiles],
//! "Log entries").
//!
//! Our leaves' data is a hash under a salt ([`salted_leaf`](crate::salted_leaf)), so that a bundle can
//! be shown to everybody: without the salt it says nothing.
//!
//! [C2SP tlog-tiles]: https://c2sp.org/tlog-tiles

use core::fmt;

use crate::tile::{TILE_WIDTH, new_places, parse_place, write_place};

/// Names a bundle. Shown and parsed as its path, `tile/entries/<N>[.p/<W>]`.
///
/// ```
/// use tlog::BundleId;
///
/// let bundle = BundleId { index: 3, width: 256 };
/// assert_eq!(bundle.to_string(), "tile/entries/003");
/// assert_eq!(BundleId::parse("tile/entries/003"), Some(bundle));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct BundleId {
    /// Position among the bundles, from the left.
    pub index: u64,
    /// How many leaves it has: 1 to [`TILE_WIDTH`], which makes it a full one.
    pub width: u16,
}

/// A bundle cannot be made of these leaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// A leaf's data is longer than a bundle can say.
    #[error("a leaf of {0} bytes does not fit into a bundle")]
    LeafTooLong(usize),
    /// There are no leaves, or more than [`TILE_WIDTH`].
    #[error("a bundle has 1 to {TILE_WIDTH} leaves, not {0}")]
    Count(usize),
}

/// The bytes are not a bundle of so many leaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a bundle of {0} leaves")]
pub struct BundleRejection(pub u16);

impl BundleId {
    /// Parses a path, in its one form. Gives `None` for anything that no log has.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (index, width) = parse_place(path.strip_prefix("tile/entries/")?, 0)?;
        Some(Self { index, width })
    }

    /// Gives the index of its first leaf in the log.
    #[must_use]
    pub fn first_leaf(self) -> u64 {
        self.index.saturating_mul(u64::from(TILE_WIDTH))
    }

    /// Reads the data of its leaves, in order. They are not verified: that is
    /// [`TileTree::verify_bundle`](crate::TileTree::verify_bundle).
    ///
    /// # Errors
    /// [`BundleRejection`] if the bytes are not exactly as many leaves as it is wide.
    pub fn unverified_leaves(self, bytes: &[u8]) -> Result<Vec<&[u8]>, BundleRejection> {
        let refused = BundleRejection(self.width);
        let (mut leaves, mut rest) = (Vec::new(), bytes);
        while let Some((length, behind)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes(*length));
            let (leaf, behind) = behind.split_at_checked(length).ok_or(refused)?;
            leaves.push(leaf);
            rest = behind;
        }
        let complete = rest.is_empty() && leaves.len() == usize::from(self.width);
        if complete { Ok(leaves) } else { Err(refused) }
    }
}

impl fmt::Display for BundleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        write_place(f, self.index, self.width)
    }
}

/// Lists the bundles to write when a log of `from` leaves has grown to `to`; see
/// [`new_tiles`](crate::new_tiles).
pub fn new_bundles(from: u64, to: u64) -> impl Iterator<Item = BundleId> {
    new_places(from, to).map(|(index, width)| BundleId { index, width })
}

/// Makes the bytes of a bundle: each leaf's data after its length in two bytes, big-endian.
///
/// # Errors
/// [`BundleError`] if there are too few or too many leaves, or one is too long.
pub fn bundle_bytes<L: AsRef<[u8]>>(leaves: &[L]) -> Result<Vec<u8>, BundleError> {
    if !(1..=usize::from(TILE_WIDTH)).contains(&leaves.len()) {
        return Err(BundleError::Count(leaves.len()));
    }
    let mut bytes = Vec::with_capacity(leaves.len() * 34);
    for leaf in leaves {
        let leaf = leaf.as_ref();
        let length = u16::try_from(leaf.len()).map_err(|_| BundleError::LeafTooLong(leaf.len()))?;
        bytes.extend(length.to_be_bytes());
        bytes.extend(leaf);
    }
    Ok(bytes)
}
