//! Which fields an event of each kind has, and what a correction may replace.

use attendance::{
    AbsenceReason, Cancellation, Decision, Event, EventDraft, EventKind, Finding, Ground,
    ManualReason, Method, Opaque, RevocationReason, TerminationCause, Verdict,
};
use seal::Hash;

use super::event::draft;
use super::{Case, Input, OK, VectorFile, hex};
use crate::{Pen, district};

use EventKind::{
    Absent, ActSign, Adjust, Confirm, Correct, DeviceRevoke, Dispute, DisputeResolve, EventRelease,
    GroundCured, Headcount, HoldRelease, In, LessonCancel, LessonClose, LessonMove, LessonOpen,
    MonthClose, MonthSign, Out, PaymentNotice, ProviderSuspend, ProviderTerminate, SheetDecide,
    SheetSign, TimeAnchor, Transfer, Void, VoucherAnswer, VoucherSet,
};

const MALFORMED: &str = "malformed";

/// Every optional field, in the order of its key.
const ALL: [&str; 30] = [
    "child",
    "voucher",
    "lesson",
    "provider",
    "method",
    "card",
    "reason",
    "about",
    "month",
    "amount",
    "document",
    "place",
    "proof",
    "absence",
    "absence_document",
    "headcount",
    "anchor",
    "subject",
    "revocation",
    "ticket",
    "verdict",
    "finding",
    "cancellation",
    "moved_to",
    "group",
    "from_day",
    "ground",
    "cause",
    "evidence",
    "decision",
];

/// Each kind, what it must have (in the order in which a verifier looks), and what it may have.
const KINDS: [(&str, EventKind, &str, &str); 30] = [
    ("lesson-open", LessonOpen, "lesson provider", "place"),
    ("lesson-close", LessonClose, "lesson provider", "place"),
    ("in", In, "child voucher lesson provider method", "card place"),
    ("out", Out, "child voucher lesson provider method", "card place"),
    ("absent", Absent, "child voucher lesson provider", "place absence absence_document document"),
    (
        "correct",
        Correct,
        "about",
        "child voucher lesson provider reason month amount document absence absence_document \
         headcount",
    ),
    ("void", Void, "about", "child voucher lesson provider finding document"),
    ("confirm", Confirm, "about", "child voucher lesson provider"),
    ("dispute", Dispute, "about", "child voucher lesson provider"),
    ("month-sign", MonthSign, "child month", "voucher provider"),
    ("headcount", Headcount, "lesson provider headcount", "place"),
    ("month-close", MonthClose, "month", "provider"),
    ("payment-notice", PaymentNotice, "provider month amount document", ""),
    ("time-anchor", TimeAnchor, "anchor", ""),
    ("device-revoke", DeviceRevoke, "subject revocation", "document ticket"),
    ("event-release", EventRelease, "about subject", "document"),
    (
        "dispute-resolve",
        DisputeResolve,
        "about verdict finding document",
        "child voucher lesson provider",
    ),
    ("lesson-cancel", LessonCancel, "lesson provider cancellation", "document"),
    ("lesson-move", LessonMove, "lesson provider moved_to", "document"),
    ("provider-suspend", ProviderSuspend, "provider ground document", "evidence amount decision"),
    ("ground-cured", GroundCured, "provider ground document", "evidence"),
    ("hold-release", HoldRelease, "voucher month decision document", "provider about evidence"),
    (
        "provider-terminate",
        ProviderTerminate,
        "provider",
        "cause document evidence about decision from_day",
    ),
    ("transfer", Transfer, "voucher group", "child from_day document"),
    ("adjust", Adjust, "voucher month document", ""),
    ("sheet-sign", SheetSign, "provider month evidence", "document proof"),
    ("act-sign", ActSign, "provider month document evidence", "proof"),
    ("sheet-decide", SheetDecide, "provider month decision document", "finding evidence"),
    ("voucher-set", VoucherSet, "child voucher decision document", "group about from_day evidence"),
    ("voucher-answer", VoucherAnswer, "child voucher decision", "document from_day evidence"),
];

fn words(text: &str) -> Vec<&str> {
    text.split(' ').filter(|word| !word.is_empty()).collect()
}

fn with(kind: EventKind, fields: &[&str]) -> EventDraft {
    fields.iter().fold(draft(kind, 1_000), |draft, field| set(draft, field))
}

