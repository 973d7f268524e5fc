//! Fixed keys, times and things: synthetic, and the same in every run.

use attendance::{
    AbsenceReason, Answer, AnswerClaims, BootId, CERTIFICATE_VERSION, Cancellation, CardClaims,
    CardId, ChainHead, Challenge, ChildId, DeviceCertificate, DeviceId, Event, EventDraft,
    EventKind, Finding, GroupId, LessonId, ManualReason, Method, Opaque, ProviderId,
    RevocationReason, Role, RotatingClaims, RotatingCode, StatusDelta, StatusList, Step,
    TrustEntry, TrustList, TrustRole, TrustRoots, UnverifiedCard, Verdict, VerifiedChallenge,
    VoucherId, issue_card,
};
use seal::{Hash, Signer, SoftwareKey};

/// 2026-09-14T09:00:00Z.
pub(crate) const NOW_S: i64 = 1_789_376_400;
pub(crate) const DAY_S: i64 = 86_400;
/// 2026-12-31T19:00:00Z, midnight at +05:00.
pub(crate) const CARD_ENDS_S: u32 = 1_798_743_600;

pub(crate) fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&[seed; 32])
}

pub(crate) fn roots() -> [SoftwareKey; 3] {
    [1, 2, 3].map(key)
}

pub(crate) fn issuer() -> SoftwareKey {
    key(11)
}

pub(crate) fn device_ca() -> SoftwareKey {
    key(12)
}

pub(crate) fn device() -> SoftwareKey {
    key(21)
}

/// The family's phone, whose key is in [`claims_with_holder`].
pub(crate) fn phone() -> SoftwareKey {
    key(31)
}

pub(crate) fn device_id() -> DeviceId {
    DeviceId::derive_from(&device().public_key())
}

pub(crate) fn trust_roots() -> TrustRoots {
    TrustRoots { keys: roots().iter().map(Signer::public_key).collect(), threshold: 2 }
}

pub(crate) fn entry(key: &SoftwareKey, role: TrustRole) -> TrustEntry {
    TrustEntry {
        key: key.public_key().to_bytes(),
        role,
        scope: "KZ-75".to_owned(),
        not_before_s: NOW_S - 100 * DAY_S,
        not_after_s: NOW_S + 400 * DAY_S,
    }
}

pub(crate) fn trust_list() -> TrustList {
    TrustList {
        version: 7,
        not_after_s: NOW_S + 30 * DAY_S,
        entries: vec![
            entry(&issuer(), TrustRole::CardIssuer),
            entry(&device_ca(), TrustRole::DeviceCa),
            entry(&key(13), TrustRole::Log),
        ],
        witness_quorum: None,
    }
}

/// The key that signs status lists.
pub(crate) fn status() -> SoftwareKey {
    key(14)
}

/// [`trust_list`] with the status key. The plain list stays as it is: its bytes are golden.
pub(crate) fn trust_with_status() -> TrustList {
    let mut trust = trust_list();
    trust.entries.push(entry(&status(), TrustRole::Status));
    trust
}

pub(crate) fn status_list() -> StatusList {
    StatusList::new(5, NOW_S - DAY_S, "KZ-75", [3, 4, 10, 700_000])
}

/// A day later: one card more, one less.
pub(crate) fn next_status_list() -> StatusList {
    StatusList::new(6, NOW_S, "KZ-75", [3, 10, 77, 700_000])
}

pub(crate) fn status_delta() -> StatusDelta {
    StatusDelta::between(&status_list(), &next_status_list()).expect("the later of one scope")
}

/// The list under exactly the two signatures it needs.
pub(crate) fn signed_list() -> Vec<u8> {
    let [first, _, third] = roots();
    trust_list().sign(&[&first, &third]).expect("software keys sign")
}

pub(crate) fn claims() -> CardClaims {
    CardClaims {
        expires_at_s: CARD_ENDS_S,
        card: CardId([0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8]),
        child: ChildId([0xa1; 12]),
        voucher: VoucherId([0xb1; 8]),
        status_index: u32::MAX,
        holder: None,
    }
}

pub(crate) fn claims_with_holder() -> CardClaims {
    CardClaims { holder: Some(phone().public_key().to_bytes()), ..claims() }
}

pub(crate) fn card_with_holder() -> UnverifiedCard {
    let card = issue_card(&issuer(), &claims_with_holder()).expect("software keys sign");
    UnverifiedCard::parse_bytes(&card.bytes).expect("it was just issued")
}

pub(crate) fn now_step() -> Step {
    Step::at(NOW_S * 1000).expect("after 1970")
}

