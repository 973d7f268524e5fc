//! Which sentence belongs to which value. The compiler finds a value without one.

use ipc::{
    AbsenceReason, AlarmCode, Answer, Cancelled, DayState, DelegateState, EntryFault, EntryKind,
    ErrorCode, Finding, LessonState, Mark, MonthState, NextSyncWhy, Outcome, ParcelState,
    ParkedReason, PlaceAnswer, PlaceState, Reason, RefusalCode, RevokeReason, Role, SeenWhat,
    SeenWho, Withdrawal,
};

/// A value that has a sentence in every language.
pub(crate) trait Sentence {
    /// Gives the key of its sentence.
    fn key(self) -> &'static str;
}

impl Sentence for RefusalCode {
    fn key(self) -> &'static str {
        match self {
            Self::Foreign => "refusal-foreign",
            Self::OtherScheme => "refusal-other-scheme",
            Self::Malformed => "refusal-malformed",
            Self::UnknownVersion => "refusal-unknown-version",
            Self::UnknownKey => "refusal-unknown-key",
            Self::BadSignature => "refusal-bad-signature",
            Self::Expired => "refusal-expired",
            Self::Revoked => "refusal-revoked",
            Self::CodeMistyped => "refusal-code-mistyped",
            Self::CodeUnknown => "refusal-code-unknown",
            Self::PhoneCodeOld => "refusal-phone-code-old",
            Self::PhoneCodeAhead => "refusal-phone-code-ahead",
            Self::PhoneCodeUsed => "refusal-phone-code-used",
            Self::PhoneUnknownCard => "refusal-phone-unknown-card",
            Self::PhoneNotFamily => "refusal-phone-not-family",
            Self::PhoneRevoked => "refusal-phone-revoked",
        }
    }
}

impl Sentence for ErrorCode {
    fn key(self) -> &'static str {
        match self {
            Self::Offline => "error-offline",
            Self::SignIn => "error-sign-in",
            Self::StorageFull => "error-storage-full",
            Self::HeadInDoubt => "error-head-in-doubt",
            Self::LessonNotOpen => "error-lesson-not-open",
            Self::NotAllowed => "error-not-allowed",
            Self::NotFound => "error-not-found",
            Self::MonthRefused => "error-month-refused",
            Self::WrongSum => "error-wrong-sum",
            Self::NotEnrolled => "error-not-enrolled",
            Self::TicketUnreadable => "error-ticket-unreadable",
            Self::TicketRefused => "error-ticket-refused",
            Self::ProofAlarm => "error-proof-alarm",
            Self::LogOlder => "error-log-older",
            Self::HubRefused => "error-hub-refused",
            Self::HubAway => "error-hub-away",
            Self::NotACarryFile => "error-not-a-carry-file",
            Self::OtherServer => "error-other-server",
            Self::NeedsReason => "error-needs-reason",
            Self::DocumentRefused => "error-document-refused",
            Self::BadRequest => "error-bad-request",
            Self::Broken => "error-broken",
        }
    }
}

impl Sentence for AbsenceReason {
    fn key(self) -> &'static str {
        match self {
            Self::Sick => "absence-sick",
            Self::Leave => "absence-leave",
            Self::Quarantine => "absence-quarantine",
            Self::Unexcused => "absence-unexcused",
        }
    }
}

impl Sentence for Withdrawal {
    fn key(self) -> &'static str {
        match self {
            Self::OtherChild => "withdrawal-other-child",
            Self::NotThere => "withdrawal-not-there",
            Self::OtherLesson => "withdrawal-other-lesson",
            Self::Slip => "withdrawal-slip",
        }
    }
}

impl Sentence for DayState {
    fn key(self) -> &'static str {
        match self {
            Self::ToCome => "day-to-come",
            Self::Confirmed => "day-confirmed",
            Self::Awaiting => "day-awaiting",
            Self::Disputed => "day-disputed",
            Self::Excused => "day-excused",
            Self::NoDocument => "day-no-document",
            Self::Unexcused => "day-unexcused",
            Self::Missing => "day-missing",
            Self::NotHeld => "day-not-held",
            Self::CancelledOfficial => "day-cancelled-official",
        }
    }
}

impl Sentence for Cancelled {
    fn key(self) -> &'static str {
        match self {
            Self::Provider => "cancelled-provider",
            Self::Quarantine => "cancelled-quarantine",
            Self::Weather => "cancelled-weather",
            Self::Order => "cancelled-order",
        }
    }
}

