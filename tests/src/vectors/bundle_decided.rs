//! Audit bundles of months with transfers, a suspended provider, and decisions after the close.

use attendance::{EventDraft, EventKind};
use ledger::Lesson;
use seal::Hash;

use super::bundle::case;
use super::event::draft;
use super::month::{Log, Who, pupil};
use super::{Case, OK};
use crate::district::{self, CHESS, JUDO, JUDO_CLUB};

/// A voucher that moves inside the month, a provider that is suspended and cured, and what is decided
/// about September after it was closed.
pub(super) fn cases() -> Vec<Case> {
    let month = |text: &str| text.parse().expect("a month");
    let (september, october, november) = (month("2026-09"), month("2026-10"), month("2026-11"));
    let mut log = Log::begun(district::snapshot());
    let lessons = log.snapshot.lessons(september);
    let unanswered = taught(&mut log, &lessons);
    let about = |kind, at: &str| EventDraft {
        provider: Some(JUDO_CLUB),
        ground: Some(attendance::Ground::TaxDebt),
        document: Some("T-1".to_owned()),
        ..draft(kind, noon(at))
    };
    log.say(Who::Coordinator, about(EventKind::ProviderSuspend, "2026-09-20"));
    log.say(Who::FamilyA, about(EventKind::GroundCured, "2026-09-21"));
    log.settle(september);
    let mut cases = vec![case("places of a voucher, a suspended provider", OK, &log.bundle())];
    let decision = |kind, voucher: u8| EventDraft {
        voucher: Some(district::voucher(voucher)),
        month: Some(september.number()),
        document: Some("R-1".to_owned()),
        ..draft(kind, noon("2026-10-05"))
    };
    for (family, visit) in unanswered.iter().take(3) {
        log.answer(*family, EventKind::Confirm, *visit, noon("2026-10-02"));
    }
    let pay = attendance::Decision::Pay;
    let give_back = attendance::Decision::Return;
    let release = |voucher, decision_| EventDraft {
        decision: Some(decision_),
        ..decision(EventKind::HoldRelease, voucher)
    };
    log.say(Who::Coordinator, decision(EventKind::Adjust, 2));
    log.say(Who::FamilyB, release(2, pay));
    log.say(Who::Coordinator, release(2, give_back));
    log.say(Who::Coordinator, release(3, pay));
    log.say(Who::Coordinator, about(EventKind::GroundCured, "2026-10-10"));
    let tranche = log.settle(october);
    assert!(tranche.corrections.as_ref().is_some_and(|all| all.len() >= 4), "{tranche:?}");
    cases.push(case("corrections of a closed month, and a cure", OK, &log.bundle_of(october)));
    // A family takes back more than was let through: it nets against what November earns.
    for disputed in log.visits_of(pupil(3).0).into_iter().take(2) {
        log.answer(Who::FamilyB, EventKind::Dispute, disputed, noon("2026-11-02"));
    }
    log.say(Who::Coordinator, decision(EventKind::Adjust, 3));
    let tranche = log.settle(november);
    assert!(tranche.dues.is_some(), "{tranche:?}");
    cases.push(case("a correction below zero", OK, &log.bundle_of(november)));
    cases
}

/// September of both groups: child 1 moves to judo in the middle, others may not or later. Gives the
/// visits that no family answered.
fn taught(log: &mut Log, lessons: &[Lesson]) -> Vec<(Who, Hash)> {
    let of = |group| lessons.iter().filter(move |lesson| lesson.group == group);
    let mut unanswered = Vec::new();
    for (number, lesson) in of(CHESS).enumerate() {
        for child in 1..=3 {
            let visit = log.visit(Who::ChessTeacher, pupil(child), lesson, 0);
            let family = if child == 3 { Who::FamilyB } else { Who::FamilyA };
            if number < 9 || child == 1 {
                log.answer(family, EventKind::Confirm, visit, lesson.end_ms);
            } else {
                unanswered.push((family, visit));
            }
        }
    }
    let transfer = |voucher: u8, group, from_day| EventDraft {
        voucher: Some(district::voucher(voucher)),
        group: Some(group),
        from_day,
        ..draft(EventKind::Transfer, noon("2026-09-15"))
    };
    log.say(Who::FamilyA, transfer(1, JUDO, None));
    log.say(Who::FamilyB, transfer(2, JUDO, None));
    log.say(Who::Coordinator, transfer(3, JUDO, Some(20_261_016)));
    for (number, lesson) in (0..).zip(of(JUDO)) {
        for child in [1, 4] {
            let visit = log.visit(Who::JudoTeacher, pupil(child), lesson, 0);
            let family = if child == 4 { Who::FamilyB } else { Who::FamilyA };
            if number % 3 != 0 {
                log.answer(family, EventKind::Confirm, visit, lesson.end_ms);
            }
        }
    }
    unanswered
}

fn noon(text: &str) -> i64 {
    ledger::local_ms(text.parse().expect("a day"), 720).expect("a day of our time")
}
