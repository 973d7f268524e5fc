//! Signals about chains and cards: histories that do not fit, cards that were replaced or stopped.

use std::collections::BTreeMap;

use super::evidence::{CardLeaf, CardStop};
use super::facts::Facts;
use super::row::{Behind, Found, SignalRow};
use super::when::more_than;
use crate::calendar::local_ms;
use crate::visit::LoggedEvent;

const HOUR_MS: i64 = 3_600_000;

/// What a server put aside of a device in the month or the one after it.
pub(super) fn chain_trouble(facts: &Facts<'_>) -> Found {
    let Some(server) = &facts.evidence.server else {
        return Found::missing("what a server put aside is not in a bundle");
    };
    let start = local_ms(facts.month.first_day(), 0).unwrap_or(i64::MIN);
    let next = facts.month.next().map_or(facts.month.last_day(), |next| next.last_day());
    let end = local_ms(next, 24 * 60).unwrap_or(i64::MAX);
    let mut found = Found::default();
    for one in &server.aside {
        let (first, last) = one.came_ms;
        if last < start || end <= first {
            continue;
        }
        let count = usize::try_from(one.count).unwrap_or(usize::MAX);
        found.look(more_than(count, facts.thresholds().aside_events_max).then(|| {
            let behind = vec![Behind { leaf: None, event: one.event }];
            let note = Some(note_of(&one.reason));
            SignalRow { device: one.device, note, behind, ..SignalRow::default() }
                .counting(count, None)
        }));
    }
    found
}

/// The server's codes in words.
fn note_of(reason: &str) -> &'static str {
    match reason {
        "fork" => "fork: two histories under one key",
        "broken_link" => "gap: the event before is another than in the log",
        "suspended" => "of a device of which two histories were seen",
        "revoked" => "of a revoked device",
        "expired" => "made after the certificate's end",
        "bad_signature" => "not signed by the device's key",
        "malformed" => "no events",
        _ => "put aside",
    }
}

/// Scans of a card after a newer one of the child is in the log, and devices had time to hear of it.
/// By signed times: the newer card was there by the first of them after its leaf.
pub(super) fn card_after_reissue(facts: &Facts<'_>) -> Found {
    if facts.evidence.cards.is_empty() {
        return Found::missing("no cards are in the log");
    }
    let mut of_child: BTreeMap<_, Vec<&CardLeaf>> = BTreeMap::new();
    for card in &facts.evidence.cards {
        of_child.entry(card.child).or_default().push(card);
    }
    let mut replaced: BTreeMap<seal::Hash, i64> = BTreeMap::new();
    for cards in of_child.into_values() {
        for pair in cards.windows(2) {
            if let [old, new] = pair
                && let Some(at_ms) = facts.evidence.known_by_ms(new.index)
            {
                replaced.insert(old.hash, at_ms);
            }
        }
    }
    let since = |scan: &LoggedEvent| scan.event.card.and_then(|card| replaced.get(&card)).copied();
    after(facts, since)
}

/// Scans of a card after it was stopped, and devices had time to hear of it.
pub(super) fn card_after_stop(facts: &Facts<'_>) -> Found {
    let Some(server) = &facts.evidence.server else {
        return Found::missing("decisions about cards are not in a bundle");
    };
    let mut decisions: BTreeMap<seal::Hash, Vec<&CardStop>> = BTreeMap::new();
    for stop in &server.stops {
        decisions.entry(stop.card).or_default().push(stop);
    }
    let since = |scan: &LoggedEvent| {
        let of_card = scan.event.card.and_then(|card| decisions.get(&card))?;
        let before = of_card.iter().rev().find(|one| one.at_ms < scan.event.wall_ms)?;
        before.stopped.then_some(before.at_ms)
    };
    after(facts, since)
}

fn after(facts: &Facts<'_>, since: impl Fn(&LoggedEvent) -> Option<i64>) -> Found {
    let grace = i64::from(facts.thresholds().card_grace_h).saturating_mul(HOUR_MS);
    let mut found = Found::default();
    for scan in facts.scans.iter().filter(|scan| scan.logged.event.card.is_some()) {
        let since = since(scan.logged);
        let late = since.map(|at| scan.logged.event.wall_ms.saturating_sub(at));
        let late = late.filter(|late| *late > grace);
        found.look(late.map(|late| {
            let hours = usize::try_from(late / HOUR_MS).unwrap_or(usize::MAX);
            let row = SignalRow {
                child: scan.child(),
                device: Some(scan.logged.event.device),
                ..SignalRow::of_lesson(&scan.lesson)
            };
            row.counting(hours, None).behind([scan.logged])
        }));
    }
    found
}
