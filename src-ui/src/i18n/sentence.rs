//! Which sentence belongs to which value. The compiler finds a value without one.

use ipc::{
    Answer, EntryFault, EntryKind, ErrorCode, LessonState, Mark, MonthState, Outcome, Reason,
    RefusalCode, Role,
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
            Self::Malformed => "refusal-malformed",
            Self::UnknownVersion => "refusal-unknown-version",
            Self::UnknownKey => "refusal-unknown-key",
            Self::BadSignature => "refusal-bad-signature",
            Self::Expired => "refusal-expired",
            Self::CodeMistyped => "refusal-code-mistyped",
            Self::CodeUnknown => "refusal-code-unknown",
        }
    }
}

impl Sentence for ErrorCode {
    fn key(self) -> &'static str {
        match self {
            Self::Offline => "error-offline",
            Self::StorageFull => "error-storage-full",
            Self::LessonNotOpen => "error-lesson-not-open",
            Self::NotAllowed => "error-not-allowed",
            Self::NotFound => "error-not-found",
            Self::MonthRefused => "error-month-refused",
            Self::NotEnrolled => "error-not-enrolled",
            Self::ProofAlarm => "error-proof-alarm",
            Self::BadRequest => "error-bad-request",
            Self::Broken => "error-broken",
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
            Self::Sent => "mark-sent",
            Self::Receipted => "mark-receipted",
        }
    }
}

impl Sentence for Role {
    fn key(self) -> &'static str {
        match self {
            Self::Teacher => "role-teacher",
            Self::Parent => "role-parent",
            Self::Coordinator => "role-coordinator",
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
