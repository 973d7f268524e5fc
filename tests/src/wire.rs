//! Raw HTTP to a server, for requests that no device of ours would make.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sync_api::{Batch, HelloRequest, HelloResponse, Problem};

/// Speaks to one server.
#[derive(Clone, Debug)]
pub struct Wire {
    server: String,
    http: reqwest::Client,
    token: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The declared media type.
    pub media_type: String,
    /// After how many seconds to ask again, if it says so.
    pub retry_after_s: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
}

impl Wire {
    /// Speaks to the server at an address like `http://127.0.0.1:7400`.
    #[must_use]
    pub fn to(server: &str) -> Self {
        Self { server: server.to_owned(), http: crate::http_client(), token: None }
    }

    /// Carries batches, and posts, as the device that a hello earned this token for.
    #[must_use]
    pub fn carrying_with(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Asks for a place under `/v1/`, with a token where there is one.
    pub async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let request = self.http.get(self.url(path));
        send(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// Asks for a place under `/v1/` in a media type.
    pub async fn ask_as(&self, path: &str, media_type: &str) -> Answer {
        send(self.http.get(self.url(path)).header("accept", media_type)).await
    }

    /// Posts a value as JSON, with the token of the carrying device where there is one.
    pub async fn post(&self, path: &str, value: &impl Serialize) -> Answer {
        let request = self.http.post(self.url(path)).json(value);
        send(match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// Posts any bytes, declared as JSON.
    pub async fn post_bytes(&self, path: &str, bytes: Vec<u8>) -> Answer {
        let request = self.http.post(self.url(path)).header("content-type", "application/json");
        send(request.body(bytes)).await
    }

    /// Puts any bytes to a place under `/v1/`, without a token.
    pub async fn put_bytes(&self, path: &str, bytes: Vec<u8>) -> Answer {
        send(self.http.put(self.url(path)).body(bytes)).await
    }

    /// Gives the token that batches are carried with.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("it carries with a token")
    }

    /// Puts a batch under the name of its bytes.
    pub async fn put_batch(&self, bytes: Vec<u8>) -> Answer {
        let name = Batch::hash(&bytes).to_string();
        self.put_batch_as(&name, bytes).await
    }

    /// Puts a batch under the name of its bytes, to a server that may be gone. Gives `None` if no whole
    /// answer came.
    pub async fn try_put_batch(&self, bytes: Vec<u8>) -> Option<Answer> {
        let request = self.http.put(self.url(&format!("batch/{}", Batch::hash(&bytes))));
        let request = request.bearer_auth(self.token()).body(bytes);
        try_send(request).await.ok()
    }

    /// Puts a batch under any name.
    pub async fn put_batch_as(&self, name: &str, bytes: Vec<u8>) -> Answer {
        let request = self.http.put(self.url(&format!("batch/{name}"))).body(bytes);
        send(match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    }

    /// Says hello and gives the answer.
    ///
    /// # Panics
    /// If the device is not recognised.
    pub async fn hello(&self, request: &HelloRequest) -> HelloResponse {
        self.post("hello", request).await.fine()
    }

    fn url(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.server)
    }
}

async fn send(request: reqwest::RequestBuilder) -> Answer {
    try_send(request).await.expect("the server answers")
}

async fn try_send(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let media_type = response.headers().get("content-type");
    let media_type = media_type.map_or("", |value| value.to_str().expect("ASCII")).to_owned();
    let retry_after_s = response.headers().get("retry-after");
    let retry_after_s = retry_after_s
        .map(|value| value.to_str().expect("ASCII").parse().expect("a number of seconds"));
    let status = response.status().as_u16();
    let body = response.bytes().await?.to_vec();
    Ok(Answer { status, media_type, retry_after_s, body })
}

impl Answer {
    /// Reads the answer of a request that must succeed.
    ///
    /// # Panics
    /// If it did not, or the body is of another shape.
    #[must_use]
    pub fn fine<T: DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, 200, "{}", self.text());
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{why}: {}", self.text()))
    }

    /// Reads the problem document of a request that must be refused (RFC 9457).
    ///
    /// # Panics
    /// If it was not refused, or not with a problem document of the same status.
    #[must_use]
    pub fn problem(&self) -> Problem {
        assert_eq!(self.media_type, "application/problem+json", "{}: {}", self.status, self.text());
        let problem: Problem = serde_json::from_slice(&self.body)
            .unwrap_or_else(|why| panic!("{why}: {}", self.text()));
        assert_eq!(problem.status, self.status, "the document repeats the status");
        assert_eq!(problem.status, problem.kind.status(), "a type has one status");
        assert!(!problem.detail.is_empty(), "a problem says what to do");
        problem
    }

    /// Shows the body.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
