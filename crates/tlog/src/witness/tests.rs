use proptest::prelude::*;
use seal::SoftwareKey;

use super::*;
use crate::add_checkpoint::{ADD_CHECKPOINT_BYTES_MAX, AnswerRejection, WitnessAnswer};
use crate::checkpoint::sign_note;
use crate::cosignature::WitnessKey;
use crate::hash::leaf_hash;
use crate::tree::{MemoryTree, Nodes, root};

const ORIGIN: &str = "log.example/2026";
const NAME: &str = "witness.example/w1";
const TIME_S: u64 = 1_790_000_000;

fn log_key() -> SoftwareKey {
    SoftwareKey::from_seed(&[1; 32])
}

fn witness_signer() -> SoftwareKey {
    SoftwareKey::from_seed(&[2; 32])
}

fn witness_key() -> WitnessKey {
    WitnessKey { name: NAME.into(), key: witness_signer().public_key() }
}

fn witness() -> Witness {
    let log = VerifierKey { name: ORIGIN.into(), key: log_key().public_key() };
    Witness { name: NAME.into(), logs: vec![log] }
}

fn tree(seed: u8, size: u64) -> MemoryTree {
    (0..size).map(|n| leaf_hash(&[&[seed], &n.to_be_bytes()[..]].concat())).collect()
}

fn note_of(checkpoint: &Checkpoint) -> SignedNote {
    SignedNote::parse(&sign_note(checkpoint, &log_key()).unwrap()).unwrap()
}

fn note(size: u64, nodes: &impl Nodes) -> SignedNote {
    let root = root(size, nodes).unwrap();
    note_of(&Checkpoint { origin: ORIGIN.into(), size, root })
}

fn request(old_size: u64, size: u64, nodes: &impl Nodes) -> AddCheckpoint {
    AddCheckpoint::prepare(old_size, &note(size, nodes), nodes).unwrap()
}

/// A witness with its storage, as its HTTP handler would hold it.
#[derive(Default)]
struct Running {
    stored: Option<LastCosigned>,
    writes: usize,
}

impl Running {
    /// Gives status and body.
    fn post(&mut self, body: &str) -> (u16, String) {
        let agreed = witness()
            .read(body.as_bytes())
            .and_then(|submission| submission.judge(self.stored.as_ref()));
        let agreed = match agreed {
            Ok(agreed) => agreed,
            Err(refused) => {
                let body = refused.size_body().map_or(String::new(), |(_, body)| body);
                return (refused.status(), body);
            }
        };
        let remembered = agreed.remember(|state, replaces| {
            let size = self.stored.as_ref().map_or(0, |last| last.checkpoint().size);
            assert_eq!(replaces, size);
            // What was stored reads back as the same state.
            self.stored = Some(LastCosigned::parse(&state.to_string()).unwrap());
            assert_eq!(self.stored.as_ref(), Some(state));
            self.writes += 1;
            Ok::<(), &str>(())
        });
        (200, remembered.unwrap().answer(NAME, &witness_signer(), TIME_S).unwrap())
    }

    fn ask(&mut self, request: &AddCheckpoint) -> WitnessAnswer {
        let (status, body) = self.post(&request.to_string());
        request.read_answer(status, body.as_bytes(), &witness_key()).unwrap()
    }

    /// A witness that cosigned this size of the tree.
    fn at(size: u64, nodes: &impl Nodes) -> Self {
        let mut running = Self::default();
        assert!(matches!(running.ask(&request(0, size, nodes)), WitnessAnswer::Cosigned(_)));
        running
    }
}

