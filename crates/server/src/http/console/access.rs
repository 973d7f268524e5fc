//! Before every page of the console: who asks, whether the form is ours, whether the table lets them.
//! No handler decides it, and no answer goes without its headers.

use std::sync::Arc;

use attendance::{Action, Duty, ProviderId, Scope};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::MethodRouter;
use listener::Peer;
use server_store::StoredAccount;
use sync_api::ProblemKind;

use super::frame;
use super::words::Words;
use crate::console::{Console, SignedIn, Token};
use crate::error::ServerError;
use crate::http::bounds::RequestId;
use crate::http::problem::no_such_place;
use crate::http::verify::words::Language;
use crate::pressure::rates::Asked;
use crate::server::Server;
use crate::sheets::Reach;
use crate::views::{Viewer, Who};

/// Who may ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Access {
    /// Anybody.
    Anybody,
    /// Anybody, so often from one address: what lets people in.
    Door,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and may do it, as far as the table goes.
    May(Action),
    /// Whoever is signed in and may write records of the district, or propose them.
    Prepares,
}

/// Who asks for a page, and in which language they read it.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// What names the browser: of the session, or of the door before there is one.
    pub(super) token: Token,
    /// Who is signed in.
    pub(super) account: Option<StoredAccount>,
    /// What is read.
    pub(super) words: Words,
    /// What is asked for, without its language.
    pub(super) place: String,
    may: Option<(Action, Scope)>,
    request: u64,
}

/// What a form said.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Arc<Vec<(String, String)>>);

/// The cookie of whoever is signed in, and of whoever is not yet.
const SESSION: &str = "qatysu-session";
const DOOR: &str = "qatysu-door";
const LANGUAGE: &str = "qatysu-language";
/// The header in which a script says what a form's hidden field says.
const FORM_WORD: HeaderName = HeaderName::from_static("x-qatysu-form");
/// The most bytes of a form of whoever is not signed in, and of one with a table.
const FORM_MAX_BYTES: usize = 64 * 1024;
const TABLE_MAX_BYTES: usize = 1024 * 1024;
/// A language is remembered for a year.
const LANGUAGE_S: u32 = 31_536_000;

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

impl Visitor {
    /// Gives whoever is signed in.
    pub(super) fn signed_in(&self) -> Result<&StoredAccount, ServerError> {
        // Without one the route is for anybody, and its handler does not ask.
        self.account.as_ref().ok_or(ServerError::Stored("visitor"))
    }

    /// Says whether the table lets the visitor do something, and how far.
    pub(super) fn scope(&self, action: Action) -> Scope {
        self.account.as_ref().map_or(Scope::No, |account| account.office.duty.scope(action))
    }

    /// Tells whether the table lets the visitor write records of the district, or propose them.
    pub(super) fn prepares(&self) -> bool {
        let scope = self.scope(Action::ChangeParameters);
        scope.does() || scope == Scope::Propose
    }

    /// Says how far the route's action reaches for the visitor.
    pub(super) fn reach(&self) -> Reach {
        match (self.may, &self.account) {
            (Some((_, scope)), Some(account)) => {
                reach(scope, account.office.duty, account.office.provider)
            }
            _ => Reach::Nobody,
        }
    }

