//! Device certificates.

use attendance::{CERTIFICATE_VERSION, DeviceCertificate, Role};
use seal::{Signer as _, SoftwareKey};

use super::breaks::{Fault, Whole};
use super::card::SMALL_ORDER;
use super::material::{
    CERTIFICATE_DOMAIN, DAY_S, MAIN, NOW_S, device_ca, former_device_ca, issuer,
};
use super::{Case, Input, OK, VectorFile};
use crate::{Pen, district};

/// The certificate of a pen's device, for a role.
pub(super) fn of_device(pen: &Pen, role: Role) -> DeviceCertificate {
    DeviceCertificate {
        version: CERTIFICATE_VERSION,
        device: pen.device(),
        key: pen.key().public_key().to_bytes(),
        role,
        provider: (role == Role::Teacher).then_some(district::CHESS_HOUSE),
        groups: if role == Role::Teacher { vec![district::CHESS] } else { Vec::new() },
        children: if matches!(role, Role::Parent | Role::Delegate) {
            vec![district::child(1)]
        } else {
            Vec::new()
        },
        not_before_s: NOW_S - DAY_S,
        not_after_s: NOW_S + 300 * DAY_S,
        name: format!("Device of a {role:?}"),
    }
}

fn issued(certificate: &DeviceCertificate, ca: &SoftwareKey) -> Vec<u8> {
    certificate.issue(ca).expect("a software key signs")
}

fn case(name: &str, expected: &str, bytes: &[u8], now_s: Option<i64>) -> Case {
    let mut inputs = vec![("certificate", Input::hex(bytes))];
    inputs.extend(now_s.map(|now_s| ("now_s", Input::Number(now_s))));
    Case::new(name, expected, inputs).trusting(MAIN)
}

pub(super) fn file() -> VectorFile {
    let (ca, issuer) = (device_ca(), issuer());
    let teacher = of_device(&Pen::new(21), Role::Teacher);
    let good = issued(&teacher, &ca);
    let former = issued(&teacher, &former_device_ca());
    let parent = issued(&of_device(&Pen::new(22), Role::Parent), &ca);
    let coordinator = issued(&of_device(&Pen::new(23), Role::Coordinator), &ca);
    let administrator = DeviceCertificate {
        provider: Some(district::CHESS_HOUSE),
        ..of_device(&Pen::new(26), Role::ProviderAdmin)
    };
    let administrator = issued(&administrator, &ca);
    let delegate = issued(&of_device(&Pen::new(27), Role::Delegate), &ca);
    let weak = DeviceCertificate { key: SMALL_ORDER, ..teacher.clone() };
    let other = DeviceCertificate { device: Pen::new(24).device(), ..teacher.clone() };
    let newer = DeviceCertificate { version: 2, ..teacher.clone() };
    let (begins, ends) = (teacher.not_before_s, teacher.not_after_s);
    let mut cases = vec![
        case("a teacher's", OK, &good, Some(NOW_S)),
        case("a parent's", OK, &parent, Some(NOW_S)),
        case("a coordinator's", OK, &coordinator, Some(NOW_S)),
        case("a delegate's", OK, &delegate, Some(NOW_S)),
        case("in its first second", OK, &good, Some(begins)),
        case("in its last second", OK, &good, Some(ends)),
        case("before it begins", "not_yet_valid", &good, Some(begins - 1)),
        case("after its end", "expired", &good, Some(ends + 1)),
        case("after its end, for an audit", OK, &good, None),
        case("by an authority that has ended", "unknown_key", &former, Some(NOW_S)),
        case("by an authority that has ended, for an audit", OK, &former, None),
        case("of a key of small order", "wrong_key", &issued(&weak, &ca), Some(NOW_S)),
        case("named after another key", "wrong_key", &issued(&other, &ca), Some(NOW_S)),
        case("a provider administrator's", OK, &administrator, Some(NOW_S)),
        case("of a later version", "unknown_version", &issued(&newer, &ca), Some(NOW_S)),
    ];
    let payload = seal::to_canonical(&teacher);
    let flip_at = payload.len() - 1;
    let domain = CERTIFICATE_DOMAIN;
    let whole = Whole { payload, key: &ca, domain, flip_at, other_role: Some(&issuer) };
    assert_eq!(good, whole.bytes(), "the domain is the certificate's");
    cases.extend(whole.breaks().into_iter().map(|broken| {
        let expected = match broken.fault {
            Fault::Form => "malformed",
            Fault::Signature => "bad_signature",
            Fault::Key => "unknown_key",
        };
        case(broken.name, expected, &broken.bytes, Some(NOW_S))
    }));
    super::file("certificate", &[MAIN], cases)
}
