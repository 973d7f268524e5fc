//! Whole audit bundles: months that exercise the rules, and months that lie.

use attendance::{EventDraft, EventKind, ManualReason, Method};
use ledger::{
    Basis, Contract, FoldEdition, Group, Lesson, Params, PayoutPolicy, Snapshot, SplitMode, Tiyn,
    Weekday,
};
use sync_api::Bundle;

use super::event::draft;
use super::material::log_key;
use super::month::{Log, Who, came, closed, month, pupil};
use super::{
    Case, Input, OK, VectorFile, bundle_breaks, bundle_decided, bundle_ended, bundle_leaves,
    bundle_records, bundle_signed, edition, hex,
};
use crate::district::{self, CHESS, CHESS_HOUSE, JUDO, JUDO_CLUB};
use attendance::{GroupId, VoucherId};

/// A second chess group, on Mondays after the first one: child 1 is in both.
const EVENING: GroupId = GroupId([0x0e; 8]);
/// A group of Saturdays and Sundays.
const WEEKEND: GroupId = GroupId([0x0f; 8]);
/// Child 1's voucher for the evening group.
const SECOND: VoucherId = VoucherId([0x61; 8]);
/// Child 4's voucher for the weekend.
const THIRD: VoucherId = VoucherId([0x64; 8]);

pub(super) fn case(name: &str, expected: &str, bundle: &Bundle) -> Case {
    let text = serde_json::to_string(bundle).expect("a bundle is JSON");
    of_text(name, expected, text)
}

pub(super) fn of_text(name: &str, expected: &str, text: String) -> Case {
    let roots = hex(&super::material::roots().to_bytes());
    Case::new(name, expected, [("bundle", Input::Text(text)), ("roots", Input::Text(roots))])
}

pub(super) fn file() -> VectorFile {
    let mut cases = vec![
        case("a short month", OK, &closed().bundle()),
        case("equal parts, by lessons, by visits", OK, &busy(snapshot(|_| {})).bundle()),
        case("equal parts, by calendar days, from a threshold on", OK, &{
            busy(snapshot(|params| {
                params.basis = Basis::Calendar;
                params.payout_policy = PayoutPolicy::Threshold;
                params.full_pay_at_percent = 34;
                params.l0_share_max_percent = 25;
                params.max_payable_visits_per_child_day = 2;
                params.transferred_day_off_cancels_weekend = true;
            }))
            .bundle()
        }),
        case("a norm a month, for enrolment", OK, &{
            busy(snapshot(|params| {
                params.split_mode = SplitMode::MonthNorm;
                params.month_norm_tiyn = Tiyn(5_500_000);
                params.payout_policy = PayoutPolicy::Enrolment;
                params.min_confirmed = 4;
                params.l0_share_max_percent = 100;
                params.transferred_day_off_cancels_weekday = false;
            }))
            .bundle()
        }),
    ];
    cases.extend(edition::cases());
    cases.extend(bundle_decided::cases());
    cases.extend(bundle_breaks::cases());
    cases.extend(bundle_leaves::cases());
    cases.extend(bundle_records::cases());
    cases.extend(bundle_signed::cases());
    cases.extend(bundle_ended::cases());
    super::file("bundle", &[], cases)
}

