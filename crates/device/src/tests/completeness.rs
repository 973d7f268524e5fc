//! Completeness: which leaves are about the own child, and that all of them are here.

use attendance::{ChainHead, EventDraft, EventKind, LeafKind, Method, TagKey, TagList};

use super::*;
use crate::{
    AlarmCode, Completeness, EntryKind, MissingEntry, MissingWhy, OwnEntry, SeenEntry, SeenTagList,
    TagsError,
};

const OTHER_PARENT: u8 = 23;
const SECRET: [u8; 32] = [0x7a; 32];

fn tag_key(child: ChildId) -> TagKey {
    TagKey::derive(&SECRET, child)
}

/// A log that gives its leaves tags, as the server does.
struct TaggedLog {
    log: TestLog,
    /// Which children each leaf is about.
    about: Vec<Vec<ChildId>>,
    tagged: u64,
    lists: Vec<(Leaf, Vec<u8>)>,
}

impl TaggedLog {
    fn new() -> Self {
        Self { log: TestLog::new(), about: vec![vec![]], tagged: 0, lists: vec![] }
    }

    fn push(&mut self, bytes: &[u8], about: &[ChildId]) -> Leaf {
        self.about.push(about.to_vec());
        self.log.push(bytes)
    }

    /// Appends the list of the leaves that have no tag yet.
    fn tag(&mut self) {
        let from = usize::try_from(self.tagged).unwrap();
        let list = tag_list(self.tagged, &self.about[from..]);
        self.append_list(&list, LOG);
    }

    fn append_list(&mut self, list: &TagList, signer: u8) {
        let bytes = list.sign(&key(signer)).unwrap();
        self.tagged = list.next();
        let leaf = self.push(&bytes, &[]);
        self.lists.push((leaf, bytes));
    }

    /// The lists, as the server shows them under the newest checkpoint.
    fn shown(&self) -> Vec<SeenTagList> {
        let shown = |(leaf, bytes): &(Leaf, Vec<u8>)| SeenTagList {
            bytes: bytes.clone(),
            salt: leaf.salt,
            receipt: self.log.receipt(leaf),
            leaf_index: leaf.index,
        };
        self.lists.iter().map(shown).collect()
    }

    fn give(&self, parent: &mut Device) -> Result<usize, TagsError> {
        self.log.shown_to(parent)?;
        parent.store_tags(&[(ALPHA, tag_key(ALPHA))], &self.shown(), &self.log.note())
    }

    fn entry(&self, leaf: &Leaf, bytes: &[u8], signer: u8, role: Role) -> SeenEntry {
        SeenEntry {
            kind: LeafKind::Event,
            certificate: Some(certificate(signer, role)),
            bytes: bytes.to_vec(),
            salt: leaf.salt,
            receipt: self.log.receipt(leaf),
            leaf_index: leaf.index,
        }
    }
}

fn tag_list(first: u64, about: &[Vec<ChildId>]) -> TagList {
    let keys: Vec<Vec<TagKey>> = about
        .iter()
        .map(|children| children.iter().map(|child| tag_key(*child)).collect())
        .collect();
    TagList::new(first, &TagKey::of_nobody(&SECRET), &keys)
}

/// The first event of a device, signed.
fn first_event(signer: u8, draft: EventDraft) -> Vec<u8> {
    let public = key(signer).public_key();
    let prepared = ChainHead::genesis(&public).prepare(draft, DeviceId::derive_from(&public));
    prepared.seal(&key(signer)).unwrap().bytes().to_vec()
}

fn draft(kind: EventKind) -> EventDraft {
    EventDraft::new(kind, START_MS, 1, BootId([9; 8]))
}

fn visit_of(child: ChildId) -> Vec<u8> {
    let said = EventDraft {
        child: Some(child),
        lesson: Some(lesson()),
        provider: Some(PROVIDER),
        method: Some(Method::Scan),
        ..draft(EventKind::In)
    };
    first_event(TEACHER, said)
}

fn only(device: &Device) -> Completeness {
    let mut all = device.completeness().unwrap();
    assert_eq!(all.len(), 1, "there is one own child");
    all.pop().unwrap()
}

