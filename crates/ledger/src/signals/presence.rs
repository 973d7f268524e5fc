//! Signals about how many came: too many, always all, to a lesson that is not held, or fewer since
//! somebody announced a visit.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, EventKind, GroupId, ProviderId, Role};
use chrono::{Days, NaiveDate};

use super::evidence::Inspection;
use super::facts::{Facts, Scan};
use super::row::{Found, SignalRow, exceeds};
use super::when::{at_least, more_than};
use crate::calendar::local_day;
use crate::sheet::{DayCode, MonthFold, SheetDay, SheetRow};
use crate::snapshot::Contract;
use crate::visit::LoggedEvent;

/// Says whether a lesson of a row is one that the child could come to.
fn counts(day: &SheetDay) -> bool {
    !matches!(
        day.code,
        DayCode::Holiday
            | DayCode::NotEnrolled
            | DayCode::LessonCancelledOfficial
            | DayCode::LessonCancelledByProvider
    )
}

/// Says whether a child came to every lesson of its row.
fn is_full(row: &SheetRow, lessons_min: u32) -> bool {
    let mut planned = row.days.iter().filter(|day| counts(day));
    let enough = at_least(planned.clone().count(), lessons_min);
    enough && planned.all(|day| day.visit.is_some())
}

/// Children, and groups, of whom nobody was ever absent for months running. `before` are the months
/// before, newest first.
pub(super) fn full_attendance(facts: &Facts<'_>, before: &[MonthFold]) -> Found {
    let mut found = Found::default();
    let of_fold = |fold: &MonthFold| -> BTreeSet<(ChildId, GroupId)> {
        let min = |row: &&SheetRow| facts.of_group(row.group).full_attendance_lessons_min;
        let full = fold.rows.iter().filter(|row| is_full(row, min(row)));
        full.map(|row| (row.child, row.group)).collect()
    };
    let earlier: Vec<_> = before.iter().map(of_fold).collect();
    let now = of_fold(&facts.fold);
    let mut groups: BTreeMap<GroupId, Vec<(&SheetRow, bool)>> = BTreeMap::new();
    for row in &facts.fold.rows {
        let of = (row.child, row.group);
        let wanted = facts.of_group(row.group).full_attendance_months.saturating_sub(1);
        let mut months = earlier.iter().take(usize::try_from(wanted).unwrap_or(usize::MAX));
        let running = at_least(earlier.len(), wanted) && months.all(|full| full.contains(&of));
        groups.entry(row.group).or_default().push((row, running && now.contains(&of)));
    }
    for (group, rows) in groups {
        let months = facts.of_group(group).full_attendance_months;
        let full: Vec<&SheetRow> =
            rows.iter().filter(|(_, full)| *full).map(|(row, _)| *row).collect();
        let all = full.len() > 1 && full.len() == rows.len();
        found.look(full.first().filter(|_| all).map(|row| {
            let behind = full.iter().flat_map(|row| events_of(facts, row));
            let place = SignalRow {
                provider: Some(row.provider),
                group: Some(group),
                ..SignalRow::default()
            };
            let row = SignalRow { note: Some("every child of the group"), ..place };
            row.counting(full.len(), Some(rows.len())).behind(behind)
        }));
        for (row, full) in &rows {
            found.look(full.then(|| {
                let place = SignalRow {
                    provider: Some(row.provider),
                    group: Some(group),
                    child: Some(row.child),
                    voucher: Some(row.voucher),
                    ..SignalRow::default()
                };
                let months = usize::try_from(months).unwrap_or(usize::MAX);
                place.counting(months, None).behind(events_of(facts, row))
            }));
        }
    }
    found
}

fn events_of<'a>(facts: &Facts<'a>, row: &SheetRow) -> Vec<&'a LoggedEvent> {
    row.visits().filter_map(|visit| facts.event(visit.event)).collect()
}

/// Lessons with more children, by marks or by heads, than the group has place for, and groups with
/// more children enrolled.
pub(super) fn over_capacity(facts: &Facts<'_>) -> Found {
    let mut found = Found::default();
    for (lesson, scans) in facts.by_lesson() {
        let capacity = facts.capacity(lesson.group);
        let standing: Vec<&Scan<'_>> = scans.iter().filter(|scan| !scan.withdrawn).collect();
        let children: BTreeSet<_> = standing.iter().filter_map(|scan| scan.child()).collect();
        let is_count = |one: &&&LoggedEvent| {
            one.event.kind == EventKind::Headcount && one.role == Role::Teacher
        };
        let heads = facts.of_lesson(lesson.id).iter().filter(is_count);
        let heads = heads.max_by_key(|one| (one.event.headcount, one.hash));
        let counted = heads.and_then(|one| one.event.headcount).map_or(0, usize::from);
        let most = counted.max(children.len());
        let behind = standing.iter().map(|scan| scan.logged).chain(heads.copied());
        found.look(more_than(most, capacity).then(|| {
            let place = usize::try_from(capacity).ok();
            SignalRow::of_lesson(&lesson).counting(most, place).behind(behind)
        }));
    }
    let mut contracts: BTreeMap<GroupId, Vec<&Contract>> = BTreeMap::new();
    for contract in &facts.district.contracts {
        for place in contract.places().iter() {
            contracts.entry(place.group).or_default().push(contract);
        }
    }
    for (group, slots) in facts.schedule() {
        let capacity = facts.capacity(*group);
        let own = contracts.get(group).map_or(&[][..], Vec::as_slice);
        let enrolled = |day: NaiveDate| {
            let there = own.iter().filter(|one| one.is_in(*group, day));
            there.map(|one| one.voucher).collect::<BTreeSet<_>>().len()
        };
        let most = slots.iter().map(|slot| (enrolled(slot.lesson.day), slot.lesson));
        let most = most.max_by_key(|(count, lesson)| (*count, core::cmp::Reverse(lesson.start_ms)));
        let passed = most.filter(|(count, _)| more_than(*count, capacity));
        found.look(passed.map(|(count, lesson)| {
            let place = usize::try_from(capacity).ok();
            let row = SignalRow { day: Some(lesson.day), ..SignalRow::of_group(&lesson) };
            let row = SignalRow { note: Some("children enrolled"), ..row };
            row.counting(count, place)
        }));
    }
    found
}

