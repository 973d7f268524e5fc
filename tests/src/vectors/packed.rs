//! Packed batches: few bytes, and the signed bytes that must come out of them.

use attendance::{
    AbsenceReason, BootId, Cancellation, DatedWindow, DeviceId, EventDraft, EventKind, Finding,
    ManualReason, Method, Opaque, PackContext, RevocationReason, Roster, RosterChild, RosterGroup,
    RosterLesson, RosterProvider, Verdict, WindowParams, pack,
};
use seal::Hash;
use serde_json::json;

use super::breaks::replaced;
use super::event::{draft, visit};
use super::rotating::card_bytes;
use super::{Case, Input, OK, VectorFile, hex};
use crate::{Pen, district};

const DAMAGED: &str = "damaged";
const NOT_CANONICAL: &str = "not_canonical";

/// What the device knows: the chess group.
fn roster(version: u32) -> Roster {
    let lessons = district::lessons(district::CHESS);
    let plan = |lesson: &ledger::Lesson| {
        RosterLesson::planned(lesson.id, lesson.group, lesson.start_ms, lesson.end_ms)
    };
    let child = |number: u8| RosterChild {
        id: district::child(number),
        name: district::NAMES[usize::from(number) - 1].to_owned(),
        voucher: district::voucher(number),
        group: district::CHESS,
        card: district::card(number),
        card_hash: (number < 3).then(|| card_hash(number)),
    };
    let name = "Invented chess house".to_owned();
    Roster {
        version,
        providers: vec![RosterProvider { id: district::CHESS_HOUSE, name }],
        groups: vec![RosterGroup {
            id: district::CHESS,
            provider: district::CHESS_HOUSE,
            name: "Chess".to_owned(),
        }],
        lessons: lessons.iter().take(3).map(plan).collect(),
        children: [1, 2, 3].map(child).into(),
        window: WindowParams {
            open_before_min: 30,
            close_after_min: 15,
            scan_early_min: 20,
            scan_late_min: 10,
            late_min: 15,
        },
        windows: None,
    }
}

/// The roster with a window that changes on two days.
fn dated(roster: &Roster) -> Roster {
    let late = |from_ms, late_min| DatedWindow {
        from_ms,
        window: WindowParams { late_min, ..roster.window },
    };
    let windows = Some(vec![late(1_788_202_800_000, 15), late(1_793_473_200_000, 5)]);
    Roster { windows, ..roster.clone() }
}

fn card_hash(number: u8) -> Hash {
    seal::sha256(&[number; 3])
}

fn case(name: &str, expected: &str, packed: &[u8], roster: Option<&Roster>) -> Case {
    let mut inputs = vec![("packed", Input::hex(packed))];
    inputs.extend(roster.map(|roster| ("roster", Input::hex(&roster.to_bytes()))));
    Case::new(name, expected, inputs)
}

fn packed(events: &[Vec<u8>], roster: Option<&Roster>) -> Vec<u8> {
    let context = roster.map_or_else(PackContext::empty, PackContext::of);
    pack(events, &context).expect("few events")
}

/// A batch that must come out as these very bytes.
fn good(name: &str, events: &[Vec<u8>], roster: Option<&Roster>) -> Case {
    let out: Vec<String> = events.iter().map(|event| hex(event)).collect();
    case(name, OK, &packed(events, roster), roster).giving(json!(out))
}

/// A child's visit some seconds after the lesson began.
fn came(number: u8, after_s: u16) -> EventDraft {
    let at = u32::from(after_s) * 1000;
    let visit = visit();
    EventDraft {
        child: Some(district::child(number)),
        voucher: Some(district::voucher(number)),
        card: Some(card_hash(number)),
        wall_ms: visit.wall_ms + i64::from(at),
        mono_ms: visit.mono_ms + u64::from(at),
        ..visit
    }
}

fn lesson(kind: EventKind, after_s: u16) -> EventDraft {
    let came = came(1, after_s);
    EventDraft {
        lesson: came.lesson,
        provider: came.provider,
        ..EventDraft::new(kind, came.wall_ms, came.mono_ms, came.boot)
    }
}

