//! What is signed or printed, from fixed keys.

use attendance::{
    BootId, CERTIFICATE_VERSION, ChainedEvent, DeviceCertificate, EventDraft, EventKind, LeafKind,
    Revocation, RevocationList, RevocationReason, Role, Roster, RosterChild, RosterGroup,
    RosterLesson, RosterProvider, TagKey, TagList, TrustEntry, TrustList, TrustRole, TrustRoots,
};
use ledger::{Tranche, TrancheBasis};
use seal::{Sign1, Signer as _, SoftwareKey};
use sync_api::{DeviceExport, EXPORT_VERSION, OpenedLeaf, TRANCHE_DOMAIN, Ticket};
use system_tests::{Pen, district, key};
use tlog::{Checkpoint, MemoryTree, Receipt, leaf_hash, prove_inclusion, salted_leaf};

use super::{golden, hex};

pub(super) const SALT: [u8; 16] = [0x5a; 16];
const AT_MS: i64 = district::FIRST_MORNING_MS;

pub(super) fn card_key() -> SoftwareKey {
    key(11)
}

pub(super) fn device_ca() -> SoftwareKey {
    key(12)
}

pub(super) fn log_key() -> SoftwareKey {
    key(13)
}

pub(super) fn rules_key() -> SoftwareKey {
    key(14)
}

pub(super) fn trust_roots() -> TrustRoots {
    TrustRoots { keys: [1, 2, 3].map(|seed| key(seed).public_key()).into(), threshold: 2 }
}

pub(super) fn trust_list() -> Vec<u8> {
    let entry = |key: SoftwareKey, role| TrustEntry {
        key: key.public_key().to_bytes(),
        role,
        scope: district::ORIGIN.to_owned(),
        not_before_s: AT_MS / 1000 - 86_400,
        not_after_s: AT_MS / 1000 + 400 * 86_400,
    };
    let entries = vec![
        entry(log_key(), TrustRole::Log),
        entry(device_ca(), TrustRole::DeviceCa),
        entry(rules_key(), TrustRole::Rules),
        entry(card_key(), TrustRole::CardIssuer),
    ];
    let list =
        TrustList { version: 1, not_after_s: AT_MS / 1000 + 86_400, entries, witness_quorum: None };
    list.sign(&[&key(1), &key(3)]).expect("software keys sign")
}

pub(super) fn ticket() -> Ticket {
    Ticket {
        server: "https://qatysu.example:8443".to_owned(),
        secret: [0x77; 16],
        roots: trust_roots().fingerprint(),
        pin: None,
    }
}

pub(super) fn certificate() -> Vec<u8> {
    let pen = Pen::new(21);
    let certificate = DeviceCertificate {
        version: CERTIFICATE_VERSION,
        device: pen.device(),
        key: pen.key().public_key().to_bytes(),
        role: Role::Teacher,
        provider: Some(district::CHESS_HOUSE),
        groups: vec![district::CHESS],
        children: Vec::new(),
        not_before_s: AT_MS / 1000 - 3600,
        not_after_s: AT_MS / 1000 + 400 * 86_400,
        name: "Chess tablet".to_owned(),
    };
    certificate.issue(&device_ca()).expect("a software key signs")
}

pub(super) fn revocation_list() -> Vec<u8> {
    let revocation = |seed, reason, replaced_by| Revocation {
        device: Pen::new(seed).device(),
        at_ms: AT_MS,
        events: 24,
        reason,
        replaced_by,
    };
    let new = Some(Pen::new(23).device());
    let list = RevocationList::of(vec![
        revocation(21, RevocationReason::Replaced, new),
        revocation(22, RevocationReason::Stolen, None),
    ]);
    list.sign(&device_ca()).expect("a software key signs")
}

#[test]
fn revocation_list_is_unchanged() {
    golden("revocation-list.hex", &hex(&revocation_list()), "hides who is revoked");
}

pub(super) fn roster() -> Vec<u8> {
    let lesson = district::lessons(district::CHESS)[0];
    let roster = Roster {
        version: 1,
        providers: vec![RosterProvider { id: district::CHESS_HOUSE, name: "Chess".to_owned() }],
        groups: vec![RosterGroup {
            id: district::CHESS,
            provider: district::CHESS_HOUSE,
            name: "Шахмат".to_owned(),
        }],
        lessons: vec![RosterLesson::planned(
            lesson.id,
            district::CHESS,
            lesson.start_ms,
            lesson.end_ms,
        )],
        children: vec![RosterChild {
            id: district::child(1),
            name: district::NAMES[0].to_owned(),
            voucher: district::voucher(1),
            group: district::CHESS,
            card: district::card(1),
            card_hash: None,
        }],
        window: district::snapshot().params[0].window(),
        windows: None,
    };
    roster.sign(&rules_key()).expect("a software key signs")
}

/// A visit, a month's close and a payment notice of one pen, in this order.
pub(super) fn events() -> [ChainedEvent; 3] {
    let lesson = district::lessons(district::CHESS)[0];
    let mut pen = Pen::new(21);
    let who = (district::child(1), district::voucher(1));
    let visit = pen.visit(who, lesson.id, lesson.start_ms);
    let draft = |kind| EventDraft {
        month: Some(202_609),
        ..EventDraft::new(kind, lesson.end_ms, 5_000, BootId([9; 8]))
    };
    let close = pen.write(draft(EventKind::MonthClose));
    let notice = pen.write(EventDraft {
        provider: Some(district::CHESS_HOUSE),
        amount_tiyn: Some(district::PART.0),
        document: Some("D-1024".to_owned()),
        ..draft(EventKind::PaymentNotice)
    });
    [visit, close, notice]
}

