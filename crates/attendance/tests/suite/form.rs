//! The form of each kind of event, and what a correction may replace, cell by cell.

use attendance::Field::{
    About, Absence, AbsenceDocument, Amount, Anchor, Cancellation as Cancelled, Card, Cause, Child,
    Decision, Document, Evidence, Finding, FromDay, Ground, Group, Headcount, Lesson,
    Method as How, Month, MovedTo, Place, Proof, Provider, Reason, Revocation, Subject, Ticket,
    Verdict, Voucher,
};
use attendance::{
    AbsenceReason, CORRECTABLE, ChildId, CorrectionRejection, Event, EventKind, Field,
    FormRejection, LessonId, ManualReason, Method, ProviderId, VoucherId,
};
use seal::Hash;

use crate::fixture::everything;

/// What a kind must have, what it may have beside it, and what may be corrected in it. Marks are by
/// hand here, absences have a reason.
fn table(kind: EventKind) -> (&'static [Field], &'static [Field], &'static [Field]) {
    match kind {
        EventKind::LessonOpen => (&[Lesson, Provider], &[Place, Evidence], &[Lesson, Provider]),
        EventKind::LessonClose => (&[Lesson, Provider], &[Place], &[Lesson, Provider]),
        EventKind::In | EventKind::Out => (
            &[Child, Voucher, Lesson, Provider, How, Reason],
            &[Card, Place],
            &[Child, Voucher, Lesson, Provider, Reason],
        ),
        EventKind::Absent => (
            &[Child, Voucher, Lesson, Provider],
            &[Absence, Place],
            &[Child, Voucher, Lesson, Provider, Absence, AbsenceDocument, Document],
        ),
        EventKind::Correct => (&[About, Lesson], CORRECTABLE, &[]),
        EventKind::Void => (&[About], &[Child, Voucher, Lesson, Provider, Finding, Document], &[]),
        EventKind::Confirm | EventKind::Dispute => {
            (&[About], &[Child, Voucher, Lesson, Provider], &[])
        }
        EventKind::MonthSign => (&[Child, Month], &[Voucher, Provider], &[]),
        EventKind::Headcount => {
            (&[Lesson, Provider, Headcount], &[Place], &[Lesson, Provider, Headcount])
        }
        EventKind::MonthClose => (&[Month], &[Provider], &[]),
        EventKind::PaymentNotice => {
            let fields = &[Provider, Month, Amount, Document];
            (fields, &[], fields)
        }
        EventKind::TimeAnchor => (&[Anchor], &[], &[]),
        EventKind::DeviceRevoke => (&[Subject, Revocation], &[Document, Ticket], &[]),
        EventKind::EventRelease => (&[About, Subject], &[Document], &[]),
        EventKind::DisputeResolve => {
            (&[About, Verdict, Finding, Document], &[Child, Voucher, Lesson, Provider], &[])
        }
        EventKind::LessonCancel => (&[Lesson, Provider, Cancelled], &[Document], &[]),
        EventKind::LessonMove => (&[Lesson, Provider, MovedTo], &[Document], &[]),
        EventKind::ProviderSuspend => {
            (&[Provider, Ground, Document], &[Evidence, Amount, Decision], &[])
        }
        EventKind::GroundCured => (&[Provider, Ground, Document], &[Evidence], &[]),
        EventKind::HoldRelease => {
            (&[Voucher, Month, Decision, Document], &[Provider, About, Evidence], &[])
        }
        EventKind::ProviderTerminate => {
            (&[Provider], &[Cause, Document, Evidence, About, Decision, FromDay], &[])
        }
        EventKind::Transfer => (&[Voucher, Group], &[Child, FromDay, Document], &[]),
        EventKind::Adjust => (&[Voucher, Month, Document], &[], &[]),
        EventKind::SheetSign => (&[Provider, Month, Evidence], &[Document, Proof], &[]),
        EventKind::ActSign => (&[Provider, Month, Document, Evidence], &[Proof], &[]),
        EventKind::SheetDecide => {
            (&[Provider, Month, Decision, Document], &[Finding, Evidence], &[])
        }
        EventKind::VoucherSet => {
            (&[Child, Voucher, Decision, Document], &[Group, About, FromDay, Evidence], &[])
        }
        EventKind::VoucherAnswer => {
            (&[Child, Voucher, Decision], &[Document, FromDay, Evidence], &[])
        }
        _ => unreachable!("every kind has a row"),
    }
}

/// An event with these optional fields and no others.
fn with(kind: EventKind, fields: &[Field]) -> Event {
    let absent = |field: &Field| !fields.contains(field);
    Field::ALL.iter().filter(|field| absent(field)).fold(everything(kind), without)
}

