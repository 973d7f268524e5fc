//! Whom to believe: logs, witnesses, and how many of them ([C2SP tlog-policy]).
//!
//! As text, a line each; members stand before the groups they are in:
//!
//! ```text
//! log <key>
//! witness <name> <key> [<address>]
//! group <name> all|any|<k> <member>...
//! quorum <name>|none
//! ```
//!
//! Stricter than the standard: the text is UTF-8. Everything else of it is here.
//!
//! [C2SP tlog-policy]: https://c2sp.org/tlog-policy

use crate::checkpoint::Checkpoint;
use crate::cosignature::WitnessKey;
use crate::note::{NoteRejection, SignedNote};
use crate::verifier_key::{VerifierKey, VerifierKeyRejection};

mod text;

/// The most logs, witnesses and groups of a policy, together.
pub const POLICY_ITEMS_MAX: usize = 256;

/// Says which logs are believed, and whose cosignatures a checkpoint needs. Shown as text without
/// comments, which parses to the same policy.
///
/// ```
/// use seal::{Signer, SoftwareKey};
/// use tlog::policy::{Policy, QuorumRejection};
/// use tlog::{Checkpoint, SignedNote, VerifierKey, WitnessKey, cosign, empty_root, sign_note};
///
/// let [log_key, w1, w2, w3] = [1, 2, 3, 4].map(|seed| SoftwareKey::from_seed(&[seed; 32]));
/// let log = VerifierKey { name: "log.example/2026".into(), key: log_key.public_key() };
/// let key = |name: &str, key: &SoftwareKey| WitnessKey { name: name.into(), key: key.public_key() };
/// let policy = Policy::k_of(vec![log], 2, vec![key("w1", &w1), key("w2", &w2), key("w3", &w3)])?;
/// assert_eq!(Policy::parse(&policy.to_string())?, policy);
///
/// let checkpoint = Checkpoint { origin: "log.example/2026".into(), size: 0, root: empty_root() };
/// let mut note = SignedNote::parse(&sign_note(&checkpoint, &log_key)?)?;
/// note.add(cosign(&note, "w1", &w1, 1_790_000_000)?)?;
/// let refused = policy.verify(&note).unwrap_err();
/// assert!(matches!(refused, QuorumRejection::Missing { at_least: 1, .. }));
/// note.add(cosign(&note, "w3", &w3, 1_790_000_001)?)?;
/// assert_eq!(policy.verify(&note)?.checkpoint, checkpoint);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    /// In order: the members of a group stand before it.
    items: Vec<Item>,
    /// Which item must have witnessed a checkpoint; `None` if none must.
    quorum: Option<usize>,
}

/// A log that a policy believes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyLog {
    /// Its key, whose name is the log's origin.
    pub key: VerifierKey,
    /// Where it is, if the policy says so.
    pub address: Option<String>,
}

/// A witness that a policy knows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyWitness {
    /// What the policy calls it.
    pub name: String,
    /// Its key.
    pub key: WitnessKey,
    /// Where it takes checkpoints (the submission prefix), if the policy says so.
    pub address: Option<String>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Item {
    Witness(Box<PolicyWitness>),
    Group { name: String, threshold: usize, members: Vec<usize> },
}

/// What is wrong with one line of a policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyFault {
    /// The line is of no known form.
    #[error("not a line of a policy")]
    Malformed,
    /// A key does not parse.
    #[error(transparent)]
    Key(#[from] VerifierKeyRejection),
    /// The name is empty, `none`, has a space, or is taken.
    #[error("the name cannot be given")]
    Name,
    /// Another line has the same public key.
    #[error("the key is there already")]
    DuplicateKey,
    /// A group or quorum names what no line before it defines.
    #[error("the name is not defined")]
    Undefined,
    /// A name is a member of two groups, or twice of one.
    #[error("the name is a member already")]
    MemberTwice,
    /// The threshold is 0 or more than the members.
    #[error("the threshold is out of range")]
    Threshold,
    /// There is a quorum already.
    #[error("there is a quorum already")]
    QuorumTwice,
    /// The policy has more than [`POLICY_ITEMS_MAX`] logs, witnesses and groups.
    #[error("the policy is too long")]
    TooMany,
}

