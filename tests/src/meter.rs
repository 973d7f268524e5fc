//! A meter on the line between device and server: every byte of requests and answers, headers too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Passes everything on and counts it.
#[derive(Debug)]
pub struct Meter {
    /// Where devices reach the server through it.
    pub address: String,
    counts: Arc<Counts>,
    task: tokio::task::JoinHandle<()>,
}

/// Bytes that passed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Metered {
    /// From the device to the server.
    pub up: u64,
    /// From the server to the device.
    pub down: u64,
}

#[derive(Debug, Default)]
struct Counts {
    up: AtomicU64,
    down: AtomicU64,
}

impl Meter {
    /// Stands between devices and the server at `server` (`http://host:port`).
    ///
    /// # Panics
    /// If there is no free port.
    pub async fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let counts = Arc::<Counts>::default();
        let (server, told) = (server.trim_start_matches("http://").to_owned(), Arc::clone(&counts));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(upstream) = TcpStream::connect(&server).await else { continue };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = upstream.into_split();
                let (up, down) = (Arc::clone(&told), Arc::clone(&told));
                tokio::spawn(async move { pass(from_client, to_server, &up.up).await });
                tokio::spawn(async move { pass(from_server, to_client, &down.down).await });
            }
        });
        Self { address, counts, task }
    }

    /// Reads the meter and sets it to nothing.
    #[must_use]
    pub fn take(&self) -> Metered {
        Metered {
            up: self.counts.up.swap(0, Ordering::SeqCst),
            down: self.counts.down.swap(0, Ordering::SeqCst),
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes one direction on until either end closes.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: &AtomicU64,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        count.fetch_add(read as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    // Whoever is gone need not be told.
    drop(to.shutdown().await);
}
