//! A small log with real signatures: one teacher, one parent, one coordinator, one closed month.

use attendance::{
    BootId, CardId, ChainHead, ChildId, DeviceCertificate, DeviceId, EventDraft, EventKind,
    GroupId, LeafKind, Method, ProviderId, Role, SubjectReader, TagKey, TagList, TrustEntry,
    TrustList, TrustRole, TrustRoots, UnverifiedCard, UnverifiedEvent, VerifiedCertificate,
    VoucherId,
};
use chrono::NaiveDate;
use ledger::{
    Calendar, Contract, Group, Issuer, Lesson, LoggedEvent, Month, Params, Provider, Snapshot,
    Tiyn, Tranche, TrancheBasis, Weekday, compute_tranche,
};
use seal::{Hash, Sign1, Signer, SoftwareKey};
use sync_api::{
    BUNDLE_FORMAT, Base64, Bundle, BundleLeaf, BundleTagKeys, ChildTagKey, RECEIPT_FORMAT,
    ReceiptFile, SNAPSHOT_DOMAIN, TRANCHE_DOMAIN,
};
use tlog::{Checkpoint, MemoryTree, Receipt, leaf_hash, prove_inclusion, salted_leaf, sign_note};

pub(crate) const ORIGIN: &str = "log.example/2026";
pub(crate) const MONTH: u32 = 202_609;
pub(crate) const CHILDREN: [ChildId; 2] = [ChildId([1; 12]), ChildId([2; 12])];
const PROVIDER: ProviderId = ProviderId([3; 8]);
const GROUP: GroupId = GroupId([4; 8]);
/// 2026-01-01T00:00Z and 2027-12-31T00:00Z.
const YEAR_S: (i64, i64) = (1_767_225_600, 1_830_211_200);

pub(crate) fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&[seed; 32])
}

pub(crate) fn log_key() -> SoftwareKey {
    key(4)
}

pub(crate) fn roots() -> TrustRoots {
    TrustRoots { keys: [1, 2, 3].map(|seed| key(seed).public_key()).into(), threshold: 2 }
}

pub(crate) fn trust_list() -> TrustList {
    let entries = [
        (TrustRole::Log, log_key()),
        (TrustRole::DeviceCa, key(5)),
        (TrustRole::Rules, key(6)),
        (TrustRole::CardIssuer, key(7)),
    ];
    let entries = entries.map(|(role, key)| TrustEntry {
        key: key.public_key().to_bytes(),
        role,
        scope: ORIGIN.to_owned(),
        not_before_s: YEAR_S.0,
        not_after_s: YEAR_S.1,
    });
    TrustList { version: 1, not_after_s: YEAR_S.1, entries: entries.into(), witness_quorum: None }
}

pub(crate) fn signed_trust_list() -> Vec<u8> {
    trust_list().sign(&[&key(1), &key(2)]).unwrap()
}

/// Whose device speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Who {
    Teacher,
    Parent,
    Coordinator,
}

impl Who {
    const ALL: [Self; 3] = [Self::Teacher, Self::Parent, Self::Coordinator];

    fn key(self) -> SoftwareKey {
        key(10 + self as u8)
    }

    pub(crate) fn certificate(self) -> Vec<u8> {
        let key = self.key().public_key();
        let (role, provider, children) = match self {
            Self::Teacher => (Role::Teacher, Some(PROVIDER), Vec::new()),
            Self::Parent => (Role::Parent, None, CHILDREN.into()),
            Self::Coordinator => (Role::Coordinator, None, Vec::new()),
        };
        let certificate = DeviceCertificate {
            version: 1,
            device: DeviceId::derive_from(&key),
            key: key.to_bytes(),
            role,
            provider,
            groups: Vec::new(),
            children,
            not_before_s: YEAR_S.0,
            not_after_s: YEAR_S.1,
            name: "test".to_owned(),
        };
        certificate.issue(&self::key(5)).unwrap()
    }
}

pub(crate) fn snapshot() -> Snapshot {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    let contract = |child: ChildId, number: u8| Contract {
        voucher: voucher(child),
        number: format!("V-{number}"),
        child,
        group: GROUP,
        provider: PROVIDER,
        total_tiyn: Tiyn(16_000_000),
        from: day(9, 1),
        to: day(12, 31),
        family: None,
        segments: Vec::new(),
    };
    let snapshot = Snapshot {
        version: 1,
        issuer: Issuer { bin: "000000000001".to_owned(), name: "Issuer".to_owned() },
        providers: vec![Provider {
            id: PROVIDER,
            bin: "000000000002".to_owned(),
            name: "Provider".to_owned(),
        }],
        groups: vec![Group {
            id: GROUP,
            provider: PROVIDER,
            name: "Robotics".to_owned(),
            weekdays: vec![Weekday::Mon, Weekday::Wed],
            start: "16:00".to_owned(),
            minutes: 60,
            capacity: None,
        }],
        contracts: vec![contract(CHILDREN[0], 1), contract(CHILDREN[1], 2)],
        calendar: Calendar::default(),
        params: vec![Params::defaults(day(1, 1), "test-1")],
        narrower: Vec::new(),
        country: Vec::new(),
        budget: Vec::new(),
        admission: None,
    };
    snapshot.verify().unwrap()
}

