//! The signed time: asked for with the first words of a contact.

use attendance::ChainHead;
use device::{AnchorError, Asked, Device, Reading, Standing};
use serde::de::DeserializeOwned;
use sync_api::{Base64, ProblemKind};

use crate::client::{Contact, SyncClient, send};
use crate::error::SyncError;
use crate::shared::SharedDevice;
use crate::transport::Call;

/// What is told of the own chain and clocks, before it is signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asking {
    pub(crate) head: ChainHead,
    pub(crate) reading: Reading,
}

impl Asking {
    pub(crate) fn of(device: &Device, head: ChainHead) -> Self {
        Self { head, reading: device.now() }
    }

    pub(crate) fn with(self, claims: &Base64) -> Asked {
        Asked { head: self.head, reading: self.reading, hello: seal::sha256(&claims.0) }
    }
}

impl SyncClient {
    /// Posts what `request` makes, which tells this device's clock. A server of an earlier release takes
    /// no claims that it does not know: it is asked again without them, and gives no time.
    pub(crate) async fn asking_the_time<T: DeserializeOwned>(
        &self,
        device: &SharedDevice,
        (url, pin): (&str, Option<seal::Hash>),
        request: impl Fn(&Device, bool) -> Result<(Vec<u8>, Asked), SyncError> + Clone + Send + 'static,
    ) -> Result<(T, Asked), SyncError> {
        let mut clock = true;
        loop {
            let request = request.clone();
            let (body, asked) = device.with(move |device| request(device, clock)).await?;
            match send(&*self.pinned(pin), Call::post(url.to_owned(), body)).await {
                Err(SyncError::Refused(problem))
                    if clock && problem.kind == ProblemKind::Malformed =>
                {
                    clock = false;
                }
                answer => return Ok((answer?, asked)),
            }
        }
    }
}

impl Contact {
    /// Takes the server's time, before anything is sent: what bounds the recorded events goes up with
    /// them. A time that does not hold is left, and keeps nothing from being sent.
    pub(crate) async fn take_time(
        &self,
        device: &SharedDevice,
        asked: Asked,
    ) -> Result<(), SyncError> {
        let Some(anchor) = self.hello.anchor.clone() else { return Ok(()) };
        // A device that is a copy, or was put back, records nothing by itself: that would be the fork.
        let (seq_next, head) = (self.hello.seq_next, self.hello.head.map(|head| head.0));
        let standing = device.with(move |device| device.standing(seq_next, head)).await;
        match standing.map_err(SyncError::device)? {
            Standing::ServerAhead { .. } | Standing::Apart { .. } => return Ok(()),
            Standing::Together | Standing::ServerBehind { .. } => {}
        }
        let taken = device.with(move |device| device.take_anchor(&anchor.0, &asked)).await;
        match taken {
            Ok(_) | Err(AnchorError::Anchor(_) | AnchorError::OtherQuestion) => Ok(()),
            Err(error) => Err(SyncError::device(error)),
        }
    }
}
