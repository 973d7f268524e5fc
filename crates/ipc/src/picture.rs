//! What pictures are drawn from.

use serde::{Deserialize, Serialize};

/// What is known of a child or a group on a day.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum DayCell {
    /// The child came.
    Present {},
    /// Absent, with a reason that a document excuses.
    Excused {},
    /// Absent.
    Absent {},
    /// No lesson was held, or none was opened on this device.
    Nothing {},
    /// So many of the group's children came.
    Share {
        /// In a hundred.
        percent: u32,
    },
}

/// Shows a child's or a group's days.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DayRowView {
    /// The child's or the group's name.
    pub name: String,
    /// A cell for each day.
    pub cells: Vec<DayCell>,
}

/// Shows who came on which day: the lessons of a group by child, or the days of all groups.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DaysView {
    /// The moments of the columns: when each lesson or the first lesson of the day starts.
    pub days: Vec<i64>,
    /// The rows, by name.
    pub rows: Vec<DayRowView>,
}
