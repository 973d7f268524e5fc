//! Months under the second edition of the fold: absences, corrections, lessons, decisions, conflicts.

use attendance::{
    AbsenceReason, Cancellation, EventDraft, EventKind, Finding, GroupId, ManualReason, Method,
    Opaque, Verdict, VoucherId,
};
use ledger::{
    Contract, FoldEdition, Group, Lesson, NarrowerRules, Params, PayoutPolicy, Scope, Snapshot,
    Tiyn, Weekday,
};
use seal::Hash;

use super::bundle::case;
use super::event::draft;
use super::material::log_key;
use super::month::{Log, Who, came, month, pupil};
use super::{Case, OK};
use crate::district::{self, CHESS, JUDO, JUDO_CLUB};

/// A judo group at the hours of the chess group: child 1 is in both.
const CLASHING: GroupId = GroupId([0x1e; 8]);
/// Child 1's voucher for it.
const SECOND: VoucherId = VoucherId([0x71; 8]);
const DAY_MS: i64 = 86_400_000;

pub(super) fn cases() -> Vec<Case> {
    let of = |name, change: &dyn Fn(&mut Snapshot)| case(name, OK, &everything(change).bundle());
    vec![
        of("the second edition of the fold", &|_| {}),
        of("the same events under the first edition", &|snapshot| {
            snapshot.params[0].fold_edition = FoldEdition::First;
        }),
        of("the second edition: silence, proxies and narrow limits", &|snapshot| {
            let params = &mut snapshot.params[0];
            params.tacit_acceptance = true;
            params.visit_confirm_days = 3;
            params.families_per_device_max = 1;
            params.make_up_window_days = 2;
            params.excused_cap_percent = 8;
            params.l0_share_max_percent = 100;
            params.l0_group_share_max_percent = Some(10);
            params.max_payable_visits_per_child_day = 2;
        }),
        of("rules of a programme and of a provider", &narrower),
    ]
}

/// The provider's rules are narrower than the programme's, and both than the district's.
fn narrower(snapshot: &mut Snapshot) {
    let rules = Params { excused_cap_percent: 50, late_min: 21, ..snapshot.params[0].clone() };
    let programme = Params {
        effective_from: "2026-08-01".parse().expect("a date"),
        payout_policy: PayoutPolicy::Threshold,
        full_pay_at_percent: 30,
        make_up_window_days: 2,
        l0_group_share_max_percent: Some(0),
        ..rules.clone()
    };
    snapshot.narrower = vec![
        NarrowerRules {
            id: "provider".to_owned(),
            scope: Scope::Provider(district::CHESS_HOUSE),
            rules,
        },
        NarrowerRules {
            id: "programme".to_owned(),
            scope: Scope::Programme(vec![JUDO, CHESS]),
            rules: programme,
        },
    ];
}

fn snapshot(change: &dyn Fn(&mut Snapshot)) -> Snapshot {
    let mut snapshot = district::snapshot();
    snapshot.params[0].fold_edition = FoldEdition::Second;
    snapshot.groups.push(Group {
        id: CLASHING,
        provider: JUDO_CLUB,
        name: "Clashing".to_owned(),
        weekdays: vec![Weekday::Mon, Weekday::Wed],
        start: "16:30".to_owned(),
        minutes: 60,
        capacity: None,
    });
    let (from, to) = ("2026-09-07".parse().expect("a date"), snapshot.contracts[0].to);
    snapshot.contracts.push(Contract {
        voucher: SECOND,
        number: "TEST-2026-0201".to_owned(),
        group: CLASHING,
        provider: JUDO_CLUB,
        total_tiyn: Tiyn(5_000_001),
        from,
        to,
        ..snapshot.contracts[0].clone()
    });
    for (number, contract) in (1..).zip(&mut snapshot.contracts) {
        contract.family = Some(if number == 5 { 1 } else { number });
    }
    snapshot.contracts[3].family = None;
    snapshot.calendar.working = vec!["2026-09-05".parse().expect("a date")];
    change(&mut snapshot);
    snapshot.verify().expect("a whole snapshot")
}

