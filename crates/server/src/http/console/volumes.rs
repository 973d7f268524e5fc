//! Setting and correcting a year's volume: a form, a page that asks whether somebody is sure, the record.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::report::BudgetYear;
use ledger::{Budget, BudgetCorrection, Day, Tiyn};
use maud::{Markup, html};

use super::access::{Fields, Visitor};
use super::frame;
use super::words::Words;
use crate::amendment::{DistrictUpdate, UpdateError};
use crate::console::{VolumeError, VolumeRecord};
use crate::error::ServerError;
use crate::server::Server;

/// The longest text of a field, in letters.
const TEXT_LETTERS_MAX: usize = 200;
/// What the page that asks hands on to the one that writes.
const HANDED_ON: [&str; 10] =
    ["what", "id", "from", "to", "norm", "volume", "by", "reason", "document", "day"];

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

/// Reads a record; nothing if something of it is missing or cannot be so.
fn read(fields: &Fields, today: Day) -> Option<VolumeRecord> {
    let text = |name: &str| {
        let text = fields.text(name)?;
        let plain = text.chars().count() <= TEXT_LETTERS_MAX && !text.chars().any(char::is_control);
        plain.then(|| text.to_owned())
    };
    let sum = |name: &str| {
        let typed = text(name)?.replace([' ', '\u{a0}'], "").replace(',', ".");
        match typed.strip_prefix(['-', '−']) {
            Some(rest) => Some(Tiyn(-Tiyn::parse_tenge(rest)?.0)),
            None => Tiyn::parse_tenge(&typed),
        }
    };
    let (id, document) = (text("id")?, text("document")?);
    let day = match fields.text("day") {
        Some(day) => day.parse().ok()?,
        None => today,
    };
    match fields.text("what")? {
        "set" => Some(VolumeRecord::Set(Budget {
            id,
            groups: Vec::new(),
            from: text("from")?.parse().ok()?,
            to: text("to")?.parse().ok()?,
            norm_tiyn: sum("norm")?,
            volume_tiyn: sum("volume")?,
            day,
            document,
            corrections: Vec::new(),
        })),
        "correct" => {
            let (reason, amount_tiyn) = (text("reason")?, sum("by")?);
            let correction = BudgetCorrection { day, reason, document, amount_tiyn };
            Some(VolumeRecord::Correct(id, correction))
        }
        _ => None,
    }
}

/// Asks whether somebody is sure, with what would change.
pub(super) async fn ask(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let today = server.today()?;
    let Some(record) = read(&fields, today) else { return Ok(not_so(&visitor, None)) };
    let update = match server.try_volume(record.clone()).await {
        Ok(update) => update,
        Err(error) => return refused(&visitor, error),
    };
    let form = frame::form(
        &visitor,
        "/console/budget/write",
        &html! {
            @for name in HANDED_ON {
                @if let Some(value) = fields.text(name) { input type="hidden" name=(name) value=(value); }
            }
            @if fields.text("day").is_none() { input type="hidden" name="day" value=(today); }
            input type="hidden" name="version" value=(update.version);
            p { (w.t("volume-sure")) }
            button data-testid="volume-sure" { (w.t("volume-write")) }
        },
    );
    let body = html! {
        (facts(w, &record))
        (changes(w, &update))
        (form)
        p { a href="/console/budget" { (w.t("back")) } }
    };
    Ok(frame::page(&visitor, &w.t("volume-title"), &body))
}

pub(super) async fn write(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let record = read(&fields, server.today()?);
    let version = fields.text("version").and_then(|version| version.parse().ok());
    let Some((record, version)) = record.zip(version) else { return Ok(not_so(&visitor, None)) };
    let by = visitor.signed_in()?.account;
    let update = match server.write_volume(by, record, version).await {
        Ok(update) => update,
        Err(error) => return refused(&visitor, error),
    };
    let leaf = update.leaf_index.map(|leaf| leaf.to_string()).unwrap_or_default();
    let done = w.with("volume-done", &[("version", update.version.to_string()), ("leaf", leaf)]);
    let body = html! {
        p.good role="status" data-testid="volume-written" { (done) }
        p { a href="/console/budget" { (w.t("budget-title")) } }
    };
    Ok(frame::page(&visitor, &w.t("volume-title"), &body))
}

/// What somebody is about to write.
fn facts(w: Words, record: &VolumeRecord) -> Markup {
    match record {
        VolumeRecord::Set(one) => frame::facts(&[
            (w.t("volume-name"), frame::cell(&one.id)),
            (w.t("first-month"), frame::cell(one.from)),
            (w.t("last-month"), frame::cell(one.to)),
            (w.t("norm"), frame::cell(w.sum(one.norm_tiyn))),
            (w.t("volume"), frame::cell(w.sum(one.volume_tiyn))),
            (w.t("document"), frame::cell(&one.document)),
            (w.t("day"), frame::cell(one.day)),
        ]),
        VolumeRecord::Correct(id, one) => frame::facts(&[
            (w.t("volume-name"), frame::cell(id)),
            (w.t("volume-by"), frame::cell(w.sum(one.amount_tiyn))),
            (w.t("reason"), frame::cell(&one.reason)),
            (w.t("document"), frame::cell(&one.document)),
            (w.t("day"), frame::cell(one.day)),
        ]),
    }
}

fn changes(w: Words, update: &DistrictUpdate) -> Markup {
    html! {
        ul lang="en" data-testid="changes" { @for change in &update.changes { li { (change) } } }
        @for (id, over) in &update.over {
            p.warn {
                (id) ": "
                (w.with("over", &[
                    ("sum", w.sum(over.excess_tiyn)), ("count", over.vouchers.to_string()),
                ]))
            }
        }
    }
}

fn refused(visitor: &Visitor, error: VolumeError) -> Result<Response, ServerError> {
    match error {
        VolumeError::Server(error) | VolumeError::Update(UpdateError::Server(error)) => Err(error),
        VolumeError::Unknown(_) | VolumeError::Changed | VolumeError::Update(_) => {
            Ok(not_so(visitor, Some(&error.to_string())))
        }
    }
}

fn not_so(visitor: &Visitor, why: Option<&str>) -> Response {
    let w = visitor.words;
    let body = html! {
        p.warn role="alert" data-testid="volume-refused" { (w.t("volume-refused")) }
        @if let Some(why) = why { p lang="en" { (why) } }
        p { a href="/console/budget" { (w.t("back")) } }
    };
    frame::page(visitor, &w.t("volume-title"), &body)
}
