//! What changes the district: a page that asks whether somebody is sure, with what would change, and the
//! record. The forms are where the pages show what it is about ([`super::volumes`], [`super::rules`],
//! [`super::calendar`], [`super::admission`], [`super::tables`]).

use std::sync::Arc;

use attendance::{Action, Duty};
use axum::extract::State;
use axum::response::Response;
use ledger::admission::{Answer, Check, Found};
use ledger::{Budget, BudgetCorrection, Day, Tiyn};
use maud::{Markup, html};
use seal::Hash;
use serde_json::{Map, Value};

use super::access::{Fields, Visitor};
use super::words::Words;
use super::{admission, calendar, drafts, frame, tables};
use crate::amendment::{DistrictUpdate, UpdateError};
use crate::console::{
    CalendarDay, DayKind, DistrictRecord, NewCheck, NewListing, NewRules, NewTable, RecordError,
    Recorded,
};
use crate::error::ServerError;
use crate::server::Server;
use crate::tables::{RowNote, TableKind};

/// So many rows are told about one by one.
const ROWS_SHOWN: usize = 50;
/// The longest text of a field, in letters.
pub(super) const TEXT_LETTERS_MAX: usize = 200;
/// What the page that asks hands on to the one that writes.
const HANDED_ON: [&str; 27] = [
    "what",
    "id",
    "from",
    "to",
    "norm",
    "volume",
    "by",
    "reason",
    "document",
    "day",
    "name",
    "value",
    "begins",
    "rules",
    "date",
    "kind",
    "bin",
    "check",
    "result",
    "valid_to",
    "source",
    "address",
    "sha256",
    "binds_from",
    "listed",
    "table",
    "draft",
];

/// The field that is missing, or cannot be so.
pub(super) type Wrong = &'static str;

/// Gives what stands in the fields that are handed on.
pub(super) fn handed_on(fields: &Fields) -> Vec<(String, String)> {
    let given = |name: &str| Some((name.to_owned(), fields.text(name)?.to_owned()));
    HANDED_ON.into_iter().filter_map(given).collect()
}

/// Reads a record that somebody of a duty enters today.
pub(super) fn read(fields: &Fields, today: Day, by: Duty) -> Result<DistrictRecord, Wrong> {
    let document = text(fields, "document")?;
    let day = some(fields, "day", |text| text.parse().ok())?.unwrap_or(today);
    match fields.text("what").ok_or("what")? {
        "set" => Ok(DistrictRecord::Volume(Budget {
            id: text(fields, "id")?,
            groups: Vec::new(),
            from: parsed(fields, "from", |text| text.parse().ok())?,
            to: parsed(fields, "to", |text| text.parse().ok())?,
            norm_tiyn: parsed(fields, "norm", sum)?,
            volume_tiyn: parsed(fields, "volume", sum)?,
            day,
            document,
            corrections: Vec::new(),
        })),
        "correct" => {
            let (reason, amount_tiyn) = (text(fields, "reason")?, parsed(fields, "by", sum)?);
            let correction = BudgetCorrection { day, reason, document, amount_tiyn };
            Ok(DistrictRecord::Correction(text(fields, "id")?, correction))
        }
        "rules" => Ok(DistrictRecord::Rules(NewRules {
            from: parsed(fields, "begins", |text| text.parse().ok())?,
            rule_version: text(fields, "rules")?,
            changes: Map::from_iter([(text(fields, "name")?, read_value(&text(fields, "value")?))]),
            document,
        })),
        "day" => {
            let kind = parsed(fields, "kind", |name| {
                DayKind::ALL.into_iter().find(|one| one.name() == name)
            })?;
            let day = parsed(fields, "date", |text| text.parse().ok())?;
            Ok(DistrictRecord::Day(CalendarDay { day, kind, document }))
        }
        "check" => {
            read_check(fields, (today, by), Entry { day, document }).map(DistrictRecord::Check)
        }
        "listing" => Ok(DistrictRecord::Listing(NewListing {
            bin: parsed(fields, "bin", |text| text.parse().ok())?,
            day,
            listed: parsed(fields, "listed", |text| match text {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            })?,
            document,
            by: by.name(),
        })),
        what => {
            let kind = TableKind::ALL.into_iter().find(|kind| kind.name() == what).ok_or("what")?;
            let text = parsed(fields, "table", |text| Some(text.to_owned()))?;
            Ok(DistrictRecord::Table(NewTable { kind, text, document }))
        }
    }
}

