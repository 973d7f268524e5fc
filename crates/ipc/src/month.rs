//! What the coordinator's board shows.

use serde::{Deserialize, Serialize};

/// How a month stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthState {
    /// Visits and confirmations are still coming.
    Open,
    /// Closed on this device, the server has not answered yet.
    Closing,
    /// The tranche is in the log and in the Treasury registry.
    Closed,
    /// Every provider's line of the registry is paid.
    Paid,
}

/// Shows a provider's line of a month.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ProviderMonthView {
    /// The provider's id.
    pub provider: String,
    /// The provider's name.
    pub name: String,
    /// Its business identification number, if the server said it.
    #[serde(default)]
    pub bin: Option<String>,
    /// Children with a voucher.
    pub children: u32,
    /// Earned, in tiyn: what the Treasury is to pay.
    pub accrued_tiyn: i64,
    /// Held until decided, in tiyn.
    pub held_tiyn: i64,
    /// True once a payment notice of exactly this sum is in the log.
    pub paid: bool,
    /// The number of the payment document.
    pub document: Option<String>,
}

/// Shows a month.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct MonthView {
    /// The month, `2026-09`.
    pub month: String,
    /// How it stands.
    pub state: MonthState,
    /// From when on it may be closed.
    pub close_from_ms: i64,
    /// True if it is open and may be closed now, by this device's clock.
    pub may_close: bool,
    /// Visits recorded.
    pub visits: u32,
    /// Visits that a parent confirmed.
    pub confirmed: u32,
    /// Visits that wait for a parent's answer.
    pub awaiting: u32,
    /// Visits that a parent disputed.
    pub disputed: u32,
    /// When the visits were made, as far as clocks prove it.
    pub times: Option<VisitTimesView>,
    /// The month's parts of all vouchers, in tiyn.
    pub plan_tiyn: i64,
    /// Earned, in tiyn.
    pub accrued_tiyn: i64,
    /// Held, in tiyn.
    pub held_tiyn: i64,
    /// Returned to the issuer's limit, in tiyn.
    pub released_tiyn: i64,
    /// The version of the rules the sums were computed under.
    pub rule_version: String,
    /// The providers' lines.
    pub providers: Vec<ProviderMonthView>,
    /// SHA-256 of the tranche, once closed.
    pub tranche: Option<String>,
    /// How far the tranche has come: receipted once this device verified its receipt.
    pub mark: Option<crate::Mark>,
    /// The tranche's place in the log.
    pub leaf_index: Option<u64>,
    /// The visits that wait for the district's word.
    pub undecided: Vec<UndecidedView>,
}

/// Shows a visit that waits for the district's word.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct UndecidedView {
    /// The event that recorded it.
    pub event: String,
    /// The voucher's printed number.
    pub voucher: String,
    /// The provider's name.
    pub provider: String,
    /// The group's name.
    pub group: String,
    /// When the lesson starts.
    pub start_ms: i64,
    /// True if another provider has the child at the same time; false if the family disputes it.
    pub conflict: bool,
    /// The last day to decide, `2026-11-03`.
    pub decide_until: Option<String>,
    /// What this device has decided, while the board does not have it yet.
    pub decided: Option<bool>,
}

/// What a decision about a visit rests on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Papers or witnesses show it.
    Evidence,
    /// Whoever recorded or answered made a slip.
    Slip,
    /// The commission looked for itself.
    Inspection,
    /// Nobody could show that it was so.
    NoEvidence,
    /// Another one, which the document names.
    Other,
}

impl Finding {
    /// All of them, so that a test can count the sentences.
    pub const ALL: &'static [Self] =
        &[Self::Evidence, Self::Slip, Self::Inspection, Self::NoEvidence, Self::Other];
}

/// Shows how many visits were made inside their lesson's window, as far as clocks prove it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct VisitTimesView {
    /// Proven to be inside.
    pub inside: u32,
    /// Perhaps inside, perhaps outside.
    pub unsure: u32,
    /// Proven to be outside.
    pub outside: u32,
}

/// Shows the coordinator's board, as of the last sync.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct BoardView {
    /// When it was fetched.
    pub as_of_ms: Option<i64>,
    /// The months, oldest first.
    pub months: Vec<MonthView>,
    /// The devices.
    pub devices: Vec<crate::DeviceView>,
    /// What is put aside and is of no device on the board.
    pub parked: Vec<crate::ParkedView>,
    /// The volumes of this fiscal year, on the district's board.
    pub volumes: Vec<VolumeView>,
}

/// Shows how many children learn on average (СК), against the plan. Numbers have six decimals.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct VolumeView {
    /// Names the record.
    pub id: String,
    /// The first month, `2026-09`.
    pub from: String,
    /// The last month.
    pub to: String,
    /// What the plan has.
    pub planned: Option<String>,
    /// What the closed months had; nothing before the first close.
    pub taught: Option<String>,
    /// What the whole time is to have.
    pub forecast: String,
}
