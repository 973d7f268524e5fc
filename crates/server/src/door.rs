//! The datagram door: parcels over UDP, for lines where TCP does not come to rest.
//!
//! A parcel comes in frames and its answer goes in frames (the crate `carriage`). Nothing is believed
//! because of where it came from: a parcel is sealed and signed, and so is the answer. What a stranger
//! can make this side do is bounded: so many addresses, so many bytes each, and until an address has
//! sent back the cookie that was sent to it, no more than three times the bytes that came from there
//! ([RFC 9000 §8.1]).
//!
//! [RFC 9000 §8.1]: https://www.rfc-editor.org/rfc/rfc9000#section-8.1

mod peer;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use carriage::Parcel;
use tokio::net::UdpSocket;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;

use crate::door::peer::{Judged, Judgement, Peer};
use crate::error::{ServerError, random};
use crate::server::Server;

/// The most addresses at a time.
const PEERS_MAX: usize = 512;
/// After so long without a datagram an address may make room for another, in milliseconds.
const IDLE_MS: u64 = 15_000;
/// After so long it is forgotten.
const FORGOTTEN_MS: u64 = 120_000;
/// How often it is looked what is due.
const TICK: Duration = Duration::from_millis(10);
/// Parcels that are opened at the same time.
const OPENED_AT_ONCE: usize = 4;
/// Longer than any datagram of ours.
const DATAGRAM_BYTES: usize = 2_048;

impl Server {
    /// Keeps the datagram door open at an address, the same as that of HTTP by default, until the task
    /// ends. A door that cannot be opened is logged, and the server goes on without.
    pub(crate) async fn run_door(self: Arc<Self>, at: SocketAddr) {
        let at = self.datagrams_at.get().copied().unwrap_or(at);
        let opened = match UdpSocket::bind(at).await {
            Ok(socket) => socket.local_addr().map(|bound| (socket, bound)),
            Err(error) => Err(error),
        };
        match opened {
            Ok((socket, bound)) => {
                self.datagram_port.store(bound.port(), Ordering::Relaxed);
                Door::new(self, socket).run().await;
            }
            Err(error) => tracing::warn!(%at, %error, "the datagram door stays shut"),
        }
    }

    /// Chooses another address for the datagram door than that of HTTP; the first choice stays. To be
    /// called before [`serve`](crate::serve).
    pub fn open_datagrams_at(&self, at: SocketAddr) {
        self.datagrams_at.get_or_init(|| at);
    }
}

struct Door {
    server: Arc<Server>,
    socket: UdpSocket,
    peers: HashMap<SocketAddr, Peer>,
    began: Instant,
    room: Arc<Semaphore>,
    judged: (mpsc::Sender<Judged>, mpsc::Receiver<Judged>),
}

impl Door {
    fn new(server: Arc<Server>, socket: UdpSocket) -> Self {
        let room = Arc::new(Semaphore::new(OPENED_AT_ONCE));
        let judged = mpsc::channel(OPENED_AT_ONCE);
        Self { server, socket, peers: HashMap::new(), began: Instant::now(), room, judged }
    }

    async fn run(mut self) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut buffer = [0; DATAGRAM_BYTES];
        loop {
            tokio::select! {
                came = self.socket.recv_from(&mut buffer) => match came {
                    Ok((length, from)) => {
                        let bytes = buffer.get(..length).unwrap_or_default();
                        self.came(from, bytes);
                    }
                    // An address that does not listen any more (ICMP) is no fault of the socket.
                    Err(error) => tracing::debug!(%error, "a datagram did not come"),
                },
                judged = self.judged.1.recv() => {
                    if let Some(judged) = judged {
                        self.answer(judged);
                    }
                }
                _ = tick.tick() => self.send_due(),
            }
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn came(&mut self, from: SocketAddr, bytes: &[u8]) {
        let now_ms = self.now_ms();
        if !self.peers.contains_key(&from) && !self.make_room(from, now_ms) {
            return;
        }
        let Some(peer) = self.peers.get_mut(&from) else { return };
        if let Some(parcel) = peer.came(bytes, now_ms) {
            self.judge(from, parcel);
        }
    }

    /// Makes room for a new address; false if there is none, and the datagram is passed over.
    fn make_room(&mut self, from: SocketAddr, now_ms: u64) -> bool {
        if self.peers.len() >= PEERS_MAX {
            let idlest = self.peers.iter().max_by_key(|(_, peer)| peer.idle_ms(now_ms));
            let idlest = idlest.map(|(address, peer)| (*address, peer.idle_ms(now_ms)));
            match idlest {
                Some((address, idle_ms)) if idle_ms > IDLE_MS => self.peers.remove(&address),
                Some(_) | None => return false,
            };
        }
        let Ok(cookie) = random() else { return false };
        self.peers.insert(from, Peer::new(cookie, now_ms));
        true
    }

    /// Opens and judges a parcel, behind the back of the door.
    fn judge(&self, from: SocketAddr, parcel: Vec<u8>) {
        let (server, room) = (Arc::clone(&self.server), Arc::clone(&self.room));
        let judged = self.judged.0.clone();
        tokio::spawn(async move {
            let Ok(_place) = room.acquire().await else { return };
            let name = Parcel::name(&parcel);
            let judgement = match server.take_parcel(name, &parcel).await {
                Ok(answer) => Judgement::Answer(answer),
                Err(ServerError::Refused(problem)) => {
                    tracing::info!(kind = ?problem.kind, "a parcel was not accepted at the door");
                    Judgement::Unwanted
                }
                Err(error) => {
                    tracing::error!(%error, "a parcel could not be judged");
                    Judgement::Failed
                }
            };
            // The door may be shut meanwhile: the parcel is taken all the same.
            drop(judged.send(Judged { from, parcel: name, judgement }).await);
        });
    }

    fn answer(&mut self, judged: Judged) {
        let now_ms = self.now_ms();
        if let Some(peer) = self.peers.get_mut(&judged.from) {
            peer.judged(judged, now_ms);
        }
    }

    fn send_due(&mut self) {
        let now_ms = self.now_ms();
        self.peers.retain(|_, peer| peer.idle_ms(now_ms) < FORGOTTEN_MS);
        for (address, peer) in &mut self.peers {
            while let Some(bytes) = peer.due(now_ms) {
                // What does not go is lost like what goes and is lost.
                drop(self.socket.try_send_to(&bytes, *address));
            }
        }
    }
}
