//! Asking a witness.

use std::time::Duration;

use tlog::add_checkpoint::AnswerRejection;
use tlog::{AddCheckpoint, NOTE_BYTES_MAX, WitnessAnswer, WitnessKey};

use crate::tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// Why a witness gave no answer that counts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// The witness did not answer.
    #[error("the witness cannot be reached: {0}")]
    Offline(#[source] reqwest::Error),
    /// The answer is longer than any.
    #[error("the witness's answer is too long")]
    TooLong,
    /// The answer is none, or its cosignature does not hold.
    #[error(transparent)]
    Answer(#[from] AnswerRejection),
}

/// Speaks to witnesses. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WitnessClient {
    http: reqwest::Client,
}

impl WitnessClient {
    /// Makes a client.
    ///
    /// # Errors
    /// [`SubmitError::Offline`] if the system's network cannot be set up.
    pub fn new() -> Result<Self, SubmitError> {
        let http = tls::client()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(SubmitError::Offline)?;
        Ok(Self { http })
    }

    /// Asks the witness at a submission prefix to cosign, once. Lines in the answer are verified with
    /// the witness's key.
    ///
    /// # Errors
    /// [`SubmitError`] if there is no answer, or none that can be believed.
    pub async fn submit(
        &self,
        address: &str,
        witness: &WitnessKey,
        request: &AddCheckpoint,
    ) -> Result<WitnessAnswer, SubmitError> {
        let url = format!("{}/add-checkpoint", address.trim_end_matches('/'));
        let sent = self.http.post(url).body(request.to_string()).send().await;
        let response = sent.map_err(SubmitError::Offline)?;
        let status = response.status().as_u16();
        let body = bounded(response, NOTE_BYTES_MAX).await.map_err(SubmitError::Offline)?;
        let body = body.ok_or(SubmitError::TooLong)?;
        Ok(request.read_answer(status, &body, witness)?)
    }
}

/// Reads a body of at most `max` bytes. Gives `None` for a longer one.
pub(crate) async fn bounded(
    mut response: reqwest::Response,
    max: usize,
) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > max {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}
