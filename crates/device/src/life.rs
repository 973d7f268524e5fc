//! The life of a device after its enrolment: renewed certificates, the list of revoked devices, and what
//! a coordinator decides about other devices.

use attendance::{
    Action, DeviceId, EventDraft, EventKind, Revocation, RevocationList, RevocationReason, Role,
    VerifiedCertificate,
};
use seal::Hash;

use crate::device::Device;
use crate::enrolment::EnrolError;
use crate::outbox::OutboxRow;
use crate::record::{self, RecordError, document_number};
use crate::store::{self, StoreError};
use crate::visit::VisitRow;

/// Reasons that no decision and no time changes: such an event is never let in.
const NO_DECISION: [&str; 4] = ["malformed", "bad_signature", "broken_link", "fork"];

impl Device {
    /// Installs a certificate that takes the place of the one in force, which is kept: same key, same
    /// role, provider and children, other groups or name if the coordinator changed them, and a later
    /// end. The same bytes again change nothing. With other groups the roster is fetched whole.
    ///
    /// # Errors
    /// [`EnrolError`] says what did not hold; what was there stays.
    pub fn install_certificate(&mut self, bytes: &[u8]) -> Result<(), EnrolError> {
        let now = self.clock.now();
        let enrolled = self.enrolled.as_mut().ok_or(EnrolError::NotEnrolled)?;
        if enrolled.certificate_bytes() == bytes {
            return Ok(());
        }
        let verified =
            VerifiedCertificate::parse_and_verify(bytes, enrolled.trust_list(), now.wall_s())
                .map_err(EnrolError::Certificate)?;
        if verified.public_key() != self.identity.key {
            return Err(EnrolError::OtherKey);
        }
        let (old, new) = (enrolled.certificate(), verified.certificate());
        if new.not_after_s <= old.not_after_s {
            return Err(EnrolError::OlderCertificate);
        }
        if (new.role, new.provider, &new.children) != (old.role, old.provider, &old.children) {
            return Err(EnrolError::OtherGrants);
        }
        let tx = store::begin(&mut self.db)?;
        store::old_certificate::renew(&tx, bytes, now.wall_ms)?;
        if new.groups != old.groups {
            store::old_certificate::outdate_roster(&tx)?;
        }
        tx.commit().map_err(StoreError::from)?;
        enrolled.renew(&verified);
        Ok(())
    }

