//! What the UI may ask of its shell.

use serde::{Deserialize, Serialize};

use crate::absence::{AbsenceReason, Withdrawal};
use crate::device::RevokeReason;
use crate::month::Finding;
use crate::place::PlaceAnswer;
use crate::visit::{Answer, Reason, Role, ScanSource};

/// One command with its arguments. In JSON: `{"command": "record_scan", "args": {…}}`; the shells
/// put `command` into the address (web) or the command name (Tauri) and send `args` alone.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "command", content = "args", rename_all = "snake_case")]
pub enum Request {
    /// Who this device is and what waits to be sent. Answer: [`StatusView`](crate::StatusView).
    Status {},
    /// Enrols this device with a ticket. Answer: [`StatusView`](crate::StatusView).
    Enrol {
        /// The ticket's text, as it was scanned or typed.
        ticket: String,
    },
    /// The lessons of today, or of a day to come. Answer: [`TodayView`](crate::TodayView).
    Today {
        /// How many days after today, at most [`DAYS_AHEAD_MAX`].
        #[serde(default)]
        ahead: u32,
    },
    /// Opens a lesson. Answer: [`LessonView`](crate::LessonView).
    OpenLesson {
        /// The lesson's id.
        lesson: String,
    },
    /// Ends a lesson. Answer: [`LessonView`](crate::LessonView).
    CloseLesson {
        /// The lesson's id.
        lesson: String,
    },
    /// Says that a lesson is not held, or at another time. Answer: [`LessonView`](crate::LessonView).
    ChangeLesson {
        /// The lesson's id.
        lesson: String,
        /// What becomes of it.
        change: LessonChange,
    },
    /// Who belongs to a lesson and who came. Answer: [`RosterView`](crate::RosterView).
    Roster {
        /// The lesson's id.
        lesson: String,
    },
    /// Who came on the last days: the children of a lesson's group, lesson by lesson, or all groups of this
    /// device, day by day. Answer: [`DaysView`](crate::DaysView).
    Days {
        /// The lesson's id; nothing for all groups.
        lesson: Option<String>,
    },
    /// Records what a scanner read, or what was typed. Answer: [`ScanView`](crate::ScanView).
    RecordScan {
        /// The open lesson.
        lesson: String,
        /// The QR's text, or the short code under it.
        text: String,
        /// Which scanner it came from.
        source: ScanSource,
    },
    /// Records a mark by hand. Answer: [`ScanView`](crate::ScanView).
    RecordManual {
        /// The open lesson.
        lesson: String,
        /// The child's id.
        child: String,
        /// Why by hand.
        reason: Reason,
    },
    /// Takes a mark of this device back. Answer: null.
    Withdraw {
        /// The mark's event hash.
        event: String,
        /// Why; nothing to undo it at once.
        why: Option<Withdrawal>,
    },
    /// Corrects whose mark it is. Answer: null.
    CorrectChild {
        /// The mark's event hash.
        event: String,
        /// The id of the child who came.
        child: String,
    },
    /// Records that a child is absent, or says more of it. Answer:
    /// [`AbsenceOutcome`](crate::AbsenceOutcome).
    RecordAbsence {
        /// The lesson's id.
        lesson: String,
        /// The child's id.
        child: String,
        /// Why.
        reason: AbsenceReason,
        /// The number of the document.
        number: Option<String>,
        /// The SHA-256 of a file that was kept.
        document: Option<String>,
    },
    /// Keeps the file of a document on this device. Answer:
    /// [`DocumentKeptView`](crate::DocumentKeptView).
    KeepDocument {
        /// Its bytes in Base64.
        base64: String,
    },
    /// Shows a file that was kept. Answer: [`DocumentView`](crate::DocumentView).
    Document {
        /// Its SHA-256.
        document: String,
    },
    /// Records a count of heads. Answer: [`LessonView`](crate::LessonView).
    RecordHeadcount {
        /// The lesson's id.
        lesson: String,
        /// How many children were counted.
        count: u16,
    },
    /// Records by hand that a child left. Answer: null.
    RecordLeaving {
        /// The lesson's id.
        lesson: String,
        /// The child's id.
        child: String,
        /// Why by hand.
        reason: Reason,
    },
    /// Who is in the building now. Answer: a list of [`InsideView`](crate::InsideView).
    Inside {},
    /// Visits this device knows, newest first. Answer: a list of [`VisitView`](crate::VisitView).
    Visits {},
    /// A parent's answer about a visit. Answer: the [`VisitView`](crate::VisitView).
    AnswerVisit {
        /// The visit's event hash.
        visit: String,
        /// Was, or was not.
        answer: Answer,
    },
    /// A parent is not sure about a visit: it is asked again, and nothing is sent. Answer: the
    /// [`VisitView`](crate::VisitView).
    NotSure {
        /// The visit's event hash.
        visit: String,
    },
    /// The codes of the own children for this moment. Answer: a list of
    /// [`CodeView`](crate::CodeView).
    Codes {},
    /// Who brings own children beside the parents. Answer: a list of
    /// [`DelegateView`](crate::DelegateView).
    Delegates {},
    /// Makes a ticket for somebody who is to bring own children. Answer:
    /// [`TicketView`](crate::TicketView).
    NameDelegate {
        /// The name of the person or of the device; no child's name.
        name: String,
        /// The children's ids.
        children: Vec<String>,
    },
    /// Ends that somebody brings own children. Answer: a list of
    /// [`DelegateView`](crate::DelegateView).
    EndDelegate {
        /// The id of the delegate's device.
        device: String,
    },
    /// What is offered to the own children, as of the last sync. Answer: a list of
    /// [`PlaceView`](crate::PlaceView).
    Places {},
    /// Answers an offered place, or gives up a booked one. It is kept here, and goes with the next sync.
    /// Answer: a list of [`PlaceView`](crate::PlaceView).
    AnswerPlace {
        /// The voucher's id.
        voucher: String,
        /// The answer.
        answer: PlaceAnswer,
    },
    /// The months of the own children, newest first. Answer: a list of
    /// [`SheetView`](crate::SheetView).
    Sheets {},
    /// Signs a child's month. Answer: null.
    SignMonth {
        /// The child's id.
        child: String,
        /// The month, `2026-09`.
        month: String,
    },
    /// Of each own child: is anything hidden? Answer: a list of
    /// [`CompletenessView`](crate::CompletenessView).
    Completeness {},
    /// Who looked at the own children, newest first, as the server says. Answer: a list of
    /// [`SeenByView`](crate::SeenByView).
    SeenBy {},
    /// The proof of a visit. Answer: [`ProofView`](crate::ProofView).
    Proof {
        /// The event's hash.
        event: String,
    },
    /// Every alarm ever raised, newest first. Answer: a list of [`AlarmView`](crate::AlarmView).
    Alarms {},
    /// Everything this device knows of the log, to rebuild a server that lost its disk. Answer:
    /// [`ExportView`](crate::ExportView).
    Export {},
    /// Frames of a parcel with what waits, for an animated QR. Answer:
    /// [`FramesView`](crate::FramesView).
    ParcelFrames {
        /// The number of the first frame; with 0 the parcel is made anew.
        from: u32,
        /// How many.
        count: u32,
    },
    /// A frame from another screen. Answer: [`CollectedView`](crate::CollectedView).
    CollectFrame {
        /// The QR's text.
        text: String,
    },
    /// Sends and fetches now. Answer: [`SyncView`](crate::SyncView).
    Sync {},
    /// What this device carries for others, and its hub. Answer:
    /// [`CollectView`](crate::CollectView).
    Collect {},
    /// Switches the hub of this device. Answer: [`CollectView`](crate::CollectView).
    HubSwitch {
        /// On or off.
        on: bool,
    },
    /// Reads the QR of a hub, and brings it what waits. Answer: [`SyncView`](crate::SyncView).
    HubLearn {
        /// The QR's text.
        text: String,
    },
    /// Makes a file for somebody to carry. Answer: [`CarryFileView`](crate::CarryFileView).
    CarryExport {
        /// Only what this device recorded; else also what it carries for others.
        own: bool,
    },
    /// Takes a file that somebody carried. Answer: [`CarryImportView`](crate::CarryImportView).
    CarryImport {
        /// The file's text.
        text: String,
    },
    /// The page is looked at again, or the network is back: a sync that stopped goes on. Answer: null.
    Resume {
        /// True if it is the network that came back.
        online: bool,
    },
    /// The coordinator's months and devices. Answer: [`BoardView`](crate::BoardView).
    Board {},
    /// Whom a coordinator may make a device for. Answer: [`ChoicesView`](crate::ChoicesView).
    Choices {},
    /// Makes a one-time ticket for a new device. Answer: [`TicketView`](crate::TicketView).
    MakeTicket {
        /// Whose device it becomes.
        role: Role,
        /// The device's name; no child's name.
        name: String,
        /// The provider's id, for a teacher or for a coordinator of one provider.
        provider: Option<String>,
        /// The groups' ids, for a teacher.
        groups: Vec<String>,
        /// The children's ids, for a parent.
        children: Vec<String>,
        /// The id of the device whose place it takes: what that one was granted is taken over, and it is
        /// revoked when the ticket is used.
        replaces: Option<String>,
    },
    /// Revokes a device. Answer: [`BoardView`](crate::BoardView).
    RevokeDevice {
        /// The device's id.
        device: String,
        /// Why.
        reason: RevokeReason,
    },
    /// Lets events into the log that were put aside. Answer: [`BoardView`](crate::BoardView).
    ReleaseEvents {
        /// The device's id.
        device: String,
        /// The last event's hash; what the device signed before it is let in too.
        last: String,
    },
    /// Decides about a visit that is disputed or stands beside another one. Answer:
    /// [`BoardView`](crate::BoardView).
    DecideVisit {
        /// The event that recorded it.
        visit: String,
        /// Whether the child was there.
        was: bool,
        /// What the decision rests on.
        finding: Finding,
        /// The number of the paper that shows it.
        document: String,
    },
    /// Gives a teacher's device other groups, or another name. Answer: [`BoardView`](crate::BoardView).
    ChangeGrants {
        /// The device's id.
        device: String,
        /// Its name from now on.
        name: String,
        /// All its groups from now on.
        groups: Vec<String>,
    },
    /// Closes a month. Answer: [`BoardView`](crate::BoardView).
    CloseMonth {
        /// The month, `2026-09`.
        month: String,
    },
    /// Enters the Treasury's payment notice. Answer: [`BoardView`](crate::BoardView).
    RecordPayment {
        /// The month, `2026-09`.
        month: String,
        /// The provider's id.
        provider: String,
        /// The sum paid, in tiyn.
        amount_tiyn: i64,
        /// The number of the payment document.
        document: String,
    },
    /// The Treasury registry of a closed month. Answer: a string, the file's text.
    Registry {
        /// The month, `2026-09`.
        month: String,
        /// `csv` or `json`.
        format: String,
    },
}

