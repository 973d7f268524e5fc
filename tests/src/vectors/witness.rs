//! Witnesses: whom to believe, what they signed, and what a witness does with a request.

use seal::{Signer as _, SoftwareKey};
use serde_json::{Value, json};
use tlog::{
    AddCheckpoint, Checkpoint, SignedNote, VerifierKey, WitnessKey, cosign, prove_consistency,
    sign_note,
};

use super::breaks::unreduced;
use super::material::{log_key, other_log_key, stranger};
use super::note::{changed, line, verifier};
use super::proof::tree;
use super::{Case, Input, OK, VectorFile};
use crate::district::ORIGIN;
use crate::key;

const TIME_S: u64 = 1_788_314_500;
const BAD_SIGNATURE: &str = "bad_signature";
const MALFORMED: &str = "malformed";

/// The seeds of three witnesses; each is called by its number.
const SEEDS: [u8; 3] = [51, 52, 53];

fn name(number: usize) -> String {
    format!("witness.example/w{number}")
}

fn witness_key(number: usize) -> WitnessKey {
    WitnessKey { name: name(number), key: key(SEEDS[number - 1]).public_key() }
}

fn log() -> VerifierKey {
    verifier(ORIGIN, &log_key())
}

pub(super) fn checkpoint(size: u64) -> Checkpoint {
    Checkpoint { origin: ORIGIN.to_owned(), size, root: tree(size).root() }
}

pub(super) fn signed(size: u64) -> String {
    sign_note(&checkpoint(size), &log_key()).expect("a software key signs")
}

/// Adds the cosignatures of witnesses.
pub(super) fn witnessed_by(note: &str, numbers: &[usize]) -> String {
    let mut note = SignedNote::parse(note).expect("a note");
    for number in numbers {
        let key = key(SEEDS[number - 1]);
        let time_s = TIME_S + *number as u64;
        let line = cosign(&note, &name(*number), &key, time_s).expect("a software key signs");
        note.add(line).expect("a short note");
    }
    note.to_string()
}

/// One log, three witnesses, and this rest.
pub(super) fn policy_of(rest: &str) -> String {
    let witness = |number| format!("witness w{number} {}\n", witness_key(number));
    format!("log {}\n{}{}{}{rest}", log(), witness(1), witness(2), witness(3))
}

fn policy_case(name: &str, expected: &str, text: &str) -> Case {
    Case::new(name, expected, [("policy", Input::Text(text.to_owned()))])
}

/// A policy that is accepted, and how it is written without comments.
fn reads(name: &str, text: &str, written: &str) -> Case {
    policy_case(name, OK, text).giving(Value::String(written.to_owned()))
}

const TWO_OF_THREE: &str = "group ours 2 w1 w2 w3\nquorum ours\n";

