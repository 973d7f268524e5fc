//! What a coordinator's device may ask for: tickets, other groups for a teacher, whom to choose from.
//!
//! A coordinator never grants more than it has: one of a provider makes devices of this provider and of
//! its families only. A parent makes tickets too: for those to whom it entrusts own children.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, DeviceCertificate, DeviceId, GroupId, Role, Terms};
use ledger::Snapshot;
use sync_api::{
    ChildChoice, ChoicesResponse, DelegateRequest, DelegateResponse, DelegatesResponse,
    GrantsRequest, GroupChoice, ProblemKind, ProviderChoice, TicketRequest, TicketResponse,
};

use crate::enrolment::Grant;
use crate::error::ServerError;
use crate::server::Server;

/// How long a ticket of a coordinator's device is good for.
const TICKET_LIFE_MS: i64 = 600_000;
const NAME_CHARS_MAX: usize = 60;
const GROUPS_MAX: usize = 200;

impl Server {
    /// Makes a ticket that a coordinator's device asked for.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the coordinator may not grant this, or it is nothing that a device
    /// could be.
    pub async fn ticket_for(
        &self,
        by: &DeviceCertificate,
        request: TicketRequest,
    ) -> Result<TicketResponse, ServerError> {
        let replaces = request.replaces;
        let server = request.server.clone();
        let grant = self.grant_of(request).await?;
        let wanted = certificate_of(&grant);
        if !self.looks_after(by, &wanted).await? {
            return Err(not_allowed("this coordinator may not make a device of that kind"));
        }
        if grant.role == Role::Delegate {
            self.refuse_too_many(&grant.children).await?;
        }
        let ticket = self.keep_ticket(&grant, &server, TICKET_LIFE_MS, replaces).await?;
        tracing::info!(by = %by.device, role = ?grant.role, "a ticket was made");
        Ok(TicketResponse {
            ticket: ticket.to_text(),
            expires_ms: self.clock.now_ms() + TICKET_LIFE_MS,
            life_ms: TICKET_LIFE_MS,
        })
    }

    /// Makes a ticket for somebody whom a parent entrusts own children to.
    ///
    /// # Errors
    /// [`ServerError::Refused`] for others' children, and where a child has as many as the rules allow.
    pub async fn ticket_for_delegate(
        &self,
        by: &DeviceCertificate,
        request: DelegateRequest,
    ) -> Result<TicketResponse, ServerError> {
        let DelegateRequest { server, name, children } = request;
        let (role, groups) = (Role::Delegate, Vec::new());
        let (provider, replaces) = (None, None);
        let wanted = TicketRequest { server, role, name, provider, groups, children, replaces };
        self.ticket_for(by, wanted).await
    }

    /// Lists who brings children of a parent beside it.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn delegates_of(
        &self,
        by: &DeviceCertificate,
    ) -> Result<DelegatesResponse, ServerError> {
        let mut delegates = Vec::new();
        for stored in self.store.devices().await? {
            let Some(certificate) = self.certificate(stored.device).await? else { continue };
            let about = certificate.certificate();
            let own = about.children.iter().copied().filter(|child| by.children.contains(child));
            let children: Vec<ChildId> = own.collect();
            if about.role == Role::Delegate && !children.is_empty() {
                delegates.push(DelegateResponse {
                    device: stored.device,
                    name: about.name.clone(),
                    children,
                    ends_s: about.not_after_s,
                    revoked: stored.revoked.is_some(),
                });
            }
        }
        delegates.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(DelegatesResponse { delegates })
    }

    /// Refuses a further delegate of a child that has as many as the rules allow. Tickets that nobody has
    /// used count nothing.
    async fn refuse_too_many(&self, children: &[ChildId]) -> Result<(), ServerError> {
        let (now_s, most) = (self.clock.now_s(), Terms::DEFAULT.delegates_max);
        let mut counts: BTreeMap<ChildId, u32> = BTreeMap::new();
        for stored in self.store.devices().await? {
            let Some(certificate) = self.certificate(stored.device).await? else { continue };
            let about = certificate.certificate();
            let in_force = stored.revoked.is_none() && about.covers(now_s);
            if about.role == Role::Delegate && in_force {
                for child in about.children.iter().filter(|child| children.contains(child)) {
                    *counts.entry(*child).or_default() += 1;
                }
            }
        }
        if counts.values().any(|count| *count >= most) {
            return Err(not_allowed(
                "as many bring this child as the rules allow: end it for one of them first",
            ));
        }
        Ok(())
    }

    async fn grant_of(&self, request: TicketRequest) -> Result<Grant, ServerError> {
        if let Some(replaced) = request.replaces {
            let old = self.certificate(replaced).await?;
            let old = old.ok_or_else(|| malformed("there is no such device to replace"))?;
            let old = old.certificate();
            let name = if request.name.trim().is_empty() { &old.name } else { &request.name };
            return Ok(Grant {
                role: old.role,
                provider: old.provider,
                groups: old.groups.clone(),
                children: old.children.clone(),
                name: name_of(name)?,
            });
        }
        let name = name_of(&request.name)?;
        let TicketRequest { role, provider, groups, children, .. } = request;
        let grant = Grant { role, provider, groups, children, name };
        let snapshots = self.snapshots().await?;
        whole(&grant, &snapshots.newest().snapshot)?;
        Ok(grant)
    }

    /// Gives a teacher's device other groups, or another name: its next certificate has them.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the coordinator may not, or the device is no teacher's in force.
    pub async fn change_grants(
        &self,
        by: &DeviceCertificate,
        request: GrantsRequest,
    ) -> Result<(), ServerError> {
        let known = self.certificate(request.device).await?;
        let known = known.ok_or_else(|| malformed("there is no such device"))?;
        let old = known.certificate();
        if !self.looks_after(by, old).await? {
            return Err(not_allowed("this coordinator does not look after that device"));
        }
        if old.role != Role::Teacher {
            return Err(malformed("only a teacher's device has groups: make a new ticket"));
        }
        if !self.is_trusted(request.device).await? {
            return Err(not_allowed("the device is revoked or suspended: replace it"));
        }
        let (groups, name) = (in_order(request.groups), name_of(&request.name)?);
        let grant = Grant {
            role: old.role,
            provider: old.provider,
            groups: groups.clone(),
            children: Vec::new(),
            name: name.clone(),
        };
        let snapshots = self.snapshots().await?;
        whole(&grant, &snapshots.newest().snapshot)?;
        if groups == in_order(old.groups.clone()) && name == old.name {
            return Ok(());
        }
        let change = |old| DeviceCertificate { groups, name, ..old };
        self.reissue(request.device, change).await?;
        Ok(())
    }

    /// Says whom a coordinator may make devices for.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn choices(&self, by: &DeviceCertificate) -> Result<ChoicesResponse, ServerError> {
        let snapshots = self.snapshots().await?;
        let moving = self.moving_events().await?;
        let after = snapshots.newest().snapshot.after(&moving);
        let snapshot = &*after.snapshot;
        let own = |provider| by.provider.is_none_or(|own| own == provider);
        let providers = snapshot.providers.iter().filter(|provider| own(provider.id));
        let groups = snapshot.groups.iter().filter(|group| own(group.provider));
        let mut of_child: BTreeMap<_, BTreeSet<GroupId>> = BTreeMap::new();
        for contract in &snapshot.contracts {
            for place in contract.places().iter().filter(|place| own(place.provider)) {
                of_child.entry(contract.child).or_default().insert(place.group);
            }
        }
        let people = self.store.children().await?.into_iter();
        let mut children: Vec<ChildChoice> = people
            .filter_map(|(id, name, _)| {
                let groups = of_child.get(&id)?.iter().copied().collect();
                Some(ChildChoice { id, name, groups })
            })
            .collect();
        children.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(ChoicesResponse {
            providers: providers
                .map(|provider| ProviderChoice { id: provider.id, name: provider.name.clone() })
                .collect(),
            groups: groups
                .map(|group| GroupChoice {
                    id: group.id,
                    provider: group.provider,
                    name: group.name.clone(),
                })
                .collect(),
            children,
        })
    }

    /// Says whether a device is neither revoked nor suspended.
    pub(crate) async fn is_trusted(&self, device: DeviceId) -> Result<bool, ServerError> {
        let stored = self.store.device(device).await?;
        Ok(stored.is_some_and(|stored| stored.revoked.is_none() && !stored.suspended))
    }
}

