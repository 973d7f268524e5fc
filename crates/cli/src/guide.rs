//! `qatysu guide`: the one-page guides of `docs/guides`, as PDF to print.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use paper::{Block, Document};
use serde_json::json;

use crate::console::{Console, Exit};
use crate::words::Lang;

/// Print the one-page guides for teachers and parents.
///
/// Their texts are in `docs/guides` of the sources and in this program. Without --for and --lang all of
/// them are written.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  qatysu guide -o guides/
  qatysu guide --for teacher --lang kk -o guides/")]
pub(crate) struct GuideArgs {
    /// Whom it is for
    #[arg(long = "for", value_enum)]
    reader: Option<Reader>,
    /// Its language
    #[arg(long, value_enum)]
    lang: Option<Lang>,
    /// Where to write the files
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

/// Whom a guide is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Reader {
    /// Who marks children.
    Teacher,
    /// Who answers.
    Parent,
}

impl Reader {
    const ALL: [Self; 2] = [Self::Teacher, Self::Parent];

    fn name(self) -> &'static str {
        match self {
            Self::Teacher => "teacher",
            Self::Parent => "parent",
        }
    }

    fn text(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Teacher, Lang::Kk) => include_str!("../../../docs/guides/teacher.kk.md"),
            (Self::Teacher, Lang::Ru) => include_str!("../../../docs/guides/teacher.ru.md"),
            (Self::Teacher, Lang::En) => include_str!("../../../docs/guides/teacher.en.md"),
            (Self::Parent, Lang::Kk) => include_str!("../../../docs/guides/parent.kk.md"),
            (Self::Parent, Lang::Ru) => include_str!("../../../docs/guides/parent.ru.md"),
            (Self::Parent, Lang::En) => include_str!("../../../docs/guides/parent.en.md"),
        }
    }
}

pub(crate) fn run(args: &GuideArgs, console: Console) -> anyhow::Result<Exit> {
    let output = &args.output;
    std::fs::create_dir_all(output).with_context(|| format!("cannot make {}", output.display()))?;
    let mut written = Vec::new();
    for reader in Reader::ALL.into_iter().filter(|one| args.reader.is_none_or(|it| it == *one)) {
        for lang in Lang::ALL.into_iter().filter(|one| args.lang.is_none_or(|it| it == *one)) {
            let path = output.join(format!("{}.{}.pdf", reader.name(), lang.tag()));
            write(&path, &guide(reader, lang).to_pdf()?)?;
            console.line(path.display().to_string());
            written.push(path);
        }
    }
    console.json(&json!({ "files": written }));
    Ok(Exit::Fine)
}

fn write(path: &Path, pdf: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, pdf).with_context(|| format!("cannot write {}", path.display()))
}

/// Lays a guide out: headings, sentences, and items that begin with a number or a dash.
fn guide(reader: Reader, lang: Lang) -> Document {
    let lines = reader.text(lang).lines().map(str::trim).filter(|line| !line.is_empty());
    let blocks: Vec<Block> = lines.map(block).collect();
    let title = blocks.iter().find_map(|block| {
        let Block::Heading(text) = block else { return None };
        Some(text.clone())
    });
    Document {
        title: title.unwrap_or_default(),
        language: lang.tag().to_owned(),
        landscape: false,
        blocks,
        stamp: None,
        foot: "Qatysu".to_owned(),
    }
}

fn block(line: &str) -> Block {
    let split = |mark: &str| line.strip_prefix(mark).map(|rest| rest.trim().to_owned());
    if let Some(text) = split("## ") {
        return Block::Subheading(text);
    }
    if let Some(text) = split("# ") {
        return Block::Heading(text);
    }
    if let Some(text) = split("- ") {
        return Block::Item("•".to_owned(), text);
    }
    match line.split_once(". ") {
        Some((number, text)) if number.bytes().all(|digit| digit.is_ascii_digit()) => {
            Block::Item(format!("{number}."), text.to_owned())
        }
        _ => Block::Text(line.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guide_is_one_page_in_every_language() {
        for reader in Reader::ALL {
            let shapes = Lang::ALL.map(|lang| {
                let document = guide(reader, lang);
                let pages = paper::rasterise(&document.to_pdf().unwrap(), 72).unwrap();
                assert_eq!(pages.len(), 1, "{reader:?} {lang:?}");
                let dark = pages[0].pixels().iter().filter(|pixel| **pixel < 128).count();
                assert!(dark > 5_000, "{reader:?} {lang:?} is nearly empty");
                document.blocks.iter().map(std::mem::discriminant).collect::<Vec<_>>()
            });
            assert!(shapes[0] == shapes[1] && shapes[1] == shapes[2], "{reader:?}");
        }
    }

    #[test]
    fn the_command_writes_what_was_asked_for() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("guides");
        let args = |reader, lang| GuideArgs { reader, lang, output: output.clone() };
        let quiet = Console { json: false };
        assert_eq!(run(&args(Some(Reader::Parent), Some(Lang::Kk)), quiet).unwrap(), Exit::Fine);
        assert_eq!(std::fs::read_dir(&output).unwrap().count(), 1);
        run(&args(None, None), quiet).unwrap();
        assert_eq!(std::fs::read_dir(&output).unwrap().count(), 6);
    }
}
