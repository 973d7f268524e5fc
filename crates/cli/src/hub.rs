//! `qatysu hub`

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::json;
use shell_core::{HUB_PORT, Pace, Shell, ShellClock, ShellConfig};

use crate::console::{Console, Exit};
use crate::{host, time};

/// Keep parcels of tablets around here and pass them on to the server.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu hub --data ~/qatysu-coordinator
  qatysu hub --data ~/qatysu-coordinator --listen 192.168.1.5:7402 --no-announce

The directory is that of an enrolled coordinator's or teacher's device, whose key signs for what is
kept. Tablets find the hub on the local network, or scan the code that is printed first. What they
leave here is sealed to the server: nobody reads it on the way.")]
pub(crate) struct HubArgs {
    /// The device's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value_t = SocketAddr::from(([0, 0, 0, 0], HUB_PORT)))]
    listen: SocketAddr,
    /// Do not tell the local network: tablets need the code then.
    #[arg(long)]
    no_announce: bool,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(crate) fn run(args: &HubArgs, console: Console) -> anyhow::Result<Exit> {
    host::log_to_stderr();
    let clock = args.clock.map_or_else(ShellClock::system, ShellClock::starting_at);
    let config = ShellConfig { data_dir: args.data.clone(), clock };
    host::runtime()?.block_on(async {
        let shell = Shell::open(config)?;
        let stop = host::asked_to_stop();
        open(&shell, args.listen, !args.no_announce, console).await?;
        let (syncing, forwarding) = (shell.spawn_sync(Pace::default()), shell.spawn_forwarding());
        stop.await;
        shell.close_hub().await;
        syncing.abort();
        forwarding.abort();
        Ok(Exit::Fine)
    })
}

/// Switches the hub of a device on, and says where it is.
pub(crate) async fn open(
    shell: &Shell,
    listen: SocketAddr,
    announce: bool,
    console: Console,
) -> anyhow::Result<()> {
    let address = shell.open_hub(listen, announce).await?;
    let code = address.to_text();
    for at in &address.addresses {
        console.line(format!("hub at {at}"));
    }
    console.line(format!("hub code {code}"));
    console.json(&json!({
        "hub": address.addresses,
        "code": code,
        "device": address.device.to_string(),
    }));
    Ok(())
}