/// Gives a field some value that it can have.
fn set(draft: EventDraft, field: &str) -> EventDraft {
    let lesson = district::lessons(district::CHESS)[0];
    match field {
        "child" => EventDraft { child: Some(district::child(1)), ..draft },
        "voucher" => EventDraft { voucher: Some(district::voucher(1)), ..draft },
        "lesson" => EventDraft { lesson: Some(lesson.id), ..draft },
        "provider" => EventDraft { provider: Some(lesson.provider), ..draft },
        "method" => EventDraft { method: Some(Method::Import), ..draft },
        "card" => EventDraft { card: Some(seal::sha256(b"a card")), ..draft },
        "reason" => EventDraft { reason: Some(ManualReason::CardForgotten), ..draft },
        "about" => EventDraft { about: Some(seal::sha256(b"another event")), ..draft },
        "month" => EventDraft { month: Some(202_609), ..draft },
        "amount" => EventDraft { amount_tiyn: Some(7), ..draft },
        "document" => EventDraft { document: Some("№ 7".to_owned()), ..draft },
        "place" => EventDraft { place: "txwwj".parse().ok(), ..draft },
        "proof" => EventDraft { proof: Opaque::from_slice(&[7; 86]), ..draft },
        "absence" => EventDraft { absence: Some(AbsenceReason::Sick), ..draft },
        "absence_document" => {
            EventDraft { absence_document: Some(seal::sha256(b"a sick note")), ..draft }
        }
        "headcount" => EventDraft { headcount: Some(17), ..draft },
        "anchor" => EventDraft { anchor: Opaque::from_slice(&[9; 192]), ..draft },
        "subject" => EventDraft { subject: Some(Pen::new(22).device()), ..draft },
        "revocation" => EventDraft { revocation: Some(RevocationReason::Lost), ..draft },
        "ticket" => EventDraft { ticket: Some(seal::sha256(b"a ticket")), ..draft },
        "verdict" => EventDraft { verdict: Some(Verdict::WasNot), ..draft },
        "finding" => EventDraft { finding: Some(Finding::Inspection), ..draft },
        "cancellation" => EventDraft { cancellation: Some(Cancellation::Provider), ..draft },
        "moved_to" => EventDraft { moved_to_ms: Some(lesson.start_ms + 86_400_000), ..draft },
        "group" => EventDraft { group: Some(district::JUDO), ..draft },
        "from_day" => EventDraft { from_day: Some(20_261_016), ..draft },
        "ground" => EventDraft { ground: Some(Ground::TaxDebt), ..draft },
        "cause" => EventDraft { cause: Some(TerminationCause::NoService), ..draft },
        "evidence" => EventDraft { evidence: Some(seal::sha256(b"a document")), ..draft },
        "decision" => EventDraft { decision: Some(Decision::Confirm), ..draft },
        field => panic!("no event has the field {field}"),
    }
}

fn written(draft: EventDraft) -> Event {
    Pen::new(21).write(draft).event().clone()
}

fn case(name: &str, expected: &str, draft: EventDraft) -> Case {
    of_bytes(name, expected, &written(draft).to_bytes())
}

fn of_bytes(name: &str, expected: &str, payload: &[u8]) -> Case {
    Case::new(name, expected, [("event", Input::hex(payload))])
}

pub(super) fn form() -> VectorFile {
    let mut cases = Vec::new();
    for (name, kind, must, may) in KINDS {
        let (must, may) = (words(must), words(may));
        let least: &[&str] = if kind == Correct { &["about", "month"] } else { &must };
        cases.push(case(&format!("{name}: with what it must have"), OK, with(kind, least)));
        let most = [&must[..], &may].concat();
        // A correction of the child has the voucher too: all at once is well formed.
        cases.push(case(&format!("{name}: with all that it may have"), OK, with(kind, &most)));
        for left_out in &must {
            let rest: Vec<&str> = most.iter().copied().filter(|field| field != left_out).collect();
            let expected = format!("missing_{left_out}");
            cases.push(case(&format!("{name}: without {left_out}"), &expected, with(kind, &rest)));
        }
        // What recognition decides is below.
        let decided = matches!(kind, In | Out);
        for field in ALL {
            let elsewhere = decided && matches!(field, "reason" | "proof");
            if !most.contains(&field) && !elsewhere {
                let more = [&most[..], &[field]].concat();
                // The root by which it is drawn for a spot check: it came after these cases, whose bytes
                // stay.
                let grown = kind == LessonOpen && field == "evidence";
                let expected = if grown { OK.to_owned() } else { format!("unused_{field}") };
                cases.push(case(&format!("{name}: with {field}"), &expected, with(kind, &more)));
            }
        }
    }
    cases.extend(of_recognition());
    cases.extend(of_exceptions());
    super::file("event-form", &[], cases)
}

