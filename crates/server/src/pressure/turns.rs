//! Who is next: one lane for each, first come first served within a lane, the lanes in turn.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Who waits. A lane that has been served stands behind all others that wait.
///
/// Law: between the coming of a lane's first and its turn, every other lane is served at most once.
#[derive(Debug)]
pub(crate) struct Turns<K, T> {
    lanes: HashMap<K, VecDeque<T>>,
    /// The lanes that wait, each once.
    order: VecDeque<K>,
    waiting: usize,
    lane_max: usize,
    all_max: usize,
}

/// There is no room to wait in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Full {
    /// The lane is full: it is this caller that has too much at once.
    Lane,
    /// Everything is full.
    All,
}

impl<K: Copy + Eq + Hash, T> Turns<K, T> {
    pub(crate) fn new(lane_max: usize, all_max: usize) -> Self {
        Self { lanes: HashMap::new(), order: VecDeque::new(), waiting: 0, lane_max, all_max }
    }

    /// Puts somebody at the end of a lane, if there is room.
    pub(crate) fn push(&mut self, lane: K, who: T) -> Result<(), (Full, T)> {
        if self.lanes.get(&lane).is_some_and(|lane| lane.len() >= self.lane_max) {
            return Err((Full::Lane, who));
        }
        if self.waiting >= self.all_max {
            return Err((Full::All, who));
        }
        self.push_always(lane, who);
        Ok(())
    }

    /// Puts somebody at the end of a lane, however many there are.
    pub(crate) fn push_always(&mut self, lane: K, who: T) {
        let waiting = self.lanes.entry(lane).or_default();
        if waiting.is_empty() {
            self.order.push_back(lane);
        }
        waiting.push_back(who);
        self.waiting += 1;
    }

    /// Gives who is next.
    pub(crate) fn next(&mut self) -> Option<T> {
        let lane = self.order.pop_front()?;
        let waiting = self.lanes.get_mut(&lane)?;
        let who = waiting.pop_front();
        if waiting.is_empty() {
            self.lanes.remove(&lane);
        } else {
            self.order.push_back(lane);
        }
        self.waiting = self.waiting.saturating_sub(1);
        who
    }

    /// Lets go of those who no longer wait.
    pub(crate) fn retain(&mut self, mut waits: impl FnMut(&T) -> bool) {
        self.lanes.values_mut().for_each(|lane| lane.retain(&mut waits));
        self.lanes.retain(|_, lane| !lane.is_empty());
        self.order.retain(|lane| self.lanes.contains_key(lane));
        self.waiting = self.lanes.values().map(VecDeque::len).sum();
    }

    /// Counts who waits.
    pub(crate) fn len(&self) -> usize {
        self.waiting
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Who comes (`Some(lane)`), and when one is served (`None`).
    fn steps() -> impl Strategy<Value = Vec<Option<u8>>> {
        // One lane comes far more often than the others.
        let lane = prop_oneof![3 => Just(Some(0)), 2 => (0_u8..8).prop_map(Some), 2 => Just(None)];
        prop::collection::vec(lane, 0..400)
    }

    proptest! {
        #[test]
        fn nobody_waits_longer_than_each_other_lane_once(steps in steps()) {
            let mut turns = Turns::new(usize::MAX, usize::MAX);
            // For each lane that waits: how often each other lane was served since it came to wait.
            let mut passed: HashMap<u8, HashMap<u8, u32>> = HashMap::new();
            let mut here: HashMap<u8, VecDeque<usize>> = HashMap::new();
            for (at, step) in steps.into_iter().enumerate() {
                if let Some(lane) = step {
                    prop_assert!(turns.push(lane, (lane, at)).is_ok());
                    let lane_here = here.entry(lane).or_default();
                    if lane_here.is_empty() {
                        passed.insert(lane, HashMap::new());
                    }
                    lane_here.push_back(at);
                    continue;
                }
                let Some((lane, came)) = turns.next() else {
                    prop_assert!(here.values().all(VecDeque::is_empty));
                    continue;
                };
                let lane_here = here.get_mut(&lane).expect("it waited");
                prop_assert_eq!(lane_here.pop_front(), Some(came), "first come, first served");
                if lane_here.is_empty() {
                    passed.remove(&lane);
                } else {
                    passed.insert(lane, HashMap::new());
                }
                for (other, by) in passed.iter_mut().filter(|(other, _)| **other != lane) {
                    let times = by.entry(lane).or_default();
                    *times += 1;
                    prop_assert!(*times <= 1, "lane {other} waited for lane {lane} twice");
                }
            }
            prop_assert_eq!(turns.len(), here.values().map(VecDeque::len).sum::<usize>());
        }

        #[test]
        fn the_bounds_hold_and_a_full_lane_hinders_no_other(steps in steps()) {
            let mut turns = Turns::new(3, 10);
            let mut here: HashMap<u8, usize> = HashMap::new();
            for step in steps {
                match step {
                    Some(lane) => match turns.push(lane, lane) {
                        Ok(()) => *here.entry(lane).or_default() += 1,
                        Err((Full::Lane, _)) => prop_assert_eq!(here[&lane], 3),
                        Err((Full::All, _)) => prop_assert_eq!(here.values().sum::<usize>(), 10),
                    },
                    None => {
                        if let Some(lane) = turns.next() {
                            *here.get_mut(&lane).expect("it waited") -= 1;
                        }
                    }
                }
                prop_assert!(here.values().all(|count| *count <= 3));
                prop_assert!(turns.len() <= 10);
            }
        }

        #[test]
        fn who_went_away_takes_no_turn(lanes in prop::collection::vec(0_u8..5, 0..60), gone in 0_u8..5) {
            let mut turns = Turns::new(usize::MAX, usize::MAX);
            for lane in &lanes {
                turns.push_always(*lane, *lane);
            }
            turns.retain(|lane| *lane != gone);
            let left = lanes.iter().filter(|lane| **lane != gone).count();
            prop_assert_eq!(turns.len(), left);
            let served: Vec<u8> = std::iter::from_fn(|| turns.next()).collect();
            prop_assert_eq!(served.len(), left);
            prop_assert!(!served.contains(&gone));
        }
    }
}
