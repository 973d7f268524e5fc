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
             TLS in front, or let `qatysu serve` speak TLS itself (--tls self)"
        );
    }
    listen_beyond(address).await
}

/// Listens on any address.
pub(crate) async fn listen_beyond(address: SocketAddr) -> anyhow::Result<TcpListener> {
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

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Logs to standard error; `QATYSU_LOG` chooses how much (`warn` if unset).
pub(crate) fn log_to_stderr() {
    log_as(LogFormat::Text, None);
}

/// Logs to standard error in a form; `QATYSU_LOG` chooses how much, then `filter`, then `warn`.
pub(crate) fn log_as(format: LogFormat, filter: Option<&str>) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("QATYSU_LOG")
        .or_else(|_| tracing_subscriber::EnvFilter::try_new(filter.unwrap_or("warn")))
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second logger in one process would be a slip of ours, and harmless.
    match format {
        LogFormat::Text => drop(log.try_init()),
        LogFormat::Json => drop(log.json().flatten_event(true).with_span_list(false).try_init()),
    }
}

/// Says on standard error what the operator should know, and what is no fault.
pub(crate) fn warn(text: &str) {
    eprintln!("warning: {text}");
}
