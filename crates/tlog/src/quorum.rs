//! How many witnesses must have cosigned, where each of them is believed for a time only. A
//! [`Policy`](crate::Policy) has no times; a list of keys that its owner renews has.

use std::collections::BTreeSet;

use crate::cosignature::WitnessKey;
use crate::note::{NoteRejection, SignedNote};
use crate::policy::Cosigned;

/// A witness and when its cosignatures count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimedWitness {
    /// Its key. One key is one witness, however often it is listed.
    pub key: WitnessKey,
    /// The first second at which it may cosign, since 1970.
    pub not_before_s: i64,
    /// The last second at which it may cosign.
    pub not_after_s: i64,
}

/// Says how many of which witnesses must have cosigned a checkpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Quorum {
    /// How many.
    pub needed: usize,
    /// Of these.
    pub witnesses: Vec<TimedWitness>,
}

/// Who of a quorum cosigned a note.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tally {
    /// Whose cosignatures count, in the order of the list, each witness once.
    pub cosigned: Vec<Cosigned>,
    /// How many are needed.
    pub needed: usize,
}

impl Tally {
    /// Decides whether there are enough of them. A quorum of nobody is never reached.
    #[must_use]
    pub fn is_reached(&self) -> bool {
        self.needed > 0 && self.cosigned.len() >= self.needed
    }
}

impl Quorum {
    /// Counts who cosigned a note, each at a time when it was believed. It says nothing about the log:
    /// verify the checkpoint with [`SignedNote::verify`].
    ///
    /// # Errors
    /// [`NoteRejection::BadSignature`] if a line of a known witness does not match: such a note is
    /// refused as a whole ([C2SP signed-note]).
    ///
    /// [C2SP signed-note]: https://c2sp.org/signed-note
    pub fn tally(&self, note: &SignedNote) -> Result<Tally, NoteRejection> {
        let (mut cosigned, mut counted) = (Vec::new(), BTreeSet::new());
        for witness in &self.witnesses {
            let Some(found) = note.cosignature(&witness.key)? else { continue };
            let believed = i64::try_from(found.cosigned_at_s)
                .is_ok_and(|at_s| (witness.not_before_s..=witness.not_after_s).contains(&at_s));
            if believed && counted.insert(witness.key.key.to_bytes()) {
                let (witness, cosigned_at_s) = (witness.key.name.clone(), found.cosigned_at_s);
                cosigned.push(Cosigned { witness, cosigned_at_s });
            }
        }
        Ok(Tally { cosigned, needed: self.needed })
    }
}

#[cfg(test)]
mod tests {
    use seal::{Signer, SoftwareKey};

    use super::*;
    use crate::{Checkpoint, cosign, empty_root, sign_note};

    const FROM_S: i64 = 1_790_000_000;

    fn key(seed: u8) -> SoftwareKey {
        SoftwareKey::from_seed(&[seed; 32])
    }

    fn name(seed: u8) -> String {
        format!("w{seed}")
    }

    fn quorum(needed: usize, seeds: &[u8]) -> Quorum {
        let witness = |seed: &u8| TimedWitness {
            key: WitnessKey { name: name(*seed), key: key(*seed).public_key() },
            not_before_s: FROM_S,
            not_after_s: FROM_S + 100,
        };
        Quorum { needed, witnesses: seeds.iter().map(witness).collect() }
    }

    fn note(cosigners: &[(u8, i64)]) -> SignedNote {
        let checkpoint = Checkpoint { origin: "log".into(), size: 0, root: empty_root() };
        let mut note = SignedNote::parse(&sign_note(&checkpoint, &key(1)).unwrap()).unwrap();
        for (seed, at_s) in cosigners {
            let line = cosign(&note, &name(*seed), &key(*seed), u64::try_from(*at_s).unwrap());
            note.add(line.unwrap()).unwrap();
        }
        note
    }

    #[test]
    fn counts_known_witnesses_in_their_time() {
        let two_of_three = quorum(2, &[2, 3, 4]);
        let reached = |cosigners: &[(u8, i64)]| two_of_three.tally(&note(cosigners)).unwrap();
        assert!(reached(&[(2, FROM_S), (4, FROM_S + 100)]).is_reached());
        assert!(!reached(&[(2, FROM_S)]).is_reached());
        assert!(!reached(&[(2, FROM_S), (9, FROM_S)]).is_reached(), "a stranger does not count");
        assert!(!reached(&[(2, FROM_S - 1), (4, FROM_S)]).is_reached(), "too early");
        assert!(!reached(&[(2, FROM_S + 101), (4, FROM_S)]).is_reached(), "too late");
        assert_eq!(reached(&[(3, FROM_S)]).cosigned[0].witness, "w3");
    }

    #[test]
    fn counts_a_witness_once_and_nobody_never() {
        let mut listed_twice = quorum(2, &[2, 2]);
        listed_twice.witnesses[1].key.name = "also-w2".to_owned();
        let mut both = note(&[(2, FROM_S)]);
        both.add(cosign(&both, "also-w2", &key(2), 1_790_000_000).unwrap()).unwrap();
        assert_eq!(listed_twice.tally(&both).unwrap().cosigned.len(), 1);
        assert!(!quorum(0, &[]).tally(&note(&[])).unwrap().is_reached());
    }

    #[test]
    fn refuses_a_note_with_a_bad_line_of_a_known_witness() {
        let mut spoilt = note(&[(2, FROM_S), (3, FROM_S)]);
        let honest = note(&[(2, FROM_S)]).to_string();
        let mut line = spoilt.unverified_lines()[2].clone();
        line.bytes[20] ^= 1;
        spoilt = SignedNote::parse(&honest).unwrap();
        spoilt.add(line).unwrap();
        let refused = quorum(1, &[2, 3]).tally(&spoilt);
        assert_eq!(refused, Err(NoteRejection::BadSignature("w3".into())));
        assert!(quorum(1, &[2]).tally(&spoilt).unwrap().is_reached(), "it is a stranger's line");
    }
}
