//! `GET /v1/delta/roster/{from}` and `GET /v1/delta/roster/{from}/{name}/{at}`: the asking device's
//! roster, whole or in pieces.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use seal::Hash;
use sync_api::{
    Base64, COSE_MEDIA_TYPE, ProblemKind, ROSTER_PIECE_MEDIA_TYPE, RosterPiece, RosterResponse,
};

use super::accept::accepts;
use super::delta::newer;
use super::problem::malformed;
use super::segment::Segment;
use super::token::Caller;
use crate::error::ServerError;
use crate::roster_pieces::Had;
use crate::server::Server;

pub(super) async fn roster(
    State(server): State<Arc<Server>>,
    caller: Caller,
    headers: HeaderMap,
    Segment(from): Segment<u32>,
) -> Result<Response, ServerError> {
    newer(server.roster_version().await?, from)?;
    if accepts(&headers, ROSTER_PIECE_MEDIA_TYPE)
        && let Some(piece) = server.roster_piece(&caller.0, None).await?
    {
        return Ok(answer(&piece));
    }
    let roster = server.roster_for(caller.0.certificate()).await?;
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
    let piece = server.roster_piece(&caller.0, Some(Had { name, bytes })).await?;
    let whole = || {
        let detail = "the roster comes as a whole: ask for it without a name";
        ServerError::refused(ProblemKind::NotFound, detail)
    };
    Ok(answer(&piece.ok_or_else(whole)?))
}

fn answer(piece: &RosterPiece) -> Response {
    ([(header::CONTENT_TYPE, ROSTER_PIECE_MEDIA_TYPE)], piece.to_bytes()).into_response()
}
