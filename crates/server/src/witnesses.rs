//! Asking witnesses to cosign: behind the log, never inside a request.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use attendance::TrustRole;
use server_store::{StoredCheckpoint, StoredCosignature};
use tlog::policy::PolicyWitness;
use tlog::{AddCheckpoint, Policy, SignatureLine, SignedNote, WitnessAnswer};
use tokio::task::JoinSet;
use witness::{SubmitError, WitnessClient};

use crate::error::{ServerError, random};
use crate::server::{Server, StartError};

/// The file of a data directory that says where the witnesses are: a policy ([C2SP tlog-policy]).
///
/// [C2SP tlog-policy]: https://c2sp.org/tlog-policy
pub const WITNESS_POLICY: &str = "witnesses.policy";

/// The least time between two requests to a witness: what comes meanwhile goes in one.
const ASK_EVERY: Duration = Duration::from_millis(250);
/// How long a witness is left alone after its first failure, and at the most.
const REST: Duration = Duration::from_secs(1);
const REST_MAX: Duration = Duration::from_secs(300);
/// How often a witness may say another size before it is left alone.
const SIZES_MAX: usize = 3;

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Submit(#[from] SubmitError),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error("it was shown a log of {0} leaves, more than this server has: was a backup restored?")]
    Ahead(u64),
    #[error("it says another size each time: does another server use this log's key?")]
    Restless,
    #[error("it cosigned another history of this log: keep its evidence and this database")]
    OtherHistory,
    #[error("it does not know this log: its operator adds the log's key with --log")]
    UnknownLog,
    #[error("it knows this log by another key: its operator adds the new one with --log")]
    NotSigned,
    #[error("it could not read the request")]
    Malformed,
}

/// Reads who the witnesses are; nobody, if there is no such file.
pub(crate) fn read_witnesses(data_dir: &Path) -> Result<Vec<PolicyWitness>, StartError> {
    let path = data_dir.join(WITNESS_POLICY);
    let broken = |why: String| StartError::Witnesses { path: path.clone(), why };
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(|error| broken(error.to_string()))?,
    };
    let policy = Policy::parse(&text).map_err(|error| broken(error.to_string()))?;
    for witness in policy.witnesses() {
        address(witness).map_err(&broken)?;
    }
    Ok(policy.witnesses().cloned().collect())
}

/// Gives a witness's address, which must be one that can be asked.
pub(crate) fn address(witness: &PolicyWitness) -> Result<&str, String> {
    let name = &witness.name;
    match &witness.address {
        Some(address) if address.starts_with("http://") || address.starts_with("https://") => {
            Ok(address)
        }
        Some(address) => Err(format!(
            "the address of {name} is {address}: it must begin with https:// and have a public \
             certificate, or with http://"
        )),
        None => Err(format!("{name} has no address: add one at the end of its line")),
    }
}

