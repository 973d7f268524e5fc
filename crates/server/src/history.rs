//! Reading the log back for the fold.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use attendance::{DeviceId, EventKind, LeafKind, UnverifiedEvent, VerifiedCertificate};
use ledger::{LoggedEvent, Tally};
use server_store::StoredLeaf;
use tokio::sync::Mutex;

use crate::error::ServerError;
use crate::server::Server;

/// Events of some kinds that were read once, and how many leaves were looked at for them.
pub(crate) type HeldEvents = (u64, Arc<Vec<LoggedEvent>>);

impl Server {
    /// Reads the events among the first `size` leaves, in the log's order. They were verified when
    /// they came in; here their bytes are only read.
    pub(crate) async fn logged_events(&self, size: u64) -> Result<Vec<LoggedEvent>, ServerError> {
        let mut certificates = HashMap::new();
        let mut events = Vec::new();
        for leaf in self.store.leaves(0..size).await? {
            if leaf.kind == LeafKind::Event {
                events.push(self.logged_event(&leaf, &mut certificates).await?);
            }
        }
        Ok(events)
    }

    /// Reads every event of the log as it is now.
    pub(crate) async fn every_event(&self) -> Result<Vec<LoggedEvent>, ServerError> {
        self.logged_events(self.store.tree_size().await?).await
    }

    /// Gives the events that move children, end a provider's contracts, or move or cancel a lesson, in the
    /// log's order: all that changes rosters. Each leaf is read once in the life of a process.
    pub(crate) async fn moving_events(&self) -> Result<Arc<Vec<LoggedEvent>>, ServerError> {
        let moves = |kind| {
            matches!(
                kind,
                EventKind::Transfer
                    | EventKind::ProviderSuspend
                    | EventKind::GroundCured
                    | EventKind::ProviderTerminate
                    | EventKind::LessonCancel
                    | EventKind::LessonMove
            )
        };
        self.held_events(&self.moving, moves).await
    }

    /// Gives the events that the register of vouchers is folded from, in the log's order. Each leaf is
    /// read once in the life of a process: families ask with every sync.
    pub(crate) async fn voucher_events(&self) -> Result<Arc<Vec<LoggedEvent>>, ServerError> {
        let speaks = |kind| {
            matches!(
                kind,
                EventKind::VoucherSet
                    | EventKind::VoucherAnswer
                    | EventKind::ProviderSuspend
                    | EventKind::GroundCured
                    | EventKind::ProviderTerminate
            )
        };
        self.held_events(&self.of_vouchers, speaks).await
    }

    /// Reads on from the leaf that was read last, and keeps the events of some kinds.
    async fn held_events(
        &self,
        held: &Mutex<HeldEvents>,
        wanted: impl Fn(EventKind) -> bool,
    ) -> Result<Arc<Vec<LoggedEvent>>, ServerError> {
        let size = self.store.tree_size().await?;
        let mut held = held.lock().await;
        let mut certificates = HashMap::new();
        while held.0 < size {
            let end = size.min(held.0 + LEAVES_AT_ONCE);
            for leaf in self.store.leaves(held.0..end).await? {
                if leaf.kind == LeafKind::Event {
                    let logged = self.logged_event(&leaf, &mut certificates).await?;
                    if wanted(logged.event.kind) {
                        Arc::make_mut(&mut held.1).push(logged);
                    }
                }
            }
            held.0 = end;
        }
        Ok(Arc::clone(&held.1))
    }

    /// Takes the events that came since a tally was last kept up.
    pub(crate) async fn keep_up(&self, tally: &mut Tally) -> Result<(), ServerError> {
        let size = self.store.tree_size().await?;
        let mut certificates = HashMap::new();
        while tally.size() < size {
            let end = size.min(tally.size() + LEAVES_AT_ONCE);
            let mut events = Vec::new();
            for leaf in self.store.leaves(tally.size()..end).await? {
                if leaf.kind == LeafKind::Event {
                    events.push(self.logged_event(&leaf, &mut certificates).await?);
                }
            }
            tally.take_all(&events);
            tally.skip_to(end);
        }
        Ok(())
    }

    async fn logged_event(
        &self,
        leaf: &StoredLeaf,
        certificates: &mut HashMap<DeviceId, Arc<VerifiedCertificate>>,
    ) -> Result<LoggedEvent, ServerError> {
        let unverified =
            UnverifiedEvent::parse(&leaf.bytes).map_err(|_| ServerError::Stored("event"))?;
        let device = unverified.event().device;
        if let Entry::Vacant(place) = certificates.entry(device) {
            let certificate = self.certificate(device).await?;
            place.insert(certificate.ok_or(ServerError::Stored("device certificate"))?);
        }
        let certificate = certificates[&device].certificate();
        Ok(LoggedEvent {
            index: leaf.leaf_index,
            hash: unverified.hash(),
            event: unverified.event().clone(),
            role: certificate.role,
            provider: certificate.provider,
            children: certificate.children.clone(),
        })
    }
}

/// How many leaves are read at once.
const LEAVES_AT_ONCE: u64 = 4096;
