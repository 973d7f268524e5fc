//! Why a sync did not finish. Nothing is lost by any of these.

use sync_api::{Problem, TicketError};

use crate::transport::Unanswered;

/// Why a sync or an enrolment did not finish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// The server could not be reached, or did not answer in time.
    #[error("the server did not answer: {0}")]
    Offline(#[source] Unanswered),
    /// Something else answered in the server's place. Nothing of it counts, and it is tried again.
    #[error(
        "something else answers in the server's place: {0}. This network wants a sign-in: open its page, \
         or use another network"
    )]
    SignIn(String),
    /// The server answered with a problem document.
    #[error("{}: {}", .0.title, .0.detail)]
    Refused(Box<Problem>),
    /// The server has too much to do, or stops. It kept what it answered before.
    #[error("the server is busy (HTTP {status}): it is asked again later")]
    Busy {
        /// The HTTP status: 429 or 503.
        status: u16,
        /// After how many seconds it wants to be asked again, if it says so.
        retry_after_s: Option<u64>,
    },
    /// The server answered something that is not of the protocol.
    #[error("the server's answer is not understood ({0}): is this address a Qatysu server?")]
    Foreign(String),
    /// What the server sent does not hold; the device keeps everything.
    #[error("the server's proof does not hold: {0}")]
    Proof(String),
    /// The server shows an older log than before, and cannot prove that it is the same.
    #[error("{0}; everything stays on this device until the server has caught up")]
    Older(String),
    /// The ticket is damaged.
    #[error(transparent)]
    Ticket(#[from] TicketError),
    /// The ticket pins another root than the server showed.
    #[error(
        "the server shows another root key than the ticket: do not use it, tell the coordinator"
    )]
    OtherRoot,
    /// The device is not enrolled.
    #[error("the device is not enrolled yet: it needs a ticket from the coordinator")]
    NotEnrolled,
    /// The device's own storage failed.
    #[error("this device's storage failed: {0}")]
    Device(String),
}

impl SyncError {
    /// True if trying again without a change cannot help.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Offline(_)
            | Self::SignIn(_)
            | Self::Busy { .. }
            | Self::Device(_)
            | Self::Older(_) => false,
            // 429: it asked too often, and may ask again later.
            Self::Refused(problem) => problem.status < 500 && problem.status != 429,
            Self::Foreign(_)
            | Self::Proof(_)
            | Self::Ticket(_)
            | Self::OtherRoot
            | Self::NotEnrolled => true,
        }
    }

    /// Says why no whole answer came.
    pub(crate) fn unanswered(why: Unanswered) -> Self {
        if why.by_another() { Self::SignIn(why.why) } else { Self::Offline(why) }
    }

    pub(crate) fn device(error: impl core::fmt::Display) -> Self {
        Self::Device(error.to_string())
    }
}
