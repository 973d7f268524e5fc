//! `GET /v1/{providers,vouchers,undecided}`, `POST /v1/what-if`: what the log says, for the district.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use ledger::WhatIf;
use ledger::report::{ProviderReport, VoucherReport};
use ledger::voucher::StatusMap;
use serde::Serialize;
use serde_json::{Map, Value};
use sync_api::{ProblemKind, UndecidedListResponse};

use super::access::Caller;
use super::month::parse;
use super::problem::not_the_json;
use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;
use crate::views::Answered;

/// An object, so that more can be told beside the list later.
#[derive(Debug, Serialize)]
pub(super) struct ProvidersResponse {
    providers: Vec<ProviderReport>,
}

pub(super) async fn providers(
    State(server): State<Arc<Server>>,
) -> Result<Json<ProvidersResponse>, ServerError> {
    Ok(Json(ProvidersResponse { providers: server.providers_report().await? }))
}

pub(super) async fn voucher(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(number): Segment<String>,
) -> Result<Json<VoucherReport>, ServerError> {
    let Some((report, child)) = server.voucher_of(&number, &StatusMap::default()).await? else {
        return Err(ServerError::refused(ProblemKind::NotFound, "no voucher of this number here"));
    };
    server.saw(caller.viewer(), Answered::Voucher, [child]).await?;
    Ok(Json(report))
}

pub(super) async fn undecided(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(month): Segment<String>,
) -> Result<Json<UndecidedListResponse>, ServerError> {
    let (list, children) = server.undecided_list(parse(&month)?).await?;
    server.saw(caller.viewer(), Answered::Visits, children).await?;
    Ok(Json(list))
}

/// The body is a JSON object of parameters, as `qatysu what-if --rules` takes it.
pub(super) async fn what_if(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(month): Segment<String>,
    changes: Result<Json<Map<String, Value>>, JsonRejection>,
) -> Result<Json<WhatIf>, ServerError> {
    let Json(changes) = changes.map_err(|rejection| not_the_json(&rejection))?;
    let compared = server.what_if(parse(&month)?, &changes).await?;
    server.saw_all(caller.viewer(), Answered::Statement).await?;
    Ok(Json(compared))
}
