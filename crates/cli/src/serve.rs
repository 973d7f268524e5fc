//! `qatysu serve`

mod settings;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;
use server::{Doors, Server, ServerClock, TLS_CA_FILE, Tls};
use tokio::net::TcpListener;

use crate::console::{Console, Exit};
use crate::serve::settings::{Settings, TlsSettings};
use crate::{host, time};

/// An annotated file for `--config`; what it says is what holds without one.
const EXAMPLE: &str = include_str!("serve/example.toml");

/// Run the sync server until it is told to stop.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu serve --data /var/lib/qatysu
  qatysu serve --data /var/lib/qatysu --listen 127.0.0.1:0 --json
  qatysu serve --data /var/lib/qatysu --listen 0.0.0.0:7400 --tls self --tls-name 192.168.1.10
  qatysu serve --print-config > qatysu.toml && qatysu serve --config qatysu.toml

The first line printed is the address. Flags count before the file. docs/OPERATING.md tells more.")]
pub(crate) struct ServeArgs {
    /// The server's directory, made by `qatysu init`.
    #[arg(long, value_name = "DIR", required_unless_present_any = ["config", "print_config"])]
    data: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:7400].
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where health and metrics are asked for; not for the public [default: on this machine, nine
    /// ports above].
    #[arg(long, value_name = "ADDR")]
    admin_listen: Option<SocketAddr>,
    /// Read settings from a file (TOML).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print an annotated file of settings, and do nothing else.
    #[arg(long)]
    print_config: bool,
    /// How to write the log to standard error.
    #[arg(long, value_enum, value_name = "FORMAT")]
    log_format: Option<host::LogFormat>,
    /// How much to log, such as `warn,server=info`; QATYSU_LOG counts before it.
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// Speak TLS with an authority of the server's own, which tickets pin.
    #[arg(long, value_enum, value_name = "HOW", conflicts_with_all = ["tls_cert", "tls_key"])]
    tls: Option<TlsOfOurOwn>,
    /// A host name or IP address that devices reach this server by; may be repeated. This machine's
    /// own and the one of --listen are among them anyway.
    #[arg(long, value_name = "NAME")]
    tls_name: Vec<String>,
    /// Speak TLS with the certificates of this file (PEM), read again at SIGHUP and on change.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of --tls-cert (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Listen without TLS beyond this machine: tokens and names are then read on the way.
    #[arg(long)]
    plain_http: bool,
    /// Where to take parcels in datagrams (UDP); the address of HTTP unless given. A reverse proxy does
    /// not pass them on: open this one to the devices.
    #[arg(long, value_name = "ADDR")]
    datagrams: Option<SocketAddr>,
    /// Where people reach the console, as https://NAME; passkeys are for this name alone [default:
    /// localhost, at the port of --listen].
    #[arg(long, value_name = "ORIGIN")]
    console: Option<String>,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

/// Whose certificates.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum TlsOfOurOwn {
    /// The server's own authority, made beside its other keys.
    #[value(name = "self")]
    Own,
}

pub(crate) fn run(args: &ServeArgs, console: Console) -> anyhow::Result<Exit> {
    if args.print_config {
        console.raw(EXAMPLE.trim_end());
        return Ok(Exit::Fine);
    }
    let settings = settings(args)?;
    let data = settings
        .data
        .clone()
        .context("no directory is named: say --data DIR, or `data` in the file of --config")?;
    host::log_as(settings.log_format, settings.log.as_deref());
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    host::runtime()?.block_on(async {
        let server = Server::open_with(&data, clock, settings.limits.clone()).await?;
        let tls = tls(&settings, &data)?;
        let stop = host::asked_to_stop();
        if let Some(at) = args.datagrams {
            server.open_datagrams_at(at);
        }
        let listener = if tls.is_some() || settings.plain_http {
            host::listen_beyond(settings.listen).await?
        } else {
            host::listen(settings.listen).await?
        };
        let admin = admin(&settings, listener.local_addr()?).await?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr()?);
        console.line(format!("listening on {address}"));
        console.line(format!("log {}", server.origin()));
        let key = server.log_key().to_string();
        console.line(format!("log key {key}"));
        let port = listener.local_addr()?.port();
        let at = settings.console.clone().unwrap_or_else(|| format!("{scheme}://localhost:{port}"));
        let first = server.open_console(&at).await?;
        console.line(format!("console on {at}/console"));
        if let Some(link) = &first {
            let until = time::clock(link.until_ms);
            console.line(format!("nobody can sign in yet; once, until {until}: {}", link.url));
        }
        let admin_address = admin.as_ref().map(TcpListener::local_addr).transpose()?;
        let admin_address = admin_address.map(|address| format!("http://{address}"));
        if let Some(address) = &admin_address {
            console.line(format!("health and metrics on {address}"));
        }
        console.json(&json!({
            "address": address,
            "origin": server.origin(),
            "log_key": key,
            "admin": admin_address,
            "console": format!("{at}/console"),
            "console_link": first.map(|link| link.url),
        }));
        server::serve_with(listener, server, Doors { tls, admin }, stop).await?;
        Ok(Exit::Fine)
    })
}