fn made(entry: &OwnEntry) -> (Role, bool) {
    let made = entry.made.as_ref().expect("an event was made by a device");
    (made.role, made.own)
}

fn codes(device: &Device) -> Vec<AlarmCode> {
    device.alarms().unwrap().iter().map(|alarm| alarm.code).collect()
}

#[test]
fn is_complete_once_every_leaf_about_the_child_is_here() {
    let district = District::new();
    let mut parent = district.parent();
    assert!(!only(&parent).is_complete(), "without a list nothing is proven");

    // A visit, the own answer, and the answer of the other parent.
    let (visit, other) = (visit_of(ALPHA), visit_of(BETA));
    let mut tagged = TaggedLog::new();
    let leaf = tagged.push(&visit, &[ALPHA]);
    tagged.push(&other, &[BETA]);
    let shown = seen(&tagged.log, &leaf, &visit, TEACHER, Role::Teacher);
    parent.store_visits(&[shown], &tagged.log.note()).unwrap();
    let hash = attendance::event_hash(&visit);
    parent.answer(hash, true).unwrap();
    let receipts = tagged.log.take(&parent);
    tagged.about.push(vec![ALPHA]);
    tagged.log.shown_to(&mut parent).unwrap();
    parent.store_receipts(&tagged.log.note(), &receipts).unwrap();
    let said = EventDraft { child: Some(ALPHA), about: Some(hash), ..draft(EventKind::Dispute) };
    let theirs = first_event(OTHER_PARENT, said);
    let their_leaf = tagged.push(&theirs, &[ALPHA]);
    tagged.tag();
    assert_eq!(tagged.give(&mut parent).unwrap(), 1);
    assert_eq!(tagged.give(&mut parent).unwrap(), 0, "the same again");
    assert_eq!(parent.tags_cursor().unwrap(), 5);

    let known = only(&parent);
    assert_eq!((known.covered, known.complete_to(), known.is_complete()), (5, 4, false));
    let missing = MissingEntry { leaf_index: 4, why: MissingWhy::NotAsked };
    assert_eq!(known.missing, [missing]);
    assert_eq!(parent.entries_wanted().unwrap(), [4]);
    let entry = tagged.entry(&their_leaf, &theirs, OTHER_PARENT, Role::Parent);
    assert!(parent.store_entry(4, &entry, &tagged.log.note()).unwrap());
    assert!(parent.store_entry(4, &entry, &tagged.log.note()).unwrap(), "the same again");

    let known = only(&parent);
    assert_eq!((known.covered, known.complete_to(), known.is_complete()), (5, 5, true));
    assert_eq!((known.tree_size, known.at_ms), (Some(6), Some(START_MS)));
    let entries: Vec<_> =
        known.entries.iter().map(|one| (one.leaf_index, one.kind, made(one))).collect();
    let event = EntryKind::Event;
    assert_eq!(
        entries,
        [
            (1, event(EventKind::In), (Role::Teacher, false)),
            (3, event(EventKind::Confirm), (Role::Parent, true)),
            (4, event(EventKind::Dispute), (Role::Parent, false)),
        ]
    );
    assert_eq!(parent.entries_wanted().unwrap(), [] as [u64; 0]);
    let proof = parent.proof(attendance::event_hash(&theirs)).unwrap().unwrap();
    assert_eq!((proof.leaf_index, proof.event_bytes), (4, theirs.clone()));
    assert_eq!(
        parent.mark_of(attendance::event_hash(&theirs)).unwrap(),
        Some(crate::Mark::Receipted)
    );
    assert_eq!(codes(&parent), []);

    // What comes after the last list moves nothing.
    tagged.push(b"later", &[ALPHA]);
    assert_eq!(tagged.give(&mut parent).unwrap(), 0);
    assert_eq!((only(&parent).covered, only(&parent).is_complete()), (5, true));
}

