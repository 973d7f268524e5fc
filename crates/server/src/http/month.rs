//! `GET /v1/{board,months,statement,registry,bundle,signals,checkpoint}`: months, for a coordinator; sheets,
//! for whoever signs them.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt as _;
use futures_util::stream::unfold;
use ledger::Month;
use ledger::signals::SignalQuery;
use sync_api::{
    BoardResponse, SIGNAL_ROWS_MAX, SheetsResponse, SignalsResponse, StatementResponse,
};

use super::access::Caller;
use super::problem::malformed;
use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;
use crate::sheets::Reach;
use crate::signals::signals_response;
use crate::views::Answered;

pub(super) async fn board(
    State(server): State<Arc<Server>>,
    caller: Caller,
) -> Result<Json<BoardResponse>, ServerError> {
    Ok(Json(server.board_for(caller.certificate.certificate()).await?))
}

pub(super) async fn sheets(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(month): Segment<String>,
) -> Result<Json<SheetsResponse>, ServerError> {
    let reach = Reach::of(caller.certificate.certificate());
    let (sheets, children) = server.sheets(reach, parse(&month)?).await?;
    server.saw(caller.viewer(), Answered::Sheets, children).await?;
    Ok(Json(sheets))
}

pub(super) async fn statement(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(month): Segment<String>,
) -> Result<Json<StatementResponse>, ServerError> {
    let statement = server.statement(parse(&month)?).await?;
    server.saw_all(caller.viewer(), Answered::Statement).await?;
    Ok(Json(statement))
}

pub(super) async fn registry(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(file): Segment<String>,
) -> Result<Response, ServerError> {
    let (month, format) =
        file.split_once('.').ok_or_else(|| malformed("expected MONTH.csv or MONTH.json"))?;
    let registry = server.registry(parse(month)?).await?;
    let (media_type, text) = match format {
        "csv" => ("text/csv; charset=utf-8", registry.to_csv()),
        "json" => ("application/json", registry.to_json()),
        _ => return Err(malformed("expected MONTH.csv or MONTH.json")),
    };
    server.saw_all(caller.viewer(), Answered::Registry).await?;
    Ok(([(header::CONTENT_TYPE, media_type)], text).into_response())
}

pub(super) async fn bundle(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(month): Segment<String>,
) -> Result<Response, ServerError> {
    let month = parse(&month)?;
    let pieces = Arc::clone(&server).bundle(month, LEAVES_AT_ONCE).await?;
    server.saw_all(caller.viewer(), Answered::Bundle).await?;
    // What fails on the way breaks the connection off: nobody takes the beginning for the whole.
    let pieces = unfold(pieces, move |mut pieces| async move {
        let piece = pieces.next().await?;
        if let Err(error) = &piece {
            tracing::error!(%error, %month, "a bundle was broken off");
        }
        Some((piece, pieces))
    });
    let media_type = [(header::CONTENT_TYPE, "application/json")];
    Ok((media_type, Body::from_stream(pieces.fuse())).into_response())
}

pub(super) async fn signals(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(month): Segment<String>,
) -> Result<Json<SignalsResponse>, ServerError> {
    let report = server.signals(parse(&month)?, &SignalQuery::default()).await?;
    server.saw_all(caller.viewer(), Answered::Signals).await?;
    Ok(Json(signals_response(&report, Some(SIGNAL_ROWS_MAX))))
}

pub(super) async fn checkpoint(State(server): State<Arc<Server>>) -> Result<String, ServerError> {
    Ok(server.checkpoint().await?.note)
}

pub(super) fn parse(month: &str) -> Result<Month, ServerError> {
    month.parse().map_err(|_| malformed("a month is written like 2026-09"))
}

/// How many leaves of a bundle are in memory at once: about two megabytes as JSON.
const LEAVES_AT_ONCE: u64 = 4_096;
