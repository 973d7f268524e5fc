use attendance::{
    CertificateRejection, ChildId, DeviceCertificate, DeviceId, Role, VerifiedCertificate,
};
use seal::{Domain, Sign1, Signer};

use crate::fixture::{
    DAY_S, NOW_S, certificate, device, device_ca, device_id, flips, issuer, key,
    signed_certificate, trust_list,
};

fn verify(bytes: &[u8]) -> Result<VerifiedCertificate, CertificateRejection> {
    VerifiedCertificate::parse_and_verify(bytes, &trust_list(), NOW_S)
}

#[test]
fn accepts_what_the_device_authority_signed() {
    let bytes = signed_certificate();
    let verified = verify(&bytes).unwrap();
    assert_eq!(verified.certificate(), &certificate());
    assert_eq!(verified.public_key(), device().public_key());
    assert_eq!(verified.bytes(), bytes);
    assert_eq!(VerifiedCertificate::verify_for_audit(&bytes, &trust_list()), Ok(verified));
}

#[test]
fn accepts_a_parent_without_provider() {
    let parent = DeviceCertificate {
        role: Role::Parent,
        provider: None,
        groups: Vec::new(),
        children: vec![ChildId([1; 12]), ChildId([2; 12])],
        ..certificate()
    };
    let verified = verify(&parent.issue(&device_ca()).unwrap()).unwrap();
    assert_eq!(verified.certificate(), &parent);
}

#[test]
fn refuses_every_flipped_bit_and_every_truncation() {
    let bytes = signed_certificate();
    for (at, broken) in flips(&bytes) {
        assert!(verify(&broken).is_err(), "byte {at}");
        let audited = VerifiedCertificate::verify_for_audit(&broken, &trust_list());
        assert!(audited.is_err(), "byte {at}");
    }
    for kept in 0..bytes.len() {
        let cut = verify(&bytes[..kept]);
        assert!(matches!(cut, Err(CertificateRejection::Malformed(_))), "{kept} bytes");
    }
    assert!(verify(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn refuses_a_key_without_the_role_of_a_device_authority() {
    for other in [issuer(), key(13), device(), key(99)] {
        let bytes = certificate().issue(&other).unwrap();
        let key_id = other.public_key().key_id();
        let unknown = Err(CertificateRejection::UnknownKey { key_id });
        assert_eq!(verify(&bytes), unknown);
        assert_eq!(VerifiedCertificate::verify_for_audit(&bytes, &trust_list()), unknown);
    }
}

#[test]
fn refuses_a_signature_made_for_something_else() {
    let payload = seal::to_canonical(&certificate());
    let envelope = Sign1::seal(&device_ca(), Domain("qatysu/event/1"), payload).unwrap();
    let key_id = device_ca().public_key().key_id();
    let bad = Err(CertificateRejection::BadSignature { key_id });
    assert_eq!(verify(&envelope.to_bytes()), bad);
}

#[test]
fn refuses_a_device_not_named_after_its_key() {
    let renamed = DeviceCertificate { device: DeviceId([1; 8]), ..certificate() };
    let rekeyed = DeviceCertificate { key: key(22).public_key().to_bytes(), ..certificate() };
    let weak = DeviceCertificate { key: [0; 32], ..certificate() };
    for wrong in [renamed, rekeyed, weak] {
        let bytes = wrong.issue(&device_ca()).unwrap();
        assert_eq!(verify(&bytes), Err(CertificateRejection::WrongKey));
    }
    assert_eq!(certificate().device, device_id());
}

#[test]
fn refuses_outside_its_time_except_in_an_audit() {
    let bytes = signed_certificate();
    let at = |now_s| VerifiedCertificate::parse_and_verify(&bytes, &trust_list(), now_s);
    let (first, last) = (NOW_S - DAY_S, NOW_S + 300 * DAY_S);
    assert!(at(first).is_ok() && at(last).is_ok());
    let early = CertificateRejection::NotYetValid { not_before_s: first, now_s: first - 1 };
    assert_eq!(at(first - 1), Err(early));
    let late = CertificateRejection::Expired { not_after_s: last, now_s: last + 1 };
    assert_eq!(at(last + 1), Err(late));
    let authority_ended = at(NOW_S + 401 * DAY_S);
    assert!(matches!(authority_ended, Err(CertificateRejection::UnknownKey { .. })));
    let mut trust = trust_list();
    trust.entries[1].not_after_s = 0;
    let audited = VerifiedCertificate::verify_for_audit(&bytes, &trust).unwrap();
    assert!(audited.certificate().covers(last) && !audited.certificate().covers(last + 1));
}

#[test]
fn tells_another_version_from_damage() {
    let newer = DeviceCertificate { version: 2, ..certificate() };
    let refused = verify(&newer.issue(&device_ca()).unwrap());
    assert_eq!(refused, Err(CertificateRejection::UnknownVersion { version: 2 }));
}
