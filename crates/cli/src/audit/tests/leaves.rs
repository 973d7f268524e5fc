//! Cards and newer snapshots among the leaves of a bundle.

use attendance::{CardClaims, CardId, EventKind, LeafKind, Method, issue_card};
use ledger::{Params, Snapshot, Tiyn};
use seal::{Hash, SoftwareKey};
use sync_api::Base64;

use super::world::{
    CHILDREN, Who, World, draft, key, log_key, month, snapshot, trust_list, voucher,
};
use crate::audit::{AuditFinding, audit};

fn issued(number: u8, child: usize, issuer: &SoftwareKey) -> attendance::IssuedCard {
    let claims = CardClaims {
        expires_at_s: 1_798_743_600,
        card: CardId([number; 8]),
        child: CHILDREN[child],
        voucher: voucher(CHILDREN[child]),
        status_index: 0,
        holder: None,
    };
    issue_card(issuer, &claims).unwrap()
}

/// Logs a card of a child, and names it.
fn log(world: &mut World, number: u8, child: usize) -> Hash {
    let card = issued(number, child, &key(7));
    world.push(LeafKind::Card, card.bytes);
    card.hash
}

/// The first child came to a lesson, with this card.
fn visit(world: &mut World, lesson: usize, card: Hash) -> u64 {
    let lesson = snapshot().lessons(month())[lesson];
    let mut visit = draft(EventKind::In, &lesson);
    (visit.child, visit.voucher) = (Some(CHILDREN[0]), Some(voucher(CHILDREN[0])));
    (visit.method, visit.card) = (Some(Method::Scan), Some(card));
    world.say(Who::Teacher, visit);
    world.leaves.len() as u64 - 1
}

/// Closes the log's month on the district `rests_on`.
fn closed(mut world: World, rests_on: &Snapshot) -> World {
    world.close();
    let tranche = world.tranche_on(rests_on);
    world.push_tranche(&tranche, &log_key());
    world.tag();
    world
}

fn finding(world: &World) -> AuditFinding {
    audit(&world.bundle(), None).unwrap_err()
}

#[test]
fn cards_are_counted_and_visits_without_an_issued_card_are_listed() {
    let mut world = World::begun(&snapshot());
    let (own, others) = (log(&mut world, 1, 0), log(&mut world, 2, 1));
    let later = issued(3, 0, &key(7));
    visit(&mut world, 0, own);
    let early = visit(&mut world, 1, later.hash);
    let foreign = visit(&mut world, 2, others);
    let invented = visit(&mut world, 3, seal::sha256(b"no card"));
    world.push(LeafKind::Card, later.bytes);
    visit(&mut world, 4, later.hash);
    let report = audit(&closed(world, &snapshot()).bundle(), None).unwrap();
    assert_eq!(report.cards.cards, 3);
    assert_eq!(report.cards.never_logged, [invented]);
    assert_eq!(report.cards.logged_later, [early]);
    assert_eq!(report.cards.of_another, [foreign]);
}

#[test]
fn log_without_cards_is_as_good_as_before() {
    let report = audit(&World::closed().bundle(), None).unwrap();
    assert_eq!((report.cards.cards, report.cards.never_logged.len()), (0, 6));
}

