//! A synthetic district: keys, a trust list, a roster, cards, a log; and devices in it.

mod absence;
mod answers;
mod carried;
mod clock;
mod completeness;
mod damaged;
#[cfg(feature = "encrypted")]
mod encrypted;
mod handed_over;
mod headcount;
mod history;
mod lesson_change;
mod life;
mod log_answers;
mod news;
mod opening;
mod parcel;
mod parent;
mod phone_codes;
mod recording;
mod revoked;
mod roster_coming;
mod sending;
mod sheet;
mod signing;
mod storage;
mod undo;
mod voucher;
mod witnessed;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use attendance::{
    BootId, CARD_PREFIX, CardClaims, CardId, ChildId, DeviceCertificate, DeviceId, GroupId,
    IssuedCard, LessonId, ProviderId, Role, Roster, RosterChild, RosterGroup, RosterLesson,
    RosterProvider, TrustEntry, TrustList, TrustRole, TrustRoots, VoucherId, WindowParams,
};
use seal::{Hash, Signer, SoftwareKey};
use tempfile::TempDir;
use tlog::{
    Checkpoint, MemoryTree, NodeId, Nodes as _, Receipt, leaf_hash, prove_consistency,
    prove_inclusion, salted_leaf, sign_note,
};

use crate::{
    AlarmCode, Clock, Device, Enrolment, Followed, Growth, GrowthProof, OpenError, Reading,
    ReceiptError, SeenVisit,
};

const ORIGIN: &str = "log.example/synthetic/2026";
const START_MS: i64 = 1_790_000_000_000;
const PROVIDER: ProviderId = ProviderId([1; 8]);
const GROUP: GroupId = GroupId([2; 8]);
const OTHER_GROUP: GroupId = GroupId([3; 8]);
/// On the roster of [`GROUP`].
const ALPHA: ChildId = ChildId([10; 12]);
const BETA: ChildId = ChildId([11; 12]);
/// On the roster of [`OTHER_GROUP`] only.
const GAMMA: ChildId = ChildId([12; 12]);
/// On no roster.
const STRANGER: ChildId = ChildId([13; 12]);

fn key(n: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&[n; 32])
}

const ROOTS: [u8; 3] = [1, 2, 3];
const ISSUER: u8 = 4;
const CA: u8 = 5;
const LOG: u8 = 6;
const RULES: u8 = 7;
const STATUS: u8 = 8;
const TEACHER: u8 = 20;
const PARENT: u8 = 21;
const COORDINATOR: u8 = 22;

fn lesson() -> LessonId {
    LessonId::derive_from(GROUP, START_MS)
}

fn other_lesson() -> LessonId {
    LessonId::derive_from(OTHER_GROUP, START_MS)
}

#[derive(Clone)]
struct TestClock(Arc<AtomicI64>);

impl Clock for TestClock {
    fn now(&self) -> Reading {
        let wall_ms = self.0.load(Ordering::SeqCst);
        let mono_ms = u64::try_from(wall_ms - START_MS + 1_000_000_000).unwrap();
        Reading { wall_ms, mono_ms, boot: BootId([9; 8]) }
    }
}

struct District {
    dir: TempDir,
    clock: TestClock,
}

impl District {
    fn new() -> Self {
        let clock = TestClock(Arc::new(AtomicI64::new(START_MS)));
        Self { dir: TempDir::new().unwrap(), clock }
    }

    fn path(&self, seed: u8) -> PathBuf {
        self.dir.path().join(format!("device-{seed}.db"))
    }

    fn set_clock(&self, wall_ms: i64) {
        self.clock.0.store(wall_ms, Ordering::SeqCst);
    }

    fn open(&self, seed: u8) -> Result<Device, OpenError> {
        Device::open(&self.path(seed), Box::new(key(seed)), Box::new(self.clock.clone()))
    }

    fn enrolled(&self, seed: u8, role: Role) -> Device {
        let mut device = self.open(seed).unwrap();
        device.install(enrolment(seed, role)).unwrap();
        device.install_roster(&roster(1).sign(&key(RULES)).unwrap()).unwrap();
        device
    }

    fn teacher(&self) -> Device {
        self.enrolled(TEACHER, Role::Teacher)
    }

    fn parent(&self) -> Device {
        self.enrolled(PARENT, Role::Parent)
    }

    fn coordinator(&self) -> Device {
        self.enrolled(COORDINATOR, Role::Coordinator)
    }
}

