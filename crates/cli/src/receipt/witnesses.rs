//! Who cosigned a checkpoint: by a policy that the reader brings, or by the trust list's quorum.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::TrustList;
use tlog::policy::Cosigned;
use tlog::{Policy, SignedNote};

use super::ReceiptFinding;

/// Whose word is asked for besides the log's.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct WitnessArgs {
    /// Refuse unless this policy (C2SP tlog-policy text) believes the checkpoint
    #[arg(long, value_name = "FILE", conflicts_with = "witnessed")]
    pub(super) policy: Option<PathBuf>,
    /// Refuse unless the trust list's quorum of witnesses has cosigned the checkpoint
    #[arg(long)]
    pub(super) witnessed: bool,
}

/// What is asked of the witnesses.
#[derive(Debug)]
pub(super) enum Asked {
    /// That this policy believes the checkpoint.
    Policy(Policy),
    /// That the quorum of the trust list is reached.
    Quorum,
    /// To be told.
    Nothing,
}

/// Who cosigned, and how many are needed.
#[derive(Debug)]
pub(super) struct Witnesses {
    pub(super) cosigned: Vec<Cosigned>,
    /// Nothing for a policy, which may count in groups.
    pub(super) needed: Option<usize>,
    pub(super) reached: bool,
}

impl WitnessArgs {
    /// Reads what is asked for.
    pub(super) fn read(&self) -> anyhow::Result<Asked> {
        match &self.policy {
            Some(path) => Ok(Asked::Policy(read_policy(path)?)),
            None if self.witnessed => Ok(Asked::Quorum),
            None => Ok(Asked::Nothing),
        }
    }
}

fn read_policy(path: &Path) -> anyhow::Result<Policy> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read the policy {}", path.display()))?;
    Policy::parse(&text).with_context(|| format!("{} is no policy", path.display()))
}

impl Asked {
    /// Judges a checkpoint; nothing if nobody is named who could have cosigned it.
    pub(super) fn judge(
        &self,
        note: &str,
        trust: &TrustList,
    ) -> Result<Option<Witnesses>, ReceiptFinding> {
        let refused = |why: String| ReceiptFinding::Witnesses(why);
        let note = SignedNote::parse(note).map_err(|why| refused(why.to_string()))?;
        if let Self::Policy(policy) = self {
            let found = policy.verify(&note).map_err(|why| refused(why.to_string()))?;
            return Ok(Some(Witnesses { cosigned: found.cosigned, needed: None, reached: true }));
        }
        let Some(quorum) = device::quorum_of(trust) else {
            return match self {
                Self::Quorum => Err(refused("the trust list asks for no witnesses".to_owned())),
                Self::Policy(_) | Self::Nothing => Ok(None),
            };
        };
        let tally = quorum.tally(&note).map_err(|why| refused(why.to_string()))?;
        let reached = tally.is_reached();
        if matches!(self, Self::Quorum) && !reached {
            let (found, needed) = (tally.cosigned.len(), tally.needed);
            return Err(refused(format!("{found} witnesses cosigned it, {needed} are needed")));
        }
        let needed = Some(tally.needed);
        Ok(Some(Witnesses { cosigned: tally.cosigned, needed, reached }))
    }
}

impl Witnesses {
    /// Says it in a line.
    pub(super) fn in_words(&self) -> String {
        let names: Vec<&str> = self.cosigned.iter().map(|one| &*one.witness).collect();
        let of = self.needed.map_or(String::new(), |needed| format!(" of {needed} needed"));
        let verdict = if self.reached { "witnessed" } else { "not witnessed yet" };
        let by = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        format!("{verdict}, {}{of}{by}", self.cosigned.len())
    }

    /// Gives it for a machine.
    pub(super) fn to_json(&self) -> serde_json::Value {
        let cosigned = self.cosigned.iter().map(
            |one| serde_json::json!({ "witness": one.witness, "cosigned_at_s": one.cosigned_at_s }),
        );
        let cosigned: Vec<_> = cosigned.collect();
        serde_json::json!({
            "witnessed": self.reached, "needed": self.needed, "cosigned": cosigned,
        })
    }
}
