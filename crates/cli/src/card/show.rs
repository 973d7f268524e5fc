//! `qatysu card show`: what a scanner's text is, what it says, whether to believe it, and what to do.

mod card;
mod finding;
mod imported;
mod kiosk;
mod means;
mod other;
mod phone;

use std::io::Read as _;

use anyhow::Context as _;
use attendance::{Shown, looks_like_code, looks_like_identity};

use self::finding::Finding;
use self::means::{Means, MeansArgs};
use crate::console::{Console, Exit};

/// Say what a scanner's text is, what it claims, and whether to believe it.
///
/// Knows cards (`OB1:`), what phones and tablets show (`OB9:`, `OB8:`, `OB7:`), enrolment tickets, the
/// short code under a card, identities of other schemes (`HC1:`, MOSIP Claim 169), and says what to do
/// with anything else. Without the options that verify, the claims are shown as what they are: anybody
/// could have written them.
///
/// Exit codes: 0 accepted, 1 refused or not verified, 2 wrong command line, 3 a file could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu card show 'OB1:...' --trust data/\n  \
    qatysu card show 'OB1:...' --trust data/ --status status.list\n  \
    qatysu scan card.jpg | qatysu card show - --trust trust.list --roots trust.roots\n  \
    qatysu card show - --trust data/ --at 2026-09-14T16:05:00+05:00 < card.txt\n  \
    qatysu card show 'HC1:...' --identity-keys identity.keys")]
pub(crate) struct ShowArgs {
    /// Text of the QR Code, or the short code; `-` reads it from standard input
    text: String,
    #[command(flatten)]
    means: MeansArgs,
}

/// A card's text is shorter by far.
const STDIN_MAX_BYTES: u64 = 64 * 1024;

pub(super) fn run(args: &ShowArgs, console: Console) -> anyhow::Result<Exit> {
    let text = read_text(&args.text)?;
    Ok(examine(&text, &args.means.read()?).print(console))
}

/// Says what a text is and what follows from it.
fn examine(text: &str, means: &Means) -> Finding {
    if looks_like_code(text) {
        return other::short_code(text);
    }
    if looks_like_identity(text) {
        return imported::examine(text, means);
    }
    if let Some(finding) = other::recognise(text) {
        return finding;
    }
    match Shown::parse(text) {
        Ok(Shown::Card(card)) => card::examine(*card, means),
        Ok(Shown::Rotating(code)) => phone::rotating(*code, means),
        Ok(Shown::Answer(answer)) => phone::answer(*answer, means),
        Ok(Shown::Challenge(challenge)) => kiosk::challenge(*challenge, means),
        Ok(_) => other::newer(),
        Err(rejection) => other::unread(text, &rejection),
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

#[cfg(test)]
mod tests;
