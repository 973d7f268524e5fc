//! Who saw which child.

use attendance::{ChildId, DeviceId};
use serde::{Deserialize, Serialize};

/// How many views an answer holds at most.
pub const VIEWS_PAGE: u32 = 200;

/// `GET /v1/views/{from}`: who saw the asking family's children, after view `from`, oldest first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ViewsResponse {
    /// The views, at most [`VIEWS_PAGE`].
    pub views: Vec<ViewResponse>,
    /// The number to ask from next.
    pub next: u64,
    /// True if more is there now.
    pub more: bool,
}

/// An answer of the server that named a child. The server's word: nothing of it is signed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ViewResponse {
    /// Its place among all views; there are others' in between.
    pub number: u64,
    /// When, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
    /// Which device asked; nothing if it was the operator, or somebody in the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Whose device it is: `teacher`, `parent`, `coordinator`, `operator`; or the duty of whoever looked
    /// in the console: `provider_admin`, `issuer_head`, `issuer_specialist`, `commission`, `treasury`.
    pub role: String,
    /// The name of the device's or the person's provider, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Which child; nothing if the answer was about every child of the district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub child: Option<ChildId>,
    /// What was answered: `roster`, `visits`, `answers`, `entry`, `choices`, `statement`, `registry`,
    /// `bundle`, `views`.
    pub what: String,
    /// By which permission: an action and its scope.
    pub why: String,
}
