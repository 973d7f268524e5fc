//! Input by chance and input by malice: nothing panics, nothing altered is accepted, and what
//! parses has one encoding.

use attendance::{
    AbsenceReason, CardClaims, CardId, ChainedEvent, ChildId, CoarsePlace, DeviceCertificate,
    Event, EventKind, Holder, Opaque, PackContext, QrText, ShortCode, Shown, SignedTrustList,
    StatusDelta, StatusList, StepWindow, TrustRoots, UnverifiedAnswer, UnverifiedCard,
    UnverifiedChallenge, UnverifiedEvent, UnverifiedRotating, VerifiedAnchor, VerifiedCertificate,
    VoucherId, issue_card, looks_like_code, pack, unpack,
};
use proptest::collection::vec;
use proptest::prelude::*;
use seal::{Hash, Sign1, Signer};

use crate::day::roster;
use crate::fixture::{
    NOW_S, answer, card_with_holder, challenge, claims, claims_with_holder, device, device_id,
    everything, issuer, key, notice, phone, rotating, signed_certificate, signed_event,
    signed_list, status, status_delta, status_list, trust_list, trust_roots, trust_with_status,
    visit,
};

const WINDOW: StepWindow = StepWindow { steps: 1, skew_s: 0 };

/// One edit of a byte string.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Replace(prop::sample::Index, u8),
    Insert(prop::sample::Index, u8),
    Delete(prop::sample::Index),
    Cut(prop::sample::Index),
}

pub(crate) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let at = any::<prop::sample::Index>;
    let edit = prop_oneof![
        8 => (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Insert(at, byte)),
        2 => at().prop_map(Edit::Delete),
        1 => at().prop_map(Edit::Cut),
    ];
    vec(edit, 1..6)
}

pub(crate) fn edited(bytes: &[u8], edits: &[Edit]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for edit in edits.iter().cloned() {
        let room = bytes.len() + 1;
        match edit {
            Edit::Insert(at, byte) => bytes.insert(at.index(room), byte),
            Edit::Cut(at) => bytes.truncate(at.index(room)),
            Edit::Replace(..) | Edit::Delete(_) if bytes.is_empty() => {}
            Edit::Replace(at, byte) => *at.get_mut(&mut bytes) = byte,
            Edit::Delete(at) => drop(bytes.remove(at.index(room - 1))),
        }
    }
    bytes
}

fn card_text(bytes: &[u8]) -> String {
    format!("OB1:{}", base45::encode(bytes))
}

