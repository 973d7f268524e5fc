//! A picture of figures, and the same figures as a table: for screen readers, and to be copied.

use leptos::prelude::*;

use crate::i18n::I18n;

/// The figures of a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Table {
    /// What stands above the columns.
    pub(crate) head: Vec<String>,
    /// The rows, each as long as the head; the first cell names the row.
    pub(crate) rows: Vec<Vec<String>>,
}

/// Frames a picture and offers its table. What is wider than the screen is scrolled inside the frame.
#[component]
pub(crate) fn Picture(
    /// What it shows.
    name: String,
    /// The drawing; a screen reader is led to the table instead.
    drawing: AnyView,
    /// The figures.
    table: Table,
    /// The handle for tests.
    test: &'static str,
) -> impl IntoView {
    let i18n = I18n::expect();
    let head = table.head.into_iter().map(|cell| view! { <th scope="col">{cell}</th> });
    let row = |cells: Vec<String>| {
        let mut cells = cells.into_iter();
        let name = cells.next().map(|name| view! { <th scope="row">{name}</th> });
        view! { <tr>{name} {cells.map(|cell| view! { <td>{cell}</td> }).collect_view()}</tr> }
    };
    let rows = table.rows.into_iter().map(row).collect_view();
    let [title, frame, below] = [name.clone(), name.clone(), name.clone()];
    view! {
        <figure class="picture" data-testid=test>
            <figcaption>{title}</figcaption>
            <div class="picture-frame" role="group" tabindex="0" aria-label=frame>
                {drawing}
            </div>
            <details>
                <summary>{i18n.t("picture-table")}</summary>
                <div class="picture-frame" role="group" tabindex="0" aria-label=below>
                    <table class="picture-table">
                        <caption class="unseen">{name}</caption>
                        <thead><tr>{head.collect_view()}</tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}
