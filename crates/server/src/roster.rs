//! The roster of one device: only what its certificate covers.

use std::collections::BTreeMap;

use attendance::{
    Action, CardId, ChildId, DatedWindow, DeviceCertificate, Roster, RosterChild, RosterGroup,
    RosterLesson, RosterProvider, Scope, WindowParams,
};
use ledger::{Contract, Group, LoggedEvent, Segment, Snapshot, Snapshots};
use seal::Hash;

use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Gives the newest roster's version: the newest leaf that changes rosters: a snapshot, a card,
    /// or what moves a child or a lesson.
    pub(crate) async fn roster_version(&self) -> Result<u32, ServerError> {
        let snapshot = self.snapshots().await?.newest().index;
        let card = self.store.last_card().await?.unwrap_or_default();
        let moved = self.moving_events().await?.last().map_or(0, |logged| logged.index);
        u32::try_from(snapshot.max(card).max(moved))
            .map_err(|_| ServerError::Stored("roster version"))
    }

    /// Makes the signed roster for a device, and says which children are named in it.
    pub(crate) async fn roster_for(
        &self,
        certificate: &DeviceCertificate,
    ) -> Result<(Vec<u8>, Vec<ChildId>), ServerError> {
        let mut roster = self.roster_of(certificate).await?;
        if let Some(window) = self.window_today().await? {
            roster.window = window;
        }
        let children = roster.children.iter().map(|child| child.id).collect();
        Ok((roster.sign(&self.keys.rules)?, children))
    }

    /// Gives the window of the rules in force today.
    pub(crate) async fn window_today(&self) -> Result<Option<WindowParams>, ServerError> {
        let snapshots = self.snapshots().await?;
        let today = ledger::local_day(self.clock.now_ms());
        let in_force = today.and_then(|day| snapshots.newest().snapshot.rules_on(day));
        Ok(in_force.map(|params| params.window()))
    }

    /// Makes the roster of the newest version for a device, with the window of the first rules.
    async fn roster_of(&self, certificate: &DeviceCertificate) -> Result<Roster, ServerError> {
        // Asked first: what changes meanwhile is then in a later version too.
        let version = self.roster_version().await?;
        let snapshots = self.snapshots().await?;
        let moving = self.moving_events().await?;
        let after = snapshots.newest().snapshot.after(&moving);
        let snapshot = &*after.snapshot;
        let people = self.people().await?;
        let children: Vec<RosterChild> = snapshot
            .contracts
            .iter()
            .flat_map(|contract| roster_children(certificate, contract, &people))
            .collect();
        let groups = snapshot.groups.iter();
        let groups = groups.filter(|group| covers_group(certificate, group, &children));
        let groups: Vec<&Group> = groups.collect();
        let first = snapshot.dated_rules().first().map(|params| params.window());
        Ok(Roster {
            version,
            providers: roster_providers(snapshot, &groups),
            lessons: roster_lessons(&snapshots, &moving, &groups),
            groups: groups.iter().map(|group| roster_group(group)).collect(),
            children,
            window: first.ok_or(ServerError::Stored("parameters"))?,
            windows: dated_windows(snapshot),
        })
    }

    /// Gives the rosters that a device may have got in the newest version: one for each window of the
    /// rules, since the one in force on the day is written into it.
    pub(crate) async fn possible_rosters(
        &self,
        certificate: &DeviceCertificate,
    ) -> Result<Vec<Roster>, ServerError> {
        let roster = self.roster_of(certificate).await?;
        let snapshots = self.snapshots().await?;
        let mut possible: Vec<Roster> = Vec::new();
        for params in snapshots.newest().snapshot.dated_rules() {
            let window = params.window();
            if possible.iter().all(|known| known.window != window) {
                possible.push(Roster { window, ..roster.clone() });
            }
        }
        Ok(possible)
    }

    async fn people(&self) -> Result<BTreeMap<ChildId, PersonRow>, ServerError> {
        let hashes = self.store.current_cards().await?;
        let hashes: BTreeMap<CardId, Hash> =
            hashes.into_iter().map(|card| (card.card, card.hash)).collect();
        let people = self.store.children().await?.into_iter().map(|(child, name, card)| {
            (child, PersonRow { name, card, card_hash: hashes.get(&card).copied() })
        });
        Ok(people.collect())
    }
}

