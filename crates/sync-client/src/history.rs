//! The log: each checkpoint is linked with what the device accepted before, by proofs asked for here
//! and judged there.

use device::{Followed, Growth, GrowthProof, ReceiptError};
use sync_api::{ConsistencyResponse, ProblemKind};

use crate::client::{Contact, text};
use crate::error::SyncError;
use crate::shared::SharedDevice;
use crate::transport::Call;

/// The most proofs that one checkpoint can need, and one more for a device that has moved on.
const PROOFS_MAX: usize = 4;

impl Contact {
    /// Follows the log to the checkpoint of the hello, and links what an earlier release accepted.
    pub(crate) async fn follow_log(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let note = self.hello.checkpoint.clone();
        self.follow(device, &note).await?;
        device.with(move |device| device.notice_older(&note)).await.map_err(of_log)?;
        let unlinked = device.with(|device| device.unlinked()).await.map_err(of_log)?;
        for note in unlinked {
            self.follow(device, &note).await?;
        }
        Ok(())
    }

    /// Fetches the published checkpoint, which is the newest with a quorum: the newest of all has often
    /// no cosignatures yet.
    pub(crate) async fn fetch_checkpoint(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let answer = self.answered(Call::get(format!("{}/log/checkpoint", self.server))).await?;
        self.follow(device, &text(answer.body)?).await
    }

    /// Links a checkpoint with the history that the device knows, before anything under it counts.
    pub(crate) async fn follow(&self, device: &SharedDevice, note: &str) -> Result<(), SyncError> {
        let mut given = None;
        for _ in 0..PROOFS_MAX {
            let (note, answer) = (note.to_owned(), given.take());
            let step = device.with(move |device| device.follow(&note, answer.as_ref())).await;
            match step.map_err(of_log)? {
                Followed::Linked => return Ok(()),
                Followed::Wants { from, to } => given = Some(self.growth(from, to).await?),
            }
        }
        Err(SyncError::Proof("the server's answers about its log do not come to an end".into()))
    }

    /// Asks for the proof that the log only grew. That there is none is an answer too.
    async fn growth(&self, from: u64, to: u64) -> Result<Growth, SyncError> {
        let url = format!("{}/v1/consistency/{from}/{to}", self.server);
        match self.send::<ConsistencyResponse>(Call::get(url)).await {
            Ok(answer) => {
                let path = answer.path.into_iter().map(|hash| hash.0).collect();
                let proof = Some(GrowthProof { root: answer.root.0, path });
                Ok(Growth { from: answer.from, to: answer.to, proof })
            }
            Err(SyncError::Refused(problem)) if problem.kind == ProblemKind::NotFound => {
                Ok(Growth { from, to, proof: None })
            }
            Err(error) => Err(error),
        }
    }
}

/// Says what the device found out about the log.
pub(crate) fn of_log(error: ReceiptError) -> SyncError {
    let said = error.to_string();
    if let ReceiptError::Store(error) = error {
        SyncError::device(error)
    } else if matches!(error, ReceiptError::Older { .. }) {
        SyncError::Older(said)
    } else {
        SyncError::Proof(said)
    }
}
