//! Every leaf of a bundle, looked at by all processors at once, and handed on in the log's order.
//!
//! What needs nothing of the leaves before it is most of an audit: to hash a leaf, and to verify who signed
//! it. A few hundred leaves for each processor are in memory at a time, whatever the log's size.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, available_parallelism, scope};

use attendance::LeafKind;

use super::source::{Held, Leaf, Part, Source, Stop};

/// A leaf that was read, and may be looked at elsewhere.
#[derive(Debug)]
pub(super) struct HeldLeaf {
    pub(super) index: u64,
    pub(super) kind: LeafKind,
    pub(super) salt: Vec<u8>,
    pub(super) bytes: Held,
}

/// Goes through the leaves: `look` sees them in any order, `take` sees them in the log's order with what was
/// made of each. What `take` refuses ends it.
pub(super) fn every_leaf<T: Send>(
    source: Source<'_>,
    look: impl Fn(&HeldLeaf) -> T + Sync,
    take: &mut dyn FnMut(HeldLeaf, T) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let count = available_parallelism().map_or(1, NonZero::get);
    let look = &look;
    scope(|scope| {
        let hands = (0..count).map(|_| Hand::begin(scope, look)).collect();
        let mut hands = Hands { hands, batch: Vec::new(), given: 0, taken: 0 };
        source.walk(&mut |part| match part {
            Part::Leaf(index, leaf) => hands.put(HeldLeaf::of(index, leaf), take),
            Part::Certificate(..) | Part::TagKey(_) => Ok(()),
        })?;
        hands.finish(take)
    })
}

impl HeldLeaf {
    fn of(index: u64, leaf: Leaf<'_>) -> Self {
        Self { index, kind: leaf.kind, salt: leaf.salt.to_vec(), bytes: Held::of(leaf.bytes) }
    }
}

/// A thread that looks at leaves.
struct Hand<T> {
    give: SyncSender<Vec<HeldLeaf>>,
    looked: Receiver<Vec<(HeldLeaf, T)>>,
}

impl<T: Send> Hand<T> {
    fn begin<'s, 'e, L>(scope: &'s Scope<'s, 'e>, look: &'e L) -> Self
    where
        L: Fn(&HeldLeaf) -> T + Sync,
        T: 's,
    {
        let (give, given) = sync_channel::<Vec<HeldLeaf>>(AHEAD);
        let (tell, looked) = sync_channel(AHEAD);
        scope.spawn(move || {
            for batch in given {
                let with = |leaf| {
                    let made = look(&leaf);
                    (leaf, made)
                };
                // Nobody waits for it any more: something was refused.
                if tell.send(batch.into_iter().map(with).collect()).is_err() {
                    break;
                }
            }
        });
        Self { give, looked }
    }
}

/// Batches go round: the first one is the first hand's, and comes back first.
struct Hands<T> {
    hands: Vec<Hand<T>>,
    batch: Vec<HeldLeaf>,
    /// How many batches.
    given: usize,
    taken: usize,
}

impl<T> Hands<T> {
    fn put(
        &mut self,
        leaf: HeldLeaf,
        take: &mut dyn FnMut(HeldLeaf, T) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.batch.push(leaf);
        if self.batch.len() < BATCH { Ok(()) } else { self.give(take) }
    }

    fn give(&mut self, take: &mut dyn FnMut(HeldLeaf, T) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.given - self.taken == AHEAD * self.hands.len() {
            self.take_one(take)?;
        }
        let batch = core::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        let hand = &self.hands[self.given % self.hands.len()];
        self.given += 1;
        hand.give.send(batch).map_err(|_| Stop::Enough)
    }

    /// Takes the batch that was given first. A hand that is gone has panicked, and the scope says so.
    fn take_one(
        &mut self,
        take: &mut dyn FnMut(HeldLeaf, T) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let hand = &self.hands[self.taken % self.hands.len()];
        self.taken += 1;
        let batch = hand.looked.recv().map_err(|_| Stop::Enough)?;
        batch.into_iter().try_for_each(|(leaf, made)| take(leaf, made))
    }

    fn finish(mut self, take: &mut dyn FnMut(HeldLeaf, T) -> Result<(), Stop>) -> Result<(), Stop> {
        self.give(take)?;
        while self.taken < self.given {
            self.take_one(take)?;
        }
        Ok(())
    }
}

/// How many leaves a hand is given at once.
const BATCH: usize = 256;
/// How many batches a hand has in front of it.
const AHEAD: usize = 2;
