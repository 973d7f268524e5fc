//! A witness with its key, its clock and its storage.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use seal::SoftwareKey;
use tlog::cosignature::CosignError;
use tlog::witness::{LastCosigned, Submission, Witness, WitnessRejection};

use crate::evidence;
use crate::state::{StateError, WitnessDir};

/// Why a checkpoint was not cosigned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AddError {
    /// The witness refuses.
    #[error(transparent)]
    Refused(#[from] WitnessRejection),
    /// The witness could not store it.
    #[error(transparent)]
    State(#[from] StateError),
    /// The witness could not sign.
    #[error(transparent)]
    Cosign(#[from] CosignError),
}

/// A witness that runs: one process has its directory.
pub struct RunningWitness {
    witness: Witness,
    key: SoftwareKey,
    /// Tells the time, in seconds since 1970.
    now_s: Box<dyn Fn() -> u64 + Send + Sync>,
    dir: WitnessDir,
    /// What was cosigned last, by origin. Held from the decision to the signature, so that of two
    /// submissions at once the second sees what the first left.
    last: Mutex<HashMap<String, LastCosigned>>,
}

impl RunningWitness {
    /// Takes a directory, and reads what was cosigned last. `now_s` tells the time, in seconds since
    /// 1970.
    ///
    /// # Errors
    /// [`StateError`] if another process has the directory, or the state is damaged.
    pub fn open(
        dir: &Path,
        witness: Witness,
        key: SoftwareKey,
        now_s: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<Self, StateError> {
        let (dir, last) = WitnessDir::open(dir, &witness.logs)?;
        let now_s = Box::new(now_s);
        Ok(Self { witness, key, now_s, dir, last: Mutex::new(last) })
    }

    /// Answers a request `add-checkpoint` by its body: the lines of the answer 200. It waits for the
    /// disk.
    ///
    /// # Errors
    /// [`AddError`], and nothing was signed.
    pub fn add_checkpoint(&self, body: &[u8]) -> Result<String, AddError> {
        let submission = self.witness.read(body)?;
        let origin = submission.checkpoint().origin.clone();
        // What is in the map was stored before it got there, whoever panicked since.
        let mut states = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = states.get(&origin);
        let agreed = match submission.judge(last) {
            Ok(agreed) => agreed,
            Err(refused) => {
                if let Some(last) = last {
                    self.keep_evidence(last, &submission, body, &refused);
                }
                return Err(refused.into());
            }
        };
        let mut next = None;
        let remembered = agreed.remember(|state, _replaces| {
            next = Some(state.clone());
            self.dir.store(state)
        })?;
        states.extend(next.map(|state| (origin, state)));
        Ok(remembered.answer(&self.witness.name, &self.key, (self.now_s)())?)
    }

    /// Keeps what speaks against a log. That it cannot be kept changes no answer.
    fn keep_evidence(
        &self,
        last: &LastCosigned,
        submission: &Submission,
        body: &[u8],
        refused: &WitnessRejection,
    ) {
        let (old, new) = (last.checkpoint(), submission.checkpoint());
        let two_roots = old.size == new.size && old.root != new.root;
        if !two_roots && !matches!(refused, WitnessRejection::BadProof(_)) {
            return;
        }
        let (origin, size) = (&new.origin, new.size);
        let logs = self.witness.logs.iter().filter(|log| log.name == *origin);
        let dir = self.dir.evidence(origin);
        match evidence::keep(&dir, last, body, &logs.cloned().collect::<Vec<_>>()) {
            Ok(Some(kept)) => {
                let (proven, file) = (kept.is_proven(), kept.file.display());
                tracing::warn!(origin, size, proven, %file, "shown another history of a log");
            }
            Ok(None) => {}
            Err(error) => tracing::error!(origin, size, %error, "evidence could not be kept"),
        }
    }
}

impl fmt::Debug for RunningWitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (witness, dir) = (&self.witness, &self.dir);
        f.debug_struct("RunningWitness")
            .field("witness", witness)
            .field("dir", dir)
            .finish_non_exhaustive()
    }
}