pub(super) fn batch() -> Vec<u8> {
    let events = events();
    system_tests::batch_of(events.iter().map(ChainedEvent::bytes))
}

/// The log after a genesis leaf and the visit.
pub(super) fn tree() -> MemoryTree {
    let [visit, ..] = events();
    let leaf = |bytes: &[u8]| leaf_hash(salted_leaf(&SALT, bytes).as_ref());
    [leaf(district::ORIGIN.as_bytes()), leaf(visit.bytes())].into_iter().collect()
}

pub(super) fn checkpoint() -> String {
    let tree = tree();
    let origin = district::ORIGIN.to_owned();
    let checkpoint = Checkpoint { origin, size: tree.size(), root: tree.root() };
    tlog::sign_note(&checkpoint, &log_key()).expect("a software key signs")
}

pub(super) fn receipt() -> Vec<u8> {
    let tree = tree();
    let proof = prove_inclusion(1, 2, &tree).expect("the leaf is in the tree");
    Receipt::issue(&log_key(), &proof, tree.root()).expect("a software key signs")
}

/// A month in which nobody came.
pub(super) fn tranche() -> Tranche {
    let tree = tree();
    let origin = district::ORIGIN.to_owned();
    let basis = TrancheBasis { origin, tree_size: tree.size(), root: tree.root() };
    let month = district::MONTH.parse().expect("a month");
    ledger::compute_tranche(&district::snapshot(), &[], month, basis).expect("an empty month")
}

pub(super) fn statement() -> Vec<u8> {
    let sealed = Sign1::seal(&log_key(), TRANCHE_DOMAIN, tranche().to_bytes());
    sealed.expect("a software key signs").to_bytes()
}

pub(super) const TAG_SECRET: [u8; 32] = [0x7a; 32];

/// The tags of the genesis leaf and the visit.
pub(super) fn tag_list() -> Vec<u8> {
    let keys = [Vec::new(), vec![TagKey::derive(&TAG_SECRET, district::child(1))]];
    let list = TagList::new(0, &TagKey::of_nobody(&TAG_SECRET), &keys);
    list.sign(&log_key()).expect("a software key signs")
}

#[test]
fn tag_list_is_unchanged() {
    golden("tag-list.hex", &hex(&tag_list()), "leaves parents without a proof");
}

/// What the visit's device hands over, once it has the receipt; the notice is not sent yet.
fn device_export() -> Vec<u8> {
    let [visit, _, notice] = events();
    let leaf = OpenedLeaf {
        leaf_index: 1,
        kind: LeafKind::Event.number(),
        salt: SALT,
        bytes: visit.bytes().to_vec().into(),
        receipt: receipt().into(),
    };
    let export = DeviceExport {
        version: EXPORT_VERSION,
        device: visit.event().device,
        made_ms: AT_MS,
        origin: district::ORIGIN.to_owned(),
        roots: trust_roots().to_bytes().into(),
        trust_list: trust_list().into(),
        certificates: vec![certificate().into()],
        checkpoints: vec![checkpoint()],
        leaves: vec![leaf],
        unreceipted: vec![notice.bytes().to_vec().into()],
    };
    export.sign(Pen::new(21).key()).expect("a software key signs")
}

#[test]
fn device_export_is_unchanged() {
    let breaks = "makes the files unreadable that a lost server would be rebuilt from";
    golden("device-export.hex", &hex(&device_export()), breaks);
}

#[test]
fn card_text_is_unchanged() {
    golden("card.txt", &system_tests::issue(1, &card_key()).text, "refuses every printed card");
}

#[test]
fn ticket_text_is_unchanged() {
    golden("ticket.txt", &ticket().to_text(), "lets no device of another version be enrolled");
}

#[test]
fn trust_list_is_unchanged() {
    golden("trust-list.hex", &hex(&trust_list()), "refuses every installed trust list");
}

#[test]
fn certificate_is_unchanged() {
    golden("certificate.hex", &hex(&certificate()), "orphans every enrolled device");
}

#[test]
fn roster_is_unchanged() {
    golden("roster.hex", &hex(&roster()), "leaves every device without its roster");
}

#[test]
fn events_are_unchanged() {
    let [visit, close, notice] = events();
    golden("event-visit.hex", &hex(visit.bytes()), "orphans every chain");
    golden("event-close.hex", &hex(close.bytes()), "orphans every chain");
    golden("event-notice.hex", &hex(notice.bytes()), "orphans every chain");
}

#[test]
fn batch_is_unchanged() {
    golden("batch.hex", &hex(&batch()), "stops the uploads of every device of another version");
}

#[test]
fn checkpoint_is_unchanged() {
    golden("checkpoint.note", &checkpoint(), "is another log to every witness and device");
}

#[test]
fn receipt_is_unchanged() {
    golden("receipt.hex", &hex(&receipt()), "makes every receipt worthless that was handed out");
}

#[test]
fn snapshot_is_unchanged() {
    let json = district::snapshot().to_canonical_json();
    golden("snapshot.json", &json, "gives every tranche another hash, and fails every audit");
}

#[test]
fn tranche_is_unchanged() {
    golden("tranche.hex", &hex(&statement()), "fails the audit of every closed month");
}
