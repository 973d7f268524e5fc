//! What the commands that listen share: a runtime, a port, a log, a way to stop.

use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Makes the runtime of a command that waits for the network.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Runtime::new().context("the system has no room for threads")
}

/// Listens on a loopback address.
pub(crate) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    if !address.ip().is_loopback() {
        anyhow::bail!(
            "{address} is not a loopback address: listen on 127.0.0.1 and put a reverse proxy with \
             TLS in front"
        );
    }
    TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}: stop what uses the port, or choose another with --listen"
        )
    })
}

/// Resolves when the process is asked to stop. It listens from this call on, before it is awaited: who
/// has read the address may stop the process at once.
pub(crate) fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    let interrupt = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = signal(SignalKind::terminate());
        async move {
            match terminate {
                Ok(mut terminate) => tokio::select! {
                    () = interrupt => {}
                    _ = terminate.recv() => {}
                },
                Err(_) => interrupt.await,
            }
        }
    }
    #[cfg(not(unix))]
    interrupt
}

/// Logs to standard error; `QATYSU_LOG` chooses how much (`warn` if unset).
pub(crate) fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("QATYSU_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second logger in one process would be a slip of ours, and harmless.
    drop(log.try_init());
}