fn enrolment(seed: u8, role: Role) -> Enrolment {
    Enrolment {
        server: "http://127.0.0.1:9".into(),
        pin: None,
        roots: TrustRoots {
            keys: ROOTS.iter().map(|n| key(*n).public_key()).collect(),
            threshold: 2,
        },
        trust_list: trust_list(5),
        certificate: certificate(seed, role),
        origin: ORIGIN.into(),
    }
}

fn trust_list(version: u32) -> Vec<u8> {
    trust_list_with(version, LOG, None)
}

/// Seeds of the keys of witnesses, each called `w` and its seed.
const WITNESSES: [u8; 3] = [30, 31, 32];

fn trust_list_with(version: u32, log: u8, witness_quorum: Option<u16>) -> Vec<u8> {
    trust_list_for(version, log, witness_quorum, ORIGIN)
}

fn trust_list_for(version: u32, log: u8, witness_quorum: Option<u16>, origin: &str) -> Vec<u8> {
    let entry = |n: u8, role, scope: &str| TrustEntry {
        key: key(n).public_key().to_bytes(),
        role,
        scope: scope.into(),
        not_before_s: 0,
        not_after_s: START_MS / 1_000 + 86_400 * 400,
    };
    let mut list = TrustList {
        version,
        not_after_s: START_MS / 1_000 + 86_400,
        entries: vec![
            entry(ISSUER, TrustRole::CardIssuer, ORIGIN),
            entry(CA, TrustRole::DeviceCa, ""),
            entry(log, TrustRole::Log, origin),
            entry(RULES, TrustRole::Rules, ""),
            entry(STATUS, TrustRole::Status, ORIGIN),
        ],
        witness_quorum,
    };
    if witness_quorum.is_some() {
        let witness = |seed| entry(seed, TrustRole::Witness, &format!("w{seed}"));
        list.entries.extend(WITNESSES.map(witness));
    }
    list.sign(&[&key(ROOTS[0]), &key(ROOTS[2])]).unwrap()
}

fn certificate(seed: u8, role: Role) -> Vec<u8> {
    let public = key(seed).public_key();
    let teacher = role == Role::Teacher;
    DeviceCertificate {
        version: attendance::CERTIFICATE_VERSION,
        device: DeviceId::derive_from(&public),
        key: public.to_bytes(),
        role,
        provider: (teacher || role == Role::ProviderAdmin).then_some(PROVIDER),
        groups: if teacher { vec![GROUP] } else { Vec::new() },
        children: if role == Role::Parent { vec![ALPHA] } else { Vec::new() },
        not_before_s: 0,
        not_after_s: START_MS / 1_000 + 86_400 * 300,
        name: "Synthetic device".into(),
    }
    .issue(&key(CA))
    .unwrap()
}

fn roster(version: u32) -> Roster {
    let lesson = |group| {
        let id = LessonId::derive_from(group, START_MS);
        RosterLesson::planned(id, group, START_MS, START_MS + 45 * 60_000)
    };
    let child = |id: ChildId, name: &str, group| RosterChild {
        id,
        name: name.into(),
        voucher: VoucherId([id.0[0]; 8]),
        group,
        card: card_id(id),
        card_hash: None,
    };
    Roster {
        version,
        providers: vec![RosterProvider { id: PROVIDER, name: "Synthetic club".into() }],
        groups: [(GROUP, "Drawing"), (OTHER_GROUP, "Chess")]
            .map(|(id, name)| RosterGroup { id, provider: PROVIDER, name: name.into() })
            .to_vec(),
        lessons: vec![lesson(GROUP), lesson(OTHER_GROUP)],
        children: vec![
            child(BETA, "Child Beta", GROUP),
            child(ALPHA, "Child Alpha", GROUP),
            child(GAMMA, "Child Gamma", OTHER_GROUP),
        ],
        window: WindowParams {
            open_before_min: 30,
            close_after_min: 15,
            scan_early_min: 20,
            scan_late_min: 10,
            late_min: 15,
        },
        windows: None,
    }
}

fn card_id(child: ChildId) -> CardId {
    CardId([child.0[0]; 8])
}

fn card_by(issuer: &SoftwareKey, child: ChildId) -> IssuedCard {
    let claims = CardClaims {
        expires_at_s: u32::try_from(START_MS / 1_000 + 86_400 * 30).unwrap(),
        card: card_id(child),
        child,
        voucher: VoucherId([child.0[0]; 8]),
        status_index: 1,
        holder: None,
    };
    let card = attendance::issue_card(issuer, &claims).unwrap();
    assert!(card.text.starts_with(CARD_PREFIX));
    card
}

