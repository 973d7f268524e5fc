//! An honest bundle passes; whatever is changed in it is found and named.

mod hands;
mod leaves;
mod long;
pub(crate) mod world;

use attendance::{EventKind, LeafKind, SubjectReader, TagKey, TagList, UnverifiedEvent};
use ledger::Tiyn;
use seal::Sign1;
use sync_api::{Base64, BundleTagKeys, SNAPSHOT_DOMAIN};

use self::world::{
    CHILDREN, MONTH, TAG_SECRET, Who, World, draft, key, log_key, month, roots, snapshot, tag_key,
};
use super::*;

fn tranche_position(world: &World) -> usize {
    world.leaves.iter().position(|leaf| leaf.kind == LeafKind::Tranche).unwrap()
}

fn finding(bundle: &Bundle) -> AuditFinding {
    audit(bundle, None).unwrap_err()
}

fn flip(bytes: &mut Base64, at: usize) {
    bytes.0[at] ^= 1;
}

#[test]
fn an_honest_bundle_is_identical() {
    let world = World::closed();
    let report = audit(&world.bundle(), Some(&roots())).unwrap();
    assert_eq!((report.month.number(), report.leaves, report.events), (MONTH, 18, 14));
    assert_eq!((report.devices, report.close_leaf, report.outside_certificate), (3, 14, 0));
    assert_eq!(report.root, world.tree().root());
    assert_eq!(report.roots, roots().fingerprint());
    assert_eq!((report.registry_lines, report.tranche_leaf), (2, 15));
    assert!(report.totals.accrued > Tiyn::ZERO && report.totals.held > Tiyn::ZERO);
    assert_eq!(report.tagged, 17);
}

#[test]
fn survives_json() {
    let bundle = World::closed().bundle();
    let json = serde_json::to_string(&bundle).unwrap();
    assert!(audit(&serde_json::from_str(&json).unwrap(), None).is_ok());
}

#[test]
fn every_flipped_bit_of_a_leaf_is_found() {
    let honest = World::closed().bundle();
    for position in 0..honest.leaves.len() {
        let length = honest.leaves[position].bytes.0.len();
        for at in [0, length / 2, length - 1] {
            let mut bundle = honest.clone();
            flip(&mut bundle.leaves[position].bytes, at);
            assert!(audit(&bundle, None).is_err(), "leaf {position}, byte {at}");
        }
    }
}

#[test]
fn finds_a_changed_salt() {
    let mut bundle = World::closed().bundle();
    flip(&mut bundle.leaves[5].salt, 15);
    assert!(matches!(finding(&bundle), AuditFinding::Root { .. }));
    bundle.leaves[5].salt.0.pop();
    assert!(matches!(finding(&bundle), AuditFinding::Salt { index: 5 }));
}

#[test]
fn finds_a_changed_event_even_if_the_log_signs_it() {
    let mut world = World::closed();
    let last = world.leaves[4].bytes.0.len() - 1;
    flip(&mut world.leaves[4].bytes, last);
    assert!(matches!(finding(&world.bundle()), AuditFinding::Event { index: 4, .. }));
}

#[test]
fn finds_changed_missing_and_double_certificates() {
    let honest = World::closed().bundle();
    let mut bundle = honest.clone();
    let last = bundle.certificates[1].0.len() - 1;
    flip(&mut bundle.certificates[1], last);
    assert!(matches!(finding(&bundle), AuditFinding::Certificate { position: 1, .. }));

    let mut bundle = honest.clone();
    bundle.certificates.remove(0);
    assert!(matches!(finding(&bundle), AuditFinding::UnknownDevice { index: 2, .. }));

    let mut bundle = honest;
    bundle.certificates.push(Base64(Who::Parent.certificate()));
    assert!(matches!(finding(&bundle), AuditFinding::DoubleCertificate { .. }));
}

#[test]
fn finds_a_changed_snapshot() {
    let mut richer = snapshot();
    richer.contracts[0].total_tiyn = Tiyn(99_000_000);
    let json = richer.to_canonical_json().into_bytes();

    let mut world = World::closed();
    let forged = Sign1::seal(&log_key(), SNAPSHOT_DOMAIN, json.clone()).unwrap();
    world.leaves[1].bytes = Base64(forged.to_bytes());
    assert!(matches!(finding(&world.bundle()), AuditFinding::Snapshot(_)));

    // Signed by the right key, but after the tranche was made: the tranche rests on another one.
    let signed = Sign1::seal(&key(6), SNAPSHOT_DOMAIN, json).unwrap();
    world.leaves[1].bytes = Base64(signed.to_bytes());
    let AuditFinding::Differs { first } = finding(&world.bundle()) else { panic!() };
    assert!(first.starts_with("root: "), "{first}");
}

