//! Spot checks, drawn again.

use std::collections::BTreeMap;

use attendance::{Bound, Event, EventKind, EventTime, Finding, LessonId, Reach, is_drawn};
use ledger::signals::{Evidence, Signal};

use super::*;

/// A root that draws a lesson, or does not.
fn root_that(lesson: LessonId, draws: bool) -> Hash {
    let roots = (0u32..).map(|number| seal::sha256(&number.to_be_bytes()));
    roots.into_iter().find(|root| is_drawn(lesson, *root, 20) == draws).unwrap()
}

fn open(scene: &mut Scene, lesson: ledger::Lesson, root: Option<Hash>) -> Hash {
    let event = about_lesson(EventKind::LessonOpen, lesson, -5 * MINUTE);
    scene.log.append(teacher(), Event { evidence: root, ..event })
}

fn count(scene: &mut Scene, lesson: ledger::Lesson, heads: u16) -> Hash {
    let event = about_lesson(EventKind::Headcount, lesson, HOUR);
    scene.log.append(teacher(), Event { headcount: Some(heads), ..event })
}

/// A lesson whose opening names a root of this log that draws it, or does not.
fn opened(draws: bool) -> (Scene, ledger::Lesson, Hash) {
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    let root = root_that(lesson.id, draws);
    let event = open(&mut scene, lesson, Some(root));
    scene.evidence = Evidence::default().with_roots(BTreeMap::from([(root, 1)]));
    (scene, lesson, event)
}

#[test]
fn a_drawn_lesson_without_a_headcount_is_a_signal_and_one_with_it_is_not() {
    let (mut scene, lesson, event) = opened(true);
    assert_eq!(scene.counted(Signal::SpotCheckMissing), [(1, None)]);
    assert_eq!(scene.behind(Signal::SpotCheckMissing), [[event]]);
    count(&mut scene, lesson, 0);
    assert_eq!(scene.counted(Signal::SpotCheckMissing), nothing());
    let checks = scene.report(Vec::new()).spot_checks;
    assert_eq!((checks.openings, checks.with_root, checks.drawn.len()), (1, 1, 1));
    assert_eq!(checks.drawn[0].counted.map(|one| (one.heads, one.marks)), Some((0, 0)));
    let (scene, ..) = opened(false);
    assert_eq!(scene.counted(Signal::SpotCheckMissing), nothing());
    let checks = scene.report(Vec::new()).spot_checks;
    assert_eq!((checks.openings, checks.with_root, checks.drawn.len()), (1, 1, 0));
}

#[test]
fn the_rate_is_a_dated_rule() {
    let (mut scene, ..) = opened(true);
    scene.rules().spot_check_per_mille = 0;
    assert_eq!(scene.counted(Signal::SpotCheckMissing), nothing());
    let (mut scene, ..) = opened(false);
    scene.rules().spot_check_per_mille = 1_000;
    assert_eq!(scene.counted(Signal::SpotCheckMissing), [(1, None)]);
}

#[test]
fn the_first_opening_of_a_device_draws_and_a_later_one_draws_no_other_lot() {
    let (mut scene, lesson, _) = opened(false);
    let drawing = root_that(lesson.id, true);
    let known = BTreeMap::from([(root_that(lesson.id, false), 1), (drawing, 2)]);
    scene.evidence = Evidence::default().with_roots(known);
    open(&mut scene, lesson, Some(drawing));
    assert_eq!(scene.counted(Signal::SpotCheckMissing), nothing());
    assert_eq!(scene.report(Vec::new()).spot_checks.openings, 1);
}

#[test]
fn an_opening_by_which_nothing_can_be_drawn_is_a_signal_where_one_could_be() {
    let (scene, ..) = opened(true);
    assert_eq!(scene.counted(Signal::SpotCheckRoot), nothing());
    // Without a root: only if the device had met the server.
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    let event = open(&mut scene, lesson, None);
    assert_eq!(scene.counted(Signal::SpotCheckRoot), nothing(), "it never saw the log");
    let lower = Bound::Anchor { at_ms: 5, anchor_ms: 5, seq: 0, reach: Reach::Rebooted };
    let upper = Bound::Open;
    let time = EventTime { seq: 1, claimed_ms: 0, lower, upper, wall_jump_ms: None };
    scene.evidence = Evidence::default().with_times(BTreeMap::from([(event, time)]));
    assert_eq!(scene.counted(Signal::SpotCheckRoot), [(1, None)]);
    // A root of no tree of this log, or of one that has the opening in it.
    let root = root_that(lesson.id, true);
    let mut scene = Scene::new();
    open(&mut scene, lesson, Some(root));
    assert_eq!(scene.counted(Signal::SpotCheckRoot), [(1, None)]);
    assert_eq!(scene.report(Vec::new()).spot_checks.drawn.len(), 0);
    let opening = scene.log.events[0].index;
    for (size, rows) in [(opening, 0), (opening + 1, 1)] {
        scene.evidence = Evidence::default().with_roots(BTreeMap::from([(root, size)]));
        assert_eq!(scene.rows(Signal::SpotCheckRoot).len(), rows, "a root of {size} leaves");
    }
}

