//! Recording who came: a scanned card, a code of a family's phone, a typed code, a mark by hand.

use attendance::{
    CardRejection, ChildId, EventDraft, EventKind, LessonId, ManualReason, Method, Opaque,
    ProofRejection, QrText, ROTATING_PREFIX, Role, Roster, RosterChild, RosterLesson, ShortCode,
    StepWindow, TrustList, UnverifiedCard, UnverifiedEvent, UnverifiedRotating, VerifiedCard,
    VerifiedRotating, looks_like_code, looks_like_identity,
};
use rusqlite::Connection;
use seal::Hash;

use crate::clock::Reading;
use crate::device::{Device, Identity};
use crate::enrolment::Enrolled;
use crate::leaving;
use crate::record::{self, RecordError};
use crate::store;

/// Says what became of a scan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Recorded {
    /// What became of it.
    pub outcome: Outcome,
    /// The child's row of the roster, where there is one.
    pub child: Option<RosterChild>,
    /// The recorded event, or the earlier one if the child was already marked.
    pub event: Option<Hash>,
    /// True if the child was entered as absent from this lesson: the mark counts.
    pub was_absent: bool,
}

/// What became of a scan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Recorded and on the disk.
    Kept,
    /// The child was already marked in this lesson; nothing was written.
    Already,
    /// Recorded, but the child is not on this group's roster.
    Guest,
    /// The card was refused, nothing was written; a mark by hand remains possible.
    Refused(Refusal),
}

/// Why a card or a typed code was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// The card does not hold.
    Card(CardRejection),
    /// The code of a phone does not hold.
    Phone(ProofRejection),
    /// The phone that shows the code is revoked.
    PhoneRevoked,
    /// The code was recorded on this device already.
    CodeUsed,
    /// An identity of another scheme: it names a person and is no card.
    OtherScheme,
    /// The typed code has a slip in it.
    CodeMistyped,
    /// No child of this roster has the typed code.
    CodeUnknown,
}

/// A child as recognised at the door.
struct Recognised {
    child: ChildId,
    /// What the card claims; the roster's row goes first.
    card: Option<VerifiedCard>,
    /// The code of a phone that shows it.
    code: Option<VerifiedRotating>,
    reason: Option<ManualReason>,
}

impl Device {
    /// Records what a scanner read, or the short code that was typed, in an open lesson. One
    /// transaction; it returns after the commit.
    ///
    /// An old roster, a stale trust list, a stale status list or a scan outside the window refuse nothing.
    /// Whether a card is still valid is judged by the best known time, and a clock that leapt ends none.
    /// A code of a family's phone is judged by the best known time too, and counts once on this device.
    ///
    /// # Errors
    /// [`RecordError`] if nothing could be recorded. A refused card is a value, not an error.
    pub fn record_scan(&mut self, text: &str, lesson: LessonId) -> Result<Recorded, RecordError> {
        let (now, now_s) = (self.clock.now(), self.card_now_s().map_err(RecordError::from)?);
        let enrolled = self.enrolled_as(Role::Teacher)?;
        let recognised = if looks_like_code(text) {
            recognise_code(text, self.roster.as_ref(), lesson)
        } else if looks_like_identity(text) {
            Err(Refusal::OtherScheme)
        } else if text.trim_start().starts_with(ROTATING_PREFIX) {
            let (now_ms, window) = (self.best_now_ms()?, self.code_window()?);
            let shown = UnverifiedRotating::parse(text).map_err(Refusal::Phone);
            shown.and_then(|code| self.recognise_phone(code, enrolled.trust_list(), now_ms, window))
        } else {
            let card = recognise_card(text, enrolled.trust_list(), now_s);
            card.and_then(|known| self.admit(known)).map_err(Refusal::Card)
        };
        self.mark(recognised, lesson, now)
    }