pub(super) fn policy() -> VectorFile {
    let plain = policy_of(TWO_OF_THREE);
    let same = |name, rest: &str| reads(name, &policy_of(rest), &policy_of(rest));
    let becomes =
        |name, rest: &str, written: &str| reads(name, &policy_of(rest), &policy_of(written));
    let mut cases = vec![
        same("two of three witnesses", TWO_OF_THREE),
        same("one witness", "quorum w2\n"),
        same("nobody", "quorum none\n"),
        same("groups in a group", "group a 1 w1 w2\ngroup b 2 a w3\nquorum b\n"),
        becomes("any of them", "group a any w1 w2\nquorum a\n", "group a 1 w1 w2\nquorum a\n"),
        becomes("all of them", "group a all w1 w2\nquorum a\n", "group a 2 w1 w2\nquorum a\n"),
        becomes(
            "a threshold with a zero in front",
            "group a 01 w1\nquorum a\n",
            "group a 1 w1\nquorum a\n",
        ),
        reads(
            "with comments, tabs and empty lines",
            &format!("# ours\n\n{}", plain.replace(' ', " \t ")),
            &plain,
        ),
        reads(
            "with addresses",
            &plain.replacen("witness w1", "witness  w1", 1).replacen(
                '\n',
                " https://log.example/\n",
                1,
            ),
            &plain.replacen('\n', " https://log.example/\n", 1),
        ),
    ];
    let broken = |name, expected, rest: &str| policy_case(name, expected, &policy_of(rest));
    let other_witness = format!("witness w9 {}\nquorum w9\n", witness_key(1));
    let with_log_key = format!("witness w9 {}\nquorum w9\n", verifier("w9", &stranger()));
    let damaged_key = witness_key(1).to_string().replacen('+', "+0", 1);
    let second_log = format!("log {}\nquorum none\n", verifier("other", &log_key()));
    cases.extend([
        policy_case("no line", "no_quorum", "\n"),
        policy_case("no text", "not_text", ""),
        policy_case("the last line does not end", "not_text", plain.trim_end()),
        policy_case("lines that end as on Windows", "not_text", &plain.replace('\n', "\r\n")),
        broken("no quorum", "no_quorum", "group ours 2 w1 w2 w3\n"),
        broken("two quorums", "quorum_twice", "quorum w1\nquorum w1\n"),
        broken("a quorum that nothing is called", "undefined", "quorum ours\n"),
        broken(
            "a member that is defined later",
            "undefined",
            "group a 1 b\ngroup b 1 w1\nquorum a\n",
        ),
        broken("a threshold of 0", "threshold", "group a 0 w1 w2\nquorum a\n"),
        broken("a threshold above the members", "threshold", "group a 3 w1 w2\nquorum a\n"),
        broken("a threshold with a sign", "threshold", "group a +1 w1 w2\nquorum a\n"),
        broken("any of nobody", "threshold", "group a any\nquorum a\n"),
        broken("all of nobody", "threshold", "group a all\nquorum a\n"),
        broken("a member twice", "member_twice", "group a 1 w1 w1\nquorum a\n"),
        broken("a member of two groups", "member_twice", "group a 1 w1\ngroup b 1 w1\nquorum b\n"),
        broken("a name that is taken", "name", "group w1 1 w2\nquorum w1\n"),
        broken("a group called none", "name", "group none 1 w2\nquorum none\n"),
        broken("one witness under two names", "duplicate_key", &other_witness),
        broken("one log's key under two names", "duplicate_key", &second_log),
        broken("a log's key for a witness", "bad_key", &with_log_key),
        broken("a key whose hash is another's", "bad_key", &format!("witness w9 {damaged_key}\n")),
        broken("a line that nobody knows", MALFORMED, "witnesses w1\nquorum w1\n"),
        broken(
            "two addresses",
            MALFORMED,
            &format!("log {} a b\nquorum w1\n", verifier("o", &stranger())),
        ),
        broken("a quorum of two names", MALFORMED, "quorum w1 w2\n"),
        broken("more than 256 lines", "too_many", &many_groups()),
    ]);
    super::file("policy", &[], cases)
}

fn many_groups() -> String {
    (0..260)
        .map(|number| match number {
            0 => "group g0 1 w1\n".to_owned(),
            _ => format!("group g{number} 1 g{}\n", number - 1),
        })
        .collect()
}

fn note_case(name: &str, expected: &str, note: String, policy: String) -> Case {
    Case::new(name, expected, [("note", Input::Text(note)), ("policy", Input::Text(policy))])
}

/// A note that the policy believes, and who cosigned it.
fn believed(name: &str, numbers: &[usize], rest: &str) -> Case {
    let note = witnessed_by(&signed(7), numbers);
    note_case(name, OK, note, policy_of(rest)).giving(found(numbers))
}

pub(super) fn found(numbers: &[usize]) -> Value {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    let who = |number: &usize| json!([format!("w{number}"), TIME_S + *number as u64]);
    json!({
        "size": 7,
        "root": tree(7).root().to_string(),
        "cosigned": numbers.iter().map(who).collect::<Vec<_>>(),
    })
}

