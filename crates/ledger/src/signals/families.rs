//! Signals about families: whose key answers, whose never did, and what rests on marks by hand.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, DeviceId, EventKind, GroupId, Role};

use super::facts::Facts;
use super::row::{Found, SignalRow, exceeds};
use super::when::{at_least, more_than};
use crate::calendar::local_day;
use crate::visit::{AsideReason, LoggedEvent, Standing, Visit};

/// The child of whom a family's device says something; nothing if the device may not.
fn answered_for(facts: &Facts<'_>, logged: &LoggedEvent) -> Option<ChildId> {
    let event = &logged.event;
    let child = if matches!(event.kind, EventKind::Confirm | EventKind::Dispute) {
        event.about.and_then(|about| facts.event(about)).and_then(|one| one.event.child)
    } else {
        event.child.filter(|_| event.kind == EventKind::MonthSign)
    }?;
    let may = logged.role == Role::Parent && logged.children.contains(&child);
    may.then_some(child)
}

/// Says whether an answer is about the month.
fn is_of_month(facts: &Facts<'_>, logged: &LoggedEvent) -> bool {
    let event = &logged.event;
    if event.kind == EventKind::MonthSign {
        return event.month == Some(facts.month.number());
    }
    let about = event.about.and_then(|about| facts.event(about));
    about.and_then(|about| about.event.lesson).is_some_and(|id| facts.lesson(id).is_some())
}

/// Keys that answered for more families than one. Children without a family are counted as one family,
/// as the fold counts them.
pub(super) fn guardian_for_many(facts: &Facts<'_>) -> Found {
    let mut families: BTreeMap<ChildId, Option<u32>> = BTreeMap::new();
    for contract in &facts.district.contracts {
        let family = families.entry(contract.child).or_default();
        *family = contract.family.max(*family);
    }
    let mut devices: BTreeMap<DeviceId, (BTreeSet<Option<u32>>, Vec<&LoggedEvent>)> =
        BTreeMap::new();
    for logged in facts.events.iter().filter(|one| is_of_month(facts, one)) {
        if let Some(child) = answered_for(facts, logged) {
            let (of, events) = devices.entry(logged.event.device).or_default();
            of.insert(families.get(&child).copied().flatten());
            events.push(logged);
        }
    }
    let told = families.values().any(Option::is_some);
    let missing = (!told).then_some("no contract tells the family of its child");
    let mut found = Found { missing, ..Found::default() };
    for (device, (of, events)) in devices {
        let many = more_than(of.len(), facts.thresholds().guardian_families_max);
        found.look(many.then(|| {
            let row = SignalRow { device: Some(device), ..SignalRow::default() };
            row.counting(of.len(), None).behind(events)
        }));
    }
    found
}

/// Devices whose confirmations are held: of too many families, or of a provider (R3, 23).
pub(super) fn proxy_confirm(facts: &Facts<'_>) -> Found {
    let by = facts.fold.visits.iter().filter_map(|visit| {
        if let Standing::ConfirmedByProxy { by } = visit.standing { Some(by) } else { None }
    });
    let aside = facts.fold.aside.iter();
    let aside = aside.filter(|one| one.reason == AsideReason::ProxyConfirm).map(|one| one.index);
    let mut devices: BTreeMap<DeviceId, Vec<&LoggedEvent>> = BTreeMap::new();
    for logged in by.chain(aside).filter_map(|leaf| facts.leaf(leaf)) {
        devices.entry(logged.event.device).or_default().push(logged);
    }
    let mut found = Found::default();
    for (device, events) in devices {
        let provider = events.first().and_then(|one| one.provider);
        let row = SignalRow { device: Some(device), provider, ..SignalRow::default() };
        found.look(Some(row.counting(events.len(), None).behind(events)));
    }
    found
}

/// Children with more marks by hand than the rules let them have (R1, 10).
pub(super) fn manual_share_child(facts: &Facts<'_>) -> Found {
    let mut found = Found::default();
    for row in &facts.fold.rows {
        let visits: Vec<&Visit> = row.visits().collect();
        let place = SignalRow {
            child: Some(row.child),
            voucher: Some(row.voucher),
            ..place_of(row.group, &visits)
        };
        let max = facts.rules_of(row.group).l0_share_max_percent;
        found.look(by_hand(facts, place, &visits, max));
    }
    found
}