#[test]
fn finds_a_changed_checkpoint() {
    let honest = World::closed().bundle();
    let mut bundle = honest.clone();
    bundle.checkpoint = honest.checkpoint.replace("\n18\n", "\n17\n");
    assert!(matches!(finding(&bundle), AuditFinding::Checkpoint(_)));
    bundle.checkpoint = honest.checkpoint.replace("log.example", "log.other");
    assert!(finding(&bundle).to_string().contains("no key for the log \"log.other/2026\""));
    bundle.checkpoint = World::taught().checkpoint();
    assert!(matches!(finding(&bundle), AuditFinding::Size { signed: 14, found: 18 }));
}

#[test]
fn finds_a_tranche_that_pays_more() {
    let mut world = World::taught();
    world.close();
    let mut tranche = world.honest_tranche();
    let [line, ..] = tranche.lines.as_mut_slice() else { panic!() };
    line.accrued = line.accrued.checked_add(Tiyn(100)).unwrap();
    line.released = line.released.checked_sub(Tiyn(100)).unwrap();
    tranche.totals = Totals::of(tranche.lines.iter()).unwrap();
    world.push_tranche(&tranche, &log_key());
    let AuditFinding::Differs { first } = finding(&world.bundle()) else { panic!() };
    assert!(first.contains("accrued: "), "{first}");
}

#[test]
fn finds_a_tranche_that_is_double_missing_or_not_of_the_log() {
    let mut world = World::taught();
    assert!(matches!(finding(&world.bundle()), AuditFinding::NotClosed(_)));
    world.close();
    assert!(matches!(finding(&world.bundle()), AuditFinding::NoTranche(found) if found == month()));
    let tranche = world.honest_tranche();
    let mut forged = world.clone();
    forged.push_tranche(&tranche, &key(6));
    assert!(matches!(finding(&forged.bundle()), AuditFinding::Tranche { index: 15, .. }));
    world.push_tranche(&tranche, &log_key());
    world.push_tranche(&tranche, &log_key());
    assert!(matches!(finding(&world.bundle()), AuditFinding::SecondTranche { index: 16, .. }));
}

#[test]
fn finds_a_dropped_leaf() {
    let mut bundle = World::closed().bundle();
    bundle.leaves.remove(3);
    assert!(matches!(finding(&bundle), AuditFinding::Size { signed: 18, found: 17 }));

    let mut world = World::closed();
    world.leaves.remove(3);
    assert!(matches!(finding(&world.bundle()), AuditFinding::Chain { index: 3, .. }));
}

#[test]
fn finds_swapped_leaves() {
    let mut bundle = World::closed().bundle();
    bundle.leaves.swap(5, 6); // the parent's and the teacher's: both chains still hold
    assert!(matches!(finding(&bundle), AuditFinding::Root { .. }));

    let mut world = World::closed();
    world.leaves.swap(3, 4); // both the teacher's
    assert!(matches!(finding(&world.bundle()), AuditFinding::Chain { index: 3, .. }));

    let mut world = World::closed();
    let tranche = tranche_position(&world);
    world.leaves.swap(0, tranche);
    assert!(matches!(finding(&world.bundle()), AuditFinding::Misplaced { index: 0, .. }));
}

#[test]
fn finds_an_event_put_in_before_the_close_afterwards() {
    let mut world = World::taught();
    let honest = {
        let mut honest = world.clone();
        honest.close();
        honest.honest_tranche()
    };
    let lesson = snapshot().lessons(month()).pop().unwrap();
    world.say(Who::Teacher, draft(EventKind::LessonOpen, &lesson));
    world.close();
    world.push_tranche(&honest, &log_key());
    let AuditFinding::Differs { first } = finding(&world.bundle()) else { panic!() };
    assert!(first.starts_with("tree size: "), "{first}");
}

