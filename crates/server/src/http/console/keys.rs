//! This browser's key: made, shown, given up.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use sync_api::Base64;

use super::access::{Fields, Visitor, json as read_json};
use super::frame;
use super::sign::says;
use super::words::Words;
use crate::console::{BrowserKey, KeyStanding, role_of};
use crate::error::ServerError;
use crate::http::problem::malformed;
use crate::server::Server;

/// What a browser's new key signed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    claims: Base64,
}

pub(super) async fn page(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let account = visitor.signed_in()?;
    if role_of(&account.office).is_none() {
        let body = html! { p role="status" data-testid="key-none" { (w.t("key-none")) } };
        return Ok(frame::page(&visitor, &w.t("key-title"), &body));
    }
    let keys = server.keys_of(account.account).await?;
    let open = keys.iter().find(|key| !key.given_up);
    let body = html! {
        p { (w.t("key-lead")) }
        div data-keys data-account=(account.account) {
            @for key in &keys { (shown(&visitor, key)) }
        }
        @if open.is_none() {
            form.panel data-make data-account=(account.account)
                data-ask="/console/key/ask" data-keep="/console/key/keep" {
                (frame::form_word(&visitor))
                h2 { (w.t("key-make-title")) }
                p { (w.t("key-make-lead")) }
                (says(w))
                button data-testid="make-key" { (w.t("key-make-button")) }
            }
        }
        p.soft { (w.t("key-revoke-how")) }
    };
    Ok(frame::page(&visitor, &w.t("key-title"), &body))
}

fn shown(visitor: &Visitor, key: &BrowserKey) -> Markup {
    let w = visitor.words;
    let facts = [
        (w.t("state"), frame::cell(standing(w, key.standing))),
        (w.t("key-device"), html! { code { (key.device) } }),
        (w.t("key-fingerprint"), html! { code data-testid="fingerprint" { (key.fingerprint) } }),
        (w.t("key-made"), frame::cell(w.moment(key.made_ms))),
        (w.t("key-until"), frame::cell(w.moment(key.until_s.saturating_mul(1000)))),
        (w.t("key-events"), html! { span data-testid="key-events" { (key.events) } }),
    ];
    html! {
        section.panel data-testid="key" data-device=(key.device) {
            h2 { (w.t("key-one")) " " span data-here hidden { "– " (w.t("key-here")) } }
            (frame::facts(&facts))
            p data-here hidden { (w.t("key-remembers")) " " span data-signed data-testid="remembered" { "0" } }
            @if !key.given_up {
                form method="post" action="/console/key/end" {
                    (frame::form_word(visitor))
                    input type="hidden" name="device" value=(key.device);
                    p { (w.t("key-end-lead")) }
                    button data-testid="end-key" { (w.t("key-end-button")) }
                }
            }
        }
    }
}

fn standing(w: Words, standing: KeyStanding) -> String {
    match standing {
        KeyStanding::InForce => w.t("key-in-force"),
        KeyStanding::Ended => w.t("key-ended"),
        KeyStanding::Revoked => w.t("key-revoked"),
        KeyStanding::Suspended => w.t("key-suspended"),
        KeyStanding::Over => w.t("key-over"),
    }
}

pub(super) async fn ask(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let secret = server.begin_key(&visitor.token, visitor.signed_in()?).await?;
    Ok(Json(json!({ "secret": Base64(secret.to_vec()) })).into_response())
}

pub(super) async fn keep(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    body: Bytes,
) -> Result<Response, ServerError> {
    let Made { claims } = read_json(&body)?;
    let device = server.finish_key(&visitor.token, visitor.signed_in()?, &claims.0).await?;
    Ok(Json(json!({ "to": "/console/key", "device": device })).into_response())
}

pub(super) async fn end(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let device = fields.text("device").and_then(|text| text.parse().ok());
    let device = device.ok_or_else(|| malformed("this names no key"))?;
    server.end_key(visitor.signed_in()?.account, device).await?;
    Ok(frame::to("/console/key"))
}
