//! The status of the device.

use std::collections::BTreeMap;

use attendance::Role;
use device::{ClockState, Device, StatusKept};
use ipc::{
    CarrierView, ClockCode, ClockView, ErrorCodeText, ErrorView, OwnParkedView, ParkedReason,
    RevokedCardsView, RosterComingView, StatusView,
};

use crate::devices::parked_reason;
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
            let parked = device.parked().map_err(error::of_store)?;
            let parked = parked_views(parked.iter().map(|row| row.reason.as_str()));
            let clock = clock_view(device)?;
            let (trust, now_s) = (enrolled.trust_list(), clock.now_ms.div_euclid(1_000));
            let cards = device.status_list().map(|list| revoked_cards_view(list, now_s));
            let stale_since_s = trust.is_stale(now_s).then_some(trust.not_after_s);
            let trust = (stale_since_s, trust.witness_quorum.is_some());
            let doubt = device.doubt().map_err(error::of_store)?.is_some();
            let saved = device.saved().map_err(error::of_store)?.map(saved_view);
            let marks = (parked, device.revoked().map(|one| one.at_ms));
            let coming = device.roster_coming().map_err(error::of_store)?;
            let told = (marks, carriers, (clock, cards, coming), (doubt, saved));
            Ok((status, identity, device.id(), trust, told))
        });
        let (status, (role, name, provider), device, trust, told) = known.await?;
        let ((parked, revoked_since_ms), carriers, (clock, cards, coming), (head_in_doubt, saved)) =
            told;
        let (stale_since_s, asks_witnesses) = trust;
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
            revoked_since_ms,
            alarms: status.alarms,
            log_disbelieved: status.log_disbelieved,
            saved,
            head_in_doubt,
            clock: ClockView { demonstration: self.clock.is_demonstration(), ..clock },
            revoked_cards: cards,
            roster_coming: coming.map(|coming| RosterComingView {
                kept_bytes: coming.kept,
                length_bytes: coming.length,
            }),
        })
    }
}

/// Shows how the device's clock stands.
fn clock_view(device: &Device) -> Result<ClockView, ErrorView> {
    let now_ms = device.best_now_ms().map_err(error::of_store)?;
    let ms = |by_ms: u64| i64::try_from(by_ms).unwrap_or(i64::MAX);
    let (state, by_ms) = match device.clock_state().map_err(error::of_store)? {
        ClockState::Unknown | ClockState::Fine => (ClockCode::Fine, 0),
        ClockState::Ahead { by_ms } => (ClockCode::Ahead, ms(by_ms)),
        ClockState::Behind { by_ms } => (ClockCode::Behind, ms(by_ms)),
        ClockState::Jumped { by_ms } => (ClockCode::Jumped, ms(by_ms.unsigned_abs())),
        ClockState::Stopped => (ClockCode::Stopped, 0),
        ClockState::NotSet => (ClockCode::NotSet, 0),
    };
    Ok(ClockView { now_ms, demonstration: false, state, by_ms })
}

fn revoked_cards_view(list: StatusKept, now_s: i64) -> RevokedCardsView {
    RevokedCardsView {
        as_of_ms: list.issued_at_s.saturating_mul(1_000),
        stale: now_s.saturating_sub(list.issued_at_s) > REVOCATION_MAX_AGE_S,
    }
}

/// From this age on the list of revoked cards is called old, in seconds (rules R1, 7:
/// `revocation_max_age_h`). For the screen only: nobody is refused for it.
const REVOCATION_MAX_AGE_S: i64 = 72 * 3_600;

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
        // The issuer's key is a browser's: no app is enrolled as one, and a board tells its name.
        Role::Coordinator | Role::Issuer => ipc::Role::Coordinator,
        Role::ProviderAdmin => ipc::Role::ProviderAdmin,
        Role::Delegate => ipc::Role::Delegate,
    }
}

/// Counts what was put aside, by reason.
fn parked_views<'a>(reasons: impl Iterator<Item = &'a str>) -> Vec<OwnParkedView> {
    let mut counts: BTreeMap<ParkedReason, u64> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(parked_reason(reason)).or_default() += 1;
    }
    counts.into_iter().map(|(reason, count)| OwnParkedView { reason, count }).collect()
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
