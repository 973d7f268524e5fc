//! The life of a device: its certificate, the list of revoked devices, what was let in after all, and what
//! a coordinator's device asks for.

use std::collections::BTreeSet;

use device::{StoreError, Verdict};
use seal::Hash;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_api::{BATCH_MEDIA_TYPE, Batch, BatchResponse, OwnParkedResponse, RevocationsResponse};

use crate::client::{Contact, SyncClient, SyncReport, to_json};
use crate::error::SyncError;
use crate::shared::SharedDevice;
use crate::transport::Call;
use crate::up::kept as verdict_of;

/// How many events that were put aside are asked about at once.
const ASK_AGAIN_EVENTS: usize = 100;

impl SyncClient {
    /// Asks the server something as this device, with a token of its own: `path` is under `/v1/`.
    ///
    /// # Errors
    /// [`SyncError`] if the server is away, or refuses.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        device: &SharedDevice,
        path: &str,
    ) -> Result<T, SyncError> {
        let contact = self.hello(device).await?;
        contact.send(contact.request(path)).await
    }

    /// Hands the server a request as this device, with a token of its own: `path` is under `/v1/`.
    ///
    /// # Errors
    /// [`SyncError`] if the server is away, or refuses.
    pub async fn post<T: DeserializeOwned>(
        &self,
        device: &SharedDevice,
        path: &str,
        request: &(impl Serialize + Sync),
    ) -> Result<T, SyncError> {
        let contact = self.hello(device).await?;
        let url = format!("{}/v1/{path}", contact.server);
        let call = Call::post(url, to_json(request)?).with_token(&contact.hello.token);
        contact.send(call).await
    }
}

impl Contact {
    /// Takes up the newer certificate that hello brought. One that does not hold leaves the device with
    /// the one it has, and keeps nothing from being sent.
    pub(crate) async fn take_certificate(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let Some(bytes) = self.hello.certificate.clone() else { return Ok(()) };
        let installed = device.with(move |device| device.install_certificate(&bytes.0)).await;
        installed.map_err(|error| SyncError::Proof(error.to_string()))
    }

    pub(crate) async fn fetch_revocations(&self, device: &SharedDevice) -> Result<(), SyncError> {
        let have = device.with(|device| device.revocations().map_or(0, |list| list.version)).await;
        if self.hello.revocations_version.unwrap_or(0) <= have {
            return Ok(());
        }
        let path = format!("delta/revocations/{have}");
        let answer: RevocationsResponse = self.send(self.request(&path)).await?;
        let installed =
            device.with(move |device| device.install_revocations(&answer.revocations.0)).await;
        installed.map_err(|error| SyncError::Proof(error.to_string()))
    }

    /// Asks again about events that were put aside, if the server's chain of this device has grown past
    /// them: a coordinator has let them in, and their receipts can be fetched. So it is with what was put aside
    /// while the certificate was over, once there is a newer one.
    pub(crate) async fn ask_again(
        &self,
        device: &SharedDevice,
        report: &mut SyncReport,
    ) -> Result<(), SyncError> {
        let seq_next = self.hello.seq_next;
        loop {
            let rows = device.with(move |device| {
                let mut rows = device.parked_below(seq_next, ASK_AGAIN_EVENTS)?;
                if rows.is_empty() {
                    rows = device.parked_before_renewal(ASK_AGAIN_EVENTS)?;
                }
                Ok::<_, StoreError>(rows)
            });
            let rows = rows.await;
            let rows = rows.map_err(SyncError::device)?;
            if rows.is_empty() {
                return Ok(());
            }
            let bytes =
                Batch { events: rows.into_iter().map(|row| row.bytes).collect() }.to_bytes();
            let answer = self.put_plain(bytes).await?;
            let verdicts: Vec<_> = answer.verdicts.into_iter().map(verdict_of).collect();
            let let_in = verdicts.iter().filter(|(_, verdict)| is_in(verdict)).count();
            let kept = device.with(move |device| device.record_verdicts(&verdicts)).await;
            kept.map_err(SyncError::device)?;
            report.sent += let_in as u64;
            if let_in < ASK_AGAIN_EVENTS {
                return Ok(());
            }
        }
    }
}

impl Contact {
    /// Brings a server that was made again what it had put aside before its disk was lost: without it a
    /// coordinator could let nothing of it in. Asked for only where the server has set this device aside,
    /// so that nothing enters the log by it.
    pub(crate) async fn bring_parked_again(&self, device: &SharedDevice) -> Result<(), SyncError> {
        if !self.hello.revoked && !self.hello.suspended {
            return Ok(());
        }
        let rows = device.with(|device| device.parked_until_decided()).await;
        let rows = rows.map_err(SyncError::device)?;
        if rows.is_empty() {
            return Ok(());
        }
        let theirs: OwnParkedResponse = match self.send(self.request("chain/parked")).await {
            // An older server has no such place.
            Err(SyncError::Refused(problem)) if problem.status == 404 => return Ok(()),
            theirs => theirs?,
        };
        let has: BTreeSet<Hash> = theirs.parked.iter().map(|one| one.event.0).collect();
        let lost: Vec<_> = rows.into_iter().filter(|row| !has.contains(&row.hash)).collect();
        for rows in lost.chunks(ASK_AGAIN_EVENTS) {
            let bytes = Batch { events: rows.iter().map(|row| row.bytes.clone()).collect() };
            self.put_plain(bytes.to_bytes()).await?;
        }
        Ok(())
    }

    /// Puts a plain batch, and gives the verdicts.
    async fn put_plain(&self, bytes: Vec<u8>) -> Result<BatchResponse, SyncError> {
        let url = format!("{}/v1/batch/{}", self.server, Batch::hash(&bytes));
        self.send(Call::put(url, BATCH_MEDIA_TYPE, bytes).with_token(&self.hello.token)).await
    }
}

fn is_in(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Stored | Verdict::Duplicate => true,
        Verdict::Parked(_) | Verdict::Deferred(_) => false,
    }
}