/// How a child was recognised says which evidence there is.
fn of_recognition() -> Vec<Case> {
    let methods = [
        ("a scan", Method::Scan),
        ("a rotating code", Method::Rotating),
        ("a challenge", Method::Challenge),
        ("a mark by hand", Method::Manual),
        ("an import", Method::Import),
    ];
    // For each method in that order: with nothing, a card, a reason, a proof, all three.
    let table = [
        ["missing_card", OK, "missing_card", "missing_card", "unused_reason"],
        ["missing_proof", "missing_proof", "missing_proof", OK, "unused_reason"],
        ["missing_proof", "missing_proof", "missing_proof", OK, "unused_reason"],
        ["missing_reason", "missing_reason", OK, "missing_reason", "unused_proof"],
        [OK, OK, "unused_reason", "unused_proof", "unused_reason"],
    ];
    let evidence: [(&str, &[&str]); 5] = [
        ("nothing", &[]),
        ("a card", &["card"]),
        ("a reason", &["reason"]),
        ("a proof", &["proof"]),
        ("all three", &["card", "reason", "proof"]),
    ];
    let mut cases = Vec::new();
    for ((name, method), row) in methods.into_iter().zip(table) {
        for ((with_what, fields), expected) in evidence.into_iter().zip(row) {
            let needed = ["child", "voucher", "lesson", "provider"];
            let draft = with(In, &[&needed[..], fields].concat());
            let draft = EventDraft { method: Some(method), ..draft };
            cases.push(case(&format!("in: {name} with {with_what}"), expected, draft));
        }
    }
    cases
}

fn of_exceptions() -> Vec<Case> {
    let absent = ["child", "voucher", "lesson", "provider"];
    let without_ground = |field| with(Absent, &[&absent[..], &[field]].concat());
    let payload = written(with(MonthClose, &["month"])).to_bytes();
    let [head, rest @ ..] = payload.as_slice() else { panic!("a payload is a map") };
    vec![
        case("absent: a document without a reason", "unused_document", without_ground("document")),
        case(
            "absent: a document's hash without a reason",
            "unused_absence_document",
            without_ground("absence_document"),
        ),
        case(
            "lesson-cancel: by an order without its document",
            "missing_document",
            EventDraft {
                cancellation: Some(Cancellation::Weather),
                ..with(LessonCancel, &["lesson", "provider"])
            },
        ),
        case(
            "lesson-cancel: by an order with its document",
            OK,
            EventDraft {
                cancellation: Some(Cancellation::Order),
                ..with(LessonCancel, &["lesson", "provider", "document"])
            },
        ),
        case("correct: nothing replaced", "corrects_nothing", with(Correct, &["about"])),
        case(
            "correct: the child without the voucher",
            "missing_voucher",
            with(Correct, &["about", "child"]),
        ),
        case("correct: the voucher alone", OK, with(Correct, &["about", "voucher"])),
        of_bytes("a trailing byte", MALFORMED, &[&payload[..], &[0]].concat()),
        of_bytes(
            "a field that nobody knows",
            MALFORMED,
            &[&[head + 1], rest, &[0x18, 99, 0]].concat(),
        ),
        of_bytes("no bytes at all", MALFORMED, &[]),
    ]
}

fn correcting(name: &str, expected: &str, event: &Event, correction: &Event) -> Case {
    let inputs = [
        ("event", Input::hex(&event.to_bytes())),
        ("hash", Input::Text(named().to_string())),
        ("correction", Input::hex(&correction.to_bytes())),
    ];
    Case::new(name, expected, inputs)
}

/// What the event is called: the hash of its signed bytes, which are not here.
fn named() -> Hash {
    seal::sha256(b"another event")
}

/// A correction, and the event as it is to be understood afterwards.
fn gives(name: &str, event: &EventDraft, fields: &[&str], change: fn(&mut EventDraft)) -> Case {
    let mut correction = with(Correct, &[&["about"], fields].concat());
    change(&mut correction);
    let mut corrected = event.clone();
    change(&mut corrected);
    let case = correcting(name, OK, &written(event.clone()), &written(correction));
    case.giving(serde_json::Value::String(hex(&written(corrected).to_bytes())))
}

