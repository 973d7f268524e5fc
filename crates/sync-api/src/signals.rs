//! Integrity signals of a month, for a coordinator of the district. Pseudonyms only.

use std::collections::BTreeMap;

use attendance::{ChildId, DeviceId, GroupId, LessonId, ProviderId, VoucherId};
use serde::{Deserialize, Serialize};

use crate::bytes::HexHash;

/// The most rows of a signal in one answer, and the most spot checks.
pub const SIGNAL_ROWS_MAX: usize = 100;

/// The most events behind a row in one answer.
pub const SIGNAL_BEHIND_MAX: usize = 50;

/// An event that a row rests on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BehindResponse {
    /// Its leaf; absent if it was put aside and is not in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf: Option<u64>,
    /// Its hash.
    pub event: HexHash,
}

/// What a signal found in one place. What does not apply is absent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SignalRowResponse {
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderId>,
    /// Which group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// A local day like `2026-10-05`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// Which lesson.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson: Option<LessonId>,
    /// Which child.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<ChildId>,
    /// Which voucher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<VoucherId>,
    /// Which device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// What was counted: the signal's `counts` says what that is.
    pub counted: u64,
    /// Out of how many, where it is a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
    /// What there is to say beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The events behind it, in the log's order, at most [`SIGNAL_BEHIND_MAX`].
    pub behind: Vec<BehindResponse>,
    /// How many more there are.
    pub behind_more: u64,
}

/// One signal: what was compared with what, and what was found.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SignalResponse {
    /// Its name.
    pub name: String,
    /// Where the rules ask for it.
    pub rule: String,
    /// What a row counts.
    pub counts: String,
    /// The district's thresholds in force, by their ids.
    pub thresholds: BTreeMap<String, u64>,
    /// How many places were looked at.
    pub looked_at: u64,
    /// In how many the threshold was passed.
    pub found: u64,
    /// Those places, at most [`SIGNAL_ROWS_MAX`].
    pub rows: Vec<SignalRowResponse>,
    /// How many more there are.
    pub more: u64,
    /// What was not there to be looked at, or in part only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

/// A headcount, and the marks at that time.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CountedResponse {
    /// Heads that the teacher counted.
    pub heads: u16,
    /// Children marked by then.
    pub marks: u16,
    /// By how many they differ.
    pub difference: u16,
    /// The headcount's event.
    pub event: BehindResponse,
}

/// A lesson that was drawn for a spot check.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SpotCheckResponse {
    /// Whose.
    pub provider: ProviderId,
    /// Which group.
    pub group: GroupId,
    /// A local day like `2026-10-05`.
    pub day: String,
    /// Which lesson.
    pub lesson: LessonId,
    /// The device whose opening was drawn.
    pub device: DeviceId,
    /// That opening.
    pub opened: BehindResponse,
    /// The size of the tree whose root drew it.
    pub size: u64,
    /// The headcount; absent if nobody counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<CountedResponse>,
}

/// The spot checks of a month, drawn again from the log.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SpotChecksResponse {
    /// Openings of lessons, the first one of each device.
    pub openings: u64,
    /// Those that name a root of this log: only they can be drawn again.
    pub with_root: u64,
    /// How many were drawn.
    pub drawn: u64,
    /// How many of those have a headcount.
    pub with_headcount: u64,
    /// The drawn lessons, at most [`SIGNAL_ROWS_MAX`].
    pub lessons: Vec<SpotCheckResponse>,
    /// How many more there are.
    pub more: u64,
}

/// The signals of a month. Nobody is punished by one: they say where to look.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SignalsResponse {
    /// `year * 100 + month`.
    pub month: u32,
    /// The leaf that closed it; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_leaf: Option<u64>,
    /// The rules that are in force.
    pub rule_version: String,
    /// Each signal, in a fixed order.
    pub signals: Vec<SignalResponse>,
    /// The spot checks.
    pub spot_checks: SpotChecksResponse,
}
