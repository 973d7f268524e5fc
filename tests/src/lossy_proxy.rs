//! A network between device and server that loses answers.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sync_api::{COMPACT_RECEIPTS_MEDIA_TYPE, COMPACT_VERDICTS_MEDIA_TYPE};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Passes requests on, and answers back, except those it was told to lose. The server has done the
/// work of a lost answer; the device does not know.
#[derive(Debug)]
pub struct LossyProxy {
    /// Where devices reach the server through this network.
    pub address: String,
    faults: Arc<Faults>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Faults {
    /// How many answers to uploads are still to be lost.
    to_lose: AtomicUsize,
    /// The server is one of before packed batches.
    no_packed: AtomicBool,
    /// Whoever asks now waits for ever.
    silent: AtomicBool,
    /// How many wait for ever.
    held: AtomicUsize,
    /// After so many answers about places that begin so, the rest is lost.
    cut: Mutex<Option<(String, usize)>>,
    /// What was asked: method, place and media type of each request that was answered.
    asked: Mutex<Vec<String>>,
    /// Nobody asks for the one receipt of a batch, as if the server did not know it.
    no_compact: AtomicBool,
    /// The one receipt of a batch comes with a changed salt.
    spoilt_compact: AtomicBool,
    /// Nothing passes.
    unplugged: AtomicBool,
}

impl LossyProxy {
    /// Stands between devices and the server at `server` (`http://host:port`).
    pub async fn before(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let faults = Arc::<Faults>::default();
        let (server, told) = (server.trim_start_matches("http://").to_owned(), Arc::clone(&faults));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (server, told) = (server.clone(), Arc::clone(&told));
                tokio::spawn(async move {
                    // A connection that breaks is what this network is for.
                    drop(pass(client, &server, &told).await);
                });
            }
        });
        Self { address, faults, task }
    }

    /// Loses the answers to the next `count` uploads.
    pub fn lose_answers(&self, count: usize) {
        self.faults.to_lose.store(count, Ordering::SeqCst);
    }

    /// Pulls the plug, or puts it back.
    pub fn unplug(&self, unplugged: bool) {
        self.faults.unplugged.store(unplugged, Ordering::SeqCst);
    }

    /// Makes the server one of before packed batches: it names no media types, and answers in JSON.
    pub fn forget_packed_batches(&self) {
        self.faults.no_packed.store(true, Ordering::SeqCst);
    }

    /// Answers nobody from now on, and never breaks a connection off: a link that went dead.
    pub fn fall_silent(&self) {
        self.faults.silent.store(true, Ordering::SeqCst);
    }

    /// Answers again, but not those who wait already.
    pub fn speak_again(&self) {
        self.faults.silent.store(false, Ordering::SeqCst);
    }

    /// Counts those who wait for ever.
    #[must_use]
    pub fn held(&self) -> usize {
        self.faults.held.load(Ordering::SeqCst)
    }

    /// Lets `answers` more answers about places that begin with `place` through, and loses the rest.
    pub fn cut_after(&self, place: &str, answers: usize) {
        *lock(&self.faults.cut) = Some((place.to_owned(), answers));
    }

    /// Loses nothing any more.
    pub fn mend(&self) {
        *lock(&self.faults.cut) = None;
    }

    /// Tells what was asked and answered since the last time: method, place, and the body's media type.
    #[must_use]
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.faults.asked))
    }

    /// Makes the server one that knows no receipt for a whole batch.
    pub fn forget_compact_receipts(&self) {
        self.faults.no_compact.store(true, Ordering::SeqCst);
    }

    /// Changes the last salt of every receipt for a whole batch.
    pub fn spoil_compact_receipts(&self) {
        self.faults.spoilt_compact.store(true, Ordering::SeqCst);
    }
}

impl Drop for LossyProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes one request of a connection, then closes it.
async fn pass(mut client: TcpStream, server: &str, faults: &Faults) -> std::io::Result<()> {
    if faults.unplugged.load(Ordering::SeqCst) {
        return Ok(());
    }
    if faults.silent.load(Ordering::SeqCst) {
        faults.held.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<()>().await;
    }
    let asked = |head: String| {
        let head = if faults.no_compact.load(Ordering::SeqCst) {
            head.replace(COMPACT_RECEIPTS_MEDIA_TYPE, "*/*")
        } else {
            head
        };
        if faults.no_packed.load(Ordering::SeqCst) {
            head.replace(COMPACT_VERDICTS_MEDIA_TYPE, "*/*")
                .replace("accept-encoding: gzip", "accept-encoding: identity")
        } else {
            head
        }
    };
    let exchanged = exchange(&mut client, server, asked).await?;
    let Some((head, mut answer)) = exchanged else { return Ok(()) };
    let is_compact = String::from_utf8_lossy(&answer).contains(COMPACT_RECEIPTS_MEDIA_TYPE);
    if is_compact && faults.spoilt_compact.load(Ordering::SeqCst) {
        // It ends with the salts.
        *answer.last_mut().expect("an answer") ^= 1;
    }
    let lose = |left: usize| left.checked_sub(1);
    if head.starts_with("PUT ")
        && faults.to_lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, lose).is_ok()
    {
        return Ok(());
    }
    if faults.no_packed.load(Ordering::SeqCst) {
        rename(&mut answer, b"\"accepts\"", b"\"unknown\"");
    }
    let media_type = head.lines().find_map(|line| line.strip_prefix("content-type: "));
    let media_type = media_type.map(|name| format!(" {name}")).unwrap_or_default();
    let line = format!("{}{media_type}", head.split(" HTTP").next().unwrap_or_default());
    if let Some((place, left)) = &mut *lock(&faults.cut)
        && line.split(' ').nth(1).is_some_and(|asked| asked.starts_with(place.as_str()))
    {
        let Some(fewer) = left.checked_sub(1) else { return Ok(()) };
        *left = fewer;
    }
    lock(&faults.asked).push(line);
    client.write_all(&answer).await?;
    client.shutdown().await
}

/// Puts another name of the same length in the place of one.
fn rename(answer: &mut [u8], from: &[u8], to: &[u8]) {
    let at = answer.windows(from.len()).position(|bytes| bytes == from);
    if let Some(at) = at {
        answer[at..at + from.len()].copy_from_slice(to);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads one request of a connection, asks the server with the head that `asked` makes of it, and
/// gives that head with the server's whole answer; nothing if there was no request.
pub(crate) async fn exchange(
    client: &mut TcpStream,
    server: &str,
    asked: impl FnOnce(String) -> String,
) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let Some((head, body)) = request(client).await? else { return Ok(None) };
    let head = asked(head);
    let mut upstream = TcpStream::connect(server).await?;
    let one_request = head.replacen("\r\n\r\n", "\r\nconnection: close\r\n\r\n", 1);
    upstream.write_all(one_request.as_bytes()).await?;
    upstream.write_all(&body).await?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).await?;
    Ok(Some((head, answer)))
}

/// Reads one request of a connection, head and body; nothing if there was none.
pub(crate) async fn request(client: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut request = Vec::new();
    let head_end = loop {
        if client.read_buf(&mut request).await? == 0 {
            return Ok(None);
        }
        if let Some(at) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let (head, mut body) = (request[..head_end].to_vec(), request[head_end..].to_vec());
    let head = String::from_utf8(head).map_err(std::io::Error::other)?;
    while body.len() < content_length(&head) {
        if client.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some((head, body)))
}

fn content_length(head: &str) -> usize {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let line = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    line.map_or(0, |(_, value)| value.trim().parse().expect("a length"))
}