/// When something was found or decided, and by which paper.
struct Entry {
    day: Day,
    document: String,
}

fn read_check(
    fields: &Fields,
    (entered, by): (Day, Duty),
    Entry { day, document }: Entry,
) -> Result<NewCheck, Wrong> {
    let check: Check = parsed(fields, "check", |text| text.parse().ok())?;
    let found = parsed(fields, "result", |text| check.read(text))?;
    let valid_to: Option<Day> = some(fields, "valid_to", |text| text.parse().ok())?;
    if valid_to.is_some_and(|to| to < day) {
        return Err("valid_to");
    }
    let address = some(fields, "address", plain)?;
    if address.is_none() && check == Check::Notification && found == Found::Yes {
        return Err("address");
    }
    let sha256 = some(fields, "sha256", Hash::from_hex)?.map(|hash| hash.to_string());
    let source = text(fields, "source")?;
    Ok(NewCheck {
        bin: parsed(fields, "bin", |text| text.parse().ok())?,
        check,
        answer: Answer { found, day, valid_to, document, sha256, source, address },
        binds_from: some(fields, "binds_from", |text| text.parse().ok())?,
        by: by.name(),
        entered,
    })
}

/// Reads a field that is filled.
fn text(fields: &Fields, name: Wrong) -> Result<String, Wrong> {
    parsed(fields, name, plain)
}