impl Sentence for Finding {
    fn key(self) -> &'static str {
        match self {
            Self::Evidence => "finding-evidence",
            Self::Slip => "finding-slip",
            Self::Inspection => "finding-inspection",
            Self::NoEvidence => "finding-no-evidence",
            Self::Other => "finding-other",
        }
    }
}

impl Sentence for RevokeReason {
    fn key(self) -> &'static str {
        match self {
            Self::Lost => "revoke-lost",
            Self::Stolen => "revoke-stolen",
            Self::Replaced => "revoke-replaced",
            Self::Left => "revoke-left",
            Self::Misused => "revoke-misused",
        }
    }
}

impl Sentence for ParkedReason {
    fn key(self) -> &'static str {
        match self {
            Self::Revoked => "parked-revoked",
            Self::Suspended => "parked-suspended",
            Self::Expired => "parked-expired",
            Self::Fork => "parked-fork",
            Self::BrokenLink => "parked-broken-link",
            Self::BadSignature => "parked-bad-signature",
            Self::Malformed => "parked-malformed",
            Self::Other => "parked-other",
        }
    }
}

impl Sentence for AlarmCode {
    fn key(self) -> &'static str {
        match self {
            Self::TwoHistories => "alarm-two-histories",
            Self::NotConsistent => "alarm-not-consistent",
            Self::LogOlder => "alarm-log-older",
            Self::BadCheckpoint => "alarm-bad-checkpoint",
            Self::BadReceipt => "alarm-bad-receipt",
            Self::BadVisit => "alarm-bad-visit",
            Self::BadStatement => "alarm-bad-statement",
            Self::Incomplete => "alarm-incomplete",
            Self::Forked => "alarm-forked",
            Self::Restored => "alarm-restored",
            Self::Other => "alarm-other",
        }
    }
}

/// What an alarm means.
pub(crate) struct Meaning(pub(crate) AlarmCode);

impl Sentence for Meaning {
    fn key(self) -> &'static str {
        match self.0 {
            AlarmCode::TwoHistories => "alarm-two-histories-means",
            AlarmCode::NotConsistent => "alarm-not-consistent-means",
            AlarmCode::LogOlder => "alarm-log-older-means",
            AlarmCode::BadCheckpoint => "alarm-bad-checkpoint-means",
            AlarmCode::BadReceipt => "alarm-bad-receipt-means",
            AlarmCode::BadVisit => "alarm-bad-visit-means",
            AlarmCode::BadStatement => "alarm-bad-statement-means",
            AlarmCode::Incomplete => "alarm-incomplete-means",
            AlarmCode::Forked => "alarm-forked-means",
            AlarmCode::Restored => "alarm-restored-means",
            AlarmCode::Other => "alarm-other-means",
        }
    }
}

/// What to do about an alarm.
pub(crate) struct Advice(pub(crate) AlarmCode);

impl Sentence for Advice {
    fn key(self) -> &'static str {
        match self.0 {
            AlarmCode::TwoHistories => "alarm-two-histories-do",
            AlarmCode::NotConsistent => "alarm-not-consistent-do",
            AlarmCode::LogOlder => "alarm-log-older-do",
            AlarmCode::BadCheckpoint => "alarm-bad-checkpoint-do",
            AlarmCode::BadReceipt => "alarm-bad-receipt-do",
            AlarmCode::BadVisit => "alarm-bad-visit-do",
            AlarmCode::BadStatement => "alarm-bad-statement-do",
            AlarmCode::Incomplete => "alarm-incomplete-do",
            AlarmCode::Forked => "alarm-forked-do",
            AlarmCode::Restored => "alarm-restored-do",
            AlarmCode::Other => "alarm-other-do",
        }
    }
}

impl Sentence for NextSyncWhy {
    fn key(self) -> &'static str {
        match self {
            Self::Rest => "next-sync-rest",
            Self::Recorded => "next-sync-recorded",
            Self::Online => "next-sync-online",
            Self::Resumed => "next-sync-resumed",
            Self::Pressed => "next-sync-pressed",
            Self::Unanswered => "next-sync-unanswered",
            Self::Busy => "next-sync-busy",
            Self::Refused => "next-sync-refused",
        }
    }
}

impl Sentence for Outcome {
    fn key(self) -> &'static str {
        match self {
            Self::Kept => "outcome-kept",
            Self::Already => "outcome-already",
            Self::Guest => "outcome-guest",
            Self::Refused => "outcome-refused",
        }
    }
}

