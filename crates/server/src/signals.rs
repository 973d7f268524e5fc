//! Integrity signals of a month: what the log proves, and what only this server can say.

mod response;

use attendance::{Action, LeafKind};
use ledger::Month;
use ledger::signals::{
    CardStop, Evidence, PutAside, ServerWord, SignalError, SignalQuery, SignalReport,
};
use seal::Hash;
use sync_api::ProblemKind;
use tlog::sizes_of_roots;

pub use self::response::signals_response;
pub use crate::times::CLOCK_PARAMS;

use crate::card_status::CardReason;
use crate::error::ServerError;
use crate::server::Server;
use crate::views::Answered;

impl Server {
    /// Asks the signals of a month, closed or open. No sum rests on it.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the month has no rules or a threshold cannot be so.
    pub async fn signals(
        &self,
        month: Month,
        query: &SignalQuery,
    ) -> Result<SignalReport, ServerError> {
        let size = self.store.tree_size().await?;
        let events = self.logged_events(size).await?;
        let snapshots = self.snapshots().await?;
        let evidence = self.evidence(size, &events).await?;
        let report = ledger::signals::signals(&snapshots, &events, &evidence, month, query);
        report.map_err(|error| {
            let threshold = matches!(error, SignalError::Threshold(_));
            let kind = if threshold { ProblemKind::Malformed } else { ProblemKind::NotFound };
            ServerError::refused(kind, error.to_string())
        })
    }

    /// The same for the operator's command line. That the operator looked is kept.
    ///
    /// # Errors
    /// As [`Server::signals`].
    pub async fn signals_for_operator(
        &self,
        month: Month,
        query: &SignalQuery,
    ) -> Result<SignalReport, ServerError> {
        let report = self.signals(month, query).await?;
        self.operator_saw_all(Action::ReadMonth, Answered::Signals).await?;
        Ok(report)
    }

    async fn evidence(
        &self,
        size: u64,
        events: &[ledger::LoggedEvent],
    ) -> Result<Evidence, ServerError> {
        let leaves = self.store.leaves(0..size).await?;
        let cards = leaves.iter().filter(|leaf| leaf.kind == LeafKind::Card);
        let cards = cards.map(|leaf| (leaf.leaf_index, leaf.kind, leaf.bytes.as_slice()));
        let evidence = Evidence::of_log(cards, events, &self.trust, CLOCK_PARAMS);
        let named = Evidence::named_roots(events);
        let roots = sizes_of_roots(self.leaf_hashes(size).await?, &named);
        Ok(evidence.with_roots(roots).with_server(self.own_word(size).await?))
    }

    /// The hashes of the tree's leaves: also of those whose bytes were lost with a disk.
    async fn leaf_hashes(&self, size: u64) -> Result<Vec<Hash>, ServerError> {
        let nodes = self.store.nodes().await?.into_iter();
        let mut leaves: Vec<_> = nodes.filter(|(id, _)| id.level == 0).collect();
        leaves.sort_unstable_by_key(|(id, _)| id.index);
        let whole = (0..).zip(&leaves).take_while(|(at, (id, _))| *at == id.index && *at < size);
        Ok(whole.map(|(_, (_, hash))| *hash).collect())
    }

    async fn own_word(&self, size: u64) -> Result<ServerWord, ServerError> {
        let decisions = self.store.card_decisions().await?.into_iter();
        // That a card was replaced follows from the log, and is a signal of its own.
        let stops = decisions.filter(|(_, one)| one.reason != CardReason::Replaced.code());
        let stops =
            stops.map(|(card, one)| CardStop { card, stopped: one.revoked, at_ms: one.at_ms });
        let groups = self.store.parked_groups().await?.into_iter();
        let aside = groups.map(|group| PutAside {
            device: group.device,
            reason: group.reason,
            count: group.count,
            event: group.last,
            came_ms: group.arrived_ms,
        });
        Ok(ServerWord {
            came_ms: self.store.arrivals(0..size).await?,
            stops: stops.collect(),
            aside: aside.collect(),
        })
    }
}
