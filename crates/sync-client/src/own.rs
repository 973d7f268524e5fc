//! The own chain: what the server says of it, and what it gives back of it.

use device::{ChainEnd, Doubt, StoreError};
use sync_api::OwnEventsResponse;

use crate::client::Contact;
use crate::error::SyncError;
use crate::shared::SharedDevice;

impl Contact {
    /// Compares the device's chain with what the server said in its hello, and takes back what is
    /// missing here. What cannot be settled keeps the device from signing, and nothing else. It comes
    /// before anything is signed in this contact: one position is never signed twice.
    pub(crate) async fn settle_chain(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let (seq_next, head) = (self.hello.seq_next, self.hello.head.map(|head| head.0));
        loop {
            let settled = device.with(move |device| {
                let end = device.settle_chain(seq_next, head)?;
                // A file that lost its end is no older state that somebody put back.
                if let (ChainEnd::Wants(_), Some(head)) = (end, head)
                    && device.doubt()? == Some(Doubt::Behind)
                {
                    device.note_restored(seq_next, head)?;
                }
                Ok::<_, StoreError>(end)
            });
            match settled.await.map_err(SyncError::device)? {
                ChainEnd::Wants(from) if self.take_back(device, from).await? > 0 => {}
                ChainEnd::Certain
                | ChainEnd::Wants(_)
                | ChainEnd::Broken { .. }
                | ChainEnd::Contradicted => return Ok(()),
            }
        }
    }

    /// Gives how many events came back. A server of an earlier release gives none.
    async fn take_back(&self, device: &SharedDevice, from: u64) -> Result<usize, SyncError> {
        let asked = self.send::<OwnEventsResponse>(self.request(&format!("own/{from}"))).await;
        let answer = match asked {
            Err(SyncError::Refused(problem)) if problem.status == 404 => return Ok(0),
            answer => answer?,
        };
        let events: Vec<Vec<u8>> = answer.events.into_iter().map(|event| event.0).collect();
        device.with(move |device| device.take_back(&events)).await.map_err(SyncError::device)
    }
}
