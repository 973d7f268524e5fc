//! What changes the district: a page that asks whether somebody is sure, with what would change, and the
//! record. The forms are where the pages show what it is about ([`super::volumes`], [`super::rules`],
//! [`super::calendar`]).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::{Budget, BudgetCorrection, Day, Tiyn};
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::access::{Fields, Visitor};
use super::words::Words;
use super::{calendar, frame};
use crate::amendment::{DistrictUpdate, UpdateError};
use crate::console::{CalendarDay, DayKind, DistrictRecord, NewRules, RecordError};
use crate::error::ServerError;
use crate::server::Server;

/// The longest text of a field, in letters.
pub(super) const TEXT_LETTERS_MAX: usize = 200;
/// What the page that asks hands on to the one that writes.
const HANDED_ON: [&str; 16] = [
    "what", "id", "from", "to", "norm", "volume", "by", "reason", "document", "day", "name",
    "value", "begins", "rules", "date", "kind",
];

/// Reads a record; nothing if something of it is missing or cannot be so.
fn read(fields: &Fields, today: Day) -> Option<DistrictRecord> {
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
    let document = text("document")?;
    let day = match fields.text("day") {
        Some(day) => day.parse().ok()?,
        None => today,
    };
    match fields.text("what")? {
        "set" => Some(DistrictRecord::Volume(Budget {
            id: text("id")?,
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
            Some(DistrictRecord::Correction(text("id")?, correction))
        }
        "rules" => Some(DistrictRecord::Rules(NewRules {
            from: text("begins")?.parse().ok()?,
            rule_version: text("rules")?,
            changes: Map::from_iter([(text("name")?, read_value(&text("value")?))]),
            document,
        })),
        "day" => {
            let (day, kind) = (text("date")?.parse().ok()?, text("kind")?);
            let kind = DayKind::ALL.into_iter().find(|one| one.name() == kind)?;
            Some(DistrictRecord::Day(CalendarDay { day, kind, document }))
        }
        _ => None,
    }
}

/// Reads a value as JSON has it; what is none is a word.
pub(super) fn read_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// The page that a record belongs to, by what its form says it is.
fn place_of(fields: &Fields) -> &'static str {
    match fields.text("what") {
        Some("rules") => "/console/parameters",
        Some("day") => "/console/calendar",
        _ => "/console/budget",
    }
}

fn title(w: Words, fields: &Fields) -> String {
    match fields.text("what") {
        Some("rules") => w.t("parameters-title"),
        Some("day") => w.t("calendar-title"),
        _ => w.t("volume-title"),
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
    let Some(record) = read(&fields, today) else { return Ok(not_so(&visitor, &fields, None)) };
    let update = match server.try_record(record.clone()).await {
        Ok(update) => update,
        Err(error) => return refused(&visitor, &fields, error),
    };
    let form = frame::form(
        &visitor,
        &format!("{}/write", place_of(&fields)),
        &html! {
            @for name in HANDED_ON {
                @if let Some(value) = fields.text(name) { input type="hidden" name=(name) value=(value); }
            }
            @if fields.text("day").is_none() { input type="hidden" name="day" value=(today); }
            input type="hidden" name="version" value=(update.version);
            p { (w.t("amend-sure")) }
            button data-testid="amend-sure" { (w.t("amend-write")) }
        },
    );
    let body = html! {
        (facts(w, &record))
        (changes(w, &update))
        (form)
        p { a href=(place_of(&fields)) { (w.t("back")) } }
    };
    Ok(frame::page(&visitor, &title(w, &fields), &body))
}

pub(super) async fn write(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let record = read(&fields, server.today()?);
    let version = fields.text("version").and_then(|version| version.parse().ok());
    let Some((record, version)) = record.zip(version) else {
        return Ok(not_so(&visitor, &fields, None));
    };
    let by = visitor.signed_in()?.account;
    let update = match server.write_record(by, record, version).await {
        Ok(update) => update,
        Err(error) => return refused(&visitor, &fields, error),
    };
    let leaf = update.leaf_index.map(|leaf| leaf.to_string()).unwrap_or_default();
    let done = w.with("amend-done", &[("version", update.version.to_string()), ("leaf", leaf)]);
    let body = html! {
        p.good role="status" data-testid="amend-written" { (done) }
        p { a href=(place_of(&fields)) { (w.t("back")) } }
    };
    Ok(frame::page(&visitor, &title(w, &fields), &body))
}

/// What somebody is about to write.
fn facts(w: Words, record: &DistrictRecord) -> Markup {
    match record {
        DistrictRecord::Volume(one) => frame::facts(&[
            (w.t("volume-name"), frame::cell(&one.id)),
            (w.t("first-month"), frame::cell(one.from)),
            (w.t("last-month"), frame::cell(one.to)),
            (w.t("norm"), frame::cell(w.sum(one.norm_tiyn))),
            (w.t("volume"), frame::cell(w.sum(one.volume_tiyn))),
            (w.t("document"), frame::cell(&one.document)),
            (w.t("day"), frame::cell(one.day)),
        ]),
        DistrictRecord::Correction(id, one) => frame::facts(&[
            (w.t("volume-name"), frame::cell(id)),
            (w.t("volume-by"), frame::cell(w.sum(one.amount_tiyn))),
            (w.t("reason"), frame::cell(&one.reason)),
            (w.t("document"), frame::cell(&one.document)),
            (w.t("day"), frame::cell(one.day)),
        ]),
        DistrictRecord::Rules(one) => {
            let mut facts = vec![
                (w.t("rules-version"), frame::cell(&one.rule_version)),
                (w.t("rules-from"), frame::cell(one.from)),
            ];
            for (name, value) in &one.changes {
                facts.push((name.clone(), html! { code { (value) } }));
            }
            facts.push((w.t("document"), frame::cell(&one.document)));
            frame::facts(&facts)
        }
        DistrictRecord::Day(one) => frame::facts(&[
            (w.t("day"), frame::cell(one.day)),
            (w.t("day-kind"), frame::cell(calendar::kind_name(w, one.kind))),
            (w.t("document"), frame::cell(&one.document)),
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

fn refused(
    visitor: &Visitor,
    fields: &Fields,
    error: RecordError,
) -> Result<Response, ServerError> {
    match error {
        RecordError::Server(error) | RecordError::Update(UpdateError::Server(error)) => Err(error),
        RecordError::NoVolume(_)
        | RecordError::NoRules(_)
        | RecordError::Parameter(_)
        | RecordError::Closed(_)
        | RecordError::Already(_)
        | RecordError::Changed
        | RecordError::Update(_) => Ok(not_so(visitor, fields, Some(&error.to_string()))),
    }
}

fn not_so(visitor: &Visitor, fields: &Fields, why: Option<&str>) -> Response {
    let w = visitor.words;
    let body = html! {
        p.warn role="alert" data-testid="amend-refused" { (w.t("amend-refused")) }
        @if let Some(why) = why { p lang="en" { (why) } }
        p { a href=(place_of(fields)) { (w.t("back")) } }
    };
    frame::page(visitor, &title(w, fields), &body)
}
