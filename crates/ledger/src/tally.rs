//! A log taken one event at a time and kept small: months of a whole country come out of it.
//!
//! [`compute_tranche`](crate::compute_tranche) reads a log that is in memory, some hundreds of bytes an
//! event. A [`Tally`] keeps of each what the fold reads (80 bytes of a visit, 40 of an answer), and computes
//! a month in **parts**: a part is a few vouchers with every event that can bear on them. Each part is
//! folded by the very same code as a whole district, so that the result has the same bytes.
//!
//! Absent on purpose: rules of the fold (they are in `visit` and `sheet`), what was set aside and why (ask
//! [`MonthFold`](crate::MonthFold) for a voucher's own events), corrections of closed months.
//!
//! # Invariants
//! - A part is closed: vouchers of one child, of both sides of a correction, and of one group where a
//!   group has a share of its own, are in one part. Who confirms for too many families is known before
//!   any part is folded.
//! - Whatever is taken later than a month's close changes nothing of it, as in the log.

mod again;
mod ahead;
mod entry;
mod lessons;
mod marks;
mod month;
mod names;
mod part;
mod proxies;
mod running;
mod sparse;

use std::collections::BTreeMap;

use attendance::{ChildId, EventKind, ProviderId, VoucherId};
use seal::Hash;

use self::entry::{Scan, Signer, Word, WordKind, is_kept_whole};
use self::names::{NONE, Name as _, Names, Table, first_eight};
use crate::register::ends;
use crate::visit::LoggedEvent;

pub use self::running::Running;
pub use self::sparse::{Again, ClosedMonth, SparseTally};

/// A log, as far as months rest on it.
///
/// ```
/// use ledger::Tally;
/// let tally = Tally::default();
/// assert_eq!(tally.size(), 0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// One more than the newest leaf that was taken.
    size: u64,
    vouchers: Names<VoucherId>,
    children: Names<ChildId>,
    providers: Names<ProviderId>,
    signers: Vec<Signer>,
    signer_at: Table,
    scans: Vec<Scan>,
    scan_at: Table,
    words: Vec<Word>,
    /// For each voucher its newest scan and its newest word.
    of_voucher: Vec<(u32, u32)>,
    /// For each child the newest signature of a month.
    of_child: Vec<u32>,
    /// Everything that is neither a plain visit nor an answer, as it came.
    whole: Vec<LoggedEvent>,
    /// Words about events that have not come yet.
    waiting: BTreeMap<Hash, Vec<u32>>,
}

impl Tally {
    /// Takes the next event of the log. Leaves grow; one that does not is passed over.
    pub fn take(&mut self, logged: &LoggedEvent) {
        if logged.index < self.size {
            return;
        }
        self.size = logged.index.saturating_add(1);
        match Bearing::of(logged) {
            Bearing::Scan => self.take_scan(logged),
            Bearing::Answer(kind) => self.take_answer(logged, kind),
            Bearing::Signature => self.take_signature(logged),
            Bearing::Word => {
                let at = self.keep_word(logged);
                self.say_whole(logged, at);
            }
            Bearing::Whole => {
                self.keep(logged);
            }
            Bearing::Nothing => {}
        }
    }

    /// Gives one more than the newest leaf that was taken.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Says that the log is known up to a leaf, though what came last was no event.
    pub fn skip_to(&mut self, size: u64) {
        self.size = self.size.max(size);
    }

    /// Lists what it keeps whole, in the log's order: closes, payments, decisions, corrections, transfers,
    /// cancelled and moved lessons. Visits and answers are not among them.
    #[must_use]
    pub fn kept(&self) -> &[LoggedEvent] {
        &self.whole
    }

    fn take_scan(&mut self, logged: &LoggedEvent) {
        let voucher = self.voucher_of_scan(logged);
        self.of_voucher.resize(self.vouchers.len(), (NONE, NONE));
        let kept = is_kept_whole(logged).then(|| self.keep(logged));
        self.add_scan(logged, voucher, kept);
    }

    /// Gives the number of the voucher that a visit or an absence is of.
    fn voucher_of_scan(&mut self, logged: &LoggedEvent) -> u32 {
        match logged.event.voucher {
            Some(voucher) => self.vouchers.number(voucher),
            // A correction may name one.
            None => self.vouchers.nameless(VoucherId::default()),
        }
    }

    /// Keeps a visit or an absence; of one that is kept whole `kept` says where.
    fn add_scan(&mut self, logged: &LoggedEvent, voucher: u32, kept: Option<u32>) {
        let mut scan = Scan::of(logged);
        scan.signer = self.signer(logged);
        scan.voucher = voucher;
        let event = &logged.event;
        if let Some(kept) = kept {
            scan.child = kept;
        } else {
            scan.child = event.child.map_or(NONE, |child| self.children.number(child));
            scan.provider = event.provider.map_or(NONE, |one| self.providers.number(one));
        }
        let at = u32::try_from(self.scans.len()).unwrap_or(NONE);
        if let Some((newest, _)) = self.of_voucher.get_mut(scan.voucher as usize) {
            scan.next = core::mem::replace(newest, at);
        }
        let hash = scan.hash;
        self.scans.push(scan);
        if self.scan(hash).is_none() {
            self.scan_at.add(hash.key(), at);
            for word in self.waiting.remove(&hash).unwrap_or_default() {
                self.chain(word, at);
            }
        }
    }

