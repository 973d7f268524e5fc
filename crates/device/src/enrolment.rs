//! Who this device is and whom it trusts: certificate, trust list, roster.

use attendance::{
    CertificateRejection, DeviceCertificate, RevocationRejection, Role, Roster, RosterRejection,
    SignedTrustList, TrustEntry, TrustList, TrustRejection, TrustRole, TrustRoots,
    VerifiedCertificate,
};
use seal::{Hash, PublicKey, Sign1};

use crate::anchor::{self, Asked};
use crate::device::{Device, OpenError};
use crate::store::{self, StoreError, enrolment::EnrolmentRow};

/// What provisioning hands to the device.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The server's address.
    pub server: String,
    /// The keys that sign trust lists.
    pub roots: TrustRoots,
    /// The signed trust list.
    pub trust_list: Vec<u8>,
    /// The device's signed certificate.
    pub certificate: Vec<u8>,
    /// The name of the log whose receipts this device expects.
    pub origin: String,
    /// The authority of the server's TLS certificates, if the ticket pinned one.
    pub pin: Option<Hash>,
}

/// Holds a verified enrolment.
#[derive(Clone, Debug)]
pub struct Enrolled {
    server: String,
    origin: String,
    pin: Option<Hash>,
    roots: TrustRoots,
    trust: TrustList,
    certificate: DeviceCertificate,
    certificate_bytes: Vec<u8>,
}

