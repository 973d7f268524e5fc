//! Hubs on the local network: their routes in memory, over the folders of the devices that are hubs.

use std::collections::BTreeMap;
use std::future::{Future as _, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use hub::Hub;
use seal::Hash;
use sync_client::{Answer, Call, Method, Unanswered};

use super::folder::MemoryFolder;
use super::network::{handle, lost};
use super::step::FaultKind;

/// The hubs of a world, by the numbers of their devices.
#[derive(Debug)]
pub(crate) struct Hubs {
    state: Mutex<State>,
    /// Bounds of time are set by its clock. Nobody drives it: none of them ever ends.
    clock: tokio::runtime::Runtime,
}

#[derive(Debug, Default)]
struct State {
    running: BTreeMap<u8, RunningHub>,
    starts: u32,
    /// Hubs that died, and whether their disks were in the middle of something.
    dead: Vec<(u8, bool)>,
    words: Vec<Word>,
}

#[derive(Clone, Debug)]
struct RunningHub {
    start: u32,
    routes: axum::Router,
    folder: MemoryFolder,
}

/// A hub's word for a parcel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub(crate) hub: u8,
    pub(crate) parcel: Hash,
    /// Whether it was on the disk when the word was given.
    pub(crate) on_disk: bool,
}

/// A parcel that somebody brought to the server, and what the server said to that, if it was heard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Brought {
    pub(crate) by: u8,
    pub(crate) parcel: Hash,
    pub(crate) status: Option<u16>,
}

impl Default for Hubs {
    fn default() -> Self {
        let clock = tokio::runtime::Builder::new_current_thread().enable_time().build();
        Self { state: Mutex::default(), clock: clock.expect("a clock that nobody drives") }
    }
}

impl Hubs {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn start(&self, number: u8, hub: Hub, folder: MemoryFolder) {
        let routes = hub::router(Arc::new(hub));
        let mut state = self.state();
        state.starts += 1;
        let start = state.starts;
        state.running.insert(number, RunningHub { start, routes, folder });
    }

    /// Takes a hub off the network: calls that it has begun end nowhere.
    pub(crate) fn stop(&self, number: u8) {
        self.state().running.remove(&number);
    }

    pub(crate) fn is_running(&self, number: u8) -> bool {
        self.state().running.contains_key(&number)
    }

    /// Whether a hub died in this step.
    pub(crate) fn has_died(&self, number: u8) -> bool {
        self.state().dead.iter().any(|(dead, _)| *dead == number)
    }

    /// Dies: calls that it has begun end nowhere.
    pub(crate) fn die(&self, number: u8, torn: bool) {
        let mut state = self.state();
        state.running.remove(&number);
        if !state.dead.iter().any(|(dead, _)| *dead == number) {
            state.dead.push((number, torn));
        }
    }

    pub(crate) fn take_dead(&self) -> Vec<(u8, bool)> {
        std::mem::take(&mut self.state().dead)
    }

    pub(crate) fn take_words(&self) -> Vec<Word> {
        std::mem::take(&mut self.state().words)
    }

    /// Hands a call to a hub, and polls it until it answers, or dies.
    pub(crate) async fn serve(
        &self,
        number: u8,
        call: &Call,
        fault: Option<FaultKind>,
    ) -> Result<Answer, Unanswered> {
        let running = self.state().running.get(&number).cloned();
        let Some(RunningHub { start, routes, folder }) = running else {
            return Err(lost("no hub answers"));
        };
        let mut handled = Box::pin(handle(routes, call.clone()));
        let mut polls = 0u8;
        let answer = poll_fn(|cx| {
            if self.state().running.get(&number).is_none_or(|running| running.start != start) {
                return Poll::Ready(None);
            }
            let was_full = folder.is_full();
            if let Some(FaultKind::FullDisk(_)) = fault {
                folder.fill(true);
            }
            let polled = {
                let _clock = self.clock.enter();
                handled.as_mut().poll(cx)
            };
            folder.fill(was_full);
            polls = polls.saturating_add(1);
            if folder.has_stopped() {
                self.die(number, true);
                return Poll::Ready(None);
            }
            match (polled, fault) {
                (Poll::Pending, Some(FaultKind::GoAway(at))) if polls > at % POLLS => {
                    Poll::Ready(Some(None))
                }
                (Poll::Pending, Some(FaultKind::CrashServer(at, torn))) if polls > at % POLLS => {
                    self.die(number, torn);
                    Poll::Ready(None)
                }
                (polled, _) => polled.map(|answer| Some(Some(answer))),
            }
        });
        let answer = answer.await.ok_or_else(|| lost("the hub died"))?;
        let answer = answer.ok_or_else(|| lost("the connection was cut"))?;
        if answer.status == 200
            && call.method == Method::Put
            && let Some(parcel) = call.url.rsplit('/').next().and_then(Hash::from_hex)
        {
            let on_disk = folder.holds_for_sure(parcel);
            self.state().words.push(Word { hub: number, parcel, on_disk });
        }
        Ok(answer)
    }
}

/// Where a hub answers.
pub(crate) fn address_of(hub: u8) -> String {
    format!("http://hub-{hub}.example")
}

/// Which hub a call is for.
pub(crate) fn hub_of(url: &str) -> Option<u8> {
    url.strip_prefix("http://hub-")?.split_once('.')?.0.parse().ok()
}

/// No call of a hub needs more polls.
const POLLS: u8 = 3;
