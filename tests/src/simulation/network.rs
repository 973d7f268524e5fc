//! The network between devices and servers: calls are handed to the server's routes in memory, and what
//! goes wrong with each is decided beforehand.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use axum::body::{Body, to_bytes};
use axum::http::{Method as HttpMethod, Request, header};
use seal::Hash;
use server::Server;
use server_store::Fate;
use sync_client::{Answer, Call, Calling, Method, Transport, Unanswered};
use tower_service::Service as _;

use super::falsify::falsify;
use super::hands::{Begun, Disk};
use super::hubs::{Brought, Hubs, hub_of};
use super::step::{Fault, FaultKind};

/// What all devices of a world share.
#[derive(Debug)]
pub(crate) struct Network {
    state: Mutex<State>,
    disk: Arc<Disk>,
    /// The hubs on the local network.
    pub(crate) hubs: Hubs,
}

/// A running server, by the number of its start.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    start: u32,
    pub(crate) server: Arc<Server>,
    /// Its routes: made once, which is most of the work of a call.
    routes: axum::Router,
    /// What it does for callers who may be gone.
    begun: Arc<Begun>,
}

#[derive(Debug, Default)]
struct State {
    running: Vec<Running>,
    starts: u32,
    /// Servers that died, not dropped yet: what they had on the disk is looked at first.
    dead: Vec<Running>,
    /// What was not written to the end when the last one died.
    torn: bool,
    faults: Vec<Fault>,
    calls: u32,
    held_back: Vec<Call>,
    before: BTreeMap<String, Answer>,
    answered: Vec<Exchange>,
    unanswered: Vec<(u8, Call)>,
    brought: Vec<Brought>,
    /// Devices that have taken what the server said of their chains.
    heard: BTreeSet<u8>,
    /// Devices to which something else than the server's answer to that came.
    deceived: BTreeSet<u8>,
    trace: Trace,
}

/// What a server answered, as it said it.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) call: Call,
    pub(crate) answer: Answer,
}

/// All that happened, in one hash, and in words where somebody reads them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) hash: Hash,
    pub(crate) words: Option<Vec<String>>,
}

impl Trace {
    pub(crate) fn add(&mut self, words: &str, bytes: &[u8]) {
        self.hash = seal::sha256_of(&[&self.hash.0, words.as_bytes(), bytes]);
        if let Some(all) = &mut self.words {
            all.push(words.to_owned());
        }
    }
}

/// One device's way to the servers.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) phone: u8,
    pub(crate) network: Arc<Network>,
}

impl Transport for Way {
    fn call(&self, call: Call) -> Calling<'_> {
        Box::pin(self.network.carry(self.phone, call))
    }
}