pub(crate) fn rotating_claims() -> RotatingClaims {
    RotatingClaims { card: claims().card, step: now_step(), nonce: [0x91, 0x92, 0x93, 0x94] }
}

pub(crate) fn rotating() -> RotatingCode {
    RotatingCode::sign(&phone(), rotating_claims()).expect("software keys sign")
}

pub(crate) fn challenge() -> VerifiedChallenge {
    let lesson = LessonId([0xf1; 8]);
    let challenge = Challenge { device: device_id(), lesson, step: now_step(), nonce: [0x81; 8] };
    challenge.sign(&device()).expect("the key is the device's")
}

pub(crate) fn answer() -> Answer {
    let claims = AnswerClaims { card: claims().card, challenge: challenge().hash() };
    Answer::sign(&phone(), claims).expect("software keys sign")
}

pub(crate) fn certificate() -> DeviceCertificate {
    DeviceCertificate {
        version: CERTIFICATE_VERSION,
        device: device_id(),
        key: device().public_key().to_bytes(),
        role: Role::Teacher,
        provider: Some(ProviderId([0xd1; 8])),
        groups: vec![GroupId([0xe1; 8]), GroupId([0xe2; 8])],
        children: Vec::new(),
        not_before_s: NOW_S - DAY_S,
        not_after_s: NOW_S + 300 * DAY_S,
        name: "Қабылдау 1".to_owned(),
    }
}

pub(crate) fn signed_certificate() -> Vec<u8> {
    certificate().issue(&device_ca()).expect("software keys sign")
}

pub(crate) fn visit() -> EventDraft {
    EventDraft {
        child: Some(ChildId([0xa1; 12])),
        voucher: Some(VoucherId([0xb1; 8])),
        lesson: Some(LessonId([0xf1; 8])),
        provider: Some(ProviderId([0xd1; 8])),
        method: Some(Method::Scan),
        card: Some(seal::sha256(b"card")),
        ..EventDraft::new(EventKind::In, NOW_S * 1000, 123_456, BootId([9; 8]))
    }
}

/// Has every field that a visit has not.
pub(crate) fn notice() -> EventDraft {
    EventDraft {
        reason: Some(ManualReason::CardForgotten),
        about: Some(Hash([0x77; 32])),
        month: Some(202_609),
        amount_tiyn: Some(1_615_383),
        document: Some("ПП-1024".to_owned()),
        ..EventDraft::new(EventKind::PaymentNotice, -1, u64::MAX, BootId([9; 8]))
    }
}

/// Has every field there is. No kind has this form.
pub(crate) fn everything(kind: EventKind) -> Event {
    let draft = EventDraft {
        kind,
        method: Some(Method::Manual),
        place: "txwwj".parse().ok(),
        proof: Opaque::from_slice(b"what the phone showed"),
        absence: Some(AbsenceReason::Sick),
        absence_document: Some(seal::sha256(b"document")),
        headcount: Some(17),
        anchor: Opaque::from_slice(b"what the server signed"),
        subject: Some(DeviceId([0x5b; 8])),
        revocation: Some(RevocationReason::Stolen),
        ticket: Some(seal::sha256(b"ticket")),
        verdict: Some(Verdict::WasNot),
        finding: Some(Finding::Inspection),
        cancellation: Some(Cancellation::Provider),
        moved_to_ms: Some(1_790_000_000_000),
        group: Some(GroupId([0x6b; 8])),
        from_day: Some(20_261_016),
        ground: Some(attendance::Ground::SocialOverdue),
        cause: Some(attendance::TerminationCause::NotCured),
        evidence: Some(seal::sha256(b"evidence")),
        decision: Some(attendance::Decision::Withdraw),
        reason: notice().reason,
        about: notice().about,
        month: notice().month,
        amount_tiyn: notice().amount_tiyn,
        document: notice().document,
        ..visit()
    };
    ChainHead::genesis(&device().public_key()).prepare(draft, device_id()).event().clone()
}

pub(crate) fn signed_event(draft: EventDraft) -> Vec<u8> {
    let head = ChainHead::genesis(&device().public_key());
    let sealed = head.prepare(draft, device_id()).seal(&device());
    sealed.expect("the key is the device's").bytes().to_vec()
}

/// Every way to flip one bit.
pub(crate) fn flips(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..bytes.len() * 8).map(|bit| {
        let mut broken = bytes.to_vec();
        broken[bit / 8] ^= 1 << (bit % 8);
        (bit / 8, broken)
    })
}