#[test]
fn names_what_the_server_does_not_show() {
    let district = District::new();
    let mut parent = district.parent();
    let visit = visit_of(ALPHA);
    let mut tagged = TaggedLog::new();
    let leaf = tagged.push(&visit, &[ALPHA]);
    tagged.tag();
    tagged.give(&mut parent).unwrap();
    parent.entry_not_shown(1, "there is no such entry").unwrap();
    parent.entry_not_shown(1, "there is no such entry").unwrap();
    let known = only(&parent);
    let why = MissingWhy::Refused("there is no such entry".to_owned());
    assert_eq!(known.missing, [MissingEntry { leaf_index: 1, why }]);
    assert_eq!((known.covered, known.complete_to()), (2, 1));
    let refusals: i64 =
        parent.db.query_row("SELECT count(*) FROM entry_refusal", [], |row| row.get(0)).unwrap();
    assert_eq!(refusals, 1, "the same answer is kept once");

    // Shown after all, it is a visit like the others: it can be answered.
    let entry = tagged.entry(&leaf, &visit, TEACHER, Role::Teacher);
    assert!(parent.store_entry(1, &entry, &tagged.log.note()).unwrap());
    assert!(only(&parent).is_complete());
    assert_eq!(parent.visits().unwrap().len(), 1);
    parent.answer(attendance::event_hash(&visit), false).unwrap();
}

#[test]
fn finds_events_that_name_the_child_only_by_what_they_speak_of() {
    let district = District::new();
    let mut parent = district.parent();
    let visit = visit_of(ALPHA);
    let about = Some(attendance::event_hash(&visit));
    let void = first_event(COORDINATOR, EventDraft { about, ..draft(EventKind::Void) });
    let moved = EventDraft { about, child: Some(BETA), ..draft(EventKind::Correct) };
    let moved = first_event(RULES, moved);
    let mut tagged = TaggedLog::new();
    let leaves = [
        (tagged.push(&visit, &[ALPHA]), &visit, TEACHER, Role::Teacher),
        (tagged.push(&void, &[ALPHA]), &void, COORDINATOR, Role::Coordinator),
        (tagged.push(&moved, &[BETA, ALPHA]), &moved, RULES, Role::Teacher),
    ];
    tagged.tag();
    tagged.give(&mut parent).unwrap();
    assert_eq!(parent.entries_wanted().unwrap(), [1, 2, 3]);
    // Without the visit nobody can tell that the withdrawal is about the child.
    let shown = |at: usize| {
        let (leaf, bytes, signer, role) = &leaves[at];
        tagged.entry(leaf, bytes, *signer, *role)
    };
    assert!(!parent.store_entry(2, &shown(1), &tagged.log.note()).unwrap());
    for (leaf, at) in (1..).zip(0..3) {
        assert!(parent.store_entry(leaf, &shown(at), &tagged.log.note()).unwrap());
    }
    assert!(only(&parent).is_complete());
    assert_eq!(only(&parent).entries.len(), 3);
}

#[test]
fn knows_the_cards_that_were_issued_for_the_child() {
    let shown = |issuer: u8, child: ChildId| {
        let card = card_by(&key(issuer), child).bytes;
        let mut tagged = TaggedLog::new();
        let leaf = tagged.push(&card, &[ALPHA]);
        tagged.tag();
        let entry = SeenEntry {
            kind: LeafKind::Card,
            certificate: None,
            ..tagged.entry(&leaf, &card, TEACHER, Role::Teacher)
        };
        let district = District::new();
        let mut parent = district.parent();
        tagged.give(&mut parent).unwrap();
        assert_eq!(parent.entries_wanted().unwrap(), [1]);
        let held = parent.store_entry(1, &entry, &tagged.log.note()).unwrap();
        (held, only(&parent), parent.alarms().unwrap())
    };
    let (held, known, alarms) = shown(ISSUER, ALPHA);
    assert!(held && known.is_complete(), "{alarms:?}");
    assert_eq!((known.entries[0].kind, &known.entries[0].made), (EntryKind::Card, &None));
    for (case, word) in
        [(shown(TEACHER, ALPHA), "card: "), (shown(ISSUER, BETA), "not about the child")]
    {
        let (held, known, alarms) = case;
        assert!(!held && !known.is_complete());
        assert!(alarms[0].detail.contains(word), "{}", alarms[0].detail);
    }
}

