//! `qatysu kiosk`

mod service;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::json;
use shell_core::{Pace, Shell, ShellClock, ShellConfig};

use crate::console::{Console, Exit};
use crate::ticket::RoleName;
use crate::{host, hub, time, vault};

/// Run a device in a browser.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu kiosk --data ~/qatysu-teacher --role teacher --ticket 'OE1:…'
  qatysu kiosk --data ~/qatysu-teacher --role teacher
  qatysu kiosk --data ~/qatysu-coordinator --role coordinator --hub
  qatysu kiosk --data /var/lib/qatysu-kiosk --role teacher --print-service > qatysu-kiosk.service

The ticket is needed once; without one the page asks for it. The page answers on this machine only.")]
pub(crate) struct KioskArgs {
    /// The device's directory; made on the first start.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Whose device it is; the certificate must say the same.
    #[arg(long, value_enum)]
    role: RoleName,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7401")]
    listen: SocketAddr,
    /// Be a hub too, for tablets on the local network, at this address.
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "0.0.0.0:7402")]
    hub: Option<SocketAddr>,
    /// The enrolment ticket, on the first start; the page takes it too.
    #[arg(long, value_name = "TEXT")]
    ticket: Option<String>,
    /// The UI's files, made by `cargo xtask ui`.
    #[arg(long, value_name = "DIR")]
    ui: Option<PathBuf>,
    /// Wrap the device's keys with the passphrase in this file; `-` reads one line of input. From
    /// then on it is always needed. Without it the keys are in a private file beside the data.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Print a systemd unit that runs this kiosk on a school's PC, and do nothing else.
    #[arg(long)]
    print_service: bool,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(crate) fn run(args: &KioskArgs, console: Console) -> anyhow::Result<Exit> {
    if args.print_service {
        console.raw(service::unit(args)?.trim_end());
        return Ok(Exit::Fine);
    }
    host::log_to_stderr();
    let clock = args.clock.map_or_else(ShellClock::system, ShellClock::starting_at);
    let config = ShellConfig { data_dir: args.data.clone(), clock };
    let ui = args.ui.clone().unwrap_or_else(ui_dir);
    let vault = vault::of(args.passphrase_file.as_deref())?;
    host::runtime()?.block_on(async {
        let shell = Shell::open_with(config, &*vault)?;
        let router = web_shell::router(shell.clone(), &ui)?;
        let listener = host::listen(args.listen).await?;
        if let Some(ticket) = &args.ticket {
            shell.enrol(ticket).await?;
        }
        refuse_other_role(&shell, args.role.into()).await?;
        let address = format!("http://{}", listener.local_addr()?);
        console.line(format!("listening on {address}"));
        console.json(&json!({ "address": address }));
        if let Some(at) = args.hub {
            hub::open(&shell, at, true, console).await?;
        }
        shell.search_nearby(true);
        let (syncing, forwarding) = (shell.spawn_sync(Pace::lively()), shell.spawn_forwarding());
        web_shell::serve(listener, router, host::asked_to_stop()).await;
        syncing.abort();
        forwarding.abort();
        shell.close_hub().await;
        Ok(Exit::Fine)
    })
}

/// The UI beside the program, or else the one of a checkout.
pub(crate) fn ui_dir() -> PathBuf {
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(|dir| dir.join("ui")))
        .filter(|dir| dir.join("index.html").is_file());
    beside.unwrap_or_else(|| Path::new("src-ui/dist").to_owned())
}

async fn refuse_other_role(shell: &Shell, role: attendance::Role) -> anyhow::Result<()> {
    let enrolled = shell.device().with(|device| device.enrolment().map(|e| e.role())).await;
    match enrolled {
        Some(found) if found == role => Ok(()),
        Some(found) => anyhow::bail!(
            "this directory belongs to another role ({found:?}): choose another --data or --role"
        ),
        // The page asks for the ticket.
        None => Ok(()),
    }
}
