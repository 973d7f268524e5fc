//! A coordinator's decisions about devices, as the command line makes them: the same events as on the
//! page, with what they rest on.

use attendance::{DeviceId, RevocationReason};
use device::{Device, Mark, RecordError};
use ipc::ErrorView;
use seal::Hash;

use crate::error;
use crate::shell::Shell;

/// What became of a decision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decided {
    /// The event; none if the same was decided on this device before.
    pub event: Option<Hash>,
    /// True if the server has it. Until then it waits like any other event, and goes with the next sync.
    pub sent: bool,
    /// Why the server has put it aside, if it has: nothing comes of it then.
    pub parked: Option<String>,
    /// Why the sync now did not finish, if it did not.
    pub fault: Option<ErrorView>,
}

impl Shell {
    /// Decides that a device is revoked, and sends the decision if the server can be reached. The same
    /// again changes nothing.
    ///
    /// # Errors
    /// [`ErrorView`] if this is no coordinator's device, or nothing could be recorded.
    pub async fn decide_revocation(
        &self,
        subject: DeviceId,
        reason: RevocationReason,
        document: Option<String>,
    ) -> Result<Decided, ErrorView> {
        let decided = self.device.with(move |device| {
            if device.has_revoked(subject).map_err(error::of_store)? {
                return Ok(None);
            }
            let recorded = match document {
                Some(document) => device.revoke_device_by_document(subject, reason, &document),
                None => device.revoke_device(subject, reason, None),
            };
            recorded.map(Some).map_err(error::of_record)
        });
        self.sent(decided.await?).await
    }

    /// Decides that events of a device that were put aside are let in, up to the named one, and sends the
    /// decision if the server can be reached.
    ///
    /// # Errors
    /// [`ErrorView`] if this is no coordinator's device, or nothing could be recorded.
    pub async fn decide_release(
        &self,
        subject: DeviceId,
        last: Hash,
        document: Option<String>,
    ) -> Result<Decided, ErrorView> {
        let recorded = self.device.with(move |device: &mut Device| -> Result<_, RecordError> {
            match document {
                Some(document) => device.release_events_by_document(subject, last, &document),
                None => device.release_events(subject, last),
            }
        });
        self.sent(Some(recorded.await.map_err(error::of_record)?)).await
    }

    /// Sends what waits, and says how far a decision has come.
    async fn sent(&self, event: Option<Hash>) -> Result<Decided, ErrorView> {
        let fault = self.sync_now().await.err().map(|why| error::of_sync(&why));
        let Some(hash) = event else {
            return Ok(Decided { event, sent: fault.is_none(), parked: None, fault });
        };
        let stands = self.device.with(move |device| {
            let mark = device.mark_of(hash)?;
            let parked = device.parked()?.into_iter().find(|row| row.hash == hash);
            Ok((mark, parked.map(|row| row.reason)))
        });
        let (mark, parked) = stands.await.map_err(error::of_store)?;
        let sent = mark.is_some_and(|mark| mark >= Mark::Sent);
        Ok(Decided { event, sent, parked, fault })
    }
}
