//! How large everything is that a camera reads: the table of the protocol, measured.

use attendance::{CARD_PREFIX, issue_card};
use minicbor::Encoder;

use crate::fixture::{
    answer, card_with_holder, challenge, claims, claims_with_holder, issuer, rotating,
};

/// Characters in alphanumeric mode by version from 1 (ISO/IEC 18004, table 7).
const LEVEL_M: [usize; 15] =
    [20, 38, 61, 90, 122, 154, 178, 221, 262, 311, 366, 419, 483, 528, 600];
const LEVEL_Q: [usize; 15] = [16, 29, 47, 67, 87, 108, 125, 157, 189, 221, 259, 296, 352, 376, 426];

struct Form {
    name: &'static str,
    text: String,
    most_bytes: usize,
    most_chars: usize,
    /// The largest version allowed at level M, and at level Q for what is printed.
    most_version: (usize, Option<usize>),
}

fn version(capacities: &[usize], chars: usize) -> usize {
    1 + capacities.iter().position(|capacity| chars <= *capacity).expect("within version 15")
}

fn form(
    name: &'static str,
    text: String,
    most: (usize, usize, usize),
    paper: Option<usize>,
) -> Form {
    let (most_bytes, most_chars, on_screen) = most;
    Form { name, text, most_bytes, most_chars, most_version: (on_screen, paper) }
}

fn forms() -> Vec<Form> {
    let paper = issue_card(&issuer(), &claims()).expect("fixed input").text;
    let with_holder = issue_card(&issuer(), &claims_with_holder()).expect("fixed input").text;
    let card = card_with_holder();
    let rotating_whole = rotating().text_with(&card).expect("fixed input");
    let answer_whole = answer().text_with(&card).expect("fixed input");
    vec![
        form("static card", paper, (130, 200, 8), Some(10)),
        form("card with holder key", with_holder, (173, 264, 10), Some(12)),
        form("rotating, card known", rotating().short_text(), (86, 133, 6), None),
        form("rotating, self-contained", rotating_whole, (263, 399, 12), None),
        form("kiosk challenge", challenge().text(), (101, 156, 7), None),
        form("answer, card known", answer().short_text(), (86, 133, 6), None),
        form("answer, self-contained", answer_whole, (263, 399, 12), None),
        form("enrolment ticket", ticket(), (184, 280, 10), None),
    ]
}

/// The shape of `sync_api::Ticket` with a long address: `{0: server, 1: secret, 2: roots}`.
fn ticket() -> String {
    let server = format!("https://{}.qatysu.example.kz:8443", "a".repeat(80));
    let mut e = Encoder::new(Vec::new());
    e.map(3)
        .and_then(|e| e.u8(0)?.str(&server))
        .and_then(|e| e.u8(1)?.bytes(&[7; 16]))
        .and_then(|e| e.u8(2)?.bytes(&[7; 32]))
        .expect("fixed input");
    format!("OE1:{}", base45::encode(e.into_writer()))
}

#[test]
fn every_form_fits_its_qr() {
    eprintln!("| form | bytes | characters | QR at M | QR at Q |\n|---|---|---|---|---|");
    for form in forms() {
        let body: String = form.text.chars().skip(CARD_PREFIX.len()).collect();
        let (bytes, chars) = (base45::decode(&body).unwrap().len(), form.text.len());
        let (at_m, at_q) = (version(&LEVEL_M, chars), version(&LEVEL_Q, chars));
        let Form { name, text, most_bytes, most_chars, most_version } = form;
        eprintln!(
            "| {name} | {bytes} of {most_bytes} | {chars} of {most_chars} | v{at_m} of v{} | v{at_q} |",
            most_version.0
        );
        assert!(bytes <= most_bytes, "{name}: {bytes} bytes");
        assert!(chars <= most_chars, "{name}: {chars} characters");
        assert!(at_m <= most_version.0, "{name}: version {at_m} at level M");
        assert!(
            most_version.1.is_none_or(|most| at_q <= most),
            "{name}: version {at_q} at level Q"
        );
        let alphanumeric = |byte| base45::alphabet::TABLE.contains(&byte);
        assert!(text.bytes().all(alphanumeric), "{name} leaves alphanumeric mode");
    }
}
