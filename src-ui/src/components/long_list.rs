//! A list of any length, in one or more columns: only the rows around what is looked at are in the page.

use std::ops::Range;

use leptos::{ev, html::Ul, prelude::*};

use super::Rows;
use crate::number::write_number;

/// Shows rows of about the same height. Short lists are in the page whole; of a long one those rows are
/// that can be seen, and some before and after.
#[component]
pub(crate) fn LongList<T, V, KF, VF>(
    /// The rows.
    each: Signal<Vec<T>>,
    /// What makes a row the same row.
    key: KF,
    /// The class of the list.
    class: &'static str,
    /// Shows a row.
    children: VF,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
    KF: Fn(&T) -> String + Clone + Send + Sync + 'static,
    VF: Fn(T) -> V + Clone + Send + Sync + 'static,
{
    let list = NodeRef::<Ul>::new();
    let pitch = RwSignal::new(PITCH_PX);
    let shown = RwSignal::new(0..WHOLE);
    let look = move || {
        let Some(element) = list.get_untracked() else { return };
        let length = each.with_untracked(Vec::len);
        let (height, rows) = (f64::from(element.offset_height()), shown.get_untracked());
        let above = window().scroll_y().unwrap_or(0.0) - f64::from(element.offset_top());
        if length > WHOLE && pitch.get_untracked() == PITCH_PX {
            // measured once, on the rows that are there: what is off stays off by the same
            pitch.set((height - PITCH_PX * count(length - rows.len())) / count(rows.len()));
        }
        let next = window_of(above, screen_height(), pitch.get_untracked(), length);
        if next != rows {
            shown.set(next);
        }
    };
    let scrolled = window_event_listener(ev::scroll, move |_| look());
    let resized = window_event_listener(ev::resize, move |_| look());
    on_cleanup(move || {
        scrolled.remove();
        resized.remove();
    });
    Effect::new(move |_| {
        each.track();
        request_animation_frame(look);
    });
    let rows = move || {
        let shown = shown.get();
        each.with(|all| all.get(clamp(&shown, all.len())).map(<[T]>::to_vec).unwrap_or_default())
    };
    let left_out = move |before: bool| {
        let length = each.with(Vec::len);
        let shown = clamp(&shown.get(), length);
        if before { shown.start } else { length - shown.end }
    };
    let gap = move |before: bool| {
        let height = move || format!("{}px", write_number(count(left_out(before)) * pitch.get()));
        view! {
            <li
                class="left-out"
                aria-hidden="true"
                hidden=move || left_out(before) == 0
                style:height=height
            ></li>
        }
    };
    view! {
        <ul class=class node_ref=list data-testid="long-list">
            {gap(true)}
            <Rows each=rows key=key children=children />
            {gap(false)}
        </ul>
    }
}

fn screen_height() -> f64 {
    window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(PITCH_PX)
}

fn clamp(rows: &Range<usize>, length: usize) -> Range<usize> {
    rows.start.min(length)..rows.end.min(length)
}

/// The rows to have in the page if `above` pixels of the list are above the screen: all of a short list;
/// of a long one, a screen and more on both sides, in steps, so that few scrolls change anything.
fn window_of(above: f64, screen: f64, pitch: f64, length: usize) -> Range<usize> {
    if length <= WHOLE || pitch <= 0.0 {
        return 0..length.max(WHOLE);
    }
    let first = rows_in(above - screen, pitch) / STEP * STEP;
    let last = (rows_in(above + 2.0 * screen, pitch) / STEP + 1) * STEP;
    first.min((length - 1) / STEP * STEP)..last.clamp(STEP, length)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a float saturates: above the list there are no rows"
)]
fn rows_in(px: f64, pitch: f64) -> usize {
    (px / pitch) as usize
}

#[expect(clippy::cast_precision_loss, reason = "no list has 2⁵³ rows")]
fn count(rows: usize) -> f64 {
    rows as f64
}

/// Lists up to this length are in the page whole.
const WHOLE: usize = 150;
/// Rows come and go so many at a time: whole lines of a list with up to four columns.
const STEP: usize = 24;
/// The height of a row until it has been measured, in pixels.
const PITCH_PX: f64 = 56.0;

#[cfg(test)]
mod tests {
    use super::window_of;

    #[test]
    fn short_list_is_whole() {
        assert_eq!(window_of(5_000.0, 800.0, 50.0, 150), 0..150);
    }

    #[test]
    fn long_list_has_a_screen_before_and_after() {
        assert_eq!(window_of(0.0, 800.0, 50.0, 10_000), 0..48);
        assert_eq!(window_of(250_000.0, 800.0, 50.0, 10_000), 4_968..5_040);
    }

    #[test]
    fn ends_of_a_long_list_are_reached_and_not_left() {
        assert_eq!(window_of(-900.0, 800.0, 50.0, 10_000), 0..24);
        assert_eq!(window_of(1e9, 800.0, 50.0, 10_000), 9_984..10_000);
        for above in (0..600_000).step_by(977) {
            let rows = window_of(f64::from(above), 800.0, 50.0, 9_999);
            assert!(rows.len() <= 100 && rows.start < rows.end, "{rows:?}");
        }
    }
}