/// Refuses a grant that no device could use: a teacher without a group, a group of another provider, a
/// child that nobody knows.
fn whole(grant: &Grant, snapshot: &Snapshot) -> Result<(), ServerError> {
    let provider = |id| snapshot.providers.iter().any(|provider| provider.id == id);
    if grant.provider.is_some_and(|id| !provider(id)) {
        return Err(malformed("there is no such provider in the district"));
    }
    match grant.role {
        Role::Teacher => {
            let own = |id: &GroupId| {
                let group = snapshot.groups.iter().find(|group| group.id == *id);
                group.is_some_and(|group| Some(group.provider) == grant.provider)
            };
            let some = !grant.groups.is_empty() && grant.groups.len() <= GROUPS_MAX;
            if !some || !grant.groups.iter().all(own) || !grant.children.is_empty() {
                return Err(malformed("a teacher's device has a provider and groups of it"));
            }
        }
        Role::Parent | Role::Delegate => {
            let known = |id| snapshot.contracts.iter().any(|contract| contract.child == id);
            let known = grant.children.iter().copied().all(known);
            let bare = grant.groups.is_empty() && grant.provider.is_none();
            if grant.children.is_empty() || !known || !bare {
                return Err(malformed("a family's device has children of the district"));
            }
        }
        Role::ProviderAdmin => {
            let bare = grant.groups.is_empty() && grant.children.is_empty();
            if grant.provider.is_none() || !bare {
                return Err(malformed("an administrator's device has a provider, and no groups"));
            }
        }
        Role::Coordinator => {
            if !grant.groups.is_empty() || !grant.children.is_empty() {
                return Err(malformed("a coordinator's device has no groups and no children"));
            }
        }
        // Whoever binds devices is no issuer, and makes none.
        Role::Issuer => return Err(malformed("the issuer's key is made in the console")),
    }
    Ok(())
}

fn name_of(name: &str) -> Result<String, ServerError> {
    let name = name.trim();
    let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
    if fits && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(malformed("a device's name has 1 to 60 characters"))
}

fn in_order(groups: Vec<GroupId>) -> Vec<GroupId> {
    groups.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// What the grant would be as a certificate, to be looked at like one.
fn certificate_of(grant: &Grant) -> DeviceCertificate {
    DeviceCertificate {
        version: attendance::CERTIFICATE_VERSION,
        device: DeviceId([0; 8]),
        key: [0; 32],
        role: grant.role,
        provider: grant.provider,
        groups: grant.groups.clone(),
        children: grant.children.clone(),
        not_before_s: 0,
        not_after_s: 0,
        name: grant.name.clone(),
    }
}

fn malformed(detail: &str) -> ServerError {
    ServerError::refused(ProblemKind::Malformed, detail)
}

fn not_allowed(detail: &str) -> ServerError {
    ServerError::refused(ProblemKind::NotAllowed, detail)
}
