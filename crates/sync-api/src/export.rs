//! What a device hands over to rebuild a server that lost its disk.

use attendance::DeviceId;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Decoder, Encode};
use seal::{CanonicalError, Domain, EnvelopeError, PublicKey, Sign1, SignError, Signer};

/// Signatures of a device over what it hands over.
pub const EXPORT_DOMAIN: Domain = Domain("qatysu/export/1");
/// The only version of the export's encoding so far.
pub const EXPORT_VERSION: u8 = 1;
/// The largest export that is read, in bytes: some 100 000 opened leaves.
pub const EXPORT_MAX_BYTES: usize = 64 << 20;

/// Holds everything a device knows that helps to rebuild the server's database: deterministic CBOR in
/// a `COSE_Sign1` under the device's key, domain [`EXPORT_DOMAIN`].
///
/// Nothing in it is believed for being signed: certificates stand under the trust list, leaves under
/// receipts and checkpoints. The signature says who handed it over. These bytes are signed: their
/// encoding stays.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct DeviceExport {
    /// [`EXPORT_VERSION`].
    #[n(0)]
    pub version: u8,
    /// Who hands it over.
    #[n(1)]
    pub device: DeviceId,
    /// When, by the device's own clock: milliseconds since 1970-01-01T00:00Z.
    #[n(2)]
    pub made_ms: i64,
    /// The name of the log that the leaves are of.
    #[n(3)]
    pub origin: String,
    /// The root keys that the device trusts.
    #[n(4)]
    pub roots: ByteVec,
    /// The newest signed trust list that the device has.
    #[n(5)]
    pub trust_list: ByteVec,
    /// The signed certificates of this device and of others whose events are among the leaves:
    /// ascending, each once.
    #[n(6)]
    pub certificates: Vec<ByteVec>,
    /// The checkpoints that the device kept, as signed notes.
    #[n(7)]
    pub checkpoints: Vec<String>,
    /// Leaves of the log, opened and proven: ascending by index, each once.
    #[n(8)]
    pub leaves: Vec<OpenedLeaf>,
    /// Own events that have no receipt, in the chain's order.
    #[n(9)]
    pub unreceipted: Vec<ByteVec>,
}

/// One leaf of the log, opened: what it commits to, and the proof of its place.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct OpenedLeaf {
    /// Its place in the log.
    #[n(0)]
    pub leaf_index: u64,
    /// What it holds: the number of an [`attendance::LeafKind`].
    #[n(1)]
    pub kind: u8,
    /// The salt of the commitment.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// The bytes that were salted and hashed.
    #[n(3)]
    pub bytes: ByteVec,
    /// The RFC 9942 receipt, under one of the export's checkpoints.
    #[n(4)]
    pub receipt: ByteVec,
}

/// Why bytes were not accepted as an export.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportRejection {
    /// Larger than [`EXPORT_MAX_BYTES`].
    #[error("the export has {0} bytes, more than any device hands over")]
    TooLarge(usize),
    /// No signed envelope.
    #[error("not a device's export ({0}): make it again with `qatysu device export`")]
    Envelope(#[from] EnvelopeError),
    /// Not the one encoding of an export.
    #[error("the export is damaged ({0}): make it again with `qatysu device export`")]
    Malformed(#[from] CanonicalError),
    /// Of another version of the format.
    #[error("the export is of version {0}, which is unknown here: install the newer program")]
    UnknownVersion(u64),
    /// Its lists are not in their one order.
    #[error("the export is damaged (its {0} are out of order): make it again")]
    Order(&'static str),
    /// The device that it names did not sign it.
    #[error("device {0} did not sign the export: it was changed on the way, make it again")]
    BadSignature(DeviceId),
}

/// Holds a parsed export. Who signed it is not decided yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedExport {
    envelope: Sign1,
    export: DeviceExport,
}

impl DeviceExport {
    /// Signs the export with the device's key, and gives the file's bytes.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn sign(&self, device: &dyn Signer) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(device, EXPORT_DOMAIN, seal::to_canonical(self))?.to_bytes())
    }

    fn in_order(&self) -> Result<(), ExportRejection> {
        let ascending = |pair: &[OpenedLeaf]| pair[0].leaf_index < pair[1].leaf_index;
        if !self.leaves.windows(2).all(ascending) {
            return Err(ExportRejection::Order("leaves"));
        }
        if !self.certificates.windows(2).all(|pair| pair[0][..] < pair[1][..]) {
            return Err(ExportRejection::Order("certificates"));
        }
        Ok(())
    }
}