fn without(mut event: Event, field: &Field) -> Event {
    match field {
        Child => event.child = None,
        Voucher => event.voucher = None,
        Lesson => event.lesson = None,
        Provider => event.provider = None,
        How => event.method = None,
        Card => event.card = None,
        Reason => event.reason = None,
        About => event.about = None,
        Month => event.month = None,
        Amount => event.amount_tiyn = None,
        Document => event.document = None,
        Place => event.place = None,
        Proof => event.proof = None,
        Absence => event.absence = None,
        AbsenceDocument => event.absence_document = None,
        Headcount => event.headcount = None,
        Anchor => event.anchor = None,
        Subject => event.subject = None,
        Revocation => event.revocation = None,
        Ticket => event.ticket = None,
        Verdict => event.verdict = None,
        Finding => event.finding = None,
        Cancelled => event.cancellation = None,
        MovedTo => event.moved_to_ms = None,
        Group => event.group = None,
        FromDay => event.from_day = None,
        Ground => event.ground = None,
        Cause => event.cause = None,
        Evidence => event.evidence = None,
        Decision => event.decision = None,
    }
    event
}

fn plus(fields: &[Field], field: Field) -> Vec<Field> {
    [fields, &[field]].concat()
}

#[test]
fn every_kind_has_its_form() {
    for kind in KINDS {
        let (must, may, _) = table(kind);
        assert_eq!(with(kind, must).verify_form(), Ok(()), "{kind:?}");
        for missing in must {
            let event = without(with(kind, must), missing);
            let nothing = kind == EventKind::Correct && *missing == Lesson;
            let expected = if nothing {
                FormRejection::CorrectsNothing
            } else {
                FormRejection::Missing { kind, field: *missing }
            };
            assert_eq!(event.verify_form(), Err(expected), "{kind:?} without {missing:?}");
        }
        for more in Field::ALL.into_iter().filter(|field| !must.contains(field)) {
            let form = with(kind, &plus(must, more)).verify_form();
            let expected = if kind == EventKind::Correct && more == Child {
                Err(FormRejection::Missing { kind, field: Voucher })
            } else if may.contains(&more) {
                Ok(())
            } else {
                Err(FormRejection::Unused { kind, field: more })
            };
            assert_eq!(form, expected, "{kind:?} with {more:?}");
        }
    }
}

#[test]
fn each_way_to_recognise_a_child_brings_its_own_evidence() {
    let base = [Child, Voucher, Lesson, Provider, How];
    let (kind, table) = (
        EventKind::In,
        [
            (Method::Scan, Some(Card), [true, false, false]),
            (Method::Rotating, Some(Proof), [true, true, false]),
            (Method::Challenge, Some(Proof), [true, true, false]),
            (Method::Manual, Some(Reason), [true, false, true]),
            (Method::Import, None, [true, false, false]),
        ],
    );
    for (method, must, may) in table {
        let form =
            |fields: &[Field]| Event { method: Some(method), ..with(kind, fields) }.verify_form();
        let fields = must.map_or(base.to_vec(), |field| plus(&base, field));
        assert_eq!(form(&fields), Ok(()), "{method:?}");
        if let Some(field) = must {
            assert_eq!(form(&base), Err(FormRejection::Missing { kind, field }), "{method:?}");
        }
        for (field, allowed) in [Card, Proof, Reason].into_iter().zip(may) {
            assert_eq!(form(&plus(&fields, field)).is_ok(), allowed, "{method:?} with {field:?}");
        }
    }
}

#[test]
fn an_absence_has_a_document_only_with_its_reason() {
    let base = [Child, Voucher, Lesson, Provider];
    for field in [AbsenceDocument, Document] {
        assert!(with(EventKind::Absent, &plus(&base, field)).verify_form().is_err());
        let excused = with(EventKind::Absent, &[&base[..], &[Absence, field]].concat());
        assert_eq!(excused.verify_form(), Ok(()));
    }
}

#[test]
fn a_correction_replaces_exactly_the_fields_of_the_table() {
    for kind in KINDS {
        let (must, _, correctable) = table(kind);
        assert_eq!(kind.correctable(), correctable, "{kind:?}");
        let fields: &[Field] = if kind == EventKind::Absent { correctable } else { must };
        let original = with(kind, fields);
        for field in CORRECTABLE {
            let fields: &[Field] = if *field == Child { &[Child, Voucher] } else { &[*field] };
            let correction = correction(fields);
            let corrected = original.corrected_by(NAMED, &correction);
            if correctable.is_empty() {
                let refused = CorrectionRejection::KindNotCorrectable { kind };
                assert_eq!(corrected, Err(refused));
            } else if correctable.contains(field) {
                let corrected = corrected.expect("the table says that it may");
                assert_ne!(corrected, original, "{kind:?} {field:?}");
                let back = Field::ALL.iter().filter(|f| fields.contains(f));
                let blank = |event: &Event| back.clone().fold(event.clone(), without);
                assert_eq!(blank(&corrected), blank(&original), "absent is unchanged");
            } else {
                assert!(corrected.is_err(), "{kind:?} {field:?}");
            }
        }
    }
}

