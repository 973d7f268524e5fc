//! The days on which no lesson is planned, or offices work though it is a weekend; and the form that says what
//! a day is.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::{Calendar, Day, Weekday};
use maud::{Markup, html};

use super::access::Visitor;
use super::plan::weekday;
use super::words::Words;
use super::{forms, frame};
use crate::console::DayKind;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn page(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let snapshots = server.snapshots().await?;
    let calendar = &snapshots.newest().snapshot.calendar;
    let rows: Vec<Vec<Markup>> = days(calendar)
        .into_iter()
        .map(|(day, kind)| {
            let kind_cell = html! {
                span data-testid="calendar-day" data-day=(day) data-kind=(kind.name()) {
                    (kind_name(w, kind))
                }
            };
            vec![frame::cell(day), frame::cell(weekday(w, Weekday::of(day))), kind_cell]
        })
        .collect();
    let heads = [w.t("day"), w.t("weekday"), w.t("day-kind")];
    let version = [("version", calendar.version.to_string())];
    let body = html! {
        p { (w.t("calendar-lead")) }
        @if rows.is_empty() {
            p.warn data-testid="no-days" { (w.t("calendar-none")) }
        } @else {
            (frame::table(&w.with("calendar-caption", &version), &heads, &rows))
        }
        @if visitor.prepares() { (form(&visitor, server.today()?)) }
    };
    Ok(frame::page(&visitor, &w.t("calendar-title"), &body))
}

fn days(calendar: &Calendar) -> BTreeMap<Day, DayKind> {
    let lists = [&calendar.working, &calendar.transferred_off, &calendar.official_off];
    let all = lists.into_iter().flatten();
    all.map(|day| (*day, DayKind::of(calendar, *day))).collect()
}

fn form(visitor: &Visitor, today: Day) -> Markup {
    let w = visitor.words;
    frame::form(
        visitor,
        "/console/calendar/sure",
        &html! {
            h2 { (w.t("calendar-change")) }
            input type="hidden" name="what" value="day";
            div.grid {
                div {
                    label for="date" { (w.t("day")) }
                    input #date name="date" type="date" value=(today) required;
                }
                div {
                    label for="kind" { (w.t("day-kind")) }
                    select #kind name="kind" {
                        @for kind in DayKind::ALL {
                            option value=(kind.name()) { (kind_name(w, kind)) }
                        }
                    }
                }
                div { (forms::document_field("day-document", w.t("document"), None)) }
            }
            button data-testid="day-set" { (w.t("look-first")) }
        },
    )
}

/// Names what a day is.
pub(super) fn kind_name(w: Words, kind: DayKind) -> String {
    match kind {
        DayKind::OfficialOff => w.t("day-official-off"),
        DayKind::TransferredOff => w.t("day-transferred-off"),
        DayKind::Working => w.t("day-working"),
        DayKind::Ordinary => w.t("day-ordinary"),
    }
}
