//! What a newer district may do about admissions (R11): add records, list whoever passes all checks, and
//! make contracts with whoever is listed.

use std::collections::BTreeMap;

use attendance::VoucherId;

use super::AmendmentRefusal;
use crate::admission::AdmissionState;
use crate::snapshot::{Contract, Snapshot};

/// Refuses an entry that changes, a listing of somebody who does not pass, and a new contract with
/// somebody who is not listed on its first day there. `known` are the district as its snapshot has it, and
/// as transfers of the log left it.
pub(super) fn admits(known: &[&Snapshot; 2], next: &Snapshot) -> Result<(), AmendmentRefusal> {
    let [newest, _] = known;
    if let Some(what) = newest.admission_edited_by(next) {
        return Err(AmendmentRefusal::AdmissionEdited { what });
    }
    lists_whoever_passes(newest, next)?;
    if next.admission.is_none() {
        return Ok(());
    }
    let before = known.map(|snapshot| {
        let contracts = snapshot.contracts.iter().map(|one| (one.voucher, one));
        contracts.collect::<BTreeMap<VoucherId, &Contract>>()
    });
    for contract in &next.contracts {
        let was = |provider| {
            let known = before.iter().filter_map(|all| all.get(&contract.voucher));
            known.into_iter().any(|one| one.knows_provider(provider))
        };
        // A place is new if the voucher was not with its provider before.
        if let Some(place) = contract.places().iter().find(|place| !was(place.provider))
            && let Err(state) = next.may_contract(place.provider, place.from)
        {
            return Err(AmendmentRefusal::NotListed {
                voucher: contract.voucher,
                provider: place.provider,
                on: place.from,
                why: state.in_words(),
            });
        }
    }
    Ok(())
}

fn lists_whoever_passes(known: &Snapshot, next: &Snapshot) -> Result<(), AmendmentRefusal> {
    let Some(admission) = &next.admission else { return Ok(()) };
    let before = known.admission.as_ref().map_or(0, |before| before.listings.len());
    for listing in admission.listings.iter().skip(before).filter(|one| one.listed) {
        if let Some(open) = admission.open_check(listing.bin, listing.day) {
            let (step, check, because) = (open.check.step(), open.check, open.state);
            let why = AdmissionState::Checking { step, check, because }.in_words();
            let (bin, on) = (listing.bin, listing.day);
            return Err(AmendmentRefusal::NotReady { bin, on, why });
        }
    }
    Ok(())
}
