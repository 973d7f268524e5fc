//! Real devices and a real server over real HTTP: what is kept, sent, receipted, refused, paid.

mod answers;
mod budget;
mod clock;
mod complaints;
mod completeness;
mod history;
mod hostile;
mod leaves;
mod lessons;
mod life;
mod lost_end;
mod month;
mod packed;
mod portal;
mod privacy;
mod rebuild;
mod retry;
mod revoked;
mod roster_pieces;
mod server_killed;
mod two_histories;
mod verbs;
mod verdicts;
mod views;
mod vouchers;
mod way;

use ledger::Lesson;
use sync_api::{BatchResponse, EventVerdict, VerdictKind};
use system_tests::{Pen, Town, chess_teacher, district};

/// The first chess lesson of the month.
pub(crate) fn first_lesson() -> Lesson {
    district::lessons(district::CHESS)[0]
}

/// The event by which a teacher's device puts the first signed time into its chain.
const SIGNED_TIME: i64 = 1;

/// A chess teacher's device that writes any events, enrolled at the town's server.
pub(crate) async fn enrolled_pen(town: &Town, seed: u8) -> Pen {
    let pen = Pen::new(seed);
    let ticket = town.ticket(&chess_teacher(), &town.address()).await;
    let answer = town.wire().post("enrol", &pen.enrol(&ticket)).await;
    let enrolled: sync_api::EnrolResponse = answer.fine();
    assert_eq!(enrolled.origin, district::ORIGIN);
    pen
}

/// Signed bytes of the visits of children 1, 2, … in the first lesson.
pub(crate) fn visits(pen: &mut Pen, children: std::ops::RangeInclusive<u8>) -> Vec<Vec<u8>> {
    let lesson = first_lesson();
    let visit = |number| {
        let who = (district::child(number), district::voucher(number));
        pen.visit(who, lesson.id, lesson.start_ms).bytes().to_vec()
    };
    children.map(visit).collect()
}

fn batch(events: &[Vec<u8>]) -> Vec<u8> {
    system_tests::batch_of(events.iter().map(Vec::as_slice))
}

fn kinds(response: &BatchResponse) -> Vec<VerdictKind> {
    response.verdicts.iter().map(|verdict| verdict.verdict).collect()
}

fn reason(verdict: &EventVerdict) -> &str {
    verdict.reason.as_deref().unwrap_or("no reason")
}