    /// Says for the record who is shown something, and why it may be.
    pub(super) fn viewer(&self) -> Result<Viewer<'static>, ServerError> {
        let account = self.signed_in()?;
        let (action, scope) = self.may.ok_or(ServerError::Stored("visitor"))?;
        let who = Who::Account(account.account, account.office.duty);
        Ok(Viewer { who, action, scope, request: self.request })
    }

    async fn recognise(
        server: &Server,
        console: &Console,
        parts: &Parts,
    ) -> Result<(Self, Cookies), ServerError> {
        let mut cookies = Cookies { secure: console.secure(), set: Vec::new() };
        let session = cookies.read(&parts.headers, SESSION).and_then(|text| Token::parse(&text));
        let account = match &session {
            Some(token) => server.session_of(token).await?,
            None => None,
        };
        let token = match session.filter(|_| account.is_some()) {
            Some(token) => token,
            None => match cookies.read(&parts.headers, DOOR).and_then(|text| Token::parse(&text)) {
                Some(token) => token,
                None => {
                    let token = Token::draw(&server.entropy)?;
                    cookies.keep(DOOR, &token.text(), None);
                    token
                }
            },
        };
        let query = parts.uri.query().unwrap_or_default();
        let path = parts.uri.path();
        // What a form is sent to is no page: its answer is read again at the page above.
        let above = path.rsplit_once('/').filter(|_| parts.method == Method::POST);
        let (mut asked, mut place) = (None, above.map_or(path, |(above, _)| above).to_owned());
        for part in query.split('&').filter(|part| !part.is_empty()) {
            if let Some(tag) = part.strip_prefix("lang=") {
                asked = Language::of_tag(tag);
            } else {
                place.push(if place.contains('?') { '&' } else { '?' });
                place.push_str(part);
            }
        }
        if let Some(language) = asked {
            cookies.keep(LANGUAGE, language.tag(), Some(LANGUAGE_S));
        }
        let kept = cookies.read(&parts.headers, LANGUAGE);
        let wanted = asked.map(|language| language.tag().to_owned()).or(kept);
        let words = Words(Language::choose(wanted.as_deref(), &parts.headers));
        let request = parts.extensions.get().map_or(0, |RequestId(request)| *request);
        Ok((Self { token, account, words, place, may: None, request }, cookies))
    }
}

/// Says how far a scope reaches.
fn reach(scope: Scope, duty: Duty, provider: Option<ProviderId>) -> Reach {
    if scope.decides() {
        return Reach::District;
    }
    match (scope, provider) {
        (Scope::OwnProvider, Some(provider)) => Reach::Provider(provider),
        // The coordinator of the whole district names none; an administrator always does.
        (Scope::OwnProvider, None) if duty == Duty::Coordinator => Reach::District,
        _ => Reach::Nobody,
    }
}

impl Fields {
    /// Gives what stands in a field; nothing of it is nothing.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(of, _)| of == name).map(|(_, value)| value.trim());
        found.filter(|value| !value.is_empty())
    }

    /// Makes fields of pairs.
    pub(super) fn of(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(Arc::new(pairs.into_iter().collect()))
    }

    fn read(body: &[u8]) -> Self {
        Self::of(url::form_urlencoded::parse(body).into_owned())
    }
}

/// The cookies of an answer.
struct Cookies {
    secure: bool,
    set: Vec<String>,
}

impl Cookies {
    /// Over TLS no other host, and nobody without TLS, can set it.
    fn name(&self, name: &str) -> String {
        if self.secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    fn read(&self, headers: &HeaderMap, name: &str) -> Option<String> {
        let name = self.name(name);
        let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            all.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
        pairs.find(|(of, _)| of.trim() == name).map(|(_, value)| value.trim().to_owned())
    }

    fn keep(&mut self, name: &str, value: &str, age_s: Option<u32>) {
        let age = age_s.map(|age| format!("; Max-Age={age}")).unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        let name = self.name(name);
        self.set.push(format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}"));
    }
}

/// Puts a session's cookie into an answer: an extension that the guard takes out again.
pub(super) fn signed_in(mut answer: Response, signed: &SignedIn) -> Response {
    answer.extensions_mut().insert(signed.clone());
    answer
}

impl Access {
    /// Puts the questions before a route's answers.
    pub(super) fn guard(
        self,
        server: &Arc<Server>,
        route: MethodRouter<Arc<Server>>,
    ) -> MethodRouter<Arc<Server>> {
        let state = (Arc::clone(server), self);
        route.route_layer(middleware::from_fn_with_state(state, asked))
    }

