//! The verdicts of a batch in few bytes: runs of one verdict, in the batch's order.

use minicbor::{Decode, Encode};
use seal::Hash;

use crate::batch::{BatchResponse, EventVerdict, VerdictKind};
use crate::bytes::HexHash;

/// Asks for the verdicts of a batch as [`CompactVerdicts`]; without it they come in JSON.
pub const COMPACT_VERDICTS_MEDIA_TYPE: &str = "application/vnd.qatysu.verdicts+cbor";

/// Why bytes were not accepted as verdicts of a batch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompactVerdictsError {
    /// Not the one encoding.
    #[error("not verdicts of a batch: {0}")]
    Malformed(#[from] seal::CanonicalError),
    /// A version this program does not know.
    #[error("verdicts of version {0} are newer than this program")]
    UnknownVersion(u8),
    /// A verdict this program does not know.
    #[error("verdict {0} is newer than this program")]
    UnknownVerdict(u8),
    /// The verdicts are not one for each event.
    #[error("{events} events were sent, there are {verdicts} verdicts")]
    Count {
        /// How many events were sent.
        events: usize,
        /// How many verdicts came.
        verdicts: u64,
    },
}

/// `PUT /v1/batch/{sha256}`, asked for [`COMPACT_VERDICTS_MEDIA_TYPE`]: events are not named again,
/// neighbours with one verdict are one run. Six hundred good events are one run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CompactVerdicts {
    runs: Vec<Run>,
}

#[derive(Decode, Encode)]
struct Frame {
    #[n(0)]
    version: u8,
    #[n(1)]
    runs: Vec<Run>,
}

/// So many neighbours with one verdict; their leaves follow one another.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
struct Run {
    #[n(0)]
    kind: u8,
    #[n(1)]
    count: u64,
    #[n(2)]
    first_leaf: Option<u64>,
    #[n(3)]
    reason: Option<String>,
    #[n(4)]
    expected_seq: Option<u64>,
}

impl CompactVerdicts {
    /// Makes runs of verdicts.
    #[must_use]
    pub fn of(verdicts: &[EventVerdict]) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        for verdict in verdicts {
            match runs.last_mut() {
                Some(run) if run.goes_on_with(verdict) => run.count += 1,
                Some(_) | None => runs.push(Run {
                    kind: number(verdict.verdict),
                    count: 1,
                    first_leaf: verdict.leaf_index,
                    reason: verdict.reason.clone(),
                    expected_seq: verdict.expected_seq,
                }),
            }
        }
        Self { runs }
    }

    /// Encodes it: `[1, [* [kind, count, ? first leaf, ? reason, ? expected seq]]]` in deterministic
    /// CBOR.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(&Frame { version: 1, runs: self.runs.clone() })
    }

    /// Parses it.
    ///
    /// # Errors
    /// [`CompactVerdictsError`] for anything but its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, CompactVerdictsError> {
        let frame: Frame = seal::from_canonical(bytes)?;
        if frame.version != 1 {
            return Err(CompactVerdictsError::UnknownVersion(frame.version));
        }
        Ok(Self { runs: frame.runs })
    }

    /// Says which event has which verdict: `events` as they were sent.
    ///
    /// # Errors
    /// [`CompactVerdictsError`] if the verdicts are not one for each event.
    pub fn of_events(&self, events: &[Hash]) -> Result<BatchResponse, CompactVerdictsError> {
        let total = self.runs.iter().try_fold(0u64, |total, run| total.checked_add(run.count));
        if total != Some(events.len() as u64) {
            let verdicts = total.unwrap_or(u64::MAX);
            return Err(CompactVerdictsError::Count { events: events.len(), verdicts });
        }
        let mut verdicts = Vec::with_capacity(events.len());
        let mut left = events.iter();
        for run in &self.runs {
            let kind = kind(run.kind).ok_or(CompactVerdictsError::UnknownVerdict(run.kind))?;
            for (place, event) in (0..run.count).zip(left.by_ref()) {
                verdicts.push(EventVerdict {
                    event: HexHash(*event),
                    verdict: kind,
                    leaf_index: run.first_leaf.and_then(|first| first.checked_add(place)),
                    reason: run.reason.clone(),
                    expected_seq: run.expected_seq,
                });
            }
        }
        Ok(BatchResponse { verdicts })
    }
}