#[test]
fn finds_another_name_and_other_roots() {
    let mut world = World::closed();
    world.leaves[0].bytes = Base64(b"log.example/2025".to_vec());
    assert!(matches!(finding(&world.bundle()), AuditFinding::Genesis { .. }));

    let bundle = World::closed().bundle();
    let mut pinned = roots();
    pinned.threshold = 1;
    let refused = audit(&bundle, Some(&pinned)).unwrap_err();
    assert!(matches!(refused, AuditFinding::OtherRoots { .. }));

    let mut bundle = World::closed().bundle();
    bundle.trust_list = Base64(world::trust_list().sign(&[&key(1), &key(4)]).unwrap());
    assert!(matches!(finding(&bundle), AuditFinding::TrustList(_)));
    flip(&mut bundle.roots, 5);
    assert!(matches!(finding(&bundle), AuditFinding::Roots(_)));
}

#[test]
fn the_command_tells_files_apart() {
    let dir = tempfile::tempdir().unwrap();
    let quiet = Console { json: false };
    let path = dir.path().join("bundle.json");
    let audit_file =
        |roots: Option<PathBuf>| run(&AuditArgs { bundle: path.clone(), roots, days: true }, quiet);
    assert!(audit_file(None).unwrap_err().to_string().contains("cannot read"));
    std::fs::write(&path, b"{}").unwrap();
    assert_eq!(audit_file(None).unwrap(), Exit::Refused);
    std::fs::write(&path, serde_json::to_vec(&World::closed().bundle()).unwrap()).unwrap();
    assert_eq!(audit_file(None).unwrap(), Exit::Fine);
    let pinned = dir.path().join("trust.roots");
    std::fs::write(&pinned, roots().to_bytes()).unwrap();
    assert_eq!(audit_file(Some(pinned)).unwrap(), Exit::Fine);
}

/// The log up to its tranche, with the tags that `lie` makes of its leaves.
fn tagged(lie: impl FnOnce(&mut Vec<Vec<TagKey>>)) -> AuditFinding {
    let mut world = World::closed();
    world.leaves.pop();
    let mut reader = SubjectReader::default();
    let mut leaves = vec![Vec::new(); world.leaves.len()];
    for (keys, leaf) in leaves.iter_mut().zip(&world.leaves) {
        if let Ok(event) = UnverifiedEvent::parse(&leaf.bytes.0) {
            let children = reader.take(event.hash(), event.event());
            keys.extend(children.into_iter().map(tag_key));
        }
    }
    lie(&mut leaves);
    world.push_tags(&TagList::new(0, &TagKey::of_nobody(&TAG_SECRET), &leaves));
    finding(&world.bundle())
}

#[test]
fn finds_a_visit_that_is_hidden_from_the_child_s_parents() {
    let hidden = tagged(|leaves| leaves[3].clear());
    assert!(matches!(hidden, AuditFinding::Tags { index: 17, .. }), "{hidden}");
    let of_another = tagged(|leaves| leaves[3] = vec![tag_key(CHILDREN[1])]);
    assert!(matches!(of_another, AuditFinding::Tags { index: 17, .. }), "{of_another}");
    let invented = tagged(|leaves| leaves[2] = vec![tag_key(CHILDREN[1])]);
    assert!(matches!(invented, AuditFinding::Tags { index: 17, .. }), "{invented}");
    let short = tagged(|leaves| leaves.truncate(14));
    assert!(matches!(short, AuditFinding::Untagged { from: 14, close: 14 }), "{short}");
}

#[test]
fn finds_tags_that_leave_a_gap_or_are_not_of_the_log() {
    let nobody = TagKey::of_nobody(&TAG_SECRET);
    let refused = |lie: &dyn Fn(&mut World)| {
        let mut world = World::closed();
        world.leaves.pop();
        lie(&mut world);
        finding(&world.bundle())
    };
    let gap = refused(&|world| world.push_tags(&TagList::new(1, &nobody, &[Vec::new()])));
    assert!(matches!(gap, AuditFinding::Tags { index: 17, .. }), "{gap}");
    let too_far = refused(&|world| world.push_tags(&TagList::new(0, &nobody, &vec![vec![]; 18])));
    assert!(matches!(too_far, AuditFinding::Tags { index: 17, .. }), "{too_far}");
    let other = refused(&|world| {
        let list = TagList::new(0, &nobody, &[Vec::new()]);
        world.push(LeafKind::Tags, list.sign(&key(6)).unwrap());
    });
    assert!(matches!(other, AuditFinding::Tags { index: 17, .. }), "{other}");
    let none = refused(&|_| ());
    assert!(matches!(none, AuditFinding::Untagged { from: 0, close: 14 }), "{none}");
}

