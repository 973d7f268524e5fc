//! The life of devices: enrolling this one; tickets, revocations, releases and groups of others.

use attendance::{DeviceId, RevocationReason, Role};
use device::Device;
use ipc::{
    BoardView, ChoiceView, ChoicesView, DeviceView, ErrorCode, ErrorView, ParkedReason, ParkedView,
    RevokeReason, RevokedView, StatusView, TicketView,
};
use sync_api::{
    ChoicesResponse, DeviceResponse, GrantsRequest, ParkedResponse, ProblemKind, Ticket,
    TicketRequest, TicketResponse,
};
use sync_client::SyncError;

use crate::coordinator::board;
use crate::error::{self, parse_hash, parse_id};
use crate::shell::Shell;
use crate::status::role_view;

/// What the page of a new ticket asks for, with ids as the UI gives them back.
pub(crate) struct NewTicket {
    pub(crate) role: ipc::Role,
    pub(crate) name: String,
    pub(crate) provider: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) children: Vec<String>,
    pub(crate) replaces: Option<String>,
}

impl Shell {
    pub(crate) async fn enrol_view(&self, ticket: &str) -> Result<StatusView, ErrorView> {
        let enrolled = self.device.with(|device| device.enrolment().is_some()).await;
        if !enrolled {
            let done = self.sync.enrol(&self.device, ticket).await;
            done.map_err(|error| of_enrolment(&error))?;
            // The roster comes with the first sync. Without one the device is enrolled all the same.
            if let Err(error) = self.sync_now().await {
                tracing::info!(%error, "the first sync did not finish; it is tried again");
            }
        }
        self.status().await
    }

    pub(crate) async fn choices(&self) -> Result<ChoicesView, ErrorView> {
        self.coordinators_only().await?;
        let answer = self.sync.ask(&self.device, "choices").await;
        let choices: ChoicesResponse = answer.map_err(|error| error::of_sync(&error))?;
        Ok(ChoicesView {
            providers: choices
                .providers
                .into_iter()
                .map(|one| ChoiceView { id: one.id.to_string(), name: one.name, of: Vec::new() })
                .collect(),
            groups: choices
                .groups
                .into_iter()
                .map(|one| ChoiceView {
                    id: one.id.to_string(),
                    name: one.name,
                    of: vec![one.provider.to_string()],
                })
                .collect(),
            children: choices
                .children
                .into_iter()
                .map(|one| ChoiceView {
                    id: one.id.to_string(),
                    name: one.name,
                    of: one.groups.iter().map(ToString::to_string).collect(),
                })
                .collect(),
        })
    }

    /// Makes a ticket. For a replacement the decision to revoke the old device goes into the log before
    /// the ticket is shown: without it the server would not take the ticket.
    pub(crate) async fn make_ticket(&self, new: NewTicket) -> Result<TicketView, ErrorView> {
        self.coordinators_only().await?;
        let replaces: Option<DeviceId> = new.replaces.as_deref().map(parse_id).transpose()?;
        let request = TicketRequest {
            server: self.server().await?,
            role: role_of(new.role),
            name: new.name,
            provider: new.provider.as_deref().map(parse_id).transpose()?,
            groups: parse_ids(&new.groups)?,
            children: parse_ids(&new.children)?,
            replaces,
        };
        let answer = self.sync.post(&self.device, "ticket", &request).await;
        let answer: TicketResponse = answer.map_err(|error| error::of_sync(&error))?;
        let ticket = Ticket::parse(&answer.ticket)
            .map_err(|why| error::view(ErrorCode::Broken, why.to_string()))?;
        if let Some(old) = replaces {
            let by = seal::sha256(&ticket.secret);
            let decided = self.device.with(move |device| {
                let gone = device.revocations().is_some_and(|list| list.revocation(old).is_some());
                if gone {
                    return Ok(());
                }
                device.revoke_device(old, RevocationReason::Replaced, Some(by)).map(drop)
            });
            decided.await.map_err(error::of_record)?;
            self.sync_now().await.map_err(|error| error::of_sync(&error))?;
        }
        Ok(ticket_view(answer))
    }

    pub(crate) async fn revoke_device(
        &self,
        device: &str,
        reason: RevokeReason,
    ) -> Result<BoardView, ErrorView> {
        let (subject, reason) = (parse_id(device)?, reason_of(reason));
        let recorded = self.device.with(move |device| {
            if is_revoking(device, subject)? {
                return Ok(());
            }
            device.revoke_device(subject, reason, None).map(drop).map_err(error::of_record)
        });
        recorded.await?;
        self.decided().await
    }

    pub(crate) async fn release_events(
        &self,
        device: &str,
        last: &str,
    ) -> Result<BoardView, ErrorView> {
        let (subject, last) = (parse_id(device)?, parse_hash(last)?);
        let recorded = self.device.with(move |device| device.release_events(subject, last));
        recorded.await.map_err(error::of_record)?;
        self.decided().await
    }

    pub(crate) async fn change_grants(
        &self,
        device: &str,
        name: String,
        groups: &[String],
    ) -> Result<BoardView, ErrorView> {
        self.coordinators_only().await?;
        let request = GrantsRequest { device: parse_id(device)?, groups: parse_ids(groups)?, name };
        let answer = self.sync.post(&self.device, "grants", &request).await;
        let _done: serde_json::Value = answer.map_err(|error| error::of_sync(&error))?;
        self.decided().await
    }

