//! Closing and paying months: the fold behind the log.

use std::sync::Arc;

use attendance::LeafKind;
use ledger::{Closed, Month, PaymentState, Snapshots, Tranche, TrancheBasis};
use seal::{Sign1, Signer as _};
use server_store::{AppendError, ClosingRows, CorrectionRow, EntryRow, NewLeaf, SequencedBatch};
use sync_api::TRANCHE_DOMAIN;

use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Runs [`Server::close_due_months`] whenever an event came that may close or pay a month, until
    /// the task is dropped. A failure is logged and tried again at the next such event.
    pub async fn run_ledger(self: Arc<Self>) {
        loop {
            if let Err(error) = self.close_due_months().await {
                tracing::error!(%error, "the ledger run failed");
            }
            self.ledger_due.notified().await;
        }
    }

    /// Closes every month that a coordinator closed in the log, and redeems what was paid. Doing it
    /// again changes nothing.
    ///
    /// # Errors
    /// [`ServerError`]; months closed before the fault stay closed.
    pub async fn close_due_months(&self) -> Result<(), ServerError> {
        let _one_run = self.ledger_run.lock().await;
        let size = self.store.tree_size().await?;
        let events = self.logged_events(size).await?;
        let closed: Vec<u32> =
            self.store.tranches().await?.iter().map(|tranche| tranche.month).collect();
        let snapshots = self.snapshots().await?;
        let waits = self.waits_for_leaves().await?;
        for month in snapshots.months() {
            if !waits
                && !closed.contains(&month.number())
                && let Some(close) = snapshots.closed(&events, month)
            {
                // Whoever checks the month can find every leaf of a child's up to its close.
                self.tag_leaves().await?;
                self.close(month, close, &snapshots, &events).await?;
            }
        }
        for stored in self.store.tranches().await? {
            let tranche = self.tranche(stored.leaf_index).await?;
            for payment in ledger::payments(&tranche, &events) {
                if let PaymentState::Paid { document, index } = payment.state {
                    self.store.redeem(stored.month, payment.provider, document, index).await?;
                }
            }
        }
        Ok(())
    }

    async fn close(
        &self,
        month: Month,
        closed: Closed<'_>,
        history: &Snapshots,
        events: &[ledger::LoggedEvent],
    ) -> Result<(), ServerError> {
        let tree_size = closed.leaf + 1;
        let root = self.store.root_at(tree_size).await?;
        let basis = TrancheBasis { origin: self.origin.clone(), tree_size, root };
        let tranche = ledger::compute_closed(history, events, month, basis)
            .map_err(|error| ServerError::Ledger(error.to_string()))?;
        let sealed = Sign1::seal(&self.keys.log, TRANCHE_DOMAIN, tranche.to_bytes())?;
        let _one_writer = self.writer.lock().await;
        loop {
            let at = self.store.tree_size().await?;
            let leaf = NewLeaf {
                kind: LeafKind::Tranche,
                salt: self.keys.own_salt(at),
                bytes: sealed.to_bytes(),
                event: None,
            };
            let batch = SequencedBatch {
                leaves: vec![leaf],
                closing: Some(closing_rows(&tranche)),
                ..SequencedBatch::default()
            };
            match self.store.append(at, batch).await {
                Err(AppendError::Moved { .. }) => {}
                done => {
                    done?;
                    break;
                }
            }
        }
        self.sign_checkpoint().await?;
        tracing::info!(month = %month, tranche = %tranche.hash(), "a month was closed");
        Ok(())
    }

    /// Reads a tranche back from its leaf.
    pub(crate) async fn tranche(&self, leaf_index: u64) -> Result<Tranche, ServerError> {
        const BROKEN: ServerError = ServerError::Stored("tranche");
        let leaf = self.store.leaves(leaf_index..leaf_index + 1).await?.pop().ok_or(BROKEN)?;
        let sealed = Sign1::parse(&leaf.bytes).map_err(|_| BROKEN)?;
        let bytes =
            sealed.verify(&self.keys.log.public_key(), TRANCHE_DOMAIN).map_err(|_| BROKEN)?;
        Tranche::parse(bytes).map_err(|_| BROKEN)
    }
}

pub(crate) fn closing_rows(tranche: &Tranche) -> ClosingRows {
    let entries = tranche.lines.iter().map(|line| EntryRow {
        voucher: line.voucher,
        provider: line.provider,
        segment: line.from.map_or(0, ledger::number_of_day),
        part_tiyn: line.part.unwrap_or(line.plan).0,
        plan_tiyn: line.plan.0,
        accrued_tiyn: line.accrued.0,
        held_tiyn: line.held.0,
        released_tiyn: line.released.0,
    });
    let corrections = tranche.corrections.iter().flatten().map(|one| CorrectionRow {
        of_month: one.month.number(),
        voucher: one.voucher,
        provider: one.provider,
        segment: one.from.map_or(0, ledger::number_of_day),
        accrued_tiyn: one.accrued.0,
        held_tiyn: one.held.0,
        released_tiyn: one.released.0,
        leaf: one.leaf,
    });
    ClosingRows {
        month: tranche.month.number(),
        hash: tranche.hash(),
        entries: entries.collect(),
        corrections: corrections.collect(),
    }
}
