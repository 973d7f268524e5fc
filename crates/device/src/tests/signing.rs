//! Signatures under sheets and acts, as a device makes them and as a stranger verifies them.

use attendance::{
    EventKind, ForeignSignature, PaperToSign, ProviderId, Role, SheetSignatureRejection,
    SheetSigner as _, SignedPaper,
};

use super::{District, TEACHER, certificate};
use crate::{Device, RecordError, SheetDecision};

const ADMIN: u8 = 23;
const OTHER: ProviderId = ProviderId([0x77; 8]);

fn admin(district: &District) -> Device {
    district.enrolled(ADMIN, Role::ProviderAdmin)
}

fn paper(device: &Device, paper: SignedPaper) -> PaperToSign {
    let provider = device.enrolment().unwrap().certificate().provider;
    PaperToSign {
        paper,
        provider: provider.unwrap_or(OTHER),
        month: 202_609,
        bytes: b"the canonical bytes of a sheet".to_vec(),
        number: Some("A-1".to_owned()),
    }
}

#[test]
fn a_stranger_verifies_a_signature_under_these_bytes_and_no_others() {
    let district = District::new();
    let mut device = admin(&district);
    let sheet = paper(&device, SignedPaper::Sheet);
    let signed = device.sign_paper(&sheet).unwrap();
    let trust = device.enrolment().unwrap().trust_list().clone();
    let event = signed.verify(&sheet, &trust).unwrap();
    assert_eq!(
        (event.kind, event.evidence),
        (EventKind::SheetSign, Some(seal::sha256(&sheet.bytes)))
    );
    assert_eq!(event.verify_form(), Ok(()));
    let other = PaperToSign { bytes: b"other bytes".to_vec(), ..sheet.clone() };
    let refused = signed.verify(&other, &trust);
    assert!(matches!(refused, Err(SheetSignatureRejection::OtherPaper { .. })), "{refused:?}");
    for other in [
        PaperToSign { paper: SignedPaper::Act, ..sheet.clone() },
        PaperToSign { month: 202_610, ..sheet.clone() },
        PaperToSign { provider: OTHER, ..sheet.clone() },
    ] {
        let refused = signed.verify(&other, &trust);
        assert!(matches!(refused, Err(SheetSignatureRejection::OtherStatement)), "{refused:?}");
    }
    let mut forged = signed.clone();
    *forged.signature.last_mut().unwrap() ^= 1;
    assert!(matches!(forged.verify(&sheet, &trust), Err(SheetSignatureRejection::Event(_))));
    let forged =
        attendance::SheetSignature { certificate: certificate(TEACHER, Role::Teacher), ..signed };
    assert!(matches!(forged.verify(&sheet, &trust), Err(SheetSignatureRejection::Event(_))));
}

#[test]
fn only_the_own_provider_and_the_issuer_sign_and_the_issuer_alone_decides() {
    let district = District::new();
    let mut office = admin(&district);
    let own = paper(&office, SignedPaper::Act);
    let foreign = PaperToSign { provider: OTHER, ..own.clone() };
    let refused = |result: Result<seal::Hash, RecordError>| {
        assert!(matches!(result, Err(RecordError::NotAllowed)), "{result:?}");
    };
    refused(office.record_signature(&foreign, None));
    refused(office.decide_sheet((own.provider, 202_609), SheetDecision::Pause, "order 1", None));
    let unnumbered = PaperToSign { number: None, ..own.clone() };
    let result = office.record_signature(&unnumbered, None);
    assert!(matches!(result, Err(RecordError::NotADocument { .. })), "an act has a number");
    let thirteenth = PaperToSign { month: 202_613, ..own.clone() };
    let result = office.record_signature(&thirteenth, None);
    assert!(matches!(result, Err(RecordError::NotAMonth(202_613))));
    for mut device in [district.teacher(), district.parent()] {
        refused(device.record_signature(&own, None));
        refused(device.decide_sheet((own.provider, 202_609), SheetDecision::Return, "x", None));
    }
    let mut issuer = district.coordinator();
    issuer.record_signature(&own, None).unwrap();
    issuer.decide_sheet((own.provider, 202_609), SheetDecision::Return, "order 1", None).unwrap();
}

#[test]
fn a_signature_of_another_scheme_is_named_in_the_event() {
    let district = District::new();
    let mut office = admin(&district);
    let sheet = paper(&office, SignedPaper::Sheet);
    let cms = attendance::SheetSignature {
        algorithm: "CMS".to_owned(),
        signature: vec![7; 2_000],
        certificate: vec![8; 1_000],
    };
    let named = ForeignSignature::of(&cms);
    office.record_signature(&sheet, Some(&named)).unwrap();
    let event = office.event_at(0).unwrap().unwrap();
    let event = attendance::UnverifiedEvent::parse(&event.bytes).unwrap();
    let proof = event.event().proof.as_ref().unwrap();
    assert_eq!(ForeignSignature::parse(proof.as_bytes()).unwrap(), named);
}
