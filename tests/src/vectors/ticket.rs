//! Enrolment tickets.

use sync_api::Ticket;

use super::breaks::{replaced, with_high_last_byte};
use super::material::roots;
use super::{Case, Input, OK, VectorFile};

fn ticket() -> Ticket {
    Ticket {
        server: "https://qatysu.example:8443".to_owned(),
        secret: [0x77; 16],
        roots: roots().fingerprint(),
        pin: None,
    }
}

fn text(bytes: &[u8]) -> String {
    format!("OE1:{}", base45::encode(bytes))
}

pub(super) fn file() -> VectorFile {
    let good = ticket().to_text();
    let bytes = seal::to_canonical(&ticket());
    let body = good.trim_start_matches("OE1:");
    let local = Ticket { server: "http://127.0.0.1:7400".to_owned(), ..ticket() }.to_text();
    let far = Ticket { server: format!("https://{}.example", "x".repeat(200)), ..ticket() };
    let with = |from: &[u8], to: &[u8]| text(&replaced(&bytes, from, to));
    let secret = [&[0x01, 0x50], &[0x77; 16][..]].concat();
    let short = [&[0x01, 0x4f], &[0x77; 15][..]].concat();
    let unsigned = [&[0xa4], &bytes[1..], &[0x03, 0x00]].concat();
    let odd = Ticket { server: "https://qatysu.example:443".to_owned(), ..ticket() };
    let high = format!("OE1:{}", with_high_last_byte(&seal::to_canonical(&odd)));
    let mut truncated = bytes.clone();
    truncated.pop();
    let malformed = "malformed";
    let cases = [
        ("a ticket", OK, good.clone()),
        ("for a server on the same machine", OK, local),
        ("with white space around it", OK, format!("  {good}\r\n")),
        ("some other text", "foreign", "https://example.org/".to_owned()),
        ("a card's prefix", "foreign", format!("OB1:{body}")),
        ("a ticket of another version", "foreign", format!("OE2:{body}")),
        ("no prefix", "foreign", body.to_owned()),
        ("Base45 in small letters", malformed, format!("OE1:{}", body.to_lowercase())),
        ("Base45 of a number above 65535", malformed, format!("OE1:::{body}")),
        ("Base45 of a last byte above 255", malformed, high),
        ("a character too many", malformed, format!("{good}0")),
        ("the last byte missing", malformed, text(&truncated)),
        ("a trailing byte", malformed, text(&[&bytes[..], &[0]].concat())),
        ("nothing after the prefix", malformed, "OE1:".to_owned()),
        ("the map's length in two bytes", malformed, text(&[&[0xb8, 3], &bytes[1..]].concat())),
        ("a field that nobody knows", malformed, text(&unsigned)),
        ("a secret of 15 bytes", malformed, with(&secret, &short)),
        ("the server as bytes", malformed, with(&[0x00, 0x78], &[0x00, 0x58])),
        ("longer than 280 characters", malformed, far.to_text()),
    ];
    let cases = cases
        .map(|(name, expected, text)| Case::new(name, expected, [("text", Input::Text(text))]));
    super::file("ticket", &[], cases.into())
}
