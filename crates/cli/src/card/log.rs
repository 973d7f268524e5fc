//! `qatysu card log`: cards become leaves of the district's log.

use std::path::{Path, PathBuf};

use attendance::{QrText, UnverifiedCard};
use serde_json::{Value, json};
use server::{CardLogged, LogCardsError, Server, ServerClock};

use super::print::{parse_entries, read_input};
use crate::console::{Colour, Console, Exit, paint};
use crate::{host, time};

/// Log issued cards, so that everybody can see that each was issued, and when.
///
/// Input: what `qatysu card sheet` reads, that is the lines of `qatysu card issue --json`, a JSON
/// array, or plain lines of card text. Either all cards are logged or none. The newest card of a child
/// becomes its current one. A card that is in the log already keeps its leaf, so doing it again is
/// harmless. Works while the server runs.
///
/// Exit codes: 0 all are in the log, 1 one is refused and none was logged, 3 a file could not be read.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu card log --data /var/lib/qatysu cards.jsonl\n  \
    qatysu card issue ... --json | qatysu card log --data /var/lib/qatysu -")]
pub(crate) struct LogArgs {
    /// The server's directory
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Cards to log; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    cards: Vec<PathBuf>,
    /// Take this for the time now: for demonstrations
    #[arg(long, value_name = "RFC3339", value_parser = time::parse_ms)]
    clock: Option<i64>,
}

pub(super) fn run(args: &LogArgs, console: Console) -> anyhow::Result<Exit> {
    let mut cards = Vec::new();
    for path in &args.cards {
        match read_cards(&read_input(path)?) {
            Ok(read) => cards.extend(read),
            Err(why) => return Ok(refuse(console, &format!("{}: {why}", path.display()))),
        }
    }
    match log(&args.data, args.clock, &cards)? {
        Ok(logged) => {
            logged.iter().for_each(|card| console.line(in_words(card)));
            let new = logged.iter().filter(|card| card.new).count();
            console.line(format!("{} cards are in the log, {new} of them new", logged.len()));
            let cards: Vec<Value> = logged.iter().map(to_json).collect();
            console.json(&json!({ "cards": cards, "new": new }));
            Ok(Exit::Fine)
        }
        Err(why) => Ok(refuse(console, &format!("{why}; no card was logged"))),
    }
}

/// Logs cards in a server's database, beside the server. The inner error is a refused card.
pub(super) fn log(
    data: &Path,
    clock: Option<i64>,
    cards: &[Vec<u8>],
) -> anyhow::Result<Result<Vec<CardLogged>, LogCardsError>> {
    let clock = clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    host::runtime()?.block_on(async {
        let server = Server::open(data, clock).await?;
        match server.log_cards(cards).await {
            Err(LogCardsError::Server(broken)) => Err(broken.into()),
            done => Ok(done),
        }
    })
}

/// Finds the first place in the status list that no logged card of a server has.
pub(super) fn next_index(data: &Path, clock: Option<i64>) -> anyhow::Result<u32> {
    let clock = clock.map_or_else(ServerClock::system, ServerClock::starting_at);
    host::runtime()?.block_on(async {
        let server = Server::open(data, clock).await?;
        Ok(server.next_status_index().await?)
    })
}

/// Says where a card stands.
pub(super) fn in_words(logged: &CardLogged) -> String {
    let CardLogged { card, child, leaf_index, .. } = logged;
    let more = match (logged.new, logged.replaces) {
        (false, _) => ", in the log already".to_owned(),
        (true, Some(before)) => format!(", replaces card {before}"),
        (true, None) => String::new(),
    };
    format!("leaf {leaf_index}: card {card} of child {child}{more}")
}

fn to_json(logged: &CardLogged) -> Value {
    json!({
        "card": logged.card,
        "child": logged.child,
        "sha256": logged.hash.to_string(),
        "leaf": logged.leaf_index,
        "new": logged.new,
        "replaces": logged.replaces,
    })
}

pub(super) fn refuse(console: Console, why: &str) -> Exit {
    console.line(format!("{}: {why}", paint("refused", Colour::Red)));
    console.json(&json!({ "verdict": "refused", "why": why }));
    Exit::Refused
}

fn read_cards(input: &str) -> Result<Vec<Vec<u8>>, String> {
    let entries = parse_entries(input)?.into_iter().enumerate();
    let cards = entries.map(|(number, entry)| {
        let text = QrText::parse(&entry.text);
        let card = text.and_then(|text| UnverifiedCard::parse(&text));
        card.map(|card| card.to_bytes()).map_err(|why| format!("card {}: {why}", number + 1))
    });
    cards.collect()
}
