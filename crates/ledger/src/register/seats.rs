//! Who has a place in which group: by contract, or because it was offered or booked.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{GroupId, VoucherId};
use chrono::NaiveDate;

use super::VoucherRecord;
use crate::snapshot::Snapshot;

/// Places, group by group. Contracts are looked at only for groups that have a capacity.
#[derive(Clone, Debug, Default)]
pub(super) struct Seats {
    /// By the newest district: whose, and the last day.
    contracts: BTreeMap<GroupId, Vec<(VoucherId, NaiveDate)>>,
    /// Vouchers for which a place was offered at any time: their records say whether it still is.
    promised: BTreeMap<GroupId, BTreeSet<VoucherId>>,
}

impl Seats {
    /// Takes the contracts of a newer district in place of those before.
    pub(super) fn take_contracts(&mut self, snapshot: &Snapshot) {
        let counted = snapshot.groups.iter().filter(|group| group.capacity.is_some());
        self.contracts = counted.map(|group| (group.id, Vec::new())).collect();
        if self.contracts.is_empty() {
            return;
        }
        for contract in &snapshot.contracts {
            for place in contract.places().iter() {
                if let Some(seats) = self.contracts.get_mut(&place.group) {
                    seats.push((contract.voucher, place.to));
                }
            }
        }
    }

    /// Remembers that a voucher was offered a place.
    pub(super) fn promise(&mut self, group: GroupId, voucher: VoucherId) {
        self.promised.entry(group).or_default().insert(voucher);
    }

    /// Counts the vouchers, but for one, that have a place in a group on a day or later.
    pub(super) fn taken(
        &self,
        records: &BTreeMap<VoucherId, VoucherRecord>,
        group: GroupId,
        but: Option<VoucherId>,
        on: NaiveDate,
    ) -> usize {
        let stands = |voucher: &VoucherId| {
            let ends = records.get(voucher).and_then(|record| record.ends);
            ends.is_none_or(|ends| ends > on)
        };
        let contracts = self.contracts.get(&group).into_iter().flatten();
        let contracts = contracts.filter(|(voucher, to)| *to >= on && stands(voucher));
        let promised = self.promised.get(&group).into_iter().flatten().filter(|voucher| {
            let state = records.get(voucher).map(|record| record.state_on(on));
            state.and_then(|state| state.pending()).is_some_and(|(place, _)| place.group == group)
        });
        let all: BTreeSet<_> =
            contracts.map(|(voucher, _)| *voucher).chain(promised.copied()).collect();
        all.into_iter().filter(|voucher| Some(*voucher) != but).count()
    }
}
