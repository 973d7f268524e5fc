//! Who confirms for more families than one may, over all parts (R3, 23).
//!
//! A device counts with the families of children that its certificate names. One whose children are of few
//! enough families is no proxy, whatever it confirmed: as a rule that is every device, and no part has to
//! be folded for it.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, DeviceId, Role};

use super::entry::WordKind;
use super::month::Scene;
use super::part::{Batch, Districts};
use crate::params::Params;
use crate::tranche::TrancheError;
use crate::visit::{FoldError, Visits, too_many};

/// Finds them.
pub(super) fn find(
    scene: &Scene<'_>,
    districts: &Districts,
) -> Result<BTreeSet<DeviceId>, TrancheError> {
    let params = rules(scene)?;
    let suspects = suspects(scene)?;
    if suspects.is_empty() {
        return Ok(suspects);
    }
    let mut families = FamiliesOf::default();
    add_families(
        scene,
        districts,
        parts_with_words_of(scene, districts, &suspects),
        &mut families,
    )?;
    Ok(too_many(families, params))
}

/// For which families each device confirms.
pub(super) type FamiliesOf = BTreeMap<DeviceId, BTreeSet<Option<u32>>>;

/// Says for which families devices confirm in some parts.
pub(super) fn add_families(
    scene: &Scene<'_>,
    districts: &Districts,
    roots: impl IntoIterator<Item = u32>,
    families: &mut FamiliesOf,
) -> Result<(), TrancheError> {
    let params = rules(scene)?;
    let mut batch = Batch::begin(scene.snapshot);
    for root in roots {
        batch.add(scene, districts, root);
        batch.close(scene);
        let mut events = batch.events();
        events.sort_by_key(|logged| logged.index);
        for (device, more) in Visits::families(batch.district(), params, &events, scene.month) {
            families.entry(device).or_default().extend(more);
        }
        batch.clear();
    }
    Ok(())
}

pub(super) fn rules<'a>(scene: &Scene<'a>) -> Result<&'a Params, TrancheError> {
    let month = scene.month;
    Ok(scene.snapshot.rules(month).ok_or(FoldError::NoRules { month })?)
}

/// Devices whose certificates name children of too many families.
pub(super) fn suspects(scene: &Scene<'_>) -> Result<BTreeSet<DeviceId>, TrancheError> {
    let params = rules(scene)?;
    if !params.reads_everything() {
        return Ok(BTreeSet::new());
    }
    let most = usize::try_from(params.families_per_device_max).unwrap_or(usize::MAX);
    let mut children: BTreeMap<DeviceId, BTreeSet<ChildId>> = BTreeMap::new();
    let signers = scene.tally.signers.iter().filter(|one| one.role == Role::Parent);
    for signer in signers.clone() {
        // One certificate a device is the rule; several are put together.
        if signer.children.len() > most || children.contains_key(&signer.device) {
            children.entry(signer.device).or_default().extend(signer.children.iter());
        }
    }
    let doubled = doubled(signers.map(|one| one.device));
    for signer in scene.tally.signers.iter().filter(|one| doubled.contains(&one.device)) {
        children.entry(signer.device).or_default().extend(signer.children.iter());
    }
    if children.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut family: BTreeMap<ChildId, Option<u32>> = BTreeMap::new();
    for contract in &scene.contracts {
        let known = family.entry(contract.child).or_default();
        *known = contract.family.max(*known);
    }
    let of = |child: &ChildId| family.get(child).copied().flatten();
    let of_too_many = |children: &BTreeSet<ChildId>| {
        children.iter().map(of).collect::<BTreeSet<_>>().len() > most
    };
    children.retain(|_, children| of_too_many(children));
    Ok(children.into_keys().collect())
}

fn doubled(devices: impl Iterator<Item = DeviceId>) -> BTreeSet<DeviceId> {
    let mut all: Vec<DeviceId> = devices.collect();
    all.sort_unstable();
    all.windows(2).filter(|pair| pair.first() == pair.last()).map(|pair| pair[0]).collect()
}

/// The parts in which one of these devices confirmed something.
fn parts_with_words_of(
    scene: &Scene<'_>,
    districts: &Districts,
    devices: &BTreeSet<DeviceId>,
) -> BTreeSet<u32> {
    let tally = scene.tally;
    let nodes = districts.nodes_of_numbers(scene);
    let of_child = nodes_of_children(scene);
    let said = tally.words.iter().filter(|word| {
        let signer = tally.signers.get(word.signer as usize);
        signer.is_some_and(|signer| devices.contains(&signer.device))
    });
    let node = |word: &super::entry::Word| match word.kind {
        WordKind::Sign => of_child.get(&tally.children.get(word.child)?).copied(),
        WordKind::Confirm => {
            let scan = tally.scans.get(word.about as usize)?;
            nodes.get(scan.voucher as usize).copied()
        }
        WordKind::Dispute | WordKind::Whole => None,
    };
    said.filter_map(node).map(|node| districts.root(node)).collect()
}

/// A node of each child that has a contract.
pub(super) fn nodes_of_children(scene: &Scene<'_>) -> BTreeMap<ChildId, u32> {
    let mut of_child: BTreeMap<ChildId, u32> = BTreeMap::new();
    for (node, contract) in (0u32..).zip(&scene.contracts) {
        of_child.entry(contract.child).or_insert(node);
    }
    of_child
}
