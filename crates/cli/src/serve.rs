//! `qatysu serve`

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::json;
use server::{Server, ServerClock};

use crate::console::{Console, Exit};
use crate::{host, time};

/// Run the sync server until it is told to stop.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu serve --data /var/lib/qatysu
  qatysu serve --data /var/lib/qatysu --listen 127.0.0.1:0 --json

The first line printed is the address. TLS is a reverse proxy's work.")]
pub(crate) struct ServeArgs {
    /// The server's directory, made by `qatysu init`.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7400")]
    listen: SocketAddr,
    /// Where to take parcels in datagrams (UDP); the address of HTTP unless given. A reverse proxy does
    /// not pass them on: open this one to the devices.
    #[arg(long, value_name = "ADDR")]
    datagrams: Option<SocketAddr>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(crate) fn run(args: &ServeArgs, console: Console) -> anyhow::Result<Exit> {
    host::log_to_stderr();
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    host::runtime()?.block_on(async {
        let server = Server::open(&args.data, clock).await?;
        let stop = host::asked_to_stop();
        let listener = host::listen(args.listen).await?;
        if let Some(at) = args.datagrams {
            server.open_datagrams_at(at);
        }
        let address = format!("http://{}", listener.local_addr()?);
        console.line(format!("listening on {address}"));
        console.line(format!("log {}", server.origin()));
        let key = server.log_key().to_string();
        console.line(format!("log key {key}"));
        console.json(&json!({ "address": address, "origin": server.origin(), "log_key": key }));
        server::serve(listener, server, stop).await?;
        Ok(Exit::Fine)
    })
}
