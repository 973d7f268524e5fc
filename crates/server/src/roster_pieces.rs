//! A device's roster in pieces: packed once, cut where it is asked for.
//!
//! Packing the same roster gives the same bytes, so that a server that was started again goes on where
//! the one before it was. What is kept at hand only saves the work.

use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use attendance::{ChildId, VerifiedCertificate, WindowParams};
use flate2::{Compression, GzBuilder};
use seal::Hash;
use sync_api::{ROSTER_PACKED_MAX_BYTES, RosterPiece};

use crate::error::ServerError;
use crate::server::Server;

/// The length of a piece: a few packets, a few seconds on a bad line.
const PIECE_BYTES: usize = 8 * 1024;
/// A long roster has longer pieces, so that there are never more than these.
const PIECES_MAX: usize = 128;
/// How many packed rosters are kept at hand, and how many bytes of them.
const KEPT_MAX: usize = 64;
const KEPT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Packed rosters that devices fetch at present, the newest last.
#[derive(Debug, Default)]
pub(crate) struct PackedRosters(Mutex<VecDeque<(Wanted, Arc<Packed>)>>);

/// Whose roster, and as of when: what a roster is made from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Wanted {
    certificate: Hash,
    version: u32,
    /// The window of the day is written into it.
    window: Option<WindowParams>,
}

#[derive(Debug)]
struct Packed {
    name: Hash,
    version: u32,
    bytes: Vec<u8>,
    children: Vec<ChildId>,
}

/// A piece, and who is named in the roster that it begins.
pub(crate) struct Begun {
    pub(crate) piece: RosterPiece,
    /// Of a first piece; who goes on with a roster was given its beginning: the name is proof of it.
    pub(crate) children: Vec<ChildId>,
}

/// What a device has of a roster already: the name of the whole, and how much from its beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Had {
    pub(crate) name: Hash,
    pub(crate) bytes: u32,
}

impl Server {
    /// Gives the piece of a device's roster that goes on where the device is; the first one if the
    /// roster is another by now. Nothing if the roster is too long for pieces.
    pub(crate) async fn roster_piece(
        &self,
        certificate: &VerifiedCertificate,
        had: Option<Had>,
    ) -> Result<Option<Begun>, ServerError> {
        let packed = self.packed_roster(certificate).await?;
        let Ok(length) = u32::try_from(packed.bytes.len()) else { return Ok(None) };
        if length > ROSTER_PACKED_MAX_BYTES {
            return Ok(None);
        }
        let goes_on = had.filter(|had| had.name == packed.name && had.bytes < length);
        let at = goes_on.map_or(0, |had| had.bytes);
        let size = PIECE_BYTES.max(packed.bytes.len().div_ceil(PIECES_MAX));
        let rest = packed.bytes.iter().skip(at as usize);
        let bytes = rest.take(size).copied().collect();
        let piece = RosterPiece { name: packed.name, version: packed.version, length, at, bytes };
        let children = if at == 0 { packed.children.clone() } else { Vec::new() };
        Ok(Some(Begun { piece, children }))
    }

    async fn packed_roster(
        &self,
        certificate: &VerifiedCertificate,
    ) -> Result<Arc<Packed>, ServerError> {
        let wanted = Wanted {
            certificate: seal::sha256(certificate.bytes()),
            version: self.roster_version().await?,
            window: self.window_today().await?,
        };
        if let Some(known) = self.packed_rosters.find(wanted) {
            return Ok(known);
        }
        let (roster, children) = self.roster_for(certificate.certificate()).await?;
        let bytes = pack(&roster)?;
        let name = seal::sha256(&bytes);
        let packed = Packed { name, version: wanted.version, bytes, children };
        Ok(self.packed_rosters.keep(wanted, packed))
    }
}

impl PackedRosters {
    fn find(&self, wanted: Wanted) -> Option<Arc<Packed>> {
        let known = self.lock();
        known.iter().find(|(of, _)| *of == wanted).map(|(_, packed)| Arc::clone(packed))
    }

    /// Keeps a packed roster at hand, in the place of what was there for the same device.
    fn keep(&self, wanted: Wanted, packed: Packed) -> Arc<Packed> {
        let packed = Arc::new(packed);
        let mut known = self.lock();
        known.retain(|(of, _)| of.certificate != wanted.certificate);
        known.push_back((wanted, Arc::clone(&packed)));
        let mut held: usize = known.iter().map(|(_, packed)| packed.bytes.len()).sum();
        while known.len() > KEPT_MAX || held > KEPT_BYTES_MAX {
            let Some((_, oldest)) = known.pop_front() else { break };
            held -= oldest.bytes.len();
        }
        packed
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Wanted, Arc<Packed>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Packs a roster as a whole: with no time and no name in it, so that the same gives the same.
fn pack(roster: &[u8]) -> Result<Vec<u8>, ServerError> {
    let packed = || {
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::best());
        gzip.write_all(roster)?;
        gzip.finish()
    };
    packed().map_err(|_: std::io::Error| ServerError::Stored("a roster to be packed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(n: u8) -> Wanted {
        Wanted { certificate: Hash([n; 32]), version: 1, window: None }
    }

    fn packed(bytes: usize) -> Packed {
        Packed { name: Hash([0; 32]), version: 1, bytes: vec![0; bytes], children: Vec::new() }
    }

    #[test]
    fn what_is_kept_at_hand_is_bounded() {
        let kept = PackedRosters::default();
        for n in 0..200 {
            kept.keep(wanted(n), packed(1_000));
        }
        assert_eq!(kept.lock().len(), KEPT_MAX);
        assert!(kept.find(wanted(199)).is_some() && kept.find(wanted(0)).is_none());
        for n in 0..3 {
            kept.keep(wanted(n), packed(KEPT_BYTES_MAX / 2));
        }
        assert_eq!(kept.lock().len(), 2);
        kept.keep(wanted(9), packed(KEPT_BYTES_MAX + 1));
        assert_eq!(kept.lock().len(), 0, "one that is too long is given, and not kept");
        kept.keep(wanted(1), packed(1));
        kept.keep(Wanted { version: 2, ..wanted(1) }, packed(1));
        assert_eq!(kept.lock().len(), 1, "one for each device");
    }

    #[test]
    fn packing_again_gives_the_same_bytes() {
        let roster: Vec<u8> = (0..20_000_u32).flat_map(u32::to_be_bytes).collect();
        assert_eq!(pack(&roster).unwrap(), pack(&roster).unwrap());
    }
}
