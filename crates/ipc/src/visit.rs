//! What the teacher's and the parent's screens show.

use serde::{Deserialize, Serialize};

use crate::absence::{AbsenceView, TermsView, WithdrawnView};
use crate::sync::{NextSyncView, OwnParkedView, RosterComingView};

/// Whose device this is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Scans at the door.
    Teacher,
    /// Sees and confirms the visits of own children.
    Parent,
    /// Looks after devices, cards and the month.
    Coordinator,
    /// Answers for a provider: signs its sheets and acts.
    ProviderAdmin,
    /// Brings children whom a parent entrusts to it.
    Delegate,
}

/// How far an event has come. The order is the order of truth.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// On this device.
    Recorded,
    /// Somebody keeps it and passes it on; the server has not said anything.
    Carried,
    /// The server has it, its receipt is not here yet.
    Sent,
    /// Its receipt is here and was verified on this device.
    Receipted,
    /// Enough independent witnesses saw the log that it is in.
    Witnessed,
}

/// Which scanner a text came from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanSource {
    /// The platform's scanner plugin.
    Native,
    /// Camera frames, decoded in the page.
    Frames,
    /// A picture file.
    Image,
    /// The keyboard, or a hand scanner that types.
    Typed,
}

/// Why a mark is made by hand.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The child did not bring the card.
    CardForgotten,
    /// The card could not be read.
    CardUnreadable,
    /// The card was refused.
    CardRefused,
    /// The camera did not work.
    NoCamera,
}

/// A parent's answer about a visit.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The child was there.
    Was,
    /// The child was not there.
    WasNot,
}

/// Shows the device: who it is, what waits, how it stands with the server.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct StatusView {
    /// Whose device.
    pub role: Role,
    /// The device's name, as the coordinator gave it.
    pub name: String,
    /// The device's id.
    pub device: String,
    /// The provider's name, where there is one.
    pub provider: Option<String>,
    /// Events on this device.
    pub events: u64,
    /// Events the server has not answered yet.
    pub not_sent: u64,
    /// Of those not sent: events that somebody carries.
    pub carried: u64,
    /// Who carries them.
    pub carriers: Vec<crate::CarrierView>,
    /// Events without a verified receipt (includes those not sent).
    pub not_receipted: u64,
    /// Events the server has, whose receipt is not here yet.
    pub sent: u64,
    /// Events with a verified receipt.
    pub receipted: u64,
    /// Events the server put aside, by reason.
    pub parked: Vec<OwnParkedView>,
    /// True if the server said at the last contact that it has set this device aside.
    pub suspended: bool,
    /// When the next sync is, unless one runs now.
    pub next_sync: Option<NextSyncView>,
    /// When the oldest event without a receipt was recorded.
    pub oldest_waiting_ms: Option<i64>,
    /// When the last sync succeeded.
    pub last_sync_ms: Option<i64>,
    /// Why the last sync did not succeed, if it did not.
    pub last_sync_error: Option<ErrorCodeText>,
    /// Size of the log in the newest verified checkpoint.
    pub log_size: Option<u64>,
    /// Up to this size the log is witnessed; nothing while the district asks for no witnesses.
    pub log_witnessed: Option<u64>,
    /// Since when the trust list should have been replaced, if it should.
    pub trust_stale_since_ms: Option<i64>,
    /// Since when this device is revoked, if it is. It keeps everything and may send.
    pub revoked_since_ms: Option<i64>,
    /// Alarms ever raised.
    pub alarms: u64,
    /// True while nothing of the log is believed, since it showed two histories.
    pub log_disbelieved: bool,
    /// What was saved from a damaged data file, if there ever was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<SavedView>,
    /// True while nothing can be recorded, since it is not certain what was recorded before.
    #[serde(default)]
    pub head_in_doubt: bool,
    /// The clock of this device.
    pub clock: ClockView,
    /// The list of revoked cards that is here, if there is one.
    pub revoked_cards: Option<RevokedCardsView>,
    /// The new roster that is on its way, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roster_coming: Option<RosterComingView>,
}

/// Shows the list of revoked cards.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RevokedCardsView {
    /// As of when it is.
    pub as_of_ms: i64,
    /// True if it is older than the rules like. Nobody is refused for it.
    pub stale: bool,
}

/// Says what was saved from a damaged data file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct SavedView {
    /// When.
    pub at_ms: i64,
    /// The name of the damaged file, which is kept.
    pub kept_as: String,
    /// Own events that were saved.
    pub events: u64,
    /// Receipts of them.
    pub receipts: u64,
    /// Which events could not be read, as ranges of positions; empty if none is known.
    pub missing: String,
}

