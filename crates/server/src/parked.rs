//! What a coordinator is shown of devices: how each stands, and what of it is put aside.

use attendance::{DeviceCertificate, Role};
use server_store::{ParkedGroup, StoredDevice};
use sync_api::{DeviceResponse, DeviceRevoked, DeviceTold, HexHash, ParkedResponse};

use crate::error::ServerError;
use crate::server::Server;
use crate::sheets::Reach;

/// The reasons for which an event is put aside that a coordinator's decision can end. The others say
/// that the bytes are no event of the device, or that its place in the chain is taken.
const RELEASABLE: [&str; 3] = ["revoked", "suspended", "expired"];

impl Server {
    /// Lists what is put aside and not in the log: of the devices that a coordinator looks after, or
    /// everything, also what no device can be found for.
    pub(crate) async fn parked_list(
        &self,
        by: Option<&DeviceCertificate>,
    ) -> Result<Vec<ParkedResponse>, ServerError> {
        let mut list = Vec::new();
        for group in self.store.parked_groups().await? {
            let known = match group.device {
                Some(device) => self.certificate(device).await?,
                None => None,
            };
            let shown = match (by, known) {
                (None, _) => true,
                (Some(by), Some(about)) => self.looks_after(by, about.certificate()).await?,
                (Some(by), None) => by.provider.is_none(),
            };
            if shown {
                list.push(self.parked_line(group).await?);
            }
        }
        Ok(list)
    }

    async fn parked_line(&self, group: ParkedGroup) -> Result<ParkedResponse, ServerError> {
        let device = group.device.filter(|_| RELEASABLE.contains(&group.reason.as_str()));
        let releasable = match device {
            Some(device) => self.releasable(device, group.last).await?,
            None => 0,
        };
        Ok(ParkedResponse {
            device: group.device,
            reason: group.reason,
            count: group.count,
            first_seq: group.seqs.map(|(first, _)| first),
            last_seq: group.seqs.map(|(_, last)| last),
            last: HexHash(group.last),
            releasable,
            first_arrived_ms: group.arrived_ms.0,
            last_arrived_ms: group.arrived_ms.1,
        })
    }

    /// Lists the devices that a coordinator looks after, or all, by name.
    pub(crate) async fn device_lines(
        &self,
        by: Option<&DeviceCertificate>,
        parked: &[ParkedResponse],
    ) -> Result<Vec<DeviceResponse>, ServerError> {
        let mut lines = Vec::new();
        for stored in self.store.devices().await? {
            let Some(certificate) = self.certificate(stored.device).await? else { continue };
            if let Some(by) = by
                && !self.looks_after(by, certificate.certificate()).await?
            {
                continue;
            }
            let of_device = parked.iter().filter(|line| line.device == Some(stored.device));
            let of_device = of_device.cloned().collect();
            let logged = self.store.chain_tip(stored.device).await?.map_or(0, |tip| tip.seq + 1);
            lines.push(line(&stored, certificate.certificate(), logged, of_device));
        }
        lines.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(lines)
    }

    /// Lists the devices of a provider's staff, or of everybody's and the issuer's; none of families.
    pub(crate) async fn staff_within(
        &self,
        reach: Reach,
    ) -> Result<Vec<(StoredDevice, DeviceCertificate)>, ServerError> {
        let mut staff = Vec::new();
        for stored in self.store.devices().await? {
            let Some(certificate) = self.certificate(stored.device).await? else { continue };
            let certificate = certificate.certificate();
            let is_within = match (certificate.role, certificate.provider) {
                (Role::Parent | Role::Delegate, _) => false,
                (_, Some(provider)) => reach.covers(provider),
                (_, None) => reach == Reach::District,
            };
            if is_within {
                staff.push((stored, certificate.clone()));
            }
        }
        let order = |one: &DeviceCertificate| (one.provider, one.role as u8, one.name.clone());
        staff.sort_by_cached_key(|(_, certificate)| order(certificate));
        Ok(staff)
    }
}

fn line(
    stored: &StoredDevice,
    certificate: &DeviceCertificate,
    logged: u64,
    parked: Vec<ParkedResponse>,
) -> DeviceResponse {
    let told = stored.told.as_ref().map(|told| DeviceTold {
        backlog: told.seq_next.saturating_sub(logged),
        version: told.version.clone(),
    });
    let revoked = stored.revoked.map(|revoked| DeviceRevoked {
        at_ms: revoked.at_ms,
        events: revoked.events,
        reason: revoked.reason.number(),
    });
    DeviceResponse {
        device: stored.device,
        name: certificate.name.clone(),
        role: certificate.role,
        events: stored.events,
        last_contact_ms: stored.last_contact_ms,
        suspended: stored.suspended,
        told,
        revoked,
        replaced_by: stored.replaced_by,
        certificate_ends_s: Some(certificate.not_after_s),
        backlog_days: Vec::new(),
        provider: certificate.provider,
        groups: certificate.groups.clone(),
        parked,
    }
}
