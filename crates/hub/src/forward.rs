//! Passing parcels on to the server, and keeping what it answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use carriage::SignedParcelAnswer;
use device::Device;
use seal::{Hash, PublicKey};
use sync_api::PARCEL_MEDIA_TYPE;
use sync_client::{Answer, Call, Method, SharedDevice, Transport};
use tokio::sync::Notify;

use crate::store::{CarryError, ParcelStore};

/// What one round of passing on did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Forwarded {
    /// Parcels whose answer came and is on the disk.
    pub answered: u64,
    /// Parcels that the server did not take; they are tried again later.
    pub refused: u64,
    /// Parcels that got no answer this time.
    pub unanswered: u64,
}

/// Where parcels are passed on to: the server of the device that carries them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Destination {
    /// The server's address.
    pub server: String,
    /// The authority of its certificate, if the ticket pinned one.
    pub pin: Option<Hash>,
    /// The keys of its log, one of which signs each answer.
    pub log: Vec<PublicKey>,
}

impl Destination {
    /// Gives the server that a device is enrolled at.
    #[must_use]
    pub fn of(device: &Device) -> Option<Self> {
        let enrolled = device.enrolment()?;
        Some(Self {
            server: enrolled.server().to_owned(),
            pin: enrolled.server_pin(),
            log: enrolled.log_keys(),
        })
    }

    /// Tells whether this is the server's answer to a parcel. What else answers in its place (a page that
    /// wants a sign-in, a bad line) is never kept: the device would wait for its receipts in vain.
    fn answered(&self, parcel: Hash, answer: &Answer) -> bool {
        answer.of_another().is_none()
            && SignedParcelAnswer::parse(&answer.body).is_ok_and(|signed| {
                signed.unverified_parcel() == parcel && signed.verify(&self.log).is_ok()
            })
    }
}

/// Passes on what waits, one parcel after the other. Whoever's parcel got no answer waits for the next
/// round with the others of that device, and the round ends early if nobody answers several times in a
/// row.
///
/// # Errors
/// [`CarryError`] if an answer cannot be kept; its parcel waits as before.
pub async fn forward(
    store: &Arc<ParcelStore>,
    transport: &dyn Transport,
    to: &Destination,
    now_ms: i64,
) -> Result<Forwarded, CarryError> {
    let mut done = Forwarded::default();
    let mut silent = BTreeSet::new();
    let mut silence = 0_u32;
    for (carried, device) in store.due(now_ms.saturating_sub(REFUSED_REST_MS)) {
        if silent.contains(&device) {
            done.unanswered += 1;
            continue;
        }
        let bytes = store.with(move |store| store.parcel(carried)).await?;
        let Some(bytes) = bytes else {
            store.note_refusal(carried, "the parcel is damaged here: send it again", now_ms);
            done.refused += 1;
            continue;
        };
        let call = Call {
            method: Method::Put,
            url: format!("{}/v1/parcel/{carried}", to.server),
            token: None,
            accept: None,
            body: Some((PARCEL_MEDIA_TYPE, bytes)),
            pinned: to.pin,
        };
        match transport.call(call).await {
            Ok(answer) if is_well(&answer) && to.answered(carried, &answer) => {
                let kept =
                    move |store: &ParcelStore| store.keep_answer(carried, &answer.body, now_ms);
                match store.with(kept).await {
                    Err(CarryError::TooLarge { .. }) => {
                        store.note_refusal(carried, "the answer is too large", now_ms);
                        done.refused += 1;
                    }
                    kept => {
                        kept?;
                        done.answered += 1;
                    }
                }
                silence = 0;
            }
            Ok(answer) if is_well(&answer) || is_for_later(&answer) => {
                store.note_failure(device);
                silent.insert(device);
                done.unanswered += 1;
                silence += 1;
            }
            Ok(answer) => {
                store.note_refusal(carried, &reason_of(&answer), now_ms);
                done.refused += 1;
                silence = 0;
            }
            Err(why) => {
                tracing::debug!(%carried, %why, "a parcel was not passed on");
                store.note_failure(device);
                silent.insert(device);
                done.unanswered += 1;
                silence += 1;
            }
        }
        if silence >= SILENCE_MAX {
            break;
        }
    }
    Ok(done)
}

/// Passes parcels on for as long as the task lives: at once when `arrived` says so, else after a rest
/// that doubles while nobody answers.
pub async fn run_forwarding(
    store: Arc<ParcelStore>,
    transport: Arc<dyn Transport>,
    device: SharedDevice,
    arrived: Arc<Notify>,
) {
    let mut failures = 0_u32;
    loop {
        let known = device.with(|device| (Destination::of(device), device.now().wall_ms));
        if let (Some(to), now_ms) = known.await {
            match forward(&store, &*transport, &to, now_ms).await {
                Ok(Forwarded { unanswered: 0, .. }) => failures = 0,
                Ok(_) => failures = failures.saturating_add(1),
                Err(error) => {
                    tracing::warn!(%error, "an answer could not be kept");
                    failures = failures.saturating_add(1);
                }
            }
            if let Err(error) = store.with(move |store| store.sweep(now_ms)).await {
                tracing::warn!(%error, "old answers could not be removed");
            }
        }
        drop(tokio::time::timeout(rest(failures), arrived.notified()).await);
    }
}

fn is_well(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

/// Decides whether the server means "not now" instead of "not this".
fn is_for_later(answer: &Answer) -> bool {
    answer.of_another().is_some()
        || answer.status >= 500
        || [401, 403, 404, 408, 425, 429].contains(&answer.status)
}

fn reason_of(answer: &Answer) -> String {
    match serde_json::from_slice::<sync_api::Problem>(&answer.body) {
        Ok(problem) => problem.detail,
        Err(_) => format!("the server answered with HTTP {}", answer.status),
    }
}

/// Rests longer after each failure, and never exactly as long as the others do.
fn rest(failures: u32) -> Duration {
    let most = REST_MIN.saturating_mul(1 << failures.min(7)).min(REST_MAX);
    let mut random = [0; 1];
    if getrandom::fill(&mut random).is_err() {
        // All rest equally long then, which is only less polite.
        random = [128];
    }
    most / 2 + most.saturating_mul(u32::from(random[0])) / 512
}

const REST_MIN: Duration = Duration::from_secs(4);
const REST_MAX: Duration = Duration::from_secs(300);
/// After so many calls without an answer in a row the network is taken to be away.
const SILENCE_MAX: u32 = 3;
/// A server that did not take a parcel is asked again after an hour: it may have been its fault.
const REFUSED_REST_MS: i64 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_longer_after_each_failure_and_within_bounds() {
        for failures in 0..40 {
            let most = REST_MIN.saturating_mul(1 << failures.min(7)).min(REST_MAX);
            let rested = rest(failures);
            assert!(most / 2 <= rested && rested <= most, "{failures}: {rested:?}");
        }
    }
}
