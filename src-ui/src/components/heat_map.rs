//! A heat map: a row for each name, a column for each day, and a shape in each cell that tells the state
//! without its colour.

use leptos::prelude::*;

use super::picture::{Picture, Table};
use crate::i18n::I18n;

/// What stands in a cell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cell {
    /// The child was there.
    Present,
    /// The child was there, and somebody has still to say so.
    Awaiting,
    /// Disputed, or against somebody's word.
    Disputed,
    /// Away with a reason that counts.
    Excused,
    /// Away.
    Absent,
    /// It is still to come.
    ToCome,
    /// Nothing was held, or nothing was recorded here.
    Nothing,
    /// So many of a hundred were there.
    Share(u32),
}

impl Cell {
    /// The states that a legend explains, in its order.
    const ALL: [Self; 7] = [
        Self::Present,
        Self::Awaiting,
        Self::Disputed,
        Self::Excused,
        Self::Absent,
        Self::ToCome,
        Self::Nothing,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Awaiting => "awaiting",
            Self::Disputed => "disputed",
            Self::Excused => "excused",
            Self::Absent => "absent",
            Self::ToCome => "to-come",
            Self::Nothing => "nothing",
            Self::Share(_) => "share",
        }
    }

    /// Draws the cell on a grid of 20 by 20.
    fn path(self) -> String {
        match self {
            Self::Present => "M2 2h16v16H2z".to_owned(),
            Self::Awaiting => "M3 3h14v14H3z".to_owned(),
            Self::Disputed => "M10 2l8 16H2z".to_owned(),
            Self::Excused => "M2 18V2l16 16z".to_owned(),
            Self::Absent => "M4 4l12 12M16 4L4 16".to_owned(),
            Self::ToCome => "M10 8a2 2 0 1 1 0 4 2 2 0 0 1 0-4".to_owned(),
            Self::Nothing => "M6 10h8".to_owned(),
            Self::Share(percent) => {
                let height = percent.min(100) * 16 / 100;
                format!("M2 {}h16v{height}H2z", 18 - height)
            }
        }
    }

    fn words(self, i18n: I18n) -> String {
        match self {
            Self::Present => i18n.text("cell-present"),
            Self::Awaiting => i18n.text("cell-awaiting"),
            Self::Disputed => i18n.text("cell-disputed"),
            Self::Excused => i18n.text("cell-excused"),
            Self::Absent => i18n.text("cell-absent"),
            Self::ToCome => i18n.text("cell-to-come"),
            Self::Nothing => i18n.text("cell-nothing"),
            Self::Share(percent) => format!("{percent} %"),
        }
    }
}

/// Draws a heat map with its legend and its table.
#[component]
pub(crate) fn HeatMap(
    /// What it shows.
    name: String,
    /// What the first column is called.
    of: String,
    /// The days: short, for the drawing, and in full, for the table.
    days: Vec<(String, String)>,
    /// The rows: a name, and a cell for each day.
    rows: Vec<(String, Vec<Cell>)>,
    /// The handle for tests.
    test: &'static str,
) -> impl IntoView {
    let i18n = I18n::expect();
    let head = core::iter::once(of).chain(days.iter().map(|(_, day)| day.clone())).collect();
    let words = |(name, cells): &(String, Vec<Cell>)| {
        let cells = cells.iter().map(|cell| cell.words(i18n));
        core::iter::once(name.clone()).chain(cells).collect()
    };
    let table = Table { head, rows: rows.iter().map(words).collect() };
    let shown = |cell: &Cell| rows.iter().any(|(_, cells)| cells.contains(cell));
    let legend = Cell::ALL.into_iter().filter(shown).map(|cell| {
        view! {
            <li>
                <svg class="heat" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                    <path data-cell=cell.name() d=cell.path() />
                </svg>
                {cell.words(i18n)}
            </li>
        }
    });
    let legend = legend.collect_view();
    let (width, height) = (LABEL + SIDE * days.len(), SIDE * rows.len() + SIDE);
    let labels = days.into_iter().enumerate().map(|(column, (day, _))| {
        let x = LABEL + SIDE * column + SIDE / 2;
        view! { <text class="heat-day" x=x.to_string() y="14">{day}</text> }
    });
    let lines = rows.into_iter().enumerate().map(|(row, (name, cells))| {
        let y = SIDE * (row + 1);
        let cells = cells.into_iter().enumerate().map(|(column, cell)| {
            let place = format!("translate({} {y})", LABEL + SIDE * column);
            let frame = matches!(cell, Cell::Share(_))
                .then(|| view! { <path data-cell="frame" d="M2 2h16v16H2z" /> });
            view! {
                <g transform=place>{frame}<path data-cell=cell.name() d=cell.path() /></g>
            }
        });
        view! {
            <text x="0" y=(y + 14).to_string()>{short(&name)}</text>
            {cells.collect_view()}
        }
    });
    let drawing = view! {
        <svg
            class="heat"
            viewBox=format!("0 0 {width} {height}")
            width=width.to_string()
            height=height.to_string()
            aria-hidden="true"
            focusable="false"
        >
            {labels.collect_view()}
            {lines.collect_view()}
        </svg>
    };
    view! {
        <Picture name drawing=drawing.into_any() table test />
        <ul class="legend">{legend}</ul>
    }
}

/// Shortens a name to what stands beside a row; the table has it whole.
fn short(name: &str) -> String {
    let mut letters = name.chars();
    let shown: String = letters.by_ref().take(NAME_CHARS).collect();
    if letters.next().is_some() { format!("{}…", shown.trim_end()) } else { shown }
}

/// The side of a cell and the width of the names, in pixels.
const SIDE: usize = 22;
const LABEL: usize = 150;
/// How many letters of a name fit.
const NAME_CHARS: usize = 19;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_name_is_cut_between_letters() {
        assert_eq!(short("Әсел"), "Әсел");
        let long = short("Нұрсұлтанбекқызы Айгерім");
        assert_eq!(long, "Нұрсұлтанбекқызы Ай…");
        assert!(long.chars().count() <= NAME_CHARS + 1);
    }

    #[test]
    fn share_is_as_high_as_it_says() {
        assert_eq!(Cell::Share(0).path(), "M2 18h16v0H2z");
        assert_eq!(Cell::Share(50).path(), "M2 10h16v8H2z");
        assert_eq!(Cell::Share(400).path(), "M2 2h16v16H2z");
    }
}
