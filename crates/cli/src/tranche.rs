//! `qatysu tranche`

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use ledger::{Case, CaseRefusal};
use serde_json::json;

use crate::console::{Console, Exit};

/// Calculate one voucher's month from its bare facts, without a server or a log.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu tranche --case september.json
  qatysu tranche --case - < september.json
  qatysu tranche --case september.json --json | jq .rows[0].accrued_tiyn

A case, with amounts in tiyn and days in UTC+5; `calendar`, `params`, `segments` and the lists of days may
be left out:
  { \"total_tiyn\": 12000000, \"contract_from\": \"2026-09-14\", \"contract_to\": \"2026-12-31\",
    \"month\": \"2026-09\", \"calendar\": { \"official_off\": [\"2026-10-26\"] },
    \"params\": { \"basis\": \"LESSONS\", \"payout_policy\": \"VISIT_RATIO\" },
    \"segments\": [ { \"provider\": \"A\", \"from\": \"2026-09-14\", \"to\": \"2026-09-30\",
                    \"weekdays\": [\"mon\", \"wed\", \"fri\"], \"present\": [\"2026-09-14\"],
                    \"excused\": [], \"cancelled_by_provider\": [], \"cancelled_official\": [],
                    \"hold\": false } ] }

The answer is JSON: parts, plan, a row for each segment, what is released, and the arithmetic in words. A case
that contradicts itself is refused with the field named, and the exit code is 1.")]
pub(crate) struct TrancheArgs {
    /// The case, a JSON file; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
}

pub(crate) fn run(args: &TrancheArgs, console: Console) -> anyhow::Result<Exit> {
    let json = read(&args.case)?;
    match Case::parse(&json).and_then(|case| case.compute()) {
        Ok(result) if console.json => console.json(&serde_json::to_value(result)?),
        Ok(result) => console.raw(&serde_json::to_string_pretty(&result)?),
        Err(refusal) => return Ok(refuse(&refusal, console)),
    }
    Ok(Exit::Fine)
}

fn refuse(refusal: &CaseRefusal, console: Console) -> Exit {
    eprintln!("refused: {refusal}");
    console.json(&json!({ "refused": { "field": refusal.field, "problem": refusal.problem } }));
    Exit::Refused
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut json = Vec::new();
    let limit = |reader: &mut dyn std::io::Read, json: &mut Vec<u8>| {
        reader.take(CASE_MAX_BYTES + 1).read_to_end(json)
    };
    if path == Path::new("-") {
        limit(&mut std::io::stdin().lock(), &mut json).context("cannot read standard input")?;
    } else {
        let shown = path.display();
        let mut file = std::fs::File::open(path).with_context(|| format!("cannot read {shown}"))?;
        limit(&mut file, &mut json).with_context(|| format!("cannot read {shown}"))?;
    }
    let size = u64::try_from(json.len()).unwrap_or(u64::MAX);
    ensure!(size <= CASE_MAX_BYTES, "a case has at most {CASE_MAX_BYTES} bytes");
    Ok(json)
}

/// A month of the busiest child has some kilobytes.
const CASE_MAX_BYTES: u64 = 1 << 20;
