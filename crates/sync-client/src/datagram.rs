//! The way through the datagram door: a parcel goes in frames over UDP, its signed answer comes back.
//!
//! For lines where TCP does not come to rest: at 20 kbit/s and with six of ten packets lost its timer
//! doubles until nothing is sent at all. Here no single packet matters: any frames that are enough give
//! the whole, and how fast they go follows what the other side says of their arrival.

use core::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use carriage::{
    Arrival, Collected, Collector, Feedback, Frame, Limits, Pacer, Parcel, Sending,
    SignedParcelAnswer, Standing,
};
use seal::Hash;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout};

use crate::transport::Unanswered;

/// Symbols of parcels, in bytes.
const SYMBOL_BYTES: u16 = 1_000;
/// How often the server is told what has come of the answer.
const FEEDBACK_EVERY_MS: u64 = 400;
/// The least time between two feedbacks.
const FEEDBACK_SOON_MS: u64 = 100;
/// After so long without any datagram the server is away.
const SILENT_MS: u64 = 30_000;
/// After so long it is given up, whatever came.
const LONGEST_MS: u64 = 900_000;
/// The longest answer that is taken.
const ANSWER_MAX_BYTES: u32 = 256 * 1024;
/// How often the end is told: whoever does not hear it goes on for a while, and then stops.
const FAREWELLS: usize = 3;
const DATAGRAM_BYTES: usize = 2_048;

/// A parcel on its way.
pub type Carrying<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Unanswered>> + Send + 'a>>;

/// Carries parcels through datagram doors, and brings back the answers.
pub trait Datagrams: fmt::Debug + Send + Sync {
    /// Carries one parcel to the door at a host and port. What comes back says that it answers this
    /// parcel; whether the log signed it is for the device to say.
    fn carry(&self, host: String, port: u16, parcel: Vec<u8>) -> Carrying<'_>;
}

/// Carries them over UDP.
#[derive(Clone, Copy, Debug, Default)]
pub struct Udp;

impl Datagrams for Udp {
    fn carry(&self, host: String, port: u16, parcel: Vec<u8>) -> Carrying<'_> {
        Box::pin(async move {
            let socket = reach(&host, port).await?;
            Trip::new(socket, &parcel)?.run().await
        })
    }
}

/// Opens a socket to a door. Nothing is sent yet.
async fn reach(host: &str, port: u16) -> Result<UdpSocket, Unanswered> {
    let mut addresses = tokio::net::lookup_host((host, port)).await.map_err(of_socket)?;
    let to = addresses.next().ok_or_else(|| unanswered("the server's name has no address"))?;
    let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await.map_err(of_socket)?;
    socket.connect(to).await.map_err(of_socket)?;
    Ok(socket)
}

/// One parcel on its way.
struct Trip {
    socket: UdpSocket,
    began: Instant,
    parcel: Hash,
    sending: Sending,
    /// The server said that it has all of it, or began to answer.
    is_there: bool,
    collector: Collector,
    arrival: Option<Arrival>,
    cookie: [u8; 8],
    heard_ms: u64,
    feedback_ms: u64,
}

impl Trip {
    fn new(socket: UdpSocket, parcel: &[u8]) -> Result<Self, Unanswered> {
        let sending = Sending::new(parcel, SYMBOL_BYTES, Pacer::new(0));
        let sending = sending.map_err(|error| unanswered(&error.to_string()))?;
        Ok(Self {
            socket,
            began: Instant::now(),
            parcel: Parcel::name(parcel),
            sending,
            is_there: false,
            collector: Collector::new(Limits { object_bytes: ANSWER_MAX_BYTES, transfers: 2 }),
            arrival: None,
            cookie: [0; 8],
            heard_ms: 0,
            feedback_ms: 0,
        })
    }

