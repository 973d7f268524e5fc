//! The deterministic simulation: real devices, a real sync, real servers, and everything else decided by
//! a seed.
//!
//! A seed gives a [history()] of steps: people at their screens, syncs whose calls are lost, delayed,
//! doubled and changed, devices and servers that die between any two of their transactions, full disks,
//! wrong clocks, copied devices, restored backups, two servers on one log. After each step everything
//! that was ever promised is checked. The same seed gives the same history to the byte, so that a
//! failure can be looked at again.
//!
//! Real: `device` and `server-store` on files, `sync-client` over a transport of its own, the routes of
//! servers and hubs, called in memory, the parcels of carriers, the files that they carry. Decided here:
//! time, chance, whose turn it is, what the network does, what a power cut leaves of a carrier's folder.
//!
//! Absent on purpose: threads, sockets and clocks. Not covered: what a disk does to a database beyond
//! the tail of its log (`suite/` has that with real processes), SQLite's own faults.
//!
//! Start at [`Simulation::run`].

mod carriers;
mod chance;
mod check;
mod falsify;
mod folder;
mod hands;
mod history;
mod hubs;
mod network;
mod office;
mod parcel;
mod phone;
mod step;
mod template;
mod together;
mod world;

use seal::Hash;

pub use history::history;
pub use step::{Damage, Fault, FaultKind, How, Step, Sync, Visit};

use template::Template;
use world::World;

/// Everything is looked at again after so many steps; what is new, after each.
const WHOLE_EVERY: usize = 12;

/// Runs histories, each on a copy of one beginning.
#[derive(Debug)]
pub struct Simulation {
    template: Template,
}

/// What a history came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outcome {
    /// Of all steps, calls, answers and tree heads: two runs of a seed have the same.
    pub trace: Hash,
    /// How many steps were done.
    pub steps: usize,
    /// How many leaves the log had at the end.
    pub leaves: u64,
    /// What came of it at the end.
    pub seen: Seen,
    /// What must not be, if anything: after which step, and what.
    pub failure: Option<(usize, String)>,
    /// What happened, in words, if they were asked for.
    pub words: Vec<String>,
}

/// What came of a history: that all of it happens is what a simulation stands on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Seen {
    /// Events in the log.
    pub events: u64,
    /// Events that were put aside.
    pub parked: u64,
    /// Those among them whose place was free, after another event than the log's.
    pub broken_links: u64,
    /// Devices that were suspended.
    pub suspended: u64,
    /// Months that were closed.
    pub closed: u64,
    /// Vouchers whose month was paid.
    pub paid: u64,
    /// Families' answers in the log.
    pub answers: u64,
    /// Devices that were revoked.
    pub revoked: u64,
    /// Events that were let in by a decision.
    pub released: u64,
    /// Parcels that were answered.
    pub parcels: u64,
    /// Events that somebody carried, by a verified word.
    pub carried: u64,
    /// Receipts that came back by a hub or a file.
    pub brought_back: u64,
    /// How often somebody took something from a carrier.
    pub robbed: u64,
    /// One if a backup of the server made it forget something.
    pub rewound: u64,
}

impl core::ops::AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.parked += other.parked;
        self.broken_links += other.broken_links;
        self.suspended += other.suspended;
        self.closed += other.closed;
        self.paid += other.paid;
        self.answers += other.answers;
        self.revoked += other.revoked;
        self.released += other.released;
        self.parcels += other.parcels;
        self.carried += other.carried;
        self.brought_back += other.brought_back;
        self.robbed += other.robbed;
        self.rewound += other.rewound;
    }
}

impl Simulation {
    /// Prepares the beginning.
    #[must_use]
    pub fn prepare() -> Self {
        Self { template: Template::make() }
    }

    /// Runs the history of a seed.
    #[must_use]
    pub fn run(&self, seed: u64) -> Outcome {
        self.run_steps(seed, &history(seed), false)
    }

    /// Runs these steps, with what a seed decides besides. `told` keeps what happens in words.
    #[must_use]
    pub fn run_steps(&self, seed: u64, steps: &[Step], told: bool) -> Outcome {
        let mut world = World::begin(&self.template, seed, told);
        let mut failure = None;
        let mut done = 0;
        for (number, step) in steps.iter().enumerate() {
            let whole = number % WHOLE_EVERY == WHOLE_EVERY - 1;
            let checked = world.step(step).and_then(|()| world.check(whole));
            done = number + 1;
            if let Err(why) = checked {
                failure = Some((number, why));
                break;
            }
        }
        if failure.is_none()
            && let Err(why) = world.come_together()
        {
            failure = Some((steps.len(), why));
        }
        if let Some((_, why)) = &failure {
            world.network.tell(&format!("FAILED: {why}"), &[]);
        }
        let trace = world.network.trace();
        Outcome {
            trace: seal::sha256_of(&[&trace.hash.0, &world.log_hash().0]),
            steps: done,
            leaves: world.known.size(),
            seen: world.seen_at_the_end(),
            failure,
            words: trace.words.unwrap_or_default(),
        }
    }

    /// Leaves steps out as long as the history still fails; nothing if it does not fail.
    #[must_use]
    pub fn shrink(&self, seed: u64) -> Option<Vec<Step>> {
        let mut steps = history(seed);
        let fails = |steps: &[Step]| self.run_steps(seed, steps, false).failure;
        let (at, _) = fails(&steps)?;
        steps.truncate(at + 1);
        let mut chunk = steps.len().div_ceil(2);
        while chunk > 0 {
            let mut from = 0;
            while from < steps.len() {
                let end = steps.len().min(from + chunk);
                let fewer = [&steps[..from], &steps[end..]].concat();
                if fails(&fewer).is_some() { steps = fewer } else { from = end }
            }
            chunk /= 2;
        }
        Some(steps)
    }

    /// Says all about a seed that fails, and how to see it again.
    #[must_use]
    pub fn report(&self, seed: u64) -> Option<String> {
        let (at, why) = self.run(seed).failure?;
        let steps = self.shrink(seed).unwrap_or_default();
        let told = self.run_steps(seed, &steps, true);
        let list: String = steps.iter().map(|step| format!("    {step:?}\n")).collect();
        Some(format!(
            "seed {seed} fails after step {at}: {why}\n  {} steps are enough:\n{list}  \
             what happens then:\n    {}\n  again: QATYSU_SIM_SEED={seed} cargo test -p system-tests \
             --test suite simulation::seed\n",
            steps.len(),
            told.words.join("\n    "),
        ))
    }
}