/// Parses everything as everything, and compares what parses with its one encoding.
fn parse_as_everything(bytes: &[u8]) {
    if let Ok(card) = QrText::parse(&card_text(bytes)).and_then(|text| UnverifiedCard::parse(&text))
    {
        let envelope = Sign1::parse(bytes).expect("it parsed as a card");
        assert_eq!(envelope.to_bytes(), bytes);
        assert_eq!(seal::to_canonical(card.claims()), envelope.unverified_payload());
    }
    if let Ok(code) = UnverifiedRotating::parse_bytes(bytes) {
        assert_eq!(code.to_bytes(), bytes);
    }
    if let Ok(answer) = UnverifiedAnswer::parse_bytes(bytes) {
        assert_eq!(answer.to_bytes(), bytes);
    }
    if let Ok(challenge) = UnverifiedChallenge::parse_bytes(bytes) {
        assert_eq!(challenge.to_bytes(), bytes);
    }
    if let Ok(list) = StatusList::parse_kept(bytes) {
        assert_eq!(list.to_bytes(), bytes);
    }
    if let Ok(delta) = seal::from_canonical::<StatusDelta>(bytes) {
        assert_eq!(seal::to_canonical(&delta), bytes);
    }
    if let Ok(list) = SignedTrustList::parse(bytes) {
        assert_eq!(list.to_bytes(), bytes);
    }
    if let Ok(roots) = TrustRoots::parse(bytes) {
        assert_eq!(roots.to_bytes(), bytes);
    }
    if let Ok(event) = UnverifiedEvent::parse(bytes) {
        let envelope = Sign1::parse(bytes).expect("it parsed as an event");
        assert_eq!(event.event().to_bytes(), envelope.unverified_payload());
        assert_eq!(event.bytes(), envelope.to_bytes());
    }
    if let Ok(event) = Event::parse(bytes) {
        assert_eq!(event.to_bytes(), bytes);
        let _ = event.verify_form().is_ok();
        let _ = event.corrected_by(Hash([0x77; 32]), &event).is_ok();
    }
    if let Ok(anchor) = VerifiedAnchor::parse_and_verify(bytes, &trust_list(), device_id()) {
        assert_eq!(anchor.anchor().sign(&key(13)).ok().as_deref(), Some(bytes));
    }
    let roster = roster();
    for context in [PackContext::empty(), PackContext::of(&roster)] {
        if let Ok(events) = unpack(bytes, &context) {
            assert_eq!(pack(&events, &context).as_deref(), Ok(bytes));
        }
    }
    if let Ok(claims) = seal::from_canonical::<CardClaims>(bytes) {
        assert_eq!(seal::to_canonical(&claims), bytes);
    }
    if let Ok(certificate) = seal::from_canonical::<DeviceCertificate>(bytes) {
        assert_eq!(seal::to_canonical(&certificate), bytes);
    }
    if let Ok(found) = VerifiedCertificate::parse_and_verify(bytes, &trust_list(), NOW_S) {
        assert_eq!(found.bytes(), bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_never_panics(text in any::<String>()) {
        for prefix in ["OB7:", "OB8:", "OB9:"] {
            let _ = Shown::parse(&format!("{prefix}{text}")).is_ok();
        }
        for text in [text.clone(), format!("OB1:{text}")] {
            let _ = Shown::parse(&text).is_ok();
            if let Ok(read) = QrText::parse(&text) {
                prop_assert_eq!(read.as_str(), card_text(read.bytes()));
                let _ = UnverifiedCard::parse(&read).is_ok();
            }
            if let Ok(code) = ShortCode::parse(&text) {
                prop_assert_eq!(ShortCode::parse(&code.to_string()), Ok(code));
                prop_assert!(looks_like_code(&text));
            }
        }
    }

    #[test]
    fn random_base45_is_refused_or_has_one_spelling(body in "[0-9A-Z $%*+./:-]{0,60}") {
        let text = format!("OB1:{body}");
        if let Ok(read) = QrText::parse(&text) {
            prop_assert_eq!(card_text(read.bytes()), text.trim());
        }
    }

    #[test]
    fn random_codes_are_refused_or_have_one_spelling(text in "[0-9A-Za-z -]{8,14}") {
        if let Ok(code) = ShortCode::parse(&text) {
            prop_assert_eq!(ShortCode::parse(&code.to_string()), Ok(code));
        }
    }

    #[test]
    fn every_card_id_has_a_code_that_parses(id in any::<[u8; 8]>()) {
        let code = ShortCode::derive_from(CardId(id));
        prop_assert_eq!(ShortCode::parse(&code.to_string()), Ok(code));
        prop_assert!(code.matches(CardId(id)));
    }

    #[test]
    fn random_bytes_never_panic(bytes in vec(any::<u8>(), 0..300)) {
        parse_as_everything(&bytes);
    }

    #[test]
    fn every_card_comes_back_as_it_was_issued(
        expires_at_s in 1..u32::MAX,
        (card, child, voucher) in any::<([u8; 8], [u8; 12], [u8; 8])>(),
        status_index in any::<u32>(),
        holder in any::<Option<u8>>(),
    ) {
        let claims = CardClaims {
            expires_at_s,
            card: CardId(card),
            child: ChildId(child),
            voucher: VoucherId(voucher),
            status_index,
            holder: holder.map(|seed| key(seed).public_key().to_bytes()),
        };
        let issued = issue_card(&issuer(), &claims).unwrap();
        let mut trust = trust_list();
        trust.entries[0].not_before_s = i64::MIN;
        let read = QrText::parse(&issued.text).unwrap();
        let verified = UnverifiedCard::parse(&read).unwrap().verify(&trust, 0).unwrap();
        prop_assert_eq!(verified.claims(), &claims);
    }

    #[test]
    fn every_edit_of_a_card_is_refused(edits in edits()) {
        let card = issue_card(&issuer(), &claims_with_holder()).unwrap();
        let broken = edited(&card.bytes, &edits);
        parse_as_everything(&broken);
        let accepted = QrText::parse(&card_text(&broken))
            .and_then(|text| UnverifiedCard::parse(&text))
            .and_then(|card| card.verify(&trust_list(), NOW_S))
            .is_ok();
        prop_assert_eq!(accepted, broken == card.bytes);
    }

    #[test]
    fn every_edit_of_a_card_s_text_is_refused(edits in edits()) {
        let card = issue_card(&issuer(), &claims_with_holder()).unwrap();
        let broken = edited(card.text.as_bytes(), &edits);
        let broken = String::from_utf8_lossy(&broken);
        let accepted = QrText::parse(&broken)
            .and_then(|text| UnverifiedCard::parse(&text))
            .and_then(|card| card.verify(&trust_list(), NOW_S))
            .is_ok();
        prop_assert_eq!(accepted, broken.trim() == card.text);
    }

    #[test]
    fn every_edit_of_a_rotating_code_is_refused(edits in edits(), with_card in any::<bool>()) {
        let code = rotating();
        let short = code.short_text();
        let text = if with_card { code.text_with(&card_with_holder()).unwrap() } else { short };
        let right = UnverifiedRotating::parse(&text).unwrap().to_bytes();
        let broken = edited(&right, &edits);
        parse_as_everything(&broken);
        let holder = Holder { card: claims().card, key: phone().public_key() };
        let accepted = UnverifiedRotating::parse_bytes(&broken).and_then(|code| if with_card {
            code.verify_with_card(&trust_list(), NOW_S * 1000, WINDOW).map(drop)
        } else {
            code.verify(&holder, NOW_S * 1000, WINDOW).map(drop)
        });
        prop_assert_eq!(accepted.is_ok(), broken == right);
    }

    #[test]
    fn every_edit_of_an_answer_is_refused(edits in edits()) {
        let text = answer().text_with(&card_with_holder()).unwrap();
        let right = UnverifiedAnswer::parse(&text).unwrap().to_bytes();
        let broken = edited(&right, &edits);
        parse_as_everything(&broken);
        let accepted = UnverifiedAnswer::parse_bytes(&broken).and_then(|answer| {
            answer.verify_with_card(&trust_list(), &challenge(), NOW_S * 1000, WINDOW)
        });
        prop_assert_eq!(accepted.is_ok(), broken == right);
    }

    #[test]
    fn every_edit_of_a_challenge_is_refused(edits in edits()) {
        let right = challenge().to_bytes();
        let broken = edited(&right, &edits);
        parse_as_everything(&broken);
        let tablet = VerifiedCertificate::parse_and_verify(
            &signed_certificate(), &trust_list(), NOW_S,
        ).unwrap();
        let accepted = UnverifiedChallenge::parse_bytes(&broken)
            .map(|challenge| challenge.verify(&tablet, NOW_S * 1000, WINDOW).is_ok());
        prop_assert_eq!(accepted == Ok(true), broken == right);
    }

    #[test]
    fn every_edit_of_a_status_list_or_change_is_refused(edits in edits()) {
        let trust = trust_with_status();
        let right = status_list().sign(&status()).unwrap();
        let broken = edited(&right, &edits);
        parse_as_everything(&broken);
        let accepted = StatusList::parse_and_verify(&broken, &trust, NOW_S, 0);
        prop_assert_eq!(accepted.is_ok(), broken == right);

        let right = status_delta().sign(&status()).unwrap();
        let broken = edited(&right, &edits);
        parse_as_everything(&broken);
        let accepted = StatusDelta::parse_and_verify(&broken, &trust, NOW_S);
        prop_assert_eq!(accepted.is_ok(), broken == right);
    }

    #[test]
    fn every_edit_of_a_trust_list_is_refused(edits in edits()) {
        let broken = edited(&signed_list(), &edits);
        parse_as_everything(&broken);
        let accepted = SignedTrustList::parse(&broken)
            .and_then(|list| list.verify(&trust_roots(), 0))
            .is_ok();
        prop_assert_eq!(accepted, broken == signed_list());
    }

    #[test]
    fn every_edit_of_a_certificate_is_refused(edits in edits()) {
        let broken = edited(&signed_certificate(), &edits);
        parse_as_everything(&broken);
        let found = VerifiedCertificate::parse_and_verify(&broken, &trust_list(), NOW_S);
        prop_assert_eq!(found.is_ok(), broken == signed_certificate());
    }

    #[test]
    fn every_edit_of_an_event_is_refused(edits in edits(), is_visit in any::<bool>()) {
        let right = signed_event(if is_visit { visit() } else { notice() });
        let broken = edited(&right, &edits);
        parse_as_everything(&broken);
        let found = ChainedEvent::parse_and_verify(&broken, &device().public_key());
        prop_assert_eq!(found.is_ok(), broken == right);
    }

    /// The signature covers the payload, so edits behind a good signature need a signer of their own.
    #[test]
    fn edited_payloads_parse_to_one_encoding(edits in edits(), which in 0..7usize) {
        let right = match which {
            0 => seal::to_canonical(&claims_with_holder()),
            1 => seal::to_canonical(&crate::fixture::certificate()),
            2 => trust_roots().to_bytes(),
            3 => status_list().to_bytes(),
            4 => seal::to_canonical(&status_delta()),
            5 => everything(EventKind::Correct).to_bytes(),
            _ => Sign1::parse(&signed_event(notice())).unwrap().unverified_payload().to_vec(),
        };
        parse_as_everything(&edited(&right, &edits));
    }
    #[test]
    fn every_event_comes_back_as_it_was_written(
        (seq, wall_ms, mono_ms) in any::<(u64, i64, u64)>(),
        (latitude, longitude) in any::<(i32, i32)>(),
        proof in vec(any::<u8>(), 0..400),
        absence in any::<Option<bool>>(),
        headcount in any::<Option<u16>>(),
        anchor in vec(any::<u8>(), 0..300),
        document in any::<Option<String>>(),
        amount_tiyn in any::<Option<i64>>(),
    ) {
        let event = Event {
            seq,
            wall_ms,
            mono_ms,
            place: CoarsePlace::of_microdegrees(latitude, longitude),
            proof: Opaque::from_slice(&proof),
            absence: absence.map(|sick| if sick { AbsenceReason::Sick } else { AbsenceReason::Other }),
            headcount,
            anchor: Opaque::from_slice(&anchor),
            document,
            amount_tiyn,
            ..everything(EventKind::Absent)
        };
        prop_assert_eq!(Event::parse(&event.to_bytes()).ok(), Some(event));
    }
}