/// Scans of lessons that are not held: days off, cancelled ones, ones moved out of the month.
pub(super) fn not_held_day(facts: &Facts<'_>) -> Found {
    let mut found = Found::default();
    for (lesson, scans) in facts.by_lesson() {
        let idle = |scan: &&Scan<'_>| !scan.held && !scan.withdrawn;
        let behind: Vec<&LoggedEvent> = scans.iter().filter(idle).map(|scan| scan.logged).collect();
        let max = facts.of_group(lesson.group).not_held_scans_max;
        found.look(more_than(behind.len(), max).then(|| {
            SignalRow::of_lesson(&lesson)
                .counting(behind.len(), None)
                .behind(behind.iter().copied())
        }));
    }
    found
}

/// How often children came, of how often they could.
#[derive(Clone, Copy, Debug, Default)]
struct Rate {
    came: usize,
    of: usize,
}

fn rate(folds: &[&MonthFold], provider: ProviderId, days: (NaiveDate, NaiveDate)) -> Rate {
    let mut rate = Rate::default();
    let rows = folds.iter().flat_map(|fold| &fold.rows).filter(|row| row.provider == provider);
    for day in rows.flat_map(|row| &row.days) {
        if counts(day) && days.0 <= day.lesson.day && day.lesson.day <= days.1 {
            rate.of = rate.of.saturating_add(1);
            rate.came = rate.came.saturating_add(usize::from(day.visit.is_some()));
        }
    }
    rate
}

/// Providers whose attendance fell when an inspection was announced. `folds` are the month and those
/// next to it. Days that nothing is known of yet are left out.
pub(super) fn drop_after_inspection(
    facts: &Facts<'_>,
    folds: &[&MonthFold],
    inspections: &[Inspection],
) -> Found {
    let of_month: Vec<&Inspection> = inspections
        .iter()
        .filter(|one| facts.month.first_day() <= one.day && one.day <= facts.month.last_day())
        .collect();
    if of_month.is_empty() {
        return Found::missing("no notice of an inspection was given for the month");
    }
    let recorded = facts.events.iter().filter(|one| one.event.kind == EventKind::In);
    let last_seen = recorded.filter_map(|one| local_day(one.event.wall_ms)).max();
    let mut found = Found::default();
    for inspection in of_month {
        for provider in &facts.district.providers {
            if inspection.provider.is_none_or(|named| named == provider.id) {
                found.look(dropped(facts, folds, provider.id, (inspection.day, last_seen)));
            }
        }
    }
    found
}

fn dropped(
    facts: &Facts<'_>,
    folds: &[&MonthFold],
    provider: ProviderId,
    (notice, last_seen): (NaiveDate, Option<NaiveDate>),
) -> Option<SignalRow> {
    let thresholds = facts.thresholds();
    let days = Days::new(u64::from(thresholds.inspection_days));
    let before = (notice.checked_sub_days(days)?, notice.pred_opt()?);
    let after = (notice.succ_opt()?, notice.checked_add_days(days)?.min(last_seen?));
    let (then, now) = (rate(folds, provider, before), rate(folds, provider, after));
    let enough = |rate: Rate| at_least(rate.of, thresholds.share_visits_min);
    if !enough(then) || !enough(now) {
        return None;
    }
    // now.came / now.of < then.came / then.of × (1 − drop), in whole numbers
    let (was, is) = (then.came.saturating_mul(now.of), now.came.saturating_mul(then.of));
    let lost = was.saturating_sub(is);
    if !exceeds(lost, was, thresholds.inspection_drop_max_percent) || was == 0 {
        return None;
    }
    let per_cent = lost.saturating_mul(100).checked_div(was)?;
    let visits = folds.iter().flat_map(|fold| &fold.visits);
    let inside = visits
        .filter(|visit| visit.provider == provider && after.0 <= visit.day && visit.day <= after.1);
    let row = SignalRow { provider: Some(provider), day: Some(notice), ..SignalRow::default() };
    Some(row.counting(per_cent, Some(100)).behind(inside.filter_map(|one| facts.event(one.event))))
}
