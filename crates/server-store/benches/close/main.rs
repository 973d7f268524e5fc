//! What closing a month of a country costs, as a ratio to one plain SQL aggregate over the same visits.
//!
//! `cargo xtask bench-close [--vouchers N]`, or `cargo bench -p server-store --bench close -- --vouchers N`.
//! The close is the whole way: every event of the month taken by a tally, and the tranche computed from
//! it. SQLite is asked only how many visits each voucher has and what they come to, with its rows in
//! place. Targets: three times SQL, and no more than 1.2 times as much for a voucher of a country ten
//! times as large.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod clock;
mod country;
mod sql;

use std::time::Duration;

use ledger::{
    LoggedEvent, LoggedSnapshot, MonthFold, Running, Snapshots, Tally, Tranche, TrancheBasis,
};

use crate::clock::worked;
use crate::country::Country;
use crate::sql::Plain;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let given = words.iter().position(|word| word == "--vouchers");
    let given = given.and_then(|at| words.get(at + 1)).map(|number| number.parse::<u64>());
    let vouchers = match given {
        None => VOUCHERS,
        Some(Ok(number)) if number >= 10 * LEAST => number,
        Some(_) => {
            println!("--vouchers takes a number from {} on", 10 * LEAST);
            std::process::exit(2);
        }
    };
    same_bytes();
    let small = measure(vouchers / 10);
    let large = measure(vouchers);
    println!("bench close: {} vouchers and {}", vouchers / 10, vouchers);
    println!("{:<28}{:>14}{:>14}", "", vouchers / 10, vouchers);
    let row = |name: &str, of: &dyn Fn(&Measured) -> String| {
        println!("{name:<28}{:>14}{:>14}", of(&small), of(&large));
    };
    row("visits", &|one| one.visits.to_string());
    row("events", &|one| one.events.to_string());
    row("take the events, ms", &|one| one.take.as_millis().to_string());
    row("compute the tranche, ms", &|one| one.compute.as_millis().to_string());
    row("close, ms", &|one| one.close().as_millis().to_string());
    row("SQL, ms", &|one| one.sql.as_millis().to_string());
    row("ratio to SQL", &|one| format!("{:.2}", one.ratio()));
    row("close for a voucher, µs", &|one| format!("{:.2}", one.per_voucher_us()));
    row("peak memory by then, MB", &|one| one.peak_mb.to_string());
    let (took, folded) = follow(vouchers);
    println!("{:<28}{:>28}", "close after following, ms", took.as_millis());
    println!("{:<28}{:>28}", "parts folded then", folded);
    judge("ratio to SQL", large.ratio(), RATIO_MAX);
    judge("growth for a voucher", large.per_voucher_us() / small.per_voucher_us(), GROWTH_MAX);
}

/// Says whether a target is held. A ratio that is not is told, and stops nobody's work.
fn judge(name: &str, found: f64, most: f64) {
    let verdict = if found <= most { "held" } else { "NOT HELD" };
    println!("bench close: {name} {found:.2}, target {most:.2}: {verdict}");
}

struct Measured {
    vouchers: u64,
    visits: u64,
    events: u64,
    take: Duration,
    compute: Duration,
    sql: Duration,
    peak_mb: u64,
}

impl Measured {
    fn close(&self) -> Duration {
        self.take + self.compute
    }

    fn ratio(&self) -> f64 {
        self.close().as_secs_f64() / self.sql.as_secs_f64()
    }

    fn per_voucher_us(&self) -> f64 {
        self.close().as_secs_f64() * 1e6 / self.vouchers as f64
    }
}