/// How many days after today the lessons of a day can be asked for.
pub const DAYS_AHEAD_MAX: u32 = 14;

/// What becomes of a lesson.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LessonChange {
    /// The provider does not hold it.
    NotHeld {},
    /// It starts at another time. The planned one holds it again.
    Move {
        /// The new start.
        to_ms: i64,
    },
}

/// The names of all commands: what the Tauri build declares and the UI calls.
pub const COMMANDS: &[&str] = &[
    "status",
    "enrol",
    "today",
    "open_lesson",
    "close_lesson",
    "change_lesson",
    "roster",
    "days",
    "record_scan",
    "record_manual",
    "withdraw",
    "correct_child",
    "record_absence",
    "keep_document",
    "document",
    "record_headcount",
    "record_leaving",
    "inside",
    "visits",
    "answer_visit",
    "not_sure",
    "codes",
    "delegates",
    "name_delegate",
    "end_delegate",
    "places",
    "answer_place",
    "sheets",
    "sign_month",
    "completeness",
    "seen_by",
    "proof",
    "alarms",
    "export",
    "parcel_frames",
    "collect_frame",
    "sync",
    "collect",
    "hub_switch",
    "hub_learn",
    "carry_export",
    "carry_import",
    "resume",
    "board",
    "choices",
    "make_ticket",
    "revoke_device",
    "release_events",
    "decide_visit",
    "change_grants",
    "close_month",
    "record_payment",
    "registry",
];
