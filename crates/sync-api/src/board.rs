//! The coordinator's board.

use attendance::{DeviceId, GroupId, ProviderId, Role};
use serde::{Deserialize, Serialize};

use crate::bytes::HexHash;

/// How a month stands at the server.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthStage {
    /// Not closed; the sums are a preview.
    Open,
    /// Closed; the tranche is in the log.
    Closed,
    /// Every provider's line is paid.
    Paid,
}

/// `GET /v1/undecided/{month}`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct UndecidedListResponse {
    /// How many visits wait.
    pub count: u64,
    /// The first of them, at most [`UNDECIDED_MAX`].
    pub visits: Vec<UndecidedResponse>,
}

/// A provider's line of a month.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProviderMonthResponse {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// Its business identification number, by which payment files name it; earlier servers do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bin: Option<String>,
    /// Children with a voucher.
    pub children: u32,
    /// Earned, in tiyn.
    pub accrued_tiyn: i64,
    /// Held, in tiyn.
    pub held_tiyn: i64,
    /// The payment document, once paid in full.
    pub document: Option<String>,
    /// What is to be paid, in tiyn, where corrections of closed months make it other than what was
    /// earned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_tiyn: Option<i64>,
    /// Where its sheet is now; absent before the month and once it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<SheetResponse>,
}

/// Who holds a provider's sheet of a month.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SheetResponse {
    /// The next step: `soft_close`, `parents_sign`, `sheet`, `check`, `act`, `request` or `payment`.
    pub step: String,
    /// Whose turn it is: `teacher`, `parent`, `provider`, `issuer` or `treasury`.
    pub holder: String,
    /// Since when, a local day like `2026-11-03`.
    pub since: String,
    /// The step's last day.
    pub until: String,
    /// True if that day is over.
    pub late: bool,
}

/// A month.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MonthResponse {
    /// `year * 100 + month`.
    pub month: u32,
    /// How it stands.
    pub stage: MonthStage,
    /// From when on it may be closed, milliseconds since 1970-01-01T00:00Z.
    pub close_from_ms: i64,
    /// Visits recorded.
    pub visits: u32,
    /// Visits confirmed by a parent.
    pub confirmed: u32,
    /// Visits that wait for an answer.
    pub awaiting: u32,
    /// Visits disputed.
    pub disputed: u32,
    /// Plan of all vouchers, in tiyn.
    pub plan_tiyn: i64,
    /// Earned, in tiyn.
    pub accrued_tiyn: i64,
    /// Held, in tiyn.
    pub held_tiyn: i64,
    /// Released to the issuer's limit, in tiyn.
    pub released_tiyn: i64,
    /// The rules the sums were computed under.
    pub rule_version: String,
    /// The providers' lines.
    pub providers: Vec<ProviderMonthResponse>,
    /// SHA-256 of the tranche, once closed.
    pub tranche: Option<HexHash>,
    /// When the visits were made, as far as clocks prove it. No sum rests on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<VisitTimesResponse>,
    /// The visits of an open month that wait for the district's word, the oldest first; at most
    /// [`UNDECIDED_MAX`]. Earlier servers do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<UndecidedResponse>,
}

/// How many visits that wait are on a board.
pub const UNDECIDED_MAX: usize = 200;

/// A visit that waits for the district's word.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct UndecidedResponse {
    /// The event that recorded it: what a decision names.
    pub event: HexHash,
    /// The voucher's printed number.
    pub voucher: String,
    /// The provider's name.
    pub provider: String,
    /// The group's name.
    pub group: String,
    /// When the lesson starts, milliseconds since 1970-01-01T00:00Z.
    pub start_ms: i64,
    /// Why: `disputed` or `conflict`.
    pub why: String,
    /// The last day to decide about a dispute, a local day like `2026-11-03`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decide_until: Option<String>,
}

/// Counts the visits of a month by whether they were made inside the lesson's scan window.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct VisitTimesResponse {
    /// Proven to be inside.
    pub inside: u32,
    /// Perhaps inside, perhaps outside: somebody has to confirm the visit.
    pub unsure: u32,
    /// Proven to be outside.
    pub outside: u32,
}

/// A device of the district.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DeviceResponse {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// Whose device.
    pub role: Role,
    /// Events in the log.
    pub events: u64,
    /// When it was last heard of, milliseconds since 1970-01-01T00:00Z.
    pub last_contact_ms: Option<i64>,
    /// True if two histories of it were seen.
    pub suspended: bool,
    /// How the device itself said it stands, at its last contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<DeviceTold>,
    /// Since when it is revoked, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<DeviceRevoked>,
    /// The device that was enrolled in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<DeviceId>,
    /// The last second at which its certificate holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_ends_s: Option<i64>,
    /// How many of its events waited at the end of each of the last days, the newest day last: recorded by
    /// then, as the device claims, and not here. Empty where it is not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backlog_days: Vec<u64>,
    /// The provider, for a teacher or for a coordinator of one provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderId>,
    /// The groups, for a teacher.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
    /// What of it is put aside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parked: Vec<ParkedResponse>,
}

/// What a device said of itself at its last contact.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DeviceTold {
    /// How many events it has signed that the server has not in the log.
    pub backlog: u64,
    /// The program's version.
    pub version: String,
}

/// How a device was revoked.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DeviceRevoked {
    /// Since when, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
    /// How many of its events were in the log then.
    pub events: u64,
    /// The reason's number, as it is signed ([`attendance::RevocationReason`]).
    pub reason: u8,
}

/// Events of a device that are put aside for one reason.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ParkedResponse {
    /// The device that they name; none where they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// The reason, as in a verdict.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// The lowest sequence number that they claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seq: Option<u64>,
    /// The highest sequence number that they claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seq: Option<u64>,
    /// An event with the highest number: a release of it lets in what came before it too.
    pub last: HexHash,
    /// How many events a release of it would let in now; 0 where it does not continue the log's chain.
    pub releasable: u64,
    /// When the first one came, milliseconds since 1970-01-01T00:00Z.
    pub first_arrived_ms: i64,
    /// When the last one came, milliseconds since 1970-01-01T00:00Z.
    pub last_arrived_ms: i64,
}

/// `GET /v1/board`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BoardResponse {
    /// When it was made, milliseconds since 1970-01-01T00:00Z.
    pub as_of_ms: i64,
    /// The months, oldest first.
    pub months: Vec<MonthResponse>,
    /// The devices.
    pub devices: Vec<DeviceResponse>,
    /// What is put aside and is of no device on this board.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parked: Vec<ParkedResponse>,
    /// The volumes of this fiscal year, on the district's board.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<VolumeResponse>,
}

/// A volume of the order: how many children learn on average, against the plan. Numbers have six decimals.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct VolumeResponse {
    /// Names the record.
    pub id: String,
    /// First and last month, as `year * 100 + month`.
    pub months: (u32, u32),
    /// СК of the plan: the limit over the norm. Absent where the norm is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<String>,
    /// СК of the closed months. Absent before the first close.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taught: Option<String>,
    /// СК to the end of the year, open months as contracts have them.
    pub forecast: String,
}