    fn take_answer(&mut self, logged: &LoggedEvent, kind: WordKind) {
        let Some(about) = logged.event.about else { return };
        let signer = self.signer(logged);
        let child = logged.event.child.map_or(NONE, |child| self.children.number(child));
        self.say(about, Word { child, signer, ..word(logged, kind) });
    }

    fn take_signature(&mut self, logged: &LoggedEvent) {
        let (Some(child), Some(month)) = (logged.event.child, logged.event.month) else { return };
        let signer = self.signer(logged);
        let child = self.children.number(child);
        self.of_child.resize(self.children.len(), NONE);
        let at = u32::try_from(self.words.len()).unwrap_or(NONE);
        let newest = self.of_child.get_mut(child as usize);
        let next = newest.map_or(NONE, |newest| core::mem::replace(newest, at));
        self.words.push(Word { about: month, child, signer, next, ..word(logged, WordKind::Sign) });
    }

    /// Keeps a word that is kept whole, and gives where.
    fn keep_word(&mut self, logged: &LoggedEvent) -> u32 {
        if let Some(voucher) = logged.event.voucher {
            self.number_of(voucher);
        }
        self.keep(logged)
    }

    fn say_whole(&mut self, logged: &LoggedEvent, at: u32) {
        if let Some(about) = logged.event.about {
            self.say(about, Word { about: at, ..word(logged, WordKind::Whole) });
        }
    }

    /// Keeps what is said of an event, in the chain of its voucher.
    fn say(&mut self, about: Hash, word: Word) {
        let at = u32::try_from(self.words.len()).unwrap_or(NONE);
        self.words.push(word);
        match self.scan(about) {
            Some(scan) => self.chain(at, scan),
            None => self.waiting.entry(about).or_default().push(at),
        }
    }

    fn chain(&mut self, word: u32, scan: u32) {
        let voucher = self.scans.get(scan as usize).map(|scan| scan.voucher as usize);
        let newest = voucher.and_then(|voucher| self.of_voucher.get_mut(voucher));
        let (Some((_, newest)), Some(one)) = (newest, self.words.get_mut(word as usize)) else {
            return;
        };
        one.next = core::mem::replace(newest, word);
        if one.kind != WordKind::Whole {
            one.about = scan;
        }
    }

    /// Finds the first visit or absence of this hash.
    fn scan(&self, hash: Hash) -> Option<u32> {
        let is_it = |at| self.scans.get(at as usize).is_some_and(|scan| scan.hash == hash);
        self.scan_at.find(hash.key(), is_it)
    }

    fn signer(&mut self, logged: &LoggedEvent) -> u32 {
        let key = first_eight(&logged.event.device.0);
        let signers = &self.signers;
        let is_it = |at| signers.get(at as usize).is_some_and(|one| one.is_of(logged));
        if let Some(known) = self.signer_at.find(key, is_it) {
            return known;
        }
        let number = u32::try_from(self.signers.len()).unwrap_or(NONE);
        self.signers.push(Signer::of(logged));
        self.signer_at.add(key, number);
        number
    }

    fn number_of(&mut self, voucher: VoucherId) -> u32 {
        let number = self.vouchers.number(voucher);
        self.of_voucher.resize(self.vouchers.len(), (NONE, NONE));
        number
    }

    fn keep(&mut self, logged: &LoggedEvent) -> u32 {
        let at = u32::try_from(self.whole.len()).unwrap_or(NONE);
        self.whole.push(logged.clone());
        at
    }
}

/// What an event has to do with the fold.
#[derive(Clone, Copy)]
enum Bearing {
    /// A visit or an absence.
    Scan,
    /// A family's answer about one.
    Answer(WordKind),
    /// A family's signature of a month.
    Signature,
    /// Something else that is said of a visit or an absence.
    Word,
    /// Something that all parts may rest on.
    Whole,
    /// No month rests on it.
    Nothing,
}

impl Bearing {
    fn of(logged: &LoggedEvent) -> Self {
        let kind = logged.event.kind;
        if matches!(kind, EventKind::In | EventKind::Absent) {
            Self::Scan
        } else if kind == EventKind::Confirm {
            Self::Answer(WordKind::Confirm)
        } else if kind == EventKind::Dispute {
            Self::Answer(WordKind::Dispute)
        } else if kind == EventKind::MonthSign {
            Self::Signature
        } else if matches!(kind, EventKind::Void | EventKind::Correct | EventKind::DisputeResolve) {
            Self::Word
        } else if is_passed_over(kind) || (is_about_a_voucher(kind) && !ends(logged)) {
            Self::Nothing
        } else {
            Self::Whole
        }
    }
}

fn word(logged: &LoggedEvent, kind: WordKind) -> Word {
    let (index, wall_ms) = (logged.index, logged.event.wall_ms);
    Word { index, wall_ms, about: NONE, child: NONE, signer: NONE, next: NONE, kind }
}

/// Says whether events of a kind are about where a voucher stands: months rest on its end alone.
fn is_about_a_voucher(kind: EventKind) -> bool {
    matches!(kind, EventKind::VoucherSet | EventKind::VoucherAnswer)
}

/// Says whether no month rests on events of a kind, and no payment. One that is not known yet is kept.
fn is_passed_over(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::LessonOpen
            | EventKind::LessonClose
            | EventKind::Out
            | EventKind::Headcount
            | EventKind::TimeAnchor
            | EventKind::DeviceRevoke
            | EventKind::EventRelease
    )
}
