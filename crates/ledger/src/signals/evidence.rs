//! What the signals rest on besides events and districts: signed times, cards, roots; and what only the
//! server can say, where it says it.

use std::collections::BTreeMap;

use attendance::{
    ChildId, ClockParams, DeviceId, Event, EventKind, EventTime, LeafKind, ProviderId, Timeline,
    TrustList, UnverifiedCard, VerifiedAnchor,
};
use chrono::NaiveDate;
use seal::Hash;

use crate::visit::LoggedEvent;

/// A card at its place in the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CardLeaf {
    /// Its leaf.
    pub index: u64,
    /// SHA-256 of its bytes: how events name it.
    pub hash: Hash,
    /// Whose it is.
    pub child: ChildId,
}

/// A decision about a card: stopped, or in force again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CardStop {
    /// SHA-256 of the card's bytes.
    pub card: Hash,
    /// True if it counts no more.
    pub stopped: bool,
    /// When, milliseconds since 1970-01-01T00:00Z.
    pub at_ms: i64,
}

/// Events of a device that a server put aside for one reason.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PutAside {
    /// The device that they name, if they could be read.
    pub device: Option<DeviceId>,
    /// The server's stable code: `fork`, `broken_link`, …
    pub reason: String,
    /// How many.
    pub count: u64,
    /// One of them.
    pub event: Hash,
    /// When the first and the last one came, milliseconds since 1970-01-01T00:00Z.
    pub came_ms: (i64, i64),
}

/// An inspection that was announced.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Inspection {
    /// To whom; to everybody, if to nobody in particular.
    pub provider: Option<ProviderId>,
    /// The day of the notice.
    pub day: NaiveDate,
}

/// What only a server can say: no log holds it, and nobody can check it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ServerWord {
    /// When it took each event, by leaf, milliseconds since 1970-01-01T00:00Z.
    pub came_ms: BTreeMap<u64, i64>,
    /// What was decided about cards, in order.
    pub stops: Vec<CardStop>,
    /// What it put aside.
    pub aside: Vec<PutAside>,
}

/// What the signals rest on besides events and districts.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The cards of the log, in its order.
    pub(super) cards: Vec<CardLeaf>,
    /// Intervals that the anchors of each chain prove, by event. No arrival is in them.
    pub(super) times: BTreeMap<Hash, EventTime>,
    /// Signed times by the leaf that carries them, milliseconds since 1970-01-01T00:00Z.
    anchors: BTreeMap<u64, i64>,
    /// The greatest signed time of a leaf and those before it.
    signed: BTreeMap<u64, i64>,
    /// The size of the tree that each root of this log is of, as far as openings name one.
    pub(super) roots: BTreeMap<Hash, u64>,
    /// What a server says, if one is asked.
    pub(super) server: Option<ServerWord>,
}

impl Evidence {
    /// Reads what the log itself proves. `leaves` are all of them in order: index, kind, bytes.
    #[must_use]
    pub fn of_log<'a>(
        leaves: impl IntoIterator<Item = (u64, LeafKind, &'a [u8])>,
        events: &[LoggedEvent],
        trust: &TrustList,
        clock: ClockParams,
    ) -> Self {
        let cards = leaves.into_iter().filter(|(_, kind, _)| *kind == LeafKind::Card);
        let cards = cards.filter_map(|(index, _, bytes)| {
            let card = UnverifiedCard::parse_bytes(bytes).ok()?;
            Some(CardLeaf { index, hash: card.hash(), child: card.claims().child })
        });
        let mut evidence = Self { cards: cards.collect(), ..Self::default() };
        evidence.read_times(events, trust, clock);
        evidence.read_anchors(events, trust);
        evidence
    }

    /// Adds cards of the log.
    #[must_use]
    pub fn with_cards(self, cards: Vec<CardLeaf>) -> Self {
        Self { cards, ..self }
    }

    /// Adds the sizes of the trees whose roots are these. One that is in no place here is of another log.
    #[must_use]
    pub fn with_roots(self, roots: BTreeMap<Hash, u64>) -> Self {
        Self { roots, ..self }
    }

    /// Adds signed times by the leaves that carry them, milliseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub fn with_signed_times(mut self, anchors: BTreeMap<u64, i64>) -> Self {
        let mut newest = i64::MIN;
        self.signed = anchors
            .iter()
            .map(|(leaf, at_ms)| {
                newest = newest.max(*at_ms);
                (*leaf, newest)
            })
            .collect();
        self.anchors = anchors;
        self
    }

    /// Adds what anchors prove of when events were made, by event.
    #[must_use]
    pub fn with_times(self, times: BTreeMap<Hash, EventTime>) -> Self {
        Self { times, ..self }
    }

    /// Adds what a server says.
    #[must_use]
    pub fn with_server(self, word: ServerWord) -> Self {
        Self { server: Some(word), ..self }
    }

    /// The roots that openings of lessons name: what [`with_roots`](Self::with_roots) is to have.
    #[must_use]
    pub fn named_roots(events: &[LoggedEvent]) -> Vec<Hash> {
        let opens = events.iter().filter(|one| one.event.kind == EventKind::LessonOpen);
        let mut roots: Vec<Hash> = opens.filter_map(|one| one.event.evidence).collect();
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    /// When a leaf came: the server's word, or not before the newest signed time up to it in the log.
    pub(super) fn came_ms(&self, leaf: u64) -> Option<i64> {
        let told = self.server.as_ref().and_then(|word| word.came_ms.get(&leaf)).copied();
        told.or_else(|| self.signed.range(..=leaf).next_back().map(|(_, at_ms)| *at_ms))
    }

    /// The first signed time in the log after a leaf: by then the leaf was there.
    pub(super) fn known_by_ms(&self, leaf: u64) -> Option<i64> {
        let before = self.signed.range(..=leaf).next_back().map(|(_, at_ms)| *at_ms);
        let after = self.anchors.range(leaf.saturating_add(1)..);
        after.map(|(_, at_ms)| *at_ms).find(|at_ms| Some(*at_ms) > before)
    }

    fn read_times(&mut self, events: &[LoggedEvent], trust: &TrustList, clock: ClockParams) {
        let mut chains: BTreeMap<DeviceId, Vec<&LoggedEvent>> = BTreeMap::new();
        for logged in events {
            chains.entry(logged.event.device).or_default().push(logged);
        }
        for mut chain in chains.into_values() {
            chain.sort_by_key(|logged| logged.event.seq);
            let of_chain: Vec<&Event> = chain.iter().map(|logged| &logged.event).collect();
            let timeline = Timeline::derive_from(of_chain, trust, clock, None);
            self.times.extend(chain.iter().map(|logged| logged.hash).zip(timeline.events));
        }
    }

    fn read_anchors(&mut self, events: &[LoggedEvent], trust: &TrustList) {
        let mut anchors = BTreeMap::new();
        for logged in events {
            let carried = logged.event.anchor.as_ref();
            let read = carried.and_then(|bytes| {
                let bytes = bytes.as_bytes();
                VerifiedAnchor::parse_and_verify(bytes, trust, logged.event.device).ok()
            });
            if let Some(verified) = read {
                anchors.insert(logged.index, verified.anchor().time_ms);
            }
        }
        *self = core::mem::take(self).with_signed_times(anchors);
    }
}
