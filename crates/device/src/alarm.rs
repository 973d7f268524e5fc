//! Alarms: what the server said that does not hold. They are kept with their evidence.

use seal::Hash;

use crate::device::Device;
use crate::store::{self, StoreError};

/// Says what kind of claim did not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AlarmCode {
    /// A checkpoint that no log key of the trust list signed, or of another log.
    BadCheckpoint,
    /// The log showed two roots for one size; kept by the first release, with the second note.
    TwoRoots,
    /// The log signed two histories. The evidence is a [`tlog::TwoHistories`], which anybody can
    /// check.
    TwoHistories,
    /// The server did not prove that its log only grew. That is no evidence by itself: the answer may
    /// have been spoilt.
    NotConsistent,
    /// The server shows an older state of its log than before, as after a restored backup.
    LogOlder,
    /// A receipt that does not hold for its event under the checkpoint.
    BadReceipt,
    /// A visit that does not hold: certificate, signature, child or place in the log.
    BadVisit,
    /// A family's answer that does not hold.
    BadAnswer,
    /// A statement about a month that does not hold.
    BadStatement,
    /// A tag list that does not hold, leaves a gap, or another tag key than before.
    BadTags,
    /// A leaf about an own child that does not hold.
    BadEntry,
    /// A leaf about an own child that the log's tags do not name: the log tells two stories.
    UnnamedEntry,
    /// The server has another event of this device at one position: the device was copied, or an older
    /// state of it was put back and went on. The subject is the own event.
    Forked,
    /// The server has more events of this device than the device: an older state was put back.
    Restored,
}

impl AlarmCode {
    /// Gives the name that is stored and shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BadCheckpoint => "bad_checkpoint",
            Self::TwoRoots => "two_roots",
            Self::TwoHistories => "two_histories",
            Self::NotConsistent => "not_consistent",
            Self::LogOlder => "log_older",
            Self::BadReceipt => "bad_receipt",
            Self::BadVisit => "bad_visit",
            Self::BadAnswer => "bad_answer",
            Self::BadStatement => "bad_statement",
            Self::BadTags => "bad_tags",
            Self::BadEntry => "bad_entry",
            Self::UnnamedEntry => "unnamed_entry",
            Self::Forked => "forked",
            Self::Restored => "restored",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|code| code.name() == name)
    }
}

/// Holds an alarm as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Alarm {
    /// When it was raised, by this device's clock.
    pub at_ms: i64,
    /// What kind of claim did not hold.
    pub code: AlarmCode,
    /// A sentence in English, without personal data.
    pub detail: String,
    /// The event it is about, where there is one.
    pub subject: Option<Hash>,
    /// The bytes that did not hold: a note, a receipt, an event.
    pub evidence: Vec<u8>,
}

impl Device {
    /// Lists all alarms ever raised, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn alarms(&self) -> Result<Vec<Alarm>, StoreError> {
        store::alarm::all(&self.db)
    }
}

const ALL: [AlarmCode; 14] = [
    AlarmCode::BadCheckpoint,
    AlarmCode::TwoRoots,
    AlarmCode::TwoHistories,
    AlarmCode::NotConsistent,
    AlarmCode::LogOlder,
    AlarmCode::BadReceipt,
    AlarmCode::BadVisit,
    AlarmCode::BadAnswer,
    AlarmCode::BadStatement,
    AlarmCode::BadTags,
    AlarmCode::BadEntry,
    AlarmCode::UnnamedEntry,
    AlarmCode::Forked,
    AlarmCode::Restored,
];
