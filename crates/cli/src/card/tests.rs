//! Issue, then show, then print, as a coordinator would.

use std::path::{Path, PathBuf};

use attendance::{CardClaims, CardId, ChildId, VoucherId, issue_card};
use clap::Parser;

use super::*;
use crate::audit::tests::world::{key, roots, signed_trust_list};

/// 2026-09-14T16:05:00+05:00, and the end of the cards, 2027-01-01T00:00:00+05:00.
const SHOWN: &str = "2026-09-14T16:05:00+05:00";
const ENDS_S: u32 = 1_798_743_600;

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: CardCommand,
}

fn card(words: &[&str]) -> anyhow::Result<Exit> {
    let line = Line::try_parse_from(std::iter::once("card").chain(words.iter().copied()))?;
    run(&line.command, Console { json: false })
}

fn text(seed: u8) -> String {
    let claims = CardClaims {
        expires_at_s: ENDS_S,
        card: CardId([9; 8]),
        child: ChildId([1; 12]),
        voucher: VoucherId([1; 8]),
        status_index: 0,
        holder: None,
    };
    issue_card(&key(seed), &claims).unwrap().text
}

fn trust_dir(dir: &Path) -> String {
    std::fs::write(dir.join("trust.list"), signed_trust_list()).unwrap();
    std::fs::write(dir.join("trust.roots"), roots().to_bytes()).unwrap();
    dir.display().to_string()
}

#[test]
fn an_issued_card_is_read_from_its_picture_and_accepted() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(path("card.key"), format!("{}\n", "07".repeat(32))).unwrap();
    let (key, png) = (path("card.key"), path("card.png"));
    let (child, voucher) = ("01".repeat(12), "01".repeat(8));
    let issue = ["issue", "--key", &key, "--child", &child, "--voucher", &voucher, "--png", &png];
    let more = ["--expires", "2027-01-01", "--card", "0909090909090909"];
    assert_eq!(card(&[&issue[..], &more[..]].concat()).unwrap(), Exit::Fine);

    let picture = crate::picture::read_luma(&PathBuf::from(png)).unwrap();
    let texts = qr::decode(&picture.as_luma());
    assert_eq!(texts, [text(7)]);
    let trust = trust_dir(dir.path());
    let show = ["show", &texts[0], "--trust", &trust, "--at", SHOWN];
    assert_eq!(card(&show).unwrap(), Exit::Fine);
}

#[test]
fn show_refuses_forged_ended_foreign_and_unverified_cards() {
    let dir = tempfile::tempdir().unwrap();
    let trust = trust_dir(dir.path());
    let at = |text: &str, time: &str| card(&["show", text, "--trust", &trust, "--at", time]);
    assert_eq!(at(&text(7), SHOWN).unwrap(), Exit::Fine);
    assert_eq!(at(&text(8), SHOWN).unwrap(), Exit::Refused);
    assert_eq!(at(&text(7), "2026-12-31T23:59:59+05:00").unwrap(), Exit::Fine);
    assert_eq!(at(&text(7), "2027-01-01T00:00:00+05:00").unwrap(), Exit::Refused);
    assert_eq!(at("https://example.org", SHOWN).unwrap(), Exit::Refused);
    assert_eq!(card(&["show", &text(7)]).unwrap(), Exit::Refused);
    assert!(card(&["show", &text(7), "--roots", "x"]).is_err(), "--roots alone says nothing");
}

#[test]
fn show_reads_the_keys_and_lists_it_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let trust = trust_dir(dir.path());
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    // Signed by a key that may not: the list is refused, and so is the card that it was asked about.
    let list = attendance::StatusList::new(1, 0, "log.example/2026", []).sign(&key(7)).unwrap();
    let status = file("status.list", &list);
    let with_status = ["show", &text(7), "--trust", &trust, "--at", SHOWN, "--status", &status];
    assert_eq!(card(&with_status).unwrap(), Exit::Refused);
    let keys = file("identity.keys", b"# none yet\n");
    assert_eq!(card(&["show", "HC1:6BF", "--identity-keys", &keys]).unwrap(), Exit::Refused);
    let bad = file("bad.keys", b"rsa 00 somebody\n");
    let told = crate::console::explain(&card(&["show", "x", "--identity-keys", &bad]).unwrap_err());
    assert!(told.contains("bad.keys") && told.contains("line 1"), "{told}");
    for gone in ["--identity-keys", "--certificate", "--status"] {
        let words = ["show", "x", "--trust", &trust, gone, "/nowhere"];
        assert!(card(&words).unwrap_err().to_string().contains("/nowhere"), "{gone}");
    }
    assert!(card(&["show", "x", "--status", &status]).is_err(), "--status needs --trust");
    assert!(card(&["show", "x", "--holder", "00"]).is_err(), "a key has 64 digits");
}

#[test]
fn the_sheet_takes_three_forms_and_refuses_a_wrong_code() {
    let plain = text(7);
    let [from_plain] = &print::parse_cards(&plain).unwrap()[..] else { panic!() };
    assert_eq!(from_plain.label, "01".repeat(12));
    let code = attendance::ShortCode::derive_from(CardId([9; 8])).to_string();
    assert_eq!(from_plain.code, code);
    let entry = serde_json::json!({ "text": plain, "code": code.to_lowercase(), "label": "A1", "bytes": 1 });
    let lines = print::parse_cards(&format!("{entry}\n\n{plain}\n")).unwrap();
    assert_eq!(lines.iter().map(|card| card.label.as_str()).next(), Some("A1"));
    assert_eq!((lines.len(), &lines[1]), (2, from_plain));
    assert_eq!(print::parse_cards(&format!("[{entry}]")).unwrap().len(), 1);

    let wrong = serde_json::json!({ "text": plain, "code": "0000-0000-00" });
    assert!(print::parse_cards(&wrong.to_string()).unwrap_err().contains("another card's"));
    assert!(print::parse_cards("OB1:nonsense").unwrap_err().starts_with("card 1: "));
    assert!(print::parse_cards(" \n").unwrap_err().contains("no card"));
}

#[test]
fn the_sheet_command_writes_a_pdf() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (cards, pdf) = (path("cards.txt"), path("cards.pdf"));
    std::fs::write(&cards, format!("{}\n{}\n", text(7), text(8))).unwrap();
    assert_eq!(card(&["sheet", "--cards", &cards, "-o", &pdf]).unwrap(), Exit::Fine);
    let pages = paper::rasterise(&std::fs::read(pdf).unwrap(), 200).unwrap();
    assert_eq!(qr::decode(&pages[0].as_luma()), [text(7), text(8)]);
    std::fs::write(&cards, "hello").unwrap();
    assert_eq!(card(&["sheet", "--cards", &cards, "-o", &path("b.pdf")]).unwrap(), Exit::Refused);
}