#[test]
fn refuses_entries_that_do_not_hold() {
    let (visit, other) = (visit_of(ALPHA), visit_of(BETA));
    let mut tagged = TaggedLog::new();
    let leaf = tagged.push(&visit, &[ALPHA]);
    let stranger = tagged.push(&other, &[ALPHA]);
    tagged.tag();
    let good = tagged.entry(&leaf, &visit, TEACHER, Role::Teacher);
    let wrong = [
        (1, SeenEntry { leaf_index: 2, ..good.clone() }, "leaf 1 was asked for"),
        (1, SeenEntry { salt: [0; 16], ..good.clone() }, "receipt"),
        (1, SeenEntry { receipt: tagged.log.receipt(&stranger), ..good.clone() }, "receipt"),
        (1, SeenEntry { certificate: None, ..good.clone() }, "certificate"),
        (
            1,
            SeenEntry { certificate: Some(certificate(PARENT, Role::Teacher)), ..good.clone() },
            "event",
        ),
        (1, SeenEntry { kind: LeafKind::Tranche, ..good }, "update"),
        (2, tagged.entry(&stranger, &other, TEACHER, Role::Teacher), "not about the child"),
    ];
    for (wanted, entry, word) in wrong {
        let district = District::new();
        let mut parent = district.parent();
        tagged.give(&mut parent).unwrap();
        assert!(!parent.store_entry(wanted, &entry, &tagged.log.note()).unwrap(), "{word}");
        let alarms = parent.alarms().unwrap();
        assert_eq!((alarms.len(), alarms[0].code), (1, AlarmCode::BadEntry));
        assert!(alarms[0].detail.contains(word), "{}", alarms[0].detail);
        let missing = only(&parent).missing;
        let found = missing.iter().find(|missing| missing.leaf_index == wanted).unwrap();
        assert!(matches!(&found.why, MissingWhy::Wrong(why) if why.contains(word)), "{found:?}");
        assert_eq!(parent.visits().unwrap(), []);
    }
}

#[test]
fn refuses_lists_that_do_not_hold_and_keeps_the_ones_before() {
    let mut tagged = TaggedLog::new();
    tagged.push(&visit_of(ALPHA), &[ALPHA]);
    tagged.tag();
    let next = tagged.tagged;
    let forged = |first: u64, count: usize, signer: u8| {
        let mut tagged = TaggedLog::new();
        tagged.push(&visit_of(ALPHA), &[ALPHA]);
        tagged.tag();
        tagged.append_list(&tag_list(first, &vec![vec![]; count]), signer);
        tagged
    };
    let wrong = [
        (forged(next, 1, RULES), "no key of the log signed"),
        (forged(next, 2, LOG), "covers leaves up to 4, which were not there yet"),
        (forged(next + 1, 1, LOG), "covers leaves up to 4, which were not there yet"),
        (forged(1, 1, LOG), "begins at leaf 1, expected was leaf 2"),
        (forged(0, 1, LOG), "leaf 3 gives tags to leaves that have theirs from leaf 2"),
        (forged(0, 3, LOG), "leaf 3 gives tags to leaves that have theirs from leaf 2"),
    ];
    for (case, word) in wrong {
        let district = District::new();
        let mut parent = district.parent();
        let refused = case.give(&mut parent).unwrap_err().to_string();
        assert!(refused.contains(word), "{refused}");
        assert_eq!(codes(&parent), [AlarmCode::BadTags], "{refused}");
        assert_eq!(parent.alarms().unwrap()[0].evidence, case.lists[1].1);
        assert_eq!(only(&parent).covered, next, "the list before is kept: {refused}");
    }
}

