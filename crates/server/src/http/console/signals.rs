//! The signals of a month, the rows behind each, and what people wrote about them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use ledger::signals::{Signal, SignalQuery};
use ledger::{Month, Snapshot};
use maud::{Markup, html};
use server_store::{AccountId, CASE_NOTE_LETTERS_MAX, CaseNote};
use sync_api::{SIGNAL_ROWS_MAX, SignalResponse, SignalRowResponse};

use super::access::{Fields, Visitor};
use super::frame;
use super::words::Words;
use crate::error::ServerError;
use crate::http::month::parse;
use crate::http::problem::malformed;
use crate::http::segment::Segment;
use crate::server::Server;
use crate::signals::signals_response;
use crate::views::Answered;

/// What was written about a month's signals, and by whom.
struct Notes {
    month: Month,
    of_signal: BTreeMap<String, Vec<CaseNote>>,
    names: BTreeMap<AccountId, String>,
}

impl Notes {
    async fn of(server: &Server, month: Month) -> Result<Self, ServerError> {
        let mut of_signal: BTreeMap<String, Vec<CaseNote>> = BTreeMap::new();
        for note in server.store.case_notes(month.number()).await? {
            of_signal.entry(note.signal.clone()).or_default().push(note);
        }
        let accounts = server.store.accounts().await?.into_iter();
        let names = accounts.map(|one| (one.account, one.office.name)).collect();
        Ok(Self { month, of_signal, names })
    }