#[test]
fn cosigns_a_log_that_grows_and_the_cosignature_verifies_in_the_note() {
    let (tree, mut running, mut old) = (tree(0, 40), Running::default(), 0);
    for size in [0, 1, 1, 2, 7, 8, 21, 32, 40] {
        let request = request(old, size, &tree);
        assert_eq!(AddCheckpoint::parse(request.to_string().as_bytes()), Ok(request.clone()));
        let WitnessAnswer::Cosigned(lines) = running.ask(&request) else { panic!("{old} {size}") };
        let mut note = request.note;
        lines.into_iter().for_each(|line| note.add(line).unwrap());
        let cosigned = note.cosignature(&witness_key()).unwrap().unwrap();
        assert_eq!(cosigned.cosigned_at_s, TIME_S);
        old = size;
    }
    assert_eq!(running.stored.unwrap().checkpoint().root, tree.root());
    assert_eq!(running.writes, 9);
}

#[test]
fn answers_409_with_its_size_and_agrees_from_there() {
    let tree = tree(0, 20);
    let mut running = Running::at(8, &tree);
    for old_size in [0, 7, 9] {
        let (status, body) = running.post(&request(old_size, 20, &tree).to_string());
        assert_eq!((status, body.as_str()), (409, "8\n"));
    }
    let refused = WitnessRejection::Conflict { size: 8 };
    assert_eq!(refused.size_body().unwrap().0, "text/x.tlog.size");
    assert_eq!(running.ask(&request(0, 20, &tree)), WitnessAnswer::HasSize(8));
    assert!(matches!(running.ask(&request(8, 20, &tree)), WitnessAnswer::Cosigned(_)));
    // Going back is refused too: the old size is not the one that was cosigned last.
    assert_eq!(running.ask(&request(8, 8, &tree)), WitnessAnswer::HasSize(20));
}

#[test]
fn answers_409_without_a_size_to_another_root_of_one_size() {
    let mut running = Running::at(8, &tree(0, 8));
    let forked = request(8, 8, &tree(1, 8));
    assert_eq!(running.post(&forked.to_string()), (409, String::new()));
    assert_eq!(running.ask(&forked), WitnessAnswer::OtherRoot);
}

#[test]
fn an_empty_tree_has_one_root_from_the_first_request_on() {
    let root = leaf_hash(b"not empty");
    let note = note_of(&Checkpoint { origin: ORIGIN.into(), size: 0, root });
    let lie = AddCheckpoint { old_size: 0, path: Vec::new(), note };
    assert_eq!(Running::default().ask(&lie), WitnessAnswer::BadProof);
    assert_eq!(Running::at(0, &tree(0, 0)).ask(&lie), WitnessAnswer::OtherRoot);
}

#[test]
fn answers_422_to_a_fork_and_to_a_proof_of_the_wrong_length() {
    let (honest, forked) = (tree(0, 20), tree(1, 20));
    for old in [4, 5] {
        let mut running = Running::at(old, &honest);
        assert_eq!(running.post(&request(old, 20, &forked).to_string()), (422, String::new()));
        let mut long = request(old, 20, &honest);
        long.path.push(leaf_hash(b"more"));
        assert_eq!(running.ask(&long), WitnessAnswer::BadProof);
        let short = AddCheckpoint { path: Vec::new(), ..long };
        assert_eq!(running.ask(&short), WitnessAnswer::BadProof);
        assert_eq!(running.writes, 1);
    }
    // The proof from nothing, and from the same size, is empty.
    let mut first = request(0, 20, &honest);
    first.path.push(leaf_hash(b"more"));
    assert_eq!(Running::default().ask(&first), WitnessAnswer::BadProof);
    let mut same = request(20, 20, &forked);
    same.path.push(leaf_hash(b"more"));
    assert_eq!(Running::at(20, &honest).ask(&same), WitnessAnswer::BadProof);
}