/// Why an enrolment, a trust list or a roster was not installed. What was there stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnrolError {
    /// The device has no certificate yet.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The roots did not sign this trust list, or it is older than the one kept.
    #[error("the trust list does not hold: {0}")]
    TrustList(#[source] TrustRejection),
    /// The certificate does not hold under the trust list.
    #[error("the certificate does not hold: {0}")]
    Certificate(#[source] CertificateRejection),
    /// The certificate is for another key than this device's.
    #[error("the certificate is for another device's key")]
    OtherKey,
    /// No key of the trust list speaks for the log, so that no receipt of it could ever hold.
    #[error(
        "the trust list has no key for the log that the server named: enrol again, and tell the \
         coordinator if it stays so"
    )]
    UnknownLog,
    /// The roster does not hold under the trust list.
    #[error("the roster does not hold: {0}")]
    Roster(#[source] RosterRejection),
    /// The roster is older than the one kept.
    #[error("roster version {version} is older than version {kept} on this device")]
    RosterRolledBack {
        /// The version that came.
        version: u32,
        /// The version kept.
        kept: u32,
    },
    /// The certificate ends no later than the one in force.
    #[error("the certificate is not newer than the one on this device")]
    OlderCertificate,
    /// The certificate has another role, provider or children: that needs a ticket.
    #[error("the certificate makes another device of this one: it needs a new ticket")]
    OtherGrants,
    /// The list of revoked devices does not hold under the trust list.
    #[error(transparent)]
    Revocations(RevocationRejection),
    /// The list of revoked devices is older than the one kept.
    #[error("the list of revoked devices, version {version}, is older than version {kept} here")]
    RevocationsRolledBack {
        /// The version that came.
        version: u32,
        /// The version kept.
        kept: u32,
    },
    /// The database did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells whether a key of the trust list may speak for a log.
fn speaks_for(entry: &TrustEntry, origin: &str) -> bool {
    entry.role == TrustRole::Log && entry.scope == origin
}

impl Device {
    /// Installs an enrolment after verifying all of it: the list under the roots, the certificate
    /// under the list, the certificate's key as this device's, the log as one that the list has a
    /// key for. The roots of a device that is
    /// enrolled already may change with it (then the roster of the old ones goes), but the list's
    /// version never goes back under the same roots. The chain stays: it is the key's.
    ///
    /// # Errors
    /// [`EnrolError`] says what did not hold.
    pub fn install(&mut self, enrolment: Enrolment) -> Result<(), EnrolError> {
        self.install_at(enrolment, None)
    }

    /// As [`Device::install`], with the signed time that came with it: what is granted is judged by that
    /// time, for the clock of a new tablet may say anything. A signed time that does not hold is left
    /// aside, and this device's own clock judges.
    ///
    /// # Errors
    /// [`EnrolError`] says what did not hold.
    pub fn install_at(
        &mut self,
        enrolment: Enrolment,
        time: Option<(&[u8], &Asked)>,
    ) -> Result<(), EnrolError> {
        let same_roots = |old: &Enrolled| old.roots.fingerprint() == enrolment.roots.fingerprint();
        let before = self.enrolled.as_ref().filter(|old| same_roots(old));
        let highest = before.map_or(0, |old| old.trust.version);
        let same_trust = before.is_some();
        let trust = SignedTrustList::parse(&enrolment.trust_list)
            .and_then(|list| list.verify(&enrolment.roots, highest))
            .map_err(EnrolError::TrustList)?;
        let now = self.clock.now();
        let answered = time.and_then(|(bytes, asked)| {
            anchor::answer(bytes, &trust, self.identity.id, asked, now).ok()
        });
        let now_s = match &answered {
            Some((_, time_ms)) => time_ms.div_euclid(1_000),
            None if same_trust => self.best_now_s()?,
            None => now.wall_s(),
        };
        let verified = VerifiedCertificate::parse_and_verify(&enrolment.certificate, &trust, now_s)
            .map_err(EnrolError::Certificate)?;
        if verified.public_key() != self.identity.key {
            return Err(EnrolError::OtherKey);
        }
        if !trust.entries.iter().any(|entry| speaks_for(entry, &enrolment.origin)) {
            return Err(EnrolError::UnknownLog);
        }
        let row = EnrolmentRow {
            server: enrolment.server,
            origin: enrolment.origin,
            roots: enrolment.roots.to_bytes(),
            trust_list: enrolment.trust_list,
            certificate: enrolment.certificate,
            pin: enrolment.pin,
        };
        let tx = store::begin(&mut self.db)?;
        store::enrolment::replace(&tx, &row, trust.version)?;
        if !same_trust {
            store::roster::clear(&tx)?;
            store::roster_coming::clear(&tx)?;
            store::clock::clear(&tx)?;
            store::status_list::clear(&tx)?;
            store::status_signed::clear(&tx)?;
            store::revoked_device::clear(&tx)?;
        }
        if let Some((row, _)) = &answered {
            store::clock::replace(&tx, row)?;
        }
        tx.commit().map_err(StoreError::from)?;
        self.roster = self.roster.take().filter(|_| same_trust);
        self.revoked = self.revoked.take().filter(|_| same_trust);
        self.revocations = self.revocations.take().filter(|_| same_trust);
        self.enrolled = Some(Enrolled {
            server: row.server,
            origin: row.origin,
            pin: row.pin,
            roots: enrolment.roots,
            trust,
            certificate: verified.certificate().clone(),
            certificate_bytes: row.certificate,
        });
        Ok(())
    }

    /// Installs a newer trust list; the same version again changes nothing.
    ///
    /// # Errors
    /// [`EnrolError::TrustList`] for a list the roots did not sign, or an older one.
    pub fn install_trust_list(&mut self, bytes: &[u8]) -> Result<(), EnrolError> {
        let enrolled = self.enrolled.as_mut().ok_or(EnrolError::NotEnrolled)?;
        let list = SignedTrustList::parse(bytes)
            .and_then(|list| list.verify(&enrolled.roots, enrolled.trust.version))
            .map_err(EnrolError::TrustList)?;
        store::enrolment::replace_trust_list(&self.db, bytes, list.version)?;
        enrolled.trust = list;
        Ok(())
    }

    /// Installs a newer roster; the same version again replaces the one kept. What came of a roster in
    /// pieces goes: it is this one, or is fetched anew.
    ///
    /// # Errors
    /// [`EnrolError::Roster`] for one that no rules key signed, [`EnrolError::RosterRolledBack`]
    /// for an older one.
    pub fn install_roster(&mut self, bytes: &[u8]) -> Result<(), EnrolError> {
        let now_s = self.best_now_s()?;
        let enrolled = self.enrolled.as_ref().ok_or(EnrolError::NotEnrolled)?;
        let roster =
            Roster::parse_and_verify(bytes, &enrolled.trust, now_s).map_err(EnrolError::Roster)?;
        let kept = self.roster.as_ref().map_or(0, |roster| roster.version);
        if roster.version < kept {
            return Err(EnrolError::RosterRolledBack { version: roster.version, kept });
        }
        let tx = store::begin(&mut self.db)?;
        store::roster::replace(&tx, roster.version, bytes)?;
        store::old_certificate::roster_is_current(&tx)?;
        store::roster_coming::clear(&tx)?;
        tx.commit().map_err(StoreError::from)?;
        self.roster = Some(roster);
        Ok(())
    }

    /// Gives the enrolment, once there is one.
    #[must_use]
    pub fn enrolment(&self) -> Option<&Enrolled> {
        self.enrolled.as_ref()
    }

    /// Gives the roster, once there is one.
    #[must_use]
    pub fn roster(&self) -> Option<&Roster> {
        self.roster.as_ref()
    }
}

impl Enrolled {
    /// Reads back what was verified when it was kept. The certificate is not asked again: a device
    /// whose authority's key has ended keeps recording.
    pub(crate) fn read_back(row: EnrolmentRow) -> Result<Self, OpenError> {
        let roots = TrustRoots::parse(&row.roots).map_err(|_| OpenError::Corrupt)?;
        let trust = SignedTrustList::parse(&row.trust_list)
            .and_then(|list| list.verify(&roots, 0))
            .map_err(|_| OpenError::Corrupt)?;
        let envelope = Sign1::parse(&row.certificate).map_err(|_| OpenError::Corrupt)?;
        let certificate =
            seal::from_canonical(envelope.unverified_payload()).map_err(|_| OpenError::Corrupt)?;
        Ok(Self {
            server: row.server,
            origin: row.origin,
            pin: row.pin,
            roots,
            trust,
            certificate,
            certificate_bytes: row.certificate,
        })
    }

    /// Takes up a verified certificate of this device.
    pub(crate) fn renew(&mut self, verified: &VerifiedCertificate) {
        self.certificate = verified.certificate().clone();
        self.certificate_bytes = verified.bytes().to_vec();
    }

    /// Gives the server's address.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Gives the SHA-256 of the certificate of the authority that the server's certificates come from;
    /// none if they are public.
    #[must_use]
    pub fn server_pin(&self) -> Option<Hash> {
        self.pin
    }

    /// Gives the name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Gives the keys that sign trust lists.
    #[must_use]
    pub fn roots(&self) -> &TrustRoots {
        &self.roots
    }

    /// Lists the keys that may speak for the log.
    #[must_use]
    pub fn log_keys(&self) -> Vec<PublicKey> {
        let entries = self.trust.entries.iter();
        entries
            .filter(|entry| speaks_for(entry, &self.origin))
            .filter_map(|entry| PublicKey::parse(&entry.key).ok())
            .collect()
    }

    /// Gives the trust list. It may be stale: that is for the screen, not a refusal.
    #[must_use]
    pub fn trust_list(&self) -> &TrustList {
        &self.trust
    }

    /// Gives what the certificate says.
    #[must_use]
    pub fn certificate(&self) -> &DeviceCertificate {
        &self.certificate
    }

    /// Gives the certificate's signed bytes.
    #[must_use]
    pub fn certificate_bytes(&self) -> &[u8] {
        &self.certificate_bytes
    }

    /// Says whose device it is.
    #[must_use]
    pub fn role(&self) -> Role {
        self.certificate.role
    }

    /// Gives the device's name, as the coordinator gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.certificate.name
    }
}