    fn list(&self, w: Words, signal: &str) -> Markup {
        html! {
            @if let Some(notes) = self.of_signal.get(signal) {
                ul {
                    @for note in notes {
                        li data-testid="case-note" {
                            (note.note) " "
                            span.soft {
                                "– " (self.names.get(&note.account).map_or("", String::as_str)) ", "
                                (w.moment(note.at_ms))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Takes a note about a signal of a month.
pub(super) async fn note(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(month): Segment<String>,
    fields: Fields,
) -> Result<Response, ServerError> {
    let month = parse(&month)?;
    let named = fields.text("signal").and_then(Signal::find);
    let signal = named.ok_or_else(|| malformed("there is no such signal"))?.name();
    let note = fields.text("note").ok_or_else(|| malformed("a note has a text"))?;
    // A line of a note is shown as a space.
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    if note.chars().count() > CASE_NOTE_LETTERS_MAX {
        return Err(malformed("a note has at most 500 letters"));
    }
    let account = visitor.signed_in()?.account;
    let at_ms = server.clock.now_ms();
    let kept = CaseNote { at_ms, account, month: month.number(), signal: signal.to_owned(), note };
    server.store.put_case_note(kept).await?;
    Ok(frame::to(&format!("/console/signals/{month}#{signal}")))
}

fn note_form(visitor: &Visitor, month: Month, signal: &str) -> Markup {
    let w = visitor.words;
    let id = format!("note-{signal}");
    let inner = html! {
        input type="hidden" name="signal" value=(signal);
        label for=(id) { (w.t("case-note")) }
        textarea id=(id) name="note" rows="2" required maxlength=(CASE_NOTE_LETTERS_MAX) {}
        button data-testid="case-note-write" { (w.t("case-note-write")) }
    };
    html! {
        details {
            summary { (w.t("case-note-new")) }
            (frame::form(visitor, &format!("/console/signals/{month}/note"), &inner))
        }
    }
}

pub(super) async fn signals(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(month): Segment<String>,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let month = parse(&month)?;
    let report = server.signals(month, &SignalQuery::default()).await?;
    server.saw_all(visitor.viewer()?, Answered::Signals).await?;
    let told = signals_response(&report, Some(SIGNAL_ROWS_MAX));
    let notes = Notes::of(&server, month).await?;
    let snapshots = server.snapshots().await?;
    let snapshot = &snapshots.newest().snapshot;
    let (found, quiet): (Vec<_>, Vec<_>) = told.signals.iter().partition(|one| one.found > 0);
    let checks = &told.spot_checks;
    let facts = [
        (w.t("spot-drawn"), frame::cell(checks.drawn)),
        (w.t("spot-counted"), frame::cell(checks.with_headcount)),
    ];
    let body = html! {
        p { (w.t("signals-lead")) }
        p.soft { (w.t("case-note-lead")) }
        (frame::facts(&facts))
        @for one in &found { (signal(&visitor, one, snapshot, &notes)) }
        (frame::table(
            &w.t("signals-quiet"),
            &[w.t("signal"), w.t("looked-at"), w.t("missing")],
            &quiet.iter().map(|one| vec![
                frame::cell(name(w, &one.name)),
                frame::cell(one.looked_at),
                frame::cell(one.missing.clone().unwrap_or_default()),
            ]).collect::<Vec<_>>(),
        ))
        @for one in quiet.iter().filter(|one| notes.of_signal.contains_key(&one.name)) {
            section id=(one.name) { h2 { (name(w, &one.name)) } (notes.list(w, &one.name)) }
        }
    };
    let title = w.with("signals-title", &[("month", month.to_string())]);
    Ok(frame::page(&visitor, &title, &body))
}

fn signal(visitor: &Visitor, one: &SignalResponse, snapshot: &Snapshot, notes: &Notes) -> Markup {
    let w = visitor.words;
    let thresholds: Vec<String> =
        one.thresholds.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let heads =
        [w.t("where"), w.t("day"), w.t("counted"), w.t("out-of"), w.t("events"), w.t("note")];
    let rows: Vec<Vec<Markup>> = one.rows.iter().map(|row| signal_row(w, row, snapshot)).collect();
    html! {
        section id=(one.name) data-testid="signal" data-signal=(one.name) {
            h2 { (name(w, &one.name)) ": " (one.found) }
            p.soft { (one.rule) " · " code { (thresholds.join(", ")) } }
            (frame::table(&name(w, &one.name), &heads, &rows))
            @if one.more > 0 { p { (w.with("and-more", &[("count", one.more.to_string())])) } }
            (notes.list(w, &one.name))
            (note_form(visitor, notes.month, &one.name))
        }
    }
}

/// Says where something was found, in names where the district has them; a child has its pseudonym alone.
fn signal_row(w: Words, row: &SignalRowResponse, snapshot: &Snapshot) -> Vec<Markup> {
    let provider = row.provider.and_then(|id| snapshot.provider(id)).map(|one| one.name.clone());
    let group = row.group.and_then(|id| snapshot.group(id)).map(|one| one.name.clone());
    let voucher = row.voucher.and_then(|id| snapshot.contract(id)).map(|one| one.number.clone());
    let ids = [row.child.map(|id| id.to_string()), row.device.map(|id| id.to_string())];
    let leaves: Vec<String> =
        row.behind.iter().filter_map(|one| one.leaf).map(|leaf| leaf.to_string()).collect();
    let behind = row.behind.len() as u64 + row.behind_more;
    vec![
        html! {
            @for name in [provider, group, voucher].into_iter().flatten() { (name) " " }
            @for id in ids.into_iter().flatten() { code { (id) } " " }
        },
        frame::cell(row.day.clone().unwrap_or_default()),
        frame::cell(row.counted),
        frame::cell(row.of.map(|of| of.to_string()).unwrap_or_default()),
        html! {
            @if leaves.is_empty() { (behind) } @else {
                details {
                    summary { (behind) }
                    (w.with("leaves", &[("list", leaves.join(", "))]))
                }
            }
        },
        html! { span lang="en" { (row.note.clone().unwrap_or_default()) } },
    ]
}

/// What a signal is called.
fn name(w: Words, name: &str) -> String {
    match name {
        "late_share" => w.t("signal-late-share"),
        "previous_day_share" => w.t("signal-previous-day-share"),
        "outside_hours" => w.t("signal-outside-hours"),
        "scan_burst" => w.t("signal-scan-burst"),
        "lesson_burst" => w.t("signal-lesson-burst"),
        "same_order" => w.t("signal-same-order"),
        "full_attendance" => w.t("signal-full-attendance"),
        "two_places" => w.t("signal-two-places"),
        "two_rooms" => w.t("signal-two-rooms"),
        "guardian_for_many" => w.t("signal-guardian-for-many"),
        "proxy_confirm" => w.t("signal-proxy-confirm"),
        "never_signed" => w.t("signal-never-signed"),
        "reconfirmation_old" => w.t("signal-reconfirmation-old"),
        "manual_share_child" => w.t("signal-manual-share-child"),
        "manual_share_group" => w.t("signal-manual-share-group"),
        "over_capacity" => w.t("signal-over-capacity"),
        "not_held_day" => w.t("signal-not-held-day"),
        "drop_after_inspection" => w.t("signal-drop-after-inspection"),
        "bulk_after_silence" => w.t("signal-bulk-after-silence"),
        "month_end_sync" => w.t("signal-month-end-sync"),
        "chain_trouble" => w.t("signal-chain-trouble"),
        "card_after_reissue" => w.t("signal-card-after-reissue"),
        "card_after_stop" => w.t("signal-card-after-stop"),
        "headcount_mismatch" => w.t("signal-headcount-mismatch"),
        "spot_check_missing" => w.t("signal-spot-check-missing"),
        "spot_check_root" => w.t("signal-spot-check-root"),
        other => other.to_owned(),
    }
}