#[test]
fn a_correction_carries_the_very_values() {
    let original = with(EventKind::Absent, &[Child, Voucher, Lesson, Provider, Absence]);
    let fields = [Child, Voucher, Lesson, Provider, Absence, AbsenceDocument, Document];
    let correction = correction(&fields);
    let expected = Event {
        child: correction.child,
        voucher: correction.voucher,
        lesson: correction.lesson,
        provider: correction.provider,
        absence: correction.absence,
        absence_document: correction.absence_document,
        document: correction.document.clone(),
        ..original.clone()
    };
    assert_eq!(original.corrected_by(NAMED, &correction), Ok(expected));
}

#[test]
fn a_second_correction_leaves_what_the_first_replaced() {
    let original = with(EventKind::PaymentNotice, &[Provider, Month, Amount, Document]);
    let first = original.corrected_by(NAMED, &correction(&[Amount])).unwrap();
    let second = first.corrected_by(NAMED, &correction(&[Month])).unwrap();
    let both = original.corrected_by(NAMED, &correction(&[Amount, Month])).unwrap();
    assert_eq!(second, both);
}

#[test]
fn a_correction_is_of_the_event_it_names_and_of_proper_form() {
    let original = with(EventKind::Headcount, &[Lesson, Provider, Headcount]);
    let right = correction(&[Headcount]);
    assert!(original.corrected_by(NAMED, &right).is_ok());
    let another = Err(CorrectionRejection::AboutAnother);
    assert_eq!(original.corrected_by(Hash([1; 32]), &right), another);
    let void = Event { kind: EventKind::Void, ..right.clone() };
    assert_eq!(original.corrected_by(NAMED, &void), another);
    let evidence = Event { card: Some(NAMED), ..right };
    let refused = original.corrected_by(NAMED, &evidence);
    assert!(matches!(refused, Err(CorrectionRejection::Form(FormRejection::Unused { .. }))));
    let scanned = with(EventKind::In, &[Child, Voucher, Lesson, Provider, How, Card]);
    let scanned = Event { method: Some(Method::Scan), ..scanned };
    let refused = scanned.corrected_by(NAMED, &correction(&[Reason]));
    assert!(matches!(refused, Err(CorrectionRejection::Form(FormRejection::Unused { .. }))));
}

/// Replaces these fields by values that no other event here has.
fn correction(fields: &[Field]) -> Event {
    let other = Event {
        child: Some(ChildId([0x51; 12])),
        voucher: Some(VoucherId([0x52; 8])),
        lesson: Some(LessonId([0x53; 8])),
        provider: Some(ProviderId([0x54; 8])),
        reason: Some(ManualReason::NoCamera),
        month: Some(202_611),
        amount_tiyn: Some(1),
        document: Some("other".to_owned()),
        absence: Some(AbsenceReason::Quarantine),
        absence_document: Some(Hash([0x55; 32])),
        headcount: Some(999),
        about: Some(NAMED),
        ..everything(EventKind::Correct)
    };
    let kept = plus(fields, About);
    Field::ALL.iter().filter(|field| !kept.contains(field)).fold(other, without)
}

const NAMED: Hash = Hash([0x4e; 32]);

const KINDS: [EventKind; 30] = [
    EventKind::LessonOpen,
    EventKind::LessonClose,
    EventKind::In,
    EventKind::Out,
    EventKind::Absent,
    EventKind::Correct,
    EventKind::Void,
    EventKind::Confirm,
    EventKind::Dispute,
    EventKind::MonthSign,
    EventKind::Headcount,
    EventKind::MonthClose,
    EventKind::PaymentNotice,
    EventKind::TimeAnchor,
    EventKind::DeviceRevoke,
    EventKind::EventRelease,
    EventKind::DisputeResolve,
    EventKind::LessonCancel,
    EventKind::LessonMove,
    EventKind::ProviderSuspend,
    EventKind::GroundCured,
    EventKind::HoldRelease,
    EventKind::ProviderTerminate,
    EventKind::Transfer,
    EventKind::Adjust,
    EventKind::SheetSign,
    EventKind::ActSign,
    EventKind::SheetDecide,
    EventKind::VoucherSet,
    EventKind::VoucherAnswer,
];