    /// Records a mark by hand, with its reason, in an open lesson.
    ///
    /// # Errors
    /// [`RecordError::ChildUnknown`] if the child is not on the roster, and the others.
    pub fn record_manual(
        &mut self,
        child: ChildId,
        lesson: LessonId,
        reason: ManualReason,
    ) -> Result<Recorded, RecordError> {
        let now = self.clock.now();
        self.enrolled_as(Role::Teacher)?;
        let known = self.roster.as_ref().and_then(|roster| roster.child(child, None));
        known.ok_or(RecordError::ChildUnknown)?;
        let recognised = Recognised { child, card: None, code: None, reason: Some(reason) };
        self.mark(Ok(recognised), lesson, now)
    }

    /// Refuses a card that the status list names. An old list, or none, refuses no other.
    fn admit(&self, known: Recognised) -> Result<Recognised, CardRejection> {
        if let (Some(list), Some(card)) = (&self.revoked, &known.card) {
            list.admit(card)?;
        }
        Ok(known)
    }

    /// Decides who shows a code and of which child it is: the card that it brings along says so, or this
    /// device's roster together with the phone's certificate.
    fn recognise_phone(
        &self,
        code: UnverifiedRotating,
        trust: &TrustList,
        now_ms: i64,
        window: StepWindow,
    ) -> Result<Recognised, Refusal> {
        if code.card().is_some() {
            let (card, code) =
                code.verify_with_card(trust, now_ms, window).map_err(Refusal::Phone)?;
            let child = card.claims().child;
            let shown = Recognised { child, card: Some(card), code: Some(code), reason: None };
            return self.admit(shown).map_err(Refusal::Card);
        }
        let card = code.card_id();
        let rows = self.roster.iter().flat_map(|roster| &roster.children);
        let row = rows.into_iter().find(|row| row.card == card);
        let child = row.ok_or(Refusal::Phone(ProofRejection::UnknownCard { card }))?.id;
        let verified = code.verify_with_certificate(trust, child, now_ms, window);
        let (phone, code) = verified.map_err(Refusal::Phone)?;
        let phone = phone.certificate().device;
        if self.revocations.as_ref().is_some_and(|list| list.revocation(phone).is_some()) {
            return Err(Refusal::PhoneRevoked);
        }
        Ok(Recognised { child, card: None, code: Some(code), reason: None })
    }

    fn mark(
        &mut self,
        recognised: Result<Recognised, Refusal>,
        lesson: LessonId,
        now: Reading,
    ) -> Result<Recorded, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        let roster = self.roster.as_ref();
        let planned = roster.and_then(|roster| roster.lesson(lesson));
        let planned = planned.map(|planned| self.as_told(*planned)).transpose()?;
        let place = Place { roster, enrolled, lesson, planned, now };
        let tx = store::begin(&mut self.db)?;
        match store::event::lesson_turn(&tx, lesson)? {
            Some((EventKind::LessonOpen, _)) => {}
            _ => return Err(RecordError::LessonNotOpen),
        }
        let recognised = match recognised {
            Ok(recognised) => recognised,
            Err(refusal) => return Ok(refused(refusal)),
        };
        let recorded = place.record(&tx, &self.identity, recognised)?;
        tx.commit().map_err(store::StoreError::from)?;
        Ok(recorded)
    }
}

/// Where and when a child is marked, as the roster knows it.
struct Place<'a> {
    roster: Option<&'a Roster>,
    enrolled: &'a Enrolled,
    lesson: LessonId,
    planned: Option<RosterLesson>,
    now: Reading,
}