pub(super) fn witnessed() -> VectorFile {
    let note = witnessed_by(&signed(7), &[1, 2]);
    let ours = || policy_of(TWO_OF_THREE);
    let groups = "group a 1 w1 w2\ngroup b 2 a w3\nquorum b\n";
    let mut cases = vec![
        believed("by two of three", &[1, 2], TWO_OF_THREE),
        believed("by all three", &[3, 1, 2], TWO_OF_THREE),
        believed("by nobody, where nobody must", &[], "quorum none\n"),
        believed("by one, where nobody must", &[3], "quorum none\n"),
        believed("by one of each group", &[2, 3], groups),
        note_case("by one of three", "missing", witnessed_by(&signed(7), &[2]), ours()),
        note_case("by nobody", "missing", signed(7), ours()),
        note_case("by two of one group", "missing", note.clone(), policy_of(groups)),
    ];
    cases.extend(of_lines(&note));
    cases.extend(of_log(&note));
    super::file("witnessed", &[], cases)
}

/// The bytes of a cosignature by any key, of any text.
fn cosigned(text: &str, name: &str, signer: &SoftwareKey, time_s: u64) -> Vec<u8> {
    let message = format!("cosignature/v1\ntime {time_s}\n{text}");
    let signature = signer.sign(message.as_bytes()).expect("a software key signs").0;
    let key = WitnessKey { name: name.to_owned(), key: signer.public_key() };
    [&key.key_hash()[..], &time_s.to_be_bytes(), &signature].concat()
}

fn line_of(name: &str, bytes: &[u8]) -> String {
    use base64::Engine as _;
    format!("\u{2014} {name} {}\n", base64::engine::general_purpose::STANDARD.encode(bytes))
}

fn of_lines(note: &str) -> Vec<Case> {
    let one = witnessed_by(&signed(7), &[1]);
    let text = checkpoint(7).to_text();
    let w2 = key(SEEDS[1]);
    let case =
        |name, expected, note: String| note_case(name, expected, note, policy_of(TWO_OF_THREE));
    let with = |bytes: &[u8]| format!("{one}{}", line_of(&name(2), bytes));
    let good = cosigned(&text, &name(2), &w2, TIME_S + 2);
    assert_eq!(with(&good), note, "the line is known");
    let mut later_time = good.clone();
    later_time[11] ^= 1;
    let of_other = cosigned(&checkpoint(6).to_text(), &name(2), &w2, TIME_S + 2);
    let plain = line(&text, &name(2), &w2);
    let both = format!("{one}{}{}", line_of(&name(2), &good), line_of(&name(2), &of_other));
    let newer = cosigned(&text, &name(2), &w2, TIME_S + 900);
    let twice = format!("{note}{}", line_of(&name(2), &newer));
    let latest = json!([["w1", TIME_S + 1], ["w2", TIME_S + 900]]);
    let mut newest = found(&[1, 2]);
    newest["cosigned"] = latest;
    vec![
        case("by one witness twice: the later time counts", OK, twice).giving(newest),
        case("a time that was not signed", BAD_SIGNATURE, with(&later_time)),
        case("a cosignature of another checkpoint", BAD_SIGNATURE, with(&of_other)),
        case("a good and a bad cosignature of one witness", BAD_SIGNATURE, both),
        case("the signature of S + L instead of S", BAD_SIGNATURE, with(&unreduced(&good))),
        case("a cosignature cut off", BAD_SIGNATURE, with(&good[..good.len() - 1])),
        case("a cosignature without a time", BAD_SIGNATURE, with(&good[..8])),
        case("a time above 2^63", BAD_SIGNATURE, with(&cosigned(&text, &name(2), &w2, 1 << 63))),
        case("a plain signature of a witness", "missing", format!("{one}{plain}")),
        case(
            "one witness under another's name",
            "missing",
            format!("{one}{}", line_of(&name(3), &cosigned(&text, &name(3), &w2, TIME_S))),
        ),
        case(
            "a stranger's cosignature",
            "missing",
            format!("{one}{}", line_of("w9", &cosigned(&text, "w9", &stranger(), TIME_S))),
        ),
    ]
}

