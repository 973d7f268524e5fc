//! Districts and tranches that stay in the file, and lines that come in no order.

use attendance::VoucherId;
use ledger::{Tiyn, Totals, Tranche};

use super::world::{ORIGIN, World, log_key, month, snapshot, trust_list};
use crate::audit::signed::SignedTranche;
use crate::audit::source::Held;
use crate::audit::{AuditArgs, AuditFinding, audit, run};
use crate::console::{Console, Exit};

/// A closed month whose district and whose tranche are both longer than what is read into memory.
fn long() -> World {
    let mut district = snapshot();
    district.params[0].rule_version = "x".repeat(1 << 20);
    let mut world = World::begun(&district);
    world.close();
    let tranche = world.tranche_on(&district);
    world.push_tranche(&tranche, &log_key());
    world.tag();
    world
}

#[test]
fn a_district_and_a_tranche_that_stay_in_the_file_are_verified_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bundle.json");
    let args = AuditArgs { bundle: path.clone(), roots: None, days: true };
    let outcome = |world: &World| {
        std::fs::write(&path, serde_json::to_vec(&world.bundle()).unwrap()).unwrap();
        run(&args, Console { json: false }).unwrap()
    };
    let honest = long();
    let bundle = honest.bundle();
    assert!(bundle.leaves.iter().filter(|leaf| leaf.bytes.0.len() > 1 << 20).count() == 2);
    assert_eq!(audit(&bundle, None).unwrap().month, month());
    assert_eq!(outcome(&honest), Exit::Fine);
    for (at, leaf) in bundle.leaves.iter().enumerate() {
        let length = leaf.bytes.0.len();
        for byte in [length / 2, length - 1].into_iter().filter(|_| length > 1 << 20) {
            let mut forged = honest.clone();
            forged.leaves[at].bytes.0[byte] ^= 1;
            assert_eq!(outcome(&forged), Exit::Refused, "leaf {at}, byte {byte}");
        }
    }
}

/// What an audit says of a month whose tranche was changed before it was signed.
fn changed(change: impl FnOnce(&mut Tranche)) -> String {
    let mut world = World::taught();
    world.close();
    let mut tranche = world.honest_tranche();
    change(&mut tranche);
    tranche.totals = Totals::of(tranche.lines.iter()).unwrap();
    world.push_tranche(&tranche, &log_key());
    let found = audit(&world.bundle(), None).unwrap_err();
    let AuditFinding::Differs { first } = found else { panic!("{found}") };
    first
}

#[test]
fn a_line_that_was_left_out_or_put_in_is_named() {
    let voucher = World::closed().honest_tranche().lines[0].voucher;
    let left_out = changed(|tranche| drop(tranche.lines.remove(0)));
    assert_eq!(left_out, format!("voucher {voucher}: its line was computed, and is not signed"));

    let invented = changed(|tranche| {
        let mut line = tranche.lines[0].clone();
        line.voucher = VoucherId([0xff; 8]);
        tranche.lines.push(line);
    });
    let invented_voucher = VoucherId([0xff; 8]);
    let said = format!("voucher {invented_voucher}: its line is signed, and was not computed");
    assert_eq!(invented, said);

    let both = changed(|tranche| {
        for line in &mut tranche.lines {
            line.accrued = line.accrued.checked_add(Tiyn(100)).unwrap();
            line.released = line.released.checked_sub(Tiyn(100)).unwrap();
        }
    });
    assert!(both.starts_with(&format!("voucher {voucher}, accrued: ")), "the first one: {both}");
}

#[test]
fn a_line_that_was_computed_twice_is_one_too_many() {
    let mut world = World::taught();
    world.close();
    let honest = world.honest_tranche();
    world.push_tranche(&honest, &log_key());
    let leaf = world.leaves.last().unwrap();
    let held = vec![(0, Held::Here(leaf.bytes.0.clone()))];
    let found = SignedTranche::find(held, (&trust_list(), ORIGIN, month()), false);
    let mut signed = found.ok().flatten().unwrap();
    honest.lines.iter().for_each(|line| signed.look_for(line.clone()));
    let head = Tranche { lines: Vec::new(), ..honest.clone() };
    assert_eq!(signed.difference(&head, 2).ok(), Some(None));
    signed.look_for(honest.lines[0].clone());
    let first = signed.difference(&head, 3).ok().flatten();
    assert_eq!(first.unwrap(), "3 lines were computed, 2 are signed");
}