    /// Lists own certificates that were renewed, oldest first: what was signed under them is verified by
    /// them too.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn old_certificates(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        store::old_certificate::all(&self.db)
    }

    /// Gives the version of the roster that a newer one must exceed: 0 if the one that is kept is of
    /// other groups than the certificate has.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn roster_version(&self) -> Result<u32, StoreError> {
        if store::old_certificate::roster_outdated(&self.db)? {
            return Ok(0);
        }
        Ok(self.roster.as_ref().map_or(0, |roster| roster.version))
    }

    /// Keeps a list of revoked devices, from whoever brings it. The same version again changes nothing.
    ///
    /// # Errors
    /// [`EnrolError::Revocations`] for a list that no device authority signed,
    /// [`EnrolError::RevocationsRolledBack`] for an older one.
    pub fn install_revocations(&mut self, bytes: &[u8]) -> Result<(), EnrolError> {
        let enrolled = self.enrolled.as_ref().ok_or(EnrolError::NotEnrolled)?;
        let list = RevocationList::parse_and_verify(bytes, enrolled.trust_list())
            .map_err(EnrolError::Revocations)?;
        let kept = self.revocations.as_ref().map_or(0, |list| list.version);
        if list.version < kept {
            let version = list.version;
            return Err(EnrolError::RevocationsRolledBack { version, kept });
        }
        if list.version > kept {
            store::revoked_device::replace(&self.db, list.version, bytes)?;
            self.revocations = Some(list);
        }
        Ok(())
    }

    /// Gives the list of revoked devices, once there is one.
    #[must_use]
    pub fn revocations(&self) -> Option<&RevocationList> {
        self.revocations.as_ref()
    }

    /// Gives the signed bytes of the list, to hand them to another device or a hub.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn revocations_bytes(&self) -> Result<Option<Vec<u8>>, StoreError> {
        store::revoked_device::read(&self.db)
    }

    /// Says since when this device is revoked, if it is. It keeps all it has, and may send and export.
    #[must_use]
    pub fn revoked(&self) -> Option<&Revocation> {
        self.revocations.as_ref()?.revocation(self.identity.id)
    }

    /// Records a coordinator's decision to revoke a device: at once, or when a ticket is used.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn revoke_device(
        &mut self,
        subject: DeviceId,
        reason: RevocationReason,
        ticket: Option<Hash>,
    ) -> Result<Hash, RecordError> {
        self.decide(EventKind::DeviceRevoke, |draft| EventDraft {
            subject: Some(subject),
            revocation: Some(reason),
            ticket,
            ..draft
        })
    }

    /// Records a coordinator's decision to revoke a device at once, with what it rests on: the number of an
    /// order or of a report.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn revoke_device_by_document(
        &mut self,
        subject: DeviceId,
        reason: RevocationReason,
        document: &str,
    ) -> Result<Hash, RecordError> {
        let document = Some(document_number(document)?);
        self.decide(EventKind::DeviceRevoke, |draft| EventDraft {
            subject: Some(subject),
            revocation: Some(reason),
            document,
            ..draft
        })
    }

    /// Records a parent's decision that a delegate brings its children no more: its device is revoked.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn end_delegate(&mut self, subject: DeviceId) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        if !enrolled.certificate().permitted(Action::NameDelegate).does() {
            return Err(RecordError::NotAllowed);
        }
        self.append(EventDraft {
            subject: Some(subject),
            revocation: Some(RevocationReason::Left),
            ..record::draft(EventKind::DeviceRevoke, self.clock.now())
        })
    }

    /// Tells whether this device decided to revoke that one at once.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn has_revoked(&self, subject: DeviceId) -> Result<bool, StoreError> {
        for row in store::event::of_kind(&self.db, EventKind::DeviceRevoke)? {
            let (event, _) = VisitRow::read(&row)?;
            if event.subject == Some(subject) && event.ticket.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Records a coordinator's decision to let events of a device into the log that were put aside: the
    /// named one, and what the device signed before it. The same decision again is another event: what
    /// was not complete then may be now.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn release_events(&mut self, subject: DeviceId, last: Hash) -> Result<Hash, RecordError> {
        self.decide(EventKind::EventRelease, |draft| EventDraft {
            subject: Some(subject),
            about: Some(last),
            ..draft
        })
    }

    /// As [`Device::release_events`], with what the decision rests on.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn release_events_by_document(
        &mut self,
        subject: DeviceId,
        last: Hash,
        document: &str,
    ) -> Result<Hash, RecordError> {
        let document = Some(document_number(document)?);
        self.decide(EventKind::EventRelease, |draft| EventDraft {
            subject: Some(subject),
            about: Some(last),
            document,
            ..draft
        })
    }

    /// Lists own events that were put aside until a decision, and which the server has in its log by now
    /// if it expects event `seq_next` from this device: to be asked about again.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn parked_below(
        &self,
        seq_next: u64,
        max_events: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut rows = self.parked_until_decided()?;
        rows.retain(|row| row.seq < seq_next);
        rows.truncate(max_events);
        Ok(rows)
    }

    /// Lists own events that were put aside until a coordinator's decision, in chain order. A reason that
    /// this version does not know is one of them: it came from outside, and asking again is no harm.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn parked_until_decided(&self) -> Result<Vec<OutboxRow>, StoreError> {
        let mut rows = Vec::new();
        for row in self.parked()? {
            if !NO_DECISION.contains(&row.reason.as_str()) {
                rows.extend(self.event_at(row.seq)?);
            }
        }
        Ok(rows)
    }

    /// Lists own events that were put aside because the certificate was over, if it holds again by now: it
    /// was renewed by a new ticket. They are to be asked about again.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn parked_before_renewal(&self, max_events: usize) -> Result<Vec<OutboxRow>, StoreError> {
        let now_s = self.best_now_s()?;
        let ends_s = self.enrolled.as_ref().map(|enrolled| enrolled.certificate().not_after_s);
        if ends_s.is_none_or(|ends_s| ends_s < now_s) {
            return Ok(Vec::new());
        }
        let mut rows = Vec::new();
        for row in self.parked()? {
            if row.reason == "expired" && rows.len() < max_events {
                rows.extend(self.event_at(row.seq)?);
            }
        }
        Ok(rows)
    }

    fn decide(
        &mut self,
        kind: EventKind,
        fill: impl FnOnce(EventDraft) -> EventDraft,
    ) -> Result<Hash, RecordError> {
        self.enrolled_as(Role::Coordinator)?;
        self.append(fill(record::draft(kind, self.clock.now())))
    }
}
