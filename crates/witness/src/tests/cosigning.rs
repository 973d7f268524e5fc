//! What a witness keeps, refuses, and holds against a log.

use std::fs;
use std::sync::Arc;

use tlog::WitnessAnswer;
use tlog::witness::WitnessRejection;

use super::{TIME_S, TestLog, log_key, run, witness_key};
use crate::evidence::{EVIDENCE_FILES_MAX, evidence};
use crate::running::{AddError, RunningWitness};
use crate::state::StateError;

fn add(witness: &RunningWitness, request: &tlog::AddCheckpoint) -> Result<u64, u16> {
    match witness.add_checkpoint(request.to_string().as_bytes()) {
        Ok(lines) => {
            let answer = request.read_answer(200, lines.as_bytes(), &witness_key()).unwrap();
            let WitnessAnswer::Cosigned(lines) = answer else { panic!("{answer:?}") };
            let mut note = request.note.clone();
            lines.into_iter().for_each(|line| note.add(line).unwrap());
            Ok(note.cosignature(&witness_key()).unwrap().unwrap().cosigned_at_s)
        }
        Err(AddError::Refused(refused)) => Err(refused.status()),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn goes_on_where_it_was_after_a_restart() {
    let (dir, log) = (tempfile::tempdir().unwrap(), TestLog::of(1, 40));
    for (old, size) in [(0, 7), (7, 7), (7, 20), (20, 40)] {
        let witness = run(dir.path()).unwrap();
        assert_eq!(add(&witness, &log.request(old, size)), Ok(TIME_S));
        drop(witness);
        let again =
            run(dir.path()).unwrap().add_checkpoint(log.request(0, 7).to_string().as_bytes());
        let Err(AddError::Refused(WitnessRejection::Conflict { size: kept })) = again else {
            panic!("{again:?}")
        };
        assert_eq!(kept, size);
    }
}

#[test]
fn refuses_a_directory_that_another_one_has() {
    let dir = tempfile::tempdir().unwrap();
    let first = run(dir.path()).unwrap();
    let second = run(dir.path());
    assert!(matches!(second, Err(StateError::Taken { .. })), "{second:?}");
    drop(first);
    assert!(run(dir.path()).is_ok());
}

#[test]
fn refuses_any_damaged_state_with_words() {
    let (dir, log) = (tempfile::tempdir().unwrap(), TestLog::of(1, 9));
    assert_eq!(add(&run(dir.path()).unwrap(), &log.request(0, 9)), Ok(TIME_S));
    let found = fs::read_dir(dir.path().join("logs")).unwrap().next().unwrap().unwrap();
    let file = found.path().join("last");
    let good = fs::read(&file).unwrap();
    for at in (0..good.len()).step_by(11) {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&file, &bad).unwrap();
        let refused = run(dir.path()).unwrap_err();
        assert!(matches!(refused, StateError::Damaged { .. }), "{at}: {refused}");
        assert!(refused.to_string().contains("restore it"), "{refused}");
    }
    for cut in [0, 1, good.len() / 2, good.len() - 1] {
        fs::write(&file, &good[..cut]).unwrap();
        assert!(matches!(run(dir.path()), Err(StateError::Damaged { .. })), "{cut}");
    }
    // A file that was being written when the power went is no state.
    fs::write(&file, &good).unwrap();
    fs::write(found.path().join("last.new"), &good[..9]).unwrap();
    assert!(run(dir.path()).is_ok());
}

#[test]
fn signs_nothing_that_it_could_not_store() {
    let (dir, log) = (tempfile::tempdir().unwrap(), TestLog::of(1, 9));
    let witness = run(dir.path()).unwrap();
    // A file where the log's directory has to be.
    fs::write(dir.path().join("logs"), b"in the way").unwrap();
    let refused = witness.add_checkpoint(log.request(0, 5).to_string().as_bytes());
    assert!(matches!(refused, Err(AddError::State(_))), "{refused:?}");
    fs::remove_file(dir.path().join("logs")).unwrap();
    // It has cosigned nothing so far, and says so.
    assert_eq!(add(&witness, &log.request(5, 9)), Err(409));
    assert_eq!(add(&witness, &log.request(0, 9)), Ok(TIME_S));
}

#[test]
fn never_goes_backwards_when_many_ask_at_once() {
    let (dir, log) = (tempfile::tempdir().unwrap(), Arc::new(TestLog::of(1, 120)));
    let witness = Arc::new(run(dir.path()).unwrap());
    let askers: Vec<_> = (0..6_u64)
        .map(|asker| {
            let (witness, log) = (Arc::clone(&witness), Arc::clone(&log));
            std::thread::spawn(move || {
                let mut cosigned = Vec::new();
                let mut old = 0;
                for step in 1..20 {
                    let size = (step * 6 + asker).min(120);
                    if old > size {
                        continue;
                    }
                    let request = log.request(old, size);
                    match witness.add_checkpoint(request.to_string().as_bytes()) {
                        Ok(_) => {
                            cosigned.push(size);
                            old = size;
                        }
                        Err(AddError::Refused(WitnessRejection::Conflict { size })) => old = size,
                        Err(other) => panic!("{other}"),
                    }
                }
                cosigned
            })
        })
        .collect();
    let all: Vec<Vec<u64>> = askers.into_iter().map(|asker| asker.join().unwrap()).collect();
    let newest = all.iter().flatten().copied().max().unwrap();
    assert!(all.iter().all(|sizes| sizes.is_sorted()));
    drop(witness);
    let kept = run(dir.path()).unwrap().add_checkpoint(log.request(0, 1).to_string().as_bytes());
    let Err(AddError::Refused(WitnessRejection::Conflict { size })) = kept else { panic!() };
    assert_eq!(size, newest, "what was cosigned last is what is kept");
}

#[test]
fn keeps_two_histories_as_evidence_that_anybody_can_verify() {
    let (dir, log, forged) = (tempfile::tempdir().unwrap(), TestLog::of(1, 40), TestLog::of(9, 40));
    let witness = run(dir.path()).unwrap();
    assert_eq!(add(&witness, &log.request(0, 21)), Ok(TIME_S));
    assert!(evidence(dir.path(), &log_key()).unwrap().is_empty());

    // Another root for the size that was cosigned: the two notes are the proof, in any order of asking.
    assert_eq!(add(&witness, &forged.request(21, 21)), Err(409));
    assert_eq!(add(&witness, &forged.request(21, 21)), Err(409));
    assert_eq!(add(&witness, &forged.request(3, 21)), Err(409));
    let kept = evidence(dir.path(), &log_key()).unwrap();
    assert_eq!(kept.len(), 1, "the same checkpoint is kept once");
    assert!(kept[0].is_proven());

    // A larger tree of the other history, with the path that it has.
    assert_eq!(add(&witness, &forged.request(21, 40)), Err(422));
    // A spoilt path under an honest checkpoint accuses nobody.
    let mut spoilt = log.request(21, 33);
    spoilt.path[0].0[0] ^= 1;
    assert_eq!(add(&witness, &spoilt), Err(422));
    let kept = evidence(dir.path(), &log_key()).unwrap();
    let proven = kept.iter().filter(|case| case.is_proven()).count();
    assert_eq!((kept.len(), proven), (3, 2));
    for case in kept.iter().filter(|case| case.is_proven()) {
        let contradiction = case.verdict.as_ref().unwrap();
        assert_eq!(contradiction.earlier.size, 21);
        assert_ne!(contradiction.root_by_later, contradiction.earlier.root);
    }

    // The honest log goes on as if nothing had happened.
    assert_eq!(add(&witness, &log.request(21, 40)), Ok(TIME_S));
}

#[test]
fn keeps_no_end_of_spoilt_proofs() {
    let (dir, log) = (tempfile::tempdir().unwrap(), TestLog::of(1, 40));
    let witness = run(dir.path()).unwrap();
    assert_eq!(add(&witness, &log.request(0, 21)), Ok(TIME_S));
    let logs = fs::read_dir(dir.path().join("logs")).unwrap().next().unwrap().unwrap();
    let kept = logs.path().join("evidence");
    fs::create_dir(&kept).unwrap();
    for number in 0..EVIDENCE_FILES_MAX {
        fs::write(kept.join(format!("{number}.unproven")), b"").unwrap();
    }
    let mut spoilt = log.request(21, 33);
    spoilt.path.pop();
    assert_eq!(add(&witness, &spoilt), Err(422));
    assert_eq!(fs::read_dir(&kept).unwrap().count(), EVIDENCE_FILES_MAX);
    // What is proven is kept all the same.
    assert_eq!(add(&witness, &TestLog::of(9, 21).request(21, 21)), Err(409));
    assert_eq!(fs::read_dir(&kept).unwrap().count(), EVIDENCE_FILES_MAX + 1);
}