/// The district with an evening and a weekend group, days off, and contracts that begin or end
/// inside the month.
fn snapshot(change: impl Fn(&mut Params)) -> Snapshot {
    let mut snapshot = district::snapshot();
    let day = |text: &str| text.parse().expect("a date");
    let group = |id, provider, weekdays: &[Weekday], start: &str| Group {
        id,
        provider,
        name: format!("Group \"{id}\" – қосымша"),
        weekdays: weekdays.to_vec(),
        start: start.to_owned(),
        minutes: 60,
        capacity: None,
    };
    snapshot.groups.push(group(EVENING, CHESS_HOUSE, &[Weekday::Mon], "17:30"));
    snapshot.groups.push(group(WEEKEND, JUDO_CLUB, &[Weekday::Sat, Weekday::Sun], "10:00"));
    snapshot.params[0].effective_from = day("2026-08-01");
    snapshot.contracts[0].from = day("2026-08-03");
    snapshot.contracts[0].total_tiyn = Tiyn(10_000_003);
    snapshot.contracts[1].from = day("2026-09-14");
    snapshot.contracts[2].to = day("2026-11-05");
    snapshot.contracts[3].to = day("2026-09-20");
    let mut more = |at: usize, voucher, group, provider, number: &str| {
        let contract = snapshot.contracts[at].clone();
        let (from, to) = (day("2026-09-01"), day("2026-12-31"));
        let number = number.to_owned();
        let total_tiyn = Tiyn(7_777_777);
        let more = Contract { voucher, group, provider, number, from, to, total_tiyn, ..contract };
        snapshot.contracts.push(more);
    };
    more(0, SECOND, EVENING, CHESS_HOUSE, "TEST-2026-0101");
    more(3, THIRD, WEEKEND, JUDO_CLUB, "TEST-2026-0104");
    snapshot.calendar.official_off = vec![day("2026-12-16"), day("2026-09-09")];
    snapshot.calendar.transferred_off = vec![day("2026-09-16"), day("2026-09-19")];
    change(&mut snapshot.params[0]);
    let later = Params::defaults(day("2026-10-01"), "2026.2");
    snapshot
        .params
        .insert(0, Params { basis: Basis::Calendar, fold_edition: FoldEdition::First, ..later });
    snapshot.verify().expect("a whole snapshot")
}

/// A month with something of everything.
fn busy(snapshot: Snapshot) -> Log {
    let mut log = Log::begun(snapshot);
    let lessons = log.snapshot.lessons(month());
    let of = |group| lessons.iter().filter(move |lesson| lesson.group == group).take(6);
    for (number, lesson) in (0..).zip(of(CHESS)) {
        chess_lesson(&mut log, number, lesson);
    }
    for (number, lesson) in (0..).zip(of(EVENING).chain(of(JUDO)).chain(of(WEEKEND))) {
        other_lesson(&mut log, number, lesson);
    }
    oddities(&mut log, &lessons);
    log.close(Who::FamilyA, district::MAY_CLOSE_MS);
    log.close(Who::Coordinator, district::MAY_CLOSE_MS - 1);
    log.close(Who::Coordinator, district::MAY_CLOSE_MS);
    let tranche = log.tranche();
    log.tag();
    // What comes after the close changes nothing of the month.
    let last = lessons.iter().rfind(|lesson| lesson.group == CHESS).expect("a lesson");
    let late = log.visit(Who::ChessTeacher, pupil(1), last, 0);
    log.answer(Who::FamilyA, EventKind::Confirm, late, district::MAY_CLOSE_MS);
    log.tag();
    log.push_tranche(&tranche, &log_key());
    log
}

/// Children 1 to 3 by card, by hand, late, early, or not at all; families answer or not.
fn chess_lesson(log: &mut Log, number: u8, lesson: &Lesson) {
    for child in 1..=3 {
        let late_min = [0, 16, -25, 15, 75, 5][usize::from((number + child) % 6)];
        let mut visit = came(pupil(child), lesson, late_min);
        if (number + child).is_multiple_of(3) {
            visit.method = Some(Method::Manual);
            visit.reason = Some(ManualReason::CardForgotten);
            visit.card = None;
        }
        if (number, child) == (4, 3) {
            continue;
        }
        let visit = log.say(Who::ChessTeacher, visit);
        let (family, at_ms) = (if child < 3 { Who::FamilyA } else { Who::FamilyB }, lesson.end_ms);
        match (number + 2 * child) % 5 {
            0 => {
                log.answer(family, EventKind::Dispute, visit, at_ms);
            }
            1 => {
                log.answer(family, EventKind::Dispute, visit, at_ms);
                log.answer(family, EventKind::Confirm, visit, at_ms + 1);
            }
            2 if child == 3 => {}
            _ => {
                log.answer(family, EventKind::Confirm, visit, at_ms);
            }
        }
    }
}

