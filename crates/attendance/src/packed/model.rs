//! What a reader expects of the next event, and where the event differs.
//!
//! The fields of a shape, in this order: lesson (expected: the last one), provider (the lesson's by
//! the roster, else the last one), child, voucher and card (the child's by the roster); method,
//! reason, month, amount, document, coarse place, absence, absence document, headcount, subject,
//! revocation, ticket, verdict, finding, cancellation, new start, group, first day, ground, cause, evidence and
//! decision in their CBOR; the event spoken of (a number: so many back in this batch, 0 for a hash that follows);
//! proof and anchor as pieces of the last one and of what is known ([`similar`]); the last proof is
//! thought to be of this child's card.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};
use seal::{Hash, Signature};

use super::context::PackContext;
use super::header::PackedHeader;
use super::item::Item;
use super::port::Port;
use super::table::{EXPECTED, Table};
use super::{UNPACKED_MAX_BYTES, UnpackRejection, similar};
use crate::chain::ChainHead;
use crate::draft::EventDraft;
use crate::event::{ANCHOR_MAX_BYTES, Event, EventKind, PROOF_MAX_BYTES, event_hash};
use crate::form::Field;
use crate::id::{BootId, CardId, ChildId, DeviceId, LessonId, ProviderId, VoucherId};
use crate::opaque::Opaque;

/// Says what an event is about to bring. The fields are bits, in the order of [`Field::ALL`].
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Ord, PartialEq, PartialOrd)]
#[cbor(array)]
struct Shape {
    #[n(0)]
    kind: EventKind,
    #[n(1)]
    bits: u32,
}

impl Shape {
    fn has(self, field: Field) -> bool {
        self.bits & bit(field) != 0
    }
}

/// Keys of optional fields begin at 8.
fn bit(field: Field) -> u32 {
    1 << (field as u32 - Field::Child as u32)
}

/// The position is not the one after the last.
const SEQ_TOLD: u32 = 1 << 30;
/// The hash before is not that of the last one.
const PREV_TOLD: u32 = 1 << 31;

/// Knows what has passed so far, and the same on both sides.
pub(super) struct Model<'a> {
    context: PackContext<'a>,
    device: DeviceId,
    seq: u64,
    prev: Hash,
    wall_ms: i64,
    mono_ms: u64,
    boot: Option<BootId>,
    lesson: Option<LessonId>,
    provider: Option<ProviderId>,
    /// The last proof, and the card it was of.
    proof: Vec<u8>,
    card: CardId,
    anchor: Vec<u8>,
    shapes: Table<Shape>,
    boots: Table<BootId>,
    lessons: Table<LessonId>,
    providers: Table<ProviderId>,
    children: Table<ChildId>,
    vouchers: Table<VoucherId>,
    cards: Table<Hash>,
    /// What has passed, by its hash and in its order.
    places: BTreeMap<Hash, usize>,
    hashes: Vec<Hash>,
}

impl<'a> Model<'a> {
    pub(super) fn new(context: &PackContext<'a>, header: &PackedHeader) -> Self {
        let roster = context.roster();
        let children = || roster.iter().flat_map(|roster| &roster.children);
        let lessons = roster.iter().flat_map(|roster| &roster.lessons);
        let providers = roster.iter().flat_map(|roster| &roster.providers);
        Self {
            context: *context,
            device: header.device(),
            seq: header.seq,
            prev: header.prev,
            wall_ms: header.wall_ms,
            mono_ms: header.mono_ms,
            boot: None,
            lesson: None,
            provider: None,
            proof: Vec::new(),
            card: CardId::default(),
            anchor: Vec::new(),
            shapes: Table::of([]),
            boots: Table::of([]),
            lessons: Table::of(lessons.map(|lesson| lesson.id)),
            providers: Table::of(providers.map(|provider| provider.id)),
            children: Table::of(children().map(|child| child.id)),
            vouchers: Table::of(children().map(|child| child.voucher)),
            cards: Table::of([]),
            places: BTreeMap::new(),
            hashes: Vec::new(),
        }
    }

