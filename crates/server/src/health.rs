//! Whether the server can do its work now, and if not, why.

use std::sync::PoisonError;

use serde::Serialize;

use crate::server::Server;

/// What is asked before a server counts as ready.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Readiness {
    /// True if nothing stands in the way.
    pub(crate) ready: bool,
    /// What stands in the way, in words for the operator.
    pub(crate) reasons: Vec<String>,
    /// Leaves in the log.
    pub(crate) log_leaves: u64,
    /// Leaves under the newest checkpoint.
    pub(crate) checkpoint_leaves: u64,
}

impl Server {
    pub(crate) async fn readiness(&self) -> Readiness {
        let mut reasons = Vec::new();
        if let Err(error) = self.store.check_writable().await {
            reasons.push(format!("the database cannot be written: {error}"));
        }
        let log_leaves = self.store.tree_size().await.unwrap_or_default();
        let newest = self.store.checkpoint().await.ok().flatten();
        let checkpoint_leaves = newest.map_or(0, |newest| newest.size);
        if checkpoint_leaves == 0 {
            reasons.push("no checkpoint is signed".to_owned());
        }
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.is_empty() {
            reasons.push("the jobs behind the log do not run".to_owned());
        }
        let dead = jobs.iter().filter(|(_, job)| job.is_finished());
        reasons.extend(dead.map(|(name, _)| format!("the job of the {name} has ended")));
        drop(jobs);
        let least = self.config.disk_free_min_bytes;
        if let Some(free) = self.disk_free()
            && free < least
        {
            reasons.push(format!("{free} bytes are free on the disk, and {least} are wanted"));
        }
        Readiness { ready: reasons.is_empty(), reasons, log_leaves, checkpoint_leaves }
    }

    /// Gives how many bytes are free on the disk of the data directory, where the system says so.
    pub(crate) fn disk_free(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(&self.data_dir).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}
