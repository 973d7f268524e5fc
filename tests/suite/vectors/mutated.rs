//! Every valid case with one byte changed: refused, or told apart by what is found in it.
//!
//! What our code says of each is written down as vectors, so that the second verifier can be asked
//! whether it says the same: `cargo xtask test` asks it.

use std::path::PathBuf;

use attendance::CARD_PREFIX;
use seal::{Domain, Sign1, SoftwareKey};
use system_tests::key;
use system_tests::vectors::{Case, Input, OK, VectorFile};

use super::{judge, kept, say};

/// The inputs in which bytes are changed. What a verifier holds itself, and trusts, is left alone.
const INPUTS: [(&str, &[&str]); 34] = [
    ("add-checkpoint", &["request"]),
    ("anchor", &["anchor"]),
    ("answer", &["text", "bytes"]),
    ("batch-receipt", &["receipt", "leaves"]),
    ("card", &["text"]),
    ("card-holder", &["text"]),
    ("certificate", &["certificate"]),
    ("chain", &["events"]),
    ("challenge", &["text", "bytes"]),
    ("checkpoint", &["note"]),
    ("consistency", &["path", "root_from", "root_to"]),
    ("correction", &["event", "correction"]),
    ("event", &["event"]),
    ("event-form", &["event"]),
    ("inclusion", &["leaf", "path", "root"]),
    ("packed", &["packed"]),
    ("policy", &["policy"]),
    ("revocations", &["list"]),
    ("roster", &["roster"]),
    ("rotating", &["text", "bytes"]),
    ("shown", &["text"]),
    ("signature", &["key", "message", "signature"]),
    ("status-delta", &["delta"]),
    ("status-list", &["list"]),
    ("tag-list", &["list"]),
    ("ticket", &["text"]),
    ("tiles", &["tiles"]),
    ("timeline", &["events"]),
    ("tlog-proof", &["proof"]),
    ("tranche", &["tranche"]),
    ("trust-list", &["list"]),
    ("trust-roots", &["roots"]),
    ("two-histories", &["evidence"]),
    ("witnessed", &["note"]),
];

/// Inputs that are hashes, and stay as long as they are.
const HASHES: [&str; 6] = ["leaf", "leaves", "path", "root", "root_from", "root_to"];

/// Forms that nobody signs: a changed byte is another ticket, or another event's form. Both verifiers
/// must still say the same.
const UNSIGNED: [&str; 6] =
    ["correction", "event-form", "policy", "shown", "ticket", "trust-roots"];

/// Envelopes of one signer: the form, the input, what is signed for, and the seed of the key. Their
/// payloads are changed too, and signed anew: behind a good signature the two parsers must still say
/// the same.
const SIGNED: [(&str, &str, &str, u8); 11] = [
    ("anchor", "anchor", "qatysu/anchor/1", 13),
    ("card", "text", "qatysu/card/1", 11),
    ("card-holder", "text", "qatysu/card/1", 11),
    ("certificate", "certificate", "qatysu/certificate/1", 12),
    ("event", "event", "qatysu/event/1", 21),
    ("revocations", "list", "qatysu/revocations/1", 12),
    ("roster", "roster", "qatysu/roster/1", 14),
    ("status-delta", "delta", "qatysu/status-delta/1", 41),
    ("status-list", "list", "qatysu/status/1", 41),
    ("tag-list", "list", "qatysu/tags/1", 13),
    ("tranche", "tranche", "qatysu/tranche/1", 13),
];
const SIGNED_ANEW: &str = "signed anew";

