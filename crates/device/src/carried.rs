//! Events that somebody else keeps and passes on: shown as *carried*, never as *sent*.

use attendance::{
    Acknowledgement, AcknowledgementRejection, CertificateRejection, DeviceCertificate, DeviceId,
    VerifiedCertificate,
};
use seal::{Hash, Sign1};

use crate::device::Device;
use crate::store::{self, StoreError};

/// Why a carrier's word counts as nothing. The events stay as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CarriedError {
    /// The device has no certificate yet.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// The carrier is not of this district.
    #[error("whoever took the records is not of this district: {0}")]
    Stranger(#[source] CertificateRejection),
    /// The carrier was revoked.
    #[error("the device {0} was revoked: it carries for nobody any more")]
    Revoked(DeviceId),
    /// The word is not the carrier's, or not about this parcel.
    #[error(transparent)]
    Word(#[from] AcknowledgementRejection),
    /// The word is about another parcel.
    #[error("the carrier's word is about another parcel")]
    OtherParcel,
    /// A device cannot vouch for itself.
    #[error("a device does not carry for itself")]
    Itself,
    /// The database did not keep it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says who carries own events that the server has not answered yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Carrier {
    /// Who.
    pub device: DeviceId,
    /// Its name, as the coordinator gave it.
    pub name: String,
    /// How many events.
    pub events: u64,
    /// Since when the oldest of them, by the carrier's clock.
    pub since_ms: i64,
}

impl Device {
    /// Verifies that a certificate is of a device of this district that is not revoked.
    ///
    /// # Errors
    /// [`CarriedError`] says why it is not.
    pub fn recognise_carrier(&self, bytes: &[u8]) -> Result<VerifiedCertificate, CarriedError> {
        let enrolled = self.enrolled.as_ref().ok_or(CarriedError::NotEnrolled)?;
        let now_s = self.clock.now().wall_s();
        let certificate =
            VerifiedCertificate::parse_and_verify(bytes, enrolled.trust_list(), now_s)
                .map_err(CarriedError::Stranger)?;
        let device = certificate.certificate().device;
        if self.is_known_revoked(device)? {
            return Err(CarriedError::Revoked(device));
        }
        Ok(certificate)
    }

    /// Verifies a carrier's word about a parcel of this device with these events, and keeps it; gives
    /// how many events are newly carried. They stay in the outbox.
    ///
    /// # Errors
    /// [`CarriedError`] if the word counts as nothing.
    pub fn store_carried(
        &mut self,
        parcel: Hash,
        events: &[Hash],
        acknowledgement: &[u8],
        certificate: &[u8],
    ) -> Result<usize, CarriedError> {
        let carrier = self.recognise_carrier(certificate)?;
        let said = Acknowledgement::parse_and_verify(acknowledgement, &carrier)?;
        if said.parcel != parcel {
            return Err(CarriedError::OtherParcel);
        }
        if said.carrier == self.id() {
            return Err(CarriedError::Itself);
        }
        let tx = store::begin(&mut self.db)?;
        store::carried::keep(&tx, &said, acknowledgement, certificate)?;
        let mut new = 0;
        for event in events {
            new += usize::from(store::carried::keep_event(&tx, *event, &said)?);
        }
        tx.commit().map_err(StoreError::from)?;
        Ok(new)
    }

    /// Lists who carries own events that have no verdict yet.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn carriers(&self) -> Result<Vec<Carrier>, StoreError> {
        let named = |(device, certificate, events, since_ms): (_, Vec<u8>, _, _)| {
            // It was verified when it was kept.
            let certificate = Sign1::parse(&certificate).ok().and_then(|envelope| {
                seal::from_canonical::<DeviceCertificate>(envelope.unverified_payload()).ok()
            });
            let name = certificate.map(|certificate| certificate.name).unwrap_or_default();
            Carrier { device, name, events, since_ms }
        };
        Ok(store::carried::waiting(&self.db)?.into_iter().map(named).collect())
    }

    /// Tells whether anybody has given a word for a parcel of this device.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn is_carried(&self, parcel: Hash) -> Result<bool, StoreError> {
        store::carried::is_carried(&self.db, parcel)
    }

    /// Tells whether the newest list of revoked devices that is here names a device.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "no list is kept here yet")]
    fn is_known_revoked(&self, _device: DeviceId) -> Result<bool, StoreError> {
        Ok(false)
    }
}