fn of_log(note: &str) -> Vec<Case> {
    let ours = || policy_of(TWO_OF_THREE);
    let other = verifier("log.qatysu.example/other", &other_log_key());
    let elsewhere = ours().replacen(&log().to_string(), &other.to_string(), 1);
    let namesake = verifier(ORIGIN, &other_log_key());
    let by_namesake = ours().replacen(&log().to_string(), &namesake.to_string(), 1);
    let two_keys = format!("log {namesake}\n{}", ours());
    let size = note.replacen("\n7\n", "\n8\n", 1);
    let no_size = note.replacen("\n7\n", "\n+7\n", 1);
    let extended = checkpoint(7).to_text() + "an extension\n";
    let extended = format!("{extended}\n{}", line(&extended, ORIGIN, &log_key()));
    vec![
        note_case(
            "with an extension line, which is cosigned too",
            OK,
            witnessed_by(&extended, &[1, 2]),
            ours(),
        )
        .giving(found(&[1, 2])),
        note_case("of a log with two keys, signed by one", OK, note.to_owned(), two_keys)
            .giving(found(&[1, 2])),
        note_case(
            "of a log that the policy does not have",
            "unknown_log",
            note.to_owned(),
            elsewhere,
        ),
        note_case("of a log by another key", "not_signed", note.to_owned(), by_namesake),
        note_case("another size than was signed", BAD_SIGNATURE, size, ours()),
        note_case(
            "the log's signature damaged",
            BAD_SIGNATURE,
            {
                let log_only = changed(&signed(7), |bytes| bytes[30] ^= 1);
                format!("{log_only}{}", note.split_at(signed(7).len()).1)
            },
            ours(),
        ),
        note_case("a size with a sign", "not_a_checkpoint", no_size, ours()),
        note_case("no empty line", MALFORMED, note.replace("\n\n", "\n"), ours()),
        note_case(
            "longer than 16 kB",
            "too_long",
            format!("{}{note}", "x\n".repeat(8_200)),
            ours(),
        ),
        note_case("under a policy that is none", "bad_policy", note.to_owned(), policy_of("")),
    ]
}

/// A request to witness 1, which knows the log, and has cosigned this last.
struct Asked {
    stored: Option<u64>,
    body: String,
}

fn request_of(old: u64, new: u64) -> String {
    let path = prove_consistency(old, new, &tree(new)).expect("it grew").path;
    let note = SignedNote::parse(&signed(new)).expect("a note");
    AddCheckpoint { old_size: old, path, note }.to_string()
}

impl Asked {
    fn gives(self, name: &str, status: &str) -> Case {
        let mut inputs = vec![
            ("request", Input::Text(self.body)),
            ("logs", Input::List(vec![log().to_string()])),
            ("witness", Input::Text(super::witness::name(1))),
            ("seed", Input::hex(&[SEEDS[0]; 32])),
            ("time_s", Input::Number(i64::try_from(TIME_S).expect("soon"))),
        ];
        inputs.extend(self.stored.map(|size| ("stored", Input::Text(signed(size)))));
        Case::new(name, status, inputs)
    }

    /// The witness cosigns; the line is its answer.
    fn cosigned(self, name: &str, text: &str) -> Case {
        let bytes = cosigned(text, &super::witness::name(1), &key(SEEDS[0]), TIME_S);
        let answer = line_of(&super::witness::name(1), &bytes);
        self.gives(name, OK).giving(Value::String(answer))
    }
}

fn asked(stored: Option<u64>, body: String) -> Asked {
    Asked { stored, body }
}

