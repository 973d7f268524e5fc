//! Closing and paying months: the fold behind the log.

use std::sync::Arc;

use attendance::LeafKind;
use ledger::{
    Closed, Month, PaymentState, Running, Snapshots, Tally, Tranche, TrancheBasis, TrancheError,
};
use seal::{Sign1, Signer as _};
use server_store::{
    AppendError, ClosingRows, CorrectionRow, EntryRow, NewLeaf, SequencedBatch, StoredTranche,
};
use sync_api::TRANCHE_DOMAIN;

use crate::error::ServerError;
use crate::server::Server;

/// What the ledger run keeps of the log: each leaf is read once in the life of a process.
#[derive(Debug, Default)]
pub(crate) struct LedgerRun {
    tally: Tally,
    /// The month that is to be closed next, as it stood after so many leaves.
    next: Option<(Month, Running)>,
    followed: u64,
}

/// How many leaves come between two looks at the month that is to be closed next. A log that is shorter
/// is folded when the month is closed.
pub(crate) const FOLLOW_EVERY: u64 = 16_384;

impl LedgerRun {
    /// Brings the month that is to be closed next up to date, if much has come.
    fn follow(&mut self, history: &Snapshots, next: Option<Month>) -> Result<(), TrancheError> {
        if self.tally.size().saturating_sub(self.followed) < FOLLOW_EVERY {
            return Ok(());
        }
        self.followed = self.tally.size();
        let Some(next) = next else { return Ok(()) };
        let known = self.next.take().filter(|(month, _)| *month == next);
        let (month, mut running) = known.unwrap_or_else(|| (next, Running::default()));
        self.tally.follow(&mut running, history, month)?;
        self.next = Some((month, running));
        Ok(())
    }
}

impl Server {
    /// Runs [`Server::close_due_months`] whenever an event came that may close or pay a month, and every
    /// so many leaves, until the task is dropped. A failure is logged and tried again at the next such event.
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
        let mut run = self.ledger_run.lock().await;
        self.keep_up(&mut run.tally).await?;
        let closed: Vec<u32> =
            self.store.tranches().await?.iter().map(|tranche| tranche.month).collect();
        let snapshots = self.snapshots().await?;
        let waits = self.waits_for_leaves().await?;
        for month in snapshots.months() {
            if !waits
                && !closed.contains(&month.number())
                && let Some(close) = snapshots.closed(run.tally.kept(), month)
            {
                // Whoever checks the month can find every leaf of a child's up to its close.
                self.tag_leaves().await?;
                self.close(month, close, &snapshots, &mut run).await?;
            }
        }
        let stored = self.store.tranches().await?;
        let closed: Vec<u32> = stored.iter().map(|tranche| tranche.month).collect();
        let next = snapshots.months().into_iter().find(|month| !closed.contains(&month.number()));
        if let Err(error) = run.follow(&snapshots, next) {
            tracing::warn!(%error, "the month that is to be closed next cannot be folded yet");
        }
        for stored in stored {
            let tranche = self.tranche(stored.leaf_index).await?;
            for payment in ledger::payments(&tranche, run.tally.kept()) {
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
        run: &mut LedgerRun,
    ) -> Result<(), ServerError> {
        let tree_size = closed.leaf + 1;
        let root = self.store.root_at(tree_size).await?;
        let basis = TrancheBasis { origin: self.origin.clone(), tree_size, root };
        // What was decided about closed months is walked through with every event.
        let decided = run.tally.has_decisions(tree_size);
        let all = if decided { self.logged_events(tree_size).await? } else { Vec::new() };
        let followed = run.next.take().filter(|(followed, _)| *followed == month);
        let all = || Ok::<_, ServerError>(all);
        let of = (history, month);
        let computed = match followed {
            Some((_, mut running)) => run.tally.compute_running(&mut running, of, basis, all)?,
            None => run.tally.compute_closed(of, basis, all)?,
        };
        let (tranche, _) = computed.map_err(|error| ServerError::Ledger(error.to_string()))?;
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

    /// Says where a month's tranche is in the log; nothing before the month is closed.
    pub(crate) async fn stored_tranche(
        &self,
        month: Month,
    ) -> Result<Option<StoredTranche>, ServerError> {
        let all = self.store.tranches().await?;
        Ok(all.into_iter().find(|stored| stored.month == month.number()))
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
