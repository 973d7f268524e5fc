//! The timeline: an interval for each event of one device's chain, out of the anchors in it.
//!
//! A monotonic clock may stand still or run slow, and often does while a phone sleeps: the true
//! distance is then longer than the measured one, and both ends still hold. It may not run fast, but
//! for [`ClockParams::fast_ppm`]; where two anchors prove that it did, the measured distances are
//! dropped ([`Reach::Contradicted`]). No event is refused, and no time is changed.

use core::cmp::Reverse;

use crate::anchor::{AnchorRejection, TimeAnchor, VerifiedAnchor};
use crate::event::{Event, EventKind};
use crate::interval::{Bound, EventTime, Reach};
use crate::trust::TrustList;

/// Holds the numbers of the computation: dated parameters, never constants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClockParams {
    /// By how many millionths a good monotonic clock may run fast.
    pub fast_ppm: u32,
}

/// Holds the intervals of a chain.
#[derive(Debug)]
pub struct Timeline {
    /// One for each event, in the order of the chain.
    pub events: Vec<EventTime>,
    /// The anchors that bound nothing, or not all they should.
    pub faults: Vec<AnchorFault>,
}

/// An anchor that does not do its part. Its event is kept like any other.
#[derive(Debug)]
#[non_exhaustive]
pub enum AnchorFault {
    /// It bounds nothing.
    Refused {
        /// The position of the event that carries it.
        seq: u64,
        /// Why; nothing if the event carries no anchor at all.
        why: Option<AnchorRejection>,
    },
    /// The device asked with another history than the one it has here: the anchor is no upper end
    /// of anything.
    OtherHistory {
        /// The position of the event that carries it.
        seq: u64,
    },
}

impl Timeline {
    /// Computes the intervals of the events of **one** device, which must be given in the order of
    /// their chain, each signature decided. Anybody with the log and the trust list computes the
    /// same.
    ///
    /// Not before an event is the time of the last anchor in the chain before it, plus the distance
    /// on the monotonic clock since that anchor **was put into the chain**. Not after an event is
    /// the time of the next anchor that was **asked for** after it, less the distance until then.
    /// Where the monotonic clock did not run through, the anchors' own times count. After the last
    /// anchor, `arrival_ms` counts: when the server took the events, if it is known.
    #[must_use]
    pub fn derive_from<'a>(
        events: impl IntoIterator<Item = &'a Event>,
        trust: &TrustList,
        params: ClockParams,
        arrival_ms: Option<i64>,
    ) -> Self {
        let events = events.into_iter().map(|event| (event, arrival_ms));
        Self::derive_with_arrivals(events, trust, params)
    }

    /// As [`Timeline::derive_from`], where the server wrote down of each event when it took it: after
    /// the last anchor, an event was made before it came, and before any that follows it came.
    #[must_use]
    pub fn derive_with_arrivals<'a>(
        events: impl IntoIterator<Item = (&'a Event, Option<i64>)>,
        trust: &TrustList,
        params: ClockParams,
    ) -> Self {
        let (events, arrivals): (Vec<&Event>, Vec<Option<i64>>) = events.into_iter().unzip();
        let mut faults = Vec::new();
        let anchors = held_anchors(&events, trust, &mut faults);
        let chain = Chain { runs: runs(&events), events, anchors, params };
        let lower = chain.lower_bounds();
        let upper = chain.upper_bounds(&arrivals);
        let times = lower.into_iter().zip(upper).enumerate();
        let events = times.map(|(at, (lower, upper))| chain.time_of(at, lower, upper)).collect();
        Self { events, faults }
    }
}

/// An anchor and its two places in the chain.
struct Held {
    anchor: TimeAnchor,
    /// The event that carries it: this and what follows happened after the anchor's time.
    at: usize,
    /// What is before this index happened before the anchor's time.
    above: usize,
}