/// Reads the file, and puts the flags over it.
fn settings(args: &ServeArgs) -> anyhow::Result<Settings> {
    let mut settings = match &args.config {
        Some(path) => Settings::read(path)?,
        None => Settings::default(),
    };
    settings.data = args.data.clone().or(settings.data);
    settings.listen = args.listen.unwrap_or(settings.listen);
    settings.admin_listen = args.admin_listen.or(settings.admin_listen);
    settings.log_format = args.log_format.unwrap_or(settings.log_format);
    settings.log = args.log.clone().or(settings.log);
    settings.plain_http |= args.plain_http;
    settings.console = args.console.clone().or(settings.console);
    if let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) {
        settings.tls =
            Some(TlsSettings::Files { certificate: certificate.clone(), key: key.clone() });
    }
    if let Some(TlsOfOurOwn::Own) = args.tls {
        let mut names = args.tls_name.clone();
        if let Some(TlsSettings::Own { names: more }) = &settings.tls {
            names.extend_from_slice(more);
        }
        settings.tls = Some(TlsSettings::Own { names });
    }
    Ok(settings)
}

/// Prepares TLS, if it is wanted.
fn tls(settings: &Settings, data: &std::path::Path) -> anyhow::Result<Option<Tls>> {
    Ok(match &settings.tls {
        None => None,
        Some(TlsSettings::Own { names }) => {
            let mut all = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
            let listen = settings.listen.ip();
            if !listen.is_unspecified() {
                all.push(listen.to_string());
            }
            all.extend_from_slice(names);
            all.sort();
            all.dedup();
            Some(Tls::own(data, all)?)
        }
        Some(TlsSettings::Files { certificate, key }) => {
            if data.join(TLS_CA_FILE).exists() {
                anyhow::bail!(
                    "{} is there: tickets would pin this server's own authority, and devices would \
                     refuse the certificate of --tls-cert. Move it away first",
                    data.join(TLS_CA_FILE).display()
                );
            }
            Some(Tls::files(certificate, key)?)
        }
    })
}

/// How far above the server's port the operator's is: the ports between are those of devices' hosts.
const ADMIN_OFFSET: u16 = 9;

/// Listens for the operator. Where the port was not asked for and is taken, there is none.
async fn admin(settings: &Settings, public: SocketAddr) -> anyhow::Result<Option<TcpListener>> {
    if let Some(address) = settings.admin_listen {
        return Ok(Some(host::listen_beyond(address).await?));
    }
    // Beside a port that the system chose, the system chooses this one too.
    let beside = public.port().wrapping_add(ADMIN_OFFSET);
    let port = if settings.listen.port() == 0 { 0 } else { beside };
    match host::listen(SocketAddr::from(([127, 0, 0, 1], port))).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) => {
            host::warn(&format!("no health and metrics: {error}"));
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_file_says_what_holds_without_one() {
        let said: Settings = toml::from_str(EXAMPLE).unwrap();
        let data = Some(PathBuf::from("/var/lib/qatysu"));
        assert_eq!(said, Settings { data, ..Settings::default() });
        // Each limit is in it, by name.
        let limits = serde_json::to_value(server::ServerConfig::default()).unwrap();
        for name in limits.as_object().unwrap().keys() {
            assert!(EXAMPLE.contains(&format!("\n{name} =")), "{name} is not in the example");
        }
        // What is commented out can be used too.
        let with_tls = EXAMPLE.replace("# [tls]\n# names", "[tls]\nnames");
        assert_ne!(with_tls, EXAMPLE);
        let said: Settings = toml::from_str(&with_tls).unwrap();
        assert_eq!(said.tls, Some(TlsSettings::Own { names: vec!["192.168.1.10".to_owned()] }));
    }
}