/// A child's name and card.
struct PersonRow {
    name: String,
    card: CardId,
    /// The card's hash, if it is in the log.
    card_hash: Option<Hash>,
}

/// Lists the windows from their dates on, if there is more than one: a device keeps to each from its
/// day on, with or without a network.
fn dated_windows(snapshot: &Snapshot) -> Option<Vec<DatedWindow>> {
    let mut dated: Vec<DatedWindow> = Vec::new();
    for params in snapshot.dated_rules() {
        let window = params.window();
        if let Some(from_ms) = ledger::local_ms(params.effective_from, 0)
            && dated.last().is_none_or(|last| last.window != window)
        {
            dated.push(DatedWindow { from_ms, window });
        }
    }
    (dated.len() > 1).then_some(dated)
}

fn roster_providers(snapshot: &Snapshot, groups: &[&Group]) -> Vec<RosterProvider> {
    let named = snapshot.providers.iter();
    named
        .filter(|provider| groups.iter().any(|group| group.provider == provider.id))
        .map(|provider| RosterProvider { id: provider.id, name: provider.name.clone() })
        .collect()
}

/// Lists the lessons of the groups as the log tells them: one that is not held is there and says so.
fn roster_lessons(
    snapshots: &Snapshots,
    moving: &[LoggedEvent],
    groups: &[&Group],
) -> Vec<RosterLesson> {
    let snapshot = &snapshots.newest().snapshot;
    let months = snapshots.months().into_iter();
    let told = months.flat_map(|month| snapshot.timetable(moving, month));
    let own = told.filter(|told| groups.iter().any(|group| group.id == told.lesson.group));
    let lessons = own.map(|told| RosterLesson {
        id: told.lesson.id,
        group: told.lesson.group,
        start_ms: told.lesson.start_ms,
        end_ms: told.lesson.end_ms,
        cancelled: told.cancelled,
        moved_from_ms: told.moved_from_ms,
    });
    lessons.collect()
}

/// Whose names a device has: those of its groups, or its own children.
fn covers_place(certificate: &DeviceCertificate, contract: &Contract, place: &Segment) -> bool {
    let own = |provider| certificate.provider.is_none_or(|own| own == provider);
    match certificate.permitted(Action::KeepNames) {
        Scope::OwnGroups => certificate.groups.contains(&place.group),
        Scope::OwnChild => certificate.children.contains(&contract.child),
        Scope::OwnProvider => own(place.provider),
        Scope::YesLogged | Scope::Yes | Scope::Deploy | Scope::Approve => true,
        Scope::No
        | Scope::Contract
        | Scope::Case
        | Scope::Paper
        | Scope::Check
        | Scope::Propose
        | Scope::Own => false,
    }
}

fn covers_group(certificate: &DeviceCertificate, group: &Group, own: &[RosterChild]) -> bool {
    match certificate.permitted(Action::ReadPlan) {
        Scope::OwnGroups => certificate.groups.contains(&group.id),
        Scope::OwnChild => own.iter().any(|child| child.group == group.id),
        Scope::OwnProvider => certificate.provider.is_none_or(|own| own == group.provider),
        Scope::YesLogged | Scope::Yes | Scope::Deploy | Scope::Approve => true,
        Scope::No
        | Scope::Contract
        | Scope::Case
        | Scope::Paper
        | Scope::Check
        | Scope::Propose
        | Scope::Own => false,
    }
}

/// A row for each group that the child is in, was in or will be in: visits may come late. On which days
/// it was there is the ledger's question.
fn roster_children(
    certificate: &DeviceCertificate,
    contract: &Contract,
    people: &BTreeMap<ChildId, PersonRow>,
) -> Vec<RosterChild> {
    let Some(person) = people.get(&contract.child) else { return Vec::new() };
    let mut rows: Vec<RosterChild> = Vec::new();
    for place in contract.places().iter() {
        let known = rows.iter().any(|row| row.group == place.group);
        if !known && covers_place(certificate, contract, place) {
            rows.push(RosterChild {
                id: contract.child,
                name: person.name.clone(),
                voucher: contract.voucher,
                group: place.group,
                card: person.card,
                card_hash: person.card_hash,
            });
        }
    }
    rows
}

fn roster_group(group: &Group) -> RosterGroup {
    RosterGroup { id: group.id, provider: group.provider, name: group.name.clone() }
}