fn held_anchors(events: &[&Event], trust: &TrustList, faults: &mut Vec<AnchorFault>) -> Vec<Held> {
    let mut held = Vec::new();
    let carriers = events.iter().enumerate().filter(|(_, e)| e.kind == EventKind::TimeAnchor);
    for (at, event) in carriers {
        let seq = event.seq;
        let read = event
            .anchor
            .as_ref()
            .map(|anchor| VerifiedAnchor::parse_and_verify(anchor.as_bytes(), trust, event.device));
        let anchor = match read {
            Some(Ok(verified)) => *verified.anchor(),
            Some(Err(why)) => {
                faults.push(AnchorFault::Refused { seq, why: Some(why) });
                continue;
            }
            None => {
                faults.push(AnchorFault::Refused { seq, why: None });
                continue;
            }
        };
        let place = events[..=at].partition_point(|event| event.seq < anchor.seq_next);
        let next = events[..=at].get(place);
        let above = next.filter(|e| e.seq == anchor.seq_next && e.prev == anchor.head);
        if above.is_none() {
            faults.push(AnchorFault::OtherHistory { seq });
        }
        held.push(Held { anchor, at, above: above.map_or(0, |_| place) });
    }
    held
}

/// Numbers the stretches in which the monotonic clock ran through.
fn runs(events: &[&Event]) -> Vec<usize> {
    let mut run = 0;
    let mut runs = Vec::with_capacity(events.len());
    for (at, event) in events.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| events.get(before));
        if before.is_some_and(|b| b.boot != event.boot || b.mono_ms > event.mono_ms) {
            run += 1;
        }
        runs.push(run);
    }
    runs
}

struct Chain<'a> {
    events: Vec<&'a Event>,
    /// For each event, its stretch.
    runs: Vec<usize>,
    anchors: Vec<Held>,
    params: ClockParams,
}

impl Chain<'_> {
    fn lower_bounds(&self) -> Vec<Bound> {
        let mut anchors = self.anchors.iter().peekable();
        let mut latest: Option<&Held> = None;
        let mut in_run: Option<&Held> = None;
        let mut bounds = Vec::with_capacity(self.events.len());
        for at in 0..self.events.len() {
            in_run = in_run.filter(|held| self.runs[held.at] == self.runs[at]);
            while let Some(held) = anchors.next_if(|held| held.at == at) {
                latest = better(latest, held, |held| held.anchor.time_ms);
                in_run = better(in_run, held, |held| self.lower(held, at).at_ms());
            }
            let candidates = [latest, in_run].into_iter().flatten();
            let bound = candidates.map(|held| self.lower(held, at)).max_by_key(Bound::at_ms);
            bounds.push(bound.unwrap_or(Bound::Open));
        }
        bounds
    }

    fn upper_bounds(&self, arrivals: &[Option<i64>]) -> Vec<Bound> {
        let mut arrival_ms: Option<i64> = None;
        let mut by_end: Vec<&Held> = self.anchors.iter().collect();
        by_end.sort_by_key(|held| Reverse(held.above));
        let mut anchors = by_end.into_iter().peekable();
        let mut earliest: Option<&Held> = None;
        let mut in_run: Option<&Held> = None;
        let mut bounds = Vec::with_capacity(self.events.len());
        for at in (0..self.events.len()).rev() {
            in_run = in_run.filter(|held| self.runs_to(held, at));
            while let Some(held) = anchors.next_if(|held| held.above > at) {
                earliest = better(earliest, held, |held| Reverse(held.anchor.time_ms));
                if self.runs_to(held, at) {
                    in_run = better(in_run, held, |held| Reverse(self.upper(held, at).at_ms()));
                }
            }
            let own = arrivals.get(at).copied().flatten();
            arrival_ms = [own, arrival_ms].into_iter().flatten().min();
            let candidates = [earliest, in_run].into_iter().flatten();
            let bound = candidates.map(|held| self.upper(held, at)).min_by_key(Bound::at_ms);
            let arrival = arrival_ms.map_or(Bound::Open, |at_ms| Bound::Arrival { at_ms });
            bounds.push(bound.unwrap_or(arrival));
        }
        bounds.reverse();
        bounds
    }

    fn lower(&self, held: &Held, at: usize) -> Bound {
        let (carrier, event) = (self.events[held.at], self.events[at]);
        let reach = if self.runs[held.at] == self.runs[at] {
            Reach::Ran { delta_ms: self.sure(event.mono_ms.saturating_sub(carrier.mono_ms)) }
        } else if carrier.boot == event.boot {
            Reach::WentBack
        } else {
            Reach::Rebooted
        };
        let anchor_ms = held.anchor.time_ms;
        let at_ms = anchor_ms.saturating_add_unsigned(reach.delta_ms());
        Bound::Anchor { at_ms, anchor_ms, seq: carrier.seq, reach }
    }

    fn upper(&self, held: &Held, at: usize) -> Bound {
        let event = self.events[at];
        let reach = if self.runs_to(held, at) {
            Reach::Ran { delta_ms: self.sure(held.anchor.mono_ms.saturating_sub(event.mono_ms)) }
        } else if held.anchor.boot == event.boot {
            Reach::WentBack
        } else {
            Reach::Rebooted
        };
        let anchor_ms = held.anchor.time_ms;
        let at_ms = anchor_ms.saturating_sub_unsigned(reach.delta_ms());
        Bound::Anchor { at_ms, anchor_ms, seq: self.events[held.at].seq, reach }
    }

    /// Decides whether the monotonic clock ran through from an event to the anchor's reading.
    fn runs_to(&self, held: &Held, at: usize) -> bool {
        let Some(last) = held.above.checked_sub(1) else { return false };
        self.runs[at] == self.runs[last]
            && self.events[last].boot == held.anchor.boot
            && self.events[last].mono_ms <= held.anchor.mono_ms
    }

    /// Takes the allowance for a fast clock off a distance.
    fn sure(&self, delta_ms: u64) -> u64 {
        let fast = u128::from(delta_ms) * u128::from(self.params.fast_ppm);
        let fast = u64::try_from(fast.div_ceil(1_000_000)).unwrap_or(u64::MAX);
        delta_ms.saturating_sub(fast)
    }

    fn time_of(&self, at: usize, lower: Bound, upper: Bound) -> EventTime {
        let event = self.events[at];
        let (lower, upper) = uncrossed(lower, upper);
        let before = at.checked_sub(1).filter(|before| self.runs[*before] == self.runs[at]);
        let wall_jump_ms = before.map(|before| wall_jump(self.events[before], event));
        EventTime { seq: event.seq, claimed_ms: event.wall_ms, lower, upper, wall_jump_ms }
    }
}

