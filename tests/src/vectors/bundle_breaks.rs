//! Bundles that lie: changed by a stranger, or signed by the log itself.

use attendance::{LeafKind, Role, TagKey, TagList};
use ledger::{Tiyn, Totals, Tranche};
use sync_api::{Base64, Bundle, SNAPSHOT_DOMAIN};

use super::Case;
use super::breaks::{flip, seal};
use super::bundle::{case, of_text};
use super::material::{device_ca, issuer, log_key, rules_key};
use super::month::{Log, Who, closed, nobody, pupil, tag_key, taught};
use crate::{district, key};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = papers_changed();
    cases.extend(leaves_changed());
    cases.extend(of_text_alone());
    cases.extend(by_the_log());
    cases.extend(by_the_authorities());
    cases.extend(lies());
    cases.extend(missing_and_double());
    cases.extend(tags_that_lie());
    cases
}

fn changed(change: impl FnOnce(&mut Bundle)) -> Bundle {
    let mut bundle = closed().bundle();
    change(&mut bundle);
    bundle
}

/// A stranger changes what stands beside the leaves.
fn papers_changed() -> Vec<Case> {
    let root = closed().checkpoint().lines().nth(2).expect("a root").to_owned();
    let other_root = taught().checkpoint().lines().nth(2).expect("a root").to_owned();
    vec![
        case("another format", "file", &changed(|b| b.format = "qatysu-bundle/2".to_owned())),
        case("a month that is none", "file", &changed(|b| b.month = 202_613)),
        case(
            "roots of others",
            "roots",
            &changed(|b| {
                let keys = [7, 8].map(|seed| seal::Signer::public_key(&key(seed)));
                b.roots =
                    Base64(attendance::TrustRoots { keys: keys.into(), threshold: 1 }.to_bytes());
            }),
        ),
        case("roots with a trailing byte", "roots", &changed(|b| b.roots.0.push(0))),
        case(
            "a bit flipped in the trust list",
            "trust_list",
            &changed(|b| b.trust_list.0[60] ^= 1),
        ),
        case(
            "the checkpoint's root changed",
            "checkpoint",
            &changed(|b| {
                b.checkpoint = b.checkpoint.replace(&root, &other_root);
            }),
        ),
        case(
            "the checkpoint of an earlier tree",
            "leaves",
            &changed(|b| {
                b.checkpoint = taught().checkpoint();
            }),
        ),
        case(
            "a certificate missing",
            "certificates",
            &changed(|b| {
                b.certificates.remove(0);
            }),
        ),
        case(
            "a certificate twice",
            "certificates",
            &changed(|b| {
                b.certificates.push(b.certificates[0].clone());
            }),
        ),
        case(
            "a certificate that is another kind of paper",
            "certificates",
            &changed(|b| {
                b.certificates[0] = b.leaves[2].bytes.clone();
            }),
        ),
        case("another month than the log's", "close", &changed(|b| b.month = 202_610)),
    ]
}

/// A stranger changes the leaves.
fn leaves_changed() -> Vec<Case> {
    vec![
        case(
            "a leaf removed",
            "leaves",
            &changed(|b| {
                b.leaves.remove(4);
            }),
        ),
        case("a leaf added", "leaves", &changed(|b| b.leaves.push(b.leaves[2].clone()))),
        case("a bit flipped in a salt", "root", &changed(|b| b.leaves[3].salt.0[0] ^= 1)),
        case(
            "a salt of 15 bytes",
            "leaves",
            &changed(|b| {
                b.leaves[3].salt.0.pop();
            }),
        ),
        case(
            "a byte flipped in an event",
            "event_signature",
            &changed(|b| {
                let leaf = &mut b.leaves[2].bytes;
                *leaf = Base64(flip(&leaf.0, 1));
            }),
        ),
        case("two leaves swapped", "chain", &changed(|b| b.leaves.swap(2, 4))),
        case("two leaves of two devices swapped", "root", &changed(|b| b.leaves.swap(3, 4))),
        case("the snapshot in the first place", "leaves", &changed(|b| b.leaves.swap(0, 1))),
    ]
}

fn of_text_alone() -> Vec<Case> {
    let good = serde_json::to_string(&closed().bundle()).expect("a bundle is JSON");
    vec![
        of_text("no JSON", "file", "a bundle".to_owned()),
        of_text("half of the file", "file", good.chars().take(good.len() / 2).collect()),
        of_text("a field that nobody knows", "file", good.replacen('{', "{\"more\":1,", 1)),
        of_text("a field missing", "file", good.replacen("\"month\":202609,", "", 1)),
        of_text("a leaf of an unknown kind", "file", good.replacen("\"event\"", "\"rumour\"", 1)),
    ]
}