/// Cases with a part that decides nothing, and why.
const DECIDES_NOTHING: [(&str, &str, &str); 10] = [
    ("answer", WITH_CARD, "a card that was brought along is not looked at where the key is known"),
    ("rotating", WITH_CARD, "the same"),
    ("card", "read by a hand scanner, with a line feed", "white space is white space"),
    ("checkpoint", "with a witness after the log", "lines of keys not asked about are ignored"),
    ("checkpoint", "with a witness before the log", "the same"),
    (
        "witnessed",
        "by one witness twice: the later time counts",
        "without the earlier it is the same",
    ),
    ("consistency", "from the empty tree", "every tree begins with the empty one"),
    ("tiles", "a wider tile in place of a partial one", "its last hashes are of a later tree"),
    ("trust-list", "signed by all three", "two of three are enough"),
    ("trust-list", "signed by two roots and a stranger", "the same"),
];
const WITH_CARD: &str = "with its card, where the roster knows the key";

/// The most changes of one kind in one input of a case; in the first valid case of a form there are
/// more.
const CHANGES_MAX: usize = 8;
const CHANGES_OF_FIRST_MAX: usize = 120;

/// How a byte is changed.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// One bit of it, which its place decides.
    Flipped,
    /// It is left out.
    Removed,
    /// It comes twice.
    Doubled,
}

#[test]
fn a_changed_byte_is_refused_or_told_apart() {
    let folder = folder();
    std::fs::create_dir_all(&folder).expect("a directory");
    let (mut all, mut accepted, mut wrong) = (0, 0, Vec::new());
    for file in kept() {
        let Some((form, inputs)) = INPUTS.iter().find(|(form, _)| *form == file.form) else {
            continue;
        };
        let mutated = mutations(&file, inputs);
        all += mutated.cases.len();
        for case in mutated.cases.iter().filter(|case| case.expected == OK) {
            accepted += 1;
            let (of, _) = case.name.split_once(" | ").expect("the case it was made of");
            let whole = file.cases.iter().find(|whole| whole.name == of).expect("it is there");
            let documented = UNSIGNED.contains(form)
                || case.name.contains(SIGNED_ANEW)
                || DECIDES_NOTHING.iter().any(|(f, c, _)| (f, *c) == (form, of));
            if case.output == whole.output && !documented {
                wrong.push(format!("{form}: {}", case.name));
            }
        }
        let path = folder.join(file.name());
        std::fs::write(path, mutated.to_json()).expect("written");
    }
    say(&format!("vectors, one byte changed: {all} cases, {accepted} accepted as something else"));
    assert!(wrong.is_empty(), "{} changes change nothing:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn every_form_is_changed_or_is_tampered_with_elsewhere() {
    // Receipts and bundles are judged by the program itself: `command_line.rs`, `tamper.py`.
    for file in kept().iter().filter(|file| !["bundle", "receipt"].contains(&&*file.form)) {
        assert!(INPUTS.iter().any(|(form, _)| *form == file.form), "{}", file.form);
    }
}

/// Where the second verifier looks.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mutated-vectors")
}

/// The changes of a form's valid cases, each with our verdict.
fn mutations(file: &VectorFile, inputs: &[&str]) -> VectorFile {
    let mut cases = Vec::new();
    let mut most = CHANGES_OF_FIRST_MAX;
    for case in file.cases.iter().filter(|case| case.expected == OK) {
        for name in inputs {
            let Some(input) = case.inputs.get(*name) else { continue };
            let hashes = HASHES.contains(name);
            let changes = [Change::Flipped, Change::Removed, Change::Doubled];
            let places = places(input);
            let stride = places.len().div_ceil(most).max(1);
            for change in &changes[..if hashes { 1 } else { 3 }] {
                for (item, at) in places.iter().copied().step_by(stride) {
                    let Some(changed) = changed(input, item, at, *change) else { continue };
                    let how = format!("{change:?} byte {at} of item {item}");
                    cases.push(judged(file, case, name, (how, changed)));
                }
            }
        }
        for (_, name, domain, seed) in SIGNED.iter().filter(|(form, ..)| *form == file.form) {
            let Some(Input::Text(text)) = case.inputs.get(*name) else { continue };
            for (how, text) in signed_anew(text, Domain(domain), &key(*seed), most) {
                cases.push(judged(file, case, name, (how, Input::Text(text))));
            }
        }
        most = CHANGES_MAX;
    }
    VectorFile { cases, ..file.clone() }
}

