//! Renewed certificates and the list of revoked devices, on the device.

use attendance::{
    DeviceCertificate, DeviceId, EventKind, GroupId, Revocation, RevocationList, RevocationReason,
    Role, VerifiedCertificate,
};
use seal::{Hash, Signer};

use super::{
    ALPHA, BETA, CA, District, OTHER_GROUP, PARENT, RULES, TEACHER, enrolment, key, roster,
};
use crate::{Device, EnrolError, RecordError, Verdict};

fn current(device: &Device) -> DeviceCertificate {
    device.enrolment().unwrap().certificate().clone()
}

fn signed(certificate: DeviceCertificate) -> Vec<u8> {
    certificate.issue(&key(CA)).unwrap()
}

fn list(devices: &[DeviceId]) -> Vec<u8> {
    let entry = |device: &DeviceId| Revocation {
        device: *device,
        at_ms: 7,
        events: 1,
        reason: RevocationReason::Lost,
        replaced_by: None,
    };
    RevocationList::of(devices.iter().map(entry).collect()).sign(&key(CA)).unwrap()
}

#[test]
fn renewed_certificate_takes_the_place_and_the_old_one_stays_for_history() {
    let district = District::new();
    let mut device = district.teacher();
    let old = current(&device);
    let renewed = signed(DeviceCertificate { not_after_s: old.not_after_s + 1, ..old.clone() });
    device.install_certificate(&renewed).unwrap();
    device.install_certificate(&renewed).unwrap();
    assert_eq!(device.roster_version().unwrap(), 1, "the roster is of the same groups");
    drop(device);

    let device = district.open(TEACHER).unwrap();
    assert_eq!(current(&device).not_after_s, old.not_after_s + 1);
    let [kept] = <[_; 1]>::try_from(device.old_certificates().unwrap()).unwrap();
    let trust = device.enrolment().unwrap().trust_list();
    let kept = VerifiedCertificate::verify_for_audit(&kept, trust).unwrap();
    assert_eq!(kept.certificate(), &old);
}

#[test]
fn certificate_that_is_not_a_renewal_changes_nothing() {
    let district = District::new();
    let mut device = district.parent();
    let old = current(&device);
    let later = || DeviceCertificate { not_after_s: old.not_after_s + 9, ..old.clone() };
    let refused = |device: &mut Device, bytes: &[u8]| {
        let why = device.install_certificate(bytes).unwrap_err();
        assert_eq!(current(device), old, "{why}");
        why
    };
    let other = later().issue(&key(RULES)).unwrap();
    assert!(matches!(refused(&mut device, &other), EnrolError::Certificate(_)));
    let another_key = key(TEACHER).public_key();
    let another = DeviceCertificate {
        key: another_key.to_bytes(),
        device: DeviceId::derive_from(&another_key),
        ..later()
    };
    assert!(matches!(refused(&mut device, &signed(another)), EnrolError::OtherKey));
    for not_after_s in [old.not_after_s, old.not_after_s - 1] {
        let same_end = DeviceCertificate { not_after_s, name: "X".into(), ..old.clone() };
        assert!(matches!(refused(&mut device, &signed(same_end)), EnrolError::OlderCertificate));
    }
    for other in [
        DeviceCertificate { role: Role::Coordinator, ..later() },
        DeviceCertificate { children: vec![ALPHA, BETA], ..later() },
        DeviceCertificate { provider: Some(super::PROVIDER), ..later() },
    ] {
        assert!(matches!(refused(&mut device, &signed(other)), EnrolError::OtherGrants));
    }
    assert_eq!(device.old_certificates().unwrap(), Vec::<Vec<u8>>::new());
}

