//! How people get in and out: a link, a passkey, a recovery code; and their own account.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde_json::json;
use sync_api::ProblemKind;

use super::access::{Fields, Visitor, json as read, signed_in};
use super::{frame, menu};
use crate::console::{NewCodes, Newcomer, Token};
use crate::error::ServerError;
use crate::http::segment::Segment;
use crate::server::Server;

/// Where whoever is signed in begins.
pub(super) async fn begin(visitor: Visitor) -> Response {
    let first = menu::entries(&visitor).first().map_or("/console/transparency", |(path, _)| path);
    frame::to(first)
}

pub(super) async fn sign_in(visitor: Visitor) -> Response {
    if visitor.account.is_some() {
        return frame::to("/console");
    }
    let w = visitor.words;
    let ask = passkey_form(
        &visitor,
        ("show", "/console/passkey/ask", "/console/passkey/show"),
        &html! { p { (w.t("sign-in-lead")) } },
        &w.t("sign-in-button"),
    );
    let body = html! {
        (ask)
        p { a href="/console/recover" { (w.t("recover-link")) } }
        p { a href="/console/transparency" { (w.t("transparency-link")) } }
    };
    frame::page(&visitor, &w.t("sign-in-title"), &body)
}

pub(super) async fn ask_passkey(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    Ok(Json(server.begin_sign_in(&visitor.token)?).into_response())
}

pub(super) async fn show_passkey(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    body: Bytes,
) -> Result<Response, ServerError> {
    let signed = server.finish_sign_in(&visitor.token, &read(&body)?).await?;
    Ok(signed_in(Json(json!({ "to": "/console" })).into_response(), &signed))
}

pub(super) async fn link(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(secret): Segment<String>,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let known = match Token::parse(&secret) {
        Some(token) => server.link_of(&token).await?,
        None => None,
    };
    let Some(link) = known else {
        let body = html! {
            p.warn role="alert" data-testid="link-over" { (w.t("link-over")) }
            p { a href="/console/sign-in" { (w.t("sign-in-title")) } }
        };
        let mut answer = frame::page(&visitor, &w.t("link-over-title"), &body);
        *answer.status_mut() = axum::http::StatusCode::NOT_FOUND;
        return Ok(answer);
    };
    let who = w.with(
        "link-who",
        &[("name", link.office.name.clone()), ("duty", menu::duty(w, link.office.duty))],
    );
    let begin = format!("/console/link/{secret}/passkey");
    let body = html! {
        (passkey_form(
            &visitor,
            ("make", &begin, "/console/passkey/keep"),
            &html! { p { (who) } p { (w.t("link-lead")) } },
            &w.t("link-button"),
        ))
        (codes_place(&visitor))
    };
    Ok(frame::page(&visitor, &w.t("link-title"), &body))
}

pub(super) async fn ask_new_passkey(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    Segment(secret): Segment<String>,
) -> Result<Response, ServerError> {
    let over = || ServerError::refused(ProblemKind::NotRecognised, "this is no link");
    let secret = Token::parse(&secret).ok_or_else(over)?;
    let question = server.begin_passkey(&visitor.token, Newcomer::Link(&secret)).await?;
    Ok(Json(question).into_response())
}

pub(super) async fn ask_another_passkey(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let own = Newcomer::Own(visitor.signed_in()?);
    Ok(Json(server.begin_passkey(&visitor.token, own).await?).into_response())
}

pub(super) async fn keep_passkey(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    body: Bytes,
) -> Result<Response, ServerError> {
    Ok(match server.finish_passkey(&visitor.token, &read(&body)?).await? {
        Some((signed, NewCodes(codes))) => {
            signed_in(Json(json!({ "to": "/console", "codes": codes })).into_response(), &signed)
        }
        None => Json(json!({ "to": "/console/account" })).into_response(),
    })
}

pub(super) async fn recover(visitor: Visitor) -> Response {
    recovery_page(&visitor, false)
}

