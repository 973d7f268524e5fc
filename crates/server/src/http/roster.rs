//! `GET /v1/delta/roster/{from}` and `GET /v1/delta/roster/{from}/{name}/{at}`: the asking device's
//! roster, whole or in pieces.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use seal::Hash;
use sync_api::{Base64, COSE_MEDIA_TYPE, ProblemKind, ROSTER_PIECE_MEDIA_TYPE, RosterResponse};

use super::accept::accepts;
use super::access::Caller;
use super::delta::newer;
use super::problem::malformed;
use super::segment::Segment;
use crate::error::ServerError;
use crate::roster_pieces::{Begun, Had};
use crate::server::Server;
use crate::views::Answered;

pub(super) async fn roster(
    State(server): State<Arc<Server>>,
    caller: Caller,
    headers: HeaderMap,
    Segment(from): Segment<u32>,
) -> Result<Response, ServerError> {
    newer(server.roster_version().await?, from)?;
    if accepts(&headers, ROSTER_PIECE_MEDIA_TYPE)
        && let Some(begun) = server.roster_piece(&caller.certificate, None).await?
    {
        return answer(&server, &caller, begun).await;
    }
    let (roster, children) = server.roster_for(caller.certificate.certificate()).await?;
    server.saw(caller.viewer(), Answered::Roster, children).await?;
    if accepts(&headers, COSE_MEDIA_TYPE) {
        return Ok(([(header::CONTENT_TYPE, COSE_MEDIA_TYPE)], roster).into_response());
    }
    Ok(Json(RosterResponse { roster: Base64(roster) }).into_response())
}

pub(super) async fn piece(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment((from, name, bytes)): Segment<(u32, String, u32)>,
) -> Result<Response, ServerError> {
    newer(server.roster_version().await?, from)?;
    let name = Hash::from_hex(&name)
        .ok_or_else(|| malformed("the address names a roster by 64 hexadecimal digits"))?;
    let begun = server.roster_piece(&caller.certificate, Some(Had { name, bytes })).await?;
    let whole = || {
        let detail = "the roster comes as a whole: ask for it without a name";
        ServerError::refused(ProblemKind::NotFound, detail)
    };
    answer(&server, &caller, begun.ok_or_else(whole)?).await
}

async fn answer(server: &Server, caller: &Caller, begun: Begun) -> Result<Response, ServerError> {
    server.saw(caller.viewer(), Answered::Roster, begun.children).await?;
    let media_type = [(header::CONTENT_TYPE, ROSTER_PIECE_MEDIA_TYPE)];
    Ok((media_type, begun.piece.to_bytes()).into_response())
}
