//! Rows that come, go and move one by one.

use std::hash::{DefaultHasher, Hash, Hasher as _};

use leptos::prelude::*;

/// Shows a row for each thing; what keeps its key keeps its row. It is [`For`] without the type of the things:
/// the page has that once, and it is large.
#[component]
pub(crate) fn Rows<T, V, EF, KF, VF>(
    /// The things.
    each: EF,
    /// What makes a row the same row.
    key: KF,
    /// Shows a row.
    children: VF,
) -> impl IntoView
where
    T: Send + 'static,
    V: IntoView + 'static,
    EF: Fn() -> Vec<T> + Send + Sync + 'static,
    KF: Fn(&T) -> String + Send + Sync + 'static,
    VF: Fn(T) -> V + Clone + Send + Sync + 'static,
{
    let row = move |one: T| {
        let (key, children) = (key(&one), children.clone());
        Row { key, view: Box::new(move || children(one).into_any()) }
    };
    keyed(Box::new(move || each().into_iter().map(&row).collect()))
}

/// The key of a row that is drawn anew when anything in it changes.
pub(crate) fn content(row: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    row.hash(&mut hasher);
    hasher.finish().to_string()
}

struct Row {
    key: String,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

fn keyed(each: Box<dyn Fn() -> Vec<Row> + Send + Sync>) -> AnyView {
    view! { <For each=move || each() key=|row| row.key.clone() children=|row: Row| (row.view)() /> }
        .into_any()
}
