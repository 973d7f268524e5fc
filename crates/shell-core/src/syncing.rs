//! One sync at a time: by hand, and in the background when [`Retry`] says so.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use device::Clock as _;
use ipc::{ErrorCodeText, ErrorView, NextSyncView, NextSyncWhy, SyncView};
use sync_client::{Happened, Outcome, Pace, Retry, SyncError, SyncReport, Unanswered, Why};
use tokio::sync::Notify;

use crate::error;
use crate::shell::Shell;

/// A sync that has run for so long when the app comes back to the screen begins anew: a screen that was
/// locked leaves calls that nobody will answer.
const STALE_MS: i64 = 5_000;

/// What is known of syncs.
#[derive(Debug, Default)]
pub(crate) struct Syncing {
    /// How the last sync went. Owned by [`Shell::sync_now`].
    last: Mutex<LastSync>,
    /// One sync at a time.
    turn: tokio::sync::Mutex<()>,
    /// When to sync next; nothing while no background sync runs. Changed by [`Shell::happened`] alone.
    retry: Mutex<Option<Retry>>,
    /// When the sync that runs began, by the wall clock, which does not stop while the device sleeps.
    running_since_ms: Mutex<Option<i64>>,
    /// Wakes the background sync when the plan has changed.
    wake: Notify,
    /// Ends a sync that nobody will answer.
    anew: Notify,
}

/// How the last sync went.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastSync {
    /// When the last one that succeeded ended.
    pub(crate) at_ms: Option<i64>,
    /// Why the last one did not succeed, if it did not.
    pub(crate) error: Option<ErrorView>,
    /// True if the server has set this device aside.
    pub(crate) suspended: bool,
}

impl Shell {
    /// Syncs now, and remembers how it went.
    ///
    /// # Errors
    /// [`SyncError`]; what is kept stays kept.
    pub async fn sync_now(&self) -> Result<SyncReport, SyncError> {
        let _my_turn = self.syncing.turn.lock().await;
        self.sync_in_turn().await
    }

    async fn sync_in_turn(&self) -> Result<SyncReport, SyncError> {
        self.happened(Happened::Began);
        self.run_since(Some(self.clock.now().wall_ms));
        let done = tokio::select! {
            done = self.sync.sync_or_carry(&self.device) => done,
            () = self.syncing.anew.notified() => Err(begun_anew()),
        };
        let visit = match &done {
            Ok(_) => {
                // Whatever is carried for others may go on now.
                self.carrying.arrived.notify_one();
                None
            }
            // A hotel's page stands in the way, say.
            Err(SyncError::Offline(_) | SyncError::SignIn(_) | SyncError::Foreign(_)) => {
                self.visit_a_hub().await
            }
            Err(_) => None,
        };
        self.note_visit(visit);
        self.run_since(None);
        self.happened(Happened::Ended(Outcome::of(&done)));
        let mut last = self.syncing.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &done {
            Ok(report) => {
                let (at_ms, suspended) = (Some(self.clock.now().wall_ms), report.suspended);
                *last = LastSync { at_ms, error: None, suspended };
            }
            Err(error) => last.error = Some(error::of_sync(error)),
        }
        done
    }

    /// Syncs in the background, from now on and whenever there is a reason to. The task ends with the
    /// runtime.
    pub fn spawn_sync(&self, pace: Pace) -> tokio::task::JoinHandle<()> {
        let shell = self.clone();
        let begun = Retry::new(pace, self.clock.now().mono_ms);
        *self.syncing.retry.lock().unwrap_or_else(PoisonError::into_inner) = Some(begun);
        tokio::spawn(async move {
            loop {
                shell.until_due().await;
                let _my_turn = shell.syncing.turn.lock().await;
                // Somebody may have synced by hand meanwhile.
                if shell.due_in_ms() == 0
                    && let Err(error) = shell.sync_in_turn().await
                {
                    tracing::info!(%error, "sync did not finish; it is tried again");
                }
            }
        })
    }

