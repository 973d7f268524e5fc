//! `qatysu card show`: what a card says, and whether to believe it.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use attendance::{CardClaims, CardRejection, QrText, ShortCode, UnverifiedCard};
use seal::Hash;
use serde_json::{Value, json};

use crate::card::local_time;
use crate::card::trust::TrustFiles;
use crate::console::{Colour, Console, Exit, paint};
use crate::time::parse_ms;

/// Decode a card's text and decide whether a trusted issuer signed it.
///
/// Without `--trust` the claims are shown as what they are: anybody could have written them.
///
/// Exit codes: 0 accepted, 1 refused or not verified, 3 a file could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu card show 'OB1:...' --trust data/\n  \
    qatysu scan card.jpg | qatysu card show - --trust trust.list --roots trust.roots\n  \
    qatysu card show - --trust data/ --at 2026-09-14T16:05:00+05:00 < card.txt")]
pub(crate) struct ShowArgs {
    /// Text of the QR Code, `OB1:...`; `-` reads it from standard input
    text: String,
    /// Signed trust list, or a directory with `trust.list` and `trust.roots`
    #[arg(long, value_name = "FILE|DIR")]
    trust: Option<PathBuf>,
    /// Root keys that the trust list must be signed with [default: `trust.roots` beside it]
    #[arg(long, value_name = "FILE", requires = "trust")]
    roots: Option<PathBuf>,
    /// When the card is shown, RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_ms)]
    at: Option<i64>,
}

/// A card's text is shorter by far.
const STDIN_MAX_BYTES: u64 = 64 * 1024;

pub(super) fn run(args: &ShowArgs, console: Console) -> anyhow::Result<Exit> {
    let text = read_text(&args.text)?;
    let trust = args.trust.as_ref();
    let trust = trust.map(|list| TrustFiles::read(list, args.roots.as_deref())).transpose()?;
    let parsed = QrText::parse(&text).and_then(|text| UnverifiedCard::parse(&text));
    let card = match parsed {
        Ok(card) => card,
        Err(rejection) => {
            return Ok(refuse(console, None, rejection.code(), &explain(&rejection)));
        }
    };
    show_claims(console, card.claims(), card.hash());
    let shown = to_json(card.claims(), card.hash());
    let Some(trust) = trust else {
        console.line("not verified: give --trust and --roots, anybody could have written this");
        console.json(&with(shown, json!({ "verdict": "not_verified" })));
        return Ok(Exit::Refused);
    };
    let trust = match trust.verify() {
        Ok(trust) => trust,
        Err(rejection) => {
            return Ok(refuse(console, Some(shown), "trust_list", &rejection.to_string()));
        }
    };
    let at_s = args.at.unwrap_or_else(|| server::ServerClock::system().now_ms()).div_euclid(1000);
    match card.verify(&trust, at_s) {
        Ok(card) => {
            let (key, at) = (card.key_id().to_string(), local_time(at_s));
            let stale = trust.is_stale(at_s);
            let accepted = paint("accepted", Colour::Green);
            console.line(format!("{accepted}: key {key} signed it, and it held at {at}"));
            if stale {
                console.line("the trust list is older than it should be: fetch the newest one");
            }
            let verdict = json!({ "verdict": "accepted", "key": key, "at": at, "stale": stale });
            console.json(&with(shown, verdict));
            Ok(Exit::Fine)
        }
        Err(rejection) => Ok(refuse(console, Some(shown), rejection.code(), &explain(&rejection))),
    }
}

fn read_text(text: &str) -> anyhow::Result<String> {
    if text != "-" {
        return Ok(text.to_owned());
    }
    let mut read = String::new();
    std::io::stdin()
        .take(STDIN_MAX_BYTES)
        .read_to_string(&mut read)
        .context("cannot read the card's text from standard input")?;
    let mut lines = read.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().context("standard input holds no text")?.to_owned();
    anyhow::ensure!(lines.next().is_none(), "standard input holds several texts: give one");
    Ok(first)
}

fn refuse(console: Console, shown: Option<Value>, code: &str, why: &str) -> Exit {
    console.line(format!("{}: {why}", paint("refused", Colour::Red)));
    let verdict = json!({ "verdict": "refused", "refusal": code, "why": why });
    console.json(&with(shown.unwrap_or_else(|| json!({})), verdict));
    Exit::Refused
}

/// Says what happened and what to do; times in words.
fn explain(rejection: &CardRejection) -> String {
    if let CardRejection::Expired { expired_at_s, shown_at_s } = rejection {
        let (ended, shown) = (local_time(*expired_at_s), local_time(*shown_at_s));
        format!("the card ended at {ended} and was shown at {shown}: issue a new card")
    } else {
        rejection.to_string()
    }
}

fn show_claims(console: Console, claims: &CardClaims, hash: Hash) {
    let holder = claims.holder.map_or_else(|| "none: a static card".to_owned(), hex);
    for (name, value) in [
        ("card", claims.card.to_string()),
        ("code", ShortCode::derive_from(claims.card).to_string()),
        ("child", claims.child.to_string()),
        ("voucher", claims.voucher.to_string()),
        ("status", format!("index {}", claims.status_index)),
        ("holder", holder),
        ("expires", local_time(claims.expires_at_s.into())),
        ("sha256", hash.to_string()),
    ] {
        console.line(format!("{name:9} {value}"));
    }
}

fn to_json(claims: &CardClaims, hash: Hash) -> Value {
    json!({
        "card": claims.card,
        "code": ShortCode::derive_from(claims.card).to_string(),
        "child": claims.child,
        "voucher": claims.voucher,
        "status_index": claims.status_index,
        "holder": claims.holder.map(hex),
        "expires": local_time(claims.expires_at_s.into()),
        "sha256": hash.to_string(),
    })
}

fn hex(key: [u8; 32]) -> String {
    Hash(key).to_string()
}

fn with(mut shown: Value, more: Value) -> Value {
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}