fn written(drafts: impl IntoIterator<Item = EventDraft>) -> Vec<Vec<u8>> {
    let mut pen = Pen::new(21);
    drafts.into_iter().map(|draft| pen.write(draft).bytes().to_vec()).collect()
}

/// A lesson from its opening to its end.
fn day() -> Vec<Vec<u8>> {
    written([
        lesson(EventKind::LessonOpen, 0),
        came(1, 12),
        came(2, 15),
        came(3, 21),
        EventDraft { headcount: Some(3), ..lesson(EventKind::Headcount, 600) },
        EventDraft { kind: EventKind::Out, ..came(2, 3000) },
        EventDraft {
            method: Some(Method::Manual),
            reason: Some(ManualReason::CardForgotten),
            card: None,
            kind: EventKind::Out,
            ..came(1, 3003)
        },
        lesson(EventKind::LessonClose, 3600),
    ])
}

/// Visits proven by the family's phone; the second proof resembles the first.
fn proven() -> Vec<Vec<u8>> {
    let proof = |number: u8, last: u8| {
        let card = card_bytes();
        let bytes = [&[0x84], &district::card(number).0[..], &card[..70], &[last; 9]].concat();
        EventDraft {
            method: Some(Method::Rotating),
            card: None,
            proof: Opaque::from_slice(&bytes),
            ..came(number, 30 + u16::from(last))
        }
    };
    written([proof(1, 1), proof(2, 2), proof(1, 3)])
}

/// Everything that a batch can hold beside visits.
fn others() -> Vec<Vec<u8>> {
    let mut pen = Pen::new(21);
    let first = pen.write(came(1, 0));
    let second = pen.write(came(2, 1));
    let about = |kind, hash| EventDraft { about: Some(hash), ..draft(kind, 1_000) };
    let later = [
        EventDraft { lesson: came(3, 0).lesson, ..about(EventKind::Correct, first.hash()) },
        about(EventKind::Void, second.hash()),
        about(EventKind::Dispute, seal::sha256(b"an event of another batch")),
        EventDraft {
            absence: Some(AbsenceReason::Sick),
            absence_document: Some(seal::sha256(b"a sick note")),
            document: Some("Құжат № 7".to_owned()),
            place: "txwwj".parse().ok(),
            method: None,
            card: None,
            kind: EventKind::Absent,
            ..came(3, 50)
        },
        EventDraft {
            provider: Some(district::JUDO_CLUB),
            month: Some(202_609),
            amount_tiyn: Some(-5),
            document: Some("M-1".to_owned()),
            ..draft(EventKind::PaymentNotice, -1)
        },
        EventDraft { anchor: Opaque::from_slice(&[9; 192]), ..draft(EventKind::TimeAnchor, 0) },
        EventDraft {
            anchor: Opaque::from_slice(&[&[9; 100][..], &[8; 92]].concat()),
            boot: BootId([8; 8]),
            mono_ms: u64::MAX,
            wall_ms: i64::MIN,
            ..draft(EventKind::TimeAnchor, 0)
        },
        EventDraft { boot: BootId([9; 8]), ..came(2, 1) },
        EventDraft {
            subject: Some(DeviceId([5; 8])),
            revocation: Some(RevocationReason::Replaced),
            ticket: Some(seal::sha256(b"a ticket")),
            ..draft(EventKind::DeviceRevoke, 2)
        },
        EventDraft {
            subject: Some(DeviceId([5; 8])),
            about: Some(seal::sha256(b"an event that was put aside")),
            ..draft(EventKind::EventRelease, 3)
        },
    ];
    let mut all = vec![first.bytes().to_vec(), second.bytes().to_vec()];
    let later = later.into_iter().chain(decisions(second.hash()));
    all.extend(later.map(|draft| pen.write(draft).bytes().to_vec()));
    all
}

