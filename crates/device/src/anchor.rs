//! The signed time of a contact: asked for with a hello, verified, kept, and put into the chain where it
//! bounds something.

use attendance::{
    AnchorRejection, ChainHead, DeviceId, EventDraft, EventKind, Opaque, Role, StepWindow,
    TimeAnchor, TrustList, UnverifiedEvent, VerifiedAnchor,
};
use rusqlite::Connection;
use seal::{Hash, PublicKey, Sign1};

use crate::clock::Reading;
use crate::clock_state::{ClockLimits, ClockState, Contact, state_of};
use crate::device::Device;
use crate::record::{self, RecordError};
use crate::store::{self, StoreError, clock::ClockRow};

/// What the device asked the time with: an answer must repeat it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Asked {
    /// Where the chain stood.
    pub head: ChainHead,
    /// What the clocks said.
    pub reading: Reading,
    /// SHA-256 of the signed question.
    pub hello: Hash,
}

/// Why a signed time was not taken. What was known of the time stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// The device has no certificate yet.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The log's key did not sign it for this device.
    #[error("the signed time does not hold: {0}")]
    Anchor(#[from] AnchorRejection),
    /// It answers another question: an old answer, shown again.
    #[error("the signed time answers another question than this device asked")]
    OtherQuestion,
    /// It was not put into the chain.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The database did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Device {
    /// Takes the server's answer to what was asked: verifies and keeps it. On a teacher's device it also
    /// becomes an event if it bounds something that no anchor in the chain bounds: after a start of the
    /// device, or after something was recorded, and then every ten minutes at most. Gives true if it did.
    ///
    /// # Errors
    /// [`AnchorError`] says what did not hold; nothing was kept then.
    pub fn take_anchor(&mut self, bytes: &[u8], asked: &Asked) -> Result<bool, AnchorError> {
        let now = self.clock.now();
        let enrolled = self.enrolled.as_ref().ok_or(AnchorError::NotEnrolled)?;
        let (row, _) = answer(bytes, enrolled.trust_list(), self.identity.id, asked, now)?;
        let bounds = enrolled.role() == Role::Teacher;
        let tx = store::begin(&mut self.db)?;
        store::clock::replace(&tx, &row)?;
        // While it is not certain where the chain stands, nothing is signed.
        let certain = store::head_doubt::open(&tx)?.is_none();
        let due =
            bounds && certain && is_due(&tx, &self.identity.key, now, ClockLimits::default())?;
        if due {
            let anchor = Opaque::from_slice(bytes);
            let draft = EventDraft { anchor, ..record::draft(EventKind::TimeAnchor, now) };
            record::append(&tx, &self.identity, draft)?;
        }
        tx.commit().map_err(StoreError::from)?;
        Ok(due)
    }

    /// Says how this device's clock stands, from the last signed time and what was recorded since.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn clock_state(&self) -> Result<ClockState, StoreError> {
        let last = store::event::last(&self.db)?;
        let last = last.and_then(|(_, bytes)| UnverifiedEvent::parse(&bytes).ok());
        let last = last.map(|event| {
            let event = event.event();
            Reading::of(event.wall_ms, event.mono_ms, event.boot)
        });
        let enrolled = self.enrolled.as_ref();
        let since_s = enrolled.map_or(i64::MIN, |enrolled| enrolled.certificate().not_before_s);
        let contact = self.contact()?;
        let (now, limits) = (self.clock.now(), ClockLimits::default());
        Ok(state_of(contact.as_ref(), last, since_s.saturating_mul(1_000), now, limits))
    }

    /// Gives the best known time, milliseconds since 1970-01-01T00:00Z: what validity dates and the day
    /// on the screen are judged by. Events carry the wall clock as it stands.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn best_now_ms(&self) -> Result<i64, StoreError> {
        let now = self.clock.now();
        let contact = self.contact()?;
        Ok(contact.map_or(now.wall_ms, |contact| contact.best_ms(now, ClockLimits::default())))
    }

    /// The time by which a card may have ended, in whole seconds.
    pub(crate) fn card_now_s(&self) -> Result<i64, StoreError> {
        let now = self.clock.now();
        let contact = self.contact()?;
        let at_ms =
            contact.map_or(now.wall_ms, |contact| contact.card_ms(now, ClockLimits::default()));
        Ok(at_ms.div_euclid(1_000))
    }

    /// Says how far a code on a screen may be off: further where this device had no signed time for long.
    pub(crate) fn code_window(&self) -> Result<StepWindow, StoreError> {
        let limits = ClockLimits::default();
        let contact = self.contact()?;
        let now = self.clock.now();
        let trusted = contact.is_some_and(|contact| {
            let since_ms = contact.best_ms(now, limits).abs_diff(contact.time_ms);
            since_ms <= limits.trusted_for_ms
        });
        let skew_s = if trusted { 0 } else { limits.skew_max_ms.div_ceil(1_000) };
        Ok(StepWindow { steps: limits.code_steps, skew_s: u32::try_from(skew_s).unwrap_or(0) })
    }

    /// As [`Device::best_now_ms`], in whole seconds.
    pub(crate) fn best_now_s(&self) -> Result<i64, StoreError> {
        Ok(self.best_now_ms()?.div_euclid(1_000))
    }

    fn contact(&self) -> Result<Option<Contact>, StoreError> {
        let Some(row) = store::clock::read(&self.db)? else { return Ok(None) };
        // It was verified when it was kept.
        let damaged = || StoreError::Value("the kept signed time");
        let envelope = Sign1::parse(&row.anchor).map_err(|_| damaged())?;
        let anchor: TimeAnchor =
            seal::from_canonical(envelope.unverified_payload()).map_err(|_| damaged())?;
        Ok(Some(Contact {
            time_ms: anchor.time_ms,
            asked: Reading::of(row.asked_wall_ms, anchor.mono_ms, anchor.boot),
            taken: Reading::of(row.taken_wall_ms, row.taken_mono_ms, row.taken_boot),
        }))
    }
}

