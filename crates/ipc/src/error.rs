//! What could not be done.

use core::fmt;

use serde::{Deserialize, Serialize};

/// What the UI may act on. Everything else is [`ErrorCode::Broken`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The server did not answer; what is kept stays kept.
    Offline,
    /// Something else answers in the server's or the hub's place: the network wants a sign-in, mostly.
    SignIn,
    /// The storage is full; nothing of this command was kept.
    StorageFull,
    /// It is not certain which events this device has signed: it has to sync once before it goes on.
    HeadInDoubt,
    /// The lesson is not open.
    LessonNotOpen,
    /// The device's role does not allow it.
    NotAllowed,
    /// The thing named is not on this device.
    NotFound,
    /// The month cannot be closed or paid as asked.
    MonthRefused,
    /// The sum is not the one of the registry.
    WrongSum,
    /// The device has no certificate yet.
    NotEnrolled,
    /// The text is no ticket, or a damaged one.
    TicketUnreadable,
    /// The ticket was used, is over, or is not this server's.
    TicketRefused,
    /// The server's answer does not hold: the device keeps everything and raises an alarm.
    ProofAlarm,
    /// The server shows an older log than before, as after a restored backup.
    LogOlder,
    /// The hub is not of this district, or does not prove who it is. Nothing was given to it.
    HubRefused,
    /// The hub does not answer, or has no room.
    HubAway,
    /// The file is no carry file.
    NotACarryFile,
    /// The file is for another server.
    OtherServer,
    /// The mark is too old to be undone without a reason.
    NeedsReason,
    /// The file is no picture and no PDF, is too large, or has no room.
    DocumentRefused,
    /// The arguments are not of the command's form.
    BadRequest,
    /// Anything else.
    Broken,
}

/// Says what could not be done, and what to do about it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ErrorView {
    /// What the UI may act on.
    pub code: ErrorCode,
    /// A sentence for the log and for the small print, in English, without personal data.
    pub message: String,
}

impl fmt::Display for ErrorView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for ErrorView {}
