//! A server under pressure: callers who are slow, many, greedy or strangers; an operator who stops it,
//! watches it, and copies it while it works.

mod backup;
mod load;
mod logs;
mod process;
mod sockets;
mod stopping;
mod tls;
mod turns;
mod watching;

use sync_api::EnrolResponse;
use system_tests::{Pen, Town, Wire, chess_teacher, district};

/// Enrols a chess teacher's device that writes any events, and lets it say hello.
async fn enrolled(town: &Town, seed: u8) -> (Pen, Wire) {
    let (pen, wire) = (Pen::new(seed), town.wire());
    let ticket = town.ticket(&chess_teacher(), &town.address()).await;
    let _enrolled: EnrolResponse = wire.post("enrol", &pen.enrol(&ticket)).await.fine();
    let hello = wire.hello(&pen.hello(district::FIRST_MORNING_MS)).await;
    (pen, wire.carrying_with(hello.token))
}

/// The next batch of a device: so many visits.
fn next_batch(pen: &mut Pen, visits: u8) -> Vec<u8> {
    let lesson = district::lessons(district::CHESS)[0];
    let visit = |number| {
        let who = (district::child(number), district::voucher(number));
        pen.visit(who, lesson.id, lesson.start_ms).bytes().to_vec()
    };
    let events: Vec<Vec<u8>> = (1..=visits).map(visit).collect();
    system_tests::batch_of(events.iter().map(Vec::as_slice))
}
