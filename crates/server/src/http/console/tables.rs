//! The form that takes a table of groups, timetables or vouchers: all of its rows or none.

use maud::{Markup, html};

use super::access::Visitor;
use super::words::Words;
use super::{forms, frame};
use crate::tables::TableKind;

/// The form, for whoever may write what the table has. `place` is the page that it is on.
pub(super) fn form(visitor: &Visitor, place: &str, kinds: &[TableKind]) -> Markup {
    let w = visitor.words;
    frame::form(
        visitor,
        &format!("{place}/sure"),
        &html! {
            h2 { (w.t("table-title")) }
            p { (w.t("table-lead")) }
            @if let [kind] = kinds {
                input type="hidden" name="what" value=(kind.name());
                p.soft { (columns(w, *kind)) }
            } @else {
                label for="table-kind" { (w.t("table-kind")) }
                select #table-kind name="what" {
                    @for kind in kinds { option value=(kind.name()) { (kind_name(w, *kind)) } }
                }
                ul.soft { @for kind in kinds { li { (columns(w, *kind)) } } }
            }
            (forms::table_field(w))
            (forms::document_field("table-document", w.t("document"), None))
            button data-testid="table-look" { (w.t("look-first")) }
        },
    )
}

/// Names a kind of table.
pub(super) fn kind_name(w: Words, kind: TableKind) -> String {
    match kind {
        TableKind::Groups => w.t("table-groups"),
        TableKind::Schedules => w.t("table-schedules"),
        TableKind::Vouchers => w.t("table-vouchers"),
    }
}

/// Says which columns a table has.
fn columns(w: Words, kind: TableKind) -> String {
    match kind {
        TableKind::Groups => w.t("table-groups-columns"),
        TableKind::Schedules => w.t("table-schedules-columns"),
        TableKind::Vouchers => w.t("table-vouchers-columns"),
    }
}
