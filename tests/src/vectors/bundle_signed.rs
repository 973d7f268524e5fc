//! An audit bundle of a month whose rules ask for signed acts, with an administrator's events: what is
//! signed moves no sum.

use attendance::{AbsenceReason, Cancellation, Decision, EventDraft, EventKind};
use ledger::signing::SignedMonth;
use ledger::{FoldEdition, Tranche};
use seal::Hash;

use super::bundle::case;
use super::event::draft;
use super::material::log_key;
use super::month::{Log, Who, came, month, pupil};
use super::{Case, OK};
use crate::district::{self, CHESS, CHESS_HOUSE};

pub(super) fn cases() -> Vec<Case> {
    let mut snapshot = district::snapshot();
    snapshot.params[0].fold_edition = FoldEdition::Second;
    snapshot.params[0].signed_acts_required = true;
    snapshot.params[0].revision_days = 3;
    let mut log = Log::begun(snapshot.verify().expect("a whole snapshot"));
    log.enrol(Who::ChessAdmin);
    taught(&mut log);
    log.close(Who::Coordinator, district::MAY_CLOSE_MS);
    let tranche = log.tranche();
    log.tag();
    log.push_tranche(&tranche, &log_key());
    sign(&mut log, &tranche);
    log.tag();
    vec![case(
        "signatures under a sheet and an act, where the rules ask for them",
        OK,
        &log.bundle(),
    )]
}

/// Two lessons with a visit each, an absence and a cancelled lesson by the administrator.
fn taught(log: &mut Log) {
    let lessons = district::lessons(CHESS);
    for lesson in lessons.iter().take(2) {
        let visit = log.visit(Who::ChessTeacher, pupil(1), lesson, 0);
        log.answer(Who::FamilyA, EventKind::Confirm, visit, lesson.end_ms);
    }
    let absent = EventDraft {
        kind: EventKind::Absent,
        method: None,
        card: None,
        absence: Some(AbsenceReason::Sick),
        document: Some("№ 12".to_owned()),
        ..came(pupil(2), &lessons[1], 600)
    };
    log.say(Who::ChessAdmin, absent);
    let cancelled = EventDraft {
        lesson: Some(lessons[3].id),
        provider: Some(lessons[3].provider),
        cancellation: Some(Cancellation::Provider),
        ..draft(EventKind::LessonCancel, 0)
    };
    log.say(Who::ChessAdmin, cancelled);
}

fn sign(log: &mut Log, tranche: &Tranche) {
    let about = |kind, at_ms: i64| EventDraft {
        provider: Some(CHESS_HOUSE),
        month: Some(month().number()),
        ..draft(kind, district::MAY_CLOSE_MS + at_ms)
    };
    let over = |kind, at_ms, hash: Hash| EventDraft { evidence: Some(hash), ..about(kind, at_ms) };
    let sheet = |log: &Log| {
        let today = month().last_day();
        let read = SignedMonth::of_tranche(&log.snapshot, log.events(), tranche, today);
        let read = read.expect("the month folds").expect("there are rules");
        read.sheet(CHESS_HOUSE).expect("the provider has rows").clone()
    };
    let given = sheet(log);
    let (hash, act) = (given.sheet_hash, given.act_hash.expect("the month is closed"));
    let order = |at_ms, decision| EventDraft {
        decision: Some(decision),
        document: Some("№ 14".to_owned()),
        ..about(EventKind::SheetDecide, at_ms)
    };
    log.say(Who::ChessTeacher, over(EventKind::SheetSign, 1, hash));
    log.say(Who::ChessAdmin, over(EventKind::SheetSign, 2, act));
    log.say(Who::ChessAdmin, over(EventKind::SheetSign, 3, hash));
    log.say(Who::Coordinator, order(4, Decision::Return));
    log.say(Who::ChessAdmin, over(EventKind::SheetSign, 5, hash));
    log.say(Who::Coordinator, order(6, Decision::Pause));
    log.say(Who::Coordinator, order(7, Decision::Resume));
    log.say(Who::Coordinator, over(EventKind::SheetSign, 8, hash));
    for who in [Who::ChessAdmin, Who::Coordinator] {
        let signed = over(EventKind::ActSign, 9, act);
        log.say(who, EventDraft { document: Some("A-1".to_owned()), ..signed });
    }
    let signed = sheet(log);
    assert!(signed.is_acted() && signed.refused.len() == 2, "{signed:?}");
}
