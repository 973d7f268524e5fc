//! What every page of the console has: the frame, tables, forms, and pages that say no.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use maud::{DOCTYPE, Markup, html};

use super::access::Visitor;
use super::menu;
use crate::http::verify::words::Language;

/// Writes a page.
pub(super) fn page(visitor: &Visitor, title: &str, body: &Markup) -> Response {
    let w = visitor.words;
    let again = |language: Language| {
        let join = if visitor.place.contains('?') { '&' } else { '?' };
        format!("{}{join}lang={}", visitor.place, language.tag())
    };
    let whole = html! {
        (DOCTYPE)
        html lang=(w.0.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Qatysu" }
                link rel="stylesheet" href="/console/console.css";
                script src="/console/passkeys.js" defer {}
                @if visitor.account.is_some() {
                    script src="/console/signing.js" defer {}
                    script src="/console/files.js" defer {}
                }
            }
            body {
                a.skip href="#page" { (w.t("skip")) }
                header.top {
                    a.brand href="/console" { "Qatysu" }
                    nav.languages aria-label=(w.t("language")) {
                        @for language in Language::ALL {
                            a href=(again(language)) lang=(language.tag())
                                aria-current=[(language == w.0).then_some("true")] {
                                (language.name())
                            }
                        }
                    }
                    @if let Some(account) = &visitor.account {
                        a.who href="/console/account" data-testid="who" { (account.office.name) }
                    }
                }
                (pages(visitor))
                main id="page" tabindex="-1" {
                    h1 { (title) }
                    (body)
                }
            }
        }
    };
    let mut answer = Html(whole.into_string()).into_response();
    let tag = HeaderValue::from_static(w.0.tag());
    answer.headers_mut().insert(header::CONTENT_LANGUAGE, tag);
    answer
}

/// The links to the other pages: in rows, and on a telephone behind one word that says where one is.
fn pages(visitor: &Visitor) -> Markup {
    let (w, entries) = (visitor.words, menu::entries(visitor));
    let is_here = |href: &str| visitor.place.starts_with(href);
    let links = html! {
        @for (href, name) in &entries {
            a href=(href) aria-current=[is_here(href).then_some("page")] { (name) }
        }
    };
    let here = entries.iter().find(|(href, _)| is_here(href));
    html! {
        @if !entries.is_empty() {
            nav.menu.wide-only aria-label=(w.t("pages")) { (links) }
            details.menu.narrow-only {
                summary { (w.t("pages")) @if let Some((_, name)) = here { ": " strong { (name) } } }
                nav aria-label=(w.t("pages")) { (links) }
            }
        }
    }
}

/// Sends a browser on.
pub(super) fn to(place: &str) -> Response {
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/console"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// Says no.
pub(super) fn refused(visitor: &Visitor, status: StatusCode) -> Response {
    let w = visitor.words;
    let (title, text) = match status {
        StatusCode::FORBIDDEN => (w.t("no-right-title"), w.t("no-right")),
        StatusCode::UNAUTHORIZED => (w.t("nobody-title"), w.t("nobody")),
        StatusCode::NOT_FOUND => (w.t("nothing-title"), w.t("nothing")),
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => {
            (w.t("unread-title"), w.t("unread"))
        }
        StatusCode::TOO_MANY_REQUESTS => (w.t("often-title"), w.t("often")),
        _ => (w.t("broken-title"), w.t("broken")),
    };
    said(visitor, status, &title, &text)
}

/// Says that a form was not of this console.
pub(super) fn forged(visitor: &Visitor) -> Response {
    let w = visitor.words;
    said(visitor, StatusCode::FORBIDDEN, &w.t("forged-title"), &w.t("forged"))
}

fn said(visitor: &Visitor, status: StatusCode, title: &str, text: &str) -> Response {
    let body = html! {
        p.warn role="alert" data-testid="refused" data-status=(status.as_u16()) { (text) }
        p { a href="/console" { (visitor.words.t("to-begin")) } }
    };
    let mut answer = page(visitor, title, &body);
    *answer.status_mut() = status;
    answer
}

/// Writes the hidden field that says that a form is ours.
pub(super) fn form_word(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name="form_word" value=(visitor.token.form_word()); }
}

/// Writes a form that is ours, without a frame: for a cell.
pub(super) fn cell_form(visitor: &Visitor, action: &str, body: &Markup) -> Markup {
    html! { form method="post" action=(action) { (form_word(visitor)) (body) } }
}

/// Writes a form that is ours.
pub(super) fn form(visitor: &Visitor, action: &str, body: &Markup) -> Markup {
    html! {
        form.panel method="post" action=(action) {
            (form_word(visitor))
            (body)
        }
    }
}

/// Writes a table that a narrow screen moves sideways. The first cell of a row names it.
pub(super) fn table(caption: &str, heads: &[String], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.wide role="region" aria-label=(caption) tabindex="0" {
            table {
                caption { (caption) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (place, cell) in row.iter().enumerate() {
                                @if place == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Writes names and what they stand for.
pub(super) fn facts(facts: &[(String, Markup)]) -> Markup {
    html! {
        dl.facts { @for (name, value) in facts { div { dt { (name) } dd { (value) } } } }
    }
}

/// Writes a text as a cell.
pub(super) fn cell(text: impl std::fmt::Display) -> Markup {
    html! { (text.to_string()) }
}
