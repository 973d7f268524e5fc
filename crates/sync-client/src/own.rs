//! The own chain: what the server says of it, and what it gives back of it.

use device::Standing;
use sync_api::OwnEventsResponse;

use crate::client::Contact;
use crate::error::SyncError;
use crate::shared::SharedDevice;

impl Contact {
    /// Compares the device's chain with what the server said in its hello, and takes back what is
    /// missing here. What cannot be settled keeps the device from signing, and nothing else.
    pub(crate) async fn settle_chain(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let (seq_next, head) = (self.hello.seq_next, self.hello.head.map(|head| head.0));
        loop {
            let compared = device.with(move |device| device.compare_chain(seq_next, head)).await;
            match compared.map_err(SyncError::device)? {
                Standing::Wants(from) if self.take_back(device, from).await? > 0 => {}
                Standing::Certain
                | Standing::Wants(_)
                | Standing::Broken { .. }
                | Standing::Contradicted => return Ok(()),
            }
        }
    }

    async fn take_back(&self, device: &SharedDevice, from: u64) -> Result<usize, SyncError> {
        let answer: OwnEventsResponse = self.send(self.request(&format!("own/{from}"))).await?;
        let events: Vec<Vec<u8>> = answer.events.into_iter().map(|event| event.0).collect();
        device.with(move |device| device.take_back(&events)).await.map_err(SyncError::device)
    }
}