impl Run {
    fn goes_on_with(&self, verdict: &EventVerdict) -> bool {
        let next_leaf = self.first_leaf.and_then(|first| first.checked_add(self.count));
        self.kind == number(verdict.verdict)
            && next_leaf == verdict.leaf_index
            && self.reason == verdict.reason
            && self.expected_seq == verdict.expected_seq
    }
}

fn number(kind: VerdictKind) -> u8 {
    match kind {
        VerdictKind::Stored => 0,
        VerdictKind::Duplicate => 1,
        VerdictKind::Parked => 2,
        VerdictKind::Deferred => 3,
    }
}

fn kind(number: u8) -> Option<VerdictKind> {
    let all =
        [VerdictKind::Stored, VerdictKind::Duplicate, VerdictKind::Parked, VerdictKind::Deferred];
    all.get(usize::from(number)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(n: u16) -> Hash {
        seal::sha256(&n.to_be_bytes())
    }

    fn verdict(n: u16, kind: VerdictKind, leaf: Option<u64>, reason: Option<&str>) -> EventVerdict {
        let (event, reason) = (HexHash(hash(n)), reason.map(str::to_owned));
        let expected_seq = (kind == VerdictKind::Deferred).then_some(7);
        EventVerdict { event, verdict: kind, leaf_index: leaf, reason, expected_seq }
    }

    #[test]
    fn gives_back_every_verdict() {
        let verdicts = vec![
            verdict(0, VerdictKind::Stored, Some(10), None),
            verdict(1, VerdictKind::Stored, Some(11), None),
            verdict(2, VerdictKind::Parked, None, Some("bad_signature")),
            verdict(3, VerdictKind::Parked, None, Some("bad_signature")),
            verdict(4, VerdictKind::Parked, None, Some("malformed")),
            verdict(5, VerdictKind::Stored, Some(12), None),
            verdict(6, VerdictKind::Duplicate, Some(3), None),
            verdict(7, VerdictKind::Duplicate, Some(9), None),
            verdict(8, VerdictKind::Deferred, None, Some("gap")),
        ];
        let events: Vec<Hash> = (0..9).map(hash).collect();
        let bytes = CompactVerdicts::of(&verdicts).to_bytes();
        let read = CompactVerdicts::parse(&bytes).unwrap();
        assert_eq!(read.of_events(&events).unwrap().verdicts, verdicts);
        assert_eq!(read.runs.len(), 7);
    }

    #[test]
    fn six_hundred_good_events_are_a_few_bytes() {
        let stored = |n: u16| verdict(n, VerdictKind::Stored, Some(u64::from(n) + 5_000), None);
        let verdicts: Vec<EventVerdict> = (0..600).map(stored).collect();
        assert!(CompactVerdicts::of(&verdicts).to_bytes().len() < 20);
    }

    #[test]
    fn refuses_another_count_trailing_bytes_and_newer_verdicts() {
        let verdicts = [verdict(0, VerdictKind::Stored, Some(1), None)];
        let compact = CompactVerdicts::of(&verdicts);
        for events in [vec![], vec![hash(0), hash(1)]] {
            let refused = compact.of_events(&events);
            assert!(matches!(refused, Err(CompactVerdictsError::Count { .. })));
        }
        let longer = [compact.to_bytes(), vec![0]].concat();
        let refused = CompactVerdicts::parse(&longer);
        assert!(matches!(refused, Err(CompactVerdictsError::Malformed(_))));
        let newer = CompactVerdicts::parse(&[0x82, 1, 0x81, 0x82, 9, 1]).unwrap();
        let refused = newer.of_events(&[hash(0)]);
        assert!(matches!(refused, Err(CompactVerdictsError::UnknownVerdict(9))));
        let huge =
            [0x82, 1, 0x82, 0x82, 0, 0x1b, 255, 255, 255, 255, 255, 255, 255, 255, 0x82, 0, 1];
        let refused = CompactVerdicts::parse(&huge).unwrap().of_events(&[]);
        assert!(matches!(refused, Err(CompactVerdictsError::Count { .. })));
    }
}
