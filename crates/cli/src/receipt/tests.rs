//! An honest receipt file proves; a changed one is refused by the check that names what changed.

use attendance::{TrustEntry, TrustRole};
use seal::Signer as _;
use sync_api::{Base64, EVIDENCE_FORMAT, EvidenceFile, GrowthStep, HexHash, WitnessedLater};
use tlog::{Policy, SignedNote, TwoHistories, VerifierKey, WitnessKey, prove_consistency};

use super::witnesses::Asked;
use super::*;
use crate::audit::tests::world::{
    ORIGIN, Who, World, key, log_key, roots, signed_trust_list, trust_list,
};

fn refused_by(change: impl FnOnce(&mut ReceiptFile)) -> &'static str {
    let mut file = World::closed().receipt_file(3);
    change(&mut file);
    verify(&file, &trust_list()).unwrap_err().check()
}

fn flip(bytes: &mut Base64, from_end: usize) {
    let at = bytes.0.len() - 1 - from_end;
    bytes.0[at] ^= 1;
}

#[test]
fn proves_event_device_and_place() {
    let proven = verify(&World::closed().receipt_file(3), &trust_list()).unwrap();
    assert_eq!(proven.event.event().kind, EventKind::In);
    assert_eq!(proven.certificate.certificate().role, Role::Teacher);
    assert_eq!((proven.place.index, proven.place.size), (3, 18));
    assert_eq!(proven.checkpoint.root, World::closed().tree().root());
}

#[test]
fn names_the_check_that_failed() {
    assert_eq!(refused_by(|file| flip(&mut file.certificate, 0)), "device certificate");
    let parents = Base64(Who::Parent.certificate());
    assert_eq!(refused_by(|file| file.certificate = parents), "event signature");
    assert_eq!(refused_by(|file| flip(&mut file.event, 0)), "event signature");
    assert_eq!(refused_by(|file| flip(&mut file.salt, 0)), "receipt");
    assert_eq!(refused_by(|file| flip(&mut file.receipt, 0)), "receipt");
    let other = World::closed().receipt_file(4).receipt;
    assert_eq!(refused_by(|file| file.receipt = other), "receipt");
    let older = World::taught().checkpoint();
    assert_eq!(refused_by(|file| file.checkpoint = older), "place in the log");
    let unsigned = World::closed().checkpoint().replace("\n18\n", "\n19\n");
    assert_eq!(refused_by(|file| file.checkpoint = unsigned), "checkpoint");
    assert_eq!(refused_by(|file| file.salt.0.truncate(15)), "file");
}

#[test]
fn a_log_that_is_not_on_the_list_proves_nothing() {
    let file = World::closed().receipt_file(3);
    let mut trust = trust_list();
    for entry in &mut trust.entries {
        entry.scope = "log.example/2027".to_owned();
    }
    let refused = verify(&file, &trust).unwrap_err();
    assert!(refused.to_string().contains("no key for the log \"log.example/2026\""));
}

#[test]
fn the_command_reads_one_directory_or_two_files() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::write(at("trust.list"), signed_trust_list()).unwrap();
    std::fs::write(at("trust.roots"), roots().to_bytes()).unwrap();
    let json = serde_json::to_string(&World::closed().receipt_file(3)).unwrap();
    std::fs::write(at("good.json"), &json).unwrap();
    std::fs::write(at("bad.json"), json.replace("qatysu-receipt/1", "qatysu-receipt/9")).unwrap();
    let exit = |receipt: &str, trust: PathBuf, roots: Option<PathBuf>| {
        let witnesses = WitnessArgs::default();
        let args = VerifyArgs {
            receipt: at(receipt),
            against: None,
            event: None,
            trust,
            roots,
            witnesses,
        };
        run(&ReceiptCommand::Verify(args), Console { json: false })
    };
    let (dir_path, list) = (dir.path().to_owned(), at("trust.list"));
    assert_eq!(exit("good.json", dir_path.clone(), None).unwrap(), Exit::Fine);
    assert_eq!(exit("good.json", list.clone(), Some(at("trust.roots"))).unwrap(), Exit::Fine);
    assert_eq!(exit("bad.json", dir_path.clone(), None).unwrap(), Exit::Refused);
    assert_eq!(exit("good.json", list, None).unwrap(), Exit::Fine, "the roots lie beside the list");
    let elsewhere = tempfile::tempdir().unwrap();
    let list = elsewhere.path().join("a.list");
    std::fs::write(&list, signed_trust_list()).unwrap();
    assert!(exit("good.json", list, None).unwrap_err().to_string().contains("give --roots"));
    assert!(exit("none.json", dir_path.clone(), None).is_err());

    std::fs::write(at("trust.list"), trust_list().sign(&[&key(1)]).unwrap()).unwrap();
    assert_eq!(exit("good.json", dir_path, None).unwrap(), Exit::Refused);
}

