//! `qatysu what-if`

use std::path::PathBuf;

use anyhow::Context as _;
use attendance::GroupId;
use ledger::{Scope, Sums, WhatIf, WhatIfError};
use serde_json::{Map, Value, json};

use crate::audit;
use crate::console::{Colour, Console, Exit, paint};

/// Show a closed month under other rules, side by side. It changes nothing.
///
/// The bundle is audited first: a comparison with sums that do not hold would mislead.
///
/// Exit codes: 0 compared, 1 the bundle does not hold or a rule cannot be so, 3 a file could not be read.
#[derive(clap::Args, Debug)]
#[command(group(clap::ArgGroup::new("changes").required(true).multiple(true)))]
#[command(after_help = "Examples:
  qatysu what-if 2026-09.bundle.json --set payout_policy=ENROLMENT
  qatysu what-if 2026-09.bundle.json --set excused_cap_percent=0 --set basis=CALENDAR --json
  qatysu what-if 2026-09.bundle.json --set min_confirmed=2 --for provider:a1a1a1a1a1a1a1a1
  qatysu what-if 2026-09.bundle.json --rules other-rules.json --roots trust.roots")]
pub(crate) struct WhatIfArgs {
    /// Bundle of a closed month, JSON
    #[arg(value_name = "BUNDLE.json")]
    bundle: PathBuf,
    /// A parameter to try out, by its id in the rules; repeatable
    #[arg(long = "set", group = "changes", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Parameters to try out, a JSON object
    #[arg(long, group = "changes", value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Try it for a part of the district alone: `provider:ID`, or `programme:GROUP,GROUP`
    #[arg(long = "for", value_name = "SCOPE", value_parser = parse_scope)]
    scope: Option<Scope>,
    /// Root keys that the bundle must rest on
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
}

pub(crate) fn run(args: &WhatIfArgs, console: Console) -> anyhow::Result<Exit> {
    let changes = changes(args)?;
    let audited = match audit::open(&args.bundle, args.roots.as_deref(), console)? {
        Ok(audited) => audited,
        Err(finding) => return Ok(audit::tell_finding(&finding, console)),
    };
    let audit::Recomputed { snapshots, events, basis, report, .. } = audited;
    let scope = args.scope.clone();
    match ledger::what_if(&snapshots, &events, report.month, basis, &changes, scope) {
        Ok(compared) => {
            tell(&compared, console);
            console.json(&serde_json::to_value(&compared)?);
            Ok(Exit::Fine)
        }
        Err(refused) => Ok(refuse(&refused, console)),
    }
}

fn parse_scope(text: &str) -> Result<Scope, String> {
    let refused = || "write it as provider:ID or programme:GROUP,GROUP".to_owned();
    let (kind, ids) = text.split_once(':').ok_or_else(refused)?;
    match kind {
        "provider" => Ok(Scope::Provider(ids.parse().map_err(|_| refused())?)),
        "programme" => {
            let groups = ids.split(',').map(str::parse::<GroupId>).collect::<Result<_, _>>();
            Ok(Scope::Programme(groups.map_err(|_| refused())?))
        }
        _ => Err(refused()),
    }
}

fn changes(args: &WhatIfArgs) -> anyhow::Result<Map<String, Value>> {
    let mut changes = Map::new();
    if let Some(file) = &args.rules {
        let shown = file.display();
        let text = std::fs::read(file).with_context(|| format!("cannot read {shown}"))?;
        let rules = serde_json::from_slice::<Map<String, Value>>(&text);
        changes.extend(rules.with_context(|| format!("{shown} is no JSON object of parameters"))?);
    }
    for change in &args.set {
        let (name, value) = change
            .split_once('=')
            .with_context(|| format!("--set {change}: write it as NAME=VALUE"))?;
        // A number or true is itself; whatever is no JSON is a word.
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        changes.insert(name.to_owned(), value);
    }
    Ok(changes)
}

fn tell(compared: &WhatIf, console: Console) {
    let WhatIf { month, rule_version, parameters, in_force, tried, lines, unchanged, .. } =
        compared;
    console.line(format!("month     {month}, rules {rule_version}; nothing is changed"));
    for parameter in parameters {
        let (name, from, to) = (&parameter.name, &parameter.in_force, &parameter.tried);
        console.line(format!("rule      {name}: {from} in force, {to} tried"));
    }
    console.line(format!("{:<9} {:>16} {:>16} {:>16}", "", "in force", "tried", "difference"));
    for (name, sum) in SUMS {
        side_by_side(name, sum(in_force), sum(tried), console);
    }
    let (before, after) = (&compared.corrections, &compared.corrections_tried);
    if before != after || *before != Sums::default() {
        console.line("corrections of months closed before");
        for (name, sum) in SUMS.into_iter().skip(1) {
            side_by_side(name, sum(before), sum(after), console);
        }
    }
    for line in lines {
        console.line(format!("voucher   {} of provider {}", line.voucher, line.provider));
        for (name, sum) in SUMS {
            let (in_force, tried) = (sum(&line.in_force), sum(&line.tried));
            if in_force != tried {
                side_by_side(name, in_force, tried, console);
            }
        }
    }
    console.line(format!("{unchanged} vouchers come to the same"));
}

fn side_by_side(name: &str, in_force: ledger::Tiyn, tried: ledger::Tiyn, console: Console) {
    let more = tried.checked_sub(in_force).unwrap_or_default();
    let sign = if more > ledger::Tiyn::ZERO { "+" } else { "" };
    let (in_force, tried) = (in_force.to_string(), tried.to_string());
    console.line(format!("  {name:<7} {in_force:>16} {tried:>16} {:>16}", format!("{sign}{more}")));
}

fn refuse(refused: &WhatIfError, console: Console) -> Exit {
    console.line(format!("{}: {refused}", paint("refused", Colour::Red)));
    console.json(&json!({ "refused": refused.to_string() }));
    Exit::Refused
}

/// Reads one of four sums.
type Sum = fn(&Sums) -> ledger::Tiyn;

/// What is shown, in tenge.
const SUMS: [(&str, Sum); 4] = [
    ("plan", |sums| sums.plan_tiyn),
    ("to pay", |sums| sums.accrued_tiyn),
    ("held", |sums| sums.held_tiyn),
    ("back", |sums| sums.released_tiyn),
];