pub(super) async fn use_code(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, ServerError> {
    let signed = match fields.text("code") {
        Some(typed) => server.recover(typed).await?,
        None => None,
    };
    Ok(match signed {
        Some(signed) => signed_in(frame::to("/console/account"), &signed),
        None => recovery_page(&visitor, true),
    })
}

fn recovery_page(visitor: &Visitor, refused: bool) -> Response {
    let w = visitor.words;
    let fields = html! {
        p { (w.t("recover-lead")) }
        @if refused { p.warn role="alert" data-testid="code-refused" { (w.t("recover-refused")) } }
        label for="code" { (w.t("recover-code")) }
        input #code name="code" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="40";
        button { (w.t("recover-button")) }
    };
    let body = html! {
        (frame::form(visitor, "/console/recover/use", &fields))
        p { a href="/console/sign-in" { (w.t("sign-in-title")) } }
    };
    frame::page(visitor, &w.t("recover-title"), &body)
}

pub(super) async fn account(visitor: Visitor) -> Result<Response, ServerError> {
    let w = visitor.words;
    let own = visitor.signed_in()?;
    let facts = [
        (w.t("account-name"), frame::cell(&own.office.name)),
        (w.t("account-duty"), frame::cell(menu::duty(w, own.office.duty))),
        (w.t("account-passkeys"), frame::cell(own.passkeys)),
        (w.t("account-codes"), html! { span data-testid="codes-left" { (own.codes_left) } }),
    ];
    let body = html! {
        (frame::facts(&facts))
        @if own.codes_left < 3 { p.warn { (w.t("account-few-codes")) } }
        (passkey_form(
            &visitor,
            ("make", "/console/account/passkey", "/console/passkey/keep"),
            &html! { h2 { (w.t("account-add-title")) } p { (w.t("account-add-lead")) } },
            &w.t("account-add-button"),
        ))
        section.panel {
            h2 { (w.t("key-title")) }
            p { (w.t("key-account-lead")) }
            p { a.button href="/console/key" data-testid="to-key" { (w.t("key-title")) } }
        }
        (frame::form(&visitor, "/console/account/codes", &html! {
            h2 { (w.t("account-codes-title")) }
            p { (w.t("account-codes-lead")) }
            button { (w.t("account-codes-button")) }
        }))
        (frame::form(&visitor, "/console/sign-out", &html! {
            h2 { (w.t("sign-out-title")) }
            button data-testid="sign-out" { (w.t("sign-out-title")) }
        }))
    };
    Ok(frame::page(&visitor, &w.t("account-title"), &body))
}

pub(super) async fn new_codes(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let NewCodes(codes) = server.new_codes(visitor.signed_in()?.account).await?;
    let body = html! {
        section.panel {
            p { (w.t("codes-lead")) }
            ol.codes { @for code in codes { li { (code) } } }
            p { a.button href="/console" { (w.t("codes-done")) } }
        }
    };
    Ok(frame::page(&visitor, &w.t("codes-title"), &body))
}

pub(super) async fn sign_out(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    server.sign_out(&visitor.token).await?;
    Ok(frame::to("/console/sign-in"))
}

/// A form whose question the browser answers with a passkey.
fn passkey_form(
    visitor: &Visitor,
    (how, begin, finish): (&str, &str, &str),
    lead: &Markup,
    button: &str,
) -> Markup {
    html! {
        form.panel data-how=(how) data-begin=(begin) data-finish=(finish) {
            (frame::form_word(visitor))
            (lead)
            p.warn role="alert" data-failed hidden { (visitor.words.t("passkey-failed")) }
            button data-testid="passkey" { (button) }
        }
    }
}

/// Where the script puts the codes of a new account.
fn codes_place(visitor: &Visitor) -> Markup {
    let w = visitor.words;
    html! {
        section.panel #codes hidden {
            h2 tabindex="-1" { (w.t("codes-title")) }
            p { (w.t("codes-lead")) }
            ol.codes data-testid="codes" {}
            p { a.button href="/console" data-testid="codes-done" { (w.t("codes-done")) } }
        }
    }
}