/// Verifies an answer against what was asked. Gives the server's time with it.
pub(crate) fn answer(
    bytes: &[u8],
    trust: &TrustList,
    device: DeviceId,
    asked: &Asked,
    now: Reading,
) -> Result<(ClockRow, i64), AnchorError> {
    let verified = VerifiedAnchor::parse_and_verify(bytes, trust, device)?;
    let anchor = verified.anchor();
    let same_place = anchor.seq_next == asked.head.seq_next && anchor.head == asked.head.prev;
    let same_clock = anchor.mono_ms == asked.reading.mono_ms && anchor.boot == asked.reading.boot;
    if !same_place || !same_clock || anchor.hello != asked.hello {
        return Err(AnchorError::OtherQuestion);
    }
    let row = ClockRow {
        anchor: bytes.to_vec(),
        asked_wall_ms: asked.reading.wall_ms,
        taken_wall_ms: now.wall_ms,
        taken_mono_ms: now.mono_ms,
        taken_boot: now.boot,
    };
    Ok((row, anchor.time_ms))
}

/// Decides whether an anchor in the chain would bound something now.
fn is_due(
    tx: &Connection,
    key: &PublicKey,
    now: Reading,
    limits: ClockLimits,
) -> Result<bool, StoreError> {
    let next = store::event::head(tx, key)?.seq_next;
    let Some((seq, bytes)) = store::event::last_of_kind(tx, EventKind::TimeAnchor)? else {
        return Ok(true);
    };
    let carrier = UnverifiedEvent::parse(&bytes);
    let carrier = carrier.map_err(|_| StoreError::Value("an event of the chain"))?;
    let event = carrier.event();
    if event.boot != now.boot || event.mono_ms > now.mono_ms {
        return Ok(true);
    }
    let recorded_since = seq.saturating_add(1) < next;
    Ok(recorded_since && now.mono_ms - event.mono_ms >= limits.anchor_every_ms)
}
