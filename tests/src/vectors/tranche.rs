//! Signed tranches by themselves: form, balance and signature.

use ledger::{Tiyn, Totals, Tranche};
use sync_api::TRANCHE_DOMAIN;

use super::breaks::{Fault, Whole, replaced, seal};
use super::material::{MAIN, log_key, other_log_key};
use super::month::{Who, taught};
use super::{Case, Input, OK, VectorFile};
use crate::district;

const MALFORMED: &str = "malformed";

fn tranche() -> Tranche {
    let mut log = taught();
    log.close(Who::Coordinator, district::MAY_CLOSE_MS);
    log.tranche()
}

fn case(name: &str, expected: &str, bytes: &[u8], origin: &str) -> Case {
    let inputs = [("tranche", Input::hex(bytes)), ("origin", Input::Text(origin.to_owned()))];
    Case::new(name, expected, inputs).trusting(MAIN)
}

pub(super) fn file() -> VectorFile {
    let (log, other) = (log_key(), other_log_key());
    let here = district::ORIGIN;
    let payload = tranche().to_bytes();
    let root = tranche().root.0;
    let flip_at = payload.windows(32).position(|window| window == root).expect("the root");
    let domain = TRANCHE_DOMAIN;
    let whole = Whole { payload, key: &log, domain, flip_at, other_role: Some(&other) };
    let mut cases = vec![
        case("a month's tranche", OK, &whole.bytes(), here),
        case(
            "asked of a log without a key",
            "unknown_key",
            &whole.bytes(),
            "log.qatysu.example/none",
        ),
        case(
            "asked of another log",
            "bad_signature",
            &whole.bytes(),
            "log.qatysu.example/other/2026",
        ),
    ];
    cases.extend(whole.breaks().into_iter().map(|broken| {
        let expected = match broken.fault {
            Fault::Form => MALFORMED,
            Fault::Signature | Fault::Key => "bad_signature",
        };
        case(broken.name, expected, &broken.bytes, here)
    }));
    let signed = |payload: Vec<u8>| seal(&log, TRANCHE_DOMAIN, payload);
    for (name, expected, changed) in changed_tranches() {
        let name = format!("signed payload: {name}");
        cases.push(case(&name, expected, &signed(changed.to_bytes()), here));
    }
    let month = |to: &[u8]| replaced(&whole.payload, &[0x01, 0x1a, 0x00, 0x03, 0x17, 0x71], to);
    let no_month = signed(month(&[0x01, 0x1a, 0x00, 0x03, 0x17, 0x75]));
    cases.push(case("signed payload: month 13", MALFORMED, &no_month, here));
    super::file("tranche", &[MAIN], cases)
}

fn changed_tranches() -> Vec<(&'static str, &'static str, Tranche)> {
    let changed = |change: &dyn Fn(&mut Tranche)| {
        let mut tranche = tranche();
        change(&mut tranche);
        tranche
    };
    let summed = |change: &dyn Fn(&mut Tranche)| {
        let mut tranche = changed(change);
        tranche.totals = Totals::of(tranche.lines.iter()).expect("small sums");
        tranche
    };
    vec![
        ("no line", OK, summed(&|tranche| tranche.lines.clear())),
        ("version 2", "unknown_version", changed(&|tranche| tranche.version = 2)),
        (
            "more paid than planned",
            "unbalanced",
            summed(&|tranche| tranche.lines[0].accrued.0 += 1),
        ),
        (
            "a sum below zero",
            "unbalanced",
            summed(&|tranche| {
                let line = &mut tranche.lines[0];
                (line.held, line.released.0) = (Tiyn(-1), line.released.0 + line.held.0 + 1);
            }),
        ),
        ("two lines out of order", "disorder", changed(&|tranche| tranche.lines.swap(0, 1))),
        (
            "a line twice",
            "disorder",
            summed(&|tranche| {
                let line = tranche.lines[0].clone();
                tranche.lines.insert(0, line);
            }),
        ),
        ("totals that are not the sums", "totals", changed(&|tranche| tranche.totals.held.0 += 1)),
        ("totals of nothing", "totals", changed(&|tranche| tranche.totals = Totals::default())),
    ]
}
