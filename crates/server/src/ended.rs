//! What was made after its device's certificate had ended, by the intervals that anybody computes from the
//! signed times in the chain. What the device's own clock says decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{
    ChainedEvent, DeviceId, EventKind, Timeline, UnverifiedEvent, VerifiedCertificate,
};
use seal::Hash;

use crate::error::ServerError;
use crate::server::Server;
use crate::times::CLOCK_PARAMS;

/// So many leaves of a chain are read at a time, from its end.
const PAGE: u64 = 200;
/// A chain that has no signed time among so many events bounds nothing.
const LOOKED_BACK_MAX: u64 = 5_000;

impl Server {
    /// Finds the events of a batch whose interval lies wholly after the end of their device's certificate,
    /// and what comes after such events in their chains. Costs nothing while certificates hold: no signed
    /// time is later than now.
    pub(crate) async fn made_after_the_end(
        &self,
        events: &[Vec<u8>],
    ) -> Result<BTreeSet<Hash>, ServerError> {
        let mut chains: BTreeMap<DeviceId, Vec<&Vec<u8>>> = BTreeMap::new();
        for bytes in events {
            let Ok(event) = UnverifiedEvent::parse(bytes) else { continue };
            chains.entry(event.event().device).or_default().push(bytes);
        }
        let mut ended = BTreeSet::new();
        for (device, came) in chains {
            let Some(certificate) = self.certificate(device).await? else { continue };
            if self.clock.now_s() <= certificate.certificate().not_after_s {
                continue;
            }
            let came: Vec<ChainedEvent> =
                came.into_iter().filter_map(|bytes| own_event(bytes, &certificate)).collect();
            ended.extend(self.after_the_end(&certificate, came).await?);
        }
        Ok(ended)
    }

    /// Computes the intervals of one device's events, with what is before them.
    async fn after_the_end(
        &self,
        certificate: &VerifiedCertificate,
        came: Vec<ChainedEvent>,
    ) -> Result<BTreeSet<Hash>, ServerError> {
        let device = certificate.certificate().device;
        let mut chain = self.back_to_a_signed_time(device, certificate).await?;
        let next = chain.last().map_or(0, |last| last.event().seq + 1);
        // Where what came goes on after events that were put aside, these say when.
        let aside = self.store.parked_of(device).await?;
        let aside = aside.iter().filter_map(|(_, bytes)| own_event(bytes, certificate));
        let hashes: BTreeSet<Hash> = came.iter().map(ChainedEvent::hash).collect();
        chain.extend(aside.filter(|one| one.event().seq >= next && !hashes.contains(&one.hash())));
        chain.extend(came);
        chain.sort_by_key(|one| one.event().seq);
        let timeline = Timeline::derive_from(
            chain.iter().map(ChainedEvent::event),
            &self.trust,
            CLOCK_PARAMS,
            Some(self.clock.now_ms()),
        );
        let end_s = certificate.certificate().not_after_s;
        // What follows an event in its chain was made after it.
        let after = |time: &attendance::EventTime| {
            time.lower.at_ms().is_some_and(|at_ms| at_ms.div_euclid(1_000) > end_s)
        };
        let first = timeline.events.iter().position(after);
        let from_there = chain.iter().skip(first.unwrap_or(chain.len()));
        Ok(from_there.map(ChainedEvent::hash).filter(|hash| hashes.contains(hash)).collect())
    }

    /// Reads a device's chain in the log from its last signed time on.
    async fn back_to_a_signed_time(
        &self,
        device: DeviceId,
        certificate: &VerifiedCertificate,
    ) -> Result<Vec<ChainedEvent>, ServerError> {
        let next = self.store.chain_tip(device).await?.map_or(0, |tip| tip.seq + 1);
        let mut chain = Vec::new();
        let mut to = next;
        while to > 0 && next - to < LOOKED_BACK_MAX {
            let from = to.saturating_sub(PAGE);
            let mut page = Vec::new();
            for logged in self.store.chain(device, from..to).await? {
                let leaves = self.store.leaves(logged.leaf_index..logged.leaf_index + 1).await?;
                let found = leaves.iter().find_map(|leaf| own_event(&leaf.bytes, certificate));
                page.extend(found);
            }
            let dated = page.iter().any(|one| one.event().kind == EventKind::TimeAnchor);
            page.append(&mut chain);
            chain = page;
            if dated {
                break;
            }
            to = from;
        }
        Ok(chain)
    }
}

fn own_event(bytes: &[u8], certificate: &VerifiedCertificate) -> Option<ChainedEvent> {
    UnverifiedEvent::parse(bytes).ok()?.verify(&certificate.public_key()).ok()
}