    /// The app is on the screen again, or the network is back: a sync that stopped goes on.
    pub(crate) fn resume(&self, online: bool) {
        let since = *self.syncing.running_since_ms.lock().unwrap_or_else(PoisonError::into_inner);
        let now_ms = self.clock.now().wall_ms;
        if since.is_some_and(|since| now_ms.saturating_sub(since) >= STALE_MS) {
            self.syncing.anew.notify_waiters();
        }
        self.happened(if online { Happened::Online } else { Happened::Resumed });
    }

    /// Tells the background sync what happened.
    pub(crate) fn happened(&self, happened: Happened) {
        let mut random = [0; 8];
        // Without randomness devices come back together, which only makes it slower.
        if let Err(error) = getrandom::fill(&mut random) {
            tracing::warn!(%error, "no randomness for the wait");
        }
        let (now_ms, random) = (self.clock.now().mono_ms, u64::from_le_bytes(random));
        let mut retry = self.syncing.retry.lock().unwrap_or_else(PoisonError::into_inner);
        *retry = retry.map(|retry| retry.apply(happened, now_ms, random));
        drop(retry);
        self.syncing.wake.notify_one();
    }

    pub(crate) fn last_sync(&self) -> LastSync {
        self.syncing.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says when the next sync is; nothing while one runs, or without a background sync.
    pub(crate) fn next_sync(&self) -> Option<NextSyncView> {
        let running = self.syncing.running_since_ms.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            return None;
        }
        let plan = (*self.syncing.retry.lock().unwrap_or_else(PoisonError::into_inner))?.plan();
        let now = self.clock.now();
        let wait_ms = i64::try_from(plan.at_ms.saturating_sub(now.mono_ms)).unwrap_or(i64::MAX);
        Some(NextSyncView { at_ms: now.wall_ms.saturating_add(wait_ms), why: why_view(plan.why) })
    }

    pub(crate) async fn sync_view(&self) -> Result<SyncView, ErrorView> {
        self.happened(Happened::Pressed);
        match (self.sync_now().await, self.last_visit()) {
            (Ok(report), _) => Ok(SyncView {
                sent: report.sent,
                parked: report.parked,
                receipted: report.receipted,
                received: report.received,
                direct: None,
                hub: None,
            }),
            (Err(error), None) => Err(error::of_sync(&error)),
            (Err(error), Some(visit)) => {
                let ErrorView { code, message } = error::of_sync(&error);
                Ok(SyncView {
                    sent: 0,
                    parked: visit.report.parked,
                    receipted: visit.report.receipted,
                    received: 0,
                    direct: Some(ErrorCodeText { code, message }),
                    hub: Some(crate::hubs::view(visit)),
                })
            }
        }
    }

    async fn until_due(&self) {
        loop {
            let wait_ms = self.due_in_ms();
            if wait_ms == 0 {
                return;
            }
            let woken = self.syncing.wake.notified();
            drop(tokio::time::timeout(Duration::from_millis(wait_ms), woken).await);
        }
    }

    fn due_in_ms(&self) -> u64 {
        let retry = *self.syncing.retry.lock().unwrap_or_else(PoisonError::into_inner);
        let at_ms = retry.map_or(0, |retry| retry.plan().at_ms);
        at_ms.saturating_sub(self.clock.now().mono_ms)
    }

    fn run_since(&self, at_ms: Option<i64>) {
        *self.syncing.running_since_ms.lock().unwrap_or_else(PoisonError::into_inner) = at_ms;
    }
}

fn begun_anew() -> SyncError {
    let why = "the screen was locked or the network changed: it begins anew".to_owned();
    SyncError::Offline(Unanswered { why, source: None })
}

fn why_view(why: Why) -> NextSyncWhy {
    match why {
        Why::Rest => NextSyncWhy::Rest,
        Why::Recorded => NextSyncWhy::Recorded,
        Why::Online => NextSyncWhy::Online,
        Why::Resumed => NextSyncWhy::Resumed,
        Why::Pressed => NextSyncWhy::Pressed,
        Why::Unanswered => NextSyncWhy::Unanswered,
        Why::Busy => NextSyncWhy::Busy,
        Why::Refused => NextSyncWhy::Refused,
    }
}
