//! `qatysu scan`: which texts the QR Codes in pictures hold.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::console::{Console, Exit, explain};
use crate::picture::read_luma;

/// Read every QR Code in pictures and print the texts.
///
/// One text a line, in reading order, each once for a picture. Control characters are printed
/// escaped. What a text means, and who signed it, is for `qatysu card show`.
///
/// Exit codes: 0 something was read, 1 there is no QR Code in any picture, 3 a picture could not be
/// opened (the others are read all the same).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    qatysu scan card.jpg\n  \
    qatysu scan *.png --json\n  \
    qatysu scan card.jpg | qatysu card show - --trust data/")]
pub(crate) struct ScanArgs {
    /// Pictures: PNG or JPEG, at most 8192 pixels a side
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<PathBuf>,
}

/// Runs `qatysu scan`.
pub(crate) fn run(args: &ScanArgs, console: Console) -> anyhow::Result<Exit> {
    let (mut found, mut broken) = (false, false);
    let mut answers = Vec::new();
    for path in &args.images {
        match texts_in(path) {
            Ok(texts) => {
                found |= !texts.is_empty();
                if texts.is_empty() {
                    eprintln!("{}: no QR Code found", path.display());
                }
                for text in &texts {
                    console.line(on_one_line(text));
                }
                answers.push(json!({ "file": path.display().to_string(), "texts": texts }));
            }
            Err(error) => {
                broken = true;
                eprintln!("error: {}", explain(&error));
                let (file, error) = (path.display().to_string(), explain(&error));
                answers.push(json!({ "file": file, "texts": [], "error": error }));
            }
        }
    }
    console.json(&answers.into());
    Ok(match (broken, found) {
        (true, _) => Exit::Broken,
        (false, true) => Exit::Fine,
        (false, false) => Exit::Refused,
    })
}

fn texts_in(path: &Path) -> anyhow::Result<Vec<String>> {
    Ok(qr::decode(&read_luma(path)?.as_luma()))
}

/// A stranger's text may not move the cursor or pretend to be two.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::write_png;

    const QUIET: Console = Console { json: false };

    fn drawn(dir: &Path, name: &str, text: &str) -> PathBuf {
        let symbol = qr::encode(text, qr::ErrorCorrection::M).unwrap();
        let path = dir.join(name);
        write_png(&path, &symbol.render(4, 4)).unwrap();
        path
    }

    fn blank(dir: &Path) -> PathBuf {
        let path = dir.join("blank.png");
        write_png(&path, &qr::LumaImage::parse(50, 50, vec![255; 2_500]).unwrap()).unwrap();
        path
    }

    #[test]
    fn reads_the_text_of_a_picture() {
        let dir = tempfile::tempdir().unwrap();
        let path = drawn(dir.path(), "a.png", "OB1:BB8");
        assert_eq!(texts_in(&path).unwrap(), ["OB1:BB8"]);
    }

    #[test]
    fn the_exit_says_found_none_or_broken() {
        let dir = tempfile::tempdir().unwrap();
        let (a, none) = (drawn(dir.path(), "a.png", "A"), blank(dir.path()));
        let exit = |images: &[&PathBuf]| {
            let images = images.iter().map(|path| path.to_path_buf()).collect();
            run(&ScanArgs { images }, QUIET).unwrap()
        };
        let missing = dir.path().join("missing.png");
        assert_eq!(exit(&[&a, &none]), Exit::Fine);
        assert_eq!(exit(&[&none]), Exit::Refused);
        assert_eq!(exit(&[&missing, &a]), Exit::Broken);
    }

    #[test]
    fn a_text_stays_on_its_line() {
        assert_eq!(on_one_line("a\nb\u{1b}[2Jё"), "a\\nb\\u{1b}[2Jё");
    }
}
