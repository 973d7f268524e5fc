//! What a witness was shown against a log: kept, listed, never answered with.
//!
//! A proof that fails proves nothing by itself: whoever knows a signed checkpoint can send it with a
//! spoilt path. So every case is kept with the verdict that anybody can repeat
//! ([`TwoHistories::verify`]): proven, or not.

use std::path::{Path, PathBuf};

use seal::sha256;
use tlog::history::{Contradiction, EVIDENCE_BYTES_MAX, EvidenceRejection};
use tlog::witness::LastCosigned;
use tlog::{AddCheckpoint, Checkpoint, SignedNote, TwoHistories, VerifierKey};

use crate::file::{make_directory, write_atomically};
use crate::state::{StateError, log_dir};

/// The most cases that are kept of one log: strangers can repeat spoilt proofs.
pub const EVIDENCE_FILES_MAX: usize = 1_000;

/// A case that was kept.
#[derive(Debug)]
#[non_exhaustive]
pub struct Evidence {
    /// The file: a [`TwoHistories`].
    pub file: PathBuf,
    /// What it proves under the log's key, or why it proves nothing.
    pub verdict: Result<Contradiction, EvidenceRejection>,
}

impl Evidence {
    /// Tells whether the log is proven to have signed two histories.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.verdict.is_ok()
    }
}

/// Lists what a witness's directory keeps about a log, by file name. The witness may be running.
///
/// # Errors
/// [`StateError`] if a file cannot be read.
pub fn evidence(witness_dir: &Path, log: &VerifierKey) -> Result<Vec<Evidence>, StateError> {
    let dir = log_dir(witness_dir, &log.name).join("evidence");
    let mut kept = Vec::new();
    for file in files(&dir)? {
        let bytes = std::fs::read(&file).map_err(StateError::io(&file))?;
        let parsed = TwoHistories::from_bytes(&bytes);
        let verdict = parsed.and_then(|histories| histories.verify(log));
        kept.push(Evidence { file, verdict });
    }
    Ok(kept)
}

/// Keeps a refused request beside what was cosigned last. Gives `None` if it is kept already.
pub(crate) fn keep(
    dir: &Path,
    last: &LastCosigned,
    body: &[u8],
    keys: &[VerifierKey],
) -> Result<Option<Evidence>, StateError> {
    let damaged = |why: String| StateError::Damaged { path: dir.to_owned(), why };
    let request = AddCheckpoint::parse(body).map_err(|error| damaged(error.to_string()))?;
    let earlier =
        SignedNote::parse(&last.to_string()).map_err(|error| damaged(error.to_string()))?;
    let shown = Checkpoint::parse(request.note.unverified_text());
    let one_size = shown.is_ok_and(|shown| shown.size == last.checkpoint().size);
    let text = sha256(request.note.unverified_text().as_bytes()).to_string();
    let histories = if one_size {
        TwoHistories::of_one_size(&earlier, &request.note)
    } else {
        TwoHistories::of_path(&earlier, &request.note, request.path)
    };
    let mut verdict = Err(EvidenceRejection::NoContradiction);
    for key in keys {
        verdict = histories.verify(key);
        if verdict.is_ok() {
            break;
        }
    }
    // Named by what was signed, so that the same checkpoint is kept once for each verdict.
    let kind = if verdict.is_ok() { "proven" } else { "unproven" };
    let file = dir.join(format!("{text}.{kind}"));
    let bytes = histories.to_bytes();
    let too_many = files(dir)?.len() >= EVIDENCE_FILES_MAX;
    if file.exists() || bytes.len() > EVIDENCE_BYTES_MAX || (too_many && verdict.is_err()) {
        return Ok(None);
    }
    make_directory(dir).map_err(StateError::io(dir))?;
    write_atomically(&file, &bytes).map_err(StateError::io(&file))?;
    Ok(Some(Evidence { file, verdict }))
}

fn files(dir: &Path) -> Result<Vec<PathBuf>, StateError> {
    let listed = match dir.read_dir() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.map_err(StateError::io(dir))?,
    };
    let paths = listed.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths.collect::<Result<Vec<_>, _>>().map_err(StateError::io(dir))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "proven" || end == "unproven"));
    paths.sort_unstable();
    Ok(paths)
}
