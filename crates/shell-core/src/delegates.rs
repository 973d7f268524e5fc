//! Whom a parent entrusts own children to: a ticket for another person's phone, and its end.
//!
//! Who they are the server says, as of now; that one is ended is an event of this device.

use attendance::{ChildId, DeviceId, Role};
use device::Device;
use ipc::{DelegateState, DelegateView, ErrorCode, ErrorView, TicketView};
use sync_api::{DelegateRequest, DelegateResponse, DelegatesResponse, TicketResponse};

use crate::devices::{parse_ids, ticket_view};
use crate::error::{self, parse_id};
use crate::parent::UNKNOWN;
use crate::shell::Shell;

impl Shell {
    pub(crate) async fn delegates(&self) -> Result<Vec<DelegateView>, ErrorView> {
        self.parents_only().await?;
        let answer = self.sync.ask(&self.device, "delegates").await;
        let answer: DelegatesResponse = answer.map_err(|error| error::of_sync(&error))?;
        self.device
            .with(move |device| {
                answer.delegates.into_iter().map(|line| delegate_view(device, line)).collect()
            })
            .await
    }

    pub(crate) async fn name_delegate(
        &self,
        name: String,
        children: &[String],
    ) -> Result<TicketView, ErrorView> {
        self.parents_only().await?;
        let children: Vec<ChildId> = parse_ids(children)?;
        let request = DelegateRequest { server: self.server().await?, name, children };
        let answer = self.sync.post(&self.device, "delegate", &request).await;
        let answer: TicketResponse = answer.map_err(|error| error::of_sync(&error))?;
        Ok(ticket_view(answer))
    }

    pub(crate) async fn end_delegate(&self, device: &str) -> Result<Vec<DelegateView>, ErrorView> {
        let subject: DeviceId = parse_id(device)?;
        let recorded = self.device.with(move |device| {
            if device.has_revoked(subject).map_err(error::of_store)? {
                return Ok(());
            }
            device.end_delegate(subject).map(drop).map_err(error::of_record)
        });
        recorded.await?;
        if let Err(error) = self.sync_now().await {
            tracing::info!(%error, "a decision waits to be sent");
        }
        self.delegates().await
    }

    async fn parents_only(&self) -> Result<(), ErrorView> {
        match self.device.with(|device| device.enrolment().map(device::Enrolled::role)).await {
            Some(Role::Parent) => Ok(()),
            Some(
                Role::Teacher
                | Role::Coordinator
                | Role::ProviderAdmin
                | Role::Delegate
                | Role::Issuer,
            ) => Err(error::view(ErrorCode::NotAllowed, "this is for a parent's device")),
            None => Err(error::not_enrolled()),
        }
    }
}

fn delegate_view(device: &Device, line: DelegateResponse) -> Result<DelegateView, ErrorView> {
    let until_ms = line.ends_s.saturating_mul(1_000);
    let now_ms = device.best_now_ms().map_err(error::of_store)?;
    let state = if line.revoked {
        DelegateState::Ended
    } else if device.has_revoked(line.device).map_err(error::of_store)? {
        DelegateState::Ending
    } else if until_ms < now_ms {
        DelegateState::Over
    } else {
        DelegateState::Named
    };
    let name_of = |child: &ChildId| {
        let row = device.roster().and_then(|roster| roster.child(*child, None));
        row.map_or_else(|| UNKNOWN.to_owned(), |row| row.name.clone())
    };
    Ok(DelegateView {
        device: line.device.to_string(),
        name: line.name,
        children: line.children.iter().map(name_of).collect(),
        until_ms,
        state,
    })
}
