//! `GET /verify`: the page that a camera opens from a printed sheet or act. Plain HTML, no script, nothing
//! of a child; it says what this log signed, and a bundle proves it without this server.

mod page;
pub(super) mod words;

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};
use ledger::export::ShownMark;
use serde::Deserialize;

use self::page::Shown;
use self::words::Language;
use crate::error::ServerError;
use crate::server::Server;

/// What stands in the address. What cannot be read is no mark.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    mark: Option<String>,
    lang: Option<String>,
}

pub(super) async fn page(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, ServerError> {
    let unreadable = asked.is_err();
    let Query(asked) = asked.unwrap_or_default();
    let language = Language::choose(asked.lang.as_deref(), &headers);
    let typed = asked.mark.as_deref().map(str::trim).filter(|mark| !mark.is_empty());
    let mark = typed.map(|typed| {
        let fits = typed.len() <= MARK_MAX_BYTES;
        typed.parse::<ShownMark>().ok().filter(|_| fits).map(|shown| shown.mark)
    });
    let shown = match mark {
        None if unreadable => Shown::NoMark,
        None => Shown::Nothing,
        Some(None) => Shown::NoMark,
        Some(Some(mark)) => {
            let check = server.check_paper(&mark).await?;
            Shown::Checked { mark, check }
        }
    };
    let typed = typed.filter(|typed| typed.len() <= MARK_MAX_BYTES).unwrap_or_default();
    let mut answer = Html(page::write(&shown, typed, language)).into_response();
    let policy = HeaderValue::from_str(&page::policy()).unwrap_or(NOTHING);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// A mark has some 150, and a log's name.
const MARK_MAX_BYTES: usize = 1_024;
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'");
