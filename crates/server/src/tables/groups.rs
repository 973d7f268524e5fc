//! Tables of groups and of their timetables.

use std::collections::BTreeSet;

use attendance::GroupId;
use ledger::{Group, Weekday};

use super::{ColumnNames, Row, Rows, Said, Taken, derive, find_group};
use crate::district::District;

pub(super) const COLUMNS: &[ColumnNames] = &[
    ColumnNames {
        name: "provider_bin", also: &["bin", "бин", "бсн", "бин_исполнителя"]
    },
    ColumnNames { name: "group", also: &["группа", "топ", "тобы"] },
    ColumnNames {
        name: "weekdays", also: &["дни", "дни_недели", "күндері", "апта_күндері"]
    },
    ColumnNames { name: "start", also: &["начало", "басталуы", "время"] },
    ColumnNames {
        name: "minutes", also: &["минут", "минуты", "длительность", "ұзақтығы"]
    },
    ColumnNames {
        name: "capacity", also: &["мест", "места", "вместимость", "орын", "орын_саны"]
    },
];

/// The columns that a table of groups must have.
pub(super) const NEEDED: [&str; 5] = ["provider_bin", "group", "weekdays", "start", "minutes"];
/// The columns that a table of timetables must have.
pub(super) const NEEDED_OF_SCHEDULES: [&str; 4] = ["group", "weekdays", "start", "minutes"];

/// When a group meets.
#[derive(Debug, Eq, PartialEq)]
struct Times {
    weekdays: Vec<Weekday>,
    start: String,
    minutes: u32,
}

pub(super) fn take(rows: &Rows, district: &mut District, how_far: &dyn Fn(usize, usize)) -> Taken {
    let mut taken = Taken::default();
    let mut seen = BTreeSet::new();
    for row in rows.each(how_far) {
        let result = read_group(row, district).and_then(|read| match seen.insert(read.0) {
            true => Ok(read),
            false => Err(Said::key("group-twice").with("group", row.cell("group"))),
        });
        match result {
            Err(said) => taken.refuse(row.number, said),
            Ok((id, times, capacity)) => {
                let there = district.snapshot.groups.iter_mut().find(|group| group.id == id);
                taken.changed += usize::from(match there {
                    Some(group) => put(group, times) | put_capacity(group, capacity),
                    None => {
                        let bin = row.cell("provider_bin");
                        let mut providers = district.snapshot.providers.iter();
                        let provider = providers.find(|one| one.bin == bin);
                        let provider = provider.expect("the row was read with its provider").id;
                        let name = row.cell("group").to_owned();
                        let Times { weekdays, start, minutes } = times;
                        let mut group =
                            Group { id, provider, name, weekdays, start, minutes, capacity: None };
                        put_capacity(&mut group, capacity);
                        district.snapshot.groups.push(group);
                        true
                    }
                });
            }
        }
    }
    taken
}

/// A group, its times, and its capacity where that is said.
type ReadGroup = (GroupId, Times, Option<u32>);

fn read_group(row: Row<'_>, district: &District) -> Result<ReadGroup, Said> {
    let (bin, name) = (row.text("provider_bin")?, row.text("group")?);
    let provider = district.snapshot.providers.iter().find(|one| one.bin == bin);
    let provider = provider.ok_or_else(|| Said::key("provider-unknown").with("bin", bin))?;
    let times = times(row)?;
    let capacity = match row.cell("capacity") {
        "" => None,
        _ => Some(row.parse("capacity", "cell-no-number")?),
    };
    let named =
        district.snapshot.groups.iter().find(|one| one.provider == provider.id && one.name == name);
    let id = named
        .map_or_else(|| GroupId(derive("group", &[&district.origin, bin, name])), |group| group.id);
    Ok((id, times, capacity))
}

pub(super) fn take_schedules(
    rows: &Rows,
    district: &mut District,
    how_far: &dyn Fn(usize, usize),
) -> Taken {
    let mut taken = Taken::default();
    let mut seen = BTreeSet::new();
    for row in rows.each(how_far) {
        let found = row
            .text("group")
            .and_then(|name| find_group(district, name, row.cell("provider_bin")))
            .map(|group| group.id)
            .and_then(|id| Ok((id, times(row)?)));
        match found {
            Err(said) => taken.refuse(row.number, said),
            Ok((id, _)) if !seen.insert(id) => {
                let said = Said::key("group-twice").with("group", row.cell("group"));
                taken.refuse(row.number, said);
            }
            Ok((id, times)) => {
                let mut groups = district.snapshot.groups.iter_mut();
                let group = groups.find(|group| group.id == id).expect("the group was found");
                taken.changed += usize::from(put(group, times));
            }
        }
    }
    taken
}

