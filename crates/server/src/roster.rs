//! The roster of one device: only what its certificate covers.

use std::collections::BTreeMap;

use attendance::{
    CardId, ChildId, DeviceCertificate, Role, Roster, RosterChild, RosterGroup, RosterLesson,
    RosterProvider,
};
use ledger::{Contract, Group, Month, Snapshot};

use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Gives the newest roster's version.
    pub(crate) fn roster_version(&self) -> u32 {
        self.snapshot.version
    }

    /// Makes the signed roster for a device.
    pub(crate) async fn roster_for(
        &self,
        certificate: &DeviceCertificate,
    ) -> Result<Vec<u8>, ServerError> {
        let people = self.store.children().await?;
        let people: BTreeMap<ChildId, (String, CardId)> =
            people.into_iter().map(|(child, name, card)| (child, (name, card))).collect();
        let contracts = self.snapshot.contracts.iter().filter(|c| covers_contract(certificate, c));
        let children: Vec<RosterChild> =
            contracts.filter_map(|contract| roster_child(contract, &people)).collect();
        let groups: Vec<&Group> = self
            .snapshot
            .groups
            .iter()
            .filter(|group| covers_group(certificate, group, &children))
            .collect();
        let roster = Roster {
            version: self.roster_version(),
            providers: self.roster_providers(&groups),
            lessons: self.roster_lessons(&groups)?,
            groups: groups.iter().map(|group| roster_group(group)).collect(),
            children,
            window: self.window()?,
        };
        Ok(roster.sign(&self.keys.rules)?)
    }

    fn roster_providers(&self, groups: &[&Group]) -> Vec<RosterProvider> {
        let named = self.snapshot.providers.iter();
        named
            .filter(|provider| groups.iter().any(|group| group.provider == provider.id))
            .map(|provider| RosterProvider { id: provider.id, name: provider.name.clone() })
            .collect()
    }

    fn roster_lessons(&self, groups: &[&Group]) -> Result<Vec<RosterLesson>, ServerError> {
        let mut lessons = Vec::new();
        for month in self.months()? {
            let planned = self.snapshot.lessons(month).into_iter();
            let planned = planned.filter(|lesson| groups.iter().any(|g| g.id == lesson.group));
            lessons.extend(planned.map(|lesson| RosterLesson {
                id: lesson.id,
                group: lesson.group,
                start_ms: lesson.start_ms,
                end_ms: lesson.end_ms,
            }));
        }
        Ok(lessons)
    }

    /// The months that any contract touches, oldest first.
    pub(crate) fn months(&self) -> Result<Vec<Month>, ServerError> {
        months_of(&self.snapshot)
    }

    fn window(&self) -> Result<attendance::WindowParams, ServerError> {
        let today = ledger::local_day(self.clock.now_ms());
        let params = today.and_then(|day| ledger::ParamsTable(&self.snapshot.params).at(day));
        let params = params.or_else(|| self.snapshot.params.first());
        let params = params.ok_or(ServerError::Stored("parameters"))?;
        Ok(params.window())
    }
}

/// The months that any contract of a snapshot touches, oldest first.
pub(crate) fn months_of(snapshot: &Snapshot) -> Result<Vec<Month>, ServerError> {
    let first = snapshot.contracts.iter().map(|contract| contract.from).min();
    let last = snapshot.contracts.iter().map(|contract| contract.to).max();
    let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
    let month_of = |day| Month::of(day).map_err(|_| ServerError::Stored("contract date"));
    let last = month_of(last)?;
    let mut months = vec![month_of(first)?];
    while let Some(newest) = months.last()
        && *newest < last
    {
        months.push(newest.next().ok_or(ServerError::Stored("contract date"))?);
    }
    Ok(months)
}

fn covers_contract(certificate: &DeviceCertificate, contract: &Contract) -> bool {
    match certificate.role {
        Role::Teacher => certificate.groups.contains(&contract.group),
        Role::Parent => certificate.children.contains(&contract.child),
        Role::Coordinator => false,
    }
}

fn covers_group(certificate: &DeviceCertificate, group: &Group, own: &[RosterChild]) -> bool {
    match certificate.role {
        Role::Teacher => certificate.groups.contains(&group.id),
        Role::Parent => own.iter().any(|child| child.group == group.id),
        Role::Coordinator => true,
    }
}

fn roster_child(
    contract: &Contract,
    people: &BTreeMap<ChildId, (String, CardId)>,
) -> Option<RosterChild> {
    let (name, card) = people.get(&contract.child)?;
    Some(RosterChild {
        id: contract.child,
        name: name.clone(),
        voucher: contract.voucher,
        group: contract.group,
        card: *card,
        card_hash: None,
    })
}

fn roster_group(group: &Group) -> RosterGroup {
    RosterGroup { id: group.id, provider: group.provider, name: group.name.clone() }
}