/// Why a text was not accepted as a policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyRejection {
    /// The text is longer than any policy, has a control character, or its last line does not end.
    #[error("not the text of a policy")]
    NotText,
    /// A line is wrong.
    #[error("line {line}: {fault}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        fault: PolicyFault,
    },
    /// No line says the quorum.
    #[error("the policy has no quorum")]
    NoQuorum,
}

/// A checkpoint that a policy believes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct WitnessedCheckpoint {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Who cosigned it, in the order of the policy: more, perhaps, than the quorum needs.
    pub cosigned: Vec<Cosigned>,
}

/// Who cosigned, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Cosigned {
    /// What the policy calls the witness.
    pub witness: String,
    /// When it says that it cosigned, in seconds since 1970.
    pub cosigned_at_s: u64,
}

/// Why a policy does not believe a note.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QuorumRejection {
    /// No log of the policy signed it, or a line of a known key does not match.
    #[error(transparent)]
    Note(#[from] NoteRejection),
    /// The policy names no log of this origin.
    #[error("the log {0} is not in the policy")]
    UnknownLog(String),
    /// Too few witnesses cosigned it.
    #[error("{at_least} more of {} witnesses must cosign", .missing.len())]
    Missing {
        /// How many more it needs at the least.
        at_least: usize,
        /// Which witnesses did cosign, by the policy's names.
        cosigned: Vec<String>,
        /// Which did not.
        missing: Vec<String>,
    },
}

impl Policy {
    /// Makes the policy that needs `k` of these witnesses; each is called by its key's name. A `k`
    /// of 0 needs none.
    ///
    /// # Errors
    /// [`PolicyFault`] if a key is there twice, two names are the same, or `k` is too large.
    pub fn k_of(
        logs: Vec<VerifierKey>,
        k: usize,
        witnesses: Vec<WitnessKey>,
    ) -> Result<Self, PolicyFault> {
        let mut policy = Self { logs: Vec::new(), items: Vec::new(), quorum: None };
        for key in logs {
            policy.add_log(PolicyLog { key, address: None })?;
        }
        for key in witnesses {
            let name = key.name.clone();
            policy.add_witness(PolicyWitness { name, key, address: None })?;
        }
        if k > 0 {
            let members = (0..policy.items.len()).collect();
            policy.add_group("witnesses".to_owned(), k, members)?;
            policy.quorum = Some(policy.items.len() - 1);
        }
        Ok(policy)
    }

    /// Gives the logs, in the policy's order.
    pub fn logs(&self) -> impl Iterator<Item = &PolicyLog> {
        self.logs.iter()
    }

    /// Gives the witnesses, in the policy's order.
    pub fn witnesses(&self) -> impl Iterator<Item = &PolicyWitness> {
        self.items.iter().filter_map(|item| match item {
            Item::Witness(witness) => Some(&**witness),
            Item::Group { .. } => None,
        })
    }

    /// Gives `k` if the quorum is any `k` of all witnesses of the policy: what a rule without groups
    /// can say. 0 if it needs nobody, `None` if groups decide otherwise.
    #[must_use]
    pub fn k_of_all(&self) -> Option<usize> {
        let Some(quorum) = self.quorum else { return Some(0) };
        let all = self.witnesses().count();
        match &self.items[quorum] {
            Item::Witness(_) => (all == 1).then_some(1),
            Item::Group { threshold, members, .. } => {
                let of_witnesses =
                    members.iter().all(|at| matches!(self.items[*at], Item::Witness(_)));
                (of_witnesses && members.len() == all).then_some(*threshold)
            }
        }
    }

    /// Verifies that a log of the policy signed the note and that its witnesses make the quorum.
    ///
    /// Lines of unknown keys are ignored; every line of a known key must match ([C2SP signed-note]).
    /// When it was cosigned is for the caller to judge.
    ///
    /// # Errors
    /// [`QuorumRejection`] says what is wrong or who is missing.
    ///
    /// [C2SP signed-note]: https://c2sp.org/signed-note
    pub fn verify(&self, note: &SignedNote) -> Result<WitnessedCheckpoint, QuorumRejection> {
        let claimed = Checkpoint::parse(note.unverified_text())?;
        let mut verified = None;
        let mut refused = QuorumRejection::UnknownLog(claimed.origin.clone());
        for log in self.logs.iter().filter(|log| log.key.name == claimed.origin) {
            match note.verify(&log.key) {
                Ok(checkpoint) => verified = Some(checkpoint),
                Err(why @ NoteRejection::NotSigned(_)) => refused = why.into(),
                Err(wrong) => return Err(wrong.into()),
            }
        }
        let checkpoint = verified.ok_or(refused)?;
        let cosigned = self.verify_quorum(note)?;
        Ok(WitnessedCheckpoint { checkpoint, cosigned })
    }

