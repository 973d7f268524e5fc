//! Who may sign in: for whoever lets people in.

use std::sync::Arc;

use attendance::{Duty, ProviderId};
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use server_store::{AccountId, ConsoleAct, Revoked, StoredAccount};
use sync_api::ProblemKind;

use super::access::{Fields, Visitor};
use super::words::Words;
use super::{frame, menu};
use crate::console::{DUTIES, office};
use crate::error::ServerError;
use crate::http::segment::Segment;
use crate::server::Server;

/// How much of what was done is on the page.
const ACTS_SHOWN: u32 = 50;

pub(super) async fn accounts(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let own = visitor.signed_in()?.account;
    let accounts = server.store.accounts().await?;
    let acts = server.store.console_acts(ACTS_SHOWN).await?;
    let snapshots = server.snapshots().await?;
    let providers = &snapshots.newest().snapshot.providers;
    let named = |id: ProviderId| {
        providers.iter().find(|one| one.id == id).map(|one| one.name.clone()).unwrap_or_default()
    };
    let rows: Vec<Vec<Markup>> = accounts
        .iter()
        .map(|one| {
            vec![
                frame::cell(&one.office.name),
                frame::cell(menu::duty(w, one.office.duty)),
                frame::cell(one.office.provider.map(named).unwrap_or_default()),
                frame::cell(w.moment(one.made_ms)),
                frame::cell(one.passkeys),
                match one.revoked_ms {
                    Some(at_ms) => html! { span.late { (w.moment(at_ms)) } },
                    None if one.account == own => html! {},
                    None => html! {
                        a href={ "/console/accounts/" (one.account) "/revoke" } { (w.t("revoke-link")) }
                    },
                },
            ]
        })
        .collect();
    let heads = [
        w.t("account-name"),
        w.t("account-duty"),
        w.t("provider"),
        w.t("account-since"),
        w.t("account-passkeys"),
        w.t("account-revoked"),
    ];
    let invite = html! {
        h2 { (w.t("invite-title")) }
        p { (w.t("invite-lead")) }
        label for="name" { (w.t("account-name")) }
        input #name name="name" required maxlength="100" autocomplete="off";
        label for="duty" { (w.t("account-duty")) }
        select #duty name="duty" {
            @for duty in DUTIES { option value=(duty.name()) { (menu::duty(w, duty)) } }
        }
        label for="provider" { (w.t("invite-provider")) }
        select #provider name="provider" {
            option value="" { (w.t("invite-no-provider")) }
            @for one in providers { option value=(one.id) { (one.name) } }
        }
        button data-testid="invite" { (w.t("invite-button")) }
    };
    let body = html! {
        (frame::table(&w.t("accounts-caption"), &heads, &rows))
        (frame::form(&visitor, "/console/accounts/invite", &invite))
        (frame::table(
            &w.t("acts-caption"),
            &[w.t("acts-when"), w.t("acts-who"), w.t("acts-what"), w.t("acts-about")],
            &acts.iter().map(|act| act_row(w, act, &accounts)).collect::<Vec<_>>(),
        ))
    };
    Ok(frame::page(&visitor, &w.t("accounts-title"), &body))
}

fn act_row(w: Words, act: &ConsoleAct, accounts: &[StoredAccount]) -> Vec<Markup> {
    let name = |id: &str| {
        let id = id.parse::<AccountId>().ok();
        accounts.iter().find(|one| Some(one.account) == id).map(|one| one.office.name.clone())
    };
    let who = act.account.and_then(|id| name(&id.to_string()));
    let what = match act.what.as_str() {
        "link_made" => w.t("act-link-made"),
        "link_used" => w.t("act-link-used"),
        "account_revoked" => w.t("act-account-revoked"),
        "passkey_added" => w.t("act-passkey-added"),
        "codes_replaced" => w.t("act-codes-replaced"),
        "signed_in" => w.t("act-signed-in"),
        "key_made" => w.t("act-key-made"),
        "key_ended" => w.t("act-key-ended"),
        "signed" => w.t("act-signed"),
        "volume_set" => w.t("act-volume-set"),
        "volume_corrected" => w.t("act-volume-corrected"),
        "rules_set" => w.t("act-rules-set"),
        "day_set" => w.t("act-day-set"),
        "check_recorded" => w.t("act-check-recorded"),
        "provider_listed" => w.t("act-provider-listed"),
        "listing_withdrawn" => w.t("act-listing-withdrawn"),
        "draft_laid" => w.t("act-draft-laid"),
        "draft_dropped" => w.t("act-draft-dropped"),
        "table_taken" => w.t("act-table-taken"),
        other => other.to_owned(),
    };
    vec![
        frame::cell(w.moment(act.at_ms)),
        frame::cell(who.unwrap_or_else(|| w.t("duty-operator"))),
        frame::cell(what),
        frame::cell(name(&act.about).unwrap_or_else(|| act.about.clone())),
    ]
}