/// The log signs what it should not: only the other checks can find it.
fn by_the_log() -> Vec<Case> {
    let signed = |change: &dyn Fn(&mut Log)| {
        let mut log = closed();
        change(&mut log);
        log.bundle()
    };
    vec![
        case(
            "signed: an event changed",
            "event_signature",
            &signed(&|log| {
                let leaf = &mut log.leaves[2].bytes;
                *leaf = Base64(flip(&leaf.0, 1));
            }),
        ),
        case(
            "signed: an event left out of a chain",
            "chain",
            &signed(&|log| {
                log.leaves.remove(4);
            }),
        ),
        case(
            "signed: the last answer left out",
            "recomputed_tranche",
            &signed(&|log| {
                log.leaves.remove(6);
            }),
        ),
        case(
            "signed: two events of two devices swapped",
            "recomputed_tranche",
            &signed(&|log| {
                log.leaves.swap(3, 4);
            }),
        ),
        case(
            "signed: another name in the first leaf",
            "genesis",
            &signed(&|log| {
                log.leaves[0].bytes = Base64(b"log.qatysu.example/other".to_vec());
            }),
        ),
        case(
            "signed: the same event twice",
            "chain",
            &signed(&|log| {
                log.leaves.push(log.leaves[2].clone());
            }),
        ),
        case(
            "signed: the same snapshot again",
            "snapshot",
            &signed(&|log| {
                log.leaves.push(log.leaves[1].clone());
            }),
        ),
        case("a checkpoint signed by the rules key", "checkpoint", &{
            let mut bundle = closed().bundle();
            bundle.checkpoint = closed().checkpoint_by(&rules_key());
            bundle
        }),
        case("signed: the month not closed", "close", &taught().bundle()),
        case("signed: closed by a teacher", "close", &{
            let mut log = taught();
            log.close(Who::ChessTeacher, district::MAY_CLOSE_MS);
            log.bundle()
        }),
        case("signed: closed too early", "close", &{
            let mut log = taught();
            log.close(Who::Coordinator, district::MAY_CLOSE_MS - 1);
            log.bundle()
        }),
    ]
}

/// The rules key or the device authority signs anew after the tranche was made.
fn by_the_authorities() -> Vec<Case> {
    let resealed = |signer: &seal::SoftwareKey, change: &dyn Fn(&mut ledger::Snapshot)| {
        let mut log = closed();
        change(&mut log.snapshot);
        let json = log.snapshot.to_canonical_json().into_bytes();
        log.leaves[1].bytes = Base64(seal(signer, SNAPSHOT_DOMAIN, json));
        log.bundle()
    };
    let dearer =
        |snapshot: &mut ledger::Snapshot| snapshot.contracts[0].total_tiyn = Tiyn(9_999_999);
    let certified = |who: Who, role: Role| {
        let mut certificate = who.certificate();
        certificate.role = role;
        changed(|b| {
            b.certificates[who as usize] =
                Base64(certificate.issue(&device_ca()).expect("a software key signs"));
        })
    };
    vec![
        case("the snapshot signed by the log", "snapshot", &resealed(&log_key(), &dearer)),
        case("a parameter changed and signed", "recomputed_tranche", &{
            resealed(&rules_key(), &|snapshot| snapshot.params[0].l0_share_max_percent = 99)
        }),
        case(
            "a contract changed and signed",
            "recomputed_tranche",
            &resealed(&rules_key(), &dearer),
        ),
        case("a snapshot that is not whole", "snapshot", &{
            resealed(&rules_key(), &|snapshot| snapshot.contracts[0].group.0 = [0xee; 8])
        }),
        case("the snapshot signed for another kind", "snapshot", &{
            let mut log = closed();
            let json = log.snapshot.to_canonical_json().into_bytes();
            let other = attendance::ROSTER_DOMAIN;
            log.leaves[1].bytes = Base64(seal(&rules_key(), other, json));
            log.bundle()
        }),
        case("the teacher certified as a parent", "recomputed_tranche", &{
            certified(Who::ChessTeacher, Role::Parent)
        }),
        case("the coordinator certified as a parent", "close", &{
            certified(Who::Coordinator, Role::Parent)
        }),
        case(
            "a certificate signed by the card issuer",
            "certificates",
            &changed(|b| {
                let signed = Who::FamilyA.certificate().issue(&issuer());
                b.certificates[2] = Base64(signed.expect("a software key signs"));
            }),
        ),
    ]
}

