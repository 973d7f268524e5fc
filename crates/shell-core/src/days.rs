//! Who came on the last days, for the teacher's pictures.

use std::collections::{BTreeMap, BTreeSet};

use attendance::LessonId;
use device::{AbsenceRow, Device, LessonRow, LessonState, RegisterRow};
use ipc::{DayCell, DayRowView, DaysView, ErrorView};

use crate::error::{self, parse_id};
use crate::shell::Shell;
use crate::teacher::{DAY_MS, day_of, lesson_of};

impl Shell {
    pub(crate) async fn days(&self, lesson: Option<&str>) -> Result<DaysView, ErrorView> {
        let lesson: Option<LessonId> = lesson.map(parse_id).transpose()?;
        self.device
            .with(move |device| {
                let now_ms = device.best_now_ms().map_err(error::of_store)?;
                let from_ms = day_of(now_ms).start.saturating_sub(BACK_DAYS * DAY_MS);
                let lessons = device.lessons_between(from_ms, now_ms).map_err(error::of_store)?;
                match lesson {
                    Some(lesson) => of_children(device, lesson, lessons),
                    None => Ok(of_groups(&lessons)),
                }
            })
            .await
    }
}

/// The children of a lesson's group, lesson by lesson.
fn of_children(
    device: &Device,
    lesson: LessonId,
    mut lessons: Vec<LessonRow>,
) -> Result<DaysView, ErrorView> {
    lesson_of(device, lesson)?;
    let group = device.roster().and_then(|roster| roster.lesson(lesson)).map(|it| it.group);
    lessons.retain(|row| Some(row.lesson.group) == group);
    let lessons = lessons.split_off(lessons.len().saturating_sub(COLUMNS_MAX));
    let mut rows: BTreeMap<(String, String), Vec<DayCell>> = BTreeMap::new();
    for (column, lesson) in lessons.iter().enumerate() {
        let register = device.register(lesson.lesson.id).map_err(error::of_store)?;
        for row in register.into_iter().filter(|row| !row.is_guest) {
            let cell = cell(lesson, &row);
            let name = (row.child.name, row.child.id.to_string());
            let cells =
                rows.entry(name).or_insert_with(|| vec![DayCell::Nothing {}; lessons.len()]);
            if let Some(place) = cells.get_mut(column) {
                *place = cell;
            }
        }
    }
    let rows = rows.into_iter().map(|((name, _), cells)| DayRowView { name, cells });
    let days = lessons.iter().map(|row| row.lesson.start_ms).collect();
    Ok(DaysView { days, rows: rows.collect() })
}

fn cell(lesson: &LessonRow, row: &RegisterRow) -> DayCell {
    if row.visit.is_some() {
        DayCell::Present {}
    } else if row.absence.as_ref().is_some_and(AbsenceRow::excuses) {
        DayCell::Excused {}
    } else if is_held_here(lesson) {
        DayCell::Absent {}
    } else {
        DayCell::Nothing {}
    }
}

fn is_held_here(lesson: &LessonRow) -> bool {
    lesson.lesson.cancelled.is_none() && lesson.state != LessonState::Planned
}

/// All groups, day by day: how many of those who belong to the group came.
fn of_groups(lessons: &[LessonRow]) -> DaysView {
    let starts: BTreeSet<i64> =
        lessons.iter().map(|row| day_of(row.lesson.start_ms).start).collect();
    let days: Vec<i64> =
        starts.iter().copied().skip(starts.len().saturating_sub(COLUMNS_MAX)).collect();
    let mut rows: BTreeMap<(String, String), Vec<(u32, u32)>> = BTreeMap::new();
    for lesson in lessons {
        let name = (lesson.group.clone(), lesson.lesson.group.to_string());
        let counts = rows.entry(name).or_insert_with(|| vec![(0, 0); days.len()]);
        let day = day_of(lesson.lesson.start_ms).start;
        let place = days.iter().position(|one| *one == day);
        if let Some((came, all)) = place.and_then(|place| counts.get_mut(place))
            && is_held_here(lesson)
        {
            *came = came.saturating_add(lesson.present.saturating_sub(lesson.guests));
            *all = all.saturating_add(lesson.enrolled);
        }
    }
    let share = |(came, all): (u32, u32)| match came.saturating_mul(100).checked_div(all) {
        Some(percent) => DayCell::Share { percent: percent.min(100) },
        None => DayCell::Nothing {},
    };
    let row = |((name, _), counts): ((String, String), Vec<(u32, u32)>)| DayRowView {
        name,
        cells: counts.into_iter().map(share).collect(),
    };
    DaysView { rows: rows.into_iter().map(row).collect(), days }
}

/// How far back the pictures go, in days, and how many columns they have at most.
const BACK_DAYS: i64 = 35;
const COLUMNS_MAX: usize = 14;
