//! A printed sheet or act, held against what this log signed. For anybody: sums of a provider, no child.

use ledger::export::{MarkFinding, PaperMark};

use crate::error::ServerError;
use crate::server::Server;

/// What the log says of a paper's mark.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PaperCheck {
    /// It is of another log.
    OtherLog {
        /// This log's name.
        own: String,
    },
    /// The month is not closed here: nothing was signed.
    NotClosed,
    /// The month is signed.
    Compared {
        /// The provider's name and BIN, if the district knows it.
        provider: Option<(String, String)>,
        /// What differs; nothing if all of it holds.
        differences: Vec<MarkFinding>,
    },
}

impl Server {
    /// Compares a mark with the signed tranche of its month.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails: no mark makes it so.
    pub(crate) async fn check_paper(&self, mark: &PaperMark) -> Result<PaperCheck, ServerError> {
        if mark.origin != self.origin {
            return Ok(PaperCheck::OtherLog { own: self.origin.clone() });
        }
        let stored = self.stored_tranche(mark.month).await?;
        let Some(stored) = stored else { return Ok(PaperCheck::NotClosed) };
        let tranche = self.tranche(stored.leaf_index).await?;
        let snapshots = self.snapshots().await?;
        let known = snapshots.all().rev().find_map(|one| one.snapshot.provider(mark.provider));
        Ok(PaperCheck::Compared {
            provider: known.map(|known| (known.name.clone(), known.bin.clone())),
            differences: mark.differences(&tranche, stored.leaf_index),
        })
    }
}
