//! "Nothing about my child is hidden": an honest server lets it be proven, another one is found out.

use attendance::{EventDraft, EventKind, Role, TagList, UnverifiedEvent};
use device::AlarmCode;
use ipc::{Answer, CompletenessView, EntryFault, EntryKind};
use serde_json::{Value, json};
use sync_api::{Base64, BatchResponse, EntryResponse, ProblemKind, TagsResponse};
use system_tests::{LyingServer, Phone, Told, Town, district, grant};

use super::{batch, enrolled_pen, first_lesson, visits};

/// A lesson with children 1 to 3; the server has it, and every leaf has its tag.
async fn taught(town: &Town) {
    let (teacher, lesson) = (town.teacher().await, first_lesson());
    town.set_clock(lesson.start_ms);
    teacher.open(lesson.id).await;
    for child in 1..=3 {
        teacher.scan(lesson.id, &town.card(child)).await.kept();
    }
    teacher.sync().await.receipted(4);
    town.server().tag_leaves().await.expect("the leaves get their tags");
}

/// The phone of child 1's family, which reaches the server through `address`; not synced yet.
async fn parent(town: &Town, address: &str) -> Phone {
    let children = vec![district::child(1)];
    let grant = server::Grant { children, ..grant(Role::Parent, "Family phone") };
    let phone = town.new_phone();
    let ticket = town.ticket(&grant, address).await.to_text();
    phone.shell.enrol(&ticket).await.expect("the device is enrolled");
    phone
}

