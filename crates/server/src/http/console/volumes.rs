//! The forms that set and correct a year's volume.

use ledger::report::BudgetYear;
use maud::{Markup, html};

use super::access::Visitor;
use super::frame;

/// The forms, for whoever may change parameters.
pub(super) fn forms(visitor: &Visitor, year: &BudgetYear) -> Markup {
    let w = visitor.words;
    let field = |id: &str, name: &str, label: String, kind: Kind| {
        let (hint, width) = match kind {
            Kind::Text => (None, "200"),
            Kind::Sum => (Some("decimal"), "24"),
            Kind::Month => (None, "7"),
        };
        html! {
            div {
                label for=(id) { (label) }
                input id=(id) name=(name) required maxlength=(width) inputmode=[hint]
                    placeholder=[matches!(kind, Kind::Month).then_some("2026-09")] autocomplete="off";
            }
        }
    };
    html! {
        (frame::form(visitor, "/console/budget/sure", &html! {
            h2 { (w.t("volume-set-title")) }
            input type="hidden" name="what" value="set";
            div.grid {
                (field("set-id", "id", w.t("volume-name"), Kind::Text))
                (field("set-from", "from", w.t("first-month"), Kind::Month))
                (field("set-to", "to", w.t("last-month"), Kind::Month))
                (field("set-norm", "norm", w.t("norm"), Kind::Sum))
                (field("set-volume", "volume", w.t("volume"), Kind::Sum))
                (field("set-document", "document", w.t("document"), Kind::Text))
            }
            button data-testid="volume-set" { (w.t("look-first")) }
        }))
        @if !year.budgets.is_empty() {
            (frame::form(visitor, "/console/budget/sure", &html! {
                h2 { (w.t("volume-correct-title")) }
                input type="hidden" name="what" value="correct";
                div.grid {
                    div {
                        label for="correct-id" { (w.t("volume-name")) }
                        select #correct-id name="id" {
                            @for one in &year.budgets { option { (one.id) } }
                        }
                    }
                    (field("correct-by", "by", w.t("volume-by"), Kind::Sum))
                    (field("correct-reason", "reason", w.t("reason"), Kind::Text))
                    (field("correct-document", "document", w.t("document"), Kind::Text))
                }
                button data-testid="volume-correct" { (w.t("look-first")) }
            }))
        }
    }
}

/// What is typed into a field.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Sum,
    Month,
}