/// What a district decides about visits, lessons, providers and vouchers.
fn decisions(visit: Hash) -> [EventDraft; 6] {
    [
        EventDraft {
            verdict: Some(Verdict::Was),
            finding: Some(Finding::Evidence),
            document: Some("№ 12".to_owned()),
            about: Some(visit),
            ..draft(EventKind::DisputeResolve, 4)
        },
        EventDraft {
            cancellation: Some(Cancellation::Order),
            document: Some("№ 13".to_owned()),
            ..draft(EventKind::LessonCancel, 5)
        },
        EventDraft { moved_to_ms: Some(i64::MIN), ..draft(EventKind::LessonMove, 6) },
        EventDraft {
            voucher: Some(district::voucher(2)),
            group: Some(district::JUDO),
            from_day: Some(20_261_016),
            ..draft(EventKind::Transfer, 7)
        },
        EventDraft {
            provider: Some(district::JUDO_CLUB),
            ground: Some(attendance::Ground::TaxDebt),
            document: Some("T-1".to_owned()),
            evidence: Some(seal::sha256(b"a document")),
            decision: Some(attendance::Decision::Confirm),
            ..draft(EventKind::ProviderSuspend, 8)
        },
        EventDraft {
            provider: Some(district::JUDO_CLUB),
            cause: Some(attendance::TerminationCause::NotCured),
            ..draft(EventKind::ProviderTerminate, 9)
        },
    ]
}

/// Signatures under a sheet and an act, one with a second of another scheme, and what the issuer decides.
fn signatures() -> Vec<Vec<u8>> {
    let foreign = attendance::ForeignSignature {
        version: attendance::FOREIGN_SIGNATURE_VERSION,
        algorithm: "CMS".to_owned(),
        signature: seal::sha256(b"a signature"),
        certificate: seal::sha256(b"a certificate"),
    };
    let of = |kind, wall_ms| EventDraft {
        provider: Some(district::JUDO_CLUB),
        month: Some(202_609),
        ..draft(kind, wall_ms)
    };
    let sheet =
        EventDraft { evidence: Some(seal::sha256(b"a sheet")), ..of(EventKind::SheetSign, 1) };
    let act = EventDraft {
        evidence: Some(seal::sha256(b"an act")),
        document: Some("A-1".to_owned()),
        ..of(EventKind::ActSign, 3)
    };
    let decide = |wall_ms, decision| EventDraft {
        decision: Some(decision),
        document: Some("№ 14".to_owned()),
        ..of(EventKind::SheetDecide, wall_ms)
    };
    written([
        EventDraft { proof: foreign.to_proof(), ..sheet.clone() },
        EventDraft { wall_ms: 2, ..sheet },
        EventDraft { proof: foreign.to_proof(), ..act.clone() },
        EventDraft { wall_ms: 4, ..act },
        decide(5, attendance::Decision::Return),
        decide(6, attendance::Decision::Pause),
        decide(7, attendance::Decision::Resume),
        decide(8, attendance::Decision::Invalidate),
    ])
}

/// What the issuer says of a voucher, and what a family answers.
fn vouchers() -> Vec<Vec<u8>> {
    use attendance::Decision::{
        Accept, Activate, Annul, Decline, Expire, Extend, Offer, Refuse, Register, Restore,
    };
    let of = |kind, wall_ms, decision| EventDraft {
        voucher: Some(district::voucher(2)),
        child: Some(district::child(2)),
        decision: Some(decision),
        ..draft(kind, wall_ms)
    };
    let set = |wall_ms, decision| EventDraft {
        document: Some("№ 15".to_owned()),
        ..of(EventKind::VoucherSet, wall_ms, decision)
    };
    written([
        set(1, Register),
        set(2, Activate),
        EventDraft { group: Some(district::CHESS), ..set(3, Offer) },
        of(EventKind::VoucherAnswer, 4, Accept),
        set(5, Extend),
        of(EventKind::VoucherAnswer, 6, Decline),
        set(7, Expire),
        set(8, Restore),
        EventDraft { from_day: Some(20_261_016), ..of(EventKind::VoucherAnswer, 9, Refuse) },
        EventDraft { about: Some(seal::sha256(b"a proposal")), ..set(10, Annul) },
    ])
}

