//! Bundles with cards and newer snapshots among their leaves.

use attendance::{CardClaims, EventDraft, EventKind, IssuedCard, LeafKind, issue_card};
use ledger::{Snapshot, Tiyn};
use seal::SoftwareKey;
use sync_api::Base64;

use super::bundle::case;
use super::material::{former_issuer, issuer, log_key, rules_key, stranger};
use super::month::{Log, Who, came, month, pupil};
use super::{Case, OK};
use crate::district;

const CARD: &str = "card";
const SNAPSHOT: &str = "snapshot";
const RECOMPUTED: &str = "recomputed_tranche";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = fine();
    cases.extend(cards_that_lie());
    cases.extend(snapshots_that_lie());
    cases
}

fn card(number: u8, signer: &SoftwareKey) -> IssuedCard {
    issue_card(signer, &crate::claims(number)).expect("a software key signs")
}

/// The first two chess lessons of child 1, by its card.
fn visits(log: &mut Log, card: &IssuedCard) {
    for lesson in district::lessons(district::CHESS).iter().take(2) {
        let visit = came(pupil(1), lesson, 0);
        let visit = log.say(Who::ChessTeacher, EventDraft { card: Some(card.hash), ..visit });
        log.answer(Who::FamilyA, EventKind::Confirm, visit, lesson.end_ms);
    }
}

/// A log that begins with the cards of children 1 to 4.
fn with_cards() -> Log {
    let mut log = Log::begun(district::snapshot());
    for number in 1..=4 {
        log.push(LeafKind::Card, card(number, &issuer()).bytes);
    }
    visits(&mut log, &card(1, &issuer()));
    log
}

/// A newer version of the district, in which child 1's voucher is worth more.
fn dearer(version: u32) -> Snapshot {
    let mut next = Snapshot { version, ..district::snapshot() };
    next.contracts[0].total_tiyn = Tiyn(12_345_679);
    next.verify().expect("a whole snapshot")
}

/// Closes the month, on the newest snapshot.
fn close(mut log: Log) -> Log {
    log.close(Who::Coordinator, district::MAY_CLOSE_MS);
    let tranche = log.tranche();
    log.tag();
    log.push_tranche(&tranche, &log_key());
    log
}

fn fine() -> Vec<Case> {
    let mut amended = with_cards();
    amended.amend(dearer(2), &rules_key());
    amended.push(LeafKind::Card, reissued().bytes);
    let mut afterwards = close(with_cards());
    afterwards.amend(dearer(2), &rules_key());
    afterwards.push(LeafKind::Card, reissued().bytes);
    let mut late = Log::begun(district::snapshot());
    visits(&mut late, &card(1, &issuer()));
    late.push(LeafKind::Card, card(1, &issuer()).bytes);
    late.visit(Who::ChessTeacher, pupil(2), &district::lessons(district::CHESS)[0], 0);
    let mut former = Log::begun(district::snapshot());
    former.push(LeafKind::Card, card(1, &former_issuer()).bytes);
    visits(&mut former, &card(1, &former_issuer()));
    vec![
        case("cards, one reissued, and a newer snapshot before the close", OK, &{
            close(amended).bundle()
        }),
        case("a newer snapshot and a card after the close", OK, &afterwards.bundle()),
        case("visits by cards that were logged later or never", OK, &close(late).bundle()),
        case("a card by an issuer whose key has ended", OK, &close(former).bundle()),
        case("closed too early by the rules of then, and again later", OK, &closed_twice()),
    ]
}

/// Another card for child 1.
fn reissued() -> IssuedCard {
    let claims = CardClaims { card: district::card(9), ..crate::claims(1) };
    issue_card(&issuer(), &claims).expect("a software key signs")
}

/// A close that newer rules would not find too early stays too early.
fn closed_twice() -> sync_api::Bundle {
    let mut log = Log::begun(district::snapshot());
    log.close(Who::Coordinator, district::MAY_CLOSE_MS - 1);
    visits(&mut log, &card(1, &issuer()));
    let mut next = Snapshot { version: 2, ..district::snapshot() };
    next.params[0].close_lead_days = 9;
    log.amend(next.verify().expect("a whole snapshot"), &rules_key());
    close(log).bundle()
}

