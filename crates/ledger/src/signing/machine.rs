//! One sheet through the events about it: what each changes, and why it may change nothing.

use attendance::{Decision, Event, EventKind, ForeignSignature, ProviderId};
use chrono::NaiveDate;
use seal::Hash;

use super::{PaperSignature, RefusedSignature, SheetDecision, SheetState, Side, SigningRefusal};
use crate::sheet::claimed_day;
use crate::visit::LoggedEvent;

/// What the log gives for a provider's month: what signatures are held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) provider: ProviderId,
    pub(super) sheet: Hash,
    pub(super) act: Option<Hash>,
    pub(super) supplementary: Option<Hash>,
    /// The leaf that closed the month.
    pub(super) close: Option<u64>,
    /// The leaf of the payment.
    pub(super) paid: Option<u64>,
}

/// Where the sheet is after the events so far.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    given: Given,
    pub(super) signed: Option<PaperSignature>,
    pub(super) approved: Option<PaperSignature>,
    pub(super) act_signed: Option<PaperSignature>,
    pub(super) act_approved: Option<PaperSignature>,
    pub(super) act_number: Option<String>,
    pub(super) returned: Option<SheetDecision>,
    /// True from its return until it is signed again.
    revising: bool,
    pub(super) paused: Option<SheetDecision>,
    pub(super) invalid: Option<SheetDecision>,
    pub(super) supplementary: [Option<PaperSignature>; 2],
    pub(super) refused: Vec<RefusedSignature>,
}

