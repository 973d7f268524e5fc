//! The status of the device.

use attendance::Role;
use device::Clock as _;
use ipc::{ClockView, ErrorCodeText, ErrorView, StatusView};

use crate::error;
use crate::shell::Shell;

impl Shell {
    pub(crate) async fn status(&self) -> Result<StatusView, ErrorView> {
        let known = self.device.with(|device| {
            let status = device.status().map_err(error::of_store)?;
            let enrolled = device.enrolment().ok_or_else(error::not_enrolled)?;
            let provider = enrolled.certificate().provider;
            let provider = provider.and_then(|id| device.roster()?.provider(id));
            let identity = (
                role_view(enrolled.role()),
                enrolled.name().to_owned(),
                provider.map(|provider| provider.name.clone()),
            );
            let (trust, now_s) = (enrolled.trust_list(), device.now().wall_s());
            let stale_since_s = trust.is_stale(now_s).then_some(trust.not_after_s);
            let asks_witnesses = trust.witness_quorum.is_some();
            let doubt = device.doubt().map_err(error::of_store)?.is_some();
            let saved = device.saved().map_err(error::of_store)?.map(saved_view);
            let facts = (device.id(), stale_since_s, asks_witnesses, doubt, saved);
            Ok((status, identity, facts))
        });
        let (status, (role, name, provider), facts) = known.await?;
        let (device, stale_since_s, asks_witnesses, head_in_doubt, saved) = facts;
        let last = self.last_sync();
        let last_sync_error =
            last.error.map(|error| ErrorCodeText { code: error.code, message: error.message });
        Ok(StatusView {
            role,
            name,
            device: device.to_string(),
            provider,
            events: status.events,
            not_sent: status.not_sent,
            not_receipted: status.not_receipted,
            oldest_waiting_ms: status.oldest_waiting_ms,
            last_sync_ms: last.at_ms,
            last_sync_error,
            log_size: status.log_size,
            log_witnessed: asks_witnesses.then_some(status.log_witnessed.unwrap_or(0)),
            trust_stale_since_ms: stale_since_s.map(|at_s| at_s.saturating_mul(1_000)),
            alarms: status.alarms,
            log_disbelieved: status.log_disbelieved,
            saved,
            head_in_doubt,
            clock: ClockView {
                now_ms: self.clock.now().wall_ms,
                demonstration: self.clock.is_demonstration(),
            },
        })
    }
}

fn saved_view(saved: device::Saved) -> ipc::SavedView {
    ipc::SavedView {
        at_ms: saved.at_ms,
        kept_as: saved.kept_as,
        events: saved.events,
        receipts: saved.receipts,
        missing: saved.missing,
    }
}

pub(crate) fn role_view(role: Role) -> ipc::Role {
    match role {
        Role::Teacher => ipc::Role::Teacher,
        Role::Parent => ipc::Role::Parent,
        Role::Coordinator => ipc::Role::Coordinator,
    }
}

pub(crate) fn mark_view(mark: device::Mark) -> ipc::Mark {
    match mark {
        device::Mark::Recorded => ipc::Mark::Recorded,
        device::Mark::Sent => ipc::Mark::Sent,
        device::Mark::Receipted => ipc::Mark::Receipted,
        device::Mark::Witnessed => ipc::Mark::Witnessed,
    }
}
