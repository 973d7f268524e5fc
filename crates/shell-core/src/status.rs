//! The status of the device.

use std::collections::BTreeMap;

use attendance::Role;
use device::Clock as _;
use ipc::{CarrierView, ClockView, ErrorCodeText, ErrorView, ParkedView, ParkedWhy, StatusView};

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
            let carriers = device.carriers().map_err(error::of_store)?;
            let (trust, now_s) = (enrolled.trust_list(), device.now().wall_s());
            let stale_since_s = trust.is_stale(now_s).then_some(trust.not_after_s);
            let asks_witnesses = trust.witness_quorum.is_some();
            let parked = device.parked().map_err(error::of_store)?;
            let parked = parked_views(parked.iter().map(|row| (row.reason.as_str(), 1)));
            let told = (parked, carriers);
            Ok((status, identity, device.id(), stale_since_s, asks_witnesses, told))
        });
        let (status, (role, name, provider), device, stale_since_s, asks_witnesses, told) =
            known.await?;
        let (parked, carriers) = told;
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
            carried: status.carried,
            carriers: carriers
                .into_iter()
                .map(|carrier| CarrierView {
                    device: carrier.device.to_string(),
                    name: carrier.name,
                    events: carrier.events,
                    since_ms: carrier.since_ms,
                })
                .collect(),
            not_receipted: status.not_receipted,
            sent: status.not_receipted.saturating_sub(status.not_sent + status.parked),
            receipted: status.events.saturating_sub(status.not_receipted),
            parked,
            suspended: last.suspended,
            next_sync: self.next_sync(),
            oldest_waiting_ms: status.oldest_waiting_ms,
            last_sync_ms: last.at_ms,
            last_sync_error,
            log_size: status.log_size,
            log_witnessed: asks_witnesses.then_some(status.log_witnessed.unwrap_or(0)),
            trust_stale_since_ms: stale_since_s.map(|at_s| at_s.saturating_mul(1_000)),
            alarms: status.alarms,
            log_disbelieved: status.log_disbelieved,
            clock: ClockView {
                now_ms: self.clock.now().wall_ms,
                demonstration: self.clock.is_demonstration(),
            },
        })
    }
}

pub(crate) fn role_view(role: Role) -> ipc::Role {
    match role {
        Role::Teacher => ipc::Role::Teacher,
        Role::Parent => ipc::Role::Parent,
        Role::Coordinator => ipc::Role::Coordinator,
    }
}

/// Counts what was put aside, by reason.
pub(crate) fn parked_views<'a>(reasons: impl Iterator<Item = (&'a str, u64)>) -> Vec<ParkedView> {
    let mut counts: BTreeMap<ParkedWhy, u64> = BTreeMap::new();
    for (reason, count) in reasons {
        *counts.entry(parked_why(reason)).or_default() += count;
    }
    counts.into_iter().map(|(why, count)| ParkedView { why, count }).collect()
}

/// Finds the words for a reason, by its stable code.
fn parked_why(reason: &str) -> ParkedWhy {
    match reason {
        "fork" => ParkedWhy::Fork,
        "suspended" => ParkedWhy::Suspended,
        "bad_signature" => ParkedWhy::BadSignature,
        "broken_link" => ParkedWhy::BrokenLink,
        "malformed" => ParkedWhy::Malformed,
        _ => ParkedWhy::Other,
    }
}

pub(crate) fn mark_view(mark: device::Mark) -> ipc::Mark {
    match mark {
        device::Mark::Recorded => ipc::Mark::Recorded,
        device::Mark::Carried => ipc::Mark::Carried,
        device::Mark::Sent => ipc::Mark::Sent,
        device::Mark::Receipted => ipc::Mark::Receipted,
        device::Mark::Witnessed => ipc::Mark::Witnessed,
    }
}
