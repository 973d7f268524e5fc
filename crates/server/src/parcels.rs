//! Parcels: opened, judged like any batch, and answered under the log's key.

use std::sync::atomic::Ordering;

use attendance::{PACKED_VERSION, PackContext, PackedHeader, Roster, VerifiedCertificate};
use carriage::{
    Parcel, ParcelAnswer, ParcelContents, ParcelGrowth, ParcelReceipts, ParcelRejection,
    ParcelVerdict,
};
use seal::Hash;
use server_store::StoredParcel;
use sync_api::{Base64, Batch, BatchResponse, EventVerdict, ProblemKind, VerdictKind};
use tlog::{Checkpoint, SignedNote};

use crate::error::ServerError;
use crate::server::Server;

/// The reason for events that are packed against a roster that cannot be made here any more.
const OTHER_ROSTER: &str = "other_roster";

impl Server {
    /// States the key that parcels are sealed to, under the log's key.
    pub(crate) fn stated_parcel_key(&self) -> Result<Base64, ServerError> {
        Ok(Base64(self.keys.parcels.public().state(&self.keys.log)?))
    }

    /// Gives the port of the datagram door, while it is open.
    pub(crate) fn datagram_port(&self) -> Option<u16> {
        Some(self.datagram_port.load(Ordering::Relaxed)).filter(|port| *port != 0)
    }

    /// Takes a parcel, whoever carried it, and gives the signed answer: same bytes, same answer, once
    /// nothing of it is deferred any more.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if it cannot be opened here, or an enrolled device did not pack it; a
    /// bad event inside is a verdict.
    pub async fn take_parcel(&self, named: Hash, bytes: &[u8]) -> Result<Vec<u8>, ServerError> {
        if Parcel::name(bytes) != named {
            let detail = "the body's SHA-256 is not the one in the address: send it again";
            return Err(ServerError::refused(ProblemKind::Malformed, detail));
        }
        if let Some(answer) = self.store.parcel_answer(named).await? {
            return Ok(answer);
        }
        let (parcel, certificate, contents) = self.open_parcel(bytes).await?;
        let (batch, known) = (Batch::hash(&contents.batch), contents.known_size);
        let answer = match self.take_contents(batch, &contents, &certificate).await {
            Ok(verdicts) => self.answer_to(named, batch, &verdicts, known).await?,
            Err(ServerError::Refused(problem)) if problem.kind == ProblemKind::OtherRoster => {
                let deferred = ParcelVerdict::Deferred(OTHER_ROSTER.to_owned());
                ParcelAnswer {
                    parcel: named,
                    verdicts: vec![deferred; usize::from(parcel.header().events)],
                    checkpoint: self.checkpoint().await?.note,
                    receipts: None,
                    growth: None,
                }
            }
            Err(error) => return Err(error),
        };
        let signed = answer.sign(&self.keys.log)?;
        let waits = |verdict: &ParcelVerdict| matches!(verdict, ParcelVerdict::Deferred(_));
        if !answer.verdicts.iter().any(waits) {
            let (device, at_ms) = (parcel.header().device, self.clock.now_ms());
            let kept = StoredParcel { name: named, device, answer: signed.clone(), at_ms };
            self.store.put_parcel(kept).await?;
            // Two at once: both get what the first one wrote.
            return Ok(self.store.parcel_answer(named).await?.unwrap_or(signed));
        }
        Ok(signed)
    }

    /// Gives the answer to a parcel that was taken before.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if it was not, or a part of it is still deferred.
    pub async fn parcel_answer(&self, named: Hash) -> Result<Vec<u8>, ServerError> {
        let answer = self.store.parcel_answer(named).await?;
        answer.ok_or_else(|| {
            let detail = "no such parcel was taken here: bring it first";
            ServerError::refused(ProblemKind::NotFound, detail)
        })
    }

