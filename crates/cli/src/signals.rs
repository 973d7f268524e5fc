//! `qatysu signals`

mod from_bundle;
mod tell;

use std::path::PathBuf;

use anyhow::Context as _;
use attendance::ProviderId;
use ledger::signals::{Inspection, Signal, SignalError, SignalParams, SignalQuery, SignalReport};
use ledger::{Day, Month, local_day};
use serde_json::json;
use server::{Server, ServerClock, ServerError, signals_response};

use crate::console::{Colour, Console, Exit, paint};
use crate::{audit, host, time};

/// Show what a person should look at in a month: integrity signals, each with its threshold and the rows
/// behind it, and the spot checks, drawn again.
///
/// A signal punishes nobody and changes no sum: what it means is for a person to find out. Rows name
/// leaves, lessons, groups, devices and children by their pseudonyms; there is no name.
///
/// From a server's directory everything is there; the server may be running, and that you look is
/// written down. From an audit bundle, which is audited first, there is what the log proves: when events
/// came is then known from signed times in the log only, and what a server put aside or decided about
/// cards is not there.
///
/// Exit codes: 0 shown, also if something was found, 1 the bundle does not hold, the month has no rules
/// or a threshold cannot be so, 3 a file could not be read.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu signals --list
  qatysu signals --data /var/lib/qatysu --month 2026-10
  qatysu signals --data /var/lib/qatysu --only scan_burst --set burst_scans_max=5 --json
  qatysu signals --data /var/lib/qatysu --month 2026-10 --inspection 2026-10-12
  qatysu signals --bundle 2026-09.bundle.json --roots trust.roots --only headcount_mismatch")]
#[command(group = clap::ArgGroup::new("from").required(true).args(["data", "bundle", "list"]))]
pub(crate) struct SignalsArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Bundle of a closed month, JSON.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// List the signals, with their rules, thresholds and defaults.
    #[arg(long)]
    list: bool,
    /// Root keys that the bundle must rest on.
    #[arg(long, value_name = "FILE", requires = "bundle")]
    roots: Option<PathBuf>,
    /// The month, like 2026-10; without it the bundle's, or the one that it is now.
    #[arg(long)]
    month: Option<Month>,
    /// Only this signal; repeatable.
    #[arg(long, value_name = "NAME", value_parser = parse_signal)]
    only: Vec<Signal>,
    /// Look with another threshold than the one in force; repeatable. It changes nothing.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_set)]
    set: Vec<(String, u32)>,
    /// The day on which an inspection was announced, to everybody or to one provider; repeatable.
    #[arg(long, value_name = "[PROVIDER=]DAY", value_parser = parse_inspection)]
    inspection: Vec<Inspection>,
    /// How many rows of a signal are shown to people; JSON has them all.
    #[arg(long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(crate) fn run(args: &SignalsArgs, console: Console) -> anyhow::Result<Exit> {
    if args.list {
        tell::list(&SignalParams::default(), console)?;
        return Ok(Exit::Fine);
    }
    let query = SignalQuery {
        only: args.only.clone(),
        set: args.set.clone(),
        inspections: args.inspection.clone(),
    };
    let report = match (&args.data, &args.bundle) {
        (Some(data), _) => of_server(data, args, &query)?,
        (None, Some(bundle)) => match audit::open_whole(bundle, args.roots.as_deref(), console)? {
            Ok((audited, bundle)) => {
                let month = args.month.unwrap_or(audited.report.month);
                from_bundle::report(&audited, &bundle, month, &query)
                    .map_err(|error: SignalError| error.to_string())
            }
            Err(finding) => return Ok(audit::tell_finding(&finding, console)),
        },
        (None, None) => anyhow::bail!("say where from: --data, --bundle or --list"),
    };
    match report {
        Ok(report) => {
            tell::report(
                &signals_response(&report, Some(args.limit)),
                args.set.as_slice(),
                console,
            );
            console.json(&serde_json::to_value(signals_response(&report, None))?);
            Ok(Exit::Fine)
        }
        Err(why) => {
            console.line(format!("{}: {why}", paint("refused", Colour::Red)));
            console.json(&json!({ "refused": why }));
            Ok(Exit::Refused)
        }
    }
}

fn of_server(
    data: &std::path::Path,
    args: &SignalsArgs,
    query: &SignalQuery,
) -> anyhow::Result<Result<SignalReport, String>> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let now = local_day(clock.now_ms()).context("the clock is out of range")?;
    let month = args.month.map_or_else(|| Month::of(now), Ok)?;
    let report = host::runtime()?.block_on(async {
        let server = Server::open(data, clock).await?;
        anyhow::Ok(server.signals_for_operator(month, query).await)
    })?;
    match report {
        Ok(report) => Ok(Ok(report)),
        Err(ServerError::Refused(problem)) => Ok(Err(problem.detail.clone())),
        Err(error) => Err(error.into()),
    }
}

fn parse_signal(name: &str) -> Result<Signal, String> {
    Signal::find(name).ok_or_else(|| "no such signal: see qatysu signals --list".to_owned())
}

fn parse_set(text: &str) -> Result<(String, u32), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let value = value.parse().map_err(|_| format!("{value} is no whole number"))?;
    Ok((name.to_owned(), value))
}

fn parse_inspection(text: &str) -> Result<Inspection, String> {
    let (provider, day) = match text.split_once('=') {
        Some((provider, day)) => (Some(provider), day),
        None => (None, text),
    };
    let provider = provider.map(str::parse::<ProviderId>).transpose();
    let provider = provider.map_err(|_| "a provider has 16 hexadecimal digits".to_owned())?;
    let day: Day = day.parse().map_err(|_| format!("{day} is no day like 2026-10-12"))?;
    Ok(Inspection { provider, day })
}
