//! `qatysu views`

use std::path::PathBuf;

use attendance::{ChildId, DeviceId};
use serde_json::json;
use server::{ServerClock, StoredView, ViewsAsked};

use crate::card::local_time;
use crate::console::{Console, Exit};
use crate::{host, time};

/// Show who saw which child, when and why. Children and devices by their pseudonyms: there is no name.
///
/// Every answer of the server that names a child is written down before it goes. That you look is written
/// down too. The server may be running.
///
/// Exit codes: 0 shown, 1 nobody saw anything, 3 there is no server.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu views --data /var/lib/qatysu --child 0102030405060708090a0b0c
  qatysu views --data /var/lib/qatysu --device 0102030405060708 --after 1200")]
#[command(group = clap::ArgGroup::new("whose").required(true).args(["child", "device"]))]
pub(crate) struct ViewsArgs {
    /// The server's directory.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Who saw this child; what was about every child of the district is among it.
    #[arg(long, value_name = "HEX")]
    child: Option<ChildId>,
    /// What this device saw.
    #[arg(long, value_name = "HEX")]
    device: Option<DeviceId>,
    /// Only what comes after this number.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    after: u64,
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Take this for the time now: for demonstrations.
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(crate) fn run(args: &ViewsArgs, console: Console) -> anyhow::Result<Exit> {
    let clock = args.clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    let asked = match (args.child, args.device) {
        (Some(child), _) => ViewsAsked::Child(child),
        (None, Some(device)) => ViewsAsked::Device(device),
        (None, None) => anyhow::bail!("say whose views: --child or --device"),
    };
    let views = server::views(&args.data, clock, asked, args.after, args.limit);
    let views = host::runtime()?.block_on(views)?;
    for view in &views {
        console.line(line(view));
    }
    if views.len() == args.limit as usize
        && let Some(last) = views.last()
    {
        console.line(format!("there may be more: --after {}", last.number));
    }
    console.json(&json!({ "views": views.iter().map(value).collect::<Vec<_>>() }));
    Ok(if views.is_empty() { Exit::Refused } else { Exit::Fine })
}

fn line(view: &StoredView) -> String {
    let StoredView { number, role, what, why, request, .. } = view;
    let (at, device, child) = (local_time(view.at_ms.div_euclid(1_000)), device(view), child(view));
    format!("{number}  {at}  {role} {device}  {what} of {child}  ({why})  request {request}")
}

fn value(view: &StoredView) -> serde_json::Value {
    json!({
        "number": view.number,
        "at_ms": view.at_ms,
        "device": view.device.map(|device| device.to_string()),
        "role": view.role,
        "child": view.child.map(|child| child.to_string()),
        "what": view.what,
        "why": view.why,
        "request": view.request,
    })
}

fn device(view: &StoredView) -> String {
    view.device.map_or_else(|| "-".to_owned(), |device| device.to_string())
}

fn child(view: &StoredView) -> String {
    view.child.map_or_else(|| "every child".to_owned(), |child| child.to_string())
}