impl Server {
    /// Asks each witness to cosign each newest checkpoint, until the task is dropped. One that does
    /// not answer is asked again later, and keeps nobody else waiting.
    pub async fn run_witnesses(self: Arc<Self>) {
        let client = match WitnessClient::new() {
            Ok(client) => client,
            Err(error) => return tracing::error!(%error, "no witness can be asked"),
        };
        let mut tasks = JoinSet::new();
        for witness in self.witnesses.clone() {
            tasks.spawn(Arc::clone(&self).run_witness(client.clone(), witness));
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn run_witness(self: Arc<Self>, client: WitnessClient, witness: PolicyWitness) {
        let mut signed = self.signed.subscribe();
        let mut failures = 0;
        loop {
            signed.borrow_and_update();
            match self.ask_witness(&client, &witness).await {
                Ok(()) => {
                    failures = 0;
                    if signed.changed().await.is_err() {
                        return;
                    }
                    tokio::time::sleep(ASK_EVERY).await;
                }
                Err(error) => {
                    failures += 1;
                    let (name, rest) = (&witness.name, rest(failures));
                    if matches!(error, AskError::OtherHistory | AskError::Ahead(_)) {
                        tracing::error!(witness = name, %error, "a witness accuses this log");
                    } else {
                        tracing::warn!(witness = name, %error, ?rest, "a witness did not cosign");
                    }
                    tokio::time::sleep(rest).await;
                }
            }
        }
    }

    /// Has one witness cosign the newest checkpoint, and keeps what it signed.
    async fn ask_witness(
        &self,
        client: &WitnessClient,
        witness: &PolicyWitness,
    ) -> Result<(), AskError> {
        let newest = self.store.checkpoint().await.map_err(ServerError::from)?;
        let newest = newest.ok_or(ServerError::Stored("checkpoint"))?;
        let key = witness.key.key.to_bytes();
        let mut old = self.store.cosigned_size(key).await.map_err(ServerError::from)?;
        if old == newest.size {
            return Ok(());
        }
        let note =
            SignedNote::parse(&newest.note).map_err(|_| ServerError::Stored("checkpoint"))?;
        let address = address(witness).unwrap_or_default();
        for _ in 0..SIZES_MAX {
            let proof = self.store.consistency_proof(old, newest.size).await;
            let path = proof.map_err(ServerError::from)?.path;
            let request = AddCheckpoint { old_size: old, path, note: note.clone() };
            match client.submit(address, &witness.key, &request).await? {
                WitnessAnswer::Cosigned(lines) => {
                    return Ok(self.keep_lines(newest.size, key, lines).await?);
                }
                WitnessAnswer::HasSize(size) if size > newest.size => {
                    return Err(AskError::Ahead(size));
                }
                WitnessAnswer::HasSize(size) => old = size,
                WitnessAnswer::OtherRoot | WitnessAnswer::BadProof => {
                    return Err(AskError::OtherHistory);
                }
                WitnessAnswer::UnknownLog => return Err(AskError::UnknownLog),
                WitnessAnswer::NotSigned => return Err(AskError::NotSigned),
                WitnessAnswer::Malformed => return Err(AskError::Malformed),
            }
        }
        Err(AskError::Restless)
    }

    /// Keeps verified lines of one witness: the first, should there be several.
    async fn keep_lines(
        &self,
        tree_size: u64,
        witness_key: [u8; 32],
        lines: Vec<SignatureLine>,
    ) -> Result<(), ServerError> {
        for line in lines {
            let line = line.to_string();
            let cosignature = StoredCosignature { tree_size, witness_key, line };
            self.store.put_cosignature(cosignature).await?;
        }
        Ok(())
    }

    /// Adds the cosignatures that have come so far to a checkpoint's note.
    pub(crate) async fn with_cosignatures(
        &self,
        checkpoint: StoredCheckpoint,
    ) -> Result<StoredCheckpoint, ServerError> {
        let lines = self.store.cosignatures(checkpoint.size).await?;
        if lines.is_empty() {
            return Ok(checkpoint);
        }
        let broken = |_| ServerError::Stored("cosignature");
        let mut note = SignedNote::parse(&checkpoint.note).map_err(broken)?;
        for cosignature in lines {
            let line = SignatureLine::parse(&cosignature.line).map_err(broken)?;
            if let Err(error) = note.add(line) {
                tracing::warn!(%error, "a cosignature has no room in its note");
            }
        }
        Ok(StoredCheckpoint { note: note.to_string(), ..checkpoint })
    }

    /// Gives the keys of the witnesses that the trust list names now, and how many of them must
    /// cosign.
    pub(crate) fn witness_rule(&self) -> Option<(Vec<[u8; 32]>, u16)> {
        let (quorum, now_s) = (self.trust.witness_quorum?, self.clock.now_s());
        let entries = self.trust.entries.iter();
        let named = entries.filter(|entry| entry.role == TrustRole::Witness);
        let holds = named.filter(|entry| (entry.not_before_s..=entry.not_after_s).contains(&now_s));
        Some((holds.map(|entry| entry.key).collect(), quorum))
    }
}

/// How long to rest after so many failures in a row: longer each time, and not in step with others.
fn rest(failures: u32) -> Duration {
    let longest = REST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(REST_MAX);
    let share = random::<2>().map_or(u16::MAX, u16::from_le_bytes);
    longest / 2 + longest / 2 * u32::from(share) / u32::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_longer_each_time_and_never_for_ever() {
        let mut before = Duration::ZERO;
        for (failures, longest_s) in (1..).zip([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
            let longest = Duration::from_secs(longest_s);
            let found = rest(failures);
            assert!((longest / 2..=longest).contains(&found), "{failures}: {found:?}");
            assert!(found >= before / 2);
            before = found;
        }
        assert!(rest(u32::MAX) <= REST_MAX);
        let all: std::collections::BTreeSet<_> = (0..50).map(|_| rest(5)).collect();
        assert!(all.len() > 1, "two servers do not ask in step");
    }
}