impl Machine {
    /// Takes every event about the provider's month, in the log's order.
    pub(super) fn run<'a>(given: Given, events: impl Iterator<Item = &'a LoggedEvent>) -> Self {
        let mut machine = Self {
            given,
            signed: None,
            approved: None,
            act_signed: None,
            act_approved: None,
            act_number: None,
            returned: None,
            revising: false,
            paused: None,
            invalid: None,
            supplementary: [None, None],
            refused: Vec::new(),
        };
        for logged in events {
            if let Err(why) = machine.take(logged) {
                let (leaf, device) = (logged.index, logged.event.device);
                machine.refused.push(RefusedSignature { leaf, device, why });
            }
        }
        machine
    }

    /// Says where the sheet is, as far as events say it.
    pub(super) fn state(&self) -> Option<SheetState> {
        if self.invalid.is_some() {
            return Some(SheetState::Invalid);
        }
        if self.given.paid.is_some() {
            return Some(SheetState::Paid);
        }
        if self.paused.is_some() {
            return Some(SheetState::Paused);
        }
        if self.act_signed.is_some() && self.act_approved.is_some() {
            return Some(SheetState::Acted);
        }
        if self.approved.is_some() {
            return Some(SheetState::Approved);
        }
        if self.revising {
            return Some(SheetState::Revision);
        }
        self.signed.as_ref().map(|_| match self.given.close {
            Some(_) => SheetState::IssuerReview,
            None => SheetState::ProviderSigned,
        })
    }

    /// Gives the day that the last step towards the state claims.
    pub(super) fn since(&self) -> Option<NaiveDate> {
        let decision = |one: &Option<SheetDecision>| one.as_ref().and_then(|one| one.on);
        let signature = |one: &Option<PaperSignature>| one.as_ref().and_then(|one| one.on);
        match self.state()? {
            SheetState::Invalid => decision(&self.invalid),
            SheetState::Paused => decision(&self.paused),
            SheetState::Acted => signature(&self.act_signed).max(signature(&self.act_approved)),
            SheetState::Approved => signature(&self.act_signed).max(signature(&self.approved)),
            SheetState::Revision => decision(&self.returned),
            SheetState::IssuerReview | SheetState::ProviderSigned => signature(&self.signed),
            SheetState::Open | SheetState::Parents | SheetState::Paid | SheetState::Closed => None,
        }
    }

    fn take(&mut self, logged: &LoggedEvent) -> Result<(), SigningRefusal> {
        let event = &logged.event;
        event.verify_form().map_err(|_| SigningRefusal::Form)?;
        let side = side_of(logged, self.given.provider)?;
        let decides = event.kind == EventKind::SheetDecide;
        if decides && side != Side::Issuer {
            return Err(SigningRefusal::WrongRole);
        }
        let is_paid = self.given.paid.is_some_and(|paid| logged.index > paid);
        // Late rows may come after the payment, and are signed in a sheet of their own.
        let is_late = event.kind == EventKind::SheetSign
            && event.evidence.is_some()
            && event.evidence == self.given.supplementary;
        if self.invalid.is_some() || (is_paid && !is_late) {
            return Err(SigningRefusal::Final);
        }
        if decides {
            return self.decide(logged);
        }
        if self.paused.is_some() {
            return Err(SigningRefusal::Paused);
        }
        let signature = signature(side, logged);
        match (event.kind, side) {
            (EventKind::SheetSign, _) if is_late => self.sign_late(signature),
            (EventKind::SheetSign, Side::Provider) => self.sign(signature, event),
            (EventKind::SheetSign, Side::Issuer) => self.approve(signature, event),
            _ => self.sign_act(signature, event),
        }
    }

    fn sign(&mut self, signature: PaperSignature, event: &Event) -> Result<(), SigningRefusal> {
        if self.approved.is_some() {
            return Err(SigningRefusal::Approved);
        }
        is_over(event, Some(self.given.sheet))?;
        (self.signed, self.revising) = (Some(signature), false);
        Ok(())
    }

    fn approve(&mut self, signature: PaperSignature, event: &Event) -> Result<(), SigningRefusal> {
        if self.approved.is_some() {
            return Err(SigningRefusal::Approved);
        }
        if self.signed.is_none() {
            return Err(SigningRefusal::NotSigned);
        }
        if self.given.close.is_none_or(|close| signature.leaf < close) {
            return Err(SigningRefusal::OpenMonth);
        }
        is_over(event, Some(self.given.sheet))?;
        self.approved = Some(signature);
        Ok(())
    }

    fn sign_late(&mut self, signature: PaperSignature) -> Result<(), SigningRefusal> {
        let [signed, approved] = &mut self.supplementary;
        let place = match signature.side {
            Side::Provider => signed,
            Side::Issuer if signed.is_none() => return Err(SigningRefusal::NotSigned),
            Side::Issuer => approved,
        };
        place.get_or_insert(signature);
        Ok(())
    }

    fn sign_act(&mut self, signature: PaperSignature, event: &Event) -> Result<(), SigningRefusal> {
        if self.approved.is_none() {
            return Err(SigningRefusal::NotApproved);
        }
        is_over(event, self.given.act)?;
        let number = event.document.clone().unwrap_or_default();
        let other = match signature.side {
            Side::Provider => &self.act_approved,
            Side::Issuer => &self.act_signed,
        };
        if other.is_some() && self.act_number.as_ref() != Some(&number) {
            return Err(SigningRefusal::OtherNumber);
        }
        self.act_number = Some(number);
        match signature.side {
            Side::Provider => self.act_signed = Some(signature),
            Side::Issuer => self.act_approved = Some(signature),
        }
        Ok(())
    }

    fn decide(&mut self, logged: &LoggedEvent) -> Result<(), SigningRefusal> {
        let event = &logged.event;
        if event.evidence.is_some() {
            is_over(event, Some(self.given.sheet))?;
        }
        let document = event.document.clone().unwrap_or_default();
        let told = Some(SheetDecision { leaf: logged.index, on: claimed_day(logged), document });
        match event.decision {
            Some(Decision::Return) => self.give_back(told),
            Some(Decision::Pause) if self.paused.is_some() => Err(SigningRefusal::Paused),
            Some(Decision::Pause) => {
                self.paused = told;
                Ok(())
            }
            Some(Decision::Resume) if self.paused.is_none() => Err(SigningRefusal::NotPaused),
            Some(Decision::Resume) => {
                self.paused = None;
                Ok(())
            }
            Some(Decision::Invalidate) => {
                self.invalid = told;
                Ok(())
            }
            Some(_) | None => Err(SigningRefusal::Form),
        }
    }

    fn give_back(&mut self, told: Option<SheetDecision>) -> Result<(), SigningRefusal> {
        if self.paused.is_some() {
            return Err(SigningRefusal::Paused);
        }
        if self.approved.is_some() {
            return Err(SigningRefusal::Approved);
        }
        if self.returned.is_some() {
            return Err(SigningRefusal::AlreadyReturned);
        }
        if self.signed.is_none() {
            return Err(SigningRefusal::NotSigned);
        }
        (self.returned, self.signed, self.revising) = (told, None, true);
        Ok(())
    }
}

/// Says on whose side a device signs about a provider (R8).
fn side_of(logged: &LoggedEvent, provider: ProviderId) -> Result<Side, SigningRefusal> {
    match logged.provider {
        _ if !logged.decides() => Err(SigningRefusal::WrongRole),
        None => Ok(Side::Issuer),
        Some(own) if own == provider => Ok(Side::Provider),
        Some(_) => Err(SigningRefusal::WrongRole),
    }
}

/// Holds what an event signs against what the log gives.
fn is_over(event: &Event, expected: Option<Hash>) -> Result<(), SigningRefusal> {
    let expected = expected.ok_or(SigningRefusal::OpenMonth)?;
    let found = event.evidence.ok_or(SigningRefusal::Form)?;
    if found == expected { Ok(()) } else { Err(SigningRefusal::OtherBytes { expected, found }) }
}

fn signature(side: Side, logged: &LoggedEvent) -> PaperSignature {
    let event = &logged.event;
    let foreign = event.proof.as_ref().map(|proof| ForeignSignature::parse(proof.as_bytes()));
    PaperSignature {
        side,
        leaf: logged.index,
        event: logged.hash,
        device: event.device,
        on: claimed_day(logged),
        foreign: foreign.and_then(Result::ok),
    }
}