fn measure(vouchers: u64) -> Measured {
    let country = Country::new(vouchers, SEED);
    let dir = tempfile::tempdir().expect("a directory");
    let mut plain =
        Plain::new(&dir.path().join("plain.db"), &country.snapshot).expect("a database");
    let (mut tally, mut take, mut events) = (Tally::default(), Duration::ZERO, 0);
    let visits = country.log(|piece| {
        let begun = worked();
        tally.take_all(piece);
        take += worked().saturating_sub(begun);
        events += piece.len() as u64;
        plain.take(piece).expect("rows");
    });
    let compute = || {
        let begun = worked();
        let (basis, month) = (basis(tally.size()), country.month);
        let tranche = tally.compute_tranche(&country.snapshot, month, basis).expect("a month");
        let took = worked().saturating_sub(begun);
        assert!(tranche.lines.len() as u64 >= vouchers, "a line for each place of each voucher");
        took
    };
    // A machine that others use too is now faster, now slower: the least counts of each side.
    let compute = [compute(), compute(), compute()].into_iter().min().unwrap_or_default();
    let peak_mb = peak_mb();
    drop(tally);
    let found = [plain.sum(), plain.sum(), plain.sum()].map(|found| found.expect("a sum"));
    assert!(found.iter().all(|found| i64::try_from(visits) == Ok(found.visits) && found.tiyn > 0));
    assert!(found.iter().all(|found| found.vouchers <= vouchers));
    let sql = found.iter().map(|found| found.took).min().unwrap_or_default();
    Measured { vouchers, visits, events, take, compute, sql, peak_mb }
}

/// What the close of a month costs that was followed until its last day, and what was folded for it.
fn follow(vouchers: u64) -> (Duration, usize) {
    let country = Country::new(vouchers, SEED);
    let first = LoggedSnapshot { index: 1, snapshot: country.snapshot.clone() };
    let (history, month) = (Snapshots::begin(first), country.month);
    let (mut tally, mut running) = (Tally::default(), Running::default());
    let mut last_day = Vec::new();
    let mut size = 0;
    country.log(|piece| size += piece.len());
    let mut seen = 0;
    country.log(|piece| {
        for logged in piece {
            // A fiftieth of the month's events come after it was last followed.
            if seen < size / 50 * 49 {
                tally.take(logged);
            } else {
                last_day.push(logged.clone());
            }
            seen += 1;
        }
    });
    tally.follow(&mut running, &history, month).expect("a month");
    let begun = worked();
    last_day.iter().for_each(|logged| tally.take(logged));
    let basis = basis(tally.size());
    let all = || Ok::<Vec<LoggedEvent>, ()>(Vec::new());
    let followed = tally.compute_running(&mut running, (&history, month), basis.clone(), all);
    let took = worked().saturating_sub(begun);
    let whole = tally.compute_closed((&history, month), basis, all);
    let bytes = |found: Result<Result<(Tranche, _), _>, ()>| {
        found.expect("events").expect("a month").0.to_bytes()
    };
    assert_eq!(bytes(followed), bytes(whole), "followed, it comes to the same");
    (took, running.folded())
}

/// A small country comes out the same when it is folded as a whole.
fn same_bytes() {
    let country = Country::new(LEAST, SEED);
    let (mut tally, mut events) = (Tally::default(), Vec::new());
    country.log(|piece| {
        piece.iter().for_each(|logged| tally.take(logged));
        events.extend_from_slice(piece);
    });
    let basis = basis(tally.size());
    let (snapshot, month) = (&country.snapshot, country.month);
    let fold = MonthFold::of_prefix(snapshot, &events, month, basis.tree_size).expect("a fold");
    let whole = Tranche::of_fold(snapshot, &fold, basis.clone()).expect("a tranche");
    let parts = tally.compute_tranche(snapshot, month, basis).expect("a tranche");
    assert_eq!(whole.to_bytes(), parts.to_bytes(), "in parts it comes to the same");
    println!("bench close: {LEAST} vouchers in parts have the same bytes as a whole");
}

fn basis(tree_size: u64) -> TrancheBasis {
    let root = seal::sha256(b"a benchmark has no tree");
    TrancheBasis { origin: "log.example/bench".to_owned(), tree_size, root }
}

/// The most memory that this process ever had, where the system says it.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1024
}

const VOUCHERS: u64 = 20_000;
const LEAST: u64 = 1_500;
const SEED: u64 = 2026;
/// How many times what SQL takes.
const RATIO_MAX: f64 = 3.0;
/// How many times as much for a voucher, of ten times as many.
const GROWTH_MAX: f64 = 1.2;
