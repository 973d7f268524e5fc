//! Comparing this device's chain with the server's record of it, and finding where they came apart.

use device::Standing;
use seal::Hash;
use sync_api::ChainResponse;

use crate::client::{Contact, SyncReport};
use crate::error::SyncError;
use crate::shared::SharedDevice;

impl Contact {
    /// Compares the chain with what the hello said. Where they came apart, the server gets the own
    /// event as evidence and the device raises an alarm. Gives the position from which on the server has
    /// lost what it had.
    pub(crate) async fn compare_chain(
        &self,
        device: &SharedDevice,
        report: &mut SyncReport,
    ) -> Result<Option<u64>, SyncError> {
        let (seq_next, head) = (self.hello.seq_next, self.hello.head.map(|head| head.0));
        let standing = device.with(move |device| device.standing(seq_next, head)).await;
        let below = match standing.map_err(SyncError::device)? {
            Standing::Together => return Ok(None),
            Standing::ServerBehind { from } => return Ok(Some(from)),
            Standing::ServerAhead { last } => {
                let continues = match last {
                    Some((seq, own)) => self.hash_at(seq).await?.is_none_or(|theirs| theirs == own),
                    None => true,
                };
                if continues {
                    if let Some(head) = head {
                        let noted = device.with(move |d| d.note_restored(seq_next, head)).await;
                        noted.map_err(SyncError::device)?;
                    }
                    return Ok(None);
                }
                last.map_or(0, |(seq, _)| seq + 1)
            }
            Standing::Apart { below } => below,
        };
        if !device.with(|device| device.is_forked()).await.map_err(SyncError::device)? {
            self.find_fork(device, below, report).await?;
        }
        Ok(None)
    }

    /// Finds the first position where the two histories differ: hashes chain, so that they differ from
    /// there on, and half of what is left is ruled out by each question.
    async fn find_fork(
        &self,
        device: &SharedDevice,
        below: u64,
        report: &mut SyncReport,
    ) -> Result<(), SyncError> {
        // At `high` they differ, before `low` they do not.
        let (mut low, mut high) = (0, below.saturating_sub(1));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.differs_at(device, middle).await?.is_some() {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let Some(theirs) = self.differs_at(device, high).await? else { return Ok(()) };
        let own = device.with(move |device| device.note_fork(high, theirs)).await;
        match own.map_err(SyncError::device)? {
            Some(own) => self.send_evidence(device, own, report).await,
            None => Ok(()),
        }
    }

    /// Gives the server's hash at a position if it is another than the own one.
    async fn differs_at(&self, device: &SharedDevice, seq: u64) -> Result<Option<Hash>, SyncError> {
        let own = device.with(move |device| device.event_at(seq)).await;
        let own = own.map_err(SyncError::device)?.map(|own| own.hash);
        Ok(self.hash_at(seq).await?.filter(|theirs| own.is_some_and(|own| own != *theirs)))
    }

    /// Asks for the hash that the server has at a position; nothing if it has none, or is too old to
    /// be asked.
    async fn hash_at(&self, seq: u64) -> Result<Option<Hash>, SyncError> {
        let path = format!("chain/{seq}/{}", seq.saturating_add(1));
        match self.send::<ChainResponse>(self.request(&path)).await {
            Ok(answer) => {
                let found = answer.events.iter().find(|event| event.seq == seq);
                Ok(found.map(|event| event.event.0))
            }
            Err(SyncError::Refused(problem)) if problem.status == 404 => Ok(None),
            Err(error) => Err(error),
        }
    }
}
