//! Chains: the events of one device, in order.

use attendance::{ChainHead, ChainedEvent, EVENT_DOMAIN, EventKind, genesis_hash};
use seal::Signer as _;

use super::breaks::{flip, seal};
use super::event::{draft, visit};
use super::{Case, Input, OK, VectorFile, hex};
use crate::{Pen, key};

fn chain(seed: u8, length: usize, at_ms: i64) -> Vec<Vec<u8>> {
    let mut pen = Pen::new(seed);
    let mut write = |number: usize| {
        let event = if number == 0 { draft(EventKind::LessonOpen, at_ms) } else { visit() };
        pen.write(event).bytes().to_vec()
    };
    (0..length).map(&mut write).collect()
}

/// An event of device 21 after any head.
fn after(head: ChainHead) -> ChainedEvent {
    let pen = Pen::new(21);
    head.prepare(visit(), pen.device()).seal(pen.key()).expect("a software key seals")
}

pub(super) fn file() -> VectorFile {
    let good = chain(21, 4, 1_000);
    let twin = chain(21, 4, 2_000);
    let case = |name: &str, expected: &str, events: Vec<Vec<u8>>| {
        let events = Input::List(events.iter().map(|event| hex(event)).collect());
        let owner = Input::hex(&key(21).public_key().to_bytes());
        Case::new(name, expected, [("events", events), ("key", owner)])
    };
    let with = |at: usize, event: Vec<u8>| {
        let mut events = good.clone();
        events[at] = event;
        events
    };
    let picked = |which: &[usize]| which.iter().map(|at| good[*at].clone()).collect::<Vec<_>>();
    let foreign_start = ChainHead { seq_next: 0, prev: genesis_hash(&key(24).public_key()) };
    let unsigned_start = ChainHead { seq_next: 0, prev: seal::Hash::default() };
    let mut longer = good[3].clone();
    longer.push(0);
    let payload = after(ChainHead::genesis(&key(21).public_key())).event().to_bytes();
    let cases = vec![
        case("of no event", OK, Vec::new()),
        case("of one event", OK, picked(&[0])),
        case("of four events", OK, good.clone()),
        case("the first event missing", "gap", picked(&[1, 2, 3])),
        case("an event in the middle missing", "gap", picked(&[0, 1, 3])),
        case("two events swapped", "gap", picked(&[0, 2, 1, 3])),
        case("an event twice", "fork", picked(&[0, 1, 1, 2])),
        case(
            "two events with one position",
            "fork",
            [picked(&[0, 1]), vec![twin[1].clone()]].concat(),
        ),
        case("begun again", "fork", [picked(&[0, 1]), picked(&[0])].concat()),
        case("the event before is another", "prev_mismatch", with(0, twin[0].clone())),
        case("continued from another history", "prev_mismatch", with(2, twin[2].clone())),
        case(
            "begun as another key's chain",
            "prev_mismatch",
            vec![after(foreign_start).bytes().to_vec()],
        ),
        case("begun from nothing", "prev_mismatch", vec![after(unsigned_start).bytes().to_vec()]),
        case(
            "an event of another device in it",
            "wrong_device",
            with(1, chain(24, 2, 1_000)[1].clone()),
        ),
        case("a bit flipped in a signature", "bad_signature", with(2, flip(&good[2], 9))),
        case("a trailing byte after the last event", "malformed", with(3, longer)),
        case(
            "an event signed for another kind",
            "bad_signature",
            vec![seal(&key(21), seal::Domain("qatysu/hello/1"), payload.clone())],
        ),
        case("the same event signed as an event", OK, vec![seal(&key(21), EVENT_DOMAIN, payload)]),
    ];
    super::file("chain", &[], cases)
}
