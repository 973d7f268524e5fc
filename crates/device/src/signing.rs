//! A signature under a sheet or an act, and what the issuer decides about a sheet. Each is an event; whether
//! it counts is the ledger's to say.

use attendance::{
    DEVICE_ALGORITHM, Decision, EventDraft, EventKind, Finding, ForeignSignature, PaperToSign,
    ProviderId, SheetSignature, SheetSigner, SignedPaper,
};
use seal::Hash;

use crate::decision::may_decide;
use crate::device::Device;
use crate::record::{self, RecordError, document_number};
use crate::store;

/// What the issuer decides about a sheet that it does not sign.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SheetDecision {
    /// It goes back to be revised; once.
    Return,
    /// It stands still.
    Pause,
    /// It goes on.
    Resume,
    /// It is invalid, for good.
    Invalidate,
}

impl SheetDecision {
    fn word(self) -> Decision {
        match self {
            Self::Return => Decision::Return,
            Self::Pause => Decision::Pause,
            Self::Resume => Decision::Resume,
            Self::Invalidate => Decision::Invalidate,
        }
    }
}

impl Device {
    /// Records a signature under a sheet or an act: of the provider's administrator or of the issuer. A
    /// signature of another scheme may be named beside it; nobody here verifies it.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn record_signature(
        &mut self,
        paper: &PaperToSign,
        beside: Option<&ForeignSignature>,
    ) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        let certificate = enrolled.certificate();
        let is_own = certificate.provider.is_none_or(|own| own == paper.provider);
        if !is_own || !may_decide(certificate, paper.paper.kind(), None) {
            return Err(RecordError::NotAllowed);
        }
        let number = paper.number.as_deref().map(document_number).transpose()?;
        if paper.paper == SignedPaper::Act && number.is_none() {
            return Err(RecordError::NotADocument { max: 64 });
        }
        let draft = EventDraft {
            evidence: Some(seal::sha256(&paper.bytes)),
            document: number,
            proof: beside.and_then(ForeignSignature::to_proof),
            ..self.about(paper.paper.kind(), paper.provider, paper.month)?
        };
        self.append(draft)
    }

    /// Records what the issuer decides about a provider's sheet, with the number of the order.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn decide_sheet(
        &mut self,
        (provider, month): (ProviderId, u32),
        decision: SheetDecision,
        document: &str,
        finding: Option<Finding>,
    ) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        if !may_decide(enrolled.certificate(), EventKind::SheetDecide, None) {
            return Err(RecordError::NotAllowed);
        }
        let draft = EventDraft {
            decision: Some(decision.word()),
            document: Some(document_number(document)?),
            finding,
            ..self.about(EventKind::SheetDecide, provider, month)?
        };
        self.append(draft)
    }

    fn about(
        &self,
        kind: EventKind,
        provider: ProviderId,
        month: u32,
    ) -> Result<EventDraft, RecordError> {
        let draft = record::draft(kind, self.clock.now());
        let month = Some(record::month(month)?);
        Ok(EventDraft { provider: Some(provider), month, ..draft })
    }
}

/// In the pilot the device's key signs, by an event of its chain.
impl SheetSigner for Device {
    type Error = RecordError;

    fn sign_paper(&mut self, paper: &PaperToSign) -> Result<SheetSignature, RecordError> {
        let event = self.record_signature(paper, None)?;
        let (_, row) = store::event::find(&self.db, event)?.ok_or(RecordError::VisitUnknown)?;
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        Ok(SheetSignature {
            algorithm: DEVICE_ALGORITHM.to_owned(),
            signature: row.bytes,
            certificate: enrolled.certificate_bytes().to_vec(),
        })
    }
}