impl SignedExport {
    /// Parses an export. Nothing is verified yet.
    ///
    /// # Errors
    /// [`ExportRejection`] for anything but the one encoding of an export.
    pub fn parse(bytes: &[u8]) -> Result<Self, ExportRejection> {
        if bytes.len() > EXPORT_MAX_BYTES {
            return Err(ExportRejection::TooLarge(bytes.len()));
        }
        let envelope = Sign1::parse(bytes)?;
        let payload = envelope.unverified_payload();
        if let Some(version) = leading_version(payload)
            && version != u64::from(EXPORT_VERSION)
        {
            return Err(ExportRejection::UnknownVersion(version));
        }
        let export: DeviceExport = seal::from_canonical(payload)?;
        export.in_order()?;
        Ok(Self { envelope, export })
    }

    /// Encodes the export, signature and all. There is one encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.envelope.to_bytes()
    }

    /// Gives the export **before** verification, to find the certificate of its device.
    #[must_use]
    pub fn unverified(&self) -> &DeviceExport {
        &self.export
    }

    /// Gives the export if the device that it names signed it with `key`, which is that device's.
    ///
    /// # Errors
    /// [`ExportRejection::BadSignature`] if not.
    pub fn verify(self, key: &PublicKey) -> Result<DeviceExport, ExportRejection> {
        let device = self.export.device;
        let signed = self.envelope.verify(key, EXPORT_DOMAIN).is_ok();
        if signed && DeviceId::derive_from(key) == device {
            Ok(self.export)
        } else {
            Err(ExportRejection::BadSignature(device))
        }
    }
}

/// Reads the version at the front of a payload, so that another one is not called damaged.
fn leading_version(payload: &[u8]) -> Option<u64> {
    let mut d = Decoder::new(payload);
    d.map().ok()??;
    (d.u64().ok()? == 0).then(|| d.u64().ok())?
}

#[cfg(test)]
mod tests {
    use seal::SoftwareKey;

    use super::*;

    fn key() -> SoftwareKey {
        SoftwareKey::from_seed(&[5; 32])
    }

    fn leaf(leaf_index: u64) -> OpenedLeaf {
        OpenedLeaf {
            leaf_index,
            kind: 2,
            salt: [7; 16],
            bytes: vec![1; 3].into(),
            receipt: vec![2; 3].into(),
        }
    }

    fn export() -> DeviceExport {
        DeviceExport {
            version: EXPORT_VERSION,
            device: DeviceId::derive_from(&key().public_key()),
            made_ms: 5,
            origin: "log.example/2026".to_owned(),
            roots: vec![1].into(),
            trust_list: vec![2].into(),
            certificates: vec![vec![1].into(), vec![2].into()],
            checkpoints: vec!["note".to_owned()],
            leaves: vec![leaf(2), leaf(9)],
            unreceipted: vec![vec![3].into()],
        }
    }

    #[test]
    fn what_parses_is_written_as_the_same_bytes() {
        let bytes = export().sign(&key()).unwrap();
        let parsed = SignedExport::parse(&bytes).unwrap();
        assert_eq!(parsed.to_bytes(), bytes);
        assert_eq!(parsed.verify(&key().public_key()).unwrap(), export());
    }

    #[test]
    fn another_version_is_refused_with_words() {
        let newer = DeviceExport { version: 2, ..export() }.sign(&key()).unwrap();
        let refused = SignedExport::parse(&newer).unwrap_err().to_string();
        assert!(refused.contains("version 2") && refused.contains("newer program"), "{refused}");
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let bytes = export().sign(&key()).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let verified =
                SignedExport::parse(&changed).and_then(|e| e.verify(&key().public_key()));
            assert!(verified.is_err(), "byte {at}");
        }
        assert!(SignedExport::parse(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn one_device_does_not_sign_for_another() {
        let other = SoftwareKey::from_seed(&[6; 32]);
        let foreign = SignedExport::parse(&export().sign(&other).unwrap()).unwrap();
        assert!(foreign.clone().verify(&key().public_key()).is_err());
        assert!(foreign.verify(&other.public_key()).is_err(), "it names another device");
    }

    #[test]
    fn lists_have_one_order() {
        let refused = |export: DeviceExport| {
            let parsed = SignedExport::parse(&export.sign(&key()).unwrap());
            matches!(parsed, Err(ExportRejection::Order(_)))
        };
        assert!(refused(DeviceExport { leaves: vec![leaf(9), leaf(2)], ..export() }));
        assert!(refused(DeviceExport { leaves: vec![leaf(2), leaf(2)], ..export() }));
        let twice = vec![vec![1].into(), vec![1].into()];
        assert!(refused(DeviceExport { certificates: twice, ..export() }));
    }

    #[test]
    fn larger_than_any_device_hands_over_is_not_read() {
        let large = vec![0; EXPORT_MAX_BYTES + 1];
        assert!(matches!(SignedExport::parse(&large), Err(ExportRejection::TooLarge(_))));
    }
}