/// What the log's owner makes the tags with.
pub(crate) const TAG_SECRET: [u8; 32] = [9; 32];

pub(crate) fn tag_key(child: ChildId) -> TagKey {
    TagKey::derive(&TAG_SECRET, child)
}

fn child_tag_key(child: ChildId) -> ChildTagKey {
    ChildTagKey { child, key: Base64(tag_key(child).as_bytes().to_vec()) }
}

pub(crate) fn voucher(child: ChildId) -> VoucherId {
    let [a, ..] = child.0;
    VoucherId([a; 8])
}

pub(crate) fn month() -> Month {
    Month::from_number(MONTH).unwrap()
}

/// A log that can be written on, honestly or not.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) leaves: Vec<BundleLeaf>,
    heads: [Option<ChainHead>; 3],
}

impl World {
    /// Name of the log and snapshot.
    pub(crate) fn begun(snapshot: &Snapshot) -> Self {
        let mut world = Self { leaves: Vec::new(), heads: [None; 3] };
        world.push(LeafKind::Genesis, ORIGIN.as_bytes().to_vec());
        world.push_snapshot(snapshot, &key(6));
        world
    }

    pub(crate) fn push_snapshot(&mut self, snapshot: &Snapshot, signer: &dyn Signer) {
        let json = snapshot.to_canonical_json().into_bytes();
        let sealed = Sign1::seal(signer, SNAPSHOT_DOMAIN, json).unwrap();
        self.push(LeafKind::Snapshot, sealed.to_bytes());
    }

    /// Three lessons with two children: two visits confirmed, one disputed, three unanswered.
    pub(crate) fn taught() -> Self {
        let mut world = Self::begun(&snapshot());
        for (number, lesson) in snapshot().lessons(month()).into_iter().take(3).enumerate() {
            world.say(Who::Teacher, draft(EventKind::LessonOpen, &lesson));
            let [answered, _] = CHILDREN.map(|child| {
                let mut visit = draft(EventKind::In, &lesson);
                visit.child = Some(child);
                visit.voucher = Some(voucher(child));
                visit.method = Some(Method::Scan);
                visit.card = Some(seal::sha256(&CardId([1; 8]).0));
                world.say(Who::Teacher, visit)
            });
            let kind = if number == 2 { EventKind::Dispute } else { EventKind::Confirm };
            let mut answer = draft(kind, &lesson);
            answer.child = Some(CHILDREN[0]);
            answer.about = Some(answered);
            world.say(Who::Parent, answer);
        }
        world
    }

    /// The same, closed, with an honest tranche and one event after it.
    pub(crate) fn closed() -> Self {
        let mut world = Self::taught();
        world.close();
        let tranche = world.honest_tranche();
        world.push_tranche(&tranche, &log_key());
        let lesson = snapshot().lessons(month()).pop().unwrap();
        world.say(Who::Teacher, draft(EventKind::LessonOpen, &lesson));
        world.tag();
        world
    }

    /// Tags all leaves so far that have no tag yet.
    pub(crate) fn tag(&mut self) {
        let mut lists = self.leaves.iter().filter(|leaf| leaf.kind == LeafKind::Tags);
        let first =
            lists.next_back().map_or(0, |last| TagList::parse_kept(&last.bytes.0).unwrap().next());
        let mut leaves = vec![Vec::new(); self.leaves.len()];
        let mut reader = SubjectReader::default();
        for logged in self.logged() {
            let children = reader.take(logged.hash, &logged.event);
            leaves[usize::try_from(logged.index).unwrap()] =
                children.into_iter().map(tag_key).collect();
        }
        for (keys, leaf) in leaves.iter_mut().zip(&self.leaves) {
            if leaf.kind == LeafKind::Card
                && let Ok(card) = UnverifiedCard::parse_bytes(&leaf.bytes.0)
            {
                keys.push(tag_key(card.claims().child));
            }
        }
        let untagged = leaves.split_off(usize::try_from(first).unwrap());
        let list = TagList::new(first, &TagKey::of_nobody(&TAG_SECRET), &untagged);
        self.push_tags(&list);
    }

    pub(crate) fn push_tags(&mut self, list: &TagList) {
        self.push(LeafKind::Tags, list.sign(&log_key()).unwrap());
    }

    pub(crate) fn close(&mut self) {
        let lesson = snapshot().lessons(month()).pop().unwrap();
        let mut close = draft(EventKind::MonthClose, &lesson);
        close.month = Some(MONTH);
        self.say(Who::Coordinator, close);
    }