fn everything(change: &dyn Fn(&mut Snapshot)) -> Log {
    let mut log = Log::begun(snapshot(change));
    let all = log.snapshot.lessons(month());
    let of = |group| all.iter().filter(move |lesson| lesson.group == group).copied();
    let (chess, judo): (Vec<_>, Vec<_>) = (of(CHESS).collect(), of(JUDO).collect());
    attended(&mut log, &chess[..6]);
    absences(&mut log, &chess[6..11]);
    corrections(&mut log, &chess);
    lessons(&mut log, &chess, &judo);
    decisions(&mut log, &chess[..4]);
    conflicts(&mut log, &chess, &of(CLASHING).collect::<Vec<_>>());
    codes(&mut log, &judo);
    log.close(Who::Coordinator, district::MAY_CLOSE_MS);
    let tranche = log.tranche();
    log.tag();
    // After the close: a case for an adjustment, and nothing of this month.
    log.say(Who::ChessTeacher, absent(2, &chess[12], AbsenceReason::Sick));
    log.tag();
    log.push_tranche(&tranche, &log_key());
    log
}

/// Children 2 and 3 come six times, child 3 thrice by hand, and the families say so.
fn attended(log: &mut Log, lessons: &[Lesson]) {
    for (number, lesson) in lessons.iter().enumerate() {
        let visit = log.visit(Who::ChessTeacher, pupil(2), lesson, 0);
        log.answer(Who::FamilyA, EventKind::Confirm, visit, lesson.end_ms);
        let mut mark = came(pupil(3), lesson, 20);
        if number < 3 {
            mark.method = Some(Method::Manual);
            mark.reason = Some(ManualReason::CardUnreadable);
        }
        let mark = log.say(Who::ChessTeacher, mark);
        log.answer(Who::FamilyB, EventKind::Confirm, mark, lesson.end_ms + 9 * DAY_MS);
    }
}

fn absent(child: u8, lesson: &Lesson, why: AbsenceReason) -> EventDraft {
    EventDraft {
        kind: EventKind::Absent,
        method: None,
        card: None,
        absence: Some(why),
        document: Some("№ 12".to_owned()),
        ..came(pupil(child), lesson, 600)
    }
}

fn absences(log: &mut Log, lessons: &[Lesson]) {
    let (teacher, family) = (Who::ChessTeacher, Who::FamilyA);
    log.say(teacher, absent(2, &lessons[0], AbsenceReason::Sick));
    log.say(family, absent(2, &lessons[1], AbsenceReason::Leave));
    let hash = seal::sha256(b"a document");
    let mut papers = absent(2, &lessons[2], AbsenceReason::Quarantine);
    (papers.document, papers.absence_document) = (None, Some(hash));
    log.say(family, papers);
    log.say(teacher, absent(2, &lessons[3], AbsenceReason::Sick));
    // Twice, without a document, for no reason that excuses, by a stranger, and against a scan.
    log.say(family, absent(2, &lessons[3], AbsenceReason::Leave));
    log.say(
        teacher,
        EventDraft {
            document: Some(" ".to_owned()),
            ..absent(3, &lessons[0], AbsenceReason::Sick)
        },
    );
    log.say(teacher, absent(3, &lessons[1], AbsenceReason::Other));
    log.say(Who::FamilyB, absent(2, &lessons[4], AbsenceReason::Sick));
    log.say(Who::JudoTeacher, absent(2, &lessons[4], AbsenceReason::Sick));
    log.say(teacher, absent(3, &lessons[2], AbsenceReason::Sick));
    log.visit(teacher, pupil(3), &lessons[2], 0);
    // Withdrawn by the family, and by the district with a ground and without one.
    let slip = log.say(Who::FamilyB, absent(3, &lessons[3], AbsenceReason::Sick));
    log.answer(teacher, EventKind::Void, slip, 0);
    log.answer(Who::Coordinator, EventKind::Void, slip, 0);
    log.say(Who::Coordinator, void(slip));
    log.say(Who::FamilyB, absent(3, &lessons[3], AbsenceReason::Leave));
    let slip = log.say(Who::FamilyB, absent(3, &lessons[4], AbsenceReason::Leave));
    log.answer(Who::FamilyB, EventKind::Void, slip, 0);
}

