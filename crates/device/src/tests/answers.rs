//! On a teacher's device: what families answered, and how far logs were looked through.

use super::*;
use crate::AlarmCode;

/// A teacher's tablet with visits of both children, a log that holds them and an answer about each, and
/// those answers as the server shows them.
pub(super) fn answered(district: &District) -> (Device, TestLog, Vec<SeenVisit>) {
    let mut teacher = district.teacher();
    teacher.open_lesson(lesson()).unwrap();
    for child in [ALPHA, BETA] {
        teacher.record_scan(&card(child), lesson()).unwrap();
    }
    let mut log = TestLog::new();
    let rows = teacher.outbox(99, usize::MAX).unwrap();
    let leaves: Vec<_> = rows.iter().map(|row| log.push(&row.bytes)).collect();
    let family = attendance::ChainHead::genesis(&key(PARENT).public_key());
    let mut head = family;
    let mut events = Vec::new();
    for visit in &rows[1..] {
        let draft = attendance::EventDraft {
            about: Some(visit.hash),
            ..attendance::EventDraft::new(
                attendance::EventKind::Confirm,
                START_MS,
                1,
                BootId([1; 8]),
            )
        };
        let device = DeviceId::derive_from(&key(PARENT).public_key());
        let event = head.prepare(draft, device).seal(&key(PARENT)).unwrap();
        head = event.next_head();
        events.push(event.bytes().to_vec());
    }
    let pushed: Vec<_> = events.iter().map(|event| log.push(event)).collect();
    assert_eq!(leaves.len(), 3);
    let shown = events.iter().zip(&pushed);
    let shown = shown.map(|(event, leaf)| seen(&log, leaf, event, PARENT, Role::Parent)).collect();
    (teacher, log, shown)
}

#[test]
fn shows_the_answer_of_the_child_s_own_family_and_remembers_how_far_it_looked() {
    let district = District::new();
    let (mut teacher, log, shown) = answered(&district);
    let visits: Vec<_> = teacher.visits().unwrap();
    let [beta, alpha] = [&visits[0], &visits[1]];
    assert_eq!(teacher.answers_cursor().unwrap(), 0);
    assert_eq!(teacher.store_answers(&shown[..1], &log.note(), 4).unwrap(), 1);
    assert_eq!(teacher.store_answers(&shown[..1], &log.note(), 2).unwrap(), 0);
    assert_eq!(teacher.answers_cursor().unwrap(), 4, "it never goes back");
    assert!(teacher.answer_to(alpha.row.event).unwrap().is_some_and(|answer| answer.was));
    assert_eq!(teacher.alarms().unwrap(), []);

    // The family's certificate does not name the other child.
    assert_eq!(teacher.store_answers(&shown[1..], &log.note(), u64::MAX).unwrap(), 0);
    assert_eq!(teacher.answer_to(beta.row.event).unwrap(), None);
    let alarms = teacher.alarms().unwrap();
    assert_eq!((alarms.len(), alarms[0].code), (1, AlarmCode::BadAnswer));
    assert!(alarms[0].detail.contains("family"), "{}", alarms[0].detail);
}

#[test]
fn answers_that_do_not_hold_are_not_shown() {
    let district = District::new();
    let (_, log, shown) = answered(&district);
    let good = &shown[0];
    let wrong = [
        (SeenVisit { salt: [0; 16], ..good.clone() }, "receipt"),
        (SeenVisit { leaf_index: 1, ..good.clone() }, "leaf 1 was claimed"),
        (SeenVisit { certificate: certificate(TEACHER, Role::Parent), ..good.clone() }, "event"),
        (SeenVisit { certificate: certificate(PARENT, Role::Teacher), ..good.clone() }, "family"),
        (SeenVisit { certificate: b"no".to_vec(), ..good.clone() }, "certificate"),
    ];
    for (answer, word) in wrong {
        let district = District::new();
        let (mut teacher, ..) = answered(&district);
        assert_eq!(teacher.store_answers(&[answer], &log.note(), 0).unwrap(), 0, "{word}");
        let alarm = teacher.alarms().unwrap().remove(0);
        assert!(alarm.detail.contains(word), "{} should say {word}", alarm.detail);
        assert!(teacher.visits().unwrap().iter().all(|visit| visit.answer.is_none()));
    }
}

#[test]
fn answer_about_a_visit_of_another_device_is_not_this_device_s() {
    let district = District::new();
    let (_, log, shown) = answered(&district);
    let mut empty = District::new().teacher();
    assert_eq!(empty.store_answers(&shown[..1], &log.note(), 0).unwrap(), 0);
    assert!(empty.alarms().unwrap()[0].detail.contains("not of this device"));
}

#[test]
fn leaves_without_own_visits_are_not_looked_through_twice() {
    let district = District::new();
    let mut parent = district.parent();
    parent.visits_looked_through(2_000).unwrap();
    assert_eq!(parent.visits_cursor().unwrap(), 2_000);
    parent.visits_looked_through(7).unwrap();
    assert_eq!(parent.visits_cursor().unwrap(), 2_000);
}

#[test]
fn standing_says_who_has_more_and_where_histories_differ() {
    use crate::Standing;
    let district = District::new();
    let (teacher, ..) = answered(&district);
    let hash = |seq| teacher.event_at(seq).unwrap().unwrap().hash;
    let other = seal::sha256(b"another event");
    let standing = |seq_next, head| teacher.standing(seq_next, head).unwrap();
    assert_eq!(standing(3, Some(hash(2))), Standing::Together);
    assert_eq!(standing(0, None), Standing::ServerBehind { from: 0 });
    assert_eq!(standing(2, Some(hash(1))), Standing::ServerBehind { from: 2 });
    assert_eq!(standing(2, Some(other)), Standing::Apart { below: 2 });
    let last = Some((2, hash(2)));
    assert_eq!(standing(9, Some(other)), Standing::ServerAhead { last });
    let empty = District::new().teacher();
    assert_eq!(empty.standing(0, None).unwrap(), Standing::Together);
    let ahead = empty.standing(1, Some(other)).unwrap();
    assert_eq!(ahead, Standing::ServerAhead { last: None });
}
