//! Who may ask for a route. No route is served without saying so here, and no handler decides it.

use std::sync::Arc;

use attendance::{Action, DeviceId, Scope, VerifiedCertificate};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::MethodRouter;
use sync_api::ProblemKind;

use super::bounds::RequestId;
use super::token;
use crate::error::ServerError;
use crate::server::Server;
use crate::views::{Viewer, Who};

/// Who may ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Access {
    /// Anybody: what is said there names no child, or proves by itself who says it.
    Anybody,
    /// An enrolled device, also a revoked one: it may send, and ask what the server has of its own chain.
    Device(Action),
    /// An enrolled device that is not revoked, as far as its scope goes.
    Within(Action),
    /// An enrolled device that is not revoked, and decides about others.
    Deciding(Action),
}

/// The device that asks, and how far it may. Whoever has it may do what its route does.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) certificate: Arc<VerifiedCertificate>,
    action: Action,
    scope: Scope,
    request: u64,
}

impl Caller {
    /// Names the device.
    pub(super) fn device(&self) -> DeviceId {
        self.certificate.certificate().device
    }

    /// Says for the record who is shown something, and why it may be.
    pub(super) fn viewer(&self) -> Viewer<'_> {
        let Self { certificate, action, scope, request } = self;
        let who = Who::Device(certificate);
        Viewer { who, action: *action, scope: *scope, request: *request }
    }
}

impl Access {
    /// Puts the question before a route's answers.
    pub(super) fn guard(
        self,
        server: &Arc<Server>,
        route: MethodRouter<Arc<Server>>,
    ) -> MethodRouter<Arc<Server>> {
        let state = (Arc::clone(server), self);
        route.route_layer(middleware::from_fn_with_state(state, asked))
    }

    async fn ask(self, parts: &Parts, server: &Server) -> Result<Option<Caller>, ServerError> {
        let (action, decides) = match self {
            Self::Anybody => return Ok(None),
            Self::Device(action) | Self::Within(action) => (action, false),
            Self::Deciding(action) => (action, true),
        };
        let certificate = token::recognise(parts, server).await?;
        if !matches!(self, Self::Device(_)) {
            refuse_revoked(server, certificate.certificate().device).await?;
        }
        let scope = certificate.certificate().permitted(action);
        // Whoever looks after the devices of a provider decides about them.
        if !scope.does() || (decides && !scope.decides() && scope != Scope::OwnProvider) {
            return Err(ServerError::refused(ProblemKind::NotAllowed, refusal(action)));
        }
        let request = parts.extensions.get().map_or(0, |RequestId(request)| *request);
        Ok(Some(Caller { certificate, action, scope, request }))
    }
}

async fn asked(
    State((server, access)): State<(Arc<Server>, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match access.ask(&parts, &server).await {
        Ok(caller) => {
            if let Some(caller) = caller {
                parts.extensions.insert(caller);
            }
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    }
}

async fn refuse_revoked(server: &Server, device: DeviceId) -> Result<(), ServerError> {
    let stored = server.store.device(device).await?;
    if stored.is_some_and(|stored| stored.revoked.is_some()) {
        let detail = "this device is revoked: it may send what it has, and gets nothing";
        return Err(ServerError::refused(ProblemKind::NotAllowed, detail));
    }
    Ok(())
}

impl FromRequestParts<Arc<Server>> for Caller {
    type Rejection = ServerError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Server>) -> Result<Self, ServerError> {
        // Without it the route is one for anybody, and its handler asks who it is.
        parts.extensions.get::<Self>().cloned().ok_or(ServerError::Stored("caller"))
    }
}

/// Says to whom a route belongs.
fn refusal(action: Action) -> &'static str {
    match action {
        Action::FollowChild => "only a parent's device may ask for what is recorded of a child",
        Action::NameDelegate => "only a parent's device may name who else brings its children",
        Action::HearAnswers => {
            "only a device that records visits may ask what was answered about them"
        }
        Action::BindDevice | Action::ReadBoard => {
            "only a coordinator's device, or a provider administrator's, may ask for this"
        }
        Action::ReadMonth => "only a coordinator of the whole district may ask for this",
        Action::RecordVisit
        | Action::EnterAbsence
        | Action::CollectDevices
        | Action::ConfirmVisit
        | Action::SignSheet
        | Action::SetVoucher
        | Action::SuspendProvider
        | Action::SeeIin
        | Action::ChangeParameters
        | Action::CarryEvents
        | Action::ReadOwnChain
        | Action::SignTime
        | Action::ReadPlan
        | Action::KeepNames
        | Action::CloseMonth
        | Action::EnterPayment
        | Action::ChangeLesson
        | Action::DecideVisit
        | Action::DecideSheet
        | Action::DecideMoney
        | Action::MoveVoucher
        | Action::CorrectVisit
        | Action::AdmitAccount
        | Action::PresentChild => "this device is not for that: ask the coordinator",
    }
}