fn visit() -> EventDraft {
    let fields = ["child", "voucher", "lesson", "provider", "method", "card"];
    EventDraft { method: Some(Method::Scan), ..with(In, &fields) }
}

pub(super) fn correction() -> VectorFile {
    let by_hand = EventDraft {
        method: Some(Method::Manual),
        reason: Some(ManualReason::NoCamera),
        ..visit()
    };
    let absent = with(Absent, &["child", "voucher", "lesson", "provider"]);
    let notice = with(PaymentNotice, &["provider", "month", "amount", "document"]);
    let mut cases = vec![
        gives("a visit of another lesson", &visit(), &[], |event| {
            event.lesson = Some(district::lessons(district::CHESS)[1].id);
        }),
        gives("a visit of another child", &visit(), &[], |event| {
            event.child = Some(district::child(2));
            event.voucher = Some(district::voucher(2));
        }),
        gives("another reason for a mark by hand", &by_hand, &[], |event| {
            event.reason = Some(ManualReason::CardUnreadable);
        }),
        gives("an absence that gets its reason and document", &absent, &[], |event| {
            event.absence = Some(AbsenceReason::Sick);
            event.document = Some("№ 9".to_owned());
        }),
        gives(
            "another count of heads",
            &with(Headcount, &["lesson", "provider", "headcount"]),
            &[],
            |event| event.headcount = Some(18),
        ),
        gives("a payment of another sum and month", &notice, &[], |event| {
            event.month = Some(202_610);
            event.amount_tiyn = Some(-1);
        }),
        gives("the same value again", &visit(), &[], |event| {
            event.voucher = Some(district::voucher(1));
        }),
    ];
    cases.extend(refused_corrections(&by_hand, &absent));
    super::file("correction", &[], cases)
}

fn refused_corrections(by_hand: &EventDraft, absent: &EventDraft) -> Vec<Case> {
    let event = written(visit());
    let with = |fields: &[&str]| with(Correct, fields);
    let case = |name, expected, fields: &[&str]| {
        correcting(name, expected, &event, &written(with(fields)))
    };
    let other_event = EventDraft { about: Some(Hash([7; 32])), ..with(&["about", "month"]) };
    let not_correct = EventDraft { kind: Void, ..with(&["about"]) };
    let of = |name, expected, kind, must: &str, fields: &[&str]| {
        let event = written(super::fields::with(kind, &words(must)));
        correcting(name, expected, &event, &written(with(fields)))
    };
    let kind = "kind_not_correctable";
    let field = "field_not_correctable";
    let mut payload = written(with(&["about", "month"])).to_bytes();
    payload.push(0);
    let mut damaged = case("the correction with a trailing byte", MALFORMED, &["about", "month"]);
    damaged.inputs.insert("correction".to_owned(), Input::hex(&payload));
    vec![
        correcting("of another event", "about_another", &event, &written(other_event)),
        correcting("not a correction", "about_another", &event, &written(not_correct)),
        case("that replaces nothing", "corrects_nothing", &["about"]),
        case("with a field that no correction has", "unused_card", &["about", "lesson", "card"]),
        case("of the child without the voucher", "missing_voucher", &["about", "child"]),
        case("of a visit's month", field, &["about", "month"]),
        case("of a visit's count of heads", field, &["about", "lesson", "headcount"]),
        case("that gives a scan a reason", "unused_reason", &["about", "reason"]),
        correcting(
            "that gives an absence a document without a reason",
            "unused_document",
            &written(absent.clone()),
            &written(with(&["about", "document"])),
        ),
        correcting(
            "of a mark by hand's document",
            field,
            &written(by_hand.clone()),
            &written(with(&["about", "document"])),
        ),
        of("of a withdrawal", kind, Void, "about", &["about", "lesson"]),
        of("of a family's answer", kind, Confirm, "about", &["about", "lesson"]),
        of("of a month's close", kind, MonthClose, "month", &["about", "month"]),
        of("of a correction", kind, Correct, "about month", &["about", "month"]),
        of(
            "of a lesson's opening, by a month",
            field,
            LessonOpen,
            "lesson provider",
            &["about", "month"],
        ),
        damaged,
    ]
}