    /// Passes one record, and gives the bytes it stands for. A writer gives the item.
    pub(super) fn walk<P: Port>(
        &mut self,
        port: &mut P,
        item: Option<Item>,
    ) -> Result<Vec<u8>, UnpackRejection> {
        let shape = item.as_ref().and_then(Item::event).map(|event| self.shape(event));
        let mut code = shape.map_or(EXPECTED, |shape| self.shapes.code(shape));
        port.number(&mut code)?;
        let item = if code == EXPECTED {
            let mut bytes = match item {
                Some(Item::Verbatim(bytes)) => bytes,
                Some(Item::Event { .. }) | None => Vec::new(),
            };
            port.bytes(&mut bytes, UNPACKED_MAX_BYTES)?;
            self.seq = self.seq.wrapping_add(1);
            Item::Verbatim(bytes)
        } else {
            let shape = self.shapes.value(port, code, &mut shape.clone())?;
            let (mut event, mut signature) = match item {
                Some(Item::Event { event, signature }) => (event, signature),
                Some(Item::Verbatim(_)) | None => (self.blank(shape), Signature([0; 64])),
            };
            self.event(port, shape, &mut event)?;
            port.raw(&mut signature.0)?;
            Item::Event { event, signature }
        };
        let bytes = item.to_bytes();
        self.prev = event_hash(&bytes);
        self.places.insert(self.prev, self.hashes.len());
        self.hashes.push(self.prev);
        Ok(bytes)
    }

    fn shape(&self, event: &Event) -> Shape {
        let fields = Field::ALL.into_iter().filter(|field| event.has(*field));
        let seq = if event.seq == self.seq { 0 } else { SEQ_TOLD };
        let prev = if event.prev == self.prev { 0 } else { PREV_TOLD };
        Shape { kind: event.kind, bits: fields.fold(seq | prev, |bits, field| bits | bit(field)) }
    }

    fn blank(&self, shape: Shape) -> Box<Event> {
        let draft = EventDraft::new(shape.kind, 0, 0, BootId::default());
        let head = ChainHead { seq_next: self.seq, prev: self.prev };
        Box::new(draft.into_event(&head, self.device))
    }

    fn event<P: Port>(
        &mut self,
        port: &mut P,
        shape: Shape,
        event: &mut Event,
    ) -> Result<(), UnpackRejection> {
        if shape.bits & SEQ_TOLD != 0 {
            port.number(&mut event.seq)?;
        }
        if shape.bits & PREV_TOLD != 0 {
            port.raw(&mut event.prev.0)?;
        }
        self.seq = event.seq.wrapping_add(1);
        self.clocks(port, event)?;
        self.identifiers(port, shape, event)?;
        self.values(port, shape, event)?;
        self.evidence(port, shape, event)
    }

    /// The two clocks go together, but for a step of the wall clock.
    fn clocks<P: Port>(&mut self, port: &mut P, event: &mut Event) -> Result<(), UnpackRejection> {
        let mut boot = Some(event.boot);
        self.boots.walk(port, self.boot, &mut boot)?;
        event.boot = boot.unwrap_or_default();
        let mut step = event.wall_ms.wrapping_sub(self.wall_ms);
        let mono_step = event.mono_ms.wrapping_sub(self.mono_ms).cast_signed();
        let mut apart = mono_step.wrapping_sub(step);
        port.signed(&mut step)?;
        port.signed(&mut apart)?;
        event.wall_ms = self.wall_ms.wrapping_add(step);
        event.mono_ms = self.mono_ms.wrapping_add_signed(apart.wrapping_add(step));
        (self.boot, self.wall_ms, self.mono_ms) = (boot, event.wall_ms, event.mono_ms);
        Ok(())
    }

    fn identifiers<P: Port>(
        &mut self,
        port: &mut P,
        shape: Shape,
        event: &mut Event,
    ) -> Result<(), UnpackRejection> {
        if shape.has(Field::Lesson) {
            self.lessons.walk(port, self.lesson, &mut event.lesson)?;
            self.lesson = event.lesson;
        }
        let group = self.context.group(event.lesson);
        if shape.has(Field::Provider) {
            let planned = group.and_then(|group| self.context.provider(group));
            self.providers.walk(port, planned.or(self.provider), &mut event.provider)?;
            self.provider = event.provider;
        }
        if shape.has(Field::Child) {
            self.children.walk(port, None, &mut event.child)?;
        }
        let row = event.child.and_then(|child| self.context.row(child, group));
        if shape.has(Field::Voucher) {
            self.vouchers.walk(port, row.map(|row| row.voucher), &mut event.voucher)?;
        }
        if shape.has(Field::Card) {
            self.cards.walk(port, row.and_then(|row| row.card_hash), &mut event.card)?;
        }
        Ok(())
    }

