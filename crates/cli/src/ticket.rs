//! `qatysu ticket`

use std::path::PathBuf;

use attendance::{ChildId, GroupId, ProviderId, Role};
use serde_json::json;
use server::{Grant, Server, ServerClock};

use crate::console::{Console, Exit};
use crate::{host, time};

/// Make a one-time enrolment ticket.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu ticket --data /var/lib/qatysu --server https://qatysu.example.kz \\
      --role teacher --name 'Gym tablet 2' --provider 00000000000000a1 --group 00000000000000b1")]
pub(crate) struct TicketArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The server's address, as devices reach it.
    #[arg(long, value_name = "URL")]
    server: String,
    /// Whose device it becomes.
    #[arg(long, value_enum)]
    role: RoleName,
    /// The device's name on the coordinator's board; no child's name.
    #[arg(long)]
    name: String,
    /// The provider, for a teacher and for an administrator.
    #[arg(long, value_name = "ID", required_if_eq_any([("role", "teacher"), ("role", "provider-admin")]))]
    provider: Option<ProviderId>,
    /// A group of the teacher; may be repeated.
    #[arg(long = "group", value_name = "ID")]
    groups: Vec<GroupId>,
    /// A child of the parent; may be repeated.
    #[arg(long = "child", value_name = "ID", required_if_eq("role", "parent"))]
    children: Vec<ChildId>,
    /// For how many minutes the ticket is good, at most 10.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=10))]
    minutes: i64,
    /// Make it for a server without TLS beyond this machine: tokens and names are read on the way.
    #[arg(long)]
    plain_http: bool,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

/// A role, as it is written on the command line.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum RoleName {
    /// Scans at the door.
    Teacher,
    /// Sees and confirms visits.
    Parent,
    /// Closes months.
    Coordinator,
    /// Signs a provider's sheets and acts.
    ProviderAdmin,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Teacher => Self::Teacher,
            RoleName::Parent => Self::Parent,
            RoleName::Coordinator => Self::Coordinator,
            RoleName::ProviderAdmin => Self::ProviderAdmin,
        }
    }
}

pub(crate) fn run(args: &TicketArgs, console: Console) -> anyhow::Result<Exit> {
    if !args.plain_http && !secure(&args.server) {
        anyhow::bail!(
            "{} has no TLS: devices would send tokens and names in the open. Use an https:// address \
             (`qatysu serve --tls self`), or say --plain-http",
            args.server
        );
    }
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let grant = Grant {
        role: args.role.into(),
        provider: args.provider,
        groups: args.groups.clone(),
        children: args.children.clone(),
        name: args.name.clone(),
    };
    let ticket = host::runtime()?.block_on(async {
        let server = Server::open(&args.data, clock).await?;
        anyhow::Ok(server.make_ticket(&grant, &args.server, args.minutes * 60_000).await?)
    })?;
    let text = ticket.to_text();
    console.line(&text);
    console.json(&json!({ "ticket": text, "minutes": args.minutes }));
    Ok(Exit::Fine)
}

/// True for an address under TLS, and for one of this machine.
fn secure(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else { return true };
    let host = rest.split('/').next().unwrap_or(rest);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::secure;

    #[test]
    fn plain_addresses_beyond_this_machine_are_told_from_others() {
        for fine in
            ["https://a.example", "http://127.0.0.1:1", "http://[::1]:7400", "http://localhost/x"]
        {
            assert!(secure(fine), "{fine}");
        }
        for open in ["http://192.168.1.5:7400", "http://a.example", "http://[2001:db8::1]:7400"] {
            assert!(!secure(open), "{open}");
        }
    }
}
