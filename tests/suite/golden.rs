//! The exact bytes of everything that is signed, printed or sent between device and server.
//!
//! `QATYSU_BLESS=1 cargo test -p system-tests --test suite golden` writes the files anew. Do that
//! for a new shape; for a changed one, read the message first and make a new version instead.

mod carried;
mod of_hubs;
mod of_signals;
mod shapes;
mod signed;

use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/golden"))
}

/// Compares bytes with a golden file. `breaks` says what a difference does out there.
#[track_caller]
fn golden(name: &str, found: &str, breaks: &str) {
    assert!(FILES.contains(&name), "{name} is not in the list of golden files");
    let path = folder().join(name);
    let found = format!("{}\n", found.trim_end_matches('\n'));
    if std::env::var_os("QATYSU_BLESS").is_some() {
        std::fs::write(&path, found).expect("the golden file is written");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|why| {
        panic!("{}: {why}; write it with QATYSU_BLESS=1", path.display());
    });
    assert!(
        kept == found,
        "{name} is not what it was. A change {breaks}.\n--- kept\n{kept}\n--- found\n{found}"
    );
}

/// Compares a shape's JSON, and reads it back.
#[track_caller]
fn golden_json<T>(name: &str, value: &T, breaks: &str)
where
    T: std::fmt::Debug + DeserializeOwned + PartialEq + Serialize,
{
    let text = serde_json::to_string_pretty(value).expect("a shape is JSON");
    golden(name, &text, breaks);
    let back: T = serde_json::from_str(&text).expect("a shape is read back");
    assert_eq!(&back, value, "{name} says something else when it is read back");
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<String> = digits.chunks(32).map(<[String]>::concat).collect();
    lines.join("\n")
}

#[test]
fn every_golden_file_is_compared() {
    let mut kept: Vec<String> = folder()
        .read_dir()
        .expect("tests/golden")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    kept.sort();
    assert_eq!(kept, FILES, "a file that no test compares says nothing");
}

const FILES: &[&str] = &[
    "acknowledgement.hex",
    "batch-receipt-compact.hex",
    "batch-receipt-response.json",
    "batch-response-compact.hex",
    "batch-response.json",
    "batch.hex",
    "board-response-life.json",
    "board-response-pictures.json",
    "board-response.json",
    "bundle-tagged.json",
    "bundle.json",
    "card.txt",
    "certificate.hex",
    "chain-response.json",
    "checkpoint.note",
    "choices-response.json",
    "consistency-response.json",
    "device-export.hex",
    "enrol-request.json",
    "enrol-response.json",
    "entry-response.json",
    "event-close.hex",
    "event-notice.hex",
    "event-visit.hex",
    "evidence-file.json",
    "feedback.hex",
    "frame.txt",
    "grants-request.json",
    "hello-request-shown.json",
    "hello-request.json",
    "hello-response-life.json",
    "hello-response-packed.json",
    "hello-response.json",
    "hub-address.txt",
    "hub-carried-response.json",
    "hub-hello-response.json",
    "hub-news-response.json",
    "hub-parcel-response.json",
    "own-parked-response.json",
    "parcel-answer.hex",
    "parcel-key.hex",
    "parcel.hex",
    "parked-response.json",
    "problems.json",
    "receipt-file.json",
    "receipt.hex",
    "revocation-list.hex",
    "revocations-response.json",
    "roster-piece.hex",
    "roster-response.json",
    "roster.hex",
    "signals-response.json",
    "snapshot.json",
    "statement-response.json",
    "tag-list.hex",
    "tags-response.json",
    "ticket-request-replacing.json",
    "ticket-request.json",
    "ticket-response.json",
    "ticket.txt",
    "tranche.hex",
    "trust-list.hex",
    "trust-response.json",
    "views-response.json",
    "visits-response.json",
];