pub(super) fn file() -> VectorFile {
    let (known, day) = (roster(7), day());
    let strangers = vec![day[1].clone(), Pen::new(24).write(came(1, 1)).bytes().to_vec()];
    let gap: Vec<Vec<u8>> = [0, 2, 3, 1].map(|at| day[at].clone()).into();
    let opaque = vec![b"no event at all".to_vec(), Vec::new(), day[0].clone(), vec![0xd2; 300]];
    let mut cases = vec![
        good("a lesson, with the roster", &day, Some(&known)),
        good("a lesson, with a roster of dated windows", &day, Some(&dated(&known))),
        good("the same, with nothing known", &day, None),
        good("of no event", &[], None),
        good("of no event, with the roster", &[], Some(&known)),
        good("of one event", &day[..1], None),
        good("the second half of a lesson", &day[4..], Some(&known)),
        good("proofs of a family's phone, with the roster", &proven(), Some(&known)),
        good("proofs of a family's phone, with nothing known", &proven(), None),
        good("corrections, answers, absences, payments and anchors", &others(), Some(&known)),
        good("the same kinds, with nothing known", &others(), None),
        good("events that do not follow one another", &gap, Some(&known)),
        good("an event of another device among them", &strangers, Some(&known)),
        good("bytes that are no events", &opaque, None),
        good("signatures under sheets and acts", &signatures(), Some(&known)),
        good("where a voucher stands", &vouchers(), Some(&known)),
        good("the same signatures, with nothing known", &signatures(), None),
    ];
    cases.extend(of_roster(&day, &known));
    cases.extend(of_header(&day[..1]));
    cases.extend(of_records(&day));
    super::file("packed", &[], cases)
}

fn of_roster(day: &[Vec<u8>], known: &Roster) -> Vec<Case> {
    let other = "other_roster";
    let with = packed(day, Some(known));
    let without = packed(day, None);
    let mut renamed = known.clone();
    renamed.children[0].name.push('!');
    vec![
        case("with the roster, and that is not at hand", other, &with, None),
        case("with the roster, and a later one is at hand", other, &with, Some(&roster(8))),
        case(
            "with the roster, and one of the same version is at hand",
            other,
            &with,
            Some(&renamed),
        ),
        case("with nothing, and a roster is at hand", other, &without, Some(known)),
    ]
}

/// An unsigned number in seven bits a byte.
fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
    bytes
}

/// The header of a batch whose first event is the device's first.
fn header(count: u64) -> Vec<u8> {
    let (pen, first) = (Pen::new(21), lesson(EventKind::LessonOpen, 0));
    let wall = leb(u64::try_from(first.wall_ms).expect("after 1970") << 1);
    let [device, prev] = [&pen.device().0[..], &pen.head().prev.0];
    [&[1, 0], device, &[0], prev, &wall, &leb(first.mono_ms), &leb(count)].concat()
}

fn of_header(one: &[Vec<u8>]) -> Vec<Case> {
    let good = packed(one, None);
    let record = good.strip_prefix(&header(1)[..]).expect("the header is known");
    let case = |name, expected, bytes: &[u8]| case(name, expected, bytes, None);
    let with_header = |header: &[u8]| [header, record].concat();
    let changed = |at: usize, to: &[u8]| {
        let header = header(1);
        [&header[..at], to, &header[at + 1..], record].concat()
    };
    let verbatim = [&header(1)[..], &[0], &leb(one[0].len() as u64), &one[0]].concat();
    let endless = [&header(1)[..], &[0], &leb((1 << 20) + 1)].concat();
    vec![
        case("version 2", "unknown_version", &changed(0, &[2])),
        case("version 0", "unknown_version", &changed(0, &[0])),
        case("the version in two bytes", NOT_CANONICAL, &changed(0, &[0x81, 0])),
        case("neither a roster nor none", DAMAGED, &changed(1, &[2])),
        case("a roster that is no name", DAMAGED, &changed(1, &[1])),
        case("the header alone", DAMAGED, &header(1)),
        case("half of the header", DAMAGED, &header(1)[..20]),
        case("no bytes at all", DAMAGED, &[]),
        case("one event more than there is", DAMAGED, &with_header(&header(2))),
        case("one event fewer than there is", DAMAGED, &with_header(&header(0))),
        case("1025 events", "too_large", &with_header(&header(1025))),
        case("2^64 - 1 events", "too_large", &with_header(&header(u64::MAX))),
        case(
            "a number of more than 64 bits",
            DAMAGED,
            &[&header(1)[..header(1).len() - 1], &[0xff; 9], &[2], record].concat(),
        ),
        case(
            "a device that no event is of",
            NOT_CANONICAL,
            &[&header(0)[..header(0).len() - 1], &[1, 0, 3], b"abc"].concat(),
        ),
        case("an event told as bytes", NOT_CANONICAL, &verbatim),
        case("bytes of more than a megabyte", "too_large", &endless),
        case("bytes that are cut off", DAMAGED, &verbatim[..verbatim.len() - 1]),
    ]
}