impl Network {
    pub(crate) fn new(disk: Arc<Disk>, told: bool) -> Self {
        let trace = Trace { words: told.then(Vec::new), ..Trace::default() };
        let state = Mutex::new(State { trace, ..State::default() });
        Self { state, disk, hubs: Hubs::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds to what happened.
    pub(crate) fn tell(&self, words: &str, bytes: &[u8]) {
        self.state().trace.add(words, bytes);
    }

    pub(crate) fn trace(&self) -> Trace {
        self.state().trace.clone()
    }

    pub(crate) fn start(&self, server: Arc<Server>, begun: Arc<Begun>) {
        let routes = server::router(Arc::clone(&server));
        let mut state = self.state();
        state.starts += 1;
        let start = state.starts;
        state.running.push(Running { start, server, routes, begun });
    }

    /// Lets the servers end what they began for callers who are gone.
    pub(crate) fn settle(&self) {
        let running = self.state().running.clone();
        running.iter().for_each(|running| running.begun.finish());
    }

    /// Whether a server died in this step.
    pub(crate) fn has_dead(&self) -> bool {
        !self.state().dead.is_empty()
    }

    /// The same, by one poll.
    pub(crate) fn go_on(&self) {
        let running = self.state().running.clone();
        for running in running {
            running.begun.go_on();
        }
    }

    /// Takes the servers off the network, the running ones and the dead.
    pub(crate) fn stop(&self) -> Vec<Running> {
        let mut state = self.state();
        let mut all = std::mem::take(&mut state.dead);
        all.append(&mut state.running);
        drop(state);
        all.iter().for_each(|stopped| stopped.begun.stop());
        all
    }

    /// Takes the server off that was started last.
    pub(crate) fn stop_last(&self) -> Option<Running> {
        let stopped = self.state().running.pop();
        stopped.iter().for_each(|stopped| stopped.begun.stop());
        stopped
    }

    pub(crate) fn count_running(&self) -> usize {
        self.state().running.len()
    }

    pub(crate) fn any(&self) -> Option<Arc<Server>> {
        self.state().running.first().map(|running| Arc::clone(&running.server))
    }

    /// Decides what goes wrong with the calls to come.
    pub(crate) fn plan(&self, faults: &[Fault]) {
        let mut state = self.state();
        state.faults = faults.to_vec();
        state.calls = 0;
        state.unanswered.clear();
        state.brought.clear();
        state.heard.clear();
        state.deceived.clear();
    }

    /// Whether a device has taken, since the plan, what the server said of its chain, as it said it.
    pub(crate) fn has_heard(&self, phone: u8) -> bool {
        let state = self.state();
        state.heard.contains(&phone) && !state.deceived.contains(&phone)
    }

    /// Lists the parcels that were brought to the server since the plan, in their order.
    pub(crate) fn brought(&self) -> Vec<Brought> {
        self.state().brought.clone()
    }

    /// Whether what lies behind the last commit of the server that died is garbage.
    pub(crate) fn take_torn(&self) -> bool {
        std::mem::take(&mut self.state().torn)
    }

    pub(crate) fn take_held_back(&self) -> Vec<Call> {
        std::mem::take(&mut self.state().held_back)
    }

    pub(crate) fn take_answered(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.state().answered)
    }

    /// Gives the calls of a device that were never answered in this sync, also not at a second try.
    pub(crate) fn unanswered(&self, phone: u8) -> Vec<Call> {
        let state = self.state();
        state
            .unanswered
            .iter()
            .filter(|(by, _)| *by == phone)
            .map(|(_, call)| call.clone())
            .collect()
    }

    /// Whether something else came to a device.
    pub(crate) fn was_deceived(&self, phone: u8) -> bool {
        self.state().deceived.contains(&phone)
    }

    pub(crate) async fn carry(&self, phone: u8, call: Call) -> Result<Answer, Unanswered> {
        let fault = {
            let mut state = self.state();
            let number = state.calls;
            state.calls += 1;
            let path = call.url.strip_prefix(ADDRESS).unwrap_or_default();
            if path.starts_with("/v1/") && !OF_CHAIN.iter().any(|own| path.starts_with(own)) {
                state.heard.insert(phone);
            }
            let fault = state.faults.iter().find(|fault| {
                let lies = matches!(fault.kind, FaultKind::FalseReceipts(_));
                u32::from(fault.call) == number || lies && u32::from(fault.call) < number
            });
            let fault = fault.map(|fault| fault.kind);
            let lies = matches!(
                fault,
                Some(FaultKind::OldAnswer | FaultKind::FlipAnswer(_) | FaultKind::CutAnswer(_))
            );
            if lies && OF_CHAIN.iter().any(|own| path.starts_with(own)) {
                state.deceived.insert(phone);
            }
            fault
        };
        let done = self.carry_with(&call, fault).await;
        let mut state = self.state();
        let words = match &done {
            Ok(answer) => format!("  {phone}: {} {} -> {}", method(&call), call.url, answer.status),
            Err(why) => format!("  {phone}: {} {} -> {}", method(&call), call.url, why.why),
        };
        let fault = fault.map(|fault| format!(" [{fault:?}]")).unwrap_or_default();
        let body = done.as_ref().map(|answer| answer.body.clone()).unwrap_or_default();
        state.trace.add(&format!("{words}{fault}"), &body);
        if let Some(name) = call.url.strip_prefix(PARCELS)
            && let Some(parcel) = Hash::from_hex(name)
        {
            let status = done.as_ref().ok().map(|answer| answer.status);
            state.brought.push(Brought { by: phone, parcel, status });
        }
        match &done {
            Ok(_) => state.unanswered.retain(|(by, lost)| (*by, lost) != (phone, &call)),
            Err(_) => state.unanswered.push((phone, call)),
        }
        done
    }

    async fn carry_with(
        &self,
        call: &Call,
        fault: Option<FaultKind>,
    ) -> Result<Answer, Unanswered> {
        tokio::task::yield_now().await;
        let mut sent = call.clone();
        match fault {
            Some(FaultKind::LoseRequest) => return Err(lost("the request was lost")),
            Some(FaultKind::Delay) => {
                self.state().held_back.push(sent);
                return Err(lost("no answer in time"));
            }
            Some(FaultKind::Twice) => drop(self.serve(call, None).await),
            Some(FaultKind::FlipRequest(at)) => {
                if let Some((_, body)) = &mut sent.body {
                    flip(body, at);
                }
            }
            Some(FaultKind::OldAnswer) => {
                let key = format!("{} {}", method(call), call.url);
                let old = self.state().before.get(&key).cloned();
                if let Some(old) = old {
                    drop(self.serve(call, None).await);
                    return Ok(old);
                }
            }
            Some(
                FaultKind::LoseAnswer
                | FaultKind::FalseReceipts(_)
                | FaultKind::FlipAnswer(_)
                | FaultKind::CutAnswer(_)
                | FaultKind::GoAway(_)
                | FaultKind::CrashServer(..)
                | FaultKind::FullDisk(_),
            )
            | None => {}
        }
        let mut answer = self.serve(&sent, fault).await?;
        tokio::task::yield_now().await;
        match fault {
            Some(FaultKind::LoseAnswer) => return Err(lost("the answer was lost")),
            Some(FaultKind::FlipAnswer(at)) => flip(&mut answer.body, at),
            Some(FaultKind::FalseReceipts(at)) => falsify(&mut answer, at),
            Some(FaultKind::CutAnswer(at)) => {
                let length = usize::from(at) % answer.body.len().max(1);
                answer.body.truncate(length);
            }
            Some(_) | None => {}
        }
        Ok(answer)
    }

    /// Hands a call that was held back to a server.
    pub(crate) async fn arrive_late(&self, call: &Call) {
        drop(self.serve(call, None).await);
    }

    /// Hands a call to whom it is for, and polls it until it answers, or dies.
    async fn serve(&self, call: &Call, fault: Option<FaultKind>) -> Result<Answer, Unanswered> {
        let Some(hub) = hub_of(&call.url) else { return self.serve_server(call, fault).await };
        let answer = self.hubs.serve(hub, call, fault).await?;
        self.state().before.insert(format!("{} {}", method(call), call.url), answer.clone());
        Ok(answer)
    }

    async fn serve_server(
        &self,
        call: &Call,
        fault: Option<FaultKind>,
    ) -> Result<Answer, Unanswered> {
        let running = {
            let state = self.state();
            let turn = usize::try_from(state.calls).unwrap_or_default();
            let count = state.running.len().max(1);
            state.running.get(turn % count).cloned()
        };
        let Some(Running { start, routes, begun, .. }) = running else {
            return Err(lost("no server answers"));
        };
        let mut handled = Box::pin(handle(routes, call.clone()));
        let mut polls = 0u32;
        let answer = poll_fn(|cx| {
            if !self.state().running.iter().any(|running| running.start == start) {
                return Poll::Ready(None);
            }
            if let Some(FaultKind::FullDisk(from)) = fault {
                self.disk.set(match from % 3 {
                    0 if polls >= u32::from(from) => Fate::FullDisk,
                    1 if polls >= u32::from(from) => Fate::Refused,
                    2 if polls == u32::from(from) => Fate::Refused,
                    _ => Fate::Run,
                });
            }
            let polled = handled.as_mut().poll(cx);
            begun.go_on();
            self.disk.set(Fate::Run);
            polls += 1;
            match (polled, fault) {
                (Poll::Pending, Some(FaultKind::GoAway(at))) if polls > u32::from(at) => {
                    Poll::Ready(Some(None))
                }
                (Poll::Pending, Some(FaultKind::CrashServer(at, torn)))
                    if polls > u32::from(at) =>
                {
                    self.die(start, torn);
                    Poll::Ready(None)
                }
                (polled, _) => polled.map(|answer| Some(Some(answer))),
            }
        });
        let answer = answer.await.ok_or_else(|| lost("the server died"))?;
        let answer = answer.ok_or_else(|| lost("the connection was cut"))?;
        let mut state = self.state();
        state.before.insert(format!("{} {}", method(call), call.url), answer.clone());
        state.answered.push(Exchange { call: call.clone(), answer: answer.clone() });
        Ok(answer)
    }

    fn die(&self, start: u32, torn: bool) {
        let mut state = self.state();
        if let Some(at) = state.running.iter().position(|running| running.start == start) {
            let dead = state.running.remove(at);
            state.dead.push(dead);
            state.torn |= torn;
        }
    }
}

/// Asks the routes of a server or a hub, without a socket.
pub(crate) async fn handle(mut routes: axum::Router, call: Call) -> Answer {
    let method = match call.method {
        Method::Get => HttpMethod::GET,
        Method::Post => HttpMethod::POST,
        Method::Put => HttpMethod::PUT,
    };
    let path = call.url.split_once(HOSTS).map_or("", |(_, path)| path);
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = &call.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if let Some(media_type) = call.accept {
        request = request.header(header::ACCEPT, media_type);
    }
    let body = match call.body {
        Some((media_type, bytes)) => {
            request = request.header(header::CONTENT_TYPE, media_type);
            Body::from(bytes)
        }
        None => Body::empty(),
    };
    let Ok(request) = request.body(body) else {
        return Answer {
            status: 400,
            media_type: String::new(),
            retry_after_s: None,
            body: vec![],
        };
    };
    let Ok(response) = routes.call(request).await;
    let (parts, body) = response.into_parts();
    let said = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let media_type = said(header::CONTENT_TYPE).unwrap_or_default().to_owned();
    let retry_after_s = said(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok());
    let status = parts.status.as_u16();
    let body = to_bytes(body, BODY_MAX).await.unwrap_or_default().to_vec();
    Answer { status, media_type, retry_after_s, body }
}

fn method(call: &Call) -> &'static str {
    match call.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
    }
}

fn flip(bytes: &mut [u8], at: u16) {
    let count = bytes.len().max(1);
    if let Some(byte) = bytes.get_mut(usize::from(at) % count) {
        *byte ^= 1 << (at % 7);
    }
}

pub(crate) fn lost(why: &str) -> Unanswered {
    Unanswered { why: why.to_owned(), source: None }
}

/// Where every device of a world finds the server.
pub(crate) const ADDRESS: &str = "http://qatysu.example";
/// How the names of all hosts of a world end.
const HOSTS: &str = ".example";
/// Calls before whose end a device does not know what the server has of its chain.
const OF_CHAIN: [&str; 4] = ["/v1/hello", "/v1/enrol", "/v1/own/", "/v1/parcel/"];
const PARCELS: &str = "http://qatysu.example/v1/parcel/";
const BODY_MAX: usize = 16 << 20;
