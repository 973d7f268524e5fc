//! How a call reaches a server. What is called and what is made of the answer is decided elsewhere, so
//! that a test may put another way in the place of the network.

use core::fmt;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use seal::Hash;

use crate::tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// What is asked of a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    /// How.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// The token that the hello earned, where the call is for this device alone.
    pub token: Option<String>,
    /// The media type that is wanted, where there is a choice.
    pub accept: Option<&'static str>,
    /// The body's media type and bytes.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// The authority that the server's certificate must come from; a public one, if there is none.
    pub pinned: Option<Hash>,
}

/// The methods of the protocol.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Asks.
    Get,
    /// Says.
    Post,
    /// Puts what is named by its hash.
    Put,
}

/// What a server answered, whatever its status.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type; empty if it says none.
    pub media_type: String,
    /// After how many seconds the server wants to be asked again, if it says so.
    pub retry_after_s: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Says what answered, if it was something else in the place of a server or a hub, in words: a page
    /// that wants a sign-in (RFC 8908, RFC 6585 section 6), mostly. Neither ever answers with a web page,
    /// or sends anybody on.
    #[must_use]
    pub fn of_another(&self) -> Option<String> {
        if (300..400).contains(&self.status) {
            return Some(format!("it sends on to another address (HTTP {})", self.status));
        }
        if self.status == NETWORK_AUTHENTICATION_REQUIRED {
            return Some(format!("the network says so (HTTP {})", self.status));
        }
        // What stands before a server that is down has a page for that, too.
        (self.status < 500 && self.is_page()).then(|| format!("a web page (HTTP {})", self.status))
    }

    fn is_page(&self) -> bool {
        let html = ["text/html", "application/xhtml+xml"];
        if html
            .iter()
            .any(|html| self.media_type.trim_start().to_ascii_lowercase().starts_with(html))
        {
            return true;
        }
        let begins = |tag: &[u8]| {
            let body = self.body.trim_ascii_start();
            body.get(..tag.len()).is_some_and(|body| body.eq_ignore_ascii_case(tag))
        };
        begins(b"<!doctype html") || begins(b"<html")
    }
}

const NETWORK_AUTHENTICATION_REQUIRED: u16 = 511;

/// No whole answer came. Whether the server did what was asked is not known.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct Unanswered {
    /// Why, in words without personal data.
    pub why: String,
    /// What lies behind it.
    #[source]
    pub source: Option<Box<dyn core::error::Error + Send + Sync>>,
}

/// A call on its way.
pub type Calling<'a> = Pin<Box<dyn Future<Output = Result<Answer, Unanswered>> + Send + 'a>>;

/// Carries calls to servers.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Carries one call.
    fn call(&self, call: Call) -> Calling<'_>;
}

/// Carries calls to the server of a ticket, by whatever way carries them.
#[derive(Clone, Debug)]
pub(crate) struct Pinned {
    pub(crate) way: Arc<dyn Transport>,
    pub(crate) pin: Option<Hash>,
}

impl Transport for Pinned {
    fn call(&self, call: Call) -> Calling<'_> {
        self.way.call(Call { pinned: self.pin, ..call })
    }
}

/// Carries calls over HTTP, with a pool of connections for each authority.
#[derive(Debug)]
pub(crate) struct Http {
    clients: Mutex<HashMap<Option<Hash>, reqwest::Client>>,
}

/// Makes *ring* the cryptography of TLS in this process, where nothing else was chosen. Whoever makes a
/// client of `reqwest` without a configuration of its own calls this first.
pub fn use_ring() {
    // It was chosen already: by an earlier call, most likely.
    drop(rustls::crypto::ring::default_provider().install_default());
}

impl Http {
    /// Sets the client up.
    ///
    /// # Errors
    /// [`Unanswered`] if the system's network cannot be set up.
    pub(crate) fn new() -> Result<Self, Unanswered> {
        // For clients of other crates in this process, which have no configuration of their own.
        use_ring();
        let made = Self { clients: Mutex::default() };
        made.client(None)?;
        Ok(made)
    }

    /// Gives the client for servers under an authority.
    fn client(&self, pinned: Option<Hash>) -> Result<reqwest::Client, Unanswered> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&pinned) {
            return Ok(client.clone());
        }
        let config = tls::config(pinned).map_err(|error| Unanswered {
            why: "TLS cannot be set up".to_owned(),
            source: Some(Box::new(error)),
        })?;
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            // The protocol sends nobody on: whoever does is another, and gets nothing of it.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("qatysu/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(config)
            .build()?;
        clients.insert(pinned, client.clone());
        Ok(client)
    }

    async fn carry(&self, call: Call) -> Result<Answer, Unanswered> {
        let method = match call.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let mut request = self.client(call.pinned)?.request(method, call.url);
        if let Some(token) = call.token {
            request = request.bearer_auth(token);
        }
        if let Some(media_type) = call.accept {
            request = request.header("accept", media_type);
        }
        if let Some((media_type, bytes)) = call.body {
            request = request.header("content-type", media_type).body(bytes);
        }
        let response = request.send().await?;
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let retry_after_s = header("retry-after").and_then(|seconds| seconds.parse().ok());
        let media_type = header("content-type").unwrap_or_default();
        let status = response.status().as_u16();
        let body = response.bytes().await?.into();
        Ok(Answer { status, media_type, retry_after_s, body })
    }
}

impl Transport for Http {
    fn call(&self, call: Call) -> Calling<'_> {
        Box::pin(self.carry(call))
    }
}

impl Unanswered {
    /// Tells whether somebody answered who cannot show that it is the server: a network that wants a
    /// sign-in first does so under the server's name.
    #[must_use]
    pub fn by_another(&self) -> bool {
        self.source.as_deref().is_some_and(|source| tls::is_another(source))
    }
}

impl From<reqwest::Error> for Unanswered {
    fn from(error: reqwest::Error) -> Self {
        let why = tls::explain(&error).unwrap_or_else(|| error.to_string());
        Self { why, source: Some(Box::new(error)) }
    }
}

impl Call {
    /// Asks for what is at an address.
    pub(crate) fn get(url: String) -> Self {
        Self { method: Method::Get, url, token: None, accept: None, body: None, pinned: None }
    }

    /// Says something in JSON.
    pub(crate) fn post(url: String, json: Vec<u8>) -> Self {
        let body = Some(("application/json", json));
        Self { method: Method::Post, url, token: None, accept: None, body, pinned: None }
    }

    /// Puts bytes.
    pub(crate) fn put(url: String, media_type: &'static str, bytes: Vec<u8>) -> Self {
        let body = Some((media_type, bytes));
        Self { method: Method::Put, url, token: None, accept: None, body, pinned: None }
    }

    /// Speaks for the device that the token is for.
    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Says which media type is wanted.
    pub(crate) fn accepting(mut self, media_type: &'static str) -> Self {
        self.accept = Some(media_type);
        self
    }
}