pub(super) fn request() -> VectorFile {
    let text = |size: u64| checkpoint(size).to_text();
    let conflict = |size: &str| Value::String(format!("{size}\n"));
    let same = request_of(7, 7);
    let good = request_of(3, 7);
    let mut cases = vec![
        asked(None, request_of(0, 7)).cosigned("the first checkpoint", &text(7)),
        asked(None, request_of(0, 0)).cosigned("the empty tree first", &text(0)),
        asked(Some(3), good.clone()).cosigned("a tree that grew", &text(7)),
        asked(Some(4), request_of(4, 11)).cosigned("a complete subtree that grew", &text(11)),
        asked(Some(7), same).cosigned("the same checkpoint again", &text(7)),
        asked(Some(0), request_of(0, 7)).cosigned("after the empty tree", &text(7)),
        asked(Some(4), good.clone())
            .gives("from another size than it has", "409")
            .giving(conflict("4")),
        asked(None, good.clone())
            .gives("from a size, and it has none", "409")
            .giving(conflict("0")),
        asked(Some(3), request_of(0, 7))
            .gives("from nothing, and it has three", "409")
            .giving(conflict("3")),
        asked(Some(7), good.clone()).gives("sent a second time", "409").giving(conflict("7")),
        asked(Some(7), other_root(7, &[])).gives("another root of the same size", "409"),
        asked(Some(7), other_root(7, &[tree(1).root()]))
            .gives("another root of the same size, with a proof", "422"),
    ];
    cases.extend(refused(&good));
    super::file("add-checkpoint", &[], cases)
}

/// A request whose checkpoint has a root that the tree does not have.
fn other_root(size: u64, path: &[seal::Hash]) -> String {
    let checkpoint = Checkpoint { root: seal::sha256(b"another"), ..checkpoint(size) };
    let note = sign_note(&checkpoint, &log_key()).expect("a software key signs");
    let note = SignedNote::parse(&note).expect("a note");
    AddCheckpoint { old_size: size, path: path.to_vec(), note }.to_string()
}

fn refused(good: &str) -> Vec<Case> {
    let case = |name, status, body: String| asked(Some(3), body).gives(name, status);
    let lines: Vec<&str> = good.split('\n').collect();
    let swapped = good.replacen(
        &format!("{}\n{}", lines[1], lines[2]),
        &format!("{}\n{}", lines[2], lines[1]),
        1,
    );
    let (_, note) = good.split_once("\n\n").expect("a request has an empty line");
    let by = |key: &SoftwareKey, name: &str| {
        let text = checkpoint(7).to_text();
        good.replacen(note, &format!("{text}\n{}", line(&text, name, key)), 1)
    };
    let other = Checkpoint { origin: "log.qatysu.example/other".to_owned(), ..checkpoint(7) };
    let other = sign_note(&other, &log_key()).expect("a software key signs");
    let witness_only = by(&stranger(), "w9");
    let no_checkpoint = format!("{ORIGIN}\nseven\n");
    let no_checkpoint = format!("{no_checkpoint}\n{}", line(&no_checkpoint, ORIGIN, &log_key()));
    let mut more = lines.clone();
    more.splice(1..1, core::iter::repeat_n(lines[1], 61));
    vec![
        case("two hashes of the proof swapped", "422", swapped),
        case(
            "a hash of the proof left out",
            "422",
            good.replacen(&format!("{}\n", lines[1]), "", 1),
        ),
        case(
            "no proof",
            "422",
            good.replacen(&lines[1..5].join("\n"), "", 1).replacen("\n\n\n", "\n\n", 1),
        ),
        case("of a log that it does not know", "404", good.replacen(note, &other, 1)),
        case("signed by a stranger", "403", witness_only),
        case("signed by another key under the log's name", "403", by(&stranger(), ORIGIN)),
        case(
            "the log's signature damaged",
            "403",
            good.replacen(note, &changed(note, |bytes| bytes[30] ^= 1), 1),
        ),
        case("a note that is no checkpoint", "400", good.replacen(note, &no_checkpoint, 1)),
        case("to a smaller tree", "400", good.replacen("old 3", "old 8", 1)),
        case("no old size", "400", good.replacen("old 3", "old", 1)),
        case("an old size with a zero in front", "400", good.replacen("old 3", "old 03", 1)),
        case("a hash that is not Base64", "400", good.replacen(lines[1], "no hash", 1)),
        case("64 hashes or more", "400", more.join("\n")),
        case("no empty line", "400", good.replace("\n\n", "\n")),
        case("no note", "400", good.split_at(good.len() - note.len()).0.to_owned()),
        case("lines that end as on Windows", "400", good.replace('\n', "\r\n")),
        case("longer than 20 kB", "400", format!("{good}{}", "x".repeat(20_500))),
        case("nothing", "400", String::new()),
    ]
}