/// A trust list that asks for two of three witnesses, and the checkpoint cosigned by some of them.
fn with_witnesses(cosigners: &[u8]) -> (TrustList, ReceiptFile) {
    let mut trust = trust_list();
    let listed = trust.entries[0].clone();
    let name = |seed: u8| format!("w{seed}");
    trust.entries.extend([41, 42, 43].map(|seed| TrustEntry {
        key: key(seed).public_key().to_bytes(),
        role: TrustRole::Witness,
        scope: name(seed),
        ..listed.clone()
    }));
    trust.witness_quorum = Some(2);
    let mut file = World::closed().receipt_file(3);
    let mut note = SignedNote::parse(&file.checkpoint).unwrap();
    for seed in cosigners {
        let at_s = listed.not_before_s.cast_unsigned();
        note.add(tlog::cosign(&note, &name(*seed), &key(*seed), at_s).unwrap()).unwrap();
    }
    file.checkpoint = note.to_string();
    (trust, file)
}

fn policy(seeds: &[u8]) -> Asked {
    let witness = |seed: &u8| WitnessKey { name: format!("w{seed}"), key: key(*seed).public_key() };
    let log = VerifierKey { name: ORIGIN.to_owned(), key: log_key().public_key() };
    let witnesses = seeds.iter().map(witness).collect();
    Asked::Policy(Policy::k_of(vec![log], seeds.len(), witnesses).unwrap())
}

#[test]
fn tells_who_cosigned_and_refuses_only_if_asked() {
    for (cosigners, reached) in [(&[41, 43][..], true), (&[42], false), (&[], false)] {
        let (trust, file) = with_witnesses(cosigners);
        verify(&file, &trust).unwrap();
        let told = Asked::Nothing.judge(&file.checkpoint, &trust).unwrap().unwrap();
        assert_eq!((told.reached, told.cosigned.len()), (reached, cosigners.len()));
        let by_quorum = Asked::Quorum.judge(&file.checkpoint, &trust);
        assert_eq!(by_quorum.map_err(|finding| finding.check()).is_ok(), reached);
        let by_policy = policy(&[41, 43]).judge(&file.checkpoint, &trust);
        assert_eq!(by_policy.map_err(|finding| finding.check()).is_ok(), reached);
    }
    let (trust, file) = with_witnesses(&[41]);
    let strangers = policy(&[44]).judge(&file.checkpoint, &trust).unwrap_err();
    assert_eq!(strangers.check(), "witnesses");
    let nobody = Asked::Nothing.judge(&file.checkpoint, &trust_list()).unwrap();
    assert!(nobody.is_none(), "a list without witnesses is told nothing about");
    let asked = Asked::Quorum.judge(&file.checkpoint, &trust_list()).unwrap_err();
    assert!(asked.to_string().contains("asks for no witnesses"), "{asked}");
}

#[test]
fn bad_cosignature_of_a_known_witness_is_refused() {
    let (trust, mut file) = with_witnesses(&[41]);
    let (_, other) = with_witnesses(&[42]);
    let other = other.checkpoint.lines().last().unwrap().replace("— w42", "— w43");
    file.checkpoint = format!("{}{other}\n", file.checkpoint);
    assert!(Asked::Nothing.judge(&file.checkpoint, &trust).is_ok(), "an unknown key is ignored");
    let taller = World::taught().checkpoint();
    let mut note = SignedNote::parse(&taller).unwrap();
    note.add(tlog::cosign(&note, "w42", &key(42), 1_790_000_000).unwrap()).unwrap();
    let line = note.to_string().lines().last().unwrap().to_owned();
    file.checkpoint = format!("{}{line}\n", file.checkpoint);
    assert_eq!(Asked::Nothing.judge(&file.checkpoint, &trust).unwrap_err().check(), "witnesses");
}