fn void(about: Hash) -> EventDraft {
    EventDraft { about: Some(about), finding: Some(Finding::Slip), ..draft(EventKind::Void, 0) }
}

fn correct(about: Hash, change: impl Fn(&mut EventDraft)) -> EventDraft {
    let mut correction = draft(EventKind::Correct, 0);
    correction.about = Some(about);
    change(&mut correction);
    correction
}

fn corrections(log: &mut Log, lessons: &[Lesson]) {
    let (teacher, family) = (Who::ChessTeacher, Who::FamilyA);
    // Of the child: the other family is asked.
    let wrong = log.visit(teacher, pupil(1), &lessons[11], 0);
    log.answer(family, EventKind::Confirm, wrong, 0);
    log.say(
        teacher,
        correct(wrong, |event| {
            (event.child, event.voucher) = (Some(pupil(3).0), Some(pupil(3).1));
        }),
    );
    log.answer(Who::FamilyB, EventKind::Confirm, wrong, 0);
    // Of the lesson: what was confirmed is not what counts now.
    let wrong = log.visit(teacher, pupil(1), &lessons[0], 0);
    log.answer(family, EventKind::Confirm, wrong, 0);
    log.say(teacher, correct(wrong, |event| event.lesson = Some(lessons[7].id)));
    // Of another month, of nothing, by a stranger: it stays.
    log.say(teacher, correct(wrong, |event| event.lesson = Some(attendance::LessonId([7; 8]))));
    log.say(teacher, correct(wrong, |event| event.headcount = Some(7)));
    log.say(Who::JudoTeacher, correct(wrong, |event| event.lesson = Some(lessons[8].id)));
    // Of a reason: nobody is asked again. By the district, of an absence's document.
    let mut mark = came(pupil(1), &lessons[9], 0);
    (mark.method, mark.reason) = (Some(Method::Manual), Some(ManualReason::CardForgotten));
    let mark = log.say(teacher, mark);
    log.answer(family, EventKind::Confirm, mark, 0);
    log.say(teacher, correct(mark, |event| event.reason = Some(ManualReason::NoCamera)));
    let absence = EventDraft { document: None, ..absent(1, &lessons[10], AbsenceReason::Sick) };
    let absence = log.say(family, absence);
    log.say(Who::Coordinator, correct(absence, |event| event.document = Some("№ 1".to_owned())));
}

fn lessons(log: &mut Log, chess: &[Lesson], judo: &[Lesson]) {
    let about = |kind, lesson: &Lesson| EventDraft {
        lesson: Some(lesson.id),
        provider: Some(lesson.provider),
        ..draft(kind, 0)
    };
    let cancel = |lesson: &Lesson, why| EventDraft {
        cancellation: Some(why),
        document: Some("№ 3".to_owned()),
        ..about(EventKind::LessonCancel, lesson)
    };
    let to = |lesson: &Lesson, days: i64| EventDraft {
        moved_to_ms: Some(lesson.start_ms + days * DAY_MS),
        ..about(EventKind::LessonMove, lesson)
    };
    log.say(Who::ChessTeacher, cancel(&chess[5], Cancellation::Provider));
    log.say(Who::Coordinator, cancel(&chess[8], Cancellation::Quarantine));
    log.say(Who::ChessTeacher, to(&chess[8], 1));
    log.say(Who::ChessTeacher, cancel(&chess[0], Cancellation::Order));
    log.say(Who::JudoTeacher, cancel(&chess[0], Cancellation::Provider));
    log.say(Who::FamilyA, cancel(&chess[0], Cancellation::Provider));
    // Moved, moved again, too far, onto another one, to the next month, to no time at all.
    let judo_club = Who::JudoTeacher;
    log.say(judo_club, to(&judo[0], 1));
    log.say(judo_club, to(&judo[0], 3));
    log.say(judo_club, to(&judo[1], 31));
    log.say(judo_club, to(&judo[1], 5));
    log.say(judo_club, to(&judo[2], 2));
    log.say(judo_club, to(&judo[8], 2));
    log.say(judo_club, EventDraft { moved_to_ms: Some(i64::MAX), ..to(&judo[3], 0) });
    log.say(judo_club, EventDraft { moved_to_ms: None, ..to(&judo[3], 0) });
}

