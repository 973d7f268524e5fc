//! `qatysu card sheet`: many cards as a PDF to print.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use attendance::{QrText, ShortCode, UnverifiedCard};
use serde::Deserialize;
use serde_json::json;

use crate::console::{Colour, Console, Exit, paint};
use crate::sheet::{CARDS_PER_PAGE, SheetCard, card_sheet};

/// Draw cards on A4, ten a page with cut marks, as a PDF.
///
/// Input: the lines of `qatysu card issue --json`, or a JSON array of {"text", "code", "label"}, or
/// plain lines of card text. Every text must be a card, and a given code must be that card's; the
/// signature is not looked at. Labels are printable ASCII; in this version no name can be printed
/// in Kazakh or Russian.
///
/// Print at 100 %, not "fit to page".
///
/// Exit codes: 0 written, 1 an entry is not a card, 3 a file could not be read or written.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu card sheet --cards cards.jsonl -o cards.pdf\n  \
    qatysu card issue ... --json | qatysu card sheet -o one.pdf")]
pub(crate) struct SheetArgs {
    /// PDF to write
    #[arg(short, long, value_name = "FILE.pdf")]
    output: PathBuf,
    /// Cards to print; `-` is standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    cards: PathBuf,
    /// Small line on every card, ASCII
    #[arg(long, value_name = "TEXT", default_value = "Attendance card")]
    title: String,
}

/// Some hundred thousand cards.
const INPUT_MAX_BYTES: u64 = 64 << 20;

pub(super) fn run(args: &SheetArgs, console: Console) -> anyhow::Result<Exit> {
    let cards = match parse_cards(&read_input(&args.cards)?) {
        Ok(cards) => cards,
        Err(why) => {
            console.line(format!("{}: {why}", paint("refused", Colour::Red)));
            console.json(&json!({ "verdict": "refused", "why": why }));
            return Ok(Exit::Refused);
        }
    };
    let pdf = card_sheet(&cards, &args.title)?;
    let shown = args.output.display().to_string();
    std::fs::write(&args.output, &pdf).with_context(|| format!("cannot write {shown}"))?;
    let (count, pages) = (cards.len(), cards.len().div_ceil(CARDS_PER_PAGE));
    console.line(format!("{shown}: {count} cards on {pages} pages, print at 100 %"));
    console.json(&json!({ "file": shown, "cards": count, "pages": pages, "bytes": pdf.len() }));
    Ok(Exit::Fine)
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
pub(super) fn parse_cards(input: &str) -> Result<Vec<SheetCard>, String> {
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

fn sheet_card(entry: Entry) -> Result<SheetCard, String> {
    let text = QrText::parse(&entry.text).map_err(|rejection| rejection.to_string())?;
    let card = UnverifiedCard::parse(&text).map_err(|rejection| rejection.to_string())?;
    let code = ShortCode::derive_from(card.claims().card);
    if let Some(given) = entry.code
        && ShortCode::parse(&given) != Ok(code)
    {
        return Err(format!("the code {given:?} is another card's, this one's is {code}"));
    }
    Ok(SheetCard {
        text: text.as_str().to_owned(),
        code: code.to_string(),
        label: entry.label.unwrap_or_else(|| card.claims().child.to_string()),
    })
}