#[test]
fn refuses_a_gap_and_a_list_at_another_place() {
    let district = District::new();
    let mut parent = district.parent();
    let mut tagged = TaggedLog::new();
    tagged.push(b"one", &[]);
    tagged.tag();
    tagged.push(b"two", &[ALPHA]);
    tagged.tag();
    let keys = [(ALPHA, tag_key(ALPHA))];
    let (shown, note) = (tagged.shown(), tagged.log.note());
    let gap = parent.store_tags(&keys, &shown[1..], &note);
    assert!(matches!(gap, Err(TagsError::Gap { first: 2, expected: 0 })), "{gap:?}");
    let moved = SeenTagList { leaf_index: 3, ..shown[0].clone() };
    let moved = parent.store_tags(&keys, &[moved], &note);
    assert!(matches!(moved, Err(TagsError::OtherLeaf { claimed: 3, proven: 2 })), "{moved:?}");
    let unproven = SeenTagList { salt: [0; 16], ..shown[0].clone() };
    let unproven = parent.store_tags(&keys, &[unproven], &note);
    assert!(matches!(unproven, Err(TagsError::Receipt(_))), "{unproven:?}");
    assert_eq!(only(&parent).covered, 0);
    assert_eq!(parent.store_tags(&keys, &shown, &note).unwrap(), 2, "the true ones still go");
    assert_eq!((only(&parent).covered, parent.entries_wanted().unwrap()), (4, vec![3]));
}

#[test]
fn a_log_that_does_not_name_what_it_showed_tells_two_stories() {
    let district = District::new();
    let mut parent = district.parent();
    let visit = visit_of(ALPHA);
    let mut tagged = TaggedLog::new();
    let leaf = tagged.push(&visit, &[]);
    let shown = seen(&tagged.log, &leaf, &visit, TEACHER, Role::Teacher);
    parent.store_visits(&[shown], &tagged.log.note()).unwrap();
    parent.answer(attendance::event_hash(&visit), true).unwrap();
    let receipts = tagged.log.take(&parent);
    tagged.about.push(vec![]);
    tagged.log.shown_to(&mut parent).unwrap();
    parent.store_receipts(&tagged.log.note(), &receipts).unwrap();
    tagged.tag();
    tagged.give(&mut parent).unwrap();
    let known = only(&parent);
    assert_eq!((&known.unnamed[..], known.complete_to()), (&[1, 2][..], 1));
    assert!(!known.is_complete());
    assert_eq!(codes(&parent), [AlarmCode::UnnamedEntry; 2]);
    assert_eq!(parent.alarms().unwrap()[0].evidence, visit);
    tagged.give(&mut parent).unwrap();
    assert_eq!(codes(&parent).len(), 2, "the same alarm is kept once");
}

#[test]
fn another_key_for_the_child_is_an_alarm_and_the_first_one_stays() {
    let district = District::new();
    let mut parent = district.parent();
    let mut tagged = TaggedLog::new();
    tagged.push(b"one", &[ALPHA]);
    tagged.tag();
    tagged.give(&mut parent).unwrap();
    let keys = [(ALPHA, tag_key(BETA))];
    let other = parent.store_tags(&keys, &tagged.shown(), &tagged.log.note());
    assert!(matches!(other, Err(TagsError::OtherKey)));
    assert_eq!(codes(&parent), [AlarmCode::BadTags]);
    assert_eq!(parent.alarms().unwrap()[0].evidence, ALPHA.0, "and no key in the evidence");
    tagged.push(b"two", &[ALPHA]);
    tagged.tag();
    tagged.give(&mut parent).unwrap();
    assert_eq!(parent.entries_wanted().unwrap(), [1, 3]);
}

#[test]
fn a_list_without_the_childs_key_proves_nothing() {
    let district = District::new();
    let mut parent = district.parent();
    let mut tagged = TaggedLog::new();
    tagged.push(b"one", &[ALPHA]);
    tagged.tag();
    let strangers = [(BETA, tag_key(BETA))];
    let stored = parent.store_tags(&strangers, &tagged.shown(), &tagged.log.note());
    assert_eq!((stored.unwrap(), only(&parent).covered), (0, 0));
    let teacher = district.teacher();
    assert_eq!((teacher.completeness().unwrap(), teacher.tags_cursor().unwrap()), (vec![], 0));
}