#[test]
fn a_device_that_goes_back_to_an_older_root_is_a_signal() {
    let mut scene = Scene::new();
    let lessons = scene.log.lessons(CHESS);
    scene.log.scan(teacher(), 2, lessons[0]);
    let (old, new) = (seal::sha256(b"old"), seal::sha256(b"new"));
    scene.evidence = Evidence::default().with_roots(BTreeMap::from([(old, 1), (new, 2)]));
    open(&mut scene, lessons[0], Some(old));
    open(&mut scene, lessons[1], Some(new));
    open(&mut scene, lessons[2], Some(new));
    assert_eq!(scene.counted(Signal::SpotCheckRoot), nothing());
    let chosen = open(&mut scene, lessons[3], Some(old));
    assert_eq!(scene.behind(Signal::SpotCheckRoot), [[chosen]]);
}

#[test]
fn a_headcount_that_differs_by_more_than_one_is_a_signal() {
    for (heads, rows) in [(1, 0), (2, 0), (3, 0), (4, 1), (0, 1)] {
        let mut scene = Scene::new();
        let lesson = scene.log.lesson(CHESS, "2026-09-02");
        scene.log.scan(teacher(), 2, lesson);
        scene.log.scan(second_teacher(), 3, lesson);
        let event = count(&mut scene, lesson, heads);
        let found = scene.rows(Signal::HeadcountMismatch);
        assert_eq!(found.len(), rows, "{heads} heads, 2 marks");
        if let [row] = &found[..] {
            assert_eq!((row.counted, row.of), (2, Some(2)));
            assert_eq!(row.behind[0].event, event);
        }
    }
}

#[test]
fn marks_are_those_that_stood_when_heads_were_counted() {
    let mut scene = Scene::new();
    scene.rules().headcount_mismatch_max = 0;
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    let marks = |scene: &Scene| {
        let rows = scene.rows(Signal::HeadcountMismatch);
        rows.first().map_or(9, |row| row.of.unwrap())
    };
    let wrong = scene.log.scan(teacher(), 1, lesson);
    scene.log.scan(teacher(), 2, lesson);
    scene.log.scan(teacher(), 2, lesson);
    scene.log.mark(teacher(), 3, lesson);
    count(&mut scene, lesson, 9);
    assert_eq!(marks(&scene), 3, "each child once, also by hand");
    scene.log.about(teacher(), EventKind::Void, wrong);
    scene.log.scan(teacher(), 1, lesson);
    assert_eq!(marks(&scene), 3, "what came later changes nothing");
    count(&mut scene, lesson, 8);
    assert_eq!(marks(&scene), 3, "the newest one counts: withdrawn and marked again");
    let left =
        Event { kind: EventKind::Out, wall_ms: lesson.start_ms + HOUR, ..in_event(2, lesson) };
    scene.log.append(teacher(), left);
    count(&mut scene, lesson, 7);
    assert_eq!(marks(&scene), 2, "one had left");
    // The district takes a mark back only with a ground.
    let mark = scene.log.events.iter().find(|one| one.event.child == Some(child(3))).unwrap().hash;
    scene.log.about(coordinator(), EventKind::Void, mark);
    count(&mut scene, lesson, 6);
    assert_eq!(marks(&scene), 2);
    let ground = Some(Finding::Evidence);
    let void = Event { about: Some(mark), finding: ground, wall_ms: 1, ..blank(EventKind::Void) };
    scene.log.append(coordinator(), void);
    count(&mut scene, lesson, 5);
    assert_eq!(marks(&scene), 1);
}

#[test]
fn only_a_teacher_counts_heads() {
    let mut scene = Scene::new();
    let lesson = scene.log.lesson(CHESS, "2026-09-02");
    let event = Event { headcount: Some(9), ..about_lesson(EventKind::Headcount, lesson, HOUR) };
    scene.log.append(parent_of(2), event.clone());
    scene.log.append(coordinator(), event.clone());
    assert_eq!(scene.counted(Signal::HeadcountMismatch), nothing());
    scene.log.append(teacher(), event);
    assert_eq!(scene.counted(Signal::HeadcountMismatch), [(9, Some(0))]);
}
