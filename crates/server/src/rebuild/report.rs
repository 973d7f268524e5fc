//! What a rebuild found: what is proven, what is not, and why.

use attendance::{ChildId, DeviceId, Role};
use serde::Serialize;

/// What came out, in words and numbers. No child's name is in it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// The name of the log.
    pub origin: String,
    /// The newest checkpoint that anybody showed: its size.
    pub size: Option<u64>,
    /// Its signed root.
    pub root: Option<String>,
    /// The largest size of which the same root was computed.
    pub reached: Option<u64>,
    /// Leaves that were opened: handed over, or made again.
    pub opened: u64,
    /// Those of them that were made again from the keys, and are proven by the tree.
    pub made_again: u64,
    /// Leaves that nobody opened.
    pub lost: Vec<LostRange>,
    /// The devices' chains.
    pub chains: Vec<Chain>,
    /// Closed months.
    pub months: Vec<ClosedMonth>,
    /// What contradicts itself, with both sources: the gravest finding.
    pub contradictions: Vec<Contradiction>,
    /// What was handed over and is not believed.
    pub refused: Vec<Refused>,
    /// Why nothing can be written.
    pub obstacles: Vec<String>,
    /// What no copy can bring back.
    pub not_in_copies: Vec<&'static str>,
    /// True if the database was written.
    pub written: bool,
}

/// Neighbouring leaves that nobody opened.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LostRange {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// True if their hashes are known, so that whoever finds one can prove it.
    pub hash_known: bool,
    /// Children that a tag list says they are about: whom to ask.
    pub about: Vec<ChildId>,
}

/// How much of a device's chain is known.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Chain {
    /// The device.
    pub device: DeviceId,
    /// Its name, as the coordinator gave it.
    pub name: String,
    /// Whose device it is.
    pub role: Role,
    /// How many of its events were opened.
    pub events: u64,
    /// Sequence numbers that are missing in between, first and last.
    pub gaps: Vec<(u64, u64)>,
    /// Events that it still holds and sends by itself.
    pub to_come: u64,
    /// True if two histories of it were seen.
    pub suspended: bool,
}

/// A month whose statement is in the log.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ClosedMonth {
    /// `year * 100 + month`.
    pub month: u32,
    /// The leaf of its tranche.
    pub leaf_index: u64,
    /// What computing the tranche again said.
    pub computed: Computed,
}

/// What computing a tranche again said.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Computed {
    /// The same bytes.
    Identical,
    /// Leaves before its close are lost: the signed statement stands alone.
    LeavesLost,
    /// Other bytes: the statement is not what the log gives.
    Different,
}

/// Two things that cannot both be true.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Contradiction {
    /// What it is about.
    pub what: String,
    /// One source.
    pub first: String,
    /// The other.
    pub second: String,
}

/// Something that was handed over and is not believed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Refused {
    /// The source.
    pub source: String,
    /// Why.
    pub why: String,
}

/// What was never in any copy.
pub(super) const NOT_IN_COPIES: [&str; 5] = [
    "tickets that were not used yet: make new ones",
    "events that were put aside, and who was suspended, unless a copy shows two histories",
    "when each device was last heard of",
    "which batch an event came in: devices send again what has no receipt",
    "names and cards of children that are not in the district's file",
];