/// A short machine code and a sentence, of the last failed sync.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ErrorCodeText {
    /// The code.
    pub code: crate::ErrorCode,
    /// The sentence.
    pub message: String,
}

/// Shows the device's clock.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ClockView {
    /// What the device takes the time to be: its clock, less what is known to be wrong with it.
    pub now_ms: i64,
    /// True in a demonstration, whose clock is set by hand.
    pub demonstration: bool,
    /// How the device's own clock stands.
    pub state: ClockCode,
    /// By how much it is wrong or has moved, where the state says so; never negative.
    pub by_ms: i64,
}

/// How the device's own clock stands. A fact for the person at the door; nothing is refused for it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockCode {
    /// Nothing speaks against it.
    Fine,
    /// It is fast.
    Ahead,
    /// It is slow.
    Behind,
    /// It moved since the last contact.
    Jumped,
    /// It stands still.
    Stopped,
    /// It was not set since the device started.
    NotSet,
}

/// How a lesson stands.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LessonState {
    /// Not opened yet.
    Planned,
    /// Opened on this device.
    Open,
    /// Ended on this device.
    Ended,
}

/// Why a lesson is not held.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancelled {
    /// The provider does not hold it.
    Provider,
    /// The body ordered a quarantine.
    Quarantine,
    /// The weather forbade it.
    Weather,
    /// Another official order.
    Order,
}

impl Cancelled {
    /// All of them, so that a test can count the sentences.
    pub const ALL: &'static [Self] =
        &[Self::Provider, Self::Quarantine, Self::Weather, Self::Order];
}

/// Shows a planned lesson.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct LessonView {
    /// The lesson's id.
    pub lesson: String,
    /// The group's name.
    pub group: String,
    /// When it starts.
    pub start_ms: i64,
    /// When it ends.
    pub end_ms: i64,
    /// When it was to start, if it was moved from there.
    pub moved_from_ms: Option<i64>,
    /// Why it is not held, if so.
    pub cancelled: Option<Cancelled>,
    /// How it stands.
    pub state: LessonState,
    /// Children marked present.
    pub present: u32,
    /// Children on the roster.
    pub enrolled: u32,
    /// Of those present: guests, who are not on the roster.
    pub guests: u32,
    /// Of those missing: with a reason that a document excuses.
    pub excused: u32,
    /// True if the lesson is asked for a headcount.
    pub headcount_asked: bool,
    /// How many children the teacher counted, if so.
    pub headcount: Option<u16>,
}

/// Shows the lessons of today, or of a day to come.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct TodayView {
    /// The local day, `2026-09-28`.
    pub day: String,
    /// How many days after today it is.
    pub ahead: u32,
    /// The lessons, by start.
    pub lessons: Vec<LessonView>,
    /// How many children were marked in each hour of the day, as far as any were: the hour at +05:00, and
    /// the count.
    pub hours: Vec<(u8, u32)>,
}

/// Shows a child on a lesson's roster.
#[derive(Clone, Debug, Deserialize, Hash, PartialEq, Serialize)]
pub struct RosterRowView {
    /// The child's id.
    pub child: String,
    /// The child's name, for the teacher's eyes.
    pub name: String,
    /// The visit's event, if the child is marked present.
    pub event: Option<String>,
    /// When the child was marked.
    pub at_ms: Option<i64>,
    /// True if marked by hand.
    pub by_hand: bool,
    /// How far the visit's event has come.
    pub mark: Option<Mark>,
    /// What the family answered about the visit, once it came.
    pub answer: Option<Answer>,
    /// True if the child is not on the group's roster.
    pub guest: bool,
    /// When the child left, if it did.
    pub left_ms: Option<i64>,
    /// The absence, if one was entered; a visit counts before it.
    pub absence: Option<AbsenceView>,
    /// The newest withdrawal of a mark of this child.
    pub withdrawn: Option<WithdrawnView>,
}

/// Shows a lesson's roster.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct RosterView {
    /// The lesson.
    pub lesson: LessonView,
    /// The children, by name.
    pub rows: Vec<RosterRowView>,
    /// Until when an absence from this lesson may be explained.
    pub terms: TermsView,
}

/// What became of a scan.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Recorded and on the disk.
    Kept,
    /// The child was already marked in this lesson.
    Already,
    /// Recorded, but the child is not on this group's roster.
    Guest,
    /// The card was refused; a mark by hand remains possible.
    Refused,
}

