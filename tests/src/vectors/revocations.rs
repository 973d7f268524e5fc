//! The list of revoked devices.

use attendance::{Revocation, RevocationList, RevocationReason};
use seal::{Domain, SoftwareKey};

use super::breaks::{Fault, Whole};
use super::material::{MAIN, NOW_S, device_ca, former_device_ca, issuer};
use super::{Case, Input, OK, VectorFile};
use crate::Pen;

const DOMAIN: Domain = Domain("qatysu/revocations/1");

fn revocation(seed: u8, reason: RevocationReason, replaced_by: Option<u8>) -> Revocation {
    Revocation {
        device: Pen::new(seed).device(),
        at_ms: NOW_S * 1_000,
        events: 600,
        reason,
        replaced_by: replaced_by.map(|seed| Pen::new(seed).device()),
    }
}

fn signed(list: &RevocationList, ca: &SoftwareKey) -> Vec<u8> {
    list.sign(ca).expect("a software key signs")
}

fn case(name: &str, expected: &str, bytes: &[u8]) -> Case {
    Case::new(name, expected, [("list", Input::hex(bytes))]).trusting(MAIN)
}

pub(super) fn file() -> VectorFile {
    let (ca, issuer) = (device_ca(), issuer());
    let all = RevocationReason::ALL.into_iter().zip(21..);
    let every = RevocationList::of(all.map(|(reason, n)| revocation(n, reason, None)).collect());
    let two = RevocationList::of(vec![
        revocation(21, RevocationReason::Replaced, Some(23)),
        revocation(22, RevocationReason::Stolen, None),
    ]);
    let twice = RevocationList::of(vec![two.entries[0], two.entries[0]]);
    let counted = |version| RevocationList { version, ..two.clone() };
    let good = signed(&two, &ca);
    let mut long = good.clone();
    long.resize(attendance::REVOCATIONS_MAX_BYTES + 1, 0);
    let mut cases = vec![
        case("of two devices, one of them replaced", OK, &good),
        case("of a device for every reason", OK, &signed(&every, &ca)),
        case("of nobody", OK, &signed(&RevocationList::default(), &ca)),
        case("by an authority that has ended", OK, &signed(&two, &former_device_ca())),
        case("a version above the count", "contradiction", &signed(&counted(3), &ca)),
        case("a version below the count", "contradiction", &signed(&counted(1), &ca)),
        case("a device twice", "contradiction", &signed(&twice, &ca)),
        case("over 64 kB", "malformed", &long),
    ];
    let payload = seal::to_canonical(&two);
    let flip_at = payload.len() - 1;
    let whole = Whole { payload, key: &ca, domain: DOMAIN, flip_at, other_role: Some(&issuer) };
    assert_eq!(good, whole.bytes(), "the domain is the list's");
    cases.extend(whole.breaks().into_iter().map(|broken| {
        let expected = match broken.fault {
            Fault::Form => "malformed",
            Fault::Signature => "bad_signature",
            Fault::Key => "unknown_key",
        };
        case(broken.name, expected, &broken.bytes)
    }));
    super::file("revocations", &[MAIN], cases)
}
