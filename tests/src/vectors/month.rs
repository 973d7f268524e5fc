//! A log that can be written on, honestly or not: what bundles, receipts and tranches are made of.

use attendance::{
    ChainedEvent, ChildId, DeviceCertificate, EventDraft, EventKind, GroupId, LeafKind, Method,
    ProviderId, Role, SubjectReader, TagKey, TagList, UnverifiedCard, VoucherId,
};
use ledger::{
    Lesson, LoggedEvent, LoggedSnapshot, Month, Snapshot, Snapshots, Tranche, TrancheBasis,
    compute_closed, compute_tranche,
};
use seal::{Hash, Signer, SoftwareKey};
use std::collections::BTreeSet;
use sync_api::{
    BUNDLE_FORMAT, Base64, Bundle, BundleLeaf, BundleTagKeys, ChildTagKey, SNAPSHOT_DOMAIN,
    TRANCHE_DOMAIN,
};
use tlog::{Checkpoint, MemoryTree, leaf_hash, salted_leaf, sign_note};

use super::breaks::seal;
use super::event::draft;
use super::material::{DAY_S, NOW_S, device_ca, log_key, roots, rules_key, signed_trust_list};
use crate::{Pen, district};

/// Who holds a device.
#[derive(Clone, Copy)]
pub(super) enum Who {
    ChessTeacher,
    JudoTeacher,
    /// The family of children 1 and 2.
    FamilyA,
    /// The family of children 3 and 4.
    FamilyB,
    Coordinator,
    /// Answers for the chess house; enrolled by [`Log::enrol`].
    ChessAdmin,
    /// Of the district too; enrolled by [`Log::enrol`].
    SecondCoordinator,
}

impl Who {
    pub(super) const ALL: [Self; 5] =
        [Self::ChessTeacher, Self::JudoTeacher, Self::FamilyA, Self::FamilyB, Self::Coordinator];

    pub(super) fn pen(self) -> Pen {
        Pen::new(match self {
            Self::ChessTeacher => 21,
            Self::JudoTeacher => 24,
            Self::FamilyA => 22,
            Self::FamilyB => 25,
            Self::Coordinator => 23,
            Self::ChessAdmin => 26,
            Self::SecondCoordinator => 27,
        })
    }

    pub(super) fn certificate(self) -> DeviceCertificate {
        let pen = self.pen();
        let of = |provider: ProviderId, groups: &[GroupId]| (Some(provider), groups.to_vec());
        let (provider, groups) = match self {
            Self::ChessTeacher => of(district::CHESS_HOUSE, &[district::CHESS]),
            Self::JudoTeacher => of(district::JUDO_CLUB, &[district::JUDO]),
            Self::ChessAdmin => of(district::CHESS_HOUSE, &[]),
            Self::FamilyA | Self::FamilyB | Self::Coordinator | Self::SecondCoordinator => {
                (None, Vec::new())
            }
        };
        let (role, children) = match self {
            Self::ChessTeacher | Self::JudoTeacher => (Role::Teacher, Vec::new()),
            Self::FamilyA => (Role::Parent, vec![district::child(1), district::child(2)]),
            Self::FamilyB => (Role::Parent, vec![district::child(3), district::child(4)]),
            Self::Coordinator | Self::SecondCoordinator => (Role::Coordinator, Vec::new()),
            Self::ChessAdmin => (Role::ProviderAdmin, Vec::new()),
        };
        DeviceCertificate {
            version: attendance::CERTIFICATE_VERSION,
            device: pen.device(),
            key: pen.key().public_key().to_bytes(),
            role,
            provider,
            groups,
            children,
            not_before_s: NOW_S - DAY_S,
            not_after_s: NOW_S + 300 * DAY_S,
            name: format!("{role:?}"),
        }
    }

    pub(super) fn signed_certificate(self) -> Vec<u8> {
        self.certificate().issue(&device_ca()).expect("a software key signs")
    }
}

/// The log, and the devices that write into it.
#[derive(Clone)]
pub(super) struct Log {
    pub(super) snapshot: Snapshot,
    pub(super) leaves: Vec<BundleLeaf>,
    pub(super) certificates: Vec<Vec<u8>>,
    events: Vec<LoggedEvent>,
    pens: Vec<Pen>,
    /// The first leaf without a tag.
    tagged: usize,
}

impl Log {
    /// Its name and its snapshot.
    pub(super) fn begun(snapshot: Snapshot) -> Self {
        let mut log = Self {
            snapshot,
            leaves: Vec::new(),
            certificates: Who::ALL.map(Who::signed_certificate).into(),
            events: Vec::new(),
            pens: Who::ALL.map(Who::pen).into(),
            tagged: 0,
        };
        log.push(LeafKind::Genesis, district::ORIGIN.as_bytes().to_vec());
        let json = log.snapshot.to_canonical_json().into_bytes();
        log.push(LeafKind::Snapshot, seal(&rules_key(), SNAPSHOT_DOMAIN, json));
        log
    }

    /// Lets the administrator of the chess house write.
    pub(super) fn enrol(&mut self, who: Who) {
        self.certificates.push(who.signed_certificate());
        self.pens.push(who.pen());
    }