impl Sentence for Mark {
    fn key(self) -> &'static str {
        match self {
            Self::Recorded => "mark-recorded",
            Self::Carried => "mark-carried",
            Self::Sent => "mark-sent",
            Self::Receipted => "mark-receipted",
            Self::Witnessed => "mark-witnessed",
        }
    }
}

impl Sentence for ParcelState {
    fn key(self) -> &'static str {
        match self {
            Self::Waiting => "parcel-waiting",
            Self::Refused => "parcel-refused",
            Self::Answered => "parcel-answered",
        }
    }
}

impl Sentence for Role {
    fn key(self) -> &'static str {
        match self {
            Self::Teacher => "role-teacher",
            Self::Parent => "role-parent",
            Self::Coordinator => "role-coordinator",
            Self::ProviderAdmin => "role-provider-admin",
            Self::Delegate => "role-delegate",
        }
    }
}

impl Sentence for DelegateState {
    fn key(self) -> &'static str {
        match self {
            Self::Named => "delegate-named",
            Self::Ending => "delegate-ending",
            Self::Ended => "delegate-ended",
            Self::Over => "delegate-over",
        }
    }
}

impl Sentence for PlaceState {
    fn key(self) -> &'static str {
        match self {
            Self::Waiting => "place-waiting",
            Self::Offered => "place-offered",
            Self::Missed => "place-missed",
            Self::Booked => "place-booked",
            Self::Contracted => "place-contracted",
        }
    }
}

impl Sentence for PlaceAnswer {
    fn key(self) -> &'static str {
        match self {
            Self::Accept => "place-answered-accept",
            Self::Decline => "place-answered-decline",
        }
    }
}

impl Sentence for Reason {
    fn key(self) -> &'static str {
        match self {
            Self::CardForgotten => "reason-card-forgotten",
            Self::CardUnreadable => "reason-card-unreadable",
            Self::CardRefused => "reason-card-refused",
            Self::NoCamera => "reason-no-camera",
        }
    }
}

impl Sentence for LessonState {
    fn key(self) -> &'static str {
        match self {
            Self::Planned => "lesson-planned",
            Self::Open => "lesson-open",
            Self::Ended => "lesson-ended",
        }
    }
}

impl Sentence for MonthState {
    fn key(self) -> &'static str {
        match self {
            Self::Open => "month-open",
            Self::Closing => "month-closing",
            Self::Closed => "month-closed",
            Self::Paid => "month-paid",
        }
    }
}

impl Sentence for Answer {
    fn key(self) -> &'static str {
        match self {
            Self::Was => "answer-was",
            Self::WasNot => "answer-was-not",
        }
    }
}

impl Sentence for EntryFault {
    fn key(self) -> &'static str {
        match self {
            Self::NotAsked => "fault-not-asked",
            Self::NotShown => "fault-not-shown",
            Self::Wrong => "fault-wrong",
            Self::Unnamed => "fault-unnamed",
        }
    }
}

impl Sentence for EntryKind {
    fn key(self) -> &'static str {
        match self {
            Self::In => "entry-in",
            Self::Out => "entry-out",
            Self::Absent => "entry-absent",
            Self::Correct => "entry-correct",
            Self::Void => "entry-void",
            Self::Confirm => "entry-confirm",
            Self::Dispute => "entry-dispute",
            Self::MonthSign => "entry-month-sign",
            Self::Card => "entry-card",
            Self::Other => "entry-other",
        }
    }
}

impl Sentence for SeenWho {
    fn key(self) -> &'static str {
        match self {
            Self::Teacher => "seen-who-teacher",
            Self::Family => "seen-who-family",
            Self::Coordinator => "seen-who-coordinator",
            Self::ProviderAdmin => "seen-who-provider-admin",
            Self::Issuer => "seen-who-issuer",
            Self::Commission => "seen-who-commission",
            Self::Treasury => "seen-who-treasury",
            Self::Operator => "seen-who-operator",
            Self::Other => "seen-who-other",
        }
    }
}

impl Sentence for SeenWhat {
    fn key(self) -> &'static str {
        match self {
            Self::Roster => "seen-roster",
            Self::Visits => "seen-visits",
            Self::Answers => "seen-answers",
            Self::Entry => "seen-entry",
            Self::Choices => "seen-choices",
            Self::Statement => "seen-statement",
            Self::Registry => "seen-registry",
            Self::Bundle => "seen-bundle",
            Self::Voucher => "seen-voucher",
            Self::Sheets => "seen-sheets",
            Self::Signals => "seen-signals",
            Self::Views => "seen-views",
            Self::Other => "seen-other",
        }
    }
}