async fn only(phone: &Phone) -> CompletenessView {
    let mut all = phone.completeness().await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

async fn alarms(phone: &Phone) -> Vec<AlarmCode> {
    let alarms = phone.shell.device().with(|device| device.alarms()).await;
    let alarms = alarms.expect("the alarms are readable");
    alarms.iter().map(|alarm| alarm.code).collect()
}

async fn token(town: &Town, phone: &Phone) -> String {
    town.wire().hello(&phone.hello().await).await.token
}

#[tokio::test]
async fn honest_server_lets_a_parent_prove_that_nothing_is_hidden() {
    let town = Town::found().await;
    taught(&town).await;
    let (one, other) = (parent(&town, &town.address()).await, town.parent(&[1, 2]).await);
    for (phone, answer) in [(&one, Answer::Was), (&other, Answer::WasNot)] {
        phone.sync().await.done();
        let visits = phone.visits().await;
        let visit = visits.iter().find(|visit| visit.child == district::NAMES[0]).unwrap();
        let args = json!({ "visit": visit.event, "answer": answer });
        drop(phone.call::<Value>("answer_visit", args).await);
        phone.sync().await.receipted(1);
    }
    town.server().tag_leaves().await.unwrap();
    one.sync().await.done();

    let known = only(&one).await;
    assert_eq!((known.faults.as_slice(), known.child.as_str()), (&[][..], district::NAMES[0]));
    let said: Vec<_> = known.entries.iter().map(|entry| (entry.kind, entry.own)).collect();
    let expected =
        [(EntryKind::In, false), (EntryKind::Confirm, true), (EntryKind::Dispute, false)];
    assert_eq!(said, expected);
    assert_eq!(known.entries[0].device, "Chess tablet");
    // The list's own leaf is the last one of the log.
    let size = one.status().await.log_size.unwrap();
    assert_eq!(known.complete_to, size - 1);
    assert_eq!(alarms(&one).await, []);
    let proof = one.proof(&known.entries[2].event).await;
    assert_eq!(proof.leaf_index, Some(known.entries[2].leaf_index));
    assert!(proof.file.is_some(), "what came as an entry has a receipt for others too");

    // Of two children each has its own.
    other.sync().await.done();
    let both = other.completeness().await;
    assert_eq!(both.len(), 2);
    assert!(both.iter().all(|known| known.faults.is_empty() && known.complete_to == size - 1));
    assert_eq!((both[0].entries.len(), both[1].entries.len()), (3, 1));
}

#[tokio::test]
async fn new_leaves_move_nothing_before_their_list() {
    let town = Town::found().await;
    taught(&town).await;
    let phone = parent(&town, &town.address()).await;
    phone.sync().await.done();
    let before = only(&phone).await;
    assert!(before.complete_to > 0);
    let visit = phone.visits().await.remove(0).event;
    drop(phone.call::<Value>("answer_visit", json!({ "visit": visit, "answer": "was" })).await);
    phone.sync().await.receipted(1);
    let after = only(&phone).await;
    assert_eq!((after.complete_to, &after.entries), (before.complete_to, &before.entries));
    town.server().tag_leaves().await.unwrap();
    phone.sync().await.done();
    assert_eq!(only(&phone).await.entries.len(), before.entries.len() + 1);
    assert!(only(&phone).await.complete_to > before.complete_to);
}

#[tokio::test]
async fn hidden_visit_is_named_and_found_when_it_is_shown() {
    let town = Town::found().await;
    taught(&town).await;
    let liar = LyingServer::before(&town.address()).await;
    liar.tell(|place, mut truth| {
        if place.starts_with("delta/visits/") {
            truth["visits"] = json!([]);
        }
        if place.starts_with("entry/") { Told::NotFound } else { Told::Answer(truth) }
    });
    let phone = parent(&town, &liar.address).await;
    phone.sync().await.done();
    assert!(phone.visits().await.is_empty(), "the server shows no visit");
    let known = only(&phone).await;
    let [fault] = &known.faults[..] else { panic!("{known:?}") };
    assert_eq!((fault.fault, fault.leaf_index), (EntryFault::NotShown, known.complete_to));
    assert!(fault.detail.as_ref().unwrap().contains("no such entry"), "{fault:?}");
    let bytes: Vec<u8> = town
        .database()
        .query_row(
            "SELECT bytes FROM leaf WHERE leaf_index = ?1",
            [i64::try_from(fault.leaf_index).unwrap()],
            |row| row.get(0),
        )
        .unwrap();
    let hidden = UnverifiedEvent::parse(&bytes).unwrap();
    let event = hidden.event();
    assert_eq!((event.kind, event.child), (EventKind::In, Some(district::child(1))));

    // It goes on hiding the visit from the list, and gives the entry: the visit is there.
    liar.tell(|place, mut truth| {
        if place.starts_with("delta/visits/") {
            truth["visits"] = json!([]);
        }
        Told::Answer(truth)
    });
    phone.sync().await.done();
    let known = only(&phone).await;
    assert_eq!((known.faults.len(), known.entries.len()), (0, 1));
    assert_eq!(phone.visits().await[0].event, known.entries[0].event);
    assert_eq!(alarms(&phone).await, [], "nothing that was shown was wrong");
}

#[tokio::test]
async fn list_that_is_left_out_or_changed_raises_an_alarm() {
    let town = Town::found().await;
    taught(&town).await;
    let (teacher, lesson) = (town.teacher().await, first_lesson());
    teacher.open(lesson.id).await;
    teacher.sync().await.receipted(1);
    town.server().tag_leaves().await.unwrap();
    for (word, leave_out) in [("begins at leaf", true), ("no key of the log signed", false)] {
        let liar = LyingServer::before(&town.address()).await;
        liar.tell(move |place, mut truth| {
            if place.starts_with("tags/") && leave_out {
                drop(truth["lists"].as_array_mut().unwrap().remove(0));
            } else if place.starts_with("tags/") {
                let bytes = truth["lists"][0]["bytes"].take();
                let mut bytes: Base64 = serde_json::from_value(bytes).unwrap();
                *bytes.0.last_mut().unwrap() ^= 1;
                truth["lists"][0]["bytes"] = json!(bytes);
            }
            Told::Answer(truth)
        });
        let phone = parent(&town, &liar.address).await;
        let why = phone.sync().await.unproven();
        assert!(why.contains(word), "{why}");
        assert_eq!(alarms(&phone).await, [AlarmCode::BadTags], "{word}");
        assert_eq!(only(&phone).await.complete_to, 0, "{word}");
        assert_eq!(phone.visits().await.len(), 1, "and what holds is kept");
    }
}

#[tokio::test]
async fn log_that_does_not_name_what_it_showed_is_found_out() {
    let town = Town::found().await;
    taught(&town).await;
    let liar = LyingServer::before(&town.address()).await;
    // Another key than the one the tags were made with: nothing would ever be about the child.
    liar.tell(|place, mut truth| {
        if place.starts_with("tags/") {
            truth["keys"][0]["key"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
        }
        Told::Answer(truth)
    });
    let phone = parent(&town, &liar.address).await;
    phone.sync().await.done();
    let known = only(&phone).await;
    let [fault] = &known.faults[..] else { panic!("{known:?}") };
    assert_eq!((fault.fault, fault.leaf_index), (EntryFault::Unnamed, known.complete_to));
    assert_eq!(alarms(&phone).await, [AlarmCode::UnnamedEntry]);
}

#[tokio::test]
async fn entries_of_a_strangers_child_are_not_shown() {
    let town = Town::found().await;
    taught(&town).await;
    let (one, two) = (parent(&town, &town.address()).await, town.parent(&[2]).await);
    let of_one = token(&town, &one).await;
    let tags: TagsResponse = town.wire().get("tags/0", Some(&of_one)).await.fine();
    let keyed: Vec<_> = tags.keys.iter().map(|key| key.child).collect();
    assert_eq!(keyed, [district::child(1)], "only the own child's key");
    one.sync().await.done();
    let own = only(&one).await.entries[0].leaf_index;
    let shown: EntryResponse = town.wire().get(&format!("entry/{own}"), Some(&of_one)).await.fine();
    assert_eq!(shown.leaf.leaf_index, own);
    for leaf in [0, 1, own + 1, 1_000_000, u64::MAX] {
        let answer = town.wire().get(&format!("entry/{leaf}"), Some(&of_one)).await;
        assert_eq!(answer.problem().kind, ProblemKind::NotFound, "{leaf}");
    }
    let of_two = token(&town, &two).await;
    let answer = town.wire().get(&format!("entry/{own}"), Some(&of_two)).await;
    assert_eq!(answer.problem().kind, ProblemKind::NotFound);
    let (teacher, coordinator) = (town.teacher().await, town.coordinator().await);
    for phone in [&teacher, &coordinator] {
        let token = token(&town, phone).await;
        for place in ["tags/0", "entry/0"] {
            let answer = town.wire().get(place, Some(&token)).await;
            assert_eq!(answer.problem().kind, ProblemKind::NotAllowed, "{place}");
            let answer = town.wire().get(place, None).await;
            assert_eq!(answer.problem().kind, ProblemKind::NotRecognised, "{place}");
        }
    }
}

#[tokio::test]
async fn many_lists_come_in_pages_and_cover_every_leaf_once() {
    let town = Town::found().await;
    let mut pen = enrolled_pen(&town, 31).await;
    let carrier = town.carrier().await;
    for bytes in visits(&mut pen, 1..=4) {
        let _answer: BatchResponse = carrier.put_batch(batch(&[bytes])).await.fine();
        town.server().tag_leaves().await.unwrap();
    }
    // A correction that moves the first visit from child 1 to child 2 is about both.
    let first = visits(&mut pen, 1..=1).remove(0);
    let moved = pen.write(EventDraft {
        child: Some(district::child(2)),
        about: Some(attendance::event_hash(&first)),
        ..EventDraft::new(EventKind::Correct, 1, 1, attendance::BootId([9; 8]))
    });
    let both = batch(&[first, moved.bytes().to_vec()]);
    let _answer: BatchResponse = carrier.put_batch(both).await.fine();
    for _ in 0..16 {
        let bytes = visits(&mut pen, 3..=3).remove(0);
        let _answer: BatchResponse = carrier.put_batch(batch(&[bytes])).await.fine();
        town.server().tag_leaves().await.unwrap();
    }
    let count = town.count("leaf WHERE kind = 5");
    assert!(count > 16, "more than a page: {count}");
    town.server().tag_leaves().await.unwrap();
    assert_eq!(town.count("leaf WHERE kind = 5"), count, "lists alone make no further list");

    let phone = parent(&town, &town.address()).await;
    phone.sync().await.done();
    let known = only(&phone).await;
    assert_eq!((known.faults.len(), known.entries.len()), (0, 3), "{known:?}");
    assert_eq!(known.entries[2].kind, EntryKind::Correct);
    assert_eq!(known.complete_to, u64::try_from(town.count("leaf")).unwrap() - 1);
    assert_eq!(alarms(&phone).await, []);

    let mut next = 0;
    let mut lists = town.database();
    let lists = lists.transaction().unwrap();
    let mut lists =
        lists.prepare("SELECT bytes FROM leaf WHERE kind = 5 ORDER BY leaf_index").unwrap();
    for bytes in lists.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap() {
        let list = TagList::parse_kept(&bytes.unwrap()).unwrap();
        assert_eq!(list.first, next);
        next = list.next();
    }
}