    /// What was said so far, as the ledger takes it.
    pub(super) fn events(&self) -> &[LoggedEvent] {
        &self.events
    }

    /// Logs a newer snapshot, which is in force from there on.
    pub(super) fn amend(&mut self, snapshot: Snapshot, signer: &SoftwareKey) {
        let json = snapshot.to_canonical_json().into_bytes();
        self.push(LeafKind::Snapshot, seal(signer, SNAPSHOT_DOMAIN, json));
        self.snapshot = snapshot;
    }

    /// The cards among the leaves, and whose they are.
    fn cards(&self) -> impl Iterator<Item = (usize, ChildId)> {
        let cards = self.leaves.iter().enumerate().filter(|(_, leaf)| leaf.kind == LeafKind::Card);
        cards.filter_map(|(index, leaf)| {
            let card = UnverifiedCard::parse_bytes(&leaf.bytes.0).ok()?;
            Some((index, card.claims().child))
        })
    }

    /// Appends an event of somebody's chain, and names it.
    pub(super) fn say(&mut self, who: Who, draft: EventDraft) -> Hash {
        let device = who.pen().device();
        let pen = self.pens.iter_mut().find(|pen| pen.device() == device);
        let event: ChainedEvent = pen.expect("it is enrolled").write(draft);
        let DeviceCertificate { role, provider, children, .. } = who.certificate();
        let index = self.leaves.len() as u64;
        self.push(LeafKind::Event, event.bytes().to_vec());
        let (hash, event) = (event.hash(), event.event().clone());
        self.events.push(LoggedEvent { index, hash, event, role, provider, children });
        hash
    }

    /// A child came, by card.
    pub(super) fn visit(
        &mut self,
        who: Who,
        (child, voucher): (ChildId, VoucherId),
        lesson: &Lesson,
        late_min: i64,
    ) -> Hash {
        self.say(who, came((child, voucher), lesson, late_min))
    }

    /// A family answers.
    pub(super) fn answer(&mut self, who: Who, kind: EventKind, about: Hash, at_ms: i64) -> Hash {
        self.say(who, EventDraft { about: Some(about), ..draft(kind, at_ms) })
    }

    /// The visits that were recorded of a child.
    pub(super) fn visits_of(&self, child: ChildId) -> Vec<Hash> {
        let visits = self.events.iter().filter(|one| one.event.kind == EventKind::In);
        visits.filter(|one| one.event.child == Some(child)).map(|one| one.hash).collect()
    }

    /// Somebody closes the month.
    pub(super) fn close(&mut self, who: Who, at_ms: i64) -> Hash {
        let close = draft(EventKind::MonthClose, at_ms);
        self.say(who, EventDraft { month: Some(month().number()), ..close })
    }

    pub(super) fn push(&mut self, kind: LeafKind, bytes: Vec<u8>) {
        let number = u32::try_from(self.leaves.len()).expect("a small log");
        let salt = seal::sha256(&number.to_be_bytes()).0[..16].to_vec();
        self.leaves.push(BundleLeaf { kind, salt: Base64(salt), bytes: Base64(bytes) });
    }

    /// The tranche of all leaves so far, of which the last closes the month.
    pub(super) fn tranche(&self) -> Tranche {
        let tree = self.tree();
        let origin = district::ORIGIN.to_owned();
        let basis = TrancheBasis { origin, tree_size: tree.size(), root: tree.root() };
        compute_tranche(&self.snapshot, &self.events, month(), basis).expect("a month with rules")
    }

    /// The tranche of a month over the first `size` leaves, of which the last closes it, with what it
    /// corrects.
    pub(super) fn tranche_of(&self, month: Month, size: u64) -> Tranche {
        let leaves = usize::try_from(size).expect("a small log");
        let tree = Self { leaves: self.leaves[..leaves].to_vec(), ..self.clone() }.tree();
        let first = LoggedSnapshot { index: 1, snapshot: self.snapshot.clone() };
        let origin = district::ORIGIN.to_owned();
        let basis = TrancheBasis { origin, tree_size: size, root: tree.root() };
        compute_closed(&Snapshots::begin(first), &self.events, month, basis)
            .expect("a month with rules")
    }

    /// A coordinator closes a month on its last day; the log says what it comes to.
    pub(super) fn settle(&mut self, month: Month) -> Tranche {
        let at_ms = ledger::local_ms(month.last_day(), 720).expect("a day of our time");
        let close =
            EventDraft { month: Some(month.number()), ..draft(EventKind::MonthClose, at_ms) };
        self.say(Who::Coordinator, close);
        let tranche = self.tranche_of(month, self.leaves.len() as u64);
        self.tag();
        self.push_tranche(&tranche, &log_key());
        tranche
    }

    pub(super) fn push_tranche(&mut self, tranche: &Tranche, signer: &SoftwareKey) {
        self.push(LeafKind::Tranche, seal(signer, TRANCHE_DOMAIN, tranche.to_bytes()));
    }