fn other_lesson(log: &mut Log, number: u8, lesson: &Lesson) {
    let chess = lesson.provider == CHESS_HOUSE;
    let (child, voucher) = match (chess, lesson.group == JUDO) {
        (true, _) => (district::child(1), SECOND),
        (false, true) => pupil(4),
        (false, false) => (district::child(4), THIRD),
    };
    let (teacher, family) =
        if chess { (Who::ChessTeacher, Who::FamilyA) } else { (Who::JudoTeacher, Who::FamilyB) };
    let visit = log.visit(teacher, (child, voucher), lesson, i64::from(number));
    if number != 5 {
        log.answer(family, EventKind::Confirm, visit, lesson.end_ms);
    }
}

/// What is kept as evidence and changes no sum, or changes it in an unusual way.
fn oddities(log: &mut Log, lessons: &[Lesson]) {
    let chess: Vec<&Lesson> = lessons.iter().filter(|lesson| lesson.group == CHESS).collect();
    let lesson = chess[7];
    let at_ms = lesson.end_ms;
    let teacher = Who::ChessTeacher;
    // Withdrawn by who recorded it, and recorded again.
    let slip = log.visit(teacher, pupil(1), lesson, 0);
    log.answer(Who::FamilyA, EventKind::Confirm, slip, at_ms);
    log.answer(teacher, EventKind::Void, slip, at_ms);
    let again = log.visit(teacher, pupil(1), lesson, 1);
    log.answer(Who::FamilyA, EventKind::Confirm, slip, at_ms + 1);
    log.answer(Who::JudoTeacher, EventKind::Void, again, at_ms);
    log.answer(Who::FamilyB, EventKind::Dispute, again, at_ms);
    log.answer(Who::FamilyA, EventKind::Void, again, at_ms);
    // Twice, by somebody who is no teacher, without a ground, as a guest, at another's club.
    let first = log.visit(teacher, pupil(2), lesson, 0);
    let second = log.visit(teacher, pupil(2), lesson, 2);
    log.answer(Who::FamilyA, EventKind::Confirm, second, at_ms);
    log.answer(Who::FamilyA, EventKind::Confirm, first, at_ms);
    log.visit(Who::FamilyB, pupil(3), lesson, 0);
    log.say(teacher, EventDraft { method: None, ..came(pupil(3), lesson, 0) });
    log.say(teacher, EventDraft { method: Some(Method::Manual), ..came(pupil(3), lesson, 0) });
    log.visit(teacher, (district::child(3), district::voucher(1)), chess[9], 0);
    log.visit(Who::JudoTeacher, pupil(3), lesson, 0);
    log.say(teacher, EventDraft { provider: Some(JUDO_CLUB), ..came(pupil(3), lesson, 0) });
    // A family signs the month: it confirms what was in the log by then and is not disputed.
    log.visit(teacher, pupil(3), lesson, 0);
    let sign = |child, number| EventDraft {
        child: Some(district::child(child)),
        month: Some(number),
        ..draft(EventKind::MonthSign, at_ms)
    };
    log.say(Who::FamilyB, sign(3, 202_610));
    log.say(Who::FamilyA, sign(3, 202_609));
    log.say(Who::FamilyB, sign(3, 202_609));
    log.visit(teacher, pupil(3), chess[8], 0);
    let named = log.visit(teacher, pupil(1), chess[8], 0);
    let mut other_child = draft(EventKind::Confirm, at_ms);
    (other_child.about, other_child.child) = (Some(named), Some(district::child(2)));
    log.say(Who::FamilyA, other_child);
    days_off(log, lesson);
}

/// Scans on days that the calendar takes away.
fn days_off(log: &mut Log, lesson: &Lesson) {
    for day in [9, 16] {
        let start_ms =
            district::FIRST_MORNING_MS + (i64::from(day) - 2) * 86_400_000 + 9 * 3_600_000;
        let off = Lesson {
            id: attendance::LessonId::derive_from(CHESS, start_ms),
            start_ms,
            end_ms: start_ms + 3_600_000,
            ..*lesson
        };
        let visit = log.visit(Who::ChessTeacher, pupil(3), &off, 0);
        log.answer(Who::FamilyB, EventKind::Confirm, visit, off.end_ms);
    }
}