    /// Lets a visitor in, or says why not.
    fn ask(self, visitor: &mut Visitor) -> Result<(), Closed> {
        match (self, &visitor.account) {
            (Self::Anybody | Self::Door, _) | (Self::SignedIn, Some(_)) => Ok(()),
            (Self::SignedIn | Self::May(_) | Self::Prepares, None) => Err(Closed::SignIn),
            (Self::Prepares, Some(_)) => visitor.prepares().then_some(()).ok_or(Closed::No),
            (Self::May(action), Some(account)) => {
                let scope = account.office.duty.scope(action);
                visitor.may = Some((action, scope));
                if scope.does() && visitor.reach() != Reach::Nobody {
                    Ok(())
                } else {
                    Err(Closed::No)
                }
            }
        }
    }
}

/// Why somebody is not let in.
enum Closed {
    /// Nobody is signed in.
    SignIn,
    /// The table does not let them.
    No,
}

async fn asked(
    State((server, access)): State<(Arc<Server>, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let Some(console) = server.console.get() else { return no_such_place().await };
    let too_often = access == Access::Door
        && Peer::counted(&request, server.config.behind_proxy).is_some_and(|address| {
            server.rates.address(address, Asked::SignIn, server.clock.steady_ms()).is_err()
        });
    let (parts, body) = request.into_parts();
    let (visitor, mut cookies) = match Visitor::recognise(&server, console, &parts).await {
        Ok(found) => found,
        Err(error) => return with_headers(error.into_response()),
    };
    let mut answer = if too_often {
        frame::refused(&visitor, StatusCode::TOO_MANY_REQUESTS)
    } else {
        let_in(console, access, visitor, (parts, body), next).await
    };
    if let Some(SignedIn { token }) = answer.extensions_mut().remove() {
        cookies.keep(SESSION, &token.text(), None);
    }
    for cookie in cookies.set {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            answer.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    with_headers(answer)
}

async fn let_in(
    console: &Console,
    access: Access,
    mut visitor: Visitor,
    (mut parts, body): (Parts, Body),
    next: Next,
) -> Response {
    let most = if visitor.account.is_some() { TABLE_MAX_BYTES } else { FORM_MAX_BYTES };
    let Ok(bytes) = to_bytes(body, most).await else {
        return frame::refused(&visitor, StatusCode::PAYLOAD_TOO_LARGE);
    };
    let asks = parts.method == Method::GET || parts.method == Method::HEAD;
    if !asks {
        let fields = Fields::read(&bytes);
        if !is_ours(console, &visitor.token, &parts.headers, &fields) {
            tracing::warn!("a form of another page was refused");
            return frame::forged(&visitor);
        }
        parts.extensions.insert(fields);
    }
    match access.ask(&mut visitor) {
        Ok(()) => {}
        Err(Closed::SignIn) if asks => return frame::to("/console/sign-in"),
        Err(Closed::SignIn) => return frame::refused(&visitor, StatusCode::UNAUTHORIZED),
        Err(Closed::No) => return frame::refused(&visitor, StatusCode::FORBIDDEN),
    }
    parts.extensions.insert(visitor.clone());
    let answer = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    // A script reads the status; a person reads a page.
    if is_problem(&answer) {
        return frame::refused(&visitor, answer.status());
    }
    answer
}

/// Tells whether what changes something came from a page of this console that this visitor has.
fn is_ours(console: &Console, token: &Token, headers: &HeaderMap, fields: &Fields) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let word = headers.get(&FORM_WORD).and_then(|value| value.to_str().ok());
    let word = word.or_else(|| fields.text("form_word"));
    origin == Some(console.origin()) && word.is_some_and(|word| token.wrote(word))
}

fn is_problem(answer: &Response) -> bool {
    let kind = answer.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"))
}

fn with_headers(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // No other host is told where somebody was. Under `no-referrer` browsers would not say either from
    // which origin a form comes.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

impl FromRequestParts<Arc<Server>> for Visitor {
    type Rejection = ServerError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Server>) -> Result<Self, ServerError> {
        parts.extensions.get::<Self>().cloned().ok_or(ServerError::Stored("visitor"))
    }
}

impl FromRequestParts<Arc<Server>> for Fields {
    type Rejection = ServerError;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Server>) -> Result<Self, ServerError> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Reads the body of a script's question.
pub(super) fn json<T: serde::de::DeserializeOwned>(body: &Bytes) -> Result<T, ServerError> {
    serde_json::from_slice(body).map_err(|_| {
        ServerError::refused(ProblemKind::Malformed, "this is not what a browser says")
    })
}

/// Gives what an address asks for under a name; nothing of it is nothing.
pub(super) fn asked_for(place: &str, name: &str) -> Option<String> {
    let (_, query) = place.split_once('?')?;
    Fields::read(query.as_bytes()).text(name).map(str::to_owned)
}