    /// Gives the leaves their tags that have none.
    pub(super) fn tag(&mut self) {
        let keys = self.keys_of_leaves();
        let first = self.tagged as u64;
        self.push_tags(&TagList::new(first, &nobody(), &keys[self.tagged..]), &log_key());
    }

    pub(super) fn push_tags(&mut self, list: &TagList, signer: &SoftwareKey) {
        self.tagged = usize::try_from(list.next()).expect("a small log");
        self.push(LeafKind::Tags, list.sign(signer).expect("a software key signs"));
    }

    /// The keys of the children that each leaf is about.
    pub(super) fn keys_of_leaves(&self) -> Vec<Vec<TagKey>> {
        let (mut reader, mut keys) =
            (SubjectReader::default(), vec![Vec::new(); self.leaves.len()]);
        for one in &self.events {
            let children = reader.take(one.hash, &one.event);
            keys[usize::try_from(one.index).expect("a small log")] =
                children.into_iter().map(tag_key).collect();
        }
        for (index, child) in self.cards() {
            keys[index].push(tag_key(child));
        }
        keys
    }

    fn tag_keys(&self) -> BundleTagKeys {
        let mut reader = SubjectReader::default();
        let events = self.events.iter();
        let of_events = events.flat_map(|one| reader.take(one.hash, &one.event));
        let children: BTreeSet<_> = of_events.chain(self.cards().map(|(_, child)| child)).collect();
        let key = |key: TagKey| Base64(key.as_bytes().to_vec());
        let children = children.into_iter();
        BundleTagKeys {
            nobody: key(nobody()),
            children: children
                .map(|child| ChildTagKey { child, key: key(tag_key(child)) })
                .collect(),
        }
    }

    pub(super) fn tree(&self) -> MemoryTree {
        let hash = |leaf: &BundleLeaf| {
            let salt = leaf.salt.0.as_slice().try_into().expect("a salt has 16 bytes");
            leaf_hash(salted_leaf(&salt, &leaf.bytes.0).as_ref())
        };
        self.leaves.iter().map(hash).collect()
    }

    /// Signs the leaves as they are: what a log says that lies about its content.
    pub(super) fn checkpoint(&self) -> String {
        self.checkpoint_by(&log_key())
    }

    pub(super) fn checkpoint_by(&self, signer: &dyn Signer) -> String {
        let tree = self.tree();
        let origin = district::ORIGIN.to_owned();
        let checkpoint = Checkpoint { origin, size: tree.size(), root: tree.root() };
        sign_note(&checkpoint, signer).expect("a software key signs")
    }

    pub(super) fn bundle(&self) -> Bundle {
        self.bundle_of(month())
    }

    pub(super) fn bundle_of(&self, month: Month) -> Bundle {
        Bundle {
            format: BUNDLE_FORMAT.to_owned(),
            month: month.number(),
            roots: Base64(roots().to_bytes()),
            trust_list: Base64(signed_trust_list()),
            checkpoint: self.checkpoint(),
            certificates: self.certificates.iter().cloned().map(Base64).collect(),
            leaves: self.leaves.clone(),
            tag_keys: Some(self.tag_keys()),
        }
    }
}

/// What the tags of these logs are made with.
const TAG_SECRET: [u8; 32] = [0x7a; 32];

pub(super) fn tag_key(child: ChildId) -> TagKey {
    TagKey::derive(&TAG_SECRET, child)
}

pub(super) fn nobody() -> TagKey {
    TagKey::of_nobody(&TAG_SECRET)
}

pub(super) fn month() -> Month {
    district::MONTH.parse().expect("a month")
}

pub(super) fn came(
    (child, voucher): (ChildId, VoucherId),
    lesson: &Lesson,
    late_min: i64,
) -> EventDraft {
    EventDraft {
        child: Some(child),
        voucher: Some(voucher),
        lesson: Some(lesson.id),
        provider: Some(lesson.provider),
        method: Some(Method::Scan),
        card: Some(seal::sha256(&child.0)),
        ..draft(EventKind::In, lesson.start_ms + late_min * 60_000)
    }
}

/// A child and its voucher, by number.
pub(super) fn pupil(number: u8) -> (ChildId, VoucherId) {
    (district::child(number), district::voucher(number))
}

/// Two lessons of two children: one visit confirmed, one disputed, one unanswered.
pub(super) fn taught() -> Log {
    let mut log = Log::begun(district::snapshot());
    for (number, lesson) in district::lessons(district::CHESS).iter().take(2).enumerate() {
        let visit = log.visit(Who::ChessTeacher, pupil(1), lesson, 0);
        let kind = if number == 0 { EventKind::Confirm } else { EventKind::Dispute };
        log.answer(Who::FamilyA, kind, visit, lesson.end_ms);
        if number == 0 {
            log.visit(Who::ChessTeacher, pupil(2), lesson, 0);
        }
    }
    log
}

/// The same, closed, tagged and computed.
pub(super) fn closed() -> Log {
    let mut log = taught();
    log.close(Who::Coordinator, district::MAY_CLOSE_MS);
    let tranche = log.tranche();
    log.tag();
    log.push_tranche(&tranche, &log_key());
    log
}