fn parsed<T>(
    fields: &Fields,
    name: Wrong,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Wrong> {
    some(fields, name, read)?.ok_or(name)
}

/// Reads a field that may be empty.
fn some<T>(
    fields: &Fields,
    name: Wrong,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Wrong> {
    fields.text(name).map(|text| read(text).ok_or(name)).transpose()
}

fn plain(text: &str) -> Option<String> {
    let plain = text.chars().count() <= TEXT_LETTERS_MAX && !text.chars().any(char::is_control);
    plain.then(|| text.to_owned())
}

/// Reads a sum in tenge as people write it, which may be below nothing.
fn sum(text: &str) -> Option<Tiyn> {
    match text.strip_prefix(['-', '−']) {
        Some(rest) => Some(Tiyn(-Tiyn::parse_tenge(rest)?.0)),
        None => Tiyn::parse_tenge(text),
    }
}

/// Names a field as its form does.
pub(super) fn label(w: Words, field: &str) -> String {
    match field {
        "id" => w.t("volume-name"),
        "from" => w.t("first-month"),
        "to" => w.t("last-month"),
        "norm" => w.t("norm"),
        "volume" => w.t("volume"),
        "by" => w.t("volume-by"),
        "reason" => w.t("reason"),
        "document" => w.t("document"),
        "day" | "date" => w.t("day"),
        "name" => w.t("parameter"),
        "value" => w.t("value"),
        "begins" => w.t("rules-from"),
        "rules" => w.t("rules-version"),
        "kind" => w.t("day-kind"),
        "bin" => w.t("bin"),
        "check" => w.t("check"),
        "result" => w.t("check-result"),
        "valid_to" => w.t("check-valid-to"),
        "source" => w.t("check-source"),
        "address" => w.t("check-address"),
        "sha256" => w.t("hash"),
        "binds_from" => w.t("binds-from-day"),
        "listed" => w.t("decision"),
        "table" => w.t("table-text"),
        other => other.to_owned(),
    }
}

/// Reads a value as JSON has it; what is none is a word.
pub(super) fn read_value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// The page that a record belongs to, by what its form says it is.
pub(super) fn place_of(fields: &Fields) -> &'static str {
    match fields.text("what") {
        Some("rules") => "/console/parameters",
        Some("day") => "/console/calendar",
        Some("check" | "listing") => "/console/admission",
        Some("groups" | "schedules") => "/console/groups",
        Some("vouchers") => "/console/vouchers",
        _ => "/console/budget",
    }
}

pub(super) fn title(w: Words, fields: &Fields) -> String {
    match fields.text("what") {
        Some("rules") => w.t("parameters-title"),
        Some("day") => w.t("calendar-title"),
        Some("check" | "listing") => w.t("admission-title"),
        Some("groups" | "schedules") => w.t("groups-title"),
        Some("vouchers") => w.t("vouchers-title"),
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
    let record = match read(&fields, today, visitor.signed_in()?.office.duty) {
        Ok(record) => record,
        Err(wrong) => return Ok(not_so(&visitor, &fields, Why::Field(wrong))),
    };
    let Recorded { update, flagged } = match server.try_record(record.clone()).await {
        Ok(recorded) => recorded,
        Err(error) => return refused(&visitor, &fields, error),
    };
    let writes = visitor.scope(Action::ChangeParameters).does();
    let to = if writes { format!("{}/write", place_of(&fields)) } else { drafts::LAY.to_owned() };
    let form = frame::form(
        &visitor,
        &to,
        &html! {
            @for (name, value) in handed_on(&fields) { input type="hidden" name=(name) value=(value); }
            @if fields.text("day").is_none() { input type="hidden" name="day" value=(today); }
            @if writes {
                input type="hidden" name="version" value=(update.version);
                p { (w.t("amend-sure")) }
                button data-testid="amend-sure" { (w.t("amend-write")) }
            } @else {
                p { (w.t("draft-sure")) }
                button data-testid="draft-lay" { (w.t("draft-lay")) }
            }
        },
    );
    let body = html! {
        (facts(w, &record))
        @if !flagged.is_empty() { (notes(w, "flagged", &flagged)) }
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
    let account = visitor.signed_in()?;
    let read = read(&fields, server.today()?, account.office.duty).and_then(|record| {
        let version = parsed(&fields, "version", |version| version.parse().ok())?;
        Ok((record, (version, some(&fields, "draft", |draft| draft.parse().ok())?)))
    });
    let (record, as_seen) = match read {
        Ok(read) => read,
        Err(wrong) => return Ok(not_so(&visitor, &fields, Why::Field(wrong))),
    };
    let by = account.account;
    let update = match server.write_record(by, record, as_seen).await {
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
        DistrictRecord::Check(one) => admission::check_facts(w, one),
        DistrictRecord::Listing(one) => admission::listing_facts(w, one),
        DistrictRecord::Table(one) => frame::facts(&[
            (w.t("table-kind"), frame::cell(tables::kind_name(w, one.kind))),
            (w.t("document"), frame::cell(&one.document)),
        ]),
    }
}

/// Tells what is to be told about rows.
fn notes(w: Words, testid: &str, notes: &[RowNote]) -> Markup {
    let more = notes.len().saturating_sub(ROWS_SHOWN);
    html! {
        ul data-testid=(testid) { @for note in notes.iter().take(ROWS_SHOWN) { li { (w.row(note)) } } }
        @if more > 0 { p { (w.with("table-more", &[("count", more.to_string())])) } }
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
    let w = visitor.words;
    match error {
        RecordError::Table(finding) => {
            Ok(not_so(visitor, fields, Why::Table(w.finding(&finding), Vec::new())))
        }
        RecordError::Rows { refused, all } => {
            let counts = [("refused", refused.len().to_string()), ("all", all.to_string())];
            Ok(not_so(visitor, fields, Why::Table(w.with("table-wrong", &counts), refused)))
        }
        RecordError::Server(error) | RecordError::Update(UpdateError::Server(error)) => Err(error),
        RecordError::NoVolume(_)
        | RecordError::NoRules(_)
        | RecordError::Parameter(_)
        | RecordError::Closed(_)
        | RecordError::Already(_)
        | RecordError::BindsNever
        | RecordError::Known(..)
        | RecordError::NothingChecked
        | RecordError::NothingNew
        | RecordError::DraftOver
        | RecordError::Changed
        | RecordError::Update(_) => Ok(not_so(visitor, fields, Why::Record(error.to_string()))),
    }
}

/// Why nothing is written.
enum Why {
    /// A field is missing, or cannot be so.
    Field(Wrong),
    /// The record's own reason, in its one language.
    Record(String),
    /// What is wrong with a table, and with its rows.
    Table(String, Vec<RowNote>),
}

fn not_so(visitor: &Visitor, fields: &Fields, why: Why) -> Response {
    let w = visitor.words;
    let why = match why {
        Why::Field(wrong) => html! {
            p data-testid="wrong-field" data-field=(wrong) {
                (w.with("amend-field", &[("field", label(w, wrong))]))
            }
        },
        Why::Record(why) => html! { p lang="en" { (why) } },
        Why::Table(why, refused) => html! {
            p data-testid="wrong-table" { (why) }
            @if !refused.is_empty() { (notes(w, "wrong-rows", &refused)) }
        },
    };
    let body = html! {
        p.warn role="alert" data-testid="amend-refused" { (w.t("amend-refused")) }
        (why)
        p { a href=(place_of(fields)) { (w.t("back")) } }
    };
    frame::page(visitor, &title(w, fields), &body)
}