#[test]
fn other_groups_ask_for_the_whole_roster_until_it_is_here() {
    let district = District::new();
    let mut device = district.teacher();
    let old = current(&device);
    let groups: Vec<GroupId> = vec![OTHER_GROUP];
    let not_after_s = old.not_after_s + 1;
    device.install_certificate(&signed(DeviceCertificate { groups, not_after_s, ..old })).unwrap();
    assert_eq!(device.roster_version().unwrap(), 0);
    assert!(device.roster().is_some(), "nobody is turned away meanwhile");
    drop(device);
    let mut device = district.open(TEACHER).unwrap();
    assert_eq!(device.roster_version().unwrap(), 0, "also after a restart");
    device.install_roster(&roster(1).sign(&key(RULES)).unwrap()).unwrap();
    assert_eq!(device.roster_version().unwrap(), 1);
}

#[test]
fn list_of_revoked_devices_is_kept_and_never_an_older_one() {
    let district = District::new();
    let mut device = district.parent();
    let (own, other) = (device.id(), DeviceId([7; 8]));
    device.install_revocations(&list(&[other])).unwrap();
    assert_eq!(device.revoked(), None);
    device.install_revocations(&list(&[other, own])).unwrap();
    let older = device.install_revocations(&list(&[other])).unwrap_err();
    assert!(matches!(older, EnrolError::RevocationsRolledBack { version: 1, kept: 2 }));
    let forged = RevocationList::of(Vec::new()).sign(&key(RULES)).unwrap();
    let forged = device.install_revocations(&forged).unwrap_err();
    assert!(matches!(forged, EnrolError::Revocations(_)));
    drop(device);

    let mut device = district.open(PARENT).unwrap();
    assert_eq!(device.revoked().map(|one| one.at_ms), Some(7));
    assert_eq!(device.revocations_bytes().unwrap(), Some(list(&[other, own])));
    // Under other roots it says nothing.
    let mut moved = enrolment(PARENT, Role::Parent);
    moved.roots.threshold = 1;
    device.install(moved).unwrap();
    assert_eq!((device.revoked(), device.revocations_bytes().unwrap()), (None, None));
}

#[test]
fn only_a_coordinator_decides_about_devices() {
    let district = District::new();
    let (mut teacher, mut parent) = (district.teacher(), district.parent());
    let subject = DeviceId([7; 8]);
    for device in [&mut teacher, &mut parent] {
        let revoked = device.revoke_device(subject, RevocationReason::Lost, None);
        assert!(matches!(revoked, Err(RecordError::NotAllowed)));
        let released = device.release_events(subject, Hash([1; 32]));
        assert!(matches!(released, Err(RecordError::NotAllowed)));
        assert_eq!(device.status().unwrap().events, 0);
    }
    let mut coordinator = district.coordinator();
    coordinator.revoke_device(subject, RevocationReason::Lost, Some(Hash([2; 32]))).unwrap();
    assert!(!coordinator.has_revoked(subject).unwrap(), "not before the ticket is used");
    coordinator.revoke_device(subject, RevocationReason::Lost, None).unwrap();
    coordinator.release_events(subject, Hash([1; 32])).unwrap();
    assert!(coordinator.has_revoked(subject).unwrap());
    let kinds = [EventKind::DeviceRevoke, EventKind::DeviceRevoke, EventKind::EventRelease];
    for (seq, kind) in (0..).zip(kinds) {
        let row = coordinator.event_at(seq).unwrap().unwrap();
        let event = attendance::UnverifiedEvent::parse(&row.bytes).unwrap().event().clone();
        assert_eq!((event.kind, event.verify_form()), (kind, Ok(())));
    }
}

#[test]
fn asks_again_only_about_what_a_decision_can_let_in() {
    let district = District::new();
    let mut device = district.coordinator();
    let reasons = ["revoked", "suspended", "fork", "revoked"];
    for (n, reason) in (1..).zip(reasons) {
        let event = device.release_events(DeviceId([n; 8]), Hash([n; 32])).unwrap();
        device.record_verdicts(&[(event, Verdict::Parked(reason.to_owned()))]).unwrap();
    }
    let seqs = |below| {
        let rows = device.parked_below(below, 10).unwrap();
        rows.iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(0), Vec::<u64>::new(), "the server's chain has not grown");
    assert_eq!((seqs(3), seqs(4)), (vec![0, 1], vec![0, 1, 3]));
    assert_eq!(device.parked_below(4, 1).unwrap().len(), 1);
}
