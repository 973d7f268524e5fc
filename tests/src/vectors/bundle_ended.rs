//! An audit bundle of months in which families refuse vouchers and the issuer annuls one.

use attendance::{Decision, EventDraft, EventKind};

use super::bundle::case;
use super::event::draft;
use super::month::{Log, Who, pupil};
use super::{Case, OK};
use crate::district::{self, CHESS, JUDO};

/// September: child 1's family refuses in the middle, of which a transfer afterwards changes nothing; of
/// child 2's voucher two coordinators decide, the second one late; child 3's is proposed to be annulled,
/// and the same device agrees with itself; a stranger's refusal and one without a paper count for nothing.
pub(super) fn cases() -> Vec<Case> {
    let month = |text: &str| text.parse().expect("a month");
    let (september, october) = (month("2026-09"), month("2026-10"));
    let mut log = Log::begun(district::snapshot());
    log.enrol(Who::SecondCoordinator);
    let lessons = log.snapshot.lessons(september);
    for lesson in lessons.iter().filter(|lesson| lesson.group == CHESS) {
        for child in 1..=3 {
            let visit = log.visit(Who::ChessTeacher, pupil(child), lesson, 0);
            let family = if child == 3 { Who::FamilyB } else { Who::FamilyA };
            log.answer(family, EventKind::Confirm, visit, lesson.end_ms);
        }
    }
    let of = |kind, decision, child: u8, day: &str| EventDraft {
        voucher: Some(district::voucher(child)),
        child: Some(district::child(child)),
        decision: Some(decision),
        ..draft(kind, ledger::local_ms(day.parse().expect("a day"), 720).expect("a local day"))
    };
    let refuse = |child, day| of(EventKind::VoucherAnswer, Decision::Refuse, child, day);
    let annul = |child, day, about| EventDraft {
        about,
        document: Some("case 3".to_owned()),
        ..of(EventKind::VoucherSet, Decision::Annul, child, day)
    };
    log.say(Who::FamilyB, refuse(1, "2026-09-10"));
    log.say(Who::Coordinator, refuse(1, "2026-09-10"));
    log.say(Who::FamilyA, refuse(1, "2026-09-15"));
    let transfer = EventDraft {
        voucher: Some(district::voucher(1)),
        group: Some(JUDO),
        ..draft(EventKind::Transfer, lessons.last().map_or(0, |lesson| lesson.start_ms))
    };
    log.say(Who::FamilyA, transfer);
    let first = log.say(Who::Coordinator, annul(2, "2026-09-21", None));
    log.say(Who::SecondCoordinator, annul(2, "2026-09-22", None));
    log.say(Who::SecondCoordinator, annul(2, "2026-09-22", Some(first)));
    let alone = log.say(Who::Coordinator, annul(3, "2026-09-21", None));
    log.say(Who::Coordinator, annul(3, "2026-09-22", Some(alone)));
    // Where a voucher stands before its contract bears on no sum.
    log.say(Who::Coordinator, {
        let document = Some("order 1".to_owned());
        EventDraft { document, ..of(EventKind::VoucherSet, Decision::Expire, 4, "2026-09-22") }
    });
    log.settle(september);
    let mut cases = vec![case("refused and annulled vouchers", OK, &log.bundle())];
    log.say(Who::Coordinator, {
        let document = Some("act 4".to_owned());
        EventDraft { document, from_day: Some(20_261_015), ..refuse(3, "2026-10-01") }
    });
    log.settle(october);
    cases.push(case(
        "the month after, and a refusal from a later day",
        OK,
        &log.bundle_of(october),
    ));
    cases
}
