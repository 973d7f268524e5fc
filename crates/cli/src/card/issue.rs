//! `qatysu card issue`: one signed card.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::{CardClaims, CardId, ChildId, IssuedCard, VoucherId, issue_card};
use chrono::NaiveDate;
use qr::{ErrorCorrection, Symbol};
use seal::{Hash, PublicKey, SoftwareKey};
use serde_json::{Value, json};

use crate::card::{local_time, log};
use crate::console::{Console, Exit};
use crate::picture::write_png;
use crate::time;

/// Sign one card and print its text, short code and sizes.
///
/// With `--json` the line printed is what `qatysu card sheet` and `qatysu card log` read.
///
/// An issuance belongs into the district's log: give `--data` where the server's directory is at hand,
/// or hand the line to `qatysu card log` there. A card that is not logged is accepted by devices, and
/// auditors see its visits as those of a card that nobody issued.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu card issue --key issuer/card.key --child 0a0b0c0d0e0f000102030405 \\\n      \
    --voucher 0102030405060708 --expires 2027-01-01 --png card.png\n  \
    qatysu card issue --key issuer/card.key --child 0a0b0c0d0e0f000102030405 \\\n      \
    --voucher 0102030405060708 --expires 2027-01-01 --json >> cards.jsonl\n  \
    qatysu card issue --key issuer/card.key --child 0a0b0c0d0e0f000102030405 \\\n      \
    --voucher 0102030405060708 --expires 2027-01-01 --data /var/lib/qatysu")]
pub(crate) struct IssueArgs {
    /// Card key: a file with 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The child's pseudonym, 24 hexadecimal digits
    #[arg(long, value_name = "HEX")]
    child: ChildId,
    /// The voucher, 16 hexadecimal digits
    #[arg(long, value_name = "HEX")]
    voucher: VoucherId,
    /// First day on which the card no longer holds (UTC+5)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    expires: NaiveDate,
    /// The card's id, 16 hexadecimal digits [default: random]
    #[arg(long, value_name = "HEX")]
    card: Option<CardId>,
    /// The card's place in the status list, by which it can be revoked; two cards with one place can only
    /// be revoked together [default: the next free one with --data, else 0]
    #[arg(long, value_name = "N")]
    status_index: Option<u32>,
    /// Public key of the family's phone, 64 hexadecimal digits
    #[arg(long, value_name = "HEX", value_parser = holder_key)]
    holder: Option<HolderKey>,
    /// Line printed beside the QR Code on a sheet [default: the child's pseudonym]
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Write the QR Code as PNG
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Log the card at once, in the server's directory; refused, it is not issued
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Take this for the time of logging: for demonstrations
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms, requires = "data")]
    clock: Option<i64>,
}

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| "expected a day such as 2027-01-01".to_owned())
}

/// The bytes of a key that was found to be one.
type HolderKey = [u8; 32];

fn holder_key(text: &str) -> Result<HolderKey, String> {
    let bytes = Hash::from_hex(text).ok_or("expected 64 hexadecimal digits")?;
    PublicKey::parse(bytes.as_ref()).map_err(|rejection| rejection.to_string())?;
    Ok(bytes.0)
}

pub(super) fn run(args: &IssueArgs, console: Console) -> anyhow::Result<Exit> {
    let label = args.label.clone().unwrap_or_else(|| args.child.to_string());
    let claims = claims(args)?;
    let issued = issue_card(&read_key(&args.key)?, &claims)?;
    let symbol = qr::encode(&issued.text, ErrorCorrection::Q)?;
    let logged = match &args.data {
        Some(data) => match log::log(data, args.clock, std::slice::from_ref(&issued.bytes))? {
            Ok(mut logged) => logged.pop(),
            Err(why) => return Ok(log::refuse(console, &format!("{why}; no card was issued"))),
        },
        None => None,
    };
    if let Some(path) = &args.png {
        write_png(path, &symbol.render(8, 4))?;
    }
    console.line(&issued.text);
    console.line(format!("code      {}", issued.code));
    console.line(format!("card      {}", claims.card));
    console.line(format!("expires   {}", local_time(claims.expires_at_s.into())));
    console.line(format!("sha256    {}", issued.hash));
    console.line(sizes(&issued, &symbol));
    if let Some(logged) = &logged {
        console.line(log::in_words(logged));
    }
    let mut shown = to_json(&claims, &issued, &label);
    if let (Some(logged), Value::Object(shown)) = (&logged, &mut shown) {
        shown.insert("leaf".to_owned(), logged.leaf_index.into());
    }
    console.json(&shown);
    Ok(Exit::Fine)
}

fn claims(args: &IssueArgs) -> anyhow::Result<CardClaims> {
    let card = match args.card {
        Some(card) => card,
        None => random_card()?,
    };
    let expires_ms = ledger::local_ms(args.expires, 0).context("--expires is out of range")?;
    let expires_at_s = u32::try_from(expires_ms.div_euclid(1000))
        .context("--expires must be a day between 1970-01-02 and 2106-02-06")?;
    Ok(CardClaims {
        expires_at_s,
        card,
        child: args.child,
        voucher: args.voucher,
        status_index: match (args.status_index, &args.data) {
            (Some(index), _) => index,
            (None, Some(data)) => log::next_index(data, args.clock)?,
            (None, None) => 0,
        },
        holder: args.holder,
    })
}

fn random_card() -> anyhow::Result<CardId> {
    let mut id = [0; 8];
    getrandom::fill(&mut id).context("the system gave no random bytes: give --card HEX")?;
    Ok(CardId(id))
}

fn read_key(path: &Path) -> anyhow::Result<SoftwareKey> {
    Ok(server::read_key(path)?)
}

fn sizes(issued: &IssuedCard, symbol: &Symbol) -> String {
    let (bytes, characters) = (issued.bytes.len(), issued.text.len());
    let (version, side) = (symbol.version(), symbol.size());
    format!(
        "size      {bytes} bytes, {characters} characters, QR version {version} ({side} squares)"
    )
}

fn to_json(claims: &CardClaims, issued: &IssuedCard, label: &str) -> Value {
    json!({
        "text": issued.text,
        "code": issued.code.to_string(),
        "label": label,
        "card": claims.card,
        "child": claims.child,
        "voucher": claims.voucher,
        "expires": local_time(claims.expires_at_s.into()),
        "status_index": claims.status_index,
        "sha256": issued.hash.to_string(),
        "bytes": issued.bytes.len(),
        "characters": issued.text.len(),
    })
}
