//! Tiles: a tree as a finite set of files that never change ([C2SP tlog-tiles]).
//!
//! A tile holds up to 256 hashes of one level; the hashes of the next level are those of full tiles.
//! Leaves' data is in bundles ([`bundle`](crate::bundle)), reading back in
//! [`tile_tree`](crate::tile_tree).
//!
//! [C2SP tlog-tiles]: https://c2sp.org/tlog-tiles

use core::fmt;

use crate::checkpoint::parse_size;
use crate::tree::{MissingNode, NodeId, Nodes, SIZE_MAX};

/// How many hashes a full tile has.
pub const TILE_WIDTH: u16 = 256;
/// The highest level of a tile in a tree of [`SIZE_MAX`] leaves.
pub const TILE_LEVEL_MAX: u8 = 7;

/// How many levels of the tree a tile spans.
pub(crate) const TILE_HEIGHT: u8 = 8;

/// Names a tile of hashes. Shown and parsed as its path, `tile/<L>/<N>[.p/<W>]`.
///
/// ```
/// use tlog::TileId;
///
/// let tile = TileId { level: 1, index: 1_234_067, width: 17 };
/// assert_eq!(tile.to_string(), "tile/1/x001/x234/067.p/17");
/// assert_eq!(TileId::parse("tile/1/x001/x234/067.p/17"), Some(tile));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TileId {
    /// Each hash is of a complete subtree of `256^level` leaves. At most [`TILE_LEVEL_MAX`].
    pub level: u8,
    /// Position among the tiles of this level, from the left.
    pub index: u64,
    /// How many hashes it has: 1 to [`TILE_WIDTH`], which makes it a full one.
    pub width: u16,
}

impl TileId {
    /// Parses a path, in its one form. Gives `None` for anything that no log has.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (level, place) = path.strip_prefix("tile/")?.split_once('/')?;
        let level =
            u8::try_from(parse_size(level)?).ok().filter(|level| *level <= TILE_LEVEL_MAX)?;
        let (index, width) = parse_place(place, level)?;
        Some(Self { level, index, width })
    }

    /// Says whether the tile is full. A full one never changes as the log grows.
    #[must_use]
    pub fn is_full(self) -> bool {
        self.width == TILE_WIDTH
    }

    /// Names the `n`th hash as a node of the tree.
    pub(crate) fn node(self, n: u16) -> NodeId {
        let start = self.index.saturating_mul(u64::from(TILE_WIDTH));
        let level = self.level.saturating_mul(TILE_HEIGHT);
        NodeId { level, index: start.saturating_add(u64::from(n)) }
    }
}

impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        write_place(f, self.index, self.width)
    }
}

/// Lists the tiles of a tree of `size` leaves, from the lowest level up and from the left.
pub fn tiles_of(size: u64) -> impl Iterator<Item = TileId> {
    new_tiles(0, size)
}

/// Lists the tiles to write when a log of `from` leaves has grown to `to`: those of the new tree that
/// the old one did not have in this width. None, if it did not grow.
///
/// A log has to serve the partial tiles of each checkpoint that it signed, until the full ones are
/// there.
pub fn new_tiles(from: u64, to: u64) -> impl Iterator<Item = TileId> {
    (0..=TILE_LEVEL_MAX).flat_map(move |level| {
        let shift = level * TILE_HEIGHT;
        new_places(from >> shift, to >> shift).map(move |(index, width)| TileId {
            level,
            index,
            width,
        })
    })
}

/// Makes the bytes of a tile: 32 for each hash.
///
/// # Errors
/// [`MissingNode`] if `nodes` lacks one of them.
pub fn tile_bytes<N: Nodes + ?Sized>(tile: TileId, nodes: &N) -> Result<Vec<u8>, MissingNode> {
    let mut bytes = Vec::with_capacity(usize::from(tile.width) * 32);
    for n in 0..tile.width {
        let id = tile.node(n);
        bytes.extend(nodes.node(id).ok_or(MissingNode(id))?.0);
    }
    Ok(bytes)
}

/// Lists index and width of what has changed among tiles, when `from` hashes have become `to`.
pub(crate) fn new_places(from: u64, to: u64) -> impl Iterator<Item = (u64, u16)> {
    let width = u64::from(TILE_WIDTH);
    let end = if to > from { to.div_ceil(width) } else { 0 };
    (from / width..end).map(move |index| {
        let hashes = (to - index * width).min(width);
        (index, u16::try_from(hashes).expect("at most 256"))
    })
}

/// Reads `<N>[.p/<W>]` of a level, within [`SIZE_MAX`].
pub(crate) fn parse_place(place: &str, level: u8) -> Option<(u64, u16)> {
    let (index, width) = match place.split_once(".p/") {
        None => (place, TILE_WIDTH),
        Some((index, width)) => {
            let width = u16::try_from(parse_size(width)?).ok();
            (index, width.filter(|width| (1..TILE_WIDTH).contains(width))?)
        }
    };
    let index = parse_index(index)?;
    let end = index.checked_mul(u64::from(TILE_WIDTH))?.checked_add(u64::from(width))?;
    (end <= SIZE_MAX >> (level * TILE_HEIGHT)).then_some((index, width))
}

/// Writes `<N>[.p/<W>]`: groups of three digits, of which all but the last begin with an `x`.
pub(crate) fn write_place(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let (mut rest, mut path) = (index / 1000, format!("{:03}", index % 1000));
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    f.write_str(&path)?;
    if width == TILE_WIDTH { Ok(()) } else { write!(f, ".p/{width}") }
}

/// Reads an index as [`write_place`] writes it.
fn parse_index(path: &str) -> Option<u64> {
    let mut index: u64 = 0;
    let mut groups = path.split('/').peekable();
    while let Some(group) = groups.next() {
        let last = groups.peek().is_none();
        let digits = if last { group } else { group.strip_prefix('x')? };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    // A group of zeroes in front is another way to write the same index.
    (!path.starts_with("x000")).then_some(index)
}

#[cfg(test)]
mod tests;