    /// Sends a decision at once, if the server can be reached, and shows the board. The event waits on
    /// this device like any other otherwise.
    pub(crate) async fn decided(&self) -> Result<BoardView, ErrorView> {
        if let Err(error) = self.sync_now().await {
            tracing::info!(%error, "a decision waits to be sent");
        }
        self.device.with(|device| board(device)).await
    }

    pub(crate) async fn server(&self) -> Result<String, ErrorView> {
        let server =
            self.device.with(|device| device.enrolment().map(|one| one.server().to_owned())).await;
        server.ok_or_else(error::not_enrolled)
    }

    async fn coordinators_only(&self) -> Result<(), ErrorView> {
        match self.device.with(|device| device.enrolment().map(device::Enrolled::role)).await {
            Some(Role::Coordinator) => Ok(()),
            Some(
                Role::Teacher | Role::Parent | Role::ProviderAdmin | Role::Delegate | Role::Issuer,
            ) => Err(error::view(ErrorCode::NotAllowed, "this is for a coordinator's device")),
            None => Err(error::not_enrolled()),
        }
    }
}

pub(crate) fn ticket_view(answer: TicketResponse) -> TicketView {
    TicketView { text: answer.ticket, life_ms: answer.life_ms }
}

fn of_enrolment(error: &SyncError) -> ErrorView {
    if let SyncError::Ticket(_) = error {
        return error::view(ErrorCode::TicketUnreadable, error.to_string());
    }
    if let SyncError::Refused(problem) = error
        && problem.kind == ProblemKind::TicketRefused
    {
        return error::view(ErrorCode::TicketRefused, error.to_string());
    }
    error::of_sync(error)
}

/// Tells whether this device decided to revoke that one at once.
fn is_revoking(device: &Device, subject: DeviceId) -> Result<bool, ErrorView> {
    device.has_revoked(subject).map_err(error::of_store)
}

pub(crate) fn device_view(device: &Device, line: DeviceResponse) -> Result<DeviceView, ErrorView> {
    let revoked = line.revoked.map(|revoked| RevokedView {
        at_ms: revoked.at_ms,
        events: revoked.events,
        reason: reason_view(RevocationReason::from_number(revoked.reason)),
    });
    Ok(DeviceView {
        device: line.device.to_string(),
        name: line.name,
        role: role_view(line.role),
        provider: line.provider.map(|id| id.to_string()),
        groups: line.groups.iter().map(ToString::to_string).collect(),
        events: line.events,
        backlog: line.told.as_ref().map(|told| told.backlog),
        backlog_days: line.backlog_days,
        version: line.told.map(|told| told.version),
        last_contact_ms: line.last_contact_ms,
        certificate_ends_ms: line.certificate_ends_s.map(|at_s| at_s.saturating_mul(1_000)),
        suspended: line.suspended,
        revoking: revoked.is_none() && is_revoking(device, line.device)?,
        revoked,
        replaced_by: line.replaced_by.map(|id| id.to_string()),
        parked: line.parked.into_iter().map(parked_view).collect(),
    })
}

pub(crate) fn parked_view(line: ParkedResponse) -> ParkedView {
    ParkedView {
        device: line.device.map(|id| id.to_string()),
        reason: parked_reason(&line.reason),
        count: line.count,
        last: line.last.0.to_string(),
        releasable: line.releasable,
        last_arrived_ms: line.last_arrived_ms,
    }
}

/// Reads a reason by its stable code.
pub(crate) fn parked_reason(code: &str) -> ParkedReason {
    match code {
        "revoked" => ParkedReason::Revoked,
        "suspended" => ParkedReason::Suspended,
        "expired" => ParkedReason::Expired,
        "fork" => ParkedReason::Fork,
        "broken_link" => ParkedReason::BrokenLink,
        "bad_signature" => ParkedReason::BadSignature,
        "malformed" => ParkedReason::Malformed,
        _ => ParkedReason::Other,
    }
}

pub(crate) fn parse_ids<T: core::str::FromStr<Err: core::fmt::Display>>(
    ids: &[String],
) -> Result<Vec<T>, ErrorView> {
    ids.iter().map(|id| parse_id(id)).collect()
}

fn role_of(role: ipc::Role) -> Role {
    match role {
        ipc::Role::Teacher => Role::Teacher,
        ipc::Role::Parent => Role::Parent,
        ipc::Role::Coordinator => Role::Coordinator,
        ipc::Role::ProviderAdmin => Role::ProviderAdmin,
        ipc::Role::Delegate => Role::Delegate,
    }
}

fn reason_of(reason: RevokeReason) -> RevocationReason {
    match reason {
        RevokeReason::Lost => RevocationReason::Lost,
        RevokeReason::Stolen => RevocationReason::Stolen,
        RevokeReason::Replaced => RevocationReason::Replaced,
        RevokeReason::Left => RevocationReason::Left,
        RevokeReason::Misused => RevocationReason::Misused,
    }
}

fn reason_view(reason: Option<RevocationReason>) -> RevokeReason {
    match reason {
        Some(RevocationReason::Lost) => RevokeReason::Lost,
        Some(RevocationReason::Stolen) => RevokeReason::Stolen,
        Some(RevocationReason::Replaced) => RevokeReason::Replaced,
        Some(RevocationReason::Left) => RevokeReason::Left,
        Some(RevocationReason::Misused | _) | None => RevokeReason::Misused,
    }
}