/// Changes a group's times; says whether they were others.
fn put(group: &mut Group, times: Times) -> bool {
    let mut before = group.weekdays.clone();
    before.sort_unstable();
    let known = Times { weekdays: before, start: group.start.clone(), minutes: group.minutes };
    if known == times {
        return false;
    }
    Times { weekdays: group.weekdays, start: group.start, minutes: group.minutes } = times;
    true
}

/// Changes a group's capacity, if one is said; says whether it was another. 0 stands for none.
fn put_capacity(group: &mut Group, said: Option<u32>) -> bool {
    let Some(capacity) = said.map(|number| Some(number).filter(|number| *number > 0)) else {
        return false;
    };
    core::mem::replace(&mut group.capacity, capacity) != capacity
}

fn times(row: Row<'_>) -> Result<Times, Said> {
    let days = row.text("weekdays")?;
    let weekdays = weekdays(days);
    let weekdays = weekdays.ok_or_else(|| Said::key("cell-no-weekdays").with("value", days))?;
    let text = row.text("start")?;
    let start = start(text).ok_or_else(|| Said::key("cell-no-time").with("value", text))?;
    let minutes: u32 = row.parse("minutes", "cell-no-number")?;
    let ends = start.1.checked_add(minutes).filter(|end| *end <= MINUTES_OF_DAY);
    if minutes == 0 || ends.is_none() {
        return Err(Said::key("cell-no-minutes").with("value", minutes));
    }
    Ok(Times { weekdays, start: start.0, minutes })
}

/// Reads `9:00` or `16:00`; gives it as the district has it, and the minute of the day.
fn start(text: &str) -> Option<(String, u32)> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |part: &str| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|one| one.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| digits)
    };
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|_| minutes.len() == 2)?);
    (hours < 24 && minutes < 60).then(|| (format!("{hours:02}:{minutes:02}"), hours * 60 + minutes))
}

/// Reads days in any of the three languages, or as numbers from 1 for Monday; each once, in order.
fn weekdays(text: &str) -> Option<Vec<Weekday>> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let days: Option<Vec<Weekday>> = words.map(weekday).collect();
    let mut days = days?;
    days.sort_unstable();
    let all = days.len();
    days.dedup();
    (days.len() == all && all > 0).then_some(days)
}

fn weekday(word: &str) -> Option<Weekday> {
    let word = word.to_lowercase();
    let found = DAYS.iter().find(|(_, names)| names.contains(&word.as_str()));
    found.map(|(day, _)| *day)
}

const DAYS: [(Weekday, [&str; 7]); 7] = [
    (Weekday::Mon, ["mon", "monday", "пн", "понедельник", "дс", "дүйсенбі", "1"]),
    (Weekday::Tue, ["tue", "tuesday", "вт", "вторник", "сс", "сейсенбі", "2"]),
    (Weekday::Wed, ["wed", "wednesday", "ср", "среда", "сәр", "сәрсенбі", "3"]),
    (Weekday::Thu, ["thu", "thursday", "чт", "четверг", "бс", "бейсенбі", "4"]),
    (Weekday::Fri, ["fri", "friday", "пт", "пятница", "жм", "жұма", "5"]),
    (Weekday::Sat, ["sat", "saturday", "сб", "суббота", "сн", "сенбі", "6"]),
    (Weekday::Sun, ["sun", "sunday", "вс", "воскресенье", "жк", "жексенбі", "7"]),
];
const MINUTES_OF_DAY: u32 = 24 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_three_languages() {
        let expected = Some(vec![Weekday::Mon, Weekday::Wed, Weekday::Fri]);
        for text in
            ["mon,wed,fri", "Пн, Ср, Пт", "дс ср жм", "1/3/5", "пятница; понедельник; среда"]
        {
            assert_eq!(weekdays(text), expected, "{text}");
        }
        for text in ["", "mon mon", "mon, someday", "0", "8"] {
            assert_eq!(weekdays(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(start("9:05"), Some(("09:05".to_owned(), 545)));
        assert_eq!(start("16:00"), Some(("16:00".to_owned(), 960)));
        for text in ["", "16", "24:00", "16:60", "16:0", "1 6:00", "+6:00", "016:00"] {
            assert_eq!(start(text), None, "{text}");
        }
    }
}
