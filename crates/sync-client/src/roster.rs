//! Downwards: the roster, in pieces that stay on the device whatever breaks off.

use std::io::Read as _;

use device::{ComingPiece, RosterComing, RosterPieceError};
use flate2::read::GzDecoder;
use sync_api::{
    COSE_MEDIA_TYPE, ROSTER_MAX_BYTES, ROSTER_PIECE_MEDIA_TYPE, RosterPiece, RosterResponse,
};

use crate::client::Contact;
use crate::error::SyncError;
use crate::shared::SharedDevice;
use crate::transport::{Answer, Call};

/// Pieces are wanted; a server that makes none says it all at once.
const PIECES_OR_WHOLE: &str =
    "application/vnd.qatysu.roster-piece+cbor, application/cose; cose-type=\"cose-sign1\"";
/// How often a server may change its mind in one contact about which roster it gives.
const OTHERS_MAX: u32 = 3;

impl Contact {
    /// Fetches a newer roster, from where an earlier contact broke off. Until it is whole and verified
    /// the one before is in force.
    pub(crate) async fn fetch_roster(&self, device: &SharedDevice) -> Result<(), SyncError> {
        if self.hello.revoked {
            return Ok(());
        }
        // What was whole when the process ended. If it does not hold it was put away: it comes anew.
        drop(take_whole(device).await?);
        let have = device.with(|device| device.roster_version()).await;
        let have = have.map_err(SyncError::device)?;
        if self.hello.roster_version <= have {
            return Ok(());
        }
        let mut others = 0;
        while others < OTHERS_MAX {
            let coming = device.with(|device| device.roster_coming()).await;
            let coming = coming.map_err(SyncError::device)?;
            let answer = match self.answered(self.next_piece(have, coming)).await {
                // A server of before pieces, or one that lost this roster.
                Err(SyncError::Refused(problem)) if problem.status == 404 && coming.is_some() => {
                    forget(device).await?;
                    others += 1;
                    continue;
                }
                answer => answer?,
            };
            if answer.media_type != ROSTER_PIECE_MEDIA_TYPE {
                return install(device, signed_roster(answer)?).await;
            }
            let piece = RosterPiece::parse(&answer.body)
                .map_err(|error| SyncError::Foreign(error.to_string()))?;
            others += u32::from(coming.is_none_or(|coming| coming.name != piece.name));
            if keep(device, piece).await?.is_whole() {
                return take_whole(device).await?;
            }
        }
        Err(SyncError::Foreign("it begins another roster again and again".to_owned()))
    }

    fn next_piece(&self, have: u32, coming: Option<RosterComing>) -> Call {
        let place = match coming {
            Some(RosterComing { name, kept, .. }) => format!("delta/roster/{have}/{name}/{kept}"),
            None => format!("delta/roster/{have}"),
        };
        self.request(&place).accepting(PIECES_OR_WHOLE)
    }
}

/// Keeps a piece on the device.
async fn keep(device: &SharedDevice, piece: RosterPiece) -> Result<RosterComing, SyncError> {
    let RosterPiece { name, version, length, at, bytes } = piece;
    let piece = ComingPiece { name, version, length, at, bytes };
    device.with(move |device| device.keep_roster_piece(&piece)).await.map_err(of_piece)
}

/// Installs the roster whose pieces are all here, if there is one. The outer error is the device's own;
/// the inner one says that the roster does not hold: it was put away.
async fn take_whole(device: &SharedDevice) -> Result<Result<(), SyncError>, SyncError> {
    let packed = match device.with(|device| device.whole_roster()).await {
        Ok(Some(packed)) => packed,
        Ok(None) => return Ok(Ok(())),
        Err(error @ RosterPieceError::Store(_)) => return Err(SyncError::device(error)),
        Err(error) => return Ok(Err(of_piece(error))),
    };
    let installed = match unpack(&packed) {
        Some(roster) => install(device, roster).await,
        None => Err(SyncError::Proof("the roster cannot be unpacked".to_owned())),
    };
    if installed.is_err() {
        forget(device).await?;
    }
    Ok(installed)
}

/// Unpacks a roster; nothing if it is out of form, or longer than any roster.
fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut roster = Vec::new();
    GzDecoder::new(packed).take(ROSTER_MAX_BYTES + 1).read_to_end(&mut roster).ok()?;
    (roster.len() as u64 <= ROSTER_MAX_BYTES).then_some(roster)
}

async fn install(device: &SharedDevice, roster: Vec<u8>) -> Result<(), SyncError> {
    let installed = device.with(move |device| device.install_roster(&roster)).await;
    installed.map_err(|error| SyncError::Proof(error.to_string()))
}

async fn forget(device: &SharedDevice) -> Result<(), SyncError> {
    device.with(|device| device.forget_roster_coming()).await.map_err(SyncError::device)
}

fn of_piece(error: RosterPieceError) -> SyncError {
    match error {
        RosterPieceError::Store(_) => SyncError::device(error),
        RosterPieceError::Size
        | RosterPieceError::Place { .. }
        | RosterPieceError::Older { .. }
        | RosterPieceError::OtherWhole
        | _ => SyncError::Proof(error.to_string()),
    }
}

/// Gives a roster's signed bytes, as they are or from the JSON of an older server.
fn signed_roster(answer: Answer) -> Result<Vec<u8>, SyncError> {
    if answer.media_type == COSE_MEDIA_TYPE {
        return Ok(answer.body);
    }
    let answer: RosterResponse = serde_json::from_slice(&answer.body)
        .map_err(|error| SyncError::Foreign(error.to_string()))?;
    Ok(answer.roster.0)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn asks_for_pieces_first_and_for_the_whole_otherwise() {
        assert_eq!(PIECES_OR_WHOLE, format!("{ROSTER_PIECE_MEDIA_TYPE}, {COSE_MEDIA_TYPE}"));
    }

    #[test]
    fn a_small_body_does_not_become_endless() {
        let packed = |bytes: usize| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(&vec![0; bytes]).unwrap();
            gzip.finish().unwrap()
        };
        let limit = usize::try_from(ROSTER_MAX_BYTES).unwrap();
        assert_eq!(unpack(&packed(limit)).map(|roster| roster.len()), Some(limit));
        assert_eq!(unpack(&packed(limit + 1)), None);
        assert_eq!(unpack(b"no gzip"), None);
    }
}