#[test]
fn finds_tag_keys_that_are_missing_double_or_no_keys() {
    let honest = World::closed().bundle();
    let changed = |change: &dyn Fn(&mut BundleTagKeys)| {
        let mut bundle = honest.clone();
        change(bundle.tag_keys.as_mut().unwrap());
        finding(&bundle)
    };
    let missing = changed(&|keys| drop(keys.children.pop()));
    assert!(matches!(missing, AuditFinding::Tags { index: 4, .. }), "{missing}");
    let double = changed(&|keys| keys.children[0].child = keys.children[1].child);
    assert!(matches!(double, AuditFinding::NotABundle(_)), "{double}");
    let short = changed(&|keys| keys.nobody.0.truncate(31));
    assert!(matches!(short, AuditFinding::NotABundle(_)), "{short}");
    let other = changed(&|keys| keys.children[0].key.0[0] ^= 1);
    assert!(matches!(other, AuditFinding::Tags { index: 17, .. }), "{other}");
    let without = Bundle { tag_keys: None, ..honest };
    assert!(matches!(finding(&without), AuditFinding::Untagged { from: 0, .. }));
}

/// A log with an event that speaks of another which is no visit.
fn about_a_leaving(hide: bool) -> Bundle {
    let mut world = World::taught();
    let lesson = snapshot().lessons(month()).remove(0);
    let mut out = draft(EventKind::Out, &lesson);
    out.child = Some(CHILDREN[0]);
    out.voucher = Some(world::voucher(CHILDREN[0]));
    let left = world.say(Who::Teacher, out);
    let mut void = draft(EventKind::Void, &lesson);
    void.about = Some(left);
    world.say(Who::Teacher, void);
    let place = world.leaves.len() - 1;
    world.close();
    let tranche = world.honest_tranche();
    world.push_tranche(&tranche, &log_key());
    if hide {
        let mut reader = SubjectReader::default();
        let mut leaves = vec![Vec::new(); world.leaves.len()];
        for (keys, leaf) in leaves.iter_mut().zip(&world.leaves) {
            if let Ok(event) = UnverifiedEvent::parse(&leaf.bytes.0) {
                keys.extend(reader.take(event.hash(), event.event()).into_iter().map(tag_key));
            }
        }
        leaves[place].clear();
        world.push_tags(&TagList::new(0, &TagKey::of_nobody(&TAG_SECRET), &leaves));
    } else {
        world.tag();
    }
    world.bundle()
}

#[test]
fn finds_a_withdrawal_of_no_visit_that_is_hidden_from_the_child_s_parents() {
    assert!(audit(&about_a_leaving(false), None).is_ok());
    let hidden = finding(&about_a_leaving(true));
    assert!(matches!(hidden, AuditFinding::Tags { .. }), "{hidden}");
}

#[test]
fn a_file_is_read_in_any_order_of_its_fields_and_never_in_part() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bundle.json");
    let quiet = Console { json: false };
    let args = AuditArgs { bundle: path.clone(), roots: None, days: false };
    let outcome = |text: &str| {
        std::fs::write(&path, text).unwrap();
        run(&args, quiet).unwrap()
    };
    let json = serde_json::to_value(World::closed().bundle()).unwrap();
    let fields: Vec<(String, serde_json::Value)> = json
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let written = |fields: &[(String, serde_json::Value)]| {
        let all = fields.iter().map(|(name, value)| format!("\"{name}\":{value}"));
        format!("{{{}}}", all.collect::<Vec<_>>().join(","))
    };
    let mut backwards = fields.clone();
    backwards.reverse();
    assert_eq!(outcome(&written(&fields)), Exit::Fine);
    assert_eq!(outcome(&written(&backwards)), Exit::Fine);
    for at in 0..fields.len() {
        let mut without = fields.clone();
        let (name, _) = without.remove(at);
        assert_eq!(outcome(&written(&without)), Exit::Refused, "without {name}");
        let mut doubled = fields.clone();
        doubled.push(fields[at].clone());
        assert_eq!(outcome(&written(&doubled)), Exit::Refused, "{name} twice");
    }
    let whole = written(&fields);
    let cut = whole.len() / 2;
    assert_eq!(outcome(whole.get(..cut).unwrap()), Exit::Refused, "half of it");
    assert_eq!(outcome(&format!("{whole}x")), Exit::Refused, "something behind it");
    let unknown = whole.replacen("{", "{\"more\":1,", 1);
    assert_eq!(outcome(&unknown), Exit::Refused, "a field that nobody knows");
}