/// Tranches that the log signed, and that do not follow from the log.
fn lies() -> Vec<Case> {
    let lied = |change: &dyn Fn(&mut Tranche)| {
        let mut log = taught();
        log.close(Who::Coordinator, district::MAY_CLOSE_MS);
        let mut tranche = log.tranche();
        change(&mut tranche);
        tranche.totals = Totals::of(tranche.lines.iter()).expect("small sums");
        log.push_tranche(&tranche, &log_key());
        log.bundle()
    };
    let recomputed = "recomputed_tranche";
    vec![
        case(
            "signed: a sum that pays more",
            recomputed,
            &lied(&|tranche| {
                tranche.lines[0].accrued.0 += 1;
                tranche.lines[0].released.0 -= 1;
            }),
        ),
        case(
            "signed: held money paid",
            recomputed,
            &lied(&|tranche| {
                let line = &mut tranche.lines[0];
                (line.accrued.0, line.held.0) = (line.accrued.0 + line.held.0, 0);
            }),
        ),
        case(
            "signed: another plan",
            recomputed,
            &lied(&|tranche| {
                tranche.lines[0].plan.0 += 5;
                tranche.lines[0].released.0 += 5;
            }),
        ),
        case(
            "signed: a leaf that is no reason",
            recomputed,
            &lied(&|tranche| {
                tranche.lines[0].leaves.push(7);
            }),
        ),
        case(
            "signed: a reason changed",
            recomputed,
            &lied(&|tranche| {
                tranche.lines[0].unpaid[0].code = ledger::DayCode::Holiday;
            }),
        ),
        case(
            "signed: a line missing",
            recomputed,
            &lied(&|tranche| {
                tranche.lines.pop();
            }),
        ),
        case(
            "signed: another root under it",
            recomputed,
            &lied(&|tranche| {
                tranche.root = seal::sha256(b"another");
            }),
        ),
        case(
            "signed: another version of the rules",
            recomputed,
            &lied(&|tranche| {
                tranche.rule_version = "2027.1".to_owned();
            }),
        ),
        case(
            "signed: a line out of balance",
            "tranche",
            &lied(&|tranche| {
                tranche.lines[0].accrued.0 += 1;
            }),
        ),
    ]
}

/// The month has no tranche of the log, or one too many.
fn missing_and_double() -> Vec<Case> {
    let mut twice = closed();
    twice.push_tranche(&last_tranche(), &log_key());
    let mut never = taught();
    never.close(Who::Coordinator, district::MAY_CLOSE_MS);
    let mut forged = never.clone();
    forged.push_tranche(&last_tranche(), &rules_key());
    let mut later = never.clone();
    later.visit(Who::ChessTeacher, pupil(3), &district::lessons(district::CHESS)[2], 0);
    vec![
        case("signed: two tranches of one month", "tranche", &twice.bundle()),
        case("signed: no tranche", "tranche", &never.bundle()),
        case("a tranche signed by the rules key", "tranche", &forged.bundle()),
        case("signed: no tranche, and an event after the close", "tranche", &later.bundle()),
    ]
}

/// Leaves that their child's parents would not find, and tags that nobody can make again.
fn tags_that_lie() -> Vec<Case> {
    let tagged = |change: &dyn Fn(&mut Vec<Vec<TagKey>>)| {
        let mut log = closed();
        log.leaves.truncate(log.leaves.len() - 2);
        let mut keys = log.keys_of_leaves();
        change(&mut keys);
        log.push_tags(&TagList::new(0, &nobody(), &keys), &log_key());
        log.push_tranche(&last_tranche(), &log_key());
        log.bundle()
    };
    let untagged = |change: &dyn Fn(&mut Log)| {
        let mut log = closed();
        log.leaves.truncate(log.leaves.len() - 2);
        log.push_tranche(&last_tranche(), &log_key());
        change(&mut log);
        log.bundle()
    };
    let list = |first: u64, leaves: usize| TagList::new(first, &nobody(), &vec![vec![]; leaves]);
    let tags = "tags";
    vec![
        case("signed: a visit with the tag of nobody", tags, &tagged(&|keys| keys[2].clear())),
        case("signed: a visit with another child's tag", tags, &{
            tagged(&|keys| keys[2] = vec![tag_key(district::child(3))])
        }),
        case("signed: an answer with another child's tag too", tags, &{
            tagged(&|keys| keys[3].push(tag_key(district::child(3))))
        }),
        case("signed: the close has no tag", tags, &tagged(&|keys| drop(keys.pop()))),
        case("signed: no tags at all", tags, &untagged(&|_| {})),
        case("signed: tags that leave a gap", tags, &{
            untagged(&|log| log.push_tags(&list(1, 7), &log_key()))
        }),
        case("signed: tags of leaves to come", tags, &{
            untagged(&|log| log.push_tags(&list(0, 10), &log_key()))
        }),
        case("tags signed by the rules key", tags, &{
            untagged(&|log| {
                let keys = log.keys_of_leaves();
                log.push_tags(&TagList::new(0, &nobody(), &keys), &rules_key());
            })
        }),
        case("a bundle without the keys of its tags", tags, &changed(|b| b.tag_keys = None)),
        case("the key of a child missing", tags, &changed(|b| drop(keys_of(b).children.pop()))),
        case("the key of a child changed", tags, &{
            changed(|b| keys_of(b).children[0].key.0[0] ^= 1)
        }),
        case("a key of 31 bytes", "file", &changed(|b| keys_of(b).nobody.0.truncate(31))),
        case("two keys of one child", "file", &{
            changed(|b| {
                let first = keys_of(b).children[0].clone();
                keys_of(b).children.push(first);
            })
        }),
    ]
}

fn keys_of(bundle: &mut Bundle) -> &mut sync_api::BundleTagKeys {
    bundle.tag_keys.as_mut().expect("a bundle has its keys")
}

fn last_tranche() -> Tranche {
    let mut log = taught();
    log.close(Who::Coordinator, district::MAY_CLOSE_MS);
    let tranche = log.tranche();
    assert!(log.leaves.iter().all(|leaf| leaf.kind != LeafKind::Tranche), "not pushed yet");
    tranche
}