fn card(child: ChildId) -> String {
    card_by(&key(ISSUER), child).text
}

/// The signed event at a position of the device's chain.
fn event_at(device: &Device, seq: u64) -> attendance::Event {
    let row = device.event_at(seq).unwrap().unwrap();
    attendance::UnverifiedEvent::parse(&row.bytes).unwrap().event().clone()
}

/// The server's side of the log, in memory.
#[derive(Clone)]
struct TestLog {
    tree: MemoryTree,
    salts: u8,
}

struct Leaf {
    index: u64,
    salt: [u8; 16],
}

impl TestLog {
    fn new() -> Self {
        let mut log = Self { tree: MemoryTree::new(), salts: 0 };
        log.push(b"genesis");
        log
    }

    fn push(&mut self, bytes: &[u8]) -> Leaf {
        self.salts += 1;
        let salt = [self.salts; 16];
        let index = self.tree.push(leaf_hash(salted_leaf(&salt, bytes).as_ref()));
        Leaf { index, salt }
    }

    fn push_each(&mut self, leaves: impl IntoIterator<Item = u64>, of: &str) {
        for leaf in leaves {
            self.push(format!("{of} {leaf}").as_bytes());
        }
    }

    fn note(&self) -> String {
        self.note_by(&key(LOG))
    }

    fn note_by(&self, signer: &SoftwareKey) -> String {
        let (size, root) = (self.tree.size(), self.tree.root());
        sign_note(&Checkpoint { origin: ORIGIN.into(), size, root }, signer).unwrap()
    }

    /// The log as it was, or as a restored backup has it.
    fn first(&self, leaves: u64) -> Self {
        let hashes = (0..leaves).map(|index| self.tree.node(NodeId { level: 0, index }).unwrap());
        Self { tree: hashes.collect(), salts: self.salts }
    }

    /// Answers what a device asks before it links a checkpoint, as an honest server does.
    fn growth(&self, from: u64, to: u64) -> Growth {
        let proven = prove_consistency(from, to, &self.tree).ok();
        let proof = proven.map(|proof| GrowthProof {
            root: tlog::root(from, &self.tree).unwrap(),
            path: proof.path,
        });
        Growth { from, to, proof }
    }

    /// Shows its checkpoint to a device, and proves what is asked.
    fn shown_to(&self, device: &mut Device) -> Result<(), ReceiptError> {
        self.note_shown_to(device, &self.note())
    }

    fn note_shown_to(&self, device: &mut Device, note: &str) -> Result<(), ReceiptError> {
        let mut given = None;
        for _ in 0..4 {
            match device.follow(note, given.as_ref())? {
                Followed::Linked => return Ok(()),
                Followed::Wants { from, to } => given = Some(self.growth(from, to)),
            }
        }
        panic!("the device asks for ever");
    }

    fn receipt(&self, leaf: &Leaf) -> Vec<u8> {
        let proof = prove_inclusion(leaf.index, self.tree.size(), &self.tree).unwrap();
        Receipt::issue(&key(LOG), &proof, self.tree.root()).unwrap()
    }

    /// Takes all that waits on a device and gives its receipts.
    fn take(&mut self, device: &Device) -> Vec<(Hash, [u8; 16], Vec<u8>)> {
        let rows = device.outbox(1_000, 1_000_000).unwrap();
        let leaves: Vec<_> = rows.iter().map(|row| self.push(&row.bytes)).collect();
        let pairs = rows.iter().zip(&leaves);
        pairs.map(|(row, leaf)| (row.hash, leaf.salt, self.receipt(leaf))).collect()
    }
}

fn codes(device: &Device) -> Vec<AlarmCode> {
    device.alarms().unwrap().iter().map(|alarm| alarm.code).collect()
}

/// A teacher's device with two events.
fn with_events(district: &District) -> Device {
    let mut device = district.teacher();
    device.open_lesson(lesson()).unwrap();
    device.record_scan(&card(ALPHA), lesson()).unwrap();
    device
}

/// A visit as the server shows it to a parent.
fn seen(log: &TestLog, leaf: &Leaf, event: &[u8], seed: u8, role: Role) -> SeenVisit {
    SeenVisit {
        certificate: certificate(seed, role),
        event: event.to_vec(),
        salt: leaf.salt,
        receipt: log.receipt(leaf),
        leaf_index: leaf.index,
    }
}
