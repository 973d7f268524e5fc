//! Drafts: what a specialist laid before the head. The head looks at one as at a form of its own, and writes
//! it or declines it; who laid it may take it back.

use std::sync::Arc;

use attendance::Action;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use server_store::{AccountId, StoredAccount};

use super::access::{Fields, Visitor};
use super::words::Words;
use super::{amend, forms, frame};
use crate::console::OpenDraft;
use crate::error::ServerError;
use crate::server::Server;

/// Where a draft is laid before the head.
pub(super) const LAY: &str = "/console/drafts/lay";
/// Where one is declined or taken back.
const END: &str = "/console/drafts/end";
/// So much of a field is in the list, in letters.
const SHOWN_LETTERS: usize = 60;

pub(super) async fn page(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let drafts = server.open_drafts().await?;
    let accounts = server.store.accounts().await?;
    let own = visitor.signed_in()?.account;
    let rows: Vec<Vec<Markup>> =
        drafts.iter().map(|one| row(&visitor, one, own, &accounts)).collect();
    let heads = [
        w.t("what"),
        w.t("decision"),
        w.t("drafts-fields"),
        w.t("document"),
        w.t("acts-who"),
        w.t("acts-when"),
    ];
    let body = html! {
        p { (w.t("drafts-lead")) }
        @if rows.is_empty() {
            p data-testid="no-drafts" { (w.t("drafts-none")) }
        } @else {
            (frame::table(&w.t("drafts-caption"), &heads, &rows))
        }
    };
    Ok(frame::page(&visitor, &w.t("drafts-title"), &body))
}

fn row(
    visitor: &Visitor,
    one: &OpenDraft,
    own: AccountId,
    accounts: &[StoredAccount],
) -> Vec<Markup> {
    let w = visitor.words;
    let fields = Fields::of(one.fields.iter().cloned());
    let who = accounts.iter().find(|account| account.account == one.account);
    let writes = visitor.scope(Action::ChangeParameters).does();
    let look: forms::Pairs = vec![("draft", one.draft.to_string())];
    vec![
        html! { span data-testid="draft" { (amend::title(w, &fields)) } },
        html! {
            @if writes {
                (frame::cell_form(visitor, &format!("{}/sure", amend::place_of(&fields)), &html! {
                    @for (name, value) in &one.fields { input type="hidden" name=(name) value=(value); }
                    (forms::hidden(&look))
                    button data-testid="draft-look" { (w.t("look-first")) }
                }))
            }
            @if writes || one.account == own {
                (frame::cell_form(visitor, END, &html! {
                    (forms::hidden(&look))
                    button data-testid="draft-end" { (end_word(w, writes)) }
                }))
            }
        },
        html! { ul { @for line in said(w, one) { li { (line) } } } },
        frame::cell(fields.text("document").unwrap_or_default()),
        frame::cell(who.map(|account| account.office.name.as_str()).unwrap_or_default()),
        frame::cell(w.moment(one.at_ms)),
    ]
}

fn end_word(w: Words, declines: bool) -> String {
    if declines { w.t("draft-decline") } else { w.t("draft-take-back") }
}

/// What a draft's fields say, each cut short.
fn said(w: Words, one: &OpenDraft) -> Vec<String> {
    let shown = one.fields.iter().filter(|(name, _)| !matches!(name.as_str(), "what" | "document"));
    shown
        .map(|(name, value)| {
            let short: String = value.chars().take(SHOWN_LETTERS).collect();
            let more = if short.len() < value.len() { "…" } else { "" };
            format!("{}: {short}{more}", amend::label(w, name))
        })
        .collect()
}

/// Keeps a draft.
pub(super) async fn lay(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let account = visitor.signed_in()?;
    let readable = amend::read(&fields, server.today()?, account.office.duty).is_ok();
    let what = fields.text("what").unwrap_or_default();
    let laid =
        readable && server.lay_draft(account.account, what, amend::handed_on(&fields)).await?;
    let body = html! {
        @if laid {
            p.good role="status" data-testid="draft-laid" { (w.t("draft-laid")) }
        } @else {
            p.warn role="alert" data-testid="draft-not-laid" { (w.t("draft-not-laid")) }
        }
        p { a href="/console/drafts" { (w.t("drafts-title")) } }
    };
    Ok(frame::page(&visitor, &w.t("drafts-title"), &body))
}

/// Declines a draft, or takes it back.
pub(super) async fn end(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let own = visitor.signed_in()?.account;
    let writes = visitor.scope(Action::ChangeParameters).does();
    let wanted = fields.text("draft").unwrap_or_default();
    let drafts = server.open_drafts().await?;
    let found = drafts.iter().find(|one| one.draft.to_string() == wanted);
    if let Some(one) = found.filter(|one| writes || one.account == own) {
        server.drop_draft(one.draft, own).await?;
    }
    Ok(frame::to("/console/drafts"))
}