fn decide(about: Hash, verdict: Verdict) -> EventDraft {
    EventDraft {
        about: Some(about),
        verdict: Some(verdict),
        finding: Some(Finding::Inspection),
        document: Some("№ 4".to_owned()),
        ..draft(EventKind::DisputeResolve, 0)
    }
}

/// Child 1 of the first lessons: disputed, and decided in every way.
fn decisions(log: &mut Log, lessons: &[Lesson]) {
    let (teacher, family, district) = (Who::ChessTeacher, Who::FamilyA, Who::Coordinator);
    let visits: Vec<Hash> =
        lessons.iter().map(|lesson| log.visit(teacher, pupil(1), lesson, 0)).collect();
    log.say(district, decide(visits[0], Verdict::Was));
    for visit in &visits {
        log.answer(family, EventKind::Dispute, *visit, 0);
    }
    log.say(teacher, decide(visits[0], Verdict::Was));
    log.say(district, EventDraft { finding: None, ..decide(visits[0], Verdict::Was) });
    log.say(district, EventDraft { document: None, ..decide(visits[0], Verdict::Was) });
    log.say(district, decide(visits[1], Verdict::Was));
    log.answer(family, EventKind::Dispute, visits[1], 0);
    log.say(district, decide(visits[2], Verdict::WasNot));
    log.answer(family, EventKind::Confirm, visits[2], 0);
    log.say(district, decide(visits[3], Verdict::WasNot));
    log.say(district, decide(visits[3], Verdict::Was));
}

/// Child 1 at two providers at the same time: undecided, decided for one, denied to one, disputed.
fn conflicts(log: &mut Log, chess: &[Lesson], clashing: &[Lesson]) {
    let child = (district::child(1), SECOND);
    let days: Vec<&Lesson> = clashing.iter().filter(|one| one.day >= chess[4].day).collect();
    let mut pairs = Vec::new();
    for lesson in days {
        let other = chess.iter().find(|one| one.day == lesson.day).expect("chess that day");
        let one = log.visit(Who::ChessTeacher, pupil(1), other, 0);
        let two = log.visit(Who::JudoTeacher, child, lesson, 0);
        log.answer(Who::FamilyA, EventKind::Confirm, one, 0);
        log.answer(Who::FamilyA, EventKind::Confirm, two, 0);
        pairs.push((one, two));
    }
    log.say(Who::Coordinator, decide(pairs[1].0, Verdict::Was));
    log.say(Who::Coordinator, decide(pairs[4].0, Verdict::WasNot));
    log.answer(Who::FamilyA, EventKind::Dispute, pairs[3].1, 0);
}

/// Child 4 by rotating codes, and nobody answers; and a confirmation by a teacher.
fn codes(log: &mut Log, judo: &[Lesson]) {
    for lesson in &judo[3..] {
        let mut visit = came(pupil(4), lesson, 0);
        (visit.method, visit.card) = (Some(Method::Rotating), None);
        visit.proof = Opaque::from_slice(&[7; 86]);
        let visit = log.say(Who::JudoTeacher, visit);
        log.answer(Who::JudoTeacher, EventKind::Confirm, visit, 0);
    }
    let sign = EventDraft {
        child: Some(district::child(3)),
        month: Some(month().number()),
        ..draft(EventKind::MonthSign, 0)
    };
    log.say(Who::FamilyB, sign);
}