    async fn open_parcel(
        &self,
        bytes: &[u8],
    ) -> Result<(Parcel, std::sync::Arc<VerifiedCertificate>, ParcelContents), ServerError> {
        let malformed = |why: &dyn core::fmt::Display| {
            ServerError::refused(ProblemKind::Malformed, why.to_string())
        };
        let parcel = Parcel::parse(bytes).map_err(|error| match error {
            ParcelRejection::TooLarge { .. } => {
                ServerError::refused(ProblemKind::TooLarge, error.to_string())
            }
            ParcelRejection::Malformed(_) | ParcelRejection::UnknownVersion(_) | _ => {
                malformed(&error)
            }
        })?;
        let Some(certificate) = self.certificate(parcel.header().device).await? else {
            let detail = "this server does not know the device that packed the parcel";
            return Err(ServerError::refused(ProblemKind::NotRecognised, detail));
        };
        let contents = parcel.open(&self.keys.parcels).map_err(|error| malformed(&error))?;
        let contents = ParcelContents::parse_and_verify(&contents, &certificate.public_key())
            .map_err(|error| malformed(&error))?;
        Ok((parcel, certificate, contents))
    }

    async fn take_contents(
        &self,
        named: Hash,
        contents: &ParcelContents,
        certificate: &VerifiedCertificate,
    ) -> Result<Vec<EventVerdict>, ServerError> {
        let bytes = &contents.batch;
        let turn = self.turn_of(certificate.certificate().device).await?;
        let BatchResponse { verdicts } = if bytes.first() == Some(&PACKED_VERSION) {
            let events = self.unpacked(bytes, certificate).await?;
            self.ingest_events(&turn, named, &events).await?
        } else {
            self.ingest_in(&turn, named, bytes).await?
        };
        Ok(verdicts)
    }

    /// Unpacks a batch against the device's newest roster, or against nothing.
    async fn unpacked(
        &self,
        bytes: &[u8],
        certificate: &VerifiedCertificate,
    ) -> Result<Vec<Vec<u8>>, ServerError> {
        let refused = |error: attendance::UnpackRejection| {
            ServerError::refused(ProblemKind::Malformed, error.to_string())
        };
        let Some(name) = PackedHeader::parse(bytes).map_err(refused)?.roster() else {
            return attendance::unpack(bytes, &PackContext::empty()).map_err(refused);
        };
        let (roster, _) = self.roster_for(certificate.certificate()).await?;
        let roster = Roster::parse_kept(&roster).map_err(|_| ServerError::Stored("roster"))?;
        let context = PackContext::of(&roster);
        if context.name() != Some(name) {
            let detail = "the roster has changed meanwhile: send these events plain";
            return Err(ServerError::refused(ProblemKind::OtherRoster, detail));
        }
        attendance::unpack(bytes, &context).map_err(refused)
    }

    /// Answers a parcel whose batch was judged: verdicts, and receipts of what is in the log.
    async fn answer_to(
        &self,
        parcel: Hash,
        batch: Hash,
        verdicts: &[EventVerdict],
        known_size: Option<u64>,
    ) -> Result<ParcelAnswer, ServerError> {
        let (checkpoint, receipts) = match self.compact_receipts(batch).await? {
            Some(compact) => {
                let (receipt, places, salts) = (compact.receipt, compact.places, compact.salts);
                (compact.checkpoint, Some(ParcelReceipts { receipt, places, salts }))
            }
            None => (self.checkpoint().await?.note, None),
        };
        let growth = self.growth(known_size, &checkpoint).await?;
        let verdicts = verdicts.iter().map(told).collect();
        Ok(ParcelAnswer { parcel, verdicts, checkpoint, receipts, growth })
    }

    /// Proves that the log only grew from what the device knows; nothing if that is no less.
    async fn growth(
        &self,
        known: Option<u64>,
        note: &str,
    ) -> Result<Option<ParcelGrowth>, ServerError> {
        let broken = |_| ServerError::Stored("checkpoint");
        let note = SignedNote::parse(note).map_err(broken)?;
        let size = Checkpoint::parse(note.unverified_text()).map_err(broken)?.size;
        let Some(from) = known.filter(|from| (1..size).contains(from)) else { return Ok(None) };
        let proof = self.consistency(from, size).await?;
        let path = proof.path.into_iter().map(|hash| hash.0).collect();
        Ok(Some(ParcelGrowth { from, root: proof.root.0, path }))
    }
}

fn told(verdict: &EventVerdict) -> ParcelVerdict {
    let reason = || verdict.reason.clone().unwrap_or_default();
    match verdict.verdict {
        VerdictKind::Stored => ParcelVerdict::Stored,
        VerdictKind::Duplicate => ParcelVerdict::Duplicate,
        VerdictKind::Parked => ParcelVerdict::Parked(reason()),
        VerdictKind::Deferred => ParcelVerdict::Deferred(reason()),
    }
}
