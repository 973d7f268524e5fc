//! A roster that comes in pieces: what is here stays here, whatever breaks off.
//!
//! The roster in force stays in force until the new one is whole, its name is proven and its signature
//! holds ([`Device::install_roster`]). Pieces are of one roster at a time: the first piece of another
//! one puts away what was here.

use seal::Hash;

use crate::device::Device;
use crate::store::{self, StoreError};

/// The shortest piece that is kept, in bytes, unless it is the last: a roster has no endless pieces.
pub const ROSTER_PIECE_MIN_BYTES: usize = 1_024;
/// The longest packed roster that is kept, in bytes.
pub const ROSTER_COMING_MAX_BYTES: u32 = 4 * 1024 * 1024;

/// A roster on its way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RosterComing {
    /// The SHA-256 of the packed whole.
    pub name: Hash,
    /// The version that it is said to have.
    pub version: u32,
    /// How long the packed whole is, in bytes.
    pub length: u32,
    /// How many of these bytes are here, from the beginning.
    pub kept: u32,
}

/// A piece of a packed roster, as it came.
#[derive(Clone, Debug)]
pub struct ComingPiece {
    /// The SHA-256 of the packed whole.
    pub name: Hash,
    /// The version that it is said to have.
    pub version: u32,
    /// How long the packed whole is, in bytes.
    pub length: u32,
    /// Where the piece begins.
    pub at: u32,
    /// The piece.
    pub bytes: Vec<u8>,
}

/// Why a piece of a roster was not kept, or all pieces together were not what they were said to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RosterPieceError {
    /// It is empty or tiny, lies outside the roster, or the roster is longer than is kept.
    #[error("a piece of the roster has an impossible size")]
    Size,
    /// It does not go on where the pieces that are here end.
    #[error("a piece of the roster begins at {at}, and {expected} is expected")]
    Place {
        /// Where it begins.
        at: u32,
        /// Where it would go on.
        expected: u32,
    },
    /// It is of an older roster than the one in force.
    #[error("roster version {version} is older than version {kept} on this device")]
    Older {
        /// The version that came.
        version: u32,
        /// The version in force.
        kept: u32,
    },
    /// The pieces make something else than what they were said to be of. They were put away.
    #[error("the pieces of the roster do not make the roster they are said to be of")]
    OtherWhole,
    /// The database did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RosterComing {
    /// Tells whether all pieces are here.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.kept == self.length
    }
}

impl Device {
    /// Says which roster is on its way, and how much of it is here.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn roster_coming(&self) -> Result<Option<RosterComing>, StoreError> {
        store::roster_coming::read(&self.db)
    }

    /// Keeps the next piece of the roster on its way, or the first one of another, in one transaction.
    ///
    /// # Errors
    /// [`RosterPieceError`] says what did not fit; what is here stays.
    pub fn keep_roster_piece(
        &mut self,
        piece: &ComingPiece,
    ) -> Result<RosterComing, RosterPieceError> {
        let end = u64::from(piece.at) + piece.bytes.len() as u64;
        let is_last = end == u64::from(piece.length);
        let is_tiny = piece.bytes.len() < ROSTER_PIECE_MIN_BYTES && !is_last;
        let beyond = end > u64::from(piece.length) || piece.length > ROSTER_COMING_MAX_BYTES;
        if piece.bytes.is_empty() || is_tiny || beyond {
            return Err(RosterPieceError::Size);
        }
        let kept = self.roster_version()?;
        if piece.version < kept {
            return Err(RosterPieceError::Older { version: piece.version, kept });
        }
        let tx = store::begin(&mut self.db)?;
        let coming = store::roster_coming::read(&tx)?;
        let goes_on = |coming: &RosterComing| {
            (coming.name, coming.version, coming.length)
                == (piece.name, piece.version, piece.length)
        };
        let coming = coming.filter(goes_on);
        let expected = coming.map_or(0, |coming| coming.kept);
        if piece.at != expected {
            return Err(RosterPieceError::Place { at: piece.at, expected });
        }
        if coming.is_none() {
            store::roster_coming::begin(&tx, piece.name, piece.version, piece.length)?;
        }
        store::roster_coming::add(&tx, piece.at, &piece.bytes)?;
        let coming = store::roster_coming::read(&tx)?;
        let coming = coming.ok_or(StoreError::Value("a roster on its way"))?;
        tx.commit().map_err(StoreError::from)?;
        Ok(coming)
    }

    /// Gives the packed roster once all of it is here and has its name. Pieces that make something else
    /// are put away.
    ///
    /// # Errors
    /// [`RosterPieceError::OtherWhole`], or that the database cannot be read.
    pub fn whole_roster(&mut self) -> Result<Option<Vec<u8>>, RosterPieceError> {
        let coming = self.roster_coming()?.filter(RosterComing::is_whole);
        let Some(coming) = coming else { return Ok(None) };
        let packed = store::roster_coming::bytes(&self.db)?;
        if seal::sha256(&packed) == coming.name {
            return Ok(Some(packed));
        }
        self.forget_roster_coming()?;
        Err(RosterPieceError::OtherWhole)
    }

    /// Puts away what came of a roster.
    ///
    /// # Errors
    /// [`StoreError`] if the database refuses; then it is still here.
    pub fn forget_roster_coming(&mut self) -> Result<(), StoreError> {
        let tx = store::begin(&mut self.db)?;
        store::roster_coming::clear(&tx)?;
        Ok(tx.commit()?)
    }
}
