//! A bare socket: what a caller sees who keeps to no rule.

use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// Longer than any bound of these tests, and far shorter than the usual ones.
pub const LONG: Duration = Duration::from_secs(8);

/// Reads until the other side closes.
///
/// # Panics
/// If it does not.
pub async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset after the answer is an end too.
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut bytes)).await;
    drop(read.expect("the other side closes"));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The moment, in real time.
#[expect(clippy::disallowed_methods, reason = "a test of real time")]
#[must_use]
pub fn moment() -> Instant {
    Instant::now()
}