fn cards_that_lie() -> Vec<Case> {
    let with = |bytes: Vec<u8>| {
        let mut log = with_cards();
        log.push(LeafKind::Card, bytes);
        close(log).bundle()
    };
    let mut longer = card(9, &issuer()).bytes;
    longer.push(0);
    let same_id = CardClaims { card: district::card(1), ..crate::claims(2) };
    let same_id = issue_card(&issuer(), &same_id).expect("a software key signs");
    let mut first = with_cards();
    first.leaves.swap(1, 2);
    let mut hidden = close(with_cards());
    hidden.leaves.truncate(hidden.leaves.len() - 2);
    let mut keys = hidden.keys_of_leaves();
    keys[2].clear();
    let tags = attendance::TagList::new(0, &super::month::nobody(), &keys);
    let tranche = hidden.tranche();
    hidden.push_tags(&tags, &log_key());
    hidden.push_tranche(&tranche, &log_key());
    vec![
        case("signed: a card by a stranger's key", CARD, &with(card(9, &stranger()).bytes)),
        case("signed: a card by the rules key", CARD, &with(card(9, &rules_key()).bytes)),
        case("signed: a card by the log", CARD, &with(card(9, &log_key()).bytes)),
        case("signed: the same card twice", CARD, &with(card(1, &issuer()).bytes)),
        case("signed: another child's card with the same id", CARD, &with(same_id.bytes)),
        case("signed: a card with a trailing byte", CARD, &with(longer)),
        case("signed: an event as a card", CARD, &with(with_cards().leaves[6].bytes.0.clone())),
        case("signed: a card in the place of the snapshot", "leaves", &close(first).bundle()),
        case("signed: a card with the tag of nobody", "tags", &hidden.bundle()),
        case("signed: a card changed after the close", RECOMPUTED, &{
            let mut log = close(with_cards());
            log.leaves[2].bytes = Base64(reissued().bytes);
            log.bundle()
        }),
    ]
}

fn snapshots_that_lie() -> Vec<Case> {
    let amended = |next: Snapshot, signer: &SoftwareKey| {
        let mut log = with_cards();
        log.amend(dearer(5), &rules_key());
        log.amend(next, signer);
        close(log).bundle()
    };
    let mut broken = dearer(6);
    broken.contracts[1].voucher = broken.contracts[0].voucher;
    vec![
        case("signed: a newer snapshot of an older version", SNAPSHOT, &{
            amended(dearer(4), &rules_key())
        }),
        case("signed: a newer snapshot of the same version", SNAPSHOT, &{
            amended(dearer(5), &rules_key())
        }),
        case("signed: a first snapshot of version 0", SNAPSHOT, &{
            let mut log = Log::begun(Snapshot { version: 0, ..district::snapshot() });
            visits(&mut log, &card(1, &issuer()));
            close(log).bundle()
        }),
        case("a newer snapshot signed by the log", SNAPSHOT, &amended(dearer(6), &log_key())),
        case("a newer snapshot that is not whole", SNAPSHOT, &amended(broken, &rules_key())),
        case("signed: the tranche rests on the first snapshot", RECOMPUTED, &{
            rests_on(|log| log.amend(dearer(2), &rules_key()), &district::snapshot(), |_| {})
        }),
        case("signed: the tranche rests on a snapshot after the close", RECOMPUTED, &{
            rests_on(|_| {}, &dearer(2), |log| log.amend(dearer(2), &rules_key()))
        }),
    ]
}

/// A log whose tranche rests on a snapshot of the liar's choice.
fn rests_on(
    before: impl FnOnce(&mut Log),
    chosen: &Snapshot,
    after: impl FnOnce(&mut Log),
) -> sync_api::Bundle {
    let mut log = with_cards();
    before(&mut log);
    log.close(Who::Coordinator, district::MAY_CLOSE_MS);
    let mut liar = log.clone();
    liar.snapshot = chosen.clone();
    let tranche = liar.tranche();
    assert_eq!(tranche.month, month());
    log.tag();
    after(&mut log);
    log.push_tranche(&tranche, &log_key());
    log.bundle()
}