impl Place<'_> {
    fn record(
        &self,
        tx: &Connection,
        identity: &Identity,
        recognised: Recognised,
    ) -> Result<Recorded, RecordError> {
        let group = self.planned.map(|lesson| lesson.group);
        let child = self.roster.and_then(|roster| roster.child(recognised.child, group)).cloned();
        let found = leaving::presence(tx, self.lesson, recognised.child)?;
        let draft = self.draft(&recognised, child.as_ref());
        let is_new = found.visit.is_none() || found.left.is_some();
        if is_new
            && let Some(code) = &recognised.code
            && is_used(tx, recognised.child, code)?
        {
            return Ok(refused(Refusal::CodeUsed));
        }
        if let Some(event) = found.visit {
            if found.left.is_some() {
                // The child came back: evidence of who is in the building, and no second visit.
                record::append(tx, identity, draft)?;
            }
            let outcome = Outcome::Already;
            return Ok(Recorded { outcome, child, event: Some(event), was_absent: false });
        }
        let was_absent = store::event::is_absent(tx, self.lesson, recognised.child)?;
        let event = record::append(tx, identity, draft)?;
        let expected = child.as_ref().is_some_and(|child| Some(child.group) == group);
        let outcome = if expected { Outcome::Kept } else { Outcome::Guest };
        Ok(Recorded { outcome, child, event: Some(event), was_absent })
    }

    fn draft(&self, recognised: &Recognised, row: Option<&RosterChild>) -> EventDraft {
        let claims = recognised.card.as_ref().map(VerifiedCard::claims);
        let card = recognised.card.as_ref().map(VerifiedCard::hash);
        let provider = self
            .planned
            .and_then(|lesson| self.roster.and_then(|roster| roster.group(lesson.group)))
            .map(|group| group.provider);
        EventDraft {
            child: Some(recognised.child),
            voucher: row.map(|row| row.voucher).or_else(|| claims.map(|claims| claims.voucher)),
            lesson: Some(self.lesson),
            provider: provider.or(self.enrolled.certificate().provider),
            method: Some(recognised.method()),
            card: card.or_else(|| row?.card_hash.filter(|_| recognised.code.is_some())),
            proof: recognised.code.and_then(|code| Opaque::from_slice(&code.to_bytes())),
            reason: recognised.reason,
            ..record::draft(EventKind::In, self.now)
        }
    }
}

impl Recognised {
    fn method(&self) -> Method {
        match (&self.code, &self.card) {
            (Some(_), _) => Method::Rotating,
            (None, Some(_)) => Method::Scan,
            (None, None) => Method::Manual,
        }
    }
}

fn refused(refusal: Refusal) -> Recorded {
    let outcome = Outcome::Refused(refusal);
    Recorded { outcome, child: None, event: None, was_absent: false }
}

/// Tells whether a visit was recorded by this very code, in whatever lesson. A code is fresh for some
/// minutes at most: older events cannot have it.
fn is_used(
    tx: &Connection,
    child: ChildId,
    code: &VerifiedRotating,
) -> Result<bool, store::StoreError> {
    let recent = store::event::recent_visits(tx, child)?;
    Ok(recent.iter().any(|row| {
        let event = UnverifiedEvent::parse(&row.bytes).ok();
        let proof = event.and_then(|event| event.event().proof.clone());
        let shown = proof.and_then(|proof| UnverifiedRotating::parse_bytes(proof.as_bytes()).ok());
        shown.is_some_and(|shown| shown.claims() == *code.claims())
    }))
}

fn recognise_card(text: &str, trust: &TrustList, now_s: i64) -> Result<Recognised, CardRejection> {
    let card = UnverifiedCard::parse(&QrText::parse(text)?)?.verify(trust, now_s)?;
    Ok(Recognised { child: card.claims().child, card: Some(card), code: None, reason: None })
}

fn recognise_code(
    text: &str,
    roster: Option<&Roster>,
    lesson: LessonId,
) -> Result<Recognised, Refusal> {
    let code = ShortCode::parse(text).map_err(|_| Refusal::CodeMistyped)?;
    let roster = roster.ok_or(Refusal::CodeUnknown)?;
    let group = roster.lesson(lesson).map(|lesson| lesson.group);
    let mut rows = roster.children.iter().filter(|child| code.matches(child.card));
    // The code names the card's first bytes: the lesson's own group goes first.
    let row = rows.clone().find(|child| Some(child.group) == group).or_else(|| rows.next());
    let row = row.ok_or(Refusal::CodeUnknown)?;
    let reason = Some(ManualReason::TypedCode);
    Ok(Recognised { child: row.id, card: None, code: None, reason })
}