fn of_records(day: &[Vec<u8>]) -> Vec<Case> {
    let pair = written([came(1, 1), came(1, 2)]);
    let good = packed(&pair, None);
    let signature = &pair[0][pair[0].len() - 64..];
    let shape = [0x82, 0x02, 0x18, 0x3f];
    let second = [signature, &[2, 0]].concat();
    let case = |name, expected, bytes: &[u8]| case(name, expected, bytes, None);
    let shaped = |to: &[u8]| replaced(&good, &shape, to);
    let follows = |to: &[u8]| replaced(&good, &second, &[signature, to].concat());
    let proven = written([EventDraft { proof: Opaque::from_slice(&[7; 86]), ..came(1, 1) }]);
    let proof = packed(&proven, None);
    let whole = [&[86, 0xac, 1][..], &[7; 86]].concat();
    let pieces = |to: &[u8]| replaced(&proof, &whole, &[to, &[7; 86][..]].concat());
    let halves = [&[86, 2, 7, 0xaa, 1][..], &[7; 85]].concat();
    let mut flipped = good.clone();
    *flipped.last_mut().expect("there are bytes") ^= 1;
    let mut other = pair.clone();
    *other[1].last_mut().expect("there are bytes") ^= 1;
    let other: Vec<String> = other.iter().map(|event| hex(event)).collect();
    let long = packed(day, None);
    vec![
        case("a bit flipped in a signature, which only the signature tells", OK, &flipped)
            .giving(json!(other)),
        case("a trailing byte", DAMAGED, &[&good[..], &[0]].concat()),
        case("the last byte missing", DAMAGED, &good[..good.len() - 1]),
        case("the second half missing", DAMAGED, &long[..long.len() / 2]),
        case(
            "a shape told anew that was told before",
            NOT_CANONICAL,
            &follows(&[&[1], &shape[..], &[0]].concat()),
        ),
        case("a shape that nobody told", DAMAGED, &follows(&[3, 0])),
        case("a boot named that was to be expected", NOT_CANONICAL, &follows(&[2, 2])),
        case("a boot that nobody told", DAMAGED, &follows(&[2, 3])),
        case("a kind that nobody knows", DAMAGED, &shaped(&[0x82, 0x18, 99, 0x18, 0x3f])),
        case(
            "a shape in more bytes than it needs",
            NOT_CANONICAL,
            &shaped(&[0x82, 2, 0x19, 0, 0x3f]),
        ),
        case(
            "a position told that follows by itself",
            DAMAGED, // The next byte, the boot's, is then the position.
            &shaped(&[0x82, 2, 0x1a, 0x40, 0, 0, 0x3f]),
        ),
        case(
            "a proof in two pieces that are one",
            NOT_CANONICAL,
            &replaced(&proof, &whole, &halves),
        ),
        case("a proof of more than 320 bytes", "too_large", &pieces(&[0xc1, 2, 0xac, 1])),
        case("a proof of no bytes", DAMAGED, &pieces(&[0])),
        case("a piece longer than the proof", DAMAGED, &pieces(&[86, 0xae, 1])),
        case("a piece outside of what is known", DAMAGED, &pieces(&[86, 0xad, 1, 0])),
    ]
}