#[test]
fn answers_404_to_an_unknown_log_and_403_to_an_unknown_key() {
    let (tree, mut running) = (tree(0, 3), Running::default());
    for origin in ["log.example/2027", "a log with spaces"] {
        let body = request(0, 3, &tree).to_string().replace(ORIGIN, origin);
        let body = body.replace(&format!("\u{2014} {origin}"), &format!("\u{2014} {ORIGIN}"));
        assert_eq!(running.post(&body).0, 404, "{origin}");
    }
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 3, root: tree.root() };
    let other = sign_note(&checkpoint, &SoftwareKey::from_seed(&[9; 32])).unwrap();
    let other = SignedNote::parse(&other).unwrap();
    let unknown = AddCheckpoint { old_size: 0, path: Vec::new(), note: other.clone() };
    assert_eq!(running.post(&unknown.to_string()).0, 403);
    // Signatures of unknown keys beside a known one are ignored.
    let mut both = note(3, &tree);
    both.add(other.unverified_lines()[0].clone()).unwrap();
    let both = AddCheckpoint { note: both, ..unknown };
    assert!(matches!(running.ask(&both), WitnessAnswer::Cosigned(_)));
    assert_eq!(running.writes, 1);
}

#[test]
fn knows_several_keys_of_one_log_and_refuses_a_bad_line_of_any() {
    let second = SoftwareKey::from_seed(&[9; 32]);
    let mut witness = witness();
    witness.logs.push(VerifierKey { name: ORIGIN.into(), key: second.public_key() });
    let tree = tree(0, 3);
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 3, root: tree.root() };
    let by_second = sign_note(&checkpoint, &second).unwrap();
    let by_second = SignedNote::parse(&by_second).unwrap();
    let rotated = AddCheckpoint { note: by_second.clone(), ..request(0, 3, &tree) };
    assert!(witness.read(rotated.to_string().as_bytes()).is_ok());

    let mut line = by_second.unverified_lines()[0].clone();
    line.bytes[0] ^= 1;
    let mut bad = request(0, 3, &tree);
    bad.note.add(line).unwrap();
    assert_eq!(witness.read(bad.to_string().as_bytes()).unwrap_err().status(), 403);
}

#[test]
fn answers_400_to_what_is_not_a_request_and_to_a_tree_that_shrinks() {
    let tree = tree(0, 8);
    let good = request(3, 8, &tree).to_string();
    let hash = crate::checkpoint::hash_text(leaf_hash(b""));
    for bad in [
        String::new(),
        good.replacen("old 3", "old 03", 1),
        good.replacen("old 3", "old  3", 1),
        good.replacen("old 3", "old +3", 1),
        good.replacen("old 3", "new 3", 1),
        good.replacen("old 3", "old 3 ", 1),
        good.replacen("old 3", "old 99999999999999999999", 1),
        good.replacen("old 3\n", "old 3\nnot a hash\n", 1),
        good.replacen("old 3\n", &format!("old 3\n{}", format!("{hash}\n").repeat(64)), 1),
        good.replacen("\n\n", "\n", 1),
        good.trim_end().to_owned(),
        good.replace('\n', "\r\n"),
        good.replacen("\n8\n", "\n08\n", 1),
        good.replacen("old 3", "old 9", 1),
        format!("{good}{}", "x".repeat(ADD_CHECKPOINT_BYTES_MAX)),
    ] {
        assert_eq!(Running::default().post(&bad).0, 400, "{bad}");
    }
    let refused = witness().read(&[0xff, b'\n']).unwrap_err();
    assert_eq!(refused.status(), 400);
}

#[test]
fn signs_nothing_if_the_state_is_not_stored() {
    let body = request(0, 8, &tree(0, 8)).to_string();
    let submission = witness().read(body.as_bytes()).unwrap();
    let agreed = submission.judge(None).unwrap();
    assert_eq!(agreed.remember(|_, _| Err("the disk is full")), Err("the disk is full"));
    // The same submission is judged again once another request has come in between.
    let other = Running::at(5, &tree(0, 8)).stored;
    assert_eq!(submission.judge(other.as_ref()), Err(WitnessRejection::Conflict { size: 5 }));
}

#[test]
fn refuses_the_state_of_another_log() {
    let mut last = Running::at(8, &tree(0, 8)).stored.unwrap();
    last.checkpoint.origin = "log.example/2025".into();
    let body = request(8, 8, &tree(0, 8)).to_string();
    let submission = witness().read(body.as_bytes()).unwrap();
    let refused = submission.judge(Some(&last)).unwrap_err();
    assert_eq!((refused.status(), refused), (500, WitnessRejection::StateOfOtherLog));
}

