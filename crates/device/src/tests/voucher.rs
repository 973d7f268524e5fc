//! What the issuer says of a voucher and what a family answers, as the device records it.

use attendance::{ChildId, Decision, EventKind, GroupId, Role, UnverifiedEvent, VoucherId};
use seal::Hash;

use super::{COORDINATOR, District, PARENT, TEACHER};
use crate::{Device, RecordError, VoucherAnswer, VoucherSet, store};

const VOUCHER: VoucherId = VoucherId([7; 8]);
const NUMBER: &str = "2026-0007";

fn event(device: &Device, hash: Hash) -> attendance::Event {
    let (_, row) = store::event::find(&device.db, hash).unwrap().unwrap();
    UnverifiedEvent::parse(&row.bytes).unwrap().event().clone()
}

#[test]
fn every_word_has_the_form_of_its_kind() {
    let district = District::new();
    let mut office = district.enrolled(COORDINATOR, Role::Coordinator);
    let of = (VOUCHER, ChildId([1; 12]));
    let group = GroupId([0x0d; 8]);
    let sets = [
        (VoucherSet::Register, Decision::Register),
        (VoucherSet::Activate, Decision::Activate),
        (VoucherSet::Offer(group), Decision::Offer),
        (VoucherSet::Extend, Decision::Extend),
        (VoucherSet::Expire, Decision::Expire),
        (VoucherSet::Restore, Decision::Restore),
        (VoucherSet::Annul { first: Some(Hash([3; 32])) }, Decision::Annul),
    ];
    for (set, decision) in sets {
        let hash = office.set_voucher(of, set, NUMBER).unwrap();
        let said = event(&office, hash);
        assert_eq!((said.kind, said.decision), (EventKind::VoucherSet, Some(decision)));
        assert_eq!((said.voucher, said.child), (Some(VOUCHER), Some(of.1)));
        assert_eq!(said.document.as_deref(), Some(NUMBER));
        assert_eq!(said.group.is_some(), matches!(set, VoucherSet::Offer(_)));
        assert_eq!(said.verify_form(), Ok(()));
    }
    let answers = [
        (VoucherAnswer::Accept, Decision::Accept),
        (VoucherAnswer::Decline, Decision::Decline),
        (VoucherAnswer::Refuse, Decision::Refuse),
    ];
    for (answer, decision) in answers {
        let hash = office.answer_voucher(of, answer, Some("request 1")).unwrap();
        let said = event(&office, hash);
        assert_eq!((said.kind, said.decision), (EventKind::VoucherAnswer, Some(decision)));
        assert_eq!(said.verify_form(), Ok(()));
    }
    let unnumbered = office.set_voucher(of, VoucherSet::Activate, "  ");
    assert!(matches!(unnumbered, Err(RecordError::NotADocument { .. })), "{unnumbered:?}");
    let paperless = office.answer_voucher(of, VoucherAnswer::Refuse, None);
    assert!(matches!(paperless, Err(RecordError::NotADocument { .. })), "{paperless:?}");
}

#[test]
fn family_answers_for_its_own_child_and_nobody_else_says_anything() {
    let district = District::new();
    let mut family = district.enrolled(PARENT, Role::Parent);
    let own = family.enrolment().unwrap().certificate().children[0];
    let hash = family.answer_voucher((VOUCHER, own), VoucherAnswer::Accept, None).unwrap();
    assert_eq!(event(&family, hash).document, None);
    let other = (VOUCHER, ChildId([0xee; 12]));
    let refused = |result: Result<Hash, RecordError>| {
        assert!(matches!(result, Err(RecordError::NotAllowed)), "{result:?}");
    };
    refused(family.answer_voucher(other, VoucherAnswer::Accept, None));
    refused(family.set_voucher((VOUCHER, own), VoucherSet::Activate, NUMBER));
    let mut teacher = district.enrolled(TEACHER, Role::Teacher);
    refused(teacher.answer_voucher((VOUCHER, own), VoucherAnswer::Accept, Some("paper 1")));
    refused(teacher.set_voucher((VOUCHER, own), VoucherSet::Activate, NUMBER));
}