    /// Verifies the quorum of a note whose log is known from elsewhere. It says nothing about the
    /// log's own signature.
    ///
    /// # Errors
    /// [`QuorumRejection`] says what is wrong or who is missing.
    pub fn verify_quorum(&self, note: &SignedNote) -> Result<Vec<Cosigned>, QuorumRejection> {
        let (mut cosigned, mut missing) = (Vec::new(), Vec::new());
        // How many more cosignatures each item needs. A name is a member of one group, so the
        // cheapest members of a group can be added up.
        let mut needs: Vec<usize> = Vec::with_capacity(self.items.len());
        for item in &self.items {
            match item {
                Item::Witness(witness) => {
                    let PolicyWitness { name, key, .. } = &**witness;
                    let found = note.cosignature(key)?;
                    needs.push(usize::from(found.is_none()));
                    match found {
                        Some(found) => cosigned.push(Cosigned {
                            witness: name.clone(),
                            cosigned_at_s: found.cosigned_at_s,
                        }),
                        None => missing.push(name.clone()),
                    }
                }
                Item::Group { threshold, members, .. } => {
                    let mut of_members: Vec<_> = members.iter().map(|at| needs[*at]).collect();
                    of_members.sort_unstable();
                    needs.push(of_members.iter().take(*threshold).sum());
                }
            }
        }
        match self.quorum.map_or(0, |quorum| needs[quorum]) {
            0 => Ok(cosigned),
            at_least => {
                let cosigned = cosigned.into_iter().map(|one| one.witness).collect();
                Err(QuorumRejection::Missing { at_least, cosigned, missing })
            }
        }
    }

    fn add_log(&mut self, log: PolicyLog) -> Result<(), PolicyFault> {
        if self.logs.iter().any(|known| known.key.key == log.key.key) {
            return Err(PolicyFault::DuplicateKey);
        }
        self.room()?;
        self.logs.push(log);
        Ok(())
    }

    fn add_witness(&mut self, witness: PolicyWitness) -> Result<(), PolicyFault> {
        self.free(&witness.name)?;
        if self.witnesses().any(|known| known.key.key == witness.key.key) {
            return Err(PolicyFault::DuplicateKey);
        }
        self.items.push(Item::Witness(Box::new(witness)));
        Ok(())
    }

    fn add_group(
        &mut self,
        name: String,
        threshold: usize,
        members: Vec<usize>,
    ) -> Result<(), PolicyFault> {
        self.free(&name)?;
        if !(1..=members.len()).contains(&threshold) {
            return Err(PolicyFault::Threshold);
        }
        for (n, member) in members.iter().enumerate() {
            let elsewhere = self.items.iter().any(
                |item| matches!(item, Item::Group { members, .. } if members.contains(member)),
            );
            if elsewhere || members[..n].contains(member) {
                return Err(PolicyFault::MemberTwice);
            }
        }
        self.items.push(Item::Group { name, threshold, members });
        Ok(())
    }

    /// Finds what an earlier line defined.
    fn find(&self, name: &str) -> Result<usize, PolicyFault> {
        self.items.iter().position(|item| item.name() == name).ok_or(PolicyFault::Undefined)
    }

    /// Refuses a name that cannot be given, and one more item than there is room for.
    fn free(&self, name: &str) -> Result<(), PolicyFault> {
        let spaced = name.is_empty() || name.contains(|c: char| c == ' ' || c.is_ascii_control());
        if spaced || name == text::NONE || self.find(name).is_ok() {
            return Err(PolicyFault::Name);
        }
        self.room()
    }

    fn room(&self) -> Result<(), PolicyFault> {
        let full = self.logs.len() + self.items.len() == POLICY_ITEMS_MAX;
        if full { Err(PolicyFault::TooMany) } else { Ok(()) }
    }
}

impl Item {
    fn name(&self) -> &str {
        match self {
            Self::Witness(witness) => &witness.name,
            Self::Group { name, .. } => name,
        }
    }
}

#[cfg(test)]
mod tests;