#[test]
fn a_log_reads_answers_and_believes_only_its_witness() {
    let tree = tree(0, 8);
    let (asked, mut running) = (request(0, 8, &tree), Running::default());
    let (_, good) = running.post(&asked.to_string());
    let read = |status, body: &str| asked.read_answer(status, body.as_bytes(), &witness_key());
    let other = cosign(&asked.note, "witness.example/w2", &log_key(), TIME_S).unwrap();
    let Ok(WitnessAnswer::Cosigned(lines)) = read(200, &format!("{other}{good}")) else { panic!() };
    assert_eq!(lines.iter().map(ToString::to_string).collect::<String>(), good);
    assert_eq!(read(200, &other.to_string()), Err(AnswerRejection::NotCosigned(NAME.into())));
    let elsewhere = cosign(&note(7, &tree), NAME, &witness_signer(), TIME_S).unwrap();
    for bad in [elsewhere.to_string(), good.trim_end().to_owned(), format!("\n{good}")] {
        assert!(matches!(read(200, &bad), Err(AnswerRejection::Lines(_))), "{bad}");
    }
    assert!(matches!(read(200, &"x".repeat(20_000)), Err(AnswerRejection::Lines(_))));
    assert_eq!(read(200, ""), Err(AnswerRejection::NotCosigned(NAME.into())));
    assert_eq!(read(400, ""), Ok(WitnessAnswer::Malformed));
    assert_eq!(read(403, ""), Ok(WitnessAnswer::NotSigned));
    assert_eq!(read(404, ""), Ok(WitnessAnswer::UnknownLog));
    assert_eq!(read(422, ""), Ok(WitnessAnswer::BadProof));
    assert_eq!(read(503, ""), Err(AnswerRejection::Status(503)));
    assert_eq!(read(409, "5\n"), Ok(WitnessAnswer::HasSize(5)));
    // The size that was sent, or none: asking again would not help.
    for body in ["0\n", "", "5", "05\n", "five\n"] {
        assert_eq!(read(409, body), Ok(WitnessAnswer::OtherRoot));
    }
}

proptest! {
    #[test]
    fn a_witness_never_cosigns_two_histories(
        asks in proptest::collection::vec((0_u8..3, 0_u64..20, 0_u64..20), 1..20),
    ) {
        // Three logs that agree on the first five leaves, under one name and key.
        let tree = |fork: u8| -> MemoryTree {
            (0..20_u8).map(|n| leaf_hash(&[if n < 5 { 0 } else { fork }, n])).collect()
        };
        let trees = [tree(0), tree(1), tree(2)];
        let (mut running, mut cosigned) = (Running::default(), Vec::new());
        for (fork, old, size) in asks {
            let tree = &trees[usize::from(fork)];
            let (old, size) = (old.min(size), old.max(size));
            if let WitnessAnswer::Cosigned(_) = running.ask(&request(old, size, tree)) {
                cosigned.push((size, root(size, tree).unwrap()));
            }
        }
        // One tree explains all of it.
        let one = trees.iter().any(|tree| {
            cosigned.iter().all(|(size, cosigned)| root(*size, tree) == Ok(*cosigned))
        });
        prop_assert!(one);
        prop_assert!(cosigned.is_sorted_by_key(|(size, _)| *size));
    }

    #[test]
    fn what_parses_as_a_request_is_written_the_same(at in 0_usize..400, flip in 1_u8..128) {
        let mut body = request(3, 8, &tree(0, 8)).to_string().into_bytes();
        let at = at % body.len();
        body[at] ^= flip;
        if let Ok(parsed) = AddCheckpoint::parse(&body) {
            prop_assert_eq!(parsed.to_string().into_bytes(), body);
        }
    }
}
