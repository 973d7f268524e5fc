//! What a coordinator of the district decides about providers, held money and closed months, and where
//! a family moves its voucher. Each is an event; what it changes is the ledger's to say.

use attendance::{
    ChildId, Decision, DeviceCertificate, EventDraft, EventKind, Ground, GroupId, ProviderId,
    Scope, TerminationCause, VoucherId, action_of,
};
use seal::Hash;

use crate::device::Device;
use crate::record::{self, RecordError};

/// What is decided. Months are `year * 100 + month`, days `year * 10000 + month * 100 + day`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MoneyDecision {
    /// Payments to a provider stop.
    Suspend {
        /// The provider.
        provider: ProviderId,
        /// On which ground.
        ground: Ground,
        /// The number of the document that shows it.
        document: String,
        /// SHA-256 of the document.
        evidence: Option<Hash>,
        /// The debt, in tiyn.
        debt_tiyn: Option<i64>,
        /// True if it is suspended though the issuer owes it more.
        despite_lag: bool,
    },
    /// A document that cures a ground is accepted.
    Cure {
        /// The provider.
        provider: ProviderId,
        /// Which ground.
        ground: Ground,
        /// The number of the document.
        document: String,
        /// SHA-256 of the document.
        evidence: Option<Hash>,
    },
    /// The end of a provider's contracts is proposed.
    ProposeEnd {
        /// The provider.
        provider: ProviderId,
        /// Why.
        cause: TerminationCause,
        /// The number of the document that shows it.
        document: String,
    },
    /// A second coordinator confirms a proposal, or withdraws it.
    AnswerProposal {
        /// The provider.
        provider: ProviderId,
        /// The event that proposed it.
        proposal: Hash,
        /// True if it takes effect.
        confirms: bool,
        /// The first day without the provider, if it is not the day of the decision.
        from_day: Option<u32>,
    },
    /// Held money of a voucher's month is let through or given back.
    ReleaseHold {
        /// The voucher.
        voucher: VoucherId,
        /// The month.
        month: u32,
        /// Of this provider's line only.
        provider: Option<ProviderId>,
        /// True if the provider gets it, false if the issuer's limit does.
        pays: bool,
        /// The number of the order.
        document: String,
        /// The first coordinator's decision, if this is the second.
        first: Option<Hash>,
    },
    /// A voucher's closed month is computed again.
    Adjust {
        /// The voucher.
        voucher: VoucherId,
        /// The month.
        month: u32,
        /// The number of the case.
        document: String,
    },
    /// A voucher moves to another group.
    Transfer {
        /// The voucher.
        voucher: VoucherId,
        /// The child, if it is known.
        child: Option<ChildId>,
        /// The group.
        group: GroupId,
        /// The first day there; the next day if it is not named.
        from_day: Option<u32>,
        /// The number of the family's request, if there is one.
        document: Option<String>,
    },
}

impl Device {
    /// Records a decision. A transfer may be a family's, for its own child; everything else is a
    /// coordinator's of the whole district.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn record_decision(&mut self, decision: &MoneyDecision) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        let draft = decision.fill(record::draft(decision.kind(), self.clock.now()));
        if !may_decide(enrolled.certificate(), draft.kind, draft.child) {
            return Err(RecordError::NotAllowed);
        }
        let month = draft.month.map(record::month).transpose()?;
        let document = draft.document.as_deref().map(record::document_number).transpose()?;
        let draft = EventDraft { month, document, ..draft };
        if let Some(amount) = draft.amount_tiyn.filter(|amount| *amount <= 0) {
            return Err(RecordError::NotAnAmount(amount));
        }
        self.append(draft)
    }
}

/// Says whether a device may decide for a child, or about others: by the one table.
pub(crate) fn may_decide(
    certificate: &DeviceCertificate,
    kind: EventKind,
    child: Option<ChildId>,
) -> bool {
    let scope = certificate.permitted(action_of(kind));
    let own = || child.is_some_and(|child| certificate.children.contains(&child));
    if scope == Scope::OwnChild { own() } else { scope.decides() }
}

impl MoneyDecision {
    fn kind(&self) -> EventKind {
        match self {
            Self::Suspend { .. } => EventKind::ProviderSuspend,
            Self::Cure { .. } => EventKind::GroundCured,
            Self::ProposeEnd { .. } | Self::AnswerProposal { .. } => EventKind::ProviderTerminate,
            Self::ReleaseHold { .. } => EventKind::HoldRelease,
            Self::Adjust { .. } => EventKind::Adjust,
            Self::Transfer { .. } => EventKind::Transfer,
        }
    }

    fn fill(&self, draft: EventDraft) -> EventDraft {
        let text = |text: &String| Some(text.trim().to_owned());
        match self {
            Self::Suspend { provider, ground, document, evidence, debt_tiyn, despite_lag } => {
                EventDraft {
                    provider: Some(*provider),
                    ground: Some(*ground),
                    document: text(document),
                    evidence: *evidence,
                    amount_tiyn: *debt_tiyn,
                    decision: despite_lag.then_some(Decision::Confirm),
                    ..draft
                }
            }
            Self::Cure { provider, ground, document, evidence } => EventDraft {
                provider: Some(*provider),
                ground: Some(*ground),
                document: text(document),
                evidence: *evidence,
                ..draft
            },
            Self::ProposeEnd { provider, cause, document } => EventDraft {
                provider: Some(*provider),
                cause: Some(*cause),
                document: text(document),
                ..draft
            },
            Self::AnswerProposal { provider, proposal, confirms, from_day } => EventDraft {
                provider: Some(*provider),
                about: Some(*proposal),
                decision: Some(if *confirms { Decision::Confirm } else { Decision::Withdraw }),
                from_day: *from_day,
                ..draft
            },
            Self::ReleaseHold { voucher, month, provider, pays, document, first } => EventDraft {
                voucher: Some(*voucher),
                month: Some(*month),
                provider: *provider,
                decision: Some(if *pays { Decision::Pay } else { Decision::Return }),
                document: text(document),
                about: *first,
                ..draft
            },
            Self::Adjust { voucher, month, document } => EventDraft {
                voucher: Some(*voucher),
                month: Some(*month),
                document: text(document),
                ..draft
            },
            Self::Transfer { voucher, child, group, from_day, document } => EventDraft {
                voucher: Some(*voucher),
                child: *child,
                group: Some(*group),
                from_day: *from_day,
                document: document.as_ref().and_then(text),
                ..draft
            },
        }
    }
}
