//! What a coordinator's device asks about devices: tickets, grants, and whom they may be for.

use attendance::{ChildId, DeviceId, GroupId, ProviderId, Role};
use serde::{Deserialize, Serialize};

use crate::board::ParkedResponse;

/// `POST /v1/ticket`: what the ticket's device will be.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TicketRequest {
    /// The server's address, as the new device will reach it.
    pub server: String,
    /// Whose device it becomes.
    pub role: Role,
    /// The device's name on the board. No child's name.
    pub name: String,
    /// The provider, for a teacher or for a coordinator of one provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<ProviderId>,
    /// The groups, for a teacher.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
    /// The children, for a parent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<ChildId>,
    /// The device whose place it takes: what that one was granted is taken over, and nothing else
    /// counts but a new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<DeviceId>,
}

/// `POST /v1/delegate`: whom a parent entrusts own children to. The answer is a [`TicketResponse`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DelegateRequest {
    /// The server's address, as the new device will reach it.
    pub server: String,
    /// The device's name on the board. No child's name.
    pub name: String,
    /// The children.
    pub children: Vec<ChildId>,
}

/// `GET /v1/delegates`: who brings own children beside the parents, or did.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DelegatesResponse {
    /// The devices, by name.
    pub delegates: Vec<DelegateResponse>,
}

/// A delegate's device.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DelegateResponse {
    /// The device.
    pub device: DeviceId,
    /// Its name.
    pub name: String,
    /// The asking parent's children among those entrusted to it.
    pub children: Vec<ChildId>,
    /// The last second at which its certificate holds.
    pub ends_s: i64,
    /// True if it is revoked.
    pub revoked: bool,
}

/// The ticket.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TicketResponse {
    /// Its text, for a QR Code.
    pub ticket: String,
    /// Until when it is good, milliseconds since 1970-01-01T00:00Z by the server's clock.
    pub expires_ms: i64,
    /// For how long it is good, in milliseconds.
    pub life_ms: i64,
}

/// `POST /v1/grants`: other groups, or another name, for a teacher's device. It gets its new certificate
/// at its next hello.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GrantsRequest {
    /// The device.
    pub device: DeviceId,
    /// All groups that it has from now on.
    pub groups: Vec<GroupId>,
    /// Its name from now on.
    pub name: String,
}

/// `GET /v1/parked`: everything that is put aside and that the asking coordinator may see.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ParkedListResponse {
    /// By device and reason.
    pub parked: Vec<ParkedResponse>,
}

/// `GET /v1/choices`: whom the asking coordinator may enrol a device for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChoicesResponse {
    /// The providers.
    pub providers: Vec<ProviderChoice>,
    /// The groups.
    pub groups: Vec<GroupChoice>,
    /// The children, by name. No IIN.
    pub children: Vec<ChildChoice>,
}

/// A provider to choose.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ProviderChoice {
    /// Identifier.
    pub id: ProviderId,
    /// Name.
    pub name: String,
}

/// A group to choose.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct GroupChoice {
    /// Identifier.
    pub id: GroupId,
    /// Whose group.
    pub provider: ProviderId,
    /// Name.
    pub name: String,
}

/// A child to choose.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChildChoice {
    /// Identifier.
    pub id: ChildId,
    /// Name.
    pub name: String,
    /// The groups it is in.
    pub groups: Vec<GroupId>,
}