pub(super) async fn invite(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let office = read_office(&server, &fields).await?;
    let by = visitor.signed_in()?.account;
    let Some(office) = office else {
        let body = html! {
            p.warn role="alert" data-testid="invite-refused" { (w.t("invite-refused")) }
            p { a href="/console/accounts" { (w.t("accounts-title")) } }
        };
        return Ok(frame::page(&visitor, &w.t("invite-title"), &body));
    };
    let name = office.name.clone();
    let (path, until_ms) = server.make_link(office, Some(by)).await?;
    let url = format!("{}{path}", server.open_console_of()?.origin());
    let lead = w.with("invited", &[("name", name), ("until", w.moment(until_ms))]);
    let body = html! {
        section.panel {
            p { (lead) }
            p { code data-testid="link" { (url) } }
            p { a href="/console/accounts" { (w.t("accounts-title")) } }
        }
    };
    Ok(frame::page(&visitor, &w.t("invite-title"), &body))
}

async fn read_office(
    server: &Server,
    fields: &Fields,
) -> Result<Option<server_store::Office>, ServerError> {
    let provider = match fields.text("provider") {
        None => None,
        Some(text) => match text.parse::<ProviderId>() {
            Ok(provider) => Some(provider),
            Err(_) => return Ok(None),
        },
    };
    let snapshots = server.snapshots().await?;
    if provider.is_some_and(|id| snapshots.newest().snapshot.provider(id).is_none()) {
        return Ok(None);
    }
    let duty = fields.text("duty").and_then(Duty::named).filter(|duty| DUTIES.contains(duty));
    let named = duty.zip(fields.text("name"));
    Ok(named.and_then(|(duty, name)| office(name, duty, provider)))
}

/// Asks whether somebody is sure.
pub(super) async fn ask_revoke(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(account): Segment<String>,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let account = find(&server, &account).await?;
    let action = format!("/console/accounts/{}/revoked", account.account);
    let text = w.with("revoke-sure", &[("name", account.office.name)]);
    let body = html! {
        (frame::form(&visitor, &action, &html! {
            p { (text) }
            button data-testid="revoke" { (w.t("revoke-button")) }
        }))
        p { a href="/console/accounts" { (w.t("back")) } }
    };
    Ok(frame::page(&visitor, &w.t("revoke-title"), &body))
}

pub(super) async fn revoke(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(account): Segment<String>,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let account = find(&server, &account).await?;
    let by = visitor.signed_in()?.account;
    match server.revoke_account(account.account, by).await? {
        Revoked::Done | Revoked::NotThere => Ok(frame::to("/console/accounts")),
        Revoked::LastHead => {
            let body = html! {
                p.warn role="alert" data-testid="last-head" { (w.t("revoke-last")) }
                p { a href="/console/accounts" { (w.t("back")) } }
            };
            Ok(frame::page(&visitor, &w.t("revoke-title"), &body))
        }
    }
}

async fn find(server: &Server, account: &str) -> Result<StoredAccount, ServerError> {
    let unknown = || ServerError::refused(ProblemKind::NotFound, "there is no such account");
    let id: AccountId = account.parse().map_err(|_| unknown())?;
    let accounts = server.store.accounts().await?;
    accounts.into_iter().find(|one| one.account == id).ok_or_else(unknown)
}