    /// Appends an event of a device's chain, and names it.
    pub(crate) fn say(&mut self, who: Who, draft: EventDraft) -> Hash {
        let key = who.key();
        let place = &mut self.heads[who as usize];
        let head = place.unwrap_or_else(|| ChainHead::genesis(&key.public_key()));
        let device = DeviceId::derive_from(&key.public_key());
        let event = head.prepare(draft, device).seal(&key).unwrap();
        *place = Some(event.next_head());
        self.push(LeafKind::Event, event.bytes().to_vec());
        event.hash()
    }

    pub(crate) fn push(&mut self, kind: LeafKind, bytes: Vec<u8>) {
        let mut salt = [7; 16];
        salt[..8].copy_from_slice(&(self.leaves.len() as u64).to_le_bytes());
        self.leaves.push(BundleLeaf { kind, salt: Base64(salt.to_vec()), bytes: Base64(bytes) });
    }

    /// The tranche of all leaves so far, of which the last closes the month.
    pub(crate) fn honest_tranche(&self) -> Tranche {
        self.tranche_on(&snapshot())
    }

    /// The same, of this district.
    pub(crate) fn tranche_on(&self, snapshot: &Snapshot) -> Tranche {
        let tree = self.tree();
        let (tree_size, root) = (tree.size(), tree.root());
        let basis = TrancheBasis { origin: ORIGIN.to_owned(), tree_size, root };
        compute_tranche(snapshot, &self.logged(), month(), basis).unwrap()
    }

    pub(crate) fn push_tranche(&mut self, tranche: &Tranche, signer: &dyn Signer) {
        let sealed = Sign1::seal(signer, TRANCHE_DOMAIN, tranche.to_bytes()).unwrap();
        self.push(LeafKind::Tranche, sealed.to_bytes());
    }

    fn logged(&self) -> Vec<LoggedEvent> {
        let trust = trust_list();
        let certificates = Who::ALL
            .map(|who| VerifiedCertificate::verify_for_audit(&who.certificate(), &trust).unwrap());
        let events = (0..).zip(&self.leaves).filter(|(_, leaf)| leaf.kind == LeafKind::Event);
        let logged = events.map(|(index, leaf)| {
            let event = UnverifiedEvent::parse(&leaf.bytes.0).unwrap();
            let device = event.event().device;
            let mut certificates = certificates.iter().map(VerifiedCertificate::certificate);
            let certificate = certificates.find(|known| known.device == device).unwrap();
            LoggedEvent {
                index,
                hash: event.hash(),
                event: event.event().clone(),
                role: certificate.role,
                provider: certificate.provider,
                children: certificate.children.clone(),
            }
        });
        logged.collect()
    }

    pub(crate) fn tree(&self) -> MemoryTree {
        self.leaves.iter().map(|leaf| leaf_hash(data(leaf).as_ref())).collect()
    }

    /// Signs the leaves as they are: what a log says that lies about its content.
    pub(crate) fn checkpoint(&self) -> String {
        let tree = self.tree();
        let (size, root) = (tree.size(), tree.root());
        sign_note(&Checkpoint { origin: ORIGIN.to_owned(), size, root }, &log_key()).unwrap()
    }

    pub(crate) fn bundle(&self) -> Bundle {
        Bundle {
            format: BUNDLE_FORMAT.to_owned(),
            month: MONTH,
            roots: Base64(roots().to_bytes()),
            trust_list: Base64(signed_trust_list()),
            checkpoint: self.checkpoint(),
            certificates: Who::ALL.map(|who| Base64(who.certificate())).into(),
            leaves: self.leaves.clone(),
            tag_keys: Some(BundleTagKeys {
                nobody: Base64(TagKey::of_nobody(&TAG_SECRET).as_bytes().to_vec()),
                children: CHILDREN.map(child_tag_key).into(),
            }),
        }
    }

    /// The receipt file of a teacher's event.
    pub(crate) fn receipt_file(&self, index: u64) -> ReceiptFile {
        let tree = self.tree();
        let leaf = &self.leaves[usize::try_from(index).unwrap()];
        let proof = prove_inclusion(index, tree.size(), &tree).unwrap();
        ReceiptFile {
            format: RECEIPT_FORMAT.to_owned(),
            event: leaf.bytes.clone(),
            certificate: Base64(Who::Teacher.certificate()),
            salt: leaf.salt.clone(),
            receipt: Base64(Receipt::issue(&log_key(), &proof, tree.root()).unwrap()),
            checkpoint: self.checkpoint(),
            witnessed: None,
        }
    }
}

fn data(leaf: &BundleLeaf) -> Hash {
    salted_leaf(&leaf.salt.0.clone().try_into().unwrap(), &leaf.bytes.0)
}

pub(crate) fn draft(kind: EventKind, lesson: &Lesson) -> EventDraft {
    let mut draft = EventDraft::new(kind, lesson.start_ms, 0, BootId([0; 8]));
    draft.lesson = Some(lesson.id);
    draft.provider = Some(lesson.provider);
    draft
}
