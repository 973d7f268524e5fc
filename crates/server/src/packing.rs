//! Unpacking: a batch that was packed against the roster which this server gave the device.
//!
//! Nothing is taken from the device on trust: the server makes the roster itself, and finds by the name
//! in the batch whether it is the one that was meant. What comes out is verified like any other batch.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use attendance::{DeviceId, PackContext, PackedHeader, Roster, RosterName, UnpackRejection};
use seal::Hash;
use sync_api::{BATCH_MAX_BYTES, ProblemKind};

use crate::error::ServerError;
use crate::server::Server;

/// Rosters that batches were packed against. Owned by [`Server::roster_named`].
#[derive(Debug, Default)]
pub(crate) struct PackingRosters(Mutex<HashMap<Packer, Arc<Roster>>>);

/// Who packs against which roster.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Packer {
    device: DeviceId,
    check: [u8; 8],
}

/// How many rosters are kept at hand.
const ROSTERS_MAX: usize = 256;

impl Server {
    /// Unpacks a batch into its events; nothing if its roster cannot be made here any more.
    pub(crate) async fn unpack(&self, body: &[u8]) -> Result<Option<Vec<Vec<u8>>>, ServerError> {
        if body.len() > BATCH_MAX_BYTES {
            let detail = format!("a batch has at most {BATCH_MAX_BYTES} bytes: send fewer events");
            return Err(ServerError::refused(ProblemKind::TooLarge, detail));
        }
        let header = PackedHeader::parse(body).map_err(refused)?;
        let unpacked = match header.roster() {
            None => attendance::unpack(body, &PackContext::empty()),
            Some(name) => match self.roster_named(header.device(), name).await? {
                Some(roster) => attendance::unpack(body, &PackContext::of(&roster)),
                None => return Ok(None),
            },
        };
        unpacked.map(Some).map_err(refused)
    }

    /// Refuses a batch whose roster cannot be made, unless all of its events are in the log already:
    /// then they are what they were when it came first.
    pub(crate) async fn events_of_known(&self, batch: Hash) -> Result<Vec<Hash>, ServerError> {
        let events = self.store.batch(batch).await?.unwrap_or_default();
        let logged = self.store.leaf_indices(events.clone()).await?;
        if events.is_empty() || logged.iter().any(Option::is_none) {
            let detail = "the roster has changed meanwhile: send these events plain";
            return Err(ServerError::refused(ProblemKind::OtherRoster, detail));
        }
        Ok(events)
    }

    async fn roster_named(
        &self,
        device: DeviceId,
        name: RosterName,
    ) -> Result<Option<Arc<Roster>>, ServerError> {
        let key = Packer { device, check: name.check };
        if let Some(known) = self.packing.lock().get(&key) {
            return Ok(Some(Arc::clone(known)));
        }
        let Some(certificate) = self.certificate(device).await? else { return Ok(None) };
        let possible = self.possible_rosters(certificate.certificate()).await?;
        let found =
            possible.into_iter().find(|roster| PackContext::of(roster).name() == Some(name));
        Ok(found.map(|roster| {
            let (roster, mut kept) = (Arc::new(roster), self.packing.lock());
            if kept.len() >= ROSTERS_MAX {
                kept.clear();
            }
            kept.insert(key, Arc::clone(&roster));
            roster
        }))
    }
}

impl PackingRosters {
    fn lock(&self) -> MutexGuard<'_, HashMap<Packer, Arc<Roster>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(rejection: UnpackRejection) -> ServerError {
    let kind = match rejection {
        UnpackRejection::TooLarge => ProblemKind::TooLarge,
        UnpackRejection::OtherRoster { .. } => ProblemKind::OtherRoster,
        UnpackRejection::Damaged(_)
        | UnpackRejection::UnknownVersion { .. }
        | UnpackRejection::NotCanonical
        | _ => ProblemKind::Malformed,
    };
    ServerError::refused(kind, rejection.to_string())
}