#[test]
fn later_checkpoint_counts_once_the_log_is_proven_to_have_grown_into_it() {
    let (trust, closed) = with_witnesses(&[41, 42]);
    let taught = World::taught();
    let size = taught.tree().size();
    let path = prove_consistency(size, 18, &World::closed().tree()).unwrap().path;
    let step = GrowthStep {
        size: 18,
        root: HexHash(World::closed().tree().root()),
        path: path.into_iter().map(HexHash).collect(),
    };
    let later = WitnessedLater { steps: vec![step], checkpoint: closed.checkpoint };
    let file = ReceiptFile { witnessed: Some(later), ..taught.receipt_file(3) };
    let seen = |file: &ReceiptFile| {
        let proven = verify(file, &trust)?;
        let note = seen_by_witnesses(file, &proven.checkpoint, &trust)?;
        Asked::Quorum.judge(note, &trust)
    };
    assert!(seen(&file).unwrap().unwrap().reached);
    let refused = |change: &dyn Fn(&mut WitnessedLater)| {
        let mut file = file.clone();
        change(file.witnessed.as_mut().unwrap());
        seen(&file).unwrap_err().check()
    };
    assert_eq!(refused(&|later| later.steps[0].path[0].0.0[0] ^= 1), "witnesses");
    assert_eq!(refused(&|later| later.steps[0].root.0.0[0] ^= 1), "witnesses");
    assert_eq!(refused(&|later| later.steps.clear()), "witnesses");
    assert_eq!(refused(&|later| later.checkpoint = taught.checkpoint()), "witnesses");
    assert_eq!(refused(&|later| later.checkpoint.truncate(40)), "checkpoint");
}

#[test]
fn exported_proof_proves_the_same_and_no_other_event() {
    let (trust, file) = with_witnesses(&[41, 42]);
    let json = serde_json::to_string(&file).unwrap();
    let exported = export::export(&json).unwrap();
    let text = exported.proof.to_string();
    assert!(proof_text::is_proof(&text) && !proof_text::is_proof(&json));
    let asked = policy(&[41, 42]);
    let proven = proof_text::verify(&text, &file.event.0, &trust, &asked).unwrap();
    assert_eq!((proven.index, proven.checkpoint.size), (3, 18));
    assert!(proven.witnesses.unwrap().reached);

    let check = |text: &str, event: &[u8], asked: &Asked| {
        proof_text::verify(text, event, &trust, asked).unwrap_err().check()
    };
    let other = World::closed().receipt_file(4).event.0;
    assert_eq!(check(&text, &other, &asked), "proof");
    assert_eq!(check(&text, b"no event", &asked), "event signature");
    assert_eq!(check(&text.replace("index 3", "index 4"), &file.event.0, &asked), "proof");
    assert_eq!(check(&text.replace("extra ", "other "), &file.event.0, &asked), "proof");
    let unsigned = text.replace("\n18\n", "\n19\n");
    assert_eq!(check(&unsigned, &file.event.0, &asked), "checkpoint");
    assert_eq!(check(&text, &file.event.0, &policy(&[43])), "witnesses");
    assert_eq!(export::export("{}").unwrap_err().check(), "file");
}

#[test]
fn two_histories_convict_the_log_and_nothing_else_does() {
    let (one, other) = (World::closed(), World::taught());
    let note = |text: String| SignedNote::parse(&text).unwrap();
    let [one_note, other_note] = [&one, &other].map(|world| note(world.checkpoint()));
    let other_root = Checkpoint { root: seal::Hash([7; 32]), ..at_18(&one_note) };
    let lie = note(tlog::sign_note(&other_root, &log_key()).unwrap());
    let evidence = TwoHistories::of_one_size(&one_note, &lie);
    let file = |evidence: &TwoHistories, format: &str| {
        let file = EvidenceFile {
            format: format.to_owned(),
            alarm: "two_histories".to_owned(),
            detail: "two".to_owned(),
            at_ms: 1,
            event: None,
            evidence: Base64(evidence.to_bytes()),
        };
        serde_json::to_vec(&file).unwrap()
    };
    let trust = trust_list();
    for bytes in [evidence.to_bytes(), file(&evidence, EVIDENCE_FORMAT)] {
        let found = two_histories::verify(&bytes, &trust).unwrap();
        assert_eq!((found.earlier.size, found.later.root), (18, other_root.root));
    }
    let check =
        |bytes: &[u8], trust: &TrustList| two_histories::verify(bytes, trust).unwrap_err().check();
    assert_eq!(check(&file(&evidence, "qatysu-evidence/9"), &trust), "file");
    assert_eq!(check(b"{}", &trust), "file");
    assert_eq!(check(b"a note", &trust), "file");
    let same = TwoHistories::of_one_size(&one_note, &one_note);
    assert_eq!(check(&same.to_bytes(), &trust), "evidence");
    let spoilt = TwoHistories::of_path(&other_note, &one_note, vec![seal::Hash([1; 32])]);
    assert_eq!(check(&spoilt.to_bytes(), &trust), "evidence", "a proof that fails accuses nobody");
    let forged = note(tlog::sign_note(&other_root, &key(6)).unwrap());
    let forged = TwoHistories::of_one_size(&one_note, &forged);
    assert_eq!(check(&forged.to_bytes(), &trust), "evidence");
}

fn at_18(note: &SignedNote) -> Checkpoint {
    let checkpoint = Checkpoint::parse(note.unverified_text()).unwrap();
    assert_eq!(checkpoint.size, 18);
    checkpoint
}