#[test]
fn finds_cards_that_are_forged_double_or_misplaced() {
    let with = |push: &dyn Fn(&mut World)| {
        let mut world = World::begun(&snapshot());
        log(&mut world, 1, 0);
        push(&mut world);
        finding(&closed(world, &snapshot()))
    };
    for stranger in [key(99), key(6), log_key()] {
        let forged = with(&|w| w.push(LeafKind::Card, issued(2, 0, &stranger).bytes));
        assert!(matches!(forged, AuditFinding::Card { index: 3, .. }), "{forged}");
    }
    let damaged = with(&|w| w.push(LeafKind::Card, b"no card".to_vec()));
    assert!(matches!(damaged, AuditFinding::Card { index: 3, .. }), "{damaged}");
    let again = with(&|w| w.push(LeafKind::Card, issued(1, 1, &key(7)).bytes));
    assert!(matches!(again, AuditFinding::SecondCard { index: 3, first: 2, .. }), "{again}");
    // The issuer is one, but for another district.
    let mut world = World::begun(&snapshot());
    log(&mut world, 1, 0);
    let mut bundle = closed(world, &snapshot()).bundle();
    let mut trust = trust_list();
    trust.entries[3].scope = "log.elsewhere/2026".to_owned();
    bundle.trust_list = Base64(trust.sign(&[&key(1), &key(2)]).unwrap());
    let foreign = audit(&bundle, None).unwrap_err();
    assert!(matches!(foreign, AuditFinding::Card { index: 2, .. }), "{foreign}");
    let mut early = World::begun(&snapshot());
    log(&mut early, 1, 0);
    early.leaves.swap(1, 2);
    assert!(matches!(finding(&early), AuditFinding::Misplaced { index: 1, .. }));
}

#[test]
fn finds_a_card_that_is_hidden_from_the_child_s_parents() {
    let mut world = World::begun(&snapshot());
    log(&mut world, 1, 0);
    let mut world = closed(world, &snapshot());
    assert!(audit(&world.bundle(), None).is_ok());
    world.leaves.pop();
    // Tagged as if it were about no child.
    world.leaves[2].kind = LeafKind::Tranche;
    world.tag();
    world.leaves[2].kind = LeafKind::Card;
    let hidden = finding(&world);
    assert!(matches!(hidden, AuditFinding::Tags { .. }), "{hidden}");
}

fn newer(version: u32, change: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut next = Snapshot { version, ..snapshot() };
    change(&mut next);
    next.verify().unwrap()
}

fn dearer(version: u32) -> Snapshot {
    newer(version, |next| next.contracts[0].total_tiyn = Tiyn(20_000_000))
}

#[test]
fn month_rests_on_the_newest_snapshot_before_its_close() {
    let mut world = World::taught();
    world.push_snapshot(&dearer(3), &key(6));
    let at = world.leaves.len() as u64 - 1;
    let mut world = closed(world, &dearer(3));
    world.push_snapshot(&newer(4, |next| next.contracts.truncate(1)), &key(6));
    let report = audit(&world.bundle(), None).unwrap();
    assert_eq!((report.rests_on, report.snapshots), ((3, at), 3));
    assert_eq!(report.totals.plan, Tiyn(4_000_000 + 5_000_000));
    // The one after the close changes nothing; a tranche that rests on it, or on the first, lies.
    for wrong in [newer(4, |next| next.contracts.truncate(1)), snapshot()] {
        let mut world = World::taught();
        world.push_snapshot(&dearer(3), &key(6));
        let mut world = closed(world, &wrong);
        world.push_snapshot(&newer(4, |next| next.contracts.truncate(1)), &key(6));
        assert!(matches!(finding(&world), AuditFinding::Differs { .. }));
    }
}

#[test]
fn finds_snapshots_that_are_forged_older_or_not_whole() {
    let with = |next: &Snapshot, signer: &SoftwareKey| {
        let mut world = World::taught();
        world.push_snapshot(&newer(5, |_| ()), &key(6));
        world.push_snapshot(next, signer);
        finding(&closed(world, next))
    };
    let mut broken = newer(6, |_| ());
    broken.params.push(Params::defaults("2026-01-01".parse().unwrap(), "twice"));
    for (next, signer) in [
        (newer(6, |_| ()), log_key()),
        (newer(6, |_| ()), key(99)),
        (newer(5, |_| ()), key(6)),
        (newer(4, |_| ()), key(6)),
        (broken, key(6)),
    ] {
        let found = with(&next, &signer);
        assert!(matches!(found, AuditFinding::Snapshot(_)), "{found}");
    }
}