    async fn run(mut self) -> Result<Vec<u8>, Unanswered> {
        let mut buffer = [0; DATAGRAM_BYTES];
        loop {
            let now_ms = self.now_ms();
            if now_ms.saturating_sub(self.heard_ms) > SILENT_MS || now_ms > LONGEST_MS {
                return Err(unanswered("nothing comes back through the datagram door"));
            }
            let wait_ms = self.send_due(now_ms).await;
            let came = timeout(Duration::from_millis(wait_ms), self.socket.recv(&mut buffer)).await;
            // A refusal (ICMP) counts for nothing: anybody can forge one.
            let Ok(Ok(length)) = came else { continue };
            let bytes = buffer.get(..length).unwrap_or_default();
            if let Some(answer) = self.came(bytes)? {
                self.farewell().await;
                return Ok(answer);
            }
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Sends what is due, and says how long to listen until the next.
    async fn send_due(&mut self, now_ms: u64) -> u64 {
        if !self.is_there {
            let wait_ms = self.sending.wait_ms(now_ms);
            if wait_ms > 0 {
                return wait_ms;
            }
            let frame = self.sending.frame(now_ms).to_bytes();
            self.send(&frame).await;
            return self.sending.wait_ms(now_ms).max(1);
        }
        if now_ms >= self.feedback_ms {
            let feedback = self.feedback(Standing::More).to_bytes();
            self.send(&feedback).await;
            self.feedback_ms = now_ms + FEEDBACK_EVERY_MS;
        }
        (self.feedback_ms - now_ms).max(1)
    }

    /// What has come of the answer; before anything has, what is waited for.
    fn feedback(&self, standing: Standing) -> Feedback {
        let waited = self.sending.transfer().id;
        let arrival = self.arrival.unwrap_or_else(|| Arrival::nothing(waited));
        arrival.feedback(standing, self.cookie)
    }

    async fn send(&self, bytes: &[u8]) {
        // What does not go is lost like what goes and is lost.
        drop(self.socket.send(bytes).await);
    }

    /// Takes a datagram; gives the answer when all of it has come.
    fn came(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, Unanswered> {
        let now_ms = self.now_ms();
        if let Ok(feedback) = Feedback::parse(bytes) {
            return self.heard(&feedback, now_ms).map(|()| None);
        }
        let Ok(frame) = Frame::parse(bytes) else { return Ok(None) };
        (self.heard_ms, self.is_there) = (now_ms, true);
        let arrival = self.arrival.map(|known| known.and(&frame, now_ms));
        self.arrival = Some(arrival.unwrap_or_else(|| Arrival::of(&frame, now_ms)));
        self.feedback_ms = self.feedback_ms.min(now_ms + FEEDBACK_SOON_MS);
        let Collected::Whole(_, answer) = self.collector.add(frame) else { return Ok(None) };
        let answers = SignedParcelAnswer::parse(&answer);
        Ok(answers.is_ok_and(|said| said.unverified_parcel() == self.parcel).then_some(answer))
    }

    fn heard(&mut self, feedback: &Feedback, now_ms: u64) -> Result<(), Unanswered> {
        let Some(standing) = self.sending.heard(feedback, now_ms) else { return Ok(()) };
        (self.heard_ms, self.cookie) = (now_ms, feedback.cookie);
        match standing {
            Standing::Whole => self.is_there = true,
            // A server that was started again knows nothing of it.
            Standing::More => self.is_there &= feedback.received > 0,
            Standing::Unwanted => {
                return Err(unanswered("the server does not take this parcel at its door"));
            }
        }
        Ok(())
    }

    async fn farewell(&self) {
        let told = self.feedback(Standing::Whole).to_bytes();
        for _ in 0..FAREWELLS {
            self.send(&told).await;
        }
    }
}

fn unanswered(why: &str) -> Unanswered {
    Unanswered { why: why.to_owned(), source: None }
}

fn of_socket(error: std::io::Error) -> Unanswered {
    Unanswered { why: error.to_string(), source: Some(Box::new(error)) }
}
