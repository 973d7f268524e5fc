//! A line of few bits that loses most, for datagrams: a shaper in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sync_client::{Answer, Call, Calling, Carrying, Datagrams, Transport, Udp, Unanswered};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// What a line is like, each way.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How many bits pass in a second, with 28 bytes of headers a datagram.
    pub bits_a_second: f64,
    /// The share that is lost, after it has taken its time on the line.
    pub loss: f64,
    /// How long a datagram is under way besides.
    pub delay: Duration,
}

/// A line to one door.
#[derive(Debug)]
pub struct ShapedLine {
    port: u16,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    offered: AtomicU64,
    lost: AtomicU64,
}

/// A transport on which nobody ever answers.
#[derive(Clone, Copy, Debug)]
pub struct Silence;

/// Carries to the line, whatever door is asked for.
#[derive(Debug)]
struct Redirected(u16);

impl Datagrams for Redirected {
    fn carry(&self, _host: String, _port: u16, parcel: Vec<u8>) -> Carrying<'_> {
        Udp.carry("127.0.0.1".to_owned(), self.0, parcel)
    }
}

impl Transport for Silence {
    fn call(&self, _call: Call) -> Calling<'_> {
        let silence: Result<Answer, Unanswered> =
            Err(Unanswered { why: "nobody answers".to_owned(), source: None });
        Box::pin(async { silence })
    }
}

impl ShapedLine {
    /// Lays a line to a door; for one device.
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn to(door: SocketAddr, shape: Shape, seed: u64) -> Self {
        let near = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a port"));
        let far = Arc::new(UdpSocket::bind("127.0.0.1:0").await.expect("a port"));
        far.connect(door).await.expect("an address");
        let port = near.local_addr().expect("it is bound").port();
        let counts = Arc::<Counts>::default();
        let (up, down) = (way(shape, seed, &counts), way(shape, seed ^ u64::MAX, &counts));
        tokio::spawn(carry(near, far, up, down));
        Self { port, counts }
    }

    /// The way over this line, for a client.
    #[must_use]
    pub fn way(&self) -> Arc<dyn Datagrams> {
        Arc::new(Redirected(self.port))
    }

    /// How many datagrams were offered both ways, and how many of them were lost.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (load(&self.counts.offered), load(&self.counts.lost))
    }
}

type Way = (mpsc::Sender<Vec<u8>>, mpsc::Receiver<Vec<u8>>);

/// One direction: what goes in comes out late, or never.
fn way(shape: Shape, seed: u64, counts: &Arc<Counts>) -> Way {
    // What does not fit into the queue is lost too: 2 s at this rate are some 5 datagrams.
    let (put, mut queue) = mpsc::channel::<Vec<u8>>(8);
    let (out, come) = mpsc::channel::<Vec<u8>>(64);
    let counts = Arc::clone(counts);
    tokio::spawn(async move {
        let (mut free, mut state) = (Instant::now(), seed | 1);
        while let Some(datagram) = queue.recv().await {
            #[expect(clippy::cast_precision_loss, reason = "a datagram is short")]
            let bits = (datagram.len() + 28) as f64 * 8.0;
            free = free.max(Instant::now()) + Duration::from_secs_f64(bits / shape.bits_a_second);
            sleep_until(free).await;
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            counts.offered.fetch_add(1, Ordering::Relaxed);
            #[expect(clippy::cast_precision_loss, reason = "a share")]
            let roll = (state >> 11) as f64 / (1u64 << 53) as f64;
            if roll < shape.loss {
                counts.lost.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let (out, at) = (out.clone(), free + shape.delay);
            tokio::spawn(async move {
                sleep_until(at).await;
                drop(out.send(datagram).await);
            });
        }
    });
    (put, come)
}

async fn carry(near: Arc<UdpSocket>, far: Arc<UdpSocket>, up: Way, down: Way) {
    let ((put_up, mut up), (put_down, mut down)) = (up, down);
    let (mut from_near, mut from_far) = ([0; 2_048], [0; 2_048]);
    let mut device = None;
    loop {
        tokio::select! {
            Ok((length, from)) = near.recv_from(&mut from_near) => {
                device = Some(from);
                // A full queue drops.
                drop(put_up.try_send(from_near[..length].to_vec()));
            }
            Ok(length) = far.recv(&mut from_far) => {
                drop(put_down.try_send(from_far[..length].to_vec()));
            }
            Some(datagram) = up.recv() => drop(far.send(&datagram).await),
            Some(datagram) = down.recv() => {
                if let Some(device) = device {
                    drop(near.send_to(&datagram, device).await);
                }
            }
        }
    }
}
