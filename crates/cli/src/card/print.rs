//! `qatysu card sheet`: many cards as a PDF to print.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::{QrText, ShortCode, UnverifiedCard};
use ledger::Group;
use paper::{CARDS_PER_PAGE, PrintedCard, card_sheet};
use serde::Deserialize;
use serde_json::json;
use server::{Server, ServerClock};

use crate::console::{Colour, Console, Exit, paint};
use crate::host;

/// Draw cards on A4, ten a page with cut marks, as a PDF.
///
/// With `--data` the cards are those of a server's log that are in force, each with its child's name and
/// group; `--group` takes those of a group only. Otherwise the input is the lines of `qatysu card issue
/// --json`, or a JSON array of {"text", "code", "label"}, or plain lines of card text. Every text must be
/// a card, and a given code must be that card's; the signature is not looked at.
///
/// Print at 100 %, not "fit to page". The file has names: keep it as you keep the database.
///
/// Exit codes: 0 written, 1 an entry is not a card or there is none, 3 a file could not be read or written.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu card sheet --data /var/lib/qatysu --group 'Robotics 2' -o cards.pdf\n  \
    qatysu card sheet --cards cards.jsonl -o cards.pdf\n  \
    qatysu card issue ... --json | qatysu card sheet -o one.pdf")]
pub(crate) struct SheetArgs {
    /// PDF to write
    #[arg(short, long, value_name = "FILE.pdf")]
    output: PathBuf,
    /// Cards to print; `-` is standard input
    #[arg(long, value_name = "FILE", default_value = "-", conflicts_with = "data")]
    cards: PathBuf,
    /// Print the cards of this server's log
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Of this group only, by its name or its id; may be given again
    #[arg(long, value_name = "GROUP", requires = "data")]
    group: Vec<String>,
    /// Small line on every card
    #[arg(long, value_name = "TEXT", default_value = "Attendance card")]
    title: String,
}

/// Some hundred thousand cards.
const INPUT_MAX_BYTES: u64 = 64 << 20;

pub(super) fn run(args: &SheetArgs, console: Console) -> anyhow::Result<Exit> {
    let cards = match &args.data {
        Some(data) => cards_of_log(data, &args.group)?,
        None => parse_cards(&read_input(&args.cards)?),
    };
    let drawn = cards.and_then(|cards| {
        let pdf = card_sheet(&cards, &args.title).map_err(|why| why.to_string())?;
        Ok((cards.len(), pdf))
    });
    let (count, pdf) = match drawn {
        Ok(drawn) => drawn,
        Err(why) => {
            console.line(format!("{}: {why}", paint("refused", Colour::Red)));
            console.json(&json!({ "verdict": "refused", "why": why }));
            return Ok(Exit::Refused);
        }
    };
    let shown = args.output.display().to_string();
    std::fs::write(&args.output, &pdf).with_context(|| format!("cannot write {shown}"))?;
    let pages = count.div_ceil(CARDS_PER_PAGE);
    console.line(format!("{shown}: {count} cards on {pages} pages, print at 100 %"));
    console.json(&json!({ "file": shown, "cards": count, "pages": pages, "bytes": pdf.len() }));
    Ok(Exit::Fine)
}

/// Gives the cards in force of a server's log, by group and name. The inner error says which groups
/// there are.
fn cards_of_log(
    data: &Path,
    wanted: &[String],
) -> anyhow::Result<Result<Vec<PrintedCard>, String>> {
    let (cards, snapshot) = host::runtime()?.block_on(async {
        let server = Server::open(data, ServerClock::system()).await?;
        anyhow::Ok((server.cards_in_force().await?, server.snapshot_in_force().await?.1))
    })?;
    let is = |group: &Group, name: &str| group.name == name || group.id.to_string() == name;
    if let Some(unknown) =
        wanted.iter().find(|name| !snapshot.groups.iter().any(|group| is(group, name)))
    {
        let known = snapshot.groups.iter().map(|group| format!("{} {}", group.id, group.name));
        let known = known.collect::<Vec<_>>().join(", ");
        return Ok(Err(format!("there is no group {unknown:?}; there are: {known}")));
    }
    let (mut printed, mut once) = (Vec::new(), BTreeSet::new());
    for group in &snapshot.groups {
        if !wanted.is_empty() && !wanted.iter().any(|name| is(group, name)) {
            continue;
        }
        for card in cards.iter().filter(|card| card.groups.contains(&group.id)) {
            // One card opens all doors of its child.
            if !once.insert(card.card) {
                continue;
            }
            printed.push(PrintedCard {
                text: card.text.clone(),
                code: ShortCode::derive_from(card.card).to_string(),
                label: card.name.clone(),
                note: group.name.clone(),
            });
        }
    }
    if printed.is_empty() {
        let why =
            "no child of these groups has a card in the log that is in force: issue them first";
        return Ok(Err(why.to_owned()));
    }
    Ok(Ok(printed))
}

pub(super) fn read_input(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().take(INPUT_MAX_BYTES).read_to_string(&mut text)
    } else {
        std::fs::File::open(path)
            .and_then(|file| file.take(INPUT_MAX_BYTES).read_to_string(&mut text))
    }
    .with_context(|| format!("cannot read the cards from {}", path.display()))?;
    Ok(text)
}

/// One entry of the input; what else an entry says is not needed here.
#[derive(Deserialize)]
pub(super) struct Entry {
    pub(super) text: String,
    code: Option<String>,
    label: Option<String>,
}

/// Reads cards to print in any of the three forms.
pub(super) fn parse_cards(input: &str) -> Result<Vec<PrintedCard>, String> {
    let numbered = parse_entries(input)?.into_iter().enumerate();
    let cards = numbered.map(|(number, entry)| {
        sheet_card(entry).map_err(|why| format!("card {}: {why}", number + 1))
    });
    cards.collect()
}

/// Reads entries in any of the three forms; at least one.
pub(super) fn parse_entries(input: &str) -> Result<Vec<Entry>, String> {
    let entries: Vec<Entry> = if input.trim_start().starts_with('[') {
        serde_json::from_str(input).map_err(|error| format!("the JSON array: {error}"))?
    } else {
        let lines = input.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        lines.map(|(number, line)| parse_line(number + 1, line)).collect::<Result<_, _>>()?
    };
    if entries.is_empty() { Err("there is no card in the input".to_owned()) } else { Ok(entries) }
}

fn parse_line(number: usize, line: &str) -> Result<Entry, String> {
    if line.trim_start().starts_with('{') {
        serde_json::from_str(line).map_err(|error| format!("line {number}: {error}"))
    } else {
        Ok(Entry { text: line.trim().to_owned(), code: None, label: None })
    }
}

fn sheet_card(entry: Entry) -> Result<PrintedCard, String> {
    let text = QrText::parse(&entry.text).map_err(|rejection| rejection.to_string())?;
    let card = UnverifiedCard::parse(&text).map_err(|rejection| rejection.to_string())?;
    let code = ShortCode::derive_from(card.claims().card);
    if let Some(given) = entry.code
        && ShortCode::parse(&given) != Ok(code)
    {
        return Err(format!("the code {given:?} is another card's, this one's is {code}"));
    }
    Ok(PrintedCard {
        text: text.as_str().to_owned(),
        code: code.to_string(),
        label: entry.label.unwrap_or_else(|| card.claims().child.to_string()),
        note: String::new(),
    })
}
