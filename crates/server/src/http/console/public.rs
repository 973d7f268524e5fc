//! What anybody may know: the log's newest checkpoint, its key, who watches it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::html;

use super::access::Visitor;
use super::frame;
use crate::error::ServerError;
use crate::server::Server;

pub(super) async fn transparency(
    State(server): State<Arc<Server>>,
    visitor: Visitor,
) -> Result<Response, ServerError> {
    let w = visitor.words;
    let checkpoint = server.published_checkpoint().await?;
    let facts = [
        (w.t("log-name"), frame::cell(server.origin())),
        (w.t("log-size"), html! { span data-testid="log-size" { (checkpoint.size) } }),
        (w.t("log-root"), html! { code { (checkpoint.root) } }),
        (w.t("log-key"), html! { code { (server.log_key()) } }),
    ];
    let witnesses: Vec<_> = server
        .witnesses
        .iter()
        .map(|one| {
            let address = one.address.clone().unwrap_or_default();
            vec![frame::cell(&one.name), html! { code { (one.key) } }, frame::cell(address)]
        })
        .collect();
    let body = html! {
        p { (w.t("transparency-lead")) }
        (frame::facts(&facts))
        @if witnesses.is_empty() {
            p.warn { (w.t("witnesses-none")) }
        } @else {
            (frame::table(
                &w.t("witnesses-caption"),
                &[w.t("witness"), w.t("log-key"), w.t("address")],
                &witnesses,
            ))
        }
        h2 { (w.t("log-files")) }
        ul {
            li { a href="/log/checkpoint" { (w.t("log-checkpoint")) } }
            li { a href={ "/verify?lang=" (w.0.tag()) } { (w.t("verify-link")) } }
        }
        details.panel { summary { (w.t("log-note")) } pre { code { (checkpoint.note) } } }
    };
    Ok(frame::page(&visitor, &w.t("transparency-title"), &body))
}
