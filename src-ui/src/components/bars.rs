//! Bars: upright ones for a run of hours or days, lying ones for a few sums of one whole.

use leptos::prelude::*;

use super::picture::{Picture, Table};

/// A column of a run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// What stands under it.
    pub(crate) label: String,
    /// How high it is.
    pub(crate) value: u64,
}

/// Draws columns, each with its number.
#[component]
pub(crate) fn Columns(
    /// What it shows.
    name: String,
    /// What the two columns of the table are called.
    head: [String; 2],
    /// The columns, from left to right.
    columns: Vec<Column>,
    /// The handle for tests.
    test: &'static str,
) -> impl IntoView {
    let rows = columns.iter().map(|one| vec![one.label.clone(), one.value.to_string()]).collect();
    let table = Table { head: head.into(), rows };
    let most = columns.iter().map(|one| one.value).max().unwrap_or_default().max(1);
    let width = PITCH * columns.len() as u64;
    let drawn = columns.into_iter().zip(0_u64..).map(|(one, place)| {
        let height = one.value.saturating_mul(HEIGHT) / most;
        let (x, top) = (place * PITCH, TOP + HEIGHT - height);
        let middle = (x + PITCH / 2).to_string();
        let number = (one.value > 0).then(|| {
            view! { <text x=middle.clone() y=(top - 4).to_string()>{one.value.to_string()}</text> }
        });
        view! {
            <rect
                x=(x + 4).to_string()
                y=top.to_string()
                width=(PITCH - 8).to_string()
                height=height.to_string()
            />
            {number}
            <text x=middle y=(TOP + HEIGHT + 16).to_string()>{one.label}</text>
        }
    });
    let bottom = (TOP + HEIGHT).to_string();
    let drawing = view! {
        <svg
            class="columns-drawn"
            viewBox=format!("0 0 {width} {}", TOP + HEIGHT + 22)
            width=width.to_string()
            height=(TOP + HEIGHT + 22).to_string()
            aria-hidden="true"
            focusable="false"
        >
            {drawn.collect_view()}
            <path d=format!("M0 {bottom}H{width}") />
        </svg>
    };
    view! { <Picture name drawing=drawing.into_any() table test /> }
}

/// A lying bar: from where to where it reaches of the whole.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bar {
    /// What it is.
    pub(crate) label: String,
    /// Its colour, by the part that it is.
    pub(crate) part: &'static str,
    /// Where it begins.
    pub(crate) from: i64,
    /// How long it is.
    pub(crate) length: i64,
    /// Its number, as people read it.
    pub(crate) words: String,
}

/// Draws bars under one another, each with its name and number, all on one scale.
#[component]
pub(crate) fn Bars(
    /// What it shows.
    name: String,
    /// What the two columns of the table are called.
    head: [String; 2],
    /// The bars.
    bars: Vec<Bar>,
    /// The handle for tests.
    test: &'static str,
) -> impl IntoView {
    let rows = bars.iter().map(|bar| vec![bar.label.clone(), bar.words.clone()]).collect();
    let table = Table { head: head.into(), rows };
    let whole = bars.iter().map(|bar| bar.from.saturating_add(bar.length)).max();
    let whole = whole.unwrap_or_default();
    let drawn = bars.into_iter().map(|bar| {
        let (from, width) = (share(bar.from, whole), share(bar.length, whole));
        view! {
            <div class="lying">
                <span>{bar.label}</span>
                <svg
                    class="bar"
                    viewBox="0 0 1000 20"
                    preserveAspectRatio="none"
                    aria-hidden="true"
                    focusable="false"
                >
                    <rect
                        data-part=bar.part
                        x=from.to_string()
                        y="0"
                        width=width.to_string()
                        height="20"
                    />
                </svg>
                <span class="money">{bar.words}</span>
            </div>
        }
    });
    let drawing = view! { <div aria-hidden="true">{drawn.collect_view()}</div> };
    view! { <Picture name drawing=drawing.into_any() table test /> }
}

/// Gives the part of a whole in thousandths; nothing of no whole.
fn share(part: i64, whole: i64) -> i64 {
    let whole = i128::from(whole.max(1));
    let share = i128::from(part.max(0)) * 1_000 / whole;
    i64::try_from(share.min(1_000)).unwrap_or(1_000)
}

/// The width of a column with its space, the height of the highest, and what is above it, in pixels.
const PITCH: u64 = 34;
const HEIGHT: u64 = 96;
const TOP: u64 = 18;

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn part_of_a_whole_is_never_more_than_it_and_never_less_than_nothing() {
        assert_eq!([share(1, 2), share(2, 2), share(3, 2)], [500, 1_000, 1_000]);
        assert_eq!([share(-1, 2), share(1, 0), share(0, 0)], [0, 1_000, 0]);
        assert_eq!(share(i64::MAX, i64::MAX), 1_000);
    }
}