/// Why a card was refused. Each has a sentence in every language of the UI.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// Not one of our cards.
    Foreign,
    /// An identity of another scheme: it names a person and is no card.
    OtherScheme,
    /// One of ours, but damaged, truncated or edited in its form.
    Malformed,
    /// A newer kind of card than this app knows.
    UnknownVersion,
    /// No trusted key has signed it.
    UnknownKey,
    /// The signature does not match: the card was edited or invented.
    BadSignature,
    /// The card's validity is over.
    Expired,
    /// The card was lost or replaced: the status list names it.
    Revoked,
    /// The typed code has a slip in it.
    CodeMistyped,
    /// No child of this roster has the typed code.
    CodeUnknown,
    /// The code of a phone is too old: perhaps a picture of a screen.
    PhoneCodeOld,
    /// The code of a phone is of a time to come: one of the two clocks is wrong.
    PhoneCodeAhead,
    /// The code of a phone was recorded here already.
    PhoneCodeUsed,
    /// This device does not know the card that the phone speaks for.
    PhoneUnknownCard,
    /// The phone is not of the child's family.
    PhoneNotFamily,
    /// The phone that shows the code is revoked.
    PhoneRevoked,
}

impl RefusalCode {
    /// All codes, so that a test can count the sentences.
    pub const ALL: &'static [Self] = &[
        Self::Foreign,
        Self::OtherScheme,
        Self::Malformed,
        Self::UnknownVersion,
        Self::UnknownKey,
        Self::BadSignature,
        Self::Expired,
        Self::Revoked,
        Self::CodeMistyped,
        Self::CodeUnknown,
        Self::PhoneCodeOld,
        Self::PhoneCodeAhead,
        Self::PhoneCodeUsed,
        Self::PhoneUnknownCard,
        Self::PhoneNotFamily,
        Self::PhoneRevoked,
    ];
}

/// Shows what became of a scan.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ScanView {
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused.
    pub refusal: Option<RefusalCode>,
    /// A sentence of detail for the small print, in English.
    pub detail: Option<String>,
    /// The child's name, if known on this device.
    pub name: Option<String>,
    /// The recorded event, or the earlier one if already marked.
    pub event: Option<String>,
    /// True if the child was entered as absent: the mark counts.
    pub was_absent: bool,
    /// Children now marked present in the lesson.
    pub present: u32,
    /// Children on the roster.
    pub enrolled: u32,
}

/// Shows a visit: to a teacher the own record, to a parent the provider's record.
#[derive(Clone, Debug, Deserialize, Hash, PartialEq, Serialize)]
pub struct VisitView {
    /// The visit's event hash.
    pub event: String,
    /// The child's name.
    pub child: String,
    /// The group's name.
    pub group: String,
    /// The provider's name.
    pub provider: String,
    /// When the lesson was planned to start.
    pub start_ms: i64,
    /// When the child was marked.
    pub at_ms: i64,
    /// True if marked by hand.
    pub by_hand: bool,
    /// How far the visit's event has come.
    pub mark: Mark,
    /// The family's answer: given on this device, or come to the teacher's.
    pub answer: Option<Answer>,
    /// How far the answer's event has come.
    pub answer_mark: Option<Mark>,
    /// The withdrawal, if whoever recorded the visit took it back.
    pub withdrawn: Option<WithdrawnView>,
    /// Since when the family is not sure, while it has not answered.
    pub not_sure_ms: Option<i64>,
    /// The first moment after the time for an answer.
    pub answer_until_ms: i64,
}

/// Shows the proof of an event, for a person and for a third party.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ProofView {
    /// The event.
    pub event: String,
    /// How far it has come.
    pub mark: Mark,
    /// True if the district asks for witnesses: without them that step does not exist.
    pub asks_witnesses: bool,
    /// Its place in the log.
    pub leaf_index: Option<u64>,
    /// The size of the log under the checkpoint.
    pub tree_size: Option<u64>,
    /// The name of the log.
    pub origin: Option<String>,
    /// The receipt file that `qatysu receipt verify` takes (JSON text).
    pub file: Option<String>,
}

/// Shows what a sync did.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct SyncView {
    /// Events the server took or already had.
    pub sent: u64,
    /// Events the server put aside.
    pub parked: u64,
    /// Receipts verified and kept.
    pub receipted: u64,
    /// Visits of own children that came with this sync.
    pub received: u64,
    /// Why the direct way did not do, if another was taken.
    pub direct: Option<ErrorCodeText>,
    /// What the way over a hub brought, if it was taken.
    pub hub: Option<crate::HubSyncView>,
}
