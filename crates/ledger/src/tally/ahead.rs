//! Looking up ahead what the next events will ask for. A tally of a country is larger than any cache, and an
//! event asks for some ten places of it, one after another. Asked for many events at once, the answers come at
//! the same time, and the event that is taken then finds them near.
//!
//! What is found here decides nothing: whoever takes or folds looks it up again.

use attendance::{ChildId, EventKind};

use super::Tally;
use super::names::{NONE, Name as _, first_eight};
use crate::visit::LoggedEvent;

/// So many events are looked up together: what they ask for fits into the nearest cache.
const AHEAD: usize = 32;

/// So many parts are walked side by side before each is folded.
pub(super) const PARTS_AHEAD: usize = 16;

/// Where the parts of an event probably are.
#[derive(Clone, Copy)]
struct Places {
    scan: u32,
    signer: u32,
    voucher: u32,
    child: u32,
}

impl Tally {
    /// Takes the next events of the log, each as [`Tally::take`] does: faster for many than one by one.
    pub fn take_all(&mut self, events: &[LoggedEvent]) {
        for piece in events.chunks(AHEAD) {
            self.look_ahead(piece);
            piece.iter().for_each(|logged| self.take(logged));
        }
    }

    fn look_ahead(&self, piece: &[LoggedEvent]) {
        let nowhere = Places { scan: NONE, signer: NONE, voucher: NONE, child: NONE };
        let mut places = [nowhere; AHEAD];
        for (logged, places) in piece.iter().zip(&mut places) {
            *places = self.places(logged);
        }
        let (mut touched, mut vouchers) = (0u64, [NONE; AHEAD]);
        let mut touch = |bytes: Option<&[u8]>| {
            touched = touched.wrapping_add(bytes.map_or(0, first_eight));
        };
        for (places, voucher) in places.iter().zip(&mut vouchers) {
            let scan = self.scans.get(places.scan as usize);
            *voucher = scan.map_or(places.voucher, |scan| scan.voucher);
            touch(scan.map(|scan| &scan.hash.0[..]));
            touch(self.signers.get(places.signer as usize).map(|signer| &signer.device.0[..]));
            touch(self.vouchers.at(places.voucher).map(|voucher| &voucher.0[..]));
            touch(self.children.at(places.child).map(|child| &child.0[..]));
        }
        for voucher in vouchers {
            let newest = self.of_voucher.get(voucher as usize);
            touched = touched.wrapping_add(newest.map_or(0, |newest| u64::from(newest.0)));
        }
        // Nobody wants the number; without asking for it nothing would be looked up.
        core::hint::black_box(touched);
    }

    fn places(&self, logged: &LoggedEvent) -> Places {
        let event = &logged.event;
        let is_scan = matches!(event.kind, EventKind::In | EventKind::Absent);
        let hash = if is_scan { Some(logged.hash) } else { event.about };
        Places {
            scan: hash.map_or(NONE, |hash| self.scan_at.glance(hash.key())),
            signer: self.signer_at.glance(first_eight(&event.device.0)),
            voucher: event.voucher.map_or(NONE, |voucher| self.vouchers.glance(voucher)),
            child: event.child.map_or(NONE, |child| self.children.glance(child)),
        }
    }

    /// Walks along the events of some vouchers and the signatures of their children, all side by side.
    /// [`Tally::events_of`] and [`Tally::signatures_of`] then go one after another where it was.
    pub(super) fn walk_ahead(&self, vouchers: &[(u32, ChildId)]) {
        let mut walks: Vec<[u32; 3]> = vouchers
            .iter()
            .map(|(voucher, child)| {
                let newest = self.of_voucher.get(*voucher as usize).copied();
                let child = self.children.glance(*child) as usize;
                let signed = self.of_child.get(child).copied().unwrap_or(NONE);
                newest.map_or([NONE, NONE, signed], |(scan, word)| [scan, word, signed])
            })
            .collect();
        let mut touched = 0u64;
        while !walks.is_empty() {
            for [scan, word, signed] in &mut walks {
                if let Some(one) = self.scans.get(*scan as usize) {
                    touched ^= first_eight(&one.hash.0);
                    *scan = one.next;
                }
                for word in [word, signed] {
                    if let Some(one) = self.words.get(*word as usize) {
                        touched ^= one.index;
                        *word = one.next;
                    }
                }
            }
            walks.retain(|walk| *walk != [NONE; 3]);
        }
        core::hint::black_box(touched);
    }
}