fn judged(file: &VectorFile, case: &Case, name: &str, (how, input): (String, Input)) -> Case {
    let mut changed = case.clone();
    changed.name = format!("{} | {name}: {how}", case.name);
    changed.inputs.insert(name.to_owned(), input);
    (changed.expected, changed.output) = judge::judge(file, &changed);
    changed
}

/// The payload of an envelope, in bytes or in a card's text, changed and signed anew.
fn signed_anew(
    text: &str,
    domain: Domain,
    signer: &SoftwareKey,
    most: usize,
) -> Vec<(String, String)> {
    let card = text.trim().strip_prefix(CARD_PREFIX);
    let bytes =
        card.map_or_else(|| judge::unhex(text), |body| base45::decode(body).expect("a good card"));
    let payload = Sign1::parse(&bytes).expect("a good envelope").unverified_payload().to_vec();
    let payload = judge::hex(payload);
    let length = payload.len() / 2;
    let mut found = Vec::new();
    for change in [Change::Flipped, Change::Removed, Change::Doubled] {
        for at in (0..length).step_by(length.div_ceil(most).max(1)) {
            let changed = Whole::of(&payload).changed(at, change).expect("hexadecimal");
            let sealed = Sign1::seal(signer, domain, judge::unhex(&changed));
            let sealed = sealed.expect("a software key signs").to_bytes();
            let text = match card {
                Some(_) => format!("{CARD_PREFIX}{}", base45::encode(&sealed)),
                None => judge::hex(sealed),
            };
            found.push((format!("{change:?} byte {at} of the payload, {SIGNED_ANEW}"), text));
        }
    }
    found
}

/// Each byte of an input: of which item, and where in it.
fn places(input: &Input) -> Vec<(usize, usize)> {
    let items = match input {
        Input::Number(_) => Vec::new(),
        Input::Text(text) => vec![text],
        Input::List(all) => all.iter().collect(),
    };
    let bytes = |(item, text): (usize, &String)| {
        let length = Whole::of(text).bytes.len();
        (0..length).map(move |at| (item, at))
    };
    items.into_iter().enumerate().flat_map(bytes).collect()
}

/// The input with one byte changed; none if it is no text then.
fn changed(input: &Input, item: usize, at: usize, change: Change) -> Option<Input> {
    match input {
        Input::Number(_) => None,
        Input::Text(text) => Some(Input::Text(Whole::of(text).changed(at, change)?)),
        Input::List(all) => {
            let mut all = all.clone();
            all[item] = Whole::of(&all[item]).changed(at, change)?;
            Some(Input::List(all))
        }
    }
}

/// Hexadecimal is changed as the bytes it stands for, also behind a tile's path; other text as it is.
struct Whole<'a> {
    before: &'a str,
    is_hex: bool,
    bytes: Vec<u8>,
}

impl<'a> Whole<'a> {
    fn of(text: &'a str) -> Self {
        let (before, digits) = text.split_at(text.rfind(' ').map_or(0, |at| at + 1));
        let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if digits.len() % 2 == 0 && digits.chars().all(is_hex) {
            Self { before, is_hex: true, bytes: judge::unhex(digits) }
        } else {
            Self { before: "", is_hex: false, bytes: text.as_bytes().to_vec() }
        }
    }

    fn changed(mut self, at: usize, change: Change) -> Option<String> {
        // The eighth bit would leave ASCII.
        let bits = if self.is_hex { 8 } else { 7 };
        match change {
            Change::Flipped => self.bytes[at] ^= 1 << (at % bits),
            Change::Removed => {
                self.bytes.remove(at);
            }
            Change::Doubled => self.bytes.insert(at, self.bytes[at]),
        }
        if self.is_hex {
            Some(format!("{}{}", self.before, judge::hex(self.bytes)))
        } else {
            String::from_utf8(self.bytes).ok()
        }
    }
}