impl Reach {
    fn delta_ms(self) -> u64 {
        match self {
            Self::Ran { delta_ms } => delta_ms,
            Self::Rebooted | Self::WentBack | Self::Contradicted => 0,
        }
    }
}

/// Takes the new anchor unless the old one is of more use.
fn better<'a, K: Ord>(
    old: Option<&'a Held>,
    new: &'a Held,
    use_of: impl Fn(&Held) -> K,
) -> Option<&'a Held> {
    old.filter(|old| use_of(old) > use_of(new)).or(Some(new))
}

/// Drops the distances where the ends cross. If the server's own times cross too, the interval
/// reaches over both.
fn uncrossed(lower: Bound, upper: Bound) -> (Bound, Bound) {
    let crossed = |lower: Bound, upper: Bound| {
        lower.at_ms().zip(upper.at_ms()).is_some_and(|(first, last)| first > last)
    };
    if !crossed(lower, upper) {
        return (lower, upper);
    }
    let (lower, upper) = (lower.bare(), upper.bare());
    if crossed(lower, upper) { (upper, lower) } else { (lower, upper) }
}

impl Bound {
    fn bare(self) -> Self {
        match self {
            Self::Anchor { anchor_ms, seq, .. } => {
                Self::Anchor { at_ms: anchor_ms, anchor_ms, seq, reach: Reach::Contradicted }
            }
            Self::Open | Self::Arrival { .. } => self,
        }
    }
}

fn wall_jump(before: &Event, event: &Event) -> i64 {
    let wall = i128::from(event.wall_ms) - i128::from(before.wall_ms);
    let jump = wall - (i128::from(event.mono_ms) - i128::from(before.mono_ms));
    let bound = if jump < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(jump).unwrap_or(bound)
}