    fn values<P: Port>(
        &mut self,
        port: &mut P,
        shape: Shape,
        event: &mut Event,
    ) -> Result<(), UnpackRejection> {
        if shape.has(Field::Method) {
            port.item(&mut event.method)?;
        }
        if shape.has(Field::Reason) {
            port.item(&mut event.reason)?;
        }
        if shape.has(Field::Month) {
            port.item(&mut event.month)?;
        }
        if shape.has(Field::Amount) {
            port.item(&mut event.amount_tiyn)?;
        }
        if shape.has(Field::Document) {
            port.item(&mut event.document)?;
        }
        if shape.has(Field::Place) {
            port.item(&mut event.place)?;
        }
        if shape.has(Field::Absence) {
            port.item(&mut event.absence)?;
        }
        if shape.has(Field::AbsenceDocument) {
            port.item(&mut event.absence_document)?;
        }
        if shape.has(Field::Headcount) {
            port.item(&mut event.headcount)?;
        }
        if shape.has(Field::Subject) {
            port.item(&mut event.subject)?;
        }
        if shape.has(Field::Revocation) {
            port.item(&mut event.revocation)?;
        }
        if shape.has(Field::Ticket) {
            port.item(&mut event.ticket)?;
        }
        self.decisions(port, shape, event)
    }

    fn decisions<P: Port>(
        &self,
        port: &mut P,
        shape: Shape,
        event: &mut Event,
    ) -> Result<(), UnpackRejection> {
        if shape.has(Field::Verdict) {
            port.item(&mut event.verdict)?;
        }
        if shape.has(Field::Finding) {
            port.item(&mut event.finding)?;
        }
        if shape.has(Field::Cancellation) {
            port.item(&mut event.cancellation)?;
        }
        if shape.has(Field::MovedTo) {
            port.item(&mut event.moved_to_ms)?;
        }
        if shape.has(Field::Group) {
            port.item(&mut event.group)?;
        }
        if shape.has(Field::FromDay) {
            port.item(&mut event.from_day)?;
        }
        if shape.has(Field::Ground) {
            port.item(&mut event.ground)?;
        }
        if shape.has(Field::Cause) {
            port.item(&mut event.cause)?;
        }
        if shape.has(Field::Evidence) {
            port.item(&mut event.evidence)?;
        }
        if shape.has(Field::Decision) {
            port.item(&mut event.decision)?;
        }
        Ok(())
    }

    fn evidence<P: Port>(
        &mut self,
        port: &mut P,
        shape: Shape,
        event: &mut Event,
    ) -> Result<(), UnpackRejection> {
        if shape.has(Field::About) {
            self.about(port, &mut event.about)?;
        }
        if shape.has(Field::Proof) {
            let group = self.context.group(event.lesson);
            let row = event.child.and_then(|child| self.context.row(child, group));
            let card = row.map(|row| row.card).unwrap_or_default();
            let sample = [&similar::with(&self.proof, self.card.0, card.0), &card.0[..]].concat();
            self.proof = opaque::<_, PROOF_MAX_BYTES>(port, &mut event.proof, &sample)?;
            self.card = card;
        }
        if shape.has(Field::Anchor) {
            let (prev, boot) = (event.prev.0, event.boot.0);
            let sample = [&self.device.0[..], &prev, &boot, &self.anchor].concat();
            self.anchor = opaque::<_, ANCHOR_MAX_BYTES>(port, &mut event.anchor, &sample)?;
        }
        Ok(())
    }

    fn about<P: Port>(
        &self,
        port: &mut P,
        about: &mut Option<Hash>,
    ) -> Result<(), UnpackRejection> {
        let place = about.and_then(|about| self.places.get(&about));
        let mut back = place.map_or(0, |place| (self.hashes.len() - place) as u64);
        port.number(&mut back)?;
        if back == 0 {
            return port.item(about);
        }
        let place = usize::try_from(back).ok().and_then(|b| self.hashes.len().checked_sub(b));
        let found = place.and_then(|place| self.hashes.get(place)).copied();
        *about = Some(found.ok_or(UnpackRejection::Damaged("no event so far back"))?);
        Ok(())
    }
}

/// Passes opaque bytes, and gives them as the next sample.
fn opaque<P: Port, const MAX: usize>(
    port: &mut P,
    value: &mut Option<Opaque<MAX>>,
    sample: &[u8],
) -> Result<Vec<u8>, UnpackRejection> {
    let mut bytes = value.as_ref().map_or_else(Vec::new, |value| value.as_bytes().to_vec());
    similar::walk(port, &mut bytes, MAX, sample)?;
    *value = Some(Opaque::from_slice(&bytes).ok_or(UnpackRejection::Damaged("no bytes"))?);
    Ok(bytes)
}
