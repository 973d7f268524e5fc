//! Downwards: which cards were revoked.

use device::StatusError;
use sync_api::{STATUS_DELTA_MEDIA_TYPE, STATUS_LIST_MEDIA_TYPE};

use crate::client::Contact;
use crate::error::SyncError;
use crate::shared::SharedDevice;

impl Contact {
    /// Fetches the newest list of revoked cards: the change since the one that is kept, or, if that does
    /// not lead there, the whole list.
    pub(crate) async fn fetch_status(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let have = device.with(|device| device.status_list().map_or(0, |list| list.version)).await;
        if self.hello.status_version.is_none_or(|newest| newest <= have) {
            return Ok(());
        }
        // What can be handed on is a whole list and a few changes; from time to time it begins anew.
        let handed_on =
            device.with(|device| device.hands_status_on()).await.map_err(SyncError::device)?;
        match self.fetch_status_since(device, if handed_on { have } else { 0 }).await? {
            Ok(()) => Ok(()),
            Err(StatusError::Rejected(_) | StatusError::NoBase) if have > 0 => {
                self.fetch_status_since(device, 0).await?.map_err(unproven)
            }
            Err(error) => Err(unproven(error)),
        }
    }

    async fn fetch_status_since(
        &self,
        device: &SharedDevice,
        from: u32,
    ) -> Result<Result<(), StatusError>, SyncError> {
        let answer = self.answered(self.request(&format!("delta/status/{from}"))).await?;
        let bytes = answer.body;
        Ok(match answer.media_type.as_str() {
            STATUS_DELTA_MEDIA_TYPE => {
                device.with(move |device| device.apply_status_delta(&bytes)).await
            }
            STATUS_LIST_MEDIA_TYPE => {
                device.with(move |device| device.install_status_list(&bytes)).await
            }
            other => return Err(SyncError::Foreign(format!("a status list of type {other}"))),
        })
    }
}

fn unproven(error: StatusError) -> SyncError {
    match error {
        StatusError::Store(error) => SyncError::device(error),
        StatusError::NotEnrolled => SyncError::NotEnrolled,
        StatusError::Rejected(_) | StatusError::NoBase | _ => SyncError::Proof(error.to_string()),
    }
}
