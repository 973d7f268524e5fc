//! Events made again from what is kept of them, as far as the fold reads them.

use attendance::{ChildId, EventKind, VoucherId};
use seal::Hash;

use super::Tally;
use super::entry::{Scan, Word, WordKind, blank};
use super::names::NONE;
use crate::visit::LoggedEvent;

impl Tally {
    /// Makes the events of a voucher again that came before a leaf.
    pub(super) fn events_of(&self, voucher: u32, end: u64, out: &mut Vec<LoggedEvent>) {
        let (mut scan, mut word) =
            self.of_voucher.get(voucher as usize).copied().unwrap_or((NONE, NONE));
        while let Some(one) = self.scans.get(scan as usize) {
            scan = one.next;
            if one.index < end {
                out.extend(self.scan_again(one));
            }
        }
        while let Some(one) = self.words.get(word as usize) {
            word = one.next;
            if one.index < end {
                out.extend(self.word_again(one));
            }
        }
    }

    /// Makes the signatures of a child's months again that came before a leaf.
    pub(super) fn signatures_of(&self, child: ChildId, end: u64, out: &mut Vec<LoggedEvent>) {
        let number = self.children.find(child);
        let mut at = number.and_then(|number| self.of_child.get(number as usize).copied());
        while let Some(one) = at.and_then(|at| self.words.get(at as usize)) {
            at = Some(one.next);
            if one.index < end {
                out.extend(self.word_again(one));
            }
        }
    }

    fn scan_again(&self, scan: &Scan) -> Option<LoggedEvent> {
        if scan.form.is_whole() {
            return self.whole.get(scan.child as usize).cloned();
        }
        let signer = self.signers.get(scan.signer as usize)?;
        let mut event = scan.event(signer.device);
        event.voucher = self.vouchers.get(scan.voucher);
        event.child = self.children.get(scan.child);
        event.provider = self.providers.get(scan.provider);
        Some(signer.logged(scan.index, scan.hash, event))
    }

    fn word_again(&self, word: &Word) -> Option<LoggedEvent> {
        let kind = match word.kind {
            WordKind::Whole => return self.whole.get(word.about as usize).cloned(),
            WordKind::Confirm => EventKind::Confirm,
            WordKind::Dispute => EventKind::Dispute,
            WordKind::Sign => EventKind::MonthSign,
        };
        let signer = self.signers.get(word.signer as usize)?;
        let mut event = blank(kind, signer.device, word.wall_ms);
        event.child = self.children.get(word.child);
        if word.kind == WordKind::Sign {
            event.month = Some(word.about);
        } else {
            event.about = self.scans.get(word.about as usize).map(|scan| scan.hash);
        }
        // Nothing names an answer: its own hash is not kept.
        Some(signer.logged(word.index, Hash::default(), event))
    }

    pub(super) fn number_of_voucher(&self, voucher: VoucherId) -> Option<u32> {
        self.vouchers.find(voucher)
    }
}