/// Groups with more marks by hand than the rules let them have (R1, 10).
pub(super) fn manual_share_group(facts: &Facts<'_>) -> Found {
    let mut groups: BTreeMap<GroupId, Vec<&Visit>> = BTreeMap::new();
    for visit in &facts.fold.visits {
        groups.entry(visit.group).or_default().push(visit);
    }
    let mut found = Found::default();
    for (group, visits) in groups {
        let rules = facts.rules_of(group);
        let max = rules.l0_group_share_max_percent.unwrap_or(rules.l0_share_max_percent);
        found.look(by_hand(facts, place_of(group, &visits), &visits, max));
    }
    found
}

fn place_of(group: GroupId, visits: &[&Visit]) -> SignalRow {
    let provider = visits.first().map(|visit| visit.provider);
    SignalRow { provider, group: Some(group), ..SignalRow::default() }
}

fn by_hand(
    facts: &Facts<'_>,
    place: SignalRow,
    visits: &[&Visit],
    max_percent: u32,
) -> Option<SignalRow> {
    let manual: Vec<&Visit> = visits.iter().copied().filter(|visit| visit.is_manual()).collect();
    let enough = at_least(visits.len(), facts.thresholds().share_visits_min);
    (enough && exceeds(manual.len(), visits.len(), max_percent)).then(|| {
        let behind = manual.iter().filter_map(|visit| facts.event(visit.event));
        place.counting(manual.len(), Some(visits.len())).behind(behind)
    })
}

/// Children who come, and whose family has never said anything, in any month.
pub(super) fn never_signed(facts: &Facts<'_>) -> Found {
    let answered: BTreeSet<ChildId> =
        facts.events.iter().filter_map(|logged| answered_for(facts, logged)).collect();
    let mut children: BTreeMap<ChildId, Vec<&Visit>> = BTreeMap::new();
    for visit in &facts.fold.visits {
        children.entry(visit.child).or_default().push(visit);
    }
    let mut found = Found::default();
    for (child, visits) in children {
        let enough = at_least(visits.len(), facts.thresholds().unsigned_visits_min);
        let first = visits.first().filter(|_| enough && !answered.contains(&child));
        found.look(first.map(|visit| {
            let place = SignalRow {
                child: Some(child),
                voucher: Some(visit.voucher),
                ..place_of(visit.group, &visits)
            };
            let behind = visits.iter().filter_map(|visit| facts.event(visit.event));
            place.counting(visits.len(), None).behind(behind)
        }));
    }
    found
}

/// Children of whom no family has said for long that they attend. What counts is the newest month that
/// the family signed, or visit that it confirmed, or the contract's first day.
pub(super) fn reconfirmation_old(facts: &Facts<'_>) -> Found {
    let mut said: BTreeMap<ChildId, (chrono::NaiveDate, &LoggedEvent)> = BTreeMap::new();
    for logged in facts.events.iter().filter(|one| one.event.kind != EventKind::Dispute) {
        let day = local_day(logged.event.wall_ms);
        if let Some((child, day)) = answered_for(facts, logged).zip(day) {
            let newest = said.entry(child).or_insert((day, logged));
            if newest.0 < day {
                *newest = (day, logged);
            }
        }
    }
    let last = facts.month.last_day();
    let mut found = Found::default();
    for contract in facts.district.contracts.iter().filter(|one| one.covers(last)) {
        let newest = said.get(&contract.child).filter(|(day, _)| *day <= last);
        let since = newest.map_or(contract.from, |(day, _)| (*day).max(contract.from));
        let days = usize::try_from(last.signed_duration_since(since).num_days()).unwrap_or(0);
        let old = more_than(days, facts.thresholds().reconfirm_days);
        found.look(old.then(|| {
            let row = SignalRow {
                child: Some(contract.child),
                voucher: Some(contract.voucher),
                ..SignalRow::default()
            };
            row.counting(days, None).behind(newest.map(|(_, logged)| *logged))
        }));
    }
    found
}
